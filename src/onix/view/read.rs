//! How the view is read: each composite of the typed view as the part of it that is asked for.

use std::borrow::Cow;

use serde::Serialize;

use super::{
    Area, Condition, Dated, House, Id, Limit, Market21, MarketView, NameParts, Person, PriceView,
    Related, Rights, Supply, TaxView, Text, Title, Tongue, Topic, Usage, View,
};
use crate::model::{Format, Protections, isbn13};
use crate::onix::descriptive::{
    Contributor, DescriptiveDetail, EpubUsageConstraint, Identifier, Language, Subject, TitleDetail,
};
use crate::onix::element::Element;
use crate::onix::message::Header;
use crate::onix::product::Product;
use crate::onix::publishing::{
    Publisher, PublishingDate, PublishingDetail, SalesRights, Territory,
};
use crate::onix::related::RelatedProduct;
use crate::onix::release::Release;
use crate::onix::supply::{
    Market, MarketPublishingDetail, Price, ProductSupply, SupplyDetail, Tax,
};
use crate::onix::tag::Tag;

impl<'a> View<'a> {
    /// The view of a product.
    pub fn of(product: &Product<'a>) -> Self {
        let position = product.position();
        let root = Blank::of(Some(product.element()));
        let identifiers: Vec<Id<'a>> = product.identifiers().into_iter().map(Id::of).collect();
        let (isbn13, isbn13_from) = isbn(&identifiers).unzip();
        let mut view = Self {
            input: &position.input,
            byte: position.byte,
            index: position.record,
            record_reference: root.or(product.record_reference(), Tag::RecordReference),
            notification_type: root.or(product.notification_type(), Tag::NotificationType),
            identifiers,
            isbn13,
            isbn13_from,
            title: None,
            subtitle: None,
            titles: Vec::new(),
            contributors: Vec::new(),
            contributor_statement: None,
            publishers: Vec::new(),
            imprints: Vec::new(),
            languages: Vec::new(),
            subjects: Vec::new(),
            product_composition: None,
            product_form: None,
            product_form_details: Vec::new(),
            epub_type: None,
            format: None,
            epub_protections: Vec::new(),
            protections: Vec::new(),
            usage_constraints: Vec::new(),
            product_parts: 0,
            publishing_status: None,
            publishing_dates: Vec::new(),
            sales_rights: Vec::new(),
            row_sales_rights: None,
            supplies: Vec::new(),
            markets_21: None,
            related_products: each(product.related_material().related_products, Related::of),
        };
        view.describe(product.descriptive_detail());
        view.publish(product.publishing_detail());
        view.supply(product);
        view
    }

    fn describe(&mut self, detail: DescriptiveDetail<'a>) {
        let given = Blank::of(detail.element());
        self.titles = each(detail.title_details, Title::of);
        let titled = |title: &&Title<'_>| title.title.is_some();
        let distinctive = self
            .titles
            .iter()
            .filter(titled)
            .find(|title| title.r#type.as_deref() == Some("01"));
        if let Some(title) = distinctive.or_else(|| self.titles.iter().find(titled)) {
            self.title.clone_from(&title.title);
            self.subtitle.clone_from(&title.subtitle);
        }
        self.contributors = each(detail.contributors, Person::of);
        self.contributor_statement = detail.contributor_statements.into_iter().next();
        self.languages = each(detail.languages, Tongue::of);
        self.subjects = each(detail.subjects, Topic::of);
        self.product_composition = given.or(detail.product_composition, Tag::ProductComposition);
        self.product_form = given.or(detail.product_form, Tag::ProductForm);
        self.product_form_details = detail.product_form_details;
        self.epub_type = given.or(detail.epub_type, Tag::EpubType);
        self.epub_protections = detail.epub_technical_protections;
        self.usage_constraints = each(detail.epub_usage_constraints, Usage::of);
        self.product_parts = detail.product_parts.len();
        self.format = Format::of_codes(
            self.product_form.as_deref(),
            self.product_form_details.iter().map(Cow::as_ref),
            self.epub_type.as_deref(),
        );
        self.protections =
            Protections::of_codes(self.epub_protections.iter().map(Cow::as_ref)).words();
    }

    fn publish(&mut self, detail: PublishingDetail<'a>) {
        let given = Blank::of(detail.element());
        self.publishers = each(detail.publishers, House::of);
        self.imprints = each(detail.imprints, |imprint| {
            Blank::of(imprint.element()).or(imprint.imprint_name, Tag::ImprintName)
        });
        self.publishing_status = given.or(detail.publishing_status, Tag::PublishingStatus);
        self.publishing_dates = each(detail.publishing_dates, Dated::published);
        self.sales_rights = each(detail.sales_rights, Rights::of);
        self.row_sales_rights = given.or(detail.row_sales_rights_type, Tag::ROWSalesRightsType);
    }

    fn supply(&mut self, product: &Product<'a>) {
        let header = product.message().header();
        let supplies = product.product_supplies();
        if product.release() == Release::Onix2 {
            self.markets_21 = Some(each(
                product.element().all(Tag::MarketRepresentation),
                Market21::of,
            ));
            for supply in supplies {
                let details = supply.supply_details.into_iter();
                self.supplies
                    .extend(details.map(|detail| Supply::of(detail, None, header)));
            }
            return;
        }
        for (n, supply) in supplies.into_iter().enumerate() {
            self.product_supply(n, supply, header);
        }
    }

    fn product_supply(&mut self, n: usize, supply: ProductSupply<'a>, header: &'a Header) {
        let market = MarketView::of(n, supply.markets, supply.market_publishing_detail);
        let Some(last) = supply.supply_details.len().checked_sub(1) else {
            self.supplies.push(Supply {
                market: Some(market),
                empty: true,
                ..Supply::default()
            });
            return;
        };
        self.supplies.reserve(last + 1);
        let mut market = Some(market);
        for (i, detail) in supply.supply_details.into_iter().enumerate() {
            let market = match i == last {
                true => market.take(),
                false => market.clone(),
            };
            self.supplies.push(Supply::of(detail, market, header));
        }
    }
}

/// Finds the ISBN among a product's identifiers.
fn isbn<'a>(identifiers: &[Id<'a>]) -> Option<(Cow<'a, str>, &'static str)> {
    ["15", "03", "02"].into_iter().find_map(|id_type| {
        identifiers
            .iter()
            .filter(|id| is_type(id.r#type.as_deref(), id_type))
            .find_map(|id| isbn_of_type(id.value.as_ref()?, id_type))
            .map(|isbn| (isbn, id_type))
    })
}

/// Type 3 means 03, as some senders write it.
fn is_type(given: Option<&str>, id_type: &str) -> bool {
    given.is_some_and(|given| given == id_type || given == id_type.trim_start_matches('0'))
}

fn isbn_of_type<'a>(value: &Cow<'a, str>, id_type: &str) -> Option<Cow<'a, str>> {
    let separator = |c: char| c == '-' || c.is_whitespace();
    let bare = match value.contains(separator) {
        true => Cow::Owned(value.replace(separator, "")),
        false => value.clone(),
    };
    match id_type {
        "15" => (!bare.is_empty()).then_some(bare),
        "03" => (bare.starts_with("978") || bare.starts_with("979")).then_some(bare),
        _ if bare.len() == 10 => isbn13(&bare).map(Cow::Owned),
        _ => None,
    }
}

/// Elements that are there and empty, beside typed fields to which they count as absent.
#[derive(Clone, Copy)]
struct Blank<'a>(Option<Element<'a>>);

impl<'a> Blank<'a> {
    /// Looks once whether there are any at all.
    fn of(element: Option<Element<'a>>) -> Self {
        Self(element.filter(|element| {
            element.may_have_blanks() && element.children().any(Element::may_be_blank)
        }))
    }

    /// The value, or an empty text where the element is there without one.
    #[inline]
    fn or(self, value: Text<'a>, tag: Tag) -> Text<'a> {
        match (&value, self.0) {
            (None, Some(element)) => element.child(tag).map(|_| Cow::Borrowed("")),
            _ => value,
        }
    }
}

fn each<T, U>(values: impl IntoIterator<Item = T>, of: impl FnMut(T) -> U) -> Vec<U> {
    values.into_iter().map(of).collect()
}

impl<'a> Id<'a> {
    fn of(identifier: Identifier<'a>) -> Self {
        let given = Blank::of(identifier.element());
        Self {
            r#type: given.or(identifier.id_type, Tag::ProductIDType),
            value: given.or(identifier.id_value, Tag::IDValue),
        }
    }
}

impl<'a> Title<'a> {
    fn of(title: TitleDetail<'a>) -> Self {
        let (text, subtitle) = title.title().unzip();
        Self {
            r#type: Blank::of(title.element()).or(title.title_type, Tag::TitleType),
            title: text,
            subtitle: subtitle.flatten(),
        }
    }
}

impl<'a> Person<'a> {
    fn of(contributor: Contributor<'a>) -> Self {
        let given = Blank::of(contributor.element());
        Self {
            role: contributor.contributor_roles.first().cloned(),
            name: contributor.name(),
            seq: given.or(contributor.sequence_number.clone(), Tag::SequenceNumber),
            raw: NameParts::of(&contributor, given),
            roles: contributor.contributor_roles,
        }
    }
}

impl<'a> NameParts<'a> {
    fn of(contributor: &Contributor<'a>, given: Blank<'a>) -> Self {
        let parts = [
            (&contributor.person_name, Tag::PersonName),
            (&contributor.person_name_inverted, Tag::PersonNameInverted),
            (&contributor.titles_before_names, Tag::TitlesBeforeNames),
            (&contributor.names_before_key, Tag::NamesBeforeKey),
            (&contributor.prefix_to_key, Tag::PrefixToKey),
            (&contributor.key_names, Tag::KeyNames),
            (&contributor.names_after_key, Tag::NamesAfterKey),
            (&contributor.suffix_to_key, Tag::SuffixToKey),
            (&contributor.letters_after_names, Tag::LettersAfterNames),
            (&contributor.titles_after_names, Tag::TitlesAfterNames),
            (&contributor.corporate_name, Tag::CorporateName),
            (
                &contributor.corporate_name_inverted,
                Tag::CorporateNameInverted,
            ),
            (&contributor.unnamed_persons, Tag::UnnamedPersons),
        ];
        let named = parts
            .into_iter()
            .filter_map(|(part, tag)| Some((tag.name(), given.or(part.clone(), tag)?)));
        Self(named.collect())
    }

    /// Each part: EDItEUR's name and the text.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, text)| (*name, text.as_ref()))
    }
}

impl Serialize for NameParts<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'a> House<'a> {
    fn of(publisher: Publisher<'a>) -> Self {
        let given = Blank::of(publisher.element());
        let name = publisher.publisher_name.or(publisher.name_code_value);
        Self {
            role: given.or(publisher.publishing_role, Tag::PublishingRole),
            name: given.or(name, Tag::PublisherName),
        }
    }
}

impl<'a> Tongue<'a> {
    fn of(language: Language<'a>) -> Self {
        let given = Blank::of(language.element());
        Self {
            role: given.or(language.language_role, Tag::LanguageRole),
            code: given.or(language.language_code, Tag::LanguageCode),
        }
    }
}

impl<'a> Topic<'a> {
    fn of(subject: Subject<'a>) -> Self {
        let given = Blank::of(subject.element());
        Self {
            scheme: given.or(
                subject.subject_scheme_identifier,
                Tag::SubjectSchemeIdentifier,
            ),
            code: given.or(subject.subject_code, Tag::SubjectCode),
            text: subject.subject_heading_texts.into_iter().next(),
            main: subject.main_subject,
        }
    }
}

impl<'a> Usage<'a> {
    fn of(constraint: EpubUsageConstraint<'a>) -> Self {
        let given = Blank::of(constraint.element());
        Self {
            r#type: given.or(constraint.epub_usage_type, Tag::EpubUsageType),
            status: given.or(constraint.epub_usage_status, Tag::EpubUsageStatus),
            limits: each(constraint.epub_usage_limits, |limit| Limit {
                quantity: limit.quantity,
                unit: limit.epub_usage_unit,
            }),
        }
    }
}

impl<'a> Dated<'a> {
    fn new(role: Text<'a>, date: Option<Element<'a>>, format: Text<'a>) -> Self {
        let attribute = date
            .and_then(|date| date.attribute("dateformat"))
            .filter(|format| !format.is_empty());
        Self {
            role,
            date: date.map(Element::text),
            format: attribute.or(format),
        }
    }

    fn published(date: PublishingDate<'a>) -> Self {
        Self::new(date.publishing_date_role, date.date, date.date_format)
    }
}

impl<'a> Rights<'a> {
    fn of(rights: SalesRights<'a>) -> Self {
        let given = Blank::of(rights.element());
        let not_for_sale = rights
            .element()
            .is_some_and(|element| element.tag() == Tag::NotForSale);
        Self {
            r#type: match not_for_sale {
                true => Some(Cow::Borrowed("03nfs")),
                false => given.or(rights.sales_rights_type, Tag::SalesRightsType),
            },
            territory: rights.territory.into(),
        }
    }
}

impl<'a> From<Territory<'a>> for Area<'a> {
    fn from(territory: Territory<'a>) -> Self {
        Self {
            countries: territory.countries_included,
            regions: territory.regions_included,
            countries_excluded: territory.countries_excluded,
            regions_excluded: territory.regions_excluded,
        }
    }
}

impl<'a> Supply<'a> {
    fn of(detail: SupplyDetail<'a>, market: Option<MarketView<'a>>, header: &'a Header) -> Self {
        let given = Blank::of(detail.element());
        Self {
            market,
            suppliers: each(detail.suppliers, |supplier| {
                Blank::of(supplier.element()).or(supplier.supplier_name, Tag::SupplierName)
            }),
            availability: given.or(detail.product_availability, Tag::ProductAvailability),
            availability_code: given.or(detail.availability_code, Tag::AvailabilityCode),
            unpriced: given.or(detail.unpriced_item_type, Tag::UnpricedItemType),
            supply_dates: each(detail.supply_dates, |date| {
                Dated::new(date.supply_date_role, date.date, date.date_format)
            }),
            supply_territory: detail.supply_to.into(),
            prices: each(detail.prices, |price| PriceView::of(price, header)),
            empty: false,
        }
    }
}

impl<'a> MarketView<'a> {
    fn of(n: usize, markets: Vec<Market<'a>>, detail: Option<MarketPublishingDetail<'a>>) -> Self {
        let detail = detail.unwrap_or_default();
        Self {
            n,
            territories: each(markets, |market| market.territory.into()),
            publishing_status: Blank::of(detail.element())
                .or(detail.market_publishing_status, Tag::MarketPublishingStatus),
            dates: each(detail.market_dates, |date| {
                Dated::new(date.market_date_role, date.date, date.date_format)
            }),
        }
    }
}

impl<'a> Market21<'a> {
    fn of(element: Element<'a>) -> Self {
        use crate::onix::composite::Read;
        let mut territory = Territory::default();
        for child in element.children() {
            territory.take_child(child);
        }
        let market = MarketView::of(0, Vec::new(), Some(MarketPublishingDetail::read(element)));
        Self {
            territory: territory.into(),
            status: market.publishing_status,
            dates: market.dates,
        }
    }
}

impl<'a> PriceView<'a> {
    fn of(price: Price<'a>, header: &'a Header) -> Self {
        let default = |value: &'a Option<String>| value.as_deref().map(Cow::Borrowed);
        let given = Blank::of(price.element());
        let eff_type = price.price_type.clone();
        let eff_currency = price.currency_code.clone();
        Self {
            eff_type: eff_type.or_else(|| default(&header.default_price_type)),
            eff_currency: eff_currency.or_else(|| {
                price.price_amount.as_ref()?;
                default(&header.default_currency)
            }),
            r#type: price.price_type,
            qualifier: given.or(price.price_qualifier, Tag::PriceQualifier),
            amount: price.price_amount,
            currency: price.currency_code,
            unpriced: given.or(price.unpriced_item_type, Tag::UnpricedItemType),
            status: given.or(price.price_status, Tag::PriceStatus),
            territory: price.territory.into(),
            dates: each(price.price_dates, |date| {
                Dated::new(date.price_date_role, date.date, date.date_format)
            }),
            conditions: each(price.price_conditions, |condition| Condition {
                r#type: condition.price_condition_type,
                quantities: each(condition.price_condition_quantities, |part| part.quantity),
            }),
            tax: each(price.taxes, TaxView::of),
            protections: price.epub_technical_protections,
        }
    }
}

impl<'a> TaxView<'a> {
    fn of(tax: Tax<'a>) -> Self {
        let given = Blank::of(tax.element());
        Self {
            r#type: given.or(tax.tax_type, Tag::TaxType),
            rate: given.or(tax.tax_rate_code, Tag::TaxRateCode),
            percent: given.or(tax.tax_rate_percent, Tag::TaxRatePercent),
            amount: given.or(tax.tax_amount, Tag::TaxAmount),
        }
    }
}

impl<'a> Related<'a> {
    fn of(related: RelatedProduct<'a>) -> Self {
        Self {
            relation: related.product_relation_codes,
            identifiers: each(related.product_identifiers, Id::of),
        }
    }
}
