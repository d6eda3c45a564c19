//! Synthetic ONIX 3.0 for benches: reference tags, invented words, real code values.
//!
//! Product `i` depends on its kind and on `i` alone, so that ranges can be written in parallel, files of
//! fifty hold the same products as one large file, and the same numbers come out on every machine.
//! Two kinds differ in what dominates a record: [`Kind::Plain`] has about five prices among much text,
//! [`Kind::Feed`] has 60 to 250 prices of one country each, as a platform's own feed is written.
//!
//! Products have dates before 2026 and after 2035. In between, what is on sale stays on sale and a preorder stays a
//! preorder, so that a bench may check sales at any moment of these years, or now.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "every bench includes this file as a private module and uses a part of it"
)]

use std::fmt::{Display, Write as _};
use std::ops::Range;
use std::sync::LazyLock;

/// What a record looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One to twelve prices of fifteen territory sets, five on average; some 7.6 KB, 4.5 to 13 KB.
    Plain,
    /// 60 to 250 prices, one country each, of several price types and currencies; some 54 KB.
    ///
    /// A free title says so by an amount of 0.00, as feeds do though the schema wants more.
    Feed,
}

/// What a shop may sell for certain from 2026 to 2034: the fields of a sale request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    /// The product's ISBN.
    pub isbn: String,
    /// The customer's country, ISO 3166-1 alpha-2.
    pub country: &'static str,
    /// ISO 4217.
    pub currency: &'static str,
    /// ONIX list 58: one of 01, 02, 03, 04, 41, 42.
    pub price_type: &'static str,
    /// In hundredths of the currency, in whole yen for JPY.
    pub cost: u64,
    /// `epub`, `pdf`, `mobi` or `audio`.
    pub format: &'static str,
    /// `none`, `watermark`, `acs4` or `drm`.
    pub protection: &'static str,
    /// `lcp` where the protection is `drm`.
    pub drm_type: Option<&'static str>,
}

/// Appends the `i`-th product, from its start tag to the line feed after its end tag.
pub fn product(out: &mut String, kind: Kind, i: u64) {
    let facts = Facts::new(kind, i);
    let mut rng = Rng::new(kind, i, Stream::Prose);
    let mut xml = Xml { out, depth: 1 };
    xml.group("Product", |xml| {
        identification(xml, &mut rng, &facts);
        descriptive_detail(xml, &mut rng, &facts);
        collateral_detail(xml, &mut rng, &facts);
        publishing_detail(xml, &mut rng, &facts);
        related_material(xml, &mut rng, &facts);
        for supply in &facts.supplies {
            product_supply(xml, &facts, supply);
        }
    });
}

/// An ISBN that no product has.
pub fn unknown_isbn(i: u64) -> String {
    isbn_with_prefix("979", i * 3)
}

/// The same order each time.
pub fn shuffle<T>(values: &mut [T]) {
    let mut state = 1u64;
    for at in (1..values.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        values.swap(at, (state >> 33) as usize % (at + 1));
    }
}

/// Appends what stands before the first product: the declaration, the message's start tag and its header.
pub fn header(out: &mut String) {
    out.push_str(concat!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
        "<ONIXMessage release=\"3.0\" xmlns=\"http://ns.editeur.org/onix/3.0/reference\">\n",
    ));
    let mut xml = Xml { out, depth: 1 };
    xml.group("Header", |xml| {
        xml.group("Sender", |xml| {
            xml.group("SenderIdentifier", |xml| {
                xml.leaf("SenderIDType", "01");
                xml.leaf("IDTypeName", "BENCH_ID");
                xml.leaf("IDValue", "1");
            });
            xml.leaf("SenderName", "BENCH");
        });
        xml.leaf("MessageNumber", "1");
        xml.leaf("SentDateTime", "20260105T080000Z");
        xml.leaf("DefaultLanguageOfText", "spa");
    });
}

/// Appends the message's end tag.
pub fn footer(out: &mut String) {
    out.push_str("</ONIXMessage>\n");
}

/// A whole message with the products of `range`.
///
/// ```ignore
/// let list = data::message(data::Kind::Plain, 0..50);
/// ```
pub fn message(kind: Kind, range: Range<u64>) -> String {
    let mut out = String::new();
    header(&mut out);
    for i in range {
        product(&mut out, kind, i);
    }
    footer(&mut out);
    out
}

/// The ISBN of product `i`: scattered over prefix 978, with a right check digit, and unique below a thousand million.
pub fn isbn(i: u64) -> String {
    isbn_with_prefix("978", i)
}

/// The words of the title of product `i`, in lower case and in order, to search for.
///
/// Frequent words are among them: what a bench asks for should be spread as titles are.
pub fn words(kind: Kind, i: u64) -> Vec<String> {
    Facts::new(kind, i)
        .title
        .into_iter()
        .map(str::to_owned)
        .collect()
}

/// A sale of product `i` that a check should find valid at any moment from 2026 to 2034.
///
/// It is one of many, by the country and the price. `None` where nothing is for sale to a consumer:
/// preorders, withdrawn titles, library offers, and the few whose prices lie outside their own sales rights.
pub fn sale(kind: Kind, i: u64) -> Option<Sale> {
    let facts = Facts::new(kind, i);
    if facts.state != State::Active {
        return None;
    }
    let mut rng = Rng::new(kind, i, Stream::Sale);
    let offers: Vec<(&Price, Area)> = facts
        .supplies
        .iter()
        .flat_map(|supply| supply.prices.iter().map(|price| (price, supply.market)))
        .filter(|(price, _)| price.is_in_force())
        .collect();
    let start = rng.below(offers.len());
    let offers = offers[start..].iter().chain(&offers[..start]);
    let (price, country) = offers
        .copied()
        .find_map(|(price, market)| Some((price, facts.country(&mut rng, price.area, market)?)))?;
    let &(protection, drm_type) = rng.pick(facts.protection.answers);
    Some(Sale {
        isbn: isbn(i),
        country,
        currency: price.currency,
        price_type: price.price_type,
        cost: price.amount,
        format: facts.format.nature,
        protection,
        drm_type,
    })
}

// What a product is, before it is written.

/// Everything about a product that `words` and `sale` have to know as well as `product`.
struct Facts {
    kind: Kind,
    i: u64,
    state: State,
    format: &'static Format,
    protection: &'static Protection,
    title: Vec<&'static str>,
    publisher: usize,
    language: &'static str,
    /// Types of list 46 and where they hold; empty for a feed: the countries that have prices.
    rights: &'static [(&'static str, Area)],
    rest_of_world: Option<&'static str>,
    supplies: Vec<Supply>,
    oddity: Option<Oddity>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Active,
    Preorder,
    Withdrawn,
    Library,
}

/// Where the tags that end one product and start another stand as mere text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Oddity {
    InComment,
    InCdata,
}

struct Format {
    nature: &'static str,
    product_form: &'static str,
    details: &'static [&'static str],
}

struct Protection {
    /// Of list 144.
    codes: &'static [&'static str],
    /// What a sale request may say: `protection` and `drm_type`.
    answers: &'static [(&'static str, Option<&'static str>)],
}

/// The prices of one `ProductSupply`.
struct Supply {
    market: Area,
    prices: Vec<Price>,
}

#[derive(Clone, Copy)]
struct Price {
    area: Area,
    currency: &'static str,
    price_type: &'static str,
    amount: u64,
    from: Option<&'static str>,
    until: Option<&'static str>,
}

impl Facts {
    fn new(kind: Kind, i: u64) -> Facts {
        let mut rng = Rng::new(kind, i, Stream::Facts);
        let state = State::pick(&mut rng);
        let format = Format::pick(&mut rng);
        let protection = Protection::pick(&mut rng, format);
        let n_words = 1 + rng.below(3) + rng.below(4);
        let title = (0..n_words).map(|_| rng.word()).collect();
        let publisher = rng.zipf(8);
        let language = rng.pick(&LANGUAGES);
        let (rights, rest_of_world) = rights(&mut rng, kind);
        let oddity = Oddity::pick(&mut rng);
        let prices = match kind {
            Kind::Plain => plain_prices(&mut rng),
            Kind::Feed => feed_prices(&mut rng),
        };
        let supplies = match kind {
            Kind::Plain if rng.one_in(7) => split_by_market(prices),
            _ => vec![Supply {
                market: WORLD,
                prices,
            }],
        };
        Facts {
            kind,
            i,
            state,
            format,
            protection,
            title,
            publisher,
            language,
            rights,
            rest_of_world,
            supplies,
            oddity,
        }
    }

    /// A country of `area` that lies in the market and where the product may be sold.
    fn country(&self, rng: &mut Rng, area: Area, market: Area) -> Option<&'static str> {
        let countries: Vec<&str> = area
            .some_countries()
            .split(' ')
            .filter(|country| area.covers(country) && market.covers(country))
            .filter(|country| self.may_be_sold_in(country))
            .collect();
        (!countries.is_empty()).then(|| *rng.pick(&countries))
    }

    fn may_be_sold_in(&self, country: &str) -> bool {
        let sold =
            |&(code, area): &(&str, Area)| matches!(code, "01" | "02") && area.covers(country);
        self.rights.is_empty() || self.rights.iter().any(sold)
    }

    /// The countries of a feed's prices, each once: the feed repeats them as rights and as market.
    fn priced_countries(&self) -> impl Iterator<Item = &'static str> {
        let mut last = "";
        self.supplies[0]
            .prices
            .iter()
            .map(|price| price.area.countries)
            .filter(move |&country| std::mem::replace(&mut last, country) != country)
    }
}

impl State {
    fn pick(rng: &mut Rng) -> State {
        match rng.below(100) {
            0..=2 => State::Preorder,
            3..=6 => State::Withdrawn,
            7..=9 => State::Library,
            _ => State::Active,
        }
    }
}

impl Oddity {
    fn pick(rng: &mut Rng) -> Option<Oddity> {
        match rng.below(500) {
            0 => Some(Oddity::InComment),
            1 => Some(Oddity::InCdata),
            _ => None,
        }
    }
}

impl Format {
    fn pick(rng: &mut Rng) -> &'static Format {
        match rng.below(100) {
            0..=69 => rng.pick(&EPUB),
            70..=87 => &PDF,
            88..=93 => &MOBI,
            _ => &AUDIO,
        }
    }
}

impl Protection {
    fn pick(rng: &mut Rng, format: &Format) -> &'static Protection {
        match rng.below(100) {
            0..=14 => &UNPROTECTED,
            15..=49 => &WATERMARK,
            _ if format.nature == "audio" => &WATERMARK,
            50..=84 => &ADOBE,
            85..=94 => &ADOBE_AND_LCP,
            _ => &LCP,
        }
    }
}

/// Sales rights with their types, and the type for the rest of the world. A feed's follow from its prices.
fn rights(rng: &mut Rng, kind: Kind) -> (&'static [(&'static str, Area)], Option<&'static str>) {
    match rng.below(20) {
        _ if kind == Kind::Feed => (&[], None),
        0 => (HISPANIC_RIGHTS, None),
        1 => (EUROPEAN_RIGHTS, Some("03")),
        2..=4 => (RIGHTS_WITHOUT_AMERICA, None),
        5..=6 => (NONEXCLUSIVE_RIGHTS, None),
        _ => (WORLD_RIGHTS, None),
    }
}

impl Price {
    fn is_in_force(&self) -> bool {
        self.from != Some(NEXT_PRICE_FROM) && self.until != Some(FORMER_PRICE_UNTIL)
    }
}

/// A few rows of the price list, some of them with a former or a later price.
fn plain_prices(rng: &mut Rng) -> Vec<Price> {
    let n_prices = if rng.one_in(25) {
        9 + rng.below(4)
    } else {
        1 + rng.below(4) + rng.below(6)
    };
    let mut rows: Vec<&PriceRow> = PRICE_LIST.iter().collect();
    let euro_cents = euro_cents(rng);
    let mut prices = Vec::with_capacity(n_prices);
    for _ in 0..n_prices {
        let row = rows.swap_remove(rng.below(rows.len()));
        let usual = rng.below(4) != 0;
        prices.push(Price {
            area: row.area,
            currency: row.currency,
            price_type: row.price_types[usize::from(!usual)],
            amount: amount(euro_cents, row.currency),
            from: None,
            until: None,
        });
    }
    if n_prices < 12 && rng.one_in(12) {
        change_in_time(rng, &mut prices);
    }
    prices
}

/// Many countries of the world, in the order of their codes.
fn feed_prices(rng: &mut Rng) -> Vec<Price> {
    let rows: &[(&str, &str)] = &FEED_PRICE_LIST;
    let mut wanted = 60 + rng.below(191);
    let euro_cents = euro_cents(rng);
    let agency = rng.below(100);
    let mut prices = Vec::with_capacity(wanted);
    for (idx, &(country, currency)) in rows.iter().enumerate() {
        // Knuth's selection sampling: exactly as many as wanted, in order.
        if rng.below(rows.len() - idx) >= wanted {
            continue;
        }
        wanted -= 1;
        let price_type = match rng.below(100) {
            _ if FIXED_PRICE_COUNTRIES.contains(&country) => "04",
            n if n < agency => "41",
            _ => "42",
        };
        prices.push(Price {
            area: Area::of(country),
            currency,
            price_type,
            amount: amount(euro_cents, currency),
            from: None,
            until: None,
        });
    }
    prices
}

const FORMER_PRICE_UNTIL: &str = "20250630";
const PRICE_FROM: &str = "20250701";
const PRICE_UNTIL: &str = "20351231";
const NEXT_PRICE_FROM: &str = "20360101";

/// Gives one price a predecessor or a successor. The first price has no start, the last no end.
fn change_in_time(rng: &mut Rng, prices: &mut Vec<Price>) {
    let idx = rng.below(prices.len());
    let price = prices[idx];
    let (earlier, later) = if rng.one_in(2) {
        (FORMER_PRICE_UNTIL, PRICE_FROM)
    } else {
        (PRICE_UNTIL, NEXT_PRICE_FROM)
    };
    prices[idx].until = Some(earlier);
    let amount = price.amount + price.amount / 10;
    prices.insert(
        idx + 1,
        Price {
            amount,
            from: Some(later),
            ..price
        },
    );
}

/// One `ProductSupply` for Europe and one for the rest of the world.
fn split_by_market(prices: Vec<Price>) -> Vec<Supply> {
    // No country of a row lies elsewhere than its first.
    let first_country = |price: &Price| price.area.countries.split(' ').next();
    let is_european =
        |price: &Price| first_country(price).is_some_and(|country| EUROPE.covers(country));
    let (european, other): (Vec<Price>, Vec<Price>) = prices.into_iter().partition(is_european);
    [(EUROPE, european), (OUTSIDE_EUROPE, other)]
        .into_iter()
        .filter(|(_, prices)| !prices.is_empty())
        .map(|(market, prices)| Supply { market, prices })
        .collect()
}

/// From 1.99 to 29.99, one in two hundred free.
fn euro_cents(rng: &mut Rng) -> u64 {
    if rng.one_in(200) {
        return 0;
    }
    199 + 50 * rng.below(57) as u64
}

/// The price in a currency's minor unit, rounded as shops round.
fn amount(euro_cents: u64, currency: &str) -> u64 {
    if euro_cents == 0 {
        return 0;
    }
    let per_euro_milli = match currency {
        "ARS" => 950_000,
        "AUD" => 1_650,
        "BRL" => 6_100,
        "CAD" => 1_500,
        "CHF" => 1_100,
        "CLP" => 1_000_000,
        "COP" => 4_400_000,
        "CRC" => 560_000,
        "CZK" => 25_000,
        "DKK" | "NOK" | "SEK" => 11_000,
        "GBP" => 850,
        "HUF" => 400_000,
        "JPY" => 160_000,
        "MXN" => 20_000,
        "NZD" => 1_800,
        "PEN" => 4_000,
        "PLN" => 4_300,
        "USD" => 1_090,
        "UYU" => 43_000,
        _ => 1_000,
    };
    let amount = euro_cents * per_euro_milli / 1_000;
    match currency {
        "JPY" => (amount / 1_000).max(1) * 10,
        _ if per_euro_milli >= 20_000 => (amount / 1_000).max(1) * 1_000,
        _ => amount / 100 * 100 + 99,
    }
}

/// The ISBN of product `i` below a prefix.
///
/// Multiplying by a number prime to ten permutes the nine digits, so that the order of products says nothing about
/// the order of their identifiers.
fn isbn_with_prefix(prefix: &str, i: u64) -> String {
    const BODIES: u64 = 1_000_000_000;
    let body = (i % BODIES * 387_420_489 + 271_828_182) % BODIES;
    let mut isbn = format!("{prefix}{body:09}");
    let weighted: u32 = isbn
        .bytes()
        .zip([1, 3].into_iter().cycle())
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    let _ = write!(isbn, "{}", (10 - weighted % 10) % 10);
    isbn
}

// The blocks of a record, in the order of the schema.

fn identification(xml: &mut Xml<'_>, rng: &mut Rng, facts: &Facts) {
    let nature = facts.format.nature;
    xml.leaf("RecordReference", format_args!("BENCH{}-{nature}", facts.i));
    let notification_type = match facts.state {
        State::Preorder => "02",
        _ => "03",
    };
    xml.leaf("NotificationType", notification_type);
    if facts.oddity == Some(Oddity::InComment) {
        xml.line("<!-- was two records: </Product><Product> until they were merged -->");
    }
    if facts.kind == Kind::Plain && rng.one_in(4) {
        xml.leaf("RecordSourceType", "01");
        xml.leaf_with("RecordSourceName", |out| {
            publisher_name(out, facts.publisher)
        });
    }
    let isbn = isbn(facts.i);
    product_identifier(xml, "15", &isbn);
    if facts.kind == Kind::Plain && rng.one_in(2) {
        xml.group("ProductIdentifier", |xml| {
            xml.leaf("ProductIDType", "01");
            xml.leaf("IDTypeName", "BENCH_KEY");
            xml.leaf("IDValue", facts.i);
        });
    }
}

fn product_identifier(xml: &mut Xml<'_>, id_type: &str, value: &str) {
    xml.group("ProductIdentifier", |xml| {
        xml.leaf("ProductIDType", id_type);
        xml.leaf("IDValue", value);
    });
}

fn descriptive_detail(xml: &mut Xml<'_>, rng: &mut Rng, facts: &Facts) {
    xml.group("DescriptiveDetail", |xml| {
        product_form(xml, rng, facts);
        collection(xml, rng, facts);
        title_detail(xml, rng, facts);
        let n_contributors = 1 + rng.below(2) * rng.below(3);
        for sequence in 1..=n_contributors {
            contributor(xml, rng, sequence);
        }
        if rng.one_in(4) {
            xml.leaf("EditionNumber", 1 + rng.below(4));
        }
        languages(xml, rng, facts);
        extents(xml, rng, facts);
        subjects(xml, rng);
        audience(xml, rng);
    });
}

fn product_form(xml: &mut Xml<'_>, rng: &mut Rng, facts: &Facts) {
    let format = facts.format;
    xml.leaf("ProductComposition", "00");
    let product_form = match facts.state {
        State::Library if format.product_form != "AJ" => "EC",
        _ => format.product_form,
    };
    xml.leaf("ProductForm", product_form);
    for detail in format.details {
        xml.leaf("ProductFormDetail", detail);
    }
    if format.nature == "epub" {
        xml.group("ProductFormFeature", |xml| {
            xml.leaf("ProductFormFeatureType", "15");
            xml.leaf("ProductFormFeatureValue", "101A");
        });
    }
    if format.nature == "audio" {
        xml.leaf("ProductFormDescription", "Digital Audio, MP3");
        xml.leaf("PrimaryContentType", "01");
    } else {
        xml.leaf("PrimaryContentType", "10");
    }
    for code in facts.protection.codes {
        xml.leaf("EpubTechnicalProtection", code);
    }
    if facts.kind == Kind::Plain && facts.state != State::Library && !rng.one_in(4) {
        return;
    }
    for (usage_type, unit) in [("02", "04"), ("03", "05"), ("06", "09")] {
        usage_constraint(xml, rng, facts, usage_type, unit);
    }
}

fn usage_constraint(xml: &mut Xml<'_>, rng: &mut Rng, facts: &Facts, usage_type: &str, unit: &str) {
    let library_loan = usage_type == "06" && facts.state == State::Library;
    let status = match rng.below(3) {
        _ if library_loan => "02",
        0 => "01",
        1 => "02",
        _ => "03",
    };
    xml.group("EpubUsageConstraint", |xml| {
        xml.leaf("EpubUsageType", usage_type);
        xml.leaf("EpubUsageStatus", status);
        if status == "02" {
            xml.group("EpubUsageLimit", |xml| {
                xml.leaf("Quantity", 5 + rng.below(30));
                xml.leaf("EpubUsageUnit", unit);
            });
        }
    });
}

fn collection(xml: &mut Xml<'_>, rng: &mut Rng, facts: &Facts) {
    if !rng.one_in(3) {
        return;
    }
    let number = rng.zipf(3);
    xml.group("Collection", |xml| {
        xml.leaf("CollectionType", "10");
        xml.group("TitleDetail", |xml| {
            xml.leaf("TitleType", "01");
            xml.group("TitleElement", |xml| {
                xml.leaf("TitleElementLevel", "02");
                if rng.one_in(2) {
                    xml.leaf("PartNumber", 1 + rng.below(40));
                }
                xml.leaf_with("TitleText", |out| {
                    collection_name(out, facts.publisher, number)
                });
            });
        });
    });
}

fn title_detail(xml: &mut Xml<'_>, rng: &mut Rng, facts: &Facts) {
    xml.group("TitleDetail", |xml| {
        xml.leaf("TitleType", "01");
        xml.group("TitleElement", |xml| {
            xml.leaf("TitleElementLevel", "01");
            let by_reference = rng.one_in(10);
            let ampersand = rng.one_in(15).then(|| 1 + rng.below(facts.title.len()));
            xml.leaf_with("TitleText", |out| {
                for (idx, word) in facts.title.iter().enumerate() {
                    match idx {
                        0 => {}
                        _ if ampersand == Some(idx) => out.push_str(" &amp; "),
                        _ => out.push(' '),
                    }
                    match (idx, by_reference) {
                        (0, _) => push_capitalised(out, word),
                        (_, true) => push_with_references(out, word),
                        (_, false) => out.push_str(word),
                    }
                }
            });
            if rng.below(5) < 2 {
                let n_words = 2 + rng.below(6);
                xml.leaf_with("Subtitle", |out| phrase(out, rng, n_words));
            }
        });
    });
}

fn contributor(xml: &mut Xml<'_>, rng: &mut Rng, sequence: usize) {
    let role = match rng.below(10) {
        _ if sequence == 1 => "A01",
        0..=3 => "A01",
        4..=6 => "B06",
        7 => "A12",
        8 => "B01",
        _ => "A15",
    };
    let first_name = rng.name(&FIRST_NAMES);
    let surname = rng.name(&SURNAMES);
    xml.group("Contributor", |xml| {
        xml.leaf("SequenceNumber", sequence);
        xml.leaf("ContributorRole", role);
        if role == "B06" {
            xml.leaf("FromLanguage", "eng");
        }
        xml.leaf("PersonName", format_args!("{first_name} {surname}"));
        xml.leaf(
            "PersonNameInverted",
            format_args!("{surname}, {first_name}"),
        );
        xml.leaf("NamesBeforeKey", first_name);
        xml.leaf("KeyNames", surname);
        if sequence == 1 && rng.below(5) < 3 {
            let n_sentences = 1 + rng.below(3);
            xml.leaf_with("BiographicalNote", |out| {
                out.push_str("<![CDATA[");
                html(out, rng, n_sentences);
                out.push_str("]]>");
            });
        }
    });
}

fn languages(xml: &mut Xml<'_>, rng: &mut Rng, facts: &Facts) {
    language(xml, "01", facts.language);
    if rng.one_in(4) {
        language(xml, "02", "eng");
    }
}

fn language(xml: &mut Xml<'_>, role: &str, code: &str) {
    xml.group("Language", |xml| {
        xml.leaf("LanguageRole", role);
        xml.leaf("LanguageCode", code);
    });
}

fn extents(xml: &mut Xml<'_>, rng: &mut Rng, facts: &Facts) {
    let (extent_type, value, unit) = match facts.format.nature {
        "audio" => ("09", 60 + rng.below(900), "05"),
        _ => ("00", 40 + rng.below(700), "03"),
    };
    extent(xml, extent_type, value, unit);
    extent(xml, "22", 100 + rng.below(20_000), "18");
}

fn extent(xml: &mut Xml<'_>, extent_type: &str, value: usize, unit: &str) {
    xml.group("Extent", |xml| {
        xml.leaf("ExtentType", extent_type);
        xml.leaf("ExtentValue", value);
        xml.leaf("ExtentUnit", unit);
    });
}

fn subjects(xml: &mut Xml<'_>, rng: &mut Rng) {
    let main = rng.zipf(5) - 1;
    subject(xml, true, "93", THEMA[main]);
    for _ in 0..rng.below(3) {
        let code = rng.pick(&THEMA);
        subject(xml, false, "93", code);
    }
    let bisac = BISAC[main];
    subject(
        xml,
        false,
        "10",
        format_args!("{bisac}0{:02}000", rng.below(60)),
    );
    if rng.one_in(2) {
        subject(xml, false, "29", 3_000 + rng.zipf(8));
    }
    if rng.one_in(2) {
        let n_keywords = 3 + rng.below(5);
        xml.group("Subject", |xml| {
            xml.leaf("SubjectSchemeIdentifier", "20");
            xml.leaf_with("SubjectHeadingText", |out| {
                for idx in 0..n_keywords {
                    out.push_str(if idx == 0 { "" } else { "; " });
                    out.push_str(rng.word());
                }
            });
        });
    }
}

fn subject(xml: &mut Xml<'_>, main: bool, scheme: &str, code: impl Display) {
    xml.group("Subject", |xml| {
        if main {
            xml.line("<MainSubject/>");
        }
        xml.leaf("SubjectSchemeIdentifier", scheme);
        xml.leaf("SubjectCode", code);
    });
}

fn audience(xml: &mut Xml<'_>, rng: &mut Rng) {
    let code = match rng.below(10) {
        0..=6 => "01",
        7 => "02",
        8 => "03",
        _ => "06",
    };
    xml.group("Audience", |xml| {
        xml.leaf("AudienceCodeType", "01");
        xml.leaf("AudienceCodeValue", code);
    });
}

fn collateral_detail(xml: &mut Xml<'_>, rng: &mut Rng, facts: &Facts) {
    xml.group("CollateralDetail", |xml| {
        if rng.one_in(2) {
            let n_words = 12 + rng.below(20);
            text_content(xml, "02", None, |out| {
                sentence(out, rng, n_words);
            });
        }
        description(xml, rng, facts);
        if rng.one_in(5) {
            quotation(xml, rng);
        }
        resources(xml, facts);
    });
}

fn text_content(
    xml: &mut Xml<'_>,
    text_type: &str,
    text_format: Option<&str>,
    write: impl FnOnce(&mut String),
) {
    xml.group("TextContent", |xml| {
        xml.leaf("TextType", text_type);
        xml.leaf("ContentAudience", "00");
        xml.text(text_format, write);
    });
}

/// HTML in CDATA most of the time; else plain text or markup of the message itself (list 34).
fn description(xml: &mut Xml<'_>, rng: &mut Rng, facts: &Facts) {
    let n_sentences = 3 + rng.below(8);
    let in_cdata = facts.kind == Kind::Feed || facts.oddity == Some(Oddity::InCdata);
    let text_format = match rng.below(10) {
        0..=5 => "02",
        _ if in_cdata => "02",
        6..=8 => "06",
        _ => "05",
    };
    text_content(xml, "03", Some(text_format), |out| match text_format {
        "05" => html_tags(out, rng, n_sentences, &LOWER_CASE_TAGS),
        "06" => sentences(out, rng, n_sentences),
        _ => {
            out.push_str("<![CDATA[");
            if facts.oddity == Some(Oddity::InCdata) {
                out.push_str("<p>An example: </Product><Product>, twice.</p>");
            }
            html(out, rng, n_sentences);
            out.push_str("]]>");
        }
    });
}

fn quotation(xml: &mut Xml<'_>, rng: &mut Rng) {
    xml.group("TextContent", |xml| {
        xml.leaf("TextType", "06");
        xml.leaf("ContentAudience", "00");
        xml.text(None, |out| {
            out.push_str("&#171; ");
            sentences(out, rng, 2);
            out.push_str(" &#187;");
        });
        xml.leaf("TextAuthor", rng.name(&SURNAMES));
        xml.leaf_with("SourceTitle", |out| phrase(out, rng, 2));
    });
}

fn resources(xml: &mut Xml<'_>, facts: &Facts) {
    let sizes: &[&str] = match facts.kind {
        Kind::Plain => &["large"],
        Kind::Feed => &["small", "medium", "large"],
    };
    xml.group("SupportingResource", |xml| {
        xml.leaf("ResourceContentType", "01");
        xml.leaf("ContentAudience", "00");
        xml.leaf("ResourceMode", "03");
        for size in sizes {
            xml.group("ResourceVersion", |xml| {
                xml.leaf("ResourceForm", "02");
                if facts.kind == Kind::Feed {
                    xml.group("ResourceVersionFeature", |xml| {
                        xml.leaf("ResourceVersionFeatureType", "04");
                        xml.leaf("FeatureValue", format_args!("front_cover_{size}"));
                    });
                }
                let link = format_args!(
                    "https://media.example/covers/{}.jpg?size={size}&amp;v=1",
                    facts.i
                );
                xml.leaf("ResourceLink", link);
            });
        }
    });
}

fn publishing_detail(xml: &mut Xml<'_>, rng: &mut Rng, facts: &Facts) {
    xml.group("PublishingDetail", |xml| {
        publisher(xml, facts);
        if rng.one_in(2) {
            xml.leaf("CityOfPublication", rng.name(&SURNAMES));
            let country = rng.pick(&["ES", "FR", "CA", "MX", "IT"]);
            xml.leaf("CountryOfPublication", country);
        }
        let publishing_status = match facts.state {
            State::Preorder => "02",
            State::Withdrawn => rng.pick(&["07", "08", "11", "17"]),
            State::Active | State::Library => "04",
        };
        xml.leaf("PublishingStatus", publishing_status);
        publishing_dates(xml, rng, facts);
        if rng.one_in(4) {
            copyright(xml, rng);
        }
        sales_rights(xml, facts);
    });
}

fn copyright(xml: &mut Xml<'_>, rng: &mut Rng) {
    xml.group("CopyrightStatement", |xml| {
        xml.leaf("CopyrightYear", 1998 + rng.below(28));
        xml.group("CopyrightOwner", |xml| {
            let first_name = rng.name(&FIRST_NAMES);
            let surname = rng.name(&SURNAMES);
            xml.leaf("PersonName", format_args!("{first_name} {surname}"));
        });
    });
}

fn publisher(xml: &mut Xml<'_>, facts: &Facts) {
    xml.group("Imprint", |xml| {
        xml.leaf_with("ImprintName", |out| {
            collection_name(out, facts.publisher, 0)
        });
    });
    xml.group("Publisher", |xml| {
        xml.leaf("PublishingRole", "01");
        let identifiers: &[(&str, usize)] = match facts.kind {
            Kind::Plain => &[("BENCH_ID", 0)],
            Kind::Feed => &[("BENCH_ID", 0), ("BENCH_GLOBAL", 10_000)],
        };
        for &(type_name, offset) in identifiers {
            xml.group("PublisherIdentifier", |xml| {
                xml.leaf("PublisherIDType", "01");
                xml.leaf("IDTypeName", type_name);
                xml.leaf("IDValue", facts.publisher + offset);
            });
        }
        xml.leaf_with("PublisherName", |out| publisher_name(out, facts.publisher));
    });
}

fn publishing_dates(xml: &mut Xml<'_>, rng: &mut Rng, facts: &Facts) {
    if facts.state == State::Preorder {
        let release = facts.release_date();
        date(xml, "PublishingDate", "01", "00", release);
        date(xml, "PublishingDate", "09", "14", "20251107T000000-0500");
        return;
    }
    let published = past_day(rng);
    date(xml, "PublishingDate", "01", "00", published);
    match facts.kind {
        Kind::Feed => date(xml, "PublishingDate", "02", "00", published),
        Kind::Plain if rng.one_in(2) => date(xml, "PublishingDate", "11", "05", published / 10_000),
        Kind::Plain => {}
    }
}

impl Facts {
    /// The day a preorder will be delivered, as a number `YYYYMMDD`.
    fn release_date(&self) -> u64 {
        let (year, month, day) = (2036 + self.i % 4, 1 + self.i % 12, 1 + self.i % 28);
        year * 10_000 + month * 100 + day
    }
}

/// From 1998 to 2025, as a number `YYYYMMDD`.
fn past_day(rng: &mut Rng) -> usize {
    (1998 + rng.below(28)) * 10_000 + (1 + rng.below(12)) * 100 + 1 + rng.below(28)
}

/// A date composite: its role, the format of list 55, the date. The element names follow from the composite's.
fn date(xml: &mut Xml<'_>, composite: &'static str, role: &str, format: &str, value: impl Display) {
    let role_name = match composite {
        "PublishingDate" => "PublishingDateRole",
        "MarketDate" => "MarketDateRole",
        "SupplyDate" => "SupplyDateRole",
        _ => "PriceDateRole",
    };
    xml.group(composite, |xml| {
        xml.leaf(role_name, role);
        xml.leaf("DateFormat", format);
        xml.leaf("Date", value);
    });
}

fn sales_rights(xml: &mut Xml<'_>, facts: &Facts) {
    if facts.rights.is_empty() {
        xml.group("SalesRights", |xml| {
            xml.leaf("SalesRightsType", "01");
            xml.countries(facts.priced_countries());
            library_restriction(xml, facts);
        });
    }
    for &(rights_type, area) in facts.rights {
        xml.group("SalesRights", |xml| {
            xml.leaf("SalesRightsType", rights_type);
            xml.territory(area);
            library_restriction(xml, facts);
        });
    }
    if let Some(rights_type) = facts.rest_of_world {
        xml.leaf("ROWSalesRightsType", rights_type);
    }
}

fn library_restriction(xml: &mut Xml<'_>, facts: &Facts) {
    if facts.state == State::Library {
        xml.group("SalesRestriction", |xml| {
            xml.leaf("SalesRestrictionType", "06")
        });
    }
}

fn related_material(xml: &mut Xml<'_>, rng: &mut Rng, facts: &Facts) {
    if facts.kind == Kind::Feed {
        xml.line("<RelatedMaterial/>");
        return;
    }
    let n_related = rng.below(3);
    if n_related == 0 {
        return;
    }
    xml.group("RelatedMaterial", |xml| {
        for relation in &["13", "06"][..n_related] {
            xml.group("RelatedProduct", |xml| {
                xml.leaf("ProductRelationCode", relation);
                // The other prefix: none of these is a product of the data.
                let isbn = isbn_with_prefix("979", facts.i * 3 + rng.below(3) as u64);
                product_identifier(xml, "15", &isbn);
            });
        }
    });
}

fn product_supply(xml: &mut Xml<'_>, facts: &Facts, supply: &Supply) {
    let mut rng = Rng::new(facts.kind, facts.i, Stream::Supply);
    xml.group("ProductSupply", |xml| {
        xml.group("Market", |xml| match facts.kind {
            Kind::Plain => xml.territory(supply.market),
            Kind::Feed => xml.countries(facts.priced_countries()),
        });
        let status = match facts.state {
            State::Preorder => "02",
            State::Withdrawn => "11",
            State::Active | State::Library => "04",
        };
        let published = past_day(&mut rng);
        xml.group("MarketPublishingDetail", |xml| {
            xml.leaf("MarketPublishingStatus", status);
            if facts.kind == Kind::Feed && facts.state != State::Preorder {
                date(xml, "MarketDate", "01", "00", published);
            }
        });
        xml.group("SupplyDetail", |xml| {
            supplier(xml, facts);
            availability(xml, &mut rng, facts);
            let taxed = facts.kind == Kind::Plain && rng.one_in(6);
            let qualified = facts.kind == Kind::Feed || rng.one_in(2);
            for row in &supply.prices {
                price(xml, facts, row, qualified, taxed);
            }
        });
    });
}

fn supplier(xml: &mut Xml<'_>, facts: &Facts) {
    xml.group("Supplier", |xml| {
        xml.leaf("SupplierRole", "03");
        if facts.kind == Kind::Feed {
            xml.group("SupplierIdentifier", |xml| {
                xml.leaf("SupplierIDType", "01");
                xml.leaf("IDTypeName", "BENCH_ID");
                xml.leaf("IDValue", 1 + facts.publisher % 7);
            });
        }
        xml.leaf(
            "SupplierName",
            format_args!("Distribution &amp; Cie {}", 1 + facts.publisher % 7),
        );
    });
}

fn availability(xml: &mut Xml<'_>, rng: &mut Rng, facts: &Facts) {
    let code = match facts.state {
        State::Preorder => "40",
        State::Withdrawn => rng.pick(&["43", "46", "51"]),
        State::Active | State::Library => rng.pick(&["20", "20", "20", "21"]),
    };
    xml.leaf("ProductAvailability", code);
    if facts.state != State::Preorder {
        date(xml, "SupplyDate", "08", "00", past_day(rng));
        return;
    }
    let release = facts.release_date();
    // Feeds write dates of format 14 in ISO's extended form beside the basic one.
    if rng.one_in(2) {
        date(xml, "SupplyDate", "02", "00", release);
    } else {
        let (year, month, day) = (release / 10_000, release / 100 % 100, release % 100);
        let extended = format_args!("{year}-{month:02}-{day:02}T00:00:00-04:00");
        date(xml, "SupplyDate", "02", "14", extended);
    }
}

fn price(xml: &mut Xml<'_>, facts: &Facts, price: &Price, qualified: bool, taxed: bool) {
    xml.group("Price", |xml| {
        xml.leaf("PriceType", price.price_type);
        if facts.state == State::Library {
            xml.leaf("PriceQualifier", "10");
        } else if qualified {
            xml.leaf("PriceQualifier", "05");
        }
        xml.leaf("PriceStatus", "02");
        if price.amount == 0 && facts.kind == Kind::Plain {
            xml.leaf("UnpricedItemType", "01");
        } else {
            xml.leaf("PriceAmount", Money(price.amount, price.currency));
        }
        let with_tax = matches!(price.price_type, "02" | "04" | "42");
        if taxed && with_tax && price.currency == "EUR" && price.amount > 0 {
            tax(xml, price.amount);
        }
        xml.leaf("CurrencyCode", price.currency);
        xml.territory(price.area);
        for (role, day) in [("14", price.from), ("15", price.until)] {
            if let Some(day) = day {
                date(xml, "PriceDate", role, "00", day);
            }
        }
    });
}

fn tax(xml: &mut Xml<'_>, amount: u64) {
    let taxable = amount * 1_000 / 1_055;
    xml.group("Tax", |xml| {
        xml.leaf("TaxType", "01");
        xml.leaf("TaxRateCode", "R");
        xml.leaf("TaxRatePercent", "5.5");
        xml.leaf("TaxableAmount", Money(taxable, "EUR"));
        xml.leaf("TaxAmount", Money(amount - taxable, "EUR"));
    });
}

/// An amount in minor units, written as `PriceAmount` wants it.
struct Money<'a>(u64, &'a str);

impl Display for Money<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Money(amount, "JPY") => write!(f, "{amount}"),
            Money(amount, _) => write!(f, "{}.{:02}", amount / 100, amount % 100),
        }
    }
}

// Writing.

/// Elements appended to a text, one a line, indented by one space a level.
struct Xml<'a> {
    out: &'a mut String,
    depth: usize,
}

impl Xml<'_> {
    fn indent(&mut self) {
        const BLANKS: &str = "                ";
        self.out.push_str(&BLANKS[..self.depth]);
    }

    fn line(&mut self, line: &str) {
        self.indent();
        self.out.push_str(line);
        self.out.push('\n');
    }

    fn start_tag(&mut self, name: &str) {
        self.out.push('<');
        self.out.push_str(name);
        self.out.push('>');
    }

    fn end_tag(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push_str(">\n");
    }

    fn group(&mut self, name: &str, children: impl FnOnce(&mut Xml<'_>)) {
        self.indent();
        self.start_tag(name);
        self.out.push('\n');
        self.depth += 1;
        children(self);
        self.depth -= 1;
        self.indent();
        self.end_tag(name);
    }

    fn leaf_with(&mut self, name: &str, write: impl FnOnce(&mut String)) {
        self.indent();
        self.start_tag(name);
        write(self.out);
        self.end_tag(name);
    }

    /// The value must hold no markup: it is not escaped.
    fn leaf(&mut self, name: &str, value: impl Display) {
        self.leaf_with(name, |out| {
            let _ = write!(out, "{value}");
        });
    }

    fn text(&mut self, text_format: Option<&str>, write: impl FnOnce(&mut String)) {
        self.indent();
        match text_format {
            Some(text_format) => {
                let _ = write!(self.out, "<Text textformat=\"{text_format}\">");
            }
            None => self.start_tag("Text"),
        }
        write(self.out);
        self.end_tag("Text");
    }

    fn territory(&mut self, area: Area) {
        self.group("Territory", |xml| {
            if !area.is_world() {
                xml.leaf("CountriesIncluded", area.countries);
                return;
            }
            xml.leaf("RegionsIncluded", "WORLD");
            if !area.except.is_empty() {
                xml.leaf("CountriesExcluded", area.except);
            }
        });
    }

    fn countries(&mut self, countries: impl Iterator<Item = &'static str>) {
        self.group("Territory", |xml| {
            xml.leaf_with("CountriesIncluded", |out| {
                for (idx, country) in countries.enumerate() {
                    out.push_str(if idx == 0 { "" } else { " " });
                    out.push_str(country);
                }
            });
        });
    }
}

// Words and sentences.

/// Tags of a description: before a paragraph, after it, around something loud, for a line break.
type HtmlTags = [&'static str; 5];

const LOWER_CASE_TAGS: HtmlTags = ["<p>", "</p>", "<strong>", "</strong>", "<br/>"];
const UPPER_CASE_TAGS: HtmlTags = ["<P>", "</P>", "<B>", "</B>", "<BR>"];

/// Paragraphs for CDATA, where tags needn't be XML.
fn html(out: &mut String, rng: &mut Rng, n_sentences: usize) {
    let tags = if rng.one_in(4) {
        &UPPER_CASE_TAGS
    } else {
        &LOWER_CASE_TAGS
    };
    html_tags(out, rng, n_sentences, tags);
}

fn html_tags(out: &mut String, rng: &mut Rng, n_sentences: usize, tags: &HtmlTags) {
    let &[
        paragraph,
        end_of_paragraph,
        strong,
        end_of_strong,
        line_break,
    ] = tags;
    let mut left = n_sentences;
    while left > 0 {
        let here = left.min(1 + rng.below(4));
        left -= here;
        out.push_str(paragraph);
        if rng.one_in(3) {
            out.push_str(strong);
            phrase(out, rng, 3);
            out.push_str(end_of_strong);
            out.push_str(line_break);
        }
        sentences(out, rng, here);
        out.push_str(end_of_paragraph);
    }
}

fn sentences(out: &mut String, rng: &mut Rng, n_sentences: usize) {
    for idx in 0..n_sentences {
        out.push_str(if idx == 0 { "" } else { " " });
        let n_words = 5 + rng.below(14);
        sentence(out, rng, n_words);
    }
}

fn sentence(out: &mut String, rng: &mut Rng, n_words: usize) {
    for idx in 0..n_words {
        let word = rng.word();
        if idx == 0 {
            push_capitalised(out, word);
            continue;
        }
        match rng.below(128) {
            0 => out.push_str(" &amp; "),
            1..=12 => out.push_str(", "),
            13 => out.push_str(" \u{2013} "),
            _ => out.push(' '),
        }
        match rng.below(64) {
            0 => push_with_references(out, word),
            1 => push_capitalised(out, word),
            _ => out.push_str(word),
        }
    }
    out.push('.');
}

/// A few words with an initial capital: a subtitle, the name of a collection.
fn phrase(out: &mut String, rng: &mut Rng, n_words: usize) {
    push_capitalised(out, rng.word());
    for _ in 1..n_words {
        out.push(' ');
        out.push_str(rng.word());
    }
}

fn publisher_name(out: &mut String, publisher: usize) {
    let surname = &SURNAMES[publisher % SURNAMES.len()];
    let _ = match publisher % 4 {
        0 => write!(out, "&#201;ditions {surname}"),
        1 => write!(out, "Editorial {surname}"),
        2 => write!(out, "{surname} &amp; {}", SURNAMES[publisher / 2 + 1]),
        _ => write!(out, "{surname} Libros"),
    };
}

/// Collection number `number` of a publisher; number 0 is its imprint.
fn collection_name(out: &mut String, publisher: usize, number: usize) {
    let mut rng = Rng((publisher * 8 + number) as u64);
    phrase(out, &mut rng, 2);
}

/// Words start with an ASCII letter.
fn push_capitalised(out: &mut String, word: &str) {
    let (first, rest) = word.split_at(1);
    out.extend(first.chars().map(|c| c.to_ascii_uppercase()));
    out.push_str(rest);
}

fn push_with_references(out: &mut String, word: &str) {
    for c in word.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            let _ = write!(out, "&#{};", u32::from(c));
        }
    }
}

/// 16,383 different words, the frequent ones short. See [`Rng::zipf`] for how often each comes up.
static VOCABULARY: LazyLock<Vec<String>> = LazyLock::new(|| {
    let endings = ["", "s", "n", "r", "l", "z", "é", "ón"];
    let spell_rank = |rank| match rank {
        0..64 => spell(rank, 1, endings),
        64..1024 => spell(rank, 2, endings),
        _ => spell(rank, 3, endings),
    };
    (0..1 << VOCABULARY_OCTAVES).map(spell_rank).collect()
});
const VOCABULARY_OCTAVES: u32 = 14;

static SURNAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let endings = ["ez", "ard", "mann", "ini", "son", "eau", "ía", "ov"];
    (0..512)
        .map(|number| name(spell(number, 2, endings)))
        .collect()
});

static FIRST_NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let endings = ["", "na", "el", "ine", "o", "ia", "ús", "ée"];
    (0..256)
        .map(|number| name(spell(number, 1, endings)))
        .collect()
});

fn name(word: String) -> String {
    let mut name = String::with_capacity(word.len());
    push_capitalised(&mut name, &word);
    name
}

/// A word of so many syllables, a different one for each number of up to seven bits a syllable: consonants and vowels
/// take turns, so that a word can be read in one way only, and an odd factor permutes the numbers.
fn spell(number: u32, n_syllables: u32, endings: [&str; 8]) -> String {
    const ONSETS: [&str; 16] = [
        "b", "c", "d", "f", "g", "l", "m", "n", "p", "r", "s", "t", "v", "br", "tr", "ch",
    ];
    const NUCLEI: [&str; 8] = ["a", "e", "i", "o", "u", "y", "ie", "ou"];
    let mut bits = number.wrapping_mul(0x9E37_79B1);
    let mut take = |n_bits: u32| {
        let taken = bits & ((1 << n_bits) - 1);
        bits >>= n_bits;
        taken as usize
    };
    let ending = endings[take(3)];
    let mut word = String::new();
    for _ in 0..n_syllables {
        word.push_str(ONSETS[take(4)]);
        word.push_str(NUCLEI[take(3)]);
    }
    word.push_str(ending);
    word
}

// Chance.

/// What random numbers are used for: each use has its own, so that texts don't change prices.
#[derive(Clone, Copy)]
enum Stream {
    Facts,
    Prose,
    Supply,
    Sale,
}

/// Sebastiano Vigna's SplitMix64 (<https://prng.di.unimi.it/splitmix64.c>).
struct Rng(u64);

impl Rng {
    fn new(kind: Kind, i: u64, stream: Stream) -> Rng {
        let mut rng = Rng(i);
        Rng(rng.next() ^ ((kind as u64) << 8 | stream as u64))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`; 0 where `n` is 0.
    fn below(&mut self, n: usize) -> usize {
        (((self.next() >> 32) * n as u64) >> 32) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// A number from 1 to 2^`octaves` - 1, one as likely as two and three together, as the next four together, and so
    /// on: Zipf's law in steps, without a logarithm that machines might round differently.
    fn zipf(&mut self, octaves: u32) -> usize {
        let octave = self.below(octaves as usize);
        (1 << octave) + self.below(1 << octave)
    }

    fn word(&mut self) -> &'static str {
        &VOCABULARY[self.zipf(VOCABULARY_OCTAVES)]
    }

    fn name(&mut self, names: &'static LazyLock<Vec<String>>) -> &'static str {
        let octaves = names.len().ilog2();
        &names[self.zipf(octaves)]
    }
}

// Tables.

/// Countries, or the world without some.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Area {
    /// Separated by blanks; empty for the world.
    countries: &'static str,
    except: &'static str,
}

impl Area {
    const fn of(countries: &'static str) -> Area {
        Area {
            countries,
            except: "",
        }
    }

    const fn world_without(except: &'static str) -> Area {
        Area {
            countries: "",
            except,
        }
    }

    fn is_world(&self) -> bool {
        self.countries.is_empty()
    }

    fn covers(&self, country: &str) -> bool {
        let holds = |countries: &str| countries.split(' ').any(|each| each == country);
        if self.is_world() {
            !holds(self.except)
        } else {
            holds(self.countries)
        }
    }

    /// Its own countries, or for the world such as have bookshops.
    fn some_countries(&self) -> &'static str {
        if self.is_world() {
            "AR AU BR CA CL CO DE DZ ES FR GB IN IT JP KR MA MX NZ PE PL PT SE SN TN TR US UY ZA"
        } else {
            self.countries
        }
    }
}

const WORLD: Area = Area::world_without("");
const EUROPE: Area = Area::of(EUROPEAN);
const OUTSIDE_EUROPE: Area = Area::world_without(EUROPEAN);
const EUROPEAN: &str = "AD AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MC MT NL NO PL PT RO \
                        SE SI SK SM VA";
const LATIN_AMERICA: &str = "AR BO CL CO CR CU DO EC GT HN MX NI PA PE PR PY SV UY VE";

const WORLD_RIGHTS: &[(&str, Area)] = &[("01", WORLD)];
const NONEXCLUSIVE_RIGHTS: &[(&str, Area)] = &[("02", WORLD)];
const EUROPEAN_RIGHTS: &[(&str, Area)] = &[("01", EUROPE)];
const RIGHTS_WITHOUT_AMERICA: &[(&str, Area)] = &[
    ("01", Area::world_without("CA US")),
    ("03", Area::of("CA US")),
];
const HISPANIC_RIGHTS: &[(&str, Area)] = &[("01", Area::of("ES")), ("02", Area::of(LATIN_AMERICA))];

/// A row that a publisher's price list may have: the usual price type, then the rarer one.
struct PriceRow {
    area: Area,
    currency: &'static str,
    price_types: [&'static str; 2],
}

const fn row(area: Area, currency: &'static str, price_types: [&'static str; 2]) -> PriceRow {
    PriceRow {
        area,
        currency,
        price_types,
    }
}

/// No two rows share a country, a currency and a price type: a sale has one right cost.
const PRICE_LIST: [PriceRow; 15] = [
    row(Area::of("FR"), "EUR", ["04", "03"]),
    row(Area::of("ES"), "EUR", ["04", "03"]),
    row(Area::of("BE LU"), "EUR", ["02", "04"]),
    row(Area::of("AT DE"), "EUR", ["04", "03"]),
    row(Area::of("IT SM VA"), "EUR", ["02", "01"]),
    row(Area::of("PT"), "EUR", ["04", "03"]),
    row(Area::of("CA"), "CAD", ["01", "41"]),
    row(Area::of("US"), "USD", ["41", "01"]),
    row(Area::of("GB IE"), "GBP", ["02", "42"]),
    row(Area::of("CH LI"), "CHF", ["02", "04"]),
    row(Area::of("JP"), "JPY", ["04", "03"]),
    row(Area::of(LATIN_AMERICA), "USD", ["02", "01"]),
    row(WORLD, "EUR", ["42", "41"]),
    row(Area::world_without("CA US"), "USD", ["42", "41"]),
    row(
        Area::world_without("AT BE DE ES FR IT LU PT SM VA"),
        "EUR",
        ["02", "01"],
    ),
];

/// List 91 as feeds still use it: with AN, which ISO 3166 has withdrawn.
const COUNTRIES: &str = "\
    AD AE AF AG AI AL AM AN AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ \
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR \
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO \
    JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR \
    MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO \
    RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV \
    TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

const FIXED_PRICE_COUNTRIES: [&str; 10] =
    ["AR", "AT", "DE", "ES", "FR", "GR", "IT", "MX", "NO", "PT"];

/// Each country with each of its currencies.
static FEED_PRICE_LIST: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let with_currencies = |country| {
        currencies(country)
            .iter()
            .map(move |&currency| (country, currency))
    };
    COUNTRIES.split(' ').flat_map(with_currencies).collect()
});

fn currencies(country: &str) -> &'static [&'static str] {
    match country {
        "AR" => &["ARS", "USD"],
        "AU" => &["AUD"],
        "BR" => &["BRL", "USD"],
        "CA" => &["CAD"],
        "CH" => &["CHF", "EUR"],
        "CL" => &["CLP", "USD"],
        "CO" => &["COP", "USD"],
        "CR" => &["CRC", "USD"],
        "CZ" => &["CZK", "EUR"],
        "DK" => &["DKK"],
        "GB" => &["EUR", "GBP"],
        "GG" | "IM" | "JE" => &["GBP"],
        "HU" => &["EUR", "HUF"],
        "JP" => &["JPY"],
        "LI" => &["CHF"],
        "MX" => &["MXN", "USD"],
        "NO" => &["NOK"],
        "NZ" => &["NZD"],
        "PE" => &["PEN", "USD"],
        "PL" => &["EUR", "PLN"],
        "SE" => &["SEK"],
        "UY" => &["USD", "UYU"],
        "AD" | "AT" | "AX" | "BE" | "BL" | "CY" | "DE" | "EE" | "ES" | "FI" | "FR" | "GF"
        | "GP" | "GR" | "HR" | "IE" | "IT" | "LT" | "LU" | "LV" | "MC" | "ME" | "MF" | "MQ"
        | "MT" | "NL" | "PM" | "PT" | "RE" | "SI" | "SK" | "SM" | "TF" | "VA" | "YT" => &["EUR"],
        _ => &["USD"],
    }
}

/// Lists 150 and 175. EA is the platform's form, ED the commonest elsewhere.
const EPUB: [Format; 4] = [
    epub("EA", &["E101", "E200"]),
    epub("EA", &["E101", "E200"]),
    epub("EA", &["E101", "E201"]),
    epub("ED", &["E101"]),
];

const fn epub(product_form: &'static str, details: &'static [&'static str]) -> Format {
    Format {
        nature: "epub",
        product_form,
        details,
    }
}

const PDF: Format = Format {
    nature: "pdf",
    product_form: "EA",
    details: &["E107"],
};
const MOBI: Format = Format {
    nature: "mobi",
    product_form: "EA",
    details: &["E127"],
};
const AUDIO: Format = Format {
    nature: "audio",
    product_form: "AJ",
    details: &["A103"],
};

const UNPROTECTED: Protection = Protection {
    codes: &["00"],
    answers: &[("none", None)],
};
const WATERMARK: Protection = Protection {
    codes: &["02"],
    answers: &[("watermark", None)],
};
const ADOBE: Protection = Protection {
    codes: &["03"],
    answers: &[("acs4", None)],
};
const ADOBE_AND_LCP: Protection = Protection {
    codes: &["03", "06"],
    answers: &[("acs4", None), ("drm", Some("lcp"))],
};
const LCP: Protection = Protection {
    codes: &["06"],
    answers: &[("drm", Some("lcp"))],
};

const LANGUAGES: [&str; 10] = [
    "spa", "spa", "spa", "fre", "fre", "eng", "cat", "ita", "ger", "por",
];

/// The more frequent subjects first, as [`Rng::zipf`] wants it; BISAC's letters stand at the same place below.
const THEMA: [&str; 31] = [
    "FBA", "FF", "FR", "YFB", "FM", "FH", "DNB", "VS", "JBF", "NHD", "DCF", "FL", "YBC", "KJ",
    "QDT", "WB", "JMC", "MBN", "PDZ", "AGA", "LAB", "UBW", "QRM", "WT", "SC", "RNK", "CBX", "TBX",
    "AVL", "XAK", "DSK",
];
const BISAC: [&str; 31] = [
    "FIC", "FIC", "FIC", "JUV", "FIC", "FIC", "BIO", "SEL", "SOC", "HIS", "POE", "FIC", "JUV",
    "BUS", "PHI", "CKB", "PSY", "MED", "SCI", "ART", "LAW", "COM", "REL", "TRV", "SPO", "NAT",
    "LAN", "TEC", "MUS", "CGN", "LIT",
];
