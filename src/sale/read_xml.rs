//! From a format of the platform's own `xml` to its [`Offers`]: statements read once, and each cost
//! given its end.

use crate::model::{Country, Currency, Date, Format, Protections, ShortText, Territory};
use crate::xml::{Cost, Element, PublicationFormat};

use super::elements;
use super::offers::{Area, Dated, Offers, Place, RoleDate, Stated, Supplier, Supply};
use super::price::{Holds, Index, Price, Taxes, whole_number};
use super::rules::{self, Effect, Role};

impl Offers {
    /// Reads what a sale of this format depends on.
    ///
    /// The format has no price type: where one is asked for, a check is unknown unless
    /// [`Account::xml_price_type`](crate::model::Account::xml_price_type) says which it is. Nor does
    /// it say when it was sent, so that a check with a `max_age` is unknown too.
    ///
    /// ```
    /// use onix_catalogue::model::{Account, Judgement, Kind, Moment, SaleRequest, Zone};
    /// use onix_catalogue::sale::{self, Offers};
    /// use onix_catalogue::xml::{Reader, Record};
    ///
    /// let page = b"<publications><publication><id>ONYX1</id><formats><format>
    ///   <nature>epub</nature><publishing_status>04</publishing_status><state>sell</state>
    ///   <protection>acs4</protection><costs><cost><country>jpn</country><currency>jpy</currency>
    ///   <amount>850</amount><amount_taxes>included</amount_taxes></cost></costs>
    ///   </format></formats></publication></publications>";
    /// let mut record = Record::new();
    /// Reader::new(page).read_record(&mut record)?;
    /// let format = record.publication().formats().next().unwrap();
    /// let offers = Offers::of_publication_format(format);
    ///
    /// let at = Moment::parse("2026-12-01", &Zone::default()).unwrap();
    /// let request = SaleRequest::new(Kind::Simulation, "ONYX1-epub", at)
    ///     .with("format", "epub").with("protection", "acs4").with("cost", "850")
    ///     .with("currency", "JPY").with("country", "JP");
    /// let verdict = sale::check(&request, &[&offers], &Account::default());
    /// assert_eq!(verdict.verdict, Judgement::Valid);
    ///
    /// let typed = request.with("price_type", "42");
    /// let verdict = sale::check(&typed, &[&offers], &Account::default());
    /// assert_eq!(verdict.missing, ["price_type"]);
    /// # Ok::<(), onix_catalogue::Error>(())
    /// ```
    pub fn of_publication_format(format: PublicationFormat<'_>) -> Self {
        let publication = format.publication();
        let element = format.element();
        let (known, may_be) = nature(format);
        let words: Vec<_> = element.all("protection").map(Element::text).collect();
        let words = words.iter().filter(|word| !word.is_empty());
        Self {
            record_reference: format.record_reference().unwrap_or_default().into(),
            sent: None,
            sent_date: None,
            publisher: publication.publisher().map(Into::into),
            format: known,
            may_be,
            product_form: stated(element, "nature"),
            protections: Protections::of_words(words.map(AsRef::as_ref)),
            protections_stated: stated(element, "protection"),
            library: false,
            elements: &elements::XML,
            without_price_type: true,
            has_limited_prices: false,
            notification_type: (Effect::Fine, None),
            publication_state: stated_effect(
                publication.element(),
                "state",
                rules::publication_state,
            ),
            publishing_status: stated_effect(
                element,
                "publishing_status",
                rules::publishing_status,
            ),
            publishing_dates: Vec::new(),
            restrictions: Vec::new(),
            rights: None,
            supplies: vec![supply(format)],
            slots: Vec::new(),
            is_outdated: false,
        }
    }
}

/// The file's format; where that isn't settled, those it may have. How a proof is sold, nobody says.
fn nature(format: PublicationFormat<'_>) -> (Option<Format>, Vec<Format>) {
    match format.nature().and_then(|word| Format::from_word(&word)) {
        Some(Format::Proof) => (None, vec![Format::Proof]),
        Some(known) => (Some(known), Vec::new()),
        None => (None, Format::ALL.to_vec()),
    }
}

fn stated(parent: Element<'_>, name: &'static str) -> Option<Stated> {
    let element = parent.child(name)?;
    let value = element.text().into_owned();
    (!value.is_empty()).then(|| Stated {
        element: name,
        value,
        byte: element.byte(),
    })
}

fn stated_effect(
    parent: Element<'_>,
    name: &'static str,
    rule: impl Fn(Option<&str>) -> Effect,
) -> (Effect, Option<Stated>) {
    let stated = stated(parent, name);
    let effect = rule(stated.as_ref().map(|stated| stated.value.as_str()));
    (effect, stated)
}

/// The platform itself, for every country that has a cost.
fn supply(format: PublicationFormat<'_>) -> Supply {
    let element = format.element();
    let prices = prices(format);
    let state = stated(element, "state").unwrap_or(Stated {
        element: "state",
        value: String::new(),
        byte: element.byte(),
    });
    Supply {
        number: 0,
        market: Some(Place {
            territory: Area::of(territory_of_all(&prices)),
            byte: element.child("costs").unwrap_or(element).byte(),
        }),
        status: (Effect::Fine, None),
        dates: Vec::new(),
        restrictions: Vec::new(),
        suppliers: vec![Supplier {
            availability: Some((rules::format_state(&state.value), state)),
            dates: start_of_sale(format).into_iter().collect(),
            prices,
            // Made of types, which there are none of.
            index: Index::default(),
            ..Supplier::default()
        }],
    }
}

/// The countries that have a cost. Without any, nobody says where it is sold.
fn territory_of_all(prices: &[Price]) -> Territory {
    if prices.is_empty() {
        return Territory::uncertain();
    }
    prices
        .iter()
        .filter_map(|price| price.holds.territory())
        .fold(Territory::NOWHERE, |all, one| all.union(&one))
}

/// `start_sale_at`: no sale before it.
fn start_of_sale(format: PublicationFormat<'_>) -> Option<RoleDate> {
    let stated = stated(format.element(), "start_sale_at")?;
    Some(RoleDate {
        role: Role::Embargo,
        date: Date::parse(&stated.value, None).map(Dated::Here),
        stated,
    })
}

/// Which costs replace each other: those of one country and currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    country: At,
    currency: Option<Currency>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum At {
    /// Nothing that could be a code.
    Unread,
    /// A code that nobody knows, and that no sale can ask for.
    Unknown,
    Country(Country),
}

fn prices(format: PublicationFormat<'_>) -> Vec<Price> {
    let (keys, mut prices): (Vec<Key>, Vec<Price>) = format.costs().map(price).unzip();
    let mut order: Vec<usize> = (0..prices.len()).collect();
    order.sort_by_key(|at| (keys[*at], prices[*at].from.map(|from| from.begins_at())));
    for group in order.chunk_by(|a, b| keys[*a] == keys[*b]) {
        schedule(&mut prices, group);
    }
    // One whose country or currency can't be read may be the next of any other.
    let is_stray = |key: &Key| key.country == At::Unread || key.currency.is_none();
    if keys.iter().any(is_stray) {
        for price in &mut prices {
            price.unreadable_date = true;
        }
    }
    prices
}

/// One `cost`. Without an `amount_effective_at` it counts from ever.
fn price(cost: Cost<'_>) -> (Key, Price) {
    let code = cost.country();
    let country = code.as_deref().and_then(Country::parse);
    let currency = cost.currency().and_then(|code| Currency::parse(&code));
    let amount = cost.amount();
    let effective = cost.amount_effective_at();
    let from = effective
        .as_deref()
        .and_then(|date| Date::parse(date, None))
        .filter(|date| !date.is_longer_than_a_day());
    let key = Key {
        country: place(code.as_deref(), country),
        currency,
    };
    let price = Price {
        currency,
        default_cost: amount.as_deref().and_then(whole_number),
        amount: amount.as_deref().map(ShortText::from),
        is_minor: true,
        taxes: taxes(cost.amount_taxes().as_deref()),
        holds: holds(code.as_deref(), country),
        unreadable_date: effective.is_some() && from.is_none(),
        from,
        byte: cost.element().byte(),
        ..Price::default()
    };
    (key, price)
}

fn place(code: Option<&str>, country: Option<Country>) -> At {
    let is_code = |code: &str| {
        matches!(code.len(), 2 | 3) && code.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    match (country, code) {
        (Some(country), _) => At::Country(country),
        (None, Some(code)) if is_code(code) => At::Unknown,
        (None, _) => At::Unread,
    }
}

fn holds(code: Option<&str>, country: Option<Country>) -> Holds {
    let of_code = |code: &str| Territory::of_codes([code], [], None);
    let territory = match (place(code, country), country, code) {
        (At::Unread, ..) => Territory::uncertain(),
        // What a withdrawn code covers isn't certain.
        (_, Some(country), _) if country.is_withdrawn() => of_code(country.alpha2()),
        (_, Some(country), _) => return Holds::Country(country),
        (_, None, Some(code)) if code.len() == 2 => of_code(code),
        _ => Territory::NOWHERE,
    };
    Holds::Territory(Box::new(territory))
}

fn taxes(word: Option<&str>) -> Taxes {
    match word {
        None => Taxes::Unstated,
        Some("included") => Taxes::Included,
        Some("excluded") => Taxes::Excluded,
        Some(_) => Taxes::Unknown,
    }
}

/// Gives each cost of a country and currency its end: where the next begins. `group` are their
/// numbers, the earliest first.
fn schedule(prices: &mut [Price], group: &[usize]) {
    let of_group = || group.iter().map(|at| &prices[*at]);
    let is_unreadable = of_group().any(|price| price.unreadable_date);
    // Which of a wall clock's date and an instant comes first depends on the zone.
    let mut kinds = of_group().filter_map(|price| price.from.map(|from| from.is_floating()));
    let first = kinds.next();
    if is_unreadable || kinds.any(|kind| Some(kind) != first) {
        for at in group {
            prices[*at].unreadable_date = true;
        }
        return;
    }
    let begins = |at: usize| prices[at].from.map(|from| from.begins_at());
    let together: Vec<_> = group.chunk_by(|a, b| begins(*a) == begins(*b)).collect();
    let mut until = None;
    for at_once in together.into_iter().rev() {
        let cost = prices[at_once[0]].default_cost;
        let agree = at_once.iter().all(|at| prices[*at].default_cost == cost);
        for at in at_once {
            prices[*at].until = until;
            // Of two amounts for one time nobody knows which counts.
            prices[*at].default_cost = cost.filter(|_| agree);
        }
        until = prices[at_once[0]].from.map(|from| from.before());
    }
}
