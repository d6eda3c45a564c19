//! Block 1, `DescriptiveDetail`: what the product is.

use std::borrow::Cow;

use super::collateral::MarkedText;
use super::composite::composite;

composite! {
    /// `DescriptiveDetail` (block 1).
    DescriptiveDetail {
        product_composition: Option<Cow<'a, str>> = ProductComposition;
        product_form: Option<Cow<'a, str>> = ProductForm;
        product_form_details: Vec<Cow<'a, str>> = ProductFormDetail;
        product_form_features: Vec<ProductFormFeature<'a>> = ProductFormFeature;
        product_form_descriptions: Vec<Cow<'a, str>> = ProductFormDescription;
        product_packaging: Option<Cow<'a, str>> = ProductPackaging;
        primary_content_type: Option<Cow<'a, str>> = PrimaryContentType;
        product_content_types: Vec<Cow<'a, str>> = ProductContentType;
        product_classifications: Vec<ProductClassification<'a>> = ProductClassification;
        measures: Vec<Measure<'a>> = Measure;
        country_of_manufacture: Option<Cow<'a, str>> = CountryOfManufacture;
        epub_type: Option<Cow<'a, str>> = EpubType;
        epub_technical_protections: Vec<Cow<'a, str>> = EpubTechnicalProtection;
        epub_usage_constraints: Vec<EpubUsageConstraint<'a>> = EpubUsageConstraint;
        epub_licenses: Vec<EpubLicense<'a>> = EpubLicense;
        product_parts: Vec<ProductPart<'a>> = ProductPart | ContainedItem;
        collections: Vec<Collection<'a>> = Collection;
        no_collection: bool = NoCollection;
        title_details: Vec<TitleDetail<'a>> = TitleDetail;
        thesis_type: Option<Cow<'a, str>> = ThesisType;
        contributors: Vec<Contributor<'a>> = Contributor;
        contributor_statements: Vec<Cow<'a, str>> = ContributorStatement;
        no_contributor: bool = NoContributor;
        edition_types: Vec<Cow<'a, str>> = EditionType | EditionTypeCode;
        edition_number: Option<Cow<'a, str>> = EditionNumber;
        edition_version_number: Option<Cow<'a, str>> = EditionVersionNumber;
        edition_statements: Vec<Cow<'a, str>> = EditionStatement;
        no_edition: bool = NoEdition;
        languages: Vec<Language<'a>> = Language;
        extents: Vec<Extent<'a>> = Extent;
        illustrated: Option<Cow<'a, str>> = Illustrated;
        number_of_illustrations: Option<Cow<'a, str>> = NumberOfIllustrations;
        subjects: Vec<Subject<'a>> = Subject;
        names_as_subject: Vec<Contributor<'a>> = NameAsSubject | PersonAsSubject;
        audience_codes: Vec<Cow<'a, str>> = AudienceCode;
        audiences: Vec<Audience<'a>> = Audience;
        audience_ranges: Vec<AudienceRange<'a>> = AudienceRange;
        audience_descriptions: Vec<Cow<'a, str>> = AudienceDescription;
    }

    /// `ProductIdentifier` (P.2), and the identifiers of other composites.
    Identifier {
        id_type: Option<Cow<'a, str>> = ProductIDType | CollectionIDType | NameIDType | SupplierIDType
            | PublisherIDType | ImprintIDType | WorkIDType | TextItemIDType | SalesOutletIDType
            | PriceIDType | AgentIDType | SenderIDType | AddresseeIDType | ProductContactIDType
            | ResourceIDType | LocationIDType | RecordSourceIDType | PersonNameIDType
            | SeriesIDType | AVItemIDType | EventIDType | EventSponsorIDType;
        id_type_name: Option<Cow<'a, str>> = IDTypeName;
        id_value: Option<Cow<'a, str>> = IDValue;
    }

    /// `ProductFormFeature` (P.3)
    ProductFormFeature {
        product_form_feature_type: Option<Cow<'a, str>> = ProductFormFeatureType;
        product_form_feature_value: Option<Cow<'a, str>> = ProductFormFeatureValue;
        product_form_feature_descriptions: Vec<Cow<'a, str>> = ProductFormFeatureDescription;
    }

    /// `ProductClassification` (P.3)
    ProductClassification {
        product_classification_type: Option<Cow<'a, str>> = ProductClassificationType;
        product_classification_type_name: Option<Cow<'a, str>> = ProductClassificationTypeName;
        product_classification_code: Option<Cow<'a, str>> = ProductClassificationCode;
        percent: Option<Cow<'a, str>> = Percent;
    }

    /// `Measure` (P.3)
    Measure {
        measure_type: Option<Cow<'a, str>> = MeasureType | MeasureTypeCode;
        measurement: Option<Cow<'a, str>> = Measurement;
        measure_unit_code: Option<Cow<'a, str>> = MeasureUnitCode;
    }

    /// `EpubUsageConstraint` (P.3)
    EpubUsageConstraint {
        epub_usage_type: Option<Cow<'a, str>> = EpubUsageType;
        epub_usage_status: Option<Cow<'a, str>> = EpubUsageStatus;
        epub_usage_limits: Vec<EpubUsageLimit<'a>> = EpubUsageLimit;
    }

    /// `EpubUsageLimit` (P.3)
    EpubUsageLimit {
        quantity: Option<Cow<'a, str>> = Quantity;
        epub_usage_unit: Option<Cow<'a, str>> = EpubUsageUnit;
    }

    /// `EpubLicense` (P.3)
    EpubLicense {
        epub_license_names: Vec<Cow<'a, str>> = EpubLicenseName;
        epub_license_expressions: Vec<EpubLicenseExpression<'a>> = EpubLicenseExpression;
    }

    /// `EpubLicenseExpression` (P.3)
    EpubLicenseExpression {
        epub_license_expression_type: Option<Cow<'a, str>> = EpubLicenseExpressionType;
        epub_license_expression_type_name: Option<Cow<'a, str>> = EpubLicenseExpressionTypeName;
        epub_license_expression_link: Option<Cow<'a, str>> = EpubLicenseExpressionLink;
    }

    /// `ProductPart` (P.4), in 2.1 `ContainedItem`.
    ProductPart {
        primary_part: bool = PrimaryPart;
        product_identifiers: Vec<Identifier<'a>> = ProductIdentifier;
        product_form: Option<Cow<'a, str>> = ProductForm;
        product_form_details: Vec<Cow<'a, str>> = ProductFormDetail;
        product_form_descriptions: Vec<Cow<'a, str>> = ProductFormDescription;
        product_content_types: Vec<Cow<'a, str>> = ProductContentType;
        number_of_items_of_this_form: Option<Cow<'a, str>> = NumberOfItemsOfThisForm;
        number_of_copies: Option<Cow<'a, str>> = NumberOfCopies;
    }

    /// `Collection` (P.5), in 2.1 `Series` and `Set`.
    Collection {
        collection_type: Option<Cow<'a, str>> = CollectionType;
        source_name: Option<Cow<'a, str>> = SourceName;
        collection_identifiers: Vec<Identifier<'a>> = CollectionIdentifier | SeriesIdentifier;
        collection_sequences: Vec<CollectionSequence<'a>> = CollectionSequence;
        title_details: Vec<TitleDetail<'a>> = TitleDetail;
        contributors: Vec<Contributor<'a>> = Contributor;
    }

    /// `CollectionSequence` (P.5)
    CollectionSequence {
        collection_sequence_type: Option<Cow<'a, str>> = CollectionSequenceType;
        collection_sequence_type_name: Option<Cow<'a, str>> = CollectionSequenceTypeName;
        collection_sequence_number: Option<Cow<'a, str>> = CollectionSequenceNumber;
    }

    /// `TitleDetail` (P.6), in 2.1 `Title`.
    TitleDetail {
        title_type: Option<Cow<'a, str>> = TitleType;
        title_elements: Vec<TitleElement<'a>> = TitleElement;
        title_statement: Option<Cow<'a, str>> = TitleStatement;
    }

    /// `TitleElement` (P.6)
    TitleElement {
        sequence_number: Option<Cow<'a, str>> = SequenceNumber;
        title_element_level: Option<Cow<'a, str>> = TitleElementLevel;
        part_number: Option<Cow<'a, str>> = PartNumber;
        year_of_annual: Option<Cow<'a, str>> = YearOfAnnual;
        title_text: Option<Cow<'a, str>> = TitleText;
        title_prefix: Option<Cow<'a, str>> = TitlePrefix;
        no_prefix: bool = NoPrefix;
        title_without_prefix: Option<Cow<'a, str>> = TitleWithoutPrefix;
        subtitle: Option<Cow<'a, str>> = Subtitle;
    }

    /// `Contributor` (P.7)
    Contributor {
        sequence_number: Option<Cow<'a, str>> = SequenceNumber;
        contributor_roles: Vec<Cow<'a, str>> = ContributorRole;
        from_languages: Vec<Cow<'a, str>> = FromLanguage;
        to_languages: Vec<Cow<'a, str>> = ToLanguage;
        name_type: Option<Cow<'a, str>> = NameType;
        name_identifiers: Vec<Identifier<'a>> = NameIdentifier | PersonNameIdentifier;
        person_name: Option<Cow<'a, str>> = PersonName;
        person_name_inverted: Option<Cow<'a, str>> = PersonNameInverted;
        titles_before_names: Option<Cow<'a, str>> = TitlesBeforeNames;
        names_before_key: Option<Cow<'a, str>> = NamesBeforeKey;
        prefix_to_key: Option<Cow<'a, str>> = PrefixToKey;
        key_names: Option<Cow<'a, str>> = KeyNames;
        names_after_key: Option<Cow<'a, str>> = NamesAfterKey;
        suffix_to_key: Option<Cow<'a, str>> = SuffixToKey;
        letters_after_names: Option<Cow<'a, str>> = LettersAfterNames;
        titles_after_names: Option<Cow<'a, str>> = TitlesAfterNames;
        corporate_name: Option<Cow<'a, str>> = CorporateName;
        corporate_name_inverted: Option<Cow<'a, str>> = CorporateNameInverted;
        unnamed_persons: Option<Cow<'a, str>> = UnnamedPersons;
        alternative_names: Vec<Contributor<'a>> = AlternativeName;
        biographical_notes: Vec<MarkedText<'a>> = BiographicalNote;
        contributor_description: Option<Cow<'a, str>> = ContributorDescription;
    }

    /// `Language` (P.10)
    Language {
        language_role: Option<Cow<'a, str>> = LanguageRole;
        language_code: Option<Cow<'a, str>> = LanguageCode;
        country_code: Option<Cow<'a, str>> = CountryCode;
        script_code: Option<Cow<'a, str>> = ScriptCode;
    }

    /// `Extent` (P.11)
    Extent {
        extent_type: Option<Cow<'a, str>> = ExtentType;
        extent_value: Option<Cow<'a, str>> = ExtentValue;
        extent_value_roman: Option<Cow<'a, str>> = ExtentValueRoman;
        extent_unit: Option<Cow<'a, str>> = ExtentUnit;
    }

    /// `Subject` (P.12)
    Subject {
        main_subject: bool = MainSubject;
        subject_scheme_identifier: Option<Cow<'a, str>> = SubjectSchemeIdentifier | MainSubjectSchemeIdentifier;
        subject_scheme_name: Option<Cow<'a, str>> = SubjectSchemeName;
        subject_scheme_version: Option<Cow<'a, str>> = SubjectSchemeVersion;
        subject_code: Option<Cow<'a, str>> = SubjectCode;
        subject_heading_texts: Vec<Cow<'a, str>> = SubjectHeadingText;
    }

    /// `Audience` (P.13)
    Audience {
        audience_code_type: Option<Cow<'a, str>> = AudienceCodeType;
        audience_code_type_name: Option<Cow<'a, str>> = AudienceCodeTypeName;
        audience_code_value: Option<Cow<'a, str>> = AudienceCodeValue;
    }

    /// `AudienceRange` (P.13)
    AudienceRange {
        audience_range_qualifier: Option<Cow<'a, str>> = AudienceRangeQualifier;
        audience_range_precisions: Vec<Cow<'a, str>> = AudienceRangePrecision;
        audience_range_values: Vec<Cow<'a, str>> = AudienceRangeValue;
    }
}

impl<'a> TitleDetail<'a> {
    /// The title and subtitle it comes to: of the product's level, else the collection item's,
    /// else whatever has text.
    pub fn title(&self) -> Option<(Cow<'a, str>, Option<Cow<'a, str>>)> {
        let at = |level: &str| {
            self.title_elements
                .iter()
                .filter(|element| element.title_element_level.as_deref() == Some(level))
                .find_map(TitleElement::title)
        };
        at("01")
            .or_else(|| at("03"))
            .or_else(|| self.title_elements.iter().find_map(TitleElement::title))
    }
}

impl<'a> TitleElement<'a> {
    /// The title with its prefix, and its subtitle.
    pub fn title(&self) -> Option<(Cow<'a, str>, Option<Cow<'a, str>>)> {
        let title = match (
            &self.title_text,
            &self.title_prefix,
            &self.title_without_prefix,
        ) {
            (Some(text), _, _) => text.clone(),
            (None, Some(prefix), Some(rest)) => {
                // L'été, not L' été.
                let space = match prefix.ends_with(['\'', '\u{2019}']) {
                    true => "",
                    false => " ",
                };
                Cow::Owned(format!("{prefix}{space}{rest}"))
            }
            (None, None, Some(rest)) => rest.clone(),
            (None, Some(prefix), None) => prefix.clone(),
            (None, None, None) => return None,
        };
        Some((title, self.subtitle.clone()))
    }
}

impl<'a> Contributor<'a> {
    /// The name as one would print it.
    pub fn name(&self) -> Option<Cow<'a, str>> {
        let parts = [
            &self.titles_before_names,
            &self.names_before_key,
            &self.prefix_to_key,
            &self.key_names,
            &self.names_after_key,
            &self.suffix_to_key,
        ];
        let built = || {
            let parts: Vec<&str> = parts.iter().filter_map(|part| part.as_deref()).collect();
            (!parts.is_empty()).then(|| Cow::Owned(parts.join(" ")))
        };
        self.person_name
            .clone()
            .or_else(|| self.key_names.as_ref().and_then(|_| built()))
            .or_else(|| self.corporate_name.clone())
            .or_else(|| self.person_name_inverted.clone())
            .or_else(|| self.corporate_name_inverted.clone())
            .or_else(built)
            .or_else(|| {
                let code = self.unnamed_persons.as_ref()?;
                Some(Cow::Owned(format!("unnamed:{code}")))
            })
    }
}
