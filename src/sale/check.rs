//! stub
use super::Offers;
use crate::model::*;
/// What the platform would answer.
pub fn check(request: &SaleRequest, records: &[&Offers], account: &Account) -> Verdict {
    let _ = (request, records, account);
    todo!()
}
