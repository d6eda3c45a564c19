//! Frames as bytes: an [`Offers`] without its dates, prices and what only reasons tell; a [`Price`] without
//! its amount and dates.

use std::sync::Arc;

use crate::model::{Date, Territory};

use super::super::elements::{self, Elements};
use super::super::offers::{
    Area, Dated, Offers, Place, Restriction, Rights, RoleDate, Stated, Supplier, Supply,
};
use super::super::price::Price;
use super::super::rules::{Availability, Effect};
use crate::model::code::{Coded, write_text};

/// The bytes of a part's entry; starts of entries are words.
pub(super) fn bytes_of<'b>(starts: &[u8], bytes: &'b [u8], n: u32) -> Option<&'b [u8]> {
    let start = |n: u32| super::word(starts, n as usize) as usize;
    bytes.get(start(n)..start(n.checked_add(1)?))
}

/// What differs from record to record of one frame.
#[derive(Debug, Clone, Copy)]
pub(super) enum Slot {
    Date(Date),
    Territory(Territory),
}

/// Writes the frame of offers; its dates and territories go to `slots`.
pub(super) fn write_offers(offers: &Offers, slots: &mut Vec<Slot>, out: &mut Vec<u8>) {
    let mut writer = Writer { slots, out };
    writer.offers(offers);
}

struct Writer<'w> {
    slots: &'w mut Vec<Slot>,
    out: &'w mut Vec<u8>,
}

impl Writer<'_> {
    fn offers(&mut self, offers: &Offers) {
        let is_xml = std::ptr::eq(offers.elements, &raw const elements::XML);
        self.value(&is_xml);
        self.value(&offers.format);
        self.value(&offers.may_be);
        self.value(&offers.protections);
        self.value(&offers.library);
        self.value(&offers.without_price_type);
        self.value(&offers.has_limited_prices);
        self.value(&offers.notification_type.0);
        self.value(&offers.publication_state.0);
        self.value(&offers.publishing_status.0);
        self.value(&offers.publishing_status.1.is_some());
        self.dates(&offers.publishing_dates);
        self.restrictions(&offers.restrictions);
        self.value(&offers.rights.is_some());
        if let Some(rights) = &offers.rights {
            self.area(&rights.for_sale);
            self.area(&rights.unstated);
        }
        self.value(&offers.supplies.len());
        for supply in &offers.supplies {
            self.supply(supply);
        }
        let is_territory = |slot: &Slot| matches!(slot, Slot::Territory(_));
        let kinds: Vec<bool> = self.slots.iter().map(is_territory).collect();
        self.value(&kinds);
    }

    fn value(&mut self, value: &impl Coded) {
        value.write(self.out);
    }

    fn dated(&mut self, date: Dated) {
        let date = match (date, self.free_slot()) {
            (Dated::Here(date), Some(slot)) => {
                self.slots.push(Slot::Date(date));
                Dated::Slot(slot)
            }
            (date, _) => date,
        };
        date.write(self.out);
    }

    fn area(&mut self, area: &Area) {
        match (area, self.free_slot()) {
            // Nearly every market is the world.
            (Area::Here(territory), Some(slot)) if **territory != Territory::world() => {
                self.slots.push(Slot::Territory(**territory));
                Area::Slot(slot).write(self.out);
            }
            (area, _) => area.write(self.out),
        }
    }

    fn optional_area(&mut self, area: Option<&Area>) {
        self.value(&area.is_some());
        if let Some(area) = area {
            self.area(area);
        }
    }

    /// The number of the next slot; what is more than slots can number stays in the frame.
    fn free_slot(&self) -> Option<u16> {
        let slot = u16::try_from(self.slots.len()).ok();
        slot.filter(|slot| *slot < u16::MAX)
    }

    fn dates(&mut self, dates: &[RoleDate]) {
        self.value(&dates.len());
        for date in dates {
            self.value(&date.role);
            self.value(&date.date.is_some());
            if let Some(date) = date.date {
                self.dated(date);
            }
        }
    }

    fn bound(&mut self, bound: Option<Result<Dated, ()>>) {
        match bound {
            None => self.out.push(0),
            Some(Err(())) => self.out.push(1),
            Some(Ok(date)) => {
                self.out.push(2);
                self.dated(date);
            }
        }
    }

    fn restrictions(&mut self, restrictions: &[Restriction]) {
        self.value(&restrictions.len());
        for restriction in restrictions {
            self.value(&restriction.restriction_type);
            self.value(&restriction.outlets);
            self.bound(restriction.from);
            self.bound(restriction.until);
            self.optional_area(restriction.territory.as_ref());
        }
    }

    fn supply(&mut self, supply: &Supply) {
        self.value(&supply.number);
        self.optional_area(supply.market.as_ref().map(|market| &market.territory));
        self.value(&supply.status.0);
        self.dates(&supply.dates);
        self.restrictions(&supply.restrictions);
        self.value(&supply.suppliers.len());
        for supplier in &supply.suppliers {
            self.value(&supplier.name);
            self.optional_area(supplier.supply_to.as_ref());
            let availability = supplier.availability.as_ref();
            self.value(&availability.map(|(availability, _)| *availability));
            self.dates(&supplier.dates);
        }
    }
}

impl Coded for Offers {
    fn write(&self, out: &mut Vec<u8>) {
        write_offers(self, &mut Vec::new(), out);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        let elements: &'static Elements = match bool::read(from)? {
            true => &elements::XML,
            false => &elements::ONIX,
        };
        Some(Self {
            record_reference: Arc::from(""),
            sent: None,
            sent_date: None,
            publisher: None,
            format: Coded::read(from)?,
            may_be: Coded::read(from)?,
            product_form: None,
            protections: Coded::read(from)?,
            protections_stated: None,
            library: Coded::read(from)?,
            elements,
            without_price_type: Coded::read(from)?,
            has_limited_prices: Coded::read(from)?,
            notification_type: (Effect::read(from)?, None),
            publication_state: (Effect::read(from)?, None),
            publishing_status: (Effect::read(from)?, bool::read(from)?.then(unstated)),
            publishing_dates: Coded::read(from)?,
            restrictions: Coded::read(from)?,
            rights: Coded::read(from)?,
            supplies: Coded::read(from)?,
            slots: Coded::read(from)?,
            is_outdated: false,
        })
    }
}

/// What is read of a frame, beside what is written by [`Writer`].
macro_rules! read_only {
    ($type:ty, $from:ident => $read:expr) => {
        impl Coded for $type {
            fn write(&self, _: &mut Vec<u8>) {}

            fn read($from: &mut &[u8]) -> Option<Self> {
                Some($read)
            }
        }
    };
}

fn unstated() -> Stated {
    Stated {
        element: "",
        value: String::new(),
        byte: 0,
    }
}

read_only!(RoleDate, from => RoleDate {
    role: Coded::read(from)?,
    date: Coded::read(from)?,
    stated: unstated(),
});

read_only!(Restriction, from => Restriction {
    restriction_type: Coded::read(from)?,
    outlets: Coded::read(from)?,
    from: read_bound(from)?,
    until: read_bound(from)?,
    territory: Coded::read(from)?,
    byte: 0,
});

fn read_bound(from: &mut &[u8]) -> Option<Option<Result<Dated, ()>>> {
    Some(match u8::read(from)? {
        0 => None,
        1 => Some(Err(())),
        2 => Some(Ok(Dated::read(from)?)),
        _ => return None,
    })
}

read_only!(Rights, from => Rights {
    for_sale: Coded::read(from)?,
    unstated: Coded::read(from)?,
    statements: Vec::new(),
    byte: 0,
});

read_only!(Supply, from => Supply {
    number: Coded::read(from)?,
    market: Option::<Area>::read(from)?.map(|territory| Place { territory, byte: 0 }),
    status: (Effect::read(from)?, None),
    dates: Coded::read(from)?,
    restrictions: Coded::read(from)?,
    suppliers: Coded::read(from)?,
});

read_only!(Supplier, from => Supplier {
    name: Coded::read(from)?,
    supply_to: Coded::read(from)?,
    availability: Option::<Availability>::read(from)?.map(|one| (one, unstated())),
    dates: Coded::read(from)?,
    ..Supplier::default()
});

/// The frame of a price: its cost and its text stay in it only where a row can't hold them.
impl Coded for Price {
    fn write(&self, out: &mut Vec<u8>) {
        self.price_type.write(out);
        self.currency.write(out);
        self.holds.write(out);
        self.protections.write(out);
        self.limited.write(out);
        self.excluded.write(out);
        self.unreadable_date.write(out);
        self.is_minor.write(out);
        self.taxes.write(out);
        self.unpriced.write(out);
        self.qualifier.write(out);
        self.status.write(out);
        self.tax_rate.write(out);
        let in_frame = self.default_cost.filter(|cost| !super::fits(*cost));
        in_frame.write(out);
        let amount = self.amount.as_ref().filter(|_| self.default_cost.is_none());
        amount.is_some().write(out);
        if let Some(amount) = amount {
            write_text(amount, out);
        }
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        Some(Self {
            price_type: Coded::read(from)?,
            currency: Coded::read(from)?,
            holds: Coded::read(from)?,
            protections: Coded::read(from)?,
            limited: Coded::read(from)?,
            excluded: Coded::read(from)?,
            unreadable_date: Coded::read(from)?,
            is_minor: Coded::read(from)?,
            taxes: Coded::read(from)?,
            unpriced: Coded::read(from)?,
            qualifier: Coded::read(from)?,
            status: Coded::read(from)?,
            tax_rate: Coded::read(from)?,
            default_cost: Coded::read(from)?,
            amount: Coded::read(from)?,
            ..Self::default()
        })
    }
}

/// The rest of a table.
#[derive(Debug, Default)]
pub(super) struct Rest {
    /// Dates that aren't days of no zone.
    pub(super) dates: Vec<Date>,
    pub(super) publishers: Vec<String>,
    /// When records were sent.
    pub(super) sent: Vec<(Arc<str>, Option<Date>)>,
}

pub(super) fn write_rest(rest: &Rest) -> Vec<u8> {
    let mut out = Vec::new();
    rest.dates.write(&mut out);
    rest.publishers.write(&mut out);
    rest.sent.len().write(&mut out);
    for (text, date) in &rest.sent {
        write_text(text, &mut out);
        date.write(&mut out);
    }
    out
}

pub(super) fn read_rest(mut from: &[u8]) -> Option<Rest> {
    let dates = Coded::read(&mut from)?;
    let publishers = Coded::read(&mut from)?;
    let n = usize::read(&mut from)?;
    let sent = (0..n)
        .map(|_| Some((String::read(&mut from)?.into(), Coded::read(&mut from)?)))
        .collect::<Option<_>>()?;
    from.is_empty().then_some(Rest {
        dates,
        publishers,
        sent,
    })
}
