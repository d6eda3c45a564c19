//! Three commands to try once a catalogue is built, with what is really in it.

use super::trouble::Result;
use super::{Context, offers, output};
use crate::catalogue::{Audience, Catalogue, Search};
use crate::error::ErrorKind;
use crate::model::{Account, Judgement, Moment, SaleRequest};
use crate::sale::{OfferFilter, Offers, Sellable};

/// How many products are tried until one is found that may be sold.
const TRIES: usize = 50;

/// Something that may be sold: what to look for, and how to ask.
struct Example {
    title: Option<String>,
    id: String,
    request: SaleRequest,
}

/// Prints a search, a show and a check that is valid.
pub(crate) fn say(context: &Context, account: &Account) -> Result<()> {
    let catalogue = context.catalogue()?;
    let messages = context.messages;
    let Some(example) = find(&catalogue, account)? else {
        messages.say("nothing in it can be sold at this moment; look around with `onix search`");
        return Ok(());
    };
    messages.say("try next:");
    for command in commands(context, &example) {
        messages.say(format!("  {}", output::clean(&command)));
    }
    Ok(())
}

fn commands(context: &Context, example: &Example) -> [String; 3] {
    let at = example.request.at.to_string();
    let words = example.title.as_deref().unwrap_or(&example.id);
    let command = |words: &[&str]| {
        let mut out = context.program.clone();
        for word in words {
            out.push(' ');
            out.push_str(&quoted(word));
        }
        let default = std::path::Path::new("onix-index");
        if context.global.index != default {
            out.push_str(" --index ");
            out.push_str(&quoted(&context.global.index.display().to_string()));
        }
        out
    };
    let mut check = vec!["check", example.id.as_str()];
    let request = &example.request;
    for (flag, value) in [
        ("--format", &request.format),
        ("--cost", &request.cost),
        ("--protection", &request.protection),
        ("--country", &request.country),
        ("--currency", &request.currency),
        ("--price-type", &request.price_type),
        ("--cost-without-taxes", &request.cost_without_taxes),
        ("--customer-id", &request.customer_id),
        ("--transaction-id", &request.transaction_id),
    ] {
        if let Some(value) = value {
            check.extend([flag, value.as_str()]);
        }
    }
    check.extend(["--at", &at]);
    [
        command(&["search", words, "--at", &at]),
        command(&["show", &example.id, "--at", &at]),
        command(&check),
    ]
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:,+@%".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) && !word.starts_with('-') {
        true => word.to_owned(),
        // A flag is no less a flag for being quoted.
        false if word.starts_with("--") && word[2..].chars().all(is_plain) => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// The first product that can be sold now; where nothing can, at the time when the newest record
/// was sent.
fn find(catalogue: &Catalogue, account: &Account) -> Result<Option<Example>> {
    let sources = catalogue.stats()?.sources;
    let sent = sources.iter().filter_map(|source| source.last_sent).max();
    for at in [Some(super::now()), sent].into_iter().flatten() {
        if let Some(example) = find_at(catalogue, account, at)? {
            return Ok(Some(example));
        }
    }
    Ok(None)
}

fn find_at(catalogue: &Catalogue, account: &Account, at: Moment) -> Result<Option<Example>> {
    let search = Search {
        audience: Audience::Consumer,
        offer: OfferFilter {
            sellable: Sellable::Sale,
            ..OfferFilter::default()
        },
        at,
        account: account.clone(),
        limit: TRIES,
        ..Search::default()
    };
    for hit in catalogue.search(&search)?.hits {
        let id = hit.isbn13.as_deref().unwrap_or(&hit.record_reference);
        let products = match catalogue.offers(id) {
            // Without records there are no rows to make an example of.
            Err(error) if matches!(error.kind(), ErrorKind::NotKept) => return Ok(None),
            products => products?,
        };
        for (kept, resolved) in products {
            if let Some(request) = sale(catalogue, account, id, &resolved, at)? {
                return Ok(Some(Example {
                    title: kept.entry.title,
                    id: id.to_owned(),
                    request,
                }));
            }
        }
    }
    Ok(None)
}

/// A sale of one of these offers that the catalogue calls valid.
fn sale(
    catalogue: &Catalogue,
    account: &Account,
    id: &str,
    resolved: &Offers,
    at: Moment,
) -> Result<Option<SaleRequest>> {
    for offer in resolved.rows(account) {
        // A price of nothing makes a poor example.
        if offer.cost.is_none_or(|cost| cost == 0) {
            continue;
        }
        let Some(request) = offers::request(id, &offer, None, account, at) else {
            continue;
        };
        if catalogue.check(&request, account)?.verdict == Judgement::Valid {
            return Ok(Some(request));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_a_shell() {
        assert_eq!(quoted("9789999904216"), "9789999904216");
        assert_eq!(quoted("L'été"), r"'L'\''été'");
        assert_eq!(quoted("two words"), "'two words'");
        assert_eq!(quoted("--country"), "--country");
        assert_eq!(quoted(""), "''");
    }
}
