//! Reads hostile input of one shape and size, for `.ci/growth`, which counts the instructions it takes.
//!
//! ```sh
//! cargo run --release --example hostile                    # the names of the shapes
//! cargo run --release --example hostile unclosed-comment 1000
//! ```

use onix_catalogue::onix::{Reader, Record};

/// A shape of input, in any size.
type Shape = (&'static str, fn(usize) -> String);

/// Products that never end, things between products, and products that are one large thing.
const SHAPES: &[Shape] = &[
    ("sound", |n| endless("", n)),
    ("unclosed-comment", |n| endless("<!-- ", n)),
    ("unclosed-cdata", |n| endless("<![CDATA[", n)),
    ("unclosed-instruction", |n| endless("<? ", n)),
    ("unclosed-declaration", |n| endless("<!DOCTYPE x [", n)),
    ("unclosed-double-quote", |n| endless("<TitleText a=\">", n)),
    ("unclosed-single-quote", |n| endless("<TitleText a='>", n)),
    ("unclosed-tag", |n| endless("<TitleText ", n)),
    ("unclosed-element", |n| endless("<TitleText>", n)),
    ("unknown-declaration", |n| endless("<!nothing>", n)),
    ("bad-characters", |n| {
        endless("&#xD800; & &nosuch; \u{1}", n)
    }),
    ("closed-far-behind", |n| {
        endless("<!-- <![CDATA[ <? ", n) + "--> ]]> ?>"
    }),
    ("between-comment", |n| between("<!-- ", n)),
    ("between-cdata", |n| between("<![CDATA[", n)),
    ("between-instruction", |n| between("<? ", n)),
    ("between-quote", |n| between("<a b=\"", n)),
    ("between-end-tags", |n| between("</x>", n)),
    ("between-ampersands", |n| between("&", n)),
    ("between-text", |n| between("text ", n)),
    ("between-elements", |n| between("<x><y>", n)),
    ("depth", |n| one("<x>".repeat(20 * n))),
    ("attributes", |n| {
        let attributes: String = (0..20 * n).map(|i| format!(" a{i}=\"\"")).collect();
        one(format!("<x{attributes}/>"))
    }),
    ("ampersands", |n| {
        one(format!("<b203>{}</b203>", "&".repeat(50 * n)))
    }),
    ("references", |n| {
        one(format!("<b203>{}</b203>", "&a;".repeat(50 * n)))
    }),
    ("comments", |n| one("<!---->".repeat(50 * n))),
    ("sections", |n| {
        one(format!("<b203>{}</b203>", "<![CDATA[]]>".repeat(50 * n)))
    }),
    ("unknown-elements", |n| one("<unheard-of/>".repeat(50 * n))),
    ("not-utf8", |n| {
        one(format!("<b203>{}</b203>", "\u{e9}".repeat(50 * n)))
    }),
];

fn message(content: &str) -> String {
    format!("<ONIXMessage release=\"3.0\">{content}</ONIXMessage>")
}

fn endless(content: &str, n: usize) -> String {
    let filler = "<NotificationType>03</NotificationType>".repeat(10);
    message(&format!("<Product>{filler}{content}{filler}</Product>\n").repeat(n))
}

fn between(content: &str, n: usize) -> String {
    let product = "<Product><RecordReference>1</RecordReference></Product>";
    message(&format!("{product}{content}").repeat(4 * n))
}

fn one(content: String) -> String {
    message(&format!("<Product>{content}</Product>"))
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let Some(name) = arguments.next() else {
        SHAPES.iter().for_each(|(name, _)| println!("{name}"));
        return;
    };
    let n = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(100);
    let shape = SHAPES.iter().find(|(known, _)| *known == name);
    let Some((_, shape)) = shape else {
        eprintln!("no shape `{name}`");
        std::process::exit(2);
    };
    let text = shape(n);
    let bytes = match name.as_str() {
        // The same letters in one byte each, under no declaration.
        "not-utf8" => text.chars().map(|c| c as u8).collect(),
        _ => text.into_bytes(),
    };
    let mut reader = Reader::new(&bytes);
    let mut record = Record::new();
    let (mut n_records, mut n_rejected) = (0u64, 0u64);
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => n_records += 1,
            Ok(false) => break,
            Err(_) => n_rejected += 1,
        }
    }
    println!(
        "{} bytes: {n_records} records, {n_rejected} set aside",
        bytes.len()
    );
}
