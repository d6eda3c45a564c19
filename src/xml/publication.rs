//! The typed view: what of a publication a shop asks, read from its elements when it is asked.

use std::borrow::Cow;

use super::element::Element;

macro_rules! views {
    ($($(#[$doc:meta])* $name:ident {
        $($(#[$field_doc:meta])* $field:ident = $path:literal;)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name<'a>(Element<'a>);

        impl<'a> $name<'a> {
            pub(super) fn new(element: Element<'a>) -> Self {
                Self(element)
            }

            /// The element, by which everything in it can be reached.
            pub fn element(self) -> Element<'a> {
                self.0
            }

            $($(#[$field_doc])*
            pub fn $field(self) -> Option<Cow<'a, str>> {
                self.0.text_of($path)
            })*
        }
    )*};
}

views! {
    /// One `publication`: a title with all its formats.
    Publication {
        /// `id`: the platform's prefix and number, such as `LIBR31`.
        id = "id";
        /// `state`; `online` was seen.
        state = "state";
        /// `title/main`
        title = "title/main";
        /// `title/subtitle`
        subtitle = "title/subtitle";
        /// `publisher`
        publisher = "publisher";
        /// `language` (ISO 639-1)
        language = "language";
        /// `translated_from` (ISO 639-1)
        translated_from = "translated_from";
        /// `created_at`
        created_at = "created_at";
        /// `last_update`
        last_update = "last_update";
    }

    /// `contributors/contributor`
    Contributor {
        /// `first_name`
        first_name = "first_name";
        /// `last_name`
        last_name = "last_name";
        /// `nature`; `author`, `illustrated_by` and `translated_by` were seen.
        nature = "nature";
    }

    /// `subjects/subject`
    Subject {
        /// `standard`, such as `bisac` or `thema_subject_category`.
        standard = "standard";
        /// `code`
        code = "code";
    }

    /// `collections/collection`
    Collection {
        /// `title`
        title = "title";
        /// `nature`
        nature = "nature";
        /// `position`: the number of the publication in it.
        position = "position";
    }

    /// `medias/media`
    Media {
        /// `nature`; `front_cover`, `sample_content` and `trailer` were seen.
        nature = "nature";
        /// `path`: its address, where it has no versions.
        path = "path";
    }

    /// `version` of a media
    Version {
        /// `size`: small, medium or large.
        size = "size";
        /// `path`: its address.
        path = "path";
    }

    /// `costs/cost` of a format: one country's price in one currency.
    Cost {
        /// `country`, in three letters of lower case.
        country = "country";
        /// `currency`, in lower case.
        currency = "currency";
        /// `amount`: an integer in the currency's minor unit.
        amount = "amount";
        /// `amount_effective_at`: the cost counts from here, until the next of the same country and
        /// currency does.
        amount_effective_at = "amount_effective_at";
        /// `amount_taxes`: `included` or `excluded`.
        amount_taxes = "amount_taxes";
    }
}

impl<'a> Publication<'a> {
    /// `summary`, as plain text.
    pub fn summary(self) -> Option<String> {
        let plain = self.0.child("summary")?.plain();
        (!plain.is_empty()).then_some(plain)
    }

    /// `tags`, one by one.
    pub fn tags(self) -> Vec<String> {
        let tags = self.0.text_of("tags").unwrap_or_default();
        let each = tags.split(';').map(str::trim);
        each.filter(|tag| !tag.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// `contributors`, in the order of the record.
    pub fn contributors(self) -> impl Iterator<Item = Contributor<'a>> {
        within(self.0, "contributors", "contributor").map(Contributor::new)
    }

    /// `subjects`
    pub fn subjects(self) -> impl Iterator<Item = Subject<'a>> {
        within(self.0, "subjects", "subject").map(Subject::new)
    }

    /// `collections`
    pub fn collections(self) -> impl Iterator<Item = Collection<'a>> {
        within(self.0, "collections", "collection").map(Collection::new)
    }

    /// `medias`
    pub fn medias(self) -> impl Iterator<Item = Media<'a>> {
        within(self.0, "medias", "media").map(Media::new)
    }

    /// `formats`: the products that it is sold as.
    pub fn formats(self) -> impl Iterator<Item = PublicationFormat<'a>> {
        within(self.0, "formats", "format").map(move |element| PublicationFormat {
            publication: self,
            element,
        })
    }
}

impl Subject<'_> {
    /// `main_subject`
    pub fn is_main(self) -> bool {
        self.0
            .text_of("main_subject")
            .is_some_and(|text| matches!(&*text, "1" | "true"))
    }
}

impl<'a> Media<'a> {
    /// `version`s, one for each size.
    pub fn versions(self) -> impl Iterator<Item = Version<'a>> {
        self.0.all("version").map(Version::new)
    }
}

/// One `format` of a publication: a product of its own.
#[derive(Debug, Clone, Copy)]
pub struct PublicationFormat<'a> {
    publication: Publication<'a>,
    element: Element<'a>,
}

impl<'a> PublicationFormat<'a> {
    /// The publication that it is a format of.
    pub fn publication(self) -> Publication<'a> {
        self.publication
    }

    /// The element, by which everything in it can be reached.
    pub fn element(self) -> Element<'a> {
        self.element
    }

    /// The key of the product, the same as its `RecordReference` in the ONIX feed: the publication's
    /// `id`, `-`, and `nature`. `None` where either is missing.
    ///
    /// Two formats of one nature have one key; the platform's pages were never seen to hold such.
    pub fn record_reference(self) -> Option<String> {
        let id = self.publication.id()?;
        Some(format!("{id}-{}", self.nature()?))
    }

    /// `nature`: `epub` or another of the platform's words for formats.
    pub fn nature(self) -> Option<Cow<'a, str>> {
        self.element.text_of("nature")
    }

    /// `key_type`: what `value` is, `isbn` or `ean`.
    pub fn key_type(self) -> Option<Cow<'a, str>> {
        self.element.text_of("key_type")
    }

    /// `value`: the ISBN or EAN.
    pub fn value(self) -> Option<Cow<'a, str>> {
        self.element.text_of("value")
    }

    /// `publishing_status` (list 64)
    pub fn publishing_status(self) -> Option<Cow<'a, str>> {
        self.element.text_of("publishing_status")
    }

    /// `state`: what the platform makes of status and dates; `sell` and `view` were seen.
    pub fn state(self) -> Option<Cow<'a, str>> {
        self.element.text_of("state")
    }

    /// `start_sale_at`
    pub fn start_sale_at(self) -> Option<Cow<'a, str>> {
        self.element.text_of("start_sale_at")
    }

    /// `protection`: one of the words of a sale, such as `acs4`.
    pub fn protection(self) -> Option<Cow<'a, str>> {
        self.element.text_of("protection")
    }

    /// `issued_on`
    pub fn issued_on(self) -> Option<Cow<'a, str>> {
        self.element.text_of("issued_on")
    }

    /// `costs`, in the order of the record.
    pub fn costs(self) -> impl Iterator<Item = Cost<'a>> {
        within(self.element, "costs", "cost").map(Cost::new)
    }
}

fn within<'a>(
    element: Element<'a>,
    list: &'static str,
    item: &'static str,
) -> impl Iterator<Item = Element<'a>> {
    element.all(list).flat_map(move |list| list.all(item))
}
