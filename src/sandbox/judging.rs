//! Whether a sale is taken: the library's own check of the stand-in's products, and the platform's words for what it finds.
//!
//! The check leaves open what a record doesn't tell; the platform always answers. So what isn't known counts as fine here, and is
//! refused by a strict stand-in only. Where no document prints a code for a fault, the one that comes nearest to it is
//! answered: [`word`] is the table of those choices.

use std::sync::Arc;

use super::clock::second;
use super::organisation::Organisation;
use super::state::{Asked, Outcome, State};
use super::stored::Stored;
use super::words::Refusal;
use crate::model::{
    Accepted, Account, Code, Country, Kind, Moment, Near, Protection, Protections, Reason,
    SaleRequest,
};
use crate::sale::{Offers, check, sentence};

/// What is looked at together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Publication,
    Parameters,
    File,
    Standing,
    Price,
}

/// In which order; all codes of the first that has any are answered. Whether there is such a sale already is looked at
/// last. No document tells the order.
const ORDER: [Group; 5] = [
    Group::Publication,
    Group::Parameters,
    Group::File,
    Group::Standing,
    Group::Price,
];

/// How many groups there are.
const GROUPS: usize = ORDER.len();

/// What was asked for and is taken.
pub(super) struct Taken {
    pub(super) request: SaleRequest,
    pub(super) product: Arc<Stored>,
    /// Whether it is locked with LCP.
    pub(super) is_lcp: bool,
}

/// What one product comes to: the words of each group, in their order.
type Words = [Vec<&'static str>; GROUPS];

/// Judges a request against what its organisation sees.
///
/// Of several products of one identifier the one that comes furthest answers.
pub(super) fn judge(state: &State, asked: &Asked<'_>, kind: Kind) -> Outcome<Taken> {
    let request = request(state, asked, kind);
    let organisation = &state.organisations[asked.organisation];
    let judging = Judging {
        account: account(state, organisation),
        has_lcp: organisation.lcp,
        request: &request,
    };
    let products = state
        .stock
        .products_of(&request.id, &organisation.publishers);
    let judged = products.into_iter().filter_map(|product| {
        let offers = product.offers()?;
        let is_lcp = judging.is_lcp(offers.protections());
        let words = judging.of_product(&offers, is_lcp);
        Some((progress(&words), product, words, is_lcp))
    });
    let furthest = judged.reduce(|one, other| if other.0 > one.0 { other } else { one });
    match furthest {
        Some((GROUPS, product, _, is_lcp)) => Ok(Taken {
            request,
            product,
            is_lcp,
        }),
        Some((_, product, words, is_lcp)) => {
            let refusal = refusal(&words);
            Err(judging.explained(refusal, &product, is_lcp))
        }
        None if request.id.is_empty() => Err(refusal(&judging.words(&[]))),
        None => Err(explained_unknown(state, asked, &judging)),
    }
}

/// How many groups have nothing against it, up to the first that has.
fn progress(words: &Words) -> usize {
    let first = words.iter().position(|group| !group.is_empty());
    first.unwrap_or(GROUPS)
}

fn refusal(words: &Words) -> Refusal {
    let codes = words.iter().find(|group| !group.is_empty());
    match codes.map(Vec::as_slice) {
        None | Some(["not_found"]) => Refusal::not_found(),
        Some(codes) => Refusal::of_codes(400, codes),
    }
}

fn request(state: &State, asked: &Asked<'_>, kind: Kind) -> SaleRequest {
    let at = Moment::from_unix(second(state.clock.now()));
    let request = SaleRequest::new(kind, asked.route.id.as_str(), at);
    let given = asked.request.parameters().into_iter();
    let given = given.filter(|(_, value)| !value.is_empty());
    given.rev().fold(request, |mut request, (name, value)| {
        if let Some(parameter) = request.parameter_mut(&name) {
            *parameter = Some(value);
        }
        request
    })
}

/// The account of an organisation, as the check wants to have it.
fn account(state: &State, organisation: &Organisation) -> Account {
    Account {
        dialect: state.switches.dialect,
        strict: state.strict,
        country: organisation.country.as_deref().and_then(Country::parse),
        cost_without_taxes: organisation.eden,
        price_code: state.switches.price_code,
        ..Account::default()
    }
}

/// A request, and as whose it is judged.
struct Judging<'r> {
    account: Account,
    has_lcp: bool,
    request: &'r SaleRequest,
}

impl Judging<'_> {
    /// What the platform says to it, group by group.
    fn words(&self, records: &[&Offers]) -> Words {
        let verdict = check(self.request, records, &self.account);
        let mut words = Words::default();
        for reason in &verdict.reasons {
            if let Some(word) = word(reason, self.account.strict) {
                add(&mut words, group(reason), word);
            }
        }
        words
    }

    /// The same of one product: with LCP only some organisations sell.
    fn of_product(&self, offers: &Offers, is_lcp: bool) -> Words {
        let mut words = self.words(&[offers]);
        if is_lcp && !self.has_lcp {
            add(&mut words, Group::File, Code::InvalidProtection.as_str());
        }
        words
    }

    /// The refusal of a product, with the reasons and the offer that would have been taken instead.
    fn explained(&self, mut refusal: Refusal, product: &Stored, is_lcp: bool) -> Refusal {
        let Some(offers) = product.offers() else {
            return refusal;
        };
        let verdict = check(self.request, &[&*offers], &self.account);
        let is_answered = |reason: &&Reason| {
            word(reason, self.account.strict)
                .is_some_and(|word| refusal.codes.iter().any(|code| code == word))
        };
        let because: Vec<String> = verdict
            .reasons
            .iter()
            .filter(is_answered)
            .map(sentence)
            .collect();
        because
            .into_iter()
            .for_each(|clause| refusal.why.because(clause));
        let is_about_protection = refusal
            .codes
            .iter()
            .any(|code| code == Code::InvalidProtection.as_str());
        if is_lcp && !self.has_lcp && is_about_protection {
            refusal = refusal
                .because("the organisation doesn't sell with LCP: seed it with \"lcp\": true");
        }
        match verdict.near.iter().find(|near| self.may_sell(near)) {
            Some(near) => self.taken_with(refusal, near),
            None => refusal,
        }
    }

    /// Whether the organisation sells with a lock that the offer has: with LCP only some do.
    fn may_sell(&self, near: &Near) -> bool {
        let protections = near.offer.protections;
        let is_lcp = protections.accept(Protection::Drm, Some("lcp")) == Accepted::Yes;
        self.has_lcp || !is_lcp || protections.words() != [Protection::Drm.as_str()]
    }

    /// The refusal with what of an offer differs from what was asked.
    fn taken_with(&self, refusal: Refusal, near: &Near) -> Refusal {
        let SaleRequest {
            id, country, at, ..
        } = self.request;
        let country = country.as_deref().and_then(Country::parse);
        let offered = SaleRequest::of_offer(id, &near.offer, country, &self.account, *at);
        let Some(offered) = offered else {
            return refusal;
        };
        let refusal = match &near.id {
            Some(id) => refusal.taken_with("publication", id.as_str()),
            None => refusal,
        };
        let differing = offered
            .parameters()
            .filter(|(name, _)| near.differs.contains(name));
        differing.fold(refusal, |refusal, (name, value)| {
            refusal.taken_with(name, value)
        })
    }

    /// Whether it asks for LCP: by name, or for any lock of a book that has this one and not Adobe's.
    fn is_lcp(&self, protections: Protections) -> bool {
        let protection = self.request.protection.as_deref();
        let protection = protection.and_then(Protection::from_word);
        if !matches!(
            protection,
            Some(Protection::Drm | Protection::DrmTimeLimited)
        ) {
            return false;
        }
        let accepts = |drm_type| protections.accept(Protection::Drm, Some(drm_type));
        match self.request.drm_type.as_deref() {
            Some(drm_type) => drm_type.trim().eq_ignore_ascii_case("lcp"),
            None => accepts("acs") == Accepted::No && accepts("lcp") == Accepted::Yes,
        }
    }
}

/// Of an identifier that leads to nothing here.
fn explained_unknown(state: &State, asked: &Asked<'_>, judging: &Judging<'_>) -> Refusal {
    Refusal {
        why: state.unknown_publication(asked).why,
        ..refusal(&judging.words(&[]))
    }
}

fn add(words: &mut Words, group: Group, word: &'static str) {
    let at = ORDER.iter().position(|one| *one == group);
    let at = at.expect("every group has its place in the order");
    if !words[at].contains(&word) {
        words[at].push(word);
    }
}

/// What the fault of a rule is looked at together with.
fn group(reason: &Reason) -> Group {
    match reason.rule {
        _ if reason.code == Some(Code::NotFound) => Group::Publication,
        "presence"
        | "country"
        | "currency"
        | "price_type"
        | "identifier_alphabet"
        | "uname"
        | "credit_card_prefix"
        | "sale_state" => Group::Parameters,
        "format" | "protection" | "drm_type" => Group::File,
        "price" | "price_row" | "cost" => Group::Price,
        _ => Group::Standing,
    }
}

/// The platform's words for what these reasons refuse, where no document has a code for any of it.
pub(crate) fn words_without_code(reasons: &[Reason]) -> Vec<&'static str> {
    let mut words: Vec<_> = reasons
        .iter()
        .filter_map(|reason| word(reason, false))
        .collect();
    words.dedup();
    words
}

/// The platform's word for a fault, `None` where it has nothing against it.
///
/// No document has a code for a name that is missing and for a prefix that is none, and a stand-in that isn't strict takes
/// both.
fn word(reason: &Reason, is_strict: bool) -> Option<&'static str> {
    if let Some(code) = reason.code {
        return Some(code.as_str());
    }
    let code = match (reason.rule, reason.parameter) {
        ("presence", _) => Code::InvalidSaleParameters,
        ("drm_type", _) => Code::InvalidProtection,
        ("identifier_alphabet", Some("customer_id")) => Code::MissingCustomerId,
        ("identifier_alphabet", _) => Code::MissingTransactionId,
        ("uname" | "credit_card_prefix", _) if is_strict => Code::InvalidSaleParameters,
        ("uname" | "credit_card_prefix", _) => return None,
        _ if !is_strict || !is_open(reason) => return None,
        ("format", _) => Code::InvalidFormat,
        ("protection", _) => Code::InvalidProtection,
        ("price" | "country", _) => Code::InvalidSaleParameters,
        _ => Code::CannotSell,
    };
    Some(code.as_str())
}

/// Whether a rule left something open; one that only tells of a statement that isn't there names neither.
fn is_open(reason: &Reason) -> bool {
    reason.expected.is_some() || reason.parameter.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(rule: &'static str, parameter: Option<&'static str>) -> Reason {
        Reason {
            rule,
            parameter,
            ..Reason::default()
        }
    }

    #[test]
    fn what_is_left_open_is_refused_by_a_strict_one_alone() {
        let open = reason("price", Some("cost"));
        assert_eq!(word(&open, false), None);
        assert_eq!(word(&open, true), Some("invalid_sale_parameters"));
        let told = reason("market", None);
        assert_eq!(word(&told, true), None);
        let stated = Reason {
            expected: Some("20".into()),
            ..reason("availability", None)
        };
        assert_eq!(word(&stated, true), Some("cannot_sell"));
    }

    #[test]
    fn the_first_group_that_has_codes_answers() {
        let mut words = Words::default();
        add(&mut words, Group::Price, "invalid_cost");
        add(&mut words, Group::File, "invalid_format");
        add(&mut words, Group::File, "invalid_protection");
        add(&mut words, Group::File, "invalid_format");
        let refusal = refusal(&words);
        assert_eq!(refusal.codes, ["invalid_format", "invalid_protection"]);
        assert_eq!((refusal.status, progress(&words)), (400, 2));
    }
}
