//! The reading side: opens one input after the other and cuts it into windows.
//!
//! A window ends before the last `<Product` start tag in it, wherever that stands; whether it really
//! is one, the [turnstile](super::turnstile) finds out. Only a window with none, and larger than a
//! record may be, is cut anywhere.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::archive::{self, Member};
use super::decode::{self, Bytes, Decoded};
use super::driver::ReadOptions;
use super::inputs::{self, Inputs, Source};
use crate::error::{Error, Position};
use crate::onix::{Limits, ReaderBuilder, State, last_product_start};
use crate::xml;

/// A window of an input.
pub(super) struct Chunk {
    /// Its number, over all inputs.
    pub(super) number: u64,
    /// The input's name.
    pub(super) input: Arc<str>,
    pub(super) bytes: Vec<u8>,
    /// Where it begins in its input.
    pub(super) base_byte: u64,
    /// Whether its input begins with it.
    pub(super) first: bool,
    /// Whether its input ends with it.
    pub(super) last: bool,
    /// Whether it is a whole page of the platform's `xml`.
    pub(super) is_page: bool,
    /// What it is to be read with, as far as that is known before what comes before it is read.
    pub(super) state: Option<State>,
    /// What ended the input, if not its end.
    pub(super) trouble: Option<Error>,
    /// Whether the input is UTF-16 and damaged; known with the last window.
    pub(super) is_replaced: bool,
}

/// The source of windows: whoever holds it cuts the next one off.
pub(super) struct Feed<'a> {
    options: &'a ReadOptions,
    /// Whether pages of the platform's `xml` are taken.
    takes_pages: bool,
    sources: std::slice::Iter<'a, Source>,
    members: VecDeque<Member>,
    current: Option<Current>,
    n_chunks: u64,
}

/// The input being read.
struct Current {
    name: Arc<str>,
    decoded: Decoded,
    /// What the last window left behind its cut.
    carry: Vec<u8>,
    base_byte: u64,
    /// What the first window is read with, then all others.
    state: State,
    first: bool,
    /// Whether the next window begins where a product may begin.
    is_aligned: bool,
}

impl<'a> Feed<'a> {
    pub(super) fn new(inputs: &'a Inputs, options: &'a ReadOptions, takes_pages: bool) -> Self {
        Self {
            options,
            takes_pages,
            sources: inputs.sources.iter(),
            members: VecDeque::new(),
            current: None,
            n_chunks: 0,
        }
    }

    /// The next window, if there is one, in this memory.
    pub(super) fn next(&mut self, mut bytes: Vec<u8>) -> Option<Chunk> {
        if self.current.is_none() {
            match self.open_next()? {
                Ok(current) => self.current = Some(current),
                Err((name, error)) => return Some(self.unreadable(name, error)),
            }
        }
        let mut current = self.current.take()?;
        bytes.clear();
        bytes.append(&mut current.carry);
        let (mut end, mut trouble) = current.fill(&mut bytes, self.options);
        let is_page = self.takes_pages && current.first && xml::is_page(&bytes);
        if is_page && trouble.is_none() && !matches!(end, End::Input) {
            trouble = current.fill_page(&mut bytes, &self.options.limits);
            end = End::Input;
        }
        let number = self.number();
        let mut chunk = current.cut(bytes, end, trouble, number);
        chunk.is_page = is_page;
        if !chunk.last {
            self.current = Some(current);
        }
        Some(chunk)
    }

    fn number(&mut self) -> u64 {
        self.n_chunks += 1;
        self.n_chunks - 1
    }

    /// An input of which nothing can be read.
    fn unreadable(&mut self, name: Arc<str>, error: Error) -> Chunk {
        Chunk {
            number: self.number(),
            input: name,
            bytes: Vec::new(),
            base_byte: 0,
            first: true,
            last: true,
            is_page: false,
            state: None,
            trouble: Some(error),
            is_replaced: false,
        }
    }

    fn open_next(&mut self) -> Option<Result<Current, (Arc<str>, Error)>> {
        if let Some(member) = self.members.pop_front() {
            return Some(self.open_member(&member));
        }
        match self.sources.next()? {
            Source::StandardInput => Some(self.open("-", Box::new(io::stdin()))),
            Source::Bytes(name, bytes) => {
                let bytes = io::Cursor::new(Arc::clone(bytes));
                Some(self.open(name, Box::new(bytes)))
            }
            Source::File(path) => self.open_file(path),
            Source::Unreadable(error) => {
                let input = error.position().map(|position| position.input.as_str());
                Some(Err((input.unwrap_or_default().into(), error.again())))
            }
        }
    }

    fn open_file(&mut self, path: &Path) -> Option<Result<Current, (Arc<str>, Error)>> {
        let name = inputs::name(path);
        let failed = |error: io::Error| {
            let error = Error::io(format!("{name} can't be read"), error);
            Some(Err((name.as_str().into(), inputs::at(path, error))))
        };
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) => return failed(error),
        };
        let mut first = [0; 4];
        let n_first = match read_full(&mut file, &mut first) {
            Ok(n_first) => n_first,
            Err(error) => return failed(error),
        };
        if !decode::is_zip(&first[..n_first]) {
            let first = io::Cursor::new(first).take(n_first as u64);
            return Some(self.open(&name, Box::new(first.chain(file))));
        }
        match archive::members(path) {
            Ok(members) => {
                self.members = members.into();
                match self.members.pop_front() {
                    Some(member) => Some(self.open_member(&member)),
                    None => failed(io::Error::new(
                        io::ErrorKind::NotFound,
                        "the archive holds no file",
                    )),
                }
            }
            Err(error) => failed(error),
        }
    }

    fn open_member(&self, member: &Member) -> Result<Current, (Arc<str>, Error)> {
        let stored = member.open();
        let read = &self.options.progress;
        let decoded = stored
            .and_then(|bytes| decode::decoded(bytes, Some(member), &self.options.limits, read));
        self.begin(&member.name, decoded)
    }

    fn open(&self, name: &str, bytes: Bytes) -> Result<Current, (Arc<str>, Error)> {
        let read = &self.options.progress;
        let decoded = decode::decoded(bytes, None, &self.options.limits, read);
        self.begin(name, decoded)
    }

    fn begin(
        &self,
        name: &str,
        decoded: io::Result<Decoded>,
    ) -> Result<Current, (Arc<str>, Error)> {
        let decoded = decoded.map_err(|error| {
            let error = decode::reading(name, error).at(Position {
                input: name.to_owned(),
                ..Position::default()
            });
            (name.into(), error)
        })?;
        let mut state = ReaderBuilder::new()
            .limits(self.options.limits.clone())
            .strict(self.options.strict)
            .input(name)
            .state();
        state.tally.is_wide = decoded.is_wide;
        Ok(Current {
            name: name.into(),
            decoded,
            carry: Vec::new(),
            base_byte: 0,
            state,
            first: true,
            is_aligned: true,
        })
    }
}

/// Where a window ends.
enum End {
    /// Before the product that begins at this byte.
    Product(usize),
    /// Anywhere, but in a tag: no product begins in it.
    Anywhere(usize),
    /// With its input.
    Input,
}

impl Current {
    /// Reads a window's worth, or more where no product begins in that.
    fn fill(&mut self, bytes: &mut Vec<u8>, options: &ReadOptions) -> (End, Option<Error>) {
        let window = options.window_bytes.max(1);
        let most = options.limits.max_record_bytes.saturating_add(window);
        let mut target = window;
        // A cut at the very beginning would leave nothing before it.
        let mut looked_at = 1;
        loop {
            let wanted = target.saturating_sub(bytes.len());
            let read = (&mut self.decoded.bytes)
                .take(wanted as u64)
                .read_to_end(bytes);
            match read {
                Ok(n) if n == wanted => {}
                Ok(_) => return (End::Input, None),
                Err(error) => return (End::Input, Some(decode::reading(&self.name, error))),
            }
            let rest = bytes.get(looked_at..).unwrap_or_default();
            if let Some(at) = last_product_start(rest) {
                return (End::Product(looked_at + at), None);
            }
            // A start tag may have begun before the end.
            looked_at = bytes.len().saturating_sub(80).max(1);
            if bytes.len() >= most {
                let tag = memchr::memrchr(b'<', &bytes[looked_at..]);
                let at = tag.map_or(bytes.len(), |tag| looked_at + tag);
                return (End::Anywhere(at), None);
            }
            target = bytes.len() + target.min(most);
        }
    }

    /// Reads a page to its end: the platform's have fifty publications at most.
    fn fill_page(&mut self, bytes: &mut Vec<u8>, limits: &Limits) -> Option<Error> {
        let most = limits.max_page_bytes;
        let wanted = most.saturating_sub(bytes.len());
        let read = (&mut self.decoded.bytes)
            .take(wanted as u64 + 1)
            .read_to_end(bytes);
        match read {
            Err(error) => Some(decode::reading(&self.name, error)),
            Ok(_) if bytes.len() > most => Some(inputs::over("max_page_bytes", most as u64)),
            Ok(_) => None,
        }
    }

    fn cut(&mut self, mut bytes: Vec<u8>, end: End, trouble: Option<Error>, number: u64) -> Chunk {
        let first = std::mem::take(&mut self.first);
        let last = matches!(end, End::Input);
        if let End::Product(at) | End::Anywhere(at) = end {
            self.carry.extend_from_slice(&bytes[at..]);
            bytes.truncate(at);
        }
        let state = self.is_aligned.then(|| self.state.clone());
        self.is_aligned = matches!(end, End::Product(_));
        if first && !last {
            self.state = self.state.before_products(&bytes);
        }
        let base_byte = self.base_byte;
        self.base_byte += bytes.len() as u64;
        Chunk {
            number,
            input: Arc::clone(&self.name),
            bytes,
            base_byte,
            first,
            last,
            is_page: false,
            state,
            trouble,
            is_replaced: last && self.decoded.is_replaced.load(Ordering::Relaxed),
        }
    }
}

/// Reads until the buffer is full or nothing more comes.
fn read_full(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut n = 0;
    while n < buffer.len() {
        match file.read(&mut buffer[n..]) {
            Ok(0) => break,
            Ok(read) => n += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(n)
}
