//! The ledger: one decision a key, nothing lost, nothing told that shouldn't be.
#![cfg(feature = "ledger")]

use std::collections::BTreeMap;

use onix_catalogue::ErrorKind;
use onix_catalogue::ledger::{By, EventKind, Find, Kind, Ledger, Outcome, State, Terms};
use onix_catalogue::model::Moment;
use proptest::prelude::*;

fn at(second: i64) -> Moment {
    Moment::from_unix(1_796_000_000 + second)
}

fn sale(transaction: &str, isbn: &str, format: &str, customer: &str) -> Terms {
    Terms::sale("paris", "ONYX", isbn, format)
        .with("transaction_id", transaction)
        .with("customer_id", customer)
        .with("cost", "1299")
        .with("currency", "EUR")
        .with("country", "FR")
        .with("publisher", "Quai-Nord")
        .with("uname", "Ana Sel")
        .with("credit_card_prefix", "4970")
}

fn refused(error: onix_catalogue::Error) -> (i64, &'static str) {
    match error.kind() {
        ErrorKind::Decided {
            decision, state, ..
        } => (*decision, state),
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_decision_a_key() {
    let ledger = Ledger::in_memory().unwrap();
    let terms = sale("t1", "978-99-999-0001-0", "epub", "c1");
    let intent = ledger.intend(&terms, false, at(0)).unwrap();
    // The same identifier written otherwise is the same publication.
    let same = sale("t1", "9789999900010", "epub", "c1").with("cost", "999");
    assert_eq!(
        refused(ledger.intend(&same, true, at(1)).unwrap_err()),
        (1, "open")
    );
    let unknown = Outcome::Unknown("no answer in time".into());
    ledger.settle(intent, &unknown, at(2)).unwrap();
    assert_eq!(
        refused(ledger.intend(&same, true, at(3)).unwrap_err()),
        (1, "unknown")
    );
    ledger
        .resolve(1, &Outcome::Recorded, "status", at(4))
        .unwrap();
    assert_eq!(
        refused(ledger.intend(&same, true, at(5)).unwrap_err()),
        (1, "recorded")
    );
    ledger.cancel(1, "receipt", at(6)).unwrap();
    // Taken back, it may be sold again.
    let intent = ledger.intend(&same, false, at(7)).unwrap();
    let outcome = Outcome::Refused(vec!["cannot_sell".into()]);
    assert_eq!(
        ledger.settle(intent, &outcome, at(8)).unwrap().state,
        State::Refused
    );
    let kinds: Vec<EventKind> = ledger
        .events(1)
        .unwrap()
        .iter()
        .map(|event| event.kind)
        .collect();
    assert_eq!(
        kinds,
        [
            EventKind::Intent,
            EventKind::Unknown,
            EventKind::Resolved,
            EventKind::Cancelled
        ]
    );
    // Other formats, publications and transactions are other sales.
    for terms in [
        sale("t1", "9789999900010", "pdf", "c1"),
        sale("t1", "9789999900027", "epub", "c1"),
        sale("t2", "9789999900010", "epub", "c2"),
    ] {
        let _ = ledger.intend(&terms, false, at(9)).unwrap();
    }
}

#[test]
fn a_transaction_has_one_customer() {
    let ledger = Ledger::in_memory().unwrap();
    let _ = ledger
        .intend(&sale("t1", "9789999900010", "epub", "c1"), false, at(0))
        .unwrap();
    let other = sale("t1", "9789999900027", "epub", "c2");
    let error = ledger.intend(&other, true, at(1)).unwrap_err();
    assert!(error.to_string().contains("another customer"), "{error}");
}

#[test]
fn a_test_beside_a_live_one_has_to_be_meant() {
    let ledger = Ledger::in_memory().unwrap();
    let live = sale("t1", "9789999900010", "epub", "c1");
    let test = live.clone().with("sale_state", "test");
    let _ = ledger.intend(&test, false, at(0)).unwrap();
    assert_eq!(
        refused(ledger.intend(&live, false, at(1)).unwrap_err()),
        (1, "open")
    );
    let _ = ledger.intend(&live, true, at(2)).unwrap();
    assert_eq!(
        refused(ledger.intend(&live, true, at(3)).unwrap_err()),
        (2, "open")
    );
}

#[test]
fn a_preorder_has_a_key_without_a_transaction() {
    let ledger = Ledger::in_memory().unwrap();
    let preorder =
        Terms::preorder("paris", "ONYX", "9789999900010", "epub").with("customer_id", "c1");
    let intent = ledger.intend(&preorder, false, at(0)).unwrap();
    let decision = ledger.settle(intent, &Outcome::Recorded, at(1)).unwrap();
    assert_eq!(
        (decision.state, decision.terms.kind()),
        (State::Recorded, Kind::Preorder)
    );
    assert_eq!(ledger.events(1).unwrap()[1].kind, EventKind::Preordered);
    assert_eq!(
        refused(ledger.intend(&preorder, false, at(2)).unwrap_err()),
        (1, "recorded")
    );
    // The sale that it becomes is a decision of its own.
    let _ = ledger
        .intend(&sale("t1", "9789999900010", "epub", "c1"), false, at(3))
        .unwrap();
}

#[test]
fn what_can_not_be_told_from_others_is_no_decision() {
    let ledger = Ledger::in_memory().unwrap();
    for missing in ["transaction_id", "customer_id"] {
        let terms = sale("t1", "9789999900010", "epub", "c1").with(missing, "");
        let error = ledger.intend(&terms, true, at(0)).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Invalid { what, .. } if *what == missing));
    }
    assert!(ledger.find(&Find::default()).unwrap().is_empty());
}

#[test]
fn what_is_kept_and_what_goes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    let ledger = Ledger::open(&path).unwrap();
    let terms = sale("t1", "9789999900010", "epub", "c1").with("title", "Le Phare");
    let intent = ledger.intend(&terms, false, at(0)).unwrap();
    // All of it is needed for a download, and the card until the platform has answered.
    let open = ledger.decision(1).unwrap().unwrap();
    assert_eq!(open.terms, terms);
    ledger.settle(intent, &Outcome::Recorded, at(1)).unwrap();
    let recorded = ledger.decision(1).unwrap().unwrap();
    assert_eq!(recorded.terms.get("credit_card_prefix"), None);
    assert_eq!(recorded.terms.get("uname"), Some("Ana Sel"));
    let sent: BTreeMap<&str, &str> = recorded.terms.parameters().collect();
    assert!(sent.contains_key("cost") && !sent.contains_key("title"));
    ledger.note(1, EventKind::Downloaded, "", at(2)).unwrap();
    // A customer is forgotten, the sale stays.
    assert_eq!(ledger.forget("c1").unwrap(), 1);
    let forgotten = ledger.decision(1).unwrap().unwrap();
    assert_eq!(forgotten.terms.get("customer_id"), Some("forgotten-1"));
    assert_eq!(forgotten.terms.get("uname"), None);
    assert_eq!(forgotten.terms.get("cost"), Some("1299"));
    assert_eq!(ledger.forget("c1").unwrap(), 0);
    for item in std::fs::read_dir(folder.path()).unwrap() {
        let path = item.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let has = |text: &str| {
            bytes
                .windows(text.len())
                .any(|window| window == text.as_bytes())
        };
        assert!(!has("Ana Sel") && !has("4970"), "{}", path.display());
    }
    // While something isn't settled, the customer is needed.
    let _ = ledger
        .intend(&sale("t2", "9789999900010", "epub", "c2"), false, at(3))
        .unwrap();
    assert_eq!(refused(ledger.forget("c2").unwrap_err()).1, "open");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        for item in std::fs::read_dir(folder.path()).unwrap() {
            let item = item.unwrap();
            let mode = item.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{:?}", item.path());
        }
    }
}

/// A preorder and the sale that it became still belong together.
#[test]
fn a_customer_is_forgotten_under_one_name() {
    let ledger = Ledger::in_memory().unwrap();
    let preorder =
        Terms::preorder("paris", "ONYX", "9789999900010", "epub").with("customer_id", "c1");
    let intent = ledger.intend(&preorder, false, at(0)).unwrap();
    ledger.settle(intent, &Outcome::Recorded, at(1)).unwrap();
    // Its sale is still to come, and needs the customer.
    assert_eq!(refused(ledger.forget("c1").unwrap_err()), (1, "recorded"));
    let intent = ledger
        .intend(&sale("t1", "9789999900010", "epub", "c1"), false, at(2))
        .unwrap();
    ledger.settle(intent, &Outcome::Recorded, at(3)).unwrap();
    assert_eq!(ledger.forget("c1").unwrap(), 2);
    let names = ledger.find(&Find::default()).unwrap();
    let names: Vec<_> = names
        .iter()
        .map(|one| one.terms.get("customer_id").unwrap().to_owned())
        .collect();
    assert_eq!(names, ["forgotten-1", "forgotten-1"]);
}

/// Of two posts of one decision the one that was refused says nothing of the other.
#[test]
fn what_was_posted_twice_is_not_refused_by_one() {
    let ledger = Ledger::in_memory().unwrap();
    let first = ledger
        .intend(&sale("t1", "9789999900010", "epub", "c1"), false, at(0))
        .unwrap();
    // It may be on its way.
    assert_eq!(refused(ledger.repeat(1, at(10)).unwrap_err()), (1, "open"));
    let second = ledger.repeat(1, at(100)).unwrap();
    let refusal = Outcome::Refused(vec!["cannot_sell".into()]);
    assert_eq!(
        ledger.settle(first, &refusal, at(101)).unwrap().state,
        State::Unknown
    );
    assert_eq!(
        ledger
            .settle(second, &Outcome::Recorded, at(102))
            .unwrap()
            .state,
        State::Recorded
    );
}

/// Nobody can take back what happened, whatever tool they use.
#[test]
fn events_are_only_ever_added() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    let ledger = Ledger::open(&path).unwrap();
    let _ = ledger
        .intend(&sale("t1", "9789999900010", "epub", "c1"), false, at(0))
        .unwrap();
    drop(ledger);
    let connection = rusqlite::Connection::open(&path).unwrap();
    for statement in [
        "DELETE FROM event",
        "UPDATE event SET kind = 'refused'",
        "DELETE FROM decision",
        "INSERT INTO decision SELECT 7, kind, state, account, organisation, transaction_id, publication, isbn, format, \
         customer_id, is_test, cost, currency, country, publisher, title, uname, credit_card_prefix, parameters, decided_at, \
         changed_at FROM decision",
    ] {
        assert!(connection.execute_batch(statement).is_err(), "{statement}");
    }
    assert_eq!(Ledger::open(&path).unwrap().events(1).unwrap().len(), 1);
}

#[test]
fn another_file_is_no_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("book");
    std::fs::write(
        &path,
        "dear diary, this is no database at all, and long enough to be looked at".repeat(20),
    )
    .unwrap();
    let error = Ledger::open(&path).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Ledger { .. }),
        "{error:#}"
    );
    let later = folder.path().join("later");
    let connection = rusqlite::Connection::open(&later).unwrap();
    connection.execute_batch("PRAGMA user_version = 9").unwrap();
    let error = Ledger::open(&later).unwrap_err();
    assert!(error.to_string().contains("version 9"), "{error}");
}

#[test]
fn sums_and_imports() {
    let ledger = Ledger::in_memory().unwrap();
    let sales = (0..5).map(|n| {
        let terms = sale(&format!("t{n}"), "9789999900010", "epub", &format!("c{n}"));
        (terms, State::Recorded, at(86_400 * n))
    });
    let bad = (
        sale("", "9789999900010", "epub", "c"),
        State::Recorded,
        at(0),
    );
    let imported = ledger
        .import(sales.clone().chain([bad]), at(900_000))
        .unwrap();
    assert_eq!((imported.added, imported.known), (5, 0));
    assert_eq!(imported.refused[0].0, 5);
    let again = ledger.import(sales, at(900_001)).unwrap();
    assert_eq!((again.added, again.known), (0, 5));
    let totals = ledger.report(By::Publisher).unwrap();
    assert_eq!(totals.len(), 1);
    assert_eq!((totals[0].n, totals[0].recorded_cost), (5, 5 * 1299));
    assert_eq!(ledger.report(By::Day).unwrap().len(), 5);
    // What was imported stands against a second sale.
    let terms = sale("t1", "9789999900010", "epub", "c1");
    assert_eq!(
        refused(ledger.intend(&terms, true, at(1)).unwrap_err()).1,
        "recorded"
    );
    let find = Find {
        since: Some(at(86_400)),
        before: Some(at(3 * 86_400)),
        states: vec![State::Recorded],
        ..Find::default()
    };
    assert_eq!(ledger.find(&find).unwrap().len(), 2);
}

/// Of many threads and processes' worth of connections that want the same, one gets the right to post it.
#[test]
fn of_many_at_once_one_may_post() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    drop(Ledger::open(&path).unwrap());
    for round in 0..10 {
        let won = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    let path = &path;
                    scope.spawn(move || {
                        let ledger = Ledger::open(path).unwrap();
                        let terms = sale(&format!("t{round}"), "9789999900010", "epub", "c1");
                        ledger.intend(&terms, false, at(0)).is_ok()
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .filter(|won| *won)
                .count()
        });
        assert_eq!(won, 1);
    }
}

#[derive(Debug, Clone)]
enum Step {
    Intend(u8, u8, bool, bool),
    Settle(usize, u8),
    Resolve(usize, u8),
    Cancel(usize),
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0_u8..3, 0_u8..2, any::<bool>(), any::<bool>()).prop_map(|(t, c, test, force)| Step::Intend(t, c, test, force)),
        3 => (0_usize..20, 0_u8..3).prop_map(|(at, outcome)| Step::Settle(at, outcome)),
        2 => (0_usize..20, 0_u8..3).prop_map(|(id, outcome)| Step::Resolve(id, outcome)),
        1 => (0_usize..20).prop_map(Step::Cancel),
        1 => Just(Step::Reopen),
    ];
    proptest::collection::vec(step, 1..40)
}

fn outcome(n: u8) -> Outcome {
    match n {
        0 => Outcome::Recorded,
        1 => Outcome::Refused(vec!["cannot_sell".into()]),
        _ => Outcome::Unknown("cut".into()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// Whatever is done in whatever order: of a key one decision at most stands, each has what happened to it, none is lost, and a
    /// process that ends leaves what it had not settled.
    #[test]
    fn no_order_of_things_makes_two_of_one(steps in steps()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.sqlite");
        let mut ledger = Ledger::open(&path).unwrap();
        let mut intents = Vec::new();
        let mut n_decisions = 0;
        for (second, step) in steps.into_iter().enumerate() {
            let now = at(second as i64);
            match step {
                Step::Intend(t, c, test, force) => {
                    let mut terms = sale(&format!("t{t}"), "9789999900010", "epub", &format!("c{c}"));
                    if test {
                        terms = terms.with("sale_state", "test");
                    }
                    if let Ok(intent) = ledger.intend(&terms, force, now) {
                        n_decisions += 1;
                        intents.push(intent);
                    }
                }
                Step::Settle(n, what) if !intents.is_empty() => {
                    let intent = intents.swap_remove(n % intents.len());
                    ledger.settle(intent, &outcome(what), now).unwrap();
                }
                Step::Resolve(id, what) => {
                    let _ = ledger.resolve(id as i64, &outcome(what), "asked", now);
                }
                Step::Cancel(id) => {
                    let _ = ledger.cancel(id as i64, "receipt", now);
                }
                Step::Reopen => {
                    intents.clear();
                    ledger = Ledger::open(&path).unwrap();
                }
                Step::Settle(..) => {}
            }
            let all = ledger.find(&Find::default()).unwrap();
            prop_assert_eq!(all.len(), n_decisions);
            let mut standing = BTreeMap::new();
            let mut customers = BTreeMap::new();
            for decision in &all {
                let get = |name| decision.terms.get(name).unwrap().to_owned();
                if matches!(decision.state, State::Open | State::Unknown | State::Recorded) {
                    let key = (get("transaction_id"), get("customer_id"), decision.terms.is_test());
                    *standing.entry(key).or_insert(0) += 1;
                }
                if decision.state != State::Refused {
                    let known = customers.entry(get("transaction_id")).or_insert_with(|| get("customer_id"));
                    prop_assert_eq!(known.as_str(), get("customer_id"));
                }
                let events = ledger.events(decision.id).unwrap();
                prop_assert_eq!(events[0].kind, EventKind::Intent);
            }
            prop_assert!(standing.values().all(|n| *n == 1), "{:?}", standing);
        }
    }
}
