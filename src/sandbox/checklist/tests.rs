//! What is just right and just wrong, where a whole shop would show too little of it.

use serde_json::{Map, Value, json};

use super::report::State;
use super::*;
use crate::sandbox::request::pairs;

const EPUB: &str =
    "format=epub&cost=199&protection=watermark&country=FR&currency=EUR&price_type=04";

/// What was asked, request by request, at a clock that goes when it is told to.
struct Day {
    history: History,
    at: i64,
}

impl Day {
    fn new() -> Self {
        let mut day = Self {
            history: History::default(),
            at: 0,
        };
        day.pass(1_796_083_200);
        day
    }

    fn pass(&mut self, seconds: i64) {
        self.at += seconds;
        self.history.now = self.at;
    }

    /// A request of the shop A, answered with `status`.
    fn ask(&mut self, method: &str, path: &str, parameters: &str, status: u16) -> &mut Line {
        let query = pairs(parameters).into_iter();
        let query: Map<String, Value> = query.map(|(name, value)| (name, json!(value))).collect();
        let lines = &mut self.history.lines;
        lines.push(Line {
            n: lines.len() as u64 + 1,
            at: extended(self.at * 1000),
            method: method.into(),
            path: format!("/api/organisations/A/{path}"),
            query,
            organisation: Some("A".into()),
            status,
            ..Line::default()
        });
        lines.last_mut().unwrap()
    }

    /// A request around a sale of a book that is taken.
    fn taken(
        &mut self,
        method: &str,
        book: &str,
        rest: &str,
        terms: &str,
        status: u16,
    ) -> &mut Line {
        let line = self.ask(
            method,
            &format!("publications/{book}/{rest}"),
            terms,
            status,
        );
        line.record_reference = Some(format!("R{book}-epub"));
        line
    }

    fn refused(line: &mut Line, code: &str) {
        line.status = 400;
        line.record_reference = None;
        line.codes = vec![code.into()];
    }

    fn simulate(&mut self, book: &str) -> &mut Line {
        self.taken("GET", book, "sales/new", EPUB, 200)
    }

    fn simulate_twice(&mut self, book: &str) {
        self.simulate(book);
        self.simulate(book);
    }

    fn sell(&mut self, book: &str, customer: &str, transaction: &str) -> &mut Line {
        let terms = format!("{EPUB}&customer_id={customer}&transaction_id={transaction}");
        self.taken("POST", book, "sales", &terms, 201)
    }

    fn cancel(&mut self, book: &str, customer: &str, transaction: &str) {
        let names = format!("customer_id={customer}&transaction_id={transaction}");
        self.taken("POST", book, "sales/cancel", &names, 200);
    }

    fn synchronise(&mut self, parameters: &str, status: u16) -> &mut Line {
        let line = self.ask("GET", "publications/delta", parameters, status);
        line.service = Some("delta".into());
        line
    }

    fn remove(&mut self, reference: &str, id: &str) {
        self.history.removals.push(Removal {
            at: self.at,
            record_reference: reference.into(),
            identifiers: vec![id.into()],
        });
    }

    fn bought(&mut self, book: &str, customer: &str, transaction: &str, uname: &str) {
        self.history.bought.push(Bought {
            organisation: "A".into(),
            transaction_id: transaction.into(),
            customer_id: customer.into(),
            isbn: book.into(),
            record_reference: format!("R{book}-epub"),
            format: "epub".into(),
            uname: Some(uname.into()),
        });
    }

    fn checked(&self, word: &str) -> Checked {
        let checks = judge(&self.history).checks.into_iter();
        let mut named = checks.filter(|checked| checked.check == word);
        named.next().unwrap_or_else(|| panic!("no check {word}"))
    }

    /// The requests that failed a check.
    fn failed(&self, word: &str) -> Vec<u64> {
        let because = self.checked(word).because.into_iter();
        because.map(|because| because.n).collect()
    }

    fn state(&self, word: &str) -> State {
        self.checked(word).state
    }

    /// Everything that failed, with the requests.
    fn failures(&self) -> Vec<(String, Vec<u64>)> {
        let checks = judge(&self.history).checks.into_iter();
        let failed = checks.filter(|checked| checked.state == State::Failed);
        let failed = failed.map(|checked| {
            let because = checked.because.into_iter().map(|because| because.n);
            (checked.check, because.collect())
        });
        failed.collect()
    }
}

#[track_caller]
fn fails(day: &Day, expected: &[(&str, &[u64])]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(word, because)| ((*word).to_owned(), because.to_vec()))
        .collect();
    assert_eq!(day.failures(), expected);
}

#[test]
fn of_nothing_nothing_is_said() {
    let report = judge(&History::default());
    assert_eq!((report.passed, report.failed), (0, 0));
    assert_eq!(report.not_exercised as usize, CHECKS.len());
    let mut words: Vec<_> = CHECKS.iter().map(|check| check.word).collect();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), CHECKS.len());
    assert!(report.checks.iter().all(|one| one.to_exercise.is_some()));
}

#[test]
fn a_repeat_after_an_answer_that_says_nothing_is_no_second_sale() {
    for (status, fault) in [
        (503, None),
        (201, Some("record")),
        (201, Some("cut_after_bytes")),
        (201, Some("delay_ms")),
    ] {
        let mut day = Day::new();
        day.simulate_twice("1");
        let first = day.sell("1", "c-1", "T-1");
        first.status = status;
        first.fault = fault.map(str::to_owned);
        let was_recorded = status == 201;
        if !was_recorded {
            first.record_reference = None;
        }
        let second = day.sell("1", "c-1", "T-1");
        if was_recorded {
            Day::refused(second, "duplicate");
        }
        fails(&day, &[]);
        assert_eq!(day.state("posted_once"), State::Passed);
        // By now it is known.
        Day::refused(day.sell("1", "c-1", "T-1"), "duplicate");
        fails(&day, &[("posted_once", &[5])]);
    }
}

/// It was simulated before it was posted; that is when the customer paid.
#[test]
fn a_sale_that_is_found_out_about_hours_later_was_simulated_in_time() {
    let mut day = Day::new();
    day.simulate_twice("1");
    let first = day.sell("1", "c-1", "T-1");
    (first.status, first.record_reference) = (503, None);
    day.pass(5 * 3600);
    Day::refused(day.simulate("1"), "cannot_sell");
    day.sell("1", "c-1", "T-1");
    fails(&day, &[]);
}

#[test]
fn a_sale_that_was_refused_is_simulated_anew_before_it_is_posted_again() {
    let mut day = Day::new();
    day.simulate_twice("1");
    Day::refused(day.sell("1", "c-1", "T-1"), "cannot_sell");
    day.pass(3601);
    day.sell("1", "c-1", "T-1");
    fails(&day, &[("simulated_before_payment", &[4])]);
}

#[test]
fn a_simulation_without_an_answer_changes_nothing() {
    let mut day = Day::new();
    day.simulate_twice("1");
    let lost = day.simulate("1");
    (lost.status, lost.record_reference) = (503, None);
    Day::refused(day.sell("1", "c-1", "T-1"), "cannot_sell");
    fails(&day, &[]);
    Day::refused(day.simulate("2"), "cannot_sell");
    let lost = day.simulate("2");
    (lost.status, lost.record_reference) = (503, None);
    Day::refused(day.sell("2", "c-1", "T-2"), "invalid_format");
    fails(&day, &[("refused_not_sold", &[7])]);
}

#[test]
fn customers_whose_requests_are_mixed_each_have_their_simulations() {
    let mut day = Day::new();
    day.simulate("1");
    day.simulate("1");
    day.simulate("1");
    day.simulate("1");
    day.sell("1", "c-1", "T-1");
    day.sell("1", "c-2", "T-2");
    fails(&day, &[]);
    day.sell("1", "c-3", "T-3");
    fails(
        &day,
        &[
            ("simulated_in_basket", &[7]),
            ("simulated_before_payment", &[7]),
        ],
    );
}

#[test]
fn a_simulation_of_other_terms_is_another_customers() {
    let mut day = Day::new();
    day.simulate_twice("1");
    let elsewhere = EPUB.replace("FR", "US");
    let refused = day.taken("GET", "1", "sales/new", &elsewhere, 400);
    Day::refused(refused, "invalid_country");
    day.sell("1", "c-1", "T-1");
    fails(&day, &[]);
    assert_eq!(day.state("refused_not_sold"), State::Passed);
}

#[test]
fn terms_are_compared_however_they_are_written() {
    let mut day = Day::new();
    let written =
        "format=EPUB&cost=0199&protection=Watermark&country=fra&currency=eur&price_type=04";
    day.taken("GET", "978-99999-001-1-9", "sales/new", EPUB, 200)
        .record_reference = Some("R1-epub".into());
    day.taken("GET", "R1-epub", "sales/new", written, 200)
        .record_reference = Some("R1-epub".into());
    let sale = day.sell("9789999900119", "c-1", "T-1");
    sale.record_reference = Some("R1-epub".into());
    sale.json = json!({"cost": 199});
    sale.query.remove("cost");
    fails(&day, &[]);
}

#[test]
fn a_basket_of_several_books_has_one_transaction() {
    let mut day = Day::new();
    for book in ["1", "2", "3"] {
        day.simulate(book);
    }
    for book in ["1", "2", "3"] {
        day.simulate(book);
        day.sell(book, "c-1", "T-1");
    }
    fails(&day, &[]);
    assert_eq!(day.state("transaction_of_basket"), State::NotExercised);
    day.simulate_twice("4");
    day.sell("4", "c-1", "T-1");
    fails(&day, &[("transaction_of_basket", &[12])]);
}

#[test]
fn shops_may_use_the_same_names() {
    let mut day = Day::new();
    day.simulate_twice("1");
    day.sell("1", "c-1", "T-1");
    day.simulate_twice("1");
    day.sell("1", "c-2", "T-1");
    for line in &mut day.history.lines[3..] {
        line.organisation = Some("B".into());
    }
    fails(&day, &[]);
}

#[test]
fn a_copy_is_bought_again_after_a_minute_or_after_it_was_given_back() {
    let mut day = Day::new();
    day.simulate_twice("1");
    day.sell("1", "c-1", "T-1");
    day.cancel("1", "c-1", "T-1");
    day.simulate_twice("1");
    day.sell("1", "c-1", "T-2");
    fails(&day, &[]);
    day.pass(61);
    day.simulate_twice("1");
    day.sell("1", "c-1", "T-3");
    fails(&day, &[]);
    day.pass(60);
    day.simulate_twice("1");
    day.sell("1", "c-1", "T-4");
    fails(&day, &[("one_copy", &[13])]);
}

#[test]
fn a_sale_is_made_anew_after_its_cancellation() {
    let mut day = Day::new();
    day.simulate_twice("1");
    day.sell("1", "c-1", "T-1");
    day.cancel("1", "c-1", "T-1");
    day.simulate_twice("1");
    day.sell("1", "c-1", "T-1");
    fails(&day, &[]);
}

#[test]
fn a_quantity_is_read_wherever_it_stands() {
    let mut day = Day::new();
    day.simulate("1")
        .query
        .insert("quantity".into(), json!("1"));
    day.simulate("1").form.insert("Qty".into(), json!("2"));
    day.sell("1", "c-1", "T-1").json = json!({"quantity": 3});
    fails(&day, &[("one_copy", &[2, 3])]);
}

#[test]
fn a_preorder_was_never_in_a_basket() {
    let mut day = Day::new();
    day.taken("POST", "1", "preorders", "for=epub&customer_id=c-1", 200);
    day.pass(86_000);
    day.simulate("1");
    day.sell("1", "c-1", "T-1");
    fails(&day, &[]);
    day.simulate("1");
    day.sell("1", "c-2", "T-2");
    fails(&day, &[("simulated_in_basket", &[5])]);
}

/// Between the last simulation and the sale a price may change, and a book go: no shop can help it.
#[test]
fn what_changes_after_the_last_simulation_is_nobodys_fault() {
    let mut day = Day::new();
    day.simulate_twice("1");
    let sale = day.sell("1", "c-1", "T-1");
    Day::refused(sale, "invalid_sale_parameters");
    sale.would_be_taken_with = json!({"cost": "299"});
    day.simulate_twice("2");
    Day::refused(day.sell("2", "c-1", "T-2"), "cannot_sell");
    fails(&day, &[]);
    let sale = day.sell("3", "c-1", "T-3");
    Day::refused(sale, "invalid_sale_parameters");
    sale.would_be_taken_with = json!({"cost": "299"});
    Day::refused(day.sell("4", "c-1", "T-4"), "cannot_sell");
    let sale = day.sell("5", "c-1", "T-5");
    Day::refused(sale, "invalid_sale_parameters");
    sale.would_be_taken_with = json!({"currency": "CAD"});
    fails(
        &day,
        &[("platform_price", &[7]), ("unavailable_books", &[8])],
    );
}

#[test]
fn a_price_that_a_simulation_mends_is_right() {
    let mut day = Day::new();
    let old = EPUB.replace("199", "99");
    Day::refused(
        day.taken("GET", "1", "sales/new", &old, 400),
        "invalid_cost",
    );
    day.simulate_twice("1");
    day.sell("1", "c-1", "T-1");
    fails(&day, &[]);
    assert_eq!(day.state("platform_price"), State::Passed);
}

#[test]
fn a_removed_book_may_be_asked_for_until_it_is_told() {
    let offered = |day: &mut Day, format: &str| {
        let terms = EPUB.replace("epub", format);
        let line = day.taken("GET", "1", "sales/new", &terms, 404);
        Day::refused(line, "not_found");
    };
    let mut day = Day::new();
    day.synchronise("", 404);
    day.remove("R1-epub", "1");
    day.synchronise("", 404);
    offered(&mut day, "epub");
    assert_eq!(day.state("removed_books"), State::NotExercised);
    day.pass(1);
    day.synchronise("", 200);
    offered(&mut day, "epub");
    day.synchronise("start=2", 404);
    assert_eq!(day.state("removed_books"), State::Passed);
    offered(&mut day, "pdf");
    assert_eq!(day.state("removed_books"), State::Passed);
    offered(&mut day, "epub");
    fails(&day, &[("removed_books", &[8])]);
}

#[test]
fn a_day_without_synchronisation_is_too_long_by_a_second() {
    let mut day = Day::new();
    day.synchronise("", 404);
    assert_eq!(day.state("synchronised_daily"), State::NotExercised);
    day.pass(86_400);
    day.simulate_twice("1");
    day.sell("1", "c-1", "T-1");
    day.synchronise("", 404);
    assert_eq!(day.state("synchronised_daily"), State::Passed);
    day.pass(80_000);
    day.synchronise("", 503);
    day.pass(6_401);
    day.simulate_twice("2");
    day.sell("2", "c-1", "T-2");
    day.synchronise("", 404).organisation = Some("B".into());
    fails(&day, &[("synchronised_daily", &[9])]);
}

#[test]
fn a_link_is_for_what_was_sold_though_it_was_given_back() {
    let link = |day: &mut Day, transaction: &str, status: u16| {
        let sale = format!("customers/c-1/transactions/{transaction}/publications/1");
        let line = day.ask("GET", &format!("{sale}/download_links/epub"), "", status);
        if status == 404 {
            line.codes = vec!["not_found".into()];
        }
    };
    let mut day = Day::new();
    day.simulate_twice("1");
    day.sell("1", "c-1", "T-1");
    day.cancel("1", "c-1", "T-1");
    link(&mut day, "T-1", 404);
    // This one was sold before the first request that is known.
    day.bought("1", "c-1", "T-0", "");
    link(&mut day, "T-0", 404);
    fails(&day, &[]);
    link(&mut day, "T-2", 404);
    day.simulate_twice("1");
    day.pass(100);
    day.sell("1", "c-1", "T-2");
    link(&mut day, "T-2", 200);
    assert_eq!(day.failed("download_on_click"), [7]);
    day.ask("GET", "", "", 200).path = "/__files/***".into();
    day.ask("GET", "", "", 404).path = "/__files/***".into();
    fails(&day, &[("download_on_click", &[7, 13])]);
}

#[test]
fn users_are_told_apart_without_being_named() {
    let mut day = Day::new();
    let mut buy = |book: &str, customer: &str, transaction: &str, uname: &str| {
        day.simulate_twice(book);
        day.sell(book, customer, transaction);
        day.bought(book, customer, transaction, uname);
        day.failures()
    };
    assert!(buy("1", "c-1", "T-1", "Ana Sel").is_empty());
    assert!(buy("2", "c-1", "T-2", " ana sel").is_empty());
    assert!(buy("3", "c-2", "T-3", "").is_empty());
    assert!(buy("4", "c-2", "T-4", "Zoe Quidam").is_empty());
    assert_eq!(buy("5", "c-3", "T-5", "Zoe Quidam").len(), 1);
    buy("6", "c-1", "T-6", "Zoe Quidam");
    assert_eq!(day.failed("customer_of_user"), [15, 18, 18]);
    let report = json!(judge(&day.history)).to_string();
    assert!(!report.contains("Ana") && !report.contains("Zoe"));
}

#[test]
fn requests_of_nobody_and_with_other_methods_are_not_judged() {
    let mut day = Day::new();
    let sale = day.sell("1", "c-1", "T-1");
    (sale.status, sale.record_reference) = (401, None);
    sale.codes = vec!["access_denied".into()];
    let sale = day.sell("1", "c-1", "T-1");
    (sale.method, sale.status, sale.record_reference) = ("GET".into(), 404, None);
    let report = judge(&day.history);
    assert_eq!((report.requests, report.passed, report.failed), (2, 0, 0));
}

#[test]
fn a_sale_is_found_out_about_though_its_book_is_removed() {
    let mut day = Day::new();
    day.simulate_twice("1");
    day.sell("1", "c-1", "T-1").fault = Some("record".into());
    day.simulate_twice("2");
    day.remove("R1-epub", "1");
    day.remove("R2-epub", "2");
    day.pass(1);
    day.synchronise("", 404);
    Day::refused(day.sell("1", "c-1", "T-1"), "not_found");
    // This one had been simulated a second before.
    Day::refused(day.sell("2", "c-2", "T-2"), "not_found");
    fails(&day, &[]);
    day.pass(3601);
    Day::refused(day.sell("2", "c-2", "T-2"), "not_found");
    fails(&day, &[("removed_books", &[9])]);
}

#[test]
fn a_link_to_what_is_cancelled_meanwhile_wasnt_kept() {
    let mut day = Day::new();
    day.simulate_twice("1");
    day.sell("1", "c-1", "T-1");
    let path = "customers/c-1/transactions/T-1/publications/1/download_links/epub";
    day.ask("GET", path, "", 200);
    day.cancel("1", "c-1", "T-1");
    let mut fetch = |clause: &str| {
        let line = day.ask("GET", "", "", 404);
        line.path = "/__files/***".into();
        line.because = Some(vec![clause.into()]);
        day.failed("download_on_click")
    };
    assert!(fetch("the sale was cancelled").is_empty());
    assert_eq!(fetch("a link leads to its file for a minute"), [7]);
}

#[test]
fn a_sale_that_is_taken_was_refused_to_another_customer() {
    let mut day = Day::new();
    day.simulate_twice("1");
    Day::refused(day.simulate("1"), "invalid_cost");
    let dear = EPUB.replace("199", "299");
    day.taken("GET", "1", "sales/new", &dear, 200);
    day.sell("1", "c-1", "T-1");
    fails(&day, &[]);
    assert_eq!(day.state("refused_not_sold"), State::Passed);
    day.simulate_twice("2");
    Day::refused(day.simulate("2"), "cannot_sell");
    day.pass(3601);
    day.sell("2", "c-2", "T-2");
    assert_eq!(day.failed("refused_not_sold"), [9]);
}

#[test]
fn a_simulation_whose_answer_was_cut_is_none() {
    for (fault, is_none) in [
        ("cut_after_bytes", true),
        ("record", true),
        ("delay_ms", false),
    ] {
        let mut day = Day::new();
        day.simulate("1").fault = Some(fault.into());
        day.simulate("1").fault = Some(fault.into());
        day.sell("1", "c-1", "T-1");
        let failed = day.failures().into_iter().map(|(check, _)| check);
        let expected = ["simulated_in_basket", "simulated_before_payment"];
        let expected = if is_none { &expected[..] } else { &[] };
        assert_eq!(failed.collect::<Vec<_>>(), expected, "{fault}");
    }
}

#[test]
fn a_synchronisation_goes_on_up_to_a_page_that_isnt_found() {
    let mut day = Day::new();
    day.synchronise("from=1", 200);
    day.synchronise("start=2", 200);
    assert_eq!(day.state("all_pages"), State::NotExercised);
    day.synchronise("start=3", 404);
    assert_eq!(day.state("all_pages"), State::Passed);
    day.pass(3600);
    day.synchronise("from=2", 404);
    day.synchronise("from=3", 200);
    day.synchronise("start=2", 200);
    day.pass(3599);
    fails(&day, &[]);
    assert_eq!(day.state("all_pages"), State::NotExercised);
    day.pass(1);
    fails(&day, &[("all_pages", &[6])]);
    day.synchronise("from=4", 200);
    fails(&day, &[("all_pages", &[6])]);
    day.synchronise("from=5", 404);
    fails(&day, &[("all_pages", &[6, 7])]);
}

#[test]
fn a_synchronisation_ends_with_an_error_or_begins_anew() {
    let mut day = Day::new();
    day.synchronise("from=1", 200);
    day.synchronise("start=2", 503);
    day.synchronise("from=2", 200).fault = Some("cut_after_bytes".into());
    day.synchronise("from=3", 200);
    // Between the pages of one there may be others.
    day.synchronise("", 200).service = Some("full".into());
    day.synchronise("start=2", 200);
    day.synchronise("from=3", 503);
    day.synchronise("from=3", 200);
    day.synchronise("start=2", 404);
    day.synchronise("start=x", 404).service = Some("full".into());
    day.pass(3600);
    fails(&day, &[]);
    assert_eq!(day.state("all_pages"), State::Passed);
}

#[test]
fn what_has_passed_is_told_in_words() {
    assert_eq!(span(59), "59 s");
    assert_eq!(span(3599), "59 min");
    assert_eq!(span(7200), "2 h");
    assert_eq!(span(90_060), "25 h 1 min");
}
