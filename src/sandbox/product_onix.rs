//! A product of ONIX 3.0 in reference tags, made of a format of the platform's own `xml`: what the ONIX feed of the same account would
//! say of it, as far as that format tells.
//!
//! How the product is supplied is [`supply_onix`]'s. Codes that the format has no word for are those that leave the most open.

use super::markup::Markup;
use super::supply_onix::{self, DateText};
use crate::model::{Entry, EntryContributor, EntryIdentifier, EntrySeries, EntrySubject, Format};
use crate::sale::Offers;
use crate::xml::PublicationFormat;

/// The start tag of a message of such products.
const START_TAG: &str =
    "<ONIXMessage xmlns=\"http://ns.editeur.org/onix/3.0/reference\" release=\"3.0\">";

/// A message with the product alone.
pub(super) fn message(format: PublicationFormat<'_>) -> String {
    let mut out = Markup::default();
    out.raw(START_TAG);
    product(&mut out, format);
    out.raw("</ONIXMessage>");
    out.into_text()
}

fn product(out: &mut Markup, format: PublicationFormat<'_>) {
    let entry = format.to_entry();
    let offers = Offers::of_publication_format(format);
    out.open("Product");
    out.text("RecordReference", &entry.record_reference);
    out.text("NotificationType", "03");
    for one in &entry.identifiers {
        identifier(out, one);
    }
    descriptive(out, &entry, format);
    collateral(out, &entry);
    publishing(out, &entry, format, &offers);
    supply_onix::write(out, format, &offers);
    out.close("Product");
}

fn identifier(out: &mut Markup, identifier: &EntryIdentifier) {
    out.open("ProductIdentifier");
    out.text("ProductIDType", &identifier.id_type);
    out.optional("IDTypeName", identifier.name.as_deref());
    out.text("IDValue", &identifier.value);
    out.close("ProductIdentifier");
}

/// Group P.3 to P.12, in the order of the schema.
fn descriptive(out: &mut Markup, entry: &Entry, format: PublicationFormat<'_>) {
    out.open("DescriptiveDetail");
    out.text("ProductComposition", "00");
    let (form, detail) = form(entry.format);
    out.text("ProductForm", form);
    out.optional("ProductFormDetail", detail);
    protections(out, format);
    for one in &entry.series {
        collection(out, one);
    }
    if let Some(text) = &entry.title {
        title(out, text, entry.subtitle.as_deref());
    }
    for (n, one) in entry.contributors.iter().enumerate() {
        contributor(out, n + 1, one);
    }
    if let Some(code) = &entry.language {
        language(out, code);
    }
    for one in &entry.subjects {
        subject(out, one);
    }
    out.close("DescriptiveDetail");
}

/// `ProductForm` (list 150) and `ProductFormDetail` (list 175). A proof is a file that ONIX has no code for; of a word that nobody knows
/// it isn't told what file it is.
fn form(format: Option<Format>) -> (&'static str, Option<&'static str>) {
    match format {
        Some(Format::Epub) => ("EA", Some("E101")),
        Some(Format::Pdf) => ("EA", Some("E107")),
        Some(Format::Mobi) => ("EA", Some("E127")),
        Some(Format::Audio) => ("AJ", Some("A103")),
        Some(Format::Proof) => ("EA", Some("E100")),
        None => ("EA", None),
    }
}

/// `EpubTechnicalProtection` (list 144). That a licence ends is said of its prices.
fn protections(out: &mut Markup, format: PublicationFormat<'_>) {
    let words = format.element().all("protection");
    let words = words.map(|one| one.text().to_ascii_lowercase());
    for word in words.filter(|word| !word.is_empty()) {
        out.text("EpubTechnicalProtection", protection(&word));
    }
}

/// The code of a word. Which lock a `drm` is isn't said; the platform's own is LCP.
fn protection(word: &str) -> &'static str {
    match word {
        "none" => "00",
        "watermark" => "02",
        "acs4" | "acs4_timelimited" => "03",
        "drm" | "drm_timelimited" | "lcp" => "06",
        "urms" => "07",
        _ => "01",
    }
}

/// Group P.5, with the number of the product in it.
fn collection(out: &mut Markup, series: &EntrySeries) {
    out.open("Collection");
    out.text("CollectionType", "00");
    out.open("TitleDetail");
    out.text("TitleType", "01");
    out.open("TitleElement");
    out.text("TitleElementLevel", "02");
    out.optional("PartNumber", series.number.as_deref());
    out.text("TitleText", &series.title);
    out.close("TitleElement");
    out.close("TitleDetail");
    out.close("Collection");
}

fn title(out: &mut Markup, text: &str, subtitle: Option<&str>) {
    out.open("TitleDetail");
    out.text("TitleType", "01");
    out.open("TitleElement");
    out.text("TitleElementLevel", "01");
    out.text("TitleText", text);
    out.optional("Subtitle", subtitle);
    out.close("TitleElement");
    out.close("TitleDetail");
}

/// Group P.7. A role that isn't a code is any other (list 17: Z99).
fn contributor(out: &mut Markup, number: usize, contributor: &EntryContributor) {
    out.open("Contributor");
    out.text("SequenceNumber", &number.to_string());
    for role in &contributor.roles {
        let is_code = role.len() == 3 && role.starts_with(|c: char| c.is_ascii_uppercase());
        out.text("ContributorRole", if is_code { role } else { "Z99" });
    }
    out.text("PersonName", &contributor.name);
    out.optional("PersonNameInverted", contributor.inverted.as_deref());
    out.close("Contributor");
}

/// The language of the text (list 22: 01).
fn language(out: &mut Markup, code: &str) {
    out.open("Language");
    out.text("LanguageRole", "01");
    out.text("LanguageCode", code);
    out.close("Language");
}

/// Group P.12. A scheme that isn't a code is one of its own (list 27: 24), with its name.
fn subject(out: &mut Markup, subject: &EntrySubject) {
    let scheme = subject.scheme.as_deref().unwrap_or("24");
    let is_code = scheme.len() == 2;
    out.open("Subject");
    if subject.main {
        out.raw("<MainSubject/>");
    }
    out.text(
        "SubjectSchemeIdentifier",
        if is_code { scheme } else { "24" },
    );
    out.optional("SubjectSchemeName", (!is_code).then_some(scheme));
    out.optional("SubjectCode", subject.code.as_deref());
    out.optional("SubjectHeadingText", subject.text.as_deref());
    out.close("Subject");
}

/// Description and front cover, for everybody.
fn collateral(out: &mut Markup, entry: &Entry) {
    if entry.description.is_none() && entry.cover.is_none() {
        return;
    }
    out.open("CollateralDetail");
    if let Some(description) = &entry.description {
        out.open("TextContent");
        out.text("TextType", "03");
        out.text("ContentAudience", "00");
        // It is read as HTML.
        out.text("Text", &super::markup::escaped(description));
        out.close("TextContent");
    }
    if let Some(cover) = &entry.cover {
        resource(out, cover);
    }
    out.close("CollateralDetail");
}

/// A front cover that is an image to be downloaded (lists 158, 159, 161).
fn resource(out: &mut Markup, cover: &str) {
    out.open("SupportingResource");
    out.text("ResourceContentType", "01");
    out.text("ContentAudience", "00");
    out.text("ResourceMode", "03");
    out.open("ResourceVersion");
    out.text("ResourceForm", "02");
    out.text("ResourceLink", cover);
    out.close("ResourceVersion");
    out.close("SupportingResource");
}

fn publishing(out: &mut Markup, entry: &Entry, format: PublicationFormat<'_>, offers: &Offers) {
    out.open("PublishingDetail");
    if let Some(name) = &entry.publisher {
        out.open("Publisher");
        out.text("PublishingRole", "01");
        out.text("PublisherName", name);
        out.close("Publisher");
    }
    out.optional("PublishingStatus", entry.publishing_status.as_deref());
    if let Some(issued) = format.issued_on() {
        publishing_date(out, "01", &issued);
    }
    for (role, date) in supply_onix::publishing_dates(format, offers) {
        publishing_date(out, role, &date);
    }
    out.close("PublishingDetail");
}

fn publishing_date(out: &mut Markup, role: &str, date: &str) {
    out.open("PublishingDate");
    out.text("PublishingDateRole", role);
    DateText::of_text(date).write(out);
    out.close("PublishingDate");
}
