//! What the stand-in can be ordered to do, and what it tells of itself.
#![cfg(feature = "cli")]

#[path = "sandbox_support/mod.rs"]
mod support;
mod util;

use std::time::Instant;

use serde_json::{Value, json};
use support::{Reply, Served};
use util::Dir;

const OF: &str = "/api/organisations/ONYX";
const BOOK: &str = "/api/organisations/ONYX/publications/9789999980012";
const TERMS: &str = "format=epub&protection=watermark&country=FR&currency=EUR&price_type=04";

fn demo() -> (Dir, Served) {
    let dir = Dir::new();
    let served = Served::start(&dir, &["--demo"]);
    (dir, served)
}

fn asked(served: &Served, path: &str) -> Value {
    serde_json::from_str(&served.get(path).text()).unwrap()
}

fn ordered(served: &Served, order: &str, body: &Value) -> Value {
    let reply = served.post(&format!("/__admin/{order}"), body.to_string().as_bytes());
    assert_eq!(reply.status, 200, "{}", reply.text());
    serde_json::from_str(&reply.text()).unwrap()
}

/// The last line of the log.
fn last(served: &Served) -> Value {
    let log = asked(served, "/__admin/requests");
    log["requests"].as_array().unwrap().last().unwrap().clone()
}

fn simulated(served: &Served, parameters: &str) -> Reply {
    served.get(&format!("{BOOK}/sales/new?{TERMS}&{parameters}"))
}

fn sold(served: &Served, transaction: &str) -> Reply {
    let names = format!("cost=1299&customer_id=c-1&uname=Ana&transaction_id={transaction}");
    served.post(&format!("{BOOK}/sales?{TERMS}&{names}"), b"")
}

#[test]
fn every_refusal_says_why_and_what_would_have_been_taken() {
    let (_dir, served) = demo();
    assert_eq!(sold(&served, "T-1").status, 201);
    let sale = format!("{BOOK}/sales?{TERMS}&cost=1299&customer_id=c-1");
    let of_sale = format!("{OF}/customers/c-2/transactions/T-1/publications/9789999980012");
    let others = "/api/organisations/OTHER/publications/full";
    // Method, path, codes, a piece of the reason, and what would be taken.
    let cases = [
        (
            "GET",
            format!("{BOOK}/sales/new?{TERMS}&cost=1499"),
            "invalid_sale_parameters",
            "the price is 1299, not 1499",
            json!({"cost": "1299"}),
        ),
        (
            "GET",
            format!(
                "{BOOK}/sales/new?format=epub&protection=acs4&country=FR&currency=EUR&price_type=04&cost=1299"
            ),
            "invalid_protection",
            "sold with watermark, not with acs4",
            json!({"protection": "watermark"}),
        ),
        (
            "GET",
            format!("{OF}/publications/9789999980104/sales/new?{TERMS}&cost=699"),
            "cannot_sell",
            "for sale",
            Value::Null,
        ),
        (
            "GET",
            format!(
                "{OF}/publications/9789999980067/sales/new?format=epub&protection=drm&drm_type=lcp&country=FR&currency=EUR&price_type=04&cost=899"
            ),
            "invalid_protection",
            "lcp",
            Value::Null,
        ),
        (
            "GET",
            format!("{OF}/publications/9780000000000/sales/new?{TERMS}&cost=1"),
            "not_found",
            "nothing here has the identifier",
            Value::Null,
        ),
        (
            "POST",
            format!("{sale}&transaction_id=T-1&uname=Ana"),
            "duplicate",
            "sold in this format and transaction already",
            Value::Null,
        ),
        (
            "POST",
            format!("{sale}&transactionId=T-2"),
            "missing_transaction_id",
            "transaction_id is missing",
            Value::Null,
        ),
        (
            "GET",
            format!("{OF}/publications"),
            "not_found",
            "no service",
            Value::Null,
        ),
        (
            "GET",
            "/publications/full".to_owned(),
            "not_found",
            "begin with /api/",
            Value::Null,
        ),
        (
            "GET",
            format!("{OF}/publications/full.docx"),
            "invalid_format",
            "docx is no format",
            json!({"format": "onix"}),
        ),
        (
            "GET",
            format!("{OF}/publications/delta?from=yesterday"),
            "invalid_date",
            "yesterday",
            Value::Null,
        ),
        (
            "GET",
            format!("{OF}/publications/lists"),
            "not_found",
            "isn't asked with GET",
            json!({"method": "POST"}),
        ),
        (
            "GET",
            others.to_owned(),
            "not_found",
            "no organisation is called OTHER",
            json!({"organisation_id": "ONYX"}),
        ),
        (
            "GET",
            format!("{of_sale}/download_links/epub"),
            "not_found",
            "no such sale",
            json!({"customer_id": "c-1"}),
        ),
        (
            "GET",
            format!(
                "{OF}/customers/c-1/transactions/T-1/publications/9789999980012/formats/pdf/status"
            ),
            "not_found",
            "no such sale",
            json!({"format": "epub"}),
        ),
        (
            "POST",
            format!("{BOOK}/sales/cancel?customer_id=c-1&transaction_id=T-1&amount=12.99"),
            "cost_mismatch",
            "the sale cost 1299",
            json!({"amount": "1299"}),
        ),
        (
            "POST",
            format!("{BOOK}/preorders?for=epub&customer_id=c-1"),
            "cannot_sell",
            "",
            Value::Null,
        ),
        (
            "GET",
            "/__files/F0".to_owned(),
            "not_found",
            "for a minute",
            Value::Null,
        ),
    ];
    for (method, path, code, because, with) in cases {
        served.exchange(method, &path, "", b"");
        let line = last(&served);
        assert_eq!(line["codes"], json!([code]), "{line}");
        let reasons = line["because"].to_string();
        assert!(reasons.contains(because), "{line}");
        assert!(!line["because"].as_array().unwrap().is_empty(), "{line}");
        if !with.is_null() {
            let (name, value) = with.as_object().unwrap().iter().next().unwrap();
            assert_eq!(&line["would_be_taken_with"][name], value, "{line}");
        }
        if path.contains("transactionId") {
            assert_eq!(
                line["not_read"],
                json!(["transactionId: it is called transaction_id"])
            );
        }
    }
    let reply = support::Reply::of(
        &served.raw(
            format!(
                "GET {OF}/publications/full HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
                served.address()
            )
            .as_bytes(),
        ),
    );
    assert_eq!(reply.status, 401);
    assert!(
        last(&served)["because"][0]
            .as_str()
            .unwrap()
            .contains("no Authorization")
    );
}

/// What the log says would be taken is taken.
#[test]
fn a_near_miss_is_a_hit_with_what_is_told() {
    let (_dir, served) = demo();
    for wrong in [
        "cost=1&x=y",
        "cost=1299&country=BE&format=mobi",
        "cost=999&price_type=02",
    ] {
        // Of a parameter that comes twice the first counts.
        let path = format!("{BOOK}/sales/new?{wrong}&{TERMS}");
        let reply = served.get(&path);
        assert_eq!(reply.status, 400, "{wrong}: {}", reply.text());
        let line = last(&served);
        let with = line["would_be_taken_with"].as_object();
        let with = with.unwrap_or_else(|| panic!("{line}"));
        let mended = with.iter().filter(|(name, _)| *name != "publication");
        let mended: Vec<String> = mended
            .map(|(name, value)| format!("{name}={}", value.as_str().unwrap()))
            .collect();
        let id = with
            .get("publication")
            .map_or("9789999980012", |id| id.as_str().unwrap());
        let path = format!(
            "{OF}/publications/{id}/sales/new?{}&{wrong}&{TERMS}",
            mended.join("&")
        );
        let reply = served.get(&path);
        assert_eq!(reply.text(), "valid", "{path}: {line}");
    }
}

#[test]
fn the_usual_faults_do_what_their_words_say() {
    let (_dir, served) = demo();
    ordered(&served, "faults", &json!("unavailable"));
    for _ in 0..3 {
        let reply = simulated(&served, "cost=1299");
        assert_eq!(
            (reply.status, reply.text()),
            (503, r#"["service_unavailable"]"#.to_owned())
        );
    }
    assert_eq!(simulated(&served, "cost=1299").text(), "valid");
    ordered(&served, "faults", &json!([]));

    // The shop has 12.99 from its synchronisation, and the platform 13.99 from now on.
    ordered(&served, "faults", &json!("stale_catalogue"));
    assert_eq!(
        simulated(&served, "cost=1299").text(),
        r#"["invalid_sale_parameters"]"#
    );
    assert_eq!(last(&served)["fault"], "raise_prices_by");
    assert_eq!(simulated(&served, "cost=1399").text(), "valid");
    let fetched = served.get(&format!("{BOOK}.onix")).text();
    assert!(
        fetched.contains("<PriceAmount>13.99</PriceAmount>"),
        "{fetched}"
    );
    let delta = served
        .get(&format!("{OF}/publications/delta?from=20260101T000000Z"))
        .text();
    assert!(delta.contains("<PriceAmount>13.99</PriceAmount>"));

    ordered(&served, "faults", &json!("too_many_results"));
    let delta = served.get(&format!("{OF}/publications/delta"));
    assert_eq!(
        (delta.status, delta.text()),
        (400, r#"["too_many_results"]"#.to_owned())
    );

    ordered(&served, "faults", &json!("cut_answers"));
    let page = served.exchange("GET", &format!("{OF}/publications/full"), "", b"");
    let page = String::from_utf8_lossy(&page);
    assert!(
        page.contains("200 OK") && !page.contains("</ONIXMessage>"),
        "{page}"
    );
    ordered(&served, "faults", &json!([]));
    assert_eq!(asked(&served, "/__admin/faults"), json!([]));

    let order = json!({"service": "download", "protection": "watermark", "do": {"delay_ms": 300}});
    let names = "cost=1399&customer_id=c-1&uname=Ana&transaction_id=T-1";
    assert_eq!(
        served
            .post(&format!("{BOOK}/sales?{TERMS}&{names}"), b"")
            .status,
        201
    );
    let acs4 = "format=epub&protection=acs4&country=FR&currency=EUR&price_type=04&cost=1099&customer_id=c-1&transaction_id=T-1";
    assert_eq!(
        served
            .post(
                &format!("{OF}/publications/9789999980036/sales?{acs4}"),
                b""
            )
            .status,
        201
    );
    ordered(&served, "faults", &order);
    let took = |isbn: &str| {
        let begun = Instant::now();
        let path =
            format!("{OF}/customers/c-1/transactions/T-1/publications/{isbn}/download_links/epub");
        assert_eq!(served.get(&path).status, 200);
        begun.elapsed().as_millis()
    };
    assert!(took("9789999980036") < 300);
    assert!(took("9789999980012") >= 300);
}

#[test]
fn it_tells_what_it_is() {
    let (_dir, served) = demo();
    let about = asked(&served, "/__admin");
    assert_eq!(about["products"], 12);
    assert_eq!(about["organisations"][0]["password"], "secret");
    assert_eq!(about["switches"]["duplicate_status"], 400);
    assert!(about["differences"].as_array().unwrap().len() >= 10);
    assert!(about["unknown"].as_array().unwrap().len() >= 20);
    served.seed(json!({
        "organisations": [{"id": "A", "username": "u", "password": "t0ps3cret", "token": "t0ps3cret"}],
        "dialect": "es", "now": "2026-12-01T00:00:00Z",
    }));
    let about = served.get("/__admin").text();
    assert!(!about.contains("t0ps3cret"), "{about}");
    let about: Value = serde_json::from_str(&about).unwrap();
    assert_eq!(
        (&about["clock"], &about["switches"]["duplicate_status"]),
        (&json!("standing"), &json!(401))
    );
    assert_eq!(about["now"], "2026-12-01T00:00:00+00:00");
    // It begins with its own books, whatever it is seeded with.
    assert_eq!(about["products"], 12);
    ordered(&served, "clock", &json!({"running": true}));
    assert_eq!(asked(&served, "/__admin")["clock"], "running");
    let reply = served.post("/__admin/clock", br#"{"now":"2026-12-01","running":true}"#);
    assert_eq!(reply.status, 400);
}

/// Every order that the page of the documentation names is one.
#[test]
fn every_order_that_is_told_is_taken() {
    let (_dir, served) = demo();
    let about = asked(&served, "/__admin");
    let orders = about["orders"].as_array().unwrap();
    assert!(orders.len() >= 13, "{orders:?}");
    for order in orders {
        let order = order["order"].as_str().unwrap();
        let (method, paths) = order.split_once(' ').unwrap();
        for name in paths.split(", ") {
            let path = format!(
                "/__admin/{}",
                name.trim_start_matches("/__admin").trim_start_matches('/')
            );
            let reply = Reply::of(&served.exchange(method, path.trim_end_matches('/'), "", b"{}"));
            assert_ne!(reply.status, 404, "{method} {path}");
        }
    }
    let elsewhere = served.post("/__admin/nothing", b"{}");
    assert!(
        elsewhere.text().contains("GET /__admin/export"),
        "{}",
        elsewhere.text()
    );
}

#[test]
fn the_page_is_its_own_and_asks_nobody_else() {
    let (_dir, served) = demo();
    let page = served.get("/");
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    let text = page.text();
    for part in ["/__console/console.css", "/__console/console.js"] {
        assert!(text.contains(part), "{part}");
        assert_eq!(served.get(part).status, 200);
    }
    assert!(!text.contains("http://") && !text.contains("https://"));
    assert!(!text.contains("style=") && !text.contains("onclick="));
    assert_eq!(served.get("/__console/nothing").status, 404);
    // Whoever looks at the page is no shop.
    let log = asked(&served, "/__admin/requests");
    assert_eq!(log["count"], 1, "{log}");
}

#[test]
fn a_sequence_is_played_where_it_is_posted() {
    let (_dir, served) = demo();
    let sequence = format!(
        "{}\n{}\n{}\n",
        json!({"admin": {"path": "/__admin/seed", "body": {"now": "2026-12-01T00:00:00Z"}}}),
        json!({"request": {"path": format!("{BOOK}/sales/new?{TERMS}&cost=1299")}, "expect": {"status": 200}}),
        json!({"request": {"path": format!("{BOOK}/sales/new?{TERMS}&cost=1")}, "expect": {"status": 200}}),
    );
    let reply = served.post("/__admin/play", sequence.as_bytes());
    let played: Value = serde_json::from_str(&reply.text()).unwrap();
    assert_eq!(played["steps"], 3);
    let failures = played["failures"].as_array().unwrap();
    assert_eq!(failures.len(), 1, "{played}");
    assert!(failures[0].as_str().unwrap().contains("line 3"), "{played}");
    let reply = served.post("/__admin/play", b"nothing");
    assert!(
        reply.status == 400 && reply.text().contains("line 1"),
        "{}",
        reply.text()
    );
    // It would never end.
    let again =
        json!({"admin": {"path": "/__admin/play", "body": sequence}, "expect": {"status": 400}});
    let reply = served.post("/__admin/play", again.to_string().as_bytes());
    assert!(
        reply.text().contains(r#""failures":[]"#),
        "{}",
        reply.text()
    );
    let file = json!({"admin": {"path": "/__admin/catalogue", "file": "books.xml"}});
    let reply = served.post("/__admin/play", file.to_string().as_bytes());
    assert!(
        reply.status == 400 && reply.text().contains("books.xml"),
        "{}",
        reply.text()
    );
}

/// A book with Adobe's lock and LCP is fetched with the one that is asked for (CF-LCP).
#[test]
fn the_lock_of_a_sale_is_changed_with_its_next_download() {
    let dir = Dir::new();
    let served = Served::start(&dir, &[]);
    let organisation = |lcp: bool| {
        json!({
            "organisations": [{"id": "ONYX", "username": "shop", "password": "secret", "country": "FR", "lcp": lcp}],
            "now": "2026-12-01T00:00:00Z",
        })
    };
    let selling =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/platform/selling.xml");
    let both = "/api/organisations/ONYX/publications/9789999990318";
    let link = "/api/organisations/ONYX/customers/c-1/transactions/T-1/publications/9789999990318/download_links/epub";
    let sale = "format=epub&protection=drm&drm_type=acs&country=FR&currency=EUR&price_type=04&cost=999&customer_id=c-1&transaction_id=T-1";
    for lcp in [true, false] {
        served.seed(organisation(lcp));
        served.catalogue(&std::fs::read(&selling).unwrap());
        let reply = served.post(&format!("{both}/sales?{sale}"), b"");
        assert_eq!(reply.status, 201, "{}", reply.text());
        let disposition = |query: &str| {
            let reply = served.get(&format!("{link}{query}"));
            if reply.status != 200 {
                return format!("{} {}", reply.status, reply.text());
            }
            let address = reply.text();
            let file = served.get(&address[address.find("/__files/").unwrap()..]);
            file.header("content-disposition").unwrap().to_owned()
        };
        assert!(disposition("").ends_with(".acsm\""));
        match lcp {
            true => {
                assert!(disposition("?drm_type=lcp").ends_with(".lcpl\""));
                assert!(disposition("").ends_with(".lcpl\""));
                assert!(disposition("?drm_type=acs").ends_with(".acsm\""));
                assert!(disposition("?drm_type=urms").contains("invalid_protection"));
            }
            false => assert!(disposition("?drm_type=lcp").contains("400")),
        }
    }
}

#[test]
fn a_page_of_the_platforms_xml_is_taken_in() {
    let dir = Dir::new();
    let served = Served::start(&dir, &[]);
    served.seed(json!({"now": "2026-12-01T00:00:00Z"}));
    let page = "<?xml version=\"1.0\"?><!-- a page --><publications><publication><id>TIDE</id><state>online</state>\
        <title><main>Tide</main></title><formats><format><nature>epub</nature><key_type>isbn</key_type>\
        <value>9789999977715</value><publishing_status>04</publishing_status><state>sell</state>\
        <protection>none</protection><costs><cost><country>fra</country><currency>eur</currency>\
        <amount>999</amount><amount_taxes>included</amount_taxes></cost></costs></format></formats></publication></publications>";
    let reply = served.post("/__admin/catalogue", page.as_bytes());
    assert!(reply.text().contains("\"added\":1"), "{}", reply.text());
    let terms = "format=epub&protection=none&country=FR&currency=EUR&price_type=04&cost=999";
    let reply = served.get(&format!(
        "{OF}/publications/9789999977715/sales/new?{terms}"
    ));
    assert_eq!(reply.text(), "valid");
    let again = served.post("/__admin/catalogue", page.as_bytes());
    assert!(again.text().contains("\"unchanged\":1"), "{}", again.text());
}

#[test]
fn secrets_are_hidden_under_whatever_name_they_come() {
    let (_dir, served) = demo();
    let names = [
        "u_name",
        "userName",
        "creditCardPrefix",
        "credit-card-prefix",
        "passphrase",
        "pwd",
        "email",
        "uname",
    ];
    for name in names {
        served.get(&format!(
            "{BOOK}/sales/new?{TERMS}&cost=1299&quantity=2&{name}=t0ps3cret"
        ));
        let line = last(&served);
        assert_eq!(line["query"][name], "***", "{line}");
        assert_eq!(
            (&line["query"]["cost"], &line["query"]["quantity"]),
            (&json!("1299"), &json!("2"))
        );
    }
    let path = format!("{BOOK}/sales");
    for body in [
        r#"{"uname":"t0ps3cret","x":{"y":"t0ps3cret"}}"#,
        r#"[["uname","t0ps3cret"]]"#,
        r#""t0ps3cret""#,
    ] {
        served.exchange(
            "POST",
            &path,
            "Content-Type: application/json\r\n",
            body.as_bytes(),
        );
    }
    served.exchange("POST", &path, "", br#"{"uname":"t0ps3cret"}"#);
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    served.exchange("POST", &path, form, br#"{"uname":"t0ps3cret"}"#);
    served.get(&format!("{BOOK}/sales/new?t0ps3cret"));
    served.get("//__files/Ft0ps3cret");
    served.get("/__files%2FFt0ps3cret");
    served.get("/elsewhere?token=t0ps3cret");
    let log = served.get("/__admin/requests").text();
    assert!(!log.contains("t0ps3cret"), "{log}");
    assert!(!served.get("/__admin/export").text().contains("t0ps3cret"));
}

#[test]
fn a_clock_that_is_set_back_gives_calls_and_takes_links() {
    let (_dir, served) = demo();
    assert_eq!(sold(&served, "T-1").status, 201);
    ordered(&served, "clock", &json!({"advance_s": 30 * 86_400}));
    let link = format!(
        "{OF}/customers/c-1/transactions/T-1/publications/9789999980012/download_links/epub"
    );
    let address = served.get(&link).text();
    let file = &address[address.find("/__files/").unwrap()..];
    let full = format!("{OF}/publications/full");
    while served.get(&full).status != 429 {}
    ordered(&served, "clock", &json!({"running": true}));
    assert_eq!(served.get(&full).status, 200);
    assert_eq!(served.get(file).status, 404);
}

#[test]
fn orders_without_sense_are_refused_and_break_nothing() {
    let (_dir, served) = demo();
    let export = asked(&served, "/__admin/export");
    let with = |part: &str, key: &str, value: Value| {
        let mut document = export.clone();
        document[part] = json!({key: value});
        document
    };
    let settings = |name: &str, value: Value| {
        let mut document = export.clone();
        document["settings"]["all"][name] = value;
        document
    };
    let far = i64::MIN;
    let orders = [
        ("clock", json!({"advance_s": i64::MIN})),
        ("clock", json!({"advance_s": i64::MAX})),
        ("clock", json!({"now": "9999-12-31T23:59:59Z"})),
        ("clock", json!({"now": "1969-12-31"})),
        ("seed", json!({"now": "9999-12-31"})),
        (
            "faults",
            json!({"service": "toc", "do": {"status": 503, "headers": {"content-length": "3"}}}),
        ),
        (
            "faults",
            json!({"service": "toc", "do": {"status": 503, "headers": {"Transfer-Encoding": "chunked"}}}),
        ),
        ("faults", json!(3)),
        (
            "seed",
            json!({"organisations": [{"id": "NEW", "username": "u", "password": "***"}]}),
        ),
        ("import", settings("links", json!(u64::MAX))),
        (
            "import",
            settings("clock", json!({"standing": {"at": far}})),
        ),
        (
            "import",
            settings("clock", json!({"running": {"ahead": far}})),
        ),
        (
            "import",
            with("requests", "18446744073709551615", json!({"n": 1})),
        ),
        ("import", with("sales", "x", json!({}))),
    ];
    for (order, body) in orders {
        let reply = served.post(&format!("/__admin/{order}"), body.to_string().as_bytes());
        assert_eq!(reply.status, 400, "{order}: {}", reply.text());
    }
    let taken = [
        ("import", with("marks", "0 0 1796083200 onix", json!([]))),
        (
            "faults",
            json!({"service": "toc", "nth": u64::MAX, "times": u64::MAX, "seen": u64::MAX, "do": {"delay_ms": 1}}),
        ),
        (
            "import",
            with("limits", "first_page ONYX", json!([far, i64::MAX, 0])),
        ),
        (
            "import",
            with(
                "links",
                "F1",
                json!({"sale": "1", "uname": null, "at": far}),
            ),
        ),
        (
            "import",
            with(
                "lists",
                "1",
                json!({"organisation": "ONYX", "at": far, "from": far, "publications": []}),
            ),
        ),
    ];
    for (order, body) in taken {
        let reply = served.post(&format!("/__admin/{order}"), body.to_string().as_bytes());
        assert_eq!(reply.status, 200, "{order}: {}", reply.text());
        for path in [
            "/publications/full",
            "/publications/lists/1.onix",
            "/publications/delta?from=20200101",
        ] {
            assert_ne!(
                served.get(&format!("{OF}{path}")).status,
                500,
                "{order} {path}"
            );
        }
        assert_eq!(served.get("/__files/F1").status, 404);
        assert_eq!(
            served.get("/api/publications/9789999980012/toc.xml").status,
            200
        );
    }
}

#[test]
fn a_seed_keeps_the_secrets_that_it_doesnt_know() {
    let (dir, served) = demo();
    let seed = json!({"organisations": [{"id": "A", "username": "u", "password": "pw", "token": "tk"}], "dialect": "es"});
    served.seed(seed);
    let about = asked(&served, "/__admin");
    assert_eq!(about["seed"]["organisations"][0]["password"], "***");
    assert_eq!(
        about["seed"]["switches"],
        json!({"error_body": "json", "lists_body": "json", "reset_at_default": "last"})
    );
    served.seed(about["seed"].clone());
    for authorization in ["Basic dTpwdw==", "Bearer tk"] {
        let request = format!(
            "GET /api/organisations/A/publications/full HTTP/1.1\r\nHost: {}\r\nAuthorization: {authorization}\r\nConnection: close\r\n\r\n",
            served.address()
        );
        assert_eq!(Reply::of(&served.raw(request.as_bytes())).status, 200);
    }
    let configuration = about["configuration"].as_str().unwrap();
    assert!(
        configuration.contains("organisation = \"A\"") && !configuration.contains("pw\""),
        "{configuration}"
    );
    drop(dir);
}

/// Pages of another port of this machine are pages of another server.
#[test]
fn pages_of_other_ports_order_nothing() {
    let (_dir, served) = demo();
    let own = format!("Origin: http://{}\r\n", served.address());
    let reset = |headers: &str| {
        Reply::of(&served.exchange("POST", "/__admin/reset", headers, b"{}")).status
    };
    assert_eq!(reset(&own), 200);
    for origin in [
        "http://localhost:3000",
        "http://127.0.0.1:1",
        "https://127.0.0.1",
        "null",
        "http://[::1].evil.example",
    ] {
        assert_eq!(reset(&format!("Origin: {origin}\r\n")), 403, "{origin}");
    }
}
