//! Stand-ins for rooms that are being built: same names, empty answers. Goes at the merge.
#![allow(dead_code, unused_variables, clippy::unnecessary_wraps, missing_docs)]

use std::io::Read;
use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::onix::{Limits, Notice, Record};

/// `input`
#[derive(Debug)]
pub(crate) struct Inputs(Vec<PathBuf>);

impl Inputs {
    pub(crate) fn from_paths(paths: &[PathBuf]) -> Result<Self> {
        let mut all = Vec::new();
        for path in paths {
            if path.is_dir() {
                let mut inside: Vec<_> = std::fs::read_dir(path)
                    .map_err(|cause| Error::io(path.display().to_string(), cause))?
                    .flatten()
                    .map(|entry| entry.path())
                    .collect();
                inside.sort();
                all.extend(inside);
                continue;
            }
            all.push(path.clone());
            if path.as_os_str() != "-" && !path.exists() {
                let what = format!("{} could not be read", path.display());
                return Err(Error::io(what, std::io::ErrorKind::NotFound.into()));
            }
        }
        Ok(Self(all))
    }

    pub(crate) fn total_bytes(&self) -> Option<u64> {
        None
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct ReadOptions {
    pub(crate) threads: usize,
    pub(crate) limits: Limits,
    pub(crate) strict: bool,
}

#[derive(Debug)]
pub(crate) enum Item<T> {
    Record(T),
    Rejected(Error),
    Notice(Notice),
    Input(InputEnd),
}

#[derive(Debug)]
pub(crate) struct InputEnd {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) error: Option<Error>,
}

pub(crate) fn read<T: Send>(
    inputs: &Inputs,
    options: &ReadOptions,
    work: impl Fn(&Record<'_>) -> T + Sync,
    mut consume: impl FnMut(Item<T>) -> Result<()> + Send,
) -> Result<()> {
    for path in &inputs.0 {
        let mut bytes = Vec::new();
        let done = match path.to_str() {
            Some("-") => std::io::stdin().read_to_end(&mut bytes),
            Some(name) if name.ends_with(".gz") => std::fs::File::open(path)
                .and_then(|file| flate2::read::GzDecoder::new(file).read_to_end(&mut bytes)),
            _ => std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)),
        };
        done.map_err(|cause| Error::io(format!("{} could not be read", path.display()), cause))?;
        let mut reader = crate::onix::ReaderBuilder::new()
            .limits(options.limits.clone())
            .strict(options.strict)
            .input(path.display().to_string())
            .read(&bytes);
        let mut record = Record::new();
        let mut error = None;
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => consume(Item::Record(work(&record)))?,
                Ok(false) => break,
                Err(trouble) if trouble.is_record() => consume(Item::Rejected(trouble))?,
                Err(trouble) => {
                    error = Some(trouble);
                    break;
                }
            }
            for notice in record.notices() {
                consume(Item::Notice(notice.clone()))?;
            }
        }
        for notice in reader.take_notices() {
            consume(Item::Notice(notice))?;
        }
        consume(Item::Input(InputEnd {
            name: path.display().to_string(),
            bytes: bytes.len() as u64,
            error,
        }))?;
    }
    Ok(())
}

pub(crate) fn record_json(record: &Record<'_>) -> serde_json::Value {
    serde_json::json!({"name": "Product", "attrs": {}, "content": []})
}

/// `onix::codes`
pub(crate) mod codes {
    pub(crate) const ISSUE: u16 = 73;

    #[derive(Debug)]
    pub(crate) struct List {
        pub(crate) number: u16,
        pub(crate) name: &'static str,
        pub(crate) codes: Vec<Code>,
    }

    #[derive(Debug)]
    pub(crate) struct Code {
        pub(crate) value: &'static str,
        pub(crate) label: &'static str,
        pub(crate) deprecated: u16,
    }

    pub(crate) fn list(number: u16) -> Option<List> {
        None
    }

    pub(crate) fn label(list: u16, value: &str) -> Option<&'static str> {
        None
    }
}

pub(crate) const INDEX_FORMAT: u32 = 1;
