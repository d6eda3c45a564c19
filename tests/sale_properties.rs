//! Laws that every check keeps, tried over invented products.

mod sale_specs;
mod sale_support;

use onix_catalogue::model::{
    Account, Country, Coverage, Currency, Judgement, Kind, Moment, SaleRequest, Status, Territory,
    Verdict, Zone,
};
use onix_catalogue::onix::Tag;
use onix_catalogue::sale::{self, OfferFilter, Offers, Sellable};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use sale_specs::*;
use sale_support::{offers, usual};

fn with_short_tags(message: &str) -> String {
    let mut out = String::new();
    for piece in message.split_inclusive('<') {
        let start = usize::from(piece.starts_with('/'));
        let end = piece.find([' ', '>', '/']).filter(|end| *end > 0);
        let end = match start {
            1 => piece.find('>'),
            _ => end,
        };
        let name = end.map_or("", |end| &piece[start..end]);
        match Tag::from_name(name).map(Tag::short) {
            Some(short) if !short.is_empty() => {
                out.push_str(&piece[..start]);
                out.push_str(short);
                out.push_str(&piece[start + name.len()..]);
            }
            _ => out.push_str(piece),
        }
    }
    out
}

/// A record of 2.1 and one of 3.0 that say the same; 2.1 has no word for protections.
#[test]
fn twins_of_two_releases_are_judged_alike() {
    let old = |availability: &str, price: &str, right: &str| {
        offers(&format!(
            "<ONIXMessage release=\"2.1\"><Header/><Product><RecordReference>r</RecordReference>\
             <ProductForm>DG</ProductForm><EpubType>029</EpubType><PublishingStatus>04</PublishingStatus>\
             <SalesRights><SalesRightsType>{right}</SalesRightsType><RightsCountry>FR CA</RightsCountry></SalesRights>\
             <SupplyDetail><ProductAvailability>{availability}</ProductAvailability>\
             <Price><PriceTypeCode>04</PriceTypeCode><PriceAmount>{price}</PriceAmount>\
             <CurrencyCode>EUR</CurrencyCode><CountryCode>FR BE</CountryCode>\
             <PriceEffectiveUntil>20261215</PriceEffectiveUntil></Price></SupplyDetail></Product></ONIXMessage>"
        ))
    };
    let new = |availability: &str, price: &str, right: &str| {
        offers(&format!(
            "<ONIXMessage release=\"3.0\"><Header/><Product><RecordReference>r</RecordReference>\
             <DescriptiveDetail><ProductForm>EA</ProductForm><ProductFormDetail>E101</ProductFormDetail></DescriptiveDetail>\
             <PublishingDetail><PublishingStatus>04</PublishingStatus>\
             <SalesRights><SalesRightsType>{right}</SalesRightsType><Territory><CountriesIncluded>FR CA</CountriesIncluded></Territory></SalesRights></PublishingDetail>\
             <ProductSupply><SupplyDetail><ProductAvailability>{availability}</ProductAvailability>\
             <Price><PriceType>04</PriceType><PriceAmount>{price}</PriceAmount>\
             <CurrencyCode>EUR</CurrencyCode><Territory><CountriesIncluded>FR BE</CountriesIncluded></Territory>\
             <PriceDate><PriceDateRole>15</PriceDateRole><Date>20261215</Date></PriceDate></Price></SupplyDetail></ProductSupply></Product></ONIXMessage>"
        ))
    };
    for availability in ["20", "40", "10", "46", "99", ""] {
        for (price, right) in [
            ("9.99", "01"),
            ("7.99", "02"),
            ("9.995", "01"),
            ("9.99", "03"),
        ] {
            let (old, new) = (
                old(availability, price, right),
                new(availability, price, right),
            );
            for (at, country) in [
                ("2026-12-15", "FR"),
                ("2026-12-16", "FR"),
                ("2026-12-01", "BE"),
            ] {
                let request = usual(Kind::Simulation, moment(at)).with("country", country);
                assert_eq!(
                    outcome(&check(&request, &old)),
                    outcome(&check(&request, &new))
                );
            }
        }
    }
}

fn is_valid(verdict: &Verdict) -> bool {
    verdict.verdict == Judgement::Valid
}

/// All of a verdict that doesn't tell places.
fn outcome(verdict: &Verdict) -> impl PartialEq + std::fmt::Debug + use<> {
    (
        verdict.verdict,
        verdict.codes.clone(),
        verdict.also.clone(),
        verdict.missing.clone(),
    )
}

fn check(request: &SaleRequest, record: &Offers) -> Verdict {
    sale::check(request, &[record], &Account::default())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_excluded_country_never_widens(
        spec in spec(),
        request in request(),
        country in select(COUNTRIES.to_vec()),
        which in any::<Index>(),
    ) {
        let before = check(&request, &offers(&spec.xml()));
        let mut narrower = spec.clone();
        let mut places: Vec<&mut Place> = Vec::new();
        // Less of what isn't for sale, or of what nobody knows, may be more of what is.
        let for_sale = narrower.rights.iter_mut().filter(|(code, _)| matches!(*code, "01" | "02"));
        if spec.rest.is_none() {
            places.extend(for_sale.map(|(_, place)| place));
        }
        for supply in &mut narrower.supplies {
            places.extend(&mut supply.market);
            for supplier in &mut supply.suppliers {
                places.extend(supplier.prices.iter_mut().filter_map(|price| price.place.as_mut()));
            }
        }
        let n = places.len();
        if n == 0 {
            return Ok(());
        }
        places[which.index(n)].excluded.push(country);
        let after = check(&request, &offers(&narrower.xml()));
        prop_assert!(!is_valid(&after) || is_valid(&before), "{before:?}\n{after:?}");
    }

    #[test]
    fn only_a_date_changes_a_verdict(
        spec in spec(),
        request in request(),
        a in select(MOMENTS.to_vec()),
        seconds in 0i64..900_000,
    ) {
        let offers = offers(&spec.xml());
        let (from, to) = (moment(a), Moment::from_unix(moment(a).as_unix() + seconds));
        if spec.instants().iter().any(|at| from < *at && *at <= to) {
            return Ok(());
        }
        let (mut first, mut second) = (request.clone(), request);
        (first.at, second.at) = (from, to);
        prop_assert_eq!(outcome(&check(&first, &offers)), outcome(&check(&second, &offers)));
    }

    #[test]
    fn valid_has_a_row(spec in spec(), request in request()) {
        let offers = offers(&spec.xml());
        let account = Account::default();
        let verdict = check(&request, &offers);
        if !is_valid(&verdict) || request.kind == Kind::Preorder {
            return Ok(());
        }
        let country = Country::parse(request.country.as_deref().unwrap()).unwrap();
        let currency = request.currency.as_deref().and_then(Currency::parse);
        let cost: u64 = request.cost.as_deref().unwrap().parse().unwrap();
        let zone = Zone::default();
        let found = offers.rows(&account).into_iter().any(|row| {
            row.countries.coverage(country) == Coverage::In
                && (currency.is_none() || row.currency == currency)
                && (request.price_type.is_none() || row.price_type == request.price_type)
                && row.cost == Some(cost)
                && row.from.is_none_or(|from| from.start(&zone) <= request.at)
                && row.until.is_none_or(|until| until.end(&zone) > request.at)
        });
        prop_assert!(found, "{verdict:?}");
    }

    #[test]
    fn order_does_not_matter(spec in spec(), request in request()) {
        let mut turned = spec.clone();
        turned.supplies.reverse();
        turned.rights.reverse();
        turned.dates.reverse();
        for supply in &mut turned.supplies {
            supply.suppliers.reverse();
            for supplier in &mut supply.suppliers {
                supplier.prices.reverse();
                supplier.dates.reverse();
            }
        }
        prop_assert_eq!(
            outcome(&check(&request, &offers(&spec.xml()))),
            outcome(&check(&request, &offers(&turned.xml())))
        );
    }

    #[test]
    fn countries_are_spelt_either_way(spec in spec(), request in request()) {
        let offers = offers(&spec.xml());
        let country = Country::parse(request.country.as_deref().unwrap()).unwrap();
        let verdict = outcome(&check(&request, &offers));
        for spelling in [country.alpha3().to_owned(), country.alpha3().to_lowercase(), country.alpha2().to_lowercase()] {
            let other = request.clone().with("country", spelling);
            prop_assert_eq!(&outcome(&check(&other, &offers)), &verdict);
        }
    }

    #[test]
    fn short_tags_say_the_same(spec in spec(), request in request()) {
        let reference = spec.xml();
        let short = with_short_tags(&reference);
        prop_assert_ne!(&short, &reference);
        prop_assert_eq!(
            outcome(&check(&request, &offers(&reference))),
            outcome(&check(&request, &offers(&short)))
        );
    }

    #[test]
    fn judge_says_what_check_says(spec in spec(), other in spec(), request in request()) {
        let offers = offers(&spec.xml());
        let judged = sale::judge(&request, &[&offers], &Account::default());
        let answer = check(&request, &offers);
        prop_assert_eq!(outcome(&answer), outcome(&judged));
        // Packed beside another, so that frames and prices are shared.
        let mut builder = sale::TableBuilder::new();
        builder.add(&sale_support::offers(&other.xml()));
        let n = builder.add(&offers);
        let table = builder.finish();
        let judged = sale::judge(&request, &[table.get(n).unwrap()], &Account::default());
        prop_assert_eq!(outcome(&answer), outcome(&judged));
    }

    #[test]
    fn near_offers_are_valid_when_asked(spec in spec(), request in request()) {
        let offers = offers(&spec.xml());
        for near in check(&request, &offers).near {
            let mut asked = request.clone();
            let offer = &near.offer;
            for name in &near.differs {
                match *name {
                    "at" => asked.at = offer.from.unwrap().start(&Zone::default()),
                    "format" => asked.format = offer.format.map(|format| format.to_string()),
                    "protection" => asked.protection = Some(offer.protections.words()[0].to_owned()),
                    "cost" => asked.cost = offer.cost.map(|cost| cost.to_string()),
                    "currency" => asked.currency = offer.currency.map(|currency| currency.to_string()),
                    "price_type" => asked.price_type.clone_from(&offer.price_type),
                    other => panic!("{other}"),
                }
            }
            prop_assert!(is_valid(&check(&asked, &offers)), "{near:?}");
        }
    }

    /// A search and a check never disagree.
    #[test]
    fn a_filter_finds_what_a_check_takes(spec in spec(), request in request()) {
        let offers = offers(&spec.xml());
        let account = Account::default();
        let cost = request.cost.as_deref().unwrap().parse().ok();
        let country = Country::parse(request.country.as_deref().unwrap());
        let filter = OfferFilter {
            country,
            currency: request.currency.as_deref().and_then(Currency::parse),
            price_type: request.price_type.clone(),
            min_cost: cost,
            max_cost: cost,
            protection: None,
            sellable: Sellable::Sale,
        };
        let found = offers.find(&filter, request.at, &account);
        let mut asked = request.clone();
        asked.kind = Kind::Simulation;
        let taken = ["epub", "pdf", "mobi", "audio"].iter().any(|format| {
            ["none", "watermark", "acs4", "drm"].iter().any(|protection| {
                asked.format = Some((*format).to_owned());
                asked.protection = Some((*protection).to_owned());
                is_valid(&check(&asked, &offers))
            })
        });
        prop_assert_eq!(found.is_some(), taken, "{:?}", found);

        let any = OfferFilter { country, sellable: Sellable::Sale, ..OfferFilter::default() };
        let for_sale = offers.find(&any, request.at, &account);
        let status = offers.status(country, request.at, &account);
        prop_assert_eq!(status == Status::Sale, for_sale.is_some(), "{:?} {:?}", status, for_sale);
    }

    /// A preorder that a check takes is one by its status, and the other way round.
    #[test]
    fn status_knows_preorders(spec in spec(), at in select(MOMENTS.to_vec()), country in select(COUNTRIES.to_vec())) {
        let offers = offers(&spec.xml());
        let account = Account::default();
        let taken = ["epub", "pdf"].iter().any(|format| {
            let request = usual(Kind::Preorder, moment(at)).with("country", country).with("for", *format);
            is_valid(&check(&request, &offers))
        });
        let status = offers.status(Country::parse(country), moment(at), &account);
        prop_assert!(taken == (status == Status::Preorder) || status == Status::Sale, "{status:?}");
    }

    #[test]
    fn territories_narrow(
        included in prop::collection::vec(select(PLACES.to_vec()), 0..5),
        excluded in prop::collection::vec(select(PLACES.to_vec()), 1..4),
        more in select(PLACES.to_vec()),
    ) {
        let before = Territory::of_codes(included.clone(), excluded.clone(), None);
        let narrower = excluded.iter().copied().chain([more]);
        let after = Territory::of_codes(included, narrower, None);
        for country in Country::all() {
            prop_assert!(
                after.coverage(country) != Coverage::In || before.coverage(country) == Coverage::In
            );
        }
    }
}
