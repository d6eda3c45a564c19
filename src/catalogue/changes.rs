//! What changed for sale from one generation to the next.
//!
//! A commit writes a file of its own with the offers of each product before and after it, packed; what that means
//! for a country is worked out when somebody asks. Files are kept for ninety days.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::folder::unwritten;
use crate::error::{Error, ErrorKind, Result};
use crate::model::code::{Coded, coded_struct};
use crate::model::{
    Account, Cost, Country, Coverage, Currency, Date, Moment, Offer, Protections, Status, Zone,
};
use crate::sale::{OffersRef, Table, TableBuilder};

/// How long changes are kept, in seconds.
const KEPT: i64 = 90 * 86_400;

/// What changed of a product for sale.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct Change {
    /// `RecordReference`
    pub record_reference: String,
    /// Who sent it.
    pub source: String,
    /// Its ISBN-13.
    pub isbn13: Option<String>,
    /// What: `added`, `removed`, or some of `price`, `territory`, `protection`, `status`, `text`; the last says
    /// that something else in the record differs.
    pub what: Vec<&'static str>,
    /// How it was sold before.
    pub before: Option<ForSale>,
    /// How it is sold now.
    pub after: Option<ForSale>,
    /// In which generation.
    pub generation: u64,
    /// When that was published.
    pub at: Moment,
}

/// How a product is for sale, in a country or anywhere.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct ForSale {
    /// At the moment of the change.
    pub status: Status,
    /// What the product states.
    pub protections: Protections,
    /// Its prices.
    pub offers: Vec<Priced>,
}

/// A price of a product.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct Priced {
    /// `PriceType`
    pub price_type: Option<String>,
    /// `CurrencyCode`
    pub currency: Option<Currency>,
    /// In minor units.
    #[cfg_attr(feature = "server", schema(value_type = Option<u64>))]
    pub cost: Option<Cost>,
    /// It counts from here.
    pub from: Option<Date>,
    /// It counts up to the end of this.
    pub until: Option<Date>,
    /// Where.
    pub countries: String,
}

/// The changes of one generation, being gathered.
#[derive(Default)]
pub(super) struct Gathered {
    table: TableBuilder,
    list: Vec<Listed>,
}

/// A product that changed; its offers by their numbers in the table, from 1.
#[derive(Debug, Clone, Default)]
struct Listed {
    record_reference: String,
    source: String,
    isbn13: Option<String>,
    before: u64,
    after: u64,
    is_other_text: bool,
}

coded_struct!(Listed {
    record_reference,
    source,
    isbn13,
    before,
    after,
    is_other_text,
});

/// A product of which something changed.
pub(super) struct Changed<'c> {
    pub(super) record_reference: &'c str,
    pub(super) source: &'c str,
    pub(super) isbn13: Option<String>,
    pub(super) before: Option<OffersRef<'c>>,
    pub(super) after: Option<OffersRef<'c>>,
    pub(super) is_other_text: bool,
}

impl Gathered {
    /// Takes a product, if a sale or a page of it would differ.
    pub(super) fn add(&mut self, changed: &Changed<'_>, at: Moment) {
        let account = Account::default();
        let both = changed.before.zip(changed.after);
        let is_same = both.is_some_and(|(before, after)| {
            !changed.is_other_text && differences(&before, &after, None, at, &account).is_empty()
        });
        if is_same {
            return;
        }
        let mut packed = |offers: Option<OffersRef<'_>>| {
            offers.map_or(0, |offers| u64::from(self.table.copy(offers)) + 1)
        };
        let (before, after) = (packed(changed.before), packed(changed.after));
        self.list.push(Listed {
            record_reference: changed.record_reference.to_owned(),
            source: changed.source.to_owned(),
            isbn13: changed.isbn13.clone(),
            before,
            after,
            is_other_text: changed.is_other_text,
        });
    }

    fn into_bytes(self, at: i64) -> Vec<u8> {
        let mut bytes = Vec::new();
        at.write(&mut bytes);
        self.list.write(&mut bytes);
        let table = self.table.into_bytes();
        bytes.extend((table.len() as u64).to_le_bytes());
        // The table last, so that it needs no length of its own when it is read.
        bytes.extend(table);
        bytes
    }

    /// Writes them to their file, before the generation is published: until then nobody looks at it.
    pub(super) fn save(self, folder: &Path, generation: u64, at: i64) -> Result<()> {
        let path = file(folder, generation);
        let bytes = zstd::encode_all(&*self.into_bytes(at), 3);
        let bytes = bytes.map_err(|error| unwritten(&path, error))?;
        let checksum = crc32fast::hash(&bytes);
        let write = || {
            let mut file = fs::File::create(&path)?;
            file.write_all(&checksum.to_le_bytes())?;
            file.write_all(&bytes)?;
            file.sync_data()
        };
        write().map_err(|error| {
            // A part of it takes room that the next run needs.
            let _ = fs::remove_file(&path);
            unwritten(&path, error)
        })
    }
}

fn file(folder: &Path, generation: u64) -> PathBuf {
    folder.join(format!("{generation:08}"))
}

/// The generations of which changes are kept, with their files.
fn files(folder: &Path) -> Vec<(u64, PathBuf)> {
    let items = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut out: Vec<_> = items
        .filter_map(|item| {
            let generation = item.file_name().to_str()?.parse().ok()?;
            Some((generation, item.path()))
        })
        .collect();
    out.sort_unstable();
    out
}

/// Removes those that are too old, and those of generations that never came to be.
pub(super) fn clear(folder: &Path, generation: u64, now: i64) {
    for (of, path) in files(folder) {
        let is_old = || {
            let modified = fs::metadata(&path).and_then(|metadata| metadata.modified());
            let since = modified.ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
            Some(i64::try_from(since.as_secs()).ok()? < now - KEPT)
        };
        if of > generation || is_old() == Some(true) {
            // What is left behind costs space only.
            let _ = fs::remove_file(path);
        }
    }
}

/// From when on changes are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// Those of the generations after this one.
    Generation(u64),
    /// Those of the generations published after this moment.
    Moment(Moment),
}

impl Since {
    /// A number, a date or a moment. Eight digits are a date; no catalogue has seen as many runs.
    pub fn parse(text: &str, zone: &Zone) -> Option<Self> {
        let text = text.trim();
        let generation = text.parse().ok().filter(|_| text.len() < 8);
        let generation = generation.map(Since::Generation);
        generation.or_else(|| Moment::parse(text, zone).map(Since::Moment))
    }
}

/// The changes since, up to a generation, in the order in which they came to be.
pub(super) fn read(
    folder: &Path,
    since: Since,
    up_to: u64,
    country: Option<Country>,
    account: &Account,
) -> Result<Vec<Change>> {
    let mut out = Vec::new();
    for (generation, path) in files(folder) {
        let is_asked = match since {
            Since::Generation(since) => generation > since,
            Since::Moment(_) => true,
        };
        if generation > up_to || !is_asked {
            continue;
        }
        let damaged = || {
            let what = format!("{} is damaged: its changes are lost", path.display());
            Error::new(ErrorKind::Index { what })
        };
        let bytes = fs::read(&path)
            .map_err(|error| Error::io(format!("reading {}", path.display()), error))?;
        let (checksum, bytes) = bytes.split_first_chunk::<4>().ok_or_else(damaged)?;
        if crc32fast::hash(bytes) != u32::from_le_bytes(*checksum) {
            return Err(damaged());
        }
        let bytes = zstd::decode_all(bytes).map_err(|error| damaged().because(error))?;
        let Saved { at, list, table } = Saved::read(&bytes).ok_or_else(damaged)?;
        if matches!(since, Since::Moment(since) if at <= since) {
            continue;
        }
        for listed in list {
            let offers = |n: u64| table.get(u32::try_from(n.checked_sub(1)?).ok()?);
            let (before, after) = (offers(listed.before), offers(listed.after));
            let what = match (&before, &after) {
                (None, _) => vec!["added"],
                (_, None) => vec!["removed"],
                (Some(before), Some(after)) => {
                    let mut what = differences(before, after, country, at, account);
                    if listed.is_other_text && country.is_none() {
                        what.push("text");
                    }
                    what
                }
            };
            let for_sale = |offers: OffersRef<'_>| ForSale::of(&offers, country, at, account);
            let (before, after) = (before.map(for_sale), after.map(for_sale));
            let is_anywhere =
                |side: &Option<ForSale>| side.as_ref().is_some_and(|side| !side.offers.is_empty());
            let is_of_country = country.is_none() || is_anywhere(&before) || is_anywhere(&after);
            if what.is_empty() || !is_of_country {
                continue;
            }
            out.push(Change {
                record_reference: listed.record_reference,
                source: listed.source,
                isbn13: listed.isbn13,
                what,
                before,
                after,
                generation,
                at,
            });
        }
    }
    Ok(out)
}

/// What a file holds.
struct Saved<'b> {
    at: Moment,
    list: Vec<Listed>,
    table: Table<&'b [u8]>,
}

impl<'b> Saved<'b> {
    fn read(bytes: &'b [u8]) -> Option<Self> {
        let mut rest = bytes;
        let at = Moment::from_unix(i64::read(&mut rest)?);
        let list = Vec::read(&mut rest)?;
        let (length, table) = rest.split_first_chunk::<8>()?;
        let is_whole = u64::from_le_bytes(*length) == table.len() as u64;
        let table = Table::open(table).filter(|_| is_whole)?;
        Some(Self { at, list, table })
    }
}

impl ForSale {
    fn of(offers: &OffersRef<'_>, country: Option<Country>, at: Moment, account: &Account) -> Self {
        let mut priced: Vec<Priced> = in_country(offers, country, account)
            .map(|offer| Priced {
                countries: offer.countries.summary(),
                ..Priced::of(&offer)
            })
            .collect();
        priced.sort();
        Self {
            status: offers.status(country, at, account),
            protections: offers.protections(),
            offers: priced,
        }
    }
}

impl Priced {
    /// Without where it holds.
    fn of(offer: &Offer) -> Self {
        Self {
            price_type: offer.price_type.clone(),
            currency: offer.currency,
            cost: offer.cost,
            from: offer.from,
            until: offer.until,
            countries: String::new(),
        }
    }
}

fn in_country(
    offers: &OffersRef<'_>,
    country: Option<Country>,
    account: &Account,
) -> impl Iterator<Item = Offer> {
    let is_there = move |offer: &Offer| {
        country.is_none_or(|country| offer.countries.coverage(country) != Coverage::Out)
    };
    offers.rows(account).into_iter().filter(is_there)
}

/// What differs for sale.
fn differences(
    before: &OffersRef<'_>,
    after: &OffersRef<'_>,
    country: Option<Country>,
    at: Moment,
    account: &Account,
) -> Vec<&'static str> {
    // By everything of a price but where it holds: where that is, and with which protections.
    let by_price = |offers: &OffersRef<'_>| {
        let mut out = BTreeMap::<Priced, (Vec<String>, Vec<Vec<&'static str>>)>::new();
        for offer in in_country(offers, country, account) {
            let places = out.entry(Priced::of(&offer)).or_default();
            places.0.push(offer.countries.summary());
            places.1.push(offer.protections.words());
        }
        for (countries, protections) in out.values_mut() {
            countries.sort_unstable();
            protections.sort_unstable();
        }
        out
    };
    let (old, new) = (by_price(before), by_price(after));
    let common = || {
        let of = |price| Some((old.get(price)?, new.get(price)?));
        old.keys().filter_map(of)
    };
    let mut what = Vec::new();
    if !old.keys().eq(new.keys()) {
        what.push("price");
    }
    if country.is_none() && common().any(|(old, new)| old.0 != new.0) {
        what.push("territory");
    }
    let is_file = |offers: &OffersRef<'_>| (offers.format(), offers.protections());
    if is_file(before) != is_file(after) || common().any(|(old, new)| old.1 != new.1) {
        what.push("protection");
    }
    if before.status(country, at, account) != after.status(country, at, account) {
        what.push("status");
    }
    what
}
