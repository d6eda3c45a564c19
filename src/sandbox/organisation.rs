//! A shop's organisation: who may speak for it, what it may see, and what it did last.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::clock::Millis;
use super::fields::{Fields, Read, Wrong};
use super::request::{Request, encoded};

/// An organisation with its one user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Organisation {
    pub(super) id: String,
    username: String,
    password: String,
    token: Option<String>,
    /// What a sale without a country means.
    pub(super) country: Option<String>,
    /// Whether its user may cancel sales.
    pub(super) refund: bool,
    /// Whether it sells with LCP.
    pub(super) lcp: bool,
    /// Whether it has to give the cost without taxes.
    pub(super) eden: bool,
    pub(super) publishers: Publishers,
    pub(super) synchronised: Synchronised,
}

/// Whose publications an organisation sees.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Publishers {
    #[default]
    All,
    /// Names of publishers or of imprints.
    These(Vec<String>),
}

/// When an organisation synchronised, which is the platform's own memory of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Synchronised {
    /// The last first page of a full or a differential synchronisation.
    pub(super) feed: Option<Millis>,
    /// The same, or lists.
    pub(super) last: Option<Millis>,
    /// The first that ever was, of lists or pages.
    pub(super) first: Option<Millis>,
}

impl Synchronised {
    pub(super) fn by_feed(&mut self, at: Millis) {
        self.feed = Some(at);
        self.by_lists(at);
    }

    pub(super) fn by_lists(&mut self, at: Millis) {
        self.last = Some(at);
        self.first.get_or_insert(at);
    }
}

impl Organisation {
    /// The organisation of a stand-in that nobody has seeded.
    pub(super) fn standard() -> Self {
        Self {
            id: STANDARD_ID.into(),
            username: STANDARD_USERNAME.into(),
            password: STANDARD_PASSWORD.into(),
            token: Some(STANDARD_TOKEN.into()),
            country: Some("FR".into()),
            refund: true,
            ..Self::default()
        }
    }

    /// From a seed; only `id` and `username` must be there.
    pub(super) fn read(value: &Value, path: &str) -> Read<Self> {
        let mut fields = Fields::of(value, path)?;
        let id = fields.text("id")?.filter(|id| !id.is_empty());
        let username = fields.text("username")?;
        let organisation = Self {
            id: id.ok_or_else(|| fields.wrong("id", "a text that is not empty"))?,
            username: username.ok_or_else(|| fields.wrong("username", "a text"))?,
            password: fields.text("password")?.unwrap_or_default(),
            token: fields.text("token")?,
            country: fields.text("country")?,
            publishers: Publishers::read(&mut fields)?,
            refund: fields.truth("refund")?.unwrap_or(false),
            lcp: fields.truth("lcp")?.unwrap_or(false),
            eden: fields.truth("eden")?.unwrap_or(false),
            synchronised: Synchronised::default(),
        };
        fields.end()?;
        Ok(organisation)
    }

    /// What it was read from.
    pub(super) fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "username": self.username,
            "password": self.password,
            "token": self.token,
            "country": self.country,
            "publishers": match &self.publishers {
                Publishers::All => json!("all"),
                Publishers::These(names) => json!(names),
            },
            "refund": self.refund,
            "lcp": self.lcp,
            "eden": self.eden,
        })
    }

    /// Where a secret is given as it is shown, the one stays that the organisation of this name has.
    ///
    /// Where there is none, the field is told.
    pub(super) fn keep_secrets(&mut self, known: &[Organisation]) -> Result<(), &'static str> {
        let known = known.iter().find(|known| known.id == self.id);
        if self.password == HIDDEN {
            let known = known.ok_or("password")?;
            self.password.clone_from(&known.password);
        }
        if self.token.as_deref() == Some(HIDDEN) {
            let known = known.ok_or("token")?;
            self.token.clone_from(&known.token);
        }
        Ok(())
    }

    /// What it was read from, with passwords and tokens only where they are nobody's secret.
    pub(super) fn shown(&self) -> Value {
        let mut out = self.to_json();
        for name in ["password", "token"] {
            if !out[name].is_null() && !self.is_standard() {
                out[name] = json!(HIDDEN);
            }
        }
        out
    }

    /// Whether it is that of a stand-in that nobody has seeded.
    fn is_standard(&self) -> bool {
        let standard = Self::standard();
        (&self.id, &self.username, &self.password, &self.token)
            == (
                &standard.id,
                &standard.username,
                &standard.password,
                &standard.token,
            )
    }

    /// What a shop has to write into its file of settings.
    pub(super) fn configuration(&self, base_url: &str) -> String {
        let password = match self.is_standard() {
            true => quoted(&self.password),
            false => "\"***\" # as it was seeded".to_owned(),
        };
        format!(
            "[account]\nbase_url = \"{base_url}\"\norganisation = {}\nuser = {}\npassword = {password}\nallow_http = true",
            quoted(&self.id),
            quoted(&self.username)
        )
    }

    /// A command that asks for the first page of publications.
    pub(super) fn first_request(&self, base_url: &str) -> String {
        let user = match self.is_standard() {
            true => format!("{}:{}", self.username, self.password),
            false => self.username.clone(),
        };
        let user = in_a_shell(&user);
        format!(
            "curl -u {user} {base_url}/api/organisations/{}/publications/full",
            encoded(&self.id)
        )
    }

    /// Its token, where that is nobody's secret.
    pub(super) fn known_token(&self) -> Option<&str> {
        self.token.as_deref().filter(|_| self.is_standard())
    }

    /// What an `Authorization` of its own looks like: Basic.
    pub(super) fn authorization(&self) -> String {
        let pair = format!("{}:{}", self.username, self.password);
        format!("Basic {}", STANDARD.encode(pair))
    }

    /// Whether a request speaks for it, by name and password or by token.
    pub(super) fn is_of(&self, request: &Request) -> bool {
        let Some(given) = request.header("authorization") else {
            return false;
        };
        let (scheme, rest) = given.trim().split_once(' ').unwrap_or((given, ""));
        let rest = rest.trim();
        match scheme.to_ascii_lowercase().as_str() {
            "basic" => self.is_pair(rest),
            "bearer" => self.token.as_deref().is_some_and(|token| token == rest),
            _ => false,
        }
    }

    fn is_pair(&self, encoded: &str) -> bool {
        let pair = STANDARD.decode(encoded).ok();
        let pair = pair.and_then(|pair| String::from_utf8(pair).ok());
        let pair = pair.as_deref().and_then(|pair| pair.split_once(':'));
        pair == Some((&self.username, &self.password))
    }
}

impl Publishers {
    fn read(fields: &mut Fields<'_>) -> Read<Self> {
        let expected = "\"all\" or a list of names";
        let wrong = |fields: &Fields<'_>| -> Wrong { fields.wrong("publishers", expected) };
        match fields.value("publishers") {
            None => Ok(Publishers::All),
            Some(Value::String(word)) if word == "all" => Ok(Publishers::All),
            Some(Value::Array(names)) => {
                let names = names.iter().map(|name| name.as_str().map(str::to_owned));
                let names: Option<Vec<String>> = names.collect();
                names.map(Publishers::These).ok_or_else(|| wrong(fields))
            }
            Some(_) => Err(wrong(fields)),
        }
    }

    /// Whether a product of this publisher and imprint is among what is seen.
    pub(super) fn has(&self, publisher: Option<&str>, imprint: Option<&str>) -> bool {
        match self {
            Publishers::All => true,
            Publishers::These(names) => {
                let is_named = |name: &String| {
                    publisher == Some(name.as_str()) || imprint == Some(name.as_str())
                };
                names.iter().any(is_named)
            }
        }
    }
}

/// A text as TOML has it, which takes all escapes of JSON.
fn quoted(text: &str) -> String {
    json!(text).to_string()
}

/// A text as a word of a shell.
fn in_a_shell(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:@".contains(&byte);
    match text.bytes().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// What is shown in the place of a secret.
const HIDDEN: &str = "***";

const STANDARD_ID: &str = "ONYX";
const STANDARD_USERNAME: &str = "shop";
const STANDARD_PASSWORD: &str = "secret";
const STANDARD_TOKEN: &str = "sandbox-token";

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(authorization: &str) -> Request {
        Request {
            headers: vec![("Authorization".into(), authorization.into())],
            ..Request::default()
        }
    }

    #[test]
    fn it_is_known_by_password_and_by_token() {
        let organisation = Organisation::standard();
        assert!(organisation.is_of(&asking(&organisation.authorization())));
        assert!(organisation.is_of(&asking("Bearer sandbox-token")));
        assert!(!organisation.is_of(&asking("Bearer other")));
        assert!(!organisation.is_of(&asking("Basic !!!")));
        assert!(!organisation.is_of(&Request::default()));
        let without_token = Organisation {
            token: None,
            ..organisation
        };
        assert!(!without_token.is_of(&asking("Bearer ")));
    }
}
