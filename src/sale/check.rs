//! The check: what the platform would answer to a request, and why.

use crate::model::{
    Accepted, Account, Code, Cost, Country, Coverage, Currency, Date, Dialect, Format, Judgement,
    Kind, Near, NoticeText, Offer, Protection, Reason, RecordVerdict, SaleRequest, Verdict,
};

use super::dialect::{self, Fault, Presence};
use super::offers::{Offers, Price, Supplier, Supply};
use super::rules::{self, Effect};
use super::standing::{Objection, Purpose, Scene};

/// What the platform would answer to this request, as far as these records of its identifier tell.
///
/// The records are those of one publication's identifier, in any order; an empty slice is a
/// publication that nobody knows. Nothing here looks at a clock: the moment is the request's.
pub fn check(request: &SaleRequest, records: &[&Offers], account: &Account) -> Verdict {
    Check::new(request, account, true).verdict(records)
}

/// Whether, and with which codes; no reasons, nothing near.
pub fn judge(request: &SaleRequest, records: &[&Offers], account: &Account) -> Verdict {
    Check::new(request, account, false).verdict(records)
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
struct Asked {
    format: Option<Format>,
    protection: Option<Protection>,
    cost: Option<Cost>,
    country: Option<Country>,
    currency: Option<Currency>,
}

struct Check<'c> {
    request: &'c SaleRequest,
    account: &'c Account,
    explain: bool,
    findings: Vec<Finding>,
    notices: Vec<NoticeText>,
    asked: Asked,
    /// Whether country, currency or type are such that prices can't be looked for.
    no_price: bool,
}

/// How a row of prices meets a request.
enum Met {
    /// It doesn't.
    Not,
    /// Something about it can't be told.
    Perhaps(&'static str),
    Fully,
}

fn present(parameter: &Option<String>) -> Option<&str> {
    parameter
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

impl<'c> Check<'c> {
    fn new(request: &'c SaleRequest, account: &'c Account, explain: bool) -> Self {
        Self {
            request,
            account,
            explain,
            findings: Vec::new(),
            notices: Vec::new(),
            asked: Asked {
                format: None,
                protection: None,
                cost: None,
                country: None,
                currency: None,
            },
            no_price: false,
        }
    }

    fn verdict(mut self, records: &[&Offers]) -> Verdict {
        self.parameters();
        if records.is_empty() {
            self.refuse(
                Group::Publication,
                Some(Code::NotFound),
                "publication",
                |reason, check| {
                    reason.parameter = Some("isbn");
                    reason.given = Some(check.request.id.clone());
                    reason.expected = Some("a publication of the catalogue".into());
                },
            );
            return self.close(&[]);
        }
        let chosen = self.choose(records);
        match chosen.as_slice() {
            [] => self.close(&[records[0]]),
            [one] => {
                self.record(one);
                let mut verdict = self.close(&[*one]);
                verdict.near = self.near(&verdict, records);
                verdict
            }
            several => {
                let mut verdict = self.several(several);
                verdict.near = self.near(&verdict, records);
                verdict
            }
        }
    }

    /// Presence and form of parameters: groups 4 and 5 of `platform.md` C.7.
    fn parameters(&mut self) {
        if present(&Some(self.request.id.clone())).is_none() {
            let code = dialect::missing_isbn(self.account.dialect);
            self.refuse(Group::Parameters, Some(code), "presence", |reason, _| {
                reason.parameter = Some("isbn");
                reason.expected = Some("the publication's ISBN, EAN or own key".into());
            });
        }
        for parameter in dialect::PARAMETERS {
            let value = match parameter.name {
                "for" => present(&self.request.for_format),
                "format" => present(&self.request.format),
                "cost" => present(&self.request.cost),
                "protection" => present(&self.request.protection),
                "country" => present(&self.request.country),
                "currency" => present(&self.request.currency),
                "price_type" => present(&self.request.price_type),
                "customer_id" => present(&self.request.customer_id),
                "transaction_id" => present(&self.request.transaction_id),
                _ => present(&self.request.cost_without_taxes),
            };
            if value.is_none() {
                self.absent(parameter);
            }
        }
        self.asked.format = self.format_word().and_then(Format::from_word);
        self.asked.cost = present(&self.request.cost).and_then(whole_number);
        self.protection();
        self.country();
        self.currency();
        self.price_type();
        self.identifiers();
        self.rest();
    }

    fn format_word(&self) -> Option<&'c str> {
        match self.request.kind {
            Kind::Preorder => present(&self.request.for_format),
            _ => present(&self.request.format),
        }
    }

    fn absent(&mut self, parameter: &'static dialect::Parameter) {
        let presence = parameter.presence(self.request.kind, self.account);
        let demanded = match presence {
            Presence::Optional => false,
            Presence::Mandatory => true,
            Presence::MandatoryWhenStrict => self.account.strict,
        };
        if demanded {
            self.refuse(
                Group::Parameters,
                parameter.code,
                "presence",
                |reason, _| {
                    reason.parameter = Some(parameter.name);
                    reason.expected = Some(parameter.expected.into());
                },
            );
        }
    }

    fn protection(&mut self) {
        if self.request.kind == Kind::Preorder {
            return;
        }
        let word = present(&self.request.protection);
        self.asked.protection = word.and_then(Protection::from_word);
        let is_drm = matches!(
            self.asked.protection,
            Some(Protection::Drm | Protection::DrmTimeLimited)
        );
        let Some(drm_type) = present(&self.request.drm_type) else {
            return;
        };
        if !is_drm {
            self.notice("drm_type_ignored", || {
                format!("drm_type {drm_type} says nothing beside a protection other than drm")
            });
        } else if !dialect::DRM_TYPES.contains(&drm_type.to_ascii_lowercase().as_str()) {
            self.refuse(Group::Parameters, None, "drm_type", |reason, _| {
                reason.parameter = Some("drm_type");
                reason.given = Some(drm_type.to_owned());
                reason.expected = Some(dialect::DRM_TYPES.join(", "));
            });
        }
    }

    fn country(&mut self) {
        let Some(given) = present(&self.request.country) else {
            self.asked.country = self.account.country;
            if self.account.country.is_none() && self.request.kind != Kind::Preorder {
                self.leave_open(Group::Sale, "country", "country", |reason, _| {
                    reason.parameter = Some("country");
                    reason.expected = Some("the buyer's country, or the account's own".into());
                });
            }
            return;
        };
        self.asked.country = Country::parse(given);
        if self.asked.country.is_none() {
            self.no_price = true;
            self.refuse(
                Group::Parameters,
                Some(Code::InvalidCountry),
                "country",
                |reason, _| {
                    reason.parameter = Some("country");
                    reason.given = Some(given.to_owned());
                    reason.expected = Some("an ISO 3166-1 code of two or three letters".into());
                },
            );
        }
    }

    fn currency(&mut self) {
        if self.request.kind == Kind::Preorder {
            return;
        }
        let Some(given) = present(&self.request.currency) else {
            self.notice("currency_not_sent", || {
                "no currency was given: a price in any currency was looked for".into()
            });
            return;
        };
        self.asked.currency = Currency::parse(given).filter(Currency::is_known);
        if self.asked.currency.is_none() {
            self.no_price = true;
            let code = dialect::price_code(Fault::Currency, self.account);
            self.refuse(Group::Parameters, Some(code), "currency", |reason, _| {
                reason.parameter = Some("currency");
                reason.given = Some(given.to_owned());
                reason.expected = Some("an ISO 4217 code of three letters".into());
            });
        }
    }

    fn price_type(&mut self) {
        let given =
            present(&self.request.price_type).filter(|_| self.request.kind != Kind::Preorder);
        let Some(given) = given.filter(|given| !rules::PRICE_TYPES.contains(given)) else {
            return;
        };
        self.no_price = true;
        let code = dialect::price_code(Fault::PriceType, self.account);
        self.refuse(Group::Parameters, Some(code), "price_type", |reason, _| {
            reason.parameter = Some("price_type");
            reason.given = Some(given.to_owned());
            reason.expected = Some(rules::PRICE_TYPES.join(", "));
        });
    }

    /// Alphabets and forms that the pages state without printing a code.
    fn identifiers(&mut self) {
        if self.request.kind == Kind::Simulation {
            return;
        }
        let request = self.request;
        for (name, value) in [
            ("customer_id", &request.customer_id),
            ("transaction_id", &request.transaction_id),
        ] {
            let of_alphabet = |text: &str| {
                text.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            };
            // Spaces around it are part of what would be sent.
            let given = value.as_deref().filter(|_| present(value).is_some());
            if let Some(given) = given.filter(|given| !of_alphabet(given)) {
                self.refuse(
                    Group::Parameters,
                    None,
                    "identifier_alphabet",
                    |reason, _| {
                        reason.parameter = Some(name);
                        reason.given = Some(given.to_owned());
                        reason.expected = Some("letters, digits, `-` and `_`".into());
                    },
                );
            }
        }
    }

    fn rest(&mut self) {
        let request = self.request;
        if let Some(given) = present(&request.cost_without_taxes) {
            let cost = whole_number(given);
            let more = cost
                .zip(self.asked.cost)
                .is_some_and(|(net, cost)| net > cost);
            let incl = present(&request.price_type).is_some_and(rules::includes_tax);
            if cost.is_none() || more && incl {
                self.notice("cost_without_taxes", || {
                    format!("cost_without_taxes {given} is no cost below that with taxes")
                });
            }
        }
        if request.kind != Kind::Sale {
            return;
        }
        let uname = self.asked.protection == Some(Protection::Watermark)
            && self.account.dialect == Dialect::En
            && present(&request.uname).is_none();
        if uname {
            self.refuse(Group::Parameters, None, "uname", |reason, _| {
                reason.parameter = Some("uname");
                reason.expected = Some("the name for the watermark".into());
            });
        }
        if let Some(given) = present(&request.credit_card_prefix) {
            let four = given.len() == 4 && given.bytes().all(|b| b.is_ascii_digit());
            if !four {
                self.refuse(
                    Group::Parameters,
                    None,
                    "credit_card_prefix",
                    |reason, _| {
                        reason.parameter = Some("credit_card_prefix");
                        reason.expected = Some("the first four digits".into());
                    },
                );
            }
        }
        if let Some(given) = present(&request.sale_state) {
            let states = dialect::sale_states(self.account.dialect);
            if !states.contains(&given) {
                let code = Some(Code::InvalidSaleState);
                self.refuse(Group::Parameters, code, "sale_state", |reason, _| {
                    reason.parameter = Some("sale_state");
                    reason.given = Some(given.to_owned());
                    reason.expected = Some(states.join(", "));
                });
            }
        }
    }

    /// The records the request is about: those of the format, consumers' before libraries'.
    fn choose<'r>(&mut self, records: &[&'r Offers]) -> Vec<&'r Offers> {
        let of_format: Vec<&Offers> = match self.format_word() {
            None => records.to_vec(),
            Some(_) => records
                .iter()
                .copied()
                .filter(|record| match record.format {
                    Some(format) => Some(format) == self.asked.format,
                    // A file whose format isn't known may be of any that exists.
                    None => self.asked.format.is_some() && may_be_digital(record),
                })
                .collect(),
        };
        if of_format.is_empty() {
            let name = match self.request.kind {
                Kind::Preorder => "for",
                _ => "format",
            };
            let formats: Vec<_> = records
                .iter()
                .filter_map(|record| record.format.map(Format::as_str))
                .collect();
            let stated = records
                .iter()
                .find_map(|record| record.product_form.clone());
            let given = self.format_word().map(str::to_owned);
            self.refuse(
                Group::File,
                Some(Code::InvalidFormat),
                "format",
                |reason, _| {
                    reason.parameter = Some(name);
                    reason.given = given;
                    reason.expected = Some(match formats.is_empty() {
                        true => "a format this publication has".into(),
                        false => formats.join(", "),
                    });
                    reason.element = stated.as_ref().map(|stated| stated.element);
                    reason.byte = stated.as_ref().map(|stated| stated.byte);
                    reason.value = stated.map(|stated| stated.value);
                },
            );
            return Vec::new();
        }
        let known: Vec<&Offers> = of_format
            .iter()
            .copied()
            .filter(|record| record.format.is_some())
            .collect();
        let of_format = if known.is_empty() { of_format } else { known };
        let consumer: Vec<&Offers> = of_format
            .iter()
            .copied()
            .filter(|record| !record.library)
            .collect();
        if consumer.is_empty() {
            of_format
        } else {
            consumer
        }
    }

    /// Several records of one identifier and format: they must agree.
    fn several(&mut self, records: &[&Offers]) -> Verdict {
        let each: Vec<(&Offers, Verdict, Self)> = records
            .iter()
            .map(|record| {
                let mut check = self.again();
                check.record(record);
                let verdict = check.close(&[*record]);
                (*record, verdict, check)
            })
            .collect();
        let (_, first, _) = &each[0];
        let agree = each.iter().all(|(_, verdict, _)| {
            verdict.verdict == first.verdict && verdict.codes == first.codes
        });
        let mut verdict = first.clone();
        verdict.records = each
            .iter()
            .flat_map(|(_, verdict, _)| verdict.records.clone())
            .collect();
        if !agree {
            verdict.verdict = Judgement::Unknown;
            verdict.codes.clear();
            verdict.also.clear();
            verdict.missing = vec!["record"];
            verdict.reasons = each
                .into_iter()
                .flat_map(|(_, verdict, _)| verdict.reasons)
                .collect();
        }
        verdict
    }

    /// The same request, with what its parameters came to.
    fn again(&self) -> Self {
        Self {
            request: self.request,
            account: self.account,
            explain: self.explain,
            findings: self.findings.clone(),
            notices: self.notices.clone(),
            asked: Asked { ..self.asked },
            no_price: self.no_price,
        }
    }

    /// File, standing and price of one record.
    fn record(&mut self, record: &Offers) {
        self.file(record);
        let good = self.standing(record);
        if self.request.kind != Kind::Preorder && !self.no_price && self.asked.country.is_some() {
            self.price(record, &good);
        }
    }

    fn file(&mut self, record: &Offers) {
        if self.format_word().is_some() && record.format.is_none() {
            let stated = record.product_form.clone();
            self.leave_open(Group::File, "format", "format", |reason, _| {
                reason.parameter = Some("format");
                reason.element = Some("ProductForm");
                reason.value = stated.map(|stated| stated.value);
            });
        }
        let Some(given) = present(&self.request.protection) else {
            return;
        };
        if self.request.kind == Kind::Preorder {
            return;
        }
        let drm_type = present(&self.request.drm_type).map(str::to_ascii_lowercase);
        let accepted = match self.asked.protection {
            None => Accepted::No,
            Some(protection) => record.protections.accept(protection, drm_type.as_deref()),
        };
        let fill = |reason: &mut Reason| {
            reason.parameter = Some("protection");
            reason.given = Some(given.to_owned());
            reason.expected = Some(record.protections.words().join(", "));
            reason.element = Some("EpubTechnicalProtection");
            let stated = record.protections_stated.as_ref();
            reason.value = stated.map(|stated| stated.value.clone());
            reason.byte = stated.map(|stated| stated.byte);
        };
        match accepted {
            Accepted::Yes => {}
            Accepted::No => {
                let code = Some(Code::InvalidProtection);
                self.refuse(Group::File, code, "protection", |reason, _| fill(reason));
            }
            Accepted::Unknown => {
                self.leave_open(Group::File, "protection", "protection", |reason, _| {
                    fill(reason)
                });
            }
        }
    }

    /// Whether the product stands for sale; returns the suppliers whose prices count.
    fn standing<'r>(&mut self, record: &'r Offers) -> Vec<(usize, &'r Supply, &'r Supplier)> {
        let scene = Scene {
            purpose: match self.request.kind {
                Kind::Preorder => Purpose::Preorder,
                _ => Purpose::Sale,
            },
            country: self.asked.country,
            at: self.request.at,
            account: self.account,
        };
        let mut objections = Vec::new();
        record.standing(&scene, Some(&mut objections));
        let mut all = Vec::new();
        for (market, supply) in record.supplies.iter().enumerate() {
            for supplier in &supply.suppliers {
                let standing = record.supplier_standing(supply, supplier, &scene, None);
                all.push((standing.effect, market, supply, supplier));
            }
        }
        let best = all.iter().map(|(effect, ..)| *effect).min();
        match best {
            None => objections.push(no_supply()),
            Some(Effect::Fine) => {}
            Some(_) => {
                let (_, _, supply, supplier) = all
                    .iter()
                    .min_by_key(|(effect, ..)| *effect)
                    .expect("there is a best one");
                record.supplier_standing(supply, supplier, &scene, Some(&mut objections));
            }
        }
        for objection in objections {
            self.object(objection);
        }
        if self.explain {
            self.absent_statements(record);
        }
        all.retain(|(effect, ..)| Some(*effect) == best);
        all.into_iter()
            .map(|(_, market, supply, supplier)| (market, supply, supplier))
            .collect()
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
            note("publishing_status", "PublishingStatus");
        }
        if record.rights.is_none() {
            note("sales_rights", "SalesRights");
        }
        if record.supplies.iter().any(|supply| supply.market.is_none()) {
            note("market", "Market");
        }
    }

    fn price(&mut self, record: &Offers, suppliers: &[(usize, &Supply, &Supplier)]) {
        let mut differing: Vec<(usize, &Supply, &Supplier, &Price)> = Vec::new();
        let mut open = None;
        for (market, supply, supplier) in suppliers {
            for price in &supplier.prices {
                match self.meets(record, price) {
                    Met::Not => {}
                    Met::Perhaps(missing) => {
                        let cost = price.cost(&self.account.minor_units);
                        if cost.is_none() || cost == self.asked.cost {
                            open = open.or(Some((missing, price)));
                        } else {
                            differing.push((*market, supply, supplier, price));
                        }
                    }
                    Met::Fully => match price.cost(&self.account.minor_units) {
                        None => open = Some(("amount", price)),
                        Some(cost) if Some(cost) == self.asked.cost => {
                            self.matched(price);
                            return;
                        }
                        Some(_) => differing.push((*market, supply, supplier, price)),
                    },
                }
            }
        }
        if let Some((missing, price)) = open {
            self.leave_open(Group::Price, missing, "price", |reason, _| {
                reason.parameter = Some("cost");
                reason.element = Some("Price");
                reason.value.clone_from(&price.amount);
                reason.byte = Some(price.byte);
            });
            return;
        }
        match differing.first() {
            None => self.no_row(record),
            Some((_, _, _, price)) if present(&self.request.cost).is_some() => {
                self.other_cost(price, &differing);
            }
            // Its absence was told of already.
            Some(_) => {}
        }
    }

    fn matched(&mut self, price: &Price) {
        if price.status.as_deref() == Some("01") {
            self.notice("provisional_price", || {
                "the price is provisional (PriceStatus 01)".into()
            });
        }
        let unseen = price
            .currency
            .filter(|currency| !self.account.minor_units.is_observed(*currency));
        if let Some(currency) = unseen {
            self.notice("minor_unit", || {
                format!("the minor unit of {currency} follows ISO 4217; the platform's own use of it wasn't seen")
            });
        }
    }

    fn no_row(&mut self, record: &Offers) {
        let code = dialect::price_code(Fault::NoRow, self.account);
        let (country, currency) = (self.asked.country, self.asked.currency);
        let price_type = present(&self.request.price_type);
        let given: Vec<String> = [
            country.map(|country| country.to_string()),
            currency.map(|currency| currency.to_string()),
            price_type.map(|price_type| format!("type {price_type}")),
        ]
        .into_iter()
        .flatten()
        .collect();
        let rows = self.known_rows(record);
        self.refuse(Group::Price, Some(code), "price_row", |reason, _| {
            reason.parameter = Some("price_type");
            reason.given = Some(given.join(" "));
            reason.expected = Some(rows);
            reason.element = Some("Price");
        });
    }

    /// The combinations of currency and type that have a price in the country now.
    fn known_rows(&self, record: &Offers) -> String {
        let mut rows: Vec<String> = record
            .supplies
            .iter()
            .flat_map(|supply| &supply.suppliers)
            .flat_map(|supplier| &supplier.prices)
            .filter(|price| price.counts() && price.is_in_force(self.request.at, self.account))
            .filter(|price| matches!(self.covers(price), Coverage::In))
            .map(|price| {
                let currency = price.currency.map(|currency| currency.to_string());
                let price_type = price.price_type.as_deref().unwrap_or("-");
                format!("{} type {price_type}", currency.unwrap_or_default())
            })
            .collect();
        rows.sort();
        rows.dedup();
        match rows.is_empty() {
            true => "a price in force for the country".into(),
            false => rows.join(", "),
        }
    }

    fn other_cost(&mut self, price: &Price, differing: &[(usize, &Supply, &Supplier, &Price)]) {
        let code = dialect::price_code(Fault::Cost, self.account);
        let mut costs: Vec<_> = differing
            .iter()
            .filter_map(|(_, _, _, price)| price.cost(&self.account.minor_units))
            .collect();
        costs.sort_unstable();
        costs.dedup();
        let costs: Vec<String> = costs.iter().map(Cost::to_string).collect();
        let given = present(&self.request.cost).map(str::to_owned);
        self.refuse(Group::Price, Some(code), "cost", |reason, _| {
            reason.parameter = Some("cost");
            reason.given = given;
            reason.expected = Some(costs.join(" or "));
            reason.element = Some("PriceAmount");
            reason.value.clone_from(&price.amount);
            reason.byte = Some(price.byte);
        });
    }

    fn covers(&self, price: &Price) -> Coverage {
        match (&price.territory, self.asked.country) {
            (Some(territory), Some(country)) => territory.coverage(country),
            _ => Coverage::In,
        }
    }

    /// Country, currency, type, protection and dates of a row against the request's.
    fn meets(&self, record: &Offers, price: &Price) -> Met {
        if !price.counts() {
            return Met::Not;
        }
        let limited = matches!(
            self.asked.protection,
            Some(Protection::Acs4TimeLimited | Protection::DrmTimeLimited)
        );
        if price.limited && !limited {
            return Met::Not;
        }
        let mut open = None;
        match self.covers(price) {
            Coverage::In => {}
            Coverage::Out => return Met::Not,
            Coverage::Part | Coverage::Unknown => open = Some("territory"),
        }
        if !price.is_free() {
            match (self.asked.currency, price.currency) {
                (Some(asked), Some(currency)) if asked != currency => return Met::Not,
                (Some(_), None) => open = open.or(Some("currency")),
                _ => {}
            }
            match (
                present(&self.request.price_type),
                self.row_type(record, price),
            ) {
                (Some(asked), Some(row)) if asked != row => return Met::Not,
                (Some(_), None) => open = open.or(Some("price_type")),
                // Rows of other types (net prices, special sales) are none that the platform sells at.
                (None, Some(row)) if !rules::PRICE_TYPES.contains(&row) => return Met::Not,
                _ => {}
            }
        }
        if let (Some(protections), Some(protection)) = (price.protections, self.asked.protection) {
            match protections.accept(protection, present(&self.request.drm_type)) {
                Accepted::Yes => {}
                Accepted::No => return Met::Not,
                Accepted::Unknown => open = open.or(Some("protection")),
            }
        }
        if price.unreadable_date {
            open = open.or(Some("date"));
        } else if !price.is_in_force(self.request.at, self.account) {
            return Met::Not;
        }
        match open {
            Some(missing) => Met::Perhaps(missing),
            None => Met::Fully,
        }
    }

    fn row_type<'p>(&'p self, record: &Offers, price: &'p Price) -> Option<&'p str> {
        match record.without_price_type {
            true => self.account.xml_price_type.as_deref(),
            false => price.price_type.as_deref(),
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

    /// Adds the findings up.
    fn close(&mut self, records: &[&Offers]) -> Verdict {
        let record = records.first();
        let sent = record.and_then(|record| record.sent.clone());
        let age_s = sent
            .as_deref()
            .and_then(|sent| Date::parse(sent, None))
            .map(|sent| self.request.at.as_unix() - sent.start(&self.account.zone).as_unix());
        let mut too_old = false;
        if let (Some(max_age), Some(_)) = (self.account.max_age_s, record) {
            let most = i64::try_from(max_age).unwrap_or(i64::MAX);
            too_old = age_s.is_none_or(|age| age > most);
            if too_old {
                self.leave_open(Group::Sale, "fresh_record", "max_age", |reason, _| {
                    reason.expected = Some(format!("a record of the last {max_age} s"));
                    reason.element = Some("SentDateTime");
                    reason.value.clone_from(&sent);
                });
            }
        }
        let refused = self.findings.iter().any(|finding| finding.refuses);
        let mut missing: Vec<_> = self
            .findings
            .iter()
            .filter_map(|finding| finding.missing)
            .collect();
        missing.sort_unstable();
        missing.dedup();
        let verdict = match () {
            () if too_old => Judgement::Unknown,
            () if refused => Judgement::Refused,
            () if !missing.is_empty() => Judgement::Unknown,
            () => Judgement::Valid,
        };
        let (codes, also) = self.codes();
        Verdict {
            verdict,
            records: records
                .iter()
                .map(|record| RecordVerdict {
                    record_reference: record.record_reference.clone(),
                    verdict,
                    codes: codes.clone(),
                })
                .collect(),
            codes: if verdict == Judgement::Unknown {
                Vec::new()
            } else {
                codes
            },
            also,
            reasons: self
                .findings
                .iter()
                .filter_map(|finding| finding.reason.clone())
                .collect(),
            missing,
            near: Vec::new(),
            notices: self.notices.clone(),
            source: None,
            sent,
            age_s,
            at: self.request.at,
            dialect: self.account.dialect,
        }
    }

    /// The codes of the first group that has any, and those of the others.
    fn codes(&self) -> (Vec<Code>, Vec<Code>) {
        let mut codes: Vec<Code> = Vec::new();
        let mut also: Vec<Code> = Vec::new();
        let mut first = None;
        for group in ORDER {
            for finding in self
                .findings
                .iter()
                .filter(|finding| finding.group == group)
            {
                let Some(code) = finding.code else { continue };
                let first = *first.get_or_insert(group);
                let into = if group == first {
                    &mut codes
                } else {
                    &mut also
                };
                if !into.contains(&code) {
                    into.push(code);
                }
            }
        }
        also.retain(|code| !codes.contains(code));
        (codes, also)
    }

    /// Offers that would be taken: tried, not guessed.
    fn near(&self, verdict: &Verdict, records: &[&Offers]) -> Vec<Near> {
        let wanted = self.explain
            && verdict.verdict != Judgement::Valid
            && self.request.kind != Kind::Preorder;
        let Some(country) = self.asked.country.filter(|_| wanted) else {
            return Vec::new();
        };
        let mut out: Vec<Near> = Vec::new();
        for record in records {
            for row in record.rows(self.account) {
                if out.len() == MAX_NEAR {
                    return out;
                }
                if row.countries.coverage(country) != Coverage::In {
                    continue;
                }
                let near = self.near_row(record, row);
                out.extend(near.filter(|near| !out.iter().any(|known| known.offer == near.offer)));
            }
        }
        out
    }

    /// The row as a request of its own, at its own moment: is it taken?
    fn near_row(&self, record: &Offers, row: Offer) -> Option<Near> {
        let account = self.account;
        let mut request = self.request.clone();
        let mut differs = Vec::new();
        let mut set = |name: &'static str, to: &mut Option<String>, value: Option<String>| {
            if value.is_some() && present(to) != value.as_deref() {
                *to = value;
                differs.push(name);
            }
        };
        let drm_type = present(&self.request.drm_type);
        let keeps = self.asked.protection.is_some_and(|protection| {
            row.protections.accept(protection, drm_type) == Accepted::Yes
        });
        let protection = match keeps {
            true => None,
            false => Some((*row.protections.words().first()?).to_owned()),
        };
        let keeps_format = self.asked.format.is_some() && self.asked.format == row.format;
        let format = (!keeps_format).then(|| row.format.map(|format| format.to_string()));
        set("format", &mut request.format, format.flatten());
        set("protection", &mut request.protection, protection);
        set(
            "cost",
            &mut request.cost,
            row.cost.map(|cost| cost.to_string()),
        );
        let currency = row.currency.map(|currency| currency.to_string());
        if self.asked.currency.is_none() || row.currency != self.asked.currency {
            set("currency", &mut request.currency, currency);
        }
        set(
            "price_type",
            &mut request.price_type,
            row.price_type.clone(),
        );
        let from = row.from.map(|from| from.start(&account.zone));
        if let Some(from) = from.filter(|from| *from > request.at) {
            request.at = from;
            differs.push("at");
        }
        let verdict = Check::new(&request, account, false).verdict(&[record]);
        (verdict.verdict == Judgement::Valid && !differs.is_empty()).then_some(Near {
            differs,
            offer: row,
        })
    }
}

/// How many offers an answer names at most.
const MAX_NEAR: usize = 5;

fn whole_number(text: &str) -> Option<Cost> {
    text.bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| text.parse().ok())?
}

fn may_be_digital(record: &Offers) -> bool {
    rules::is_digital(record.product_form.as_ref().map(|form| form.value.as_str()))
}

/// A product without any `SupplyDetail`.
fn no_supply() -> Objection {
    Objection {
        effect: Effect::Unknown("availability"),
        rule: "availability",
        stated: None,
        expected: "a ProductSupply with a SupplyDetail",
        later: false,
    }
}
