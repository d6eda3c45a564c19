//! Many clients at once, and a stand-in that is killed: no sale is lost, none is made twice.
//!
//! ONIX_TEST_CLIENT_SECONDS is how long 64 clients sell, ONIX_TEST_SANDBOX_KILLS how often a stand-in is killed.
#![cfg(feature = "cli")]

#[path = "sandbox_support/mod.rs"]
mod support;
mod util;

use std::collections::{HashMap, HashSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{Served, books};
use util::Dir;

/// Watermarked books of the catalogue, and what they cost.
const BOOKS: [(&str, u64); 4] = [
    ("9789999900119", 199),
    ("9789999900515", 599),
    ("9789999900713", 799),
    ("9789999900911", 999),
];

fn number(name: &str, usual: u64) -> u64 {
    let given = std::env::var(name).ok();
    given.map_or(usual, |given| given.parse().unwrap())
}

/// A connection that stays open.
struct Client {
    stream: BufReader<TcpStream>,
    address: SocketAddr,
}

impl Client {
    fn new(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self {
            stream: BufReader::new(stream),
            address,
        })
    }

    /// Status and body; an error where not all of the answer came.
    fn post(&mut self, path: &str) -> std::io::Result<(u16, String)> {
        // shop:secret
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Basic c2hvcDpzZWNyZXQ=\r\nContent-Length: 0\r\n\r\n",
            self.address
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let broken = || std::io::Error::other("the answer broke off");
        let status = line
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        let status = status.ok_or_else(broken)?;
        let mut length = 0;
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            match line.trim_end() {
                "" if line.ends_with("\r\n") => break,
                "" => return Err(broken()),
                header => {
                    let (name, value) = header.split_once(": ").ok_or_else(broken)?;
                    if name.eq_ignore_ascii_case("content-length") {
                        length = value.parse().map_err(|_| broken())?;
                    }
                }
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }
}

/// Transaction and book.
type Key = (String, String);

fn sale((transaction, isbn): &Key) -> String {
    format!(
        "/api/organisations/ONYX/publications/{isbn}/sales?format=epub&cost={}&protection=watermark&country=FR\
         &currency=EUR&price_type=04&customer_id=c-1&uname=Ana&transaction_id={transaction}",
        cost(isbn)
    )
}

fn cost(isbn: &str) -> u64 {
    let book = BOOKS.iter().find(|(known, _)| *known == isbn);
    book.unwrap().1
}

fn ready(served: &Served) {
    served.seed(json!({"now": "2026-12-01T00:00:00Z"}));
    served.catalogue(&books());
}

/// Sales that are there, by transaction and book.
fn recorded(served: &Served) -> HashMap<Key, usize> {
    let sales: Vec<Value> = serde_json::from_str(&served.get("/__admin/sales").text()).unwrap();
    let mut out = HashMap::new();
    for sale in sales {
        let text = |name: &str| sale[name].as_str().unwrap().to_owned();
        *out.entry((text("transaction_id"), text("isbn")))
            .or_default() += 1;
    }
    out
}

/// Sales that were answered with 201, as the log has them, and how many requests it has in all.
fn logged(served: &Served) -> (HashMap<Key, usize>, u64) {
    let log: Value = serde_json::from_str(&served.get("/__admin/requests").text()).unwrap();
    assert_eq!(log["forgotten"], 0, "the log is too short for this test");
    let mut out = HashMap::new();
    for line in log["requests"].as_array().unwrap() {
        if line["service"] != "sale" || line["status"] != 201 {
            continue;
        }
        let isbn = line["path"].as_str().unwrap().split('/').nth(5).unwrap();
        let transaction = line["query"]["transaction_id"].as_str().unwrap();
        *out.entry((transaction.to_owned(), isbn.to_owned()))
            .or_default() += 1;
    }
    (out, log["count"].as_u64().unwrap())
}

/// 64 clients post what others post too, and what nobody else does.
fn many_clients(args: &[&str]) {
    let dir = Dir::new();
    let mut served = Served::start(&dir, args);
    ready(&served);
    let address = served.address();
    let seconds = number("ONIX_TEST_CLIENT_SECONDS", 3);
    let end = Instant::now() + Duration::from_secs(seconds);
    let shared = AtomicU64::new(0);
    let client = |n: u64| {
        let mut client = Client::new(address).unwrap();
        let mut taken: Vec<Key> = Vec::new();
        let mut posted = 0;
        while Instant::now() < end {
            // Every other sale is one that some sixteen clients post at about the same time.
            let transaction = match posted % 2 {
                0 => format!("S-{}", shared.fetch_add(1, Ordering::Relaxed) / 16),
                _ => format!("C-{n}-{posted}"),
            };
            let key = (transaction, BOOKS[(posted / 2 % 4) as usize].0.to_owned());
            let (status, body) = client.post(&sale(&key)).unwrap();
            match (status, body.as_str()) {
                (201, "created") => taken.push(key),
                (400, r#"["duplicate"]"#) => {}
                other => panic!("{other:?}"),
            }
            posted += 1;
        }
        (taken, posted)
    };
    let came: Vec<(Vec<Key>, u64)> = thread::scope(|scope| {
        let clients: Vec<_> = (0..64).map(|n| scope.spawn(move || client(n))).collect();
        clients.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let posted: u64 = came.iter().map(|(_, posted)| posted).sum();
    let mut created: HashMap<Key, usize> = HashMap::new();
    for key in came.into_iter().flat_map(|(taken, _)| taken) {
        *created.entry(key).or_default() += 1;
    }
    println!("{posted} posted in {seconds} s, {} sold", created.len());
    assert!(
        created.values().all(|n| *n == 1),
        "one was answered twice with 201"
    );
    assert!(created.len() < posted as usize, "nothing was posted twice");
    let (lines, requests) = logged(&served);
    assert!(
        recorded(&served) == created,
        "the sales aren't those that were answered"
    );
    assert!(lines == created, "the log isn't what was answered");
    assert_eq!(requests, posted);
    if !args.is_empty() {
        served.kill();
        let served = Served::start(&dir, args);
        assert!(
            recorded(&served) == created,
            "a sale was lost when it was killed"
        );
        assert!(logged(&served) == (lines, requests));
    }
}

#[test]
fn many_clients_lose_and_double_nothing() {
    many_clients(&[]);
}

#[test]
fn many_clients_lose_and_double_nothing_with_a_state() {
    many_clients(&["--state=sandbox.sqlite"]);
}

/// What one client was told, and what it was waiting for when the stand-in was gone.
#[derive(Default)]
struct Told {
    created: HashSet<Key>,
    cancelled: HashSet<Key>,
    in_the_air: Vec<Key>,
}

/// Sells, and cancels every third sale, until nobody answers.
fn sell_until_killed(address: SocketAddr, name: &str, is_over: &AtomicBool) -> Told {
    let mut told = Told::default();
    let Ok(mut client) = Client::new(address) else {
        return told;
    };
    for n in 0.. {
        let key = (format!("{name}-{n}"), BOOKS[n % 4].0.to_owned());
        match client.post(&sale(&key)) {
            Ok((201, _)) => told.created.insert(key.clone()),
            Ok(other) => panic!("{other:?}"),
            Err(_) => {
                assert!(is_over.load(Ordering::SeqCst), "it broke off by itself");
                told.in_the_air.push(key);
                return told;
            }
        };
        if n % 3 == 0 {
            let (transaction, isbn) = &key;
            let cancel = format!(
                "/api/organisations/ONYX/publications/{isbn}/sales/cancel?customer_id=c-1&transaction_id={transaction}&amount={}",
                cost(isbn)
            );
            match client.post(&cancel) {
                Ok((200, _)) => told.cancelled.insert(key),
                Ok(other) => panic!("{other:?}"),
                Err(_) => {
                    assert!(is_over.load(Ordering::SeqCst), "it broke off by itself");
                    return told;
                }
            };
        }
    }
    told
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let dir = Dir::new();
    let args = ["--state=sandbox.sqlite"];
    let mut served = Served::start(&dir, &args);
    ready(&served);
    let mut all = Told::default();
    let kills = number("ONIX_TEST_SANDBOX_KILLS", 8);
    for kill in 0..kills {
        let address = served.address();
        let is_over = AtomicBool::new(false);
        let told: Vec<Told> = thread::scope(|scope| {
            let is_over = &is_over;
            let client = |n| {
                scope.spawn(move || sell_until_killed(address, &format!("K{kill}-{n}"), is_over))
            };
            let clients: Vec<_> = (0..8).map(client).collect();
            // Some after a few sales, some after hundreds.
            thread::sleep(Duration::from_millis(40 + kill * 37 % 300));
            is_over.store(true, Ordering::SeqCst);
            served.kill();
            clients.into_iter().map(|one| one.join().unwrap()).collect()
        });
        for one in told {
            all.created.extend(one.created);
            all.cancelled.extend(one.cancelled);
            all.in_the_air.extend(one.in_the_air);
        }
        served = Served::start(&dir, &args);
        survived(&served, &all);
    }
    println!(
        "{kills} kills, {} sales acknowledged, {} cancelled, {} in the air",
        all.created.len(),
        all.cancelled.len(),
        all.in_the_air.len()
    );
    assert!(all.created.len() > 100);
}

fn survived(served: &Served, told: &Told) {
    let sales: Vec<Value> = serde_json::from_str(&served.get("/__admin/sales").text()).unwrap();
    let mut known: HashMap<Key, bool> = HashMap::new();
    for sale in &sales {
        let text = |name: &str| sale[name].as_str().unwrap().to_owned();
        let key = (text("transaction_id"), text("isbn"));
        let before = known.insert(key, sale["state"] == "cancelled");
        assert_eq!(before, None, "{sale} is there twice");
    }
    for key in &told.created {
        assert!(
            known.contains_key(key),
            "{key:?} was acknowledged and is lost"
        );
    }
    for key in &told.cancelled {
        assert_eq!(
            known.get(key),
            Some(&true),
            "{key:?} was cancelled and isn't"
        );
    }
    let in_the_air = told
        .in_the_air
        .iter()
        .filter(|key| known.contains_key(*key))
        .count();
    assert_eq!(
        known.len(),
        told.created.len() + in_the_air,
        "there are sales that nobody made"
    );
    let (lines, _) = logged(served);
    for key in &told.created {
        assert_eq!(lines.get(key), Some(&1), "{key:?} isn't in the log once");
    }
}
