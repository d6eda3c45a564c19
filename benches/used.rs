//! Looks at every value of a view, so that nothing of it is left unread.

use std::borrow::Cow;
use std::hint::black_box;

use onix_catalogue::onix::view::{Area, Dated, Id, MarketView, PriceView, Supply};
use onix_catalogue::onix::{Codes, Identifier, View};
use onix_catalogue::sale::Offers;

/// Identifiers by their length; offers hold their values computed.
pub(super) fn offers(identifiers: &[Identifier<'_>], offers: &Offers) -> usize {
    black_box(offers);
    sum(identifiers, |one| text(&one.id_value))
}

/// The length of every text.
pub(super) fn view(view: &View<'_>) -> usize {
    let descriptive = text(&view.record_reference)
        + text(&view.notification_type)
        + sum(&view.identifiers, identifier)
        + text(&view.isbn13)
        + text(&view.title)
        + text(&view.subtitle)
        + sum(&view.titles, |one| {
            text(&one.r#type) + text(&one.title) + text(&one.subtitle)
        })
        + sum(&view.contributors, |one| {
            let parts: usize = one.raw.iter().map(|(_, part)| part.len()).sum();
            text(&one.role) + texts(&one.roles) + text(&one.name) + text(&one.seq) + parts
        })
        + text(&view.contributor_statement)
        + sum(&view.languages, |one| text(&one.role) + text(&one.code))
        + sum(&view.subjects, |one| {
            text(&one.scheme) + text(&one.code) + text(&one.text) + usize::from(one.main)
        })
        + text(&view.product_composition)
        + text(&view.product_form)
        + texts(&view.product_form_details)
        + text(&view.epub_type)
        + view.format.map_or(0, |format| format.as_str().len())
        + texts(&view.epub_protections)
        + sum(&view.protections, |one| one.len())
        + sum(&view.usage_constraints, |one| {
            let limits = sum(&one.limits, |limit| {
                text(&limit.quantity) + text(&limit.unit)
            });
            text(&one.r#type) + text(&one.status) + limits
        })
        + view.product_parts;
    let publishing = sum(&view.publishers, |one| text(&one.role) + text(&one.name))
        + sum(&view.imprints, text)
        + text(&view.publishing_status)
        + sum(&view.publishing_dates, date)
        + sum(&view.sales_rights, |one| {
            text(&one.r#type) + area(&one.territory)
        })
        + text(&view.row_sales_rights);
    let markets = view.markets_21.iter().flatten();
    let markets: usize = markets
        .map(|one| area(&one.territory) + text(&one.status) + sum(&one.dates, date))
        .sum();
    descriptive
        + publishing
        + markets
        + sum(&view.supplies, supply)
        + sum(&view.related_products, |one| {
            sum(&one.relation, |code| code.len()) + sum(&one.identifiers, identifier)
        })
}

fn supply(supply: &Supply<'_>) -> usize {
    supply.market.as_ref().map_or(0, market)
        + sum(&supply.suppliers, text)
        + text(&supply.availability)
        + text(&supply.availability_code)
        + text(&supply.unpriced)
        + sum(&supply.supply_dates, date)
        + area(&supply.supply_territory)
        + sum(&supply.prices, price)
}

fn market(market: &MarketView<'_>) -> usize {
    sum(&market.territories, area) + text(&market.publishing_status) + sum(&market.dates, date)
}

fn price(price: &PriceView<'_>) -> usize {
    text(&price.r#type)
        + text(&price.qualifier)
        + text(&price.amount)
        + text(&price.currency)
        + text(&price.unpriced)
        + text(&price.status)
        + text(&price.eff_type)
        + text(&price.eff_currency)
        + area(&price.territory)
        + sum(&price.dates, date)
        + sum(&price.conditions, |one| {
            text(&one.r#type) + sum(&one.quantities, text)
        })
        + sum(&price.tax, |one| {
            text(&one.r#type) + text(&one.rate) + text(&one.percent) + text(&one.amount)
        })
        + texts(&price.protections)
}

fn identifier(one: &Id<'_>) -> usize {
    text(&one.r#type) + text(&one.value)
}

fn date(one: &Dated<'_>) -> usize {
    text(&one.role) + text(&one.date) + text(&one.format)
}

fn area(area: &Area<'_>) -> usize {
    codes(&area.countries)
        + codes(&area.regions)
        + codes(&area.countries_excluded)
        + codes(&area.regions_excluded)
}

fn codes(codes: &Codes<'_>) -> usize {
    codes.iter().map(str::len).sum()
}

fn text(text: &Option<Cow<'_, str>>) -> usize {
    text.as_ref().map_or(0, |text| text.len())
}

fn texts(texts: &[Cow<'_, str>]) -> usize {
    sum(texts, |text| text.len())
}

fn sum<T>(values: &[T], of: impl Fn(&T) -> usize) -> usize {
    values.iter().map(of).sum()
}
