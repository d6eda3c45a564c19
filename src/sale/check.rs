//! The check: what the platform would answer to a request, and why.

mod near;
mod parameters;
mod price;
mod record;

use crate::model::{
    Account, Code, Cost, Country, Currency, Format, Judgement, NoticeText, Protection, Reason,
    RecordVerdict, SaleRequest, Verdict, trimmed,
};

#[cfg(feature = "index")]
use crate::model::Near;

use super::offers_ref::OffersRef;
use super::price::Terms;

/// What the platform would answer to this request, as far as these records of its identifier tell.
///
/// The records are those of one publication's identifier, in any order; an empty slice is a
/// publication that nobody knows. Nothing here looks at a clock: the moment is the request's.
///
/// Of offers in a [`Table`](super::Table), reasons lack the values of elements and their bytes.
pub fn check<'r, R>(request: &SaleRequest, records: &[R], account: &Account) -> Verdict
where
    R: Copy,
    OffersRef<'r>: From<R>,
{
    let records: Vec<_> = records.iter().map(|one| (*one).into()).collect();
    Check::new(request, account, true).verdict(&records)
}

/// What would be taken of another product than the one asked for: of the e-book with this identifier that a
/// print ISBN leads to.
#[cfg(feature = "index")]
pub(crate) fn near_of(
    request: &SaleRequest,
    id: &str,
    record: OffersRef<'_>,
    account: &Account,
) -> Vec<Near> {
    let mut check = Check::new(request, account, true);
    check.other = Some(id);
    check.parameters();
    check.near(&[record])
}

/// The same as [`judge`], with what is worth telling besides.
#[cfg(feature = "index")]
pub(crate) fn judge_with_notices(
    request: &SaleRequest,
    records: &[OffersRef<'_>],
    account: &Account,
) -> Verdict {
    let mut check = Check::new(request, account, true);
    check.looks_around = false;
    let mut verdict = check.verdict(records);
    verdict.reasons.clear();
    verdict
}

/// Whether, and with which codes; no reasons, nothing near. Of offers as they are or in a
/// [`Table`](super::Table), which take a tenth of the memory and are judged where they lie.
pub fn judge<'r, R>(request: &SaleRequest, records: &[R], account: &Account) -> Verdict
where
    R: Copy,
    OffersRef<'r>: From<R>,
{
    let check = Check::new(request, account, false);
    match records {
        [one] => check.verdict(&[(*one).into()]),
        several => check.verdict(&several.iter().map(|one| (*one).into()).collect::<Vec<_>>()),
    }
}

/// The groups of codes, in the order in which the platform is taken to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    /// Is there such a publication?
    Publication,
    /// Are all parameters there and of the right form?
    Parameters,
    /// Is there such a file: format and protection?
    File,
    /// May it be sold here and now?
    Sale,
    /// Is it the price?
    Price,
}

/// The order of the groups; the first that isn't empty answers.
const ORDER: [Group; 5] = [
    Group::Publication,
    Group::Parameters,
    Group::File,
    Group::Sale,
    Group::Price,
];

/// One rule that refused, or could not decide.
///
/// One that neither refuses nor misses anything tells of a statement that isn't there.
#[derive(Debug, Clone)]
struct Finding {
    group: Group,
    /// `None`: the rule leaves it open.
    refuses: bool,
    code: Option<Code>,
    missing: Option<&'static str>,
    reason: Option<Reason>,
}

/// What a request comes to, parameter by parameter.
#[derive(Clone, Copy, Default)]
struct Asked {
    format: Option<Format>,
    protection: Option<Protection>,
    drm_type: Option<&'static str>,
    cost: Option<Cost>,
    country: Option<Country>,
    currency: Option<Currency>,
}

#[derive(Clone)]
struct Check<'c> {
    request: &'c SaleRequest,
    account: &'c Account,
    explain: bool,
    /// Whether it says what would have been taken.
    looks_around: bool,
    /// The identifier of the product that is looked at, where it isn't the request's.
    other: Option<&'c str>,
    findings: Vec<Finding>,
    notices: Vec<NoticeText>,
    asked: Asked,
    /// Whether country, currency or type are such that prices can't be looked for.
    no_price: bool,
    /// The first supplier of the record that stands for sale.
    first_fine: Option<usize>,
}

/// What a parameter gives, if it gives anything.
fn present(parameter: &Option<String>) -> Option<&str> {
    Some(trimmed(parameter.as_deref()?)).filter(|text| !text.is_empty())
}

impl<'c> Check<'c> {
    fn new(request: &'c SaleRequest, account: &'c Account, explain: bool) -> Self {
        Self {
            request,
            account,
            explain,
            looks_around: explain,
            other: None,
            findings: Vec::new(),
            notices: Vec::new(),
            asked: Asked::default(),
            no_price: false,
            first_fine: None,
        }
    }

    fn verdict(mut self, records: &[OffersRef<'_>]) -> Verdict {
        self.parameters();
        if records.is_empty() {
            self.not_found();
            return self.close(None);
        }
        let chosen = self.choose(records);
        if !self.looks_around {
            return self.of_chosen(records, &chosen);
        }
        let mut verdict = self.clone().of_chosen(records, &chosen);
        if verdict.verdict != Judgement::Valid {
            verdict.near = self.near(records);
        }
        verdict
    }

    fn of_chosen(self, records: &[OffersRef<'_>], chosen: &[OffersRef<'_>]) -> Verdict {
        match chosen {
            [] => self.close(records.first()),
            [one] => self.one(*one),
            several => self.several(several),
        }
    }

    fn not_found(&mut self) {
        // Without an identifier nothing was looked for: that was told already.
        if trimmed(&self.request.id).is_empty() {
            return;
        }
        let code = Some(Code::NotFound);
        self.refuse(Group::Publication, code, "publication", |reason, check| {
            reason.parameter = Some("isbn");
            reason.given = Some(check.request.id.clone());
            reason.expected = Some("a publication of the catalogue".into());
        });
    }

    /// What this request comes to with one record.
    fn one(mut self, record: OffersRef<'_>) -> Verdict {
        self.record(&record);
        self.close(Some(&record))
    }

    /// Several records of one identifier and format: they must agree.
    fn several(&self, records: &[OffersRef<'_>]) -> Verdict {
        let mut each: Vec<Verdict> = records
            .iter()
            .map(|record| self.clone().one(*record))
            .collect();
        let (first, others) = each.split_first().expect("there are several");
        let agree = others
            .iter()
            .all(|other| other.verdict == first.verdict && other.codes == first.codes);
        let all: Vec<_> = each.iter().flat_map(|one| one.records.clone()).collect();
        let reasons: Vec<_> = each.iter().flat_map(|one| one.reasons.clone()).collect();
        let mut missing: Vec<_> = each.iter().flat_map(|one| one.missing.clone()).collect();
        missing.sort_unstable();
        missing.dedup();
        let mut verdict = each.swap_remove(0);
        verdict.records = all;
        verdict.missing = missing;
        if !agree {
            verdict.verdict = Judgement::Unknown;
            verdict.codes.clear();
            verdict.also.clear();
            verdict.missing = vec!["record"];
            verdict.reasons = reasons;
        }
        verdict
    }

    /// What is asked of a price.
    fn terms(&self) -> Terms<'c> {
        Terms {
            country: self.asked.country,
            currency: self.asked.currency,
            price_type: present(&self.request.price_type),
            protection: self
                .asked
                .protection
                .map(|protection| (protection, self.asked.drm_type)),
            at: self.request.at,
            account: self.account,
        }
    }

    fn refuse(
        &mut self,
        group: Group,
        code: Option<Code>,
        rule: &'static str,
        fill: impl FnOnce(&mut Reason, &Self),
    ) {
        let reason = self.reason(code, rule, fill);
        self.findings.push(Finding {
            group,
            refuses: true,
            code,
            missing: None,
            reason,
        });
    }

    fn leave_open(
        &mut self,
        group: Group,
        missing: &'static str,
        rule: &'static str,
        fill: impl FnOnce(&mut Reason, &Self),
    ) {
        let reason = self.reason(None, rule, fill);
        self.findings.push(Finding {
            group,
            refuses: false,
            code: None,
            missing: Some(missing),
            reason,
        });
    }

    fn reason(
        &self,
        code: Option<Code>,
        rule: &'static str,
        fill: impl FnOnce(&mut Reason, &Self),
    ) -> Option<Reason> {
        self.explain.then(|| {
            let mut reason = Reason {
                code,
                rule,
                ..Reason::default()
            };
            fill(&mut reason, self);
            reason
        })
    }

    fn notice(&mut self, code: &'static str, message: impl FnOnce() -> String) {
        if self.explain {
            self.notices.push(NoticeText {
                code,
                message: message(),
            });
        }
    }

    /// How old a record is, in seconds, at the moment of the request.
    fn age(&self, record: &OffersRef<'_>) -> Option<i64> {
        let sent = record.sent_at(self.account)?;
        Some(self.request.at.as_unix() - sent.as_unix())
    }

    /// Whether a record is older than the account wants to rely on.
    fn is_too_old(&self, record: &OffersRef<'_>) -> bool {
        let Some(max_age) = self.account.max_age_s else {
            return false;
        };
        let most = i64::try_from(max_age).unwrap_or(i64::MAX);
        self.age(record).is_none_or(|age| age > most)
    }

    fn too_old(&mut self, record: &OffersRef<'_>) {
        let max_age = self.account.max_age_s.unwrap_or_default();
        self.leave_open(Group::Sale, "fresh_record", "max_age", |reason, _| {
            reason.expected = Some(format!("a record of the last {max_age} s"));
            reason.element = record.elements.sent;
            reason.value = record.sent().map(str::to_owned);
        });
    }

    fn outdated(&mut self) {
        self.leave_open(Group::Sale, "fresh_record", "outdated", |reason, _| {
            reason.expected = Some("the later record of it, which couldn't be read".into());
        });
    }

    /// Adds the findings up.
    fn close(mut self, record: Option<&OffersRef<'_>>) -> Verdict {
        let mut refused = self.findings.iter().any(|finding| finding.refuses);
        let is_too_old = record.is_some_and(|record| self.is_too_old(record));
        let is_outdated = record.is_some_and(OffersRef::is_outdated);
        if let Some(record) = record.filter(|_| is_too_old || is_outdated) {
            if is_too_old {
                self.too_old(record);
            }
            if is_outdated {
                self.outdated();
            }
            // What is wrong with the request itself stays wrong, however old the record.
            refused = self
                .findings
                .iter()
                .any(|finding| finding.refuses && finding.group <= Group::Parameters);
        }
        let missing = self.missing();
        let verdict = match () {
            () if refused => Judgement::Refused,
            () if !missing.is_empty() => Judgement::Unknown,
            () => Judgement::Valid,
        };
        let (codes, also) = match verdict {
            Judgement::Refused => self.codes(),
            _ => (Vec::new(), Vec::new()),
        };
        let of_record = |record: &OffersRef<'_>| RecordVerdict {
            record_reference: record.shared_reference(),
            verdict,
            codes: codes.clone(),
        };
        let findings = self.findings.iter_mut();
        Verdict {
            verdict,
            records: record.into_iter().map(of_record).collect(),
            also,
            reasons: findings
                .filter_map(|finding| finding.reason.take())
                .collect(),
            missing,
            near: Vec::new(),
            notices: std::mem::take(&mut self.notices),
            source: None,
            sent: record.and_then(|record| record.shared_sent().cloned()),
            age_s: record.and_then(|record| self.age(record)),
            at: self.request.at,
            dialect: self.account.dialect,
            codes,
        }
    }

    /// What would have to be known, sorted.
    fn missing(&self) -> Vec<&'static str> {
        let mut missing: Vec<_> = self
            .findings
            .iter()
            .filter_map(|finding| finding.missing)
            .collect();
        missing.sort_unstable();
        missing.dedup();
        missing
    }

    /// The codes of the first group that has any, and those of the others, both sorted.
    fn codes(&self) -> (Vec<Code>, Vec<Code>) {
        let of = |group: &Group| {
            let mut codes: Vec<Code> = self
                .findings
                .iter()
                .filter(|finding| finding.group == *group)
                .filter_map(|finding| finding.code)
                .collect();
            codes.sort_unstable();
            codes.dedup();
            codes
        };
        let mut groups = ORDER.iter().map(of).filter(|codes| !codes.is_empty());
        let codes = groups.next().unwrap_or_default();
        let mut also: Vec<Code> = groups.flatten().collect();
        also.sort_unstable();
        also.dedup();
        also.retain(|code| !codes.contains(code));
        (codes, also)
    }
}
