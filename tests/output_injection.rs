//! Whatever a publisher or a client writes stays text: on a terminal, in a spreadsheet, on a page and in the log.
#![cfg(all(feature = "cli", unix))]

#[path = "util/hostile.rs"]
mod hostile;
#[path = "util/served.rs"]
mod served;
mod util;

use std::collections::BTreeSet;

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use served::Served;
use util::Dir;

/// The hostile texts, a long one, and as many that are put together at random.
fn texts() -> Vec<String> {
    let n_random = std::env::var("ONIX_TEST_TEXTS").map_or(24, |n| n.parse().unwrap());
    let mut runner = TestRunner::deterministic();
    let random = proptest::collection::vec(proptest::sample::select(&hostile::PIECES[..]), 1..12);
    let random = (0..n_random).map(|_| random.new_tree(&mut runner).unwrap().current().concat());
    let named = hostile::TEXTS.iter().map(|text| (*text).to_owned());
    named.chain([hostile::long()]).chain(random).collect()
}

/// A catalogue of them.
fn indexed(texts: &[String]) -> Dir {
    let dir = Dir::new();
    dir.write("hostile.xml", hostile::message(texts));
    dir.onix(["index", "hostile.xml", "-q"]).run();
    let stats = dir.onix(["stats", "--json"]).run().exits(0).json();
    assert_eq!(stats[0]["products"], texts.len(), "each is a product");
    dir
}

#[track_caller]
fn assert_shown(what: &str, text: &str) {
    let control = text.char_indices().find(|(_, c)| hostile::is_control(*c));
    if let Some((at, c)) = control {
        let around: String = text[at..].chars().take(40).collect();
        panic!("{what}: {c:?} in {around:?}");
    }
}

#[test]
fn a_terminal_gets_no_control_character() {
    let texts = texts();
    let dir = indexed(&texts);
    let mut n_bytes = 0;
    let mut run = |args: &[&str]| {
        let outcome = dir.onix(args).run();
        assert_shown(&args.join(" "), &outcome.stdout);
        assert_shown(&args.join(" "), &outcome.stderr);
        n_bytes += outcome.stdout.len() + outcome.stderr.len();
        outcome
    };
    let all = "--limit=200";
    run(&["search", all]);
    run(&[
        "search",
        "harbour",
        "--highlight",
        all,
        "--facet=publisher",
        "--facet=imprint",
    ]);
    run(&["suggest", "har"]);
    run(&["changes", "--since=0"]);
    let outcome = run(&["search", all, "--json", "--highlight"]);
    assert_eq!(
        outcome.json()[0]["hits"].as_array().unwrap().len(),
        texts.len()
    );
    for n in 0..hostile::TEXTS.len() + 8 {
        let id = hostile::isbn(n);
        run(&["show", &id]);
        run(&["offers", &id]);
        run(&["show", &id, "--json"]).json();
        run(&["offers", &id, "--json"]).json();
    }
    // What the caller writes comes back in messages.
    for text in hostile::TEXTS.iter().filter(|text| !text.contains('\0')) {
        run(&["search", text]);
        run(&["show", &format!("x{text}")]);
        run(&["check", "--country", text, &hostile::isbn(0)]);
        run(&["search", "--country", text]);
    }
    println!("{} texts, {n_bytes} bytes shown", texts.len());
}

#[test]
fn a_spreadsheet_gets_no_formula() {
    let dir = indexed(&texts());
    let mut n_cells = 0;
    for args in [
        &["search", "--csv", "--limit=200"][..],
        &["export", "--as", "csv"],
    ] {
        let outcome = dir.onix(args).run().exits(0);
        let mut reader = csv::ReaderBuilder::new().from_reader(outcome.stdout.as_bytes());
        for row in reader.records() {
            for cell in &row.unwrap() {
                let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
                assert!(!is_formula, "{args:?}: {cell:?}");
                n_cells += 1;
            }
        }
    }
    println!("{n_cells} cells");
}

/// The tags of a page by their names, and the names of attributes.
fn markup(html: &str) -> (Vec<String>, BTreeSet<String>) {
    let mut tags = Vec::new();
    let mut attributes = BTreeSet::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let name_end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '/' | '!' | '-'))
            .unwrap_or(rest.len());
        tags.push(rest[..name_end].to_ascii_lowercase());
        rest = &rest[name_end..];
        // Attributes up to the end of the tag, past what is in quotes.
        loop {
            rest = rest.trim_start();
            let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/'));
            let end = end.unwrap_or(rest.len());
            if end > 0 {
                attributes.insert(rest[..end].to_ascii_lowercase());
            }
            rest = rest[end..].trim_start();
            match rest.chars().next() {
                Some('=') => {
                    rest = rest[1..].trim_start();
                    rest = match rest.chars().next() {
                        Some(quote @ ('"' | '\'')) => {
                            rest[1..].split_once(quote).map_or("", |(_, rest)| rest)
                        }
                        _ => &rest[rest.find([' ', '>']).unwrap_or(rest.len())..],
                    };
                }
                Some('/') => rest = &rest[1..],
                Some('>') | None => break,
                _ => {}
            }
        }
    }
    (tags, attributes)
}

fn scripts(html: &str) -> usize {
    html.to_lowercase().matches("<script").count()
}

/// Whether a text could end the element or the attribute that it stands in.
fn breaks_out(text: &str) -> bool {
    text.contains(['<', '"', '\''])
}

#[test]
fn a_page_gets_no_markup() {
    let texts = texts();
    let hostile = indexed(&texts);
    let harmless: Vec<String> = (0..texts.len()).map(|n| format!("harbour {n}")).collect();
    let harmless = indexed(&harmless);
    let (served, model) = (Served::start(&hostile, &[]), Served::start(&harmless, &[]));
    let mut paths = vec![
        "/".to_owned(),
        "/?format=epub".to_owned(),
        "/?q=harbour&country=FR&currency=EUR".to_owned(),
        "/changes".to_owned(),
        "/changes?since=0".to_owned(),
        "/check".to_owned(),
    ];
    for n in 0..texts.len() {
        let isbn = hostile::isbn(n);
        paths.push(format!("/products/{isbn}"));
        paths.push(format!("/check?id={isbn}"));
    }
    let mut tags_of_model = BTreeSet::new();
    let mut attributes_of_model = BTreeSet::new();
    let mut scripts_of_model = Vec::new();
    for path in &paths {
        let page = model.get(path).text();
        let (tags, attributes) = markup(&page);
        tags_of_model.extend(tags);
        attributes_of_model.extend(attributes);
        scripts_of_model.push(scripts(&page));
    }
    for (path, n_scripts) in paths.iter().zip(scripts_of_model) {
        let reply = served.get(path);
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        let page = reply.text();
        assert_eq!(scripts(&page), n_scripts, "{path}");
        for text in texts
            .iter()
            .filter(|text| breaks_out(text) && text.len() > 1)
        {
            // Pieces that are markup of the page itself aren't told apart.
            let is_short = text.chars().count() < 8;
            assert!(
                is_short || !page.contains(text.as_str()),
                "{path} has {text:?}"
            );
        }
        let (tags, attributes) = markup(&page);
        let unknown: Vec<_> = tags
            .iter()
            .filter(|tag| !tags_of_model.contains(*tag))
            .collect();
        // Formatting that a description may have.
        let unknown: Vec<_> = unknown
            .into_iter()
            .filter(|tag| !matches!(tag.as_str(), "b" | "/b" | "p" | "/p" | "br"))
            .collect();
        assert!(unknown.is_empty(), "{path}: {unknown:?}");
        let unknown: Vec<_> = attributes.difference(&attributes_of_model).collect();
        assert!(
            unknown
                .iter()
                .all(|name| !name.starts_with("on") && *name != "srcdoc" && *name != "style"),
            "{path}: {unknown:?}"
        );
    }
    println!("{} pages of {} texts", paths.len(), texts.len());
}

#[test]
fn a_query_gets_no_markup_and_no_line_of_the_log() {
    let dir = Dir::with_lists();
    let served = Served::start(&dir, &[]);
    let texts = texts();
    let texts: Vec<_> = texts.iter().filter(|text| text.len() < 10_000).collect();
    let model = |path: &str| scripts(&served.get(path).text());
    let scripts_of = [
        model("/?q=harbour"),
        model("/check?id=x"),
        model("/changes?since=0"),
    ];
    let mut n_asked = 0;
    for text in &texts {
        let value = hostile::encoded(text);
        let pages = [
            (format!("/?q={value}"), 0),
            (
                format!("/?q=x&publisher={value}&country={value}&after={value}"),
                0,
            ),
            (format!("/?{value}={value}"), 0),
            (
                format!("/check?id={value}&cost={value}&country={value}&uname={value}&at={value}"),
                1,
            ),
            (format!("/products/{value}"), 0),
            (format!("/changes?since={value}"), 2),
        ];
        for (path, model) in pages {
            let reply = served.get(&path);
            let page = reply.text();
            n_asked += 1;
            assert!(scripts(&page) <= scripts_of[model], "{path}: {page}");
            let is_told =
                breaks_out(text) && text.chars().count() >= 8 && page.contains(text.as_str());
            assert!(!is_told, "{path} has {text:?}");
            let (_, attributes) = markup(&page);
            let handler = attributes.iter().find(|name| name.starts_with("on"));
            assert_eq!(handler, None, "{path}");
            assert!(
                reply
                    .head
                    .contains("content-security-policy: default-src 'none'")
            );
        }
        for path in [
            format!("/v1/search?country={value}"),
            format!("/v1/search?{value}=1"),
            format!("/v1/products/{value}"),
            format!("/v1/codes/{value}"),
            format!("/v1/changes?since={value}"),
            format!("/{value}"),
            format!("/v1/products/9789999904216/check?format={value}&explain=true"),
        ] {
            let reply = served.get(&path);
            n_asked += 1;
            assert_shown(&path, &reply.text());
            if reply.header("content-type") == Some("application/json") {
                let told: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
                assert!(told.is_object(), "{path}");
            }
            assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        }
        let reply = served.get(&format!("/preferences?language=fr&back={value}"));
        n_asked += 1;
        assert_shown("/preferences", &reply.head.replace('\r', ""));
    }
    // Bytes that a path mustn't have, sent all the same.
    for raw in ["\u{9b}31m", "\u{202e}", "\u{1b}[31m", "é"] {
        let request = format!(
            "GET /v1/products/{raw} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            served.address
        );
        let reply = served.asked(request.as_bytes()).unwrap();
        assert_shown(raw, &reply.text());
    }
    let log = served.log();
    for line in log.lines().filter(|line| line.starts_with('{')) {
        assert_shown("the log", line);
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
    println!(
        "{n_asked} requests with {} texts, {} lines of log",
        texts.len(),
        log.lines().count()
    );
}
