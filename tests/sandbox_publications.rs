//! The stand-in with a catalogue that came as the platform's own `xml`: what a shop gets of it in both formats.
#![cfg(feature = "cli")]

#[path = "sandbox_support/mod.rs"]
mod support;
mod util;

use std::collections::{BTreeMap, BTreeSet};

use onix_catalogue::Catalogue;
use onix_catalogue::catalogue::Kept;
use onix_catalogue::model::{
    Account, CatalogueFormat, Kind, Moment, Offer, SaleRequest, Verdict, Zone,
};
use onix_catalogue::sale::{self, Offers};
use onix_catalogue::xml;
use serde_json::json;
use support::{Served, books, product, removal};
use util::Dir;

const FULL: &str = "/api/organisations/ONYX/publications/full";
const NOW: &str = "2026-12-01T12:00:00Z";
const DELTA: &str = "/api/organisations/ONYX/publications/delta";

/// A shop with what it has synchronised from a stand-in.
struct Shop {
    dir: Dir,
}

impl Shop {
    fn of(platform: &Served, format: &str) -> Self {
        let dir = Dir::new();
        let settings = format!(
            "[account]\nbase_url = \"http://{}\"\norganisation = \"ONYX\"\nuser = \"shop\"\nallow_http = true\n",
            platform.address()
        );
        dir.write("onix.toml", settings);
        let format = format!("--format={format}");
        let sync = dir.onix(["sync", "--json", "--patience=1s", &format]);
        let summary = sync.env("ONIX_ACCOUNT_PASSWORD", "secret").run();
        assert_eq!(summary.exits(0).json()[0]["complete"], true);
        Self { dir }
    }

    /// What it has, by `RecordReference`.
    fn products(&self) -> BTreeMap<String, Kept> {
        let catalogue = Catalogue::open(self.dir.path().join("onix-index")).unwrap();
        let keys = catalogue.keys().into_iter();
        keys.filter_map(|(source, reference)| {
            let kept = catalogue.keyed(&source, &reference).unwrap()?;
            Some((reference, kept))
        })
        .collect()
    }

    /// A stand-in with what it has.
    fn serve(&self) -> Served {
        Served::start(&self.dir, &[])
    }
}

/// A stand-in with publications that came as `xml`.
fn serve_publications(publications: &[String]) -> (Dir, Served) {
    let dir = Dir::new();
    let page = format!("<publications>{}</publications>", publications.concat());
    dir.write("page.xml", page);
    dir.onix(["index", "page.xml"]).run().exits(0);
    let served = Served::start(&dir, &[]);
    (dir, served)
}

fn publication(id: &str, formats: &[String]) -> String {
    format!(
        "<publication><id>{id}</id><state>online</state><last_update>2026-10-02T00:00:00+02:00</last_update>\
         <created_at>2026-10-01T00:00:00+02:00</created_at><publisher>Maison</publisher>\
         <title><main>Le phare &amp; la mer</main><subtitle>Récit</subtitle></title><language>fr</language>\
         <summary><![CDATA[<p>Un &lt; deux.</p>]]></summary><nbr_pages>7</nbr_pages><tags>mer;phare</tags>\
         <contributors><contributor><first_name>Ana</first_name><last_name>Sel</last_name><nature>author</nature></contributor>\
         <contributor><last_name>Voix</last_name><nature>read_by</nature></contributor></contributors>\
         <collections><collection><title>Côtes</title><position>3</position></collection></collections>\
         <subjects><subject><main_subject>1</main_subject><standard>bisac</standard><code>FIC000000</code></subject>\
         <subject><main_subject>0</main_subject><standard>clil</standard><code>3442</code></subject></subjects>\
         <formats>{}</formats></publication>\n",
        formats.concat()
    )
}

/// A format with the elements that the case is about.
fn format_of(nature: &str, isbn: &str, rest: &str) -> String {
    format!(
        "<format><nature>{nature}</nature><key_type>isbn</key_type><value>{isbn}</value>{rest}</format>"
    )
}

/// A format that is for sale.
fn sold(nature: &str, isbn: &str) -> String {
    let costs = "<costs><cost><country>fra</country><currency>eur</currency><amount>799</amount>\
        <amount_taxes>included</amount_taxes></cost></costs>";
    let state = "<publishing_status>04</publishing_status><state>sell</state><protection>watermark</protection>";
    format_of(nature, isbn, &format!("{state}{costs}"))
}

/// Country, currency and cost of all that is sold of a product.
fn terms(offers: &Offers) -> BTreeSet<(String, String, u64)> {
    let rows = offers.rows(&Account::default()).into_iter();
    rows.filter_map(|row| Some((row.currency?.to_string(), row.cost?, row.countries)))
        .flat_map(|(currency, cost, countries)| {
            let countries = countries.countries().into_iter();
            countries.map(move |country| (country.alpha3().to_owned(), currency.clone(), cost))
        })
        .collect()
}

/// Moments around the dates of a row, and others.
fn moments(row: &Offer) -> BTreeSet<Moment> {
    let zone = Zone::default();
    let mut out: BTreeSet<Moment> = [NOW, "2026-10-01", "2027-06-01"]
        .into_iter()
        .filter_map(|at| Moment::parse(at, &zone))
        .collect();
    let edges = [
        row.from.map(|date| date.start(&zone)),
        row.until.map(|date| date.end(&zone)),
    ];
    for edge in edges.into_iter().flatten() {
        out.extend([edge, Moment::from_unix(edge.as_unix() - 1)]);
    }
    out
}

/// Requests for a row: at its cost and beside it, where it holds and elsewhere. What is shown is announced: nobody asks for a preorder
/// before.
fn requests(offers: &Offers, row: &Offer, protection: &str) -> Vec<SaleRequest> {
    let announced = Moment::parse(NOW, &Zone::default()).unwrap();
    let country = row
        .countries
        .countries()
        .first()
        .map_or("FR", |country| country.alpha2());
    let cost = row.cost.unwrap_or(100);
    let mut out = Vec::new();
    for at in moments(row) {
        let sale = |country: &str, cost: u64| {
            let currency = row
                .currency
                .map_or("EUR".to_owned(), |currency| currency.to_string());
            SaleRequest::new(Kind::Simulation, offers.record_reference(), at)
                .with(
                    "format",
                    offers.format().map_or("epub", |format| format.as_str()),
                )
                .with("protection", protection)
                .with("cost", cost.to_string())
                .with("country", country)
                .with("currency", currency)
        };
        out.extend([
            sale(country, cost),
            sale(country, cost + 1),
            sale("KP", cost),
        ]);
        if at >= announced {
            let format = offers.format().map_or("epub", |format| format.as_str());
            let preorder = SaleRequest::new(Kind::Preorder, offers.record_reference(), at);
            out.push(
                preorder
                    .with("for", format)
                    .with("customer_id", "1")
                    .with("country", country),
            );
        }
    }
    out
}

fn answer(request: &SaleRequest, offers: &Offers) -> (String, Vec<String>) {
    let Verdict { verdict, codes, .. } = sale::judge(request, &[offers], &Account::default());
    let codes = codes.iter().map(|code| code.as_str().to_owned());
    (format!("{verdict:?}"), codes.collect())
}

/// How often each answer came.
type Answers = BTreeMap<String, u32>;

/// Both formats of a product have one verdict on every request for some of its rows.
#[track_caller]
fn judged_alike(xml: &Kept, onix: &Kept, answers: &mut Answers) {
    let (from, to) = (xml.offers().unwrap(), onix.offers().unwrap());
    let protection = from
        .protections()
        .words()
        .first()
        .copied()
        .unwrap_or("none");
    let rows = from.rows(&Account::default());
    for row in rows.iter().step_by(1 + rows.len() / 3) {
        for request in requests(&from, row, protection) {
            let (expected, given) = (answer(&request, &from), answer(&request, &to));
            let texts = || format!("{}\n{}", xml.xml().unwrap(), onix.xml().unwrap());
            assert_eq!(expected, given, "{request:?}\n{}", texts());
            *answers.entry(given.0).or_default() += 1;
        }
    }
}

/// Books by way of a shop that takes them as `xml`, to two shops behind it.
fn handed_on(origin: &Served, least: usize) {
    let middle = Shop::of(origin, "xml");
    let platform = middle.serve();
    let known = middle.products();
    assert!(known.len() > least);
    let xml = Shop::of(&platform, "xml").products();
    let onix = Shop::of(&platform, "onix").products();
    let keys = |products: &BTreeMap<String, Kept>| products.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&xml), keys(&known));
    assert_eq!(keys(&onix), keys(&known));
    let mut answers = Answers::new();
    for (reference, kept) in &known {
        assert_eq!(kept.format(), Some(CatalogueFormat::Xml));
        assert_eq!(xml[reference].format(), Some(CatalogueFormat::Xml));
        assert_eq!(onix[reference].format(), Some(CatalogueFormat::Onix));
        assert_eq!(xml[reference].xml().unwrap(), kept.xml().unwrap());
        let made = &onix[reference];
        assert_eq!(made.entry.title, kept.entry.title);
        assert_eq!(made.entry.identifiers, kept.entry.identifiers);
        assert_eq!(made.entry.format, kept.entry.format);
        assert_eq!(made.entry.description, kept.entry.description);
        assert_eq!(made.entry.published, kept.entry.published);
        let offers = |kept: &Kept| terms(&kept.offers().unwrap());
        assert_eq!(offers(made), offers(kept), "{reference}");
        judged_alike(kept, made, &mut answers);
    }
    let counts = ["Valid", "Refused"].map(|word| answers.get(word).copied().unwrap_or(0));
    assert!(counts.iter().all(|n| *n > 100), "{answers:?}");
}

#[test]
fn books_are_the_same_behind_two_stand_ins() {
    let dir = Dir::new();
    let origin = Served::start(&dir, &[]);
    origin.seed(json!({"now": NOW}));
    origin.catalogue(&books());
    handed_on(&origin, 120);
}

#[test]
fn lists_are_the_same_behind_two_stand_ins() {
    let dir = Dir::with_lists();
    let origin = Served::start(&dir, &[]);
    origin.seed(json!({"now": NOW}));
    handed_on(&origin, 250);
}

/// Formats of states, dates, prices and words that books of ONIX don't come to.
fn odd_formats() -> Vec<String> {
    let cost = |country: &str, currency: &str, amount: &str, rest: &str| {
        format!(
            "<cost><country>{country}</country><currency>{currency}</currency><amount>{amount}</amount>{rest}</cost>"
        )
    };
    let from = |at: &str| format!("<amount_effective_at>{at}</amount_effective_at>");
    let plain = cost("fra", "eur", "799", "<amount_taxes>included</amount_taxes>");
    let sold =
        "<publishing_status>04</publishing_status><state>sell</state><protection>none</protection>";
    let costs = |state: &str, costs: &[String]| format!("{state}<costs>{}</costs>", costs.concat());
    let state = |word: &str, rest: &str| {
        let state = format!("<state>{word}</state><protection>drm</protection>{rest}");
        costs(&state, std::slice::from_ref(&plain))
    };
    let start = |at: &str| format!("<start_sale_at>{at}</start_sale_at>");
    vec![
        state("view", &start("2027-01-01T00:00:00+01:00")),
        state("view", &start("2026-10-02")),
        state("sell", &start("2027-01-01T00:00:00+01:00")),
        state("sell", &start("2026-12")),
        state("preorder", &start("2027-01-01")),
        state("preorder", &start("2026-11-01T00:00:00Z")),
        state("preorder", &start("soon")),
        state("sold out", ""),
        state("sell", "<publishing_status>02</publishing_status>"),
        state("sell", "<publishing_status>09</publishing_status>"),
        costs(
            sold,
            &[
                cost("jpn", "jpy", "850", "<amount_taxes>excluded</amount_taxes>"),
                cost("chl", "clp", "850000", ""),
                cost("kwt", "kwd", "1500", ""),
                cost("ant", "ang", "1000", ""),
                cost("deu", "eur", "0", ""),
            ],
        ),
        costs(
            sold,
            &[
                plain.clone(),
                cost("fra", "eur", "699", &from("2026-12-24T00:00:00+01:00")),
                cost("fra", "eur", "799", &from("2027-01-02T00:00:00+01:00")),
                cost("bel", "eur", "599", &from("2026-12-24")),
                cost("che", "chf", "999", &from("soon")),
            ],
        ),
        costs(
            "<state>sell</state><protection>lock</protection>",
            std::slice::from_ref(&plain),
        ),
        costs("<state>sell</state>", std::slice::from_ref(&plain)),
        sold.to_owned(),
    ]
}

#[test]
fn odd_publications_are_judged_alike() {
    let natures = ["epub", "pdf", "mobi", "audio", "scroll"];
    let named = odd_formats().into_iter().zip(natures.into_iter().cycle());
    let publications: Vec<String> = named
        .enumerate()
        .map(|(n, (rest, nature))| {
            let format = format_of(nature, &format!("97899999{n:05}"), &rest);
            publication(&format!("ODD{n}"), &[format])
        })
        .collect();
    let (_dir, platform) = serve_publications(&publications);
    let xml = Shop::of(&platform, "xml").products();
    let onix = Shop::of(&platform, "onix").products();
    assert_eq!(
        (xml.len(), onix.len()),
        (publications.len(), publications.len())
    );
    let mut answers = Answers::new();
    for (reference, kept) in &xml {
        let made = &onix[reference];
        assert_eq!(
            terms(&made.offers().unwrap()),
            terms(&kept.offers().unwrap()),
            "{reference}"
        );
        judged_alike(kept, made, &mut answers);
    }
    assert_eq!(answers.len(), 3, "{answers:?}");
}

/// What a cost without a country or a currency replaces isn't known, so that the one beside it is sold in neither format.
#[test]
fn beside_what_cannot_be_read_nothing_is_sold() {
    let of_cost = |(n, cost): (usize, &str)| {
        let costs = format!("<cost>{cost}<amount>699</amount></cost></costs>");
        let format = sold("epub", &format!("97899999{n:05}")).replace("</costs>", &costs);
        publication(&format!("ODD{n}"), &[format])
    };
    let costs = [
        "<country>somewhere</country><currency>eur</currency>",
        "<country>bel</country><currency>money</currency>",
    ];
    let publications: Vec<String> = costs.into_iter().enumerate().map(of_cost).collect();
    let (_dir, platform) = serve_publications(&publications);
    let xml = Shop::of(&platform, "xml").products();
    let onix = Shop::of(&platform, "onix").products();
    for (reference, kept) in &xml {
        let (from, to) = (kept.offers().unwrap(), onix[reference].offers().unwrap());
        let rows = to.rows(&Account::default());
        assert_eq!(rows.len(), 1);
        for request in requests(&from, &rows[0], "watermark") {
            let answers = [&from, &to].map(|offers| answer(&request, offers).0);
            assert!(
                !answers.contains(&"Valid".to_owned()),
                "{request:?}: {answers:?}"
            );
        }
    }
}

#[test]
fn a_licence_that_ends_is_sold_as_such_alone() {
    let format = sold("epub", "9789999900010").replace("watermark", "acs4_timelimited");
    let (_dir, platform) = serve_publications(&[publication("LIBR1", &[format])]);
    let xml = Shop::of(&platform, "xml").products()["LIBR1-epub"]
        .offers()
        .unwrap();
    let onix = Shop::of(&platform, "onix").products()["LIBR1-epub"]
        .offers()
        .unwrap();
    let row = &xml.rows(&Account::default())[0];
    for request in requests(&xml, row, "acs4_timelimited") {
        assert_eq!(
            answer(&request, &xml),
            answer(&request, &onix),
            "{request:?}"
        );
    }
    for request in requests(&xml, row, "acs4") {
        let answers = [&xml, &onix].map(|offers| answer(&request, offers).0);
        assert!(
            !answers.contains(&"Valid".to_owned()),
            "{request:?}: {answers:?}"
        );
    }
}

#[test]
fn onix_says_what_a_publication_said() {
    let (_dir, platform) =
        serve_publications(&[publication("LIBR1", &[sold("epub", "9789999900010")])]);
    let one = "/api/organisations/ONYX/publications/9789999900010";
    let xml = Shop::of(&platform, "xml")
        .products()
        .remove("LIBR1-epub")
        .unwrap();
    let onix = Shop::of(&platform, "onix")
        .products()
        .remove("LIBR1-epub")
        .unwrap();
    let made = onix.entry;
    assert_eq!(made.title.as_deref(), Some("Le phare & la mer"));
    assert_eq!(made.description.as_deref(), Some("Un < deux."));
    assert_eq!(made.contributors[0], xml.entry.contributors[0]);
    assert_eq!(made.contributors[1].roles, ["Z99"]);
    assert_eq!(made.series, xml.entry.series);
    assert_eq!(made.language, xml.entry.language);
    assert_eq!(made.subjects[0], xml.entry.subjects[0]);
    assert_eq!(made.subjects[1].scheme.as_deref(), Some("24"));
    assert_eq!(made.publisher, xml.entry.publisher);
    assert_eq!(made.protections, xml.entry.protections);
    let message = platform.get(&format!("{one}.onix")).text();
    assert!(
        message.contains("<SubjectSchemeName>clil<") && message.contains("<PriceAmount>7.99<"),
        "{message}"
    );
    assert_eq!(
        platform
            .get("/api/publications/9789999900010/toc.xml")
            .status,
        404
    );
    // Elements that nothing here knows go out as well.
    assert!(
        platform
            .get(&format!("{one}.xml"))
            .text()
            .contains("<nbr_pages>7</nbr_pages>")
    );
}

/// Formats of the publications of pages, by their keys.
fn formats(pages: &[Vec<u8>]) -> Vec<String> {
    let records = pages
        .iter()
        .flat_map(|page| xml::Reader::new(page).into_records());
    let mut out = Vec::new();
    for record in records.map(Result::unwrap) {
        out.extend(
            record
                .publication()
                .formats()
                .filter_map(|format| format.record_reference()),
        );
    }
    out
}

#[test]
fn a_publication_comes_once_and_with_what_is_there_of_it() {
    let two = [sold("epub", "9789999900010"), sold("pdf", "9789999900027")];
    let (_dir, platform) =
        serve_publications(&[publication("LIBR1", &two), publication("LIBR2", &two)]);
    platform.seed(json!({"now": NOW}));
    let whole = platform.get(&format!("{FULL}.xml")).text();
    assert!(
        whole.contains(publication("LIBR1", &two).trim_end()),
        "{whole}"
    );
    assert_eq!(whole.matches("<publication>").count(), 2);
    platform.catalogue(removal("LIBR1-pdf").as_bytes());
    // The whole of it lacks what was removed; the changes say so.
    let pages = platform.pages(&format!("{FULL}.xml"));
    assert_eq!(formats(&pages), ["LIBR1-epub", "LIBR2-epub", "LIBR2-pdf"]);
    let page = String::from_utf8_lossy(&pages[0]).into_owned();
    assert!(
        page.contains(publication("LIBR1", &two[..1]).trim_end()),
        "{page}"
    );
    let delta = format!("{DELTA}.xml?from=20261201T120000");
    let changes = platform.pages(&delta);
    assert_eq!(formats(&changes), ["LIBR1-epub", "LIBR1-pdf"]);
    let changes = String::from_utf8_lossy(&changes[0]).into_owned();
    assert!(
        changes.contains("<amount_taxes>included<") && changes.contains("<state>view<"),
        "{changes}"
    );
    // What is partly ONIX is made of both.
    platform.catalogue(product("LIBR2-pdf", "9789999900027", "The Beacon").as_bytes());
    let pages = platform.pages(&format!("{FULL}.xml"));
    assert_eq!(formats(&pages), ["LIBR1-epub", "LIBR2-epub", "LIBR2-pdf"]);
    platform.catalogue(removal("LIBR1-epub").as_bytes());
    let changes = platform.get(&delta).text();
    assert!(
        changes.contains("<id>LIBR1</id>\n<state>offline</state>"),
        "{changes}"
    );
}

#[test]
fn libraries_offers_are_left_out_of_xml() {
    let dir = Dir::with_lists();
    let platform = Served::start(&dir, &[]);
    let ours = formats(&platform.pages(&format!("{FULL}.xml")));
    let all = Shop::of(&platform, "onix").products();
    let (libraries, others): (Vec<_>, Vec<_>) = all.values().partition(|kept| kept.entry.library);
    assert_eq!(libraries.len(), 3);
    for kept in libraries {
        let reference = &kept.entry.record_reference;
        assert!(!ours.contains(reference) && reference.ends_with("-LIBRARIES"));
        let one = format!("/api/organisations/ONYX/publications/{reference}");
        assert_eq!(platform.get(&format!("{one}.xml")).status, 404);
        assert_eq!(platform.get(&format!("{one}.onix")).status, 200);
    }
    assert!(ours.len() > 250 && ours.len() <= others.len());
    // The consumers' e-book of the same ISBN stays.
    let one = platform.get("/api/organisations/ONYX/publications/9789999970013.xml");
    assert_eq!(formats(&[one.body]), ["ONYX1700-epub"]);
}
