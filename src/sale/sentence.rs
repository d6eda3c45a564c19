//! A reason as a bookseller would say it: one clause a rule, and the element that decided.

use crate::model::Reason;
use crate::onix::{Tag, codes};

/// What a reason says, in the words of a bookseller and without a full stop: it stands behind "because".
pub fn sentence(reason: &Reason) -> String {
    let mut out = clause(reason);
    if let Some(evidence) = evidence(reason) {
        out.push_str(&format!(" ({evidence})"));
    }
    out
}

fn clause(reason: &Reason) -> String {
    let given = reason.given.as_deref().unwrap_or("what was asked");
    let expected = reason.expected.as_deref().unwrap_or_default();
    let parameter = reason.parameter.unwrap_or(reason.rule);
    let is_open = reason.code.is_none();
    match reason.rule {
        "publication" => format!("no publication of the catalogue has the identifier {given}"),
        "presence" => format!("{parameter} is missing: {expected}"),
        "format" if is_open => {
            format!("whether the file is {given} isn't said: it may be {expected}")
        }
        "format" => format!("the file is to be had as {expected}, not as {given}"),
        "protection" if is_open => {
            format!("whether the file is sold with {given} isn't said")
        }
        "protection" => format!("the file is sold with {expected}, not with {given}"),
        "country" if reason.given.is_none() => format!("the country isn't known: {expected}"),
        "country" => format!("{given} is no country: expected {expected}"),
        "currency" => format!("{given} is no currency: expected {expected}"),
        "price_type" => format!("{given} is no price type to sell at: there are {expected}"),
        "price_row" if !expected.contains(" type ") => format!("no price is in force for {given}"),
        "price_row" => format!("no price is in force for {given}: there is {expected}"),
        "cost" if expected.is_empty() => format!("no price comes to {given}"),
        "cost" => format!("the price is {expected}, not {given}"),
        "price" if parameter == "price_type" => {
            format!("the record has no price types, so that {given} can't be confirmed")
        }
        "price" if expected.is_empty() => "what the price is can't be told".to_owned(),
        "price" => format!("whether that is the price can't be told without {expected}"),
        "max_age" => format!("the record is too old to rely on: expected {expected}"),
        "sales_rights" if is_open => {
            format!("whether the rights to sell cover all of {given} isn't said")
        }
        "sales_rights" => format!("there is no right to sell it in {given}"),
        "market" if is_open => format!("whether its market covers all of {given} isn't said"),
        "market" => format!("{given} is in none of its markets"),
        "supply_to" => format!("nobody supplies it to {given}"),
        "agreement" => "its publisher isn't known to be among the agreements".to_owned(),
        "notification_type" => "the record is no confirmed one".to_owned(),
        "publishing_status" | "market_publishing_status" => {
            "its publisher doesn't have it for sale".to_owned()
        }
        "publication_state" => "the publication isn't online".to_owned(),
        "availability" if reason.element.is_none() => {
            "whether it can be supplied isn't said".to_owned()
        }
        "availability" => format!("its supplier doesn't have it for sale: expected {expected}"),
        "publishing_date" => format!("a date stands in the way: expected {expected}"),
        "sales_restriction" => "a restriction shuts this sale out".to_owned(),
        _ => other(reason, parameter),
    }
}

/// Of the parameters that say who buys, and how.
fn other(reason: &Reason, parameter: &str) -> String {
    let expected = reason.expected.as_deref().unwrap_or_default();
    match &reason.given {
        Some(given) => format!("{parameter} is {given}: expected {expected}"),
        None => format!("{parameter}: expected {expected}"),
    }
}

/// The element with its value, and what its code means: `PublishingStatus 07: Out of print`.
fn evidence(reason: &Reason) -> Option<String> {
    let element = reason.element?;
    let Some(value) = reason.value.as_deref().filter(|value| !value.is_empty()) else {
        return Some(format!("{element} isn't given")).filter(|_| reason.code.is_none());
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
