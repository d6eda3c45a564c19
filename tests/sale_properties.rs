//! Laws that every check keeps, tried over invented products.

mod sale_support;

use onix_catalogue::model::{
    Account, Country, Coverage, Currency, Date, Judgement, Kind, Moment, SaleRequest, Status,
    Territory, Verdict, Zone,
};
use onix_catalogue::onix::Tag;
use onix_catalogue::sale::{self, OfferFilter, Offers, Sellable};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use sale_support::{offers, usual};

const COUNTRIES: [&str; 6] = ["FR", "BE", "CA", "US", "GB", "JP"];
const PLACES: [&str; 12] = [
    "FR", "BE", "CA", "US", "GB", "JP", "WORLD", "CA-QC", "GB-AIR", "ECZ", "LATAM", "FR-H",
];
const DAYS: [&str; 5] = ["20261101", "20261115", "20261201", "20261215", "202612"];
const MOMENTS: [&str; 7] = [
    "2026-10-20",
    "2026-11-01",
    "2026-11-10T12:00:00Z",
    "2026-11-15T23:59:59Z",
    "2026-12-01",
    "2026-12-16",
    "2027-02-01",
];

#[derive(Debug, Clone, Default)]
struct Place {
    included: Vec<&'static str>,
    excluded: Vec<&'static str>,
}

#[derive(Debug, Clone)]
struct Price {
    price_type: Option<&'static str>,
    currency: &'static str,
    amount: &'static str,
    qualifier: Option<&'static str>,
    place: Option<Place>,
    from: Option<&'static str>,
    until: Option<&'static str>,
}

#[derive(Debug, Clone)]
struct Supplier {
    availability: Option<&'static str>,
    dates: Vec<(&'static str, &'static str)>,
    prices: Vec<Price>,
}

#[derive(Debug, Clone)]
struct Supply {
    market: Option<Place>,
    status: Option<&'static str>,
    suppliers: Vec<Supplier>,
}

#[derive(Debug, Clone)]
struct Spec {
    status: &'static str,
    protections: Vec<&'static str>,
    detail: &'static str,
    dates: Vec<(&'static str, &'static str)>,
    restriction: Option<(&'static str, Option<&'static str>, Option<&'static str>)>,
    rights: Vec<(&'static str, Place)>,
    rest: Option<&'static str>,
    supplies: Vec<Supply>,
}

/// Mostly the first, now and then one of the others.
fn mostly<T: Clone + std::fmt::Debug + 'static>(
    usual: T,
    others: &[T],
) -> impl Strategy<Value = T> + use<T> {
    prop_oneof![4 => Just(usual), 1 => select(others.to_vec())]
}

fn place() -> impl Strategy<Value = Place> {
    let codes = |n| prop::collection::vec(select(PLACES.to_vec()), n);
    let stated =
        (codes(1..4), codes(0..2)).prop_map(|(included, excluded)| Place { included, excluded });
    let world = Place {
        included: vec!["WORLD"],
        excluded: vec![],
    };
    prop_oneof![1 => Just(world), 1 => stated]
}

fn price() -> impl Strategy<Value = Price> {
    (
        mostly(Some("04"), &[Some("02"), Some("42"), Some("05"), None]),
        mostly("EUR", &["USD", "JPY", "XXX"]),
        select(vec!["9.99", "9.99", "7.99", "0.00", "9.995"]),
        mostly(None, &[Some("05"), Some("06"), Some("08")]),
        prop::option::of(place()),
        prop::option::weighted(0.2, select(DAYS.to_vec())),
        prop::option::weighted(0.2, select(DAYS.to_vec())),
    )
        .prop_map(
            |(price_type, currency, amount, qualifier, place, from, until)| Price {
                price_type,
                currency,
                amount,
                qualifier,
                place,
                from,
                until,
            },
        )
}

fn dates(roles: &[&'static str]) -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    let one = (select(roles.to_vec()), select(DAYS.to_vec()));
    prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(one, 1..3)]
}

fn supplier() -> impl Strategy<Value = Supplier> {
    (
        mostly(
            Some("20"),
            &[Some("40"), Some("10"), Some("46"), Some("99"), None],
        ),
        dates(&["02", "08", "51"]),
        prop::collection::vec(price(), 0..4),
    )
        .prop_map(|(availability, dates, prices)| Supplier {
            availability,
            dates,
            prices,
        })
}

fn supply() -> impl Strategy<Value = Supply> {
    (
        prop::option::of(place()),
        mostly(None, &[Some("04"), Some("02"), Some("08"), Some("09")]),
        prop::collection::vec(supplier(), 1..3),
    )
        .prop_map(|(market, status, suppliers)| Supply {
            market,
            status,
            suppliers,
        })
}

fn spec() -> impl Strategy<Value = Spec> {
    let restriction = (
        select(vec!["04", "06", "09", "00"]),
        prop::option::of(select(DAYS.to_vec())),
        prop::option::of(select(DAYS.to_vec())),
    );
    (
        mostly("04", &["02", "08", "09", "00"]),
        mostly(
            vec!["02"],
            &[vec!["03"], vec!["03", "06"], vec![], vec!["01"], vec!["00"]],
        ),
        mostly("E101", &["E107", "E116", "E200"]),
        dates(&["02", "09", "13", "27", "01"]),
        prop::option::weighted(0.15, restriction),
        prop_oneof![
            2 => Just(vec![("01", Place { included: vec!["WORLD"], excluded: vec![] })]),
            2 => prop::collection::vec((mostly("01", &["02", "03", "00"]), place()), 0..3),
        ],
        mostly(None, &[Some("01"), Some("03"), Some("00")]),
        prop::collection::vec(supply(), 1..3),
    )
        .prop_map(
            |(status, protections, detail, dates, restriction, rights, rest, supplies)| Spec {
                status,
                protections,
                detail,
                dates,
                restriction,
                rights,
                rest,
                supplies,
            },
        )
}

fn tag(name: &str, text: &str) -> String {
    format!("<{name}>{text}</{name}>")
}

fn optional(name: &str, text: Option<&str>) -> String {
    text.map_or_else(String::new, |text| tag(name, text))
}

impl Place {
    fn xml(&self) -> String {
        let is_country = |code: &&&str| code.len() == 2;
        let list = |name, codes: &[&str], countries| {
            let codes: Vec<&str> = codes
                .iter()
                .filter(|code| is_country(code) == countries)
                .copied()
                .collect();
            match codes.is_empty() {
                true => String::new(),
                false => tag(name, &codes.join(" ")),
            }
        };
        let parts = [
            list("CountriesIncluded", &self.included, true),
            list("RegionsIncluded", &self.included, false),
            list("CountriesExcluded", &self.excluded, true),
            list("RegionsExcluded", &self.excluded, false),
        ];
        tag("Territory", &parts.concat())
    }
}

fn date_xml(name: &str, (role, date): &(&str, &str)) -> String {
    tag(
        name,
        &(tag(&format!("{name}Role"), role) + &tag("Date", date)),
    )
}

impl Price {
    fn xml(&self) -> String {
        let from = self.from.map(|date| date_xml("PriceDate", &("14", date)));
        let until = self.until.map(|date| date_xml("PriceDate", &("15", date)));
        let parts = [
            optional("PriceType", self.price_type),
            optional("PriceQualifier", self.qualifier),
            tag("PriceAmount", self.amount),
            tag("CurrencyCode", self.currency),
            self.place.as_ref().map(Place::xml).unwrap_or_default(),
            from.unwrap_or_default(),
            until.unwrap_or_default(),
        ];
        tag("Price", &parts.concat())
    }
}

impl Supplier {
    fn xml(&self) -> String {
        let dates: String = self
            .dates
            .iter()
            .map(|date| date_xml("SupplyDate", date))
            .collect();
        let prices: String = self.prices.iter().map(Price::xml).collect();
        tag(
            "SupplyDetail",
            &(optional("ProductAvailability", self.availability) + &dates + &prices),
        )
    }
}

impl Supply {
    fn xml(&self) -> String {
        let market = self
            .market
            .as_ref()
            .map(|place| tag("Market", &place.xml()));
        let detail = self.status.map(|status| {
            tag(
                "MarketPublishingDetail",
                &tag("MarketPublishingStatus", status),
            )
        });
        let suppliers: String = self.suppliers.iter().map(Supplier::xml).collect();
        tag(
            "ProductSupply",
            &(market.unwrap_or_default() + &detail.unwrap_or_default() + &suppliers),
        )
    }
}

impl Spec {
    fn xml(&self) -> String {
        let protections: String = self
            .protections
            .iter()
            .map(|code| tag("EpubTechnicalProtection", code))
            .collect();
        let descriptive =
            tag("ProductForm", "EA") + &tag("ProductFormDetail", self.detail) + &protections;
        let dates: String = self
            .dates
            .iter()
            .map(|date| date_xml("PublishingDate", date))
            .collect();
        let rights: String = self
            .rights
            .iter()
            .map(|(code, place)| {
                tag(
                    "SalesRights",
                    &(tag("SalesRightsType", code) + &place.xml()),
                )
            })
            .collect();
        let restriction = self.restriction.map(|(code, from, until)| {
            let inner = tag("SalesRestrictionType", code)
                + &optional("StartDate", from)
                + &optional("EndDate", until);
            tag("SalesRestriction", &inner)
        });
        let publishing = tag("PublishingStatus", self.status)
            + &dates
            + &rights
            + &optional("ROWSalesRightsType", self.rest)
            + &restriction.unwrap_or_default();
        let supplies: String = self.supplies.iter().map(Supply::xml).collect();
        let product = tag("RecordReference", "r")
            + &tag("NotificationType", "03")
            + &tag("DescriptiveDetail", &descriptive)
            + &tag("PublishingDetail", &publishing)
            + &supplies;
        format!(
            "<ONIXMessage release=\"3.0\"><Header/>{}</ONIXMessage>",
            tag("Product", &product)
        )
    }

    fn offers(&self) -> Offers {
        offers(&self.xml())
    }

    /// Every instant at which one of its dates begins or is over.
    fn instants(&self) -> Vec<Moment> {
        let zone = Zone::default();
        DAYS.iter()
            .map(|day| Date::parse(day, None).unwrap())
            .flat_map(|date| [date.start(&zone), date.end(&zone)])
            .collect()
    }
}

/// The same message with every element under its short tag.
fn with_short_tags(message: &str) -> String {
    let mut out = String::new();
    for piece in message.split_inclusive('<') {
        let start = usize::from(piece.starts_with('/'));
        let end = piece.find([' ', '>', '/']).filter(|end| *end > 0);
        let end = match start {
            1 => piece.find('>'),
            _ => end,
        };
        let name = end.map_or("", |end| &piece[start..end]);
        match Tag::from_name(name).map(Tag::short) {
            Some(short) if !short.is_empty() => {
                out.push_str(&piece[..start]);
                out.push_str(short);
                out.push_str(&piece[start + name.len()..]);
            }
            _ => out.push_str(piece),
        }
    }
    out
}

/// A record of 2.1 and one of 3.0 that say the same; 2.1 has no word for protections.
#[test]
fn twins_of_two_releases_are_judged_alike() {
    let old = |availability: &str, price: &str, right: &str| {
        offers(&format!(
            "<ONIXMessage release=\"2.1\"><Header/><Product><RecordReference>r</RecordReference>\
             <ProductForm>DG</ProductForm><EpubType>029</EpubType><PublishingStatus>04</PublishingStatus>\
             <SalesRights><SalesRightsType>{right}</SalesRightsType><RightsCountry>FR CA</RightsCountry></SalesRights>\
             <SupplyDetail><ProductAvailability>{availability}</ProductAvailability>\
             <Price><PriceTypeCode>04</PriceTypeCode><PriceAmount>{price}</PriceAmount>\
             <CurrencyCode>EUR</CurrencyCode><CountryCode>FR BE</CountryCode>\
             <PriceEffectiveUntil>20261215</PriceEffectiveUntil></Price></SupplyDetail></Product></ONIXMessage>"
        ))
    };
    let new = |availability: &str, price: &str, right: &str| {
        offers(&format!(
            "<ONIXMessage release=\"3.0\"><Header/><Product><RecordReference>r</RecordReference>\
             <DescriptiveDetail><ProductForm>EA</ProductForm><ProductFormDetail>E101</ProductFormDetail></DescriptiveDetail>\
             <PublishingDetail><PublishingStatus>04</PublishingStatus>\
             <SalesRights><SalesRightsType>{right}</SalesRightsType><Territory><CountriesIncluded>FR CA</CountriesIncluded></Territory></SalesRights></PublishingDetail>\
             <ProductSupply><SupplyDetail><ProductAvailability>{availability}</ProductAvailability>\
             <Price><PriceType>04</PriceType><PriceAmount>{price}</PriceAmount>\
             <CurrencyCode>EUR</CurrencyCode><Territory><CountriesIncluded>FR BE</CountriesIncluded></Territory>\
             <PriceDate><PriceDateRole>15</PriceDateRole><Date>20261215</Date></PriceDate></Price></SupplyDetail></ProductSupply></Product></ONIXMessage>"
        ))
    };
    for availability in ["20", "40", "10", "46", "99", ""] {
        for (price, right) in [
            ("9.99", "01"),
            ("7.99", "02"),
            ("9.995", "01"),
            ("9.99", "03"),
        ] {
            let (old, new) = (
                old(availability, price, right),
                new(availability, price, right),
            );
            for (at, country) in [
                ("2026-12-15", "FR"),
                ("2026-12-16", "FR"),
                ("2026-12-01", "BE"),
            ] {
                let request = usual(Kind::Simulation, moment(at)).with("country", country);
                assert_eq!(
                    outcome(&check(&request, &old)),
                    outcome(&check(&request, &new))
                );
            }
        }
    }
}

fn moment(text: &str) -> Moment {
    Moment::parse(text, &Zone::default()).unwrap()
}

fn request() -> impl Strategy<Value = SaleRequest> {
    (
        select(vec![Kind::Simulation, Kind::Sale, Kind::Preorder]),
        select(MOMENTS.to_vec()),
        select(COUNTRIES.to_vec()),
        mostly(Some("EUR"), &[Some("USD"), Some("JPY"), None]),
        mostly(Some("04"), &[Some("02"), Some("42"), None]),
        mostly("999", &["799", "0"]),
        mostly("watermark", &["acs4", "drm", "none"]),
    )
        .prop_map(
            |(kind, at, country, currency, price_type, cost, protection)| {
                let mut request = usual(kind, moment(at))
                    .with("country", country)
                    .with("cost", cost)
                    .with("protection", protection);
                request.currency = currency.map(str::to_owned);
                request.price_type = price_type.map(str::to_owned);
                request
            },
        )
}

fn is_valid(verdict: &Verdict) -> bool {
    verdict.verdict == Judgement::Valid
}

/// All of a verdict that doesn't tell places.
fn outcome(verdict: &Verdict) -> impl PartialEq + std::fmt::Debug + use<> {
    (
        verdict.verdict,
        verdict.codes.clone(),
        verdict.also.clone(),
        verdict.missing.clone(),
    )
}

fn check(request: &SaleRequest, record: &Offers) -> Verdict {
    sale::check(request, &[record], &Account::default())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_excluded_country_never_widens(
        spec in spec(),
        request in request(),
        country in select(COUNTRIES.to_vec()),
        which in any::<Index>(),
    ) {
        let before = check(&request, &spec.offers());
        let mut narrower = spec.clone();
        let mut places: Vec<&mut Place> = Vec::new();
        // Less of what isn't for sale, or of what nobody knows, may be more of what is.
        let for_sale = narrower.rights.iter_mut().filter(|(code, _)| matches!(*code, "01" | "02"));
        if spec.rest.is_none() {
            places.extend(for_sale.map(|(_, place)| place));
        }
        for supply in &mut narrower.supplies {
            places.extend(&mut supply.market);
            for supplier in &mut supply.suppliers {
                places.extend(supplier.prices.iter_mut().filter_map(|price| price.place.as_mut()));
            }
        }
        let n = places.len();
        if n == 0 {
            return Ok(());
        }
        places[which.index(n)].excluded.push(country);
        let after = check(&request, &narrower.offers());
        prop_assert!(!is_valid(&after) || is_valid(&before), "{before:?}\n{after:?}");
    }

    #[test]
    fn only_a_date_changes_a_verdict(
        spec in spec(),
        request in request(),
        a in select(MOMENTS.to_vec()),
        seconds in 0i64..900_000,
    ) {
        let offers = spec.offers();
        let (from, to) = (moment(a), Moment::from_unix(moment(a).as_unix() + seconds));
        if spec.instants().iter().any(|at| from < *at && *at <= to) {
            return Ok(());
        }
        let (mut first, mut second) = (request.clone(), request);
        (first.at, second.at) = (from, to);
        prop_assert_eq!(outcome(&check(&first, &offers)), outcome(&check(&second, &offers)));
    }

    #[test]
    fn valid_has_a_row(spec in spec(), request in request()) {
        let offers = spec.offers();
        let account = Account::default();
        let verdict = check(&request, &offers);
        if !is_valid(&verdict) || request.kind == Kind::Preorder {
            return Ok(());
        }
        let country = Country::parse(request.country.as_deref().unwrap()).unwrap();
        let currency = request.currency.as_deref().and_then(Currency::parse);
        let cost: u64 = request.cost.as_deref().unwrap().parse().unwrap();
        let zone = Zone::default();
        let found = offers.rows(&account).into_iter().any(|row| {
            row.countries.coverage(country) == Coverage::In
                && (currency.is_none() || row.currency == currency)
                && (request.price_type.is_none() || row.price_type == request.price_type)
                && row.cost == Some(cost)
                && row.from.is_none_or(|from| from.start(&zone) <= request.at)
                && row.until.is_none_or(|until| until.end(&zone) > request.at)
        });
        prop_assert!(found, "{verdict:?}");
    }

    #[test]
    fn order_does_not_matter(spec in spec(), request in request()) {
        let mut turned = spec.clone();
        turned.supplies.reverse();
        turned.rights.reverse();
        turned.dates.reverse();
        for supply in &mut turned.supplies {
            supply.suppliers.reverse();
            for supplier in &mut supply.suppliers {
                supplier.prices.reverse();
                supplier.dates.reverse();
            }
        }
        prop_assert_eq!(
            outcome(&check(&request, &spec.offers())),
            outcome(&check(&request, &turned.offers()))
        );
    }

    #[test]
    fn countries_are_spelt_either_way(spec in spec(), request in request()) {
        let offers = spec.offers();
        let country = Country::parse(request.country.as_deref().unwrap()).unwrap();
        let verdict = outcome(&check(&request, &offers));
        for spelling in [country.alpha3().to_owned(), country.alpha3().to_lowercase(), country.alpha2().to_lowercase()] {
            let other = request.clone().with("country", spelling);
            prop_assert_eq!(&outcome(&check(&other, &offers)), &verdict);
        }
    }

    #[test]
    fn short_tags_say_the_same(spec in spec(), request in request()) {
        let reference = spec.xml();
        let short = with_short_tags(&reference);
        prop_assert_ne!(&short, &reference);
        prop_assert_eq!(
            outcome(&check(&request, &offers(&reference))),
            outcome(&check(&request, &offers(&short)))
        );
    }

    #[test]
    fn judge_says_what_check_says(spec in spec(), other in spec(), request in request()) {
        let offers = spec.offers();
        let judged = sale::judge(&request, &[&offers], &Account::default());
        let answer = check(&request, &offers);
        prop_assert_eq!(outcome(&answer), outcome(&judged));
        // Packed beside another, so that frames and prices are shared.
        let mut builder = sale::TableBuilder::new();
        builder.add(&other.offers());
        let n = builder.add(&offers);
        let table = builder.finish();
        let judged = sale::judge(&request, &[table.get(n).unwrap()], &Account::default());
        prop_assert_eq!(outcome(&answer), outcome(&judged));
    }

    #[test]
    fn near_offers_are_valid_when_asked(spec in spec(), request in request()) {
        let offers = spec.offers();
        for near in check(&request, &offers).near {
            let mut asked = request.clone();
            let offer = &near.offer;
            for name in &near.differs {
                match *name {
                    "at" => asked.at = offer.from.unwrap().start(&Zone::default()),
                    "format" => asked.format = offer.format.map(|format| format.to_string()),
                    "protection" => asked.protection = Some(offer.protections.words()[0].to_owned()),
                    "cost" => asked.cost = offer.cost.map(|cost| cost.to_string()),
                    "currency" => asked.currency = offer.currency.map(|currency| currency.to_string()),
                    "price_type" => asked.price_type.clone_from(&offer.price_type),
                    other => panic!("{other}"),
                }
            }
            prop_assert!(is_valid(&check(&asked, &offers)), "{near:?}");
        }
    }

    /// A search and a check never disagree.
    #[test]
    fn a_filter_finds_what_a_check_takes(spec in spec(), request in request()) {
        let offers = spec.offers();
        let account = Account::default();
        let cost = request.cost.as_deref().unwrap().parse().ok();
        let country = Country::parse(request.country.as_deref().unwrap());
        let filter = OfferFilter {
            country,
            currency: request.currency.as_deref().and_then(Currency::parse),
            price_type: request.price_type.clone(),
            min_cost: cost,
            max_cost: cost,
            protection: None,
            sellable: Sellable::Sale,
        };
        let found = offers.find(&filter, request.at, &account);
        let mut asked = request.clone();
        asked.kind = Kind::Simulation;
        let taken = ["epub", "pdf", "mobi", "audio"].iter().any(|format| {
            ["none", "watermark", "acs4", "drm"].iter().any(|protection| {
                asked.format = Some((*format).to_owned());
                asked.protection = Some((*protection).to_owned());
                is_valid(&check(&asked, &offers))
            })
        });
        prop_assert_eq!(found.is_some(), taken, "{:?}", found);

        let any = OfferFilter { country, sellable: Sellable::Sale, ..OfferFilter::default() };
        let for_sale = offers.find(&any, request.at, &account);
        let status = offers.status(country, request.at, &account);
        prop_assert_eq!(status == Status::Sale, for_sale.is_some(), "{:?} {:?}", status, for_sale);
    }

    /// A preorder that a check takes is one by its status, and the other way round.
    #[test]
    fn status_knows_preorders(spec in spec(), at in select(MOMENTS.to_vec()), country in select(COUNTRIES.to_vec())) {
        let offers = spec.offers();
        let account = Account::default();
        let taken = ["epub", "pdf"].iter().any(|format| {
            let request = usual(Kind::Preorder, moment(at)).with("country", country).with("for", *format);
            is_valid(&check(&request, &offers))
        });
        let status = offers.status(Country::parse(country), moment(at), &account);
        prop_assert!(taken == (status == Status::Preorder) || status == Status::Sale, "{status:?}");
    }

    #[test]
    fn territories_narrow(
        included in prop::collection::vec(select(PLACES.to_vec()), 0..5),
        excluded in prop::collection::vec(select(PLACES.to_vec()), 1..4),
        more in select(PLACES.to_vec()),
    ) {
        let before = Territory::of_codes(included.clone(), excluded.clone(), None);
        let narrower = excluded.iter().copied().chain([more]);
        let after = Territory::of_codes(included, narrower, None);
        for country in Country::all() {
            prop_assert!(
                after.coverage(country) != Coverage::In || before.coverage(country) == Coverage::In
            );
        }
    }
}
