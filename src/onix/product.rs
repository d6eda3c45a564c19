//! The typed view of a record, the same for every release.

use std::borrow::Cow;

use super::collateral::CollateralDetail;
use super::composite::{Field, Read};
use super::content::ContentDetail;
use super::descriptive::{DescriptiveDetail, Identifier};
use super::element::Element;
use super::message::Message;
use super::production::ProductionDetail;
use super::promotion::PromotionDetail;
use super::publishing::PublishingDetail;
use super::record::Record;
use super::related::RelatedMaterial;
use super::release::Release;
use super::release21;
use super::supply::ProductSupply;
use super::tag::Tag;
use crate::error::Position;

/// A product: EDItEUR's blocks, borrowed from its [`Record`].
///
/// 2.x and 3.x give the same view. Each block is read from the tape when it is asked for, so ask
/// once and keep what you need. What has no field here is there by name through
/// [`element`](Product::element).
#[derive(Debug, Clone, Copy)]
pub struct Product<'a> {
    record: &'a Record<'a>,
    element: Element<'a>,
    release: Release,
}

impl<'a> Product<'a> {
    pub(super) fn new(record: &'a Record<'_>) -> Self {
        let record: &'a Record<'a> = record;
        let element = record.element();
        Self {
            record,
            element,
            release: release_by_content(element).unwrap_or(record.message.release),
        }
    }

    /// The `Product` element.
    pub fn element(&self) -> Element<'a> {
        self.element
    }

    /// The message it stands in, for header defaults.
    pub fn message(&self) -> &'a Message {
        &self.record.message
    }

    /// Where its record stands.
    pub fn position(&self) -> &'a Position {
        &self.record.position
    }

    /// The release it was read as: what it contains decides over what its message says.
    pub fn release(&self) -> Release {
        self.release
    }

    /// `RecordReference`
    pub fn record_reference(&self) -> Option<Cow<'a, str>> {
        self.text(Tag::RecordReference)
    }

    /// `NotificationType` (list 1)
    pub fn notification_type(&self) -> Option<Cow<'a, str>> {
        self.text(Tag::NotificationType)
    }

    fn text(&self, tag: Tag) -> Option<Cow<'a, str>> {
        self.element.text_of(tag).filter(|text| !text.is_empty())
    }

    /// `ProductIdentifier`, and 2.1's `ISBN`, `EAN13` and the like as such.
    pub fn identifiers(&self) -> Vec<Identifier<'a>> {
        let mut out: Vec<_> = self
            .element
            .all(Tag::ProductIdentifier)
            .map(Identifier::read)
            .collect();
        if self.release == Release::Onix2 {
            release21::identifiers(self.element, &mut out);
        }
        out
    }

    /// `DescriptiveDetail` (block 1)
    pub fn descriptive_detail(&self) -> DescriptiveDetail<'a> {
        match self.release {
            Release::Onix2 => release21::descriptive_detail(self.element),
            Release::Onix3 => self.block(Tag::DescriptiveDetail),
        }
    }

    /// `CollateralDetail` (block 2)
    pub fn collateral_detail(&self) -> CollateralDetail<'a> {
        match self.release {
            Release::Onix2 => release21::collateral_detail(self.element),
            Release::Onix3 => self.block(Tag::CollateralDetail),
        }
    }

    /// `ContentDetail` (block 3); 2.x has its `ContentItem`s in the product.
    pub fn content_detail(&self) -> ContentDetail<'a> {
        match self.release {
            Release::Onix2 => Read::read(self.element),
            Release::Onix3 => self.block(Tag::ContentDetail),
        }
    }

    /// `ProductionDetail` (block 7), of 3.x.
    pub fn production_detail(&self) -> ProductionDetail<'a> {
        self.block(Tag::ProductionDetail)
    }

    /// `PromotionDetail` (block 8), of 3.x.
    pub fn promotion_detail(&self) -> PromotionDetail<'a> {
        self.block(Tag::PromotionDetail)
    }

    /// `PublishingDetail` (block 4)
    pub fn publishing_detail(&self) -> PublishingDetail<'a> {
        match self.release {
            Release::Onix2 => release21::publishing_detail(self.element),
            Release::Onix3 => self.block(Tag::PublishingDetail),
        }
    }

    /// `RelatedMaterial` (block 5)
    pub fn related_material(&self) -> RelatedMaterial<'a> {
        match self.release {
            Release::Onix2 => Read::read(self.element),
            Release::Onix3 => self.block(Tag::RelatedMaterial),
        }
    }

    /// `ProductSupply` (block 6), one a market. A 2.x product has one, with its
    /// `MarketRepresentation`s as markets.
    pub fn product_supplies(&self) -> Vec<ProductSupply<'a>> {
        match self.release {
            Release::Onix2 => vec![release21::product_supply(self.element)],
            Release::Onix3 => {
                let mut out = Vec::new();
                for supply in self.element.all(Tag::ProductSupply) {
                    out.receive(supply);
                }
                out
            }
        }
    }

    fn block<T: Read<'a> + Default>(&self, tag: Tag) -> T {
        self.element.child(tag).map(T::read).unwrap_or_default()
    }
}

/// The release that the children of a product can belong to.
fn release_by_content(product: Element<'_>) -> Option<Release> {
    let mut old = false;
    for child in product.children() {
        match child.tag() {
            Tag::DescriptiveDetail
            | Tag::CollateralDetail
            | Tag::ContentDetail
            | Tag::PublishingDetail
            | Tag::RelatedMaterial
            | Tag::ProductionDetail
            | Tag::PromotionDetail
            | Tag::ProductSupply => return Some(Release::Onix3),
            Tag::RecordReference
            | Tag::NotificationType
            | Tag::DeletionText
            | Tag::RecordSourceType
            | Tag::RecordSourceIdentifier
            | Tag::RecordSourceName
            | Tag::ProductIdentifier
            | Tag::Barcode
            | Tag::Unknown => {}
            _ => old = true,
        }
    }
    old.then_some(Release::Onix2)
}
