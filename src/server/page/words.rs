//! What the page says, in each of its languages. A language that lacks a word doesn't build.

mod en;
mod es;
mod fr;

use crate::model::{Judgement, Reason, Status};
use crate::sale::{self, Phrases};

/// The languages, by their tags.
pub(in crate::server) const ALL: [&Words; 3] = [&en::WORDS, &fr::WORDS, &es::WORDS];

macro_rules! words {
    ($($name:ident)*) => {
        /// All that the page says in one language.
        #[derive(Debug)]
        pub(in crate::server) struct Words {
            $(pub(super) $name: &'static str,)*
            /// What a reason of a verdict says.
            reasons: Phrases,
        }
    };
}

words! {
    tag name
    skip catalogue search search_hint changes sellable_question light light_auto light_bright light_dark language api
    products synchronised never_synchronised ago_minutes ago_hours ago_days
    country anywhere currency offered_to consumers libraries everybody for_sale_only anything
    order by_relevance by_title by_date by_price one_per_work filter remove clear narrow found found_one nothing_found try_less did_you_mean
    next_page first_page newest incomplete rows_more date
    format protection publisher contributor series subject price status accessibility audience source
    status_sale status_preorder status_later status_no status_unknown no_price
    protection_none protection_watermark protection_acs4 protection_acs4_timelimited protection_drm protection_drm_timelimited
    not_found not_found_hint found_by_related outdated no_title
    facts contributors imprint identifiers dates form texts other_formats related_products similar
    where_sold where_sold_in where_hint share_of europe north_america central_america south_america africa asia oceania
    offers offers_in offers_hint amount price_type valid territory check_it from until in_force no_offers not_kept
    prices_by_date moment apply taxes_in taxes_out countries supplier record sent as_json
    check_hint identifier more_parameters ask fill_from filled verdict_valid verdict_refused verdict_unknown
    verdict_valid_hint verdict_refused_hint verdict_unknown_hint because not_known would_be_taken differs also notes as_of minor_unit
    kind kind_simulation kind_sale kind_preorder
    changes_since changes_hint changes_none changes_more since_day since_week since_month what before after
    change_added change_removed change_price change_territory change_protection change_status change_text
    wrong back
    js_suggestions footer just_now publishing_status
    open_agreement open_availability open_record_age open_market_status open_notification
    open_publication_state open_outlet open_restriction open_rights
    role_author role_illustrator role_photographer role_editor role_translator role_reader role_foreword
}

impl Words {
    /// The words of a tag, such as `fr`.
    pub(in crate::server) fn of(tag: &str) -> Option<&'static Self> {
        ALL.into_iter().find(|words| words.tag == tag)
    }

    pub(super) fn status(&self, status: Status) -> &'static str {
        match status {
            Status::Sale => self.status_sale,
            Status::Preorder => self.status_preorder,
            Status::Later => self.status_later,
            Status::No => self.status_no,
            Status::Unknown => self.status_unknown,
        }
    }

    pub(super) fn verdict(&self, verdict: Judgement) -> (&'static str, &'static str) {
        match verdict {
            Judgement::Valid => (self.verdict_valid, self.verdict_valid_hint),
            Judgement::Refused => (self.verdict_refused, self.verdict_refused_hint),
            Judgement::Unknown => (self.verdict_unknown, self.verdict_unknown_hint),
        }
    }

    /// A protection by the platform's word, which it is where this language has no other.
    pub(super) fn protection_word(&self, word: &'static str) -> &'static str {
        match word {
            "none" => self.protection_none,
            "watermark" => self.protection_watermark,
            "acs4" => self.protection_acs4,
            "acs4_timelimited" => self.protection_acs4_timelimited,
            "drm" => self.protection_drm,
            "drm_timelimited" => self.protection_drm_timelimited,
            other => other,
        }
    }

    /// What changed, by the word of it in JSON.
    pub(super) fn change(&self, what: &'static str) -> &'static str {
        match what {
            "added" => self.change_added,
            "removed" => self.change_removed,
            "price" => self.change_price,
            "territory" => self.change_territory,
            "protection" => self.change_protection,
            "status" => self.change_status,
            "text" => self.change_text,
            other => other,
        }
    }

    /// The name of a facet, a parameter or what isn't known for a verdict; the word itself, where there is none.
    pub(super) fn parameter<'n>(&'n self, name: &'n str) -> &'n str {
        match name {
            "format" => self.format,
            "protection" => self.protection,
            "language" => self.language,
            "publisher" => self.publisher,
            "contributor" => self.contributor,
            "series" => self.series,
            "subject" => self.subject,
            "price" => self.price,
            "status" => self.status,
            "accessibility" => self.accessibility,
            "audience" => self.audience,
            "source" => self.source,
            "country" => self.country,
            "currency" => self.currency,
            "for" => self.offered_to,
            "id" => self.identifier,
            "cost" | "amount" => self.amount,
            "price_type" => self.price_type,
            "territory" => self.territory,
            "date" => self.dates,
            "record" => self.record,
            "agreement" => self.open_agreement,
            "availability" => self.open_availability,
            "fresh_record" => self.open_record_age,
            "publishing_status" => self.publishing_status,
            "market_publishing_status" => self.open_market_status,
            "notification_type" => self.open_notification,
            "publication_state" => self.open_publication_state,
            "sales_outlet" => self.open_outlet,
            "sales_restriction" => self.open_restriction,
            "sales_rights" => self.open_rights,
            other => other,
        }
    }

    /// What somebody did, by the code of list 17; `None` where this language has no word for it.
    pub(super) fn role(&self, code: &str) -> Option<&'static str> {
        Some(match code {
            "A01" => self.role_author,
            "A12" => self.role_illustrator,
            "A13" => self.role_photographer,
            "A23" => self.role_foreword,
            "B01" => self.role_editor,
            "B06" => self.role_translator,
            "E03" | "E07" => self.role_reader,
            _ => return None,
        })
    }

    /// What a reason says, with the element that decided.
    pub(super) fn reason(&self, reason: &Reason) -> String {
        sale::told(reason, &self.reasons)
    }

    /// Something with its name before it.
    pub(super) fn named(&self, name: &str, value: &str) -> String {
        let space = if self.tag == "fr" { "\u{a0}" } else { "" };
        format!("{name}{space}: {value}")
    }

    /// Two numbers in the places of a sentence.
    pub(super) fn counted(&self, sentence: &str, one: &usize, other: &usize) -> String {
        let sentence = sentence.replacen("{}", &self.number(*one as u64), 1);
        sentence.replacen("{}", &self.number(*other as u64), 1)
    }

    /// How long ago something was.
    pub(super) fn ago(&self, seconds: i64) -> String {
        let (n, words) = match seconds.max(0) {
            0..60 => return self.just_now.to_owned(),
            seconds @ 60..5_400 => (seconds / 60, self.ago_minutes),
            seconds @ 5_400..172_800 => (seconds / 3_600, self.ago_hours),
            seconds => (seconds / 86_400, self.ago_days),
        };
        words.replace("{}", &n.to_string())
    }

    /// A number with its thousands apart.
    pub(super) fn number(&self, n: u64) -> String {
        let digits = n.to_string();
        let apart = if self.tag == "en" { "," } else { "\u{202f}" };
        let mut out = String::new();
        for (i, digit) in digits.char_indices() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) && digits.len() >= self.apart_from() {
                out.push_str(apart);
            }
            out.push(digit);
        }
        out
    }

    /// How many digits a number has whose thousands stand apart: in Spanish four don't.
    fn apart_from(&self) -> usize {
        if self.tag == "es" { 5 } else { 4 }
    }

    /// How many were found.
    pub(super) fn found(&self, n: u64) -> String {
        // Of none there is one in French.
        let is_one = n == 1 || n == 0 && self.tag == "fr";
        let sentence = if is_one { self.found_one } else { self.found };
        sentence.replacen("{}", &self.number(n), 1)
    }

    /// An amount as it is written in this language, with its currency's code: `EUR 9.99`, `9,99 EUR`.
    pub(super) fn money(&self, amount: &str, currency: Option<&str>) -> String {
        let currency = currency.unwrap_or_default();
        let text = match self.tag {
            "en" => format!("{currency}\u{a0}{amount}"),
            _ => format!("{}\u{a0}{currency}", amount.replace('.', ",")),
        };
        text.trim_matches('\u{a0}').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_has_a_name_in_every_language() {
        for open in [
            "agreement",
            "amount",
            "availability",
            "country",
            "currency",
            "date",
            "format",
            "fresh_record",
            "market_publishing_status",
            "notification_type",
            "price_type",
            "protection",
            "publication_state",
            "publishing_status",
            "record",
            "sales_outlet",
            "sales_restriction",
            "sales_rights",
            "territory",
        ] {
            for words in ALL {
                assert_ne!(words.parameter(open), open, "{}", words.tag);
            }
        }
    }
}
