//! The platform's own `xml` in the catalogue: its formats meet the products of the ONIX feed.
#![cfg(feature = "index")]

use std::sync::Mutex;

use onix_catalogue::catalogue::{Catalogue, Writer, WriterOptions};
use onix_catalogue::input::{Inputs, Item, ReadOptions, receive};
use onix_catalogue::model::{Account, Judgement, Kind, Moment, SaleRequest, Zone};
use onix_catalogue::{IngestSummary, Result};

/// Reads inputs into a catalogue; returns the summary, and what was set aside.
fn index(catalogue: &Catalogue, inputs: &[(&str, String)]) -> (IngestSummary, Vec<String>) {
    let writer = Mutex::new(catalogue.writer(WriterOptions::default()).unwrap());
    let mut aside = Vec::new();
    for (name, text) in inputs {
        let inputs = Inputs::from_bytes(*name, text.clone().into_bytes());
        let consume = |item: Item<_>| -> Result<()> {
            match item {
                Item::Record(prepared) => writer.lock().unwrap().apply(prepared)?,
                Item::Rejected(error) => {
                    writer.lock().unwrap().reject(Some("shop"), &error);
                    aside.push(format!("{error}"));
                }
                _ => {}
            }
            Ok(())
        };
        let prepare =
            |received: onix_catalogue::input::Received<'_>| Writer::prepare(received, Some("shop"));
        receive(&inputs, &ReadOptions::default(), prepare, consume).unwrap();
    }
    let summary = writer.into_inner().unwrap().commit().unwrap();
    (summary, aside)
}

fn publication(id: &str, updated: &str, cost: &str) -> String {
    let format = |nature: &str, isbn: &str| {
        format!(
            "<format><nature>{nature}</nature><key_type>isbn</key_type><value>{isbn}</value>\
             <publishing_status>04</publishing_status><state>sell</state><protection>acs4</protection>\
             <costs><cost><country>esp</country><currency>eur</currency><amount>{cost}</amount>\
             <amount_taxes>included</amount_taxes></cost></costs></format>"
        )
    };
    format!(
        "<publication><id>{id}</id><state>online</state><last_update>{updated}</last_update>\
         <title><main>El faro</main></title><formats>{}{}</formats></publication>",
        format("epub", "9789999900010"),
        format("pdf", "9789999900027"),
    )
}

fn page(publications: &[String]) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<publications><description>all</description>{}</publications>",
        publications.concat()
    )
}

fn onix(reference: &str, sent: &str, amount: &str) -> String {
    format!(
        "<ONIXMessage release=\"3.0\"><Header><SentDateTime>{sent}</SentDateTime></Header><Product>\
         <RecordReference>{reference}</RecordReference><NotificationType>03</NotificationType>\
         <ProductIdentifier><ProductIDType>15</ProductIDType><IDValue>9789999900010</IDValue></ProductIdentifier>\
         <DescriptiveDetail><ProductForm>EA</ProductForm><ProductFormDetail>E101</ProductFormDetail>\
         <EpubTechnicalProtection>03</EpubTechnicalProtection></DescriptiveDetail>\
         <PublishingDetail><PublishingStatus>04</PublishingStatus></PublishingDetail>\
         <ProductSupply><SupplyDetail><ProductAvailability>20</ProductAvailability><Price><PriceType>04</PriceType>\
         <PriceAmount>{amount}</PriceAmount><CurrencyCode>EUR</CurrencyCode><Territory><CountriesIncluded>ES</CountriesIncluded>\
         </Territory></Price></SupplyDetail></ProductSupply></Product></ONIXMessage>"
    )
}

fn verdict(catalogue: &Catalogue, cost: &str) -> Judgement {
    let at = Moment::parse("2026-12-01", &Zone::default()).unwrap();
    let request = SaleRequest::new(Kind::Simulation, "9789999900010", at)
        .with("format", "epub")
        .with("protection", "acs4")
        .with("cost", cost)
        .with("currency", "EUR")
        .with("country", "ES");
    let account = Account::default();
    let verdict = catalogue.check(&request, &account).unwrap();
    assert_eq!(
        catalogue.judge(&request, &account).unwrap().verdict,
        verdict.verdict
    );
    verdict.verdict
}

#[test]
fn both_formats_of_one_account_meet_and_the_later_one_stays() {
    let catalogue = Catalogue::in_memory().unwrap();
    let xml = |updated: &str, cost: &str| page(&[publication("LIBR1", updated, cost)]);
    let steps = [
        (
            "onix",
            onix("LIBR1-epub", "20261101T000000Z", "9.99"),
            "999",
            1,
        ),
        ("xml", xml("2026-11-02T00:00:00+00:00", "899"), "899", 2),
        (
            "onix",
            onix("LIBR1-epub", "20261103T000000Z", "7.99"),
            "799",
            2,
        ),
        // Older than what is there.
        ("xml", xml("2026-11-02T12:00:00+00:00", "899"), "799", 2),
        ("xml", xml("2026-11-04T00:00:00+01:00", "699"), "699", 2),
    ];
    for (name, text, cost, products) in steps {
        let (summary, aside) = index(&catalogue, &[(name, text)]);
        assert_eq!((summary.in_catalogue, aside.len()), (products, 0), "{cost}");
        assert_eq!(verdict(&catalogue, cost), Judgement::Valid, "{cost}");
    }
    let kept = &catalogue.product("LIBR1-pdf", None).unwrap()[0];
    assert_eq!(kept.entry.isbn13.as_deref(), Some("9789999900027"));
    assert_eq!(kept.entry.title.as_deref(), Some("El faro"));
    assert!(
        kept.xml()
            .unwrap()
            .starts_with("<publications><publication>")
    );
    assert_eq!(catalogue.verify().unwrap().problems, [""; 0]);
}

#[test]
fn the_same_page_again_changes_nothing() {
    let catalogue = Catalogue::in_memory().unwrap();
    let page = page(&[publication("LIBR1", "2026-11-02T00:00:00+00:00", "899")]);
    index(&catalogue, &[("first", page.clone())]);
    let (summary, _) = index(&catalogue, &[("again", page.clone())]);
    assert_eq!((summary.unchanged, summary.replaced), (2, 0));
    // A catalogue built from its own records is the same.
    let anew = Catalogue::in_memory().unwrap();
    let mut writer = anew.writer(WriterOptions::default()).unwrap();
    writer.take_all(&catalogue).unwrap();
    assert_eq!(writer.commit().unwrap().added, 2);
    let xml = |catalogue: &Catalogue| {
        let kept = catalogue.product("LIBR1-pdf", None).unwrap();
        kept[0].xml().unwrap().to_owned()
    };
    assert_eq!(xml(&anew), xml(&catalogue));
}

#[test]
fn a_page_is_read_whole_whatever_its_size_and_a_cut_one_loses_its_last() {
    let publications: Vec<_> = (0..2_000)
        .map(|n| publication(&format!("LIBR{n}"), "2026-11-02T00:00:00+00:00", "899"))
        .collect();
    let page = page(&publications);
    assert!(page.len() > 1 << 20, "more than a window");
    let catalogue = Catalogue::in_memory().unwrap();
    let (summary, aside) = index(&catalogue, &[("whole", page.clone())]);
    assert_eq!((summary.added, aside.len()), (4_000, 0));
    let catalogue = Catalogue::in_memory().unwrap();
    let cut = page[..page.len() - 100].to_owned();
    let (summary, aside) = index(&catalogue, &[("cut", cut)]);
    assert_eq!(summary.added, 3_998);
    assert_eq!(aside.len(), 1, "{aside:?}");
}

#[test]
fn a_publication_without_formats_is_told() {
    let page = page(&["<publication><id>LIBR9</id></publication>".into()]);
    let inputs = Inputs::from_bytes("page", page.into_bytes());
    let mut told = Vec::new();
    receive(
        &inputs,
        &ReadOptions::default(),
        |_| (),
        |item| {
            if let Item::Notice(notice) = item {
                told.push((notice.code.as_str(), notice.record_reference));
            }
            Ok(())
        },
    )
    .unwrap();
    assert_eq!(told, [("OX209", Some("LIBR9".to_owned()))]);
}

/// What a delivery brings is remembered from one writer to the next.
#[test]
fn a_delivery_that_takes_several_writers_finds_what_has_gone() {
    let folder = tempfile::tempdir().unwrap();
    for catalogue in [
        Catalogue::in_memory().unwrap(),
        Catalogue::create(folder.path().join("index")).unwrap(),
    ] {
        let all: Vec<_> = (1..=4)
            .map(|n| onix(&format!("B{n}"), "20261101T000000Z", "9.99"))
            .collect();
        let inputs: Vec<_> = all.iter().map(|text| ("all", text.clone())).collect();
        index(&catalogue, &inputs);
        let apply = |writer: &mut Writer, n: usize| {
            let reader = onix_catalogue::onix::Reader::new(all[n - 1].as_bytes());
            for record in reader.into_records() {
                let prepared = Writer::prepare(&record.unwrap(), Some("shop"));
                writer.apply(prepared).unwrap();
            }
        };
        let mut writer = catalogue.writer(WriterOptions::default()).unwrap();
        assert!(!writer.resume_delivery("shop").unwrap());
        writer.begin_delivery("shop");
        apply(&mut writer, 1);
        let mut writer = writer.checkpoint().unwrap();
        // What comes after the last checkpoint of a killed writer doesn't count.
        apply(&mut writer, 2);
        drop(writer);
        let mut writer = catalogue.writer(WriterOptions::default()).unwrap();
        assert!(writer.resume_delivery("shop").unwrap());
        apply(&mut writer, 3);
        assert_eq!(writer.unseen(), 2);
        writer.end_delivery(true).unwrap();
        let summary = writer.commit().unwrap();
        assert_eq!((summary.removed, summary.in_catalogue), (2, 2));
        let known = |n: usize| {
            !catalogue
                .product(&format!("B{n}"), None)
                .unwrap()
                .is_empty()
        };
        assert_eq!([1, 2, 3, 4].map(known), [true, false, true, false]);
        let mut writer = catalogue.writer(WriterOptions::default()).unwrap();
        assert!(!writer.resume_delivery("shop").unwrap(), "it has ended");
    }
}
