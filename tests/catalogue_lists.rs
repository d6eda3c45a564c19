//! The shipped list files, from first to last.
#![cfg(feature = "index")]

use std::fs;
use std::io::Read;
use std::path::PathBuf;

use onix_catalogue::catalogue::{
    Audience, Catalogue, IngestSummary, Search, Sort, Writer, WriterOptions,
};
use onix_catalogue::model::{
    Account, Country, Currency, Judgement, Kind, Moment, SaleRequest, Zone,
};
use onix_catalogue::onix::Reader;
use onix_catalogue::sale;

fn inputs() -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/lists");
    let files = fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).unwrap();
        if path.extension().is_some_and(|extension| extension == "gz") {
            let mut out = Vec::new();
            flate2::read::MultiGzDecoder::new(&*bytes)
                .read_to_end(&mut out)
                .unwrap();
            return out;
        }
        bytes
    };
    paths.into_iter().map(read).collect()
}

fn ingest<'a>(catalogue: &Catalogue, inputs: impl Iterator<Item = &'a Vec<u8>>) -> IngestSummary {
    let mut writer = catalogue.writer(WriterOptions::default()).unwrap();
    for input in inputs {
        for record in Reader::new(input) {
            writer
                .apply(Writer::prepare(&record.unwrap(), None))
                .unwrap();
        }
    }
    writer.commit().unwrap()
}

/// Fails on the first record that differs.
fn assert_same(one: &Catalogue, other: &Catalogue) {
    let (one, other) = (contents(one), contents(other));
    for (one, other) in one.iter().zip(&other) {
        assert_eq!(one, other);
    }
    assert_eq!(one.len(), other.len());
}

/// What a catalogue holds, record by record.
fn contents(catalogue: &Catalogue) -> Vec<(String, String)> {
    let search = Search {
        audience: Audience::Any,
        sort: Sort::Title,
        limit: 10_000,
        ..Search::default()
    };
    let page = catalogue.search(&search).unwrap();
    let mut contents: Vec<_> = page
        .hits
        .iter()
        .map(|hit| {
            let kept = catalogue
                .product(&hit.record_reference, Some(&hit.source))
                .unwrap();
            (
                hit.record_reference.clone(),
                kept[0].xml().unwrap().to_owned(),
            )
        })
        .collect();
    contents.sort();
    contents
}

#[test]
fn all_at_once_and_one_by_one_come_to_the_same() {
    let inputs = inputs();
    let at_once = Catalogue::in_memory().unwrap();
    let summary = ingest(&at_once, inputs.iter());
    assert!(summary.in_catalogue >= 300, "{summary:?}");
    assert_eq!(summary.rejected, 0);
    let backwards = Catalogue::in_memory().unwrap();
    let one_by_one = Catalogue::in_memory().unwrap();
    for input in &inputs {
        ingest(&one_by_one, std::iter::once(input));
    }
    assert_eq!(contents(&at_once).len() as u64, summary.in_catalogue);
    assert_same(&at_once, &one_by_one);
    ingest(&backwards, inputs.iter().rev());
    assert_same(&at_once, &backwards);

    let generation = at_once.stats().unwrap().generation;
    let again = ingest(&at_once, inputs.iter());
    assert_eq!(
        (again.added, again.replaced, again.removed),
        (0, 0, 0),
        "{again:?}"
    );
    assert_eq!(at_once.stats().unwrap().generation, generation);
}

#[test]
fn what_a_filter_finds_can_be_sold() {
    let inputs = inputs();
    let catalogue = Catalogue::in_memory().unwrap();
    ingest(&catalogue, inputs.iter());
    let at = Moment::parse("2026-11-22", &Zone::default()).unwrap();
    let account = Account::default();
    let mut search = Search {
        at,
        limit: 10_000,
        ..Search::default()
    };
    search.offer.country = Country::parse("BE");
    search.offer.currency = Currency::parse("EUR");
    search.offer.sellable = onix_catalogue::sale::Sellable::Sale;
    let page = catalogue.search(&search).unwrap();
    assert!(page.total > 50, "{}", page.total);
    for hit in &page.hits {
        let offer = hit.offer.as_ref().unwrap();
        let (Some(format), Some(isbn), Some(protection)) = (
            hit.format,
            &hit.isbn13,
            offer.protections.words().first().copied(),
        ) else {
            continue;
        };
        let mut request = SaleRequest::new(Kind::Simulation, isbn, at)
            .with("country", "BE")
            .with("currency", "EUR")
            .with("format", format.as_str())
            .with("protection", protection)
            .with("cost", offer.cost.unwrap().to_string());
        request.price_type.clone_from(&offer.price_type);
        let verdict = catalogue.check(&request, &account).unwrap();
        assert_eq!(verdict.verdict, Judgement::Valid, "{hit:?} {verdict:?}");
    }
}

/// A check of the catalogue judges offers packed and reads records only for reasons: both come to what the
/// record says.
#[test]
fn a_check_says_what_the_record_says() {
    let inputs = inputs();
    let catalogue = Catalogue::in_memory().unwrap();
    ingest(&catalogue, inputs.iter());
    let at = Moment::parse("2026-11-22", &Zone::default()).unwrap();
    let account = Account::default();
    let everything = Search {
        audience: Audience::Any,
        ..Search::default()
    };
    let (mut n_valid, mut n_other) = (0, 0);
    for product in catalogue.export(&everything).unwrap() {
        let (kept, _) = product.unwrap();
        let id = &kept.entry.record_reference;
        // Of several records of one name the check looks at all.
        if catalogue.product(id, None).unwrap().len() != 1 {
            continue;
        }
        let offers = kept.offers().unwrap();
        for row in offers.rows(&account) {
            let country = row.countries.countries().first().copied();
            let (Some(cost), Some(country)) = (row.cost, country) else {
                continue;
            };
            for cost in [cost, cost + 1] {
                let mut request = SaleRequest::new(Kind::Simulation, id, at)
                    .with("country", country.alpha2())
                    .with("cost", cost.to_string());
                request.format = row.format.map(|format| format.to_string());
                request.protection = row.protections.words().first().map(|one| (*one).to_owned());
                request.currency = row.currency.map(|currency| currency.to_string());
                request.price_type.clone_from(&row.price_type);
                let mut answer = catalogue.check(&request, &account).unwrap();
                assert_eq!(answer.source.take().as_deref(), Some(&*kept.source));
                let expected = sale::check(&request, &[&offers], &account);
                // Behind its own offers come those of its work.
                assert!(answer.near.starts_with(&expected.near), "{request:?}");
                answer.near.truncate(expected.near.len());
                assert_eq!(answer, expected, "{request:?}");
                let judged = catalogue.judge(&request, &account).unwrap();
                assert_eq!(
                    (judged.verdict, judged.codes),
                    (answer.verdict, answer.codes)
                );
                match answer.verdict {
                    Judgement::Valid => n_valid += 1,
                    _ => n_other += 1,
                }
            }
        }
    }
    assert!(n_valid > 500 && n_other > 500, "{n_valid} {n_other}");
}
