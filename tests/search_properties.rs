//! Laws that every search keeps, tried over invented catalogues.

#![cfg(feature = "index")]

mod sale_specs;
mod sale_support;

use std::collections::{BTreeMap, BTreeSet};

use onix_catalogue::catalogue::{Group, Search, Sort};
use onix_catalogue::model::{
    Account, Country, Currency, Format, Judgement, Kind, Moment, Protection,
};
use onix_catalogue::onix::Reader;
use onix_catalogue::sale::{OfferFilter, Sellable};
use onix_catalogue::{Catalogue, Page};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use sale_specs::{request, spec};

fn catalogue(products: &[String]) -> Catalogue {
    let catalogue = Catalogue::in_memory().unwrap();
    add(&catalogue, products);
    catalogue
}

fn add(catalogue: &Catalogue, products: &[String]) {
    let xml = format!(
        "<ONIXMessage release=\"3.0\"><Header/>{}</ONIXMessage>",
        products.concat()
    );
    catalogue.ingest("s", Reader::new(xml.as_bytes())).unwrap();
}

fn references(page: &Page) -> Vec<String> {
    page.hits
        .iter()
        .map(|hit| hit.record_reference.clone())
        .collect()
}

/// A product that may name others: its title, its ISBN's number, related ones, works, contributor and publisher.
#[derive(Debug, Clone)]
struct Named {
    title: &'static str,
    related: Vec<(&'static str, usize)>,
    work: Option<usize>,
    has_names: bool,
    year: u16,
    description: &'static str,
}

const TITLES: [&str; 6] = [
    "La Peste",
    "La peste noire",
    "Le Noir",
    "Peste",
    "The plague, or: la peste",
    "Ñandú",
];

fn named() -> impl Strategy<Value = Named> {
    (
        select(TITLES.to_vec()),
        prop::collection::vec(
            (select(vec!["06", "13", "27", "05", "03"]), 0..8_usize),
            0..3,
        ),
        prop::option::weighted(0.2, 0..3_usize),
        prop::bool::weighted(0.8),
        1900..1910_u16,
        select(vec!["", "noire", "la peste", "peste noir", "un roman"]),
    )
        .prop_map(
            |(title, related, work, has_names, year, description)| Named {
                title,
                related,
                work,
                has_names,
                year,
                description,
            },
        )
}

fn id(n: usize) -> String {
    format!("<ProductIDType>15</ProductIDType><IDValue>97899999000{n:02}</IDValue>")
}

impl Named {
    fn product(&self, n: usize) -> String {
        let names = match self.has_names {
            true => (
                "<Contributor><ContributorRole>A01</ContributorRole><PersonName>Ann Bee</PersonName></Contributor>",
                "<Publisher><PublishingRole>01</PublishingRole><PublisherName>House</PublisherName></Publisher>",
            ),
            false => ("", ""),
        };
        let related: String = self
            .related
            .iter()
            .map(|(code, other)| {
                format!("<RelatedProduct><ProductRelationCode>{code}</ProductRelationCode><ProductIdentifier>{}</ProductIdentifier></RelatedProduct>", id(*other))
            })
            .collect();
        let work = self.work.map_or(String::new(), |work| {
            format!("<RelatedWork><WorkRelationCode>01</WorkRelationCode><WorkIdentifier><WorkIDType>11</WorkIDType><IDValue>w{work}</IDValue></WorkIdentifier></RelatedWork>")
        });
        format!(
            "<Product><RecordReference>r{n:02}</RecordReference><NotificationType>03</NotificationType><ProductIdentifier>{}</ProductIdentifier>\
             <DescriptiveDetail><ProductForm>EA</ProductForm><TitleDetail><TitleType>01</TitleType><TitleElement><TitleElementLevel>01</TitleElementLevel>\
             <TitleText>{}</TitleText></TitleElement></TitleDetail>{}</DescriptiveDetail><CollateralDetail><TextContent><TextType>03</TextType><Text>{}</Text></TextContent></CollateralDetail><PublishingDetail>{}<PublishingDate><PublishingDateRole>01</PublishingDateRole>\
             <Date dateformat=\"05\">{}</Date></PublishingDate></PublishingDetail><RelatedMaterial>{work}{related}</RelatedMaterial></Product>",
            id(n),
            self.title,
            names.0,
            self.description,
            names.1,
            self.year,
        )
    }
}

fn products(named: &[Named]) -> Vec<String> {
    named
        .iter()
        .enumerate()
        .map(|(n, one)| one.product(n))
        .collect()
}

/// What is typed: anything, and what means something.
fn typed() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        "\\PC{0,12}",
        select(vec![
            "\"",
            "-",
            "title:",
            "isbn:",
            ":",
            "(",
            ")",
            "*",
            "~2",
            "AND",
            "OR NOT",
            "[a TO b]",
            "^9",
            "\\",
            "\u{0}",
            "\u{1}a",
            "peste",
            "978-2-07-036822-8",
            "'",
            "«",
            "-\"",
            "é\u{301}\u{301}",
            "\u{202e}",
            "a-b-c-d-e-f",
            "1,000",
            "J.R.R.",
            "猫の本",
            "ＦＵＬＬ",
            "ﷺ",
            "𝔘𝔫𝔦",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(parts, 0..40).prop_map(|parts| parts.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    /// A search by an offer finds a product exactly when a check of a sale at such an offer is valid.
    #[test]
    fn a_search_finds_what_a_check_takes(specs in prop::collection::vec(spec(), 1..10), request in request()) {
        let products: Vec<String> =
            specs.iter().enumerate().map(|(n, spec)| spec.product(&format!("r{n}"))).collect();
        let catalogue = catalogue(&products);
        let mut request = request;
        request.kind = Kind::Simulation;
        request.currency.get_or_insert_with(|| "EUR".into());
        request.price_type.get_or_insert_with(|| "04".into());
        let cost = request.cost.as_deref().unwrap().parse().ok();
        let protection = request.protection.as_deref().and_then(Protection::from_word);
        for format in [Format::Epub, Format::Pdf] {
            request.format = Some(format.as_str().to_owned());
            let taken: BTreeSet<String> = (0..specs.len())
                .map(|n| format!("r{n}"))
                .filter(|reference| {
                    let mut request = request.clone();
                    request.id.clone_from(reference);
                    let verdict = catalogue.check(&request, &Account::default()).unwrap();
                    verdict.verdict == Judgement::Valid
                })
                .collect();
            let filter = OfferFilter {
                country: request.country.as_deref().and_then(Country::parse),
                currency: request.currency.as_deref().and_then(Currency::parse),
                price_type: request.price_type.clone(),
                min_cost: cost,
                max_cost: cost,
                protection,
                sellable: Sellable::Sale,
            };
            let search = Search::new("").format(format).offer(filter, request.at, Account::default()).limit(100);
            let page = catalogue.search(&search).unwrap();
            let found: BTreeSet<String> = references(&page).into_iter().collect();
            prop_assert_eq!(page.total, found.len() as u64);
            prop_assert_eq!(found, taken);
        }
    }

    /// What a product shows as its work is what a search groups, and groups are sets apart.
    #[test]
    fn works_are_the_same_wherever_they_are_asked_for(named in prop::collection::vec(named(), 1..12)) {
        let catalogue = catalogue(&products(&named));
        let search = Search::new("").group(Group::Work).limit(100);
        let page = catalogue.search(&search).unwrap();
        prop_assert_eq!(page.total, page.hits.len() as u64);
        let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for hit in &page.hits {
            let mut group: BTreeSet<String> = hit.work.iter().map(|one| one.record_reference.clone()).collect();
            group.insert(hit.record_reference.clone());
            for member in &group {
                prop_assert!(groups.insert(member.clone(), group.clone()).is_none(), "{} is in two groups", member);
            }
        }
        prop_assert_eq!(groups.len(), named.len());
        for (reference, group) in &groups {
            let mut work: BTreeSet<String> =
                catalogue.work("s", reference).into_iter().map(|one| one.record_reference).collect();
            work.insert(reference.clone());
            prop_assert_eq!(&work, group, "{}", reference);
        }
    }

    /// All pages together are everything in order, in every order; what comes and goes meanwhile neither repeats nor
    /// loses what was there.
    #[test]
    fn pages_go_on_where_the_one_before_ended(
        named in prop::collection::vec(named(), 1..30),
        later in prop::collection::vec(named(), 0..6),
        words in select(vec!["", "peste", "la peste", "peste noire", "noir", "pesse"]),
        sort in select(vec![Sort::Relevance, Sort::Title, Sort::Date]),
        limit in 1..5_usize,
        at in any::<Index>(),
    ) {
        let catalogue = catalogue(&products(&named));
        let search = Search::new(words).sort(sort).limit(limit);
        let whole = references(&catalogue.search(&Search { limit: 1000, ..search.clone() }).unwrap());
        // How far a search goes for words depends on what fills a page.
        let first = catalogue.search(&search).unwrap();
        let goes_as_far = first.total == whole.len() as u64;
        let mut pages = Vec::new();
        let mut after: Option<String> = None;
        let changed_at = at.index(8);
        for n in 0.. {
            if n == changed_at {
                let later = later.iter().enumerate().map(|(n, one)| one.product(50 + n));
                add(&catalogue, &later.collect::<Vec<_>>());
            }
            let page = catalogue.search(&Search { after: after.clone(), ..search.clone() }).unwrap();
            pages.extend(references(&page));
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        let old: Vec<String> = pages.iter().filter(|one| one.as_str() < "r50").cloned().collect();
        let is_as_before = changed_at > 0 || later.is_empty();
        if is_as_before && goes_as_far {
            prop_assert_eq!(&old, &whole);
        }
        let distinct: BTreeSet<&String> = pages.iter().collect();
        prop_assert_eq!(distinct.len(), pages.len(), "{:?}", pages);
    }

    /// Nothing typed is an error, or markup.
    #[test]
    fn nothing_typed_breaks_anything(words in typed(), title in typed()) {
        let title = title.replace(['&', '<'], "").replace(|c: char| c.is_control(), "");
        let product = format!(
            "<Product><RecordReference>r</RecordReference><DescriptiveDetail><TitleDetail><TitleType>01</TitleType><TitleElement>\
             <TitleElementLevel>01</TitleElementLevel><TitleText>peste &lt;b> {title}</TitleText></TitleElement></TitleDetail></DescriptiveDetail></Product>"
        );
        let catalogue = catalogue(&[product]);
        for words in [words.clone(), format!("peste b {words}")] {
            let search = Search::new(words).highlight().facet("subject");
            let page = catalogue.search(&Search { at: Moment::from_unix(1_796_083_200), ..search }).unwrap();
            for highlight in page.hits.iter().flat_map(|hit| &hit.highlights) {
                let bare = highlight.text.replace("<mark>", "").replace("</mark>", "");
                prop_assert!(!bare.contains(['<', '>']), "{}", highlight.text);
                let opened = highlight.text.matches("<mark>").count();
                prop_assert_eq!(opened, highlight.text.matches("</mark>").count());
                prop_assert!(opened > 0);
            }
        }
        catalogue.suggest(&words, onix_catalogue::catalogue::Audience::Any, 5).unwrap();
        // Its own title finds it, unless nothing of it is a word.
        let found = catalogue.search(&Search::new(format!("peste {title}").replace(['-', ':', '"', '“', '”', '«', '»', '„'], " "))).unwrap();
        prop_assert_eq!(found.total, 1, "{}", title);
    }
}
