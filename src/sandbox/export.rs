//! The state as one document, to be taken away and brought back.

use serde_json::{Map, Value, json};

use super::fields::{Fields, Read, Wrong};
use super::pieces::Part;
use super::state::State;

/// The version of the document.
const VERSION: u64 = 1;

/// All of the state: with every publication, or without those that the catalogue below still has as they were.
pub(super) fn write(state: &State, is_whole: bool) -> String {
    let mut out = format!("{{\"version\":{VERSION}");
    let mut part = None;
    // Values are JSON already, and may be many.
    for piece in state.pieces(is_whole) {
        let Some(value) = piece.value else { continue };
        match part == Some(piece.part) {
            true => out.push(','),
            false if part.is_none() => out.push_str(&format!(",\"{}\":{{", piece.part.as_str())),
            false => out.push_str(&format!("}},\"{}\":{{", piece.part.as_str())),
        }
        part = Some(piece.part);
        out.push_str(&format!("{}:{value}", json!(piece.key)));
    }
    out.push_str("}}");
    out
}

/// Makes the state what a document says; if that makes no sense, nothing is changed.
pub(super) fn read(state: &mut State, value: &Value) -> Read<()> {
    let mut fields = Fields::of(value, "")?;
    if fields.number("version")? != Some(VERSION) {
        return Err(fields.wrong("version", &format!("{VERSION}, as GET of export gives it")));
    }
    let parts = Part::ALL.map(|part| (part, fields.value(part.as_str())));
    fields.end()?;
    let empty = Map::new();
    let mut pieces = Vec::new();
    for (part, value) in parts {
        let object = match value {
            None if part == Part::Settings => return Err(Wrong::new("settings", "an object")),
            None => &empty,
            Some(value) => value
                .as_object()
                .ok_or_else(|| Wrong::new(part.as_str(), "an object"))?,
        };
        let mut keys: Vec<&String> = object.keys().collect();
        keys.sort();
        pieces.extend(
            keys.into_iter()
                .map(|key| (part, key.clone(), object[key].to_string())),
        );
    }
    let restored = state.restore(pieces.into_iter());
    restored.map_err(|(part, key)| {
        Wrong::new(
            format!("{}.{key}", part.as_str()),
            "what an export has there",
        )
    })
}
