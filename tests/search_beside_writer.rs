//! Searches beside a writer: whatever is being written, what a search finds is one generation.
//!
//! `ONIX_TEST_SEARCHES` sets how many searches there are (2,000).

#![cfg(feature = "index")]

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use onix_catalogue::Catalogue;
use onix_catalogue::catalogue::Search;
use onix_catalogue::model::{Account, Moment};
use onix_catalogue::onix::Reader;
use onix_catalogue::sale::OfferFilter;

const PRODUCTS: usize = 40;

/// All products, with the number of the generation in title and price; every third one is deleted in odd ones.
fn list(generation: u64) -> String {
    let product = |n: usize| match n.is_multiple_of(3) && generation % 2 == 1 {
        true => format!(
            "<Product><RecordReference>r{n}</RecordReference><NotificationType>05</NotificationType></Product>"
        ),
        false => format!(
            "<Product><RecordReference>r{n}</RecordReference><NotificationType>03</NotificationType><DescriptiveDetail><ProductForm>EA</ProductForm>\
             <ProductFormDetail>E101</ProductFormDetail><EpubTechnicalProtection>02</EpubTechnicalProtection><TitleDetail><TitleType>01</TitleType>\
             <TitleElement><TitleElementLevel>01</TitleElementLevel><TitleText>volume {generation}</TitleText></TitleElement></TitleDetail></DescriptiveDetail>\
             <PublishingDetail><PublishingStatus>04</PublishingStatus><SalesRights><SalesRightsType>01</SalesRightsType><Territory><RegionsIncluded>WORLD</RegionsIncluded></Territory></SalesRights></PublishingDetail>\
             <ProductSupply><SupplyDetail><ProductAvailability>20</ProductAvailability><Price><PriceType>04</PriceType>\
             <PriceAmount>{generation}.00</PriceAmount><CurrencyCode>EUR</CurrencyCode></Price></SupplyDetail></ProductSupply></Product>"
        ),
    };
    let products: String = (0..PRODUCTS).map(product).collect();
    format!(
        "<ONIXMessage release=\"3.0\"><Header><SentDateTime>2026{:02}{:02}T{:02}{:02}{:02}Z</SentDateTime></Header>{products}</ONIXMessage>",
        1 + generation / 86_400 / 28 % 12,
        1 + generation / 86_400 % 28,
        generation / 3600 % 24,
        generation / 60 % 60,
        generation % 60
    )
}

#[test]
fn a_search_sees_one_generation() {
    let searches: u64 = std::env::var("ONIX_TEST_SEARCHES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(2000);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let written = Catalogue::create(&path).unwrap();
    let write = |generation: u64| {
        written
            .ingest("s", Reader::new(list(generation).as_bytes()))
            .unwrap();
    };
    write(0);
    let is_over = AtomicBool::new(false);
    let (done, seen) = (AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut generation = 0;
            while !is_over.load(Ordering::Relaxed) {
                generation += 1;
                write(generation);
            }
            seen.store(generation, Ordering::Relaxed);
        });
        // One reader shares the writer's catalogue, the other one is another process's.
        let shared = written.clone();
        for catalogue in [shared, Catalogue::open(&path).unwrap()] {
            let (done, is_over) = (&done, &is_over);
            scope.spawn(move || {
                let search = Search {
                    at: Moment::from_unix(1_796_083_200),
                    offer: OfferFilter::default(),
                    account: Account::default(),
                    limit: PRODUCTS,
                    ..Search::new("volume").facet("format")
                };
                while done.fetch_add(1, Ordering::Relaxed) < searches {
                    catalogue.reload().unwrap();
                    let page = catalogue.search(&search).unwrap();
                    let title = page.hits[0].title.clone().unwrap();
                    let generation: u64 = title.rsplit(' ').next().unwrap().parse().unwrap();
                    let expected = match generation % 2 {
                        0 => PRODUCTS,
                        _ => PRODUCTS - PRODUCTS.div_ceil(3),
                    };
                    assert_eq!(page.total as usize, expected, "{title}");
                    assert_eq!(page.facets["format"][0].count as usize, expected, "{title}");
                    for hit in &page.hits {
                        assert_eq!(hit.title.as_deref(), Some(&*title));
                        let cost = hit.offer.as_ref().and_then(|offer| offer.cost);
                        assert_eq!(cost, Some(generation * 100), "{title}");
                    }
                }
                is_over.store(true, Ordering::Relaxed);
            });
        }
    });
    println!(
        "{searches} searches beside {} generations: none torn",
        seen.load(Ordering::Relaxed)
    );
}
