//! What the documentation shows of the command is what the command says.
//!
//! With `ONIX_TEST_UPDATE` set, the pages are written anew: read what has changed in them.
#![cfg(feature = "cli")]

mod util;

use std::fs;
use std::path::Path;

use util::Dir;

const PAGES: [&str; 2] = ["README.md", "src/docs/explanations.md"];

/// The index that the README's first command builds.
fn indexed() -> Dir {
    let dir = Dir::new();
    let lists = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/lists");
    dir.onix(["index", lists.to_str().unwrap(), "-q"])
        .run()
        .exits(0);
    dir
}

/// A page with each `console` block run again.
fn run_again(page: &str, dir: &Dir) -> String {
    let mut out = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        if line != "```console" {
            continue;
        }
        while let Some(line) = lines.next().filter(|line| *line != "```") {
            // Output; it is written anew.
            let Some(command) = line.strip_prefix("$ onix ") else {
                continue;
            };
            out.push_str(line);
            out.push('\n');
            let mut command = command.to_owned();
            while let Some(part) = command.strip_suffix('\\') {
                let next = lines.next().unwrap();
                out.push_str(next);
                out.push('\n');
                command = format!("{part} {next}");
            }
            let outcome = dir
                .onix(command.split_whitespace())
                .env("COLUMNS", "130")
                .run();
            out.push_str(&outcome.stdout);
        }
        out.push_str("```\n");
    }
    out
}

#[test]
fn every_console_block_is_what_the_command_says() {
    let dir = indexed();
    for name in PAGES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let page = fs::read_to_string(&path).unwrap();
        let now = run_again(&page, &dir);
        if std::env::var_os("ONIX_TEST_UPDATE").is_some() {
            fs::write(&path, &now).unwrap();
            continue;
        }
        assert!(
            page == now,
            "{name} says\n{page}\nand the command says\n{now}"
        );
    }
}
