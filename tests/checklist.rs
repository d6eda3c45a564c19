//! The checklist, held against a shop's whole day at the stand-in: a proper one, and one wrong in each way.
#![cfg(feature = "cli")]

#[path = "sandbox_support/mod.rs"]
mod sandbox_support;
mod util;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

use sandbox_support::Served;
use serde_json::{Value, json};
use util::{Dir, Outcome};

/// What nobody can see in requests.
const UNSEEN: [&str; 4] = [
    "seen_contributors",
    "seen_protection",
    "seen_refusal",
    "seen_taxes",
];

/// Ways of erring, and the check that finds each. Nothing else may fail.
const WRONG: [(&str, &str); 24] = [
    ("quantity", "one_copy"),
    ("two_copies", "one_copy"),
    ("again", "posted_once"),
    ("again_otherwise", "one_copy"),
    ("no_basket_simulation", "simulated_in_basket"),
    ("no_payment_simulation", "simulated_before_payment"),
    ("late_payment", "simulated_before_payment"),
    ("other_terms", "simulated_before_payment"),
    ("refused", "refused_not_sold"),
    ("transaction_of_another", "transaction_of_basket"),
    ("transaction_of_before", "transaction_of_basket"),
    ("customer_as_transaction", "customer_of_user"),
    ("customer_for_each_basket", "customer_of_user"),
    ("customer_for_all", "customer_of_user"),
    ("test", "no_test_sales"),
    ("other_cost", "platform_price"),
    ("free_without_cost", "free_books"),
    ("removed", "removed_books"),
    ("unavailable", "unavailable_books"),
    ("late_synchronisation", "synchronised_daily"),
    ("late_sale", "synchronised_daily"),
    ("first_page_only", "all_pages"),
    ("expired_link", "download_on_click"),
    ("link_without_sale", "download_on_click"),
];

/// With the demonstration's books, and the machine's clock.
fn served(dir: &Dir) -> Served {
    Served::start(dir, &["--demo"])
}

/// Begins anew, with a clock that stands.
fn seed(served: &Served) {
    served.seed(json!({"now": "2026-12-01T00:00:00Z"}));
}

fn url(served: &Served) -> String {
    format!("http://{}", served.address())
}

/// Lets the shop of the example run for a day.
fn rehearse(served: &Served, args: &[&str]) {
    let output = rehearsal(served, args);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {told}");
}

fn rehearsal(served: &Served, args: &[&str]) -> Output {
    let onix = Path::new(env!("CARGO_BIN_EXE_onix"));
    let mut example = Command::new(onix.with_file_name("examples").join("rehearsal"));
    example.arg(url(served)).args(args).output().unwrap()
}

fn checklist(dir: &Dir, served: &Served, args: &[&str]) -> Outcome {
    let url = url(served);
    let args = ["checklist", &url].into_iter().chain(args.iter().copied());
    dir.onix(args).run()
}

fn report(outcome: &Outcome) -> Value {
    outcome.json().remove(0)
}

/// The checks that came out so.
fn checks<'r>(report: &'r Value, state: &str) -> Vec<&'r str> {
    let checks = report["checks"].as_array().unwrap().iter();
    let such = checks.filter(|check| check["state"] == state);
    such.map(|check| check["check"].as_str().unwrap()).collect()
}

#[test]
fn a_proper_day_passes_all_that_can_be_seen() {
    let dir = Dir::new();
    let served = served(&dir);
    rehearse(&served, &[]);
    let outcome = checklist(&dir, &served, &["--json"]).exits(0);
    let report = report(&outcome);
    assert!(checks(&report, "failed").is_empty(), "{report}");
    assert_eq!(checks(&report, "not_exercised"), UNSEEN, "{report}");
    assert_eq!(report["passed"], 15);
    assert_eq!(report["not_exercised"], 4);
    assert_eq!(
        (&report["forgotten"], &report["since"]),
        (&json!(0), &json!(null))
    );
    let first = &report["checks"][0];
    assert_eq!(first["to_exercise"], json!(null));
    assert_eq!(first["because"], json!([]));
    checklist(&dir, &served, &["--color=never"])
        .exits(0)
        .prints("passed         Free books are sold, at cost 0\n")
        .prints("not exercised  Taxes that aren't in a price are added to it\n    to do: ")
        .says("15 passed, 0 failed, 4 not exercised");
}

#[test]
fn a_proper_day_passes_though_the_platform_stumbles() {
    let dir = Dir::new();
    let served = served(&dir);
    for fault in ["unavailable", "cut_answers"] {
        served.post("/__admin/faults", json!(fault).to_string().as_bytes());
    }
    // `valid` is shorter, and arrives whole.
    let short = json!({"service": "simulate", "times": 100, "do": {"cut_after_bytes": 400}});
    served.post("/__admin/faults", short.to_string().as_bytes());
    rehearse(&served, &[]);
    let report = report(&checklist(&dir, &served, &["--json"]).exits(0));
    assert!(checks(&report, "failed").is_empty(), "{report}");
    assert_eq!(checks(&report, "not_exercised"), UNSEEN, "{report}");
}

#[test]
fn a_shop_doesnt_take_a_missing_catalogue_for_an_empty_one_nor_print_names() {
    let dir = Dir::new();
    let served = served(&dir);
    let output = rehearsal(&served, &[]);
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains("\n201 sale     9789999980012\n"));
    assert!(!printed.contains("Ana"), "{printed}");
    served.post(
        "/__admin/faults",
        br#"{"service":"full","do":{"code":"not_found"}}"#,
    );
    let output = rehearsal(&served, &[]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && told.contains("404"), "{told}");
}

#[test]
fn each_way_of_erring_fails_its_check_alone() {
    let dir = Dir::new();
    let served = served(&dir);
    for (wrong, expected) in WRONG {
        seed(&served);
        rehearse(&served, &["--wrong", wrong]);
        let outcome = checklist(&dir, &served, &["--json"]).exits(1);
        let report = report(&outcome);
        assert_eq!(checks(&report, "failed"), [expected], "{wrong}: {report}");
        assert!(!checks(&report, "passed").is_empty(), "{wrong}: {report}");
    }
    let mut found: Vec<&str> = WRONG.iter().map(|(_, check)| *check).collect();
    found.sort_unstable();
    found.dedup();
    assert_eq!(
        found.len(),
        15,
        "every check that can be seen is failed by some of them"
    );
}

#[test]
fn the_requests_that_failed_are_named() {
    let dir = Dir::new();
    let served = served(&dir);
    seed(&served);
    rehearse(&served, &["--wrong", "link_without_sale"]);
    let outcome = checklist(&dir, &served, &["--json"]).exits(1);
    let report = report(&outcome);
    let checks = report["checks"].as_array().unwrap();
    let failed = checks.iter().find(|check| check["state"] == "failed");
    let because = &failed.unwrap()["because"];
    let path = "/api/organisations/ONYX/customers/c-2/transactions/T-2/publications/9789999980050/download_links/epub";
    assert_eq!(because.as_array().unwrap().len(), 1);
    assert_eq!(because[0]["method"], "GET");
    assert_eq!(because[0]["path"], path);
    assert_eq!(because[0]["at"], "2026-12-01T04:00:00+00:00");
    let n = because[0]["n"].as_u64().unwrap();
    checklist(&dir, &served, &["--color=never"])
        .exits(1)
        .prints("failed         A download link is asked for at the click")
        .prints(&format!(
            "    request {n}: a link for a sale that was never recorded\n"
        ))
        .prints(&format!(
            "        GET {path} at 2026-12-01T04:00:00+00:00\n"
        ));
}

#[test]
fn what_came_before_a_moment_is_left_out() {
    let dir = Dir::new();
    let served = served(&dir);
    seed(&served);
    rehearse(&served, &["--wrong", "other_cost"]);
    checklist(&dir, &served, &["--since=2026-12-01"]).exits(1);
    let outcome = checklist(
        &dir,
        &served,
        &["--since=2026-12-01T05:01:00+01:00", "--json"],
    );
    let report = report(&outcome.exits(0));
    assert_eq!(report["since"], "2026-12-01T04:01:00+00:00");
    assert!(checks(&report, "failed").is_empty(), "{report}");
    checklist(&dir, &served, &["--since=soon"])
        .exits(2)
        .says("a date or a moment");
    let wrong = served.get("/__admin/checklist?since=soon");
    assert_eq!(wrong.status, 400);
    assert!(
        wrong.text().contains("\"field\":\"since\""),
        "{}",
        wrong.text()
    );
}

#[test]
fn of_no_requests_nothing_is_exercised() {
    let dir = Dir::new();
    let served = served(&dir);
    checklist(&dir, &served, &[])
        .exits(1)
        .prints("not exercised  ")
        .says("0 requests: 0 passed, 0 failed, 19 not exercised");
}

#[test]
fn where_no_stand_in_is_it_says_what_is_there() {
    let dir = Dir::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let other = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nHello";
        stream.write_all(answer.as_bytes()).unwrap();
    });
    dir.onix(["checklist", &url])
        .run()
        .exits(2)
        .says("is no stand-in: status 200 and no JSON");
    other.join().unwrap();
    dir.onix(["checklist", &url])
        .run()
        .exits(2)
        .says(&format!("nothing answers at {url}: "))
        .says("start `onix serve --sandbox`");
    dir.onix(["checklist", "127.0.0.1:8080"])
        .run()
        .exits(2)
        .says("an address such as http://127.0.0.1:8080");
}
