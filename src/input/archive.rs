//! The members of a zip archive, each a stream of its own.
//!
//! Members are read by their place in the file and never written anywhere: their names are shown,
//! and mean nothing else.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use zip::{CompressionMethod, ZipArchive};

use super::decode::Bytes;

/// A member, as the archive's directory describes it.
#[derive(Debug)]
pub(super) struct Member {
    /// The archive's path, a slash and its own name.
    pub(super) name: String,
    archive: PathBuf,
    start: u64,
    compressed: u64,
    method: CompressionMethod,
    crc32: u32,
    is_encrypted: bool,
}

/// The members that are files, in the order in which they are stored.
pub(super) fn members(path: &Path) -> io::Result<Vec<Member>> {
    let mut archive = ZipArchive::new(io::BufReader::new(File::open(path)?))?;
    let mut members = Vec::new();
    for i in 0..archive.len() {
        let member = archive.by_index_raw(i)?;
        if !member.is_file() {
            continue;
        }
        let start = member
            .data_start()
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a member without data"))?;
        let own: String = member
            .name()
            .map(|name| name.chars().filter(|c| !c.is_control()).collect())
            .unwrap_or_else(|_| format!("member {i}"));
        members.push(Member {
            name: format!("{}/{own}", path.to_string_lossy()),
            archive: path.to_owned(),
            start,
            compressed: member.compressed_size(),
            method: member.compression(),
            crc32: member.crc32(),
            is_encrypted: member.encrypted(),
        });
    }
    members.sort_by_key(|member| member.start);
    Ok(members)
}

impl Member {
    /// The member's bytes as stored, counted as they are read.
    pub(super) fn open(&self) -> io::Result<Bytes> {
        if self.is_encrypted {
            let message = "the archive's member is encrypted";
            return Err(io::Error::new(io::ErrorKind::Unsupported, message));
        }
        let mut file = File::open(&self.archive)?;
        file.seek(SeekFrom::Start(self.start))?;
        Ok(Box::new(file.take(self.compressed)))
    }

    /// The member's content.
    pub(super) fn inflate(&self, stored: Bytes) -> io::Result<Bytes> {
        match self.method {
            CompressionMethod::Stored => Ok(Box::new(self.checked(stored))),
            CompressionMethod::Deflated => {
                let stored = io::BufReader::with_capacity(64 << 10, stored);
                let inflated = flate2::bufread::DeflateDecoder::new(stored);
                Ok(Box::new(self.checked(inflated)))
            }
            other => {
                let message = format!("the archive's member is compressed by {other}");
                Err(io::Error::new(io::ErrorKind::Unsupported, message))
            }
        }
    }

    fn checked<R: Read>(&self, inner: R) -> Checked<R> {
        Checked {
            inner: flate2::CrcReader::new(inner),
            crc32: self.crc32,
        }
    }
}

/// Compares the checksum at the end.
struct Checked<R> {
    inner: flate2::CrcReader<R>,
    crc32: u32,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        if n == 0 && !buffer.is_empty() && self.inner.crc().sum() != self.crc32 {
            let message = "the member's checksum doesn't match";
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        Ok(n)
    }
}
