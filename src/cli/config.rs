//! `onix config`: what is in force, and where it comes from.

use clap::parser::ValueSource;
use clap::{Args, CommandFactory};
use serde::Serialize;

use super::settings::{self, Setting};
use super::trouble::{Exit, Result};
use super::{Cli, Context};

/// Show the settings in force and where each comes from
///
/// Values come from the command line, the environment, or a file: --config FILE, else ./onix.toml, else onix/onix.toml in your
/// configuration folder. What none of them sets is left out, unless it has a default.
#[derive(Debug, Args)]
#[command(after_long_help = "\
A file:
  index = \"/srv/catalogue\"

  [search]
  country = \"FR\"
  limit = 50

  [account.paris]
  country = \"FR\"
  zone = \"Europe/Paris\"

Examples:
  onix config
  ONIX_SEARCH_LIMIT=5 onix config --json")]
pub(crate) struct Config {
    /// Print a JSON object a setting
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Row {
    key: String,
    value: String,
    /// `command line`, `environment`, `file` or `default`.
    from: &'static str,
    /// Which variable or file.
    name: Option<String>,
}

impl Config {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let mut rows = rows(context);
        rows.extend(account(context));
        if self.json {
            rows.iter().try_for_each(|row| context.out.json(row))?;
            return Ok(Exit::Done);
        }
        let rows = rows.into_iter().map(|row| {
            let from = match row.name {
                Some(name) => format!("{}: {name}", row.from),
                None => row.from.to_owned(),
            };
            vec![row.key, row.value, from]
        });
        context
            .out
            .table(&["key", "value", "from"], rows.collect())?;
        Ok(Exit::Done)
    }
}

fn rows(context: &Context) -> Vec<Row> {
    settings::all(&Cli::command())
        .iter()
        .filter_map(|setting| row(context, setting))
        .collect()
}

fn row(context: &Context, setting: &Setting) -> Option<Row> {
    let row = |value: String, from, name| {
        Some(Row {
            value: shown(&setting.key, value),
            key: setting.path(),
            from,
            name,
        })
    };
    let is_ours = setting.command.is_none() || setting.command.as_deref() == Some("config");
    let matches = &context.matches;
    if is_ours && matches.value_source(setting.id()) == Some(ValueSource::CommandLine) {
        let given = matches.get_raw(setting.id()).into_iter().flatten();
        let given: Vec<_> = given.map(|value| value.to_string_lossy()).collect();
        let given = match setting.is_flag {
            true => "true".into(),
            false => given.join(", "),
        };
        return row(given, "command line", None);
    }
    let variable = setting.variable();
    if let Some(value) = std::env::var_os(&variable).filter(|value| !value.is_empty()) {
        let value = value.to_string_lossy().into_owned();
        return row(value, "environment", Some(variable));
    }
    if let Some(value) = context.settings.value(setting) {
        return row(plain(value), "file", file(context));
    }
    let default = setting.default.clone()?;
    row(default, "default", None)
}

/// The tables of accounts, as they stand in the file.
fn account(context: &Context) -> Vec<Row> {
    let mut out = Vec::new();
    let Some(table) = context.settings.account() else {
        return out;
    };
    let names = super::account::names(table);
    let mut push = |path: &str, key: &str, value: &toml::Value| {
        out.push(Row {
            key: format!("{path}.{key}"),
            value: shown(key, plain(value)),
            from: "file",
            name: file(context),
        });
    };
    for (key, value) in table {
        match value {
            toml::Value::Table(account) if names.contains(&key.as_str()) => {
                let path = format!("account.{key}");
                account
                    .iter()
                    .for_each(|(key, value)| push(&path, key, value));
            }
            value => push("account", key, value),
        }
    }
    out
}

fn file(context: &Context) -> Option<String> {
    context
        .settings
        .path()
        .map(|path| path.display().to_string())
}

fn plain(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// The value, unless nobody should read it over a shoulder or in a log.
fn shown(key: &str, value: String) -> String {
    let is_secret = ["password", "token", "secret"]
        .iter()
        .any(|word| key.to_lowercase().contains(word));
    match is_secret {
        true => "***".into(),
        false => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        assert_eq!(shown("password", "x".into()), "***");
        assert_eq!(shown("api_token", "x".into()), "***");
        assert_eq!(shown("country", "FR".into()), "FR");
    }
}
