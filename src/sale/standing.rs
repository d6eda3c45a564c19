//! Whether a product stands for sale: its statuses, dates, rights, restrictions, market and
//! supplier at a moment, before any price is looked at.

use crate::model::{Account, Country, Coverage, Moment, Status, Territory};

use super::offers::{Offers, Restriction, RoleDate, Sellable, Stated, Supplier, Supply};
use super::rules::{self, Availability, Effect, When};

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
}

/// An element that hinders a sale, or leaves it open.
#[derive(Debug, Clone)]
pub(crate) struct Objection {
    pub(crate) effect: Effect,
    pub(crate) rule: &'static str,
    pub(crate) stated: Option<Stated>,
    pub(crate) expected: &'static str,
    /// Time alone lifts it.
    pub(crate) later: bool,
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
            later: effect == Effect::PreorderAtMost,
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

/// What the purpose makes of an effect: what allows a preorder at most doesn't hinder one.
fn for_purpose(effect: Effect, purpose: Purpose) -> Effect {
    match (effect, purpose) {
        (Effect::PreorderAtMost, Purpose::Preorder) => Effect::Fine,
        (effect, _) => effect,
    }
}

impl Offers {
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
        let (effect, stated) = &self.publishing_status;
        let effect = for_purpose(*effect, scene.purpose);
        sum.stated(
            effect,
            "publishing_status",
            stated.as_ref(),
            "PublishingStatus 04 (active)",
        );
        publishing_dates(&self.publishing_dates, scene, &mut sum);
        restrictions(&self.restrictions, scene, &mut sum);
        self.rights(scene, &mut sum);
        Standing {
            effect: sum.effect,
            only_later: sum.only_later,
        }
    }

    fn rights(&self, scene: &Scene<'_>, sum: &mut Sum<'_>) {
        let (Some(rights), Some(country)) = (&self.rights, scene.country) else {
            return;
        };
        let effect = match rights.for_sale.coverage(country) {
            Coverage::In => return,
            _ if rights.unstated.coverage(country) != Coverage::Out => {
                Effect::Unknown("sales_rights")
            }
            coverage => of_coverage(coverage),
        };
        sum.add(effect, false, || Objection {
            effect,
            rule: "sales_rights",
            stated: Some(Stated {
                element: "SalesRights",
                value: rights.text.clone(),
                byte: rights.byte,
            }),
            expected: "a right to sell in the country",
            later: false,
        });
    }

    /// One supplier of one market.
    pub(crate) fn supplier_standing(
        &self,
        supply: &Supply,
        supplier: &Supplier,
        scene: &Scene<'_>,
        sink: Sink<'_>,
    ) -> Standing {
        let mut sum = Sum {
            effect: Effect::Fine,
            only_later: true,
            sink,
        };
        if let Some(country) = scene.country {
            if let Some((market, stated)) = &supply.market {
                let effect = of_coverage(market.coverage(country));
                sum.stated(effect, "market", Some(stated), "a market with the country");
            }
            if let Some(supply_to) = &supplier.supply_to {
                let effect = of_coverage(supply_to.coverage(country));
                sum.stated(effect, "supply_to", None, "a supplier of the country");
            }
        }
        let (effect, stated) = &supply.status;
        let effect = for_purpose(*effect, scene.purpose);
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
        let expected = match scene.purpose {
            Purpose::Sale => "ProductAvailability 20 to 23",
            Purpose::Preorder => {
                "ProductAvailability 40, PublishingDate 09 reached, SupplyDate 02 to come"
            }
        };
        let (effect, later, window) = match &supplier.availability {
            None => (Effect::Unknown("availability"), false, false),
            Some((Availability::Forty, _)) => {
                let forty = self.forty(supplier, scene);
                let later = forty == Effect::PreorderAtMost;
                (for_purpose(forty, scene.purpose), later, later)
            }
            Some((Availability::By(effect), _)) => match (effect, scene.purpose) {
                (Effect::Fine | Effect::PreorderAtMost, Purpose::Preorder) => {
                    (Effect::CannotSell, false, false)
                }
                (effect, _) => (*effect, *effect == Effect::PreorderAtMost, false),
            },
        };
        let stated = supplier.availability.as_ref().map(|(_, stated)| stated);
        sum.add(effect, later, || Objection {
            effect,
            rule: "availability",
            stated: stated.cloned(),
            expected,
            later,
        });
        for date in &supplier.dates {
            // The window of a preorder is judged with availability 40.
            if window && matches!(date.role.as_str(), "02" | "08") {
                continue;
            }
            let when = when(date, scene);
            let effect = rules::supply_date(&date.role, when);
            let forty_past = matches!(
                supplier.availability,
                Some((Availability::Forty, _)) if date.role == "02"
            );
            let later = when == When::Future;
            if !forty_past {
                sum.add(effect, later, || {
                    of_date(date, effect, "supply_date", later)
                });
            }
        }
    }

    /// Availability 40: in the window of a preorder, past it, or neither.
    fn forty(&self, supplier: &Supplier, scene: &Scene<'_>) -> Effect {
        let mut release = None;
        let mut unreadable = false;
        for date in supplier.dates.iter().filter(|date| date.role == "02") {
            match when(date, scene) {
                When::Unreadable => unreadable = true,
                When::Future => release = release.or(Some(true)),
                When::Now | When::Past => release = Some(false),
            }
        }
        let announced = self
            .publishing_dates
            .iter()
            .filter(|date| matches!(date.role.as_str(), "09" | "27"))
            .map(|date| when(date, scene));
        let (mut open, mut closed) = (false, false);
        for when in announced {
            match when {
                When::Unreadable => unreadable = true,
                When::Future => closed = true,
                When::Now | When::Past => open = true,
            }
        }
        match (release, open) {
            (Some(false), _) => Effect::Unknown("fresh_record"),
            (Some(true), true) if !(closed && !open) => Effect::PreorderAtMost,
            _ if unreadable => Effect::Unknown("date"),
            _ => Effect::CannotSell,
        }
    }

    /// For search and tables: how the product stands through one supplier.
    pub(crate) fn standing_status(
        &self,
        supply: &Supply,
        supplier: &Supplier,
        country: Option<Country>,
        at: Moment,
        account: &Account,
    ) -> Status {
        let standing = |purpose| {
            let scene = Scene {
                purpose,
                country,
                at,
                account,
            };
            self.standing(&scene, None)
                .and(self.supplier_standing(supply, supplier, &scene, None))
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

    /// Whether an offer of this supplier is good for what is asked.
    pub(crate) fn is_good_for(
        &self,
        sellable: Sellable,
        supply: &Supply,
        supplier: &Supplier,
        country: Option<Country>,
        at: Moment,
        account: &Account,
    ) -> bool {
        let purpose = match sellable {
            Sellable::Any => return true,
            Sellable::Sale => Purpose::Sale,
            Sellable::Preorder => Purpose::Preorder,
        };
        let scene = Scene {
            purpose,
            country,
            at,
            account,
        };
        let standing = self
            .standing(&scene, None)
            .and(self.supplier_standing(supply, supplier, &scene, None));
        standing.effect == Effect::Fine
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
    let Some(date) = date.date else {
        return When::Unreadable;
    };
    if date.start(&scene.account.zone) > scene.at {
        When::Future
    } else if date.end(&scene.account.zone) <= scene.at {
        When::Past
    } else {
        When::Now
    }
}

fn publishing_dates(dates: &[RoleDate], scene: &Scene<'_>, sum: &mut Sum<'_>) {
    for date in dates {
        let when = when(date, scene);
        let effect = rules::publishing_date(&date.role, when);
        let later = when == When::Future;
        sum.add(effect, later, || {
            of_date(date, effect, "publishing_date", later)
        });
    }
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
        later,
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
            later: false,
        });
    }
}

/// Whether a restriction holds here and now: `Some(false)` where that can't be told.
fn in_force(restriction: &Restriction, scene: &Scene<'_>) -> Option<bool> {
    let zone = &scene.account.zone;
    let mut certain = true;
    match &restriction.from {
        Some(Ok(from)) if from.start(zone) > scene.at => return None,
        Some(Err(())) => certain = false,
        _ => {}
    }
    match &restriction.until {
        Some(Ok(until)) if until.end(zone) <= scene.at => return None,
        Some(Err(())) => certain = false,
        _ => {}
    }
    let coverage = |territory: &Territory| scene.country.map(|country| territory.coverage(country));
    match restriction.territory.as_ref().and_then(coverage) {
        Some(Coverage::Out) => None,
        Some(Coverage::Part | Coverage::Unknown) => Some(false),
        Some(Coverage::In) | None => Some(certain),
    }
}
