//! The books of `testdata/search/` as a catalogue, and the queries judged over them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use onix_catalogue::Catalogue;
use onix_catalogue::onix::Reader;

/// A line of the books: an edition in one format.
#[derive(Debug, Clone)]
pub(crate) struct Book {
    /// Its `RecordReference`.
    pub(crate) reference: String,
    pub(crate) work: String,
    pub(crate) contributors: Vec<(String, String)>,
    pub(crate) title: String,
    pub(crate) subtitle: String,
    pub(crate) series: Option<(String, Option<String>)>,
    pub(crate) publisher: String,
    pub(crate) year: String,
    pub(crate) language: String,
    pub(crate) format: String,
    pub(crate) protection: String,
    pub(crate) subjects: Vec<String>,
    pub(crate) keywords: Vec<String>,
    /// The ISBN-13 of the printed edition, and its own.
    pub(crate) print: String,
    pub(crate) isbn: String,
    /// In cents.
    pub(crate) cost: u64,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/search")
}

/// Every book, in the order of the files' names and their lines.
pub(crate) fn books() -> Vec<Book> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder().join("books"))
        .expect("the books are there")
        .map(|entry| entry.expect("a file").path())
        .collect();
    paths.sort();
    let mut books = Vec::new();
    for path in paths {
        let file = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let text = fs::read_to_string(&path).expect("a text");
        for (n, line) in text.lines().enumerate() {
            books.push(book(&format!("{file}-{}", n + 1), line, books.len() as u64));
        }
    }
    books
}

fn book(reference: &str, line: &str, n: u64) -> Book {
    let columns: Vec<&str> = line.split(" | ").map(str::trim).collect();
    let [
        work,
        contributors,
        title,
        subtitle,
        series,
        publisher,
        year,
        language,
        format,
        subjects,
    ] = columns[..]
    else {
        panic!("{reference} has {} columns: {line}", columns.len());
    };
    let contributors = contributors
        .split(';')
        .filter_map(|one| one.trim().split_once(' '))
        .map(|(role, name)| (role.to_owned(), name.trim().to_owned()))
        .collect();
    let series = (!series.is_empty()).then(|| match series.rsplit_once('#') {
        Some((title, number)) => (title.trim().to_owned(), Some(number.trim().to_owned())),
        None => (series.to_owned(), None),
    });
    let (format, protection) = format.split_once(' ').unwrap_or((format, "none"));
    let is_code = |word: &&str| {
        word.bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    let words: Vec<&str> = subjects
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .collect();
    let (codes, keywords): (Vec<&str>, Vec<&str>) = words.iter().partition(|word| is_code(word));
    let edition = hash(&format!("{work}{publisher}{year}{title}"));
    Book {
        reference: reference.to_owned(),
        work: work.to_owned(),
        contributors,
        title: title.to_owned(),
        subtitle: subtitle.to_owned(),
        series,
        publisher: publisher.to_owned(),
        year: year.to_owned(),
        language: language.to_owned(),
        format: format.to_owned(),
        protection: protection.to_owned(),
        subjects: codes.into_iter().map(str::to_owned).collect(),
        keywords: keywords.into_iter().map(str::to_owned).collect(),
        print: isbn(2_000_000 + edition % 1_000_000),
        isbn: isbn(n),
        cost: 99 + 100 * (edition % 20),
    }
}

/// FNV-1a: the same for ever.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// An ISBN-13 of the group 978-99999, which nobody has been given, or of the one beside it.
fn isbn(n: u64) -> String {
    let body = format!("97899{n:07}");
    let sum: u64 = body
        .bytes()
        .zip([1, 3].into_iter().cycle())
        .map(|(digit, weight)| u64::from(digit - b'0') * weight)
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// The books as a message.
pub(crate) fn message(books: &[Book]) -> String {
    let mut xml = String::from(
        r#"<ONIXMessage release="3.0" xmlns="http://ns.editeur.org/onix/3.0/reference"><Header><Sender><SenderName>judged</SenderName></Sender><SentDateTime>20261101T000000Z</SentDateTime></Header>"#,
    );
    for book in books {
        product(book, &mut xml);
    }
    xml.push_str("</ONIXMessage>");
    xml
}

fn product(book: &Book, xml: &mut String) {
    let (form, detail) = match book.format.as_str() {
        "pdf" => ("ED", "E107"),
        "mobi" => ("ED", "E127"),
        "audio" => ("AJ", "A103"),
        _ => ("ED", "E101"),
    };
    let protection = match book.protection.as_str() {
        "watermark" => "02",
        "acs4" => "03",
        "drm" => "06",
        _ => "00",
    };
    macro_rules! put { ($($arg:tt)*) => { write!(xml, $($arg)*).expect("a String takes everything") } }
    put!(
        "<Product><RecordReference>{}</RecordReference><NotificationType>03</NotificationType>",
        book.reference
    );
    put!(
        "<ProductIdentifier><ProductIDType>15</ProductIDType><IDValue>{}</IDValue></ProductIdentifier>",
        book.isbn
    );
    put!(
        "<DescriptiveDetail><ProductComposition>00</ProductComposition><ProductForm>{form}</ProductForm><ProductFormDetail>{detail}</ProductFormDetail><EpubTechnicalProtection>{protection}</EpubTechnicalProtection>"
    );
    if let Some((title, number)) = &book.series {
        put!("<Collection><CollectionType>10</CollectionType>");
        if let Some(number) = number {
            put!(
                "<CollectionSequence><CollectionSequenceType>02</CollectionSequenceType><CollectionSequenceNumber>{number}</CollectionSequenceNumber></CollectionSequence>"
            );
        }
        put!(
            "<TitleDetail><TitleType>01</TitleType><TitleElement><TitleElementLevel>02</TitleElementLevel><TitleText>{}</TitleText></TitleElement></TitleDetail></Collection>",
            escaped(title)
        );
    }
    put!(
        "<TitleDetail><TitleType>01</TitleType><TitleElement><TitleElementLevel>01</TitleElementLevel><TitleText>{}</TitleText>",
        escaped(&book.title)
    );
    if !book.subtitle.is_empty() {
        put!("<Subtitle>{}</Subtitle>", escaped(&book.subtitle));
    }
    put!("</TitleElement></TitleDetail>");
    for (role, inverted) in &book.contributors {
        let name = match inverted.split_once(", ") {
            Some((key, names)) => format!("{names} {key}"),
            None => inverted.clone(),
        };
        put!(
            "<Contributor><ContributorRole>{role}</ContributorRole><PersonName>{}</PersonName><PersonNameInverted>{}</PersonNameInverted></Contributor>",
            escaped(&name),
            escaped(inverted)
        );
    }
    put!(
        "<Language><LanguageRole>01</LanguageRole><LanguageCode>{}</LanguageCode></Language>",
        book.language
    );
    for code in &book.subjects {
        put!(
            "<Subject><SubjectSchemeIdentifier>93</SubjectSchemeIdentifier><SubjectCode>{code}</SubjectCode></Subject>"
        );
    }
    if !book.keywords.is_empty() {
        put!(
            "<Subject><SubjectSchemeIdentifier>20</SubjectSchemeIdentifier><SubjectHeadingText>{}</SubjectHeadingText></Subject>",
            escaped(&book.keywords.join("; "))
        );
    }
    put!(
        "</DescriptiveDetail><PublishingDetail><Publisher><PublishingRole>01</PublishingRole><PublisherName>{}</PublisherName></Publisher>",
        escaped(&book.publisher)
    );
    put!(
        "<PublishingStatus>04</PublishingStatus><PublishingDate><PublishingDateRole>01</PublishingDateRole><Date dateformat=\"05\">{}</Date></PublishingDate>",
        book.year
    );
    put!(
        "<SalesRights><SalesRightsType>01</SalesRightsType><Territory><RegionsIncluded>WORLD</RegionsIncluded></Territory></SalesRights></PublishingDetail>"
    );
    put!(
        "<RelatedMaterial><RelatedProduct><ProductRelationCode>13</ProductRelationCode><ProductIdentifier><ProductIDType>15</ProductIDType><IDValue>{}</IDValue></ProductIdentifier></RelatedProduct></RelatedMaterial>",
        book.print
    );
    put!(
        "<ProductSupply><Market><Territory><RegionsIncluded>WORLD</RegionsIncluded></Territory></Market><SupplyDetail><Supplier><SupplierRole>01</SupplierRole><SupplierName>judged</SupplierName></Supplier><ProductAvailability>20</ProductAvailability><Price><PriceType>04</PriceType><PriceAmount>{}.{:02}</PriceAmount><CurrencyCode>EUR</CurrencyCode></Price></SupplyDetail></ProductSupply></Product>",
        book.cost / 100,
        book.cost % 100
    );
}

/// All of them, in memory.
pub(crate) fn catalogue(books: &[Book]) -> Catalogue {
    let catalogue = Catalogue::in_memory().expect("memory is there");
    let xml = message(books);
    let summary = catalogue
        .ingest("judged", Reader::new(xml.as_bytes()))
        .expect("the books are sound");
    assert_eq!(summary.added as usize, books.len(), "{summary:?}");
    catalogue
}

/// A query as a shop types it, and what it is after.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    pub(crate) line: usize,
    pub(crate) words: String,
    /// Filters: `language=fre`.
    pub(crate) filters: BTreeMap<String, String>,
    /// References of the books that it is after.
    pub(crate) relevant: Vec<String>,
}

/// The queries of a file: `words | filters | what they are after`.
///
/// What it is after is one or several of `WORK`, `WORK*`, `WORK@LANGUAGE`, `WORK/FORMAT`, `WORK:VOLUME`, or a
/// `RecordReference` behind `=`; only what meets the filters counts. In the words, `{isbn REF}` and `{print REF}` stand for identifiers.
pub(crate) fn queries(file: &str, books: &[Book]) -> Vec<Judged> {
    let path = folder().join(file);
    let text = fs::read_to_string(&path).expect("the queries are there");
    let lines = text.lines().enumerate();
    let judged = lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    judged
        .map(|(n, line)| {
            let columns: Vec<&str> = line.split(" | ").map(str::trim).collect();
            let [words, filters, after] = columns[..] else {
                panic!("{file}:{}: {line}", n + 1);
            };
            let filters: BTreeMap<String, String> = filters
                .split_whitespace()
                .filter_map(|filter| filter.split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            let relevant: Vec<String> = books
                .iter()
                .filter(|book| after.split_whitespace().any(|one| is_after(one, book)))
                .filter(|book| meets(book, &filters))
                .map(|book| book.reference.clone())
                .collect();
            assert!(
                !relevant.is_empty(),
                "{file}:{}: nothing is what it is after: {line}",
                n + 1
            );
            Judged {
                line: n + 1,
                words: with_identifiers(words, books),
                filters,
                relevant,
            }
        })
        .collect()
}

fn is_after(spec: &str, book: &Book) -> bool {
    if let Some(reference) = spec.strip_prefix('=') {
        return book.reference == reference;
    }
    let (spec, volume) = spec
        .split_once(':')
        .map_or((spec, None), |(s, v)| (s, Some(v)));
    let (spec, format) = spec
        .split_once('/')
        .map_or((spec, None), |(s, f)| (s, Some(f)));
    let (work, language) = spec
        .split_once('@')
        .map_or((spec, None), |(s, l)| (s, Some(l)));
    let is_work = match work.strip_suffix('*') {
        Some(beginning) => book.work.starts_with(beginning),
        None => book.work == work,
    };
    let number = book
        .series
        .as_ref()
        .and_then(|(_, number)| number.as_deref());
    is_work
        && language.is_none_or(|language| book.language == language)
        && format.is_none_or(|format| book.format == format)
        && volume.is_none_or(|volume| number == Some(volume))
}

pub(crate) fn meets(book: &Book, filters: &BTreeMap<String, String>) -> bool {
    filters.iter().all(|(name, value)| match name.as_str() {
        "language" => book.language == *value,
        "format" => book.format == *value,
        "protection" => book.protection == *value,
        "max-cost" => book.cost <= value.parse().expect("a cost"),
        other => panic!("no filter: {other}"),
    })
}

fn with_identifiers(words: &str, books: &[Book]) -> String {
    let mut out = words.to_owned();
    for (name, of) in [("isbn", 0), ("print", 1)] {
        let open = format!("{{{name} ");
        while let Some(at) = out.find(&open) {
            let end = at + out[at..].find('}').expect("a brace");
            let reference = &out[at + open.len()..end];
            let book = books
                .iter()
                .find(|book| book.reference == reference)
                .unwrap_or_else(|| panic!("no book {reference}"));
            let id = if of == 0 { &book.isbn } else { &book.print };
            out.replace_range(at..=end, id);
        }
    }
    out
}
