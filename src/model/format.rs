//! The formats that the platform sells.

use super::short_text::trimmed;

/// A format, by the platform's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Format {
    /// EPUB, reflowable or fixed.
    Epub,
    /// PDF
    Pdf,
    /// Mobipocket
    Mobi,
    /// Digital audio
    Audio,
    /// A proof: the platform knows the word, no ONIX record says it.
    Proof,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 5] = [
        Format::Epub,
        Format::Pdf,
        Format::Mobi,
        Format::Audio,
        Format::Proof,
    ];

    /// The platform's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Epub => "epub",
            Format::Pdf => "pdf",
            Format::Mobi => "mobi",
            Format::Audio => "audio",
            Format::Proof => "proof",
        }
    }

    /// The format of a word, in any case.
    pub fn from_word(word: &str) -> Option<Self> {
        if let Some(format) = Self::ALL.into_iter().find(|format| format.as_str() == word) {
            return Some(format);
        }
        let word = trimmed(word);
        Self::ALL
            .into_iter()
            .find(|format| format.as_str().eq_ignore_ascii_case(word))
    }

    /// The format that ONIX codes come to: `ProductForm` (list 150), `ProductFormDetail`s
    /// (list 175), and 2.1's `EpubType` (list 10).
    pub fn of_codes<'a>(
        product_form: Option<&str>,
        details: impl IntoIterator<Item = &'a str>,
        epub_type: Option<&str>,
    ) -> Option<Self> {
        let mut audio_detail = false;
        for detail in details {
            match detail {
                "E101" => return Some(Format::Epub),
                "E107" => return Some(Format::Pdf),
                "E127" => return Some(Format::Mobi),
                "A103" | "A104" | "A105" | "A106" | "A107" | "A108" | "A109" | "A110" | "A111"
                | "A112" => audio_detail = true,
                _ => {}
            }
        }
        match epub_type {
            Some("029") => return Some(Format::Epub),
            Some("002") => return Some(Format::Pdf),
            Some("022") => return Some(Format::Mobi),
            _ => {}
        }
        match product_form {
            Some("AJ" | "AN") => Some(Format::Audio),
            // Details of digital audio count only where the form doesn't say a disc or a tape.
            None | Some("AA" | "00" | "EA" | "EB" | "EC" | "ED" | "AZ") if audio_detail => {
                Some(Format::Audio)
            }
            _ => None,
        }
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
