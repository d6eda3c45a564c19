//! Where the platform's two documents differ, and what each demands: one table. The sources of its
//! cells are in `src/docs/sale.md`.

use crate::model::{Account, Code, Dialect, Kind, SaleRequest};

/// Whether a parameter has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Optional,
    Mandatory,
    /// A page calls it mandatory; the platform is known to do without.
    MandatoryWhenStrict,
}

/// A parameter that may be missed.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    /// The code of its absence, where a page prints one.
    pub(crate) code: Option<Code>,
    pub(crate) expected: &'static str,
    pub(crate) value: fn(&SaleRequest) -> &Option<String>,
    /// Simulation and sale, English then Spanish; then preorder.
    presence: [Presence; 5],
}

use Presence::{Mandatory, MandatoryWhenStrict, Optional};

pub(crate) static PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "format",
        code: Some(Code::MissingFormat),
        expected: "epub, pdf, mobi or audio",
        value: |request| &request.format,
        presence: [Mandatory, Mandatory, Mandatory, Mandatory, Optional],
    },
    Parameter {
        name: "for",
        code: Some(Code::MissingFormat),
        expected: "epub, pdf, mobi or audio",
        value: |request| &request.for_format,
        presence: [Optional, Optional, Optional, Optional, Mandatory],
    },
    Parameter {
        name: "cost",
        code: Some(Code::MissingCost),
        expected: "the price in the currency's minor unit",
        value: |request| &request.cost,
        presence: [Mandatory, Mandatory, Mandatory, Mandatory, Optional],
    },
    Parameter {
        name: "protection",
        code: Some(Code::MissingProtection),
        expected: "none, watermark, acs4, acs4_timelimited, drm or drm_timelimited",
        value: |request| &request.protection,
        presence: [Mandatory, Mandatory, Mandatory, Mandatory, Optional],
    },
    Parameter {
        name: "country",
        code: None,
        expected: "the buyer's country",
        value: |request| &request.country,
        presence: [
            MandatoryWhenStrict,
            MandatoryWhenStrict,
            Optional,
            MandatoryWhenStrict,
            Optional,
        ],
    },
    Parameter {
        name: "currency",
        code: None,
        expected: "the currency of the cost",
        value: |request| &request.currency,
        presence: [
            MandatoryWhenStrict,
            MandatoryWhenStrict,
            Optional,
            Optional,
            Optional,
        ],
    },
    Parameter {
        name: "price_type",
        code: None,
        expected: "01, 02, 03, 04, 41 or 42",
        value: |request| &request.price_type,
        presence: [
            Optional,
            MandatoryWhenStrict,
            Optional,
            MandatoryWhenStrict,
            Optional,
        ],
    },
    Parameter {
        name: "customer_id",
        code: Some(Code::MissingCustomerId),
        expected: "the customer's identifier",
        value: |request| &request.customer_id,
        presence: [Optional, Optional, Mandatory, Mandatory, Mandatory],
    },
    Parameter {
        name: "transaction_id",
        code: Some(Code::MissingTransactionId),
        expected: "the basket's identifier",
        value: |request| &request.transaction_id,
        presence: [Optional, Optional, Mandatory, Mandatory, Optional],
    },
    Parameter {
        name: "cost_without_taxes",
        code: None,
        expected: "the price without taxes, which this account must give",
        value: |request| &request.cost_without_taxes,
        presence: [Optional; 5],
    },
];

impl Parameter {
    pub(crate) fn presence(&self, kind: Kind, account: &Account) -> Presence {
        if self.name == "cost_without_taxes" && kind != Kind::Preorder {
            return match account.cost_without_taxes {
                true => Mandatory,
                false => Optional,
            };
        }
        self.presence[match (kind, account.dialect) {
            (Kind::Simulation, Dialect::En) => 0,
            (Kind::Simulation, Dialect::Es) => 1,
            (Kind::Sale, Dialect::En) => 2,
            (Kind::Sale, Dialect::Es) => 3,
            (Kind::Preorder, _) => 4,
        }]
    }
}

/// `drm_type`
pub(crate) const DRM_TYPES: [&str; 3] = ["acs", "lcp", "urms"];

/// `sale_state`, as the page in question prints it.
pub(crate) fn sale_states(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        Dialect::En => &SALE_STATES,
        Dialect::Es => &SALE_STATES[..2],
    }
}

/// All of them: the Spanish page lacks the last, which the platform takes.
pub(crate) const SALE_STATES: [&str; 3] = ["active", "test", "customer_service"];

/// The code of an empty identifier: the English pages don't print `missing_isbn`.
pub(crate) fn missing_isbn(dialect: Dialect) -> Code {
    match dialect {
        Dialect::En => Code::NotFound,
        Dialect::Es => Code::MissingIsbn,
    }
}

/// What can be wrong with a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Another amount.
    Cost,
    /// No price for country, currency and type.
    NoRow,
    /// No currency.
    Currency,
    /// A type outside the six.
    PriceType,
}

/// The code of a fault of the price: the English pages print one for all.
pub(crate) fn price_code(fault: Fault, account: &Account) -> Code {
    if let Some(code) = account.price_code {
        return code;
    }
    match (account.dialect, fault) {
        (Dialect::En, _) | (_, Fault::NoRow) => Code::InvalidSaleParameters,
        (Dialect::Es, Fault::Cost) => Code::InvalidCost,
        (Dialect::Es, Fault::Currency) => Code::InvalidCurrency,
        (Dialect::Es, Fault::PriceType) => Code::InvalidPriceType,
    }
}
