//! A Mobipocket book of one page, not compressed: a database of Palm's with a header and a text.

use super::Content;
use crate::sandbox::markup::escaped;

/// Bytes of the header of a database before its list of records, and of an item of that list.
const DATABASE: usize = 78;
const ITEM: usize = 8;

/// Bytes of the headers of the book, before its full name.
const HEADER: usize = 16 + 232;

pub(super) fn written(content: &Content) -> Vec<u8> {
    let text = text(content);
    let header = header(&content.title, text.len());
    let first = DATABASE + 2 * ITEM + 2;
    let mut out = database();
    for (n, place) in [first, first + header.len()].into_iter().enumerate() {
        out.extend(number(place));
        out.extend(number(n));
    }
    out.extend([0, 0]);
    out.extend(header);
    out.extend(text.into_bytes());
    out
}

fn text(content: &Content) -> String {
    let lines = content.lines.iter();
    let lines: String = lines
        .map(|line| format!("<p>{}</p>", escaped(line)))
        .collect();
    // A record has 4096 bytes of text at most, and there is one.
    let lines: String = lines.chars().take(1000).collect();
    format!("<html><body>{lines}</body></html>")
}

fn database() -> Vec<u8> {
    let mut out = vec![0; DATABASE];
    out[..11].copy_from_slice(b"Publication");
    out[60..68].copy_from_slice(b"BOOKMOBI");
    out[77] = 2;
    out
}

/// The header of the text and that of the book, each at its own bytes.
fn header(title: &str, length: usize) -> Vec<u8> {
    let mut out = vec![0; HEADER];
    let mut put = |at: usize, bytes: &[u8]| out[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &[0, 1]);
    put(4, &number(length));
    put(8, &[0, 1, 16, 0]);
    put(16, b"MOBI");
    put(20, &number(232));
    put(24, &number(2));
    put(28, &number(65001));
    put(36, &number(6));
    put(40, &[0xff; 40]);
    put(80, &number(2));
    put(84, &number(HEADER));
    put(88, &number(title.len()));
    put(92, &number(9));
    put(104, &number(6));
    put(108, &number(2));
    out.extend(title.bytes());
    out.extend([0, 0]);
    out
}

/// A number of four bytes; none here is larger.
fn number(value: usize) -> [u8; 4] {
    u32::try_from(value).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_where_the_list_says() {
        let content = Content {
            title: "A title".into(),
            id: "1".into(),
            lines: vec!["A line".into()],
        };
        let file = written(&content);
        let place = |at: usize| {
            let bytes: [u8; 4] = file[at..at + 4].try_into().unwrap();
            u32::from_be_bytes(bytes) as usize
        };
        let header = place(DATABASE);
        assert_eq!(&file[header + 16..header + 20], b"MOBI");
        let text = &file[place(DATABASE + ITEM)..];
        assert_eq!(text, b"<html><body><p>A line</p></body></html>");
        assert_eq!(place(header + 4), text.len());
    }
}
