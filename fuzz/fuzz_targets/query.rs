//! Anything typed into the query box is a search.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use onix_catalogue::{Catalogue, Search};

fuzz_target!(|words: &str| {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    let catalogue = CATALOGUE.get_or_init(|| Catalogue::in_memory().expect("memory is there"));
    let search = Search {
        words: words.to_owned(),
        ..Search::default()
    };
    catalogue
        .search(&search)
        .expect("nothing typed is an error");
});
