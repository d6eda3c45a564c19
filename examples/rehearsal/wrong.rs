//! The ways of erring. Each spoils some requests, known by a part of their step and path, and leaves the rest of the day.

use Spoiled::{Late, Left, Says, Twice, Unheard};

use super::stand_in::HOUR;
use super::{Answer, Result, Shop};

/// What becomes of a request.
enum Spoiled {
    /// It says the second instead of the first.
    Says(&'static str, &'static str),
    /// It is made once more, and then says the second instead of the first.
    Twice(&'static str, &'static str),
    /// So many seconds pass after it.
    Late(u64),
    /// It isn't made, and a good answer is taken for granted.
    Left,
    /// Its answer is taken for a good one, whatever it is.
    Unheard,
}

type Ways = &'static [(&'static str, Spoiled)];

/// What is spoiled by a word, under the check that it fails.
fn ways(word: &str) -> Result<Ways> {
    Ok(match word {
        // one_copy
        "quantity" => &[("sale ", Says("cost", "quantity=2&cost"))],
        "two_copies" => &[("9789999980012", Twice("T-1", "T-9"))],
        "again_otherwise" => &[("sale ", Twice("cost", "aggregator=7&cost"))],
        // posted_once
        "again" => &[("sale ", Twice("", ""))],
        // simulated_in_basket
        "no_basket_simulation" => &[("basket", Left)],
        // simulated_before_payment
        "no_payment_simulation" => &[("payment", Left)],
        "late_payment" => &[("payment", Late(2 * HOUR))],
        "other_terms" => &[("payment", Says("country=FR", "country=BE"))],
        // refused_not_sold
        "refused" => &[
            ("9789999980043", Says("protection=none", "protection=acs4")),
            ("9789999980043/sales/new", Unheard),
        ],
        // transaction_of_basket
        "transaction_of_another" => &[("T-2", Says("T-2", "T-1"))],
        "transaction_of_before" => &[("T-3", Says("T-3", "T-1"))],
        // customer_of_user
        "customer_as_transaction" => &[("c-2", Says("c-2", "T-2"))],
        "customer_for_each_basket" => &[("T-3", Says("c-1", "c-3"))],
        "customer_for_all" => &[("c-2", Says("c-2", "c-1"))],
        // no_test_sales
        "test" => &[("sale ", Says("cost", "sale_state=test&cost"))],
        // platform_price
        "other_cost" => &[("sale ", Says("cost=1299", "cost=1199"))],
        // free_books
        "free_without_cost" => &[("basket", Says("&cost=0", ""))],
        // removed_books
        "removed" => &[("basket", Says("9789999980043", "9789999980067"))],
        // unavailable_books
        "unavailable" => &[("9789999980104/sales/new", Left)],
        // synchronised_daily
        "late_synchronisation" => &[("sale publications/9789999980050", Late(24 * HOUR))],
        "late_sale" => &[("basket publications/9789999980043", Late(24 * HOUR))],
        // all_pages
        "first_page_only" => &[("start=", Left)],
        // download_on_click
        "expired_link" => &[("link", Late(61))],
        "link_without_sale" => &[("sale publications/9789999980050", Left)],
        _ => return Err(format!("{word} is no word of examples/rehearsal/wrong.rs").into()),
    })
}

/// How a day goes wrong, if it does.
pub(crate) struct Wrong(Ways);

/// The stand-in's address, and what `--wrong WORD` says.
pub(crate) fn arguments() -> Result<(String, Wrong)> {
    let mut args = std::env::args().skip(1);
    let base_url = args.next().unwrap_or_default();
    let ways = match (args.next().as_deref(), args.next().as_deref()) {
        (None, _) if !base_url.is_empty() => &[],
        (Some("--wrong"), Some(word)) => ways(word)?,
        _ => return Err("give the stand-in's URL, and --wrong WORD to err".into()),
    };
    Ok((base_url, Wrong(ways)))
}

impl Wrong {
    /// Makes a request, or what has become of it.
    pub(crate) fn ask(&self, shop: &Shop, step: &str, path: &str) -> Result<Answer> {
        let status = match step {
            "sale" => 201,
            "full" | "delta" => 404,
            _ => 200,
        };
        let good = (status, String::new(), None);
        let request = format!("{step} {path}");
        let mut path = path.to_owned();
        for (_, spoiled) in self.0.iter().filter(|(part, _)| request.contains(part)) {
            match spoiled {
                Says(one, other) => path = path.replace(one, other),
                Left => return Ok(good),
                Unheard => return shop.send(step, &path).and(Ok(good)),
                Late(seconds) => {
                    let answer = shop.send(step, &path);
                    return shop.let_pass(*seconds).and(answer);
                }
                Twice(one, other) => {
                    let answer = shop.send(step, &path);
                    return shop.send(step, &path.replace(one, other)).and(answer);
                }
            }
        }
        shop.send(step, &path)
    }
}
