//! How the platform is reached: where, as whom, and with what patience.

/// A password or token. Printed, it shows as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// What is to be kept from sight.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// What it is, for the one place that sends it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// As whom the platform is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// HTTP Basic: a user of the organisation.
    Basic {
        /// The user's name.
        user: String,
        /// The user's password.
        password: Secret,
    },
    /// The token of a user, which the platform recommends.
    Bearer(Secret),
}

/// Which generation of the platform's catalogue services is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Api {
    /// `publications/full` and `publications/delta`, page by page.
    #[default]
    Feed,
    /// `publications/lists`: list files that are made for the asking, of which the addresses come first.
    Lists,
}

/// In which format the platform writes its catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CatalogueFormat {
    /// ONIX for Books.
    #[default]
    Onix,
    /// The platform's own.
    Xml,
}

/// How long an answer may take, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeOuts {
    /// Until there is a connection.
    pub connect_s: u64,
    /// From one piece of an answer to the next.
    pub read_s: u64,
    /// From the request to the end of the answer.
    pub total_s: u64,
}

impl Default for TimeOuts {
    fn default() -> Self {
        Self {
            connect_s: 10,
            read_s: 30,
            total_s: 600,
        }
    }
}

impl Api {
    /// `feed` or `lists`.
    pub fn as_str(self) -> &'static str {
        match self {
            Api::Feed => "feed",
            Api::Lists => "lists",
        }
    }

    /// The generation of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "feed" => Some(Api::Feed),
            "lists" => Some(Api::Lists),
            _ => None,
        }
    }
}

impl CatalogueFormat {
    /// `onix` or `xml`, as the platform spells them.
    pub fn as_str(self) -> &'static str {
        match self {
            CatalogueFormat::Onix => "onix",
            CatalogueFormat::Xml => "xml",
        }
    }

    /// The format of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "onix" => Some(CatalogueFormat::Onix),
            "xml" => Some(CatalogueFormat::Xml),
            _ => None,
        }
    }
}
