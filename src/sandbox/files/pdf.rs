//! A PDF 1.4 of one page.

use super::Content;

pub(super) fn written(content: &Content) -> Vec<u8> {
    let page = page(&content.lines);
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{page}endstream", page.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
            .to_owned(),
        format!("<< /Title ({}) >>", text(&content.title)),
    ];
    file(&objects).into()
}

/// The objects behind each other, and where each begins.
fn file(objects: &[String]) -> String {
    let mut out = String::from("%PDF-1.4\n");
    let mut places = String::new();
    for (n, object) in objects.iter().enumerate() {
        places.push_str(&format!("{:010} 00000 n \n", out.len()));
        out.push_str(&format!("{} 0 obj\n{object}\nendobj\n", n + 1));
    }
    let (table, size) = (out.len(), objects.len() + 1);
    out.push_str(&format!(
        "xref\n0 {size}\n0000000000 65535 f \n{places}\
         trailer\n<< /Size {size} /Root 1 0 R /Info {} 0 R >>\nstartxref\n{table}\n%%EOF\n",
        objects.len()
    ));
    out
}

fn page(lines: &[String]) -> String {
    let lines = lines.iter().map(|line| format!("({}) Tj T*\n", text(line)));
    let lines: String = lines.collect();
    format!("BT\n/F1 12 Tf\n18 TL\n72 770 Td\n{lines}ET\n")
}

/// Text between parentheses: letters beyond ASCII as Latin-1 in octal, and what that hasn't as question marks.
fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '(' | ')' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            ' '..='~' => out.push(c),
            '\u{a0}'..='\u{ff}' => out.push_str(&format!("\\{:03o}", u32::from(c))),
            _ => out.push('?'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_string_cannot_hold_is_written_otherwise() {
        assert_eq!(text("a(b)\\é\n☂"), "a\\(b\\)\\\\\\351??");
    }

    #[test]
    fn every_object_is_where_the_table_says() {
        let file = file(&["<< >>".to_owned(), "<< /A 1 >>".to_owned()]);
        let (_, table) = file.split_once("65535 f \n").unwrap();
        for (n, line) in table.lines().take(2).enumerate() {
            let place: usize = line[..10].parse().unwrap();
            assert!(file[place..].starts_with(&format!("{} 0 obj", n + 1)));
        }
        let (_, start) = file.split_once("startxref\n").unwrap();
        let start: usize = start.lines().next().unwrap().parse().unwrap();
        assert!(file[start..].starts_with("xref\n"));
    }
}
