//! The command as users and scripts meet it: what it prints, where, and how it exits.
#![cfg(feature = "cli")]

mod util;

use util::{BOOK, Dir, SALE, lists};

const COMMANDS: [&str; 17] = [
    "index", "search", "suggest", "similar", "show", "offers", "check", "lookup", "export",
    "changes", "stats", "verify", "parse", "codes", "serve", "config", "generate",
];

#[test]
fn version_names_the_formats() {
    let outcome = Dir::new().onix(["--version"]).run().exits(0);
    outcome
        .prints(&format!("onix {}", env!("CARGO_PKG_VERSION")))
        .prints("index format")
        .prints("code lists issue");
}

#[test]
fn every_help_ends_with_an_example() {
    let dir = Dir::new();
    for command in COMMANDS {
        let outcome = dir.onix([command, "--help"]).run().exits(0);
        let outcome = outcome.prints("Examples:");
        let end = outcome.stdout.rsplit("Examples:").next().unwrap();
        if !end.contains(&format!("onix {command}")) {
            outcome.fail("the example is of this command");
        }
    }
}

#[test]
fn wrong_usage_exits_2() {
    let dir = Dir::with_book();
    dir.onix(["serch"]).run().exits(2).says("onix: error:");
    dir.onix(["index"]).run().exits(2);
    dir.onix(["check"]).run().exits(2);
    dir.onix(["search", "--country=XX"])
        .run()
        .exits(2)
        .says("ISO 3166");
    dir.onix(["search", "--currency=EURO"])
        .run()
        .exits(2)
        .says("ISO 4217");
    dir.onix(["search", "--format=docx"])
        .run()
        .exits(2)
        .says("epub");
    dir.onix(["search", "--max-cost=999"])
        .run()
        .exits(2)
        .says("--currency");
    dir.onix(["search", "--sort=price"])
        .run()
        .exits(2)
        .says("--currency");
    dir.onix(["search", "--at=tomorrow"]).run().exits(2);
    dir.onix(["parse", "--explain", "OX10"])
        .run()
        .exits(2)
        .says("OX101");
}

#[test]
fn no_index_says_how_to_build_one() {
    let dir = Dir::new();
    for args in [
        &["search", "x"][..],
        &["show", "x"],
        &["offers", "x"],
        &["check", "x"],
    ] {
        let outcome = dir.onix(args).run().exits(2);
        outcome
            .says("there is no catalogue at onix-index")
            .says("hint: build one with `onix index PATH…`");
    }
    assert!(!dir.path().join("onix-index").exists());
}

#[test]
fn index_adds_up_and_again_changes_nothing() {
    let dir = Dir::new();
    let first = dir.onix(["index", &lists(), "--json"]).run().exits(0);
    let first = &first.json()[0];
    let count = |value: &serde_json::Value, name: &str| value[name].as_u64().unwrap();
    let names = [
        "added",
        "replaced",
        "unchanged",
        "removed",
        "stale",
        "rejected",
    ];
    let sum: u64 = names.iter().map(|name| count(first, name)).sum();
    assert_eq!(count(first, "read"), sum, "{first}");
    assert!(count(first, "in_catalogue") >= 300, "{first}");
    let again = dir.onix(["index", &lists(), "--json"]).run().exits(0);
    let again = &again.json()[0];
    for name in ["added", "replaced", "removed"] {
        assert_eq!(count(again, name), 0, "{again}");
    }
    assert_eq!(again["in_catalogue"], first["in_catalogue"]);
}

#[test]
fn the_commands_to_try_next_work_when_pasted() {
    let dir = Dir::new();
    for args in [
        &["index", &lists()][..],
        &["index", &lists(), "--index", "an other/index"],
    ] {
        std::fs::create_dir_all(dir.path().join("an other")).unwrap();
        let outcome = dir.onix(args).run().exits(0).says("try next:");
        let (_, rest) = outcome.stderr.split_once("try next:").unwrap();
        let commands: Vec<&str> = rest
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .collect();
        let [search, show, check] = commands[..] else {
            outcome.fail("three commands");
        };
        assert!(search.contains("--at") && check.contains("--at"));
        let found = dir.printed(search).run().exits(0);
        let id = show.split(" show ").nth(1).unwrap();
        let id = id.split(' ').next().unwrap();
        found.prints(id);
        dir.printed(show).run().exits(0).prints(id);
        dir.printed(check).run().exits(0).prints("valid");
    }
}

#[test]
fn a_missing_path_is_named() {
    let dir = Dir::new();
    dir.onix(["index", "nowhere.xml"])
        .run()
        .exits(2)
        .says("onix: error:")
        .says("nowhere.xml");
    assert!(!dir.path().join("onix-index").exists());
}

#[test]
fn what_is_no_onix_is_refused_alone() {
    let dir = Dir::new();
    dir.write("page.html", "<html><body>503</body></html>");
    dir.write("book.xml", BOOK);
    let outcome = dir.onix(["index", "page.html", "book.xml", "--json"]).run();
    let outcome = outcome.exits(3).says("page.html");
    let summary = &outcome.json()[0];
    assert_eq!(summary["files_rejected"], 1, "{summary}");
    assert_eq!(summary["in_catalogue"], 1, "{summary}");
    dir.onix(["index", "page.html"]).run().exits(2);
}

#[test]
fn a_reject_can_be_mended_and_indexed_again() {
    let dir = Dir::new();
    let (start, rest) = BOOK.split_once("<Product>").unwrap();
    let (product, end) = rest.split_once("</ONIXMessage>").unwrap();
    let broken = product.replace("</TitleText>", "</TitelText>");
    let other = product
        .replace("house.1", "house.2")
        .replace("9782070368228", "9782070368235");
    let text = format!("{start}<Product>{broken}<Product>{other}</ONIXMessage>{end}");
    dir.write("list.xml", text);
    let outcome = dir
        .onix(["index", "list.xml", "--rejects=rejects.ndjson", "--json"])
        .run()
        .exits(3)
        .says("house.1");
    let summary = &outcome.json()[0];
    assert_eq!(
        (&summary["rejected"], &summary["added"]),
        (&1.into(), &1.into())
    );
    let reject: serde_json::Value = serde_json::from_str(&dir.read("rejects.ndjson")).unwrap();
    assert_eq!(reject["severity"], "error");
    assert_eq!(reject["record_reference"], "house.1");
    let xml = reject["xml"].as_str().unwrap();
    dir.write("mended.xml", xml.replace("</TitelText>", "</TitleText>"));
    dir.onix(["index", "mended.xml", "--source=House"])
        .run()
        .exits(0)
        .says("1 added");
}

#[test]
fn many_rejects_are_counted_not_told() {
    let dir = Dir::new();
    let mut text = String::from("<ONIXMessage release=\"3.0\">");
    for i in 0..30 {
        text.push_str(&format!(
            "<Product><RecordReference>r.{i}</RecordReference><A></B></Product>\n"
        ));
    }
    text.push_str("</ONIXMessage>");
    dir.write("list.xml", text);
    let outcome = dir
        .onix(["index", "list.xml", "--rejects=rejects.ndjson"])
        .run()
        .exits(3)
        .says("20 more products were set aside; all are in rejects.ndjson");
    let told = outcome.stderr.matches("RecordReference r.").count();
    assert_eq!(told, 10, "{}", outcome.stderr);
    assert_eq!(dir.read("rejects.ndjson").lines().count(), 30);
}

#[test]
fn rebuild_forgets_what_is_no_more() {
    let dir = Dir::with_book();
    let other = BOOK.replace("house.1", "house.2");
    dir.write("other.xml", other);
    let outcome = dir
        .onix(["index", "other.xml", "--rebuild", "--json"])
        .run();
    let outcome = outcome.exits(0);
    assert_eq!(outcome.json()[0]["in_catalogue"], 1);
    dir.onix(["show", "house.1"]).run().exits(1);
    dir.onix(["show", "house.2"]).run().exits(0);
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().flatten().collect();
    assert_eq!(left.len(), 3, "{left:?}");
}

#[test]
fn a_rebuild_killed_between_its_moves_is_undone() {
    let dir = Dir::with_book();
    let index = dir.path().join("onix-index");
    std::fs::rename(&index, dir.path().join(".onix-index.old-1")).unwrap();
    dir.write(".onix-index.rebuild-1/text/x", "half a catalogue");
    let outcome = dir.onix(["index", "book.xml", "--json"]).run().exits(0);
    assert_eq!(outcome.json()[0]["unchanged"], 1, "{}", outcome.stdout);
    dir.onix(["index", "book.xml", "--rebuild"]).run().exits(0);
    assert!(!dir.path().join(".onix-index.rebuild-1").exists());
}

#[test]
fn rebuild_leaves_other_folders_alone() {
    let dir = Dir::new();
    dir.write("book.xml", BOOK);
    dir.write("photos/cat.jpg", "cat");
    dir.onix(["index", "book.xml", "--rebuild", "--index=photos"])
        .run()
        .exits(2)
        .says("something else than a catalogue");
    assert_eq!(dir.read("photos/cat.jpg"), "cat");
}

#[test]
fn search_finds_words_and_identifiers() {
    let dir = Dir::with_book();
    let found = dir.onix(["search", "lighthouse", "--at=2026-12-01"]).run();
    found.exits(0).prints("The Lighthouse").prints("9.99 EUR");
    dir.onix(["search", "978-2-07-036822-8"])
        .run()
        .exits(0)
        .prints("The Lighthouse");
    dir.onix(["search", "zebra"])
        .run()
        .exits(1)
        .says("nothing found");
    let page = dir.onix(["search", "zebra", "--json"]).run().exits(1);
    assert_eq!(page.json()[0]["total"], 0);
    let page = dir
        .onix([
            "search",
            "--country=fra",
            "--currency=eur",
            "--max-cost=999",
            "--at=2026-12-01",
            "--json",
        ])
        .run()
        .exits(0);
    let page = &page.json()[0];
    assert_eq!(page["hits"][0]["offer"]["cost"], 999, "{page}");
    assert_eq!(page["hits"][0]["status"], "sale", "{page}");
}

#[test]
fn search_shows_where_words_stand_and_what_was_meant() {
    let dir = Dir::with_lists();
    let at = "--at=2026-12-01";
    dir.onix(["search", "phares", at, "--highlight"])
        .run()
        .exits(0)
        .prints("Le [Phare] de Kernizan");
    dir.onix(["search", "phare", "kernisan", at])
        .run()
        .exits(0)
        .says("did you mean `phare kernizan`?");
    dir.onix(["search", "phare", "xyzzy", at])
        .run()
        .exits(0)
        .says("nothing has all the words");
    let grouped = ["search", "phare de kernizan", "--group=work", "--json", at];
    let grouped = dir.onix(grouped).run().exits(0);
    let hit = &grouped.json()[0]["hits"][0];
    assert_eq!(hit["work"].as_array().unwrap().len(), 2, "{hit}");
    let csv = dir.onix(["search", "phare", "--csv", at]).run().exits(0);
    assert!(
        csv.stdout
            .starts_with("record_reference,source,isbn13,title,"),
        "{}",
        csv.stdout
    );
    let facets = [
        "search",
        "--facet=subject,price,accessibility",
        "--currency=EUR",
        "--json",
        at,
    ];
    let facets = dir.onix(facets).run().exits(0);
    let facets = &facets.json()[0]["facets"];
    let fiction = facets["subject"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["value"] == "93:F");
    assert_eq!(fiction.unwrap()["label"], "Fiction & Related items");
    assert!(
        facets["price"][0]["label"]
            .as_str()
            .unwrap()
            .ends_with("EUR"),
        "{facets}"
    );
    dir.onix(["search", "--facet=price"])
        .run()
        .exits(2)
        .says("currency");
}

#[test]
fn a_page_goes_on_behind_the_one_before() {
    let dir = Dir::with_lists();
    for sort in ["relevance", "title", "date"] {
        let page = |after: &str| {
            let sort = format!("--sort={sort}");
            let after = format!("--after={after}");
            let mut arguments = vec!["search", "mer", "--limit=2", "--json", &sort];
            if after != "--after=" {
                arguments.push(&after);
            }
            dir.onix(arguments).run().exits(0).json()[0].clone()
        };
        let first = page("");
        let next = first["next"].as_str().unwrap().to_owned();
        let second = page(&next);
        assert_ne!(first["hits"][0], second["hits"][0], "{sort}");
        assert_eq!(first["total"], second["total"], "{sort}");
        let other = if sort == "title" { "date" } else { "title" };
        let after = format!("--after={next}");
        let sort = format!("--sort={other}");
        dir.onix(["search", "mer", &after, &sort])
            .run()
            .exits(2)
            .says("in the same order");
    }
    dir.onix(["search", "mer", "--after=nonsense"])
        .run()
        .exits(2)
        .says("page token");
}

#[test]
fn suggest_completes_and_similar_finds_others() {
    let dir = Dir::with_lists();
    dir.onix(["suggest", "phare"])
        .run()
        .exits(0)
        .prints("Le Phare de Kernizan");
    let found = dir.onix(["suggest", "le", "ph", "--json"]).run().exits(0);
    assert_eq!(found.json()[0]["kind"], "title", "{}", found.stdout);
    dir.onix(["suggest", "zzzz"]).run().exits(1);
    let similar = dir
        .onix(["similar", "9789999904216", "--json"])
        .run()
        .exits(0);
    for hit in similar.json() {
        assert_ne!(hit["title"], "Le Phare de Kernizan");
    }
    dir.onix(["similar", "nobody"])
        .run()
        .exits(1)
        .says("nobody");
    // What is offered to libraries is for them alone.
    dir.onix(["suggest", "l'archiviste", "--for=library"])
        .run()
        .exits(0)
        .prints("L’Archiviste du port");
}

#[test]
fn library_offers_have_their_licence() {
    let dir = Dir::with_lists();
    let rows = [
        "offers",
        "ONYX1700-epub-LIBRARIES",
        "--at=2026-12-01",
        "--json",
    ];
    let rows = dir.onix(rows).run().exits(0);
    let row = &rows.json()[0];
    assert_eq!(
        (&row["loans"], &row["duration"]),
        (&"30".into(), &"60 months".into())
    );
    let csv = [
        "offers",
        "ONYX1700-epub-LIBRARIES",
        "--at=2026-12-01",
        "--csv",
    ];
    dir.onix(csv)
        .run()
        .exits(0)
        .prints("06 02 30x10; 07 02 60x14; 09 02 30x07");
    let shown = dir
        .onix(["search", "archiviste port", "--for=library", "--json"])
        .run()
        .exits(0);
    assert_eq!(
        shown.json()[0]["hits"][0]["record_reference"],
        "ONYX1700-epub-LIBRARIES"
    );
    let shown = dir
        .onix(["search", "archiviste port", "--json", "--facet=format"])
        .run();
    for hit in shown.json()[0]["hits"].as_array().unwrap() {
        assert_ne!(hit["record_reference"], "ONYX1700-epub-LIBRARIES");
    }
}

#[test]
fn show_prints_text_json_and_the_record() {
    let dir = Dir::with_book();
    dir.onix(["show", "2-07-036822-X"])
        .run()
        .exits(0)
        .prints("The Lighthouse")
        .prints("house.1")
        .prints("9.99 EUR");
    let shown = dir.onix(["show", "house.1", "--json"]).run().exits(0);
    let shown = &shown.json()[0];
    assert_eq!(shown["title"], "The Lighthouse");
    assert_eq!(shown["source"], "House");
    let xml = dir.onix(["show", "house.1", "--xml"]).run().exits(0);
    dir.write("shown.xml", &xml.stdout);
    let again = dir.onix(["index", "shown.xml", "--json"]).run().exits(0);
    assert_eq!(again.json()[0]["unchanged"], 1, "{}", again.stdout);
    dir.onix(["show", "nobody"]).run().exits(1).says("nobody");
}

#[test]
fn offers_come_as_table_json_and_csv() {
    let dir = Dir::with_book();
    let at = "--at=2026-12-01";
    dir.onix(["offers", "house.1", at])
        .run()
        .exits(0)
        .prints("9.99 EUR");
    let rows = dir.onix(["offers", at, "--json"]).run().exits(0);
    let row = &rows.json()[0];
    assert_eq!(
        (&row["cost"], &row["status"]),
        (&999.into(), &"sale".into())
    );
    let csv = dir.onix(["offers", at, "--csv"]).run().exits(0);
    let mut lines = csv.stdout.lines();
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("record_reference,source,")
    );
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("house.1,House,9782070368228,")
    );
    dir.onix(["offers", "house.1", at, "--country=BE"])
        .run()
        .exits(1);
}

#[test]
fn look_ups_answer_a_line_an_identifier() {
    let dir = Dir::with_book();
    dir.write(
        "ids.txt",
        "9782070368228\n\n 9780000000002 \n2-07-036822-X\n",
    );
    let args = ["lookup", "--ids=ids.txt", "--country=FR", "--at=2026-12-01"];
    let lines = dir.onix(args).run().exits(0);
    lines.prints("The Lighthouse").prints("not found");
    let json = dir.onix(args.iter().chain(&["--json"])).run().exits(0);
    let json = json.json();
    assert_eq!(json.len(), 3);
    assert_eq!(json[0]["id"], "9782070368228");
    assert_eq!(
        (&json[0]["found"], &json[1]["found"]),
        (&true.into(), &false.into())
    );
    assert_eq!(json[2]["title"], "The Lighthouse");
    assert_eq!(json[0]["status"], "sale");
    assert_eq!(json[0]["offer"]["cost"], 999);
    let csv = dir.onix(args.iter().chain(&["--csv"])).run().exits(0);
    let lines: Vec<&str> = csv.stdout.lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[0].starts_with("id,found,"), "{}", lines[0]);
    assert!(lines[2].starts_with("9780000000002,false,"), "{}", lines[2]);
    let given = dir.onix(["lookup", "9780000000002"]).run();
    given.exits(1).prints("not found");
    dir.onix(["lookup"]).run().exits(2);
    let piped = dir.onix(["lookup", "--ids=-", "--json", "--at=2026-12-01"]);
    let piped = piped.input("house.1\n").run().exits(0);
    assert_eq!(piped.json()[0]["isbn13"], "9782070368228");
}

#[test]
fn the_catalogue_is_written_out() {
    let dir = Dir::with_book();
    let at = "--at=2026-12-01";
    let view = dir.onix(["export", at]).run().exits(0);
    assert_eq!(view.json()[0]["title"], "The Lighthouse");
    let offers = dir.onix(["export", "--as=offers", at]).run().exits(0);
    assert_eq!(offers.json()[0]["cost"], 999);
    let csv = dir.onix(["export", "--as=csv", "--currency=EUR", at]).run();
    let csv = csv.exits(0);
    let line = csv.stdout.lines().nth(1).unwrap();
    assert!(
        line.starts_with("house.1,House,9782070368228,The Lighthouse,"),
        "{line}"
    );
    assert!(line.contains(",sale,04,EUR,9.99,999,"), "{line}");
    dir.onix(["export", "--publisher=Nobody"]).run().exits(1);
}

#[test]
fn what_changed_is_told_and_what_is_there_is_counted() {
    let dir = Dir::with_book();
    dir.onix(["stats"])
        .run()
        .exits(0)
        .prints("products          1");
    dir.onix(["verify"]).run().exits(0).prints("all is well");
    dir.onix(["changes", "--since=0"]).run().exits(1);
    let dearer = BOOK
        .replace("9.99", "12.99")
        .replace("20260101", "20260201");
    dir.write("dearer.xml", dearer);
    let changes = "--changes=changes.ndjson";
    dir.onix(["index", "dearer.xml", changes]).run().exits(0);
    let line: serde_json::Value = serde_json::from_str(dir.read("changes.ndjson").trim()).unwrap();
    assert_eq!(line["what"], serde_json::json!(["price"]));
    assert_eq!(line["before"]["offers"][0]["cost"], 999);
    let told = dir.onix(["changes", "--since=1", "--json"]).run().exits(0);
    assert_eq!(told.json()[0], line);
    dir.onix(["changes", "--since=1"])
        .run()
        .exits(0)
        .prints("price");
    dir.onix(["changes", "--since=2"]).run().exits(1);
    dir.onix(["changes", "--since=soon"]).run().exits(2);
    let stats = dir.onix(["stats", "--json", "--max-age=1d"]).run().exits(0);
    assert_eq!(stats.json()[0]["generation"], 2);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    dir.onix(["stats", "--max-age=0s"]).run().exits(1);
}

#[test]
fn a_catalogue_is_built_anew_from_what_it_keeps() {
    let dir = Dir::with_book();
    dir.onix(["index", "--rebuild"]).run().exits(0);
    let shown = dir.onix(["show", "house.1", "--json"]).run().exits(0);
    assert_eq!(shown.json()[0]["source"], "House");
    let bare = ["index", "book.xml", "--rebuild", "--keep-records=false"];
    dir.onix(bare).run().exits(0);
    let outcome = dir.onix(["show", "house.1"]).run().exits(0);
    outcome.prints("doesn't keep records");
    dir.onix(["show", "house.1", "--xml"])
        .run()
        .exits(2)
        .says("keep_records");
    dir.onix(SALE.iter().fold(vec!["check"], |mut all, flag| {
        all.push(flag);
        all
    }))
    .run()
    .exits(0);
    dir.onix(["index", "--rebuild"]).run().exits(2);
    dir.onix(["show", "house.1"]).run().exits(0);
    dir.onix(["index"]).run().exits(2);
}

#[test]
fn check_answers_by_its_exit_status() {
    let dir = Dir::with_book();
    let check = |args: &[&str]| dir.onix(["check"].iter().chain(args)).run();
    check(&SALE).exits(0).prints("valid");
    let mut sale = SALE;
    sale[2] = "--cost=899";
    let refused = check(&sale).exits(1).prints("refused");
    refused.prints("899").prints("999");
    sale[0] = "9780000000000";
    check(&sale).exits(1).prints("not_found");
    // Absence and nonsense are verdicts.
    let args = ["house.1", "--format=docx", "--country=Atlantis", "--json"];
    let verdict = check(&args).exits(1);
    assert_eq!(
        verdict.json()[0]["verdict"],
        "refused",
        "{}",
        verdict.stdout
    );
}

#[test]
fn a_batch_is_answered_line_by_line() {
    let dir = Dir::with_book();
    let good = r#"{"ref":"a","id":"9782070368228","format":"epub","cost":999,"protection":"watermark","country":"FR","currency":"EUR","price_type":"04","customer_id":"c","transaction_id":"t","at":"2026-12-01"}"#;
    let lines = format!("{good}\n{{\"ref\":2,\"id\":\"x\",\"at\":\"2026-12-01\"}}\n");
    let outcome = dir
        .onix(["check", "--batch=-"])
        .input(&lines)
        .run()
        .exits(0);
    let answers = outcome.json();
    assert_eq!(answers[0]["ref"], "a");
    assert_eq!(answers[0]["verdict"], "valid", "{}", outcome.stdout);
    assert_eq!(answers[0]["reasons"].as_array().unwrap().len(), 0);
    assert_eq!(
        (&answers[1]["ref"], &answers[1]["verdict"]),
        (&2.into(), &"refused".into())
    );

    let lines = format!("{{\"ref\":1,\"id\":\"x\",\"prise\":1}}\nnonsense\n{good}\n");
    let outcome = dir
        .onix(["check", "--batch=-"])
        .input(&lines)
        .run()
        .exits(3);
    let answers = outcome.json();
    assert_eq!(answers.len(), 3, "{}", outcome.stdout);
    assert_eq!(answers[0]["ref"], 1);
    let error = answers[0]["error"].as_str().unwrap();
    assert!(error.contains("`prise`"), "{error}");
    assert_eq!(answers[1]["line"], 2);
    assert_eq!(answers[2]["verdict"], "valid");
}

#[test]
fn a_batch_of_csv_is_answered_in_csv() {
    let dir = Dir::with_book();
    dir.write(
        "sales.csv",
        "ref,id,format,cost,protection,country,currency,price_type,customer_id,transaction_id,at\n\
         1,9782070368228,epub,999,watermark,FR,EUR,04,c,t,2026-12-01\n\
         =2,9782070368228,epub\n\
         3,9782070368228,epub,,watermark,FR,EUR,04,c,t,2026-12-01\n",
    );
    let outcome = dir.onix(["check", "--batch=sales.csv"]).run().exits(3);
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    assert_eq!(lines[0], "ref,id,verdict,codes,also,missing,notices,error");
    assert!(
        lines[1].starts_with("1,9782070368228,valid,"),
        "{}",
        lines[1]
    );
    assert!(lines[2].starts_with("'=2,9782070368228,,"), "{}", lines[2]);
    assert!(lines[3].contains("missing_cost"), "{}", lines[3]);
    dir.onix(["check", "--batch=-"])
        .input("id,prise\n1,2\n")
        .run()
        .exits(2)
        .says("`prise`");
}

#[test]
fn a_batch_of_windows_text_is_read() {
    let dir = Dir::with_book();
    let lines = "\u{feff}{\"id\":\"x\",\"at\":\"2026-12-01\"}\r\n\r\n{\"id\":\"y\",\"at\":\"2026-12-01\"}\r\n";
    let outcome = dir.onix(["check", "--batch=-"]).input(lines).run().exits(0);
    assert_eq!(outcome.json().len(), 2, "{}", outcome.stdout);
}

#[test]
fn parse_prints_a_line_a_product() {
    let dir = Dir::new();
    dir.write("book.xml", BOOK);
    let views = dir.onix(["parse", "book.xml"]).run().exits(0);
    assert_eq!(views.json()[0]["record_reference"], "house.1");
    let xml = dir
        .onix(["parse", "book.xml", "--as=xml", "-0"])
        .run()
        .exits(0);
    assert!(xml.stdout.ends_with('\0') && xml.stdout.starts_with("<ONIXMessage"));
    dir.onix(["parse", "book.xml", "--as=xml", "-o", "out"])
        .run()
        .exits(0);
    assert!(
        dir.read("out/house.1.xml")
            .contains("<RecordReference>house.1<")
    );
    dir.onix(["parse", "--explain", "ox101"])
        .run()
        .exits(0)
        .prints("OX101");
    let piped = dir.onix(["parse", "-"]).input(BOOK).run().exits(0);
    assert_eq!(piped.json().len(), 1);
}

#[test]
fn a_closed_pipe_is_no_trouble() {
    let dir = Dir::new();
    let outcome = dir.onix(["parse", &lists()]).run_for_nobody().exits(0);
    assert_eq!(outcome.stderr, "");
}

#[test]
fn control_characters_never_reach_the_output_raw() {
    let dir = Dir::new();
    // U+009B begins an escape sequence as ESC [ does, and XML allows it.
    dir.write(
        "book.xml",
        BOOK.replace("The Lighthouse", "The \u{9b}31mLighthouse"),
    );
    dir.onix(["index", "book.xml"]).run().exits(0);
    for args in [
        &["search", "--for=any"][..],
        &["search", "--json"],
        &["show", "house.1"],
        &["show", "house.1", "--json"],
        &["offers", "--json"],
    ] {
        let outcome = dir.onix(args).run().exits(0);
        if outcome.stdout.contains('\u{9b}') {
            outcome.fail("no raw control character");
        }
    }
}

#[test]
fn csv_is_guarded_against_formulas() {
    let dir = Dir::new();
    dir.write("book.xml", BOOK.replace("The Lighthouse", "=HYPERLINK(1)"));
    dir.onix(["index", "book.xml"]).run().exits(0);
    let csv = dir
        .onix(["offers", "--csv", "--at=2026-12-01"])
        .run()
        .exits(0);
    csv.prints(",'=HYPERLINK(1),");
}

#[test]
fn flags_go_before_environment_before_file() {
    let dir = Dir::with_book();
    dir.write(
        "onix.toml",
        "[search]\nlimit = 7\n\n[index]\nindex = \"onix-index\"\nstrict = true\n",
    );
    let from = |outcome: util::Outcome, key: &str| {
        let rows = outcome.json();
        let row = rows.iter().find(|row| row["key"] == key);
        row.unwrap_or_else(|| outcome.fail(key)).clone()
    };
    let config = || dir.onix(["config", "--json"]);
    let row = from(config().run().exits(0), "search.limit");
    assert_eq!((&row["value"], &row["from"]), (&"7".into(), &"file".into()));
    let row = from(config().env("ONIX_SEARCH_LIMIT", "8").run(), "search.limit");
    assert_eq!(
        (&row["value"], &row["name"]),
        (&"8".into(), &"ONIX_SEARCH_LIMIT".into())
    );
    let row = from(config().run(), "index");
    assert_eq!(
        (&row["value"], &row["from"]),
        (&"onix-index".into(), &"file".into())
    );
    let row = from(dir.onix(["config", "--json", "--index=x"]).run(), "index");
    assert_eq!(
        (&row["value"], &row["from"]),
        (&"x".into(), &"command line".into())
    );

    // And they count.
    dir.write("onix.toml", "[search]\njson = true\ncountry = \"BE\"\n");
    let at = "--at=2026-12-01";
    let page = dir.onix(["search", at]).run().exits(1);
    assert_eq!(page.json()[0]["total"], 0);
    let search = dir.onix(["search", at]).env("ONIX_SEARCH_COUNTRY", "FR");
    assert_eq!(search.run().exits(0).json()[0]["total"], 1);
    let search = dir
        .onix(["search", at, "--country=BE"])
        .env("ONIX_SEARCH_COUNTRY", "FR");
    search.run().exits(1);
    let search = dir
        .onix(["search", at, "--country=FR"])
        .env("ONIX_SEARCH_JSON", "0");
    search.run().exits(0).prints("title");
}

#[test]
fn a_slip_in_the_settings_is_named() {
    let dir = Dir::with_book();
    let slips = [
        (
            "[search]\nlimti = 3\n",
            "search.limti",
            "did you mean `limit`",
        ),
        ("[serch]\nlimit = 3\n", "serch", "did you mean `search`"),
        ("inedx = \"x\"\n", "inedx", "did you mean `index`"),
        ("[search]\nlimit = \"few\"\n", "search.limit", "few"),
        (
            "[search]\njson = \"yes\"\n",
            "search.json",
            "true nor false",
        ),
        ("[search]\ncountry = \"XX\"\n", "search.country", "ISO 3166"),
        ("[check]\ncost = 3\n", "check.cost", "no such key"),
        (
            "[account]\nzone = \"Mars\"\n",
            "account.zone",
            "Europe/Paris",
        ),
        (
            "[account.a]\ncontry = \"FR\"\n",
            "account.a.contry",
            "`country`",
        ),
        (
            "[account]\nminor_units = { CLP = \"x\" }\n",
            "account.minor_units",
            "CLP",
        ),
        ("index = \n", "onix.toml:1", ""),
    ];
    for (text, key, hint) in slips {
        dir.write("onix.toml", text);
        let outcome = dir.onix(["search", "x"]).run().exits(2);
        outcome.says("onix.toml").says(key).says(hint);
    }
    let outcome = dir.onix(["search", "--config=nowhere.toml"]).run().exits(2);
    outcome.says("nowhere.toml");
}

#[test]
fn sources_have_policies_of_their_own() {
    let dir = Dir::with_book();
    dir.write("onix.toml", "[source.House]\non_stale = \"accept\"\n");
    let older = BOOK.replace("20260101", "20250101").replace("9.99", "4.99");
    dir.write(
        "older.xml",
        older.replace("<SenderName>House", "<SenderName>Other"),
    );
    let other = dir.onix(["index", "older.xml", "--json"]).run().exits(0);
    assert_eq!(other.json()[0]["added"], 1);
    dir.write("older.xml", &older);
    let taken = dir.onix(["index", "older.xml", "--json"]).run().exits(0);
    assert_eq!(taken.json()[0]["replaced"], 1);
    std::fs::remove_file(dir.path().join("onix.toml")).unwrap();
    let oldest = older.replace("20250101", "20240101");
    dir.write("oldest.xml", oldest);
    let refused = dir.onix(["index", "oldest.xml", "--json"]).run().exits(0);
    assert_eq!(refused.json()[0]["stale"], 1);
    dir.write("onix.toml", "[source.House]\non_stale = \"take\"\n");
    let wrong = dir.onix(["stats"]).run().exits(2);
    wrong.says("source.House.on_stale").says("refuse or accept");
}

#[test]
fn accounts_are_chosen_by_name() {
    let dir = Dir::with_book();
    let text =
        "[account.paris]\ncountry = \"FR\"\n[account.madrid]\ncountry = \"ES\"\ndialect = \"es\"\n";
    dir.write("onix.toml", text);
    let check = |account: &str| {
        let args = ["check", "house.1", "--at=2026-12-01", "--json", account];
        dir.onix(args).run().exits(1).json()[0]["dialect"].clone()
    };
    assert_eq!(check("--account=paris"), "en");
    assert_eq!(check("--account=madrid"), "es");
    dir.onix(["check", "house.1"])
        .run()
        .exits(2)
        .says("madrid, paris");
    dir.onix(["check", "house.1", "--account=rome"])
        .run()
        .exits(2)
        .says("`rome`");
}

#[test]
fn parameters_of_a_sale_come_from_the_command_line_alone() {
    let dir = Dir::with_book();
    let check = dir.onix(["check", "house.1", "--at=2026-12-01", "--json"]);
    let verdict = check.env("ONIX_CHECK_COST", "999").run().exits(1);
    assert!(
        verdict.stdout.contains("missing_cost"),
        "{}",
        verdict.stdout
    );
}

#[test]
fn generate_writes_pages_and_completions() {
    let dir = Dir::new();
    dir.onix(["generate", "man"]).run().exits(0).prints(".TH");
    dir.onix(["generate", "man", "-o", "man1"]).run().exits(0);
    for command in COMMANDS {
        assert!(dir.path().join(format!("man1/onix-{command}.1")).exists());
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let outcome = dir.onix(["generate", "completions", shell]).run().exits(0);
        outcome.prints("search");
    }
}

#[test]
fn codes_are_looked_up() {
    let dir = Dir::new();
    dir.onix(["codes", "58", "04"]).run().exits(0).prints("04");
    dir.onix(["codes", "58", "zz"]).run().exits(1);
    dir.onix(["codes", "--search", "watermark"])
        .run()
        .exits(0)
        .prints("144");
}

#[test]
fn quiet_says_nothing_and_colours_come_when_asked_for() {
    let dir = Dir::new();
    dir.write("book.xml", BOOK);
    let outcome = dir.onix(["index", "book.xml", "-q"]).run().exits(0);
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("", ""));
    let check = |color: &str| {
        let args = ["check", "house.1", "--at=2026-12-01", color];
        dir.onix(args).run().exits(1).stdout.contains('\u{1b}')
    };
    assert!(check("--color=always"));
    assert!(!check("--color=never"));
    assert!(!check("--color=auto"));
}
