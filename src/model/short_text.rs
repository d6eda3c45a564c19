//! Texts that are nearly always short and plain: codes, words, amounts.

/// Text that takes no memory of its own up to 22 bytes, as codes and amounts do.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ShortText(Inner);

const INLINE: usize = 22;

#[derive(Clone, PartialEq, Eq)]
enum Inner {
    Short { length: u8, bytes: [u8; INLINE] },
    Long(Box<str>),
}

impl From<&str> for ShortText {
    #[inline]
    fn from(text: &str) -> Self {
        let mut bytes = [0; INLINE];
        match bytes.get_mut(..text.len()) {
            Some(start) => {
                start.copy_from_slice(text.as_bytes());
                let length = text.len() as u8;
                Self(Inner::Short { length, bytes })
            }
            None => Self(Inner::Long(text.into())),
        }
    }
}

impl std::ops::Deref for ShortText {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        match &self.0 {
            Inner::Short { length, bytes } => {
                std::str::from_utf8(&bytes[..usize::from(*length)]).expect("made from a text")
            }
            Inner::Long(text) => text,
        }
    }
}

impl std::fmt::Debug for ShortText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(&**self, f)
    }
}

/// The text without white space around it, of which there is nearly never any.
#[inline]
pub(crate) fn trimmed(text: &str) -> &str {
    let is_plain = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    let bytes = text.as_bytes();
    match is_plain(bytes.first()) && is_plain(bytes.last()) {
        true => text,
        false => text.trim(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_any_length_are_kept() {
        for length in [0, 1, 21, 22, 23, 100] {
            let text = "é1".repeat(length)[..]
                .chars()
                .take(length)
                .collect::<String>();
            assert_eq!(&*ShortText::from(text.as_str()), text);
        }
        assert_eq!(size_of::<Option<ShortText>>(), 24);
    }
}
