//! The clients against a server of bytes: answers that break anywhere, lead elsewhere, or never end.
#![cfg(all(feature = "client", feature = "index"))]

#[path = "util/raw.rs"]
mod raw;

use std::sync::Mutex;
use std::time::{Duration, Instant};

use onix_catalogue::catalogue::Catalogue;
use onix_catalogue::model::{Account, Api, CatalogueFormat, Credentials, Moment, Secret, TimeOuts};
use onix_catalogue::platform::{AsyncClient, Client};
use onix_catalogue::shop::{Calls, SyncOptions, SyncSummary, sync};
use onix_catalogue::{Error, ErrorKind, Result};
use raw::{Raw, Step, answer};

const PASSWORD: &str = "canary-password";

fn account(base_url: &str) -> Account {
    let mut account = Account::default();
    account.base_url = Some(base_url.into());
    account.organisation = Some("ONYX".into());
    account.allow_http = true;
    account.credentials = Some(Credentials::Basic {
        user: "shop".into(),
        password: Secret::new(PASSWORD),
    });
    account
}

fn synced(catalogue: &Catalogue, account: &Account, options: &SyncOptions) -> Result<SyncSummary> {
    let client = Client::new(account)?;
    let calls = Mutex::new(Calls::in_memory());
    sync(catalogue, &client, account, &calls, options, &|_| {})
}

fn impatient(api: Api) -> SyncOptions {
    let mut options = SyncOptions::default();
    options.api = Some(api);
    options.patience_s = 0;
    options.threads = 1;
    options
}

fn page(n_products: usize) -> String {
    let product = |n| {
        format!(
            "<Product><RecordReference>B{n}</RecordReference><NotificationType>03</NotificationType></Product>\n"
        )
    };
    let products: String = (1..=n_products).map(product).collect();
    format!("<?xml version=\"1.0\"?><ONIXMessage release=\"3.0\"><Header/>{products}</ONIXMessage>")
}

/// Addresses that look like the platform's, or lead to where a credential must not go.
fn hostile(own: u16, foreign: u16) -> Vec<String> {
    let path = "/api/organisations/ONYX/publications/lists/1.onix";
    vec![
        format!("http://127.0.0.1:{foreign}{path}"),
        format!("http://localhost:{foreign}{path}"),
        format!("https://127.0.0.1:{foreign}{path}"),
        format!("HTTP://127.0.0.1:{foreign}{path}"),
        format!("http://127.0.0.1:{own}@127.0.0.1:{foreign}{path}"),
        format!("http://shop:{PASSWORD}@127.0.0.1:{foreign}{path}"),
        format!("//127.0.0.1:{foreign}{path}"),
        format!("///127.0.0.1:{foreign}{path}"),
        format!("http:/\\127.0.0.1:{foreign}{path}"),
        format!("http://127.0.0.1:{own}\\@127.0.0.1:{foreign}{path}"),
        format!("http://127.0.0.1:{own}.localhost:{foreign}{path}"),
        format!("http://127.1:{foreign}{path}"),
        format!("http://127.0.0.1.:{foreign}{path}"),
        format!("http://2130706433:{foreign}{path}"),
        format!("http://[::ffff:127.0.0.1]:{foreign}{path}"),
        format!("http://0x7f.0.0.1:{foreign}{path}"),
        format!("http://xn--127-0-0-1.localhost:{foreign}{path}"),
        format!("http://LOCALHOST:{foreign}{path}"),
        "file:///etc/passwd".to_owned(),
        "ftp://127.0.0.1/lists/1".to_owned(),
        format!("http://127.0.0.1:{own}/api/organisations/OTHER/publications/lists/1.onix"),
        format!("http://127.0.0.1:{own}/api/organisations/ONYX/publications/lists/../../../../x"),
        format!("http://127.0.0.1:{own}/api/organisations/ONYX/publications/lists/%2e%2e/x"),
        format!("http://127.0.0.1:{own}/login?to=/api/organisations/ONYX/publications/lists/1"),
        format!("http://127.0.0.1:{own}{path}#@127.0.0.1:{foreign}"),
        "javascript:alert(1)".to_owned(),
        "lists/1.onix".to_owned(),
    ]
}

/// Of each hostile address, in a vector of lists and in a `Link`: nothing is sent anywhere, and the run ends with
/// nothing remembered.
#[test]
fn credentials_go_to_the_platform_alone() {
    let foreign = Raw::sending(answer(200, "", &page(1)));
    let n_addresses = hostile(1, 1).len();
    assert!(n_addresses >= 20);
    for at in 0..n_addresses {
        let port = foreign.port;
        // Its own port is known only once it listens.
        let platform = Raw::start(move |head, _| {
            let own = head.split("127.0.0.1:").nth(1).unwrap();
            let own = own.split("\r\n").next().unwrap().parse().unwrap();
            let address = hostile(own, port).swap_remove(at);
            vec![Step::Send(match head.starts_with("POST") {
                true => answer(201, "", &serde_json::json!([address]).to_string()),
                false => answer(200, &format!("Link: <{address}>; rel=next\r\n"), &page(1)),
            })]
        });
        let address = hostile(platform.port, port).swap_remove(at);
        let account = account(&platform.url());
        for api in [Api::Lists, Api::Feed] {
            let catalogue = Catalogue::in_memory().unwrap();
            let error = synced(&catalogue, &account, &impatient(api)).unwrap_err();
            assert!(
                matches!(error.kind(), ErrorKind::Address { .. }),
                "{address}: {error:#}"
            );
            assert!(!format!("{error:#}").contains(PASSWORD), "{error:#}");
            let cursor = catalogue.cursor("ONYX").unwrap_or_default();
            assert!(!cursor.contains("since"), "{address}: {cursor}");
        }
        assert_eq!(platform.heads().len(), 2, "{address}");
    }
    assert_eq!(foreign.heads().len(), 0);
}

/// Five redirects, to four places: none is followed by any service.
#[test]
fn redirects_are_never_followed() {
    let foreign = Raw::sending(answer(200, "", "[]"));
    let mut n = 0;
    for status in [301, 302, 303, 307, 308] {
        for to in ["same", "port", "host", "scheme"] {
            let port = foreign.port;
            let platform = Raw::start(move |head, _| {
                let own = head.split("127.0.0.1:").nth(1).unwrap();
                let own = own.split("\r\n").next().unwrap();
                let to = match to {
                    "same" => format!("http://127.0.0.1:{own}/login"),
                    "port" => format!("http://127.0.0.1:{port}/login"),
                    "host" => format!("http://localhost:{port}/login"),
                    _ => format!("https://127.0.0.1:{port}/login"),
                };
                vec![Step::Send(answer(
                    status,
                    &format!("Location: {to}\r\n"),
                    "",
                ))]
            });
            let client = Client::new(&account(&platform.url())).unwrap();
            let moment = Moment::from_unix(1_700_000_000);
            let onix = CatalogueFormat::Onix;
            let next = format!(
                "{}/api/organisations/ONYX/publications/full?start=2",
                platform.url()
            );
            let list = format!(
                "{}/api/organisations/ONYX/publications/lists/1.onix",
                platform.url()
            );
            let errors: Vec<Error> = vec![
                client.full(onix).unwrap_err(),
                client.delta(onix, moment).unwrap_err(),
                client.next(&next).unwrap_err(),
                client.lists(onix, moment).unwrap_err(),
                client.list(&list).unwrap_err(),
                client.one("9789999900010", onix).unwrap_err(),
                client.toc("9789999900010").unwrap_err(),
                client.publishers().unwrap_err(),
            ];
            for error in &errors {
                let ErrorKind::Answer { status: found, .. } = error.kind() else {
                    panic!("{error:#}");
                };
                assert_eq!(*found, status);
                assert!(error.to_string().contains("redirect"), "{error}");
            }
            assert_eq!(platform.heads().len(), errors.len(), "{status} to {to}");
            n += errors.len();
        }
    }
    assert_eq!(foreign.heads().len(), 0);
    assert_eq!(n, 160);
}

/// An answer cut at each of its bytes, with its length stated, in chunks, and up to the end of the connection: never
/// taken for a whole one.
#[test]
fn an_answer_cut_at_any_byte_is_no_answer() {
    let body = page(2);
    let stated = answer(200, "", &body);
    let chunked = format!(
        "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{:x}\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n",
        100,
        &body[..100],
        body.len() - 100,
        &body[100..]
    )
    .into_bytes();
    let unstated = format!("HTTP/1.1 200 X\r\nConnection: close\r\n\r\n{body}").into_bytes();
    for (name, whole, is_framed) in [
        ("stated", stated, true),
        ("chunked", chunked, true),
        ("unstated", unstated, false),
    ] {
        let length = whole.len();
        let platform = Raw::start(move |_, n| vec![Step::Send(whole[..n].to_vec())]);
        let client = Client::new(&account(&platform.url())).unwrap();
        let mut n_pages = 0;
        for cut in 0..length {
            let answered = client.full(CatalogueFormat::Onix);
            match answered {
                Err(error) => assert!(
                    matches!(error.kind(), ErrorKind::Unanswered { .. }),
                    "{name} cut at {cut}: {error:#}"
                ),
                Ok(_) if is_framed => {
                    // Behind the last chunk nothing of it is missing.
                    assert!(length - cut <= 2, "{name} cut at {cut} was taken");
                }
                Ok(_) => n_pages += 1,
            }
        }
        // Where nothing says how long it is, the client can't tell; whoever reads the page can.
        assert_eq!(n_pages > 0, !is_framed, "{name}");
    }
}

/// The same with the catalogue behind it: only whole pages count, and a product that came is the one that was sent.
#[test]
fn a_page_without_a_length_counts_only_whole() {
    let body = page(3);
    let steps: Vec<usize> = (0..body.len()).step_by(7).chain([body.len() - 1]).collect();
    let sent = body.clone();
    let cuts = steps.clone();
    let platform = Raw::start(move |_, n| {
        let head = "HTTP/1.1 200 X\r\nConnection: close\r\n\r\n";
        vec![Step::Send(
            format!("{head}{}", &sent[..cuts[n]]).into_bytes(),
        )]
    });
    let account = account(&platform.url());
    for cut in steps {
        let catalogue = Catalogue::in_memory().unwrap();
        let error = synced(&catalogue, &account, &impatient(Api::Feed)).unwrap_err();
        let kind = error.kind();
        let is_told = matches!(
            kind,
            ErrorKind::Truncated | ErrorKind::Empty | ErrorKind::NotOnix { .. }
        );
        assert!(is_told, "cut at {cut}: {error:#}");
        let cursor = catalogue.cursor("ONYX").unwrap_or_default();
        assert!(!cursor.contains("since"), "cut at {cut}: {cursor}");
    }
}

/// A platform that says nothing, a byte a second, or headers without end: each call ends with its time.
#[test]
fn every_call_ends_in_time() {
    let second = Duration::from_secs(1);
    let drip = |bytes: &str| -> Vec<Step> {
        let bytes = bytes.as_bytes().iter();
        bytes
            .flat_map(|byte| {
                [
                    Step::Send(vec![*byte]),
                    Step::Wait(Duration::from_millis(200)),
                ]
            })
            .collect()
    };
    type Behaviour = Box<dyn Fn() -> Vec<Step> + Send + Sync>;
    let behaviours: [(&str, Behaviour); 5] = [
        ("mute", Box::new(move || vec![Step::Wait(10 * second)])),
        (
            "mute in the middle",
            Box::new(move || {
                vec![
                    Step::Send(b"HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\n<ONIX".to_vec()),
                    Step::Wait(10 * second),
                ]
            }),
        ),
        (
            "dripping headers",
            Box::new(move || drip(&format!("HTTP/1.1 200 X\r\nX: {}", "y".repeat(100)))),
        ),
        (
            "dripping body",
            Box::new(move || {
                let mut steps = vec![Step::Send(
                    b"HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\n".to_vec(),
                )];
                steps.extend(drip(&"z".repeat(100)));
                steps
            }),
        ),
        (
            "headers without end",
            Box::new(move || {
                let mut steps = vec![Step::Send(b"HTTP/1.1 200 X\r\n".to_vec())];
                for n in 0..100 {
                    steps.push(Step::Send(format!("X-{n}: y\r\n").into_bytes()));
                    steps.push(Step::Wait(Duration::from_millis(100)));
                }
                steps
            }),
        ),
    ];
    std::thread::scope(|scope| {
        for (name, steps) in behaviours {
            scope.spawn(move || {
                let platform = Raw::start(move |_, _| steps());
                let mut account = account(&platform.url());
                account.time_outs = TimeOuts {
                    connect_s: 1,
                    read_s: 1,
                    total_s: 3,
                };
                let client = Client::new(&account).unwrap();
                let started = Instant::now();
                let error = client.full(CatalogueFormat::Onix).unwrap_err();
                let took = started.elapsed();
                assert!(
                    matches!(error.kind(), ErrorKind::Unanswered { .. }),
                    "{name}: {error:#}"
                );
                assert!(took < Duration::from_secs(4), "{name} took {took:?}");
            });
        }
    });
    // Nobody listens there.
    let closed = Raw::sending("").url();
    let error = Client::new(&account(&closed)).unwrap();
    let error = error.publishers().unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Unanswered { .. }),
        "{error:#}"
    );
}

/// What sells: no redirect is followed, no request is made twice, whatever comes, and each ends in its time.
#[cfg(feature = "ledger")]
#[test]
fn what_sells_is_sent_once_and_to_the_platform_alone() {
    use onix_catalogue::ledger::{Ledger, Outcome, Terms};
    let terms = |n: usize| {
        Terms::sale("a", "ONYX", "9789999900010", "epub")
            .with("transaction_id", format!("t{n}"))
            .with("customer_id", "c1")
            .with("cost", "999")
            .with("uname", "canary-name")
            .with("credit_card_prefix", "4970")
    };
    let foreign = Raw::sending(answer(200, "", "created"));
    let ledger = Ledger::in_memory().unwrap();
    let (at, mut n) = (Moment::from_unix(0), 0);
    for status in [301, 302, 303, 307, 308] {
        for host in ["127.0.0.1", "localhost"] {
            let to = format!(
                "Location: http://{host}:{}/?uname=canary-name\r\n",
                foreign.port
            );
            let platform = Raw::sending(answer(status, &to, ""));
            let client = Client::new(&account(&platform.url())).unwrap();
            n += 1;
            let sale = terms(n);
            let intent = ledger.intend(&sale, false, at).unwrap();
            let posted = client.post(intent);
            assert!(
                matches!(posted.outcome, Outcome::Unknown(_)),
                "{status}: {:?}",
                posted.outcome
            );
            let errors: Vec<Error> = vec![
                client.simulate(&sale).unwrap_err(),
                client.cancel(&sale, "999", Some("why")).unwrap_err(),
                client.download_link(&sale).unwrap_err(),
                client.status(&sale).unwrap_err(),
            ];
            for error in errors {
                let told = format!("{error:#}");
                assert!(!told.contains("canary") && !told.contains("4970"), "{told}");
            }
            assert_eq!(platform.heads().len(), 5, "{status}: each is sent once");
        }
    }
    assert_eq!(foreign.heads().len(), 0);
    // Silence, and half an answer.
    for steps in [
        vec![Step::Wait(Duration::from_secs(10))],
        vec![
            Step::Send(b"HTTP/1.1 201 X\r\nContent-Length: 7\r\n\r\ncre".to_vec()),
            Step::Wait(Duration::from_secs(10)),
        ],
        Vec::new(),
    ] {
        let steps = Mutex::new(Some(steps));
        let platform = Raw::start(move |_, _| steps.lock().unwrap().take().unwrap_or_default());
        let mut account = account(&platform.url());
        account.time_outs = TimeOuts {
            connect_s: 1,
            read_s: 1,
            total_s: 2,
        };
        let client = Client::new(&account).unwrap();
        n += 1;
        let intent = ledger.intend(&terms(n), false, at).unwrap();
        let started = Instant::now();
        let posted = client.post(intent);
        assert!(
            matches!(posted.outcome, Outcome::Unknown(_)),
            "{:?}",
            posted.outcome
        );
        assert!(started.elapsed() < Duration::from_secs(3));
        std::thread::sleep(Duration::from_millis(200));
        assert_eq!(platform.heads().len(), 1, "it is sent once");
    }
    // Where nobody listens nothing was sent.
    let closed = Raw::sending("").url();
    let client = Client::new(&account(&closed)).unwrap();
    let posted = client.post(ledger.intend(&terms(99), false, at).unwrap());
    assert_eq!(
        posted.outcome,
        Outcome::Refused(vec!["unreached".to_owned()])
    );
}

/// Words count before the status, and a server in trouble says nothing by them.
#[test]
fn words_count_before_the_status() {
    for (status, body, is_end, codes) in [
        (404, "[\"not_found\"]", true, "not_found"),
        (404, "", true, ""),
        (404, "<html>No such page</html>", true, ""),
        (400, "not_found", true, "not_found"),
        (401, "[\"not_found\"]", true, "not_found"),
        (404, "[\"access_denied\"]", false, "access_denied"),
        (404, "too_many_results", false, "too_many_results"),
        (500, "<html>not_found</html>", false, "not_found"),
        (503, "", false, ""),
        (400, "a_word_of_tomorrow", false, "a_word_of_tomorrow"),
    ] {
        let platform = Raw::sending(answer(status, "", body));
        let client = Client::new(&account(&platform.url())).unwrap();
        let answered = client.delta(CatalogueFormat::Onix, Moment::from_unix(0));
        match answered {
            Ok(answer) => assert!(is_end && answer.value.is_none(), "{status} {body}"),
            Err(error) => {
                assert!(!is_end, "{status} {body}: {error}");
                let ErrorKind::Answer { codes: found, .. } = error.kind() else {
                    panic!("{error:#}");
                };
                assert_eq!(found.join(" "), codes);
            }
        }
    }
}

/// Pages that name each other would come for ever.
#[test]
fn pages_in_a_circle_end() {
    let platform = Raw::start(|head, _| {
        let own = head.split("127.0.0.1:").nth(1).unwrap();
        let own = own.split("\r\n").next().unwrap();
        let link = format!(
            "Link: <http://127.0.0.1:{own}/api/organisations/ONYX/publications/full?start=2>; rel=next\r\n"
        );
        vec![Step::Send(answer(200, &link, &page(1)))]
    });
    let catalogue = Catalogue::in_memory().unwrap();
    let error = synced(&catalogue, &account(&platform.url()), &impatient(Api::Feed)).unwrap_err();
    assert!(error.to_string().contains("already"), "{error}");
    assert!(platform.heads().len() <= 3);
}

/// A platform of pages that may be told to have others.
fn pages(
    of: impl Fn(usize) -> String + Send + Sync + 'static,
    n: std::sync::Arc<std::sync::atomic::AtomicUsize>,
) -> Raw {
    Raw::start(move |head, _| {
        let own = head.split("127.0.0.1:").nth(1).unwrap();
        let own = own.split("\r\n").next().unwrap();
        let path =
            format!("http://127.0.0.1:{own}/api/organisations/ONYX/publications/full?start=2");
        vec![Step::Send(match head.contains("start=2") {
            true => answer(404, "", "[\"not_found\"]"),
            false => {
                let n = n.load(std::sync::atomic::Ordering::Relaxed);
                answer(200, &format!("Link: <{path}>; rel=next\r\n"), &of(n))
            }
        })]
    })
}

/// A platform that suddenly has almost nothing is more likely to be ill, however much others have sent.
#[test]
fn half_of_a_source_is_not_removed_without_a_word() {
    let n = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(1_200));
    let platform = pages(page, std::sync::Arc::clone(&n));
    let account = account(&platform.url());
    let catalogue = Catalogue::in_memory().unwrap();
    let house = page(3_000).replace("<RecordReference>B", "<RecordReference>house.");
    let records = onix_catalogue::onix::Reader::new(house.as_bytes()).into_records();
    catalogue.ingest("house", records).unwrap();
    let mut options = impatient(Api::Feed);
    options.full = true;
    let first = synced(&catalogue, &account, &options).unwrap();
    assert_eq!(first.ingested.added, 1_200);
    n.store(1, std::sync::atomic::Ordering::Relaxed);
    let second = synced(&catalogue, &account, &options).unwrap().ingested;
    assert_eq!(
        (second.removed, second.unseen, second.in_catalogue),
        (0, 1_199, 4_200)
    );
    options.accept_removals = true;
    let third = synced(&catalogue, &account, &options).unwrap().ingested;
    assert_eq!((third.removed, third.in_catalogue), (1_199, 3_001));
}

/// A publication that can't be read is set aside, and its products stay.
#[test]
fn what_is_set_aside_is_not_missing() {
    let n = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let of = |n: usize| {
        let damage = if n == 0 { "" } else { "<unclosed>" };
        let publication = |id: &str, damage: &str| {
            let format = |nature: &str| format!("<format><nature>{nature}</nature></format>");
            format!(
                "<publication><id>{id}</id>{damage}<formats>{}{}</formats></publication>",
                format("epub"),
                format("pdf")
            )
        };
        format!(
            "<publications>{}{}</publications>",
            publication("LIBR1", damage),
            publication("LIBR2", "")
        )
    };
    let platform = pages(of, std::sync::Arc::clone(&n));
    let account = account(&platform.url());
    let catalogue = Catalogue::in_memory().unwrap();
    let mut options = impatient(Api::Feed);
    options.full = true;
    options.format = Some(CatalogueFormat::Xml);
    assert_eq!(
        synced(&catalogue, &account, &options)
            .unwrap()
            .ingested
            .added,
        4
    );
    n.store(1, std::sync::atomic::Ordering::Relaxed);
    let second = synced(&catalogue, &account, &options).unwrap().ingested;
    assert_eq!(
        (second.rejected, second.removed, second.in_catalogue),
        (1, 0, 4)
    );
}

/// Pages that name no next one, and an address that has grown old, aren't taken for the end of everything.
#[test]
fn an_end_that_is_none() {
    // A full page without a `Link`: a header has got lost.
    let platform = Raw::sending(answer(200, "", &page(50)));
    let catalogue = Catalogue::in_memory().unwrap();
    let error = synced(&catalogue, &account(&platform.url()), &impatient(Api::Feed)).unwrap_err();
    assert!(error.to_string().contains("names no next one"), "{error}");
    assert!(
        !catalogue
            .cursor("ONYX")
            .unwrap_or_default()
            .contains("since")
    );
    // A short one ends the run, and nothing is missing for it.
    let platform = Raw::sending(answer(200, "", &page(3)));
    let catalogue = Catalogue::in_memory().unwrap();
    let others = page(5).replace("<RecordReference>B", "<RecordReference>C");
    let records = onix_catalogue::onix::Reader::new(others.as_bytes()).into_records();
    catalogue.ingest("ONYX", records).unwrap();
    let ended = synced(&catalogue, &account(&platform.url()), &impatient(Api::Feed)).unwrap();
    assert_eq!(
        (
            ended.complete,
            ended.ingested.removed,
            ended.ingested.in_catalogue
        ),
        (true, 0, 8)
    );
    // Where an earlier run would go on there is nothing: it begins anew.
    let n = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(3));
    let platform = pages(page, n);
    let catalogue = Catalogue::in_memory().unwrap();
    let mut options = impatient(Api::Feed);
    options.max_calls = Some(1);
    let first = synced(&catalogue, &account(&platform.url()), &options).unwrap();
    assert!(!first.complete);
    options.max_calls = None;
    let second = synced(&catalogue, &account(&platform.url()), &options).unwrap();
    assert!(second.complete);
    let full = platform
        .heads()
        .iter()
        .filter(|head| head.contains("full.onix"))
        .count();
    assert_eq!(full, 2);
}

/// What is sent: the method, the parameters as the platform names them, and who asks.
#[test]
fn requests_as_the_platform_names_them() {
    let platform = Raw::start(|head, _| {
        let is_page = ["/full", "/delta", "/publications/999%20"]
            .iter()
            .any(|part| head.contains(part));
        let body = match is_page {
            true => page(1),
            false if head.contains("publishers") => "{}".to_owned(),
            false => "[]".to_owned(),
        };
        vec![Step::Send(answer(200, "", &body))]
    });
    let moment = Moment::parse(
        "2026-11-01T12:00:00+01:00",
        &onix_catalogue::model::Zone::default(),
    );
    let moment = moment.unwrap();
    let mut account = account(&platform.url());
    account.organisation = Some("libreria lectura/1".into());
    let client = Client::new(&account).unwrap();
    client.full(CatalogueFormat::Onix).unwrap();
    client.delta(CatalogueFormat::Xml, moment).unwrap();
    client.lists(CatalogueFormat::Onix, moment).unwrap();
    client.one("999 0000/1", CatalogueFormat::Xml).unwrap();
    client.publishers().unwrap();
    account.credentials = Some(Credentials::Bearer(Secret::new("canary-token")));
    // The same without blocking.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let client = AsyncClient::new(&account).unwrap();
        client.toc("9789999900010").await.unwrap();
    });
    let heads = platform.heads();
    let lines: Vec<&str> = heads
        .iter()
        .map(|head| head.lines().next().unwrap())
        .collect();
    let organisation = "/api/organisations/libreria%20lectura%2F1";
    assert_eq!(
        lines,
        [
            format!("GET {organisation}/publications/full.onix HTTP/1.1"),
            format!("GET {organisation}/publications/delta.xml?from=20261101T110000Z HTTP/1.1"),
            format!(
                "POST {organisation}/publications/lists?reset_at=20261101T110000Z&format=onix HTTP/1.1"
            ),
            format!("GET {organisation}/publications/999%200000%2F1.xml HTTP/1.1"),
            format!("GET {organisation}/publishers.json HTTP/1.1"),
            "GET /api/publications/9789999900010/toc.js HTTP/1.1".to_owned(),
        ]
    );
    let basic = "authorization: Basic c2hvcDpjYW5hcnktcGFzc3dvcmQ=";
    assert!(
        heads[..5].iter().all(|head| head.contains(basic)),
        "{heads:?}"
    );
    assert!(heads[5].contains("authorization: Bearer canary-token"));
    assert!(matches!(
        client.one("..", CatalogueFormat::Onix).unwrap_err().kind(),
        ErrorKind::Invalid { .. }
    ));
}
