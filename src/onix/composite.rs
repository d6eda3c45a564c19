//! How composites are read from the tape: one pass over the children of an element.

use std::borrow::Cow;

use super::element::Element;

/// A value that one element holds.
pub(super) trait Read<'a>: Sized {
    fn read(element: Element<'a>) -> Self;

    /// Whether an element of this value counts as absent.
    fn is_absent(&self) -> bool {
        false
    }
}

/// A field of a composite, filled from its elements in document order.
pub(super) trait Field<'a> {
    fn receive(&mut self, element: Element<'a>);
}

/// A field that may stand once: the first one that isn't empty counts.
impl<'a, T: Read<'a>> Field<'a> for Option<T> {
    #[inline]
    fn receive(&mut self, element: Element<'a>) {
        if self.is_none() {
            *self = Some(T::read(element)).filter(|value| !value.is_absent());
        }
    }
}

/// A field that may be repeated.
impl<'a, T: Read<'a>> Field<'a> for Vec<T> {
    #[inline]
    fn receive(&mut self, element: Element<'a>) {
        self.push(T::read(element));
    }
}

/// An empty element: its presence says it all.
impl<'a> Field<'a> for bool {
    fn receive(&mut self, _: Element<'a>) {
        *self = true;
    }
}

impl<'a> Read<'a> for Cow<'a, str> {
    #[inline]
    fn read(element: Element<'a>) -> Self {
        element.text()
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl<'a> Read<'a> for Element<'a> {
    fn read(element: Element<'a>) -> Self {
        element
    }
}

/// A struct for a composite: each field names the elements that fill it, by EDItEUR's names (and
/// those of 2.1 that mean the same).
macro_rules! composite {
    ($(
        $(#[$doc:meta])*
        $name:ident {
            $($field:ident: $type:ty = $($tag:ident)|+;)*
        }
    )*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Default)]
        #[non_exhaustive]
        pub struct $name<'a> {
            pub(super) element: Option<$crate::onix::Element<'a>>,
            $(
                #[doc = concat!("", $("`", stringify!($tag), "` ",)+)]
                pub $field: $type,
            )*
        }

        impl<'a> $name<'a> {
            /// The element it was read from; `None` where 2.1 has no such composite.
            pub fn element(&self) -> Option<$crate::onix::Element<'a>> {
                self.element
            }

            #[inline]
            pub(super) fn take_child(&mut self, child: $crate::onix::Element<'a>) {
                use $crate::onix::composite::Field;
                match child.tag() {
                    $($($crate::onix::Tag::$tag)|+ => self.$field.receive(child),)*
                    _ => {}
                }
            }
        }

        impl<'a> $crate::onix::composite::Read<'a> for $name<'a> {
            fn read(element: $crate::onix::Element<'a>) -> Self {
                let mut out = Self { element: Some(element), ..Self::default() };
                for child in element.children() {
                    out.take_child(child);
                }
                out
            }
        }
    )*};
}
pub(super) use composite;

/// Codes in one element, separated by white space, or in several elements.
#[derive(Debug, Clone, Default)]
pub struct Codes<'a> {
    first: Option<Cow<'a, str>>,
    more: Vec<Cow<'a, str>>,
}

impl Codes<'_> {
    /// The codes, as written.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.first
            .iter()
            .chain(&self.more)
            .flat_map(|list| list.split_ascii_whitespace())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

impl<'a> Field<'a> for Codes<'a> {
    #[inline]
    fn receive(&mut self, element: Element<'a>) {
        match self.first {
            None => self.first = Some(element.text()),
            Some(_) => self.more.push(element.text()),
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Codes<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}
