//! `onix codes`: EDItEUR's code lists.

use clap::Args;
use serde::Serialize;

use super::Context;
use super::trouble::{Exit, Result};
use crate::onix::codes::{self, List};

/// Look up EDItEUR's code lists
///
/// Without a list: the lists, or with --search the codes of all of them whose label has the word.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  onix codes 58
  onix codes 58 04
  onix codes 17 --search transl
  onix codes --search watermark")]
pub(crate) struct Codes {
    /// The number of a list
    #[arg(value_name = "LIST")]
    list: Option<u16>,
    /// A code of it
    #[arg(value_name = "VALUE")]
    value: Option<String>,
    /// Only codes whose label has this word
    #[arg(long, value_name = "WORD")]
    search: Option<String>,
    /// Print a JSON object a code
    #[arg(long, overrides_with = "csv")]
    json: bool,
    /// Print CSV
    #[arg(long, overrides_with = "json")]
    csv: bool,
}

#[derive(Serialize)]
struct Row {
    list: u16,
    name: &'static str,
    value: Option<&'static str>,
    label: Option<&'static str>,
    /// The issue of the code lists that deprecated it.
    deprecated: Option<u16>,
}

impl Codes {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let rows = match (self.list, &self.search) {
            (Some(number), _) => codes::list(number).map_or_else(Vec::new, |list| self.of(list)),
            (None, Some(_)) => codes::lists().flat_map(|list| self.of(list)).collect(),
            (None, None) => lists(),
        };
        if rows.is_empty() {
            context.messages.say("nothing found");
            return Ok(Exit::Nothing);
        }
        let text = |row: &Row| {
            let deprecated = row.deprecated.map(|issue| format!("since issue {issue}"));
            vec![
                row.list.to_string(),
                row.name.to_owned(),
                row.value.unwrap_or_default().to_owned(),
                row.label.unwrap_or_default().to_owned(),
                deprecated.unwrap_or_default(),
            ]
        };
        const HEADER: [&str; 5] = ["list", "name", "value", "label", "deprecated"];
        match context.form(&["json", "csv"]) {
            Some("json") => rows.iter().try_for_each(|row| context.out.json(row))?,
            Some(_) => context.out.csv(&HEADER, rows.iter().map(text).collect())?,
            None => {
                let shown = match self.list.is_some() || self.search.is_some() {
                    true => 0..5,
                    false => 0..2,
                };
                let rows = rows.iter().map(|row| text(row)[shown.clone()].to_vec());
                context.out.table(&HEADER[shown.clone()], rows.collect())?;
            }
        }
        Ok(Exit::Done)
    }

    /// The codes of a list that were asked for.
    fn of(&self, list: List) -> Vec<Row> {
        let word = self.search.as_ref().map(|word| word.to_lowercase());
        list.codes()
            .filter(|code| {
                let is_value = self
                    .value
                    .as_ref()
                    .is_none_or(|value| value.eq_ignore_ascii_case(code.value()));
                let has_word = word
                    .as_ref()
                    .is_none_or(|word| code.label().to_lowercase().contains(word));
                is_value && has_word
            })
            .map(|code| Row {
                list: list.number(),
                name: list.name(),
                value: Some(code.value()),
                label: Some(code.label()),
                deprecated: code.deprecated(),
            })
            .collect()
    }
}

fn lists() -> Vec<Row> {
    codes::lists()
        .map(|list| Row {
            list: list.number(),
            name: list.name(),
            value: None,
            label: None,
            deprecated: None,
        })
        .collect()
}
