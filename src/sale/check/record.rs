//! One record: is it the file asked for, and does it stand for sale?

use std::borrow::Cow;

use crate::model::{Accepted, Code, Format, Kind, Reason};

use super::super::offers::Offers;
use super::super::offers_ref::{OffersRef, Seller};
use super::super::rules::Effect;
use super::super::standing::{Objection, Purpose, Scene};
use super::{Check, Finding, Group, present};

/// Some of the records, or all of them as they came.
type Chosen<'s, 'r> = Cow<'s, [OffersRef<'r>]>;

impl<'c> Check<'c> {
    /// The records the request is about: those of the format, consumers' before libraries'.
    pub(super) fn choose<'s, 'r>(&mut self, records: &'s [OffersRef<'r>]) -> Chosen<'s, 'r> {
        let narrowed = |records: Chosen<'s, 'r>, by: fn(&Offers) -> bool| {
            let some: Vec<_> = records.iter().copied().filter(|one| by(one)).collect();
            if some.is_empty() {
                records
            } else {
                some.into()
            }
        };
        let of_format = self.of_format(records);
        if of_format.is_empty() {
            self.other_format(records);
        }
        if of_format.len() < 2 {
            return of_format;
        }
        let known = narrowed(of_format, |record| record.format.is_some());
        narrowed(known, |record| !record.library)
    }

    fn of_format<'s, 'r>(&self, records: &'s [OffersRef<'r>]) -> Chosen<'s, 'r> {
        if self.format_word().is_none() {
            return records.into();
        }
        let Some(asked) = self.asked.format else {
            return Chosen::default();
        };
        let is_of = |record: &&OffersRef<'r>| match record.format {
            Some(format) => format == asked,
            None => record.may_be.contains(&asked),
        };
        match records.iter().all(|record| is_of(&record)) {
            true => records.into(),
            false => records.iter().filter(is_of).copied().collect(),
        }
    }

    fn other_format(&mut self, records: &[OffersRef<'_>]) {
        let name = match self.request.kind {
            Kind::Preorder => "for",
            _ => "format",
        };
        let given = self.format_word().map(str::to_owned);
        let code = Some(Code::InvalidFormat);
        self.refuse(Group::File, code, "format", |reason, _| {
            let formats: Vec<_> = records
                .iter()
                .filter_map(|record| record.format.map(Format::as_str))
                .collect();
            let stated = records
                .iter()
                .find_map(|record| record.product_form.as_ref());
            reason.parameter = Some(name);
            reason.given = given;
            reason.expected = Some(match formats.is_empty() {
                true => "a format this publication has".into(),
                false => formats.join(", "),
            });
            reason.element = stated.map(|stated| stated.element);
            reason.byte = stated.map(|stated| stated.byte);
            reason.value = stated.map(|stated| stated.value.clone());
        });
    }

    /// File, standing and price of one record.
    pub(super) fn record(&mut self, record: &OffersRef<'_>) {
        self.format(record);
        self.file_protection(record);
        self.standing(record);
        if self.request.kind != Kind::Preorder && !self.no_price && self.asked.country.is_some() {
            self.price(record);
        }
    }

    fn format(&mut self, record: &Offers) {
        if self.format_word().is_none() || record.format.is_some() {
            return;
        }
        self.leave_open(Group::File, "format", "format", |reason, _| {
            let stated = record.product_form.as_ref();
            reason.parameter = Some("format");
            reason.element = Some(record.elements.format);
            reason.value = stated.map(|stated| stated.value.clone());
            reason.byte = stated.map(|stated| stated.byte);
        });
    }

    fn file_protection(&mut self, record: &Offers) {
        let given = present(&self.request.protection);
        let Some(given) = given.filter(|_| self.request.kind != Kind::Preorder) else {
            return;
        };
        let accepted = match self.asked.protection {
            None => Accepted::No,
            Some(protection) => record.accepts(protection, self.asked.drm_type),
        };
        let fill = |reason: &mut Reason, _: &Self| {
            let stated = record.protections_stated.as_ref();
            reason.parameter = Some("protection");
            reason.given = Some(given.to_owned());
            reason.expected = Some(record.protections.words().join(", "));
            reason.element = Some(record.elements.protection);
            reason.value = stated.map(|stated| stated.value.clone());
            reason.byte = stated.map(|stated| stated.byte);
        };
        match accepted {
            Accepted::Yes if record.protections.is_limited() => {
                self.notice("time_limit", || {
                    "the licence ends: the record states a time limit".into()
                });
            }
            Accepted::Yes => {}
            Accepted::No => {
                let code = Some(Code::InvalidProtection);
                self.refuse(Group::File, code, "protection", fill);
            }
            Accepted::Unknown => self.leave_open(Group::File, "protection", "protection", fill),
        }
    }

    pub(super) fn scene<'r>(&self, record: &OffersRef<'r>) -> Scene<'r>
    where
        'c: 'r,
    {
        let purpose = match self.request.kind {
            Kind::Preorder => Purpose::Preorder,
            _ => Purpose::Sale,
        };
        record.scene(purpose, self.asked.country, self.request.at, self.account)
    }

    /// Whether the product, and one of its suppliers, stands for sale.
    fn standing(&mut self, record: &OffersRef<'_>) {
        let scene = self.scene(record);
        let mut objections = Vec::new();
        record.standing(&scene, Some(&mut objections));
        let is_fine = |seller: Seller<'_>| {
            record.supplier_standing(&seller, &scene, None).effect == Effect::Fine
        };
        self.first_fine = record.sellers().position(is_fine);
        if self.first_fine.is_none() {
            objections.append(&mut nearest(record, &scene));
        }
        for objection in objections {
            self.object(objection);
        }
        if self.explain {
            self.told_besides(record);
        }
    }

    fn object(&mut self, objection: Objection) {
        let fill = |reason: &mut Reason, check: &Self| {
            reason.parameter = match objection.rule {
                "sales_rights" | "market" | "supply_to" => Some("country"),
                _ => None,
            };
            if reason.parameter.is_some() {
                reason.given = check.asked.country.map(|country| country.to_string());
            }
            reason.expected = Some(objection.expected.to_owned());
            reason.element = objection.stated.as_ref().map(|stated| stated.element);
            reason.byte = objection.stated.as_ref().map(|stated| stated.byte);
            reason.value = objection.stated.as_ref().map(|stated| stated.value.clone());
        };
        match objection.effect {
            Effect::Fine => {}
            Effect::Unknown(missing) => self.leave_open(Group::Sale, missing, objection.rule, fill),
            Effect::PreorderAtMost | Effect::CannotSell => {
                self.refuse(Group::Sale, Some(Code::CannotSell), objection.rule, fill);
            }
        }
    }

    /// What decides nothing and is worth telling.
    fn told_besides(&mut self, record: &OffersRef<'_>) {
        self.absent_statements(record);
        let notification = record.notification_type.1.as_ref();
        if notification.is_some_and(|stated| matches!(stated.value.as_str(), "88" | "89")) {
            self.notice("test_record", || {
                "a test record: nothing is sold by it".into()
            });
        }
        if record.is_indexed(&self.scene(record)) {
            self.notice("indexed", || {
                "on the German index of media harmful to minors (SalesRestriction 08)".into()
            });
        }
    }

    /// What the record doesn't say, where saying nothing is no objection.
    fn absent_statements(&mut self, record: &Offers) {
        let mut note = |rule, element| {
            self.findings.push(Finding {
                group: Group::Sale,
                refuses: false,
                code: None,
                missing: None,
                reason: Some(Reason {
                    rule,
                    element: Some(element),
                    ..Reason::default()
                }),
            });
        };
        if record.publishing_status.1.is_none() {
            note("publishing_status", record.elements.publishing_status);
        }
        if let Some(element) = record
            .elements
            .sales_rights
            .filter(|_| record.rights.is_none())
        {
            note("sales_rights", element);
        }
        if record.supplies.iter().any(|supply| supply.market.is_none()) {
            note("market", record.elements.market);
        }
    }
}

/// The objections to the supplier that comes nearest to a sale, if one were to.
fn nearest(record: &OffersRef<'_>, scene: &Scene<'_>) -> Vec<Objection> {
    let of_place = |one: &Objection| matches!(one.rule, "market" | "supply_to");
    let all = record.sellers().map(|seller| {
        let mut objections = Vec::new();
        let standing = record.supplier_standing(&seller, scene, Some(&mut objections));
        let mut each: Vec<_> = objections
            .iter()
            .map(|one| (one.effect, one.rule))
            .collect();
        each.sort_unstable();
        // Of those that refuse, one of the right market tells more.
        let is_elsewhere = objections.iter().any(of_place);
        ((standing.effect, is_elsewhere, each), objections)
    });
    let nearest = all.min_by(|(a, _), (b, _)| a.cmp(b));
    match nearest {
        Some((_, objections)) => objections,
        None => vec![no_supply()],
    }
}

/// A product without any `ProductSupply`.
fn no_supply() -> Objection {
    Objection {
        effect: Effect::Unknown("availability"),
        rule: "availability",
        stated: None,
        expected: "a ProductSupply with a SupplyDetail",
    }
}
