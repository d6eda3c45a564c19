//! A preorder (S4 2.5, CF-PRE).

use super::judging::judge;
use super::request::Answer;
use super::sale::spelled;
use super::sales::Preorder;
use super::state::{Asked, Outcome, State};
use crate::model::{Format, Kind};

/// `POST …/publications/[publication_id]/preorders`
///
/// No document has a code for a title that can't be preordered, nor for a preorder that is repeated: the first is answered
/// with the codes of a sale, the second as if it were new.
pub(super) fn create(state: &mut State, asked: &Asked<'_>) -> Outcome {
    let taken = judge(state, asked, Kind::Preorder)?;
    let reference = taken.product.reference.clone();
    state.sales.preorder(Preorder {
        organisation: state.organisations[asked.organisation].id.clone(),
        customer: taken.request.customer_id.unwrap_or_default(),
        id: taken.request.id,
        reference: reference.clone(),
        format: spelled(taken.request.for_format, |word| {
            Some(Format::from_word(word)?.as_str())
        }),
        at: state.clock.now(),
    });
    let status = state.switches.preorder_status();
    Ok(Answer::new(status, "text/plain", "created").about(&reference))
}
