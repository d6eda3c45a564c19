//! Anything typed into the query box is a search, and what comes back is markup that holds.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use onix_catalogue::catalogue::Audience;
use onix_catalogue::onix::Reader;
use onix_catalogue::{Catalogue, Search};

const TITLES: [(&str, &str); 6] = [
    ("fre", "L’Été d’Aujourd’hui : « nouvelles »"),
    ("eng", "20,000 Leagues under the Sea-Side"),
    ("jpn", "吾輩は猫である"),
    ("ger", "Straße des Sommers"),
    ("eng", "J. R. R. O'Brien &lt;and> sons"),
    ("", "ﬁn ＦＵＬＬ \u{202e}x"),
];

fn catalogue() -> Catalogue {
    let product = |(n, (language, title)): (usize, &(&str, &str))| {
        format!(
            "<Product><RecordReference>HOUSE.{n}</RecordReference><DescriptiveDetail><TitleDetail><TitleType>01</TitleType><TitleElement>\
             <TitleElementLevel>01</TitleElementLevel><TitleText>{title}</TitleText></TitleElement></TitleDetail><Language>\
             <LanguageRole>01</LanguageRole><LanguageCode>{language}</LanguageCode></Language></DescriptiveDetail></Product>"
        )
    };
    let products: String = TITLES.iter().enumerate().map(product).collect();
    let xml = format!("<ONIXMessage release=\"3.0\"><Header/>{products}</ONIXMessage>");
    let catalogue = Catalogue::in_memory().expect("memory is there");
    catalogue
        .ingest("fuzz", Reader::new(xml.as_bytes()))
        .expect("the products are sound");
    catalogue
}

fuzz_target!(|words: &str| {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    let catalogue = CATALOGUE.get_or_init(catalogue);
    let page = catalogue
        .search(&Search::new(words).highlight())
        .expect("nothing typed is an error");
    for highlight in page.hits.iter().flat_map(|hit| &hit.highlights) {
        let bare = highlight.text.replace("<mark>", "").replace("</mark>", "");
        assert!(!bare.contains(['<', '>']), "{}", highlight.text);
    }
    catalogue
        .suggest(words, Audience::Any, 5)
        .expect("nothing typed is an error");
});
