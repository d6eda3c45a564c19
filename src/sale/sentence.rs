//! A reason as a bookseller would say it: one clause a rule, and the element that decided.

use crate::model::Reason;
use crate::onix::{Tag, codes};

/// What a reason says, in the words of a bookseller and without a full stop: it stands behind "because".
pub fn sentence(reason: &Reason) -> String {
    told(reason, &ENGLISH)
}

/// What reasons are told with in one language.
#[derive(Debug)]
pub(crate) struct Phrases {
    pub(crate) clause: fn(Clause) -> &'static str,
    /// Stands where nothing was given.
    pub(crate) asked: &'static str,
    /// Said of an element that isn't there.
    pub(crate) absent: &'static str,
}

pub(crate) const ENGLISH: Phrases = Phrases {
    clause: Clause::english,
    asked: "what was asked",
    absent: "isn't given",
};

/// The same in the words of a language.
pub(crate) fn told(reason: &Reason, phrases: &Phrases) -> String {
    let given = reason.given.as_deref().unwrap_or(phrases.asked);
    let expected = reason.expected.as_deref().unwrap_or_default();
    let parameter = reason.parameter.unwrap_or(reason.rule);
    let mut rest = (phrases.clause)(Clause::of(reason));
    let mut out = String::new();
    while let Some((before, (name, after))) = rest
        .split_once('{')
        .and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        out.push_str(before);
        out.push_str(match name {
            "given" => given,
            "expected" => expected,
            _ => parameter,
        });
        rest = after;
    }
    out.push_str(rest);
    if let Some(evidence) = evidence(reason, phrases) {
        out.push_str(&format!(" ({evidence})"));
    }
    out
}

/// What a reason comes to. Each has one sentence in every language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clause {
    Agreement,
    Availability,
    AvailabilityOpen,
    Cost,
    CostOfNone,
    Country,
    CountryOpen,
    Currency,
    Format,
    FormatOpen,
    Market,
    MarketOpen,
    MaxAge,
    Missing,
    NotConfirmed,
    NotForSale,
    NotOnline,
    NotStated,
    Outdated,
    Parameter,
    ParameterMissing,
    PriceOpen,
    PriceRow,
    PriceRowOfNone,
    PriceType,
    PriceTypeOpen,
    PriceWithout,
    Protection,
    ProtectionOpen,
    Publication,
    PublishingDate,
    SalesRestriction,
    SalesRights,
    SalesRightsOpen,
    SupplyTo,
}

impl Clause {
    fn of(reason: &Reason) -> Self {
        let expected = reason.expected.as_deref().unwrap_or_default();
        let is_open = reason.code.is_none();
        let is_absent = reason.given.is_none() && reason.value.is_none();
        match reason.rule {
            "publication" => Self::Publication,
            "presence" => Self::Missing,
            "format" if is_open => Self::FormatOpen,
            "format" => Self::Format,
            "protection" if is_open => Self::ProtectionOpen,
            "protection" => Self::Protection,
            "country" if reason.given.is_none() => Self::CountryOpen,
            "country" => Self::Country,
            "currency" => Self::Currency,
            "price_type" => Self::PriceType,
            "price_row" if !expected.contains(" type ") => Self::PriceRowOfNone,
            "price_row" => Self::PriceRow,
            "cost" if expected.is_empty() => Self::CostOfNone,
            "cost" => Self::Cost,
            "price" if reason.parameter == Some("price_type") => Self::PriceTypeOpen,
            "price" if expected.is_empty() => Self::PriceOpen,
            "price" => Self::PriceWithout,
            "max_age" => Self::MaxAge,
            "outdated" => Self::Outdated,
            "sales_rights" | "market" | "publishing_status" if is_open && is_absent => {
                Self::NotStated
            }
            "sales_rights" if is_open => Self::SalesRightsOpen,
            "sales_rights" => Self::SalesRights,
            "market" if is_open => Self::MarketOpen,
            "market" => Self::Market,
            "supply_to" => Self::SupplyTo,
            "agreement" => Self::Agreement,
            "notification_type" => Self::NotConfirmed,
            "publishing_status" | "market_publishing_status" => Self::NotForSale,
            "publication_state" => Self::NotOnline,
            "availability" if reason.element.is_none() => Self::AvailabilityOpen,
            "availability" => Self::Availability,
            "publishing_date" => Self::PublishingDate,
            "sales_restriction" => Self::SalesRestriction,
            _ if reason.given.is_some() => Self::Parameter,
            _ => Self::ParameterMissing,
        }
    }

    /// The sentence in English, with the names of what is put into it.
    pub(crate) fn english(self) -> &'static str {
        match self {
            Self::Agreement => "its publisher isn't known to be among the agreements",
            Self::Availability => "its supplier doesn't have it for sale: expected {expected}",
            Self::AvailabilityOpen => "whether it can be supplied isn't said",
            Self::Cost => "the price is {expected}, not {given}",
            Self::CostOfNone => "no price comes to {given}",
            Self::Country => "{given} is no country: expected {expected}",
            Self::CountryOpen => "the country isn't known: {expected}",
            Self::Currency => "{given} is no currency: expected {expected}",
            Self::Format => "the file is to be had as {expected}, not as {given}",
            Self::FormatOpen => "whether the file is {given} isn't said: it may be {expected}",
            Self::Market => "{given} is in none of its markets",
            Self::MarketOpen => "whether its market covers all of {given} isn't said",
            Self::MaxAge => "the record is too old to rely on: expected {expected}",
            Self::Missing => "{parameter} is missing: {expected}",
            Self::NotConfirmed => "the record is no confirmed one",
            Self::NotForSale => "its publisher doesn't have it for sale",
            Self::NotStated => "what decides that isn't stated",
            Self::NotOnline => "the publication isn't online",
            Self::Outdated => "the catalogue lacks {expected}",
            Self::Parameter => "{parameter} is {given}: expected {expected}",
            Self::ParameterMissing => "{parameter}: expected {expected}",
            Self::PriceOpen => "what the price is can't be told",
            Self::PriceRow => "no price is in force for {given}: there is {expected}",
            Self::PriceRowOfNone => "no price is in force for {given}",
            Self::PriceType => "{given} is no price type to sell at: there are {expected}",
            Self::PriceTypeOpen => {
                "the record has no price types, so that {given} can't be confirmed"
            }
            Self::PriceWithout => "whether that is the price can't be told without {expected}",
            Self::Protection => "the file is sold with {expected}, not with {given}",
            Self::ProtectionOpen => "whether the file is sold with {given} isn't said",
            Self::Publication => "no publication of the catalogue has the identifier {given}",
            Self::PublishingDate => "a date stands in the way: expected {expected}",
            Self::SalesRestriction => "a restriction shuts this sale out",
            Self::SalesRights => "there is no right to sell it in {given}",
            Self::SalesRightsOpen => "whether the rights to sell cover all of {given} isn't said",
            Self::SupplyTo => "nobody supplies it to {given}",
        }
    }
}

/// The element with its value, and what its code means: `PublishingStatus 07: Out of print`.
fn evidence(reason: &Reason, phrases: &Phrases) -> Option<String> {
    let element = reason.element?;
    let Some(value) = reason.value.as_deref().filter(|value| !value.is_empty()) else {
        return Some(format!("{element} {}", phrases.absent)).filter(|_| reason.code.is_none());
    };
    let mut out = format!("{element} {value}");
    let labels: Vec<&str> = value
        .split(' ')
        .map_while(|code| label(element, code))
        .collect();
    if !labels.is_empty() {
        out.push_str(&format!(": {}", labels.join(", ")));
    }
    Some(out)
}

/// What a code means in this element. Dates and rights carry the code of their role or type.
fn label(element: &str, code: &str) -> Option<&'static str> {
    let lists = match element {
        "PublishingDate" | "MarketDate" => &[163][..],
        "SupplyDate" => &[166],
        "SalesRestriction" => &[71],
        "SalesRights" | "Market" => &[],
        element => Tag::from_name(element)?.code_lists(),
    };
    lists.iter().find_map(|list| codes::label(*list, code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Code;

    #[test]
    fn the_code_of_the_element_is_explained() {
        let reason = Reason {
            code: Some(Code::CannotSell),
            rule: "publishing_status",
            element: Some("PublishingStatus"),
            value: Some("07".into()),
            ..Reason::default()
        };
        assert_eq!(
            sentence(&reason),
            "its publisher doesn't have it for sale (PublishingStatus 07: Out of print)"
        );
        let dated = Reason {
            rule: "publishing_date",
            element: Some("PublishingDate"),
            value: Some("02 20270310".into()),
            expected: Some("a moment after that date".into()),
            ..reason
        };
        assert_eq!(
            sentence(&dated),
            "a date stands in the way: expected a moment after that date \
             (PublishingDate 02 20270310: Sales embargo date)"
        );
    }

    #[test]
    fn a_rule_without_a_clause_of_its_own_names_its_parameter() {
        let reason = Reason {
            rule: "sale_state",
            parameter: Some("sale_state"),
            given: Some("maybe".into()),
            expected: Some("active, test".into()),
            ..Reason::default()
        };
        assert_eq!(
            sentence(&reason),
            "sale_state is maybe: expected active, test"
        );
    }
}
