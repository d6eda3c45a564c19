//! The catalogue at its boundary: records in, answers out.
#![cfg(feature = "index")]

use onix_catalogue::catalogue::{
    Audience, Catalogue, FoundBy, IngestSummary, OnStale, Policy, Search, Sort, Writer,
    WriterOptions,
};
use onix_catalogue::model::{Account, Format, Judgement, Kind, Moment, SaleRequest, Zone};
use onix_catalogue::onix::{Reader, Record};
use onix_catalogue::{ErrorKind, Result};

/// A product as these tests need it.
#[derive(Clone, Default)]
struct Book {
    reference: &'static str,
    notification: &'static str,
    isbn: &'static str,
    title: &'static str,
    author: &'static str,
    publisher: &'static str,
    language: &'static str,
    published: &'static str,
    amount: &'static str,
    /// Anything else of the descriptive block's beginning.
    form: &'static str,
    /// Related print ISBN.
    print: &'static str,
}

impl Book {
    fn new(reference: &'static str, title: &'static str) -> Self {
        Self {
            reference,
            title,
            notification: "03",
            language: "fre",
            publisher: "Maison Durand",
            ..Self::default()
        }
    }

    fn xml(&self) -> String {
        let maybe = |value: &str, xml: String| match value {
            "" => String::new(),
            _ => xml,
        };
        let id = |isbn: &str| {
            format!(
                "<ProductIdentifier><ProductIDType>15</ProductIDType><IDValue>{isbn}</IDValue></ProductIdentifier>"
            )
        };
        [
            format!(
                "<Product><RecordReference>{}</RecordReference><NotificationType>{}</NotificationType>",
                self.reference, self.notification
            ),
            maybe(self.isbn, id(self.isbn)),
            "<DescriptiveDetail>".into(),
            match self.form {
                "" => "<ProductForm>EA</ProductForm><ProductFormDetail>E101</ProductFormDetail><EpubTechnicalProtection>02</EpubTechnicalProtection>".into(),
                form => form.to_owned(),
            },
            format!(
                "<TitleDetail><TitleType>01</TitleType><TitleElement><TitleElementLevel>01</TitleElementLevel><TitleText>{}</TitleText></TitleElement></TitleDetail>",
                self.title
            ),
            maybe(
                self.author,
                format!("<Contributor><ContributorRole>A01</ContributorRole><PersonName>{}</PersonName></Contributor>", self.author),
            ),
            format!("<Language><LanguageRole>01</LanguageRole><LanguageCode>{}</LanguageCode></Language></DescriptiveDetail>", self.language),
            format!("<PublishingDetail><Publisher><PublishingRole>01</PublishingRole><PublisherName>{}</PublisherName></Publisher><PublishingStatus>04</PublishingStatus>", self.publisher),
            maybe(self.published, format!("<PublishingDate><PublishingDateRole>01</PublishingDateRole><Date>{}</Date></PublishingDate>", self.published)),
            "<SalesRights><SalesRightsType>01</SalesRightsType><Territory><RegionsIncluded>WORLD</RegionsIncluded></Territory></SalesRights></PublishingDetail>".into(),
            maybe(self.print, format!("<RelatedMaterial><RelatedProduct><ProductRelationCode>13</ProductRelationCode>{}</RelatedProduct></RelatedMaterial>", id(self.print))),
            maybe(self.amount, format!("<ProductSupply><SupplyDetail><Supplier><SupplierRole>01</SupplierRole><SupplierName>S</SupplierName></Supplier><ProductAvailability>20</ProductAvailability><Price><PriceType>04</PriceType><PriceAmount>{}</PriceAmount><CurrencyCode>EUR</CurrencyCode><Territory><CountriesIncluded>FR BE</CountriesIncluded></Territory></Price></SupplyDetail></ProductSupply>", self.amount)),
            "</Product>".into(),
        ]
        .concat()
    }
}

fn message(sent: &str, books: &[Book]) -> String {
    let products: String = books.iter().map(Book::xml).collect();
    format!(
        "<ONIXMessage release=\"3.0\"><Header><Sender><SenderName>House</SenderName></Sender><SentDateTime>{sent}</SentDateTime></Header>{products}</ONIXMessage>"
    )
}

fn ingest(catalogue: &Catalogue, sent: &str, books: &[Book]) -> IngestSummary {
    let summary = catalogue
        .ingest("", Reader::new(message(sent, books).as_bytes()))
        .unwrap();
    let sum = summary.added
        + summary.replaced
        + summary.unchanged
        + summary.removed
        + summary.stale
        + summary.rejected;
    assert_eq!(summary.read, sum, "{summary:?}");
    summary
}

fn catalogue(books: &[Book]) -> Catalogue {
    let catalogue = Catalogue::in_memory().unwrap();
    ingest(&catalogue, "20260101", books);
    catalogue
}

fn at() -> Moment {
    Moment::parse("2026-06-01", &Zone::default()).unwrap()
}

fn titles(catalogue: &Catalogue, search: &Search) -> Vec<String> {
    let page = catalogue.search(search).unwrap();
    assert_eq!(page.total, page.hits.len() as u64);
    let titles = page.hits.into_iter().map(|hit| hit.title.unwrap());
    titles.collect()
}

fn found(catalogue: &Catalogue, words: &str) -> Vec<String> {
    titles(catalogue, &Search::new(words))
}

fn title_of(catalogue: &Catalogue, id: &str) -> Option<String> {
    let kept = catalogue.product(id, None).unwrap();
    kept.first().and_then(|kept| kept.entry.title.clone())
}

#[test]
fn it_is_send_sync_and_clone() {
    fn check<T: Send + Sync + Clone>() {}
    check::<Catalogue>();
    fn send<T: Send>() {}
    send::<Writer>();
    send::<onix_catalogue::catalogue::Prepared>();
}

#[test]
fn the_later_record_stays_also_when_it_is_read_first() {
    let catalogue = Catalogue::in_memory().unwrap();
    let mut writer = catalogue.writer(WriterOptions::default()).unwrap();
    for (sent, title) in [("20260302", "Corrected"), ("20260301", "Wrong")] {
        let message = message(sent, &[Book::new("1", title)]);
        for record in Reader::new(message.as_bytes()) {
            writer
                .apply(Writer::prepare(&record.unwrap(), None))
                .unwrap();
        }
    }
    let summary = writer.commit().unwrap();
    assert_eq!(
        (summary.added, summary.stale, summary.in_catalogue),
        (1, 1, 1)
    );
    assert_eq!(title_of(&catalogue, "1").as_deref(), Some("Corrected"));
}

#[test]
fn a_correction_in_a_file_parsed_first_by_another_thread_stays() {
    let messages = [
        message("20260101T1200Z", &[Book::new("1", "First")]),
        // Later, though its wall clock shows less.
        message("20260101T100000-0500", &[Book::new("1", "Last")]),
        message("20260101T123000", &[Book::new("1", "Second")]),
    ];
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        let catalogue = Catalogue::in_memory().unwrap();
        let prepared = std::thread::scope(|scope| {
            let prepare = |message: usize| {
                let reader = Reader::new(messages[message].as_bytes());
                let records = reader.into_records();
                let prepared = records.map(|record| Writer::prepare(&record.unwrap(), None));
                prepared.collect::<Vec<_>>()
            };
            let threads = order.map(|message| scope.spawn(move || prepare(message)));
            threads.map(|thread| thread.join().unwrap())
        });
        let mut writer = catalogue.writer(WriterOptions::default()).unwrap();
        for prepared in prepared.into_iter().flatten() {
            writer.apply(prepared).unwrap();
        }
        let summary = writer.commit().unwrap();
        assert_eq!((summary.added, summary.stale), (1, 2));
        assert_eq!(title_of(&catalogue, "1").as_deref(), Some("Last"));
        assert_eq!(found(&catalogue, "last").len(), 1);
        assert_eq!(found(&catalogue, "second").len(), 0);
    }
}

#[test]
fn at_one_moment_the_later_in_input_order_stays() {
    let catalogue = Catalogue::in_memory().unwrap();
    let books = [Book::new("1", "Premier"), Book::new("1", "Dernier")];
    let summary = ingest(&catalogue, "20260101", &books);
    assert_eq!((summary.added, summary.stale), (1, 1));
    assert_eq!(title_of(&catalogue, "1").as_deref(), Some("Dernier"));
    let generation = catalogue.stats().unwrap().generation;
    // The same input again changes nothing.
    let summary = ingest(&catalogue, "20260101", &books);
    assert_eq!((summary.unchanged, summary.stale), (1, 1));
    assert_eq!(catalogue.stats().unwrap().generation, generation);
}

#[test]
fn runs_one_after_the_other() {
    let catalogue = catalogue(&[Book::new("1", "Un"), Book::new("2", "Deux")]);
    let summary = ingest(&catalogue, "20260101", &[Book::new("1", "Un")]);
    assert_eq!((summary.unchanged, summary.in_catalogue), (1, 2));
    assert_eq!(catalogue.stats().unwrap().generation, 1);

    let summary = ingest(&catalogue, "20251231", &[Book::new("1", "Ancien")]);
    assert_eq!((summary.stale, summary.in_catalogue), (1, 2));
    assert_eq!(title_of(&catalogue, "1").as_deref(), Some("Un"));

    let summary = ingest(&catalogue, "20260102", &[Book::new("1", "Uno")]);
    assert_eq!((summary.replaced, summary.in_catalogue), (1, 2));
    assert_eq!(found(&catalogue, "un "), [""; 0]);
    assert_eq!(found(&catalogue, "uno"), ["Uno"]);

    let remove = |reference| Book {
        notification: "05",
        ..Book::new(reference, "")
    };
    let summary = ingest(&catalogue, "20260103", &[remove("1"), remove("7")]);
    assert_eq!(
        (summary.removed, summary.unchanged, summary.in_catalogue),
        (1, 1, 1)
    );
    assert_eq!(title_of(&catalogue, "1"), None);
    assert_eq!(catalogue.stats().unwrap().products, 1);

    let test = Book {
        notification: "89",
        ..Book::new("9", "Essai")
    };
    let summary = ingest(&catalogue, "20260104", &[test]);
    assert_eq!((summary.unchanged, summary.in_catalogue), (1, 1));
    assert_eq!(catalogue.stats().unwrap().generation, 3);
}

#[test]
fn an_older_record_is_taken_where_that_is_asked() {
    let catalogue = catalogue(&[Book::new("1", "Neuf")]);
    let options = WriterOptions {
        policy: Policy {
            on_stale: OnStale::Accept,
            ..Policy::default()
        },
        ..WriterOptions::default()
    };
    let mut writer = catalogue.writer(options).unwrap();
    let message = message("20250101", &[Book::new("1", "Ancien")]);
    for record in Reader::new(message.as_bytes()) {
        writer
            .apply(Writer::prepare(&record.unwrap(), None))
            .unwrap();
    }
    assert_eq!(writer.commit().unwrap().replaced, 1);
    assert_eq!(title_of(&catalogue, "1").as_deref(), Some("Ancien"));
}

#[test]
fn sources_are_side_by_side() {
    let catalogue = catalogue(&[Book::new("1", "Un")]);
    let other = message("20200101", &[Book::new("1", "Un autre")]);
    let summary = catalogue
        .ingest("autre", Reader::new(other.as_bytes()))
        .unwrap();
    assert_eq!((summary.added, summary.in_catalogue), (1, 2));
    let sources: Vec<_> = catalogue.product("1", None).unwrap();
    let sources: Vec<_> = sources.iter().map(|kept| kept.source.as_str()).collect();
    assert_eq!(sources, ["House", "autre"]);
    assert_eq!(catalogue.product("1", Some("autre")).unwrap().len(), 1);
    let stats = catalogue.stats().unwrap();
    let stats: Vec<_> = stats
        .sources
        .iter()
        .map(|s| (s.source.as_str(), s.products))
        .collect();
    assert_eq!(stats, [("House", 1), ("autre", 1)]);
}

#[test]
fn what_is_set_aside_is_counted() {
    let onix = "<ONIXMessage release=\"3.0\"><Product><RecordReference>1</RecordReference></Product>\
                <Product><ProductIdentifier/></Product>\
                <Product><RecordReference>3</Wrong></Product>\
                <Product><RecordReference>4</RecordReference></Product></ONIXMessage>";
    let catalogue = Catalogue::in_memory().unwrap();
    let summary = catalogue.ingest("", Reader::new(onix.as_bytes())).unwrap();
    assert_eq!((summary.read, summary.added, summary.rejected), (4, 2, 2));
}

#[test]
fn identifiers_in_any_form() {
    let catalogue = catalogue(&[
        Book {
            isbn: "9782070368228",
            ..Book::new("house.1", "Livre")
        },
        Book {
            isbn: "9990000000001",
            ..Book::new("house.2", "Autre")
        },
    ]);
    for id in [
        "9782070368228",
        "978-2-07-036822-8",
        "2-07-036822-X",
        "207036822x",
        "978 2 07 036822 8",
        "house.1",
        "HOUSE.1",
    ] {
        assert_eq!(title_of(&catalogue, id).as_deref(), Some("Livre"), "{id}");
        assert_eq!(found(&catalogue, id), ["Livre"], "{id}");
    }
    assert_eq!(
        title_of(&catalogue, "999-0000-000001").as_deref(),
        Some("Autre")
    );
    // Part of one is no match, and an identifier doesn't stand in the way of a word.
    assert_eq!(found(&catalogue, "978207036822"), [""; 0]);
    assert_eq!(found(&catalogue, "livre 9782070368228"), ["Livre"]);
    assert_eq!(found(&catalogue, "isbn:2-07-036822-X"), ["Livre"]);
}

#[test]
fn several_products_of_one_identifier_are_all_found() {
    let book = |reference, title| Book {
        isbn: "9782070368228",
        ..Book::new(reference, title)
    };
    let catalogue = catalogue(&[book("b", "Deux"), book("a", "Un")]);
    let kept = catalogue.product("9782070368228", None).unwrap();
    let references: Vec<_> = kept
        .iter()
        .map(|k| k.entry.record_reference.as_str())
        .collect();
    assert_eq!(references, ["a", "b"]);
    assert_eq!(catalogue.offers("2-07-036822-X").unwrap().len(), 2);
}

#[test]
fn a_print_isbn_leads_to_the_ebook_but_sells_nothing() {
    let book = Book {
        isbn: "9782070368228",
        print: "9782070360024",
        amount: "7.99",
        ..Book::new("1", "Livre")
    };
    let catalogue = catalogue(&[book]);
    let kept = catalogue.product("2070360024", None).unwrap();
    assert_eq!(kept[0].found_by, FoundBy::Related(vec!["13".into()]));
    assert_eq!(
        catalogue.product("9782070368228", None).unwrap()[0].found_by,
        FoundBy::Own
    );
    let page = catalogue.search(&Search::new("978-2-07-036002-4")).unwrap();
    assert_eq!(page.hits[0].matched, ["related"]);
    let page = catalogue.search(&Search::new("9782070368228")).unwrap();
    assert_eq!(page.hits[0].matched, ["identifier"]);

    let request = |id: &str| {
        SaleRequest::new(Kind::Simulation, id, at())
            .with("country", "FR")
            .with("currency", "EUR")
            .with("cost", "799")
            .with("format", "epub")
            .with("protection", "watermark")
            .with("price_type", "04")
    };
    let verdict = |id| catalogue.check(&request(id), &Account::default()).unwrap();
    assert_eq!(verdict("2-07-036822-X").verdict, Judgement::Valid);
    assert_eq!(verdict("9782070368228").sent.as_deref(), Some("20260101"));
    let refused = verdict("9782070360024");
    let codes: Vec<_> = refused.codes.iter().map(|code| code.as_str()).collect();
    assert_eq!(codes, ["not_found"]);
    // What would be taken is the e-book.
    let near = &refused.near[0];
    assert_eq!(near.id.as_deref(), Some("9782070368228"));
    assert_eq!(
        (near.differs.as_slice(), near.offer.cost),
        (&["id"][..], Some(799))
    );
    let asked = request(near.id.as_deref().unwrap());
    let taken = catalogue.check(&asked, &Account::default()).unwrap();
    assert_eq!(taken.verdict, Judgement::Valid);
}

#[test]
fn the_own_isbn_comes_before_a_related_one() {
    let catalogue = catalogue(&[
        Book {
            isbn: "9782070368228",
            print: "9782070360024",
            ..Book::new("1", "Numérique")
        },
        Book {
            isbn: "9782070360024",
            form: "<ProductForm>BC</ProductForm>",
            ..Book::new("2", "Papier")
        },
    ]);
    assert_eq!(found(&catalogue, "9782070360024"), ["Papier", "Numérique"]);
}

#[test]
fn words() {
    let catalogue = catalogue(&[
        Book {
            author: "Albert Camus",
            ..Book::new("1", "L’Été")
        },
        Book {
            author: "Jean-Paul Sartre",
            ..Book::new("2", "La Nausée")
        },
        Book {
            language: "jpn",
            author: "夏目漱石",
            ..Book::new("3", "吾輩は猫である")
        },
        Book {
            author: "Hermann Broch",
            language: "ger",
            ..Book::new("4", "Straße des Sommers")
        },
    ]);
    for (words, expected) in [
        ("ete", "L’Été"),
        ("L'ÉTÉ camus", "L’Été"),
        ("e\u{301}te\u{301}", "L’Été"),
        ("nausee sartre", "La Nausée"),
        ("jean-paul", "La Nausée"),
        ("jean paul", "La Nausée"),
        ("\"paul sartre\"", "La Nausée"),
        ("naus", "La Nausée"),
        ("猫", "吾輩は猫である"),
        ("吾輩", "吾輩は猫である"),
        ("夏目漱石", "吾輩は猫である"),
        ("strasse", "Straße des Sommers"),
        ("STRASSE SOMM", "Straße des Sommers"),
        ("author:camus", "L’Été"),
        ("durand -sartre -broch -漱石", "L’Été"),
    ] {
        assert_eq!(found(&catalogue, words), [expected], "{words}");
    }
    for words in [
        "nau ",
        "\"sartre paul\"",
        "title:camus",
        "-durand",
        "猫猫",
        "?!",
    ] {
        assert_eq!(found(&catalogue, words), [""; 0], "{words}");
    }
    assert_eq!(found(&catalogue, "").len(), 4);
}

#[test]
fn nothing_typed_is_an_error() {
    let catalogue = catalogue(&[Book::new("1", "Livre")]);
    for words in [
        "\"",
        "-",
        "-\"",
        "title:",
        ":",
        "a:b:c",
        "AND OR NOT",
        "[* TO *]",
        "livre~2 ^3",
        "(((",
        "\u{0}\u{ffff}",
        &"x".repeat(5000),
        &"a ".repeat(5000),
        &"\"a".repeat(600),
    ] {
        catalogue.search(&Search::new(words)).unwrap();
    }
}

#[test]
fn filters() {
    let pdf = "<ProductForm>EA</ProductForm><ProductFormDetail>E107</ProductFormDetail><EpubTechnicalProtection>00</EpubTechnicalProtection>";
    let catalogue = catalogue(&[
        Book {
            author: "Ann Ash",
            published: "20240301",
            amount: "9.99",
            ..Book::new("1", "Alpha")
        },
        Book {
            author: "Ben Bay",
            published: "20250301",
            amount: "4.99",
            form: pdf,
            ..Book::new("2", "Le Beta")
        },
        Book {
            language: "eng",
            publisher: "Smith &amp; Sons",
            ..Book::new("3", "Gamma")
        },
    ]);
    let search = |change: &dyn Fn(&mut Search)| {
        let mut search = Search {
            at: at(),
            sort: Sort::Title,
            ..Search::default()
        };
        change(&mut search);
        titles(&catalogue, &search).join("|")
    };
    assert_eq!(search(&|_| {}), "Alpha|Le Beta|Gamma");
    assert_eq!(search(&|s| s.formats = vec![Format::Pdf]), "Le Beta");
    assert_eq!(
        search(&|s| s.formats = vec![Format::Pdf, Format::Epub]),
        "Alpha|Le Beta|Gamma"
    );
    assert_eq!(search(&|s| s.languages = vec!["en".into()]), "Gamma");
    assert_eq!(
        search(&|s| s.languages = vec!["FRE".into()]),
        "Alpha|Le Beta"
    );
    assert_eq!(search(&|s| s.publishers = vec!["smith".into()]), "Gamma");
    assert_eq!(
        search(&|s| s.contributors = vec!["bay".into(), "ANN ASH".into()]),
        "Alpha|Le Beta"
    );
    assert_eq!(search(&|s| s.sort = Sort::Date), "Le Beta|Alpha|Gamma");
    let date = |text| onix_catalogue::model::Date::parse(text, None);
    assert_eq!(search(&|s| s.published_after = date("2024")), "Le Beta");
    assert_eq!(search(&|s| s.published_before = date("2025")), "Alpha");
    let country = |code| onix_catalogue::model::Country::parse(code);
    assert_eq!(
        search(&|s| s.offer.country = country("BE")),
        "Alpha|Le Beta"
    );
    assert_eq!(search(&|s| s.offer.country = country("US")), "");
    assert_eq!(
        search(&|s| s.offer.price_type = Some("04".into())),
        "Alpha|Le Beta"
    );
    assert_eq!(search(&|s| s.offer.price_type = Some("02".into())), "");
    let eur = onix_catalogue::model::Currency::parse("EUR");
    assert_eq!(
        search(&|s| {
            s.offer.currency = eur;
            s.offer.max_cost = Some(500)
        }),
        "Le Beta"
    );
    assert_eq!(
        search(&|s| {
            s.offer.currency = eur;
            s.sort = Sort::Price
        }),
        "Le Beta|Alpha"
    );
    let page = catalogue
        .search(&Search {
            at: at(),
            ..Search::new("beta")
        })
        .unwrap();
    let offer = page.hits[0].offer.as_ref().unwrap();
    assert_eq!(
        (offer.cost, offer.amount.as_deref()),
        (Some(499), Some("4.99"))
    );
}

#[test]
fn library_offers_are_for_libraries() {
    let library = "<ProductForm>ED</ProductForm><ProductFormDetail>E101</ProductFormDetail>";
    let catalogue = Catalogue::in_memory().unwrap();
    let restricted = Book { form: library, ..Book::new("2", "Prêt") }.xml().replace(
        "</PublishingDetail>",
        "<SalesRestriction><SalesRestrictionType>06</SalesRestrictionType></SalesRestriction></PublishingDetail>",
    );
    let onix = format!(
        "<ONIXMessage release=\"3.0\">{}{restricted}</ONIXMessage>",
        Book::new("1", "Vente").xml()
    );
    catalogue.ingest("", Reader::new(onix.as_bytes())).unwrap();
    let of = |audience| {
        let mut titles = titles(
            &catalogue,
            &Search {
                audience,
                ..Search::default()
            },
        );
        titles.sort();
        titles.join("|")
    };
    assert_eq!(of(Audience::Consumer), "Vente");
    assert_eq!(of(Audience::Library), "Prêt");
    assert_eq!(of(Audience::Any), "Prêt|Vente");
}

#[test]
fn pages_and_facets() {
    const TITLES: [&str; 7] = ["A", "B", "C", "D", "E", "F", "G"];
    let books: Vec<_> = TITLES
        .iter()
        .map(|title| Book {
            published: "2024",
            ..Book::new(title, title)
        })
        .collect();
    let catalogue = catalogue(&books);
    for sort in [Sort::Relevance, Sort::Title, Sort::Date, Sort::Price] {
        let mut search = Search {
            sort,
            limit: 3,
            ..Search::default()
        };
        let mut seen = Vec::new();
        for expected in [3, 3, 1] {
            let page = catalogue.search(&search).unwrap();
            assert_eq!((page.total, page.hits.len()), (7, expected));
            seen.extend(page.hits.into_iter().map(|hit| hit.record_reference));
            search.after = page.next;
        }
        assert_eq!(search.after, None);
        seen.sort();
        assert_eq!(seen, TITLES, "{sort:?}");
    }
    let search = Search {
        facets: vec!["publisher".into(), "year".into()],
        ..Search::default()
    };
    let facets = catalogue.search(&search).unwrap().facets;
    let shown: Vec<_> = facets
        .iter()
        .map(|(name, counts)| format!("{name} {} {}", counts[0].value, counts[0].count))
        .collect();
    assert_eq!(shown, ["publisher Maison Durand 7", "year 2024 7"]);
    let wrong = Search {
        facets: vec!["colour".into()],
        ..Search::default()
    };
    assert!(matches!(
        catalogue.search(&wrong).unwrap_err().kind(),
        ErrorKind::Invalid { what: "facet", .. }
    ));
    let wrong = Search {
        after: Some("x".into()),
        ..Search::default()
    };
    assert!(catalogue.search(&wrong).is_err());
}

#[test]
fn an_empty_catalogue_answers() {
    let catalogue = Catalogue::in_memory().unwrap();
    for sort in [Sort::Relevance, Sort::Title, Sort::Date, Sort::Price] {
        let search = Search {
            words: "x".into(),
            sort,
            facets: vec!["format".into(), "year".into()],
            ..Search::default()
        };
        let page = catalogue.search(&search).unwrap();
        assert_eq!((page.total, page.hits.len(), page.next), (0, 0, None));
        assert_eq!(
            catalogue
                .search(&Search {
                    sort,
                    ..Search::default()
                })
                .unwrap()
                .total,
            0
        );
    }
    assert!(catalogue.product("9782070368228", None).unwrap().is_empty());
    assert_eq!(catalogue.stats().unwrap().products, 0);
}

#[test]
fn the_json_has_the_fields_of_the_contract() {
    let catalogue = catalogue(&[Book {
        amount: "9.99",
        ..Book::new("1", "Livre")
    }]);
    let page = catalogue
        .search(&Search {
            at: at(),
            ..Search::new("livre")
        })
        .unwrap();
    let json = serde_json::to_value(&page).unwrap();
    let names = |value: &serde_json::Value| {
        let mut names: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
        names.sort();
        names.join(" ")
    };
    assert_eq!(
        names(&json),
        "did_you_mean facets hits incomplete next total"
    );
    assert_eq!(
        names(&json["hits"][0]),
        "contributors cover format highlights isbn13 language matched offer protections published publisher record_reference score series source status subtitle title work"
    );
    assert_eq!(
        names(&json["hits"][0]["offer"]),
        "amount cost currency from price_type protections until"
    );
    assert_eq!(json["hits"][0]["status"], "sale");
    assert_eq!(json["hits"][0]["format"], "epub");
}

#[test]
fn the_record_is_kept_as_received() -> Result<()> {
    let book = Book::new("1", "Tom &amp; Jerry");
    let catalogue = catalogue(std::slice::from_ref(&book));
    let kept = catalogue.product("1", None)?.remove(0);
    assert!(kept.xml()?.contains(&book.xml()));
    let mut record = Record::new();
    assert!(Reader::new(kept.xml()?.as_bytes()).read_record(&mut record)?);
    assert_eq!(
        record.message().header().sender_name.as_deref(),
        Some("House")
    );
    assert_eq!(kept.entry.title.as_deref(), Some("Tom & Jerry"));
    Ok(())
}
