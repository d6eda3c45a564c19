//! Technical protections: what a file has (list 144), and what a sale asks for.

use super::short_text::trimmed;

/// The protections a product states, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Protections(u8);

/// The word a sale asks with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "server", schema(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Protection {
    /// `none`
    None,
    /// `watermark`
    Watermark,
    /// `acs4`
    Acs4,
    /// `acs4_timelimited`
    #[cfg_attr(feature = "server", schema(rename = "acs4_timelimited"))]
    Acs4TimeLimited,
    /// `drm`
    Drm,
    /// `drm_timelimited`
    #[cfg_attr(feature = "server", schema(rename = "drm_timelimited"))]
    DrmTimeLimited,
}

/// Whether a product can be had with a protection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Accepted {
    /// It can.
    Yes,
    /// It states other ones.
    No,
    /// It states none, one that has no word here, or no time limit where one is asked for.
    Unknown,
}

impl Protections {
    const NONE: u8 = 1;
    const WATERMARK: u8 = 1 << 1;
    const ADOBE: u8 = 1 << 2;
    const LCP: u8 = 1 << 3;
    const URMS: u8 = 1 << 4;
    /// A code without a word of the platform: 01, 04, 05, and any that isn't known.
    const OTHER: u8 = 1 << 5;
    /// A time limit is stated (`EpubUsageConstraint` type 07).
    const TIME_LIMIT: u8 = 1 << 6;
    /// One of Adobe's, LCP and URMS, without saying which.
    const DRM: u8 = 1 << 7;

    /// The set of these codes of list 144.
    pub fn of_codes<'a>(codes: impl IntoIterator<Item = &'a str>) -> Self {
        codes.into_iter().fold(Self::default(), |set, code| {
            Self(
                set.0
                    | match code {
                        "00" => Self::NONE,
                        "02" => Self::WATERMARK,
                        "03" => Self::ADOBE,
                        "06" => Self::LCP,
                        "07" => Self::URMS,
                        _ => Self::OTHER,
                    },
            )
        })
    }

    /// The set of these words of the platform's `xml` format. Which lock a `drm` is, it doesn't say.
    pub fn of_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        words.into_iter().fold(Self::default(), |set, word| {
            let bits = match word.trim().to_ascii_lowercase().as_str() {
                "none" => Self::NONE,
                "watermark" => Self::WATERMARK,
                "acs4" => Self::ADOBE,
                "acs4_timelimited" => Self::ADOBE | Self::TIME_LIMIT,
                "drm" => Self::DRM,
                "drm_timelimited" => Self::DRM | Self::TIME_LIMIT,
                "lcp" => Self::LCP,
                "urms" => Self::URMS,
                _ => Self::OTHER,
            };
            Self(set.0 | bits)
        })
    }

    /// The same, with a stated time limit.
    pub fn with_time_limit(self) -> Self {
        Self(self.0 | Self::TIME_LIMIT)
    }

    /// The same, with a time limit where the other has one.
    pub(crate) fn with_limit_of(self, other: Self) -> Self {
        Self(self.0 | other.0 & Self::TIME_LIMIT)
    }

    /// As a byte.
    pub(crate) fn bits(self) -> u8 {
        self.0
    }

    /// From a byte.
    pub(crate) fn of_bits(bits: u8) -> Self {
        Self(bits)
    }

    /// Those of both.
    pub(crate) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a time limit is stated.
    pub(crate) fn is_limited(self) -> bool {
        self.0 & Self::TIME_LIMIT != 0
    }

    /// Whether none is stated.
    pub fn is_empty(self) -> bool {
        self.0 & !Self::TIME_LIMIT == 0
    }

    /// The platform's words for them: those a sale may ask with, the plainest first.
    pub fn words(self) -> Vec<&'static str> {
        let mut out = Vec::new();
        for (bit, word) in [
            (Self::NONE, "none"),
            (Self::WATERMARK, "watermark"),
            (Self::ADOBE, "acs4"),
            (Self::LCP | Self::URMS | Self::DRM, "drm"),
        ] {
            if self.0 & bit != 0 {
                out.push(word);
            }
        }
        out
    }

    /// Whether a sale may ask for this protection; `drm_type` counts with `drm` only.
    pub fn accept(self, protection: Protection, drm_type: Option<&str>) -> Accepted {
        if self.contradicts_itself() {
            return Accepted::Unknown;
        }
        let (bits, limited) = match protection {
            Protection::None => (Self::NONE, false),
            Protection::Watermark => (Self::WATERMARK, false),
            Protection::Acs4 => (Self::ADOBE, false),
            Protection::Acs4TimeLimited => (Self::ADOBE, true),
            Protection::Drm => (Self::drm(drm_type), false),
            Protection::DrmTimeLimited => (Self::drm(drm_type), true),
        };
        if self.0 & bits != 0 {
            return match limited && self.0 & Self::TIME_LIMIT == 0 {
                true => Accepted::Unknown,
                false => Accepted::Yes,
            };
        }
        let open = match protection {
            Protection::None | Protection::Watermark => Self::OTHER,
            _ => Self::OTHER | Self::DRM,
        };
        match self.is_empty() || self.0 & open != 0 {
            true => Accepted::Unknown,
            false => Accepted::No,
        }
    }

    /// Both none and one.
    fn contradicts_itself(self) -> bool {
        self.0 & Self::NONE != 0 && self.0 & !(Self::NONE | Self::TIME_LIMIT) != 0
    }

    fn drm(drm_type: Option<&str>) -> u8 {
        let is = |word: &str| drm_type.is_some_and(|asked| asked.eq_ignore_ascii_case(word));
        match () {
            () if is("acs") => Self::ADOBE,
            () if is("lcp") => Self::LCP,
            () if is("urms") => Self::URMS,
            () => Self::ADOBE | Self::LCP | Self::URMS | Self::DRM,
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Protections {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.words())
    }
}

impl Protection {
    /// All of them.
    pub const ALL: [Protection; 6] = [
        Protection::None,
        Protection::Watermark,
        Protection::Acs4,
        Protection::Acs4TimeLimited,
        Protection::Drm,
        Protection::DrmTimeLimited,
    ];

    /// The platform's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Protection::None => "none",
            Protection::Watermark => "watermark",
            Protection::Acs4 => "acs4",
            Protection::Acs4TimeLimited => "acs4_timelimited",
            Protection::Drm => "drm",
            Protection::DrmTimeLimited => "drm_timelimited",
        }
    }

    /// Whether it is for a licence that ends.
    pub(crate) fn is_time_limited(self) -> bool {
        matches!(
            self,
            Protection::Acs4TimeLimited | Protection::DrmTimeLimited
        )
    }

    /// The protection of a word, in any case.
    pub fn from_word(word: &str) -> Option<Self> {
        if let Some(protection) = Self::ALL.into_iter().find(|one| one.as_str() == word) {
            return Some(protection);
        }
        let word = trimmed(word);
        Self::ALL
            .into_iter()
            .find(|protection| protection.as_str().eq_ignore_ascii_case(word))
    }
}
