//! `format` → [`Entry`]: the one place where what a publication says becomes owned.

use std::borrow::Cow;

use super::languages;
use super::publication::{Contributor, Media, Publication, PublicationFormat, Subject};
use crate::model::{
    Date, Entry, EntryContributor, EntryIdentifier, EntrySeries, EntrySubject, Format, Protections,
    isbn13, normalised,
};

impl PublicationFormat<'_> {
    /// The product as an owned document: what is searched and shown, in the codes of the ONIX feed
    /// where what the platform writes has one, and as given otherwise.
    ///
    /// ```
    /// use onix_catalogue::xml::Reader;
    ///
    /// let page = b"<publication><id>ONYX1</id><title><main>Brume</main></title>\
    ///     <language>fr</language><contributors><contributor><first_name>Ana</first_name>\
    ///     <last_name>Sel</last_name><nature>author</nature></contributor></contributors>\
    ///     <formats><format><nature>epub</nature></format></formats></publication>";
    /// let record = Reader::new(page).into_records().next().unwrap()?;
    /// let entry = record.publication().formats().next().unwrap().to_entry();
    /// assert_eq!(entry.contributors[0].name, "Ana Sel");
    /// assert_eq!(entry.contributors[0].roles, ["A01"]);
    /// assert_eq!(entry.language.as_deref(), Some("fre"));
    /// # Ok::<(), onix_catalogue::Error>(())
    /// ```
    pub fn to_entry(self) -> Entry {
        let publication = self.publication();
        let identifiers: Vec<_> = identifier(self).into_iter().collect();
        let language = publication.language().map(language);
        let protection = self.protection();
        Entry {
            record_reference: self.record_reference().unwrap_or_default(),
            isbn13: identifiers.iter().find_map(isbn13_of),
            identifiers,
            title: publication.title().map(owned),
            subtitle: publication.subtitle().map(owned),
            series: series(publication),
            contributors: publication.contributors().filter_map(contributor).collect(),
            publisher: publication.publisher().map(owned),
            languages: language.iter().cloned().collect(),
            language,
            subjects: subjects(publication),
            format: self.nature().and_then(|word| Format::from_word(&word)),
            protections: Protections::of_words(protection.as_deref()),
            publishing_status: self.publishing_status().map(owned),
            published: self.issued_on().and_then(|date| Date::parse(&date, None)),
            description: publication.summary(),
            cover: publication
                .medias()
                .filter(|media| media.nature().as_deref() == Some("front_cover"))
                .find_map(largest),
            ..Entry::default()
        }
    }
}

fn owned(text: Cow<'_, str>) -> String {
    text.into_owned()
}

/// List 5: 15 is an ISBN-13 whatever its prefix, 02 an ISBN-10, 03 an EAN, 01 a key of the sender's
/// own, with its name.
fn identifier(format: PublicationFormat<'_>) -> Option<EntryIdentifier> {
    let value = format.value()?.into_owned();
    let key_type = format.key_type().unwrap_or_default();
    let (id_type, name) = match &*key_type {
        "isbn" if value.len() == 10 => ("02", None),
        "isbn" => ("15", None),
        "ean" => ("03", None),
        other => ("01", Some(other.to_owned()).filter(|name| !name.is_empty())),
    };
    Some(EntryIdentifier {
        id_type: id_type.into(),
        name,
        value,
    })
}

fn isbn13_of(identifier: &EntryIdentifier) -> Option<String> {
    match identifier.id_type.as_str() {
        "15" => Some(normalised(&identifier.value).into_owned()),
        "02" | "03" => isbn13(&identifier.value),
        _ => None,
    }
}

fn language(code: Cow<'_, str>) -> String {
    match languages::of_two_letters(&code) {
        Some(code) => code.to_owned(),
        None => code.into_owned(),
    }
}

fn series(publication: Publication<'_>) -> Vec<EntrySeries> {
    publication
        .collections()
        .filter_map(|collection| {
            Some(EntrySeries {
                title: collection.title()?.into_owned(),
                number: collection.position().map(owned),
            })
        })
        .collect()
}

fn contributor(contributor: Contributor<'_>) -> Option<EntryContributor> {
    let (first, last) = (contributor.first_name(), contributor.last_name());
    let (name, inverted) = match (first, last) {
        (Some(first), Some(last)) => (format!("{first} {last}"), Some(format!("{last}, {first}"))),
        (Some(name), None) | (None, Some(name)) => (name.into_owned(), None),
        (None, None) => return None,
    };
    Some(EntryContributor {
        roles: contributor.nature().map(role).into_iter().collect(),
        name,
        inverted,
    })
}

/// List 17, as far as the platform's words were seen.
fn role(nature: Cow<'_, str>) -> String {
    match &*nature {
        "author" => "A01".into(),
        "illustrated_by" => "A12".into(),
        "translated_by" => "B06".into(),
        _ => nature.into_owned(),
    }
}

fn subjects(publication: Publication<'_>) -> Vec<EntrySubject> {
    let tags = publication.tags();
    // List 27: 20 is keywords.
    let keywords = (!tags.is_empty()).then(|| EntrySubject {
        scheme: Some("20".into()),
        text: Some(tags.join("; ")),
        ..EntrySubject::default()
    });
    let subjects = publication.subjects().filter_map(subject);
    subjects.chain(keywords).collect()
}

fn subject(subject: Subject<'_>) -> Option<EntrySubject> {
    Some(EntrySubject {
        scheme: subject.standard().map(scheme),
        code: Some(subject.code()?.into_owned()),
        text: None,
        main: subject.is_main(),
    })
}

/// List 27. Of Thema's qualifiers it is only known that their words end so: the names in between are
/// those of the list.
fn scheme(standard: Cow<'_, str>) -> String {
    let code = match &*standard {
        "bisac" => "10",
        "bic_subject_category" => "12",
        "thema_subject_category" => "93",
        "thema_place_qualifier" | "thema_geographical_qualifier" => "94",
        "thema_language_qualifier" => "95",
        "thema_time_period_qualifier" => "96",
        "thema_educational_purpose_qualifier" => "97",
        "thema_interest_qualifier" | "thema_interest_age_qualifier" => "98",
        "thema_style_qualifier" => "99",
        _ => return standard.into_owned(),
    };
    code.into()
}

/// The address of a picture, in the largest size that it has.
fn largest(media: Media<'_>) -> Option<String> {
    let rank = |size: Option<Cow<'_, str>>| match size.as_deref() {
        Some("large") => 3,
        Some("medium") => 2,
        Some("small") => 1,
        _ => 0,
    };
    let version = media
        .versions()
        .filter(|version| version.path().is_some())
        .max_by_key(|version| rank(version.size()));
    match version {
        Some(version) => version.path().map(owned),
        None => media.path().map(owned),
    }
}
