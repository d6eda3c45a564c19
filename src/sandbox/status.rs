//! The status of a download (S4 2.6, CF-STATUS).

use super::feed::metadata;
use super::markup::Markup;
use super::request::Answer;
use super::sales::Sale;
use super::state::{Asked, Outcome, State};
use crate::model::isbn13;

/// `GET …/customers/{c}/transactions/{t}/publications/{isbn}/formats/{format}/status`
pub(super) fn read(state: &State, asked: &Asked<'_>) -> Outcome {
    let (_, sale) = state.sale_named(asked)?;
    let is_malformed = state.switches.is_status_malformed();
    Ok(answer(sale, &asked.route.id, is_malformed).about(&sale.reference))
}

/// The document. A sale can be refunded while it stands and nothing of it was fetched, whoever may do so.
fn answer(sale: &Sale, id: &str, is_malformed: bool) -> Answer {
    let mut out = Markup::new();
    for name in ["status", "transaction"] {
        out.open(name);
    }
    out.text("id", &sale.transaction);
    out.open("customer");
    out.text("id", &sale.customer);
    out.close("customer");
    for name in ["publications", "publication", "format"] {
        out.open(name);
    }
    out.text("nature", &sale.format);
    out.text("keytype", key_type(id));
    out.text("value", id);
    out.text("protectiontype", &sale.protection);
    out.close("format");
    out.text("fulfillment", fulfillment(sale));
    let is_refundable = !sale.is_downloaded && !sale.is_cancelled;
    match is_malformed {
        true => out.raw(&format!("<refundable>{is_refundable}<refundable>")),
        false => out.text("refundable", &is_refundable.to_string()),
    }
    for name in ["publication", "publications", "transaction", "status"] {
        out.close(name);
    }
    metadata(out.into_text())
}

fn fulfillment(sale: &Sale) -> &'static str {
    match sale.is_downloaded {
        true => "complete",
        false => "incomplete",
    }
}

/// What an identifier is, by its shape.
fn key_type(id: &str) -> &'static str {
    let is_ean = id.len() == 13 && id.bytes().all(|b| b.is_ascii_digit());
    match isbn13(id) {
        Some(_) => "isbn",
        None if is_ean => "ean",
        None => "internal",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_its_shape() {
        assert_eq!(key_type("9789999900119"), "isbn");
        assert_eq!(key_type("9990000000001"), "ean");
        assert_eq!(key_type("marina.3"), "internal");
    }

    #[test]
    fn the_last_element_is_closed_or_opened_again() {
        let body = |is_malformed| {
            let answer = answer(&Sale::default(), "1", is_malformed);
            String::from_utf8(answer.body).unwrap()
        };
        assert!(body(false).contains("<refundable>true</refundable>"));
        assert!(body(true).contains("<refundable>true<refundable>"));
        assert!(body(true).ends_with("</status>\n"));
    }
}
