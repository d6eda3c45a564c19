//! The page of the catalogue, over a socket: what it says is what the command says, and it stays within this server.
#![cfg(all(feature = "cli", unix))]

#[path = "util/served.rs"]
mod served;
mod util;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::mpsc;
use std::thread;

use serde_json::Value;
use served::Served;
use util::{BOOK, Dir};

const PAGES: [&str; 6] = [
    "/",
    "/?q=kernizan&format=epub",
    "/products/9789999916318?country=FR",
    "/check",
    "/check?id=9789999916318&country=FR",
    "/changes?since=30d",
];

/// The shop window of the project.
fn indexed() -> Dir {
    let dir = Dir::new();
    let lists = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/lists");
    dir.onix(["index", lists.to_str().unwrap(), "-q"])
        .run()
        .exits(0);
    dir
}

/// The text of a page, as somebody reads it.
fn read(page: &str) -> String {
    let mut text = String::new();
    let mut is_tag = false;
    for letter in page.chars() {
        match letter {
            '<' => is_tag = true,
            '>' => is_tag = false,
            _ if !is_tag => text.push(letter),
            _ => {}
        }
    }
    text.replace('\u{a0}', " ")
}

#[test]
fn pages_come_from_this_server_alone() {
    let dir = indexed();
    let server = Served::start(&dir, &[]);
    for path in PAGES {
        let reply = server.get(path);
        assert_eq!(reply.status, 200, "{path}");
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"));
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"));
        let page = reply.text();
        assert!(page.starts_with("<!DOCTYPE html>"), "{path}");
        for attribute in ["src=\"", "href=\"", "action=\""] {
            for at in page.split(attribute).skip(1) {
                let is_here = at.starts_with(['/', '#', '?']) && !at.starts_with("//");
                assert!(is_here, "{path}: {attribute}{}", &at[..at.len().min(60)]);
            }
        }
        for forbidden in [
            " style=",
            " onclick=",
            " onload=",
            "<script>",
            "javascript:",
        ] {
            assert!(!page.contains(forbidden), "{path}: {forbidden}");
        }
        let head = server.sent("HEAD", path, "", "");
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
    }
    for part in ["page.css", "page.js", "icon.svg"] {
        assert_eq!(server.get(&format!("/page/{part}")).status, 200, "{part}");
    }
    assert_eq!(server.get("/page/secret").status, 404);
    let posted = server.sent("POST", "/check", "", "");
    assert_eq!(posted.status, 405);
    assert_eq!(posted.header("allow"), Some("get, head"));
}

#[test]
fn a_product_has_the_prices_that_the_command_has() {
    let dir = indexed();
    let server = Served::start(&dir, &[]);
    for id in ["9789999916318", "9789999930116", "9789999916219"] {
        let page = read(&server.get(&format!("/products/{id}")).text());
        let printed = dir.onix(["offers", id, "--json"]).run();
        let mut n = 0;
        for line in printed.stdout.lines() {
            let offer: Value = serde_json::from_str(line).unwrap();
            let text = |name: &str| offer[name].as_str().unwrap_or_default();
            let price = format!("{} {}", text("currency"), text("amount"));
            assert!(page.contains(&price), "{id}: no {price}");
            n += 1;
        }
        assert!(n > 0, "{id}");
        let shown = dir.onix(["show", id, "--json"]).run();
        let record: Value = serde_json::from_str(shown.stdout.lines().next().unwrap()).unwrap();
        assert!(page.contains(record["title"].as_str().unwrap()));
    }
}

#[test]
fn the_verdict_is_the_one_of_the_command() {
    let dir = indexed();
    let server = Served::start(&dir, &[]);
    let sale = "format=epub&cost=1199&currency=EUR&price_type=02&customer_id=c&transaction_id=t";
    for (rest, word) in [
        ("protection=watermark&country=FR", "Yes"),
        ("protection=acs4&country=FR", "No"),
        ("protection=watermark", "Not known"),
    ] {
        let query = format!("/v1/products/9789999916318/check?{sale}&{rest}");
        let verdict: Value = serde_json::from_slice(&server.get(&query).body).unwrap();
        let page = server.get(&format!("/check?id=9789999916318&{sale}&{rest}"));
        let page = page.text();
        assert!(
            page.contains(&format!("<h2 id=\"verdict\">{word}</h2>")),
            "{rest}: {verdict}"
        );
        let codes = verdict["codes"].as_array().unwrap();
        assert_eq!(codes.is_empty(), word != "No", "{rest}: {verdict}");
        for code in codes {
            assert!(page.contains(&format!("<code>{}</code>", code.as_str().unwrap())));
        }
    }
}

#[test]
fn a_question_is_asked_as_people_ask_it() {
    let dir = indexed();
    let server = Served::start(&dir, &[]);
    let asked = |query: &str| server.get(&format!("/check?{query}")).text();
    let says = |page: &str, word: &str| {
        let heading = format!("<h2 id=\"verdict\">{word}</h2>");
        assert!(page.contains(&heading), "{page}");
    };
    // What can only be ordered beforehand is asked about as that, with or without a form.
    let page = asked("id=9789999940115&at=2026-11-27");
    says(&page, "Yes");
    assert!(
        page.contains("<option value=\"preorder\" selected>"),
        "{page}"
    );
    let product = server.get("/products/9789999940115?at=2026-11-27").text();
    assert!(product.contains("kind=preorder"), "{product}");
    // A price with its point, and in French with its comma.
    let sale = "id=9789999916318&format=epub&protection=watermark&currency=EUR&price_type=02&customer_id=c&transaction_id=t&country=FR";
    for cost in ["1199", "11.99", "11,99"] {
        let page = asked(&format!("{sale}&cost={cost}"));
        says(&page, "Yes");
        assert!(
            read(&page).contains("EUR 11.99 · epub · watermark · France"),
            "{page}"
        );
    }
    says(&asked(&format!("{sale}&cost=11.9")), "No");
    says(&asked(&format!("{sale}&cost=1.199")), "No");
    // What refuses stands under "Because", also where there is no code for it.
    let page = read(&asked(&format!("{sale}&cost=1199&kind=sale")));
    let because = page.find("Because").expect("it says why");
    assert!(page[because..].contains("uname"), "{page}");
    // What is related to a print book has a page of its own, and so its own status.
    let print = server.get("/products/9789999916301?country=FR").text();
    assert!(!print.contains("Not known"), "{print}");
    assert!(
        print.contains("/products/9789999916318?country=FR"),
        "{print}"
    );
}

#[test]
fn a_change_shows_what_changed() {
    let dir = Dir::new();
    let prices: String = ["USD", "CAD", "CHF", "EUR"]
        .iter()
        .map(|currency| format!("<Price><PriceType>02</PriceType><PriceAmount>5.99</PriceAmount><CurrencyCode>{currency}</CurrencyCode></Price>"))
        .collect();
    let end = util::BOOK.find("</SupplyDetail>").unwrap();
    for (day, of_euro) in [("20260101", "5.99"), ("20260102", "4.49")] {
        let changed = prices.replace(
            "5.99</PriceAmount><CurrencyCode>EUR",
            &format!("{of_euro}</PriceAmount><CurrencyCode>EUR"),
        );
        let book = format!("{}{changed}{}", &util::BOOK[..end], &util::BOOK[end..]);
        dir.write("book.xml", book.replace("20260101", day));
        dir.onix(["index", "book.xml", "-q"]).run().exits(0);
    }
    let server = Served::start(&dir, &[]);
    let page = server.get("/changes?since=1d").text();
    let row = page
        .split("<tr>")
        .find(|row| row.contains("price</span>"))
        .unwrap();
    let row = read(row);
    assert!(
        row.contains("EUR 5.99") && row.contains("EUR 4.49"),
        "{row}"
    );
    assert!(!row.contains("USD"), "{row}");
}

#[test]
fn languages_say_the_same() {
    let dir = indexed();
    let server = Served::start(&dir, &[]);
    let path = "/check?id=9789999916318&format=epub&cost=1199&protection=acs4&currency=EUR&price_type=02&country=FR";
    for (tag, verdict, reason) in [
        ("en", "No", "the file is sold with watermark, not with acs4"),
        (
            "fr",
            "Non",
            "le fichier est vendu avec watermark, et non avec acs4",
        ),
        ("es", "No", "el archivo se vende con watermark, no con acs4"),
    ] {
        let asked = server.sent("GET", path, &format!("Accept-Language: {tag}\r\n"), "");
        let page = asked.text();
        assert!(page.contains(&format!("<html lang=\"{tag}\">")), "{tag}");
        assert!(page.contains(&format!("<h2 id=\"verdict\">{verdict}</h2>")));
        assert!(page.contains(reason), "{tag}");
    }
}

#[test]
fn what_cannot_be_answered_is_a_page_that_says_why() {
    let dir = indexed();
    let server = Served::start(&dir, &[]);
    let missing = server.get("/products/9780000000002");
    assert_eq!(missing.status, 404);
    assert!(read(&missing.text()).contains("Nothing is known as 9780000000002"));
    let wrong = server.get("/?country=XX");
    assert_eq!(wrong.status, 400);
    assert!(read(&wrong.text()).contains("country is `XX`"));
    assert!(
        wrong
            .header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
}

#[test]
fn a_choice_is_kept_in_a_cookie_and_leads_back() {
    let dir = indexed();
    let server = Served::start(&dir, &[]);
    let chosen = server.get("/preferences?language=fr&back=%2Fcheck%3Fid%3D1");
    assert_eq!(chosen.status, 303);
    assert_eq!(chosen.header("location"), Some("/check?id=1"));
    let cookie = chosen.header("set-cookie").unwrap();
    assert!(cookie.starts_with("onix_language=fr;") && cookie.contains("samesite=strict"));
    let page = server.sent("GET", "/", "Cookie: onix_language=fr\r\n", "");
    assert!(page.text().contains("<html lang=\"fr\">"));
    for foreign in [
        "https%3A%2F%2Fevil.example",
        "%2F%2Fevil.example",
        "%2F%5Cevil.example",
    ] {
        let back = server.get(&format!("/preferences?theme=dark&back={foreign}"));
        assert_eq!(back.header("location"), Some("/"), "{foreign}");
    }
    let unknown = server.get("/preferences?language=xx&theme=neon&name=value");
    assert_eq!(unknown.header("set-cookie"), None);
    let foreign = "Sec-Fetch-Site: same-site\r\n";
    let ordered = server.sent("GET", "/preferences?theme=dark", foreign, "");
    assert_eq!((ordered.status, ordered.header("set-cookie")), (403, None));
}

/// A host of pictures on this machine. What is asked of it is sent on.
fn pictures() -> (u16, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (asked, heard) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 2_048];
            let n = stream.read(&mut request).unwrap();
            let request = String::from_utf8_lossy(&request[..n]).into_owned();
            let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
            let (status, header, body): (&str, String, &[u8]) = match path.as_str() {
                "/cover.png" => (
                    "200 OK",
                    "Content-Type: image/png".into(),
                    b"\x89PNG\r\n\x1a\nrest",
                ),
                "/page.png" => (
                    "200 OK",
                    "Content-Type: image/png".into(),
                    b"<script>alert(1)</script>",
                ),
                "/drawing.svg" => (
                    "200 OK",
                    "Content-Type: image/svg+xml".into(),
                    b"<svg onload='alert(1)'/>",
                ),
                "/away.png" => (
                    "302 Found",
                    format!("Location: http://localhost:{port}/cover.png"),
                    b"",
                ),
                _ => ("404 Not Found", "X-Nothing: here".into(), b""),
            };
            // Before the answer, so that whoever has that knows of it.
            asked.send(path.clone()).unwrap();
            let head = format!(
                "HTTP/1.1 {status}\r\n{header}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let written = stream.write_all(head.as_bytes());
            // Who asked may have gone away.
            let _ = written.and_then(|()| stream.write_all(body));
        }
    });
    (port, heard)
}

/// A catalogue of one book whose cover is there.
fn covered(address: &str) -> Dir {
    let dir = Dir::new();
    let resource = format!(
        "</DescriptiveDetail><CollateralDetail><SupportingResource><ResourceContentType>01</ResourceContentType>\
         <ContentAudience>00</ContentAudience><ResourceMode>03</ResourceMode><ResourceVersion><ResourceForm>02</ResourceForm>\
         <ResourceLink>{address}</ResourceLink></ResourceVersion></SupportingResource></CollateralDetail>"
    );
    std::fs::write(
        dir.path().join("list.xml"),
        BOOK.replace("</DescriptiveDetail>", &resource),
    )
    .unwrap();
    dir.onix(["index", "list.xml", "-q"]).run().exits(0);
    dir
}

#[test]
fn covers_are_pictures_of_hosts_that_may_be_asked() {
    let (port, asked) = pictures();
    let cover = |path: &str, flags: &[&str]| {
        let dir = covered(&format!("http://127.0.0.1:{port}{path}"));
        let server = Served::start(&dir, flags);
        let page = server.get("/products/9782070368228").text();
        let shown = page.split("<img src=\"/covers/").nth(1);
        let place = shown.map(|rest| format!("/covers/{}", rest.split('"').next().unwrap()));
        let reply = server.get(place.as_deref().unwrap_or("/covers/House/house.1"));
        let heard: Vec<String> = asked.try_iter().collect();
        (place.is_some(), reply, heard)
    };
    let allowed = ["--cover-host=127.0.0.1"];
    let (is_shown, reply, heard) = cover("/cover.png", &allowed);
    assert_eq!((is_shown, reply.status, heard.len()), (true, 200, 1));
    assert_eq!(reply.header("content-type"), Some("image/png"));
    assert_eq!(reply.body, b"\x89PNG\r\n\x1a\nrest");
    for path in ["/page.png", "/drawing.svg", "/missing.png"] {
        let (_, reply, heard) = cover(path, &allowed);
        assert_eq!((reply.status, heard.len()), (404, 1), "{path}");
        assert!(!reply.text().contains("alert"), "{path}");
    }
    // One that leads to a host that isn't among them.
    let (_, reply, heard) = cover("/away.png", &allowed);
    assert_eq!((reply.status, heard), (404, vec!["/away.png".to_owned()]));
    for flags in [&[][..], &["--no-covers", "--cover-host=127.0.0.1"]] {
        let (is_shown, reply, heard) = cover("/cover.png", flags);
        assert_eq!((is_shown, reply.status), (false, 404), "{flags:?}");
        assert_eq!(heard, Vec::<String>::new(), "{flags:?}");
    }
}
