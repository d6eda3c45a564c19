//! Values as bytes, as the catalogue keeps them. Numbers are varints, texts and lists have their length in
//! front.

use super::{
    Availability, Country, Currency, Date, Entry, EntryContributor, EntryIdentifier, EntryRelated,
    EntrySeries, EntrySubject, Format, Protections, ShortText, Territory,
};

/// A value that is written as bytes and read again.
pub(crate) trait Coded: Sized {
    fn write(&self, out: &mut Vec<u8>);
    /// Takes it from the front of the bytes; `None` where they are none of its.
    fn read(from: &mut &[u8]) -> Option<Self>;
}

pub(crate) fn byte(from: &mut &[u8]) -> Option<u8> {
    let (first, rest) = from.split_first()?;
    *from = rest;
    Some(*first)
}

pub(crate) fn take<'b>(from: &mut &'b [u8], n: usize) -> Option<&'b [u8]> {
    let (taken, rest) = from.split_at_checked(n)?;
    *from = rest;
    Some(taken)
}

impl Coded for u8 {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(*self);
    }
    fn read(from: &mut &[u8]) -> Option<Self> {
        byte(from)
    }
}

impl Coded for bool {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
    fn read(from: &mut &[u8]) -> Option<Self> {
        Some(byte(from)? != 0)
    }
}

impl Coded for u64 {
    fn write(&self, out: &mut Vec<u8>) {
        let mut rest = *self;
        while rest >= 0x80 {
            out.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        out.push(rest as u8);
    }
    fn read(from: &mut &[u8]) -> Option<Self> {
        let mut out = 0;
        for shift in (0..64).step_by(7) {
            let byte = byte(from)?;
            out |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(out);
            }
        }
        None
    }
}

impl Coded for u16 {
    fn write(&self, out: &mut Vec<u8>) {
        u64::from(*self).write(out);
    }
    fn read(from: &mut &[u8]) -> Option<Self> {
        u64::read(from)?.try_into().ok()
    }
}

impl Coded for usize {
    fn write(&self, out: &mut Vec<u8>) {
        (*self as u64).write(out);
    }
    fn read(from: &mut &[u8]) -> Option<Self> {
        u64::read(from)?.try_into().ok()
    }
}

impl Coded for i64 {
    fn write(&self, out: &mut Vec<u8>) {
        ((self << 1) ^ (self >> 63)).cast_unsigned().write(out);
    }
    fn read(from: &mut &[u8]) -> Option<Self> {
        let folded = u64::read(from)?;
        Some((folded >> 1).cast_signed() ^ -(folded & 1).cast_signed())
    }
}

pub(crate) fn write_text(text: &str, out: &mut Vec<u8>) {
    text.len().write(out);
    out.extend_from_slice(text.as_bytes());
}

pub(crate) fn read_text<'b>(from: &mut &'b [u8]) -> Option<&'b str> {
    let length = usize::read(from)?;
    std::str::from_utf8(take(from, length)?).ok()
}

impl Coded for String {
    fn write(&self, out: &mut Vec<u8>) {
        write_text(self, out);
    }
    fn read(from: &mut &[u8]) -> Option<Self> {
        read_text(from).map(str::to_owned)
    }
}

impl Coded for ShortText {
    fn write(&self, out: &mut Vec<u8>) {
        write_text(self, out);
    }
    fn read(from: &mut &[u8]) -> Option<Self> {
        read_text(from).map(ShortText::from)
    }
}

impl<T: Coded> Coded for Option<T> {
    fn write(&self, out: &mut Vec<u8>) {
        self.is_some().write(out);
        if let Some(value) = self {
            value.write(out);
        }
    }
    fn read(from: &mut &[u8]) -> Option<Self> {
        match bool::read(from)? {
            true => T::read(from).map(Some),
            false => Some(None),
        }
    }
}

impl<T: Coded> Coded for Vec<T> {
    fn write(&self, out: &mut Vec<u8>) {
        self.len().write(out);
        for value in self {
            value.write(out);
        }
    }
    fn read(from: &mut &[u8]) -> Option<Self> {
        let n = usize::read(from)?;
        // A damaged length asks for no memory before its values are there.
        (0..n).map(|_| T::read(from)).collect()
    }
}

impl<T: Coded> Coded for Box<T> {
    fn write(&self, out: &mut Vec<u8>) {
        (**self).write(out);
    }
    fn read(from: &mut &[u8]) -> Option<Self> {
        T::read(from).map(Box::new)
    }
}

impl<T: Coded> Coded for Result<T, ()> {
    fn write(&self, out: &mut Vec<u8>) {
        self.is_ok().write(out);
        if let Ok(value) = self {
            value.write(out);
        }
    }
    fn read(from: &mut &[u8]) -> Option<Self> {
        match bool::read(from)? {
            true => T::read(from).map(Ok),
            false => Some(Err(())),
        }
    }
}

impl Coded for Territory {
    fn write(&self, out: &mut Vec<u8>) {
        for word in self.words() {
            out.extend_from_slice(&word.to_le_bytes());
        }
    }
    fn read(from: &mut &[u8]) -> Option<Self> {
        let bytes = take(from, Territory::WORDS * 8)?;
        let mut words = bytes.chunks_exact(8).map(|word| {
            let word = word.try_into().unwrap_or_default();
            u64::from_le_bytes(word)
        });
        Some(Territory::of_words(|| words.next().unwrap_or_default()))
    }
}

impl Coded for Date {
    fn write(&self, out: &mut Vec<u8>) {
        let (start, end, floating) = self.parts();
        start.write(out);
        end.write(out);
        floating.write(out);
    }
    fn read(from: &mut &[u8]) -> Option<Self> {
        Some(Date::of_parts(
            i64::read(from)?,
            i64::read(from)?,
            bool::read(from)?,
        ))
    }
}

impl Coded for Country {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.alpha2().as_bytes());
    }
    fn read(from: &mut &[u8]) -> Option<Self> {
        Country::parse(std::str::from_utf8(take(from, 2)?).ok()?)
    }
}

impl Coded for Currency {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_str().as_bytes());
    }
    fn read(from: &mut &[u8]) -> Option<Self> {
        Currency::parse(std::str::from_utf8(take(from, 3)?).ok()?)
    }
}

impl Coded for Format {
    fn write(&self, out: &mut Vec<u8>) {
        write_text(self.as_str(), out);
    }
    fn read(from: &mut &[u8]) -> Option<Self> {
        Format::from_word(read_text(from)?)
    }
}

impl Coded for Protections {
    fn write(&self, out: &mut Vec<u8>) {
        self.bits().write(out);
    }
    fn read(from: &mut &[u8]) -> Option<Self> {
        u8::read(from).map(Protections::of_bits)
    }
}

/// A value from its bytes, all of them.
pub(crate) fn read_all<T: Coded>(bytes: &[u8]) -> Option<T> {
    let mut from = bytes;
    T::read(&mut from).filter(|_| from.is_empty())
}

/// A struct: its fields, one behind the other.
macro_rules! coded_struct {
    ($type:ident { $($field:ident),* $(,)? }) => {
        impl $crate::model::code::Coded for $type {
            fn write(&self, out: &mut Vec<u8>) {
                $($crate::model::code::Coded::write(&self.$field, out);)*
            }
            fn read(from: &mut &[u8]) -> Option<Self> {
                Some(Self { $($field: $crate::model::code::Coded::read(from)?,)* })
            }
        }
    };
}

coded_struct!(Entry {
    record_reference,
    notification_type,
    identifiers,
    isbn13,
    title,
    subtitle,
    other_titles,
    series,
    contributors,
    publisher,
    imprint,
    language,
    languages,
    subjects,
    product_form,
    product_form_details,
    format,
    protections,
    publishing_status,
    published,
    description,
    cover,
    audiences,
    accessibility,
    related,
    works,
    library,
    availability,
});
coded_struct!(EntryIdentifier {
    id_type,
    name,
    value
});
coded_struct!(EntrySeries { title, number });
coded_struct!(EntryContributor {
    roles,
    name,
    inverted
});
coded_struct!(EntrySubject {
    scheme,
    code,
    text,
    main
});
coded_struct!(EntryRelated {
    relations,
    identifiers
});
coded_struct!(Availability { supplier, code });

/// An enum: a byte for the variant, then what it holds.
macro_rules! coded_enum {
    ($type:ident { $($n:literal $variant:ident $(($inner:ty))?,)* }) => {
        impl $crate::model::code::Coded for $type {
            fn write(&self, out: &mut Vec<u8>) {
                match self {
                    $(coded_enum!(@pattern $type $variant value $($inner)?) => {
                        out.push($n);
                        coded_enum!(@write value out $($inner)?);
                    })*
                }
            }
            fn read(from: &mut &[u8]) -> Option<Self> {
                Some(match $crate::model::code::byte(from)? {
                    $($n => coded_enum!(@read $type $variant from $($inner)?),)*
                    _ => return None,
                })
            }
        }
    };
    (@pattern $type:ident $variant:ident $value:ident) => { $type::$variant };
    (@pattern $type:ident $variant:ident $value:ident $inner:ty) => { $type::$variant($value) };
    (@write $value:ident $out:ident) => {};
    (@write $value:ident $out:ident $inner:ty) => { $value.write($out) };
    (@read $type:ident $variant:ident $from:ident) => { $type::$variant };
    (@read $type:ident $variant:ident $from:ident $inner:ty) => {
        $type::$variant(<$inner>::read($from)?)
    };
}

pub(crate) use coded_enum;
#[cfg(feature = "index")]
pub(crate) use coded_struct;
