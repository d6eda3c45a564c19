//! The stand-in of the platform on a socket: what no sequence can say.
#![cfg(feature = "cli")]

#[path = "sandbox_support/mod.rs"]
mod support;
mod util;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use onix_catalogue::model::Account;
use onix_catalogue::onix::Reader;
use onix_catalogue::sale::Offers;
use onix_catalogue::xml;
use serde_json::json;
use support::{Served, books, product, removal};
use util::Dir;

const FULL: &str = "/api/organisations/ONYX/publications/full";
const DELTA: &str = "/api/organisations/ONYX/publications/delta";

/// `RecordReference`s of an ONIX message in which nothing is set aside.
fn references(message: &[u8]) -> Vec<String> {
    let records = Reader::new(message).into_records();
    let reference = |record: onix_catalogue::Result<onix_catalogue::onix::Record<'_>>| {
        let record = record.expect("every record can be read");
        let reference = record.product().record_reference();
        reference
            .expect("every record has its reference")
            .into_owned()
    };
    records.map(reference).collect()
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

/// Country, currency and cost of all that is sold of a product.
type Terms = BTreeSet<(String, String, u64)>;

fn terms(offers: &Offers) -> Terms {
    let mut out = Terms::new();
    for offer in offers.rows(&Account::default()) {
        let (Some(currency), Some(cost)) = (offer.currency, offer.cost) else {
            continue;
        };
        for country in offer.countries.countries() {
            out.insert((country.alpha3().to_owned(), currency.to_string(), cost));
        }
    }
    out
}

fn terms_of_onix(pages: &[Vec<u8>]) -> BTreeMap<String, Terms> {
    let mut out = BTreeMap::new();
    for record in pages
        .iter()
        .flat_map(|page| Reader::new(page).into_records())
    {
        let offers = Offers::of(&record.unwrap().product());
        out.insert(offers.record_reference().to_owned(), terms(&offers));
    }
    out
}

fn terms_of_xml(pages: &[Vec<u8>]) -> BTreeMap<String, Terms> {
    let mut out = BTreeMap::new();
    for record in pages
        .iter()
        .flat_map(|page| xml::Reader::new(page).into_records())
    {
        for format in record.unwrap().publication().formats() {
            let offers = Offers::of_publication_format(format);
            let before = out.insert(offers.record_reference().to_owned(), terms(&offers));
            assert!(before.is_none(), "{} comes once", offers.record_reference());
        }
    }
    out
}

#[test]
fn a_full_synchronisation_has_every_product_once() {
    let dir = Dir::new();
    let served = Served::start(&dir, &[]);
    served.seed(json!({"now": "2026-12-01T00:00:00Z"}));
    served.catalogue(&books());
    let pages = served.pages(FULL);
    assert_eq!(pages.len(), 3);
    let all = sorted(pages.iter().flat_map(|page| references(page)).collect());
    assert_eq!(all, sorted(references(&books())));
}

#[test]
fn onix_and_xml_say_the_same() {
    let dir = Dir::new();
    let served = Served::start(&dir, &[]);
    served.seed(json!({"now": "2026-12-01T00:00:00Z"}));
    served.catalogue(&books());
    let onix = terms_of_onix(&served.pages(FULL));
    let xml = terms_of_xml(&served.pages(&format!("{FULL}.xml")));
    assert!(onix.len() > 120 && onix["DEMO2-epub"].len() > 4);
    assert_eq!(onix, xml);
}

/// Releases, tags and defaults that differ can't share a message.
#[test]
fn a_catalogue_of_many_messages_comes_whole() {
    let dir = Dir::with_lists();
    let served = Served::start(&dir, &[]);
    let pages = served.pages(FULL);
    let all: Vec<String> = pages.iter().flat_map(|page| references(page)).collect();
    let export = dir.onix(["export", "--as=view"]).run().exits(0).json();
    let known = export
        .iter()
        .map(|view| view["record_reference"].as_str().unwrap().to_owned());
    assert_eq!(sorted(all), sorted(known.collect()));
    let xml = terms_of_xml(&served.pages(&format!("{FULL}.xml")));
    assert!(xml.len() > 300);
}

#[test]
fn a_catalogue_is_changed_above_and_not_below() {
    let dir = Dir::with_book();
    let served = Served::start(&dir, &[]);
    let one = "/api/organisations/ONYX/publications/9782070368228.onix";
    assert!(served.get(one).text().contains("The Lighthouse"));
    served.catalogue(product("house.1", "9782070368228", "The Beacon").as_bytes());
    let changed = served.get(one).text();
    assert!(changed.contains("The Beacon") && !changed.contains("The Lighthouse"));
    served.catalogue(removal("house.1").as_bytes());
    assert_eq!(served.get(one).status, 404);
    assert_eq!(served.get(FULL).status, 404);
    served.post("/__admin/reset", b"");
    assert!(served.get(one).text().contains("The Lighthouse"));
    let shown = dir.onix(["show", "house.1"]).run().exits(0);
    shown.prints("The Lighthouse");
}

#[test]
fn a_delta_has_what_changed_and_no_more() {
    let dir = Dir::new();
    let served = Served::start(&dir, &[]);
    served.seed(json!({"now": "2026-12-01T00:00:00Z"}));
    served.catalogue(&books());
    served.post("/__admin/clock", br#"{"advance_s":60}"#);
    served.catalogue(product("DEMO7-epub", "9789999900713", "Changed").as_bytes());
    served.catalogue(product("DEMO901-epub", "9789999990118", "Added").as_bytes());
    served.catalogue(removal("DEMO9-epub").as_bytes());
    // Nothing changes by what is the same.
    served.catalogue(&message_of("DEMO10-epub"));
    for from in ["20261201T000100", "20261201T000030"] {
        let pages = served.pages(&format!("{DELTA}?from={from}"));
        let changed = pages.iter().flat_map(|page| references(page)).collect();
        let expected = ["DEMO7-epub", "DEMO9-epub", "DEMO901-epub"];
        assert_eq!(sorted(changed), expected, "{from}");
        let text = String::from_utf8(pages.concat()).unwrap();
        assert!(text.contains("DEMO9-epub</RecordReference><NotificationType>05<"));
    }
}

/// The message of one book, as it stands among the others.
fn message_of(reference: &str) -> Vec<u8> {
    let books = books();
    let record = Reader::new(&books).into_records().map(Result::unwrap);
    let mut record =
        record.filter(|record| record.product().record_reference().as_deref() == Some(reference));
    let record = record.next().unwrap();
    record.message().wrap(record.xml()).into_bytes()
}

/// A shop that begins its next window where its last one began loses nothing, whatever changes between two calls of one second.
#[test]
fn windows_of_one_second_lose_nothing() {
    let dir = Dir::new();
    let served = Served::start(&dir, &[]);
    served.seed(json!({"now": "2026-12-01T00:00:00Z"}));
    let mut seen = BTreeSet::new();
    for n in 0..5 {
        let name = format!("DEMO{n}-epub");
        served.catalogue(product(&name, "9789999990118", "One").as_bytes());
        let pages = served.pages(&format!("{DELTA}?from=20261201T000000"));
        seen.extend(pages.iter().flat_map(|page| references(page)));
        assert!(seen.contains(&name));
    }
    assert_eq!(seen.len(), 5);
}

#[test]
fn an_answer_is_cut_where_it_was_ordered() {
    let dir = Dir::new();
    let served = Served::start(&dir, &[]);
    // A page says when it was made.
    served.seed(json!({"now": "2026-12-01T00:00:00Z"}));
    served.catalogue(&books());
    let whole = served.get(FULL);
    let order = json!({"service": "full", "do": {"cut_after_bytes": 1000}});
    served.post("/__admin/faults", order.to_string().as_bytes());
    let cut = served.get(FULL);
    assert_eq!(cut.header("content-length"), whole.header("content-length"));
    assert_eq!(cut.body.len(), 1000);
    assert_eq!(cut.body, whole.body[..1000]);
    let order = json!({"service": "full", "do": {"record": true, "then": "cut"}});
    served.post("/__admin/faults", order.to_string().as_bytes());
    assert_eq!(served.exchange("GET", FULL, "", b""), b"");
    assert_eq!(served.get(FULL).status, 200);
}

#[test]
fn who_sends_headers_too_slowly_is_cut_off() {
    let dir = Dir::new();
    let served = Served::start(&dir, &[]);
    let mut stream = TcpStream::connect(served.address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: local").unwrap();
    let started = Instant::now();
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    let took = started.elapsed();
    assert!(
        took > Duration::from_secs(3) && took < Duration::from_secs(15),
        "{took:?}"
    );
}

#[test]
fn only_requests_for_this_machine_are_answered() {
    let dir = Dir::new();
    let served = Served::start(&dir, &[]);
    let status = |host: &str| {
        let request =
            format!("GET /__admin/requests HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        support::Reply::of(&served.raw(request.as_bytes())).status
    };
    assert_eq!(status("books.example"), 421);
    assert_eq!(status("localhost.books.example:80"), 421);
    assert_eq!(status("localhost:80"), 200);
    assert_eq!(status("[::1]"), 200);
    assert_eq!(status("127.0.0.1:9"), 200);
}

#[test]
fn pages_of_other_servers_are_not_answered() {
    let dir = Dir::new();
    let served = Served::start(&dir, &[]);
    let status = |origin: &str| {
        let origin = format!("Origin: {origin}\r\n");
        let reply = served.exchange("POST", "/__admin/reset", &origin, b"");
        support::Reply::of(&reply).status
    };
    assert_eq!(status("http://books.example"), 403);
    assert_eq!(status("null"), 403);
    // Another port of this machine is another server.
    assert_eq!(status("http://localhost:3000"), 403);
    assert_eq!(status(&format!("http://{}", served.address())), 200);
}

#[test]
fn a_body_has_bounds() {
    let dir = Dir::new();
    let served = Served::start(&dir, &[]);
    let large = vec![b' '; (1 << 20) + 1];
    assert_eq!(served.post("/__admin/seed", &large).status, 413);
    assert_eq!(served.get("/__admin/nothing").status, 404);
    assert_eq!(served.get("/nothing").status, 404);
}

#[test]
fn requests_can_be_read_a_line_each() {
    let dir = Dir::new();
    let served = Served::start(&dir, &[]);
    served.get(&format!("{FULL}?start=nothing&token=t0ps3cret"));
    let lines = served.exchange(
        "GET",
        "/__admin/requests",
        "Accept: application/x-ndjson\r\n",
        b"",
    );
    let lines = support::Reply::of(&lines).text();
    let line: serde_json::Value = serde_json::from_str(lines.trim()).unwrap();
    assert_eq!(line["service"], "full");
    assert_eq!(line["organisation"], "ONYX");
    assert_eq!(line["status"], 404);
    assert_eq!(line["codes"][0], "not_found");
    assert!(!lines.contains("t0ps3cret") && !lines.contains("Basic"));
}

#[test]
#[cfg(unix)]
fn it_ends_in_order() {
    let dir = Dir::new();
    let mut served = Served::start(&dir, &[]);
    served.catalogue(&books());
    let order = json!({"service": "full", "do": {"delay_ms": 1000}});
    served.post("/__admin/faults", order.to_string().as_bytes());
    let address = served.address();
    let open = std::thread::spawn({
        let request = served.request("GET", FULL, "", b"");
        move || support::sent(address, &request)
    });
    std::thread::sleep(Duration::from_millis(300));
    served.terminate();
    let answer = support::Reply::of(&open.join().unwrap());
    assert_eq!(answer.status, 200);
    assert!(answer.text().ends_with("</ONIXMessage>\n"));
    assert_eq!(served.ended(), Some(0));
    assert!(TcpStream::connect(address).is_err());
}

/// A publication whose products stand in different messages goes over two pages, and nothing of it or behind it is lost
/// when it changes in between.
#[test]
fn a_publication_that_changes_between_two_of_its_pages_loses_nothing() {
    let bare = |reference: &str, isbn: &str| {
        product(reference, isbn, "Tide")
            .replace(" xmlns=\"http://ns.editeur.org/onix/3.0/reference\"", "")
    };
    for (service, comes_back) in [
        ("full", false),
        ("full", true),
        ("delta?from=20200101", false),
        ("delta?from=20200101", true),
    ] {
        let dir = Dir::new();
        let served = Served::start(&dir, &[]);
        served.seed(serde_json::json!({"now": "2026-12-01T00:00:00Z"}));
        let epub = product("X1-epub", "9789999970001", "Tide");
        served.catalogue(epub.as_bytes());
        served.catalogue(bare("X1-pdf", "9789999970002").as_bytes());
        for n in 0..30 {
            served.catalogue(bare(&format!("Y{n}-epub"), &format!("97899999701{n:02}")).as_bytes());
        }
        let path = format!("/api/organisations/ONYX/publications/{service}");
        let first = served.get(&path);
        assert!(first.text().contains("X1-epub") && !first.text().contains("X1-pdf"));
        let link = first.header("link").unwrap();
        let next = link.split(['<', '>']).nth(1).unwrap();
        let next = next
            .strip_prefix(&format!("http://{}", served.address()))
            .unwrap();
        served.catalogue(removal("X1-epub").as_bytes());
        if comes_back {
            served.catalogue(epub.as_bytes());
        }
        // Asked for twice, as after an answer that was lost.
        served.get(next);
        let rest: String = served
            .pages(next)
            .iter()
            .map(|page| String::from_utf8_lossy(page).into_owned())
            .collect();
        assert!(rest.contains("X1-pdf"), "{service}");
        for n in 0..30 {
            assert_eq!(
                rest.matches(&format!(">Y{n}-epub<")).count(),
                1,
                "{service} Y{n}"
            );
        }
    }
}

/// A page of what changed that is asked for again ends elsewhere when a record has changed, and the next begins there.
#[test]
fn a_page_that_is_asked_for_again_loses_nothing() {
    let dir = Dir::new();
    let served = Served::start(&dir, &[]);
    served.seed(serde_json::json!({"now": "2026-12-01T00:00:00Z"}));
    let isbn = |n: u32| format!("978999997{n:04}");
    for n in 0..130 {
        served.catalogue(product(&format!("Y{n:03}-epub"), &isbn(n), "Tide").as_bytes());
    }
    let first = served.get(&format!("{DELTA}?from=20200101"));
    let link = first.header("link").unwrap();
    let next = link.split(['<', '>']).nth(1).unwrap();
    let next = next
        .strip_prefix(&format!("http://{}", served.address()))
        .unwrap();
    served.get(next);
    let other = product("Y060-epub", &isbn(60), "Ebb")
        .replace(" xmlns=\"http://ns.editeur.org/onix/3.0/reference\"", "");
    served.catalogue(other.as_bytes());
    let rest: String = served
        .pages(next)
        .iter()
        .map(|page| String::from_utf8_lossy(page).into_owned())
        .collect();
    for n in 50..130 {
        assert!(rest.contains(&format!(">Y{n:03}-epub<")), "Y{n:03}");
    }
}
