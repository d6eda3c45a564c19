//! From a product to its [`Offers`]: statements read once, defaults of the header filled in,
//! territories resolved against each other.

use std::borrow::Cow;

use crate::model::{
    Country, Currency, Date, Format, MinorUnits, Protections, ShortText, Territory,
};
use crate::onix::{self, Element, Product, Tag};

use super::elements;
use super::offers::{
    Area, Dated, Offers, Place, Restriction, Rights, RoleDate, Stated, Supplier, Supply,
};
use super::price::{Holds, Index, Price};
use super::rules::{self, Effect, Right, Role};

impl Stated {
    fn of(element: Element<'_>) -> Self {
        Self {
            element: element.tag().name(),
            value: element.text().into_owned(),
            byte: element.byte(),
        }
    }
}

impl Offers {
    /// Reads what a sale of this product depends on.
    pub fn of(product: &Product<'_>) -> Self {
        let descriptive = product.descriptive_detail();
        let publishing = product.publishing_detail();
        let header = product.message().header();
        let (format, may_be) = formats(&descriptive);
        let is_library_form = matches!(
            descriptive.product_form.as_deref(),
            Some("EB" | "EC" | "ED")
        );
        let mut out = Self {
            record_reference: product.record_reference().unwrap_or_default().into(),
            sent: header.sent.as_deref().map(Into::into),
            sent_date: header
                .sent
                .as_deref()
                .and_then(|sent| Date::parse(sent, None)),
            publisher: publishing
                .publishers
                .iter()
                .find_map(|publisher| publisher.publisher_name.as_deref())
                .map(str::to_owned),
            format,
            may_be,
            product_form: stated_in(descriptive.element(), Tag::ProductForm),
            protections: protections(&descriptive),
            protections_stated: stated_in(descriptive.element(), Tag::EpubTechnicalProtection),
            library: false,
            elements: &elements::ONIX,
            without_price_type: false,
            has_limited_prices: false,
            notification_type: stated_effect(
                Some(product.element()),
                Tag::NotificationType,
                rules::notification_type,
            ),
            publication_state: (Effect::Fine, None),
            publishing_status: stated_effect(
                publishing.element(),
                Tag::PublishingStatus,
                rules::publishing_status,
            ),
            publishing_dates: publishing_dates(&publishing.publishing_dates),
            restrictions: restrictions(&publishing.sales_restrictions, None),
            rights: None,
            supplies: supplies(&product.product_supplies(), header),
            slots: Vec::new(),
            is_outdated: false,
        };
        out.read_rights(&publishing);
        out.library = is_library_form && out.has_restriction("06");
        out.read_prices_protections();
        out
    }

    fn has_restriction(&self, code: &str) -> bool {
        self.restrictions
            .iter()
            .chain(self.supplies.iter().flat_map(|supply| &supply.restrictions))
            .any(|restriction| restriction.restriction_type.as_deref() == Some(code))
    }

    /// `SalesRights` 00–08 and `ROWSalesRightsType`, taken together. What is expressly not for
    /// sale isn't, whatever else is said of it.
    fn read_rights(&mut self, publishing: &onix::PublishingDetail<'_>) {
        let row_type = publishing.row_sales_rights_type.as_deref();
        if publishing.sales_rights.is_empty() && row_type.is_none() {
            return;
        }
        let stated = publishing.sales_rights.iter().map(|one| &one.territory);
        let territories = with_row(stated, Territory::uncertain());
        let mut statements: Vec<(String, Territory)> = Vec::new();
        for (rights, territory) in publishing.sales_rights.iter().zip(&territories) {
            let code = rights.sales_rights_type.as_deref().unwrap_or_default();
            statements.push((code.to_owned(), *territory));
            self.restrictions
                .extend(restrictions(&rights.sales_restrictions, Some(*territory)));
        }
        if let Some(code) = row_type {
            let all = territories
                .iter()
                .fold(Territory::NOWHERE, |all, one| all.union(one));
            statements.push((code.to_owned(), Territory::world().minus(&all)));
        }
        let of = |right| {
            statements
                .iter()
                .filter(|(code, _)| rules::sales_rights_type(Some(code)) == right)
                .fold(Territory::NOWHERE, |all, (_, one)| all.union(one))
        };
        let not_for_sale = of(Right::NotForSale);
        self.rights = Some(Rights {
            for_sale: Area::of(of(Right::ForSale).minus(&not_for_sale)),
            unstated: Area::of(of(Right::Unstated).minus(&not_for_sale)),
            byte: publishing
                .sales_rights
                .first()
                .and_then(|rights| rights.element())
                .or(publishing.element())
                .map_or(0, Element::byte),
            statements,
        });
    }

    /// Protections and time limits that prices alone state.
    fn read_prices_protections(&mut self) {
        let prices = || {
            self.suppliers()
                .flat_map(|supplier| &supplier.prices)
                .filter(|price| price.counts())
        };
        let has_limited_prices = prices().any(|price| price.limited);
        let of_prices = prices()
            .map(|price| price.protections)
            .try_fold(Protections::default(), |all, one| Some(all.union(one?)));
        self.has_limited_prices = has_limited_prices;
        if let Some(of_prices) = of_prices.filter(|_| self.protections.is_empty()) {
            self.protections = self.protections.union(of_prices);
        }
    }
}

/// The file's format; where that isn't settled, those it may have.
fn formats(descriptive: &onix::DescriptiveDetail<'_>) -> (Option<Format>, Vec<Format>) {
    let form = descriptive.product_form.as_deref();
    let epub_type = descriptive.epub_type.as_deref();
    let details = || descriptive.product_form_details.iter().map(AsRef::as_ref);
    let mut files: Vec<Format> = details()
        .filter_map(|detail| Format::of_codes(None, [detail], None))
        .filter(|format| *format != Format::Audio)
        .collect();
    files.sort_unstable();
    files.dedup();
    if files.len() > 1 || !files.is_empty() && !rules::is_digital(form) {
        return (None, files);
    }
    if let Some(format) = Format::of_codes(form, details(), epub_type) {
        return (Some(format), Vec::new());
    }
    // A file that the platform has no word for.
    let is_other = details().any(|detail| detail.starts_with("E1"))
        || epub_type.is_some_and(|code| !matches!(code, "000" | "099"));
    match rules::is_digital(form) && !is_other {
        true => (
            None,
            vec![Format::Epub, Format::Pdf, Format::Mobi, Format::Audio],
        ),
        false => (None, Vec::new()),
    }
}

fn protections(descriptive: &onix::DescriptiveDetail<'_>) -> Protections {
    let codes = &descriptive.epub_technical_protections;
    let set = Protections::of_codes(codes.iter().map(AsRef::as_ref));
    let limited = descriptive.epub_usage_constraints.iter().any(|constraint| {
        constraint.epub_usage_type.as_deref() == Some("07")
            && !constraint.epub_usage_limits.is_empty()
    });
    match limited {
        true => set.with_time_limit(),
        false => set,
    }
}

fn stated_in(parent: Option<Element<'_>>, tag: Tag) -> Option<Stated> {
    let elements: Vec<_> = parent?.all(tag).collect();
    let values: Vec<_> = elements.iter().map(|element| element.text()).collect();
    Some(Stated {
        value: values.join(" "),
        ..Stated::of(*elements.first()?)
    })
}

fn stated_effect(
    parent: Option<Element<'_>>,
    tag: Tag,
    rule: impl Fn(Option<&str>) -> Effect,
) -> (Effect, Option<Stated>) {
    let stated = parent
        .and_then(|parent| parent.child(tag))
        .map(Stated::of)
        .filter(|stated| !stated.value.is_empty());
    let effect = rule(stated.as_ref().map(|stated| stated.value.as_str()));
    (effect, stated)
}

fn publishing_dates(dates: &[onix::PublishingDate<'_>]) -> Vec<RoleDate> {
    dates
        .iter()
        .filter_map(|date| {
            let role = date.publishing_date_role.as_deref();
            role_date(
                role,
                role.and_then(rules::publishing_date_role)?,
                date.date.or(date.element())?,
                date.date_format.as_deref(),
                "PublishingDate",
            )
        })
        .collect()
}

fn market_dates(detail: Option<&onix::MarketPublishingDetail<'_>>) -> Vec<RoleDate> {
    detail
        .iter()
        .flat_map(|detail| &detail.market_dates)
        .filter_map(|date| {
            let role = date.market_date_role.as_deref();
            role_date(
                role,
                role.and_then(rules::publishing_date_role)?,
                date.date.or(date.element())?,
                date.date_format.as_deref(),
                "MarketDate",
            )
        })
        .collect()
}

fn supply_dates(dates: &[onix::SupplyDate<'_>]) -> Vec<RoleDate> {
    dates
        .iter()
        .filter_map(|date| {
            let role = date.supply_date_role.as_deref();
            role_date(
                role,
                role.and_then(rules::supply_date_role)?,
                date.date.or(date.element())?,
                date.date_format.as_deref(),
                "SupplyDate",
            )
        })
        .collect()
}

/// A date, or the composite that lacks it, whose text is none.
fn role_date(
    code: Option<&str>,
    role: Role,
    date: Element<'_>,
    format: Option<&str>,
    element: &'static str,
) -> Option<RoleDate> {
    Some(RoleDate {
        role,
        stated: Stated {
            element,
            value: format!("{} {}", code.unwrap_or_default(), date.text()),
            byte: date.byte(),
        },
        date: parse_date(date, format).map(Dated::Here),
    })
}

fn parse_date(date: Element<'_>, format: Option<&str>) -> Option<Date> {
    let attribute = date.attribute("dateformat");
    Date::parse(&date.text(), attribute.as_deref().or(format))
}

fn restrictions(
    restrictions: &[onix::SalesRestriction<'_>],
    territory: Option<Territory>,
) -> Vec<Restriction> {
    restrictions
        .iter()
        .map(|restriction| Restriction {
            restriction_type: owned(&restriction.sales_restriction_type),
            outlets: outlets(&restriction.sales_outlets),
            from: restriction
                .start_date
                .map(|date| parse_date(date, None).map(Dated::Here).ok_or(())),
            until: restriction
                .end_date
                .map(|date| parse_date(date, None).map(Dated::Here).ok_or(())),
            territory: territory.map(Area::of),
            byte: restriction.element().map_or(0, Element::byte),
        })
        .collect()
}

fn outlets(outlets: &[onix::SalesOutlet<'_>]) -> Vec<String> {
    outlets
        .iter()
        .flat_map(|outlet| {
            let ids = outlet.sales_outlet_identifiers.iter();
            let ids = ids.filter_map(|identifier| identifier.id_value.as_deref());
            outlet.sales_outlet_name.as_deref().into_iter().chain(ids)
        })
        .map(str::to_owned)
        .collect()
}

fn short(text: &Option<Cow<'_, str>>) -> Option<ShortText> {
    text.as_deref().map(ShortText::from)
}

fn owned(text: &Option<Cow<'_, str>>) -> Option<String> {
    text.as_deref().map(str::to_owned)
}

fn territory(territory: &onix::Territory<'_>, row: Option<&Territory>) -> Territory {
    Territory::of_codes(
        territory
            .countries_included
            .iter()
            .chain(territory.regions_included.iter()),
        territory
            .countries_excluded
            .iter()
            .chain(territory.regions_excluded.iter()),
        row,
    )
}

fn mentions_row(territory: &onix::Territory<'_>) -> bool {
    territory
        .regions_included
        .iter()
        .any(|code| code.eq_ignore_ascii_case("ROW"))
}

/// Territories beside each other, in which `ROW` means the world without the others. `empty` is
/// what one comes to that names nothing.
fn with_row<'t, 'a: 't>(
    territories: impl Iterator<Item = &'t onix::Territory<'a>>,
    empty: Territory,
) -> Vec<Territory> {
    let stated: Vec<_> = territories.collect();
    let resolve = |one: &onix::Territory<'_>, row: Option<&Territory>| match one.is_empty() {
        true => empty,
        false => territory(one, row),
    };
    let others = stated
        .iter()
        .filter(|stated| !mentions_row(stated))
        .fold(Territory::NOWHERE, |all, stated| {
            all.union(&resolve(stated, None))
        });
    let row = Territory::world().minus(&others);
    stated
        .iter()
        .map(|stated| resolve(stated, Some(&row)))
        .collect()
}

fn supplies(supplies: &[onix::ProductSupply<'_>], header: &onix::Header) -> Vec<Supply> {
    let flat = supplies
        .iter()
        .flat_map(|supply| supply.markets.iter().map(|market| &market.territory));
    let mut territories = with_row(flat, Territory::uncertain()).into_iter();
    let mut out: Vec<Supply> = Vec::new();
    for supply in supplies {
        let n_markets = supply.markets.len();
        let places: Vec<Territory> = territories.by_ref().take(n_markets).collect();
        // 2.1 gives each market its own status and dates, and the product one list of suppliers.
        let is_21 = |market: &onix::Market<'_>| {
            let element = market.element();
            element.is_some_and(|element| element.tag() == Tag::MarketRepresentation)
        };
        if supply.markets.len() > 1 && supply.markets.iter().all(is_21) {
            for (market, territory) in supply.markets.iter().zip(places) {
                let place = place(market, territory);
                out.push(market_21(market, place, out.len(), supply, header));
            }
        } else {
            out.push(product_supply(supply, &places, out.len(), header));
        }
    }
    out
}

fn place(market: &onix::Market<'_>, territory: Territory) -> Place {
    Place {
        territory: Area::of(territory),
        byte: market.element().map_or(0, Element::byte),
    }
}

fn product_supply(
    supply: &onix::ProductSupply<'_>,
    places: &[Territory],
    number: usize,
    header: &onix::Header,
) -> Supply {
    let detail = supply.market_publishing_detail.as_ref();
    Supply {
        number,
        market: supply.markets.first().map(|first| {
            let all = places
                .iter()
                .fold(Territory::NOWHERE, |all, one| all.union(one));
            place(first, all)
        }),
        status: stated_effect(
            detail.and_then(|detail| detail.element()),
            Tag::MarketPublishingStatus,
            rules::market_publishing_status,
        ),
        dates: market_dates(detail),
        restrictions: supply
            .markets
            .iter()
            .zip(places)
            .flat_map(|(market, place)| restrictions(&market.sales_restrictions, Some(*place)))
            .collect(),
        suppliers: suppliers(supply, header),
    }
}

/// One `MarketRepresentation` of several.
fn market_21(
    market: &onix::Market<'_>,
    place: Place,
    number: usize,
    supply: &onix::ProductSupply<'_>,
    header: &onix::Header,
) -> Supply {
    let element = market.element();
    let dates = element
        .iter()
        .flat_map(|element| element.all(Tag::MarketDate));
    Supply {
        number,
        market: Some(place),
        status: stated_effect(
            element,
            Tag::MarketPublishingStatus,
            rules::market_publishing_status,
        ),
        dates: dates
            .filter_map(|date| {
                let code = date.text_of(Tag::MarketDateRole);
                role_date(
                    code.as_deref(),
                    code.as_deref().and_then(rules::publishing_date_role)?,
                    date.child(Tag::Date).unwrap_or(date),
                    date.text_of(Tag::DateFormat).as_deref(),
                    "MarketDate",
                )
            })
            .collect(),
        restrictions: Vec::new(),
        suppliers: suppliers(supply, header),
    }
}

fn suppliers(supply: &onix::ProductSupply<'_>, header: &onix::Header) -> Vec<Supplier> {
    let details = &supply.supply_details;
    if details.is_empty() {
        return vec![Supplier::default()];
    }
    let supply_to = details.iter().map(|detail| &detail.supply_to);
    details
        .iter()
        .zip(with_row(supply_to, Territory::NOWHERE))
        .map(|(detail, territory)| supplier(detail, territory, header))
        .collect()
}

fn supplier(
    detail: &onix::SupplyDetail<'_>,
    supply_to: Territory,
    header: &onix::Header,
) -> Supplier {
    let element = detail.element();
    let stated = |tag| {
        element
            .and_then(|element| element.child(tag))
            .map(Stated::of)
            .filter(|stated| !stated.value.is_empty())
    };
    let availability = match (
        stated(Tag::ProductAvailability),
        stated(Tag::AvailabilityCode),
    ) {
        (Some(code), _) => Some((rules::product_availability(&code.value), code)),
        (None, Some(code)) => Some((rules::availability_code(&code.value), code)),
        (None, None) => None,
    };
    let prices = prices(detail, header);
    Supplier {
        name: detail
            .suppliers
            .iter()
            .find_map(|supplier| supplier.supplier_name.as_deref())
            .map(str::to_owned),
        supply_to: (!detail.supply_to.is_empty()).then_some(Area::of(supply_to)),
        availability,
        dates: supply_dates(&detail.supply_dates),
        index: Index::of(&prices),
        prices,
    }
}

fn prices(detail: &onix::SupplyDetail<'_>, header: &onix::Header) -> Vec<Price> {
    let element = detail.element();
    let mut out: Vec<Price> = detail
        .prices
        .iter()
        .zip(places(&detail.prices))
        .map(|(row, holds)| price(row, holds, header))
        .collect();
    if let Some(unpriced) = &detail.unpriced_item_type {
        let child = element.and_then(|element| element.child(Tag::UnpricedItemType));
        out.push(unpriced_row(unpriced, child));
    }
    let minimum = element.and_then(|element| element.text_of(Tag::OrderQuantityMinimum));
    if more_than_one(minimum.as_deref()) {
        for price in &mut out {
            price.excluded = price.excluded.or(Some("OrderQuantityMinimum"));
        }
    }
    out
}

/// `UnpricedItemType` of the supplier: all that it supplies.
fn unpriced_row(unpriced: &str, element: Option<Element<'_>>) -> Price {
    Price {
        unpriced: Some(unpriced.into()),
        excluded: (unpriced != "01").then_some("UnpricedItemType"),
        byte: element.map_or(0, Element::byte),
        ..Price::default()
    }
}

/// Where each price holds. The `ROW` of a price is the world without
/// the countries of the others; what others of the same currency and type leave, and others of
/// another don't, stays open.
fn places(prices: &[onix::Price<'_>]) -> Vec<Holds> {
    let union = |of: &dyn Fn(&onix::Price<'_>) -> bool| {
        prices
            .iter()
            .filter(|price| !mentions_row(&price.territory) && of(price))
            .fold(Territory::NOWHERE, |all, price| {
                all.union(&territory(&price.territory, None))
            })
    };
    let any_row = prices.iter().any(|price| mentions_row(&price.territory));
    let all = any_row.then(|| union(&|_| true));
    prices
        .iter()
        .map(|price| {
            if let Some(country) = only_country(&price.territory) {
                return Holds::Country(country);
            }
            if price.territory.is_empty() {
                return match names_nothing(price) {
                    true => Holds::Territory(Box::new(Territory::uncertain())),
                    false => Holds::Anywhere,
                };
            }
            let row = all.filter(|_| mentions_row(&price.territory)).map(|all| {
                let same = union(&|other| {
                    other.currency_code == price.currency_code
                        && other.price_type == price.price_type
                });
                let without = |others| Territory::world().minus(others);
                Territory::between(&without(&all), &without(&same))
            });
            Holds::Territory(Box::new(territory(&price.territory, row.as_ref())))
        })
        .collect()
}

/// The country of a territory that names one and nothing else.
fn only_country(territory: &onix::Territory<'_>) -> Option<Country> {
    let mut codes = territory.countries_included.iter();
    let code = codes.next().filter(|code| code.len() == 2)?;
    let alone = codes.next().is_none()
        && territory.regions_included.is_empty()
        && territory.countries_excluded.is_empty()
        && territory.regions_excluded.is_empty();
    // What a withdrawn code covers isn't certain.
    Country::parse(code).filter(|country| alone && !country.is_withdrawn())
}

/// A territory that is there and empty.
fn names_nothing(price: &onix::Price<'_>) -> bool {
    price.element().is_some_and(|element| {
        element.child(Tag::Territory).is_some() || element.child(Tag::CountryCode).is_some()
    })
}

fn price(row: &onix::Price<'_>, holds: Holds, header: &onix::Header) -> Price {
    let amount = row.price_amount.as_deref();
    let currency = match row.currency_code.as_deref() {
        Some(code) => Currency::parse(code),
        None => header.default_currency.as_deref().and_then(Currency::parse),
    };
    let price_type = row
        .price_type
        .as_deref()
        .or(header.default_price_type.as_deref());
    let mut out = Price {
        price_type: price_type.map(ShortText::from),
        default_cost: amount
            .zip(currency)
            .and_then(|(amount, currency)| MinorUnits::default().cost(amount, currency)),
        currency: currency.filter(|_| amount.is_some()),
        holds,
        qualifier: short(&row.price_qualifier),
        status: short(&row.price_status),
        unpriced: short(&row.unpriced_item_type).filter(|_| amount.is_none()),
        amount: amount.map(ShortText::from),
        protections: (!row.epub_technical_protections.is_empty()).then(|| {
            Protections::of_codes(row.epub_technical_protections.iter().map(AsRef::as_ref))
        }),
        limited: is_limited(row),
        tax_rate: row
            .taxes
            .iter()
            .find_map(|tax| tax.tax_rate_percent.as_deref())
            .map(ShortText::from),
        taxed: single_tax(&row.taxes).map(Box::new),
        byte: row.element().map_or(0, Element::byte),
        ..Price::default()
    };
    for date in &row.price_dates {
        out.read_date(date);
    }
    out.excluded = exclusion(row);
    out
}

/// A rental, or a licence limited in time.
fn is_limited(row: &onix::Price<'_>) -> bool {
    let constraint = row.price_constraints.iter().any(|constraint| {
        constraint.price_constraint_type.as_deref() == Some("07")
            && !matches!(
                constraint.price_constraint_status.as_deref(),
                Some("01" | "03")
            )
    });
    let rental = |condition: &onix::PriceCondition<'_>| {
        condition.price_condition_type.as_deref() == Some("10")
    };
    constraint || row.price_conditions.iter().any(rental)
}

/// Taxable amount and tax, where there is one tax only.
fn single_tax(taxes: &[onix::Tax<'_>]) -> Option<(Option<ShortText>, Option<ShortText>)> {
    let [tax] = taxes else { return None };
    Some((short(&tax.taxable_amount), short(&tax.tax_amount)))
}

impl Price {
    /// `PriceDate` 14 from, 15 until (both inclusive), 24 from and until.
    fn read_date(&mut self, date: &onix::PriceDate<'_>) {
        let (begins, ends) = match date.price_date_role.as_deref() {
            Some("14") => (true, false),
            Some("15") => (false, true),
            Some("24") => (true, true),
            _ => return,
        };
        let parsed = date
            .date
            .and_then(|element| parse_date(element, date.date_format.as_deref()));
        // Of two dates for one thing, neither is known to count.
        let again = begins && self.from.is_some() || ends && self.until.is_some();
        let Some(parsed) = parsed.filter(|_| !again) else {
            self.unreadable_date = true;
            return;
        };
        if begins {
            self.from = Some(parsed);
        }
        if ends {
            self.until = Some(parsed.last_day());
        }
    }
}

fn more_than_one(quantity: Option<&str>) -> bool {
    quantity.is_some_and(|quantity| quantity.parse::<u64>().map_or(true, |n| n > 1))
}

/// Why a price isn't one that a consumer pays for one copy.
fn exclusion(row: &onix::Price<'_>) -> Option<&'static str> {
    if !rules::is_consumer_price(row.price_qualifier.as_deref()) {
        return Some("PriceQualifier");
    }
    let unpriced = row.unpriced_item_type.as_deref();
    let free_and_priced = unpriced.is_some() && row.price_amount.is_some();
    if free_and_priced || unpriced.is_some_and(|code| code != "01") {
        return Some("UnpricedItemType");
    }
    if row.price_amount.is_none() && unpriced.is_none() {
        return Some("PriceAmount");
    }
    if more_than_one(row.minimum_order_quantity.as_deref()) {
        return Some("MinimumOrderQuantity");
    }
    let institutional = row.price_constraints.iter().any(|constraint| {
        rules::is_institutional_constraint(constraint.price_constraint_type.as_deref())
            && constraint.price_constraint_status.as_deref() != Some("03")
    });
    if institutional {
        return Some("PriceConstraint");
    }
    let plain = row.price_conditions.iter().all(is_plain);
    (!plain).then_some("PriceCondition")
}

/// A condition that a single copy meets.
fn is_plain(condition: &onix::PriceCondition<'_>) -> bool {
    let code = condition.price_condition_type.as_deref();
    let copies = condition
        .price_condition_quantities
        .iter()
        .filter(|quantity| {
            matches!(
                quantity.price_condition_quantity_type.as_deref(),
                Some("03" | "04" | "05")
            )
        })
        .any(|quantity| more_than_one(quantity.quantity.as_deref()));
    (code == Some("10") || rules::is_plain_condition(code)) && !copies
}
