//! A preorder (S4 2.5, CF-PRE).

use super::judging::judge;
use super::request::Answer;
use super::sales::Preorder;
use super::state::{Asked, Outcome, State};
use crate::model::Kind;

/// `POST …/publications/[publication_id]/preorders`
///
/// No document has a code for a title that can't be preordered, nor for a preorder that is repeated: the first is answered
/// with the codes of a sale, the second as if it were new.
pub(super) fn create(state: &mut State, asked: &Asked<'_>) -> Outcome {
    let taken = judge(state, asked, Kind::Preorder)?;
    state.sales.preorder(Preorder {
        organisation: state.organisations[asked.organisation].id.clone(),
        customer: taken.request.customer_id.unwrap_or_default(),
        id: taken.request.id,
        reference: taken.product.reference.clone(),
        format: taken.request.for_format.unwrap_or_default(),
        at: state.clock.now(),
    });
    let status = state.switches.preorder_status();
    Ok(Answer::new(status, "text/plain", "created"))
}
