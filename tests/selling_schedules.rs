//! Sales against a platform that dies at every point, by shops that are killed at any: never two for one decision, none lost,
//! none taken for refused that was recorded.
//!
//! ONIX_TEST_SCHEDULES says how many; every tenth kills a real process.
#![cfg(feature = "cli")]

#[path = "util/raw.rs"]
mod raw;
mod util;

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use onix_catalogue::catalogue::Catalogue;
use onix_catalogue::ledger::{Find, Ledger, State};
use onix_catalogue::model::{Account, Credentials, Kind, Moment, SaleRequest, Secret, TimeOuts};
use onix_catalogue::platform::Client;
use onix_catalogue::shop::{Resolve, Shop, Sold};
use raw::{Raw, Step, answer};
use util::Dir;

/// How the platform behaves with a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Platform {
    /// It closes before it has looked at anything.
    Closed,
    /// It refuses by this status and word.
    Refuses(u16, &'static str),
    /// It is in trouble before it has recorded anything.
    Trouble(u16),
    /// It records, and sends so much of its answer.
    Records(usize),
    /// It records, and answers as if it hadn't.
    RecordsAndFails(u16),
    /// It records, and sends somebody elsewhere.
    Redirects,
    /// It records, and says nothing in time.
    Mute,
    /// It has recorded it before, so it says.
    Duplicate(u16),
}

const BEHAVIOURS: [Platform; 24] = [
    Platform::Closed,
    Platform::Refuses(400, "[\"cannot_sell\"]"),
    Platform::Refuses(401, "[\"access_denied\"]"),
    Platform::Refuses(404, ""),
    Platform::Refuses(400, "invalid_cost"),
    Platform::Trouble(500),
    Platform::Trouble(502),
    Platform::Trouble(503),
    Platform::Trouble(429),
    Platform::Records(0),
    Platform::Records(1),
    Platform::Records(9),
    Platform::Records(20),
    Platform::Records(40),
    Platform::Records(70),
    Platform::Records(usize::MAX),
    Platform::Records(usize::MAX),
    Platform::RecordsAndFails(200),
    Platform::RecordsAndFails(500),
    Platform::RecordsAndFails(503),
    Platform::Redirects,
    Platform::Mute,
    Platform::Duplicate(400),
    Platform::Duplicate(401),
];

/// What the platform has, by transaction: how many sales.
type Recorded = Arc<Mutex<BTreeMap<String, u64>>>;

fn parameter<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let query = head.lines().next()?.split(' ').nth(1)?.split_once('?')?.1;
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

fn transaction_of_path(head: &str) -> Option<&str> {
    let path = head.lines().next()?.split(' ').nth(1)?;
    path.split("/transactions/").nth(1)?.split('/').next()
}

/// A platform that behaves with each transaction as it is told to, and answers truly about what it has.
fn platform(plan: Arc<Mutex<BTreeMap<String, Platform>>>, recorded: Recorded) -> Raw {
    Raw::start(move |head, _| {
        if head.starts_with("GET") {
            let transaction = transaction_of_path(head).unwrap_or_default();
            let has = recorded.lock().unwrap().contains_key(transaction);
            return vec![Step::Send(match has {
                true => answer(
                    200,
                    "",
                    "<status><fulfillment>incomplete</fulfillment><refundable>true</refundable></status>",
                ),
                false => answer(404, "", ""),
            })];
        }
        let transaction = parameter(head, "transaction_id")
            .unwrap_or_default()
            .to_owned();
        let behaviour = plan
            .lock()
            .unwrap()
            .get(&transaction)
            .copied()
            .unwrap_or(Platform::Closed);
        let record = || {
            *recorded
                .lock()
                .unwrap()
                .entry(transaction.clone())
                .or_insert(0) += 1;
        };
        let created = answer(201, "Content-Type: text/plain\r\n", "created");
        match behaviour {
            Platform::Closed => Vec::new(),
            Platform::Refuses(status, body) => vec![Step::Send(answer(status, "", body))],
            Platform::Trouble(status) => vec![Step::Send(answer(status, "", ""))],
            Platform::Records(n) => {
                record();
                let n = n.min(created.len());
                vec![Step::Send(created[..n].to_vec())]
            }
            Platform::RecordsAndFails(status) => {
                record();
                vec![Step::Send(answer(status, "", "created"))]
            }
            Platform::Redirects => {
                record();
                vec![Step::Send(answer(
                    302,
                    "Location: http://127.0.0.1/login\r\n",
                    "",
                ))]
            }
            Platform::Mute => {
                record();
                vec![Step::Wait(Duration::from_millis(2_500))]
            }
            Platform::Duplicate(status) => {
                recorded
                    .lock()
                    .unwrap()
                    .entry(transaction.clone())
                    .or_insert(1);
                vec![Step::Send(answer(status, "", "[\"duplicate\"]"))]
            }
        }
    })
}

struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

fn account(base_url: &str) -> Account {
    let mut account = Account::default();
    account.base_url = Some(base_url.into());
    account.organisation = Some("ONYX".into());
    account.allow_http = true;
    account.time_outs = TimeOuts {
        connect_s: 1,
        read_s: 1,
        total_s: 2,
    };
    account.credentials = Some(Credentials::Bearer(Secret::new("token")));
    account
}

fn sale(transaction: &str) -> SaleRequest {
    SaleRequest::new(
        Kind::Sale,
        "9782070368228",
        Moment::from_unix(1_796_000_000),
    )
    .with("format", "epub")
    .with("protection", "watermark")
    .with("cost", "999")
    .with("currency", "EUR")
    .with("country", "FR")
    .with("price_type", "04")
    .with("customer_id", "c1")
    .with("transaction_id", transaction)
    .with("uname", "Ana Sel")
    .with("sale_state", "test")
}

#[derive(Default)]
struct Counts {
    killed: AtomicU64,
    settled: AtomicU64,
    unknown: AtomicU64,
}

/// A hundred schedules with one ledger.
fn schedules(seed: u64, n: u64, counts: &Counts) {
    let plan: Arc<Mutex<BTreeMap<String, Platform>>> = Arc::default();
    let recorded: Recorded = Arc::default();
    let platform = platform(Arc::clone(&plan), Arc::clone(&recorded));
    let dir = Dir::with_book();
    let path = dir.path().join("onix-ledger.sqlite");
    let toml = format!(
        "[account]\nbase_url = \"{}\"\norganisation = \"ONYX\"\nallow_http = true\nread_timeout = \"1s\"\ntotal_timeout = \"2s\"\n",
        platform.url()
    );
    dir.write("onix.toml", toml);
    let account = account(&platform.url());
    let open = || {
        let client = Client::new(&account).unwrap();
        let catalogue = Catalogue::open(dir.path().join("onix-index")).unwrap();
        Shop::new(
            catalogue,
            Ledger::open(&path).unwrap(),
            client,
            account.clone(),
        )
    };
    let mut dice = Dice(seed);
    let mut intended = BTreeSet::new();
    let shop = open();
    for at in 0..n {
        let transaction = format!("t{seed}-{at}");
        let mut behaviour = BEHAVIOURS[dice.below(BEHAVIOURS.len() as u64) as usize];
        // Each takes a second or two.
        if behaviour == Platform::Mute && dice.below(8) > 0 {
            behaviour = Platform::Records(usize::MAX);
        }
        plan.lock().unwrap().insert(transaction.clone(), behaviour);
        let is_process = at % 10 == 9;
        if is_process {
            let mut child = Command::new(env!("CARGO_BIN_EXE_onix"))
                .args([
                    "sell",
                    "9782070368228",
                    "--format=epub",
                    "--protection=watermark",
                    "--cost=999",
                    "--currency=EUR",
                ])
                .args([
                    "--country=FR",
                    "--price-type=04",
                    "--customer-id=c1",
                    "-q",
                    "--force",
                ])
                .arg(format!("--transaction-id={transaction}"))
                .current_dir(dir.path())
                .env("ONIX_ACCOUNT_TOKEN", "token")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(Duration::from_millis(dice.below(120)));
            if child.try_wait().unwrap().is_none() {
                counts.killed.fetch_add(1, Ordering::Relaxed);
            }
            let _ = child.kill();
            child.wait().unwrap();
        } else {
            intended.insert(transaction.clone());
            match shop
                .sell(&sale(&transaction), true, Moment::from_unix(1_796_000_000))
                .unwrap()
            {
                Sold::Posted(decision) => assert_ne!(decision.state, State::Open),
                Sold::NotSent(verdict) => panic!("{verdict:?}"),
            }
        }
        // Nobody posts it again because of that.
        if dice.below(3) == 0 {
            let again = shop.sell(&sale(&transaction), true, Moment::from_unix(1_796_000_001));
            let has = recorded.lock().unwrap().get(&transaction).copied();
            assert!(has.unwrap_or(0) <= 1, "{behaviour:?}: {again:?}");
            if again.is_ok() {
                intended.insert(transaction);
            }
        }
    }
    drop(shop);
    let shop = open();
    let find = Find {
        states: vec![State::Open, State::Unknown],
        ..Find::default()
    };
    for decision in shop.ledger().find(&find).unwrap() {
        shop.resolve(decision.id, Resolve::Ask, Moment::from_unix(1_796_000_100))
            .unwrap();
    }
    let recorded = recorded.lock().unwrap().clone();
    let mut known = BTreeMap::<String, Vec<State>>::new();
    for decision in shop.ledger().find(&Find::default()).unwrap() {
        let transaction = decision.terms.get("transaction_id").unwrap().to_owned();
        let list = if matches!(decision.state, State::Open | State::Unknown) {
            &counts.unknown
        } else {
            &counts.settled
        };
        list.fetch_add(1, Ordering::Relaxed);
        let events = shop.ledger().events(decision.id).unwrap();
        assert!(!events.is_empty());
        known.entry(transaction).or_default().push(decision.state);
    }
    for transaction in &intended {
        assert!(known.contains_key(transaction), "{transaction} is lost");
    }
    for (transaction, n) in &recorded {
        let behaviour = plan.lock().unwrap()[transaction];
        assert!(*n <= 1, "{n} sales of {transaction}: {behaviour:?}");
        let states = known.get(transaction);
        let states = states.unwrap_or_else(|| {
            panic!("{transaction} was recorded, and the ledger knows nothing: {behaviour:?}")
        });
        assert!(
            states.iter().any(|state| *state != State::Refused),
            "{transaction} was recorded, and is called refused: {behaviour:?}"
        );
    }
    for (transaction, states) in &known {
        if states.contains(&State::Recorded) {
            assert!(
                recorded.contains_key(transaction),
                "{transaction} is called recorded, and isn't"
            );
        }
    }
}

#[test]
fn no_schedule_sells_twice_or_loses_a_sale() {
    let n = std::env::var("ONIX_TEST_SCHEDULES").map_or(100, |text| text.parse().unwrap());
    let (next, counts) = (AtomicU64::new(0), Counts::default());
    let each = 50;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at * each >= n {
                        return;
                    }
                    schedules(at + 1, each, &counts);
                }
            });
        }
    });
    let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
    println!(
        "{n} schedules, {} shops killed, {} decisions known at the end, {} listed as unknown",
        count(&counts.killed),
        count(&counts.settled),
        count(&counts.unknown)
    );
    assert!(count(&counts.settled) > 0 && count(&counts.unknown) > 0);
}
