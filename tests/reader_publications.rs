//! Pages of the platform's own `xml` format: what is read of them, and what a bad one costs.

use std::fmt::Write as _;

use onix_catalogue::ErrorKind;
use onix_catalogue::onix::{Limits, NoticeCode};
use onix_catalogue::xml::{Reader, ReaderBuilder, Record};

const PAGE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<publications>
  <description>Everything &amp; more</description>
  <publication>
    <id>ONYX1</id><state>online</state><publisher>Éditions du Ressac</publisher>
    <title><main>Le Phare</main><subtitle>Une nuit</subtitle></title><language>fr</language>
    <tags>mer; phares ;</tags>
    <summary><![CDATA[<P>Fish &amp; chips</P><p>a < b &eacute;<BR/>]]> et <![CDATA[fin]]></summary>
    <contributors>
      <contributor><first_name>Ana</first_name><last_name>Sel</last_name><nature>author</nature></contributor>
      <contributor><last_name>Brume</last_name><nature>read_by</nature></contributor>
    </contributors>
    <medias><media><nature>front_cover</nature>
      <version><size>large</size><path>https://example.org/l.jpg</path></version>
      <version><size>small</size><path>https://example.org/s.jpg</path></version></media></medias>
    <subjects><subject><main_subject>1</main_subject><standard>thema_subject_category</standard><code>FB</code></subject>
      <subject><main_subject>0</main_subject><standard>clil</standard><code>3442</code></subject></subjects>
    <collections><collection><title>Feux</title><position>3</position></collection></collections>
    <formats>
      <format><nature>epub</nature><key_type>isbn</key_type><value>9789999900010</value>
        <publishing_status>04</publishing_status><state>sell</state><protection>acs4</protection>
        <issued_on>2026-05-04</issued_on><filesize unit="KB">812</filesize></format>
      <format><nature>pdf</nature><key_type>ean</key_type><value>2999990000015</value></format>
    </formats>
  </publication>
  <publication><id>ONYX2</id></publication>
</publications>
"#;

/// Each publication's `id`, or the code of its error.
fn outcomes(bytes: &[u8]) -> Vec<String> {
    Reader::new(bytes)
        .into_records()
        .map(|record| match record {
            Ok(record) => record.publication().id().unwrap_or_default().into_owned(),
            Err(error) => error.code().to_owned(),
        })
        .collect()
}

fn first(bytes: &[u8]) -> Record<'_> {
    Reader::new(bytes).into_records().next().unwrap().unwrap()
}

/// A page of these publications' contents.
fn page(publications: &[&str]) -> String {
    let mut out = String::from("<publications>\n");
    for content in publications {
        writeln!(out, "<publication>{content}</publication>").unwrap();
    }
    out + "</publications>"
}

#[test]
fn a_format_is_a_product() {
    let record = first(PAGE.as_bytes());
    let publication = record.publication();
    let entries: Vec<_> = publication
        .formats()
        .map(|format| format.to_entry())
        .collect();
    let references: Vec<_> = entries
        .iter()
        .map(|entry| &*entry.record_reference)
        .collect();
    assert_eq!(references, ["ONYX1-epub", "ONYX1-pdf"]);
    let [epub, pdf] = &*entries else { panic!() };
    assert_eq!(epub.isbn13.as_deref(), Some("9789999900010"));
    assert_eq!(pdf.isbn13, None);
    assert_eq!(pdf.identifiers[0].id_type, "03");
    assert_eq!(epub.title.as_deref(), Some("Le Phare"));
    assert_eq!(epub.subtitle.as_deref(), Some("Une nuit"));
    assert_eq!(epub.publisher.as_deref(), Some("Éditions du Ressac"));
    assert_eq!(epub.language.as_deref(), Some("fre"));
    assert_eq!(epub.protections.words(), ["acs4"]);
    assert_eq!(epub.publishing_status.as_deref(), Some("04"));
    assert_eq!(epub.published.unwrap().to_string(), "2026-05-04");
    assert_eq!(epub.cover.as_deref(), Some("https://example.org/l.jpg"));
    assert_eq!(
        (
            epub.series[0].title.as_str(),
            epub.series[0].number.as_deref()
        ),
        ("Feux", Some("3"))
    );
    let contributors: Vec<_> = epub
        .contributors
        .iter()
        .map(|one| (&*one.name, one.inverted.as_deref(), &*one.roles[0]))
        .collect();
    assert_eq!(
        contributors,
        [
            ("Ana Sel", Some("Sel, Ana"), "A01"),
            ("Brume", None, "read_by")
        ]
    );
    let subjects: Vec<_> = epub
        .subjects
        .iter()
        .map(|one| {
            (
                one.scheme.as_deref().unwrap(),
                one.code.as_deref(),
                one.main,
            )
        })
        .collect();
    assert_eq!(
        subjects,
        [
            ("93", Some("FB"), true),
            ("clil", Some("3442"), false),
            ("20", None, false)
        ]
    );
    assert_eq!(epub.subjects[2].text.as_deref(), Some("mer; phares"));
}

#[test]
fn html_in_a_summary_becomes_lines() {
    let record = first(PAGE.as_bytes());
    assert_eq!(
        record.publication().summary().as_deref(),
        Some("Fish & chips\na < b é\net fin")
    );
    for (summary, plain) in [
        ("&lt;p&gt;A&lt;/p&gt;&lt;p&gt;B&lt;/p&gt;", "A\nB"),
        ("<p>A &amp;</p><p>B</p>", "A &\nB"),
        ("<![CDATA[</publication>]]>", ""),
        ("<![CDATA[1 < 2 </summary>]]>", "1 < 2"),
    ] {
        let page = page(&[&format!("<summary>{summary}</summary><id>1</id>")]);
        let record = first(page.as_bytes());
        assert_eq!(
            record.publication().summary().unwrap_or_default(),
            plain,
            "{summary}"
        );
        assert_eq!(outcomes(page.as_bytes()), ["1"]);
    }
}

#[test]
fn a_bad_publication_costs_itself() {
    let good = "<id>9</id>";
    for (bad, code) in [
        ("<id>1</id><title>", "malformed"),
        ("<id>1</id></title>", "malformed"),
        ("<id>1</id><a></b></a>", "malformed"),
        ("<id>1</id><!-- never closed", "malformed"),
        ("<id>1</id><![CDATA[ never closed", "malformed"),
        ("<id>1</id><!DOCTYPE x>", "malformed"),
        ("<id>1</id><a b=\"<publication>\"", "malformed"),
    ] {
        let page = page(&[good, bad, good, "<!-- closed -->", good]);
        let outcomes = outcomes(page.as_bytes());
        assert_eq!(outcomes.first().map(String::as_str), Some("9"), "{bad}");
        assert!(outcomes.contains(&code.to_owned()), "{bad}: {outcomes:?}");
        let n_good = outcomes.iter().filter(|one| *one == "9").count();
        assert_eq!(n_good, 3, "{bad}: {outcomes:?}");
    }
}

#[test]
fn an_error_says_where_and_what() {
    let page = page(&["<id>1</id>", "<id>2</id>\n<title>", "<id>3</id>"]);
    let mut reader = ReaderBuilder::new().input("page.xml").read(page.as_bytes());
    let mut record = Record::new();
    assert!(reader.read_record(&mut record).unwrap());
    let error = reader.read_record(&mut record).unwrap_err();
    let position = error.position().unwrap();
    assert_eq!((position.record, position.line), (Some(1), 4));
    let rejected = error.record().unwrap();
    assert_eq!(rejected.record_reference.as_deref(), Some("2"));
    assert!(rejected.xml.starts_with(b"<publication><id>2"));
    assert!(reader.read_record(&mut record).unwrap());
    assert_eq!(record.position().record, Some(2));
    assert_eq!(
        record.position().byte as usize,
        page.rfind("<publication>").unwrap()
    );
    assert!(!reader.read_record(&mut record).unwrap());
}

#[test]
fn a_cut_page_gives_what_is_whole() {
    let page = page(&[
        "<id>1</id>",
        "<id>2</id><summary><![CDATA[x]]></summary>",
        "<id>3</id>",
    ]);
    let ends: Vec<_> = page
        .match_indices("</publication>")
        .map(|(at, end)| at + end.len())
        .collect();
    for cut in 1..page.len() {
        let outcomes = outcomes(&page.as_bytes()[..cut]);
        let n_whole = ends.iter().filter(|end| **end <= cut).count();
        let n_read = outcomes.iter().filter(|one| one.len() == 1).count();
        assert_eq!(n_read, n_whole, "cut at {cut}: {outcomes:?}");
        let last = outcomes.last().map(String::as_str);
        let complaint = matches!(last, Some("truncated" | "not_publications"));
        assert!(complaint, "cut at {cut}: {outcomes:?}");
    }
}

#[test]
fn encodings() {
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(PAGE.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let record = first(&utf16);
    assert_eq!(
        record.publication().publisher().unwrap(),
        "Éditions du Ressac"
    );
    let latin1: Vec<u8> = PAGE
        .replace("UTF-8", "ISO-8859-1")
        .chars()
        .map(|c| c as u8)
        .collect();
    let record = first(&latin1);
    assert_eq!(
        record.publication().publisher().unwrap(),
        "Éditions du Ressac"
    );
    assert!(record.notices().is_empty());
    // One publication in another encoding than the page, and a comment in it before the root.
    let mixed = b"<!-- \xe9 --><publications><publication><id>1</id><publisher>caf\xe9 \xc3\xa9</publisher></publication>\
        <publication><id>2</id><publisher>\xc3\xa9</publisher></publication></publications>";
    let record = first(mixed);
    assert_eq!(record.publication().publisher().unwrap(), "café é");
    assert_eq!(record.notices()[0].code, NoticeCode::NotUtf8);
    assert_eq!(outcomes(mixed), ["1", "2"]);
    let marked = format!("\u{feff}{PAGE}");
    assert_eq!(outcomes(marked.as_bytes()), ["ONYX1", "ONYX2"]);
}

#[test]
fn references_are_resolved_or_told() {
    let declared = "<!DOCTYPE publications [<!ENTITY house \"Ressac\">]><publications><publication>\
        <id>1</id><publisher>&house; &eacute;&#233; A & B &nosuch;&#1;</publisher></publication></publications>";
    let record = first(declared.as_bytes());
    assert_eq!(
        record.publication().publisher().unwrap(),
        "Ressac éé A & B &nosuch;"
    );
    let codes: Vec<_> = record.notices().iter().map(|notice| notice.code).collect();
    assert_eq!(
        codes,
        [
            NoticeCode::BareAmpersand,
            NoticeCode::UnknownEntity,
            NoticeCode::ForbiddenCharacter
        ]
    );
}

#[test]
fn what_is_no_such_page() {
    for (bytes, kind) in [
        ("", ErrorKind::Empty),
        ("  ", not_publications("XML without any element")),
        ("[\"invalid_cost\"]", not_publications("text")),
        ("<ONIXMessage/>", not_publications("<ONIXMessage>")),
        // A status of a sale holds publications too.
        (
            "<status><publications><publication/></publications></status>",
            not_publications("<status>"),
        ),
    ] {
        let mut reader = Reader::new(bytes.as_bytes());
        let mut record = Record::new();
        let error = reader.read_record(&mut record).unwrap_err();
        assert_eq!(*error.kind(), kind, "{bytes}");
        assert!(!reader.read_record(&mut record).unwrap(), "{bytes}");
    }
}

fn not_publications(found: &str) -> ErrorKind {
    ErrorKind::NotPublications {
        found: found.into(),
    }
}

#[test]
fn roots() {
    assert_eq!(outcomes(b"<publication><id>1</id></publication>"), ["1"]);
    assert_eq!(outcomes(b"<publications/>"), [""; 0]);
    assert_eq!(outcomes(b"<publications></publications>"), [""; 0]);
    let twice = page(&["<id>1</id>"]).repeat(2);
    assert_eq!(outcomes(twice.as_bytes()), ["1", "1"]);
    let prefixed =
        b"<x:publications><x:publication><x:id>1</x:id></x:publication></x:publications>";
    assert_eq!(outcomes(prefixed), ["1"]);
    let empty = page(&["<id>1</id>"]).replace("<publication>", "<publication/><publication>");
    assert_eq!(outcomes(empty.as_bytes()), ["", "1"]);
    let hidden =
        page(&["<id>1</id>"]).replace("<publication>", "<!-- <publication> --><publication>");
    assert_eq!(outcomes(hidden.as_bytes()), ["1"]);
}

#[test]
fn limits_are_named() {
    let mut limits = Limits::default();
    limits.max_depth = 3;
    limits.max_record_bytes = 200;
    limits.max_tag_bytes = 40;
    let long = "x".repeat(300);
    let page = page(&[
        "<id>1</id>",
        "<id>2</id><a><b><c/></b></a>",
        &format!("<id>3</id><a b=\"{}\"/>", &long[..40]),
        &format!("<id>4</id><summary>{long}</summary>"),
        "<id>5</id>",
    ]);
    let reader = ReaderBuilder::new().limits(limits).read(page.as_bytes());
    let got: Vec<_> = reader
        .into_records()
        .map(|record| match record {
            Ok(record) => record.publication().id().unwrap().into_owned(),
            Err(error) => match error.kind() {
                ErrorKind::Limit { limit, .. } => (*limit).to_owned(),
                kind => panic!("{kind}"),
            },
        })
        .collect();
    assert_eq!(
        got,
        ["1", "max_depth", "max_tag_bytes", "max_record_bytes", "5"]
    );
}

#[test]
fn no_bytes_make_it_panic() {
    let bytes = PAGE.as_bytes();
    for at in 0..bytes.len() {
        for with in [
            b"<" as &[u8],
            b">",
            b"&",
            b"\xff",
            b"<![CDATA[",
            b"<!--",
            b"<?",
            b"/",
        ] {
            let odd = [&bytes[..at], with, &bytes[at..]].concat();
            for record in Reader::new(&odd).into_records().flatten() {
                for format in record.publication().formats() {
                    format.to_entry();
                }
            }
        }
    }
}

#[test]
fn readers_and_records_go_between_threads() {
    fn assert<T: Send + Sync>() {}
    assert::<Reader<'_>>();
    assert::<Record<'_>>();
}
