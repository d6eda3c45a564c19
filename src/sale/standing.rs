//! Whether a product stands for sale: its statuses, dates, rights, restrictions, market and
//! supplier at a moment, before any price is looked at.

use crate::model::{Account, Country, Coverage, Moment, Status, Territory};

use super::offers::{Area, Dated, Offers, Restriction, Rights, RoleDate, Stated, Supplier};
use super::offers_ref::{OffersRef, Seller};
use super::rules::{self, Availability, Effect, Role, When};
use super::table::Slots;

/// What is asked of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Sale,
    Preorder,
}

/// Where and when, for whom.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'s> {
    pub(crate) purpose: Purpose,
    /// Without one, territories aren't looked at.
    pub(crate) country: Option<Country>,
    pub(crate) at: Moment,
    pub(crate) account: &'s Account,
    /// The dates of the record, where it is packed.
    pub(crate) slots: Slots<'s>,
}

/// An element that hinders a sale, or leaves it open.
#[derive(Debug, Clone)]
pub(crate) struct Objection {
    pub(crate) effect: Effect,
    pub(crate) rule: &'static str,
    pub(crate) stated: Option<Stated>,
    pub(crate) expected: &'static str,
}

/// Takes objections; does nothing where only the effect matters.
pub(crate) type Sink<'f> = Option<&'f mut Vec<Objection>>;

/// Adds up effects and tells of those that object.
struct Sum<'f> {
    effect: Effect,
    only_later: bool,
    sink: Sink<'f>,
}

impl Sum<'_> {
    fn add(&mut self, effect: Effect, later: bool, objection: impl FnOnce() -> Objection) {
        if effect == Effect::Fine {
            return;
        }
        self.effect = self.effect.max(effect);
        self.only_later &= later;
        if let Some(sink) = &mut self.sink {
            sink.push(objection());
        }
    }

    fn stated(
        &mut self,
        effect: Effect,
        rule: &'static str,
        stated: Option<&Stated>,
        expected: &'static str,
    ) {
        self.add(effect, effect == Effect::PreorderAtMost, || Objection {
            effect,
            rule,
            stated: stated.cloned(),
            expected,
        });
    }
}

/// How a product or a supplier of it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) effect: Effect,
    /// Whether time alone lifts every objection.
    pub(crate) only_later: bool,
}

impl Standing {
    fn and(self, other: Self) -> Self {
        Self {
            effect: self.effect.max(other.effect),
            only_later: self.only_later && other.only_later,
        }
    }
}

/// What the purpose makes of a status: forthcoming doesn't hinder a preorder. Beside an availability
/// of 40 that its release has outlived, it is as old as that, and nobody knows.
fn of_status(effect: Effect, purpose: Purpose, outlived: impl FnOnce() -> bool) -> Effect {
    match (effect, purpose) {
        (Effect::PreorderAtMost, Purpose::Preorder) => Effect::Fine,
        (Effect::PreorderAtMost, Purpose::Sale) if outlived() => Effect::Unknown("fresh_record"),
        (effect, _) => effect,
    }
}

/// Availability 40, or the state that stands for it.
fn is_waiting(supplier: &Supplier) -> bool {
    matches!(
        supplier.availability,
        Some((Availability::Forty | Availability::Preorder, _))
    )
}

/// The same past its `SupplyDate` 02, or its start of sale.
fn is_released(supplier: &Supplier, scene: &Scene<'_>) -> bool {
    let is_past = |date: &RoleDate| matches!(when(date, scene), When::Now | When::Past);
    is_waiting(supplier)
        && supplier
            .dates
            .iter()
            .any(|date| date.role == Role::Embargo && is_past(date))
}

impl OffersRef<'_> {
    /// The product as a whole.
    pub(crate) fn standing(&self, scene: &Scene<'_>, sink: Sink<'_>) -> Standing {
        let mut sum = Sum {
            effect: Effect::Fine,
            only_later: true,
            sink,
        };
        let (effect, stated) = &self.notification_type;
        sum.stated(
            *effect,
            "notification_type",
            stated.as_ref(),
            "a record that isn't a removal",
        );
        let (effect, stated) = &self.publication_state;
        sum.stated(
            *effect,
            "publication_state",
            stated.as_ref(),
            "state online",
        );
        let (effect, stated) = &self.publishing_status;
        let outlived = || {
            let mut suppliers = self.suppliers();
            suppliers.any(|supplier| is_released(supplier, scene))
        };
        let effect = of_status(*effect, scene.purpose, outlived);
        sum.stated(
            effect,
            "publishing_status",
            stated.as_ref(),
            self.elements.active,
        );
        publishing_dates(&self.publishing_dates, scene, &mut sum);
        restrictions(&self.restrictions, scene, &mut sum);
        self.rights(scene, &mut sum);
        self.agreement(scene, &mut sum);
        Standing {
            effect: sum.effect,
            only_later: sum.only_later,
        }
    }

    fn rights(&self, scene: &Scene<'_>, sum: &mut Sum<'_>) {
        let (Some(rights), Some(country)) = (&self.rights, scene.country) else {
            return;
        };
        let unstated = rights.unstated.coverage(country, scene.slots) != Coverage::Out;
        let effect = match rights.for_sale.coverage(country, scene.slots) {
            _ if unstated => Effect::Unknown("sales_rights"),
            Coverage::In => return,
            coverage => of_coverage(coverage),
        };
        sum.add(effect, false, || Objection {
            effect,
            rule: "sales_rights",
            stated: Some(Stated {
                element: "SalesRights",
                value: rights.text(),
                byte: rights.byte,
            }),
            expected: "a right to sell in the country",
        });
    }

    /// Being in the feed is the agreement, unless a fetched list of publishers lacks this one.
    fn agreement(&self, scene: &Scene<'_>, sum: &mut Sum<'_>) {
        let Some(publishers) = &scene.account.publishers else {
            return;
        };
        let own = self.publisher().unwrap_or_default().trim();
        let is_own = |name: &String| !own.is_empty() && name.trim().eq_ignore_ascii_case(own);
        if publishers.iter().any(is_own) {
            return;
        }
        let effect = Effect::Unknown("agreement");
        sum.add(effect, false, || Objection {
            effect,
            rule: "agreement",
            stated: None,
            expected: "a publisher of the organisation's agreements",
        });
    }

    /// One supplier of one market.
    pub(crate) fn supplier_standing(
        &self,
        seller: &Seller<'_>,
        scene: &Scene<'_>,
        sink: Sink<'_>,
    ) -> Standing {
        let Seller {
            supply, supplier, ..
        } = *seller;
        let mut sum = Sum {
            effect: Effect::Fine,
            only_later: true,
            sink,
        };
        if let Some(country) = scene.country {
            if let Some(market) = &supply.market {
                let effect = of_coverage(market.territory.coverage(country, scene.slots));
                sum.add(effect, false, || Objection {
                    effect,
                    rule: "market",
                    stated: Some(Stated {
                        element: self.elements.market,
                        value: market.territory.territory(scene.slots).summary(),
                        byte: market.byte,
                    }),
                    expected: self.elements.of_country,
                });
            }
            if let Some(supply_to) = &supplier.supply_to {
                let effect = of_coverage(supply_to.coverage(country, scene.slots));
                sum.stated(effect, "supply_to", None, "a supplier of the country");
            }
        }
        let (effect, stated) = &supply.status;
        let effect = of_status(*effect, scene.purpose, || is_released(supplier, scene));
        let expected = "MarketPublishingStatus 04 (active)";
        sum.stated(
            effect,
            "market_publishing_status",
            stated.as_ref(),
            expected,
        );
        publishing_dates(&supply.dates, scene, &mut sum);
        restrictions(&supply.restrictions, scene, &mut sum);
        self.availability(supplier, scene, &mut sum);
        Standing {
            effect: sum.effect,
            only_later: sum.only_later,
        }
    }

    fn availability(&self, supplier: &Supplier, scene: &Scene<'_>, sum: &mut Sum<'_>) {
        let (effect, later) = match &supplier.availability {
            None => (Effect::Unknown("availability"), false),
            Some((Availability::Forty, _)) => self.forty(supplier, scene),
            Some((Availability::Preorder, _)) => preorder(supplier, scene),
            Some((Availability::By(effect), _)) => match (effect, scene.purpose) {
                // A preorder takes 40 alone.
                (Effect::Fine | Effect::PreorderAtMost, Purpose::Preorder) => {
                    (Effect::CannotSell, false)
                }
                (effect, _) => (*effect, *effect == Effect::PreorderAtMost),
            },
        };
        let is_waiting = is_waiting(supplier);
        sum.add(effect, later, || Objection {
            effect,
            rule: "availability",
            stated: supplier
                .availability
                .as_ref()
                .map(|(_, stated)| stated.clone()),
            expected: match scene.purpose {
                Purpose::Sale => self.elements.for_sale,
                Purpose::Preorder => self.elements.for_preorder,
            },
        });
        // A preorder in its window waits for these.
        let in_window = scene.purpose == Purpose::Preorder && effect == Effect::Fine;
        let starts = |role| matches!(role, Role::Embargo | Role::Expected);
        for date in &supplier.dates {
            let judged = is_waiting && date.role == Role::Embargo;
            if judged || in_window && starts(date.role) {
                continue;
            }
            one_date(date, "supply_date", scene, sum);
        }
    }

    /// Availability 40: in the window of a preorder, past it, or neither; and whether time lifts it.
    fn forty(&self, supplier: &Supplier, scene: &Scene<'_>) -> (Effect, bool) {
        let all = |dates: &[RoleDate], role| whens(dates, role, scene);
        let (to_come, released, unclear) = all(&supplier.dates, Role::Embargo);
        if released {
            // The platform has probably put it on sale meanwhile.
            return (Effect::Unknown("fresh_record"), false);
        }
        if unclear {
            return (Effect::Unknown("date"), false);
        }
        let announced = all(&self.publishing_dates, Role::Announced);
        let preorder = all(&self.publishing_dates, Role::PreorderEmbargo);
        let opens = announced.1 || preorder.1;
        let doubtful = announced.2 || preorder.2 || opens && announced.0;
        match (to_come, scene.purpose) {
            (false, _) => (Effect::CannotSell, false),
            // In its window or not, it isn't sold yet.
            (true, Purpose::Sale) => (Effect::PreorderAtMost, true),
            (true, Purpose::Preorder) if doubtful => (Effect::Unknown("date"), false),
            (true, Purpose::Preorder) if opens => (Effect::Fine, true),
            (true, Purpose::Preorder) => (Effect::CannotSell, announced.0 || preorder.0),
        }
    }

    /// For search and tables: how the product stands through one supplier.
    pub(crate) fn standing_status(
        &self,
        seller: &Seller<'_>,
        country: Option<Country>,
        at: Moment,
        account: &Account,
    ) -> Status {
        let standing = |purpose| {
            let scene = self.scene(purpose, country, at, account);
            self.standing(&scene, None)
                .and(self.supplier_standing(seller, &scene, None))
        };
        let sale = standing(Purpose::Sale);
        if sale.effect == Effect::Fine {
            return Status::Sale;
        }
        if standing(Purpose::Preorder).effect == Effect::Fine {
            return Status::Preorder;
        }
        match sale.effect {
            Effect::Unknown(_) => Status::Unknown,
            _ if sale.only_later => Status::Later,
            _ => Status::No,
        }
    }
}

/// `state` preorder: it waits for its start of sale, and may be preordered until then.
fn preorder(supplier: &Supplier, scene: &Scene<'_>) -> (Effect, bool) {
    let (to_come, released, unclear) = whens(&supplier.dates, Role::Embargo, scene);
    match scene.purpose {
        // The platform has probably put it on sale meanwhile.
        _ if released => (Effect::Unknown("fresh_record"), false),
        _ if unclear => (Effect::Unknown("date"), false),
        Purpose::Sale => (Effect::PreorderAtMost, to_come),
        Purpose::Preorder if to_come => (Effect::Fine, true),
        // Until when it can be preordered isn't told.
        Purpose::Preorder => (Effect::Unknown("date"), false),
    }
}

/// Whether dates of a role are to come, have come, or can't be told.
fn whens(dates: &[RoleDate], role: Role, scene: &Scene<'_>) -> (bool, bool, bool) {
    let mut out = (false, false, false);
    for date in dates.iter().filter(|date| date.role == role) {
        match when(date, scene) {
            When::Future => out.0 = true,
            When::Now | When::Past => out.1 = true,
            When::Within | When::Unreadable => out.2 = true,
        }
    }
    out
}

impl Rights {
    /// The statements, such as `01 FR BE; 06 rest`.
    fn text(&self) -> String {
        let each = |(code, territory): &(String, Territory)| {
            let code = if code.is_empty() { "-" } else { code };
            format!("{code} {}", territory.summary())
        };
        self.statements
            .iter()
            .map(each)
            .collect::<Vec<_>>()
            .join("; ")
    }
}

fn of_coverage(coverage: Coverage) -> Effect {
    match coverage {
        Coverage::In => Effect::Fine,
        Coverage::Out => Effect::CannotSell,
        Coverage::Part | Coverage::Unknown => Effect::Unknown("territory"),
    }
}

/// Where a date lies: a date without a time lasts its whole day.
fn when(date: &RoleDate, scene: &Scene<'_>) -> When {
    let Some(date) = date.date.and_then(|date| date.date(scene.slots)) else {
        return When::Unreadable;
    };
    if date.start(&scene.account.zone) > scene.at {
        When::Future
    } else if date.end(&scene.account.zone) <= scene.at {
        When::Past
    } else if date.is_longer_than_a_day() {
        When::Within
    } else {
        When::Now
    }
}

fn publishing_dates(dates: &[RoleDate], scene: &Scene<'_>, sum: &mut Sum<'_>) {
    for date in dates {
        one_date(date, "publishing_date", scene, sum);
    }
}

fn one_date(date: &RoleDate, rule: &'static str, scene: &Scene<'_>, sum: &mut Sum<'_>) {
    let when = when(date, scene);
    let effect = rules::date(date.role, when);
    let later = when == When::Future;
    sum.add(effect, later, || of_date(date, effect, rule, later));
}

fn of_date(date: &RoleDate, effect: Effect, rule: &'static str, later: bool) -> Objection {
    Objection {
        effect,
        rule,
        stated: Some(date.stated.clone()),
        expected: match later {
            true => "a moment after that date",
            false => "a moment before that date",
        },
    }
}

fn restrictions(restrictions: &[Restriction], scene: &Scene<'_>, sum: &mut Sum<'_>) {
    for restriction in restrictions {
        let own = restriction.outlets.iter().any(|outlet| {
            let own = |name: &String| name.trim().eq_ignore_ascii_case(outlet.trim());
            scene.account.outlets.iter().any(own)
        });
        let named = !restriction.outlets.is_empty();
        let code = restriction.restriction_type.as_deref();
        let mut effect = rules::sales_restriction_type(code, named, own);
        let Some(certain) = in_force(restriction, scene) else {
            continue;
        };
        if !certain && effect != Effect::Fine {
            effect = Effect::Unknown("sales_restriction");
        }
        sum.add(effect, false, || Objection {
            effect,
            rule: "sales_restriction",
            stated: Some(Stated {
                element: "SalesRestriction",
                value: code.unwrap_or_default().to_owned(),
                byte: restriction.byte,
            }),
            expected: "no restriction that shuts this sale out",
        });
    }
}

impl Offers {
    /// Whether a restriction of type 08 holds, which doesn't hinder a sale.
    pub(crate) fn is_indexed(&self, scene: &Scene<'_>) -> bool {
        let of_supplies = self.supplies.iter().flat_map(|supply| &supply.restrictions);
        self.restrictions
            .iter()
            .chain(of_supplies)
            .any(|restriction| {
                restriction.restriction_type.as_deref() == Some("08")
                    && in_force(restriction, scene).is_some()
            })
    }
}

/// Whether a restriction holds here and now: `Some(false)` where that can't be told.
fn in_force(restriction: &Restriction, scene: &Scene<'_>) -> Option<bool> {
    let zone = &scene.account.zone;
    let mut certain = true;
    let date = |dated: Dated| dated.date(scene.slots);
    match restriction.from.map(|from| from.ok().and_then(date)) {
        Some(Some(from)) if from.start(zone) > scene.at => return None,
        Some(None) => certain = false,
        _ => {}
    }
    match restriction.until.map(|until| until.ok().and_then(date)) {
        Some(Some(until)) if until.end(zone) <= scene.at => return None,
        Some(None) => certain = false,
        _ => {}
    }
    // Without a country nobody knows whether it holds.
    let coverage = |area: &Area| match scene.country {
        Some(country) => area.coverage(country, scene.slots),
        None if area.territory(scene.slots) == Territory::world() => Coverage::In,
        None => Coverage::Unknown,
    };
    match restriction.territory.as_ref().map(coverage) {
        Some(Coverage::Out) => None,
        Some(Coverage::Part | Coverage::Unknown) => Some(false),
        Some(Coverage::In) | None => Some(certain),
    }
}
