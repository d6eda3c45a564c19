//! Where catalogue and platform differ, on a sample, and why.

use serde::Serialize;

use super::selling::Shop;
use crate::error::Result;
use crate::input::{Inputs, Item, ReadOptions, receive};
use crate::model::{Judgement, Moment, SaleRequest, Verdict};
use crate::platform::Simulation;
use crate::sale::{self, Offers};

/// What is asked, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditOptions {
    /// Offers to ask about.
    pub sample: usize,
    /// Calls that may be made.
    pub max_calls: u64,
    /// The moment at which the catalogue is asked.
    pub at: Moment,
}

/// Why the two differ, or that they don't.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Cause {
    /// They say the same.
    Agrees,
    /// The platform's record is another one: with it the catalogue would say the same.
    Stale,
    /// The platform knows no such publication, or not for this organisation.
    Gone,
    /// The catalogue doesn't know enough to say.
    Undecided,
    /// With the platform's own record the catalogue still says something else: a rule is wrong, or the platform knows more.
    Rule,
    /// The catalogue has no such publication.
    Missing,
    /// No more calls could be made to find out.
    Unasked,
}

/// An offer that was asked about.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Audited {
    /// `RecordReference`
    pub record_reference: String,
    /// What was asked.
    #[serde(flatten)]
    pub asked: Asked,
    /// What the catalogue says.
    pub local: Judgement,
    /// By which words.
    pub local_codes: Vec<&'static str>,
    /// What the platform says: `valid`, or the words of its refusal.
    pub platform: Vec<String>,
    /// Why they differ.
    pub cause: Cause,
}

/// The parameters of what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the platform's parameters")]
pub struct Asked {
    pub id: String,
    pub format: Option<String>,
    pub protection: Option<String>,
    pub cost: Option<String>,
    pub currency: Option<String>,
    pub country: Option<String>,
    pub price_type: Option<String>,
}

impl Asked {
    fn of(request: &SaleRequest) -> Self {
        Self {
            id: request.id.clone(),
            format: request.format.clone(),
            protection: request.protection.clone(),
            cost: request.cost.clone(),
            currency: request.currency.clone(),
            country: request.country.clone(),
            price_type: request.price_type.clone(),
        }
    }
}

impl Shop {
    /// Asks the platform about offers from all over the catalogue, and where it says something else than the catalogue,
    /// for its record of that publication, to tell an old record from a wrong rule.
    ///
    /// # Errors
    /// Where the platform can't be asked at all.
    pub fn audit(&self, options: &AuditOptions) -> Result<Vec<Audited>> {
        let keys = self.catalogue().keys();
        let own = self.source()?.to_owned();
        let keys: Vec<_> = keys
            .into_iter()
            .filter(|(source, _)| *source == own)
            .collect();
        let mut left = options.max_calls;
        let mut out = Vec::new();
        let n = options.sample.min(keys.len());
        for at in 0..n {
            // Evenly over the whole of it.
            let (source, reference) = &keys[at * keys.len() / n];
            let Some(request) = self.request_of(source, reference, at, options.at)? else {
                continue;
            };
            if left == 0 {
                break;
            }
            left -= 1;
            out.push(self.compared(reference, &request, &mut left)?);
        }
        Ok(out)
    }

    /// A sale of one of a product's offers, a different one each time.
    fn request_of(
        &self,
        source: &str,
        reference: &str,
        n: usize,
        at: Moment,
    ) -> Result<Option<SaleRequest>> {
        let Some(kept) = self.catalogue().keyed(source, reference)? else {
            return Ok(None);
        };
        let entry = &kept.entry;
        let identifier = entry.identifiers.first().map(|one| one.value.as_str());
        let id = entry.isbn13.as_deref().or(identifier).unwrap_or(reference);
        let rows = kept.offers()?.rows(self.account());
        let requests = rows
            .iter()
            .filter_map(|offer| SaleRequest::of_offer(id, offer, None, self.account(), at));
        let requests: Vec<_> = requests.collect();
        Ok(match requests.is_empty() {
            true => None,
            false => requests.into_iter().cycle().nth(n % rows.len()),
        })
    }

    /// Asks the platform about a sale, and where it says something else than the catalogue, for its record of that
    /// publication: two calls at most.
    pub fn compare(&self, request: &SaleRequest) -> Result<Audited> {
        let known = self.catalogue().product(&request.id, None)?;
        let reference = known
            .first()
            .map(|kept| kept.entry.record_reference.clone());
        self.compared(&reference.unwrap_or_default(), request, &mut 1)
    }

    fn compared(&self, reference: &str, request: &SaleRequest, left: &mut u64) -> Result<Audited> {
        let verdict = self.check(request)?;
        let simulation = self.simulate(request)?;
        let cause = match agrees(&verdict, &simulation) {
            true => Cause::Agrees,
            false => self.cause(reference, request, &verdict, &simulation, left)?,
        };
        Ok(Audited {
            record_reference: reference.to_owned(),
            asked: Asked::of(request),
            local: verdict.verdict,
            local_codes: verdict.codes.iter().map(|code| code.as_str()).collect(),
            platform: match simulation {
                Simulation::Valid => vec!["valid".to_owned()],
                Simulation::Refused(codes) => codes,
            },
            cause,
        })
    }

    fn cause(
        &self,
        reference: &str,
        request: &SaleRequest,
        verdict: &Verdict,
        simulation: &Simulation,
        left: &mut u64,
    ) -> Result<Cause> {
        if reference.is_empty() {
            return Ok(Cause::Missing);
        }
        if matches!(simulation, Simulation::Refused(codes) if codes == &["not_found"]) {
            return Ok(Cause::Gone);
        }
        if *left == 0 {
            return Ok(Cause::Unasked);
        }
        *left -= 1;
        let page = match self.client().one(&request.id, self.account().format) {
            Ok(answer) => answer.value,
            Err(error) if error.is_code("not_found") => return Ok(Cause::Gone),
            Err(error) => return Err(error),
        };
        let fresh = offers_of(page.bytes, reference)?;
        let fresh: Vec<&Offers> = fresh.iter().collect();
        if fresh.is_empty() {
            return Ok(Cause::Gone);
        }
        let with_fresh = sale::check(request, &fresh, self.account());
        Ok(match agrees(&with_fresh, simulation) {
            true => Cause::Stale,
            false if verdict.verdict == Judgement::Unknown => Cause::Undecided,
            false => Cause::Rule,
        })
    }
}

/// What may be sold of a product, from a page that has it.
fn offers_of(page: Vec<u8>, reference: &str) -> Result<Vec<Offers>> {
    let mut out = Vec::new();
    receive(
        &Inputs::from_bytes("one publication", page),
        &ReadOptions {
            threads: 1,
            ..ReadOptions::default()
        },
        |received| {
            let is_it = received.record_reference().as_deref() == Some(reference);
            is_it.then(|| received.offers())
        },
        |item| {
            if let Item::Record(Some(offers)) = item {
                out.push(offers);
            }
            Ok(())
        },
    )?;
    Ok(out)
}

/// Whether a verdict is the platform's: the same by the same words. What the catalogue doesn't know agrees with nothing.
pub fn agrees(verdict: &Verdict, simulation: &Simulation) -> bool {
    match (verdict.verdict, simulation) {
        (Judgement::Valid, Simulation::Valid) => true,
        (Judgement::Refused, Simulation::Refused(theirs)) => {
            let mut own: Vec<&str> = verdict.codes.iter().map(|code| code.as_str()).collect();
            let mut theirs: Vec<&str> = theirs.iter().map(String::as_str).collect();
            own.sort_unstable();
            theirs.sort_unstable();
            own == theirs
        }
        _ => false,
    }
}
