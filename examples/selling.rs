//! A storefront's whole way: synchronise, check, simulate, sell, download, cancel.
//!
//! `cargo run --example selling -- http://127.0.0.1:8080 ONYX shop secret 9789999904216` against the stand-in
//! (`onix serve --sandbox`), in a folder of its own: it makes `onix-index` and `onix-ledger.sqlite` there.

use std::sync::Mutex;

use onix_catalogue::Catalogue;
use onix_catalogue::ledger::{Ledger, State};
use onix_catalogue::model::{Account, Credentials, Judgement, Kind, Moment, SaleRequest, Secret};
use onix_catalogue::platform::{Cancellation, Client, Simulation};
use onix_catalogue::shop::{Calls, Shop, Sold, SyncOptions, sync};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [base_url, organisation, user, password, isbn] = args.as_slice() else {
        return Err("give BASE_URL ORGANISATION USER PASSWORD ISBN".into());
    };
    let mut account = Account::default();
    account.base_url = Some(base_url.clone());
    account.organisation = Some(organisation.clone());
    account.allow_http = true;
    account.credentials = Some(Credentials::Basic {
        user: user.clone(),
        password: Secret::new(password.as_str()),
    });
    let client = Client::new(&account)?;
    let catalogue = Catalogue::open_or_create("onix-index")?;
    let calls = Mutex::new(Calls::in_memory());
    let options = SyncOptions::default();
    let synced = sync(&catalogue, &client, &account, &calls, &options, &|_| {})?;
    println!("synchronised {} products", synced.ingested.in_catalogue);

    let shop = Shop::new(
        catalogue.clone(),
        Ledger::open("onix-ledger.sqlite")?,
        client,
        account,
    );
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let at = Moment::from_unix(i64::try_from(now.as_secs())?);
    let sale = first_valid(&shop, &catalogue, isbn, at)?.ok_or("nothing of it can be sold now")?;
    println!("checked: {} {:?} {:?}", sale.id, sale.cost, sale.currency);
    match shop.simulate(&sale)? {
        Simulation::Valid => println!("simulated: valid"),
        Simulation::Refused(codes) => return Err(format!("refused: {}", codes.join(" ")).into()),
    }

    let basket = format!("basket-{}", now.as_micros());
    let first = sold(&shop, &sale, &basket, at)?;
    println!("sold as decision {first}");
    let second = sold(&shop, &sale, &format!("{basket}-2"), at)?;
    match shop.cancel(second, None, Some("bought twice"), at)? {
        Cancellation::Cancelled(_) => println!("cancelled decision {second}"),
        Cancellation::Refused(codes) => {
            return Err(format!("not cancelled: {}", codes.join(" ")).into());
        }
    }
    // A customer's click would be sent on to it at once; see download_page.rs.
    let link = shop.download_link(first, false, at)?;
    println!("a link of {} characters, good for a minute", link.len());
    println!("fulfilled: {:?}", shop.status(first)?.fulfilled);
    Ok(())
}

/// A sale of the product at an offer that the catalogue calls valid.
fn first_valid(
    shop: &Shop,
    catalogue: &Catalogue,
    isbn: &str,
    at: Moment,
) -> Result<Option<SaleRequest>> {
    for (_, offers) in catalogue.offers(isbn)? {
        for offer in offers.rows(shop.account()) {
            let Some(mut request) = SaleRequest::of_offer(isbn, &offer, None, shop.account(), at)
            else {
                continue;
            };
            if shop.check(&request)?.verdict == Judgement::Valid {
                request.kind = Kind::Sale;
                return Ok(Some(
                    request
                        .with("uname", "Zoe Quidam")
                        .with("sale_state", "test"),
                ));
            }
        }
    }
    Ok(None)
}

fn sold(shop: &Shop, sale: &SaleRequest, basket: &str, at: Moment) -> Result<i64> {
    let sale = sale
        .clone()
        .with("customer_id", "customer-1")
        .with("transaction_id", basket);
    match shop.sell(&sale, false, at)? {
        Sold::Posted(decision) if decision.state == State::Recorded => Ok(decision.id),
        Sold::Posted(decision) => {
            Err(format!("decision {}: {:?}", decision.id, decision.state).into())
        }
        Sold::NotSent(verdict) => Err(format!("not sent: {:?}", verdict.codes).into()),
    }
}
