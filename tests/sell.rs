//! Selling with the command against the stand-in: what the shop knows is what the stand-in has recorded.
#![cfg(feature = "cli")]

#[path = "sandbox_support/mod.rs"]
mod sandbox_support;
mod util;

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use sandbox_support::{Reply, Served, books, sent};
use serde_json::{Value, json};
use util::{Dir, Onix, Outcome};

struct Shop {
    dir: Dir,
    platform: Served,
}

const NOW: &str = "2026-12-01T12:00:00Z";

/// A book with a watermark at 1.99 EUR in France, and its edition in PDF.
const EPUB: &str = "9789999900119";
const PDF: &str = "9789999900126";
/// One that can be preordered until 2027-03-01.
const COMING: &str = "9789999990813";

impl Shop {
    fn open(seed: Value) -> Self {
        let dir = Dir::new();
        let platform = Served::start(&dir, &[]);
        let mut seed = seed;
        seed["now"] = json!(NOW);
        platform.seed(seed);
        platform.catalogue(&books());
        let path = format!(
            "{}/testdata/platform/selling.xml",
            env!("CARGO_MANIFEST_DIR")
        );
        platform.catalogue(&std::fs::read(path).unwrap());
        let toml = format!(
            "[account]\nbase_url = \"http://{}\"\norganisation = \"ONYX\"\nallow_http = true\n",
            platform.address()
        );
        dir.write("onix.toml", toml);
        let shop = Self { dir, platform };
        shop.onix(&["sync", "-q"]).run().exits(0);
        shop
    }

    fn onix(&self, args: &[&str]) -> Onix {
        self.dir
            .onix(args)
            .env("ONIX_ACCOUNT_TOKEN", "sandbox-token")
    }

    /// A sale with what it needs.
    fn sell(&self, id: &str, transaction: &str, more: &[&str]) -> Outcome {
        let format = if id == PDF {
            "--format=pdf"
        } else {
            "--format=epub"
        };
        let transaction = format!("--transaction-id={transaction}");
        let mut args = vec!["sell", id, format, "--protection=watermark", "--country=FR"];
        args.extend([
            "--currency=EUR",
            "--price-type=04",
            "--customer-id=c-1",
            "--uname=Zoe Quidam",
        ]);
        args.extend([
            "--credit-card-prefix=4970",
            "--json",
            "--at=2026-12-01",
            &transaction,
        ]);
        if !more.iter().any(|arg| arg.starts_with("--cost=")) {
            args.push("--cost=199");
        }
        args.extend(more);
        self.onix(&args).run()
    }

    /// What the stand-in has recorded.
    fn recorded(&self) -> Vec<Value> {
        let sales: Value =
            serde_json::from_str(&self.platform.get("/__admin/sales").text()).unwrap();
        let list = sales.as_array().or(sales["sales"].as_array());
        list.unwrap_or_else(|| panic!("{sales}")).clone()
    }

    fn fault(&self, what: Value) {
        let fault = json!({"service": "sale", "nth": 1, "times": 1, "do": what});
        let reply = self
            .platform
            .post("/__admin/faults", fault.to_string().as_bytes());
        assert_eq!(reply.status, 200, "{}", reply.text());
    }

    fn forward(&self, seconds: u64) {
        let body = json!({"advance_s": seconds}).to_string();
        assert_eq!(
            self.platform.post("/__admin/clock", body.as_bytes()).status,
            200
        );
    }
}

fn state(outcome: &Outcome) -> String {
    outcome.json()[0]["state"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

const KEY: [&str; 2] = ["--customer-id=c-1", "--format=epub"];

#[test]
fn a_sale_from_the_simulation_to_the_file() {
    let shop = Shop::open(json!({}));
    let simulate = [
        "simulate",
        EPUB,
        "--format=epub",
        "--cost=199",
        "--protection=watermark",
        "--country=FR",
    ];
    let simulate = [
        &simulate[..],
        &[
            "--currency=EUR",
            "--price-type=04",
            "--compare",
            "--at=2026-12-01",
        ],
    ]
    .concat();
    shop.onix(&simulate).run().exits(0).says("they agree");
    let test = shop.sell(EPUB, "t1", &[]).exits(0).says("a test");
    assert_eq!(state(&test), "recorded");
    assert_eq!(test.json()[0]["test"], true);
    // The same again is told, and not sent.
    shop.sell(EPUB, "t1", &[])
        .exits(2)
        .says("decision 1 (recorded)")
        .says("onix sale show");
    shop.sell(EPUB, "t1", &["--live"])
        .exits(2)
        .says("as a test");
    let live = shop.sell(PDF, "t1", &["--live"]).exits(0);
    assert_eq!(live.json()[0]["test"], false);
    let recorded = shop.recorded();
    assert_eq!(recorded.len(), 2);
    let states: Vec<&str> = recorded
        .iter()
        .map(|sale| sale["sale_state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["test", "active"]);
    // As many as its log of requests says.
    let log = shop.platform.get("/__admin/requests").text();
    let log: Value = serde_json::from_str(&log).unwrap();
    let requests = log["requests"].as_array().or(log.as_array()).unwrap();
    let posted = requests
        .iter()
        .filter(|one| one["service"] == "sale" && one["status"] == 201);
    assert_eq!(posted.count(), 2);
    // The file, while the link lives.
    let args = [&["download-link", EPUB, "--transaction-id=t1"][..], &KEY].concat();
    let link = shop.onix(&args).run().exits(0).stdout;
    let path = link
        .trim()
        .split_once(&shop.platform.address().to_string())
        .unwrap()
        .1
        .to_owned();
    let status = [&["status", EPUB, "--transaction-id=t1", "--json"][..], &KEY].concat();
    assert_eq!(
        shop.onix(&status).run().exits(0).json()[0]["fulfilled"],
        false
    );
    let file = shop.platform.get(&path);
    assert_eq!(file.status, 200);
    assert!(file.body.starts_with(b"PK"), "an EPUB is a zip");
    assert_eq!(
        shop.onix(&status).run().exits(0).json()[0]["fulfilled"],
        true
    );
    shop.forward(61);
    assert_eq!(shop.platform.get(&path).status, 404);
    // What was downloaded isn't taken back.
    let cancel = [&["cancel", EPUB, "--transaction-id=t1"][..], &KEY].concat();
    shop.onix(&cancel)
        .run()
        .exits(1)
        .says("refund_unauthorized");
    let cancel = [
        "cancel",
        PDF,
        "--transaction-id=t1",
        "--customer-id=c-1",
        "--reason=twice",
    ];
    shop.onix(&cancel)
        .run()
        .exits(2)
        .says("--live takes it back");
    let cancel = [&cancel[..], &["--live", "--json"]].concat();
    let cancelled = shop.onix(&cancel).run().exits(0);
    assert_eq!(state(&cancelled), "cancelled");
    // And may be sold again.
    shop.sell(PDF, "t1", &["--live"]).exits(0);
    let ledger = shop.onix(&["ledger", "--json"]).run().exits(0).json();
    let n: u64 = ledger
        .iter()
        .map(|total| total["n"].as_u64().unwrap())
        .sum();
    assert_eq!(n, 3);
}

/// The answer to a cancellation is lost, and asked for again; another account has no business with it.
#[test]
fn what_was_taken_back_is_known_in_the_end() {
    let shop = Shop::open(json!({}));
    shop.sell(EPUB, "t1", &[]).exits(0);
    let fault =
        json!({"service": "cancel", "nth": 1, "times": 1, "do": {"record": true, "then": "cut"}});
    assert_eq!(
        shop.platform
            .post("/__admin/faults", fault.to_string().as_bytes())
            .status,
        200
    );
    let cancel = [&["cancel", EPUB, "--transaction-id=t1"][..], &KEY].concat();
    shop.onix(&cancel).run().exits(2).says("cancellation");
    let toml = shop.dir.read("onix.toml");
    let other = toml
        .replace("[account]", "[account.other]")
        .replace("ONYX", "OTHER");
    let own = toml.replace("[account]", "[account.own]");
    shop.dir.write("onix.toml", format!("{own}\n{other}"));
    let known = ["--account=own"];
    shop.onix(&[&cancel[..], &known].concat())
        .run()
        .exits(1)
        .says("no such sale");
    shop.dir.write("onix.toml", toml);
    shop.onix(&cancel).run().exits(1).says("already_refunded");
    let shown = shop.onix(&["sale", "show", "1", "--json"]).run().exits(0);
    assert_eq!(state(&shown), "cancelled");
    // Nor is a decision posted by another organisation.
    shop.fault(json!({"status": 503, "body": ""}));
    assert_eq!(state(&shop.sell(EPUB, "t2", &[]).exits(1)), "unknown");
    shop.dir.write("onix.toml", other);
    let repeat = ["sale", "resolve", "2", "--repeat", "--account=other"];
    shop.onix(&repeat)
        .run()
        .exits(2)
        .says("it is of the account ONYX");
    assert_eq!(shop.recorded().len(), 1);
}

#[test]
fn what_the_catalogue_refuses_is_not_sent() {
    let shop = Shop::open(json!({}));
    let outcome = shop.sell(EPUB, "t1", &["--cost=99"]).exits(1);
    assert_eq!(outcome.json()[0]["verdict"], "refused");
    outcome.says("nothing was sent");
    assert!(shop.recorded().is_empty());
    shop.onix(&["sale", "list"]).run().exits(1);
    // Sent all the same, the platform says so too.
    let forced = shop.sell(EPUB, "t1", &["--cost=99", "--force"]).exits(1);
    assert_eq!(state(&forced), "refused");
    // That doesn't block the right one.
    shop.sell(EPUB, "t1", &[]).exits(0);
    let bare = [
        "sell",
        EPUB,
        "--format=epub",
        "--cost=199",
        "--customer-id=c-1",
        "--transaction-id=t9",
    ];
    shop.onix(&bare)
        .run()
        .exits(2)
        .says("--country, --currency, --price-type");
    shop.sell(EPUB, "t9", &["--sale-state=active"])
        .exits(2)
        .says("--live");
}

#[test]
fn what_nobody_knows_is_found_out() {
    for dialect in ["en", "es"] {
        let shop = Shop::open(json!({"dialect": dialect}));
        // Recorded, and no answer.
        shop.fault(json!({"record": true, "then": "cut"}));
        let cut = shop.sell(EPUB, "t1", &[]).exits(1).says("nobody knows");
        assert_eq!(state(&cut), "unknown");
        shop.sell(EPUB, "t1", &["--force"])
            .exits(2)
            .says("(unknown)");
        let list = shop
            .onix(&["sale", "list", "--state=unknown", "--json"])
            .run()
            .exits(0)
            .json();
        assert_eq!(list.len(), 1);
        assert_eq!(list[0].get("uname"), None, "names are shown when asked for");
        let resolved = shop.onix(&["sale", "resolve", "--json"]).run().exits(0);
        assert_eq!(state(&resolved), "recorded");
        // Trouble before anything was recorded.
        shop.fault(json!({"status": 503, "body": "service_unavailable"}));
        assert_eq!(state(&shop.sell(EPUB, "t2", &[]).exits(1)), "unknown");
        let asked = shop
            .onix(&["sale", "resolve", "2", "--json"])
            .run()
            .exits(1);
        assert_eq!(state(&asked), "unknown", "no status proves nothing");
        let repeated = shop
            .onix(&["sale", "resolve", "2", "--repeat", "--json"])
            .run()
            .exits(0);
        assert_eq!(state(&repeated), "recorded");
        // Recorded, no answer, and repeated: the platform says that it has it.
        shop.fault(json!({"record": true, "then": "cut"}));
        assert_eq!(state(&shop.sell(EPUB, "t3", &[]).exits(1)), "unknown");
        let repeated = shop
            .onix(&["sale", "resolve", "3", "--repeat", "--json"])
            .run()
            .exits(0);
        assert_eq!(state(&repeated), "recorded");
        assert!(repeated.stdout.contains("duplicate"), "{}", repeated.stdout);
        // `duplicate` to a first attempt may be anybody's.
        let elsewhere = format!(
            "/api/organisations/ONYX/publications/{EPUB}/sales?format=epub&cost=199&protection=watermark&country=FR\
             &currency=EUR&price_type=04&customer_id=c-1&transaction_id=t4&uname=A"
        );
        let request = shop.platform.request("POST", &elsewhere, "", b"");
        assert_eq!(
            Reply::of(&sent(shop.platform.address(), &request)).status,
            201
        );
        assert_eq!(state(&shop.sell(EPUB, "t4", &[]).exits(1)), "unknown");
        shop.onix(&["sale", "resolve", "4", "--as=recorded"])
            .run()
            .exits(0);
        assert_eq!(shop.recorded().len(), 4, "each once");
        shop.onix(&["sale", "resolve", "4"])
            .run()
            .exits(2)
            .says("nothing of it is unknown");
    }
}

#[test]
fn an_old_record_and_a_wrong_rule_are_told_apart() {
    let shop = Shop::open(json!({}));
    // The platform asks for more than it did.
    let book = String::from_utf8(books()).unwrap();
    let product = book
        .split("<Product>")
        .find(|product| product.contains("DEMO1-epub"))
        .unwrap();
    let dearer = product
        .replace("1.99", "2.49")
        .replace("</ONIXMessage>", "");
    let message = format!(
        "<ONIXMessage xmlns=\"http://ns.editeur.org/onix/3.0/reference\" release=\"3.0\"><Product>{dearer}</ONIXMessage>"
    );
    shop.platform.catalogue(message.as_bytes());
    shop.forward(60);
    let simulate = [
        "simulate",
        EPUB,
        "--format=epub",
        "--cost=199",
        "--protection=watermark",
        "--country=FR",
    ];
    let simulate = [
        &simulate[..],
        &[
            "--currency=EUR",
            "--price-type=04",
            "--compare",
            "--json",
            "--at=2026-12-01",
        ],
    ]
    .concat();
    let compared = shop.onix(&simulate).run().exits(1).json();
    assert_eq!(compared[0]["cause"], "stale");
    assert_eq!(compared[0]["platform"], json!(["invalid_sale_parameters"]));
    let audit = ["audit", "--sample=500", "--at=2026-12-01", "--json"];
    let audited = shop.onix(&audit).run().exits(1).json();
    assert!(audited.len() > 100);
    let causes: BTreeSet<(&str, &str)> = audited
        .iter()
        .filter(|one| one["cause"] != "agrees")
        .map(|one| {
            (
                one["record_reference"].as_str().unwrap(),
                one["cause"].as_str().unwrap(),
            )
        })
        .collect();
    assert!(causes.contains(&("DEMO1-epub", "stale")), "{causes:?}");
    shop.onix(&["sync", "-q"]).run().exits(0);
    shop.onix(&simulate).run().exits(1);
    let audited = shop.onix(&audit).run().json();
    assert!(
        audited.iter().all(|one| one["cause"] != "stale"),
        "{causes:?}"
    );
}

#[test]
fn a_preorder_becomes_a_sale() {
    let shop = Shop::open(json!({}));
    let preorder = [
        "preorder",
        COMING,
        "--for=epub",
        "--customer-id=c-7",
        "--at=2026-12-01",
        "--json",
    ];
    let kept = [
        "--cost=999",
        "--currency=EUR",
        "--country=FR",
        "--protection=watermark",
        "--uname=Zoe Quidam",
    ];
    shop.onix(&preorder).run().exits(2).says("--live makes it");
    let made = [&preorder[..], &kept, &["--live"]].concat();
    assert_eq!(state(&shop.onix(&made).run().exits(0)), "recorded");
    shop.onix(&made)
        .run()
        .exits(2)
        .says("decision 1 (recorded)");
    // Not yet.
    let list = ["preorder", "list", "--json"];
    let early = shop
        .onix(&[&list[..], &["--at=2026-12-01"]].concat())
        .run()
        .exits(0)
        .json();
    assert_eq!(
        (&early[0]["due"], &early[0]["sold_as"]),
        (&json!(false), &json!(null))
    );
    // The day comes, and with it the platform's new record.
    shop.forward(120 * 86_400);
    let path = format!(
        "{}/testdata/platform/selling.xml",
        env!("CARGO_MANIFEST_DIR")
    );
    let books = std::fs::read_to_string(path).unwrap();
    let coming = books
        .split("<Product>")
        .find(|product| product.contains("COMING-epub"))
        .unwrap();
    let available = coming.replace("<ProductAvailability>40", "<ProductAvailability>20");
    let available = available.replace("</ONIXMessage>", "");
    let message = format!(
        "<ONIXMessage xmlns=\"http://ns.editeur.org/onix/3.0/reference\" release=\"3.0\"><Product>{available}</ONIXMessage>"
    );
    shop.platform.catalogue(message.as_bytes());
    shop.forward(60);
    shop.onix(&["sync", "-q"]).run().exits(0);
    let due = shop
        .onix(&[&list[..], &["--due", "--at=2027-04-01"]].concat())
        .run()
        .exits(0)
        .json();
    assert_eq!(due[0]["needed"], json!(["transaction_id", "price_type"]));
    let settle = ["preorder", "settle", "--live", "--at=2027-04-01", "--json"];
    shop.onix(&settle)
        .run()
        .exits(1)
        .says("needs --transaction-id, --price-type");
    let one = [
        &settle[..],
        &[
            COMING,
            "--customer-id=c-7",
            "--transaction-id=t9",
            "--price-type=04",
        ],
    ]
    .concat();
    let sold = shop.onix(&one).run().exits(0);
    assert_eq!(state(&sold), "recorded");
    let recorded = shop.recorded();
    assert_eq!(recorded.len(), 1);
    assert_eq!(recorded[0]["customer_id"], "c-7");
    let list = shop.onix(&list).run().exits(0).json();
    assert_eq!(list[0]["sold_as"], 2);
    shop.onix(&settle).run().exits(1).says("nothing is due");
}

#[test]
fn sales_from_elsewhere_and_customers_forgotten() {
    let shop = Shop::open(json!({}));
    let csv = format!(
        "id,format,transaction_id,customer_id,cost,currency,at,uname,publisher\n\
         {EPUB},epub,old-1,c-1,199,EUR,2026-01-02,Zoe Quidam,Quai\n{PDF},pdf,old-1,c-1,199,EUR,2026-01-02,Zoe Quidam,Quai\n\
         {PDF},pdf,,c-1,199,EUR,2026-01-02,,\n"
    );
    shop.dir.write("old.csv", csv);
    let import = ["ledger", "import", "old.csv"];
    shop.onix(&import)
        .run()
        .exits(3)
        .says("2 taken in")
        .says("sale 3");
    shop.onix(&import).run().exits(3).says("2 there already");
    let by_day = shop.onix(&["ledger", "--by=day", "--csv"]).run().exits(0);
    by_day.prints("2026-01-02,sale,false,EUR,2,2,0,398");
    shop.sell(EPUB, "old-1", &[])
        .exits(2)
        .says("decision 1 (recorded)");
    let with_names = shop
        .onix(&["sale", "show", "1", "--with-names"])
        .run()
        .exits(0);
    with_names.prints("Zoe Quidam");
    shop.onix(&["ledger", "forget", "c-1"])
        .run()
        .exits(0)
        .says("2 sales");
    let shown = shop
        .onix(&["sale", "show", "1", "--with-names", "--json"])
        .run()
        .exits(0);
    assert!(
        !shown.stdout.contains("Quidam") && !shown.stdout.contains("c-1"),
        "{}",
        shown.stdout
    );
    shop.onix(&["sale", "show", "99"]).run().exits(1);
}

/// Names, cards, tokens and links are where they must be, and nowhere else.
#[test]
fn what_is_personal_stays_where_it_is_needed() {
    let shop = Shop::open(json!({}));
    let mut told = String::new();
    let mut hear = |outcome: Outcome| {
        told.push_str(&outcome.stdout);
        told.push_str(&outcome.stderr);
    };
    for (transaction, fault) in [
        ("t1", None),
        ("t2", Some(json!({"record": true, "then": "cut"}))),
        (
            "t3",
            Some(
                json!({"status": 302, "body": "", "headers": {"Location": "http://localhost/?uname=Zoe+Quidam"}}),
            ),
        ),
        (
            "t4",
            Some(json!({"status": 400, "body": "[\"cannot_sell\"] for Zoe Quidam with 4970"})),
        ),
    ] {
        if let Some(fault) = fault {
            shop.fault(fault);
        }
        hear(shop.sell(EPUB, transaction, &["-v"]));
    }
    hear(shop.onix(&["sale", "list", "--json"]).run());
    hear(shop.onix(&["sale", "resolve"]).run());
    hear(shop.onix(&["ledger"]).run());
    hear(shop.onix(&["stats", "--json"]).run());
    let args = [&["download-link", EPUB, "--transaction-id=t1"][..], &KEY].concat();
    let link = shop.onix(&args).run().exits(0).stdout;
    told.push_str(&shop.platform.get("/__admin/requests").text());
    for secret in ["Quidam", "4970", "sandbox-token"] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
    let token = link.trim().rsplit('/').next().unwrap().to_owned();
    let mut folders = vec![shop.dir.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for item in std::fs::read_dir(folder).unwrap() {
            let path = item.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let has = |text: &str| {
                bytes
                    .windows(text.len())
                    .any(|window| window == text.as_bytes())
            };
            let is_ledger = path.to_string_lossy().contains("onix-ledger");
            assert!(!has(&token) && !has("sandbox-token"), "{}", path.display());
            assert!(is_ledger || !has("Zoe Quidam"), "{}", path.display());
        }
    }
}

/// The page between a button and the file: a customer's click is sent on, everybody else gets a button.
#[test]
fn the_download_page_sends_customers_on() {
    let shop = Shop::open(json!({}));
    shop.sell(EPUB, "t1", &[]).exits(0);
    let onix = std::path::Path::new(env!("CARGO_BIN_EXE_onix"));
    let page = onix.with_file_name("examples").join("download_page");
    let mut child = Command::new(page)
        .args(["127.0.0.1:0", "onix-index", "onix-ledger.sqlite"])
        .current_dir(shop.dir.path())
        .env("BASE_URL", format!("http://{}", shop.platform.address()))
        .env("ORGANISATION", "ONYX")
        .env("TOKEN", "sandbox-token")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let address = line
        .trim()
        .strip_prefix("listening on http://")
        .unwrap()
        .parse()
        .unwrap();
    let ask = |method: &str, path: &str, headers: &str| {
        let request = format!("{method} {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n");
        Reply::of(&sent(address, request.as_bytes()))
    };
    let person = "User-Agent: Mozilla/5.0 Firefox/145.0\r\n";
    let clicked = ask("GET", "/1", person);
    assert_eq!(clicked.status, 302);
    assert_eq!(clicked.header("cache-control"), Some("no-store"));
    let link = clicked.header("location").unwrap();
    let path = link
        .split_once(&shop.platform.address().to_string())
        .unwrap()
        .1;
    assert_eq!(shop.platform.get(path).status, 200);
    for (method, headers) in [
        ("HEAD", person),
        ("GET", "User-Agent: Slackbot 1.0\r\n"),
        (
            "GET",
            "User-Agent: Mozilla/5.0 Firefox/145.0\r\nSec-Purpose: prefetch\r\n",
        ),
    ] {
        let other = ask(method, "/1", headers);
        assert_eq!(
            (other.status, other.header("location")),
            (200, None),
            "{method} {headers}"
        );
    }
    assert_eq!(ask("POST", "/1", person).status, 405);
    assert_eq!(ask("GET", "/2", person).status, 404);
    let events = shop
        .onix(&["sale", "show", "1", "--json"])
        .run()
        .exits(0)
        .json();
    let events = events[0]["events"].as_array().unwrap();
    let downloads = events.iter().filter(|event| event["kind"] == "downloaded");
    assert_eq!(downloads.count(), 1, "only the customer's click counts");
    child.kill().unwrap();
    child.wait().unwrap();
}
