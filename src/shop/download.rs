//! The pages of a run, one after the other, each whole.

use std::collections::HashSet;

use super::calls::Limit;
use super::cursor::Run;
use super::keep::Keep;
use super::patience::{Asked, Asker};
use super::sync::SyncKind;
use crate::error::{Error, ErrorKind, Position, Result};
use crate::platform::{Answer, Client, Page};

/// A page on its way into the catalogue.
pub(super) struct Downloaded {
    /// Its number in this download.
    pub(super) number: u64,
    /// The name by which messages call it.
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    /// What is to be asked for once it has been applied.
    pub(super) next: Vec<String>,
}

/// How a download ended.
pub(super) enum Ended {
    /// All has come: behind the last page there is none.
    Whole,
    /// The last page named no other, which isn't how the platform ends: nothing may be taken for missing.
    Unlinked,
    /// No more calls may be made.
    Enough,
    /// Where an earlier run would go on, there is nothing any more.
    Expired,
    Failed(Error),
    /// Nobody wants the pages any more.
    Unwanted,
}

/// What is to be downloaded.
pub(super) struct Download<'a> {
    pub(super) client: &'a Client,
    pub(super) asker: &'a Asker<'a>,
    pub(super) source: &'a str,
    pub(super) keep: Option<Keep>,
    pub(super) run: Run,
    /// The page that the first call brought.
    pub(super) first: Option<Page>,
    pub(super) is_resumed: bool,
    /// Whether a page has come.
    pub(super) has_page: bool,
}

impl Download<'_> {
    /// Hands over page after page, until there are none, or nobody takes them.
    pub(super) fn run(mut self, mut take: impl FnMut(Downloaded) -> bool) -> Ended {
        let mut known: HashSet<String> = HashSet::new();
        for number in 0.. {
            let page = match self.next() {
                Ok(Some(page)) => page,
                Ok(None) => return Ended::Whole,
                Err(ended) => return ended,
            };
            // Pages that lead in a circle would come for ever.
            let is_new = page
                .next
                .first()
                .is_none_or(|next| known.insert(next.clone()));
            if self.run.kind != SyncKind::Lists && !is_new {
                return Ended::Failed(circle(page.next.first()));
            }
            let at = self.run.pages + number;
            if let Some(keep) = &self.keep
                && let Err(error) = keep.page(at + 1, &page.bytes)
            {
                return Ended::Failed(error);
            }
            self.run.next.clone_from(&page.next);
            let downloaded = Downloaded {
                number,
                name: format!("{} {} {}", self.source, self.run.kind.as_str(), at + 1),
                ..page
            };
            if !take(downloaded) {
                return Ended::Unwanted;
            }
        }
        Ended::Whole
    }

    fn next(&mut self) -> std::result::Result<Option<Downloaded>, Ended> {
        let is_lists = self.run.kind == SyncKind::Lists;
        let page = match self.first.take() {
            Some(page) => page,
            None => {
                let Some(address) = self.run.next.first() else {
                    return match is_lists || !self.has_page {
                        true => Ok(None),
                        false => Err(Ended::Unlinked),
                    };
                };
                let asked = self.asker.ask(Limit::None, || match is_lists {
                    true => whole(self.client.list(address)?).map(some),
                    false => whole_if_any(self.client.next(address)?),
                });
                match asked {
                    Ok(Asked::Answered(Answer {
                        value: Some(page), ..
                    })) => page,
                    // Whether that is the end, or an address that has grown old, nobody can tell.
                    Ok(Asked::Answered(_)) if self.is_resumed && !self.has_page => {
                        return Err(Ended::Expired);
                    }
                    Ok(Asked::Answered(_)) => return Ok(None),
                    Ok(Asked::Enough) => return Err(Ended::Enough),
                    Err(error) if is_lists && self.is_resumed && error.is_code("not_found") => {
                        return Err(Ended::Expired);
                    }
                    Err(error) => return Err(Ended::Failed(error)),
                }
            }
        };
        self.has_page = true;
        let next: Vec<String> = match is_lists {
            true => self.run.next.split_off(1),
            false => page.next.into_iter().collect(),
        };
        if !is_lists && next.is_empty() && is_full(&page.bytes) {
            return Err(Ended::Failed(without_next()));
        }
        Ok(Some(Downloaded {
            number: 0,
            name: String::new(),
            bytes: page.bytes,
            next,
        }))
    }
}

/// Publications on a page of the platform's, at most.
const FULL: usize = 50;

/// Whether a page has as many products as one that others follow.
fn is_full(bytes: &[u8]) -> bool {
    let ends: [&[u8]; 3] = [b"</Product>", b"</product>", b"</publication>"];
    let count = |end: &[u8]| memchr::memmem::find_iter(bytes, end).count();
    ends.into_iter().map(count).sum::<usize>() >= FULL
}

/// A header has got lost on its way.
fn without_next() -> Error {
    Error::new(ErrorKind::Malformed {
        found: "a full page of the platform that names no next one".to_owned(),
    })
}

fn circle(next: Option<&String>) -> Error {
    let address = next.and_then(|next| next.split('?').next());
    Error::new(ErrorKind::Address {
        address: address.unwrap_or_default().to_owned(),
        reason: "pages that have been there already follow it",
    })
}

fn some<T>(answer: Answer<T>) -> Answer<Option<T>> {
    Answer {
        value: Some(answer.value),
        date: answer.date,
    }
}

/// A page whose end is missing is an error: a connection that ends early isn't always told from one that ends.
pub(super) fn whole(answer: Answer<Page>) -> Result<Answer<Page>> {
    match is_cut(&answer.value.bytes) {
        false => Ok(answer),
        true => Err(Error::new(ErrorKind::Truncated).at(Position {
            input: "a page of the platform".to_owned(),
            ..Position::default()
        })),
    }
}

/// The same where there may be none.
pub(super) fn whole_if_any(answer: Answer<Option<Page>>) -> Result<Answer<Option<Page>>> {
    let date = answer.date;
    match answer.value {
        None => Ok(Answer { value: None, date }),
        Some(page) => whole(Answer { value: page, date }).map(some),
    }
}

/// The elements that a page may be made of.
const ROOTS: [&[u8]; 2] = [b"onixmessage", b"publications"];

/// Whether a page begins as one of the platform's and doesn't end so. What it is else, its reader says.
fn is_cut(bytes: &[u8]) -> bool {
    let bytes = bytes.trim_ascii();
    if bytes.is_empty() {
        return true;
    }
    let named = |bytes: &[u8]| {
        let name = bytes
            .rsplit(|byte| *byte == b':')
            .next()
            .unwrap_or_default();
        let name = name.trim_ascii().to_ascii_lowercase();
        ROOTS.contains(&name.as_slice())
    };
    let last = memchr::memrchr(b'<', bytes).map(|at| &bytes[at..]);
    let last = last.and_then(|tag| tag.strip_prefix(b"</")?.strip_suffix(b">"));
    if last.is_some_and(named) || bytes.ends_with(b"-->") || bytes.ends_with(b"/>") {
        return false;
    }
    let first = &bytes[..bytes.len().min(4 << 10)];
    let lower = first.to_ascii_lowercase();
    ROOTS
        .iter()
        .any(|root| memchr::memmem::find(&lower, root).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_without_its_end() {
        for (page, expected) in [
            ("", true),
            (" \n", true),
            (
                "<ONIXMessage release=\"3.0\"><Product/></ONIXMessage>\n",
                false,
            ),
            ("<ONIXMessage><Product/></ONIXMessage ><!-- end -->", false),
            ("<o:ONIXMessage><o:Product/></o:ONIXMessage>", false),
            ("<ONIXmessage><product/></ONIXmessage>", false),
            ("<publications><publication/></publications>", false),
            ("<publications/>", false),
            ("<ONIXMessage><Product></Product>", true),
            ("<ONIXMessage><Product></Produ", true),
            ("<publications><publication><id>1</id>", true),
            ("<ONIXMessage>", true),
            ("<html><body>Sign in</body></html>", false),
            ("Sign in", false),
        ] {
            assert_eq!(is_cut(page.as_bytes()), expected, "{page}");
        }
    }
}
