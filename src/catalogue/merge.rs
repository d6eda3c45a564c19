//! An update of blocks (`NotificationType` 04) put together with the record before it: the blocks it has take the
//! place of those, the others stay.

use super::kept::read_product;
use crate::error::{Error, ErrorKind, Result};
use crate::input::Received;
use crate::onix::{Header, Product, Release, Tag};

/// The blocks of a product from 3.0 on; of `ProductSupply` there may be several.
const BLOCKS: [Tag; 8] = [
    Tag::DescriptiveDetail,
    Tag::CollateralDetail,
    Tag::PromotionDetail,
    Tag::ContentDetail,
    Tag::PublishingDetail,
    Tag::RelatedMaterial,
    Tag::ProductionDetail,
    Tag::ProductSupply,
];

/// What decides whether an element means the same in both messages.
#[derive(PartialEq)]
struct Frame {
    release: Release,
    namespace: Option<String>,
    /// How the product's tag is written.
    tag: String,
    defaults: [Option<String>; 3],
}

impl Frame {
    fn of(product: &Product<'_>) -> Self {
        let message = product.message();
        let Header {
            default_language,
            default_price_type,
            default_currency,
            ..
        } = message.header();
        Self {
            release: message.release(),
            namespace: message.namespace().map(str::to_owned),
            tag: product.element().written().to_owned(),
            defaults: [default_language, default_price_type, default_currency].map(Clone::clone),
        }
    }
}

/// The message of the whole product.
///
/// # Errors
/// One that costs the record: where blocks of the two can't stand in one message, it can't be told what they
/// come to together.
pub(super) fn merged(before: &str, update: &str) -> Result<String> {
    let (frame, blocks) = read_product(before, |product| {
        let children = product.element().children();
        let blocks = children.filter(|child| BLOCKS.contains(&child.tag()));
        let blocks: Vec<(Tag, String)> = blocks
            .map(|block| (block.tag(), block.outer().to_owned()))
            .collect();
        (Frame::of(product), blocks)
    })?
    .ok_or_else(unlike)?;
    let read = |product: &Product<'_>| {
        if Frame::of(product) != frame || frame.release == Release::Onix2 {
            return None;
        }
        let element = product.element();
        let own: Vec<_> = element.children().collect();
        let updates = |tag: Tag| own.iter().any(|child| child.tag() == tag);
        let mut content = String::new();
        for child in own.iter().filter(|child| !BLOCKS.contains(&child.tag())) {
            content.push_str(child.outer());
        }
        for tag in BLOCKS {
            let of_update = own.iter().filter(|child| child.tag() == tag);
            match updates(tag) {
                true => of_update.for_each(|child| content.push_str(child.outer())),
                false => blocks
                    .iter()
                    .filter(|(of, _)| *of == tag)
                    .for_each(|(_, block)| content.push_str(block)),
            }
        }
        let name = element.written();
        let outer = element.outer();
        let start = &outer[..outer.find('>').map_or(0, |at| at + 1)];
        Some(
            product
                .message()
                .wrap(&format!("{start}{content}</{name}>")),
        )
    };
    let merged = read_product(update, read)?;
    merged.flatten().ok_or_else(unlike)
}

fn unlike() -> Error {
    Error::new(ErrorKind::Malformed {
        found: "an update of blocks that can't be merged: the record before it is of another format, release, \
                tags or defaults of the Header"
            .to_owned(),
    })
}

/// Whether a record updates blocks only.
pub(super) fn is_update(received: Received<'_>) -> bool {
    match received {
        Received::Onix(record) => record.product().notification_type().as_deref() == Some("04"),
        Received::Xml(..) => false,
    }
}
