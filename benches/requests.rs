//! Sales that stand, with the offers they are of, of the generated products.

#![allow(dead_code, reason = "each bench uses a part of it")]

use onix_catalogue::model::{Kind, Moment, SaleRequest};
use onix_catalogue::onix::{Reader, Record};
use onix_catalogue::sale::Offers;

use super::data;

/// Of the first `n` products, those of which something is on sale.
pub(super) fn sales(kind: data::Kind, n: u64) -> Vec<(SaleRequest, Offers)> {
    let mut out = Vec::new();
    for first in (0..n).step_by(1000) {
        let xml = data::message(kind, first..(first + 1000).min(n));
        let mut reader = Reader::new(xml.as_bytes());
        let mut record = Record::new();
        let mut i = first;
        while reader
            .read_record(&mut record)
            .expect("the generator's products are sound")
        {
            if let Some(request) = request(kind, i) {
                out.push((request, Offers::of(&record.product())));
            }
            i += 1;
        }
    }
    out
}

/// When it is asked.
pub(super) fn at() -> Moment {
    Moment::from_unix(1_796_083_200)
}

/// What a shop may ask for of the `i`-th product.
pub(super) fn request(kind: data::Kind, i: u64) -> Option<SaleRequest> {
    let sale = data::sale(kind, i)?;
    let mut request = SaleRequest::new(Kind::Simulation, sale.isbn, at())
        .with("format", sale.format)
        .with("protection", sale.protection)
        .with("cost", sale.cost.to_string())
        .with("country", sale.country)
        .with("currency", sale.currency)
        .with("price_type", sale.price_type);
    request.drm_type = sale.drm_type.map(str::to_owned);
    Some(request)
}

/// The same order each time. Requests are made anew, as one that has just come in is at hand; the offers
/// stay scattered.
pub(super) fn shuffled(sales: Vec<(SaleRequest, Offers)>) -> Vec<(SaleRequest, Offers)> {
    let mut sales = sales;
    data::shuffle(&mut sales);
    sales
        .into_iter()
        .map(|(request, offers)| (request.clone(), offers))
        .collect()
}
