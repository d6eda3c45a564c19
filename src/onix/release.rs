//! Which release of ONIX for Books a message is.

/// The releases that are read, as far as they differ in shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Release {
    /// 2.0, 2.1 and earlier: one flat product.
    Onix2,
    /// 3.0 and 3.1: a product in blocks.
    #[default]
    Onix3,
}

impl Release {
    /// From the `release` attribute, a namespace or a DOCTYPE: the first `N.N` that stands alone.
    pub(crate) fn stated_in(text: &str) -> Option<(Release, String)> {
        let bytes = text.as_bytes();
        (0..bytes.len().saturating_sub(2)).find_map(|at| {
            let number = &bytes[at..at + 3];
            let alone = at == 0 || !bytes[at - 1].is_ascii_digit() && bytes[at - 1] != b'.';
            let is_number =
                matches!(number[0], b'1'..=b'3') && number[1] == b'.' && number[2].is_ascii_digit();
            (alone && is_number).then(|| {
                let release = match number[0] {
                    b'3' => Release::Onix3,
                    _ => Release::Onix2,
                };
                (release, text[at..at + 3].to_owned())
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_found() {
        let stated = |text| Release::stated_in(text).map(|(_, number)| number);
        assert_eq!(stated("3.0").as_deref(), Some("3.0"));
        assert_eq!(
            stated("http://ns.editeur.org/onix/3.1/short").as_deref(),
            Some("3.1")
        );
        assert_eq!(
            stated("http://www.editeur.org/onix/2.1/reference/onix-international.dtd").as_deref(),
            Some("2.1")
        );
        assert_eq!(stated("http://example.org/13.07"), None);
        assert_eq!(stated(""), None);
    }
}
