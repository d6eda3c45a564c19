//! What is odd about a record, as notices that have no place yet.

use super::element::Element;
use super::entities::Reference;
use super::fault::shortened;
use super::message::Message;
use super::notice::NoticeCode;
use super::record::Record;
use super::tag::Tag;

/// What a tape's reader wants to be told of, beside the tokens.
pub(super) enum Oddity<'a> {
    BareAmpersand,
    Reference(&'a str),
    Attribute(String),
    OtherCase(&'a str, Tag),
    Unknown(&'a str),
    StrayText,
}

/// Something odd in a record, before it has a position.
#[derive(Debug, PartialEq)]
pub(super) struct Odd {
    pub(super) at: usize,
    pub(super) code: NoticeCode,
    pub(super) message: String,
}

/// Gathers what the tokenizer finds odd.
pub(super) struct Oddities<'a> {
    message: &'a Message,
    pub(super) found: Vec<Odd>,
}

/// How many notices one record may give rise to; a flood says no more than its beginning.
pub(super) const MAX_NOTICES: usize = 100;

impl<'a> Oddities<'a> {
    pub(super) fn new(message: &'a Message) -> Self {
        Self {
            message,
            found: Vec::new(),
        }
    }

    /// Forgets what was found, for reading the same again.
    pub(super) fn clear(&mut self) {
        self.found.clear();
    }

    pub(super) fn push(&mut self, at: usize, oddity: Oddity<'_>) {
        if self.found.len() >= MAX_NOTICES {
            return;
        }
        if let Some((code, message)) = self.judge(oddity) {
            self.found.push(Odd { at, code, message });
        }
    }

    fn judge(&self, oddity: Oddity<'_>) -> Option<(NoticeCode, String)> {
        Some(match oddity {
            Oddity::BareAmpersand => (
                NoticeCode::BareAmpersand,
                "a `&` that begins no reference".into(),
            ),
            Oddity::Reference(name) => {
                match self
                    .message
                    .entities()
                    .resolve(name, self.message.release())
                {
                    Reference::Text(_) => return None,
                    Reference::Forbidden => (
                        NoticeCode::ForbiddenCharacter,
                        format!("a reference to a forbidden character: &{name};"),
                    ),
                    Reference::Unknown => (
                        NoticeCode::UnknownEntity,
                        format!("unknown entity &{name};"),
                    ),
                    Reference::Bare => (
                        NoticeCode::BareAmpersand,
                        "a `&` that begins no reference".into(),
                    ),
                }
            }
            Oddity::Attribute(error) => (NoticeCode::Attribute, error),
            Oddity::OtherCase(name, tag) => (
                NoticeCode::OtherCase,
                format!("<{name}> read as {}", tag.name()),
            ),
            Oddity::Unknown(name) => (
                NoticeCode::UnknownElement,
                format!("<{name}> is no element of ONIX"),
            ),
            Oddity::StrayText => (NoticeCode::StrayText, "text directly in a composite".into()),
        })
    }
}

/// What is odd about the values of a product; each with the byte of its element in the record.
pub(super) fn values(record: &Record<'_>) -> impl Iterator<Item = Odd> {
    let tokens = record.tape.tokens.iter().enumerate();
    tokens.filter_map(|(n, token)| {
        let found = match token.tag {
            Tag::PriceAmount => is_unpriceable,
            Tag::NotificationType => is_test,
            _ => return None,
        };
        let (code, message) = found(&Element::new(record, n as u32).text())?;
        let at = token.start as usize;
        Some(Odd { at, code, message })
    })
}

fn is_unpriceable(amount: &str) -> Option<(NoticeCode, String)> {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (whole, part) = amount.split_once('.').unwrap_or((amount, "0"));
    let is_decimal = !(whole.is_empty() && part.is_empty()) && digits(whole) && digits(part);
    (!is_decimal && !amount.is_empty()).then(|| {
        let message = format!("PriceAmount `{}` can't be read", shortened(amount));
        (NoticeCode::Unpriceable, message)
    })
}

fn is_test(notification_type: &str) -> Option<(NoticeCode, String)> {
    matches!(notification_type, "88" | "89").then(|| {
        let message = format!("a test record (NotificationType {notification_type})");
        (NoticeCode::TestRecord, message)
    })
}

/// The first control character that XML forbids: dropped where text is read, told of here.
#[inline]
pub(super) fn forbidden_character(bytes: &[u8]) -> Option<(usize, String)> {
    let forbidden = |b: u8| (b < b' ') & (b != b'\t') & (b != b'\n') & (b != b'\r');
    // Without branches inside, so that the compiler makes vector code of it.
    if !bytes.iter().fold(false, |any, b| any | forbidden(*b)) {
        return None;
    }
    let at = bytes.iter().position(|b| forbidden(*b))?;
    Some((at, format!("control character U+{:04X}", bytes[at])))
}
