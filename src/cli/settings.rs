//! Settings from the environment and from `onix.toml`, laid under the flags.
//!
//! Nothing here knows a flag by name: whatever clap's [`Command`] has can be set, but for what is
//! meant for one sale only.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::builder::BoolishValueParser;
use clap::error::ContextKind;
use clap::{Arg, ArgAction, Command};
use etcetera::BaseStrategy;
use toml::{Table, Value};

use super::trouble::{Result, Trouble};
use super::{account, check, index};
use crate::catalogue::Policy;

/// What the file of settings says.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    path: Option<PathBuf>,
    table: Table,
}

impl Settings {
    /// Finds and reads the file: `--config`, `ONIX_CONFIG`, `./onix.toml`, the user's.
    pub(crate) fn load(args: &[OsString]) -> Result<Self> {
        let Some(path) = path(args) else {
            return Ok(Self::default());
        };
        let text = std::fs::read_to_string(&path).map_err(|cause| {
            Trouble::file(format!("{} could not be read", path.display()), cause)
        })?;
        let table = text.parse::<Table>().map_err(|error| {
            let line = error
                .span()
                .and_then(|span| text.get(..span.start))
                .map_or(1, |before| before.matches('\n').count() + 1);
            Trouble::usage(
                format!("{}:{line}: {}", path.display(), error.message()),
                "a line of it reads `key = value`, a text stands in double quotes",
            )
        })?;
        let path = Some(path);
        Ok(Self { path, table })
    }

    /// The file, if there is one.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The table `[account]`.
    pub(crate) fn account(&self) -> Option<&Table> {
        self.table.get("account").and_then(Value::as_table)
    }

    /// What `[source.NAME]` says of a source: `on_update` and `on_stale`.
    pub(crate) fn policies(&self) -> Result<BTreeMap<String, Policy>> {
        let mut out = BTreeMap::new();
        let sources = self.table.get("source").and_then(Value::as_table);
        for (name, value) in sources.into_iter().flatten() {
            let path = format!("source.{name}");
            let Some(table) = value.as_table() else {
                let what = "not a table";
                return Err(self.wrong(&format!("`{path}`"), what, format!("write [{path}]")));
            };
            let known = ["on_update", "on_stale"].map(str::to_owned);
            let mut policy = Policy::default();
            for (key, value) in table {
                self.refuse_unless(&known, key, &format!("{path}.{key}"))?;
                let words = match snake(key).as_str() {
                    "on_update" => ["replace", "merge"],
                    _ => ["refuse", "accept"],
                };
                let word = value.as_str().filter(|word| words.contains(word));
                let Some(word) = word else {
                    let what = format!("{value} is not known");
                    let hint = format!("expected {}", words.join(" or "));
                    return Err(self.wrong(&format!("`{path}.{key}`"), &what, hint));
                };
                match snake(key).as_str() {
                    "on_update" => policy.on_update = index::on_update(word),
                    _ => policy.on_stale = index::on_stale(word),
                }
            }
            out.insert(name.clone(), policy);
        }
        Ok(out)
    }

    /// Lays the environment and the file under the flags of a command that nobody has built yet.
    pub(crate) fn apply(&self, mut root: Command) -> Result<Command> {
        self.refuse_unknown(&root)?;
        for setting in all(&root) {
            let file = self.value(&setting);
            if let Some(value) = file {
                self.refuse_wrong(&root, &setting, value)?;
            }
            let variable = setting.variable();
            let lay = |arg: Arg| lay(arg, variable, file);
            root = match setting.command.clone() {
                None => root.mut_arg(setting.id.clone(), lay),
                Some(name) => root.mut_subcommand(name, |sub| sub.mut_arg(&setting.id, lay)),
            };
        }
        account::refuse_unknown(self)?;
        self.policies()?;
        Ok(root)
    }

    /// What the file says of a setting.
    pub(crate) fn value(&self, setting: &Setting) -> Option<&Value> {
        let Some(command) = &setting.command else {
            let value = self.table.get(&setting.key)?;
            // `[index]` is the command's table: inside it, `index` names the catalogue.
            return match value {
                Value::Table(table) => table.get(&setting.key),
                value => Some(value),
            };
        };
        let table = self.table.get(command)?.as_table()?;
        table
            .iter()
            .find(|(key, _)| snake(key) == setting.key)
            .map(|(_, value)| value)
    }

    /// An error about a key of the file.
    pub(crate) fn wrong(&self, key: &str, what: &str, hint: impl Into<String>) -> Trouble {
        let path = self.path.as_deref().unwrap_or(Path::new("onix.toml"));
        Trouble::usage(format!("{}: {key}: {what}", path.display()), hint)
    }

    fn refuse_unknown(&self, root: &Command) -> Result<()> {
        let settings = all(root);
        let keys_of = |command: Option<&str>| -> Vec<String> {
            settings
                .iter()
                .filter(|setting| setting.command.as_deref() == command)
                .map(|setting| setting.key.clone())
                .collect()
        };
        let commands: Vec<&str> = root.get_subcommands().map(Command::get_name).collect();
        for (key, value) in &self.table {
            match value {
                _ if matches!(key.as_str(), "account" | "source") => {}
                Value::Table(table) if commands.contains(&key.as_str()) => {
                    let mut known = keys_of(Some(key));
                    if matches!(key.as_str(), "index" | "ledger") {
                        known.push(key.clone());
                    }
                    for inner in table.keys() {
                        self.refuse_unless(&known, inner, &format!("{key}.{inner}"))?;
                    }
                }
                _ => {
                    let mut known = keys_of(None);
                    if value.is_table() {
                        known = commands.iter().map(|name| (*name).to_owned()).collect();
                        known.extend(["account".into(), "source".into()]);
                    }
                    self.refuse_unless(&known, key, key)?;
                }
            }
        }
        Ok(())
    }

    pub(crate) fn refuse_unless(&self, known: &[String], key: &str, path: &str) -> Result<()> {
        if known.contains(&snake(key)) {
            return Ok(());
        }
        let hint = match nearest(&snake(key), known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known here: {}", known.join(", ")),
        };
        Err(self.wrong(&format!("`{path}`"), "there is no such key", hint))
    }

    /// Has clap read the value as it would read it from the command line.
    fn refuse_wrong(&self, root: &Command, setting: &Setting, value: &Value) -> Result<()> {
        let key = format!("`{}`", setting.path());
        let Some(values) = texts(value) else {
            return Err(self.wrong(&key, "neither a text, a number, nor a list of them", ""));
        };
        let command = match &setting.command {
            None => Some(root),
            Some(name) => root.find_subcommand(name),
        };
        let command = command
            .expect("the setting comes from this command")
            .clone();
        let mut arg = None;
        let command = command
            .arg_required_else_help(false)
            .subcommand_required(false)
            .mut_args(|mut each| {
                each = each.required(false);
                if *each.get_id() == *setting.id {
                    arg = Some(each.clone());
                }
                each
            });
        let arg = arg.expect("the setting comes from this command");
        if is_flag(&arg) {
            return match value {
                Value::Boolean(_) => Ok(()),
                _ => Err(self.wrong(&key, &format!("{value} is neither true nor false"), "")),
            };
        }
        let is_list = matches!(arg.get_action(), ArgAction::Append);
        if values.len() != 1 && !is_list {
            return Err(self.wrong(&key, "one value, not a list of them, is expected", ""));
        }
        let flag = arg.get_long().expect("settings are long flags");
        let args = values.iter().map(|value| format!("--{flag}={value}"));
        let args = std::iter::once("onix".to_owned()).chain(args);
        match command.try_get_matches_from(args) {
            Ok(_) => Ok(()),
            Err(error) => {
                let text = error.to_string();
                let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
                let what = lines.next().unwrap_or("can't be read").to_owned();
                let what = what.trim_start_matches("error: ");
                let hint = lines
                    .next()
                    .filter(|line| !line.starts_with("For more"))
                    .unwrap_or_default()
                    .trim_matches(['[', ']']);
                Err(self.wrong(&key, what, hint))
            }
        }
    }
}

/// A flag that may be set.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    /// Whose; `None` for flags of every command.
    pub(crate) command: Option<String>,
    id: String,
    /// Its key in the file.
    pub(crate) key: String,
    pub(crate) default: Option<String>,
    pub(crate) is_flag: bool,
}

impl Setting {
    /// Its environment variable.
    pub(crate) fn variable(&self) -> String {
        let name = match &self.command {
            Some(command) => format!("ONIX_{command}_{}", self.key),
            None => format!("ONIX_{}", self.key),
        };
        name.to_ascii_uppercase().replace('-', "_")
    }

    /// Its key with its table's.
    pub(crate) fn path(&self) -> String {
        match &self.command {
            Some(command) => format!("{command}.{}", self.key),
            None => self.key.clone(),
        }
    }

    /// What clap calls it.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }
}

/// All settings of a command that nobody has built yet.
pub(crate) fn all(root: &Command) -> Vec<Setting> {
    let of = |command: &Command, name: Option<&str>| -> Vec<Setting> {
        command
            .get_arguments()
            .filter(|arg| is_setting(arg))
            .map(|arg| Setting {
                command: name.map(str::to_owned),
                id: arg.get_id().to_string(),
                key: snake(arg.get_long().unwrap_or_default()),
                default: arg
                    .get_default_values()
                    .first()
                    .and_then(|value| value.to_str())
                    .map(str::to_owned),
                is_flag: is_flag(arg),
            })
            .collect()
    };
    let mut out = of(root, None);
    for sub in root.get_subcommands() {
        out.extend(of(sub, Some(sub.get_name())));
    }
    out
}

/// What a single sale is made of comes from the command line alone, and the file doesn't name
/// itself.
fn is_setting(arg: &Arg) -> bool {
    let is_parameter = arg.get_help_heading() == Some(check::PARAMETERS);
    let name = arg.get_long().unwrap_or_default();
    !is_parameter && !matches!(name, "" | "config" | "live" | "force" | "help" | "version")
}

fn is_flag(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::SetTrue)
}

fn lay(mut arg: Arg, variable: String, file: Option<&Value>) -> Arg {
    if is_flag(&arg) {
        arg = arg.value_parser(BoolishValueParser::new());
    }
    // An empty variable counts as none, as it does for `NO_COLOR`.
    if std::env::var_os(&variable).is_some_and(|value| !value.is_empty()) {
        arg = arg.env(variable).hide_env(true);
    }
    match file.and_then(texts) {
        Some(values) => arg.default_values(values),
        None => arg,
    }
}

/// A value of the file as it would stand on the command line.
fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Integer(number) => Some(vec![number.to_string()]),
        Value::Boolean(truth) => Some(vec![truth.to_string()]),
        Value::Datetime(moment) => Some(vec![moment.to_string()]),
        Value::Array(values) => {
            let texts: Option<Vec<Vec<String>>> = values
                .iter()
                .filter(|value| !value.is_array())
                .map(texts)
                .collect();
            texts.map(|texts| texts.concat())
        }
        Value::Float(_) | Value::Table(_) => None,
    }
}

/// `--config` has to be known before there is a file to lay under the flags.
fn path(args: &[OsString]) -> Option<PathBuf> {
    let mut args = args.iter().skip(1);
    while let Some(arg) = args.next() {
        match arg.to_str() {
            Some("--") => break,
            Some("--config") => return args.next().map(PathBuf::from),
            Some(text) => {
                if let Some(path) = text.strip_prefix("--config=") {
                    return Some(path.into());
                }
            }
            None => {}
        }
    }
    if let Some(path) = std::env::var_os("ONIX_CONFIG").filter(|path| !path.is_empty()) {
        return Some(path.into());
    }
    let here = PathBuf::from("onix.toml");
    if here.exists() {
        return Some(here);
    }
    let user = etcetera::choose_base_strategy().ok()?;
    let user = user.config_dir().join("onix").join("onix.toml");
    user.exists().then_some(user)
}

/// The environment variable from which a value came that clap has refused.
pub(crate) fn to_blame(error: &clap::Error, args: &[OsString]) -> Option<String> {
    let flag = error.get(ContextKind::InvalidArg)?.to_string();
    let flag = flag
        .split([' ', '='])
        .next()?
        .strip_prefix("--")?
        .to_owned();
    let is_given = |arg: &OsString| {
        let arg = arg.to_string_lossy();
        arg.strip_prefix("--")
            .is_some_and(|arg| arg.split('=').next() == Some(&flag))
    };
    if args.iter().any(is_given) {
        return None;
    }
    let root = <super::Cli as clap::CommandFactory>::command();
    all(&root)
        .into_iter()
        .filter(|setting| setting.key == snake(&flag))
        .map(|setting| setting.variable())
        .find(|variable| std::env::var_os(variable).is_some_and(|value| !value.is_empty()))
}

fn snake(key: &str) -> String {
    key.replace('-', "_")
}

/// The known word that is nearest to one, where one is near.
pub(crate) fn nearest<'a>(word: &str, known: &'a [String]) -> Option<&'a str> {
    known
        .iter()
        .map(|each| (distance(word, each), each.as_str()))
        .filter(|(distance, each)| *distance <= each.len().div_ceil(3))
        .min()
        .map(|(_, each)| each)
}

/// How many letters have to be changed, added or dropped.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found() {
        let known = ["limit".to_owned(), "country".to_owned()];
        assert_eq!(nearest("limt", &known), Some("limit"));
        assert_eq!(nearest("contry", &known), Some("country"));
        assert_eq!(nearest("zebra", &known), None);
    }
}
