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
/// let search = Search {
///     words: "camus peste".into(),
///     formats: vec![Format::Epub],
///     sort: Sort::Title,
///     ..Search::default()
/// };
/// # assert_eq!(search.limit, 10);
/// ```
#[derive(Debug, Clone)]
pub struct Search {
    /// What stands in the query box: words that must all be found, the last one also as the
    /// beginning of a word; `"phrases"`, `-excluded`, `field:word`, identifiers in any form. Empty:
    /// everything.
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
}

/// The order of hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
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

/// For whom products are offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
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
