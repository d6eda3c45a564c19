//! Nothing of a record is lost on the way to JSON and back.
#![cfg(feature = "serde")]

use std::collections::BTreeMap;

use onix_catalogue::onix::{Lossless, Reader, Record};
use serde_json::Value;

const REFERENCE: &str = r#"<ONIXMessage release="3.0"><Product datestamp="20260101">
  <RecordReference>com.example.1</RecordReference> <!-- a comment -->
  <DescriptiveDetail>
    <TitleDetail><TitleElement><TitleText textcase="02" language='fre'>L&#233;gumes &amp; <![CDATA[<fruits>]]></TitleText></TitleElement></TitleDetail>
  </DescriptiveDetail>
  <CollateralDetail><TextContent><Text textformat="05"><p class="a &amp; b">One <em>two</em><br/> &lt;3 &nbsp;</p>
    <p/></Text></TextContent></CollateralDetail>
  <Vendor x="1">of <b>its own</b> kind</Vendor>
</Product></ONIXMessage>"#;

const SHORT: &str = r#"<ONIXmessage release="3.0"><product datestamp="20260101">
  <a001>com.example.1</a001>
  <descriptivedetail>
    <titledetail><titleelement><b203 textcase="02" language="fre">L&#xe9;gumes &amp; &lt;fruits></b203></titleelement></titledetail>
  </descriptivedetail>
  <collateraldetail><textcontent><d104 textformat="05"><p class="a &amp; b">One <em>two</em><br></br> &lt;3 &#160;</p>
    <p></p></d104></textcontent></collateraldetail>
  <Vendor x="1">of <b>its own</b> kind</Vendor>
</product></ONIXmessage>"#;

fn json(xml: &str) -> Value {
    let mut record = Record::new();
    assert!(
        Reader::new(xml.as_bytes())
            .read_record(&mut record)
            .unwrap()
    );
    serde_json::to_value(Lossless(record.element())).unwrap()
}

fn without_as(value: &mut Value) {
    if let Some(object) = value.as_object_mut() {
        object.remove("as");
        for content in object["content"].as_array_mut().unwrap() {
            without_as(content);
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

/// The canonical form: reference names, attributes by name, no empty-element tags.
fn xml(value: &Value) -> String {
    if let Some(text) = value.as_str() {
        return escaped(text);
    }
    let name = value["name"].as_str().unwrap();
    let attributes: BTreeMap<_, _> = value["attrs"].as_object().unwrap().iter().collect();
    let attributes: String = attributes
        .into_iter()
        .map(|(name, value)| format!(" {name}=\"{}\"", escaped(value.as_str().unwrap())))
        .collect();
    let content: String = value["content"]
        .as_array()
        .unwrap()
        .iter()
        .map(xml)
        .collect();
    format!("<{name}{attributes}>{content}</{name}>")
}

#[test]
fn short_and_reference_tags_hold_the_same() {
    let reference = json(REFERENCE);
    let mut short = json(SHORT);
    assert_eq!(short["as"], "product");
    without_as(&mut short);
    assert_eq!(short, reference);
}

#[test]
fn a_record_comes_back_as_its_reference_twin() {
    let expected = concat!(
        r#"<Product datestamp="20260101"><RecordReference>com.example.1</RecordReference>"#,
        r#"<DescriptiveDetail><TitleDetail><TitleElement><TitleText language="fre" textcase="02">"#,
        "Légumes &amp; &lt;fruits></TitleText></TitleElement></TitleDetail></DescriptiveDetail>",
        r#"<CollateralDetail><TextContent><Text textformat="05"><p class="a &amp; b">One "#,
        "<em>two</em><br></br> &lt;3 \u{a0}</p>\n    <p></p></Text></TextContent></CollateralDetail>",
        r#"<Vendor x="1">of <b>its own</b> kind</Vendor></Product>"#,
    );
    assert_eq!(xml(&json(SHORT)), expected);
    assert_eq!(json(expected), json(REFERENCE));
}

#[test]
fn an_unknown_entity_holds_no_forbidden_character() {
    let message = "<Product><RecordReference>r &\u{1}wn; &own;</RecordReference></Product>";
    assert_eq!(json(message)["content"][0]["content"][0], "r &wn; &own;");
}

#[test]
fn text_stands_between_elements_where_it_stood() {
    for inside in [
        "x<MainSubject></MainSubject>",
        "<MainSubject></MainSubject>x",
        "<Subject>x<MainSubject></MainSubject></Subject>",
        "x<Vendor>y<a></a></Vendor>",
        "x<Vendor a=\"/\"></Vendor>y",
    ] {
        let expected = format!("<Product>{inside}</Product>");
        assert_eq!(xml(&json(&expected)), expected);
        let with_empty_tags = expected
            .replace("></MainSubject>", "/>")
            .replace("></a>", "/>")
            .replace("></Vendor>y", "/>y");
        assert_eq!(xml(&json(&with_empty_tags)), expected, "{with_empty_tags}");
    }
}

#[test]
fn a_declared_entity_holds_no_forbidden_character() {
    let message = "<!DOCTYPE ONIXMessage [<!ENTITY own \"i\u{0}ts\">]><ONIXMessage release=\"3.0\">\
        <Product><RecordReference>&own;</RecordReference></Product></ONIXMessage>";
    assert_eq!(json(message)["content"][0]["content"][0], "its");
}

/// What `RecordReference` comes to, and the first attribute of it.
fn reference(element: &str) -> (Value, Value) {
    let value = json(&format!("<Product>{element}</Product>"));
    let reference = &value["content"][0];
    let attribute = reference["attrs"].as_object().unwrap().values().next();
    (
        reference["content"].clone(),
        attribute.cloned().unwrap_or_default(),
    )
}

#[test]
fn marks_empty_pieces_and_white_space() {
    let content = |element: &str| reference(element).0;
    let kept = serde_json::json!(["\u{feff}a&b"]);
    assert_eq!(content("<a001>\u{feff}a&amp;b</a001>"), kept);
    assert_eq!(
        content("<a001>a&\u{b}b;</a001>"),
        serde_json::json!(["a&b;"])
    );
    let marked = content("<d104>&#1;<![CDATA[]]><b/></d104>");
    assert_eq!(marked.as_array().unwrap().len(), 1, "{marked}");
    let attribute = reference("<a001 datestamp=\"x\n&amp;&#10;y\">a</a001>").1;
    assert_eq!(attribute, "x &\ny");
}
