//! A second of silence as MP3, with a title.

use super::Content;

/// The header of a frame: MPEG 1, layer III, 128 kbit/s, 44.1 kHz, two channels.
const FRAME: [u8; 4] = [0xff, 0xfb, 0x90, 0x00];

/// Bytes of such a frame, and how many of them a second has.
const LENGTH: usize = 417;
const FRAMES: usize = 38;

pub(super) fn written(content: &Content) -> Vec<u8> {
    let mut out = tag(&content.lines.join(". "));
    let mut frame = vec![0; LENGTH];
    frame[..FRAME.len()].copy_from_slice(&FRAME);
    for _ in 0..FRAMES {
        out.extend_from_slice(&frame);
    }
    out
}

/// An ID3v2.3 tag with a title in UTF-16.
fn tag(title: &str) -> Vec<u8> {
    // Encoding and byte order mark come before it.
    let mut text = vec![1, 0xff, 0xfe];
    text.extend(title.encode_utf16().take(2000).flat_map(u16::to_le_bytes));
    let length = u32::try_from(text.len()).expect("the title was cut");
    let mut out = b"ID3\x03\x00\x00".to_vec();
    out.extend(seven_bits(length + 10));
    out.extend(b"TIT2");
    out.extend(length.to_be_bytes());
    out.extend([0, 0]);
    out.extend(text);
    out
}

/// A number of which each byte holds seven bits, so that no tag looks like a frame.
fn seven_bits(value: u32) -> [u8; 4] {
    [21, 14, 7, 0].map(|shift| (value >> shift & 0x7f) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_frame_is_behind_the_tag() {
        let title = "é".repeat(100);
        let tag = tag(&title);
        assert_eq!(tag.len(), 10 + 10 + 3 + 200);
        assert_eq!(tag[6..10], [0, 0, 1, 85]);
        assert_eq!(seven_bits(213), [0, 0, 1, 85]);
    }
}
