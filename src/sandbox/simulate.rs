//! The simulation of a sale (S4 2.1, CF-SIM): nothing is recorded.

use super::judging::judge;
use super::request::Answer;
use super::state::{Asked, Outcome, State};
use crate::model::Kind;

/// `GET …/publications/[isbn]/sales/new`
pub(super) fn read(state: &State, asked: &Asked<'_>) -> Outcome {
    let taken = judge(state, asked, Kind::Simulation)?;
    Ok(Answer::new(200, "text/plain", "valid").about(&taken.product.reference))
}
