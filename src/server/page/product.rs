//! The page of a product: what it is, where and at what price it may be sold, and what is like it.

use askama::Template;

use super::prices::{self, Course, PriceRow};
use super::query::{self, Query};
use super::search::{Card, Named, initials, tint};
use super::words::Words;
use super::world::{self, Choice, World};
use super::{Frame, dates, safe, written};
use crate::catalogue::{Audience, FoundBy, Kept, Search, WorkMember};
use crate::error::ErrorKind;
use crate::model::{Date, EntryContributor, EntryIdentifier, EntrySeries, Kind, Moment, Status};
use crate::onix::codes;
use crate::sale::{OfferFilter, Offers};
use crate::sandbox::encoded;
use crate::server::api::{Api, Asked};
use crate::server::problem::Problem;

/// Prices that are judged for a page.
const MOST: usize = 200;

/// Similar books that are shown.
const SIMILAR: usize = 6;

#[derive(Template)]
#[template(path = "product.html")]
struct ProductPage {
    frame: Frame,
    /// What was asked for, as a part of an address.
    path_id: String,
    records: Vec<Book>,
    country: Option<Named>,
    /// As it was asked for; empty for the present moment.
    at: String,
    countries: Vec<Choice>,
    world: Option<World>,
    /// Whether it is the product that was asked for, and not only related to it.
    is_own: bool,
    /// The form, with what is asked for here.
    check: String,
    rows: Vec<PriceRow>,
    /// That there are more.
    more: Option<String>,
    courses: Vec<Course>,
    similar: Vec<Card>,
}

/// One record of the product.
struct Book {
    title: String,
    subtitle: Option<String>,
    initials: String,
    tint: usize,
    cover: Option<String>,
    contributors: Vec<Person>,
    series: Vec<String>,
    publisher: Option<String>,
    published: Option<String>,
    language: Option<Named>,
    format: Option<&'static str>,
    protections: Vec<&'static str>,
    status: Status,
    status_word: &'static str,
    facts: Vec<Fact>,
    texts: Vec<ShownText>,
    work: Vec<Member>,
    related: Vec<Related>,
    source: String,
    record_reference: String,
    sent: Option<String>,
    /// How it is related to what was asked for, where it isn't that itself.
    relation: Option<String>,
    /// Its own page.
    href: String,
    is_outdated: bool,
}

struct Person {
    name: String,
    roles: String,
    href: String,
}

struct Fact {
    name: &'static str,
    values: Vec<String>,
    /// Whether the values are English, as code lists are.
    is_english: bool,
}

struct ShownText {
    kind: Option<&'static str>,
    by: String,
    html: String,
    /// A tag of BCP 47.
    language: Option<&'static str>,
}

struct Member {
    href: String,
    id: String,
    title: Option<String>,
    format: Option<&'static str>,
    protections: Vec<&'static str>,
}

struct Related {
    relation: String,
    id: String,
    href: String,
}

pub(super) fn page(api: &Api, asked: &mut Asked, id: &str) -> Result<String, Problem> {
    let mut parameters = std::mem::take(&mut asked.parameters);
    let filter = OfferFilter {
        country: parameters.country()?,
        ..OfferFilter::default()
    };
    let at_text = Query::of(&asked.query).first("at").to_owned();
    let at = parameters.at(&api.account, asked.now)?;
    parameters.end()?;
    let w = asked.preferences.words;
    let found = api.catalogue.product(id, None)?;
    let Some(first) = found.first() else {
        return Err(Problem::not_found(format!("{} {id}", w.not_found)));
    };
    let title = first
        .entry
        .title
        .clone()
        .unwrap_or_else(|| w.no_title.to_owned());
    let offers = own_offers(api, id)?;
    let query = Query::of(&asked.query);
    let beside = query.clone().only(&["country", "at"]);
    let moment = At {
        at,
        filter: &filter,
        beside: &beside,
    };
    let records = found
        .iter()
        .map(|kept| Book::of(kept, &offers, &moment, api, w))
        .collect::<Result<_, _>>()?;
    let price = prices::Asked {
        id,
        country: filter.country,
        at,
        account: &api.account,
        w,
        at_text: &at_text,
        kind: Kind::Simulation,
        has_several: offers.len() > 1,
    };
    let mut judged = offers
        .iter()
        .flat_map(|(kept, offers)| kept.judged_offers(offers, &filter, at, &api.account));
    let rows = prices::rows(judged.by_ref().take(MOST).collect(), &price);
    let more = judged
        .next()
        .map(|_| w.rows_more.replace("{}", &MOST.to_string()));
    drop(judged);
    let page = ProductPage {
        frame: Frame::new(api, asked, "", title)?,
        path_id: encoded(id),
        records,
        country: filter.country.map(|country| Named {
            code: country.alpha2().to_owned(),
            name: world::name(country).to_owned(),
        }),
        at: at_text.clone(),
        is_own: found.iter().any(is_own),
        check: beside.clone().with("id", id).at("/check"),
        more,
        countries: world::choices(query.first("country")),
        world: (!offers.is_empty()).then(|| World::of(&offers, id, &query, at, &api.account, w)),
        courses: prices::courses(&rows, at, &api.account),
        rows,
        similar: similar(api, id, &moment, w)?,
    };
    written(&page)
}

/// Whether a record is of what was asked for itself.
fn is_own(kept: &Kept) -> bool {
    matches!(kept.found_by, FoundBy::Own)
}

/// What may be sold of a product itself; what is only related to it is sold under its own identifier. Nothing, where records aren't
/// kept.
pub(super) fn own_offers(api: &Api, id: &str) -> Result<Vec<(Kept, Offers)>, Problem> {
    match api.catalogue.offers(id) {
        Ok(found) => Ok(found.into_iter().filter(|(kept, _)| is_own(kept)).collect()),
        Err(error) if matches!(error.kind(), ErrorKind::NotKept) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// The moment and the offers that are asked for.
struct At<'a> {
    at: Moment,
    filter: &'a OfferFilter,
    /// The same as an address has it.
    beside: &'a Query,
}

fn similar(api: &Api, id: &str, moment: &At<'_>, w: &Words) -> Result<Vec<Card>, Problem> {
    let search = Search {
        audience: Audience::Any,
        limit: SIMILAR,
        offer: moment.filter.clone(),
        at: moment.at,
        account: api.account.clone(),
        ..Search::default()
    };
    let hits = api.catalogue.similar(id, &search)?.unwrap_or_default();
    Ok(hits
        .iter()
        .map(|hit| Card::of(hit, moment.beside, w, api))
        .collect())
}

impl Book {
    fn of(
        kept: &Kept,
        offers: &[(Kept, Offers)],
        moment: &At<'_>,
        api: &Api,
        w: &'static Words,
    ) -> Result<Self, Problem> {
        let entry = &kept.entry;
        let title = entry.title.clone().unwrap_or_else(|| w.no_title.to_owned());
        let own = offers.iter().find(|(of, _)| {
            of.source == kept.source && of.entry.record_reference == entry.record_reference
        });
        let status =
            own.map(|(_, offers)| offers.status(moment.filter.country, moment.at, &api.account));
        let status = status.unwrap_or(Status::Unknown);
        let work = api.catalogue.work(&kept.source, &entry.record_reference);
        let beside = moment.beside;
        let person = |one: &EntryContributor| Person {
            name: one.name.clone(),
            roles: roles(&one.roles, w),
            href: beside.clone().with("contributor", &one.name).at("/"),
        };
        let series = |one: &EntrySeries| match &one.number {
            Some(number) => format!("{}, {number}", one.title),
            None => one.title.clone(),
        };
        Ok(Self {
            subtitle: entry.subtitle.clone(),
            initials: initials(&title),
            tint: tint(&title),
            cover: api.covers.path(
                &kept.source,
                &entry.record_reference,
                entry.cover.as_deref(),
            ),
            contributors: entry.contributors.iter().map(person).collect(),
            series: entry.series.iter().map(series).collect(),
            publisher: entry.publisher.clone(),
            published: entry.published.map(|date| date.precisely()),
            language: entry.language.as_deref().map(|code| Named::of(74, code)),
            format: entry.format.map(|format| format.as_str()),
            protections: entry
                .protections
                .words()
                .into_iter()
                .map(|word| w.protection_word(word))
                .collect(),
            status,
            status_word: w.status(status),
            facts: facts(kept, w)?,
            texts: texts(kept)?,
            work: work
                .iter()
                .map(|member| Member::of(member, beside, w))
                .collect(),
            related: related(kept, beside),
            source: kept.source.clone(),
            record_reference: entry.record_reference.clone(),
            sent: kept.sent.as_deref().map(sent),
            relation: match &kept.found_by {
                FoundBy::Related(relations) => Some(labels(51, relations)),
                FoundBy::Own => None,
            },
            href: {
                let id = entry.isbn13.as_ref().unwrap_or(&entry.record_reference);
                query::product(id, beside)
            },
            is_outdated: kept.is_outdated,
            title,
        })
    }
}

/// When a record was sent, as a date; as it stands there, where it isn't one.
pub(super) fn sent(text: &str) -> String {
    let date = Date::parse(text, None);
    date.map_or_else(|| text.to_owned(), |date| date.precisely())
}

fn roles(codes: &[String], w: &Words) -> String {
    let role = |code: &String| {
        let word = w.role(code).or_else(|| codes::label(17, code));
        word.unwrap_or(code).to_owned()
    };
    codes.iter().map(role).collect::<Vec<_>>().join(", ")
}

fn labels(list: u16, values: &[String]) -> String {
    let labels: Vec<&str> = values
        .iter()
        .map(|value| codes::label(list, value).unwrap_or(value))
        .collect();
    labels.join(", ")
}

fn facts(kept: &Kept, w: &'static Words) -> Result<Vec<Fact>, Problem> {
    let entry = &kept.entry;
    let own = |text: &Option<String>| text.iter().cloned().collect::<Vec<_>>();
    let coded = |list: u16, values: &[String]| {
        let labels = values
            .iter()
            .map(|value| codes::label(list, value).unwrap_or(value).to_owned());
        labels.collect::<Vec<_>>()
    };
    let subjects = entry.subjects.iter().filter_map(|subject| {
        let scheme = subject
            .scheme
            .as_deref()
            .and_then(|scheme| codes::label(27, scheme));
        let words = [subject.code.as_deref(), subject.text.as_deref()];
        let words = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
        (!words.is_empty()).then(|| match scheme {
            Some(scheme) => format!("{words} ({scheme})"),
            None => words,
        })
    });
    let mut forms = coded(150, &own(&entry.product_form));
    forms.extend(coded(175, &entry.product_form_details));
    let english = |name, values| Fact {
        name,
        values,
        is_english: true,
    };
    let plain = |name, values| Fact {
        name,
        values,
        is_english: false,
    };
    let facts = vec![
        plain(
            w.identifiers,
            entry.identifiers.iter().map(identifier).collect(),
        ),
        plain(w.publisher, own(&entry.publisher)),
        plain(w.imprint, own(&entry.imprint)),
        english(w.dates, dates::of(kept)?),
        english(
            w.publishing_status,
            coded(64, &own(&entry.publishing_status)),
        ),
        english(w.form, forms),
        english(w.subject, subjects.collect()),
        english(w.audience, coded(28, &entry.audiences)),
        english(w.accessibility, coded(196, &entry.accessibility)),
    ];
    Ok(facts
        .into_iter()
        .filter(|fact| !fact.values.is_empty())
        .collect())
}

fn identifier(id: &EntryIdentifier) -> String {
    let kind = id.name.as_deref().or_else(|| codes::label(5, &id.id_type));
    match kind {
        Some(kind) => format!("{} ({kind})", id.value),
        None => id.value.clone(),
    }
}

fn texts(kept: &Kept) -> Result<Vec<ShownText>, Problem> {
    let texts = match kept.texts() {
        Ok(texts) => texts,
        Err(error) if matches!(error.kind(), ErrorKind::NotKept) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let own = kept.entry.language.as_deref();
    let shown = texts.into_iter().map(|text| ShownText {
        kind: text.kind,
        by: text.by.join(", "),
        html: safe::html(&text.markup),
        language: text.language.as_deref().or(own).and_then(language_tag),
    });
    Ok(shown.filter(|text| !text.html.is_empty()).collect())
}

impl Member {
    fn of(member: &WorkMember, beside: &Query, w: &Words) -> Self {
        let id = member.isbn13.as_ref().unwrap_or(&member.record_reference);
        Self {
            href: query::product(id, beside),
            id: id.clone(),
            title: member.title.clone(),
            format: member.format.map(|format| format.as_str()),
            protections: member
                .protections
                .words()
                .into_iter()
                .map(|word| w.protection_word(word))
                .collect(),
        }
    }
}

/// A code of List 74 as browsers know it; those of languages that are rare here keep the page's.
fn language_tag(code: &str) -> Option<&'static str> {
    Some(match code {
        "ara" => "ar",
        "cat" => "ca",
        "chi" | "zho" => "zh",
        "cze" | "ces" => "cs",
        "dan" => "da",
        "dut" | "nld" => "nl",
        "eng" => "en",
        "fin" => "fi",
        "fre" | "fra" => "fr",
        "ger" | "deu" => "de",
        "ita" => "it",
        "jpn" => "ja",
        "nor" => "no",
        "pol" => "pl",
        "por" => "pt",
        "rus" => "ru",
        "spa" => "es",
        "swe" => "sv",
        _ => return None,
    })
}

fn related(kept: &Kept, beside: &Query) -> Vec<Related> {
    let related = kept.entry.related.iter().flat_map(|related| {
        let relation = labels(51, &related.relations);
        related.identifiers.iter().map(move |id| Related {
            relation: relation.clone(),
            href: query::product(&id.value, beside),
            id: id.value.clone(),
        })
    });
    related.collect()
}

impl ProductPage {
    /// The heading of the prices.
    fn prices_title(&self) -> &'static str {
        match self.country {
            Some(_) => self.frame.w.offers_in,
            None => self.frame.w.offers,
        }
    }
}
