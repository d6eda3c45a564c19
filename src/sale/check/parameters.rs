//! Parameters: are they there, and of the right form?

use crate::model::{Code, Country, Currency, Dialect, Format, Kind, Protection, trimmed};

use super::super::dialect::{self, Fault, Presence};
use super::super::price::whole_number;
use super::super::rules;
use super::{Check, Group, present};

impl<'c> Check<'c> {
    /// Presence and form of parameters.
    pub(super) fn parameters(&mut self) {
        if trimmed(&self.request.id).is_empty() {
            let code = dialect::missing_isbn(self.account.dialect);
            let group = match code {
                Code::NotFound => Group::Publication,
                _ => Group::Parameters,
            };
            self.refuse(group, Some(code), "presence", |reason, _| {
                reason.parameter = Some("isbn");
                reason.expected = Some("the publication's ISBN, EAN or own key".into());
            });
        }
        for parameter in dialect::PARAMETERS {
            if present((parameter.value)(self.request)).is_none() {
                self.absent(parameter);
            }
        }
        self.asked.format = self.format_word().and_then(Format::from_word);
        // Anything but digits is an amount that differs from every price.
        self.asked.cost = present(&self.request.cost).and_then(whole_number);
        self.protection();
        self.country();
        self.currency();
        self.price_type();
        self.identifiers();
        self.rest();
    }

    pub(super) fn format_word(&self) -> Option<&'c str> {
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
            return;
        }
        let known = dialect::DRM_TYPES
            .into_iter()
            .find(|known| known.eq_ignore_ascii_case(drm_type));
        self.asked.drm_type = known;
        if known.is_none() {
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
            if self.account.country.is_none() {
                self.no_country();
            }
            return;
        };
        self.asked.country = Country::parse(given);
        if self.asked.country.is_some() {
            return;
        }
        self.no_price = true;
        if self.request.kind == Kind::Preorder {
            // The service has no such parameter.
            self.asked.country = self.account.country;
            self.notice("country_ignored", || format!("{given} is no country"));
            return;
        }
        let code = Some(Code::InvalidCountry);
        self.refuse(Group::Parameters, code, "country", |reason, _| {
            reason.parameter = Some("country");
            reason.given = Some(given.to_owned());
            reason.expected = Some("an ISO 3166-1 code of two or three letters".into());
        });
    }

    fn no_country(&mut self) {
        if self.request.kind == Kind::Preorder {
            self.notice("country_not_checked", || {
                "no country was given: markets and sales rights weren't looked at".into()
            });
            return;
        }
        self.leave_open(Group::Sale, "country", "country", |reason, _| {
            reason.parameter = Some("country");
            reason.expected = Some("the buyer's country, or the account's own".into());
        });
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
        let Some(given) = given.filter(|given| !rules::is_price_type(given)) else {
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

    /// Alphabets that the pages state without printing a code.
    fn identifiers(&mut self) {
        let request = self.request;
        if request.kind == Kind::Simulation {
            return;
        }
        self.alphabet("customer_id", &request.customer_id);
        if request.kind == Kind::Sale {
            self.alphabet("transaction_id", &request.transaction_id);
        }
    }

    fn alphabet(&mut self, name: &'static str, value: &Option<String>) {
        // Spaces around it are part of what would be sent.
        let Some(given) = value.as_deref().filter(|_| present(value).is_some()) else {
            return;
        };
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if !given.bytes().all(is_plain) {
            let rule = "identifier_alphabet";
            self.refuse(Group::Parameters, None, rule, |reason, _| {
                reason.parameter = Some(name);
                reason.given = Some(given.to_owned());
                reason.expected = Some("letters, digits, `-` and `_`".into());
            });
        }
    }

    /// `cost_without_taxes`, and what a sale alone has.
    fn rest(&mut self) {
        if self.request.kind != Kind::Preorder {
            self.net_cost();
        }
        if self.request.kind == Kind::Sale {
            self.uname();
            self.credit_card_prefix();
            self.sale_state();
        }
    }

    fn net_cost(&mut self) {
        let Some(given) = present(&self.request.cost_without_taxes) else {
            return;
        };
        let net = whole_number(given);
        let more = net
            .zip(self.asked.cost)
            .is_some_and(|(net, cost)| net > cost);
        let incl = present(&self.request.price_type).is_some_and(rules::includes_tax);
        if net.is_none() || more && incl {
            self.notice("cost_without_taxes", || {
                format!("cost_without_taxes {given} is no cost below that with taxes")
            });
        }
    }

    fn uname(&mut self) {
        let demanded = self.asked.protection == Some(Protection::Watermark)
            && self.account.dialect == Dialect::En;
        if demanded && present(&self.request.uname).is_none() {
            self.refuse(Group::Parameters, None, "uname", |reason, _| {
                reason.parameter = Some("uname");
                reason.expected = Some("the name for the watermark".into());
            });
        }
    }

    fn credit_card_prefix(&mut self) {
        let Some(given) = present(&self.request.credit_card_prefix) else {
            return;
        };
        if given.len() != 4 || !given.bytes().all(|b| b.is_ascii_digit()) {
            let rule = "credit_card_prefix";
            // What was given isn't repeated: it may be a whole card number.
            self.refuse(Group::Parameters, None, rule, |reason, _| {
                reason.parameter = Some("credit_card_prefix");
                reason.expected = Some("the first four digits".into());
            });
        }
    }

    fn sale_state(&mut self) {
        let Some(given) = present(&self.request.sale_state) else {
            return;
        };
        let states = dialect::sale_states(self.account.dialect);
        if states.contains(&given) {
            return;
        }
        if !self.account.strict && dialect::SALE_STATES.contains(&given) {
            self.notice("sale_state", || {
                format!("sale_state {given} stands on the English page only")
            });
            return;
        }
        let code = Some(Code::InvalidSaleState);
        self.refuse(Group::Parameters, code, "sale_state", |reason, _| {
            reason.parameter = Some("sale_state");
            reason.given = Some(given.to_owned());
            reason.expected = Some(states.join(", "));
        });
    }
}
