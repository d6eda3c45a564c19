//! What the stand-in remembers: kept in a file, taken away and brought back.
#![cfg(feature = "cli")]

#[path = "sandbox_support/mod.rs"]
mod support;
mod util;

use serde_json::{Value, json};
use support::{Reply, Served, books, product, removal};
use util::Dir;

const OF: &str = "/api/organisations/ONYX";
const BOOK: &str = "/api/organisations/ONYX/publications/9789999900119";
const SALE: &str = "format=epub&cost=199&protection=watermark&country=FR&currency=EUR&price_type=04\
                    &customer_id=c-1&uname=Ana%20Sel";

/// A stand-in in the middle of everything: books added, changed and removed, something sold, fetched, cancelled and
/// ordered, a synchronisation half done, calls counted, faults to come.
fn busy(served: &Served) {
    served.seed(json!({
        "now": "2026-12-01T00:00:00Z",
        "dialect": "es",
        "switches": {"duplicate_status": 400, "error_body": "text"},
        "organisations": [
            {"id": "ONYX", "username": "shop", "password": "secret", "country": "FR", "refund": true},
            {"id": "OTHER", "username": "other", "password": "pass", "token": "t", "publishers": ["Nobody"]},
        ],
        "faults": [{"service": "toc", "nth": 2, "do": {"status": 503, "headers": {"Retry-After": "7"}, "body": "x"}}],
    }));
    served.catalogue(&books());
    served.catalogue(&selling());
    advance(served, 60);
    served.catalogue(product("NEW1-epub", "9789999990001", "One").as_bytes());
    served.catalogue(removal("DEMO3-epub").as_bytes());
    for transaction in ["T-1", "T-2", "T-3"] {
        assert_eq!(sell(served, transaction).status, 201);
    }
    let cancelled = format!("{BOOK}/sales/cancel?customer_id=c-1&transaction_id=T-2&amount=199");
    assert_eq!(served.post(&cancelled, b"").status, 200);
    let file = link(served, "T-1");
    assert_eq!(served.get(&file).status, 200);
    assert_eq!(served.get(&format!("{OF}/publications/full")).status, 200);
    let lists = format!("{OF}/publications/lists?format=onix&reset_at=20260101");
    assert!(served.post(&lists, b"").text().contains("lists/1.onix"));
    assert_eq!(
        served
            .get(&format!("{OF}/publications/delta?from=20260101"))
            .status,
        200
    );
    assert_eq!(
        served.get("/api/publications/9789999900119/toc.xml").status,
        200
    );
}

fn selling() -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path.join("testdata/platform/selling.xml")).unwrap()
}

fn advance(served: &Served, seconds: u64) {
    let order = json!({"advance_s": seconds});
    let reply = served.post("/__admin/clock", order.to_string().as_bytes());
    assert_eq!(reply.status, 200);
}

fn sell(served: &Served, transaction: &str) -> Reply {
    let path = format!("{BOOK}/sales?{SALE}&transaction_id={transaction}");
    served.post(&path, b"")
}

/// The path of the file of a sale.
fn link(served: &Served, transaction: &str) -> String {
    let path = format!(
        "{OF}/customers/c-1/transactions/{transaction}/publications/9789999900119/download_links/epub"
    );
    let reply = served.get(&path);
    assert_eq!(reply.status, 200, "{}", reply.text());
    let address = reply.text();
    let at = address.find("/__files/").expect("the address of a file");
    address[at..].to_owned()
}

/// Everything that a shop may ask, and what comes, without what depends on the port.
fn answers(served: &Served, file: &str) -> Vec<String> {
    let own = served.address().to_string();
    let gets = [
        format!(
            "{OF}/publications/delta?from=2026-01-01T00%3A00%3A00%2B00%3A00&start=2&to=2026-12-01T00%3A01%3A00%2B00%3A00"
        ),
        format!("{OF}/publications/full"),
        format!("{OF}/publications/full.xml"),
        format!("{OF}/publications/delta"),
        format!("{OF}/publications/lists/1.onix"),
        format!("{OF}/publications/lists/1.xml"),
        format!("{BOOK}.onix"),
        format!("{OF}/publications/DEMO3-epub.onix"),
        format!("{OF}/publications/9789999990001.onix"),
        format!("{OF}/publishers.json"),
        format!("{BOOK}/sales/new?{SALE}"),
        format!("{BOOK}/sales/T-1?format=epub&customer_id=c-1"),
        format!(
            "{OF}/customers/c-1/transactions/T-1/publications/9789999900119/formats/epub/status"
        ),
        format!(
            "{OF}/customers/c-1/transactions/T-2/publications/9789999900119/formats/epub/status"
        ),
        "/api/publications/9789999900119/toc.xml".to_owned(),
        "/api/publications/9789999900119/toc.xml".to_owned(),
        file.to_owned(),
        "/api/organisations/OTHER/publications/full".to_owned(),
        "/__admin/sales?with_names=1".to_owned(),
        "/__admin/preorders".to_owned(),
    ];
    let posts = [
        format!("{BOOK}/sales?{SALE}&transaction_id=T-1"),
        format!("{BOOK}/sales?{SALE}&transaction_id=T-2"),
        format!("{BOOK}/sales/cancel?customer_id=c-1&transaction_id=T-1&amount=199"),
        format!("{BOOK}/sales/cancel?customer_id=c-1&transaction_id=T-3&amount=199"),
        format!("{OF}/publications/lists?format=onix"),
    ];
    let gets = gets.iter().map(|path| ("GET", path));
    let posts = posts.iter().map(|path| ("POST", path));
    let asked = gets.chain(posts).map(|(method, path)| {
        let answer = served.exchange(method, path, "", b"");
        let answer = String::from_utf8_lossy(&answer).replace(&own, "HOST");
        format!("{method} {path}\n{answer}")
    });
    let mut out: Vec<String> = asked.collect();
    // All that was asked before, and now.
    out.push(served.get("/__admin/requests").text().replace(&own, "HOST"));
    out
}

fn assert_same(one: &[String], other: &[String]) {
    assert_eq!(one.len(), other.len());
    for (one, other) in one.iter().zip(other) {
        assert_eq!(one, other);
    }
}

#[test]
fn what_is_exported_answers_the_same_elsewhere() {
    let dir = Dir::new();
    let served = Served::start(&dir, &[]);
    busy(&served);
    let file = link(&served, "T-3");
    let exported = served.get("/__admin/export");
    assert_eq!(exported.status, 200);
    let expected = answers(&served, &file);

    // Into one that was busy with something else, and into one that knows other books.
    let other = Dir::with_book();
    for dir in [&dir, &other] {
        let again = Served::start(dir, &[]);
        again.catalogue(product("ELSE1-epub", "9789999990002", "Else").as_bytes());
        let reply = again.post("/__admin/import", &exported.body);
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert!(again.get("/__admin/export").text() == exported.text());
        assert_same(&expected, &answers(&again, &file));
    }
    assert!(
        expected
            .iter()
            .any(|answer| answer.contains("Retry-After: 7") || answer.contains("retry-after: 7"))
    );
}

#[test]
fn what_is_no_export_changes_nothing() {
    let dir = Dir::new();
    let served = Served::start(&dir, &[]);
    busy(&served);
    let before = served.get("/__admin/export").text();
    let mut document: Value = serde_json::from_str(&before).unwrap();
    let field = |document: &Value| {
        let reply = served.post("/__admin/import", document.to_string().as_bytes());
        assert_eq!(reply.status, 400);
        let told: Value = serde_json::from_str(&reply.text()).unwrap();
        told["error"]["field"].as_str().unwrap().to_owned()
    };
    assert_eq!(field(&json!({})), "version");
    assert_eq!(field(&json!({"version": 1})), "settings");
    document["sales"]["000000000002"] = json!({"number": 7});
    assert_eq!(field(&document), "sales.000000000002");
    document["sales"]
        .as_object_mut()
        .unwrap()
        .remove("000000000002");
    assert_eq!(field(&document), "sales.000000000003");
    assert!(served.get("/__admin/export").text() == before);
}

#[test]
fn everything_is_in_the_file_when_it_was_answered() {
    let dir = Dir::with_book();
    let mut served = Served::start(&dir, &["--state=sandbox.sqlite"]);
    busy(&served);
    let file = link(&served, "T-3");
    let before = served.get("/__admin/export").text();
    served.kill();
    let served = Served::start(&dir, &["--state=sandbox.sqlite"]);
    assert!(served.get("/__admin/export").text() == before);
    let without = Served::start(&dir, &[]);
    let reply = without.post("/__admin/import", before.as_bytes());
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_same(&answers(&without, &file), &answers(&served, &file));
}

#[test]
fn a_new_beginning_is_kept_too() {
    let dir = Dir::new();
    let mut served = Served::start(&dir, &["--state=sandbox.sqlite"]);
    busy(&served);
    assert_eq!(served.post("/__admin/reset", b"{}").status, 200);
    served.kill();
    let served = Served::start(&dir, &["--state=sandbox.sqlite"]);
    assert_eq!(served.get("/__admin/sales").text(), "[]");
    let requests: Value = serde_json::from_str(&served.get("/__admin/requests").text()).unwrap();
    assert_eq!(requests["count"], 0);
    assert_eq!(served.get(&format!("{OF}/publications/full")).status, 404);
}

#[test]
fn a_file_that_is_something_else_or_in_use_is_refused() {
    let dir = Dir::new();
    dir.write(
        "words.sqlite",
        "nothing of the kind, and long enough to be looked at",
    );
    let start = |name: &str| {
        dir.onix(["serve", "--sandbox", "--port=0", name])
            .run()
            .exits(2)
    };
    start("--state=words.sqlite")
        .says("no state of a stand-in")
        .says("--state");
    start("--state=nowhere/sandbox.sqlite").says("can't be opened");
    let _served = Served::start(&dir, &["--state=sandbox.sqlite"]);
    start("--state=sandbox.sqlite").says("another process has the state");
    // A ledger is a file of SQLite too.
    dir.onix(["ledger"]).run();
    start("--state=onix-ledger.sqlite").says("no state of a stand-in");
}

/// A log of some megabytes, and then some.
#[test]
fn a_large_export_comes_back() {
    let dir = Dir::new();
    let served = Served::start(&dir, &["--demo"]);
    let isbn = "9789999980012";
    for n in 0..2500 {
        let path = format!("{OF}/publications/{isbn}/sales/new?format=epub&cost={n}");
        assert_eq!(served.get(&path).status, 400);
    }
    let exported = served.get("/__admin/export");
    assert!(exported.body.len() > 1_100_000, "{}", exported.body.len());
    let again = Served::start(&dir, &[]);
    let reply = again.post("/__admin/import", &exported.body);
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(again.get("/__admin/export").text() == exported.text());
}

#[test]
fn an_export_without_its_catalogue_says_what_is_lost() {
    let dir = Dir::with_book();
    let served = Served::start(&dir, &[]);
    served.catalogue(product("house.1-pdf", "9789999990001", "One").as_bytes());
    // The publication house.1 has a product of the catalogue below, and one above it.
    let exported = served.get("/__admin/export?catalogue=0");
    let elsewhere = Served::start(&Dir::new(), &[]);
    let reply = elsewhere.post("/__admin/import", &exported.body);
    let told: Value = serde_json::from_str(&reply.text()).unwrap();
    assert_eq!((&told["products"], &told["lost"]), (&json!(1), &json!(1)));
    let reply = served.post("/__admin/import", &exported.body);
    let told: Value = serde_json::from_str(&reply.text()).unwrap();
    assert_eq!((&told["products"], &told["lost"]), (&json!(2), &json!(0)));
}

fn indexed(dir: &Dir, title: &str) {
    dir.write("book.xml", product("HOUSE1-epub", "9789999990001", title));
    dir.onix(["index", "book.xml", "-q"]).run().exits(0);
}

#[test]
fn a_catalogue_that_changes_is_seen_after_a_new_start_and_told() {
    let dir = Dir::new();
    indexed(&dir, "Before");
    let args = ["--state=sandbox.sqlite"];
    let mut served = Served::start(&dir, &args);
    let full = format!("{OF}/publications/full");
    assert!(served.get(&full).text().contains("Before"));
    std::thread::sleep(std::time::Duration::from_millis(1100));
    indexed(&dir, "Afterwards");
    // It runs on with what it began with.
    let one = format!("{OF}/publications/9789999990001.onix");
    assert!(served.get(&one).text().contains("Before"));
    assert!(served.get(&full).text().contains("Before"));
    assert_eq!(served.get(&format!("{OF}/publications/delta")).status, 404);
    served.kill();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let served = Served::start(&dir, &args);
    let delta = served.get(&format!("{OF}/publications/delta"));
    assert!(delta.text().contains("Afterwards"), "{}", delta.text());
}

#[cfg(unix)]
#[test]
fn what_is_no_state_keeps_its_rights() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = Dir::new();
    let rights = |name: &str| {
        let metadata = std::fs::metadata(dir.path().join(name)).unwrap();
        metadata.permissions().mode() & 0o777
    };
    std::fs::create_dir(dir.path().join("folder")).unwrap();
    dir.write("words.txt", "nothing of the kind");
    let before = (rights("folder"), rights("words.txt"));
    for name in ["folder", "words.txt"] {
        let state = format!("--state={name}");
        dir.onix(["serve", "--sandbox", "--port=0", &state])
            .run()
            .exits(2);
        let ledger = format!("--ledger={name}");
        dir.onix(["ledger", &ledger]).run().exits(2);
    }
    assert_eq!((rights("folder"), rights("words.txt")), before);
    let mut served = Served::start(&dir, &["--state=sandbox.sqlite"]);
    served.kill();
    assert_eq!(rights("sandbox.sqlite"), 0o600);
}

#[test]
fn a_demonstration_fills_a_state_without_products() {
    let dir = Dir::new();
    let products = |served: &Served| {
        let about: Value = serde_json::from_str(&served.get("/__admin").text()).unwrap();
        about["products"].clone()
    };
    let mut served = Served::start(&dir, &["--state=sandbox.sqlite"]);
    assert_eq!(products(&served), 0);
    served.kill();
    let mut served = Served::start(&dir, &["--state=sandbox.sqlite", "--demo"]);
    assert_eq!(products(&served), 12);
    served.catalogue(removal("SHELF1-pdf").as_bytes());
    served.kill();
    let served = Served::start(&dir, &["--state=sandbox.sqlite", "--demo"]);
    assert_eq!(products(&served), 11);
}

/// Sale by sale, what is read at the start isn't written anew.
#[test]
fn a_start_writes_nothing_that_is_there() {
    let dir = Dir::new();
    let bytes = |name: &str| std::fs::metadata(dir.path().join(name)).map_or(0, |file| file.len());
    let written = || bytes("sandbox.sqlite") + bytes("sandbox.sqlite-wal");
    let mut served = Served::start(&dir, &["--state=sandbox.sqlite"]);
    busy(&served);
    served.kill();
    let before = written();
    assert!(before > 500_000, "{before}");
    let _served = Served::start(&dir, &["--state=sandbox.sqlite"]);
    let more = written() - before;
    assert!(more < before / 4, "{more} beside {before} bytes");
}

/// With a clock that stands, and with a product above the one that changes.
#[test]
fn a_changed_catalogue_is_told_whatever_the_clock_and_what_lies_above() {
    let dir = Dir::new();
    indexed(&dir, "Before");
    let args = ["--state=sandbox.sqlite"];
    let mut served = Served::start(&dir, &args);
    served.seed(json!({"now": "2027-01-01T00:00:00Z"}));
    served.catalogue(product("HOUSE1-pdf", "9789999990003", "Above").as_bytes());
    assert_eq!(served.get(&format!("{OF}/publications/full")).status, 200);
    served.kill();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    indexed(&dir, "Afterwards");
    let mut served = Served::start(&dir, &args);
    for _ in 0..2 {
        let delta = served.get(&format!("{OF}/publications/delta?from=20270101T000000Z"));
        assert!(delta.text().contains("Afterwards"), "{}", delta.text());
        assert!(delta.text().contains("Above"));
        served.kill();
        served = Served::start(&dir, &args);
    }
}
