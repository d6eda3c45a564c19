//! Whose record it is, which one, and whether it is the same as another.

use crate::input::Received;
use crate::model::{Date, Zone};
use crate::onix::{Header, Product, Record, Tag};
use crate::xml::PublicationFormat;

/// The source of a record for which none was given: who sent its message.
pub(super) fn sender(received: Received<'_>) -> &str {
    match received {
        Received::Onix(record) => sender_of(record.message().header()),
        Received::Xml(..) => NOBODY,
    }
}

/// The source of what doesn't say where it is from.
const NOBODY: &str = "-";

fn sender_of(header: &Header) -> &str {
    header
        .sender_identifiers
        .iter()
        .map(|(_, value)| value.as_str())
        .chain(header.sender_name.as_deref())
        .map(str::trim)
        .find(|name| !name.is_empty())
        .unwrap_or(NOBODY)
}

/// The key of a record within the catalogue.
pub(super) fn key(source: &str, record_reference: &str) -> String {
    // Neither part can hold this character: XML doesn't allow it.
    format!("{source}\u{1f}{record_reference}")
}

/// The instant of a `SentDateTime`; without a zone of its own it is in UTC.
pub(super) fn sent_at(sent: Option<&str>) -> Option<i64> {
    let date = Date::parse(sent?, None)?;
    Some(date.start(&Zone::default()).as_unix())
}

/// Over the record's bytes and what of its message decides what they mean or how old they are.
pub(super) fn content_hash(received: Received<'_>) -> u64 {
    match received {
        Received::Onix(record) => hash_of_record(record),
        Received::Xml(_, format) => hash_of_format(format, |_| true),
    }
}

/// Over what of a publication a format is made of: not its other formats.
fn hash_of_format(format: PublicationFormat<'_>, is_meant: impl Fn(&str) -> bool) -> u64 {
    let mut fingerprint = Fingerprint::default();
    let publication = format.publication().element().children();
    let shared = publication.filter(|child| !child.name().eq_ignore_ascii_case("formats"));
    for child in shared.chain(format.element().children()) {
        if is_meant(child.name()) {
            fingerprint.write(child.name().as_bytes());
            fingerprint.write(child.markup().as_bytes());
        }
    }
    fingerprint.finish()
}

fn hash_of_record(record: &Record<'_>) -> u64 {
    let message = record.message();
    let header = message.header();
    let mut fingerprint = Fingerprint::default();
    fingerprint.write(record.xml().as_bytes());
    for part in [
        message.stated_release(),
        message.namespace(),
        header.sent.as_deref(),
        header.default_language.as_deref(),
        header.default_price_type.as_deref(),
        header.default_currency.as_deref(),
    ] {
        fingerprint.write(part.unwrap_or_default().as_bytes());
    }
    fingerprint.finish()
}

/// Over what of a record no sale depends on: titles, texts, subjects and all the rest.
pub(super) fn rest_hash(received: Received<'_>) -> u64 {
    match received {
        Received::Onix(record) => rest_of_product(&record.product()),
        Received::Xml(_, format) => hash_of_format(format, |name| {
            !FOR_SALE.iter().any(|one| name.eq_ignore_ascii_case(one))
        }),
    }
}

/// What the offers of a format are read from, and when it was touched.
const FOR_SALE: [&str; 8] = [
    "state",
    "last_state_change",
    "last_update",
    "nature",
    "publishing_status",
    "start_sale_at",
    "protection",
    "costs",
];

fn rest_of_product(product: &Product<'_>) -> u64 {
    let mut fingerprint = Fingerprint::default();
    for child in product.element().children() {
        match child.tag() {
            Tag::DescriptiveDetail | Tag::PublishingDetail => {
                for element in child.children().filter(|one| !is_for_sale(one.tag())) {
                    fingerprint.write(element.name().as_bytes());
                    fingerprint.write(element.markup().as_bytes());
                }
            }
            tag if is_for_sale(tag) => {}
            _ => {
                fingerprint.write(child.name().as_bytes());
                fingerprint.write(child.markup().as_bytes());
            }
        }
    }
    fingerprint.finish()
}

/// What offers are read from.
fn is_for_sale(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::NotificationType
            | Tag::ProductForm
            | Tag::ProductFormDetail
            | Tag::EpubType
            | Tag::EpubTechnicalProtection
            | Tag::EpubUsageConstraint
            | Tag::PublishingStatus
            | Tag::PublishingDate
            | Tag::PublicationDate
            | Tag::AnnouncementDate
            | Tag::SalesRights
            | Tag::NotForSale
            | Tag::ROWSalesRightsType
            | Tag::SalesRestriction
            | Tag::ProductSupply
            | Tag::MarketRepresentation
            | Tag::SupplyDetail
    )
}

/// A hash of a key, for an order that stays the same.
pub(super) fn key_hash(key: &str) -> u64 {
    let mut fingerprint = Fingerprint::default();
    fingerprint.write(key.as_bytes());
    fingerprint.finish()
}

/// A hash that is the same on every machine and in every version, since it is written to disk: the
/// standard library's makes no such promise. Sixteen bytes a step by a folded multiplication, as in
/// wyhash; it tells versions of a record apart and withstands no one.
#[derive(Debug, Clone, Copy)]
struct Fingerprint(u64);

const ODD: [u64; 3] = [
    0xa076_1d64_78bd_642f,
    0xe703_7ed1_a0b4_28db,
    0x8ebc_6af0_9c88_c6e3,
];

impl Default for Fingerprint {
    fn default() -> Self {
        Self(ODD[2])
    }
}

impl Fingerprint {
    fn write(&mut self, bytes: &[u8]) {
        let (chunks, rest) = bytes.as_chunks::<16>();
        for chunk in chunks {
            self.step(chunk);
        }
        let mut last = [0; 16];
        last[..rest.len()].copy_from_slice(rest);
        self.step(&last);
        self.0 = fold(self.0 ^ bytes.len() as u64, ODD[2]);
    }

    fn step(&mut self, chunk: &[u8; 16]) {
        let word = |half: &[u8]| {
            half.iter()
                .rev()
                .fold(0, |word, byte| word << 8 | u64::from(*byte))
        };
        let (low, high) = chunk.split_at(8);
        self.0 = fold(word(low) ^ ODD[0], word(high) ^ ODD[1] ^ self.0);
    }

    fn finish(self) -> u64 {
        fold(self.0 ^ ODD[0], ODD[1])
    }
}

fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product >> 64) as u64 ^ product as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_on_disk_stays_the_same() {
        assert_eq!(key_hash(""), key_hash(""));
        assert_ne!(key_hash(""), key_hash("\0"));
        assert_ne!(key_hash("0123456789abcdef"), key_hash("0123456789abcdeg"));
        assert_eq!(format!("{:016x}", key_hash("onix")), "a5fd6c72d90a48d1");
    }

    #[test]
    fn the_sender_is_the_first_name_given() {
        let mut header = Header::default();
        assert_eq!(sender_of(&header), "-");
        header.sender_name = Some("House".into());
        assert_eq!(sender_of(&header), "House");
        header.sender_identifiers = vec![("01".into(), " ".into()), ("06".into(), "123".into())];
        assert_eq!(sender_of(&header), "123");
    }
}
