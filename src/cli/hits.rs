//! Hits as people and spreadsheets read them.

use super::output::{self, Paint};
use super::trouble::Result;
use super::{Context, labels};
use crate::catalogue::Hit;

const HEADER: [&str; 8] = [
    "title",
    "contributors",
    "format",
    "protection",
    "lang",
    "offer",
    "status",
    "isbn",
];

/// The table for people; below it, where the words stand.
pub(crate) fn table(context: &mut Context, hits: &[Hit]) -> Result<()> {
    if hits.is_empty() {
        return Ok(());
    }
    // Two columns of long texts don't fit beside the others there.
    let is_narrow = context.out.is_narrow();
    let mut header = HEADER.to_vec();
    if is_narrow {
        header.remove(1);
    }
    let rows = hits.iter().map(|hit| row(hit, is_narrow)).collect();
    context.out.table(&header, rows)?;
    for hit in hits.iter().filter(|hit| !hit.highlights.is_empty()) {
        context.out.line("")?;
        let title = output::clean(hit.title.as_deref().unwrap_or("(no title)"));
        let title = context.out.paint(Paint::Bold, &title);
        context.out.line(format!("{title}  {}", id(hit)))?;
        for highlight in &hit.highlights {
            let text = plain(context, &highlight.text);
            let field = context
                .out
                .paint(Paint::Dim, &format!("  {:<14}", highlight.field));
            context.out.line(format!("{field}{text}"))?;
        }
    }
    Ok(())
}

fn id(hit: &Hit) -> &str {
    hit.isbn13.as_ref().unwrap_or(&hit.record_reference)
}

/// Marked HTML for a terminal: the words in colour, or in brackets.
fn plain(context: &Context, html: &str) -> String {
    let mut out = String::new();
    for (n, part) in html.split("<mark>").enumerate() {
        let (word, behind) = match n {
            0 => ("", part),
            _ => part.split_once("</mark>").unwrap_or(("", part)),
        };
        if !word.is_empty() {
            let word = unescaped(word);
            let word = output::clean(&word);
            let painted = context.out.paint(Paint::Good, &word);
            match painted == word {
                true => out.push_str(&format!("[{word}]")),
                false => out.push_str(&painted),
            }
        }
        out.push_str(&output::clean(&unescaped(behind)));
    }
    out
}

fn unescaped(html: &str) -> String {
    html.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

fn names(hit: &Hit) -> String {
    let names: Vec<&str> = hit.contributors.iter().map(|c| c.name.as_str()).collect();
    names.join(", ")
}

fn row(hit: &Hit, is_narrow: bool) -> Vec<String> {
    let names = names(hit);
    let title = hit.title.clone().unwrap_or_default();
    let mut texts = match is_narrow {
        true => vec![format!("{title} – {names}")],
        false => vec![title, names],
    };
    let related = hit.matched.contains(&"related");
    let found = if related {
        " (of a related product)"
    } else {
        ""
    };
    texts.extend([
        hit.format
            .map(|format| format.to_string())
            .unwrap_or_default(),
        labels::protections(hit.protections),
        hit.language.clone().unwrap_or_default(),
        labels::hit_price(hit.offer.as_ref()),
        hit.status.as_str().to_owned(),
        format!("{}{found}{}", id(hit), others(hit)),
    ]);
    texts
}

/// How many others of its work were found.
fn others(hit: &Hit) -> String {
    match hit.work.len() {
        0 => String::new(),
        n => format!(" and {n} more"),
    }
}

/// The columns of hits as CSV.
pub(crate) const COLUMNS: [&str; 19] = [
    "record_reference",
    "source",
    "isbn13",
    "title",
    "subtitle",
    "series",
    "contributors",
    "publisher",
    "language",
    "format",
    "protections",
    "published",
    "status",
    "price_type",
    "currency",
    "amount",
    "cost",
    "from",
    "until",
];

/// What stands in them.
pub(crate) fn cells(hit: &Hit) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let series = hit.series.iter().map(|series| match &series.number {
        Some(number) => format!("{}, {number}", series.title),
        None => series.title.clone(),
    });
    let mut cells = vec![
        hit.record_reference.clone(),
        hit.source.clone(),
        text(&hit.isbn13),
        text(&hit.title),
        text(&hit.subtitle),
        series.collect::<Vec<_>>().join("; "),
        names(hit),
        text(&hit.publisher),
        text(&hit.language),
        hit.format
            .map(|format| format.to_string())
            .unwrap_or_default(),
        hit.protections.words().join(" "),
        hit.published
            .map(|date| date.to_string())
            .unwrap_or_default(),
        hit.status.as_str().to_owned(),
    ];
    cells.extend(labels::hit_cells(hit.offer.as_ref()));
    cells
}
