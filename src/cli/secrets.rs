//! As whom the platform is asked: a password or token from standard input, the environment, a file or the system's
//! keyring, and never from an argument, which every user of the machine can read.

use std::io::BufRead as _;
use std::path::Path;

use clap::Args;
use toml::Value;

use super::account::{self, Chosen};
use super::trouble::{Result, Trouble};
use super::{Context, output};
use crate::model::{Account, Credentials, Secret};
use crate::platform::Client;

/// The flag of commands that ask the platform.
#[derive(Debug, Clone, Args)]
pub(crate) struct SecretArgs {
    /// Read the password, or of an account without a user the token, from standard input
    #[arg(long, help_heading = "Platform")]
    password_stdin: bool,
}

impl SecretArgs {
    /// The account that counts, and a client for it.
    pub(crate) fn connect(&self, context: &Context) -> Result<(Account, Client)> {
        let settings = &context.settings;
        let name = context.global.account.as_deref();
        let Some(chosen) = account::choose(settings, name)? else {
            return Err(Trouble::usage(
                "there is no account to ask the platform with",
                "write [account] into onix.toml, with base_url, organisation, and user or token: see onix config --help",
            ));
        };
        let mut account = context.account()?;
        keep_off_the_disk();
        account.credentials = self.credentials(context, &chosen)?;
        if account.credentials.is_none() {
            return Err(Trouble::usage(
                format!("[{}] has neither a password nor a token", chosen.path),
                "give it password_file or token_file, set ONIX_ACCOUNT_PASSWORD or ONIX_ACCOUNT_TOKEN, or pipe it in with --password-stdin",
            ));
        }
        let client = Client::new(&account)?;
        Ok((account, client))
    }

    fn credentials(&self, context: &Context, chosen: &Chosen<'_>) -> Result<Option<Credentials>> {
        let user = variable(chosen, "USER").or_else(|| text(chosen, "user"));
        let basic = |user: &Option<String>, password: Secret| match user {
            Some(user) => Ok(Some(Credentials::Basic {
                user: user.clone(),
                password,
            })),
            None => Err(Trouble::usage(
                format!("[{}] has a password and no user", chosen.path),
                "write user = \"…\" beside it",
            )),
        };
        if self.password_stdin {
            let secret = from_standard_input()?;
            return match user {
                Some(_) => basic(&user, secret),
                None => Ok(Some(Credentials::Bearer(secret))),
            };
        }
        if let Some(token) = variable(chosen, "TOKEN") {
            return Ok(Some(Credentials::Bearer(Secret::new(token))));
        }
        if let Some(password) = variable(chosen, "PASSWORD") {
            return basic(&user, Secret::new(password));
        }
        let of_file = |key: &str| -> Result<Option<Secret>> {
            if let Some(secret) = text(chosen, key) {
                warn_if_open(context, context.settings.path());
                return Ok(Some(Secret::new(secret)));
            }
            let Some(path) = text(chosen, &format!("{key}_file")) else {
                return Ok(None);
            };
            let path = Path::new(&path);
            let secret = std::fs::read_to_string(path).map_err(|cause| {
                Trouble::file(format!("{} could not be read", path.display()), cause)
            })?;
            warn_if_open(context, Some(path));
            Ok(Some(Secret::new(secret.trim_end_matches(['\r', '\n']))))
        };
        if let Some(token) = of_file("token")? {
            return Ok(Some(Credentials::Bearer(token)));
        }
        if let Some(password) = of_file("password")? {
            return basic(&user, password);
        }
        match chosen.table.get("keyring").and_then(Value::as_bool) {
            Some(true) => from_keyring(chosen, user).map(Some),
            _ => Ok(None),
        }
    }
}

fn text(chosen: &Chosen<'_>, key: &str) -> Option<String> {
    let mut table = chosen.table.iter();
    let (_, value) = table.find(|(name, _)| name.replace('-', "_") == key)?;
    value.as_str().map(str::to_owned)
}

/// `ONIX_ACCOUNT_NAME_TOKEN`, then `ONIX_ACCOUNT_TOKEN`.
fn variable(chosen: &Chosen<'_>, what: &str) -> Option<String> {
    let name = chosen.name.map(|name| {
        let name = name.to_ascii_uppercase();
        let name = name.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        format!("ONIX_ACCOUNT_{name}_{what}")
    });
    let names = name.into_iter().chain([format!("ONIX_ACCOUNT_{what}")]);
    names
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty())
}

fn from_standard_input() -> Result<Secret> {
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    read.map_err(|cause| Trouble::file("standard input could not be read", cause))?;
    let line = line.trim_end_matches(['\r', '\n']);
    match line.is_empty() {
        true => Err(Trouble::usage(
            "standard input holds no password",
            "pipe it in: pass show platform | onix sync --password-stdin",
        )),
        false => Ok(Secret::new(line)),
    }
}

#[cfg(feature = "keyring")]
fn from_keyring(chosen: &Chosen<'_>, user: Option<String>) -> Result<Credentials> {
    let organisation = text(chosen, "organisation").unwrap_or_default();
    let who = user.clone().unwrap_or_else(|| "token".to_owned());
    let name = format!("{organisation}/{who}");
    let entry = keyring::Entry::new("onix", &name).and_then(|entry| entry.get_password());
    let secret = entry.map_err(|error| {
        Trouble::usage(
            format!("the keyring has nothing for `onix` and `{name}`: {error}"),
            "put it there, or give the account password_file or token_file",
        )
    })?;
    let secret = Secret::new(secret);
    Ok(match user {
        Some(user) => Credentials::Basic {
            user,
            password: secret,
        },
        None => Credentials::Bearer(secret),
    })
}

#[cfg(not(feature = "keyring"))]
fn from_keyring(chosen: &Chosen<'_>, _: Option<String>) -> Result<Credentials> {
    Err(Trouble::usage(
        format!(
            "[{}] wants the keyring, and this program was built without it",
            chosen.path
        ),
        "build it with --features keyring, or give the account password_file or token_file",
    ))
}

/// Tells that a file with a secret can be read by others.
#[cfg(unix)]
fn warn_if_open(context: &Context, path: Option<&Path>) {
    use std::os::unix::fs::PermissionsExt as _;
    let Some(path) = path else { return };
    let mode = std::fs::metadata(path).map_or(0, |metadata| metadata.permissions().mode());
    if mode & 0o077 != 0 {
        let path = output::clean(&path.to_string_lossy()).into_owned();
        context.messages.say(format!(
            "onix: warning: {path} holds a secret, and others can read it\n  hint: chmod 600 {path}"
        ));
    }
}

#[cfg(not(unix))]
fn warn_if_open(_: &Context, _: Option<&Path>) {}

/// A crash must not write a password to the disk.
#[cfg(unix)]
fn keep_off_the_disk() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    // Where it isn't allowed, nothing else is lost.
    let _ = setrlimit(Resource::Core, none);
}

#[cfg(not(unix))]
fn keep_off_the_disk() {}
