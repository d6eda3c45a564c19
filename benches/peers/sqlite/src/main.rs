//! Whether a sale would be taken, asked of a catalogue on disk and of SQLite on the same disk, call by call.
//!
//! Input: `ONIX_BENCH_PRODUCTS` products of `data.rs` (100,000 `plain`, 20,000 `feed`) in a temporary folder, read once
//! before. Each sale that stands is asked for once in shuffled order, one in twenty of a product that isn't
//! there; a request is made anew before its call, and the time of a call holds the reading of the clock. `plain`
//! or `feed` on the command line: that one alone.

use std::fs;
use std::hint::black_box;
use std::path::Path;

use onix_catalogue::catalogue::{Catalogue, Prepared, Writer, WriterOptions};
use onix_catalogue::model::{Account, Currency, Judgement, Offer, Protection, SaleRequest};
use onix_catalogue::onix::Reader;
use onix_catalogue::sale::{self, Offers, Table, TableBuilder};
use rayon::prelude::*;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Statement, params};

#[path = "../../../data.rs"]
mod data;
#[path = "../../../requests.rs"]
mod requests;
#[path = "../../../timing.rs"]
mod timing;

use timing::{Times, timed};

/// Products that a thread prepares at a time, and how many such chunks wait to be applied.
const CHUNK: u64 = 200;
const CHUNKS: u64 = 8;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let named = |name: &str| arguments.iter().any(|argument| argument == name);
    let both = !named("plain") && !named("feed");
    for (kind, name, default) in [
        (data::Kind::Plain, "plain", 100_000),
        (data::Kind::Feed, "feed", 20_000),
    ] {
        let n = match std::env::var("ONIX_BENCH_PRODUCTS") {
            _ if named("--test") => 200,
            Ok(n) => n.parse().expect("a whole number"),
            Err(_) => default,
        };
        if both || named(name) {
            compare(kind, name, n);
        }
    }
}

fn compare(kind: data::Kind, name: &str, n: u64) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let (requests, onix_bytes) = build(folder, kind, n);
    println!("{name}: {n} products, {} requests", requests.len());
    println!("  ONIX                 {onix_bytes:12} bytes");
    for part in ["index/parts", "index/text", BLOBS, ROWS] {
        let bytes = bytes_of(&folder.join(part));
        let share = bytes as f64 / onix_bytes as f64;
        println!("  {part:20} {bytes:12} bytes, {share:.3} of the ONIX");
    }
    let open = || Catalogue::open(folder.join("index")).expect("a catalogue was made there");
    let opening: Times = (0..20).map(|_| timed(open).1).collect();
    opening.print_us("  Catalogue::open, 20 times");
    let catalogue = open();
    let account = Account::default();
    let judge = |request: &SaleRequest| {
        let verdict = catalogue.judge(request, &account);
        verdict.expect("the catalogue is sound").verdict == Judgement::Valid
    };
    let ours = ask("  (a) Catalogue::judge", &requests, judge);
    let few = &requests[..requests.len().min(20_000)];
    ask("  (b) Catalogue::check", few, |request| {
        let verdict = catalogue.check(request, &account);
        verdict.expect("the catalogue is sound").verdict == Judgement::Valid
    });
    let (blobs, rows) = (open_sqlite(folder, BLOBS), open_sqlite(folder, ROWS));
    let mut blob = blobs.prepare(ONE_BLOB).expect("the query is sound");
    let mut price = rows.prepare(ANY_PRICE).expect("the query is sound");
    // A query by itself takes a lock and sees what was written last, as ours does; a transaction around them all is
    // the best that SQLite can do, and never sees a change.
    for how in ["", ", one transaction"] {
        let name = format!("  (c) SQLite, offers in a blob{how}");
        against(&ours, &name, &requests, |request| {
            is_valid(&mut blob, request, &account)
        });
        let name = format!("  (d) SQLite, a row a price{how}");
        against(&ours, &name, &requests, |request| {
            has_price(&mut price, request)
        });
        if how.is_empty() {
            blobs.execute_batch("BEGIN").expect("there is none yet");
            rows.execute_batch("BEGIN").expect("there is none yet");
        }
    }
    let other = open();
    judge_all(&requests, &[&other]);
    threads(&requests, &catalogue, &other);
}

/// Asks someone else the same.
fn against(
    ours: &(Vec<bool>, Times),
    name: &str,
    requests: &[SaleRequest],
    answer: impl FnMut(&SaleRequest) -> bool,
) {
    let (answers, times) = ask(name, requests, answer);
    let differs = (0..requests.len()).find(|at| answers[*at] != ours.0[*at]);
    if let Some(at) = differs {
        panic!("{name} answers otherwise: {:?}", requests[at]);
    }
    let ratio = times.mean() as f64 / ours.1.mean() as f64;
    println!("      {ratio:.2} times the mean of (a)");
}

/// The answer to each request, and how long it took, after a pass that warms.
fn ask(
    name: &str,
    requests: &[SaleRequest],
    mut answer: impl FnMut(&SaleRequest) -> bool,
) -> (Vec<bool>, Times) {
    let mut pass = || -> (Vec<bool>, Vec<u64>) {
        let one = |request: &SaleRequest| {
            let request = request.clone();
            timed(|| black_box(answer(&request)))
        };
        requests.iter().map(one).unzip()
    };
    pass();
    let (answers, times) = pass();
    let times: Times = times.into_iter().collect();
    times.print(name);
    let n_valid = answers.iter().filter(|valid| **valid).count();
    println!("      {n_valid} of {} valid", answers.len());
    (answers, times)
}

/// How long all requests take with one thread and with two: of one catalogue, and of one each, which shows what
/// sharing costs. The best of five, in turns: who builds beside us shall count as little as can be.
fn threads(requests: &[SaleRequest], one: &Catalogue, other: &Catalogue) {
    let ways: [&[&Catalogue]; 3] = [&[one], &[one, one], &[one, other]];
    let mut best = [u64::MAX; 3];
    for (at, way) in (0..5).flat_map(|_| ways.iter().enumerate()) {
        let ((), taken) = timed(|| judge_all(requests, way));
        best[at] = taken.min(best[at]);
    }
    let [alone, shared, apart] = best.map(|best| best as f64 / 1e6);
    println!("  (e) judge, one thread {alone:.1} ms");
    for (name, two) in [("one catalogue", shared), ("one catalogue each", apart)] {
        let ratio = alone / two;
        println!("      two threads, {name}: {two:.1} ms, {ratio:.2} times as fast");
    }
}

/// A thread for each catalogue, and a share of the requests for each thread.
fn judge_all(requests: &[SaleRequest], catalogues: &[&Catalogue]) {
    let shares = requests.chunks(requests.len().div_ceil(catalogues.len()));
    std::thread::scope(|scope| {
        for (requests, catalogue) in shares.zip(catalogues) {
            scope.spawn(move || {
                let account = Account::default();
                for request in requests {
                    let verdict = catalogue.judge(request, &account);
                    black_box(verdict.expect("the catalogue is sound"));
                }
            });
        }
    });
}

// What is asked, and of what.

/// What a thread makes of some products.
#[derive(Default)]
struct Chunk {
    onix_bytes: u64,
    prepared: Vec<Prepared>,
    products: Vec<Product>,
    requests: Vec<SaleRequest>,
}

/// A product as SQLite gets it.
struct Product {
    isbn: i64,
    blob: Vec<u8>,
    format: Option<&'static str>,
    protections: i64,
    status: &'static str,
    offers: Vec<Offer>,
}

/// Writes the catalogue and both databases; returns the requests and the bytes of ONIX.
fn build(folder: &Path, kind: data::Kind, n: u64) -> (Vec<SaleRequest>, u64) {
    let catalogue = Catalogue::create(folder.join("index")).expect("an empty folder");
    let mut writer = catalogue
        .writer(WriterOptions::default())
        .expect("nobody else writes");
    let (blobs, rows) = (create_sqlite(folder, BLOBS), create_sqlite(folder, ROWS));
    let (mut requests, mut onix_bytes) = (Vec::new(), 0);
    for first in (0..n).step_by((CHUNK * CHUNKS) as usize) {
        let end = (first + CHUNK * CHUNKS).min(n);
        let starts: Vec<u64> = (first..end).step_by(CHUNK as usize).collect();
        let chunks: Vec<Chunk> = starts
            .into_par_iter()
            .map(|start| chunk(kind, start..(start + CHUNK).min(end)))
            .collect();
        for chunk in chunks {
            for prepared in chunk.prepared {
                writer.apply(prepared).expect("the disk takes it");
            }
            insert(&blobs, &rows, &chunk.products).expect("the disk takes it");
            requests.extend(chunk.requests);
            onix_bytes += chunk.onix_bytes;
        }
    }
    assert_eq!(writer.commit().expect("room on the disk").added, n);
    for sqlite in [blobs, rows] {
        sqlite.execute_batch(FINISH).expect("room on the disk");
    }
    data::shuffle(&mut requests);
    for (request, at) in requests.iter_mut().zip(0..) {
        if at % 20 == 0 {
            request.id = data::unknown_isbn(at);
        }
    }
    // Made anew, they lie in the order in which they are asked.
    (requests.clone(), onix_bytes)
}

fn chunk(kind: data::Kind, range: std::ops::Range<u64>) -> Chunk {
    let xml = data::message(kind, range.clone());
    let mut chunk = Chunk {
        onix_bytes: xml.len() as u64,
        requests: range
            .clone()
            .filter_map(|i| requests::request(kind, i))
            .collect(),
        ..Chunk::default()
    };
    for (record, i) in Reader::new(xml.as_bytes()).into_iter().zip(range) {
        let record = record.expect("the generator's products are sound");
        let product = Product::of(&Offers::of(&record.product()), i);
        chunk.prepared.push(Writer::prepare(&record, None));
        chunk.products.push(product);
    }
    chunk
}

impl Product {
    fn of(offers: &Offers, i: u64) -> Self {
        let mut table = TableBuilder::new();
        table.add(offers);
        let account = Account::default();
        let rows = offers.rows(&account);
        let words = rows.first().map(|offer| offer.protections.words());
        let at = requests::at();
        Self {
            isbn: number(&data::isbn(i)),
            blob: table.into_bytes(),
            format: rows.first().and_then(|offer| Some(offer.format?.as_str())),
            protections: words.into_iter().flatten().map(bit).sum(),
            status: offers.status(None, at, &account).as_str(),
            offers: rows,
        }
    }
}

fn number(text: &str) -> i64 {
    text.parse().expect("the generator's are numbers")
}

/// The bit of a protection, by the platform's word.
fn bit(word: &str) -> i64 {
    let at = Protection::ALL.iter().position(|one| one.as_str() == word);
    1 << at.expect("one of the platform's words")
}

// SQLite, as a shop's developer would have it: mapped, write-ahead log, analysed.

const BLOBS: &str = "blobs.sqlite";
const ROWS: &str = "rows.sqlite";

/// What stands sorted by all that is asked for needs no other index.
const CREATE: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = OFF;
    CREATE TABLE offers (isbn INTEGER PRIMARY KEY, blob BLOB NOT NULL);
    CREATE TABLE products (
        id INTEGER PRIMARY KEY,
        isbn INTEGER NOT NULL UNIQUE,
        format TEXT,
        protections INTEGER NOT NULL,
        status TEXT NOT NULL
    );
    CREATE TABLE prices (
        product_id INTEGER NOT NULL REFERENCES products,
        country TEXT NOT NULL,
        cost INTEGER NOT NULL,
        currency TEXT NOT NULL,
        price_type TEXT NOT NULL,
        valid_from INTEGER NOT NULL,
        valid_until INTEGER,
        PRIMARY KEY (product_id, country, cost, currency, price_type, valid_from)
    ) WITHOUT ROWID;
    BEGIN";
const FINISH: &str = "COMMIT; VACUUM; ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)";
const READ: &str = "PRAGMA mmap_size = 2147418112; PRAGMA cache_size = -65536";

const ONE_BLOB: &str = "SELECT blob FROM offers WHERE isbn = ?1";
const ANY_PRICE: &str = "
    SELECT EXISTS (
        SELECT 1 FROM products JOIN prices ON product_id = id
        WHERE isbn = ?1 AND status = 'sale' AND format = ?2 AND protections & ?3 <> 0
            AND country = ?4 AND cost = ?5 AND (currency = ?6 AND price_type = ?7 OR currency = '')
            AND valid_from <= ?8 AND (valid_until IS NULL OR ?8 < valid_until)
    )";

fn create_sqlite(folder: &Path, name: &str) -> Connection {
    let sqlite = Connection::open(folder.join(name)).expect("an empty folder");
    sqlite.execute_batch(CREATE).expect("the schema is sound");
    sqlite
}

fn open_sqlite(folder: &Path, name: &str) -> Connection {
    // A connection stays with its thread.
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let path = folder.join(name);
    let sqlite = Connection::open_with_flags(path, flags).expect("it was made there");
    sqlite.execute_batch(READ).expect("SQLite knows them");
    // Built with statistics as it is here, it would plan a query anew for other parameters.
    let stable = DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG;
    sqlite.set_db_config(stable, true).expect("SQLite knows it");
    sqlite
}

fn insert(blobs: &Connection, rows: &Connection, products: &[Product]) -> rusqlite::Result<()> {
    let mut blob = blobs.prepare("INSERT INTO offers VALUES (?1, ?2)")?;
    let product_sql = "INSERT INTO products VALUES (NULL, ?1, ?2, ?3, ?4)";
    let mut product = rows.prepare(product_sql)?;
    // Prices that a sale can't tell apart are one row.
    let price_sql = "INSERT OR IGNORE INTO prices VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let mut price = rows.prepare(price_sql)?;
    let zone = &Account::default().zone;
    for one in products {
        blob.execute(params![one.isbn, one.blob])?;
        product.execute(params![one.isbn, one.format, one.protections, one.status])?;
        let id = rows.last_insert_rowid();
        for offer in &one.offers {
            let Some(cost) = offer.cost else { continue };
            // A free title is so in any currency and type.
            let currency = offer.currency.as_ref().map_or("", Currency::as_str);
            let from = offer.from.map_or(0, |date| date.start(zone).as_unix());
            let until = offer.until.map(|date| date.end(zone).as_unix());
            for country in offer.countries.countries() {
                price.execute(params![
                    id,
                    country.alpha2(),
                    cost.cast_signed(),
                    currency,
                    offer.price_type,
                    from,
                    until
                ])?;
            }
        }
    }
    Ok(())
}

/// Looks a product's offers up and judges them where SQLite has them.
fn is_valid(statement: &mut Statement<'_>, request: &SaleRequest, account: &Account) -> bool {
    let mut rows = statement
        .query([number(&request.id)])
        .expect("one parameter");
    let Some(row) = rows.next().expect("the database is sound") else {
        return false;
    };
    let blob = row.get_ref(0).expect("one column").as_blob();
    let table = Table::open(blob.expect("a blob")).expect("a table was put in");
    let offers = table.get(0);
    sale::judge(request, offers.as_slice(), account).verdict == Judgement::Valid
}

/// Whether there is a row with what is asked for. Of `drm` alone a lock may be asked for, which one the generator's
/// requests have right.
fn has_price(statement: &mut Statement<'_>, request: &SaleRequest) -> bool {
    let asked = params![
        number(&request.id),
        request.format,
        request.protection.as_deref().map(bit),
        request.country,
        request.cost.as_deref().map(number),
        request.currency,
        request.price_type,
        request.at.as_unix(),
    ];
    statement
        .query_row(asked, |row| row.get(0))
        .expect("the database is sound")
}

/// Of a file, or of the files in a folder.
fn bytes_of(path: &Path) -> u64 {
    let items = fs::read_dir(path).map(|items| items.flatten().map(|item| item.path()));
    match items {
        Ok(items) => items.map(|item| bytes_of(&item)).sum(),
        Err(_) => fs::metadata(path).expect("it is there").len(),
    }
}
