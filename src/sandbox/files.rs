//! The files that are sold: small ones, with nothing in them but what they are and whose, and licences for those that are locked.

mod epub;
mod mobi;
mod mp3;
mod pdf;

use serde_json::json;

use super::markup::Markup;
use super::sales::{Sale, token};
use crate::model::{Format, Protection};

/// A file as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    pub(super) media_type: &'static str,
    pub(super) extension: &'static str,
    pub(super) bytes: Vec<u8>,
}

/// What stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Content {
    title: String,
    id: String,
    /// The lines of its one page.
    lines: Vec<String>,
}

/// How what was sold is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lock {
    Adobe,
    Lcp,
}

/// The file of a sale, or the licence that stands for it; the name is for those with a watermark.
pub(super) fn of(sale: &Sale, uname: Option<&str>) -> File {
    match lock(sale) {
        Some(Lock::Adobe) => acsm(sale),
        Some(Lock::Lcp) => lcpl(sale),
        None => open(sale, uname),
    }
}

fn lock(sale: &Sale) -> Option<Lock> {
    let drm_type = sale.drm_type.as_deref().unwrap_or("acs");
    match Protection::from_word(&sale.protection)? {
        Protection::Acs4 | Protection::Acs4TimeLimited => Some(Lock::Adobe),
        Protection::Drm | Protection::DrmTimeLimited if sale.is_lcp => Some(Lock::Lcp),
        Protection::Drm | Protection::DrmTimeLimited => drm_type
            .trim()
            .eq_ignore_ascii_case("acs")
            .then_some(Lock::Adobe),
        _ => None,
    }
}

/// A file without a lock, in the format that was sold.
fn open(sale: &Sale, uname: Option<&str>) -> File {
    let content = content(sale, uname);
    let (media_type, extension, bytes) = match Format::from_word(&sale.format) {
        Some(Format::Pdf) => ("application/pdf", "pdf", pdf::written(&content)),
        Some(Format::Mobi) => (
            "application/x-mobipocket-ebook",
            "mobi",
            mobi::written(&content),
        ),
        Some(Format::Audio) => ("audio/mpeg", "mp3", mp3::written(&content)),
        _ => ("application/epub+zip", "epub", epub::written(&content)),
    };
    File {
        media_type,
        extension,
        bytes,
    }
}

fn content(sale: &Sale, uname: Option<&str>) -> Content {
    let has_watermark = Protection::from_word(&sale.protection) == Some(Protection::Watermark);
    let title = format!("Publication {}", sale.id);
    let mut lines = vec![title.clone()];
    if has_watermark {
        let name = uname.unwrap_or(&sale.customer);
        lines.push(format!("Sold to {name}, transaction {}", sale.transaction));
    }
    Content {
        title,
        id: sale.id.clone(),
        lines,
    }
}

/// What Adobe's readers fetch a book with, in shape; no server stands behind it.
fn acsm(sale: &Sale) -> File {
    let mut out = Markup::new();
    let name = "fulfillmentToken";
    out.open(&format!(
        "{name} fulfillmentType=\"buy\" xmlns=\"http://ns.adobe.com/adept\""
    ));
    out.text(
        "distributor",
        "urn:uuid:00000000-0000-0000-0000-000000000000",
    );
    out.text("transaction", &sale.transaction);
    out.open("resourceItemInfo");
    out.text("resource", &format!("urn:publication:{}", sale.id));
    out.text("resourceItem", "0");
    out.close("resourceItemInfo");
    out.text("hmac", &token(sale.number));
    out.close(name);
    File {
        media_type: "application/vnd.adobe.adept+xml",
        extension: "acsm",
        bytes: out.into_text().into(),
    }
}

/// A licence of Readium LCP, in shape; no server stands behind it, and nothing is encrypted with it.
fn lcpl(sale: &Sale) -> File {
    let licence = json!({
        "id": token(sale.number),
        "issued": super::clock::extended(sale.at),
        "provider": "http://localhost",
        "encryption": {"profile": "http://readium.org/lcp/basic-profile"},
        "links": [{"rel": "publication", "href": "http://localhost/", "title": sale.id}],
    });
    File {
        media_type: "application/vnd.readium.lcp.license.v1.0+json",
        extension: "lcpl",
        bytes: licence.to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(format: &str, protection: &str, drm_type: Option<&str>) -> File {
        let sale = Sale {
            id: "9789999900119".into(),
            format: format.into(),
            protection: protection.into(),
            drm_type: drm_type.map(str::to_owned),
            is_lcp: drm_type == Some("lcp"),
            ..Sale::default()
        };
        of(&sale, Some("Ana Sel"))
    }

    #[test]
    fn a_lock_stands_for_its_file() {
        assert_eq!(file("epub", "acs4", None).extension, "acsm");
        assert_eq!(file("pdf", "drm", None).extension, "acsm");
        assert_eq!(file("pdf", "drm", Some("lcp")).extension, "lcpl");
        assert_eq!(file("epub", "drm", Some("urms")).extension, "epub");
        assert_eq!(file("pdf", "none", None).extension, "pdf");
    }

    #[test]
    fn each_format_begins_as_its_readers_want_it() {
        assert!(file("pdf", "none", None).bytes.starts_with(b"%PDF-1.4\n"));
        assert_eq!(&file("mobi", "none", None).bytes[60..68], b"BOOKMOBI");
        assert!(file("audio", "none", None).bytes.starts_with(b"ID3\x03"));
        let epub = file("epub", "none", None).bytes;
        assert_eq!(&epub[30..58], b"mimetypeapplication/epub+zip");
    }

    #[test]
    fn a_watermark_is_on_its_file_alone() {
        let has_name = |protection| {
            let bytes = file("pdf", protection, None).bytes;
            bytes.windows(7).any(|seven| seven == b"Ana Sel")
        };
        assert!(has_name("watermark"));
        assert!(!has_name("none"));
    }
}
