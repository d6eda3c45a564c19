//! Block 2, `CollateralDetail`: texts, citations and resources that promote the product.

use std::borrow::Cow;

use super::composite::{Read, composite};
use super::element::Element;
use super::text;

/// A text that may hold markup: as XHTML elements, or as HTML escaped or in CDATA.
#[derive(Debug, Clone, Copy)]
pub struct MarkedText<'a> {
    element: Element<'a>,
}

impl<'a> MarkedText<'a> {
    /// The text's element.
    pub fn element(&self) -> Element<'a> {
        self.element
    }

    /// The text as HTML: XHTML elements as they stand; other text decoded, which is HTML where its
    /// [`format`](Self::format) says so, or where senders put it without saying.
    pub fn markup(&self) -> Cow<'a, str> {
        match self.element.has_markup() {
            true => Cow::Borrowed(self.element.markup()),
            false => self.element.verbatim(),
        }
    }

    /// The text without its markup; paragraphs are lines.
    pub fn plain(&self) -> String {
        match self.element.has_markup() {
            true => self.element.paragraphs(),
            false => text::html_to_plain(&self.element.verbatim()),
        }
    }

    /// The attribute `textformat` (list 34).
    pub fn format(&self) -> Option<Cow<'a, str>> {
        self.element.attribute("textformat")
    }

    /// The attribute `language`.
    pub fn language(&self) -> Option<Cow<'a, str>> {
        self.element.attribute("language")
    }
}

impl<'a> Read<'a> for MarkedText<'a> {
    fn read(element: Element<'a>) -> Self {
        Self { element }
    }
}

composite! {
    /// `CollateralDetail` (block 2).
    CollateralDetail {
        text_contents: Vec<TextContent<'a>> = TextContent | OtherText;
        cited_contents: Vec<CitedContent<'a>> = CitedContent;
        supporting_resources: Vec<SupportingResource<'a>> = SupportingResource;
        prizes: Vec<Prize<'a>> = Prize;
    }

    /// `TextContent` (P.14), in 2.1 `OtherText`.
    TextContent {
        text_type: Option<Cow<'a, str>> = TextType | TextTypeCode;
        content_audiences: Vec<Cow<'a, str>> = ContentAudience;
        texts: Vec<MarkedText<'a>> = Text;
        text_format: Option<Cow<'a, str>> = TextFormat;
        text_authors: Vec<Cow<'a, str>> = TextAuthor;
        source_titles: Vec<Cow<'a, str>> = SourceTitle | TextSourceTitle;
    }

    /// `CitedContent` (P.15)
    CitedContent {
        cited_content_type: Option<Cow<'a, str>> = CitedContentType;
        source_type: Option<Cow<'a, str>> = SourceType;
        source_titles: Vec<Cow<'a, str>> = SourceTitle;
        citation_notes: Vec<MarkedText<'a>> = CitationNote;
        resource_links: Vec<Cow<'a, str>> = ResourceLink;
    }

    /// `SupportingResource` (P.16)
    SupportingResource {
        resource_content_type: Option<Cow<'a, str>> = ResourceContentType;
        content_audiences: Vec<Cow<'a, str>> = ContentAudience;
        resource_mode: Option<Cow<'a, str>> = ResourceMode;
        resource_features: Vec<ResourceFeature<'a>> = ResourceFeature;
        resource_versions: Vec<ResourceVersion<'a>> = ResourceVersion;
    }

    /// `ResourceFeature` (P.16)
    ResourceFeature {
        resource_feature_type: Option<Cow<'a, str>> = ResourceFeatureType;
        feature_value: Option<Cow<'a, str>> = FeatureValue;
        feature_notes: Vec<Cow<'a, str>> = FeatureNote;
    }

    /// `ResourceVersion` (P.16)
    ResourceVersion {
        resource_form: Option<Cow<'a, str>> = ResourceForm;
        resource_version_features: Vec<ResourceVersionFeature<'a>> = ResourceVersionFeature;
        resource_links: Vec<Cow<'a, str>> = ResourceLink;
    }

    /// `ResourceVersionFeature` (P.16)
    ResourceVersionFeature {
        resource_version_feature_type: Option<Cow<'a, str>> = ResourceVersionFeatureType;
        feature_value: Option<Cow<'a, str>> = FeatureValue;
        feature_notes: Vec<Cow<'a, str>> = FeatureNote;
    }

    /// `Prize` (P.17)
    Prize {
        prize_names: Vec<Cow<'a, str>> = PrizeName;
        prize_year: Option<Cow<'a, str>> = PrizeYear;
        prize_country: Option<Cow<'a, str>> = PrizeCountry;
        prize_code: Option<Cow<'a, str>> = PrizeCode;
        prize_statements: Vec<Cow<'a, str>> = PrizeStatement;
    }
}

#[cfg(test)]
mod tests {
    use crate::onix::{Reader, Record};

    fn plain(text: &str) -> String {
        let xml = format!(
            "<!DOCTYPE ONIXMessage [<!ENTITY own \"its own\">]><ONIXMessage release=\"3.0\"><Product>\
             <CollateralDetail><TextContent><Text>{text}</Text></TextContent></CollateralDetail>\
             </Product></ONIXMessage>"
        );
        let mut record = Record::new();
        assert!(
            Reader::new(xml.as_bytes())
                .read_record(&mut record)
                .unwrap()
        );
        record.product().collateral_detail().text_contents[0].texts[0].plain()
    }

    #[test]
    fn what_stands_between_tags_of_xhtml_is_read_as_xml() {
        assert_eq!(plain("<p>a</p><![CDATA[b <c> d]]>"), "a\nb <c> d");
        assert_eq!(plain("<p>a</p><!-- b > c -->d"), "a\nd");
        assert_eq!(plain("<p class='a > b'>c</p>"), "c");
        assert_eq!(plain("<p>a &own; &eacute; &lt;b></p>"), "a its own é <b>");
    }

    #[test]
    fn html_in_a_text_is_read_as_html() {
        assert_eq!(plain("<![CDATA[<p>a &eacute;</p>b]]>"), "a é\nb");
        assert_eq!(plain("&lt;p>a&lt;br/>b&lt;/p>"), "a\nb");
    }
}
