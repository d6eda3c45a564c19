//! Every case of `testdata/sale`: what is asked, of which record, and what the answer must be.

mod sale_support;

use std::fs;

use onix_catalogue::model::{
    Account, Country, Date, Judgement, Kind, Moment, Offer, SaleRequest, Status, Verdict, Zone,
};
use onix_catalogue::sale::{self, Offers};
use onix_catalogue::sale::{OfferFilter, Sellable, Table, TableBuilder};
use sale_support::{Case, Lists, Records, cases, codes, lists, usual, verdict_word};

#[test]
fn cases_are_answered_as_they_say() {
    let (records, lists) = (Records::read(), lists());
    let mut n = 0;
    let mut failed = Vec::new();
    for case in cases() {
        let Some(offers) = offers_of(&case, &records, &lists) else {
            continue;
        };
        let offers: Vec<&Offers> = offers.iter().collect();
        let answer = sale::check(&case.request, &offers, &case.account);
        n += 1;
        failed.extend(wrong(&case, &answer));
        failed.extend(inconsistent(&case, &offers, &answer));
    }
    assert!(n >= 1000, "only {n} cases");
    assert!(
        failed.is_empty(),
        "{} of {n}:\n{}",
        failed.len(),
        failed.join("\n")
    );
}

/// The records of a case; `None` where they are in a list that this build can't read.
fn offers_of(case: &Case, records: &Records, lists: &Lists) -> Option<Vec<Offers>> {
    case.records
        .split_whitespace()
        .filter(|reference| *reference != "-")
        .map(|reference| match reference.strip_prefix('@') {
            Some(reference) => {
                let found = lists.get(reference).cloned();
                let compressed = cfg!(not(feature = "files"));
                assert!(found.is_some() || compressed, "{}", case.place);
                found
            }
            None => Some(records.offers(reference, &case.edits)),
        })
        .collect()
}

fn wrong(case: &Case, answer: &Verdict) -> Option<String> {
    let got = (
        verdict_word(answer),
        codes(&answer.codes),
        answer
            .missing
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>(),
        codes(&answer.also),
    );
    let missing_counts = got.0 == "unknown";
    let right = got.0 == case.verdict
        && got.1 == case.codes
        && (!missing_counts || got.2 == case.missing)
        && case.also.as_ref().is_none_or(|also| {
            let mut also = also.clone();
            also.sort();
            got.3 == also
        });
    (!right).then(|| format!("{}\n  got {got:?}\n  {:?}", case.place, answer.reasons))
}

/// What must hold of any answer, whatever the case says.
fn inconsistent(case: &Case, offers: &[&Offers], answer: &Verdict) -> Option<String> {
    let (request, account) = (&case.request, &case.account);
    let table = table(offers);
    let packed: Vec<_> = (0..).map_while(|n| table.get(n)).collect();
    for judged in [
        sale::judge(request, offers, account),
        sale::judge(request, &packed, account),
    ] {
        let same = judged.verdict == answer.verdict
            && judged.codes == answer.codes
            && judged.also == answer.also
            && judged.missing == answer.missing
            && judged.records == answer.records
            && judged.sent == answer.sent
            && judged.age_s == answer.age_s;
        if !same {
            return Some(format!("{}\n  judged {judged:?}", case.place));
        }
    }
    if answer.verdict == Judgement::Valid && request.kind != Kind::Preorder {
        let has_row = offers.iter().any(|record| {
            let rows = record.rows(account);
            rows.iter().any(|row| pays(row, request, account))
        });
        if !has_row {
            return Some(format!("{}\n  valid without a row", case.place));
        }
    }
    for near in &answer.near {
        let request = asked_for(&near.offer, request, account);
        let verdict = sale::judge(&request, offers, account);
        if verdict.verdict != Judgement::Valid {
            return Some(format!("{}\n  not valid: {near:?} {verdict:?}", case.place));
        }
    }
    None
}

/// The same offers, packed.
fn table(offers: &[&Offers]) -> Table {
    let mut builder = TableBuilder::new();
    for one in offers {
        builder.add(one);
    }
    builder.finish()
}

/// Whatever becomes of a table's bytes, asking it doesn't panic.
#[test]
fn damaged_tables_answer_or_do_not_open() {
    let records = Records::read();
    let mut builder = TableBuilder::new();
    for reference in ["one-price", "limited-restriction", "forty-month"] {
        builder.add(&records.offers(reference, ""));
    }
    let sound = builder.into_bytes();
    let request = usual(Kind::Simulation, Moment::from_unix(1_796_083_200));
    let ask = |bytes: Vec<u8>| {
        let Some(table) = Table::open(bytes) else {
            return;
        };
        for n in 0..4 {
            if let Some(offers) = table.get(n) {
                let account = Account::default();
                sale::judge(&request, &[offers], &account);
                offers.status(None, request.at, &account);
            }
        }
    };
    for at in 0..sound.len() {
        for byte in [0, 1, 0x7f, 0x80, 0xff] {
            let mut damaged = sound.clone();
            damaged[at] = byte;
            ask(damaged);
        }
        ask(sound[..at].to_vec());
    }
}

/// Whether a row is for the request's country, currency, type, moment and cost.
fn pays(row: &Offer, request: &SaleRequest, account: &Account) -> bool {
    use onix_catalogue::model::{Coverage, Currency};
    let country = request
        .country
        .as_deref()
        .map(|text| Country::parse(text).unwrap());
    let country = country.or(account.country).unwrap();
    let currency = request.currency.as_deref().and_then(Currency::parse);
    let free = row.unpriced.is_some();
    let begun =
        |date: Option<Date>| date.is_none_or(|date| date.start(&account.zone) <= request.at);
    let over = |date: Option<Date>| date.is_some_and(|date| date.end(&account.zone) <= request.at);
    row.countries.coverage(country) == Coverage::In
        && (free || currency.is_none() || row.currency == currency)
        && (free || request.price_type.is_none() || row.price_type == request.price_type)
        && row.cost == request.cost.as_deref().and_then(|cost| cost.parse().ok())
        && begun(row.from)
        && !over(row.until)
}

/// The request changed to this offer.
fn asked_for(offer: &Offer, request: &SaleRequest, account: &Account) -> SaleRequest {
    let mut out = request.clone();
    out.format = offer.format.map(|format| format.to_string());
    out.cost = offer.cost.map(|cost| cost.to_string());
    if let Some(currency) = offer.currency {
        out.currency = Some(currency.to_string());
    }
    if let Some(price_type) = &offer.price_type {
        out.price_type = Some(price_type.clone());
    }
    let keeps = request.protection.as_deref().is_some_and(|word| {
        use onix_catalogue::model::{Accepted, Protection};
        Protection::from_word(word).is_some_and(|protection| {
            offer
                .protections
                .accept(protection, request.drm_type.as_deref())
                == Accepted::Yes
        })
    });
    if !keeps {
        out.protection = offer
            .protections
            .words()
            .first()
            .map(|word| (*word).to_owned());
    }
    if let Some(from) = offer.from.map(|from| from.start(&account.zone)) {
        out.at = out.at.max(from);
    }
    out
}

#[test]
fn offers_are_those_of_the_table() {
    let records = Records::read();
    let account = Account::default();
    let mut expected: Vec<(String, Vec<String>)> = Vec::new();
    for line in fs::read_to_string("testdata/sale/offers.txt")
        .unwrap()
        .lines()
    {
        match line.strip_prefix("  ") {
            _ if line.is_empty() || line.starts_with('#') => {}
            Some(row) => expected.last_mut().unwrap().1.push(row.trim().to_owned()),
            None => expected.push((line.to_owned(), Vec::new())),
        }
    }
    assert!(expected.len() >= 40, "only {} products", expected.len());
    let mut failed = Vec::new();
    for (reference, rows) in expected {
        let offers = records.offers(&reference, "");
        let got: Vec<String> = offers.rows(&account).iter().map(row_text).collect();
        if got != rows {
            failed.push(format!(
                "{reference}\n  {}\ninstead of\n  {}",
                got.join("\n  "),
                rows.join("\n  ")
            ));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

/// A row on one line: where, what kind of price, how much, from and until.
fn row_text(row: &Offer) -> String {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".into());
    let format = or_dash(row.format.map(|format| format.to_string()));
    let protections = match row.protections.words() {
        words if words.is_empty() => "-".into(),
        words => words.join("+"),
    };
    let dates = match (row.from, row.until) {
        (None, None) => String::new(),
        (from, until) => format!(
            " | {} .. {}",
            or_dash(from.map(|date| date.to_string())),
            or_dash(until.map(|date| date.to_string()))
        ),
    };
    let mut what: Vec<String> = Vec::new();
    what.extend(
        row.qualifier
            .as_ref()
            .map(|code| format!("qualifier {code}")),
    );
    what.extend(row.unpriced.as_ref().map(|code| format!("unpriced {code}")));
    what.extend(
        row.price_status
            .as_ref()
            .map(|code| format!("status {code}")),
    );
    what.extend(
        row.cost_without_taxes
            .filter(|_| row.tax_rate.is_some())
            .map(|net| format!("net {net}")),
    );
    let what = match what.is_empty() {
        true => String::new(),
        false => format!(" | {}", what.join(" ")),
    };
    format!(
        "{} | {format} {protections} | {} | {} {} {} = {}{dates}{what}",
        row.market,
        match row.countries.summary() {
            nowhere if nowhere.is_empty() => "nowhere".into(),
            countries => countries,
        },
        or_dash(row.price_type.clone()),
        or_dash(row.currency.map(|currency| currency.to_string())),
        or_dash(row.amount.clone()),
        or_dash(row.cost.map(|cost| cost.to_string())),
    )
}

#[test]
fn notices_tell_what_decides_nothing() {
    let records = Records::read();
    let zone = Zone::default();
    let at = Moment::parse("2026-12-01", &zone).unwrap();
    for (reference, edits, change, code) in [
        ("overlap", "", None, "several_prices"),
        ("confirmed", "PriceStatus=01", None, "provisional_price"),
        ("restricted", "SalesRestrictionType=08", None, "indexed"),
        ("plain", "NotificationType=89", None, "test_record"),
        ("plain", "", Some(("drm_type", "lcp")), "drm_type_ignored"),
        ("plain", "", Some(("currency", "")), "currency_not_sent"),
        (
            "plain",
            "",
            Some(("cost_without_taxes", "x")),
            "cost_without_taxes",
        ),
        ("dinar", "", Some(("country", "KW")), "minor_unit"),
    ] {
        let mut request = usual(Kind::Simulation, at);
        if let Some((name, value)) = change {
            request = request.with(name, value);
        }
        if reference == "dinar" {
            for (name, value) in [("currency", "KWD"), ("price_type", "02"), ("cost", "1500")] {
                request = request.with(name, value);
            }
        }
        let offers = records.offers(reference, edits);
        let answer = sale::check(&request, &[&offers], &Account::default());
        let told: Vec<_> = answer.notices.iter().map(|notice| notice.code).collect();
        assert!(told.contains(&code), "{reference} {edits}: {told:?}");
    }
    let plain = records.offers("types", "");
    let answer = sale::check(&usual(Kind::Simulation, at), &[&plain], &Account::default());
    assert!(answer.notices.is_empty(), "{:?}", answer.notices);
}

/// Element, value and byte of the reason that decides, in the platform's own format.
#[test]
fn reasons_point_into_the_page() {
    let records = Records::read();
    let at = Moment::parse("2026-12-01", &Zone::default()).unwrap();
    for (reference, edits, change, rule, element, value, stands_at) in [
        (
            "tide-epub",
            "nature=kindle",
            ("format", "epub"),
            "format",
            "nature",
            "kindle",
            "nature",
        ),
        (
            "tide-epub",
            "",
            ("format", "pdf"),
            "format",
            "nature",
            "epub",
            "nature",
        ),
        (
            "tide-epub",
            "",
            ("protection", "acs4"),
            "protection",
            "protection",
            "watermark",
            "protection",
        ),
        (
            "tide-epub",
            "protection=sealed",
            ("format", "epub"),
            "protection",
            "protection",
            "sealed",
            "protection",
        ),
        (
            "tide-epub",
            "state=view",
            ("format", "epub"),
            "availability",
            "state",
            "view",
            "state",
        ),
        (
            "tide-epub",
            "state=",
            ("format", "epub"),
            "availability",
            "state",
            "",
            "format",
        ),
        (
            "tide-epub",
            "publishing_status=08",
            ("format", "epub"),
            "publishing_status",
            "publishing_status",
            "08",
            "publishing_status",
        ),
        (
            "tide-epub",
            "start_sale_at=2027-01-01",
            ("format", "epub"),
            "supply_date",
            "start_sale_at",
            "2027-01-01",
            "start_sale_at",
        ),
        (
            "tide-epub",
            "",
            ("country", "DE"),
            "market",
            "costs",
            "CL CO CR FR HU JP US",
            "costs",
        ),
        (
            "tide-epub",
            "",
            ("cost", "899"),
            "cost",
            "amount",
            "999",
            "cost",
        ),
        (
            "tide-epub",
            "",
            ("price_type", "04"),
            "price",
            "cost",
            "999",
            "cost",
        ),
        (
            "quay-epub",
            "",
            ("format", "epub"),
            "price",
            "cost",
            "9.99",
            "cost",
        ),
        (
            "adrift-epub",
            "",
            ("format", "epub"),
            "publication_state",
            "state",
            "archived",
            "state",
        ),
    ] {
        let mut request = usual(Kind::Simulation, at);
        request.price_type = None;
        let request = request.with(change.0, change.1);
        let offers = records.offers(reference, edits);
        let answer = sale::check(&request, &[&offers], &Account::default());
        assert_ne!(
            answer.verdict,
            Judgement::Valid,
            "{reference} {edits} {change:?}"
        );
        let reason = answer.reasons.iter().find(|reason| reason.rule == rule);
        let reason = reason.unwrap_or_else(|| panic!("{rule}: {:?}", answer.reasons));
        assert_eq!(reason.element, Some(element), "{rule}");
        assert_eq!(reason.value.as_deref(), Some(value), "{rule}");
        let page = records.page(reference, edits).unwrap();
        let byte = usize::try_from(reason.byte.unwrap()).unwrap();
        let tag = format!("<{stands_at}>");
        assert!(
            page[byte..].starts_with(&tag),
            "{rule}: {}",
            &page[byte..byte + 20]
        );
    }
}

/// What a search finds for a sale, a check takes, and the status says so.
#[test]
fn a_search_finds_what_a_check_takes() {
    let records = Records::read();
    let xml: Vec<&str> = records
        .references()
        .filter(|reference| records.page(reference, "").is_some())
        .collect();
    assert!(xml.len() >= 9, "{xml:?}");
    let mut typed = Account::default();
    typed.xml_price_type = Some("02".into());
    let mut n_found = 0;
    for (reference, account) in xml
        .iter()
        .flat_map(|reference| [(reference, Account::default()), (reference, typed.clone())])
    {
        let offers = records.offers(reference, "");
        for country in ["FR", "BE", "DE", "ES", "IT", "PT", "JP", "US", "AN", "CW"] {
            for at in [
                "2025-12-01",
                "2026-12-01",
                "2027-01-01T12:00:00Z",
                "2027-02-01",
            ] {
                let filter = OfferFilter {
                    country: Country::parse(country),
                    sellable: Sellable::Sale,
                    ..OfferFilter::default()
                };
                let at = Moment::parse(at, &Zone::default()).unwrap();
                let found = offers.find(&filter, at, &account);
                let status = offers.status(filter.country, at, &account);
                assert_eq!(
                    found.is_some(),
                    status == Status::Sale,
                    "{reference} {country} {at}"
                );
                let table = table(&[&offers]);
                let packed = table.get(0).unwrap();
                assert_eq!(packed.status(filter.country, at, &account), status);
                let cost = |offer: &Offer| offer.cost;
                assert_eq!(
                    packed.find(&filter, at, &account).as_ref().map(cost),
                    found.as_ref().map(cost)
                );
                let Some(offer) = found else { continue };
                let mut request = usual(Kind::Simulation, at).with("country", country);
                request.price_type = None;
                let request = asked_for(&offer, &request, &account);
                let verdict = sale::judge(&request, &[&offers], &account);
                assert_eq!(verdict.verdict, Judgement::Valid, "{offer:?} {verdict:?}");
                n_found += 1;
            }
        }
    }
    assert!(n_found > 20, "only {n_found}");
}
