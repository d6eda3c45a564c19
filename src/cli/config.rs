//! `onix config`: what is in force, and where it comes from.

use clap::parser::ValueSource;
use clap::{Args, CommandFactory, Subcommand};
use serde::Serialize;

use super::index::counted;
use super::output::clean;
use super::secrets::SecretArgs;
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
  base_url = \"https://www.example.com\"
  organisation = \"ENQC7\"
  user = \"shop\"
  password_file = \"/etc/onix/password\"

What an account may say, for checks: dialect, strict, country, zone, cost_without_taxes, minor_units, outlets, \
xml_price_type, max_age, price_code. For the platform: base_url, organisation, user, password or password_file, token or \
token_file, keyring, api (feed, lists), format (onix, xml), allow_http (for a platform on this machine), connect_timeout, \
read_timeout, total_timeout. A password or token is looked for on standard input (--password-stdin), in ONIX_ACCOUNT_NAME_TOKEN, \
ONIX_ACCOUNT_TOKEN, ONIX_ACCOUNT_NAME_PASSWORD, ONIX_ACCOUNT_PASSWORD, in the file, in the keyring; it is never an argument.

Examples:
  onix config
  onix config check
  ONIX_SEARCH_LIMIT=5 onix config --json")]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Config {
    /// Print a JSON object a setting
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    Check(Check),
}

/// Try the account with one harmless call
///
/// Asks the platform for the publishers that the organisation has agreements with: that tells whether base_url, organisation,
/// and user or token are right.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  onix config check
  onix config check --account paris")]
struct Check {
    #[command(flatten)]
    secret: SecretArgs,
}

impl Check {
    fn run(self, context: &mut Context) -> Result {
        let (account, client) = self.secret.connect(context)?;
        let (base_url, organisation) = (account.base_url, account.organisation);
        let at = format!(
            "{} at {}",
            organisation.unwrap_or_default(),
            base_url.unwrap_or_default()
        );
        let publishers = client.publishers()?.value;
        let n = publishers.all().count();
        let text = format!(
            "{at} answers: agreements with {}",
            counted(n as u64, "publisher")
        );
        context.out.line(clean(&text))?;
        Ok(Exit::Done)
    }
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
        if let Some(What::Check(check)) = self.what {
            return check.run(context);
        }
        let mut rows = rows(context);
        rows.extend(variables());
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

/// Variables that say something of accounts.
fn variables() -> Vec<Row> {
    const PREFIX: &str = "ONIX_ACCOUNT_";
    let names = std::env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok()?;
        let key = name.strip_prefix(PREFIX)?.to_ascii_lowercase();
        let is_ours = ["user", "password", "token"]
            .iter()
            .any(|end| key.ends_with(end));
        (is_ours && !value.is_empty()).then(|| Row {
            value: shown(&key, value.to_string_lossy().into_owned()),
            key: format!("account.{key}"),
            from: "environment",
            name: Some(name),
        })
    });
    let mut rows: Vec<Row> = names.collect();
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    rows
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
    // Where a secret is, is none.
    match is_secret && !key.to_lowercase().ends_with("_file") {
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
        assert_eq!(shown("password_file", "/x".into()), "/x");
        assert_eq!(shown("country", "FR".into()), "FR");
    }
}
