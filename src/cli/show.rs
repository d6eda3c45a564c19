//! `onix show`: all there is on a product.

use clap::Args;
use serde_json::Value;

use super::filters;
use super::output::{self, Paint};
use super::trouble::{Exit, Result};
use super::{Context, labels, offers};
use crate::catalogue::{FoundBy, Kept, WorkMember};
use crate::error::ErrorKind;
use crate::model::{Entry, EntryIdentifier};
use crate::sale::OfferFilter;

/// Show all there is on a product
///
/// Codes come with the labels of their code lists, prices with whether they can be had. Where several products go by
/// one identifier, all are shown.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  onix show 978-2-07-036822-8 --at 2026-12-01
  onix show 9782070368228 --json | jq .title
  onix show 9782070368228 --xml > record.xml")]
pub(crate) struct Show {
    /// ISBN, EAN, GTIN, DOI, the sender's own key, or RecordReference
    #[arg(value_name = "ID")]
    id: String,
    /// Only records of this source
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// The moment at which prices are looked at: a date, or RFC 3339 [default: now]
    #[arg(long, value_name = "MOMENT", value_parser = filters::moment)]
    at: Option<String>,
    /// Print a JSON object a product, with the names of `onix parse --as view`
    #[arg(long, overrides_with = "xml")]
    json: bool,
    /// Print the record as received, in UTF-8
    #[arg(long, overrides_with = "json")]
    xml: bool,
}

impl Show {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let catalogue = context.catalogue()?;
        let products = catalogue.product(&self.id, self.source.as_deref())?;
        if products.is_empty() {
            context.messages.error(
                &format!("nothing is known as {}", self.id),
                "`onix search` finds books by words",
            );
            return Ok(Exit::Nothing);
        }
        let form = context.form(&["json", "xml"]);
        for (n, kept) in products.iter().enumerate() {
            let work = catalogue.work(&kept.source, &kept.entry.record_reference);
            match form {
                Some("json") => {
                    let mut view = kept.view()?;
                    if let Value::Object(view) = &mut view {
                        view.insert("work".into(), serde_json::to_value(&work)?);
                    }
                    context.out.json(&view)?;
                }
                Some(_) => {
                    let xml = kept.xml()?;
                    context.out.raw(xml.trim_end_matches('\n'))?;
                    context.out.raw("\n")?;
                }
                None => {
                    if n > 0 {
                        context.out.line("")?;
                    }
                    text(context, kept, &work, self.at.as_deref())?;
                }
            }
        }
        Ok(Exit::Done)
    }
}

fn text(context: &mut Context, kept: &Kept, work: &[WorkMember], at: Option<&str>) -> Result<()> {
    let entry = &kept.entry;
    let title = entry.title.as_deref().unwrap_or("(no title)");
    let title = match &entry.subtitle {
        Some(subtitle) => format!("{title}: {subtitle}"),
        None => title.to_owned(),
    };
    let title = context.out.paint(Paint::Bold, &output::clean(&title));
    context.out.line(title)?;
    for (name, value) in facts(kept) {
        fact(context, name, &value)?;
    }
    for member in work {
        fact(context, "same work", &same_work(member))?;
    }
    if let Some(description) = &entry.description {
        context.out.line("")?;
        let text = output::wrapped(description, 2, context.out.width());
        context.out.line(text)?;
    }
    context.out.line("")?;
    let account = context.account()?;
    let resolved = match kept.offers() {
        Ok(resolved) => resolved,
        Err(error) if matches!(error.kind(), ErrorKind::NotKept) => {
            return context
                .out
                .line("  prices aren't shown: this catalogue doesn't keep records");
        }
        Err(error) => return Err(error.into()),
    };
    let at = filters::at(at, &account);
    let rows = kept.offer_rows(&resolved, &OfferFilter::default(), at, &account);
    match rows.is_empty() {
        true => context.out.line("  no prices"),
        false => {
            let rows = rows.iter().map(|row| offers::columns(row, false)).collect();
            context.out.table(&offers::HEADER[1..], rows)
        }
    }
}

/// A name, and its value hanging beside it.
fn fact(context: &mut Context, name: &str, value: &str) -> Result<()> {
    const INDENT: usize = 20;
    if value.is_empty() {
        return Ok(());
    }
    let text = output::wrapped(value, INDENT, context.out.width());
    let name = context.out.paint(Paint::Dim, &format!("  {name:<18}"));
    context.out.line(format!("{name}{}", text.trim_start()))
}

fn facts(kept: &Kept) -> Vec<(&'static str, String)> {
    let entry = &kept.entry;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let coded = |list: u16, value: &Option<String>| match value {
        Some(value) => labels::labelled(list, value),
        None => String::new(),
    };
    let mut out = Vec::new();
    out.extend(contributors(entry));
    for series in &entry.series {
        let number = series.number.as_ref().map(|n| format!(", {n}"));
        let series = format!("{}{}", series.title, number.unwrap_or_default());
        out.push(("series", series));
    }
    out.push(("other titles", entry.other_titles.join("; ")));
    out.push(("publisher", text(&entry.publisher)));
    out.push(("imprint", text(&entry.imprint)));
    out.push(("language", labels::all(74, &entry.languages)));
    let published = entry.published.map(|date| date.to_string());
    out.push(("published", published.unwrap_or_default()));
    out.push(("status", coded(64, &entry.publishing_status)));
    for availability in &entry.availability {
        let code = coded(65, &availability.code);
        let supplier = text(&availability.supplier);
        let by = if supplier.is_empty() { "" } else { ", from " };
        out.push(("availability", format!("{code}{by}{supplier}")));
    }
    let format = entry.format.map(|format| format.to_string());
    out.push(("format", format.unwrap_or_else(|| "?".into())));
    out.push(("form", coded(150, &entry.product_form)));
    out.push((
        "form details",
        labels::all(175, &entry.product_form_details),
    ));
    out.push(("protection", labels::protections(entry.protections)));
    if entry.library {
        out.push(("offered to", "libraries".into()));
    }
    out.push(("audience", labels::all(28, &entry.audiences)));
    out.push(("accessibility", labels::all(196, &entry.accessibility)));
    for subject in &entry.subjects {
        let scheme = coded(27, &subject.scheme);
        let main = if subject.main { ", the main one" } else { "" };
        let words = [&subject.code, &subject.text];
        let words: Vec<&str> = words.into_iter().flatten().map(String::as_str).collect();
        out.push(("subject", format!("{} – {scheme}{main}", words.join(" "))));
    }
    for id in &entry.identifiers {
        out.push(("identifier", identifier(id)));
    }
    for related in &entry.related {
        let ids: Vec<String> = related.identifiers.iter().map(identifier).collect();
        let relations = labels::all(51, &related.relations);
        out.push(("related", format!("{relations}: {}", ids.join(", "))));
    }
    out.push(("cover", text(&entry.cover)));
    out.push(("record", entry.record_reference.clone()));
    out.push(("notification", coded(1, &entry.notification_type)));
    let sent = kept.sent.as_ref().map(|sent| format!(", sent {sent}"));
    out.push((
        "source",
        format!("{}{}", kept.source, sent.unwrap_or_default()),
    ));
    if let FoundBy::Related(relations) = &kept.found_by {
        let relations = labels::all(51, relations);
        out.push(("found by", format!("a related product: {relations}")));
    }
    out
}

/// Another product of the work, in a line.
fn same_work(member: &WorkMember) -> String {
    let id = member.isbn13.as_ref().unwrap_or(&member.record_reference);
    let format = member.format.map(|format| format.to_string());
    let texts = [
        id.clone(),
        format.unwrap_or_else(|| "?".into()),
        labels::protections(member.protections),
        member.title.clone().unwrap_or_default(),
    ];
    texts.join("  ")
}

fn contributors(entry: &Entry) -> impl Iterator<Item = (&'static str, String)> {
    entry.contributors.iter().map(|contributor| {
        let roles = labels::all(17, &contributor.roles);
        ("contributor", format!("{} – {roles}", contributor.name))
    })
}

fn identifier(id: &EntryIdentifier) -> String {
    match &id.name {
        Some(name) => format!("{} – {name}", id.value),
        None => format!("{} – {}", id.value, labels::labelled(5, &id.id_type)),
    }
}
