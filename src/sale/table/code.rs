//! The words and kinds of frames as bytes.

use crate::model::code::{Coded, coded_enum, read_text, write_text};
use crate::model::{Country, Date, Territory};

use super::super::offers::{Area, Dated};
use super::super::price::{Holds, Taxes};
use super::super::rules::{Availability, Effect, Role};

/// A word of the program itself, such as what is missing.
impl Coded for &'static str {
    fn write(&self, out: &mut Vec<u8>) {
        write_text(self, out);
    }
    fn read(from: &mut &[u8]) -> Option<Self> {
        let text = read_text(from)?;
        WORDS.into_iter().find(|word| *word == text)
    }
}

/// The words that frames hold.
const WORDS: [&str; 14] = [
    "MinimumOrderQuantity",
    "OrderQuantityMinimum",
    "PriceAmount",
    "PriceCondition",
    "PriceConstraint",
    "PriceQualifier",
    "UnpricedItemType",
    "availability",
    "date",
    "market_publishing_status",
    "notification_type",
    "publication_state",
    "publishing_status",
    "territory",
];

coded_enum!(Effect {
    0 Fine,
    1 Unknown(&'static str),
    2 PreorderAtMost,
    3 CannotSell,
});

coded_enum!(Availability {
    0 By(Effect),
    1 Forty,
    2 Preorder,
});

coded_enum!(Role {
    0 Embargo,
    1 PurchaseEmbargo,
    2 PreorderEmbargo,
    3 Announced,
    4 Expected,
    5 End,
});

coded_enum!(Dated {
    0 Here(Date),
    1 Slot(u16),
});

coded_enum!(Area {
    0 Here(Box<Territory>),
    1 Slot(u16),
});

coded_enum!(Holds {
    0 Anywhere,
    1 Country(Country),
    2 Territory(Box<Territory>),
});

coded_enum!(Taxes {
    0 Unstated,
    1 Included,
    2 Excluded,
    3 Unknown,
});
