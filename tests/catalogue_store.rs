//! What the catalogue keeps: brought up to date, joined, verified, built anew.
#![cfg(feature = "index")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use onix_catalogue::catalogue::{
    Catalogue, IngestSummary, OnUpdate, Policy, Search, Since, Writer, WriterOptions,
};
use onix_catalogue::model::{Account, Country, Judgement, Kind, Moment, SaleRequest, Status, Zone};
use onix_catalogue::onix::Reader;
use onix_catalogue::sale::{OfferFilter, Sellable};
use onix_catalogue::{Error, ErrorKind};
use proptest::prelude::*;

/// A product of which a price, a protection and a title can be chosen.
#[derive(Debug, Clone)]
struct Book {
    reference: String,
    notification: &'static str,
    title: String,
    protection: &'static str,
    amount: &'static str,
    countries: &'static str,
    description: &'static str,
}

impl Book {
    fn new(number: usize) -> Self {
        Self {
            reference: format!("book.{number}"),
            notification: "03",
            title: format!("Title {number}"),
            protection: "02",
            amount: "9.99",
            countries: "FR BE",
            description: "",
        }
    }

    fn isbn(&self) -> String {
        let number: u64 = self.reference[5..].parse().unwrap();
        let body = format!("978{number:09}");
        let weigh = |(at, digit): (usize, u8)| u64::from(digit - b'0') * (1 + at as u64 % 2 * 2);
        let sum: u64 = body.bytes().enumerate().map(weigh).sum();
        format!("{body}{}", (10 - sum % 10) % 10)
    }

    fn xml(&self) -> String {
        let collateral = match self.description {
            "" => String::new(),
            text => format!(
                "<CollateralDetail><TextContent><TextType>03</TextType><ContentAudience>00</ContentAudience><Text>{text}</Text></TextContent></CollateralDetail>"
            ),
        };
        format!(
            "<Product><RecordReference>{}</RecordReference><NotificationType>{}</NotificationType>\
             <ProductIdentifier><ProductIDType>15</ProductIDType><IDValue>{}</IDValue></ProductIdentifier>\
             <DescriptiveDetail><ProductForm>EA</ProductForm><ProductFormDetail>E101</ProductFormDetail>\
             <EpubTechnicalProtection>{}</EpubTechnicalProtection><TitleDetail><TitleType>01</TitleType><TitleElement>\
             <TitleElementLevel>01</TitleElementLevel><TitleText>{}</TitleText></TitleElement></TitleDetail></DescriptiveDetail>\
             {collateral}<PublishingDetail><PublishingStatus>04</PublishingStatus></PublishingDetail>\
             <ProductSupply><SupplyDetail><ProductAvailability>20</ProductAvailability><Price><PriceType>04</PriceType>\
             <PriceAmount>{}</PriceAmount><CurrencyCode>EUR</CurrencyCode><Territory><CountriesIncluded>{}</CountriesIncluded>\
             </Territory></Price></SupplyDetail></ProductSupply></Product>",
            self.reference,
            self.notification,
            self.isbn(),
            self.protection,
            self.title,
            self.amount,
            self.countries
        )
    }
}

fn message(day: u32, products: &str) -> String {
    format!(
        "<ONIXMessage release=\"3.0\"><Header><Sender><SenderName>House</SenderName></Sender>\
         <SentDateTime>{}{:02}{:02}</SentDateTime></Header>{products}</ONIXMessage>",
        2026 + day / 336,
        1 + day / 28 % 12,
        1 + day % 28
    )
}

fn list(day: u32, books: &[Book]) -> String {
    message(day, &books.iter().map(Book::xml).collect::<String>())
}

fn take(catalogue: &Catalogue, list: &str) -> IngestSummary {
    with(catalogue, list, WriterOptions::default())
}

fn with(catalogue: &Catalogue, list: &str, options: WriterOptions) -> IngestSummary {
    let mut writer = catalogue.writer(options).unwrap();
    for record in Reader::new(list.as_bytes()) {
        let applied = match record {
            Ok(record) => writer.apply(Writer::prepare(&record, None)),
            Err(error) => {
                writer.reject(None, &error);
                Ok(())
            }
        };
        assert!(applied.as_ref().is_err_and(Error::is_record) || applied.is_ok());
    }
    writer.commit().unwrap()
}

fn whole(catalogue: &Catalogue) {
    let verified = catalogue.verify().unwrap();
    assert_eq!(verified.problems, Vec::<String>::new());
    let everything = Search {
        limit: 0,
        ..Search::default()
    };
    let total = catalogue.search(&everything).unwrap().total;
    assert_eq!(
        (total, verified.products),
        (catalogue.stats().unwrap().products, total)
    );
}

/// What there is: each record as it is kept, by its reference.
fn content(catalogue: &Catalogue) -> BTreeMap<String, String> {
    let everything = catalogue.export(&Search::default()).unwrap();
    let record = |product: Result<(onix_catalogue::catalogue::Kept, _), Error>| {
        let (kept, _) = product.unwrap();
        (
            kept.entry.record_reference.clone(),
            kept.xml().unwrap().to_owned(),
        )
    };
    everything.map(record).collect()
}

fn at() -> Moment {
    Moment::parse("2026-12-01", &Zone::default()).unwrap()
}

fn request(book: &Book, cost: &str) -> SaleRequest {
    SaleRequest::new(Kind::Simulation, book.isbn(), at())
        .with("format", "epub")
        .with("protection", "watermark")
        .with("cost", cost)
        .with("country", "FR")
        .with("currency", "EUR")
        .with("price_type", "04")
}

fn in_folder() -> (tempfile::TempDir, Catalogue) {
    let folder = tempfile::tempdir().unwrap();
    let catalogue = Catalogue::create(folder.path().join("index")).unwrap();
    (folder, catalogue)
}

#[test]
fn hundreds_of_small_lists_come_to_what_one_large_one_does() {
    let (_folder, grown) = in_folder();
    let mut books: Vec<Book> = (0..150).map(Book::new).collect();
    take(&grown, &list(0, &books));
    let days = std::env::var("ONIX_TEST_LISTS").ok();
    let days = days.map_or(120, |days| days.parse().unwrap());
    for day in 1..days {
        let first = day as usize * 7 % 140;
        let some = &mut books[first..first + 5];
        for book in &mut *some {
            book.title = format!("Title of day {day}");
            book.amount = ["4.99", "9.99", "12.50"][day as usize % 3];
        }
        take(&grown, &list(day, some));
    }
    whole(&grown);
    let stats = grown.stats().unwrap();
    assert!(stats.parts <= 12 && stats.segments <= 12, "{stats:?}");
    let built = Catalogue::in_memory().unwrap();
    take(&built, &list(days, &books));
    let days_aside = |content: BTreeMap<String, String>| -> Vec<String> {
        let product = |xml: String| xml[xml.find("<Product>").unwrap()..].to_owned();
        content.into_values().map(product).collect()
    };
    assert_eq!(days_aside(content(&grown)), days_aside(content(&built)));
    for book in &books {
        let cost = book.amount.replace('.', "");
        let verdict = grown
            .judge(&request(book, &cost), &Account::default())
            .unwrap();
        assert_eq!(verdict.verdict, Judgement::Valid, "{book:?}");
    }
}

#[test]
fn a_reader_sees_what_another_process_has_published() {
    let (folder, catalogue) = in_folder();
    let other = Catalogue::open(folder.path().join("index")).unwrap();
    take(&catalogue, &list(0, &[Book::new(1)]));
    for _ in 0..100 {
        if other.stats().unwrap().products == 1 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(other.stats().unwrap().products, 1);
    let verdict = other
        .judge(&request(&Book::new(1), "999"), &Account::default())
        .unwrap();
    assert_eq!(verdict.verdict, Judgement::Valid);
}

/// R17: a look-up, its record and its hit are of one generation, whatever is being published.
#[test]
fn readers_see_whole_generations() {
    let (_folder, catalogue) = in_folder();
    let books = |day: u32| -> Vec<Book> {
        let dated = |number| Book {
            title: format!("Generation {day}"),
            amount: if day.is_multiple_of(2) {
                "9.99"
            } else {
                "4.99"
            },
            ..Book::new(number)
        };
        (0..20).map(dated).collect()
    };
    take(&catalogue, &list(0, &books(0)));
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for day in 1..60 {
                take(&catalogue, &list(day, &books(day)));
            }
            done.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        while !done.load(std::sync::atomic::Ordering::Relaxed) {
            let page = catalogue.search(&Search::new("generation")).unwrap();
            assert_eq!(page.total, 20);
            for hit in &page.hits {
                let day: u32 = hit.title.as_deref().unwrap()[11..].parse().unwrap();
                let cost = hit.offer.as_ref().unwrap().cost;
                assert_eq!(cost, Some(if day.is_multiple_of(2) { 999 } else { 499 }));
            }
            for kept in catalogue.product(&Book::new(3).isbn(), None).unwrap() {
                assert!(
                    kept.xml()
                        .unwrap()
                        .contains(kept.entry.title.as_deref().unwrap())
                );
            }
        }
    });
    whole(&catalogue);
}

#[test]
fn what_a_record_says_that_a_later_one_outdated_is_not_counted_on() {
    let catalogue = Catalogue::in_memory().unwrap();
    let (book, account) = (Book::new(0), Account::default());
    take(&catalogue, &list(0, std::slice::from_ref(&book)));
    let told = || {
        let sale = request(&book, "999");
        let checked = catalogue.check(&sale, &account).unwrap();
        let judged = catalogue.judge(&sale, &account).unwrap();
        assert_eq!(
            (judged.verdict, &judged.missing),
            (checked.verdict, &checked.missing)
        );
        let for_sale = Search {
            at: at(),
            ..Search::default()
        };
        let found = catalogue
            .search(&Search {
                offer: OfferFilter {
                    sellable: Sellable::Sale,
                    ..OfferFilter::default()
                },
                ..for_sale.clone()
            })
            .unwrap();
        let shown = catalogue.search(&for_sale).unwrap().hits[0].status;
        let (kept, offers) = catalogue.offers("book.0").unwrap().remove(0);
        let rows = kept.offer_rows(&offers, &OfferFilter::default(), at(), &account);
        assert_eq!(rows[0].status, shown);
        (checked.verdict, checked.missing, found.total, shown)
    };
    let sold = (Judgement::Valid, Vec::new(), 1, Status::Sale);
    assert_eq!(told(), sold);
    // It is known that there is another, not what it says.
    let damaged = Book {
        amount: "19.99",
        ..book.clone()
    };
    let damaged = damaged.xml().replace("</TitleText>", "");
    take(&catalogue, &message(1, &damaged));
    let open = vec!["fresh_record"];
    assert_eq!(told(), (Judgement::Unknown, open, 0, Status::Unknown));
    // What is wrong with a request stays wrong.
    let nonsense = request(&book, "999").with("country", "XX");
    let nonsense = catalogue.judge(&nonsense, &account).unwrap();
    assert_eq!(nonsense.verdict, Judgement::Refused);
    take(&catalogue, &list(2, std::slice::from_ref(&book)));
    assert_eq!(told(), sold);
}

#[test]
fn each_price_is_judged_by_itself() {
    let catalogue = Catalogue::in_memory().unwrap();
    let account = Account::default();
    let date = |role: u8, day: &str| {
        format!("<PriceDate><PriceDateRole>{role}</PriceDateRole><Date>{day}</Date></PriceDate>")
    };
    let first = Book::new(0).xml();
    let start = first.find("<Price>").unwrap();
    let end = first.find("</Price>").unwrap() + "</Price>".len();
    let price = &first[start..end];
    let rows = |status: &str| {
        let dated = |date: &str| price.replace("</Price>", &format!("{date}</Price>"));
        let rows = [
            price.replace(
                "<PriceAmount>",
                "<PriceQualifier>06</PriceQualifier><PriceAmount>",
            ),
            dated(&date(14, "20270601")),
            dated(&date(15, "20200101")),
            price.to_owned(),
        ];
        let product = first.replace(price, &rows.concat());
        let product = product.replace(
            "<PublishingStatus>04<",
            &format!("<PublishingStatus>{status}<"),
        );
        take(&catalogue, &message(0, &product));
        let (kept, offers) = catalogue.offers("book.0").unwrap().remove(0);
        let rows = kept.offer_rows(&offers, &OfferFilter::default(), at(), &account);
        rows.iter().map(|row| row.status).collect::<Vec<_>>()
    };
    assert_eq!(
        rows("04"),
        [Status::No, Status::Later, Status::No, Status::Sale]
    );
    // No date changes that it is out of print.
    assert_eq!(rows("07"), [Status::No; 4]);
}

#[test]
fn a_complete_delivery_removes_what_it_lacks() {
    let catalogue = Catalogue::in_memory().unwrap();
    let books: Vec<Book> = (0..5).map(Book::new).collect();
    take(&catalogue, &list(0, &books));
    let foreign = list(0, &[Book::new(9)]).replace("House", "Other");
    take(&catalogue, &foreign);
    let complete = || WriterOptions {
        complete: true,
        ..WriterOptions::default()
    };
    let summary = with(&catalogue, &list(1, &books[..3]), complete());
    assert_eq!(
        (summary.replaced, summary.removed, summary.in_catalogue),
        (3, 2, 4)
    );
    whole(&catalogue);
    // A record that says which it is was set aside: it stays, and is marked.
    let damaged = books[0].xml().replace("</TitleText>", "");
    let summary = with(
        &catalogue,
        &message(2, &format!("{damaged}{}", books[1].xml())),
        complete(),
    );
    assert_eq!(
        (summary.rejected, summary.removed, summary.in_catalogue),
        (1, 1, 3)
    );
    assert!(catalogue.product("book.0", None).unwrap()[0].is_outdated);
    assert!(!catalogue.product("book.1", None).unwrap()[0].is_outdated);
    assert_eq!(catalogue.stats().unwrap().outdated, 1);
    // So it does where another source has one of that name: whose it was can't be told, and neither goes.
    let other = list(2, &books[..1]).replace("House", "Other");
    take(&catalogue, &other);
    let test = Book {
        notification: "89",
        ..books[1].clone()
    };
    let again = format!("{damaged}{}", test.xml());
    let summary = with(
        &catalogue,
        &message(3, &format!("{again}{}", Book::new(6).xml())),
        complete(),
    );
    let counts = (
        summary.rejected,
        summary.unchanged,
        summary.added,
        summary.removed,
    );
    assert_eq!(counts, (1, 1, 1, 0));
    let gone = Book {
        notification: "05",
        ..Book::new(6)
    };
    take(&catalogue, &list(3, &[gone]));
    let other = Book {
        notification: "05",
        ..books[0].clone()
    };
    take(&catalogue, &list(3, &[other]).replace("House", "Other"));
    // Behind a cut there may have been anything.
    let all = list(3, &books[..3]);
    let end = all.rfind("<DescriptiveDetail>").unwrap();
    let summary = with(&catalogue, &all[..end], complete());
    assert_eq!(
        (summary.rejected, summary.removed, summary.unseen),
        (1, 0, 0)
    );
    let end = all.find("<RecordReference>book.1").unwrap() + 30;
    let summary = with(&catalogue, &all[..end], complete());
    assert_eq!((summary.rejected, summary.removed), (1, 0));
    // One that doesn't say so may be any.
    let nameless = "<Product><RecordReference>< </Product>";
    let summary = with(&catalogue, &message(3, nameless), complete());
    assert_eq!(
        (summary.rejected, summary.removed, summary.in_catalogue),
        (1, 0, 3)
    );
    // The next good record takes the mark away.
    take(&catalogue, &list(4, &books[..1]));
    assert!(!catalogue.product("book.0", None).unwrap()[0].is_outdated);
    whole(&catalogue);
}

#[test]
fn an_update_of_blocks_leaves_the_others() {
    let merge = || WriterOptions {
        policy: Policy {
            on_update: OnUpdate::Merge,
            ..Policy::default()
        },
        ..WriterOptions::default()
    };
    let book = Book {
        description: "A long story",
        ..Book::new(1)
    };
    let supply = {
        let xml = Book {
            amount: "4.99",
            notification: "04",
            ..book.clone()
        }
        .xml();
        let (start, end) = (
            xml.find("<DescriptiveDetail>").unwrap(),
            xml.find("<ProductSupply>").unwrap(),
        );
        message(1, &format!("{}{}", &xml[..start], &xml[end..]))
    };
    let replaced = Catalogue::in_memory().unwrap();
    take(&replaced, &list(0, std::slice::from_ref(&book)));
    take(&replaced, &supply);
    assert_eq!(
        replaced.product("book.1", None).unwrap()[0].entry.title,
        None
    );

    let catalogue = Catalogue::in_memory().unwrap();
    take(&catalogue, &list(0, std::slice::from_ref(&book)));
    let summary = with(&catalogue, &supply, merge());
    assert_eq!(summary.replaced, 1);
    let kept = &catalogue.product("book.1", None).unwrap()[0];
    assert_eq!(kept.entry.title.as_deref(), Some("Title 1"));
    assert_eq!(kept.entry.description.as_deref(), Some("A long story"));
    let valid = |cost| {
        let verdict = catalogue.judge(&request(&book, cost), &Account::default());
        verdict.unwrap().verdict
    };
    assert_eq!(valid("499"), Judgement::Valid);
    assert_eq!(valid("999"), Judgement::Refused);
    // The same once more changes nothing; an update within one run finds the record before it.
    assert_eq!(with(&catalogue, &supply, merge()).unchanged, 1);
    whole(&catalogue);
    let both = list(2, std::slice::from_ref(&book)).replace("</ONIXMessage>", "")
        + &supply[supply.find("<Product>").unwrap()..];
    with(&catalogue, &both, merge());
    let kept = &catalogue.product("book.1", None).unwrap()[0];
    assert_eq!(kept.entry.title.as_deref(), Some("Title 1"));
    assert_eq!(valid("499"), Judgement::Valid);
    // Other defaults of the Header: what the blocks come to together can't be told.
    let other = supply
        .replace(
            "</Header>",
            "<DefaultCurrencyCode>USD</DefaultCurrencyCode></Header>",
        )
        .replace("<SentDateTime>20260102", "<SentDateTime>20260301");
    let summary = with(&catalogue, &other, merge());
    assert_eq!((summary.rejected, summary.replaced), (1, 0));
    assert!(catalogue.product("book.1", None).unwrap()[0].is_outdated);
    whole(&catalogue);
}

#[test]
fn what_changed_for_sale_is_told() {
    let (_folder, catalogue) = in_folder();
    let books: Vec<Book> = (0..6).map(Book::new).collect();
    take(&catalogue, &list(0, &books));
    let mut next = books.clone();
    next[0].amount = "4.99";
    next[1].protection = "00";
    next[2].countries = "FR";
    next[3].title = "Another title".into();
    next[4].notification = "05";
    next[5].title = books[5].title.clone();
    next.push(Book::new(7));
    take(&catalogue, &list(1, &next));
    let account = Account::default();
    let changes = catalogue
        .changes(Since::Generation(1), None, &account)
        .unwrap();
    let mut told: Vec<(String, String)> = changes
        .iter()
        .map(|change| (change.record_reference.clone(), change.what.join(" ")))
        .collect();
    told.sort();
    let expected = [
        ("book.0", "price"),
        ("book.1", "protection"),
        ("book.2", "territory"),
        ("book.3", "text"),
        ("book.4", "removed"),
        ("book.7", "added"),
    ]
    .map(|(reference, what)| (reference.to_owned(), what.to_owned()));
    assert_eq!(told, expected);
    let price = changes.iter().find(|one| one.what == ["price"]).unwrap();
    let cost =
        |side: &Option<onix_catalogue::catalogue::ForSale>| side.as_ref().unwrap().offers[0].cost;
    assert_eq!(
        (cost(&price.before), cost(&price.after)),
        (Some(999), Some(499))
    );
    assert_eq!(price.isbn13, Some(books[0].isbn()));
    // In Belgium one more price is gone, and the text of a book is nobody's business.
    let belgium = Country::parse("BE");
    let changes = catalogue
        .changes(Since::Generation(1), belgium, &account)
        .unwrap();
    let mut told: Vec<_> = changes
        .iter()
        .map(|change| (change.record_reference.as_str(), change.what.join(" ")))
        .collect();
    told.sort();
    assert_eq!(told[2], ("book.2", "price status".to_owned()));
    assert_eq!(told.len(), 5);
    assert_eq!(
        catalogue
            .changes(Since::Generation(2), None, &account)
            .unwrap(),
        []
    );
    assert_eq!(
        catalogue
            .changes(Since::Moment(at()), None, &account)
            .unwrap()
            .len(),
        0
    );
}

#[test]
fn a_catalogue_without_records_says_where_they_are_missed() {
    let (_folder, catalogue) = in_folder();
    let book = Book::new(1);
    let without = WriterOptions {
        keep_records: false,
        ..WriterOptions::default()
    };
    with(&catalogue, &list(0, std::slice::from_ref(&book)), without);
    let kept = &catalogue.product("book.1", None).unwrap()[0];
    assert_eq!(kept.entry.title.as_deref(), Some("Title 1"));
    let missed = |error: &Error| matches!(error.kind(), ErrorKind::NotKept);
    assert!(missed(&kept.xml().unwrap_err()) && missed(&kept.offers().unwrap_err()));
    let page = catalogue.search(&Search::new("title")).unwrap();
    assert_eq!(page.hits[0].status, Status::Sale);
    let valid = catalogue
        .check(&request(&book, "999"), &Account::default())
        .unwrap();
    assert_eq!(valid.verdict, Judgement::Valid);
    let refused = catalogue
        .check(&request(&book, "1"), &Account::default())
        .unwrap();
    assert_eq!(refused.verdict, Judgement::Refused);
    assert!(
        refused
            .notices
            .iter()
            .any(|notice| notice.code == "not_kept")
    );
    assert!(!refused.near.is_empty());
    whole(&catalogue);
    let anew = Catalogue::in_memory().unwrap();
    let mut writer = anew.writer(WriterOptions::default()).unwrap();
    assert!(missed(&writer.take_all(&catalogue).unwrap_err()));
}

#[test]
fn a_catalogue_built_anew_from_its_records_is_the_same() {
    let catalogue = Catalogue::in_memory().unwrap();
    let books: Vec<Book> = (0..30).map(Book::new).collect();
    take(&catalogue, &list(1, &books));
    let removed = Book {
        notification: "05",
        ..books[3].clone()
    };
    take(&catalogue, &list(2, &[removed]));
    let anew = Catalogue::in_memory().unwrap();
    let mut writer = anew.writer(WriterOptions::default()).unwrap();
    writer.take_all(&catalogue).unwrap();
    assert_eq!(writer.commit().unwrap().in_catalogue, 29);
    assert_eq!(content(&anew), content(&catalogue));
    // The removal is remembered there too.
    assert_eq!(take(&anew, &list(0, &books[3..4])).stale, 1);
    whole(&anew);
}

#[test]
fn a_look_up_reads_no_record() {
    let (_folder, catalogue) = in_folder();
    let books: Vec<Book> = (0..3).map(Book::new).collect();
    take(&catalogue, &list(0, &books));
    let filter = OfferFilter {
        country: Country::parse("BE"),
        ..OfferFilter::default()
    };
    let found = catalogue.lookup(&books[1].isbn(), &filter, at(), &Account::default());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].title.as_deref(), Some("Title 1"));
    assert_eq!(found[0].status, Status::Sale);
    assert_eq!(found[0].offer.as_ref().unwrap().cost, Some(999));
    assert_eq!(found[0].isbn13, Some(books[1].isbn()));
    assert_eq!(
        catalogue.lookup("9780000000000", &filter, at(), &Account::default()),
        []
    );
}

/// R19: whatever byte of whatever file is another one, `verify` says so, and nothing panics or hangs.
#[test]
fn every_damage_is_found() {
    let (folder, catalogue) = in_folder();
    let books: Vec<Book> = (0..40).map(Book::new).collect();
    take(&catalogue, &list(0, &books));
    take(&catalogue, &list(1, &books[..5]));
    drop(catalogue);
    let index = folder.path().join("index");
    let offsets: usize = match std::env::var("ONIX_TEST_DAMAGES") {
        Ok(n) => n.parse().unwrap(),
        Err(_) => 80,
    };
    let mut files = Vec::new();
    for part in ["parts", "text"] {
        for item in fs::read_dir(index.join(part)).unwrap() {
            let path = item.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            // Lists of files and locks, which say nothing of products.
            if !name.starts_with('.') && name != "meta.json" {
                files.push(path);
            }
        }
    }
    files.sort();
    let total: u64 = files
        .iter()
        .map(|path| fs::metadata(path).unwrap().len())
        .sum();
    let mut n = 0;
    for step in 0..offsets as u64 {
        let mut at = step * (total / offsets as u64).max(1);
        for path in &files {
            let length = fs::metadata(path).unwrap().len();
            if at >= length {
                at -= length;
                continue;
            }
            flip(path, at as usize);
            let found = match Catalogue::open(&index) {
                Err(_) => true,
                Ok(catalogue) => {
                    // Queries of a damaged catalogue may fail, not more.
                    let _ = catalogue.search(&Search::new("title"));
                    let _ = catalogue.check(&request(&books[2], "999"), &Account::default());
                    catalogue
                        .verify()
                        .map_or(true, |verified| !verified.problems.is_empty())
                }
            };
            assert!(found, "byte {at} of {}", path.display());
            flip(path, at as usize);
            n += 1;
            break;
        }
    }
    assert!(n as usize >= offsets.min(total as usize) / 2, "{n} damages");
    whole(&Catalogue::open(&index).unwrap());
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 0x10;
    let mut permissions = fs::metadata(path).unwrap().permissions();
    #[allow(clippy::permissions_set_readonly_false)]
    permissions.set_readonly(false);
    fs::set_permissions(path, permissions).unwrap();
    fs::write(path, bytes).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// R25, under invariants 6 and 7: of records of a key that were sent at different moments the latest stays,
    /// in whatever order and in however many runs they come, and with any number of threads.
    #[test]
    fn order_and_runs_do_not_matter(
        records in prop::collection::vec((0usize..6, 0u32..40, prop::bool::weighted(0.2)), 1..30),
        cuts in prop::collection::vec(1usize..6, 0..6),
        shuffle in any::<u64>(),
        threads in 1usize..4,
    ) {
        // One record a key and moment.
        let mut by_moment = BTreeMap::new();
        for (number, day, is_removal) in records {
            by_moment.insert((number, day), is_removal);
        }
        let lists: Vec<String> = by_moment
            .iter()
            .map(|((number, day), is_removal)| {
                let notification = if *is_removal { "05" } else { "03" };
                let title = format!("Title of day {day}");
                list(*day, &[Book { notification, title, ..Book::new(*number) }])
            })
            .collect();
        let expected: BTreeMap<String, String> = (0..6)
            .filter_map(|number| {
                let mut of_key = by_moment.range((number, 0)..(number + 1, 0));
                let ((_, day), is_removal) = of_key.next_back()?;
                (!is_removal).then(|| (format!("book.{number}"), format!("Title of day {day}")))
            })
            .collect();
        let mut order: Vec<&String> = lists.iter().collect();
        let mut state = shuffle | 1;
        for at in (1..order.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            order.swap(at, (state >> 33) as usize % (at + 1));
        }
        let catalogue = Catalogue::in_memory().unwrap();
        let mut rest = order.as_slice();
        for cut in cuts.into_iter().chain([usize::MAX]) {
            let (run, behind) = rest.split_at(cut.min(rest.len()));
            rest = behind;
            let options = WriterOptions { threads, ..WriterOptions::default() };
            let mut writer = catalogue.writer(options).unwrap();
            for list in run {
                for record in Reader::new(list.as_bytes()) {
                    writer.apply(Writer::prepare(&record.unwrap(), None)).unwrap();
                }
            }
            writer.commit().unwrap();
        }
        let titles: BTreeMap<String, String> = catalogue
            .export(&Search::default())
            .unwrap()
            .map(|product| product.unwrap().0.entry)
            .map(|entry| (entry.record_reference, entry.title.unwrap()))
            .collect();
        prop_assert_eq!(titles, expected);
        prop_assert_eq!(catalogue.verify().unwrap().problems, Vec::<String>::new());
    }
}
