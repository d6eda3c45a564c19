//! What clients who mean harm, or are merely slow, can do to `onix serve`: over real sockets, to a real process.
#![cfg(all(feature = "cli", unix))]

#[path = "util/served.rs"]
mod served;
mod util;

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use served::{Served, asked, whole};
use util::Dir;

/// An answer of some tens of kilobytes.
const SEARCH: &str = "/v1/search?format=epub&facet=format&facet=publisher&limit=50";

/// A process may have as many sockets as these tests need.
fn allow_sockets() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::Nofile, most).unwrap();
}

fn get(address: SocketAddr, path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")
}

/// What as many clients at once find, each asking so often: how long each answer took, and how many failed.
fn good_clients(
    address: SocketAddr,
    n_clients: usize,
    n_requests: usize,
) -> (Vec<Duration>, usize) {
    let request = get(address, "/v1/search?q=phare&facet=format&limit=5");
    let client = || {
        let mut times = Vec::new();
        let mut n_failed = 0;
        for _ in 0..n_requests {
            let begun = Instant::now();
            match asked(address, request.as_bytes()) {
                Ok(reply) if reply.status == 200 => times.push(begun.elapsed()),
                _ => n_failed += 1,
            }
        }
        (times, n_failed)
    };
    let all: Vec<_> = thread::scope(|scope| {
        let clients: Vec<_> = (0..n_clients).map(|_| scope.spawn(client)).collect();
        clients
            .into_iter()
            .map(|client| client.join().unwrap())
            .collect()
    });
    let n_failed = all.iter().map(|(_, n_failed)| n_failed).sum();
    let mut times: Vec<_> = all.into_iter().flat_map(|(times, _)| times).collect();
    times.sort_unstable();
    (times, n_failed)
}

fn p99(sorted: &[Duration]) -> Duration {
    sorted[(sorted.len() * 99 / 100).min(sorted.len() - 1)]
}

#[test]
fn slow_clients_are_closed_and_nobody_waits_for_them() {
    allow_sockets();
    const SLOW: usize = 1_000;
    let dir = Dir::with_lists();
    let served = Served::start(&dir, &[]);
    let address = served.address;
    let (idle, failed) = good_clients(address, 50, 10);
    assert_eq!(failed, 0);
    // They are as long as their slowest.
    let slow = thread::spawn(move || {
        let mut open: Vec<(TcpStream, Instant)> = (0..SLOW)
            .map(|_| {
                let stream = TcpStream::connect(address).unwrap();
                stream.set_nonblocking(true).unwrap();
                (stream, Instant::now())
            })
            .collect();
        let head = b"GET / HTTP/1.1\r\nX-Slow: ";
        let mut lived = Vec::new();
        let mut n_bytes = 0;
        let begun = Instant::now();
        while !open.is_empty() && begun.elapsed() < Duration::from_secs(30) {
            let byte = [*head.get(n_bytes).unwrap_or(&b'x')];
            n_bytes += 1;
            open.retain_mut(|(stream, since)| {
                let is_closed = |kind: ErrorKind| kind != ErrorKind::WouldBlock;
                let sent = stream.write(&byte).map_err(|error| error.kind());
                let read = stream.read(&mut [0; 64]).map_err(|error| error.kind());
                let is_over = matches!(sent, Err(kind) if is_closed(kind))
                    || !matches!(read, Err(ErrorKind::WouldBlock));
                if is_over {
                    lived.push(since.elapsed());
                }
                !is_over
            });
            thread::sleep(Duration::from_millis(200));
        }
        (open.len(), lived)
    });
    thread::sleep(Duration::from_millis(500));
    let (beside, failed) = good_clients(address, 50, 10);
    let (n_open, lived) = slow.join().unwrap();
    let longest = lived.iter().max().unwrap();
    println!(
        "{SLOW} slow sockets: closed after {longest:.1?} at most; p99 of 50 good clients {:.1?}, without the others {:.1?}",
        p99(&beside),
        p99(&idle)
    );
    assert_eq!((failed, n_open), (0, 0));
    assert!(*longest < Duration::from_secs(20), "{longest:?}");
}

/// A way to send a request, and what it is to come to.
struct Attempt {
    host: &'static str,
    is_ours: bool,
    from: &'static str,
    is_foreign: bool,
    token: &'static str,
    is_authorised: bool,
}

impl Attempt {
    fn expected(&self, needs_token: bool) -> Option<u16> {
        match () {
            () if !self.is_ours => Some(421),
            () if self.is_foreign => Some(403),
            () if needs_token && !self.is_authorised => Some(401),
            () => None,
        }
    }
}

fn attempts() -> Vec<Attempt> {
    let hosts = [
        ("Host: ADDRESS\r\n", true),
        ("Host: localhost:PORT\r\n", true),
        ("Host: books.example\r\n", true),
        ("Host: evil.example\r\n", false),
        ("Host: evil.example:PORT\r\n", false),
        ("Host: 127.0.0.1.evil.example\r\n", false),
        ("Host: localhost.evil.example:PORT\r\n", false),
        ("Host: 127.0.0.1:PORT@evil.example\r\n", false),
        ("Host: ADDRESS\r\nHost: evil.example\r\n", false),
        ("Host: \r\n", false),
    ];
    let origins = [
        ("", false),
        ("Origin: http://evil.example\r\n", true),
        ("Origin: null\r\n", true),
        ("Origin: http://127.0.0.1:1\r\n", true),
        (
            "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n",
            true,
        ),
        (
            "Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: cors\r\n",
            true,
        ),
        (
            "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\n",
            false,
        ),
        (
            "Sec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\n",
            false,
        ),
    ];
    let tokens = [
        ("", false),
        ("Authorization: Bearer wrong\r\n", false),
        ("Authorization: Basic c2hvcDp3cm9uZw==\r\n", false),
        ("Authorization: Bearer a-word-of-ours\r\n", true),
    ];
    let mut all = Vec::new();
    for (host, is_ours) in hosts {
        for (from, is_foreign) in origins {
            for (token, is_authorised) in tokens {
                all.push(Attempt {
                    host,
                    is_ours,
                    from,
                    is_foreign,
                    token,
                    is_authorised,
                });
            }
        }
    }
    all
}

/// Each file of a catalogue, its size and when it was written.
fn state(folder: &Path) -> BTreeMap<String, (u64, std::time::SystemTime)> {
    let mut out = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let about = entry.metadata().unwrap();
        match about.is_dir() {
            true => out.extend(state(&entry.path())),
            false => {
                let path = entry.path().display().to_string();
                out.insert(path, (about.len(), about.modified().unwrap()));
            }
        }
    }
    out
}

#[test]
fn pages_of_others_change_nothing_and_read_nothing() {
    let dir = Dir::with_lists();
    dir.write("token.txt", "a-word-of-ours\n");
    let before = state(&dir.path().join("onix-index"));
    let title = "phare";
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    let mut n_attempts = 0;
    for needs_token in [false, true] {
        let args: &[&str] = match needs_token {
            true => &["--allow-host=books.example", "--token-file=token.txt"],
            false => &["--allow-host=books.example"],
        };
        let served = Served::start(&dir, args);
        let port = served.address.port().to_string();
        let methods = [
            ("GET", "/v1/search?q=phare"),
            ("GET", "/?q=phare"),
            ("POST", "/v1/lookup"),
            ("OPTIONS", "/v1/lookup"),
            ("DELETE", "/v1/stats"),
        ];
        for (attempt, (method, path)) in attempts()
            .iter()
            .flat_map(|attempt| methods.map(|method| (attempt, method)))
        {
            let Attempt {
                host, from, token, ..
            } = attempt;
            let host = host
                .replace("ADDRESS", &served.address.to_string())
                .replace("PORT", &port);
            let body = r#"{"ids":["9789999904216"]}"#;
            let request = format!(
                "{method} {path} HTTP/1.1\r\n{host}{from}{token}Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            let reply = served.asked(request.as_bytes()).unwrap();
            n_attempts += 1;
            assert!(
                !reply.head.contains("access-control"),
                "{request}\n{}",
                reply.head
            );
            match attempt.expected(needs_token) {
                Some(status) => {
                    assert_eq!(reply.status, status, "{request}\n{}", reply.text());
                    let text = reply.text().to_lowercase();
                    assert!(!text.contains(title) && !text.contains("9789999904216"));
                    *told.entry(status.to_string()).or_default() += 1;
                }
                None => {
                    assert!(!matches!(reply.status, 421 | 403 | 401), "{request}");
                    assert_eq!(
                        reply.header("cross-origin-resource-policy"),
                        Some("same-origin"),
                        "{}",
                        reply.head
                    );
                    *told.entry("answered".to_owned()).or_default() += 1;
                }
            }
        }
    }
    println!("{n_attempts} combinations of method and headers: {told:?}");
    assert_eq!(state(&dir.path().join("onix-index")), before);
}

#[test]
fn a_form_of_another_page_is_refused_and_a_link_is_followed() {
    let dir = Dir::with_lists();
    let served = Served::start(&dir, &[]);
    let navigated = |method: &str| {
        let request = format!(
            "{method} / HTTP/1.1\r\nHost: {}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nConnection: close\r\n\r\n",
            served.address
        );
        served.asked(request.as_bytes()).unwrap().status
    };
    assert_eq!(navigated("GET"), 200);
    assert_eq!(navigated("POST"), 403);
}

#[test]
fn nobody_elsewhere_is_served_without_a_token() {
    let dir = Dir::with_book();
    for address in ["0.0.0.0", "::", "[::]", "192.0.2.1"] {
        let listen = format!("--listen={address}");
        dir.onix(["serve", "--port=0", &listen])
            .run()
            .exits(2)
            .says("can be reached from elsewhere, and there is no token")
            .says("--token-file FILE");
    }
}

#[test]
fn large_heads_and_bodies_are_refused_and_the_refusal_arrives() {
    let dir = Dir::with_book();
    let served = Served::start(&dir, &[]);
    let host = served.address;
    let status = |request: &str| served.asked(request.as_bytes()).map(|reply| reply.status);
    for n_bytes in [66_000, 300_000] {
        let long = "x".repeat(n_bytes);
        let head = format!(
            "GET /health HTTP/1.1\r\nHost: {host}\r\nX: {long}\r\nConnection: close\r\n\r\n"
        );
        assert_eq!(status(&head).unwrap(), 431, "{n_bytes} bytes");
    }
    let many = "X: y\r\n".repeat(200);
    let head = format!("GET /health HTTP/1.1\r\nHost: {host}\r\n{many}\r\n");
    assert_eq!(status(&head).unwrap(), 431);
    let most = "x".repeat(60_000);
    let head =
        format!("GET /health HTTP/1.1\r\nHost: {host}\r\nX: {most}\r\nConnection: close\r\n\r\n");
    assert_eq!(status(&head).unwrap(), 200);
    for n_bytes in [1_048_577, 1_300_000, 5_000_000] {
        let body = "x".repeat(n_bytes);
        let request = format!(
            "POST /v1/check HTTP/1.1\r\nHost: {host}\r\nContent-Length: {n_bytes}\r\nConnection: close\r\n\r\n{body}"
        );
        assert_eq!(status(&request).unwrap(), 413, "{n_bytes} bytes");
    }
    assert_eq!(served.get("/health").status, 200);
}

#[test]
fn who_dawdles_within_a_request_or_between_two_is_closed() {
    let dir = Dir::with_book();
    let served = Served::start(&dir, &[]);
    let host = served.address;
    let closed_after = |request: String| {
        let mut stream = served.connected();
        stream.write_all(request.as_bytes()).unwrap();
        let begun = Instant::now();
        let mut out = Vec::new();
        // A reset is an end, too.
        let _ = stream.read_to_end(&mut out);
        (whole(&out).map(|reply| reply.status), begun.elapsed())
    };
    thread::scope(|scope| {
        let body = scope.spawn(|| {
            closed_after(format!(
                "POST /v1/check HTTP/1.1\r\nHost: {host}\r\nContent-Length: 100\r\n\r\n["
            ))
        });
        let idle =
            scope.spawn(|| closed_after(format!("GET /health HTTP/1.1\r\nHost: {host}\r\n\r\n")));
        let mute = scope.spawn(|| closed_after(String::new()));
        let (body, idle, mute) = (
            body.join().unwrap(),
            idle.join().unwrap(),
            mute.join().unwrap(),
        );
        println!(
            "closed: a body {body:.1?}, between requests {idle:.1?}, without a word {mute:.1?}"
        );
        assert_eq!((body.0, idle.0, mute.0), (Some(408), Some(200), None));
        for ((_, took), least) in [(body, 9), (idle, 4), (mute, 4)] {
            assert!(took > Duration::from_secs(least) && took < Duration::from_secs(25));
        }
    });
}

#[test]
fn who_takes_nothing_of_an_answer_is_closed() {
    let dir = Dir::with_lists();
    let served = Served::start(&dir, &[]);
    let stream = &mut served.connected();
    let request = format!("GET {SEARCH} HTTP/1.1\r\nHost: {}\r\n\r\n", served.address);
    stream
        .set_write_timeout(Some(Duration::from_millis(500)))
        .unwrap();
    let begun = Instant::now();
    let (mut at, mut stalled) = (0, None);
    // Requests upon requests, until the answers fill whatever is between us.
    let closed = loop {
        match stream.write(&request.as_bytes()[at..]) {
            Ok(n) => {
                at = (at + n) % request.len();
                stalled = None;
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                stalled.get_or_insert_with(Instant::now);
            }
            Err(_) => break stalled.map(|since| since.elapsed()),
        }
        assert!(begun.elapsed() < Duration::from_secs(50), "it isn't closed");
    };
    println!("closed {closed:.1?} after we couldn't send any more");
    assert_eq!(served.get("/health").status, 200);
}

#[test]
fn many_with_unfinished_bodies_keep_the_others_waiting_for_a_while_alone() {
    allow_sockets();
    let dir = Dir::with_book();
    let served = Served::start(&dir, &[]);
    let head = format!(
        "POST /v1/check HTTP/1.1\r\nHost: {}\r\nContent-Length: 100\r\n\r\n[",
        served.address
    );
    let unfinished: Vec<TcpStream> = (0..256)
        .map(|_| {
            let mut stream = served.connected();
            stream.write_all(head.as_bytes()).unwrap();
            stream
        })
        .collect();
    thread::sleep(Duration::from_millis(500));
    let begun = Instant::now();
    let reply = served.get("/health");
    println!(
        "256 unfinished bodies: {} after {:.1?}",
        reply.status,
        begun.elapsed()
    );
    assert_eq!(
        (reply.status, reply.header("retry-after")),
        (503, Some("1"))
    );
    // Once they have been closed there is room again.
    let is_free = (0..40).any(|_| {
        thread::sleep(Duration::from_millis(500));
        served.get("/health").status == 200
    });
    assert!(is_free);
    drop(unfinished);
}

#[test]
fn more_than_can_be_worked_on_at_once_is_put_off() {
    allow_sockets();
    let dir = Dir::with_lists();
    let served = Served::start(&dir, &[]);
    let address = served.address;
    let request = get(address, SEARCH);
    let replies: Vec<_> = thread::scope(|scope| {
        let clients: Vec<_> = (0..200)
            .map(|_| scope.spawn(|| asked(address, request.as_bytes()).unwrap()))
            .collect();
        clients
            .into_iter()
            .map(|client| client.join().unwrap())
            .collect()
    });
    let busy: Vec<_> = replies.iter().filter(|reply| reply.status == 503).collect();
    println!("200 searches at once: {} put off", busy.len());
    assert!(
        busy.iter()
            .all(|reply| reply.header("retry-after") == Some("1"))
    );
    assert!(
        replies
            .iter()
            .all(|reply| matches!(reply.status, 200 | 503))
    );
    assert_eq!(served.get(SEARCH).status, 200);
}

#[test]
fn whoever_is_being_answered_when_the_server_is_told_to_end_is_answered() {
    let dir = Dir::with_lists();
    let (n_whole, n_cut, n_unserved) = (
        AtomicUsize::new(0),
        AtomicUsize::new(0),
        AtomicUsize::new(0),
    );
    let mut longest = Duration::ZERO;
    for round in 0..20 {
        let mut served = Served::start(&dir, &["-q"]);
        let address = served.address;
        let is_over = AtomicBool::new(false);
        let request = get(address, SEARCH);
        thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    while !is_over.load(Ordering::Relaxed) {
                        match asked(address, request.as_bytes()) {
                            Ok(_) => n_whole.fetch_add(1, Ordering::Relaxed),
                            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                                n_cut.fetch_add(1, Ordering::Relaxed)
                            }
                            Err(error) if error.kind() == ErrorKind::ConnectionRefused => break,
                            Err(_) => n_unserved.fetch_add(1, Ordering::Relaxed),
                        };
                    }
                });
            }
            // One whose body is still to come.
            let mut late = served.connected();
            let head =
                format!("POST /v1/check HTTP/1.1\r\nHost: {address}\r\nContent-Length: 2\r\n\r\n[");
            late.write_all(head.as_bytes()).unwrap();
            thread::sleep(Duration::from_millis(100 + 7 * round));
            served.terminate();
            thread::sleep(Duration::from_millis(50));
            late.write_all(b"]").unwrap();
            let mut out = Vec::new();
            late.read_to_end(&mut out).unwrap();
            drop(late);
            assert_eq!(whole(&out).map(|reply| reply.status), Some(200));
            let (status, took) = served.ended(Duration::from_secs(12)).expect("it ends");
            is_over.store(true, Ordering::Relaxed);
            assert!(status.success(), "{status}");
            longest = longest.max(took);
        });
    }
    let [n_whole, n_cut, n_unserved] = [n_whole, n_cut, n_unserved].map(|count| count.into_inner());
    println!(
        "20 ends under load: {n_whole} answers whole, {n_cut} cut, {n_unserved} requests not taken any more; {longest:.1?} at most"
    );
    assert_eq!(n_cut, 0);
    assert!(n_whole > 0);
}

#[test]
fn told_twice_it_ends_at_once() {
    let dir = Dir::with_book();
    let mut served = Served::start(&dir, &["-q"]);
    let mut unfinished = served.connected();
    let head = format!(
        "POST /v1/check HTTP/1.1\r\nHost: {}\r\nContent-Length: 2\r\n\r\n[",
        served.address
    );
    unfinished.write_all(head.as_bytes()).unwrap();
    thread::sleep(Duration::from_millis(200));
    served.terminate();
    thread::sleep(Duration::from_millis(300));
    assert!(!served.is_over(), "somebody is still being answered");
    served.terminate();
    let (_, took) = served.ended(Duration::from_secs(5)).expect("it ends");
    println!("ended {took:.1?} after it was told again");
}

#[test]
fn secrets_are_neither_logged_nor_said_again() {
    const CANARIES: [&str; 5] = [
        "canary-token",
        "canary-wrong",
        "canary-cookie",
        "canary-query",
        "Y2FuYXJ5LWJhc2lj",
    ];
    let dir = Dir::with_lists();
    dir.write("token.txt", "canary-token\n");
    let served = Served::start(&dir, &["--token-file=token.txt"]);
    let paths = [
        "/health?token=canary-query",
        "/metrics?token=canary-query",
        "/v1/search?token=canary-query",
        "/v1/search?access_token=canary-query&q=phare",
        "/v1/products/9789999904216?password=canary-query",
        "/v1/products/9789999904216/check?uname=canary-query&customer_id=canary-query&format=epub",
        "/v1/nothing?token=canary-query",
        "/api/organisations/1/publications/9789999904216/sales/new?uname=canary-query",
    ];
    let headers = [
        "Authorization: Bearer canary-token\r\n",
        "Authorization: Bearer canary-wrong\r\n",
        "Authorization: Basic Y2FuYXJ5LWJhc2lj\r\n",
        "Proxy-Authorization: Bearer canary-token\r\nAuthorization: Bearer canary-token\r\n",
        "Authorization: Bearer canary-token\r\nCookie: session=canary-cookie\r\n",
        "Authorization: Bearer canary-token\r\nX-Api-Key: canary-wrong\r\nReferer: http://localhost/?a=canary-query\r\n",
        "Host: evil.example\r\nAuthorization: Bearer canary-token\r\n",
        "Origin: http://canary-query.example\r\nAuthorization: Bearer canary-token\r\n",
    ];
    let mut n_asked = 0;
    let mut echoed = Vec::new();
    for method in ["GET", "POST"] {
        for path in paths {
            for headers in headers {
                let host = match headers.starts_with("Host") {
                    true => String::new(),
                    false => format!("Host: {}\r\n", served.address),
                };
                let request = format!(
                    "{method} {path} HTTP/1.1\r\n{host}{headers}Connection: close\r\nContent-Length: 0\r\n\r\n"
                );
                let reply = served.asked(request.as_bytes()).unwrap();
                n_asked += 1;
                let said = format!("{}\n{}", reply.head, reply.text());
                if CANARIES.iter().any(|canary| said.contains(canary)) {
                    echoed.push(format!("{method} {path}: {said}"));
                }
            }
        }
    }
    let log = served.log();
    let lines: Vec<Value> = log
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), n_asked, "{log}");
    println!(
        "{n_asked} requests with secrets: {} said again",
        echoed.len()
    );
    for canary in CANARIES {
        assert!(!log.contains(canary), "{canary} in the log:\n{log}");
    }
    assert!(echoed.is_empty(), "{}", echoed.join("\n\n"));
}
