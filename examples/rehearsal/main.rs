//! A shop's day at the stand-in as the platform's checklist for sellers wants it: to be read, and copied.
//!
//! Start `onix serve --sandbox --demo`, then `cargo run --example rehearsal -- http://127.0.0.1:8080`, and let
//! `onix checklist http://127.0.0.1:8080` judge it. With `--wrong WORD` it errs in one way of `wrong.rs`.

mod stand_in;
mod wrong;

use reqwest::{Method, Url, blocking::Client};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// ISBN, format, protection, and the price in cents, as the catalogue has them.
type Book = [&'static str; 4];
const MAP: Book = ["9789999980012", "epub", "watermark", "1299"];
const HARBOUR: Book = ["9789999980036", "epub", "acs4", "1099"];
const HERBAL: Book = ["9789999980043", "epub", "none", "499"];
const FREE: Book = ["9789999980050", "epub", "watermark", "0"];
const SOLD_OUT: Book = ["9789999980104", "epub", "watermark", "699"];

/// The basket's own transaction, the number that a customer keeps for ever, and a name.
type Buyer = [&'static str; 3];
/// Status, text, and the address of the next page.
type Answer = (u16, String, Option<String>);

struct Shop {
    client: Client,
    api: Url,
    wrong: wrong::Wrong,
}

fn main() -> Result<()> {
    let (base_url, wrong) = wrong::arguments()?;
    let (client, api) = stand_in::reach(&base_url)?;
    let shop = Shop { client, api, wrong };
    shop.synchronise("full")?;
    shop.basket(["T-1", "c-1", "Ana+Sel"], &[MAP, HARBOUR])?;
    shop.basket(["T-2", "c-2", "Zoe+Quidam"], &[FREE])?;
    shop.remove_a_book()?;
    shop.let_pass(10 * stand_in::HOUR)?;
    shop.synchronise("delta")?;
    shop.basket(["T-3", "c-1", "Ana+Sel"], &[HERBAL])?;
    shop.basket(["T-4", "c-2", "Zoe+Quidam"], &[SOLD_OUT])
}

impl Shop {
    /// Page after page, until one isn't found; of `full` there is a first. Only what they name is offered from now on.
    fn synchronise(&self, service: &str) -> Result<()> {
        let mut page = format!("publications/{service}.onix");
        loop {
            match self.ask(service, &page)? {
                (200, _, Some(next)) => page = next,
                (404, ..) if page != "publications/full.onix" => return Ok(()),
                (status, ..) => return Err(format!("{page} is answered with {status}").into()),
            }
        }
    }

    /// From the first book in the basket to the moment when the customer has paid, and clicks.
    fn basket(&self, buyer: Buyer, books: &[Book]) -> Result<()> {
        let basket = self.sellable("basket", books)?;
        self.let_pass(2 * stand_in::HOUR)?;
        for book in self.sellable("payment", &basket)? {
            if self.sell(buyer, book)? {
                self.download(buyer, book)?;
            }
        }
        Ok(())
    }

    /// Those of the books that the platform would sell now.
    fn sellable(&self, step: &str, books: &[Book]) -> Result<Vec<Book>> {
        let mut out = Vec::new();
        for book in books {
            let (status, ..) = self.ask(step, &terms("sales/new", *book))?;
            out.extend((status == 200).then_some(*book));
        }
        Ok(out)
    }

    /// A `duplicate` was sold by a request whose answer never came.
    fn sell(&self, [transaction, customer, name]: Buyer, book: Book) -> Result<bool> {
        let buyer = format!("customer_id={customer}&transaction_id={transaction}&uname={name}");
        let (status, text, _) = self.ask("sale", &format!("{}&{buyer}", terms("sales", book)))?;
        Ok(status == 201 || text.contains("duplicate"))
    }

    /// A link is good for a minute, so the customer's browser is sent there at once.
    fn download(&self, [transaction, customer, name]: Buyer, book: Book) -> Result<()> {
        let [isbn, format, ..] = book;
        let sale = format!("customers/{customer}/transactions/{transaction}/publications/{isbn}");
        let link = format!("{sale}/download_links/{format}?uname={name}");
        if let (200, link, _) = self.ask("link", &link)? {
            self.client.get(link).send()?;
        }
        Ok(())
    }

    /// While the platform says nothing, the very same is asked again.
    fn ask(&self, step: &str, path: &str) -> Result<Answer> {
        for _ in 0..5 {
            match self.wrong.ask(self, step, path) {
                Ok(answer) if answer.0 < 500 => return Ok(answer),
                _ => self.let_pass(60)?,
            }
        }
        Err(format!("nobody knows what became of {step}").into())
    }

    fn send(&self, step: &str, path: &str) -> Result<Answer> {
        let is_sale = step == "sale";
        let method = if is_sale { Method::POST } else { Method::GET };
        let request = self.client.request(method, self.api.join(path)?);
        let answer = request.basic_auth("shop", Some("secret")).send()?;
        let status = answer.status().as_u16();
        let publication = path.split("publications/").nth(1).unwrap_or_default();
        let publication = publication.split(['/', '?']).next().unwrap_or_default();
        println!("{status} {step:8} {publication}");
        let link = answer.headers().get("link").map(|link| link.to_str());
        let link = link.transpose()?.unwrap_or_default();
        let next = link.split(['<', '>']).nth(1).map(str::to_owned);
        Ok((status, answer.text()?, next))
    }
}

/// A service for a book, with the terms that a sale and its simulations have in common.
fn terms(service: &str, [isbn, format, protection, cost]: Book) -> String {
    let book = format!("publications/{isbn}/{service}?format={format}&protection={protection}");
    format!("{book}&cost={cost}&currency=EUR&country=FR&price_type=04")
}
