//! The catalogue as pages for people: what they say comes from the same functions as `/v1`.
//!
//! A page is whole as it is sent and reads without JavaScript; its script adds suggestions, and names of countries and dates in the
//! reader's language. Nothing of it comes from another host.

mod changes;
mod check;
mod dates;
mod preferences;
mod prices;
mod product;
mod query;
mod safe;
mod search;
mod words;
mod world;

use askama::Template;

pub(super) use preferences::Preferences;
use query::Query;
use words::Words;

use super::api::{Api, Asked};
use super::problem::Problem;
use super::reply::Reply;
use crate::sandbox::encoded;
use crate::shop::Freshness;

/// Only what is served here may run, be asked and be shown, and nobody may put it into a frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                      base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";

/// The paths of a page and of its parts, for whoever counts.
pub(super) fn service(path: &[&str]) -> Option<&'static str> {
    Some(match path {
        [] | ["changes" | "check"] | ["products", _] => "page",
        ["page", _] | ["preferences"] => "page_part",
        _ => return None,
    })
}

/// A page, or a part of one; `None` for a path of something else.
pub(super) fn answer(api: &Api, asked: &mut Asked) -> Option<Reply> {
    let path = asked.path.clone();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    service(&path)?;
    if !matches!(asked.method.as_str(), "GET" | "HEAD") {
        return Some(
            Reply::new(405, "text/plain; charset=utf-8", "pages are only read")
                .with_header("Allow", "GET, HEAD"),
        );
    }
    Some(match path.as_slice() {
        ["page", name] => part(name).unwrap_or_else(|| {
            wrong(
                api,
                asked,
                &Problem::not_found(format!("{} {name}", asked.preferences.words.not_found)),
            )
        }),
        ["preferences"] => prefer(asked),
        path => page(api, asked, path),
    })
}

fn page(api: &Api, asked: &mut Asked, path: &[&str]) -> Reply {
    let made = match path {
        ["products", id] => product::page(api, asked, id),
        ["changes"] => changes::page(api, asked),
        ["check"] => check::page(api, asked),
        _ => search::page(api, asked),
    };
    match made {
        Ok(html) => Reply::new(200, HTML, html).of_page(),
        Err(problem) => wrong(api, asked, &problem),
    }
}

impl Reply {
    /// With what a browser has to know of a page.
    fn of_page(self) -> Self {
        self.with_header("Content-Security-Policy", POLICY)
            .with_header("Cache-Control", "no-cache")
            .with_header("Vary", "Accept-Encoding, Accept-Language, Cookie")
    }
}

/// A file that pages are made with.
fn part(name: &str) -> Option<Reply> {
    let (media_type, body) = match name {
        "page.css" => ("text/css; charset=utf-8", include_str!("page.css")),
        "page.js" => ("text/javascript; charset=utf-8", include_str!("page.js")),
        "icon.svg" => ("image/svg+xml", include_str!("icon.svg")),
        _ => return None,
    };
    let reply = Reply::new(200, media_type, body);
    Some(reply.with_header("Cache-Control", "max-age=300"))
}

/// `GET /preferences?language=fr&back=/…`: remembers a choice, and goes back to where it was made.
fn prefer(asked: &Asked) -> Reply {
    let query = Query::of(&asked.query);
    let back = match query.first("back") {
        here if is_ours(here) => here,
        _ => "/",
    };
    let reply = Reply::new(303, "text/plain", "").with_header("Location", back);
    let chosen = query
        .iter()
        .filter_map(|(name, value)| preferences::remembering(name, value));
    chosen.fold(reply, |reply, cookie| {
        reply.with_header("Set-Cookie", cookie)
    })
}

/// Whether an address is a path of this server. Browsers take `//host` and `/\host` for another one.
fn is_ours(address: &str) -> bool {
    let behind = address.strip_prefix('/');
    behind.is_some_and(|behind| !behind.starts_with(['/', '\\']))
        && address.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What surrounds each page.
struct Frame {
    w: &'static Words,
    theme: &'static str,
    /// What the page is, before the name of the program.
    title: String,
    /// Which of the links above is this page's.
    place: &'static str,
    /// The words of the search, to be changed.
    q: String,
    /// The country, which goes on to other pages.
    beside: Query,
    products: String,
    /// How old the catalogue is.
    age: String,
    languages: Vec<Choose>,
    themes: Vec<Choose>,
}

/// A link that chooses how pages look.
struct Choose {
    tag: &'static str,
    name: &'static str,
    href: String,
    is_chosen: bool,
}

impl Frame {
    fn new(
        api: &Api,
        asked: &Asked,
        place: &'static str,
        title: impl Into<String>,
    ) -> Result<Self, Problem> {
        let Preferences { words: w, theme } = asked.preferences;
        let freshness = Freshness::of(&api.catalogue, &api.account)?;
        let age = freshness.age_s(asked.now);
        let path: Vec<String> = asked.path.iter().map(|segment| encoded(segment)).collect();
        let back = Query::of(&asked.query).at(&format!("/{}", path.join("/")));
        let choose = |kind: &str, value: &str| {
            Query::default()
                .with(kind, value)
                .and("back", &back)
                .at("/preferences")
        };
        let languages = words::ALL.into_iter().map(|one| Choose {
            tag: one.tag,
            name: one.name,
            href: choose("language", one.tag),
            is_chosen: one.tag == w.tag,
        });
        let themes = [
            ("auto", w.light_auto),
            ("light", w.light_bright),
            ("dark", w.light_dark),
        ];
        let themes = themes.into_iter().map(|(tag, name)| Choose {
            tag,
            name,
            href: choose("theme", tag),
            is_chosen: tag == theme || (theme.is_empty() && tag == "auto"),
        });
        Ok(Self {
            w,
            theme,
            title: title.into(),
            place,
            q: Query::of(&asked.query).first("q").to_owned(),
            beside: Query::of(&asked.query).only(&["country"]),
            products: w.number(freshness.stats.products),
            age: match age {
                Some(age) => format!("{} {}", w.synchronised, w.ago(age)),
                None => w.never_synchronised.to_owned(),
            },
            languages: languages.collect(),
            themes: themes.collect(),
        })
    }
}

/// What can't be answered, as a page that says why.
#[derive(Template)]
#[template(path = "wrong.html")]
struct Wrong {
    frame: Frame,
    message: String,
    hint: String,
    is_english: bool,
}

fn wrong(api: &Api, asked: &Asked, problem: &Problem) -> Reply {
    let w = asked.preferences.words;
    let is_found = problem.status != 404;
    let (title, hint) = match is_found {
        true => (w.wrong, problem.hint()),
        false => (w.nothing_found, w.not_found_hint),
    };
    let written = Frame::new(api, asked, "", title).and_then(|frame| {
        written(&Wrong {
            frame,
            message: problem.message().to_owned(),
            hint: hint.to_owned(),
            is_english: is_found,
        })
    });
    match written {
        Ok(html) => Reply::new(problem.status, HTML, html).of_page(),
        Err(_) => problem.to_reply(),
    }
}

fn written(page: &impl Template) -> Result<String, Problem> {
    page.render().map_err(|_| Problem::internal())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_server_are_gone_back_to() {
        assert!(is_ours("/"));
        assert!(is_ours("/products/978?country=FR"));
        for foreign in [
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "",
            "/\r\nSet-Cookie: a=b",
        ] {
            assert!(!is_ours(foreign), "{foreign}");
        }
    }
}
