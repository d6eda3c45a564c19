//! Files in any wrapping, whole or damaged: read to their end, and no further than the limit.
#![no_main]

use std::io::{Cursor, Write};

use libfuzzer_sys::fuzz_target;
use onix_catalogue::input::{Inputs, Item, ReadOptions, read};
use zip::CompressionMethod::{Deflated, Stored};

const LIMIT: u64 = 10_000;

fuzz_target!(|bytes: &[u8]| {
    let Some((&[wrapping, repeats, damaged, damage], content)) = bytes.split_first_chunk() else {
        return;
    };
    let mut wrapped = wrapped(wrapping, content, 1 + usize::from(repeats));
    let at = wrapped.len() * usize::from(damaged) / 256;
    if let Some(byte) = wrapped.get_mut(at) {
        *byte ^= damage;
    }
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(&wrapped).expect("room for it");
    let mut options = ReadOptions::default();
    options.threads = 1;
    options.window_bytes = 1 << 10;
    options.limits.max_decoded_bytes = LIMIT;
    let look = |item| {
        if let Item::Input(end) = item {
            // UTF-16 takes half as much again in UTF-8.
            assert!(end.n_bytes <= LIMIT * 3 / 2, "{end:?}");
        }
        Ok(())
    };
    read(&Inputs::from_paths([file.path()]), &options, |_| (), look).expect("nothing failed there");
});

fn wrapped(wrapping: u8, content: &[u8], times: usize) -> Vec<u8> {
    let repeated = || content.repeat(times);
    match wrapping {
        1 => gzip(&repeated()),
        2 => zstd::encode_all(repeated().as_slice(), 1).expect("compresses"),
        3 => zip(&repeated(), Deflated),
        4 => zip(&gzip(&repeated()), Stored),
        5 => gzip(&gzip(&repeated())),
        _ => content.to_vec(),
    }
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).expect("memory");
    encoder.finish().expect("memory")
}

fn zip(content: &[u8], method: zip::CompressionMethod) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    writer.start_file("list.xml", options).expect("memory");
    writer.write_all(content).expect("memory");
    writer.finish().expect("memory").into_inner()
}
