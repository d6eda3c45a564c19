//! `onix sync`, `fetch`, `toc`, `publishers` and `config check` against the stand-in, over a socket.
#![cfg(feature = "cli")]

#[path = "util/raw.rs"]
mod raw;
#[path = "sandbox_support/mod.rs"]
mod sandbox_support;
mod util;

use std::process::Stdio;
use std::time::Duration;

use raw::{Raw, answer};
use sandbox_support::{Served, books, product, removal};
use serde_json::{Value, json};
use util::{Dir, Onix, Outcome};

/// A shop, and the platform that it synchronises from, which has the books of the sequences.
struct Shop {
    dir: Dir,
    platform: Served,
}

const NOW: &str = "2026-12-01T12:00:00Z";

/// Products of the books.
const PRODUCTS: u64 = 132;

impl Shop {
    fn open() -> Self {
        let dir = Dir::new();
        let platform = Served::start(&dir, &[]);
        platform.seed(json!({"now": NOW}));
        platform.catalogue(&books());
        platform.forward(3600);
        let toml = format!(
            "[account]\nbase_url = \"http://{}\"\norganisation = \"ONYX\"\nuser = \"shop\"\nallow_http = true\n",
            platform.address()
        );
        dir.write("onix.toml", toml);
        Self { dir, platform }
    }

    fn onix(&self, args: &[&str]) -> Onix {
        self.dir.onix(args).env("ONIX_ACCOUNT_PASSWORD", "secret")
    }

    #[track_caller]
    fn sync(&self, args: &[&str]) -> Value {
        self.synced(args).exits(0).json().remove(0)
    }

    fn synced(&self, args: &[&str]) -> Outcome {
        let args = [&["sync", "--json", "--patience=1s"], args].concat();
        self.onix(&args).run()
    }

    fn titles(&self, id: &str) -> Vec<String> {
        let outcome = self.onix(&["show", id, "--json"]).run();
        let views = outcome.json().into_iter();
        views
            .map(|view| view["title"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// What the platform was asked, by its services.
    fn asked(&self) -> Vec<String> {
        let log: Value =
            serde_json::from_str(&self.platform.get("/__admin/requests").text()).unwrap();
        let requests = log["requests"]
            .as_array()
            .or(log.as_array())
            .unwrap()
            .iter();
        requests
            .filter_map(|request| request["service"].as_str().map(str::to_owned))
            .collect()
    }
}

impl Served {
    fn forward(&self, seconds: u64) {
        let body = json!({"advance_s": seconds}).to_string();
        assert_eq!(self.post("/__admin/clock", body.as_bytes()).status, 200);
    }

    fn fault(&self, fault: Value) {
        let reply = self.post("/__admin/faults", fault.to_string().as_bytes());
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
}

fn fields(summary: &Value, names: &[&str]) -> Vec<u64> {
    names
        .iter()
        .map(|name| summary[name].as_u64().unwrap())
        .collect()
}

#[test]
fn all_of_it_first_and_then_what_has_changed() {
    let shop = Shop::open();
    let first = shop.sync(&[]);
    assert_eq!(first["kind"], "full");
    assert_eq!(
        fields(&first, &["pages", "calls", "added"]),
        [3, 4, PRODUCTS]
    );
    assert_eq!(first["complete"], true);
    shop.platform.forward(7200);
    let second = shop.sync(&[]);
    assert_eq!(second["kind"], "delta");
    assert_eq!(
        fields(&second, &["pages", "read", "in_catalogue"]),
        [0, 0, PRODUCTS]
    );
    shop.platform
        .catalogue(product("NEW-epub", "9789999977778", "A new one").as_bytes());
    shop.platform.catalogue(removal("DEMO2-epub").as_bytes());
    shop.platform.forward(7200);
    let third = shop.sync(&["--changes=changes.ndjson"]);
    assert_eq!(fields(&third, &["pages", "added", "removed"]), [1, 1, 1]);
    assert_eq!(shop.titles("9789999977778"), ["A new one"]);
    assert_eq!(shop.titles("DEMO2-epub"), [""; 0]);
    let changes = shop.dir.read("changes.ndjson");
    assert!(
        changes.contains("\"removed\"") && changes.contains("DEMO2-epub"),
        "{changes}"
    );
    // The window is ours: each asked from ten minutes before the last began.
    let asked = shop.platform.get("/__admin/requests").text();
    assert!(asked.contains("20261201T12"), "{asked}");
}

#[test]
fn lists_of_the_former_generation_in_both_formats() {
    for format in ["onix", "xml"] {
        for shape in ["json", "lines", "xml"] {
            let shop = Shop::open();
            shop.platform
                .seed(json!({"now": NOW, "switches": {"lists_body": shape}}));
            shop.platform.catalogue(&books());
            shop.platform.forward(3600);
            let format = format!("--format={format}");
            let args = ["--api=lists", &format];
            let first = shop.sync(&args);
            assert_eq!(first["kind"], "lists");
            assert_eq!(
                fields(&first, &["pages", "added"]),
                [3, PRODUCTS],
                "{format} {shape}"
            );
            shop.platform.forward(7200);
            let second = shop.sync(&args);
            assert_eq!(fields(&second, &["pages", "calls"]), [0, 1]);
        }
    }
}

#[test]
fn both_formats_and_generations_meet_in_one_catalogue() {
    let shop = Shop::open();
    shop.sync(&[]);
    shop.platform.forward(3600);
    shop.platform
        .catalogue(product("NEW-epub", "9789999977778", "First").as_bytes());
    shop.platform.forward(3600);
    let xml = shop.sync(&["--format=xml"]);
    assert_eq!(fields(&xml, &["added", "in_catalogue"]), [1, PRODUCTS + 1]);
    shop.platform
        .catalogue(product("NEW-epub", "9789999977778", "Second").as_bytes());
    shop.platform.forward(3600);
    let lists = shop.sync(&["--api=lists"]);
    assert_eq!(
        fields(&lists, &["replaced", "in_catalogue"]),
        [1, PRODUCTS + 1]
    );
    assert_eq!(shop.titles("9789999977778"), ["Second"]);
    let all = shop.sync(&["--full", "--format=xml"]);
    assert_eq!(fields(&all, &["in_catalogue"]), [PRODUCTS + 1]);
    shop.onix(&["verify"]).run().exits(0);
}

#[test]
fn a_full_run_finds_what_has_disappeared() {
    let shop = Shop::open();
    shop.sync(&[]);
    // As if the platform had forgotten to tell.
    shop.platform.seed(json!({"now": NOW}));
    assert_eq!(shop.platform.post("/__admin/reset", b"{}").status, 200);
    shop.platform.seed(json!({"now": NOW}));
    shop.platform
        .catalogue(product("ONLY-epub", "9789999977778", "The last").as_bytes());
    shop.platform.forward(3600);
    let dry = shop.sync(&["--full", "--dry-run"]);
    assert_eq!(fields(&dry, &["removed", "added"]), [PRODUCTS, 1]);
    let stats = shop.onix(&["stats", "--json"]).run().exits(0).json();
    assert_eq!(stats[0]["products"], PRODUCTS, "a dry run changes nothing");
    let full = shop.sync(&["--full"]);
    assert_eq!(
        fields(&full, &["removed", "added", "in_catalogue"]),
        [PRODUCTS, 1, 1]
    );
}

#[test]
fn too_many_changes_are_fetched_as_all_of_the_catalogue() {
    let shop = Shop::open();
    shop.sync(&[]);
    for (args, service) in [(vec![], "delta"), (vec!["--api=lists"], "lists")] {
        shop.platform.forward(7200);
        shop.platform.fault(
            json!({"service": service, "nth": 1, "times": 1, "do": {"code": "too_many_results"}}),
        );
        let outcome = shop.synced(&args).exits(0).says("too much has changed");
        assert_eq!(outcome.json()[0]["kind"], "full");
    }
}

#[test]
fn a_busy_or_broken_platform_is_waited_for() {
    let shop = Shop::open();
    let busy = |times: u64, service: &str, status: u16| {
        shop.platform.fault(json!({
            "service": service, "nth": 1, "times": times,
            "do": {"status": status, "body": "", "headers": {"Retry-After": "0"}}
        }));
    };
    busy(2, "full", 503);
    let outcome = shop.synced(&[]).exits(0).says("asking again in 0 s");
    assert_eq!(fields(&outcome.json()[0], &["calls"]), [6]);
    shop.platform.forward(7200);
    shop.platform
        .catalogue(product("NEW-epub", "9789999977778", "New").as_bytes());
    busy(1, "delta", 429);
    let outcome = shop.synced(&[]).exits(0).says("429");
    assert_eq!(fields(&outcome.json()[0], &["added"]), [1]);
    // Longer than patience lasts.
    shop.platform.fault(json!({
        "service": "delta", "nth": 1, "times": 1,
        "do": {"status": 429, "body": "", "headers": {"Retry-After": "3600"}}
    }));
    shop.synced(&[]).exits(2).says("limit of calls an hour");
    // A cut page is fetched again, and counts once.
    shop.platform
        .fault(json!({"service": "full", "nth": 2, "times": 1, "do": {"cut_after_bytes": 3000}}));
    let outcome = shop.synced(&["--full"]).exits(0).says("cut off");
    assert_eq!(
        fields(&outcome.json()[0], &["pages", "read"]),
        [3, PRODUCTS + 1]
    );
}

#[test]
fn a_run_that_ended_early_goes_on_where_it_was() {
    let shop = Shop::open();
    let first = shop.sync(&["--max-calls=1"]);
    assert_eq!(first["complete"], false);
    let n_first = fields(&first, &["pages", "in_catalogue"]);
    assert!(
        n_first[0] == 1 && (50..PRODUCTS).contains(&n_first[1]),
        "{n_first:?}"
    );
    shop.onix(&["stats", "--max-age=24h"]).run().exits(1);
    let second = shop.sync(&["--max-calls=1"]);
    assert_eq!(
        (&second["resumed"], &second["complete"]),
        (&json!(true), &json!(false))
    );
    // What changed meanwhile is found by the run after it.
    shop.platform
        .catalogue(product("DEMO1-epub", "9789999977778", "Meanwhile").as_bytes());
    let third = shop.sync(&[]);
    assert_eq!(
        (&third["resumed"], &third["complete"]),
        (&json!(true), &json!(true))
    );
    shop.sync(&[]);
    assert_eq!(shop.titles("DEMO1-epub"), ["Meanwhile"]);
    // A fault that stays ends the run before it.
    shop.platform
        .fault(json!({"service": "full", "nth": 2, "times": 100, "do": {"cut_after_bytes": 10}}));
    shop.synced(&["--full"]).exits(2).says("cut off");
    shop.platform.fault(json!([]));
    let stats = shop.onix(&["stats", "--json"]).run().exits(0).json();
    assert_eq!(stats[0]["syncs"][0]["is_unfinished"], true);
}

/// Changes since a moment are not all that there is.
#[test]
fn a_gap_is_never_taken_for_the_whole() {
    let shop = Shop::open();
    shop.sync(&["--max-calls=1"]);
    let since = shop.sync(&["--since=2026-12-01T12:30:00Z"]);
    assert_eq!(since["complete"], true);
    let next = shop.sync(&[]);
    assert_eq!(next["kind"], "full", "the rest was never fetched");
    assert_eq!(fields(&next, &["in_catalogue"]), [PRODUCTS]);
}

#[test]
fn a_run_that_is_killed_goes_on_where_it_was() {
    let shop = Shop::open();
    shop.platform
        .fault(json!({"service": "full", "nth": 3, "times": 1, "do": {"delay_ms": 30_000}}));
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_onix"))
        .args(["sync", "-v"])
        .current_dir(shop.dir.path())
        .env("ONIX_ACCOUNT_PASSWORD", "secret")
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // What has come is published although nothing more comes.
    let products = || {
        let outcome = shop.onix(&["stats", "--json"]).run();
        let stats = outcome.json();
        stats
            .first()
            .map_or(0, |stats| stats["products"].as_u64().unwrap())
    };
    let mut left = 300;
    while products() < 100 {
        left -= 1;
        assert!(left > 0, "two pages are published within half a minute");
        std::thread::sleep(Duration::from_millis(100));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let rest = shop.sync(&[]);
    assert_eq!(rest["resumed"], true);
    assert_eq!(fields(&rest, &["pages", "in_catalogue"]), [1, PRODUCTS]);
    assert_eq!(
        shop.asked()
            .iter()
            .filter(|service| *service == "full")
            .count(),
        5
    );
}

#[test]
fn kept_files_make_the_same_catalogue() {
    for format in ["onix", "xml"] {
        let shop = Shop::open();
        let format = format!("--format={format}");
        shop.sync(&["--keep=lists", &format]);
        shop.platform.forward(3600);
        shop.platform
            .catalogue(product("DEMO1-epub", "9789999977778", "Changed").as_bytes());
        shop.platform.forward(3600);
        let outcome = shop.onix(&["sync", "--keep=lists", &format]).run().exits(0);
        let printed = outcome
            .stderr
            .lines()
            .find_map(|line| line.split(": onix ").nth(1));
        let printed = printed.unwrap_or_else(|| outcome.fail("the command to index them"));
        let line = format!("onix {printed} --index=anew");
        shop.dir.printed(&line).run().exits(0);
        let export = |index: &str| {
            let outcome = shop
                .onix(&["export", "--as=offers", "--at=2026-12-01", index])
                .run();
            let mut lines: Vec<String> =
                outcome.exits(0).stdout.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(
            export("--index=onix-index"),
            export("--index=anew"),
            "{format}"
        );
        let names = std::fs::read_dir(shop.dir.path().join("lists")).unwrap();
        assert_eq!(names.count(), 4);
    }
}

#[test]
fn our_own_count_of_calls_comes_before_the_platforms() {
    let shop = Shop::open();
    shop.sync(&[]);
    for _ in 0..49 {
        shop.sync(&[]);
    }
    let outcome = shop.synced(&[]).exits(2);
    outcome.says("the 50 first pages of an hour");
    let of_feed = shop.asked();
    let n_first = of_feed.iter().filter(|service| *service == "delta").count();
    assert!(n_first >= 49);
}

#[test]
fn one_publication_anew() {
    let shop = Shop::open();
    shop.sync(&[]);
    shop.platform
        .catalogue(product("DEMO1-epub", "9789999977778", "Corrected").as_bytes());
    shop.platform.forward(60);
    let fetched = shop
        .onix(&["fetch", "9789999977778", "--json"])
        .run()
        .exits(0)
        .json();
    assert_eq!(fields(&fetched[0], &["replaced", "read"]), [1, 1]);
    assert_eq!(shop.titles("9789999977778"), ["Corrected"]);
    let outcome = shop
        .onix(&["fetch", "9789999900000", "DEMO1-epub", "--format=xml"])
        .run()
        .exits(1);
    outcome.says("the platform knows no 9789999900000");
}

#[test]
fn chapters_and_publishers() {
    let shop = Shop::open();
    let export = String::from_utf8(books()).unwrap();
    let with_contents = export
        .split("<Product>")
        .find(|product| product.contains("<ContentItem>"));
    let isbn = with_contents.unwrap().split("<IDValue>").nth(1).unwrap();
    let isbn = isbn.split('<').next().unwrap();
    let outcome = shop.onix(&["toc", isbn]).run().exits(0);
    assert!(outcome.stdout.lines().count() > 1, "{}", outcome.stdout);
    let chapters = shop.onix(&["toc", isbn, "--json"]).run().exits(0).json();
    assert!(chapters[0]["title"].is_string());
    shop.onix(&["toc", "9789999900000"])
        .run()
        .exits(1)
        .says("no table of contents");
    let publishers = shop.onix(&["publishers", "--json"]).run().exits(0).json();
    assert_eq!(publishers[0]["publishers"].as_array().unwrap().len(), 2);
    let csv = shop.onix(&["publishers", "--csv"]).run().exits(0);
    assert!(
        csv.stdout
            .starts_with("id,name,identifier,website,distributor\n")
    );
}

#[test]
fn the_account_is_tried_and_its_faults_are_told() {
    let shop = Shop::open();
    shop.onix(&["config", "check"])
        .run()
        .exits(0)
        .prints("ONYX at http://127.0.0.1:");
    let wrong = shop
        .dir
        .onix(["config", "check"])
        .env("ONIX_ACCOUNT_PASSWORD", "wrong");
    wrong
        .run()
        .exits(2)
        .says("401 access_denied")
        .says("user and password");
    shop.dir
        .onix(["config", "check"])
        .run()
        .exits(2)
        .says("neither a password nor a token");
    let piped = shop
        .dir
        .onix(["config", "check", "--password-stdin"])
        .input("secret\n");
    piped.run().exits(0);
    shop.dir
        .onix(["config", "check", "--password-stdin"])
        .run()
        .exits(2)
        .says("holds no password");
    shop.dir.write("password", "secret\n");
    let toml = shop.dir.read("onix.toml");
    shop.dir
        .write("onix.toml", format!("{toml}password_file = \"password\"\n"));
    let outcome = shop.dir.onix(["config", "check"]).run().exits(0);
    #[cfg(unix)]
    outcome.says("others can read it");
    shop.dir.write("onix.toml", toml.replace("ONYX", "OTHER"));
    shop.onix(&["sync"])
        .run()
        .exits(2)
        .says("404 not_found")
        .says("organisation");
    shop.dir
        .write("onix.toml", toml.replace("allow_http = true", ""));
    shop.onix(&["sync"])
        .run()
        .exits(2)
        .says("https, or allow_http");
    shop.dir
        .write("onix.toml", toml.replace("127.0.0.1", "platform.example"));
    shop.onix(&["sync"]).run().exits(2).says("expected https");
    shop.dir.write("onix.toml", "");
    shop.onix(&["sync"]).run().exits(2).says("[account]");
    // A token takes the place of user and password.
    let token = toml.replace("user = \"shop\"\n", "");
    shop.dir.write("onix.toml", token);
    let outcome = shop
        .dir
        .onix(["config", "check"])
        .env("ONIX_ACCOUNT_TOKEN", "sandbox-token")
        .run();
    outcome.exits(0);
    shop.onix(&["config", "check"])
        .run()
        .exits(2)
        .says("no user");
}

#[test]
fn clocks_that_differ_are_told() {
    let shop = Shop::open();
    // The stand-in's is years or months away.
    shop.synced(&[]).exits(0).says("clock");
}

#[test]
fn watching_goes_on_after_trouble() {
    let shop = Shop::open();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_onix"))
        .args(["sync", "--watch=1s", "--patience=0s", "-q"])
        .current_dir(shop.dir.path())
        .env("ONIX_ACCOUNT_PASSWORD", "secret")
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut left = 300;
    let mut wait_for = |id: &str, title: &str| {
        while shop.titles(id) != [title] {
            left -= 1;
            assert!(left > 0, "{title} comes");
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    wait_for("DEMO1-epub", "Carnet de mer & de terre, 1");
    shop.platform.fault(
        json!({"service": "delta", "nth": 1, "times": 1, "do": {"status": 503, "body": ""}}),
    );
    shop.platform.forward(60);
    shop.platform
        .catalogue(product("DEMO1-epub", "9789999977778", "Watched").as_bytes());
    wait_for("DEMO1-epub", "Watched");
    assert!(child.try_wait().unwrap().is_none(), "it goes on");
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Password, token and user's secrets are in nothing that is printed, written or left.
#[test]
fn secrets_stay_secret() {
    const CANARY: &str = "canary-5f3a";
    let shop = Shop::open();
    let mut told = String::new();
    let mut hear = |outcome: Outcome| {
        told.push_str(&outcome.stdout);
        told.push_str(&outcome.stderr);
    };
    let toml = shop.dir.read("onix.toml");
    let port = shop.platform.address().port();
    let broken = [
        Raw::sending(answer(401, "", "[\"access_denied\"]")),
        Raw::sending(answer(
            302,
            &format!("Location: http://x:{CANARY}@localhost/?token={CANARY}\r\n"),
            "",
        )),
        Raw::sending(answer(200, "", "not a page")),
        Raw::sending("HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\n<ONIX"),
        Raw::sending(""),
        Raw::sending(answer(
            201,
            "",
            &format!("[\"http://x:{CANARY}@localhost/lists/1?token={CANARY}\"]"),
        )),
    ];
    for one in &broken {
        shop.dir.write(
            "onix.toml",
            toml.replace(&format!(":{port}"), &format!(":{}", one.port)),
        );
        for command in [
            vec!["sync", "-v", "--patience=0s"],
            vec!["sync", "-v", "--patience=0s", "--api=lists"],
            vec!["fetch", "9789999900010", "-v", "--patience=0s"],
            vec!["toc", "9789999900010"],
            vec!["publishers"],
            vec!["config", "check"],
            vec!["config"],
        ] {
            for name in ["ONIX_ACCOUNT_PASSWORD", "ONIX_ACCOUNT_TOKEN"] {
                hear(shop.dir.onix(&command).env(name, CANARY).run());
            }
        }
    }
    // And where all goes well: the stand-in's own password, which its log doesn't have either.
    shop.dir.write(
        "onix.toml",
        format!("{toml}token = \"{CANARY}\"\npassword = \"{CANARY}\"\n"),
    );
    hear(shop.dir.onix(["config", "--json"]).run());
    shop.platform.seed(json!({"now": NOW, "organisations": [
        {"id": "ONYX", "username": "shop", "password": CANARY, "token": CANARY, "publishers": "all"}]}));
    shop.platform.catalogue(&books());
    hear(shop.dir.onix(["sync", "-v", "--keep=lists"]).run().exits(0));
    hear(shop.dir.onix(["stats", "--json"]).run().exits(0));
    told.push_str(&shop.platform.get("/__admin/requests").text());
    shop.dir.write("onix.toml", "");
    assert!(!told.contains(CANARY), "{told}");
    assert!(!told.contains("Y2FuYXJ5"), "nor in Base64: {told}");
    let mut folders = vec![shop.dir.path().to_owned()];
    let mut n_files = 0;
    while let Some(folder) = folders.pop() {
        for item in std::fs::read_dir(folder).unwrap() {
            let path = item.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            n_files += 1;
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes
                .windows(CANARY.len())
                .any(|window| window == CANARY.as_bytes());
            assert!(!found, "{}", path.display());
        }
    }
    assert!(n_files > 10);
}
