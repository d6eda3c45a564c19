//! Block 3, `ContentDetail`: the parts of the product's content.

use std::borrow::Cow;

use super::composite::composite;
use super::descriptive::{Contributor, EpubUsageConstraint, Identifier, Subject, TitleDetail};

composite! {
    /// `ContentDetail` (block 3).
    ContentDetail {
        content_items: Vec<ContentItem<'a>> = ContentItem;
    }

    /// `ContentItem` (P.18)
    ContentItem {
        level_sequence_number: Option<Cow<'a, str>> = LevelSequenceNumber;
        text_item: Option<TextItem<'a>> = TextItem;
        av_item: Option<AvItem<'a>> = AVItem;
        epub_usage_constraints: Vec<EpubUsageConstraint<'a>> = EpubUsageConstraint;
        component_type_name: Option<Cow<'a, str>> = ComponentTypeName;
        component_number: Option<Cow<'a, str>> = ComponentNumber;
        title_details: Vec<TitleDetail<'a>> = TitleDetail;
        contributors: Vec<Contributor<'a>> = Contributor;
        contributor_statements: Vec<Cow<'a, str>> = ContributorStatement;
        subjects: Vec<Subject<'a>> = Subject;
    }

    /// `TextItem` (P.18)
    TextItem {
        text_item_type: Option<Cow<'a, str>> = TextItemType;
        text_item_identifiers: Vec<Identifier<'a>> = TextItemIdentifier;
        page_runs: Vec<PageRun<'a>> = PageRun;
        number_of_pages: Option<Cow<'a, str>> = NumberOfPages;
    }

    /// `PageRun` (P.18)
    PageRun {
        first_page_number: Option<Cow<'a, str>> = FirstPageNumber;
        last_page_number: Option<Cow<'a, str>> = LastPageNumber;
    }

    /// `AVItem` (P.18)
    AvItem {
        av_item_type: Option<Cow<'a, str>> = AVItemType;
        av_item_identifiers: Vec<Identifier<'a>> = AVItemIdentifier;
        time_runs: Vec<TimeRun<'a>> = TimeRun;
        av_duration: Option<Cow<'a, str>> = AVDuration;
    }

    /// `TimeRun` (P.18)
    TimeRun {
        start_time: Option<Cow<'a, str>> = StartTime;
        end_time: Option<Cow<'a, str>> = EndTime;
    }
}
