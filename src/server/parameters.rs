//! The parameters of a request, taken one after the other by the names of the command's flags; what is left over is wrong.

use super::problem::Problem;
use crate::catalogue::{Audience, FACETS, Group, Search, Sort};
use crate::model::{Account, Cost, Country, Currency, Date, Format, Moment, Protection, Status};
use crate::onix::codes;
use crate::sale::{OfferFilter, Sellable};

/// Names and values in their order, until they are taken.
#[derive(Default)]
pub(super) struct Parameters {
    pairs: Vec<(String, String)>,
    /// The names that were asked for.
    known: Vec<String>,
}

pub(super) type Taken<T> = Result<T, Problem>;

/// The parameters of a sale, in the platform's words.
pub(super) const SALE: [&str; 15] = [
    "format",
    "cost",
    "protection",
    "drm_type",
    "country",
    "currency",
    "price_type",
    "cost_without_taxes",
    "customer_id",
    "transaction_id",
    "credit_card_prefix",
    "sale_state",
    "aggregator",
    "uname",
    "for",
];

const COUNTRIES: &str = "two or three letters of ISO 3166, such as FR";
const CURRENCIES: &str = "three letters of ISO 4217, such as EUR";
const MOMENTS: &str = "a date or a moment, such as 2026-12-01 or 2026-12-01T18:00:00Z";
const NUMBERS: &str = "a whole number";

/// Hits of a page at most.
const MOST: usize = 1_000;

impl Parameters {
    /// Those of a query. An empty value counts as left out.
    pub(super) fn of(query: &str) -> Self {
        let pairs = crate::sandbox::pairs(query).into_iter();
        Self {
            pairs: pairs.filter(|(_, value)| !value.is_empty()).collect(),
            known: Vec::new(),
        }
    }

    /// Those of an object.
    pub(super) fn of_pairs(pairs: Vec<(String, String)>) -> Self {
        Self {
            pairs,
            known: Vec::new(),
        }
    }

    /// All values of a name.
    pub(super) fn all(&mut self, name: &str) -> Vec<String> {
        let (taken, left) = std::mem::take(&mut self.pairs)
            .into_iter()
            .partition(|(known, _)| known == name);
        self.pairs = left;
        self.known.push(name.to_owned());
        let taken: Vec<(String, String)> = taken;
        taken.into_iter().map(|(_, value)| value).collect()
    }

    /// The one value of a name.
    pub(super) fn text(&mut self, name: &str) -> Taken<Option<String>> {
        let mut all = self.all(name).into_iter();
        let first = all.next();
        match all.next() {
            None => Ok(first),
            Some(second) => Err(Problem::parameter(name, &second, "no second value")),
        }
    }

    /// The same, read by a function that gives nothing for what it can't take.
    pub(super) fn read<T>(
        &mut self,
        name: &str,
        expected: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Taken<Option<T>> {
        let text = self.text(name)?;
        let read =
            |text: String| read(&text).ok_or_else(|| Problem::parameter(name, &text, expected));
        text.map(read).transpose()
    }

    /// All values of a name, which may also be one text with commas.
    fn words<T>(
        &mut self,
        name: &str,
        expected: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Taken<Vec<T>> {
        let all = self.all(name);
        let words = all.iter().flat_map(|value| value.split(','));
        let words = words.map(str::trim).filter(|word| !word.is_empty());
        words
            .map(|word| read(word).ok_or_else(|| Problem::parameter(name, word, expected)))
            .collect()
    }

    pub(super) fn number<T: TryFrom<u64>>(&mut self, name: &str) -> Taken<Option<T>> {
        let read = |text: &str| {
            let number: i64 = text.trim().parse().ok()?;
            T::try_from(u64::try_from(number).ok()?).ok()
        };
        self.read(name, NUMBERS, read)
    }

    /// How many, of what isn't given out by the page.
    pub(super) fn few(&mut self) -> Taken<usize> {
        let few = |text: &str| text.parse().ok().filter(|limit| *limit <= 100);
        let limit = self.read("limit", "a number up to 100", few)?;
        Ok(limit.unwrap_or(10))
    }

    /// Whether it is `true`; left out it is not.
    fn truth(&mut self, name: &str) -> Taken<bool> {
        let read = |text: &str| match text {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        };
        Ok(self.read(name, "true or false", read)?.unwrap_or(false))
    }

    pub(super) fn country(&mut self) -> Taken<Option<Country>> {
        self.read("country", COUNTRIES, Country::parse)
    }

    /// The moment that counts; the present one, where none is given.
    pub(super) fn at(&mut self, account: &Account, now: Moment) -> Taken<Moment> {
        let read = |text: &str| Moment::parse(text, &account.zone);
        Ok(self.read("at", MOMENTS, read)?.unwrap_or(now))
    }

    pub(super) fn audience(&mut self) -> Taken<Audience> {
        let expected = "consumer, library or any";
        Ok(self
            .read("for", expected, Audience::from_word)?
            .unwrap_or_default())
    }

    /// What has to hold on one and the same offer.
    pub(super) fn offer(&mut self) -> Taken<OfferFilter> {
        let currency = |text: &str| Currency::parse(text).filter(Currency::is_known);
        let price_type = |text: &str| {
            let is_shaped = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            (is_shaped && codes::label(58, text).is_some()).then(|| text.to_owned())
        };
        Ok(OfferFilter {
            country: self.country()?,
            currency: self.read("currency", CURRENCIES, currency)?,
            price_type: self.read(
                "price_type",
                "two digits of List 58, such as 04",
                price_type,
            )?,
            ..OfferFilter::default()
        })
    }

    /// The same, with what only a search asks of an offer: its cost, and for what it has to be good.
    fn sought_offer(&mut self) -> Taken<OfferFilter> {
        let sellable = |text: &str| match text {
            "sale" => Some(Sellable::Sale),
            "preorder" => Some(Sellable::Preorder),
            "any" => Some(Sellable::Any),
            _ => None,
        };
        Ok(OfferFilter {
            min_cost: self.number::<Cost>("min_cost")?,
            max_cost: self.number::<Cost>("max_cost")?,
            sellable: self
                .read("sellable", "sale, preorder or any", sellable)?
                .unwrap_or_default(),
            ..self.offer()?
        })
    }

    /// A search with its filters, as `onix search` has them.
    pub(super) fn search(&mut self, account: &Account, now: Moment) -> Taken<Search> {
        let subject = |text: &str| {
            let (scheme, code) = text.split_once(':')?;
            let is_whole = !scheme.is_empty() && !code.is_empty();
            is_whole.then(|| (scheme.to_owned(), code.to_owned()))
        };
        let own = |text: &str| Some(text.to_owned());
        let date = |text: &str| Date::parse(text, None);
        let limit = |text: &str| text.parse().ok().filter(|limit| *limit <= MOST);
        let facet = |text: &str| FACETS.contains(&text).then(|| text.to_owned());
        let group = |text: &str| (text == "work").then_some(Group::Work);
        // A code of a sender's own scheme may have a comma.
        let subjects = self.all("subject").into_iter().map(|text| {
            let expected = "SCHEME:CODE, such as 93:FBA for Thema";
            subject(&text).ok_or_else(|| Problem::parameter("subject", &text, expected))
        });
        let subjects = subjects.collect::<Taken<_>>()?;
        let search = Search {
            words: self.text("q")?.unwrap_or_default(),
            formats: self.words(
                "format",
                "epub, pdf, mobi, audio or proof",
                Format::from_word,
            )?,
            protections: self.words(
                "protection",
                "one of the platform's words",
                Protection::from_word,
            )?,
            languages: self.words("language", "a code of List 74", own)?,
            publishers: self.all("publisher"),
            contributors: self.all("contributor"),
            series: self.all("series"),
            subjects,
            product_forms: self.words("product_form", "a code of List 150", own)?,
            sources: self.all("source"),
            statuses: self.words("status", "sale, preorder, later, no or unknown", status)?,
            published_after: self.read("published_after", "a date", date)?,
            published_before: self.read("published_before", "a date", date)?,
            audience: self.audience()?,
            offer: self.sought_offer()?,
            at: self.at(account, now)?,
            account: account.clone(),
            sort: self
                .read("sort", "relevance, title, date or price", Sort::from_word)?
                .unwrap_or_default(),
            limit: self
                .read("limit", "a number up to 1000", limit)?
                .unwrap_or(20),
            after: self.text("after")?,
            facets: self.words("facet", "the name of a facet", facet)?,
            highlight: self.truth("highlight")?,
            group: self.read("group", "work", group)?,
        };
        let is_priced = search.offer.min_cost.is_some()
            || search.offer.max_cost.is_some()
            || search.sort == Sort::Price;
        match is_priced && search.offer.currency.is_none() {
            true => Err(Problem::parameter(
                "currency",
                "",
                "one beside a cost or the order by price",
            )),
            false => Ok(search),
        }
    }

    /// That there was nothing else.
    pub(super) fn end(self) -> Taken<()> {
        match self.pairs.first() {
            None => Ok(()),
            Some((name, _)) => Err(Problem::unknown(name, &self.known)),
        }
    }
}

/// A status by its word.
pub(super) fn status(word: &str) -> Option<Status> {
    let all = [
        Status::Sale,
        Status::Preorder,
        Status::Later,
        Status::No,
        Status::Unknown,
    ];
    all.into_iter().find(|status| status.as_str() == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(query: &str) -> Result<Search, Problem> {
        let mut given = Parameters::of(query);
        let search = given.search(&Account::default(), Moment::default())?;
        given.end()?;
        Ok(search)
    }

    #[test]
    fn a_query_is_a_search() {
        let found = search("q=le+phare&format=epub,pdf&format=mobi&country=fr&currency=EUR&max_cost=999&sellable=sale").unwrap();
        assert_eq!(found.words, "le phare");
        assert_eq!(found.formats.len(), 3);
        assert_eq!(found.offer.max_cost, Some(999));
        assert_eq!(found.offer.country, Country::parse("FR"));
        assert_eq!(search("").unwrap().limit, 20);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for query in [
            "format=paper",
            "country=XX",
            "limit=1001",
            "limit=-1",
            "sort=price",
            "max_cost=1",
            "q=a&q=b",
            "quantity=2",
            "facet=colour",
        ] {
            assert_eq!(search(query).unwrap_err().status, 400, "{query}");
        }
    }
}
