//! Hostile input takes time in proportion to its size. Counted generously by the clock: for eight
//! times as much, quadratic growth would take sixty-four times as long, linear growth takes eight.

use std::time::{Duration, Instant};

use onix_catalogue::onix::{Reader, Record};

fn time(message: &str) -> Duration {
    let once = || {
        let start = Instant::now();
        let mut reader = Reader::new(message.as_bytes());
        let mut record = Record::new();
        while !matches!(reader.read_record(&mut record), Ok(false)) {}
        start.elapsed()
    };
    (0..3).map(|_| once()).min().unwrap()
}

fn grows_linearly(name: &str, n: usize, message: impl Fn(usize) -> String) {
    let (small, large) = (message(n), message(8 * n));
    // A neighbour's load may hit either measurement; a quadratic shape fails every time.
    let ratio = (0..4)
        .map(|_| time(&large).as_secs_f64() / time(&small).as_secs_f64().max(1e-5))
        .fold(f64::INFINITY, f64::min);
    assert!(
        ratio < 24.0,
        "{name}: eight times as much takes {ratio:.1} times as long"
    );
}

fn products(product: &str, n: usize) -> String {
    format!(
        "<ONIXMessage release=\"3.0\">{}</ONIXMessage>",
        product.repeat(n)
    )
}

#[test]
fn products_that_never_end_grow_linearly() {
    let filler = "<NotificationType>03</NotificationType>".repeat(10);
    for (name, content) in [
        ("comment", "<!-- "),
        ("section", "<![CDATA["),
        ("instruction", "<? "),
        ("declaration", "<!DOCTYPE x ["),
        ("double quote", "<TitleText a=\">"),
        ("single quote", "<TitleText a='>"),
        ("tag", "<TitleText "),
        ("element", "<TitleText>"),
        ("markup", "<!nothing>"),
        ("bytes", "&#xD800; & &nosuch; \u{1}"),
    ] {
        let product = format!("<Product>{filler}{content}{filler}</Product>\n");
        grows_linearly(name, 150, |n| products(&product, n));
        // All of them closed by one end, far behind.
        let close = "--> ]]> ?> ]> \" '";
        grows_linearly(name, 150, |n| products(&product, n) + close);
    }
}

#[test]
fn between_products_too() {
    for between in [
        "<!-- ",
        "<![CDATA[",
        "<? ",
        "<a b=\"",
        "</x>",
        "&",
        "text ",
        "<x><y>",
    ] {
        let product = format!("<Product><RecordReference>1</RecordReference></Product>{between}");
        grows_linearly(between, 600, |n| products(&product, n));
    }
}

#[test]
fn one_large_product_grows_linearly() {
    let product = |content: String| products(&format!("<Product>{content}</Product>"), 1);
    grows_linearly("depth", 1500, |n| product("<x>".repeat(n)));
    grows_linearly("attributes", 1500, |n| {
        let attributes: String = (0..n).map(|i| format!(" a{i}=\"\"")).collect();
        product(format!("<x{attributes}/>"))
    });
    grows_linearly("ampersands", 5000, |n| {
        product(format!("<b203>{}</b203>", "&".repeat(n)))
    });
    grows_linearly("references", 5000, |n| {
        product(format!("<b203>{}</b203>", "&a;".repeat(n)))
    });
    grows_linearly("comments", 5000, |n| product("<!---->".repeat(n)));
    grows_linearly("sections", 5000, |n| {
        product(format!("<b203>{}</b203>", "<![CDATA[]]>".repeat(n)))
    });
    grows_linearly("unknown", 5000, |n| product("<unheard-of/>".repeat(n)));
}
