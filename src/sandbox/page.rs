//! Pages of metadata: at most fifty publications as one ONIX message or as one page of the platform's `xml`.
//!
//! The platform's `xml` can't say of a product that it is a library's offer: those it goes without.
//!
//! Records stand in an ONIX page as they were received, so that those of one page have to agree in what is around them: start tag,
//! DOCTYPE and the defaults of the Header. Where that changes the page ends, full or not.

use std::sync::Arc;

use super::clock::{Millis, basic, basic_minutes};
use super::publication::Seen;
use super::publication_xml;
use super::service::Wire;
use super::stored::Stored;
use crate::onix::{Message, Release};

/// Publications of a page at most (S4 1, HC).
pub(super) const PUBLICATIONS: usize = 50;

/// What a record needs around it to mean the same.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Frame {
    doctype: String,
    start_tag: String,
    /// The default elements of its Header, as they are written.
    defaults: String,
    is_short: bool,
    is_release_2: bool,
}

/// A page that is being filled.
#[derive(Debug)]
pub(super) struct Page {
    wire: Wire,
    frame: Option<Frame>,
    /// Records of ONIX, one behind the other.
    records: String,
    publications: Vec<Seen>,
    /// Of each the record behind which it begins here.
    behind: Vec<Option<String>>,
}

/// How much of a publication a page took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Took {
    All,
    /// Its records up to this one; the next page has to go on behind it.
    UpTo(String),
    /// Nothing: the page is full.
    Nothing,
}

impl Page {
    pub(super) fn new(wire: Wire) -> Self {
        Self {
            wire,
            frame: None,
            records: String::new(),
            publications: Vec::new(),
            behind: Vec::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.publications.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.publications.len() >= PUBLICATIONS
    }

    /// Takes a publication in, from the record behind that one on. Where the frame changes within it, it goes on
    /// another page.
    pub(super) fn take(&mut self, seen: Seen, behind: Option<&str>) -> Took {
        if self.is_full() {
            return Took::Nothing;
        }
        if self.wire == Wire::Xml {
            self.take_publication(seen);
            return Took::All;
        }
        let records = records_of(&seen);
        let mut last = None;
        for (key, record) in &records[begin(&records, behind)..] {
            if let Some((frame, xml)) = framed(record) {
                if self.frame.get_or_insert_with(|| frame.clone()) != &frame {
                    return self.broken_off(seen, behind, last);
                }
                self.records.push_str(&xml);
                self.records.push('\n');
            }
            last = Some(key.clone());
        }
        if last.is_some() {
            self.add(seen, behind);
        }
        Took::All
    }

    /// The frame has changed: what came of the publication is here, if anything did.
    fn broken_off(&mut self, seen: Seen, behind: Option<&str>, last: Option<String>) -> Took {
        let Some(last) = last else {
            return Took::Nothing;
        };
        self.add(seen, behind);
        Took::UpTo(last)
    }

    /// Takes what the platform's `xml` has of a publication, if that is anything.
    fn take_publication(&mut self, seen: Seen) {
        let seen = seen.without_library_offers();
        if !seen.is_empty() {
            self.add(seen, None);
        }
    }

    fn add(&mut self, seen: Seen, behind: Option<&str>) {
        self.publications.push(seen);
        self.behind.push(behind.map(str::to_owned));
    }

    /// Ids of its publications, and of each the record behind which it begins here.
    pub(super) fn into_contents(self) -> Vec<(String, Option<String>)> {
        let ids = self.publications.into_iter().map(|seen| seen.place.1);
        ids.zip(self.behind).collect()
    }

    /// The page as it goes out.
    pub(super) fn write(&self, about: &str, now: Millis) -> String {
        match self.wire {
            Wire::Onix => self.onix(now),
            Wire::Xml => publication_xml::page(&self.publications, about, now),
        }
    }

    fn onix(&self, now: Millis) -> String {
        let frame = self.frame.clone().unwrap_or_else(Frame::plain);
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        out.push_str(&frame.doctype);
        out.push_str(&frame.start_tag);
        out.push('\n');
        out.push_str(&frame.header(now));
        out.push('\n');
        out.push_str(&self.records);
        out.push_str(&format!("</{}>\n", frame.root()));
        out
    }
}

/// A record by a key that says whether it is there or was removed.
type Keyed = (String, Arc<Stored>);

/// Its records in the order in which they go out: what is there, then what was removed, each by name. The order stays, whatever
/// comes and goes between two pages.
fn records_of(seen: &Seen) -> Vec<Keyed> {
    let there = seen.products.iter();
    let there = there.map(|one| (format!("+{}", one.reference), Arc::clone(one)));
    let removed = seen.removed.iter().filter_map(|was| {
        let key = format!("-{}", was.reference);
        Some((key, Arc::new(was.removal()?)))
    });
    let mut records: Vec<Keyed> = there.chain(removed).collect();
    records.sort_by(|(one, _), (other, _)| one.cmp(other));
    records
}

/// Where the records begin that stand behind one.
fn begin(records: &[Keyed], behind: Option<&str>) -> usize {
    let is_before = |(key, _): &Keyed| behind.is_some_and(|behind| key.as_str() <= behind);
    records.partition_point(is_before)
}

/// A record with its frame.
fn framed(stored: &Stored) -> Option<(Frame, String)> {
    stored.record(|record| {
        let is_short = record.element().written().ends_with("product");
        let frame = Frame::of(record.message(), is_short, record.product().release());
        (frame, record.xml().to_owned())
    })
}

impl Frame {
    /// That of a page without records.
    fn plain() -> Self {
        Self {
            doctype: String::new(),
            start_tag: "<ONIXMessage release=\"3.0\">".to_owned(),
            defaults: String::new(),
            is_short: false,
            is_release_2: false,
        }
    }

    fn of(message: &Message, is_short: bool, release: Release) -> Self {
        let (doctype, start_tag) = message.opening();
        let is_release_2 = release == Release::Onix2;
        let start_tag = match start_tag.is_empty() {
            false => start_tag.to_owned(),
            true => bare_start_tag(is_short, is_release_2).to_owned(),
        };
        Self {
            doctype: doctype.to_owned(),
            start_tag,
            defaults: defaults(message.header().xml()),
            is_short,
            is_release_2,
        }
    }

    /// The name of its root, with its prefix.
    fn root(&self) -> &str {
        let name = self.start_tag.trim_start_matches('<');
        let end = name.find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/'));
        &name[..end.unwrap_or(name.len())]
    }

    /// The prefix of its names, with the colon.
    fn prefix(&self) -> &str {
        match self.root().split_once(':') {
            Some((prefix, _)) => &self.root()[..=prefix.len()],
            None => "",
        }
    }

    /// An element in the frame's own tags.
    fn element(&self, (name, short): (&str, &str), content: &str) -> String {
        let name = if self.is_short { short } else { name };
        let prefix = self.prefix();
        format!("<{prefix}{name}>{content}</{prefix}{name}>")
    }

    /// The Header of a page of the platform's: who sends it, and when. ONIX 2 has no composite for the sender.
    fn header(&self, now: Millis) -> String {
        let mut content = match self.is_release_2 {
            true => self.element(("FromCompany", "m174"), SENDER),
            false => self.element(("Sender", "sender"), &self.sender()),
        };
        content.push_str(&match self.is_release_2 {
            true => self.element(("SentDate", "m182"), &basic_minutes(now)),
            false => self.element(("SentDateTime", "x307"), &basic(now)),
        });
        content.push_str(&self.defaults);
        self.element(("Header", "header"), &content)
    }

    fn sender(&self) -> String {
        let identifier = [
            self.element(("SenderIDType", "m379"), "06"),
            self.element(("IDTypeName", "b233"), "DEMARQUE_ID"),
            self.element(("IDValue", "b244"), SENDER),
        ];
        let identifier = self.element(
            ("SenderIdentifier", "senderidentifier"),
            &identifier.concat(),
        );
        identifier + &self.element(("SenderName", "x298"), SENDER)
    }
}

/// The stand-in's own name as a sender.
pub(super) const SENDER: &str = "ONYX";

/// The start tag of records that came without a message.
fn bare_start_tag(is_short: bool, is_release_2: bool) -> &'static str {
    match (is_short, is_release_2) {
        (true, true) => "<ONIXmessage>",
        (true, false) => "<ONIXmessage release=\"3.0\">",
        (false, true) => "<ONIXMessage>",
        (false, false) => "<ONIXMessage release=\"3.0\">",
    }
}

/// The defaults that a Header may set for its records, by both names.
const DEFAULTS: [&str; 14] = [
    "DefaultLanguageOfText",
    "m184",
    "DefaultPriceType",
    "x310",
    "DefaultPriceTypeCode",
    "m185",
    "DefaultCurrencyCode",
    "m186",
    "DefaultLinearUnit",
    "m187",
    "DefaultWeightUnit",
    "m188",
    "DefaultClassOfTrade",
    "m193",
];

/// The default elements of a Header as they are written there, in their order.
fn defaults(header: &str) -> String {
    let mut out = String::new();
    let mut rest = header;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        let end =
            rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/') && c != '<');
        let name = &rest[1..end.unwrap_or(rest.len()).max(1)];
        let local = name.rsplit(':').next().unwrap_or(name);
        let end_tag = format!("</{name}>");
        match rest.find(&end_tag).filter(|_| DEFAULTS.contains(&local)) {
            Some(at) => {
                out.push_str(&rest[..at + end_tag.len()]);
                rest = &rest[at + end_tag.len()..];
            }
            None => rest = &rest[1..],
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_kept_as_they_are_written() {
        let header = "<x:Header><x:Sender><x:SenderName>A</x:SenderName></x:Sender>\
            <x:DefaultPriceType>04</x:DefaultPriceType>\n<x:DefaultCurrencyCode a='1'>EUR</x:DefaultCurrencyCode></x:Header>";
        assert_eq!(
            defaults(header),
            "<x:DefaultPriceType>04</x:DefaultPriceType><x:DefaultCurrencyCode a='1'>EUR</x:DefaultCurrencyCode>"
        );
        assert_eq!(
            defaults("<header><m186>EUR</m186></header>"),
            "<m186>EUR</m186>"
        );
        assert_eq!(defaults(""), "");
        assert_eq!(defaults("<"), "");
    }

    #[test]
    fn a_header_is_written_in_the_tags_of_its_records() {
        let frame = Frame {
            start_tag: "<o:ONIXmessage release=\"3.0\">".into(),
            is_short: true,
            ..Frame::plain()
        };
        assert_eq!(frame.root(), "o:ONIXmessage");
        let header = frame.header(0);
        assert!(header.starts_with("<o:header><o:sender><o:senderidentifier><o:m379>06<"));
        assert!(header.ends_with("<o:x307>19700101T000000Z</o:x307></o:header>"));
    }
}
