//! The catalogue over HTTP says what the command says, to those who may ask.
#![cfg(all(feature = "cli", unix))]

#[path = "util/served.rs"]
mod served;
mod util;

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use served::{Reply, Served};
use util::Dir;

const AT: &str = "2026-12-01";

/// The shop window of the project.
fn indexed() -> Dir {
    let dir = Dir::new();
    let lists = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/lists");
    dir.onix(["index", lists.to_str().unwrap(), "-q"])
        .run()
        .exits(0);
    dir
}

/// The objects that a command prints, one a line.
fn printed(dir: &Dir, command: &str) -> Vec<Value> {
    let outcome = dir.onix(command.split(' ')).run();
    let lines = outcome.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn one_json_by_command_and_by_http() {
    let dir = indexed();
    let served = Served::start(&dir, &[]);
    let id = "9789999904216";
    let sale = "--format epub --cost 1499 --protection watermark --country FR --currency EUR --price-type 04";
    let query = "format=epub&cost=1499&protection=watermark&country=FR&currency=EUR&price_type=04";
    // A command, what is asked instead, and the field in which the answer has the command's lines; none, where it is its
    // one line.
    let cases = [
        (
            format!(
                "search phare --country FR --currency EUR --facet format --limit 5 --highlight --at {AT} --json"
            ),
            format!(
                "search?q=phare&country=FR&currency=EUR&facet=format&limit=5&highlight=true&at={AT}"
            ),
            None,
        ),
        (
            format!(
                "search --format epub,pdf --sellable sale --country BE --currency EUR --max-cost 1200 --sort price --at {AT} --json"
            ),
            format!(
                "search?format=epub&format=pdf&sellable=sale&country=BE&currency=EUR&max_cost=1200&sort=price&at={AT}"
            ),
            None,
        ),
        (
            "suggest pha --limit 5 --json".to_owned(),
            "suggest?q=pha&limit=5".to_owned(),
            Some("suggestions"),
        ),
        (
            format!("similar {id} --country FR --at {AT} --json"),
            format!("products/{id}/similar?country=FR&at={AT}"),
            Some("hits"),
        ),
        (
            format!("show {id} --json"),
            format!("products/{id}"),
            Some("products"),
        ),
        (
            format!("offers {id} --country FR --at {AT} --json"),
            format!("products/{id}/offers?country=FR&at={AT}"),
            Some("offers"),
        ),
        (
            format!("lookup {id} 123 --country FR --at {AT} --json"),
            format!("lookup?id={id}&id=123&country=FR&at={AT}"),
            Some("products"),
        ),
        (
            format!("check {id} {sale} --at {AT} --json"),
            format!("products/{id}/check?{query}&at={AT}"),
            None,
        ),
        (
            format!("check {id} --kind preorder --for epub --at {AT} --dialect es --json"),
            format!("products/{id}/check?kind=preorder&for=epub&at={AT}&dialect=es"),
            None,
        ),
        (
            "changes --since 0 --json".to_owned(),
            "changes?since=0".to_owned(),
            Some("changes"),
        ),
        (
            "codes 58 --search tax --json".to_owned(),
            "codes/58?search=tax".to_owned(),
            Some("codes"),
        ),
    ];
    for (command, path, field) in cases {
        let expected = printed(&dir, &command);
        let came = served.json(&format!("/v1/{path}"));
        match field {
            Some(field) => assert_eq!(came[field], json!(expected), "{command}"),
            None => assert_eq!(json!([came]), json!(expected), "{command}"),
        }
    }
    let mut expected = printed(&dir, "stats --json").remove(0);
    let mut came = served.json("/v1/stats");
    for stats in [&mut expected, &mut came] {
        stats["age_s"] = Value::Null;
    }
    assert_eq!(came, expected);
}

#[test]
fn many_are_judged_at_once_in_their_order() {
    let dir = indexed();
    let served = Served::start(&dir, &[]);
    let sale = json!({"id": "9789999904216", "format": "epub", "cost": 1299, "protection": "watermark", "country": "FR",
        "currency": "EUR", "price_type": "04", "at": AT, "ref": "first"});
    let body = json!([sale, {"id": "nobody", "ref": 2}, {}]);
    let reply = served.sent("POST", "/v1/check", "", &body.to_string());
    assert_eq!(reply.status, 200, "{}", reply.text());
    let came: Value = serde_json::from_slice(&reply.body).unwrap();
    let verdicts = came["verdicts"].as_array().unwrap();
    let told: Vec<_> = verdicts
        .iter()
        .map(|one| (&one["ref"], &one["verdict"]))
        .collect();
    assert_eq!(
        told,
        [
            (&json!("first"), &json!("valid")),
            (&json!(2), &json!("refused")),
            (&Value::Null, &json!("refused"))
        ]
    );
    for body in [
        "{}",
        "[1]",
        r#"[{"isbn":"1"}]"#,
        "nothing",
        r#"[{}, {"uname":[]}]"#,
        r#"[{"customer_id":true}]"#,
        r#"[{"kind":"gift"}]"#,
    ] {
        let reply = served.sent("POST", "/v1/check", "", body);
        assert_eq!(reply.status, 400, "{body}: {}", reply.text());
    }
    let reply = served.sent("POST", "/v1/check", "", r#"[{}, {"uname":[]}]"#);
    let told: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(told["error"]["parameter"], "[1].uname");
    // As a batch has it: how old the record may be.
    let mut old = sale.clone();
    old["max_age"] = json!(60);
    let reply = served.sent("POST", "/v1/check", "", &json!([old]).to_string());
    let came: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(came["verdicts"][0]["missing"], json!(["fresh_record"]));
    let reply = served.sent("POST", "/v1/lookup", "", r#"{"ids":["9789999904216","x"]}"#);
    let came: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(came["products"].as_array().unwrap().len(), 2);
}

#[test]
fn what_makes_no_sense_is_told() {
    let dir = indexed();
    let served = Served::start(&dir, &[]);
    let told = |path: &str| {
        let reply = served.get(path);
        let told: Value = serde_json::from_slice(&reply.body).unwrap();
        (
            reply.status,
            told["error"]["parameter"].as_str().unwrap_or("").to_owned(),
        )
    };
    let wrong = |name: &str| (400, name.to_owned());
    assert_eq!(told("/v1/search?country=XX"), wrong("country"));
    assert_eq!(told("/v1/search?wrods=a"), wrong("wrods"));
    assert_eq!(told("/v1/search?sort=price"), wrong("currency"));
    assert_eq!(told("/v1/search?limit=5000"), wrong("limit"));
    assert_eq!(told("/v1/changes?since=soon"), wrong("since"));
    assert_eq!(told("/v1/search?price_type=99"), wrong("price_type"));
    assert_eq!(told("/v1/lookup?id=1&max_cost=999"), wrong("max_cost"));
    let offers = "/v1/products/9789999904216/offers?sellable=sale";
    assert_eq!(told(offers), wrong("sellable"));
    assert_eq!(told("/v1/lookup"), wrong("id"));
    assert_eq!(told("/v1/products/9780000000000").0, 404);
    assert_eq!(told("/v1/codes/9999").0, 404);
    assert_eq!(told("/v1/nothing").0, 404);
    let after = served.get("/v1/search?after=nonsense");
    assert_eq!(after.status, 400, "{}", after.text());
}

#[test]
fn a_known_path_says_by_which_methods_it_is_answered() {
    let dir = indexed();
    let served = Served::start(&dir, &[]);
    for (method, path, allowed) in [
        ("DELETE", "/v1/stats", "get, head"),
        ("OPTIONS", "/v1/lookup", "get, head, post"),
        ("GET", "/v1/check", "post"),
        ("HEAD", "/v1/check", "post"),
        ("POST", "/health", "get, head"),
    ] {
        let reply = served.sent(method, path, "", "");
        assert_eq!(reply.status, 405, "{method} {path}: {}", reply.text());
        let allow = format!("\r\nallow: {allowed}\r\n");
        assert!(reply.head.contains(&allow), "{}", reply.head);
    }
    assert_eq!(served.sent("DELETE", "/v1/nothing", "", "").status, 404);
}

/// The problem of a parameter that isn't known says which are.
#[test]
fn the_document_has_the_parameters_that_are_taken() {
    let dir = indexed();
    let served = Served::start(&dir, &[]);
    let document = served.json("/v1/openapi.json");
    let described = |operation: &Value| {
        let parameters = operation["parameters"].as_array().cloned();
        let parameters = parameters.unwrap_or_default().into_iter();
        let query = parameters.filter(|parameter| parameter["in"] == "query");
        let names = query.map(|parameter| parameter["name"].as_str().unwrap().to_owned());
        names.collect::<BTreeSet<String>>()
    };
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if !path.starts_with("/v1/") {
                continue;
            }
            let asked = path
                .replace("{id}", "9789999904216")
                .replace("{list}", "58");
            let asked = format!("{asked}?nonsense=1");
            let reply = served.sent(&method.to_uppercase(), &asked, "", "");
            let told: Value = serde_json::from_slice(&reply.body).unwrap();
            assert_eq!(told["error"]["parameter"], "nonsense", "{method} {path}");
            let hint = told["error"]["hint"].as_str().unwrap();
            let known: BTreeSet<String> = match hint.strip_prefix("expected one of ") {
                Some(names) => names.split(", ").map(str::to_owned).collect(),
                None => BTreeSet::new(),
            };
            assert_eq!(described(operation), known, "{method} {path}: {hint}");
        }
    }
    let mut check = described(&document["paths"]["/v1/products/{id}/check"]["get"]);
    for own in ["kind", "at", "dialect", "max_age"] {
        check.remove(own);
    }
    let platform = "/api/organisations/{organisation}/publications/{isbn}/sales/new";
    assert_eq!(described(&document["paths"][platform]["get"]), check);
}

#[test]
fn nothing_is_sent_again_that_is_known() {
    let dir = indexed();
    let served = Served::start(&dir, &[]);
    let path = format!("/v1/search?q=phare&at={AT}");
    let reply = served.get(&path);
    let tag = reply
        .head
        .lines()
        .find_map(|line| line.strip_prefix("etag: "))
        .unwrap()
        .to_uppercase();
    // The minute may have turned.
    let known = (0..3).map(|_| served.sent("GET", &path, &format!("If-None-Match: {tag}\r\n"), ""));
    let known: Vec<Reply> = known.collect();
    if served.get(&path).head.to_uppercase().contains(&tag) {
        assert_eq!((known[0].status, known[0].body.len()), (304, 0));
    }
    // What counts seconds isn't known for longer.
    for path in ["/v1/products/9789999904216/check", "/v1/stats"] {
        let reply = served.get(path);
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(reply.header("etag"), None, "{path}");
    }
    assert_eq!(reply.header("cache-control"), Some("no-cache"));
    let head = served.sent("HEAD", &path, "", "");
    assert_eq!((head.status, head.body.len()), (200, 0));
    let length = format!("content-length: {}", reply.body.len());
    assert!(head.head.contains(&length), "{}", head.head);
    // Another catalogue has another tag.
    dir.write("book.xml", util::BOOK);
    dir.onix(["index", "book.xml", "-q"]).run().exits(0);
    for _ in 0..200 {
        if served.json("/v1/stats")["generation"] == 2 {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(served.json("/v1/stats")["generation"], 2);
    let again = served.sent("GET", &path, &format!("If-None-Match: {tag}\r\n"), "");
    assert_eq!(again.status, 200);
}

#[test]
fn only_those_who_may_are_answered() {
    let dir = indexed();
    dir.write("token.txt", "a-word-of-ours\n");
    let served = Served::start(
        &dir,
        &["--token-file=token.txt", "--allow-host=books.example"],
    );
    let status = |headers: &str| served.sent("GET", "/v1/stats", headers, "").status;
    assert_eq!(status(""), 401);
    assert_eq!(status("Authorization: Bearer wrong\r\n"), 401);
    assert_eq!(status("Authorization: Basic a-word-of-ours\r\n"), 401);
    let own = "Authorization: Bearer a-word-of-ours\r\n";
    assert_eq!(status(own), 200);
    assert_eq!(status(&format!("Host: books.example\r\n{own}")), 200);
    assert_eq!(status(&format!("Host: evil.example\r\n{own}")), 421);
    assert_eq!(status("Host: evil.example\r\n"), 421);
    let post = |origin: &str| {
        let headers = format!("{own}Origin: {origin}\r\n");
        served.sent("POST", "/v1/check", &headers, "[]").status
    };
    assert_eq!(post("http://evil.example"), 403);
    assert_eq!(post(&format!("http://{}", served.address)), 200);
    // Whether it lives is told to anybody on this machine.
    assert_eq!(served.get("/health").status, 200);
    assert!(!served.get("/v1/stats").head.contains("access-control"));
}

#[test]
fn it_is_ready_while_its_catalogue_is_fresh() {
    let dir = indexed();
    let served = Served::start(&dir, &["--max-age=1h"]);
    assert_eq!(served.get("/ready").status, 200);
    let served = Served::start(&dir, &["--max-age=0s"]);
    std::thread::sleep(Duration::from_millis(1100));
    let reply = served.get("/ready");
    assert_eq!(reply.status, 503, "{}", reply.text());
    assert!(reply.text().contains("too_old"));
}

#[test]
fn others_are_served_only_with_a_token() {
    let dir = indexed();
    dir.onix(["serve", "--listen=0.0.0.0", "--port=0"])
        .run()
        .exits(2)
        .says("--token-file");
    dir.write("empty.txt", "\n");
    dir.onix(["serve", "--token-file=empty.txt", "--port=0"])
        .run()
        .exits(2)
        .says("no token");
    dir.onix(["serve", "--listen=nowhere", "--port=0"])
        .run()
        .exits(2)
        .says("no address");
    let elsewhere = Dir::new();
    elsewhere
        .onix(["serve", "--port=0"])
        .run()
        .exits(2)
        .says("there is no catalogue");
}

#[test]
fn a_large_body_is_refused() {
    let dir = indexed();
    let served = Served::start(&dir, &[]);
    let body = "x".repeat(1_100_000);
    assert_eq!(served.sent("POST", "/v1/check", "", &body).status, 413);
    assert_eq!(served.get("/health").status, 200);
}

#[test]
fn the_platforms_own_paths_are_answered_from_the_catalogue() {
    let dir = indexed();
    dir.write("token.txt", "a-word-of-ours");
    let served = Served::start(&dir, &["--token-file=token.txt"]);
    // shop:a-word-of-ours
    let own = "Authorization: Basic c2hvcDphLXdvcmQtb2Ytb3Vycw==\r\n";
    let asked = |path: &str| {
        let reply = served.sent(
            "GET",
            &format!("/api/organisations/ANY/publications/{path}"),
            own,
            "",
        );
        (reply.status, reply.text())
    };
    let terms = "format=epub&protection=watermark&country=FR&currency=EUR&price_type=04";
    let verdict = |id: &str, query: &str| {
        let verdict = served.sent("GET", &format!("/v1/products/{id}/check?{query}"), own, "");
        let verdict: Value = serde_json::from_slice(&verdict.body).unwrap();
        (
            verdict["verdict"].as_str().unwrap().to_owned(),
            verdict["codes"].clone(),
        )
    };
    // Every book of the window, at three costs: what the check says is what is answered.
    let mut seen = BTreeSet::new();
    for hit in printed(&dir, "search --limit 200 --json")[0]["hits"]
        .as_array()
        .unwrap()
    {
        let id = hit["record_reference"].as_str().unwrap();
        for cost in ["1299", "999", ""] {
            let query = format!("{terms}&cost={cost}");
            let (judged, codes) = verdict(id, &query);
            let (status, text) = asked(&format!("{id}/sales/new?{query}"));
            match judged.as_str() {
                "valid" => assert_eq!((status, text.as_str()), (200, "valid"), "{id}"),
                "refused" => {
                    let told: Value = serde_json::from_str(&text).unwrap();
                    assert_eq!((status, told), (400, codes), "{id}");
                }
                _ => assert_eq!(
                    (status, text.as_str()),
                    (503, r#"["service_unavailable"]"#),
                    "{id}"
                ),
            }
            seen.insert(judged);
        }
    }
    assert!(
        seen.contains("valid") && seen.contains("refused"),
        "{seen:?}"
    );
    // How it is locked isn't said, so that nobody can promise the sale.
    let unsaid = "9789999920216/sales/new?format=epub&protection=watermark&country=ES&currency=EUR&price_type=04&cost=699";
    let reply = served.sent(
        "GET",
        &format!("/api/organisations/ANY/publications/{unsaid}"),
        own,
        "",
    );
    assert_eq!(
        (reply.status, reply.text()),
        (503, r#"["service_unavailable"]"#.to_owned())
    );
    assert!(
        reply.head.contains("x-missing: protection"),
        "{}",
        reply.head
    );
    // No document has a code for a lock that is none.
    let no_lock = terms.replace("watermark", "drm&drm_type=foo");
    let no_lock =
        format!("9789999904216/sales/new?{no_lock}&cost=1299&customer_id=c&transaction_id=t");
    let refused = (400, r#"["invalid_protection"]"#.to_owned());
    assert_eq!(asked(&no_lock), refused);
    assert_eq!(asked("9780000000000/sales/new").0, 404);
    let (status, onix) = asked("9789999904216.onix");
    assert!(
        status == 200 && onix.contains("<RecordReference>ONYX1042-epub<"),
        "{onix}"
    );
    let (status, xml) = asked("9789999904216.xml");
    assert!(
        status == 200 && xml.contains("<publications>") && xml.contains("9789999904216"),
        "{xml}"
    );
    // The whole publication, of which each format has an identifier of its own.
    let (_, xml) = asked("9789999990813.xml");
    assert!(xml.contains("9789999990844"), "{xml}");
    let (_, onix) = asked("9789999990813.onix");
    assert_eq!(onix.matches("<Product>").count(), 1, "{onix}");
    assert_eq!(
        asked("9780000000000.onix"),
        (404, r#"["not_found"]"#.to_owned())
    );
    let posted = served.sent(
        "POST",
        "/api/organisations/ANY/publications/9789999904216/sales",
        own,
        "",
    );
    assert_eq!(posted.status, 404, "nothing is sold here");
}

#[test]
fn a_publication_whose_record_is_not_kept_is_not_called_unknown() {
    let dir = Dir::new();
    dir.write("book.xml", util::BOOK);
    dir.onix(["index", "book.xml", "--keep-records", "false", "-q"])
        .run()
        .exits(0);
    let served = Served::start(&dir, &[]);
    for suffix in ["onix", "xml"] {
        let path = "/api/organisations/ANY/publications/9782070368228";
        let reply = served.get(&format!("{path}.{suffix}"));
        let expected = (503, r#"["service_unavailable"]"#.to_owned());
        assert_eq!((reply.status, reply.text()), expected);
    }
}

#[test]
fn what_was_asked_is_counted() {
    let dir = indexed();
    let served = Served::start(&dir, &[]);
    for path in [
        "/v1/search?q=phare",
        "/v1/products/9789999904216",
        "/v1/products/nothing",
        "/no/such/t0ps3cret",
    ] {
        served.get(path);
    }
    let told = served.get("/metrics");
    assert_eq!(told.status, 200);
    for line in [
        r#"onix_http_requests_total{service="search",status="200"} 1"#,
        r#"onix_http_requests_total{service="product",status="200"} 1"#,
        r#"onix_http_requests_total{service="product",status="404"} 1"#,
        r#"onix_http_requests_total{service="none",status="404"} 1"#,
        r#"onix_http_request_seconds_count{service="product"} 2"#,
        "onix_catalogue_products 338",
    ] {
        assert!(
            told.text().contains(line),
            "{line} is missing in\n{}",
            told.text()
        );
    }
    assert!(!told.text().contains("t0ps3cret"));
}

#[test]
fn a_large_answer_is_compressed_for_those_who_take_it() {
    let dir = indexed();
    let served = Served::start(&dir, &[]);
    let path = format!("/v1/search?q=phare&limit=50&at={AT}");
    let plain = served.get(&path);
    assert!(!plain.head.contains("content-encoding"));
    for (accepted, is_compressed) in [
        ("gzip, br", true),
        ("br;q=1, GZIP;q=0.5", true),
        ("gzip;q=0", false),
        ("br", false),
    ] {
        let reply = served.sent(
            "GET",
            &path,
            &format!("Accept-Encoding: {accepted}\r\n"),
            "",
        );
        assert_eq!(
            reply.head.contains("content-encoding: gzip"),
            is_compressed,
            "{accepted}"
        );
        let mut body = Vec::new();
        match is_compressed {
            true => {
                assert!(reply.body.len() < plain.body.len() / 2);
                flate2::read::GzDecoder::new(&reply.body[..])
                    .read_to_end(&mut body)
                    .unwrap();
            }
            false => body = reply.body,
        }
        assert_eq!(body, plain.body, "{accepted}");
    }
}

/// Many who say nothing keep nobody from being served, and are cut off.
#[test]
fn silent_connections_stand_in_nobodys_way() {
    let dir = indexed();
    let served = Served::start(&dir, &[]);
    let silent: Vec<TcpStream> = (0..200)
        .map(|_| {
            let mut stream = TcpStream::connect(served.address).unwrap();
            stream.write_all(b"GET /health HT").unwrap();
            stream
        })
        .collect();
    for _ in 0..20 {
        assert_eq!(served.get("/health").status, 200);
    }
    let begun = std::time::Instant::now();
    for mut stream in silent {
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
    }
    assert!(
        begun.elapsed() < Duration::from_secs(15),
        "{:?}",
        begun.elapsed()
    );
}

/// A server that synchronises, against a platform whose books change.
#[test]
fn a_server_that_watches_has_what_the_platform_has() {
    let dir = Dir::new();
    let platform = Served::start(&dir, &["--sandbox", "--demo", "-q"]);
    let base_url = format!("http://{}", platform.address);
    dir.write(
        "onix.toml",
        format!("[account]\nbase_url = \"{base_url}\"\norganisation = \"ONYX\"\nuser = \"shop\"\npassword = \"secret\"\nallow_http = true\n"),
    );
    let served = Served::start(&dir, &["--watch=1s"]);
    let waited = |path: &str, is_there: &dyn Fn(&Value) -> bool| {
        for _ in 0..300 {
            if is_there(&served.json(path)) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        false
    };
    assert!(waited("/v1/stats", &|stats| stats["products"] == 12));
    assert!(waited("/v1/search?q=harbour", &|page| page["total"] == 1));
    // The second of the synchronisation has to be over.
    std::thread::sleep(Duration::from_millis(1100));
    let removal = "<ONIXMessage release=\"3.0\"><Product><RecordReference>SHELF2-epub</RecordReference>\
        <NotificationType>05</NotificationType></Product></ONIXMessage>";
    assert_eq!(
        platform
            .sent("POST", "/__admin/catalogue", "", removal)
            .status,
        200
    );
    assert!(waited("/v1/search?q=harbour", &|page| page["total"] == 0));
    // The platform is gone, and the catalogue is served all the same.
    drop(platform);
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(served.json("/v1/stats")["products"], 11);
}
