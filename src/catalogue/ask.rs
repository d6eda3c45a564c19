//! What a search asks for.

use crate::model::{Account, Date, Format, Moment, Protection, Status};
use crate::sale::OfferFilter;

/// A search: words, filters, and what an offer has to be like.
///
/// Several values of one filter are alternatives; different filters must all hold. What
/// [`offer`](Self::offer) asks must hold on one and the same offer.
///
/// ```
/// use onix_catalogue::catalogue::{Search, Sort};
/// use onix_catalogue::model::Format;
///
/// let search = Search::new("camus peste")
///     .format(Format::Epub)
///     .sort(Sort::Title)
///     .limit(20);
/// # assert_eq!(search.formats, [Format::Epub]);
/// ```
#[derive(Debug, Clone)]
pub struct Search {
    /// What stands in the query box: words that must all be found, the last one also as the
    /// beginning of a word; `"phrases"`, `-excluded`, `field:word`, identifiers in any form. Words that
    /// say little (`the`, `et`, `tome`) need not be found. Where fewer than a page is found, words with
    /// letters wrong are too; where nothing is, products with most of the words. Empty: everything.
    pub words: String,
    /// Formats.
    pub formats: Vec<Format>,
    /// Protections that products state.
    pub protections: Vec<Protection>,
    /// Languages of the text, by list 74 or ISO 639-1.
    pub languages: Vec<String>,
    /// Words of the publisher's or imprint's name.
    pub publishers: Vec<String>,
    /// Words of a contributor's name.
    pub contributors: Vec<String>,
    /// Words of a series' title.
    pub series: Vec<String>,
    /// Subjects: scheme (list 27) and code.
    pub subjects: Vec<(String, String)>,
    /// `ProductForm`s.
    pub product_forms: Vec<String>,
    /// Who sent them.
    pub sources: Vec<String>,
    /// Whether it is for sale in the offer's country at [`at`](Self::at).
    pub statuses: Vec<Status>,
    /// Published after the end of this.
    pub published_after: Option<Date>,
    /// Published before the beginning of this.
    pub published_before: Option<Date>,
    /// For whom it is offered.
    pub audience: Audience,
    /// What an offer has to be like.
    pub offer: OfferFilter,
    /// The moment at which offers and statuses are looked at.
    pub at: Moment,
    /// The shop's account.
    pub account: Account,
    /// The order of the hits.
    pub sort: Sort,
    /// Hits a page.
    pub limit: usize,
    /// The page behind this one: the [`next`](super::Page::next) of the page before.
    pub after: Option<String>,
    /// What to count, of [`FACETS`](super::FACETS).
    pub facets: Vec<String>,
    /// Whether the texts of a hit are given with the words marked.
    pub highlight: bool,
    /// What to show once only: the best of each group.
    pub group: Option<Group>,
}

/// The order of hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "server", schema(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Sort {
    /// The best match first.
    #[default]
    Relevance,
    /// By title, without its article.
    Title,
    /// The newest first.
    Date,
    /// The cheapest offer that satisfies the filter first.
    Price,
}

/// What hits may have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "server", schema(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Group {
    /// The work: formats and editions of one book.
    Work,
}

/// For whom products are offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "server", schema(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Audience {
    /// Consumers.
    #[default]
    Consumer,
    /// Libraries.
    Library,
    /// Either.
    Any,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            words: String::new(),
            formats: Vec::new(),
            protections: Vec::new(),
            languages: Vec::new(),
            publishers: Vec::new(),
            contributors: Vec::new(),
            series: Vec::new(),
            subjects: Vec::new(),
            product_forms: Vec::new(),
            sources: Vec::new(),
            statuses: Vec::new(),
            published_after: None,
            published_before: None,
            audience: Audience::default(),
            offer: OfferFilter::default(),
            at: Moment::default(),
            account: Account::default(),
            sort: Sort::default(),
            limit: 10,
            after: None,
            facets: Vec::new(),
            highlight: false,
            group: None,
        }
    }
}

impl Search {
    /// A search for words.
    pub fn new(words: impl Into<String>) -> Self {
        Self {
            words: words.into(),
            ..Self::default()
        }
    }

    /// In this format; once more: or in that.
    #[must_use]
    pub fn format(mut self, format: Format) -> Self {
        self.formats.push(format);
        self
    }

    /// Stating this protection.
    #[must_use]
    pub fn protection(mut self, protection: Protection) -> Self {
        self.protections.push(protection);
        self
    }

    /// In this language, by list 74 or ISO 639-1.
    #[must_use]
    pub fn language(mut self, code: impl Into<String>) -> Self {
        self.languages.push(code.into());
        self
    }

    /// From this publisher or imprint.
    #[must_use]
    pub fn publisher(mut self, name: impl Into<String>) -> Self {
        self.publishers.push(name.into());
        self
    }

    /// By this contributor.
    #[must_use]
    pub fn contributor(mut self, name: impl Into<String>) -> Self {
        self.contributors.push(name.into());
        self
    }

    /// In this series.
    #[must_use]
    pub fn series(mut self, title: impl Into<String>) -> Self {
        self.series.push(title.into());
        self
    }

    /// On this subject, or a narrower one: scheme (list 27) and code.
    #[must_use]
    pub fn subject(mut self, scheme: impl Into<String>, code: impl Into<String>) -> Self {
        self.subjects.push((scheme.into(), code.into()));
        self
    }

    /// Whose status is this.
    #[must_use]
    pub fn status(mut self, status: Status) -> Self {
        self.statuses.push(status);
        self
    }

    /// Sent by this source.
    #[must_use]
    pub fn source(mut self, name: impl Into<String>) -> Self {
        self.sources.push(name.into());
        self
    }

    /// For these.
    #[must_use]
    pub fn audience(mut self, audience: Audience) -> Self {
        self.audience = audience;
        self
    }

    /// With an offer like this at that moment, to that account.
    #[must_use]
    pub fn offer(mut self, offer: OfferFilter, at: Moment, account: Account) -> Self {
        (self.offer, self.at, self.account) = (offer, at, account);
        self
    }

    /// In this order.
    #[must_use]
    pub fn sort(mut self, sort: Sort) -> Self {
        self.sort = sort;
        self
    }

    /// So many hits a page.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// The page behind the one with this [`next`](super::Page::next).
    #[must_use]
    pub fn after(mut self, token: impl Into<String>) -> Self {
        self.after = Some(token.into());
        self
    }

    /// Counting this, of [`FACETS`](super::FACETS).
    #[must_use]
    pub fn facet(mut self, name: impl Into<String>) -> Self {
        self.facets.push(name.into());
        self
    }

    /// With the words marked in the texts.
    #[must_use]
    pub fn highlight(mut self) -> Self {
        self.highlight = true;
        self
    }

    /// The best of each group only.
    #[must_use]
    pub fn group(mut self, group: Group) -> Self {
        self.group = Some(group);
        self
    }

    /// Whether an offer has to be looked for, product by product.
    pub(super) fn asks_for_offers(&self) -> bool {
        !self.offer.is_empty()
    }
}

impl Sort {
    /// The order of a word, in any case.
    pub fn from_word(word: &str) -> Option<Self> {
        match word.trim().to_ascii_lowercase().as_str() {
            "relevance" => Some(Sort::Relevance),
            "title" => Some(Sort::Title),
            "date" => Some(Sort::Date),
            "price" => Some(Sort::Price),
            _ => None,
        }
    }
}

impl Audience {
    /// The audience of a word, in any case.
    pub fn from_word(word: &str) -> Option<Self> {
        match word.trim().to_ascii_lowercase().as_str() {
            "consumer" => Some(Audience::Consumer),
            "library" => Some(Audience::Library),
            "any" => Some(Audience::Any),
            _ => None,
        }
    }
}
