//! The table of contents of a publication (CF-TOC): the `ContentItem`s of its product.

use serde_json::json;

use super::feed::metadata;
use super::markup::Markup;
use super::request::Answer;
use super::state::{Asked, Outcome, State};
use super::words::Refusal;
use crate::onix::{ContentItem, Product};

/// A chapter: the page on which it begins, where that is told, and its title.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Chapter {
    page: Option<u64>,
    title: String,
}

/// `GET /api/publications/[isbn]/toc.[xml|js]`
pub(super) fn read(state: &mut State, asked: &Asked<'_>) -> Outcome {
    let publishers = &state.organisations[asked.organisation].publishers;
    let products = state.stock.products_of(&asked.route.id, publishers);
    let tables = products
        .iter()
        .filter_map(|stored| stored.product(chapters));
    let mut tables = tables.filter(|chapters| !chapters.is_empty());
    let Some(chapters) = tables.next() else {
        return Err(match products.is_empty() {
            true => state.unknown_publication(asked),
            false => Refusal::not_found().because("its record has no table of contents"),
        });
    };
    match asked.route.suffix.as_deref() {
        Some("xml") => Ok(metadata(xml(&chapters))),
        Some("js") => Ok(json(&chapters)),
        _ => Err(Refusal::unknown_suffix(&["xml", "js"])),
    }
}

fn chapters(product: &Product<'_>) -> Vec<Chapter> {
    let items = product.content_detail().content_items;
    let mut numbered: Vec<_> = items
        .iter()
        .filter_map(|item| Some((number(item), chapter(item)?)))
        .collect();
    numbered.sort_by(|(a, _), (b, _)| a.cmp(b));
    numbered.into_iter().map(|(_, chapter)| chapter).collect()
}

/// `LevelSequenceNumber`: numbers with dots between them.
fn number(item: &ContentItem<'_>) -> Vec<u64> {
    let text = item.level_sequence_number.as_deref().unwrap_or_default();
    let numbers = text.split('.').map(|part| part.trim().parse());
    numbers.map(|number| number.unwrap_or(u64::MAX)).collect()
}

fn chapter(item: &ContentItem<'_>) -> Option<Chapter> {
    let (title, _) = item.title_details.first()?.title()?;
    let run = item
        .text_item
        .as_ref()
        .and_then(|text| text.page_runs.first());
    let page = run.and_then(|run| run.first_page_number.as_deref());
    Some(Chapter {
        page: page.and_then(|page| page.trim().parse().ok()),
        title: title.into_owned(),
    })
}

fn xml(chapters: &[Chapter]) -> String {
    let mut out = Markup::new();
    out.open("chapters");
    for chapter in chapters {
        out.open("chapter");
        let page = chapter.page.map(|page| page.to_string());
        out.optional("page", page.as_deref());
        out.text("title", &chapter.title);
        out.close("chapter");
    }
    out.close("chapters");
    out.into_text()
}

fn json(chapters: &[Chapter]) -> Answer {
    let chapters = chapters.iter();
    let chapters = chapters.map(|chapter| json!({"page": chapter.page, "title": chapter.title}));
    Answer::json(200, &chapters.collect())
}
