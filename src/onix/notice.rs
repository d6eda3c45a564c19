//! What was odd about an input, and what was done about it.

use crate::error::Position;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $title:literal, $explanation:literal;)*) => {
        /// The kind of a [`Notice`]: a stable code, explained by `onix parse --explain`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum NoticeCode {
            $(#[doc = $title] $name,)*
        }

        impl NoticeCode {
            /// All codes, in order.
            pub const ALL: &'static [NoticeCode] = &[$(NoticeCode::$name),*];

            /// The code, `OX…`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What it is about, in a few words.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// What it means, what was done, and what to do about it.
            pub fn explanation(self) -> &'static str {
                match self { $(Self::$name => $explanation,)* }
            }
        }
    };
}

codes! {
    BareAmpersand = "OX101", "a `&` that begins no reference",
        "In XML a `&` begins a reference such as `&amp;`. This one stands alone, as in `Fish & chips`. It was read as the character itself. Its sender should write `&amp;`.";
    UnknownEntity = "OX102", "an entity that nothing declares",
        "A named reference that is in neither the ONIX 2.1 DTD, nor HTML, nor the message's own DOCTYPE. It was kept as written, with its `&` and `;`.";
    ForbiddenCharacter = "OX103", "a character that XML doesn't allow",
        "XML allows no control characters but tab, line feed and carriage return, raw or as a reference. It was dropped.";
    NotUtf8 = "OX104", "bytes that aren't UTF-8",
        "The record calls itself UTF-8, or says nothing, and holds bytes that aren't. Those bytes were read as Windows-1252, the rest as UTF-8. Look at the accented letters near them.";
    DeclaredEncoding = "OX105", "another encoding than declared",
        "The XML declaration names an encoding in which these bytes make no sense, or one that isn't known. Valid UTF-8 was read as UTF-8; other bytes as Windows-1252.";
    Attribute = "OX106", "an attribute that can't be read",
        "An attribute without quotes, without a value, or given twice. It was passed over; no ONIX element's own text depends on one.";
    ReplacedCharacter = "OX107", "UTF-16 that makes no character",
        "The input is in UTF-16 and holds half of a surrogate pair, or ends inside a character. A replacement character, U+FFFD, was put there. The input was probably damaged on its way.";
    UndeclaredEncoding = "OX108", "records in another encoding than declared",
        "The XML declaration says one thing and some records are another: the notice says how many, and how they were read. Each record is judged by itself: valid UTF-8 is UTF-8, else the declared encoding counts, else Windows-1252. The sender should declare what it writes.";
    OtherCase = "OX201", "a tag in the wrong case",
        "The tag is an ONIX name but for upper and lower case. It was read as that name.";
    UnknownElement = "OX202", "an element that ONIX doesn't define",
        "No release of ONIX for Books has an element of this name. It was kept and can be reached by name; nothing here reads it.";
    StrayText = "OX203", "text where only elements belong",
        "Text stands directly inside a composite. It was kept, and nothing here reads it.";
    OutsideProduct = "OX204", "something between products",
        "Between products stands text or an element that is neither Header nor Product. It was passed over.";
    SecondMessage = "OX205", "a second message in one input",
        "The input holds more than one ONIXMessage. Each was read with its own Header.";
    NoRelease = "OX207", "no release stated",
        "Neither attribute, namespace nor DOCTYPE says which release of ONIX this is. Each product was read by what it contains.";
    OtherRoot = "OX208", "another root than ONIXMessage",
        "The products stand inside an element that isn't ONIXMessage. They were read all the same; the Header, if there is one before them, was not.";
    NoFormat = "OX209", "a publication without formats",
        "A publication of the platform's xml is sold as its formats, each a product of its own. This one has none, so that nothing of it is kept.";
    TestRecord = "OX301", "a test record",
        "NotificationType 88 or 89 marks a test. It is not taken into the catalogue.";
    Unpriceable = "OX302", "an amount that can't be read",
        "PriceAmount isn't a plain decimal number such as 12.99: a comma, a sign or a currency stands in it, say. It was kept as written; the price counts as unknown, not as another amount. The sender should write digits and a point.";
}

impl std::fmt::Display for NoticeCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something odd about an input that did not cost a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What kind of oddity.
    pub code: NoticeCode,
    /// What was found.
    pub message: String,
    /// Where.
    pub position: Position,
    /// The record it is about.
    pub record_reference: Option<String>,
}

impl std::fmt::Display for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: ", self.position)?;
        if let Some(reference) = &self.record_reference {
            write!(f, "RecordReference {reference}: ")?;
        }
        write!(f, "{} {}", self.code, self.message)
    }
}
