//! The first sale, made as its page tells: what is copied from there works, and answers what it says.
#![cfg(feature = "cli")]

#[path = "sandbox_support/mod.rs"]
mod sandbox_support;
mod util;

use std::process::Command;

use sandbox_support::Served;
use util::Dir;

const PAGE: &str = include_str!("../src/docs/first_sale.md");

/// Where the page's stand-in listens.
const ADDRESS: &str = "http://127.0.0.1:8080";

/// The page, for a stand-in that runs.
struct Page {
    text: String,
    dir: Dir,
}

impl Page {
    /// What stands in the one block of a language.
    fn block(&self, language: &str) -> &str {
        let (_, block) = self.text.split_once(&format!("```{language}\n")).unwrap();
        block.split_once("```").unwrap().0
    }

    fn curls(&self) -> Vec<&str> {
        let lines = self.text.lines();
        lines.filter(|line| line.starts_with("curl ")).collect()
    }

    /// Runs a command, and compares what it prints with what the page says of it.
    fn answers(&self, command: &str, expected: &str) {
        assert!(self.text.contains(&format!("`{expected}`")), "{expected}");
        assert_eq!(self.printed(command), expected, "{command}");
    }

    /// The checklist finds what the page says of its own commands, and nothing else.
    fn has_three_faults(&self) {
        let mut lines = self.text.lines();
        let checklist = lines.find(|line| line.starts_with("onix checklist "));
        let checklist = format!("{} --json", checklist.unwrap());
        let report = self.dir.printed(&checklist).run().exits(1).json().remove(0);
        let checks = report["checks"].as_array().unwrap().iter();
        let failed = checks.filter(|check| check["state"] == "failed");
        let failed: Vec<&str> = failed
            .map(|check| check["check"].as_str().unwrap())
            .collect();
        assert_eq!(
            failed,
            ["simulated_in_basket", "posted_once", "all_pages"],
            "{report}"
        );
    }

    /// Without what whoever tests has set for curl.
    fn printed(&self, command: &str) -> String {
        let mut shell = Command::new("sh");
        let shell = shell.args(["-c", command]).env("HOME", self.dir.path());
        self.run(shell)
    }

    fn run(&self, command: &mut Command) -> String {
        let command = command.current_dir(self.dir.path()).env("no_proxy", "*");
        let output = command.output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {told}");
        String::from_utf8(output.stdout).unwrap()
    }
}

fn has_curl() -> bool {
    Command::new("curl").arg("--version").output().is_ok()
}

/// ONIX_TEST_PYTHON is the Python that has `requests`, python3 where it isn't said.
fn python_with_requests() -> Option<String> {
    let python = std::env::var("ONIX_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut import = Command::new(&python);
    let import = import.args(["-c", "import requests"]).output();
    if import.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    eprintln!("skipped: {python} has no module requests; name one that has it in ONIX_TEST_PYTHON");
    assert!(std::env::var_os("ONIX_TEST_PYTHON").is_none());
    None
}

#[test]
fn the_page_is_true_from_the_first_command_to_the_last() {
    if !has_curl() {
        eprintln!("skipped: there is no curl");
        return;
    }
    let dir = Dir::new();
    let served = Served::start(&dir, &["--demo"]);
    let address = format!("http://{}", served.address());
    let text = PAGE.replace(ADDRESS, &address);
    let page = Page { text, dir };
    let curls: [&str; 7] = page.curls().try_into().unwrap();
    let [full, simulation, sale, link, away, stale, tomorrow] = curls;

    let onix = page.printed(full);
    assert!(onix.contains("<ONIXMessage") && onix.contains("<IDValue>9789999980012<"));
    page.answers(simulation, "valid");
    let dear = simulation.replace("cost=1299", "cost=1499");
    page.answers(&dear, r#"["invalid_sale_parameters"]"#);
    let status = page.printed(&format!("{dear} -o refused -w '%{{http_code}}'"));
    assert!(page.text.contains(&format!("status {status},")), "{status}");
    page.answers(sale, "created");
    page.answers(sale, r#"["duplicate"]"#);
    let link = page.printed(link);
    assert!(link.starts_with(&format!("{address}/")), "{link}");
    assert!(page.text.contains(&format!("`{address}/__files/…`")));
    page.printed(&format!("curl -sf -o book {link}"));

    if let Some(python) = python_with_requests() {
        let printed = page.run(Command::new(python).args(["-c", page.block("python")]));
        assert_eq!(printed, page.block("text"));
    }

    page.answers(away, r#"{"faults":6}"#);
    for _ in 0..3 {
        page.answers(simulation, r#"["service_unavailable"]"#);
    }
    page.answers(simulation, "valid");
    page.answers(stale, r#"{"faults":1}"#);
    page.answers(simulation, r#"["invalid_sale_parameters"]"#);
    assert!(page.printed(tomorrow).starts_with(r#"{"now":""#));
    page.has_three_faults();
}
