//! A decision as it is read back, and what may happen to it.

use serde::Serialize;

use super::terms::Terms;
use crate::model::Moment;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[serde(rename_all = "lowercase")]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$each])* $variant,)*
        }

        impl $name {
            /// Its word, in the file and everywhere else.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }

            /// What a word says.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some($name::$variant),)* _ => None }
            }
        }
    };
}

words! {
    /// What was decided.
    Kind {
        /// A sale.
        Sale = "sale",
        /// A preorder: a sale at a later date, with the same customer.
        Preorder = "preorder",
    }
}

words! {
    /// What is known of a decision.
    State {
        /// It was written down, and nothing came of it yet: it may be on its way.
        Open = "open",
        /// The platform has it.
        Recorded = "recorded",
        /// The platform refused it, or it never got there.
        Refused = "refused",
        /// Nobody knows whether the platform has it.
        Unknown = "unknown",
        /// The platform had it, and took it back.
        Cancelled = "cancelled",
    }
}

words! {
    /// What happened to a decision.
    EventKind {
        /// It was written down, before the first byte left.
        Intent = "intent",
        /// The platform recorded it.
        Recorded = "recorded",
        /// The platform refused it.
        Refused = "refused",
        /// No answer, or one that says nothing.
        Unknown = "unknown",
        /// What wasn't known is known now.
        Resolved = "resolved",
        /// The customer was given a link.
        Downloaded = "downloaded",
        /// It was taken back.
        Cancelled = "cancelled",
        /// A preorder was recorded.
        Preordered = "preordered",
    }
}

/// What came of posting.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The platform has recorded it.
    Recorded,
    /// It has refused it, by these words.
    Refused(Vec<String>),
    /// Nobody knows; this is why.
    Unknown(String),
}

impl Outcome {
    pub(super) fn state(&self) -> State {
        match self {
            Outcome::Recorded => State::Recorded,
            Outcome::Refused(_) => State::Refused,
            Outcome::Unknown(_) => State::Unknown,
        }
    }

    pub(super) fn detail(&self) -> String {
        match self {
            Outcome::Recorded => String::new(),
            Outcome::Refused(codes) => codes.join(" "),
            Outcome::Unknown(why) => why.clone(),
        }
    }
}

/// A decision, as the ledger has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Its number.
    pub id: i64,
    /// What was decided.
    pub terms: Terms,
    /// What is known of it.
    pub state: State,
    /// When it was decided.
    pub decided: Moment,
    /// When something last happened to it.
    pub changed: Moment,
}

/// Something that happened to a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    /// When.
    pub at: Moment,
    /// What.
    pub kind: EventKind,
    /// The platform's words, or why nothing is known.
    pub detail: String,
}
