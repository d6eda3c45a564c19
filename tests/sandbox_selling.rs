//! The stand-in sells: what no sequence can say.
#![cfg(feature = "cli")]

#[path = "sandbox_support/mod.rs"]
mod support;
mod util;

use std::io::{Cursor, Read as _};
use std::thread;

use serde_json::{Value, json};
use support::{Reply, Served, books, removal, sent};
use util::Dir;

const BOOK: &str = "/api/organisations/ONYX/publications/9789999900119";
const SALE: &str = "format=epub&cost=199&protection=watermark&country=FR&currency=EUR&price_type=04\
                    &customer_id=c-1&uname=Ana%20Sel";

fn served(dir: &Dir) -> Served {
    let served = Served::start(dir, &[]);
    served.seed(json!({"now": "2026-12-01T00:00:00Z"}));
    served.catalogue(&books());
    served
}

fn sell(served: &Served, transaction: &str) -> Reply {
    served.post(&sale(transaction), b"")
}

fn sale(transaction: &str) -> String {
    format!("{BOOK}/sales?{SALE}&transaction_id={transaction}")
}

fn cancel(served: &Served, transaction: &str, amount: &str) -> Reply {
    let parameters = format!("customer_id=c-1&transaction_id={transaction}&amount={amount}");
    served.post(&format!("{BOOK}/sales/cancel?{parameters}"), b"")
}

/// The path of a file that was sold, from its link.
fn link(served: &Served, transaction: &str) -> String {
    let of_customer = "/api/organisations/ONYX/customers/c-1/transactions";
    let path = "publications/9789999900119/download_links/epub";
    let reply = served.get(&format!("{of_customer}/{transaction}/{path}"));
    assert_eq!(reply.status, 200, "{}", reply.text());
    let address = reply.text();
    let own = format!("http://{}", served.address());
    address
        .strip_prefix(&own)
        .expect("a link of its own")
        .to_owned()
}

fn sales(served: &Served) -> Vec<Value> {
    let told = served.get("/__admin/sales").text();
    serde_json::from_str(&told).unwrap()
}

fn advance(served: &Served, seconds: u64) {
    let order = json!({"advance_s": seconds});
    served.post("/__admin/clock", order.to_string().as_bytes());
}

#[test]
fn a_sale_that_is_repeated_is_recorded_once() {
    let dir = Dir::new();
    let served = served(&dir);
    let first = sell(&served, "T-1");
    assert_eq!((first.status, first.text()), (201, "created".to_owned()));
    for _ in 0..3 {
        let again = sell(&served, "T-1");
        assert_eq!(again.status, 400);
        assert_eq!(again.text(), r#"["duplicate"]"#);
    }
    let sales = sales(&served);
    assert_eq!(sales.len(), 1, "{sales:?}");
    assert_eq!(sales[0]["transaction_id"], "T-1");
    assert_eq!(sales[0]["state"], "recorded");
}

#[test]
fn a_sale_that_many_post_at_once_is_recorded_once() {
    let dir = Dir::new();
    let served = served(&dir);
    let request = served.request("POST", &sale("T-1"), "", b"");
    let address = served.address();
    let mut statuses: Vec<u16> = thread::scope(|scope| {
        let post = || Reply::of(&sent(address, &request)).status;
        let posts: Vec<_> = (0..16).map(|_| scope.spawn(post)).collect();
        posts.into_iter().map(|one| one.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    let mut expected = [400; 16];
    expected[0] = 201;
    expected.sort_unstable();
    assert_eq!(statuses, expected);
    assert_eq!(sales(&served).len(), 1);
}

#[test]
fn a_sale_that_is_cut_off_is_recorded() {
    let dir = Dir::new();
    let served = served(&dir);
    let order = json!({"service": "sale", "do": {"record": true, "then": "cut"}});
    served.post("/__admin/faults", order.to_string().as_bytes());
    assert_eq!(served.exchange("POST", &sale("T-1"), "", b""), b"");
    assert_eq!(sales(&served).len(), 1);
    assert_eq!(sell(&served, "T-1").text(), r#"["duplicate"]"#);
}

/// The answer is lost before anything is done, and so the sale may be posted again.
#[test]
fn a_sale_of_a_server_in_trouble_is_not_recorded() {
    let dir = Dir::new();
    let served = served(&dir);
    let order = json!({"service": "sale", "do": {"status": 503}});
    served.post("/__admin/faults", order.to_string().as_bytes());
    assert_eq!(sell(&served, "T-1").status, 503);
    assert!(sales(&served).is_empty());
    assert_eq!(sell(&served, "T-1").status, 201);
}

#[test]
fn a_link_dies_after_a_minute() {
    let dir = Dir::new();
    let served = served(&dir);
    sell(&served, "T-1");
    let path = link(&served, "T-1");
    advance(&served, 59);
    assert_eq!(served.get(&path).status, 200);
    advance(&served, 1);
    assert_eq!(served.get(&path).status, 404);
    let other = link(&served, "T-1");
    assert_ne!(other, path);
    assert_eq!(served.get(&other).status, 200);
}

#[test]
fn the_file_behind_a_link_is_a_real_one() {
    let dir = Dir::new();
    let served = served(&dir);
    sell(&served, "T-1");
    let path = link(&served, "T-1");
    // Nobody has to say who he is: the customer's browser comes without a name.
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        served.address()
    );
    let file = Reply::of(&served.raw(request.as_bytes()));
    assert_eq!(file.header("content-type"), Some("application/epub+zip"));
    let mut archive = zip::ZipArchive::new(Cursor::new(&file.body)).unwrap();
    let mut text = |name: &str| {
        let mut text = String::new();
        let mut member = archive.by_name(name).unwrap();
        member.read_to_string(&mut text).unwrap();
        text
    };
    assert_eq!(text("mimetype"), "application/epub+zip");
    assert!(text("META-INF/container.xml").contains("package.opf"));
    assert!(text("package.opf").contains("9789999900119"));
    assert!(text("page.xhtml").contains("Sold to Ana Sel, transaction T-1"));
}

#[test]
fn who_asks_for_the_head_alone_has_downloaded_nothing() {
    let dir = Dir::new();
    let served = served(&dir);
    sell(&served, "T-1");
    let path = link(&served, "T-1");
    let head = Reply::of(&served.exchange("HEAD", &path, "", b""));
    assert_eq!(head.status, 200);
    assert_eq!(sales(&served)[0]["downloaded"], false);
    served.get(&path);
    assert_eq!(sales(&served)[0]["downloaded"], true);
}

#[test]
fn a_cancellation_has_its_refusals() {
    let dir = Dir::new();
    let served = served(&dir);
    let refused = |transaction: &str, amount: &str| {
        let reply = cancel(&served, transaction, amount);
        (reply.status, reply.text())
    };
    let of = |status: u16, code: &str| (status, format!("[\"{code}\"]"));
    assert_eq!(refused("T-1", "199"), of(404, "not_found"));
    sell(&served, "T-1");
    assert_eq!(refused("T-1", "200"), of(400, "cost_mismatch"));
    assert_eq!(cancel(&served, "T-1", "199").status, 200);
    assert_eq!(refused("T-1", "199"), of(400, "already_refunded"));
    sell(&served, "T-2");
    served.get(&link(&served, "T-2"));
    assert_eq!(refused("T-2", "199"), of(400, "refund_unauthorized"));
    let states: Vec<_> = sales(&served)
        .iter()
        .map(|one| one["state"].clone())
        .collect();
    assert_eq!(states, ["cancelled", "recorded"]);
}

#[test]
fn what_was_cancelled_is_sold_again_as_another_sale() {
    let dir = Dir::new();
    let served = served(&dir);
    sell(&served, "T-1");
    cancel(&served, "T-1", "199");
    assert_eq!(sell(&served, "T-1").status, 201);
    assert_eq!(sell(&served, "T-1").text(), r#"["duplicate"]"#);
    let states: Vec<_> = sales(&served)
        .iter()
        .map(|one| one["state"].clone())
        .collect();
    assert_eq!(states, ["cancelled", "recorded"]);
}

#[test]
fn what_was_sold_is_to_be_had_after_it_left_the_catalogue() {
    let dir = Dir::new();
    let served = served(&dir);
    sell(&served, "T-1");
    served.catalogue(removal("DEMO1-epub").as_bytes());
    assert_eq!(sell(&served, "T-2").status, 404);
    assert_eq!(served.get(&link(&served, "T-1")).status, 200);
}

/// What the command judges of a catalogue is what the stand-in answers of it.
#[test]
fn the_catalogue_of_an_index_is_sold_as_it_is_judged() {
    let dir = Dir::with_book();
    let served = Served::start(&dir, &[]);
    let book = "/api/organisations/ONYX/publications/9782070368228/sales/new";
    let check = |cost: &str| {
        let cost = format!("--cost={cost}");
        let flags = [
            "check",
            "9782070368228",
            "--format=epub",
            &cost,
            "--protection=watermark",
        ];
        let flags = flags
            .into_iter()
            .chain(["--country=FR", "--currency=EUR", "--json"]);
        let line = dir.onix(flags).run().json().remove(0);
        line["codes"].clone()
    };
    for cost in ["999", "1"] {
        let parameters = format!("cost={cost}&protection=watermark&country=FR&currency=EUR");
        let reply = served.get(&format!("{book}?format=epub&{parameters}"));
        let codes: Value = serde_json::from_str(&reply.text()).unwrap_or_else(|_| json!([]));
        assert_eq!(codes, check(cost), "{cost}: {}", reply.text());
    }
}

#[test]
fn a_new_seed_forgets_what_was_sold() {
    let dir = Dir::new();
    let served = served(&dir);
    sell(&served, "T-1");
    let path = link(&served, "T-1");
    served.seed(json!({"now": "2026-12-01T00:00:00Z"}));
    assert!(sales(&served).is_empty());
    assert_eq!(served.get(&path).status, 404);
}
