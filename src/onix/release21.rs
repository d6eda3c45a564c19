//! How a flat product of 2.x becomes the blocks of 3.x. The table field by field is in
//! `src/docs/parsing.md`.

use std::borrow::Cow;

use super::collateral::{CollateralDetail, SupportingResource};
use super::composite::Read;
use super::descriptive::{
    Collection, DescriptiveDetail, Extent, Identifier, Language, Subject, TitleDetail, TitleElement,
};
use super::element::Element;
use super::publishing::{Imprint, Publisher, PublishingDate, PublishingDetail, SalesRights};
use super::supply::{Market, MarketPublishingDetail, ProductSupply};
use super::tag::Tag;

/// A code that stands for an element of 2.1.
fn code(value: &'static str) -> Option<Cow<'static, str>> {
    Some(Cow::Borrowed(value))
}

/// The text of an element, if it has any.
fn text(element: Element<'_>) -> Option<Cow<'_, str>> {
    Some(element.text()).filter(|text| !text.is_empty())
}

/// `ISBN`, `EAN13`, `UPC` … before `ProductIdentifier` was invented.
pub(super) fn identifiers<'a>(product: Element<'a>, out: &mut Vec<Identifier<'a>>) {
    for child in product.children() {
        let id_type = match child.tag() {
            Tag::ISBN => "02",
            Tag::EAN13 => "03",
            Tag::UPC => "04",
            Tag::PublisherProductNo => "01",
            Tag::ISMN => "05",
            Tag::DOI => "06",
            _ => continue,
        };
        out.push(Identifier {
            element: Some(child),
            id_type: code(id_type),
            id_value: text(child),
            ..Identifier::default()
        });
    }
}

/// Puts what 2.1 says in single elements behind the composites, in a fixed order.
fn composites_first<'a, T>(
    values: &mut [T],
    element: impl Fn(&T) -> Option<Element<'a>>,
    singles: &[Tag],
) {
    values.sort_by_key(|value| {
        let tag = element(value).map(Element::tag);
        singles.iter().position(|single| Some(*single) == tag)
    });
}

pub(super) fn descriptive_detail(product: Element<'_>) -> DescriptiveDetail<'_> {
    let mut out = DescriptiveDetail {
        element: Some(product),
        ..DescriptiveDetail::default()
    };
    for child in product.children() {
        match child.tag() {
            Tag::Title => out.title_details.push(title(child)),
            Tag::Series => out.collections.push(collection(child, "10")),
            Tag::Set => out.collections.push(collection(child, "20")),
            Tag::BASICMainSubject => out.subjects.push(main_subject("10", child)),
            Tag::BICMainSubject => out.subjects.push(main_subject("12", child)),
            Tag::MainSubject => {
                let mut subject = Subject::read(child);
                subject.main_subject = true;
                out.subjects.push(subject);
            }
            Tag::LanguageOfText => out.languages.push(language("01", child)),
            Tag::OriginalLanguage => out.languages.push(language("02", child)),
            Tag::NumberOfPages => out.extents.push(Extent {
                element: Some(child),
                extent_type: code("00"),
                extent_value: text(child),
                extent_unit: code("03"),
                ..Extent::default()
            }),
            // Its name means a composite of empty content in 3.x.
            Tag::EpubTypeDescription => {}
            _ => out.take_child(child),
        }
    }
    composites_first(
        &mut out.subjects,
        Subject::element,
        &[Tag::BASICMainSubject, Tag::BICMainSubject, Tag::MainSubject],
    );
    composites_first(
        &mut out.languages,
        Language::element,
        &[Tag::LanguageOfText, Tag::OriginalLanguage],
    );
    if !out
        .title_details
        .iter()
        .any(|title| title.title().is_some())
    {
        out.title_details.extend(distinctive_title(product));
    }
    out
}

/// `Title`: title elements of 3.x without their level.
fn title(title: Element<'_>) -> TitleDetail<'_> {
    TitleDetail {
        element: Some(title),
        title_type: title.text_of(Tag::TitleType),
        title_elements: vec![TitleElement {
            title_element_level: code("01"),
            ..TitleElement::read(title)
        }],
        title_statement: None,
    }
}

/// `DistinctiveTitle`, or title parts that stand in the product itself.
fn distinctive_title(product: Element<'_>) -> Option<TitleDetail<'_>> {
    let mut element = TitleElement {
        title_element_level: code("01"),
        ..TitleElement::read(product)
    };
    if let Some(title) = product.text_of(Tag::DistinctiveTitle) {
        element.title_text = Some(title);
    }
    element.title()?;
    Some(TitleDetail {
        element: Some(product),
        title_type: code("01"),
        title_elements: vec![element],
        title_statement: None,
    })
}

/// `Series` and `Set`
fn collection<'a>(series: Element<'a>, collection_type: &'static str) -> Collection<'a> {
    let mut out = Collection::read(series);
    out.collection_type = code(collection_type);
    let number = series
        .text_of(Tag::NumberWithinSeries)
        .or_else(|| series.text_of(Tag::ItemNumberWithinSet));
    for child in series.children() {
        let title_text = match child.tag() {
            Tag::TitleOfSeries | Tag::TitleOfSet => text(child),
            Tag::Title => title(child).title().map(|(title, _)| title),
            _ => continue,
        };
        out.title_details.push(TitleDetail {
            element: Some(child),
            title_type: code("01"),
            title_elements: vec![TitleElement {
                title_element_level: code("02"),
                title_text,
                part_number: number.clone(),
                ..TitleElement::default()
            }],
            title_statement: None,
        });
    }
    out
}

fn main_subject<'a>(scheme: &'static str, subject: Element<'a>) -> Subject<'a> {
    Subject {
        element: Some(subject),
        main_subject: true,
        subject_scheme_identifier: code(scheme),
        subject_code: text(subject),
        ..Subject::default()
    }
}

fn language<'a>(role: &'static str, language: Element<'a>) -> Language<'a> {
    Language {
        element: Some(language),
        language_role: code(role),
        language_code: text(language),
        ..Language::default()
    }
}

pub(super) fn collateral_detail(product: Element<'_>) -> CollateralDetail<'_> {
    let mut out = CollateralDetail {
        element: Some(product),
        ..CollateralDetail::default()
    };
    for child in product.children() {
        match child.tag() {
            Tag::MediaFile => out.supporting_resources.push(media_file(child)),
            _ => out.take_child(child),
        }
    }
    out
}

/// `MediaFile`: type 04 and its neighbours are pictures of the front cover.
fn media_file(media: Element<'_>) -> SupportingResource<'_> {
    let cover = matches!(
        media.text_of(Tag::MediaFileTypeCode).as_deref(),
        Some("04" | "06" | "07")
    );
    let mut out = SupportingResource {
        element: Some(media),
        ..SupportingResource::default()
    };
    if cover {
        out.resource_content_type = code("01");
        out.resource_mode = code("03");
    }
    if let Some(link) = media.text_of(Tag::MediaFileLink) {
        out.resource_versions
            .push(super::collateral::ResourceVersion {
                element: Some(media),
                resource_links: vec![link],
                ..super::collateral::ResourceVersion::default()
            });
    }
    out
}

pub(super) fn publishing_detail(product: Element<'_>) -> PublishingDetail<'_> {
    let mut out = PublishingDetail {
        element: Some(product),
        ..PublishingDetail::default()
    };
    for child in product.children() {
        let role = match child.tag() {
            Tag::PublisherName => {
                out.publishers.push(Publisher {
                    element: Some(child),
                    publisher_name: text(child),
                    ..Publisher::default()
                });
                continue;
            }
            Tag::ImprintName => {
                out.imprints.push(Imprint {
                    element: Some(child),
                    imprint_name: text(child),
                    ..Imprint::default()
                });
                continue;
            }
            Tag::NotForSale => {
                out.sales_rights.push(SalesRights {
                    sales_rights_type: code("03"),
                    ..not_for_sale(child)
                });
                continue;
            }
            Tag::PublicationDate => "01",
            Tag::AnnouncementDate => "09",
            Tag::TradeAnnouncementDate => "10",
            Tag::YearFirstPublished => "11",
            Tag::OutOfPrintDate => "13",
            _ => {
                out.take_child(child);
                continue;
            }
        };
        out.publishing_dates.push(PublishingDate {
            element: Some(child),
            publishing_date_role: code(role),
            date_format: None,
            date: Some(child),
        });
    }
    composites_first(
        &mut out.publishers,
        Publisher::element,
        &[Tag::PublisherName],
    );
    composites_first(&mut out.imprints, Imprint::element, &[Tag::ImprintName]);
    composites_first(
        &mut out.publishing_dates,
        PublishingDate::element,
        &[
            Tag::PublicationDate,
            Tag::AnnouncementDate,
            Tag::TradeAnnouncementDate,
            Tag::YearFirstPublished,
            Tag::OutOfPrintDate,
        ],
    );
    composites_first(
        &mut out.sales_rights,
        SalesRights::element,
        &[Tag::NotForSale],
    );
    out
}

/// `NotForSale`: countries and regions stand in it directly.
fn not_for_sale(element: Element<'_>) -> SalesRights<'_> {
    let mut out = SalesRights::read(element);
    for child in element.children() {
        if matches!(child.tag(), Tag::CountryCode) {
            out.territory.take_child(child);
        }
    }
    out
}

pub(super) fn product_supply(product: Element<'_>) -> ProductSupply<'_> {
    let mut out = ProductSupply {
        element: Some(product),
        ..ProductSupply::default()
    };
    for child in product.children() {
        match child.tag() {
            Tag::SupplyDetail => out.take_child(child),
            Tag::MarketRepresentation => {
                let mut market = Market {
                    element: Some(child),
                    ..Market::default()
                };
                for part in child.children() {
                    market.territory.take_child(part);
                }
                out.markets.push(market);
                out.market_publishing_detail
                    .get_or_insert_with(|| MarketPublishingDetail::read(child));
            }
            _ => {}
        }
    }
    out
}
