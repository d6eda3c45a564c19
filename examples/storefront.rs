//! What a storefront does: open the catalogue, search it, and ask before a sale whether the platform
//! will take it.
//!
//! ```sh
//! cargo run --release -- index testdata/lists
//! cargo run --release --example storefront -- onix-index kernizan
//! ```

use onix_catalogue::model::{Account, Country, Kind, Moment, SaleRequest};
use onix_catalogue::sale::{OfferFilter, Sellable};
use onix_catalogue::{Catalogue, Search};

fn main() -> onix_catalogue::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(path), Some(words)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: storefront INDEX WORDS");
        std::process::exit(2);
    };
    // A shop would take the clock; an example holds for ten years.
    let at = Moment::from_unix(1_796_083_200);
    let account = Account::default();
    let catalogue = Catalogue::open(&path)?;

    // The search box, for a customer in France: only what can be sold there now.
    let page = catalogue.search(&Search {
        words,
        at,
        offer: OfferFilter {
            country: Country::parse("FR"),
            sellable: Sellable::Sale,
            ..OfferFilter::default()
        },
        ..Search::default()
    })?;
    println!("{} found", page.total);
    for hit in &page.hits {
        println!(
            "{}  {}",
            hit.record_reference,
            hit.title.as_deref().unwrap_or("-")
        );
    }

    // The basket: the first hit at the price it was found for.
    let Some((hit, offer)) = page
        .hits
        .first()
        .and_then(|hit| Some((hit, hit.offer.as_ref()?)))
    else {
        return Ok(());
    };
    let mut request = SaleRequest::new(Kind::Sale, hit.record_reference.as_str(), at)
        .with("country", "FR")
        .with("customer_id", "customer-1")
        .with("transaction_id", "basket-1")
        .with("uname", "A. Reader");
    request.format = hit.format.map(|format| format.to_string());
    request.cost = offer.cost.map(|cost| cost.to_string());
    request.currency = offer.currency.map(|currency| currency.to_string());
    request.price_type = offer.price_type.clone();
    request.protection = offer
        .protections
        .words()
        .first()
        .map(|word| (*word).to_owned());
    let verdict = catalogue.check(&request, &account)?;
    println!(
        "sale of {}: {:?} {:?}",
        hit.record_reference, verdict.verdict, verdict.codes
    );
    Ok(())
}
