//! A shop's day against the stand-in, as the platform's checklist for sellers wants it, or wrong in one way.
//!
//! `cargo run --example rehearsal -- http://127.0.0.1:8080` at an `onix serve --sandbox` that was given
//! `testdata/platform/catalogue.xml` and `selling.xml` (POST to /__admin/catalogue); with `--wrong WORD` it errs. What
//! it did is judged by `onix checklist http://127.0.0.1:8080`. It wants a fresh stand-in each time: what is sold stays sold.

use reqwest::Method;
use reqwest::blocking::{Client, Response};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The ways of erring. Most are a habit, some happen once.
const WRONG: [&str; 23] = [
    "quantity",
    "two_copies",
    "again",
    "again_otherwise",
    "no_basket_simulation",
    "no_payment_simulation",
    "late_payment",
    "other_terms",
    "refused",
    "transaction_of_another",
    "transaction_of_before",
    "customer_as_transaction",
    "customer_for_each_basket",
    "customer_for_all",
    "test",
    "other_cost",
    "free_without_cost",
    "removed",
    "unavailable",
    "late_synchronisation",
    "late_sale",
    "expired_link",
    "link_without_sale",
];

const HOUR: u64 = 3_600;

#[derive(Clone, Copy)]
struct Book {
    isbn: &'static str,
    format: &'static str,
    cost: &'static str,
    protection: &'static str,
}

const fn book(
    isbn: &'static str,
    format: &'static str,
    cost: &'static str,
    protection: &'static str,
) -> Book {
    Book {
        isbn,
        format,
        cost,
        protection,
    }
}

const NOTEBOOK: Book = book("9789999900119", "epub", "199", "watermark");
const NOTEBOOK_PDF: Book = book("9789999900126", "pdf", "199", "watermark");
const OPEN: Book = book("9789999990110", "epub", "999", "none");
const FREE: Book = book("9789999991117", "epub", "0", "watermark");
const PALM: Book = book("9789999990615", "mobi", "999", "watermark");
const GONE: Book = book("9789999990912", "epub", "999", "watermark");
const TO_GO: Book = book("9789999990417", "pdf", "999", "drm");

/// Under which names something is bought.
struct Buyer {
    customer: String,
    transaction: String,
    uname: &'static str,
}

struct Shop {
    client: Client,
    base_url: String,
    wrong: String,
}

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (base_url, wrong) = match args.as_slice() {
        [base_url] => (base_url, ""),
        [base_url, flag, wrong] if flag == "--wrong" && WRONG.contains(&wrong.as_str()) => {
            (base_url, wrong.as_str())
        }
        _ => return Err(format!("give URL [--wrong {}]", WRONG.join("|")).into()),
    };
    // Nothing is encrypted on this machine, but a client has to be able to.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let shop = Shop {
        client: Client::builder().no_proxy().build()?,
        base_url: base_url.trim_end_matches('/').to_owned(),
        wrong: wrong.to_owned(),
    };
    shop.day()
}

impl Shop {
    fn day(&self) -> Result<()> {
        self.synchronise("full.onix")?;
        self.basket("c-1", "Ana%20Sel", "T-1", &[NOTEBOOK, OPEN])?;
        self.basket("c-2", "Zoe%20Quidam", "T-2", &[FREE])?;
        self.basket("c-1", "Ana%20Sel", "T-3", &[NOTEBOOK_PDF])?;
        self.mishaps()?;
        self.remove("URMS-pdf")?;
        match self.wrong.as_str() {
            "late_synchronisation" => self.advance(25 * HOUR)?,
            "late_sale" => {
                self.advance(17 * HOUR)?;
                self.basket("c-2", "Zoe%20Quidam", "T-5", &[PALM])?;
            }
            _ => self.advance(10 * HOUR)?,
        }
        self.synchronise("delta.onix")?;
        if self.errs("removed") {
            self.simulate(TO_GO, "FR")?;
        }
        Ok(())
    }

    /// A basket from its first book to the last download.
    fn basket(
        &self,
        customer: &str,
        uname: &'static str,
        transaction: &str,
        books: &[Book],
    ) -> Result<()> {
        let buyer = self.buyer(customer, uname, transaction);
        for book in books {
            if !self.errs("no_basket_simulation") {
                self.simulate(*book, "FR")?;
            }
        }
        self.advance(2 * HOUR)?;
        for book in books {
            let country = if self.errs("other_terms") { "BE" } else { "FR" };
            if !self.errs("no_payment_simulation") && !self.simulate(*book, country)? {
                println!("{} can't be had, and isn't paid", book.isbn);
            }
        }
        if self.errs("late_payment") {
            self.advance(2 * HOUR)?;
        }
        // Here the customer pays.
        for book in books {
            if self.sell(*book, &buyer, "")? {
                self.download(*book, &buyer)?;
            }
        }
        self.buy_again(books[0], &buyer)
    }

    fn buyer(&self, customer: &str, uname: &'static str, transaction: &str) -> Buyer {
        let (customer, transaction) = match self.wrong.as_str() {
            "customer_as_transaction" => (transaction.to_owned(), transaction),
            "customer_for_each_basket" => (format!("{customer}-{transaction}"), transaction),
            "customer_for_all" => ("c-1".to_owned(), transaction),
            "transaction_of_another" if customer == "c-2" => (customer.to_owned(), "T-1"),
            "transaction_of_before" if transaction == "T-3" => (customer.to_owned(), "T-1"),
            _ => (customer.to_owned(), transaction),
        };
        Buyer {
            customer,
            transaction: transaction.to_owned(),
            uname,
        }
    }

    fn buy_again(&self, book: Book, buyer: &Buyer) -> Result<()> {
        match self.wrong.as_str() {
            "again" => self.sell(book, buyer, "").map(drop),
            "again_otherwise" => self.sell(book, buyer, "&aggregator=7").map(drop),
            "two_copies" => {
                self.simulate(book, "FR")?;
                self.simulate(book, "FR")?;
                let transaction = format!("{}-2", buyer.transaction);
                let customer = buyer.customer.clone();
                let buyer = Buyer {
                    customer,
                    transaction,
                    ..*buyer
                };
                self.sell(book, &buyer, "").map(drop)
            }
            _ => Ok(()),
        }
    }

    /// What a customer tries and doesn't get; a shop that errs goes on all the same.
    fn mishaps(&self) -> Result<()> {
        let buyer = self.buyer("c-2", "Zoe%20Quidam", "T-4");
        let refused = Book {
            protection: "none",
            ..PALM
        };
        if !self.simulate(refused, "FR")? && self.errs("refused") {
            self.sell(refused, &buyer, "")?;
        }
        match self.errs("unavailable") {
            true => self.sell(GONE, &buyer, "")?,
            false => self.simulate(GONE, "FR")?,
        };
        if self.errs("free_without_cost") {
            self.simulate(Book { cost: "", ..FREE }, "FR")?;
        }
        if self.errs("link_without_sale") {
            self.link(PALM, &buyer)?;
        }
        Ok(())
    }

    fn errs(&self, word: &str) -> bool {
        self.wrong == word
    }

    fn synchronise(&self, service: &str) -> Result<()> {
        let mut url = format!(
            "{}/api/organisations/ONYX/publications/{service}",
            self.base_url
        );
        loop {
            let page = self.ask(Method::GET, &url)?;
            let link = page
                .headers()
                .get("link")
                .and_then(|link| link.to_str().ok());
            let next = link.and_then(|link| link.strip_prefix('<')?.split_once('>'));
            match next {
                Some((next, _)) => url = next.to_owned(),
                None if page.status() == 404 => return Ok(()),
                None => return Err(format!("{url}: {}", page.status()).into()),
            }
        }
    }

    fn simulate(&self, book: Book, country: &str) -> Result<bool> {
        let terms = terms(book, country);
        let url = self.publication(book, &format!("sales/new?{terms}"));
        Ok(self.ask(Method::GET, &url)?.status() == 200)
    }

    fn sell(&self, book: Book, buyer: &Buyer, more: &str) -> Result<bool> {
        let cost = if self.errs("other_cost") {
            "198"
        } else {
            book.cost
        };
        let habit = match self.wrong.as_str() {
            "quantity" => "&quantity=2",
            "test" => "&sale_state=test",
            _ => "",
        };
        let terms = terms(Book { cost, ..book }, "FR");
        let Buyer {
            customer,
            transaction,
            uname,
        } = buyer;
        let names = format!("customer_id={customer}&transaction_id={transaction}&uname={uname}");
        let url = self.publication(book, &format!("sales?{terms}&{names}{habit}{more}"));
        let status = self.ask(Method::POST, &url)?.status();
        println!(
            "{transaction}: {} {} at {cost}: {status}",
            book.isbn, book.format
        );
        Ok(status == 201)
    }

    /// The customer clicks, and is sent on to the file.
    fn download(&self, book: Book, buyer: &Buyer) -> Result<()> {
        let link = self.link(book, buyer)?;
        if self.errs("expired_link") {
            self.advance(61)?;
        }
        self.client.get(link).send()?;
        Ok(())
    }

    fn link(&self, book: Book, buyer: &Buyer) -> Result<String> {
        let Buyer {
            customer,
            transaction,
            uname,
        } = buyer;
        let Book { isbn, format, .. } = book;
        let sale = format!("customers/{customer}/transactions/{transaction}/publications/{isbn}");
        let base_url = &self.base_url;
        let url = format!(
            "{base_url}/api/organisations/ONYX/{sale}/download_links/{format}?uname={uname}"
        );
        Ok(self.ask(Method::GET, &url)?.text()?)
    }

    fn publication(&self, book: Book, rest: &str) -> String {
        let base_url = &self.base_url;
        format!(
            "{base_url}/api/organisations/ONYX/publications/{}/{rest}",
            book.isbn
        )
    }

    fn ask(&self, method: Method, url: &str) -> Result<Response> {
        let request = self.client.request(method, url);
        Ok(request.basic_auth("shop", Some("secret")).send()?)
    }

    /// Lets time pass at the stand-in.
    fn advance(&self, seconds: u64) -> Result<()> {
        self.order(
            "clock",
            serde_json::json!({"advance_s": seconds}).to_string(),
        )
    }

    /// Removes a product from the stand-in.
    fn remove(&self, reference: &str) -> Result<()> {
        let product = format!(
            "<Product><RecordReference>{reference}</RecordReference><NotificationType>05</NotificationType></Product>"
        );
        self.order(
            "catalogue",
            format!("<ONIXMessage release=\"3.0\">{product}</ONIXMessage>"),
        )
    }

    fn order(&self, what: &str, body: String) -> Result<()> {
        let url = format!("{}/__admin/{what}", self.base_url);
        self.client
            .post(url)
            .body(body)
            .send()?
            .error_for_status()?;
        Ok(())
    }
}

/// What a sale and its simulations have in common.
fn terms(book: Book, country: &str) -> String {
    let Book {
        format,
        cost,
        protection,
        ..
    } = book;
    format!(
        "format={format}&cost={cost}&protection={protection}&country={country}&currency=EUR&price_type=04"
    )
}
