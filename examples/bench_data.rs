//! Writes the synthetic ONIX that the benches use, for other programs to read:
//! `cargo run --release --example bench_data -- plain 100000 /tmp/lists`.

use std::fs::{self, File};
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[path = "../benches/data.rs"]
mod data;

use data::Kind;

const USAGE: &str = "\
usage: bench_data plain|feed COUNT OUT [--first N]

Writes COUNT products, from the N-th (0 if not given).
An OUT that ends in .xml becomes one file; any other a folder of lists of 50,
list-000001.xml and so on, numbered from the first product of all.
An OUT that ends in .csv becomes requests for `onix check --batch` instead: a sale
of each product that has one, shuffled, one in twenty of an unknown identifier.";

/// As many products as the platform puts into one list.
const LIST_LEN: u64 = 50;

struct Arguments {
    kind: Kind,
    products: Range<u64>,
    out: PathBuf,
}

fn main() -> ExitCode {
    let Some(arguments) = Arguments::parse(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match write(&arguments) {
        Ok(written) => {
            println!("{written}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bench_data: {}: {error}", arguments.out.display());
            ExitCode::FAILURE
        }
    }
}

impl Arguments {
    fn parse(arguments: impl Iterator<Item = String>) -> Option<Arguments> {
        let mut first = 0;
        let mut positional = Vec::new();
        let mut arguments = arguments;
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--first" => first = arguments.next()?.parse().ok()?,
                option if option.starts_with('-') => return None,
                _ => positional.push(argument),
            }
        }
        let [kind, count, out] = positional.try_into().ok()?;
        let kind = match kind.as_str() {
            "plain" => Kind::Plain,
            "feed" => Kind::Feed,
            _ => return None,
        };
        let end = count.parse::<u64>().ok()?.checked_add(first)?;
        Some(Arguments {
            kind,
            products: first..end,
            out: out.into(),
        })
    }
}

fn write(arguments: &Arguments) -> io::Result<String> {
    let Arguments {
        kind,
        products,
        out,
    } = arguments;
    let n_products = products.end - products.start;
    let is = |what: &str| out.extension().is_some_and(|extension| extension == what);
    if is("csv") {
        let n = write_requests(*kind, products.clone(), out)?;
        return Ok(format!("{}: {n} requests", out.display()));
    }
    let is_file = is("xml");
    let (n_files, n_bytes) = match is_file {
        true => (1, write_file(*kind, products.clone(), out)?),
        false => write_lists(*kind, products.clone(), out)?,
    };
    let out = out.display();
    let mean = n_bytes.checked_div(n_products).unwrap_or_default();
    Ok(format!(
        "{out}: {n_products} products, {n_files} files, {n_bytes} bytes, {mean} a product"
    ))
}

/// One message, written a list's worth at a time.
fn write_file(kind: Kind, products: Range<u64>, path: &Path) -> io::Result<u64> {
    let mut file = File::create(path)?;
    let mut buffer = String::new();
    let mut n_bytes = 0;
    data::header(&mut buffer);
    for i in products.clone() {
        data::product(&mut buffer, kind, i);
        if (i + 1) % LIST_LEN == 0 {
            file.write_all(buffer.as_bytes())?;
            n_bytes += buffer.len() as u64;
            buffer.clear();
        }
    }
    data::footer(&mut buffer);
    file.write_all(buffer.as_bytes())?;
    Ok(n_bytes + buffer.len() as u64)
}

fn write_lists(kind: Kind, products: Range<u64>, folder: &Path) -> io::Result<(u64, u64)> {
    fs::create_dir_all(folder)?;
    let (mut n_files, mut n_bytes) = (0, 0);
    let mut first = products.start;
    while first < products.end {
        let end = (first + LIST_LEN).min(products.end);
        let list = data::message(kind, first..end);
        let name = format!("list-{:06}.xml", first / LIST_LEN + 1);
        fs::write(folder.join(name), &list)?;
        n_files += 1;
        n_bytes += list.len() as u64;
        first = end;
    }
    Ok((n_files, n_bytes))
}

fn write_requests(kind: Kind, products: Range<u64>, path: &Path) -> io::Result<usize> {
    let mut sales: Vec<_> = products.filter_map(|i| data::sale(kind, i)).collect();
    data::shuffle(&mut sales);
    let mut out = io::BufWriter::new(File::create(path)?);
    let columns = "id,kind,format,protection,drm_type,cost,country,currency,price_type";
    writeln!(out, "{columns}")?;
    for (at, sale) in sales.iter().enumerate() {
        let id = match at % 20 {
            0 => data::unknown_isbn(at as u64),
            _ => sale.isbn.clone(),
        };
        writeln!(
            out,
            "{id},simulation,{},{},{},{},{},{},{}",
            sale.format,
            sale.protection,
            sale.drm_type.unwrap_or_default(),
            sale.cost,
            sale.country,
            sale.currency,
            sale.price_type
        )?;
    }
    out.flush()?;
    Ok(sales.len())
}
