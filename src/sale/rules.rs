//! What each code value means for a sale: one table as data. The sources of its cells are in
//! `src/docs/sale.md`.

/// What an element does to a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Effect {
    /// It has no objection.
    Fine,
    /// Nobody knows; the word says what is missing.
    Unknown(&'static str),
    /// It can be preordered at most.
    PreorderAtMost,
    /// It can't be sold.
    CannotSell,
}

use Effect::{CannotSell, Fine, PreorderAtMost, Unknown};

/// `NotificationType` (list 1)
pub(crate) fn notification_type(code: Option<&str>) -> Effect {
    match code {
        None | Some("01" | "02" | "03" | "04") => Fine,
        Some("05") => CannotSell,
        // Test records: nothing is sold by them.
        Some("88" | "89") => CannotSell,
        Some(_) => Unknown("notification_type"),
    }
}

/// `PublishingStatus` (list 64)
pub(crate) fn publishing_status(code: Option<&str>) -> Effect {
    match code {
        None | Some("00" | "04" | "18") => Fine,
        Some("02") => PreorderAtMost,
        Some(
            "01" | "03" | "05" | "06" | "07" | "08" | "10" | "11" | "12" | "13" | "15" | "16"
            | "17",
        ) => CannotSell,
        Some(_) => Unknown("publishing_status"),
    }
}

/// `MarketPublishingStatus` (list 68), asked only where the market has the country.
pub(crate) fn market_publishing_status(code: Option<&str>) -> Effect {
    match code {
        Some("14") => Fine,
        code => match publishing_status(code) {
            Unknown(_) => Unknown("market_publishing_status"),
            effect => effect,
        },
    }
}

/// What a supplier says of availability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Availability {
    /// Decided by the code alone.
    By(Effect),
    /// `ProductAvailability` 40, which dates decide.
    Forty,
    /// `state` preorder of the platform's `xml` format: it may be preordered until its start of sale.
    Preorder,
}

/// `ProductAvailability` (list 65)
pub(crate) fn product_availability(code: &str) -> Availability {
    Availability::By(match code {
        "20" | "21" | "22" | "23" => Fine,
        "10" | "12" => PreorderAtMost,
        "40" => return Availability::Forty,
        "01" | "09" | "11" | "30" | "31" | "32" | "33" | "34" | "41" | "42" | "43" | "44"
        | "45" | "46" | "47" | "48" | "49" | "50" | "51" | "52" => CannotSell,
        _ => Unknown("availability"),
    })
}

/// 2.1's `AvailabilityCode` (list 54)
pub(crate) fn availability_code(code: &str) -> Availability {
    Availability::By(match code {
        "IP" | "MD" | "TO" => Fine,
        "NP" | "NY" => PreorderAtMost,
        "AB" | "AD" | "EX" | "OF" | "OI" | "OP" | "OR" | "PP" | "RF" | "RM" | "RP" | "RU"
        | "TP" | "TU" | "UR" | "WS" => CannotSell,
        _ => Unknown("availability"),
    })
}

/// `state` of a format in the platform's `xml`: what it makes of status and dates itself. How it
/// spells the third state, nobody has seen.
pub(crate) fn format_state(word: &str) -> Availability {
    Availability::By(match word {
        "sell" => Fine,
        "preorder" | "pre_order" | "pre-order" => return Availability::Preorder,
        "view" => CannotSell,
        _ => Unknown("availability"),
    })
}

/// `state` of a publication in the platform's `xml`.
pub(crate) fn publication_state(word: Option<&str>) -> Effect {
    match word {
        None | Some("online") => Fine,
        Some(_) => Unknown("publication_state"),
    }
}

/// `SalesRightsType` (list 46) for the countries of its territory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Right {
    /// 01, 02, 07, 08
    ForSale,
    /// 03–06
    NotForSale,
    /// 00, and codes nobody knows.
    Unstated,
}

/// `SalesRightsType`, `ROWSalesRightsType` (list 46)
pub(crate) fn sales_rights_type(code: Option<&str>) -> Right {
    match code {
        Some("01" | "02" | "07" | "08") => Right::ForSale,
        Some("03" | "04" | "05" | "06") => Right::NotForSale,
        _ => Right::Unstated,
    }
}

/// `SalesRestrictionType` (list 71), while it is in force. `named`: it names outlets; `own`: the
/// account's among them.
pub(crate) fn sales_restriction_type(code: Option<&str>, named: bool, own: bool) -> Effect {
    match code {
        Some("99") => Fine,
        // Retailer exception: everybody but those named.
        Some("11") if own => CannotSell,
        // Except to some subscription services, this shop among them: nobody says what it sells.
        Some("20") if own => Unknown("sales_outlet"),
        Some("01" | "04" | "05") if own => Fine,
        _ if named && !own => Unknown("sales_outlet"),
        Some("08" | "09" | "12" | "15" | "16" | "17" | "18" | "19" | "20" | "23") => Fine,
        Some(
            "01" | "02" | "03" | "04" | "05" | "06" | "07" | "10" | "11" | "13" | "14" | "21"
            | "22",
        ) => CannotSell,
        _ => Unknown("sales_restriction"),
    }
}

/// What a date is for, as far as a sale depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// No sale before it: 163/02, 166/02.
    Embargo,
    /// No purchase before it: 163/33.
    PurchaseEmbargo,
    /// No preorder before it: 163/27.
    PreorderEmbargo,
    /// Announced from then on: 163/09.
    Announced,
    /// To be had from then on: 166/08.
    Expected,
    /// Gone after it: 163/13, 166/51.
    End,
}

/// `PublishingDateRole`, `MarketDateRole` (list 163); `None` where no sale depends on it.
pub(crate) fn publishing_date_role(code: &str) -> Option<Role> {
    Some(match code {
        "02" => Role::Embargo,
        "33" => Role::PurchaseEmbargo,
        "27" => Role::PreorderEmbargo,
        "09" => Role::Announced,
        "13" => Role::End,
        _ => return None,
    })
}

/// `SupplyDateRole` (list 166)
pub(crate) fn supply_date_role(code: &str) -> Option<Role> {
    Some(match code {
        "02" => Role::Embargo,
        "08" => Role::Expected,
        "51" => Role::End,
        _ => return None,
    })
}

/// What a date does, by whether it has come or gone; availability 40 judges its own by itself.
pub(crate) fn date(role: Role, when: When) -> Effect {
    match (role, when) {
        (Role::Announced, _) => Fine,
        (Role::End, When::Past) => CannotSell,
        (Role::End, When::Future | When::Now) => Fine,
        (_, When::Future) => CannotSell,
        (_, When::Now | When::Past) => Fine,
        (_, When::Within | When::Unreadable) => Unknown("date"),
    }
}

/// Where a date lies, seen from the moment of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// It hasn't begun.
    Future,
    /// It has begun and isn't over.
    Now,
    /// It is a month or a year of which the day isn't told, and that has begun and isn't over.
    Within,
    /// It is over.
    Past,
    /// It is no date.
    Unreadable,
}

/// Whether a price of this qualifier (list 59) is for a consumer's sale. 08 and 17 are while they
/// run, which their dates say like any other price's.
pub(crate) fn is_consumer_price(qualifier: Option<&str>) -> bool {
    matches!(qualifier, None | Some("00" | "05" | "08" | "17"))
}

/// Whether a price under this condition (list 167) is a plain sale's.
pub(crate) fn is_plain_condition(code: Option<&str>) -> bool {
    matches!(code, None | Some("00" | "01" | "03"))
}

/// Constraints of a price (list 230) that only libraries and organisations work under.
pub(crate) fn is_institutional_constraint(code: Option<&str>) -> bool {
    matches!(code, Some("08" | "09" | "10" | "16"))
}

/// The price types that the platform takes (list 58).
pub(crate) const PRICE_TYPES: [&str; 6] = ["01", "02", "03", "04", "41", "42"];

/// Whether the platform takes this price type.
pub(crate) fn is_price_type(code: &str) -> bool {
    matches!(code, "01" | "02" | "03" | "04" | "41" | "42")
}

/// Whether amounts of this price type have tax in them.
pub(crate) fn includes_tax(price_type: &str) -> bool {
    matches!(price_type, "02" | "04" | "42")
}

/// Forms that an electronic product can have: without a known detail its format isn't known.
pub(crate) fn is_digital(product_form: Option<&str>) -> bool {
    match product_form {
        None => true,
        Some(form) => form.starts_with('E') || matches!(form, "DG" | "DH" | "AJ" | "AN" | "00"),
    }
}
