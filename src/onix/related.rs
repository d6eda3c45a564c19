//! Block 5, `RelatedMaterial`: works and products that have to do with this one.

use std::borrow::Cow;

use super::composite::composite;
use super::descriptive::Identifier;

composite! {
    /// `RelatedMaterial` (block 5).
    RelatedMaterial {
        related_works: Vec<RelatedWork<'a>> = RelatedWork;
        related_products: Vec<RelatedProduct<'a>> = RelatedProduct;
    }

    /// `RelatedWork` (P.22)
    RelatedWork {
        work_relation_code: Option<Cow<'a, str>> = WorkRelationCode;
        work_identifiers: Vec<Identifier<'a>> = WorkIdentifier;
    }

    /// `RelatedProduct` (P.23)
    RelatedProduct {
        product_relation_codes: Vec<Cow<'a, str>> = ProductRelationCode | RelationCode;
        product_identifiers: Vec<Identifier<'a>> = ProductIdentifier;
        product_form: Option<Cow<'a, str>> = ProductForm;
        product_form_details: Vec<Cow<'a, str>> = ProductFormDetail;
    }
}
