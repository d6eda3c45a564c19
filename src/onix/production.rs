//! Block 7, `ProductionDetail`: the files and materials that the product is made from.

use std::borrow::Cow;

use super::composite::composite;
use super::descriptive::{Identifier, Measure};
use super::element::Element;
use super::publishing::SalesOutlet;

composite! {
    /// `ProductionDetail` (block 7).
    ProductionDetail {
        production_manifests: Vec<ProductionManifest<'a>> = ProductionManifest;
    }

    /// `ProductionManifest` (P.27)
    ProductionManifest {
        product_identifiers: Vec<Identifier<'a>> = ProductIdentifier;
        cover_manifest: Option<CoverManifest<'a>> = CoverManifest;
        body_manifest: Option<BodyManifest<'a>> = BodyManifest;
        insert_manifests: Vec<InsertManifest<'a>> = InsertManifest;
        supplement_manifests: Vec<SupplementManifest<'a>> = SupplementManifest;
    }

    /// `CoverManifest` (P.27)
    CoverManifest {
        cover_resources: Vec<ManifestResource<'a>> = CoverResource;
    }

    /// `BodyManifest` (P.27)
    BodyManifest {
        body_resources: Vec<ManifestResource<'a>> = BodyResource;
    }

    /// `InsertManifest` (P.27)
    InsertManifest {
        insert_points: Vec<Element<'a>> = InsertPoint;
        insert_resources: Vec<ManifestResource<'a>> = InsertResource;
    }

    /// `SupplementManifest` (P.27)
    SupplementManifest {
        sequence_number: Option<Cow<'a, str>> = SequenceNumber;
        sales_outlets: Vec<SalesOutlet<'a>> = SalesOutlet;
        product_identifiers: Vec<Identifier<'a>> = ProductIdentifier;
        product_form: Option<Cow<'a, str>> = ProductForm;
        product_form_details: Vec<Cow<'a, str>> = ProductFormDetail;
        product_form_descriptions: Vec<Cow<'a, str>> = ProductFormDescription;
        measures: Vec<Measure<'a>> = Measure;
        cover_manifest: Option<CoverManifest<'a>> = CoverManifest;
        body_manifest: Option<BodyManifest<'a>> = BodyManifest;
        insert_manifests: Vec<InsertManifest<'a>> = InsertManifest;
        no_supplement: bool = NoSupplement;
    }

    /// `CoverResource`, `BodyResource` and `InsertResource` (P.27); what the files are like is in
    /// its element.
    ManifestResource {
        sequence_number: Option<Cow<'a, str>> = SequenceNumber;
        sales_outlets: Vec<SalesOutlet<'a>> = SalesOutlet;
        no_resource: bool = NoResource;
    }
}
