//! A text that is nearly always short: a code, an amount.

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
