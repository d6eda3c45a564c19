//! The examples, run against the stand-in as a stranger would run them.
#![cfg(feature = "cli")]

#[path = "sandbox_support/mod.rs"]
mod sandbox_support;
mod util;

use std::process::Command;

use sandbox_support::{Served, books};
use serde_json::{Value, json};
use util::Dir;

const EPUB: &str = "9789999900119";

fn platform(dir: &Dir) -> (Served, String) {
    let platform = Served::start(dir, &[]);
    platform.seed(json!({}));
    platform.catalogue(&books());
    let base_url = format!("http://{}", platform.address());
    (platform, base_url)
}

/// Two sales each, of which one is taken back.
fn is_sold_and_cancelled(platform: &Served) {
    let sales: Value = serde_json::from_str(&platform.get("/__admin/sales").text()).unwrap();
    let list = sales.as_array().or(sales["sales"].as_array()).unwrap();
    let mut states: Vec<&str> = list
        .iter()
        .map(|sale| sale["state"].as_str().unwrap())
        .collect();
    states.sort_unstable();
    assert_eq!(states, ["cancelled", "recorded"], "{sales}");
}

#[test]
fn the_whole_way_in_rust() {
    let dir = Dir::new();
    let (platform, base_url) = platform(&dir);
    let onix = std::path::Path::new(env!("CARGO_BIN_EXE_onix"));
    let output = Command::new(onix.with_file_name("examples").join("selling"))
        .args([&base_url, "ONYX", "shop", "secret", EPUB])
        .current_dir(dir.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.contains("synchronised 132 products") && said.contains("simulated: valid"),
        "{said}"
    );
    is_sold_and_cancelled(&platform);
}

/// ONIX_TEST_PYTHON is the Python that has `requests`, python3 where it isn't said.
#[test]
fn the_whole_way_in_python() {
    let python = std::env::var("ONIX_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has_requests = Command::new(&python)
        .args(["-c", "import requests"])
        .output();
    if !has_requests.is_ok_and(|output| output.status.success()) {
        eprintln!(
            "skipped: {python} has no module requests; name one that has it in ONIX_TEST_PYTHON"
        );
        assert!(std::env::var_os("ONIX_TEST_PYTHON").is_none());
        return;
    }
    let dir = Dir::new();
    let (platform, base_url) = platform(&dir);
    let output = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/shop.py"))
        .args([&base_url, "ONYX", "shop", "secret", EPUB])
        .args(["epub", "199", "watermark", "EUR", "FR", "04"])
        .env_remove("HTTP_PROXY")
        .env_remove("http_proxy")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.contains("synchronised 132 products") && said.ends_with("fulfilled\n"),
        "{said}"
    );
    assert!(!said.contains("not fulfilled"), "{said}");
    is_sold_and_cancelled(&platform);
}
