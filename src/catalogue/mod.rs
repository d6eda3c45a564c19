//! The catalogue: products by the hundred thousand, to be searched, looked up and sold from.
//!
//! A [`Catalogue`] lives in a folder or in memory. [`Catalogue::ingest`] takes records in,
//! [`Catalogue::search`] finds products by words and filters, [`Catalogue::product`] and
//! [`Catalogue::offers`] by identifier, and [`Catalogue::check`] says whether a sale would be taken.
//! What an offer is and when a sale is good is decided in [`crate::sale`], for all of them.

mod ask;
mod changes;
mod delivery;
mod folder;
mod kept;
mod key;
mod lookup;
mod merge;
mod offer_rows;
mod page;
mod run;
mod search;
mod store;
mod summary;
mod texts;
mod verify;
mod view;
mod works;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tantivy::directory::WatchHandle;

pub use ask::{Audience, Group, Search, Sort};
pub use changes::{Change, ForSale, Priced, Since};
pub use folder::FORMAT;
pub use kept::{FoundBy, Kept};
pub use lookup::{Export, Lookup};
pub use offer_rows::OfferRow;
#[cfg(feature = "cli")]
pub(crate) use offer_rows::simulation;
pub use page::{FacetCount, Highlight, Hit, HitOffer, Page, WorkMember};
pub use search::{FACETS, Suggestion, SuggestionKind};
pub use summary::{IngestSummary, SourceStats, Stats};
pub use texts::Text;
pub use verify::Verified;
pub use writer::{OnStale, OnUpdate, Policy, Prepared, Writer, WriterOptions};

use self::delivery::Shelf;
use self::folder::Folder;
pub(crate) use self::kept::read_message;
use self::search::{Snapshot, TextIndex};
use self::store::{Held, Store, number};
use self::writer::Hold;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{
    Account, Country, Judgement, Moment, Near, NoticeText, SaleRequest, Verdict, normalised,
};
use crate::onix::Record;
use crate::sale::{self, OfferFilter, Offers, OffersRef};

/// A catalogue, open for reading and, by one [`Writer`] at a time, for writing.
///
/// Cheap to clone, and shared among threads as it is. What it answers is always one generation: the
/// state before a run or after it.
///
/// ```
/// use onix_catalogue::Catalogue;
/// use onix_catalogue::catalogue::Search;
/// use onix_catalogue::onix::Reader;
///
/// let onix = r#"<ONIXMessage release="3.0"><Product>
///     <RecordReference>house.1</RecordReference>
///     <ProductIdentifier><ProductIDType>15</ProductIDType><IDValue>9782070368228</IDValue></ProductIdentifier>
///     <DescriptiveDetail><TitleDetail><TitleType>01</TitleType><TitleElement>
///         <TitleElementLevel>01</TitleElementLevel><TitleText>L'Été</TitleText>
///     </TitleElement></TitleDetail></DescriptiveDetail>
/// </Product></ONIXMessage>"#;
///
/// let catalogue = Catalogue::in_memory()?;
/// let summary = catalogue.ingest("house", Reader::new(onix.as_bytes()))?;
/// assert_eq!((summary.added, summary.in_catalogue), (1, 1));
///
/// let kept = &catalogue.product("2-07-036822-X", None)?[0];
/// assert_eq!(kept.entry.title.as_deref(), Some("L'Été"));
/// # Ok::<(), onix_catalogue::Error>(())
/// ```
#[derive(Clone)]
pub struct Catalogue {
    text: TextIndex,
    place: Place,
    /// Calls [`reload`](Catalogue::reload) when another process has published.
    _watch: Option<WatchHandle>,
}

/// Where a catalogue is.
#[derive(Clone)]
enum Place {
    Folder(Folder),
    /// Nowhere but here: whether someone is writing to it, and what deliveries have brought.
    Memory(Arc<AtomicBool>, Shelf),
}

impl Catalogue {
    /// Makes an empty catalogue in a folder, which is made too if it isn't there.
    ///
    /// # Errors
    /// If the folder holds a catalogue already, or something else.
    ///
    /// ```
    /// use onix_catalogue::Catalogue;
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let folder = folder.path().join("index");
    /// Catalogue::create(&folder)?;
    /// assert_eq!(Catalogue::open(&folder)?.stats()?.products, 0);
    /// assert!(Catalogue::create(&folder).is_err());
    /// # Ok::<(), onix_catalogue::Error>(())
    /// ```
    pub fn create(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let folder = Folder::new(path);
        if folder.is_catalogue()? {
            let what = format!("there is a catalogue in {} already", path.display());
            return Err(Error::new(ErrorKind::Index { what }));
        }
        Self::create_in(folder)
    }

    /// Opens the catalogue of a folder.
    ///
    /// # Errors
    /// [`ErrorKind::NoIndex`] if there is none, [`ErrorKind::IndexVersion`] if it is one of another
    /// version.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let folder = Folder::new(path.as_ref());
        match folder.is_catalogue()? {
            true => Self::open_in(folder),
            false => Err(folder.missing()),
        }
    }

    /// Opens the catalogue of a folder, or makes an empty one.
    ///
    /// # Errors
    /// As [`open`](Self::open) and [`create`](Self::create).
    pub fn open_or_create(path: impl AsRef<Path>) -> Result<Self> {
        let folder = Folder::new(path.as_ref());
        match folder.is_catalogue()? {
            true => Self::open_in(folder),
            false => Self::create_in(folder),
        }
    }

    /// Makes an empty catalogue in memory.
    pub fn in_memory() -> Result<Self> {
        Ok(Self {
            text: TextIndex::in_memory(Store::in_memory())?,
            place: Place::Memory(Arc::default(), Shelf::in_memory()),
            _watch: None,
        })
    }

    fn open_in(folder: Folder) -> Result<Self> {
        let text = TextIndex::open(&folder.text(), Store::Folder(folder.parts()))?
            .ok_or_else(|| folder.other_version("a text index with other fields"))?;
        Self::of(text, folder)
    }

    fn of(text: TextIndex, folder: Folder) -> Result<Self> {
        let watched = text.clone();
        // A state that can't be read leaves the one that is open.
        let watch = text.watch(move || drop(watched.reload()))?;
        Ok(Self {
            text,
            place: Place::Folder(folder),
            _watch: Some(watch),
        })
    }

    fn create_in(folder: Folder) -> Result<Self> {
        folder.prepare()?;
        let lock = folder.lock(false)?;
        // Another process may have made it meanwhile.
        let text = match folder.is_catalogue()? {
            true => return Self::open_in(folder),
            false => TextIndex::create(&folder.text(), Store::Folder(folder.parts()))?,
        };
        folder.finish()?;
        drop(lock);
        Self::of(text, folder)
    }

    /// `None` in memory, where changes aren't kept.
    fn changes_folder(&self) -> Option<PathBuf> {
        match &self.place {
            Place::Folder(folder) => Some(folder.changes()),
            Place::Memory(..) => None,
        }
    }

    /// Where complete deliveries are remembered.
    fn shelf(&self) -> Shelf {
        match &self.place {
            Place::Folder(folder) => Shelf::Folder(folder.deliveries()),
            Place::Memory(_, shelf) => shelf.clone(),
        }
    }

    /// Up to where a source has been fetched, as the last run that said so left it.
    pub fn cursor(&self, source: &str) -> Option<String> {
        let snapshot = self.text.snapshot();
        snapshot.state.manifest.cursors.get(source).cloned()
    }

    /// What changed for sale since, in a country or anywhere, the oldest first. Ninety days are kept; a
    /// catalogue in memory keeps none.
    pub fn changes(
        &self,
        since: Since,
        country: Option<Country>,
        account: &Account,
    ) -> Result<Vec<Change>> {
        let up_to = self.text.snapshot().state.manifest.generation;
        match self.changes_folder() {
            Some(folder) => changes::read(&folder, since, up_to, country, account),
            None => Ok(Vec::new()),
        }
    }

    fn text(&self) -> &TextIndex {
        &self.text
    }

    /// Takes records in, one after the other, and publishes them at the end.
    ///
    /// They are of this source; if it is empty, of the sender their message's Header names. Records
    /// that couldn't be read are counted as rejected. With several threads, or to see what was
    /// rejected, use a [`Writer`].
    ///
    /// # Errors
    /// An error that costs more than a record ends the run, and the catalogue stays as it was:
    /// filter the records to do with what came before it.
    pub fn ingest<'r>(
        &self,
        source: &str,
        records: impl IntoIterator<Item = Result<Record<'r>>>,
    ) -> Result<IngestSummary> {
        let source = Some(source.trim()).filter(|source| !source.is_empty());
        let mut writer = self.writer(WriterOptions::default())?;
        for record in records {
            match record {
                Ok(record) => match writer.apply(Writer::prepare(&record, source)) {
                    Err(error) if !error.is_record() => return Err(error),
                    _ => {}
                },
                Err(error) if error.is_record() => writer.reject(source, &error),
                Err(error) => return Err(error),
            }
        }
        writer.commit()
    }

    /// Takes the right to write.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`] if another writer, of this process or another, has it and
    /// [`wait`](WriterOptions::wait) isn't set.
    pub fn writer(&self, options: WriterOptions) -> Result<Writer> {
        let hold = match &self.place {
            Place::Folder(folder) => Hold::Folder(folder.lock(options.wait)?),
            Place::Memory(is_held, _) => Hold::in_memory(is_held, options.wait)?,
        };
        Writer::new(self, &options, hold)
    }

    /// Looks for what other processes have published since it was opened. It does so by itself within
    /// half a second or so, and what a writer of this catalogue publishes is seen at once.
    pub fn reload(&self) -> Result<()> {
        self.text.reload()
    }

    /// Finds products. The total is exact, whatever the filters; an empty catalogue gives an empty
    /// page.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for a facet or a page token that makes no sense. Nothing that stands
    /// in the words is an error.
    pub fn search(&self, search: &Search) -> Result<Page> {
        let snapshot = self.text.snapshot();
        let found = snapshot.search(search)?;
        Page::of(found, &snapshot, search)
    }

    /// What a text that is being typed may become: titles, names, series and publishers that begin so, the most
    /// frequent first; where there are none, the titles of products with its words.
    pub fn suggest(&self, text: &str, audience: Audience, limit: usize) -> Result<Vec<Suggestion>> {
        self.text.snapshot().suggest(text, audience, limit)
    }

    /// Products like that of an identifier, by its people, series and subjects, one a work, the likest first.
    /// Of a search its filters count, its audience and its limit, not its words. `None` where nothing is known by the
    /// identifier.
    ///
    /// # Errors
    /// As [`search`](Self::search).
    pub fn similar(&self, id: &str, search: &Search) -> Result<Option<Vec<Hit>>> {
        let snapshot = self.text.snapshot();
        let own = snapshot.own(id);
        let Some(first) = own.first() else {
            return Ok(None);
        };
        let entry = snapshot.entry(first.serial())?;
        let serials: Vec<u64> = own.iter().map(Held::serial).collect();
        let found = snapshot.similar(&entry, &serials, search)?;
        let hits = found.into_iter().map(|hit| {
            let offers = snapshot.offers(hit.serial)?;
            Ok(Hit::of(hit, Vec::new(), offers, search))
        });
        hits.collect::<Result<_>>().map(Some)
    }

    /// The other products of the work of a product: its formats and editions.
    pub fn work(&self, source: &str, record_reference: &str) -> Vec<WorkMember> {
        let snapshot = self.text.snapshot();
        let Some(held) = snapshot.state.of_key(source, record_reference) else {
            return Vec::new();
        };
        let others = snapshot.state.work_of(held).into_iter();
        others.filter_map(WorkMember::of).collect()
    }

    /// Everything that a search finds, product by product: all pages of it, whatever its order.
    ///
    /// # Errors
    /// As [`search`](Self::search).
    pub fn export(&self, search: &Search) -> Result<Export> {
        Export::new(self.text.snapshot(), search)
    }

    /// All products of an identifier: ISBN-10 or -13, EAN, GTIN, DOI, the sender's own key, or a
    /// `RecordReference`, however it is written. Sorted by source and `RecordReference`.
    ///
    /// Only where it is nobody's own are there the products that name it as a related product's,
    /// and [`Kept::found_by`](field@Kept::found_by) says so.
    pub fn product(&self, id: &str, source: Option<&str>) -> Result<Vec<Kept>> {
        let id = normalised(id);
        let snapshot = self.text.snapshot();
        let is_asked = |held: &Held<'_>| source.is_none_or(|source| held.source() == source);
        let mut found: Vec<_> = snapshot.state.of_id(number(&id)).filter(is_asked).collect();
        if found.is_empty() {
            found = snapshot
                .state
                .of_related(number(&id))
                .filter(is_asked)
                .collect();
        }
        found.sort_by_key(|held| (held.source(), held.reference()));
        let kept = found
            .into_iter()
            .map(|held| Ok(snapshot.kept(held)?.found_by(&id)));
        kept.collect()
    }

    /// How many runs have changed it.
    pub fn generation(&self) -> u64 {
        self.text.snapshot().state.manifest.generation
    }

    /// The same catalogue as it is now: what is published later isn't seen through it, until [`reload`](Self::reload) is
    /// called.
    pub fn still(&self) -> Self {
        Self {
            text: self.text.still(),
            place: self.place.clone(),
            _watch: None,
        }
    }

    /// Source and `RecordReference` of every product, in the order of their arrival: no record is read.
    pub fn keys(&self) -> Vec<(String, String)> {
        let mut keys = Vec::new();
        self.for_each_key(|source, reference| keys.push((source.to_owned(), reference.to_owned())));
        keys
    }

    /// The same, each shown once and not copied.
    pub fn for_each_key(&self, mut show: impl FnMut(&str, &str)) {
        let snapshot = self.text.snapshot();
        let all = snapshot.state.all();
        all.for_each(|held| show(held.source(), held.reference()));
    }

    /// The product of a key, if it is there.
    pub fn keyed(&self, source: &str, record_reference: &str) -> Result<Option<Kept>> {
        let snapshot = self.text.snapshot();
        let held = snapshot.state.of_key(source, record_reference);
        let held = held.filter(|held| !held.is_removal());
        held.map(|held| snapshot.kept(held)).transpose()
    }

    /// The same in short, and with the cheapest offer that satisfies a filter at a moment: no record is read.
    pub fn lookup(
        &self,
        id: &str,
        filter: &OfferFilter,
        at: Moment,
        account: &Account,
    ) -> Vec<Lookup> {
        self.text.snapshot().lookup(id, filter, at, account)
    }

    /// The same with what may be sold of each where and when.
    pub fn offers(&self, id: &str) -> Result<Vec<(Kept, Offers)>> {
        let with_offers = |kept: Kept| {
            let offers = kept.offers()?;
            Ok((kept, offers))
        };
        let products = self.product(id, None)?;
        products.into_iter().map(with_offers).collect()
    }

    /// Says whether the platform would take a sale. Only a product's own identifiers count: another
    /// product's that is related to it is not what would be sold.
    pub fn check(&self, request: &SaleRequest, account: &Account) -> Result<Verdict> {
        let snapshot = self.text.snapshot();
        let held = snapshot.own(&request.id);
        let source = held.first().map(|held| held.source().to_owned());
        let packed: Vec<_> = held.iter().filter_map(Held::offers).collect();
        let mut verdict = sale::judge(request, &packed, account);
        if verdict.verdict == Judgement::Valid {
            // Nothing that the record alone would tell.
            verdict = sale::check(request, &packed, account);
        } else {
            let messages = held.iter().map(Held::message);
            match messages.collect::<Result<Vec<_>>>() {
                Ok(messages) => {
                    let offers = messages.iter().zip(&held).map(|(message, held)| {
                        read_message(message, held.reference(), |received| received.offers())
                    });
                    let offers: Vec<Offers> = offers.collect::<Result<_>>()?;
                    let offers = offers.iter().zip(&held);
                    let offers: Vec<OffersRef<'_>> = offers
                        .map(|(offers, held)| OffersRef::from(offers).outdated(held.is_outdated()))
                        .collect();
                    verdict = sale::check(request, &offers, account);
                }
                Err(error) if matches!(error.kind(), ErrorKind::NotKept) => {
                    verdict = sale::check(request, &packed, account);
                    verdict.notices.push(NoticeText {
                        code: "not_kept",
                        message: "records aren't kept: reasons have no values and no bytes".into(),
                    });
                }
                Err(error) => return Err(error),
            }
        }
        if held.is_empty() {
            verdict.near = snapshot.near_related(request, account);
        } else if verdict.verdict != Judgement::Valid {
            let near = snapshot.near_of_work(&held, request, account);
            verdict.near.extend(near);
            verdict.near.truncate(NEAR);
        }
        verdict.source = source;
        Ok(verdict)
    }

    /// The same without reasons, source and what is near: the offers are judged where they lie on disk.
    pub fn judge(&self, request: &SaleRequest, account: &Account) -> Result<Verdict> {
        let snapshot = self.text.snapshot();
        let id = normalised(&request.id);
        let mut own = snapshot.state.of_id(number(&id));
        Ok(match (own.next(), own.next()) {
            (Some(only), None) => {
                let offers = only.offers();
                sale::judge(request, offers.as_slice(), account)
            }
            _ => {
                let held = snapshot.own(&request.id);
                let offers: Vec<_> = held.iter().filter_map(Held::offers).collect();
                sale::judge(request, &offers, account)
            }
        })
    }

    /// The same as [`judge`](Self::judge), with what is worth telling besides.
    pub fn judge_with_notices(&self, request: &SaleRequest, account: &Account) -> Result<Verdict> {
        let snapshot = self.text.snapshot();
        let held = snapshot.own(&request.id);
        let offers: Vec<_> = held.iter().filter_map(Held::offers).collect();
        let mut verdict = sale::judge_with_notices(request, &offers, account);
        verdict.source = held.first().map(|held| held.source().to_owned());
        Ok(verdict)
    }

    /// What it holds.
    pub fn stats(&self) -> Result<Stats> {
        let snapshot = self.text.snapshot();
        let mut sections = std::collections::BTreeMap::new();
        for part in snapshot.state.parts() {
            for (section, bytes) in part.sizes() {
                *sections.entry(section).or_insert(0) += bytes;
            }
        }
        let record_bytes = sections.get("records").copied().unwrap_or(0);
        Ok(Stats {
            products: snapshot.state.products(),
            generation: snapshot.state.manifest.generation,
            sources: sources(&snapshot),
            published: (snapshot.state.manifest.generation > 0)
                .then(|| Moment::from_unix(snapshot.state.manifest.at)),
            outdated: snapshot.state.n_marked() as u64,
            segments: snapshot.segments() as u64,
            parts: snapshot.state.parts().len() as u64,
            offer_bytes: sections.values().sum::<u64>() - record_bytes,
            record_bytes,
            sections,
            bytes: match &self.place {
                Place::Folder(folder) => folder.bytes(),
                Place::Memory(..) => 0,
            },
        })
    }
}

/// Offers that a verdict names at most.
const NEAR: usize = 5;

/// What would be taken of these products, each under its own identifier.
fn near<'s>(
    products: impl Iterator<Item = Held<'s>>,
    request: &SaleRequest,
    account: &Account,
) -> Vec<Near> {
    let near = products.flat_map(|held| {
        let id = held.part.isbn13(held.n);
        let id = id.unwrap_or_else(|| held.reference().to_owned());
        let offers = held.offers();
        offers.map_or(Vec::new(), |offers| {
            sale::near_of(request, &id, offers, account)
        })
    });
    near.take(NEAR).collect()
}

/// Products by source, sorted by name.
fn sources(snapshot: &Snapshot) -> Vec<SourceStats> {
    let mut sources = std::collections::BTreeMap::<&str, SourceStats>::new();
    for held in snapshot.state.all() {
        let name = held.source();
        let one = sources.entry(name).or_insert_with(|| SourceStats {
            source: name.to_owned(),
            ..SourceStats::default()
        });
        one.products += 1;
        let sent = held.part.meta(held.n).and_then(|meta| meta.version.sent);
        one.last_sent = one.last_sent.max(sent.map(Moment::from_unix));
    }
    sources.into_values().collect()
}

impl Snapshot {
    /// The records of which an identifier is their own, by source and `RecordReference`.
    fn own(&self, id: &str) -> Vec<Held<'_>> {
        let mut held: Vec<_> = self.state.of_id(number(&normalised(id))).collect();
        held.sort_by_key(|held| (held.source(), held.reference()));
        held
    }

    /// What would be taken of the products that name the identifier as a related product's.
    fn near_related(&self, request: &SaleRequest, account: &Account) -> Vec<Near> {
        let related = self.state.of_related(number(&normalised(&request.id)));
        near(related, request, account)
    }

    /// What would be taken of the other products of the work of what is asked for.
    fn near_of_work(
        &self,
        held: &[Held<'_>],
        request: &SaleRequest,
        account: &Account,
    ) -> Vec<Near> {
        let is_asked = |other: &Held<'_>| held.iter().any(|own| own.serial() == other.serial());
        let others = held.iter().flat_map(|own| self.state.work_of(*own));
        near(others.filter(|other| !is_asked(other)), request, account)
    }

    /// A product as it is given out.
    fn kept(&self, held: Held<'_>) -> Result<Kept> {
        let kept = match held.message() {
            Ok(message) => Kept::of_message(held.source(), held.reference(), message),
            Err(error) if matches!(error.kind(), ErrorKind::NotKept) => {
                let entry = self.entry(held.serial())?;
                let offers = held.offers();
                let sent = offers.and_then(|offers| offers.sent());
                Ok(Kept::of_entry(held.source(), entry, sent))
            }
            Err(error) => Err(error),
        };
        let mut kept = kept?;
        kept.is_outdated = held.is_outdated();
        Ok(kept)
    }
}

impl std::fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_tuple("Catalogue");
        match &self.place {
            Place::Folder(folder) => out.field(folder),
            Place::Memory(..) => out.field(&"in memory"),
        };
        out.finish()
    }
}
