//! Invented products, and sales that somebody may ask for.

#![allow(
    dead_code,
    reason = "every test includes this folder as a private module and uses a part of it"
)]

use onix_catalogue::model::{Date, Kind, Moment, SaleRequest, Zone};
use proptest::prelude::*;
use proptest::sample::select;

use crate::sale_support::usual;

pub(crate) const COUNTRIES: [&str; 6] = ["FR", "BE", "CA", "US", "GB", "JP"];
pub(crate) const PLACES: [&str; 12] = [
    "FR", "BE", "CA", "US", "GB", "JP", "WORLD", "CA-QC", "GB-AIR", "ECZ", "LATAM", "FR-H",
];
pub(crate) const DAYS: [&str; 5] = ["20261101", "20261115", "20261201", "20261215", "202612"];
pub(crate) const MOMENTS: [&str; 7] = [
    "2026-10-20",
    "2026-11-01",
    "2026-11-10T12:00:00Z",
    "2026-11-15T23:59:59Z",
    "2026-12-01",
    "2026-12-16",
    "2027-02-01",
];

#[derive(Debug, Clone, Default)]
pub(crate) struct Place {
    pub(crate) included: Vec<&'static str>,
    pub(crate) excluded: Vec<&'static str>,
}

#[derive(Debug, Clone)]
pub(crate) struct Price {
    pub(crate) price_type: Option<&'static str>,
    pub(crate) currency: &'static str,
    pub(crate) amount: &'static str,
    pub(crate) qualifier: Option<&'static str>,
    pub(crate) place: Option<Place>,
    pub(crate) from: Option<&'static str>,
    pub(crate) until: Option<&'static str>,
}

#[derive(Debug, Clone)]
pub(crate) struct Supplier {
    pub(crate) availability: Option<&'static str>,
    pub(crate) dates: Vec<(&'static str, &'static str)>,
    pub(crate) prices: Vec<Price>,
}

#[derive(Debug, Clone)]
pub(crate) struct Supply {
    pub(crate) market: Option<Place>,
    pub(crate) status: Option<&'static str>,
    pub(crate) suppliers: Vec<Supplier>,
}

#[derive(Debug, Clone)]
pub(crate) struct Spec {
    pub(crate) status: &'static str,
    pub(crate) protections: Vec<&'static str>,
    pub(crate) detail: &'static str,
    pub(crate) dates: Vec<(&'static str, &'static str)>,
    pub(crate) restriction: Option<(&'static str, Option<&'static str>, Option<&'static str>)>,
    pub(crate) rights: Vec<(&'static str, Place)>,
    pub(crate) rest: Option<&'static str>,
    pub(crate) supplies: Vec<Supply>,
}

/// Mostly the first, now and then one of the others.
pub(crate) fn mostly<T: Clone + std::fmt::Debug + 'static>(
    usual: T,
    others: &[T],
) -> impl Strategy<Value = T> + use<T> {
    prop_oneof![4 => Just(usual), 1 => select(others.to_vec())]
}

pub(crate) fn place() -> impl Strategy<Value = Place> {
    let codes = |n| prop::collection::vec(select(PLACES.to_vec()), n);
    let stated =
        (codes(1..4), codes(0..2)).prop_map(|(included, excluded)| Place { included, excluded });
    let world = Place {
        included: vec!["WORLD"],
        excluded: vec![],
    };
    prop_oneof![1 => Just(world), 1 => stated]
}

pub(crate) fn price() -> impl Strategy<Value = Price> {
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

pub(crate) fn dates(
    roles: &[&'static str],
) -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    let one = (select(roles.to_vec()), select(DAYS.to_vec()));
    prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(one, 1..3)]
}

pub(crate) fn supplier() -> impl Strategy<Value = Supplier> {
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

pub(crate) fn supply() -> impl Strategy<Value = Supply> {
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

pub(crate) fn spec() -> impl Strategy<Value = Spec> {
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

pub(crate) fn tag(name: &str, text: &str) -> String {
    format!("<{name}>{text}</{name}>")
}

pub(crate) fn optional(name: &str, text: Option<&str>) -> String {
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

pub(crate) fn date_xml(name: &str, (role, date): &(&str, &str)) -> String {
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
    pub(crate) fn xml(&self) -> String {
        format!(
            "<ONIXMessage release=\"3.0\"><Header/>{}</ONIXMessage>",
            self.product("r")
        )
    }

    pub(crate) fn product(&self, reference: &str) -> String {
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
        let product = tag("RecordReference", reference)
            + &tag("NotificationType", "03")
            + &tag("DescriptiveDetail", &descriptive)
            + &tag("PublishingDetail", &publishing)
            + &supplies;
        tag("Product", &product)
    }

    /// Every instant at which one of its dates begins or is over.
    pub(crate) fn instants(&self) -> Vec<Moment> {
        let zone = Zone::default();
        DAYS.iter()
            .map(|day| Date::parse(day, None).unwrap())
            .flat_map(|date| [date.start(&zone), date.end(&zone)])
            .collect()
    }
}

/// The same message with every element under its short tag.
pub(crate) fn moment(text: &str) -> Moment {
    Moment::parse(text, &Zone::default()).unwrap()
}

pub(crate) fn request() -> impl Strategy<Value = SaleRequest> {
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
