//! Publications in the platform's own `xml` format (JAVA): as they came, where they came in it, else the structure of its pages, filled
//! from records.

use super::clock::{Millis, extended, second};
use super::costs;
use super::markup::Markup;
use super::publication::{Seen, nature_of};
use super::publication_received;
use super::stored::Stored;
use crate::model::{
    Account, Entry, EntryContributor, EntryIdentifier, EntrySeries, EntrySubject, Moment, Status,
};
use crate::xml::two_letters_of;

/// A page of them.
pub(super) fn page(publications: &[Seen], about: &str, now: Millis) -> String {
    let mut out = Markup::new();
    out.open("publications");
    out.text("description", about);
    for seen in publications {
        match publication_received::element(seen) {
            Some(element) => out.raw(&element),
            None => publication(&mut out, seen, now),
        }
    }
    out.close("publications");
    out.into_text()
}

fn publication(out: &mut Markup, seen: &Seen, now: Millis) {
    let Some(first) = seen.products.first().or(seen.removed.first()) else {
        return;
    };
    let entry = first.entry();
    out.open("publication");
    out.text("id", &seen.place.1);
    let state = match seen.products.is_empty() {
        true => "offline",
        false => "online",
    };
    out.text("state", state);
    out.text("last_update", &extended(seen.changed));
    out.text("created_at", &extended(seen.place.0));
    about(out, &entry);
    out.open("formats");
    for stored in &seen.products {
        format(out, stored, now);
    }
    for stored in &seen.removed {
        removed_format(out, stored);
    }
    out.close("formats");
    out.close("publication");
}

/// What all formats share.
fn about(out: &mut Markup, entry: &Entry) {
    out.optional("publisher", entry.publisher.as_deref());
    out.open("title");
    out.text("main", entry.title.as_deref().unwrap_or_default());
    out.optional("subtitle", entry.subtitle.as_deref());
    out.close("title");
    let language = entry.language.as_deref();
    out.optional(
        "language",
        language.map(|code| two_letters_of(code).unwrap_or(code)),
    );
    out.list("contributors", &entry.contributors, contributor);
    out.list("collections", &entry.series, collection);
    let is_code = |subject: &&EntrySubject| subject.code.is_some();
    let subjects: Vec<_> = entry.subjects.iter().filter(is_code).collect();
    out.list("subjects", &subjects, |out, one| subject(out, one));
    out.optional("tags", tags(entry).as_deref());
    // It is HTML there, and plain text here.
    let summary = entry.description.as_deref().map(super::markup::escaped);
    out.optional("summary", summary.as_deref());
    if let Some(cover) = &entry.cover {
        out.open("medias");
        media(out, cover);
        out.close("medias");
    }
}

/// Keywords (list 27: 20).
fn tags(entry: &Entry) -> Option<String> {
    let is_keywords = |subject: &&EntrySubject| subject.scheme.as_deref() == Some("20");
    let keywords = entry.subjects.iter().filter(is_keywords);
    let texts: Vec<&str> = keywords
        .filter_map(|subject| subject.text.as_deref())
        .collect();
    (!texts.is_empty()).then(|| texts.join(";"))
}

fn contributor(out: &mut Markup, contributor: &EntryContributor) {
    let inverted = contributor.inverted.as_deref();
    let (first, last) = match inverted.and_then(|name| name.split_once(", ")) {
        Some((last, first)) => (Some(first), last),
        None => (None, contributor.name.as_str()),
    };
    out.open("contributor");
    out.optional("first_name", first);
    out.text("last_name", last);
    let role = contributor.roles.first();
    out.optional("nature", role.map(|role| nature(role)));
    out.close("contributor");
}

/// The platform's words for roles of list 17, as far as they were seen.
fn nature(role: &str) -> &str {
    match role {
        "A01" => "author",
        "A12" => "illustrated_by",
        "B06" => "translated_by",
        other => other,
    }
}

fn collection(out: &mut Markup, series: &EntrySeries) {
    out.open("collection");
    out.text("title", &series.title);
    out.optional("position", series.number.as_deref());
    out.close("collection");
}

fn subject(out: &mut Markup, subject: &EntrySubject) {
    out.open("subject");
    out.text("main_subject", if subject.main { "1" } else { "0" });
    out.optional("standard", subject.scheme.as_deref().map(standard));
    out.optional("code", subject.code.as_deref());
    out.close("subject");
}

/// The platform's words for schemes of list 27, as far as they were seen.
fn standard(scheme: &str) -> &str {
    match scheme {
        "10" => "bisac",
        "12" => "bic_subject_category",
        "93" => "thema_subject_category",
        "94" => "thema_place_qualifier",
        "95" => "thema_language_qualifier",
        "96" => "thema_time_period_qualifier",
        "97" => "thema_educational_purpose_qualifier",
        "98" => "thema_interest_qualifier",
        "99" => "thema_style_qualifier",
        other => other,
    }
}

fn media(out: &mut Markup, cover: &str) {
    out.open("media");
    out.text("nature", "front_cover");
    out.text("path", cover);
    out.close("media");
}

fn format(out: &mut Markup, stored: &Stored, now: Millis) {
    let entry = stored.entry();
    let offers = stored.offers();
    let at = Moment::from_unix(second(now));
    let status = offers
        .as_ref()
        .map(|offers| offers.status(None, at, &Account::default()));
    out.open("format");
    identity(out, &entry);
    out.optional("publishing_status", entry.publishing_status.as_deref());
    out.text("state", state(status));
    if let Some(offers) = &offers {
        let start = costs::start_of_sale(offers).map(|start| extended(start.as_unix() * 1000));
        out.optional("start_sale_at", start.as_deref());
    }
    for word in entry.protections.words() {
        out.text("protection", word);
    }
    let issued = entry.published.map(|date| date.to_string());
    out.optional("issued_on", issued.as_deref());
    if let Some(offers) = &offers {
        costs::write(out, offers, at);
    }
    out.close("format");
}

/// What is left of a format that is no more (list 64: 08).
fn removed_format(out: &mut Markup, stored: &Stored) {
    out.open("format");
    identity(out, &stored.entry());
    out.text("publishing_status", "08");
    out.text("state", "view");
    out.close("format");
}

fn identity(out: &mut Markup, entry: &Entry) {
    let word = entry.format.map(|format| format.as_str());
    out.optional("nature", nature_of(&entry.record_reference).or(word));
    if let Some((key_type, value)) = entry.identifiers.iter().find_map(key) {
        out.text("key_type", key_type);
        out.text("value", value);
    }
}

/// An identifier (list 5) under the platform's words.
fn key(identifier: &EntryIdentifier) -> Option<(&str, &str)> {
    let key_type = match identifier.id_type.as_str() {
        "15" | "02" => "isbn",
        "03" => "ean",
        "01" => identifier.name.as_deref().unwrap_or("internal"),
        _ => return None,
    };
    Some((key_type, &identifier.value))
}

/// The platform's words for what may be done with a format now. Of the third it isn't known how it is spelled.
fn state(status: Option<Status>) -> &'static str {
    match status {
        Some(Status::Sale) => "sell",
        Some(Status::Preorder) => "preorder",
        _ => "view",
    }
}
