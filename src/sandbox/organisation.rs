//! A shop's organisation: who may speak for it, what it may see, and what it did last.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::clock::Millis;
use super::fields::{Fields, Read, Wrong};
use super::request::Request;

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

    /// The same as if it had never synchronised.
    pub(super) fn without_memory(&self) -> Self {
        Self {
            synchronised: Synchronised::default(),
            ..self.clone()
        }
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

pub(super) const STANDARD_ID: &str = "ONYX";
pub(super) const STANDARD_USERNAME: &str = "shop";
pub(super) const STANDARD_PASSWORD: &str = "secret";
pub(super) const STANDARD_TOKEN: &str = "sandbox-token";

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
