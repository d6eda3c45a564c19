//! Full and differential synchronisation: page behind page, each with the address of the next, up to one that isn't found.
//!
//! A full synchronisation goes on behind the publication that came last, in the order of creation. A differential one is
//! that of a window of whole seconds which its first page settles: what changes later in the last of them is found again by a
//! window that begins with it.

use super::clock::{Millis, basic, extended, second};
use super::cursor::Cursor;
use super::limits::Counted;
use super::moments;
use super::organisation::Publishers;
use super::page::{Page, Took};
use super::pieces::{Part, Table};
use super::publication::{Place, Seen};
use super::request::{Answer, encoded};
use super::service::{Route, Service, Wire};
use super::state::{Asked, Outcome, State, address};
use super::stock::Stock;
use super::words::Refusal;

/// `…/publications/full` (HC, FR).
pub(super) fn full(state: &mut State, asked: &Asked<'_>) -> Outcome {
    let wire = wire(asked.route)?;
    let start = match asked.request.parameter("start") {
        Some(start) => Some(Cursor::parse(&start).ok_or_else(no_cursor)?),
        None => {
            state.count(asked.organisation, Counted::FirstPage)?;
            synchronised(state, asked);
            None
        }
    };
    let publishers = state.organisations[asked.organisation].publishers.clone();
    let (page, next) = full_page(&mut state.stock, &publishers, start, wire);
    let next = next.ok_or_else(|| the_end(state, asked))?;
    let next = format!("start={}", encoded(&next.to_text()));
    let about = "Every publication of this stand-in";
    Ok(answer(state, asked, &page, about, &next))
}

/// The page that begins at a place, and where the one behind it begins; that is nowhere if there is nothing on this one.
fn full_page(
    stock: &mut Stock,
    publishers: &Publishers,
    start: Option<Cursor>,
    wire: Wire,
) -> (Page, Option<Cursor>) {
    let mut page = Page::new(wire);
    let mut next = start;
    while !page.is_full() {
        let Some((place, behind)) = place_of(stock, next.as_ref()) else {
            break;
        };
        let took = match stock.seen(&place, publishers, None) {
            Some(seen) => page.take(seen, behind.as_deref()),
            None => Took::All,
        };
        if took == Took::Nothing {
            break;
        }
        next = Some(Cursor {
            created: place.0,
            id: place.1,
            within: match took {
                Took::UpTo(record) => Some(record),
                _ => None,
            },
        });
    }
    match page.is_empty() {
        true => (page, None),
        false => (page, next),
    }
}

/// The publication with which a page goes on, and its record behind which it does.
fn place_of(stock: &Stock, cursor: Option<&Cursor>) -> Option<(Place, Option<String>)> {
    let Some(cursor) = cursor else {
        return Some((stock.place_after(None)?, None));
    };
    let place = (cursor.created, cursor.id.clone());
    match &cursor.within {
        Some(record) => Some((place, Some(record.clone()))),
        None => Some((stock.place_after(Some(&place))?, None)),
    }
}

/// `…/publications/delta` (CF-DELTA).
pub(super) fn delta(state: &mut State, asked: &Asked<'_>) -> Outcome {
    let wire = wire(asked.route)?;
    let window = match asked.request.parameter("start") {
        Some(start) => Window::next(asked, &start)?,
        None => Window::first(state, asked)?,
    };
    let publishers = state.organisations[asked.organisation].publishers.clone();
    let key = window.key(asked.organisation, wire);
    if window.page == 1 || state.windows.changed.get(&key).is_none() {
        state.windows.settle(&key, window.changed(&state.stock));
    }
    let page = window.page(
        &mut state.stock,
        &publishers,
        wire,
        &mut state.windows,
        &key,
    );
    let page = page.ok_or_else(|| the_end(state, asked))?;
    let about = "What changed among the publications of this stand-in";
    Ok(answer(state, asked, &page, about, &window.next_query()))
}

/// Whole seconds, both included, and which page of what changed in them is asked for, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Window {
    from: i64,
    to: i64,
    page: usize,
}

impl Window {
    /// That of a first page: it ends now.
    fn first(state: &mut State, asked: &Asked<'_>) -> Outcome<Self> {
        let now = state.clock.now();
        let last = state.organisations[asked.organisation].synchronised.feed;
        let last = last.map(second);
        let given = asked.request.parameter("from");
        let given =
            given.map(|from| moments::since(&from).ok_or_else(|| no_moment("from", &from, now)));
        let given = given.transpose()?.map(second);
        if state.strict && given.zip(last).is_some_and(|(from, last)| from > last) {
            let refusal = Refusal::new(400, "invalid_date");
            let latest = basic(last.unwrap_or_default().saturating_mul(1000));
            return Err(refusal
                .because("from lies behind the beginning of the synchronisation before")
                .taken_with("from", latest));
        }
        state.count(asked.organisation, Counted::FirstPage)?;
        synchronised(state, asked);
        Ok(Self {
            from: given.or(last).unwrap_or(0),
            to: second(now),
            page: 1,
        })
    }

    /// That of a page behind the first, as the address says.
    fn next(asked: &Asked<'_>, start: &str) -> Outcome<Self> {
        let at = |name: &str| moments::since(&asked.request.parameter(name)?).map(second);
        let page = start.parse().ok().filter(|page| *page > 1);
        match (at("from"), at("to"), page) {
            (Some(from), Some(to), Some(page)) => Ok(Self { from, to, page }),
            _ => Err(no_cursor()),
        }
    }

    /// The page, of which the ones before it needn't be made again.
    fn page(
        &self,
        stock: &mut Stock,
        publishers: &Publishers,
        wire: Wire,
        windows: &mut Windows,
        key: &str,
    ) -> Option<Page> {
        let changed = windows.changed.get(key)?;
        loop {
            let marks = windows.marks.get(key)?;
            let known = self.page.min(marks.len());
            let begin = marks.get(known.checked_sub(1)?)?.clone();
            let (page, end) = page_from(changed, begin, stock, publishers, self.from, wire)?;
            // A page that is asked for again may end elsewhere.
            let marks = windows.marks.get_mut(key)?;
            marks.truncate(known);
            marks.push(end);
            if known == self.page {
                return Some(page);
            }
        }
    }

    /// The key of what is settled of it.
    fn key(&self, organisation: usize, wire: Wire) -> String {
        format!("{organisation} {} {} {}", self.from, self.to, wire.as_str())
    }

    fn changed(&self, stock: &Stock) -> Vec<Place> {
        stock.changed(self.from, self.to)
    }

    fn next_query(&self) -> String {
        let moment = |second: i64| encoded(&extended(second.saturating_mul(1000)));
        format!(
            "from={}&start={}&to={}",
            moment(self.from),
            self.page + 1,
            moment(self.to)
        )
    }
}

/// Where a page begins: the number of a publication among those that changed, and its record behind which it does.
pub(super) type Mark = (usize, Option<String>);

/// The windows whose first pages have been asked for: nothing that changes later moves their pages, though it be in
/// their last second.
pub(super) struct Windows {
    pub(super) changed: Table<Vec<Place>>,
    /// Where their pages begin, as far as they have been asked for.
    pub(super) marks: Table<Vec<Mark>>,
}

impl Default for Windows {
    fn default() -> Self {
        Self {
            changed: Table::new(Part::Window),
            marks: Table::new(Part::Marks),
        }
    }
}

impl Windows {
    /// So many are remembered.
    const MOST: usize = 64;

    fn settle(&mut self, key: &str, changed: Vec<Place>) {
        if self.changed.len() >= Self::MOST && self.changed.get(key).is_none() {
            let end = |key: &&str| {
                key.split(' ')
                    .nth(2)
                    .and_then(|to| to.parse().ok())
                    .unwrap_or(0_i64)
            };
            let earliest = self.changed.keys().min_by_key(end).map(str::to_owned);
            for key in earliest.as_slice() {
                self.changed.remove(key);
                self.marks.remove(key);
            }
        }
        self.changed.insert(key.to_owned(), changed);
        self.marks.insert(key.to_owned(), vec![(0, None)]);
    }
}

/// The page that begins at a mark, and where the next one does.
fn page_from(
    changed: &[Place],
    (first, mut behind): Mark,
    stock: &mut Stock,
    publishers: &Publishers,
    since: i64,
    wire: Wire,
) -> Option<(Page, Mark)> {
    let mut page = Page::new(wire);
    let mut at = first;
    while let Some(place) = changed.get(at) {
        let took = match stock.seen(place, publishers, Some(since)) {
            Some(seen) => page.take(seen, behind.as_deref()),
            None => Took::All,
        };
        match took {
            Took::All => (at, behind) = (at + 1, None),
            Took::UpTo(record) => {
                behind = Some(record);
                break;
            }
            Took::Nothing => break,
        }
    }
    (!page.is_empty()).then_some((page, (at, behind)))
}

/// Publications on pages, one behind the other.
pub(super) fn pages(seen: impl Iterator<Item = Seen>, wire: Wire) -> impl Iterator<Item = Page> {
    let mut seen = seen.peekable();
    let mut behind: Option<String> = None;
    std::iter::from_fn(move || {
        let mut page = Page::new(wire);
        while let Some(next) = seen.peek() {
            match page.take(next.clone(), behind.as_deref()) {
                Took::All => {
                    behind = None;
                    seen.next();
                }
                Took::UpTo(record) => {
                    behind = Some(record);
                    break;
                }
                Took::Nothing => break,
            }
        }
        (!page.is_empty()).then_some(page)
    })
}

/// The format that a path asks for; ONIX where it doesn't say.
fn wire(route: &Route) -> Outcome<Wire> {
    match route.suffix.as_deref() {
        None => Ok(Wire::Onix),
        Some(suffix) => Wire::of_word(suffix).ok_or_else(|| no_format(suffix)),
    }
}

/// What stands behind the last page, which is how a shop knows that it has all of them; or there was no page at all.
fn the_end(state: &State, asked: &Asked<'_>) -> Refusal {
    let refusal = Refusal::not_found();
    let is_first = asked.request.parameter("start").is_none();
    let organisation = &state.organisations[asked.organisation];
    match (is_first, asked.route.service, state.stock.products()) {
        (false, ..) => refusal.because("there are no more pages: that was all"),
        (_, Service::Delta, _) => refusal.because("nothing has changed since then"),
        (_, _, 0) => refusal.because("the stand-in has no products"),
        (_, _, n) => refusal.because(format!("{} sees none of the {n} products", organisation.id)),
    }
}

fn no_cursor() -> Refusal {
    Refusal::not_found()
        .because("start, from and to aren't those of an address from a Link: follow that as it is")
}

pub(super) fn no_moment(name: &str, given: &str, now: Millis) -> Refusal {
    Refusal::invalid_date()
        .because(format!("{name} is {given}, which is no moment of ISO 8601"))
        .taken_with(name, basic(now))
}

pub(super) fn no_format(given: &str) -> Refusal {
    Refusal::invalid_format()
        .because(format!("{given} is no format"))
        .taken_with("format", "onix")
}

fn synchronised(state: &mut State, asked: &Asked<'_>) {
    let now = state.clock.now();
    state.organisations[asked.organisation]
        .synchronised
        .by_feed(now);
}

/// A page with the address of the next, which is the same with another query.
fn answer(state: &State, asked: &Asked<'_>, page: &Page, about: &str, next_query: &str) -> Answer {
    let body = page.write(about, state.clock.now());
    let path = format!("{}?{next_query}", asked.request.path);
    let next = address(asked.request, &path);
    metadata(body).with_header("Link", format!("<{next}>; rel=next"))
}

/// Metadata as an answer: XML in both formats.
pub(super) fn metadata(body: String) -> Answer {
    Answer::new(200, "text/xml; charset=utf-8", body)
}
