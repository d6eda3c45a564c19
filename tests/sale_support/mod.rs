//! Reads the cases of `testdata/sale` and the records they are about.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test includes this and uses a part of it"
)]

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::PathBuf;

use onix_catalogue::model::{
    Account, Code, Country, Currency, Dialect, Kind, MinorUnits, Moment, SaleRequest, Verdict, Zone,
};
use onix_catalogue::onix::{Reader, Record};
use onix_catalogue::sale::Offers;
use onix_catalogue::xml;

/// Every product of `records/`, as a message of its own, by its reference.
pub struct Records(BTreeMap<String, Source>);

/// What a product is read from.
enum Source {
    /// A message of ONIX.
    Onix(String),
    /// A page of the platform's own format, and which format of its one publication.
    Xml(String, usize),
}

/// The last record of each reference in the shipped lists.
pub type Lists = HashMap<String, Offers>;

impl Records {
    pub fn read() -> Self {
        let mut out = BTreeMap::new();
        for path in files("testdata/sale/records") {
            let text = fs::read_to_string(&path).unwrap();
            let products = match path.extension().and_then(|extension| extension.to_str()) {
                Some("publications") => formats(&text),
                _ => products(&text),
            };
            for (reference, source) in products {
                let known = out.insert(reference.clone(), source);
                assert!(known.is_none(), "{reference} stands twice");
            }
        }
        Self(out)
    }

    pub fn references(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The text of a record, with edits: a message of ONIX, or a page.
    pub fn text(&self, reference: &str, edits: &str) -> String {
        match &self.0[reference] {
            Source::Onix(message) => edited(message, edits),
            Source::Xml(page, _) => edited(page, edits),
        }
    }

    /// The page of a format, with edits.
    pub fn page(&self, reference: &str, edits: &str) -> Option<String> {
        match self.0.get(reference)? {
            Source::Onix(_) => None,
            Source::Xml(page, _) => Some(edited(page, edits)),
        }
    }

    /// The offers of a record, with edits `Element=text;…`; no text takes the element out.
    pub fn offers(&self, reference: &str, edits: &str) -> Offers {
        match self.0.get(reference) {
            Some(Source::Onix(message)) => offers(&edited(message, edits)),
            Some(Source::Xml(page, format)) => offers_of_format(&edited(page, edits), *format),
            None => panic!("no record {reference}"),
        }
    }
}

/// The products of a message, each in one of its own.
fn products(text: &str) -> Vec<(String, Source)> {
    let head_end = text.find("</Header>").unwrap() + "</Header>".len();
    let products = text[head_end..].split("<Product>").skip(1);
    products
        .map(|product| {
            let product = product.split("</Product>").next().unwrap();
            let message = format!(
                "{}<Product>{product}</Product></ONIXMessage>",
                &text[..head_end]
            );
            let reference = between(product, "<RecordReference>", "</RecordReference>");
            (reference.to_owned(), Source::Onix(message))
        })
        .collect()
}

/// The formats of a page's publications, each publication in a page of its own.
fn formats(text: &str) -> Vec<(String, Source)> {
    let records = xml::Reader::new(text.as_bytes()).into_records();
    let mut out = Vec::new();
    for record in records {
        let record = record.unwrap();
        let page = format!("<publications>{}</publications>", record.xml());
        for (at, format) in record.publication().formats().enumerate() {
            let reference = format.record_reference().unwrap();
            out.push((reference, Source::Xml(page.clone(), at)));
        }
    }
    out
}

fn offers_of_format(page: &str, format: usize) -> Offers {
    let record = xml::Reader::new(page.as_bytes()).into_records().next();
    let record = record.expect("a publication").unwrap();
    let format = record.publication().formats().nth(format).unwrap();
    Offers::of_publication_format(format)
}

fn edited(message: &str, edits: &str) -> String {
    let edits = edits.split(';').filter(|edit| !edit.is_empty());
    edits.fold(message.to_owned(), |message, edit| {
        let (name, value) = edit.split_once('=').expect("Element=text");
        with_text(&message, name, value)
    })
}

fn with_text(message: &str, name: &str, value: &str) -> String {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    let mut out = String::new();
    let mut rest = message;
    let mut n = 0;
    while let Some(at) = rest.find(&start) {
        let close = at + rest[at..].find(&end).unwrap();
        out.push_str(&rest[..at]);
        if !value.is_empty() {
            out.push_str(&format!("{start}{value}{end}"));
        }
        rest = &rest[close + end.len()..];
        n += 1;
    }
    assert!(n > 0, "no {name} to edit");
    out + rest
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let at = text.find(start).unwrap() + start.len();
    &text[at..at + text[at..].find(end).unwrap()]
}

/// The offers of a message's first product.
pub fn offers(message: &str) -> Offers {
    let mut reader = Reader::new(message.as_bytes());
    let mut record = Record::new();
    assert!(reader.read_record(&mut record).unwrap(), "no product");
    Offers::of(&record.product())
}

/// The shipped lists of the full delivery; the compressed one where this build can read it.
pub fn lists() -> Lists {
    let mut out = HashMap::new();
    each_of_lists(|reference, record| {
        out.insert(reference, Offers::of(&record.product()));
    });
    out
}

/// The messages of the same records.
pub fn list_messages() -> HashMap<String, String> {
    let mut out = HashMap::new();
    each_of_lists(|reference, record| {
        out.insert(reference, record.message().wrap(record.xml()));
    });
    out
}

fn each_of_lists(mut show: impl FnMut(String, &Record<'_>)) {
    for path in files("testdata/lists") {
        let Some(bytes) = bytes(&path) else { continue };
        if path.to_string_lossy().contains("delta") {
            continue;
        }
        let mut reader = Reader::new(&bytes);
        let mut record = Record::new();
        while reader.read_record(&mut record).unwrap() {
            let reference = record.product().record_reference().unwrap().into_owned();
            show(reference, &record);
        }
    }
}

fn bytes(path: &PathBuf) -> Option<Vec<u8>> {
    let bytes = fs::read(path).unwrap();
    if path.extension().is_some_and(|extension| extension == "gz") {
        return gunzipped(&bytes);
    }
    Some(bytes)
}

#[cfg(feature = "files")]
fn gunzipped(bytes: &[u8]) -> Option<Vec<u8>> {
    use std::io::Read as _;
    let mut out = Vec::new();
    flate2::read::GzDecoder::new(bytes)
        .read_to_end(&mut out)
        .unwrap();
    Some(out)
}

#[cfg(not(feature = "files"))]
fn gunzipped(_: &[u8]) -> Option<Vec<u8>> {
    None
}

fn files(folder: &str) -> Vec<PathBuf> {
    let mut out: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    out.sort();
    out
}

/// A line of `cases/`.
pub struct Case {
    pub place: String,
    pub records: String,
    pub edits: String,
    pub request: SaleRequest,
    pub account: Account,
    pub verdict: String,
    pub codes: Vec<String>,
    pub missing: Vec<String>,
    /// `None`: not asked.
    pub also: Option<Vec<String>>,
}

/// Every case, one for each dialect it is for.
pub fn cases() -> Vec<Case> {
    let mut out = Vec::new();
    for path in files("testdata/sale/cases") {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let lines = text.lines().enumerate().filter(|(_, line)| {
            !line.is_empty() && !line.starts_with('#') && !line.starts_with("records,")
        });
        for (at, line) in lines {
            let cells: Vec<&str> = line.split(',').map(str::trim).collect();
            assert_eq!(cells.len(), 13, "{name}:{}: thirteen cells: {line}", at + 1);
            let dialects: &[&str] = match cells[2] {
                "both" => &["en", "es"],
                _ => &cells[2..3],
            };
            for dialect in dialects {
                let place = format!("{name}:{} ({dialect}): {line}", at + 1);
                out.push(case(place, &cells, Dialect::from_word(dialect).unwrap()));
            }
        }
    }
    out
}

fn case(place: String, cells: &[&str], dialect: Dialect) -> Case {
    let account = account(cells[6], dialect);
    Case {
        records: cells[0].to_owned(),
        edits: cells[1].to_owned(),
        request: request(cells[3], cells[4], cells[5], &account),
        account,
        verdict: cells[7].to_owned(),
        codes: words(cells[8]),
        missing: words(cells[9]),
        also: (!cells[10].is_empty()).then(|| match cells[10] {
            "none" => Vec::new(),
            also => words(also),
        }),
        place,
    }
}

/// Words, sorted.
pub fn words(cell: &str) -> Vec<String> {
    let mut out: Vec<_> = cell.split_whitespace().map(str::to_owned).collect();
    out.sort();
    out
}

pub fn codes(codes: &[Code]) -> Vec<String> {
    let mut out: Vec<_> = codes.iter().map(|code| code.as_str().to_owned()).collect();
    out.sort();
    out
}

/// `name=value` and `-name` against what a shop usually sends.
fn request(kind: &str, at: &str, differs: &str, account: &Account) -> SaleRequest {
    let at = Moment::parse(at, &account.zone).expect("a moment");
    let kind = Kind::from_word(kind).expect("a kind");
    let mut request = usual(kind, at);
    for word in differs.split_whitespace() {
        match word.split_once('=') {
            None if word == "-id" => request.id.clear(),
            None => {
                let name = word.strip_prefix('-').expect("name=value or -name");
                *request.parameter_mut(name).expect("a parameter") = None;
            }
            Some((name, value)) => {
                let value = value.replace("%20", " ");
                *request.parameter_mut(name).expect("a parameter") = Some(value);
            }
        }
    }
    request
}

/// A request with everything in it.
pub fn usual(kind: Kind, at: Moment) -> SaleRequest {
    let request = SaleRequest::new(kind, "9789999900010", at);
    let usual = [
        ("format", "epub"),
        ("cost", "999"),
        ("protection", "watermark"),
        ("country", "FR"),
        ("currency", "EUR"),
        ("price_type", "04"),
    ];
    let of_sale = [
        ("customer_id", "c-1"),
        ("transaction_id", "t-1"),
        ("uname", "A. Reader"),
    ];
    let of_preorder = [("for", "epub"), ("customer_id", "c-1"), ("country", "FR")];
    let parameters: Vec<_> = match kind {
        Kind::Simulation => usual.to_vec(),
        Kind::Sale => [&usual[..], &of_sale[..]].concat(),
        Kind::Preorder => of_preorder.to_vec(),
    };
    parameters
        .into_iter()
        .fold(request, |request, (name, value)| request.with(name, value))
}

fn account(cell: &str, dialect: Dialect) -> Account {
    let mut account = Account::default();
    account.dialect = dialect;
    for word in cell.split_whitespace() {
        let (name, value) = word.split_once('=').expect("name=value");
        let value = value.replace("%20", " ");
        match name {
            "strict" => account.strict = true,
            "country" => account.country = Some(Country::parse(&value).unwrap()),
            "zone" => account.zone = Zone::parse(&value).unwrap(),
            "cost_without_taxes" => account.cost_without_taxes = true,
            "outlet" => account.outlets.push(value),
            "publishers" => account.publishers = Some(vec!["R".into(), value]),
            "xml_price_type" => account.xml_price_type = Some(value),
            "max_age" => account.max_age_s = Some(value.parse().unwrap()),
            "price_code" => account.price_code = Some(Code::from_word(&value).unwrap()),
            "minor_units" => {
                let (currency, exponent) = value.split_once(':').unwrap();
                account.minor_units = MinorUnits::with(vec![(
                    Currency::parse(currency).unwrap(),
                    exponent.parse().unwrap(),
                )]);
            }
            _ => panic!("{name} is nothing of an account"),
        }
    }
    account
}

pub fn verdict_word(verdict: &Verdict) -> String {
    format!("{:?}", verdict.verdict).to_lowercase()
}
