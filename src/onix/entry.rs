//! `Product` → [`Entry`]: the one place where what a product says becomes owned.

use std::borrow::Cow;

use super::collateral::CollateralDetail;
use super::descriptive::{Collection, DescriptiveDetail, Identifier, TitleDetail};
use super::publishing::{PublishingDate, PublishingDetail};
use super::related::RelatedMaterial;
use super::{Product, Tag};
use crate::model::{
    Availability, Date, Entry, EntryContributor, EntryIdentifier, EntryRelated, EntrySeries,
    EntrySubject, Format, Protections, isbn13, normalised,
};

impl Product<'_> {
    /// The product as an owned document: what is searched and shown.
    ///
    /// ```
    /// use onix_catalogue::onix::Reader;
    ///
    /// let onix = b"<Product><RecordReference>1</RecordReference><DescriptiveDetail><TitleDetail>\
    ///     <TitleType>01</TitleType><TitleElement><TitleElementLevel>01</TitleElementLevel>\
    ///     <TitlePrefix>L'</TitlePrefix><TitleWithoutPrefix>\xc3\xa9t\xc3\xa9</TitleWithoutPrefix>\
    ///     </TitleElement></TitleDetail></DescriptiveDetail></Product>";
    /// let record = Reader::new(onix).into_records().next().unwrap()?;
    /// assert_eq!(record.product().to_entry().title.as_deref(), Some("L'été"));
    /// # Ok::<(), onix_catalogue::Error>(())
    /// ```
    pub fn to_entry(&self) -> Entry {
        let mut entry = Entry {
            record_reference: self.record_reference().map(owned).unwrap_or_default(),
            notification_type: self.notification_type().map(owned),
            identifiers: identifiers(self.identifiers()),
            availability: availability(self),
            ..Entry::default()
        };
        entry.isbn13 = isbn13_of(&entry.identifiers);
        describe(&mut entry, self.descriptive_detail());
        if entry.languages.is_empty() {
            entry.language = self.message().header().default_language.clone();
        }
        related(&mut entry, self.related_material());
        collateral(&mut entry, &self.collateral_detail());
        publishing(&mut entry, &self.publishing_detail());
        entry.library = is_library(self, entry.product_form.as_deref());
        entry
    }
}

fn owned(text: Cow<'_, str>) -> String {
    text.into_owned()
}

fn identifiers(identifiers: Vec<Identifier<'_>>) -> Vec<EntryIdentifier> {
    identifiers
        .into_iter()
        .filter_map(|identifier| {
            let value = identifier.id_value.filter(|value| !value.is_empty())?;
            Some(EntryIdentifier {
                id_type: identifier.id_type.map(owned).unwrap_or_default(),
                name: identifier.id_type_name.map(owned),
                value: value.into_owned(),
            })
        })
        .collect()
}

/// List 5: 15 is an ISBN-13 whatever its prefix; 03 (GTIN-13) and 02 (ISBN-10) may come to one.
fn isbn13_of(identifiers: &[EntryIdentifier]) -> Option<String> {
    let of = |id_type: &'static str| {
        identifiers
            .iter()
            .filter(move |identifier| identifier.id_type == id_type)
    };
    of("15")
        .map(|identifier| normalised(&identifier.value).into_owned())
        .next()
        .or_else(|| of("03").find_map(|identifier| isbn13(&identifier.value)))
        .or_else(|| of("02").find_map(|identifier| isbn13(&identifier.value)))
}

fn describe(entry: &mut Entry, detail: DescriptiveDetail<'_>) {
    titles(entry, &detail.title_details);
    entry.series = detail.collections.iter().filter_map(series).collect();
    entry.contributors = detail
        .contributors
        .iter()
        .filter(|contributor| contributor.unnamed_persons.is_none())
        .filter_map(|contributor| {
            Some(EntryContributor {
                roles: contributor
                    .contributor_roles
                    .iter()
                    .map(ToString::to_string)
                    .collect(),
                name: contributor.name()?.into_owned(),
                inverted: contributor
                    .person_name_inverted
                    .clone()
                    .or_else(|| contributor.corporate_name_inverted.clone())
                    .map(owned),
            })
        })
        .collect();
    // List 22: 01 is the language of the text.
    entry.languages = detail
        .languages
        .iter()
        .filter(|language| language.language_role.as_deref() == Some("01"))
        .filter_map(|language| language.language_code.clone().map(owned))
        .collect();
    entry.language = entry.languages.first().cloned();
    entry.subjects = detail
        .subjects
        .iter()
        .map(|subject| EntrySubject {
            scheme: subject.subject_scheme_identifier.clone().map(owned),
            code: subject.subject_code.clone().map(owned),
            text: (!subject.subject_heading_texts.is_empty())
                .then(|| subject.subject_heading_texts.join("; ")),
            main: subject.main_subject,
        })
        .collect();
    entry.format = Format::of_codes(
        detail.product_form.as_deref(),
        detail.product_form_details.iter().map(|code| &**code),
        detail.epub_type.as_deref(),
    );
    entry.protections = protections(&detail);
    entry.audiences = audiences(&detail);
    // List 79: 09 is a detail of accessibility.
    entry.accessibility = detail
        .product_form_features
        .iter()
        .filter(|feature| feature.product_form_feature_type.as_deref() == Some("09"))
        .filter_map(|feature| feature.product_form_feature_value.clone().map(owned))
        .collect();
    entry.product_form = detail.product_form.map(owned);
    entry.product_form_details = detail.product_form_details.into_iter().map(owned).collect();
}

/// List 29: 01 are ONIX's own codes, those of list 28.
fn audiences(detail: &DescriptiveDetail<'_>) -> Vec<String> {
    let composites = detail
        .audiences
        .iter()
        .filter(|audience| audience.audience_code_type.as_deref() == Some("01"))
        .filter_map(|audience| audience.audience_code_value.clone());
    let mut codes: Vec<String> = detail
        .audience_codes
        .iter()
        .cloned()
        .chain(composites)
        .map(owned)
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// List 145: 07 is a time-limited licence.
fn protections(detail: &DescriptiveDetail<'_>) -> Protections {
    let set = Protections::of_codes(detail.epub_technical_protections.iter().map(|c| &**c));
    let is_limited = detail.epub_usage_constraints.iter().any(|constraint| {
        constraint.epub_usage_type.as_deref() == Some("07")
            && !constraint.epub_usage_limits.is_empty()
    });
    match is_limited {
        true => set.with_time_limit(),
        false => set,
    }
}

/// The distinctive title (list 15, 01), else the first one; the others stay findable.
fn titles(entry: &mut Entry, details: &[TitleDetail<'_>]) {
    let main = details
        .iter()
        .position(|detail| detail.title_type.as_deref() == Some("01"))
        .unwrap_or(0);
    for (i, detail) in details.iter().enumerate() {
        let statement = || detail.title_statement.clone().map(|text| (text, None));
        let Some((title, subtitle)) = detail.title().or_else(statement) else {
            continue;
        };
        match i == main {
            true => {
                entry.title = Some(title.into_owned());
                entry.subtitle = subtitle.map(owned);
            }
            false => entry.other_titles.push(title.into_owned()),
        }
    }
    if entry.title.is_none() && !entry.other_titles.is_empty() {
        entry.title = Some(entry.other_titles.remove(0));
    }
}

fn series(collection: &Collection<'_>) -> Option<EntrySeries> {
    let details = &collection.title_details;
    let (title, _) = details.iter().find_map(TitleDetail::title)?;
    let part = details
        .iter()
        .flat_map(|detail| &detail.title_elements)
        .find_map(|element| element.part_number.clone());
    let sequence = || {
        collection
            .collection_sequences
            .iter()
            .find_map(|sequence| sequence.collection_sequence_number.clone())
    };
    Some(EntrySeries {
        title: title.into_owned(),
        number: part.or_else(sequence).map(owned),
    })
}

fn collateral(entry: &mut Entry, detail: &CollateralDetail<'_>) {
    // List 153 (and 33 of 2.1): 01 main, 02 short, 03 (long) description.
    entry.description = detail
        .text_contents
        .iter()
        .filter(|content| matches!(content.text_type.as_deref(), Some("01" | "02" | "03")))
        .flat_map(|content| &content.texts)
        .map(|text| text.plain())
        .filter(|text| !text.is_empty())
        .max_by_key(String::len);
    // List 158: 01 is the front cover.
    entry.cover = detail
        .supporting_resources
        .iter()
        .filter(|resource| resource.resource_content_type.as_deref() == Some("01"))
        .flat_map(|resource| &resource.resource_versions)
        .find_map(|version| version.resource_links.first().cloned().map(owned));
}

fn publishing(entry: &mut Entry, detail: &PublishingDetail<'_>) {
    // List 45: 01 is the publisher.
    entry.publisher = detail
        .publishers
        .iter()
        .find(|publisher| matches!(publisher.publishing_role.as_deref(), Some("01") | None))
        .or(detail.publishers.first())
        .and_then(|publisher| publisher.publisher_name.clone().map(owned));
    entry.imprint = detail
        .imprints
        .iter()
        .find_map(|imprint| imprint.imprint_name.clone().map(owned));
    entry.publishing_status = detail.publishing_status.clone().map(owned);
    // List 163: 01 publication date, 11 date of first publication.
    entry.published = ["01", "11"].iter().find_map(|role| {
        detail
            .publishing_dates
            .iter()
            .filter(|date| date.publishing_date_role.as_deref() == Some(role))
            .find_map(parsed)
    });
}

fn parsed(date: &PublishingDate<'_>) -> Option<Date> {
    let element = date.date?;
    let format = date
        .date_format
        .clone()
        .or_else(|| element.attribute("dateformat"));
    Date::parse(&element.text(), format.as_deref())
}

fn related(entry: &mut Entry, material: RelatedMaterial<'_>) {
    entry.related = material
        .related_products
        .into_iter()
        .map(|related| EntryRelated {
            relations: related
                .product_relation_codes
                .into_iter()
                .map(owned)
                .collect(),
            identifiers: identifiers(related.product_identifiers),
        })
        .filter(|related| !related.identifiers.is_empty())
        .collect();
    // List 164: 01 is the work that this is a manifestation of.
    let works = material.related_works.into_iter();
    entry.works = works
        .filter(|work| work.work_relation_code.as_deref() == Some("01"))
        .flat_map(|work| identifiers(work.work_identifiers))
        .collect();
}

/// Read from the elements: a feed has hundreds of prices that nothing here asks for.
fn availability(product: &Product<'_>) -> Vec<Availability> {
    product
        .element()
        .descendants(Tag::SupplyDetail)
        .map(|supply| Availability {
            supplier: supply
                .child(Tag::Supplier)
                .and_then(|supplier| supplier.text_of(Tag::SupplierName))
                .or_else(|| supply.text_of(Tag::SupplierName))
                .map(owned),
            code: supply
                .text_of(Tag::ProductAvailability)
                .or_else(|| supply.text_of(Tag::AvailabilityCode))
                .map(owned),
        })
        .collect()
}

/// Digital, delivered by licence, and restricted to libraries (list 71, 06).
fn is_library(product: &Product<'_>, product_form: Option<&str>) -> bool {
    matches!(product_form, Some("EB" | "EC" | "ED"))
        && product
            .element()
            .descendants(Tag::SalesRestrictionType)
            .any(|restriction| restriction.text() == "06")
}
