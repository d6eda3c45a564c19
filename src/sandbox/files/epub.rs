//! An EPUB 3 of one page.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::Content;
use crate::sandbox::markup::escaped;

const CONTAINER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <container version=\"1.0\" xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\"><rootfiles>\
    <rootfile full-path=\"package.opf\" media-type=\"application/oebps-package+xml\"/></rootfiles></container>\n";

pub(super) fn written(content: &Content) -> Vec<u8> {
    let members = [
        ("META-INF/container.xml", CONTAINER.to_owned()),
        ("package.opf", package(content)),
        ("nav.xhtml", navigation(&content.title)),
        ("page.xhtml", page(content)),
    ];
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    // Readers tell an EPUB by its first member, which must not be compressed.
    let mut add = |name: &str, text: &str, method| {
        let options = SimpleFileOptions::default().compression_method(method);
        let started = writer.start_file(name, options);
        started.expect("no two members have one name");
        let done = writer.write_all(text.as_bytes());
        done.expect("memory can be written to");
    };
    add(
        "mimetype",
        "application/epub+zip",
        CompressionMethod::Stored,
    );
    for (name, text) in &members {
        add(name, text, CompressionMethod::Deflated);
    }
    let archive = writer.finish().expect("memory can be written to");
    archive.into_inner()
}

fn package(content: &Content) -> String {
    let (title, id) = (escaped(&content.title), escaped(&content.id));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <package xmlns=\"http://www.idpf.org/2007/opf\" version=\"3.0\" unique-identifier=\"id\">\
         <metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:identifier id=\"id\">{id}</dc:identifier>\
         <dc:title>{title}</dc:title><dc:language>en</dc:language>\
         <meta property=\"dcterms:modified\">2000-01-01T00:00:00Z</meta></metadata><manifest>\
         <item id=\"nav\" href=\"nav.xhtml\" media-type=\"application/xhtml+xml\" properties=\"nav\"/>\
         <item id=\"page\" href=\"page.xhtml\" media-type=\"application/xhtml+xml\"/></manifest>\
         <spine><itemref idref=\"page\"/></spine></package>\n"
    )
}

fn navigation(title: &str) -> String {
    let list = format!(
        "<nav xmlns:epub=\"http://www.idpf.org/2007/ops\" epub:type=\"toc\"><ol>\
         <li><a href=\"page.xhtml\">{}</a></li></ol></nav>",
        escaped(title)
    );
    document(title, &list)
}

fn page(content: &Content) -> String {
    let lines = content.lines.iter();
    let lines: String = lines
        .map(|line| format!("<p>{}</p>", escaped(line)))
        .collect();
    document(&content.title, &lines)
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<html xmlns=\"http://www.w3.org/1999/xhtml\">\
         <head><title>{}</title></head><body>{body}</body></html>\n",
        escaped(title)
    )
}
