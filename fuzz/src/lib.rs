//! What the targets share: bytes that spell messages, and a record as JSON and back.

use std::ops::Range;

use onix_catalogue::onix::{Lossless, Record};
use serde_json::Value;

/// Pieces of messages. A start tag stays open until [`CLOSE`], or the end.
const FRAGMENTS: &[&str] = &[
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
    "<!DOCTYPE ONIXMessage [<!ENTITY own \"its &amp; own\">]>",
    "<ONIXMessage release=\"3.0\">",
    "<ONIXmessage release=\"2.1\">",
    "<o:ONIXMessage xmlns:o=\"http://ns.editeur.org/onix/3.1/reference\" release=\"3.1\">",
    "<Header>",
    "<DefaultCurrencyCode>EUR</DefaultCurrencyCode>",
    "<Product>",
    "<product datestamp='20260101'>",
    "<o:Product>",
    "<RecordReference>r1</RecordReference>",
    "<a001>r2</a001>",
    "<o:RecordReference>",
    "<NotificationType>03</NotificationType>",
    "<ProductIdentifier>",
    "<ProductIDType>15</ProductIDType>",
    "<IDValue>9780306406157</IDValue>",
    "<ISBN>0306406152</ISBN>",
    "<DescriptiveDetail>",
    "<ProductForm>EA</ProductForm>",
    "<ProductFormDetail>E101</ProductFormDetail>",
    "<EpubTechnicalProtection>02</EpubTechnicalProtection>",
    "<EpubUsageConstraint>",
    "<TitleDetail>",
    "<TitleType>01</TitleType>",
    "<TitleElement>",
    "<TitleElementLevel>01</TitleElementLevel>",
    "<TitleText language=\"fre\">",
    "<TitlePrefix>L'</TitlePrefix>",
    "<TitleWithoutPrefix>",
    "<Subtitle>",
    "<Title>",
    "<Contributor>",
    "<ContributorRole>A01</ContributorRole>",
    "<PersonName>",
    "<KeyNames>",
    "<Language>",
    "<Subject>",
    "<SubjectHeadingText>",
    "<MainSubject/>",
    "<b064>",
    "<CollateralDetail>",
    "<TextContent>",
    "<Text textformat=\"05\">",
    "<OtherText>",
    "<d104>",
    "<SupportingResource>",
    "<ResourceVersion>",
    "<ContentItem>",
    "<PublishingDetail>",
    "<Publisher>",
    "<PublisherName>",
    "<PublishingDate>",
    "<PublishingDateRole>01</PublishingDateRole>",
    "<Date dateformat=\"00\">20260101</Date>",
    "<PublicationDate>",
    "<SalesRights>",
    "<SalesRightsType>01</SalesRightsType>",
    "<NotForSale>",
    "<SalesRestriction>",
    "<Territory>",
    "<CountriesIncluded>FR BE</CountriesIncluded>",
    "<RegionsIncluded>WORLD</RegionsIncluded>",
    "<CountriesExcluded>US</CountriesExcluded>",
    "<RightsCountry>ES</RightsCountry>",
    "<RelatedMaterial>",
    "<RelatedProduct>",
    "<ProductSupply>",
    "<Market>",
    "<MarketPublishingDetail>",
    "<SupplyDetail>",
    "<Supplier>",
    "<ProductAvailability>20</ProductAvailability>",
    "<SupplyDate>",
    "<UnpricedItemType>01</UnpricedItemType>",
    "<Price>",
    "<PriceType>02</PriceType>",
    "<PriceTypeCode>",
    "<PriceAmount>9.99</PriceAmount>",
    "<j151>12</j151>",
    "<CurrencyCode>GBP</CurrencyCode>",
    "<PriceEffectiveFrom>20260101</PriceEffectiveFrom>",
    "<Tax>",
    "<TaxRatePercent>5.5</TaxRatePercent>",
    "<ProductionDetail>",
    "<PromotionDetail>",
    "<Vendor a=\"1\" b='&lt;\"'>",
    "<v:own>",
    "<p class=\"a &amp; b\">",
    "<em>",
    "<br/>",
    "&amp;",
    "&eacute;",
    "&#233;",
    "&#13;",
    "&nosuch;",
    "&own;",
    "&",
    "<![CDATA[<b>&amp;]]>",
    "<![CDATA[",
    "]]>",
    "<!-- </Product><Product> -->",
    "<!--",
    "-->",
    "<?own instruction?>",
    "\r\n ",
    "\t",
    "é",
    "\u{feff}",
    "\u{fffd}",
    "\u{2028}",
    "\u{1}",
    "</Product>",
    "</ONIXMessage>",
    "<",
    ">",
];

/// The first of the bytes that stand for a fragment.
const FIRST: u8 = 0x80;
/// Closes the innermost element that a fragment opened.
const CLOSE: u8 = 0xfe;
/// The byte behind it stands for itself.
const RAW: u8 = 0xff;

/// Bytes as a message: ASCII is itself, each byte above it a fragment. What is open at the end is
/// closed, unless the last byte is [`RAW`]: so whole messages are as near as damaged ones.
pub fn spelled(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut open = Vec::new();
    let mut bytes = bytes.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            ..FIRST => out.push(byte),
            RAW => match bytes.next() {
                Some(byte) => out.push(byte),
                None => return out,
            },
            CLOSE => close(&mut out, open.pop()),
            _ => {
                let fragment = FRAGMENTS[usize::from(byte - FIRST) % FRAGMENTS.len()];
                out.extend_from_slice(fragment.as_bytes());
                open.extend(opened(fragment));
            }
        }
    }
    while let Some(name) = open.pop() {
        close(&mut out, Some(name));
    }
    out
}

fn close(out: &mut Vec<u8>, name: Option<&str>) {
    if let Some(name) = name {
        out.extend_from_slice(format!("</{name}>").as_bytes());
    }
}

/// The name of the element that a fragment leaves open.
fn opened(fragment: &'static str) -> Option<&'static str> {
    let tag = fragment.strip_prefix('<')?.strip_suffix('>')?;
    let is_start = tag.starts_with(|c: char| c.is_ascii_alphabetic())
        && !tag.ends_with('/')
        && !tag.contains("</");
    is_start.then(|| tag.split(' ').next().unwrap_or(tag))
}

/// As many steps as a reader may take: each record, and each error, takes at least one byte.
pub fn steps(input: &[u8]) -> Range<usize> {
    0..input.len() + 2
}

/// A record with nothing left out.
pub fn json(record: &Record<'_>) -> Value {
    serde_json::to_value(Lossless(record.element())).expect("a record has only texts")
}

/// By which names a record is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// As they were written.
    Written,
    /// EDItEUR's reference names.
    Reference,
}

/// Back from JSON to XML.
pub fn xml(value: &Value, names: Names) -> String {
    if let Some(text) = value.as_str() {
        return escaped(text);
    }
    let written = value["as"].as_str().filter(|_| names == Names::Written);
    let name = written.or(value["name"].as_str()).unwrap_or_default();
    let attributes = value["attrs"].as_object().into_iter().flatten();
    let attributes: String = attributes
        .map(|(name, value)| {
            format!(
                " {name}=\"{}\"",
                escaped(value.as_str().unwrap_or_default())
            )
        })
        .collect();
    let content = value["content"].as_array().into_iter().flatten();
    let content: String = content.map(|piece| xml(piece, names)).collect();
    format!("<{name}{attributes}>{content}</{name}>")
}

/// White space too: what was a reference isn't normalised.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' | '<' | '"' | '\r' | '\t' | '\n' => out += &format!("&#{};", u32::from(c)),
            _ => out.push(c),
        }
    }
    out
}
