//! `onix parse`: what is in list files, without a catalogue.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Context;
use super::output;
use super::reading::{self, ReadArgs};
use super::settings::nearest;
use super::trouble::{Exit, Result, Trouble};
use crate::input::Inputs;
use crate::onix::{Lossless, NoticeCode, Record, View};

/// Print the products of list files: a line each, no catalogue needed
///
/// The lines come in the order of the inputs. A product that can't be read is set aside and told on standard
/// error; the rest goes on.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Forms:
  view    what a shop asks of a product, one JSON object
  record  every element of it: {\"name\",\"attrs\",\"content\"}
  xml     the record as received, in UTF-8, inside its message's start tag and Header

Examples:
  onix parse list.xml | jq .title
  onix parse lists/ --as xml -o products/
  onix parse list.xml --as xml -0 | xargs -0 -n1 …
  onix parse --explain OX104")]
pub(crate) struct Parse {
    /// Files, folders, or `-` for standard input
    #[arg(value_name = "PATH", required_unless_present = "explain")]
    paths: Vec<PathBuf>,
    /// The form of a product
    #[arg(long = "as", value_name = "FORM", value_parser = ["view", "record", "xml"], default_value = "view")]
    form: String,
    /// Write each product to a file of its own in this folder
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// End each product with a NUL instead of a line feed
    #[arg(short = '0', long)]
    null: bool,
    /// Say what the code of a notice means
    #[arg(long, value_name = "CODE", conflicts_with = "paths")]
    explain: Option<String>,
    #[command(flatten)]
    reading: ReadArgs,
}

/// A product, written out.
struct Written {
    record_reference: Option<String>,
    text: String,
}

impl Parse {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        if let Some(code) = &self.explain {
            return explain(context, code);
        }
        let inputs = Inputs::from_paths(&self.paths);
        if let Some(folder) = &self.output {
            std::fs::create_dir_all(folder).map_err(|cause| {
                Trouble::file(format!("{} could not be made", folder.display()), cause)
            })?;
        }
        let mut names = HashSet::new();
        // Lent out while the rest of the context is read.
        let mut out =
            std::mem::replace(&mut context.out, output::Output::new(context.global.color));
        let end = if self.null { "\0" } else { "\n" };
        let done = reading::read(
            context,
            &self.reading,
            None,
            &inputs,
            |record| self.written(record),
            |mut written, index| {
                if self.form == "view" {
                    // Only now, in input order, is the number known.
                    written
                        .text
                        .replace_range(..1, &format!("{{\"index\":{index},"));
                }
                match &self.output {
                    Some(folder) => to_file(folder, self.extension(), &mut names, &written),
                    None => {
                        out.raw(written.text.trim_end_matches('\n'))?;
                        out.raw(end)
                    }
                }
            },
            |_| {},
        );
        context.out = out;
        let (report, progress) = done?;
        progress.done();
        context.out.flush()?;
        report.say_rest();
        Ok(report.exit())
    }

    fn written(&self, record: &Record<'_>) -> crate::Result<Written> {
        let product = record.product();
        let text = match self.form.as_str() {
            "record" => output::json(&Lossless(record.element()))?,
            "xml" => record.message().wrap(record.xml()),
            _ => {
                let mut view = View::of(&product);
                view.index = None;
                output::json(&view)?
            }
        };
        Ok(Written {
            record_reference: product.record_reference().map(|text| text.into()),
            text,
        })
    }

    fn extension(&self) -> &'static str {
        match self.form.as_str() {
            "xml" => "xml",
            _ => "json",
        }
    }
}

/// Writes a product to a file that is named for it; a name that is taken gets a number.
fn to_file(
    folder: &Path,
    extension: &str,
    names: &mut HashSet<String>,
    written: &Written,
) -> Result<()> {
    let reference = written.record_reference.as_deref().unwrap_or_default();
    let stem = file_stem(reference);
    // Some file systems don't tell upper from lower case.
    let mut name = stem.clone();
    let mut n = 1u64;
    while !names.insert(name.to_lowercase()) {
        n += 1;
        name = format!("{stem}-{n}");
    }
    let path = folder.join(format!("{name}.{extension}"));
    let mut text = written.text.clone();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    std::fs::write(&path, text)
        .map_err(|cause| Trouble::file(format!("{} could not be written", path.display()), cause))
}

fn file_stem(reference: &str) -> String {
    let stem: String = reference
        .chars()
        .take(100)
        .map(|c| match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' => c,
            '.' => '.',
            _ => '_',
        })
        .collect();
    match stem.trim_matches('.') {
        "" => "product".into(),
        stem => stem.to_owned(),
    }
}

fn explain(context: &mut Context, code: &str) -> Result {
    let found = NoticeCode::ALL
        .iter()
        .find(|known| known.as_str().eq_ignore_ascii_case(code.trim()));
    let Some(found) = found else {
        let known: Vec<String> = NoticeCode::ALL.iter().map(ToString::to_string).collect();
        let hint = match nearest(&code.to_uppercase(), &known) {
            Some(near) => format!("did you mean {near}? Known are {}", known.join(", ")),
            None => format!("known are {}", known.join(", ")),
        };
        return Err(Trouble::usage(format!("there is no notice `{code}`"), hint));
    };
    let heading = format!("{found}: {}", found.title());
    let heading = context.out.paint(output::Paint::Bold, &heading);
    context.out.line(heading)?;
    let text = output::wrapped(found.explanation(), 2, context.out.width());
    context.out.line(text)?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_stay_in_the_folder() {
        assert_eq!(file_stem("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(file_stem("a:b/c"), "a_b_c");
        assert_eq!(file_stem(".."), "product");
        assert_eq!(file_stem("ONYX1042-epub"), "ONYX1042-epub");
    }
}
