//! Selling: what is asked before, what is posted, and what is done about what nobody knows.

use crate::catalogue::Catalogue;
use crate::error::{Error, ErrorKind, Result};
use crate::ledger::{Decision, EventKind, Find, Kind, Ledger, Outcome, State, Terms};
use crate::model::{Account, Judgement, Moment, SaleRequest, Verdict};
use crate::platform::{Cancellation, Client, Simulation, Status};

/// Catalogue, ledger and client together: what a storefront uses.
///
/// ```no_run
/// use onix_catalogue::ledger::Ledger;
/// use onix_catalogue::model::{Account, Kind, Moment, SaleRequest};
/// use onix_catalogue::platform::Client;
/// use onix_catalogue::shop::{Shop, Sold};
/// use onix_catalogue::Catalogue;
///
/// # let account = Account::default();
/// let client = Client::new(&account)?;
/// let shop = Shop::new(Catalogue::open("onix-index")?, Ledger::open("ledger.sqlite")?, client, account);
/// # let at = Moment::from_unix(0);
/// let sale = SaleRequest::new(Kind::Sale, "9789999900010", at)
///     .with("format", "epub").with("protection", "watermark").with("cost", "1299").with("currency", "EUR")
///     .with("country", "FR").with("price_type", "04").with("customer_id", "c-1").with("transaction_id", "basket-1")
///     .with("uname", "Ana Sel").with("sale_state", "test");
/// match shop.sell(&sale, false, at)? {
///     Sold::Posted(decision) => println!("{}: {:?}", decision.id, decision.state),
///     Sold::NotSent(verdict) => println!("the platform wouldn't take it: {:?}", verdict.codes),
/// }
/// # Ok::<(), onix_catalogue::Error>(())
/// ```
#[derive(Debug)]
pub struct Shop {
    catalogue: Catalogue,
    ledger: Ledger,
    client: Client,
    account: Account,
}

/// What came of a sale.
#[derive(Debug)]
pub enum Sold {
    /// Nothing was sent: the catalogue says that the platform wouldn't take it, or doesn't say that it would.
    NotSent(Verdict),
    /// It was posted, and this is known of it.
    Posted(Decision),
}

/// How what isn't known is found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolve {
    /// By the platform's status service.
    Ask,
    /// By posting the very same once more: the platform answers `duplicate` if it has it.
    Repeat,
    /// By the user's word.
    As(State),
}

impl Shop {
    /// A shop of these.
    pub fn new(catalogue: Catalogue, ledger: Ledger, client: Client, account: Account) -> Self {
        Self {
            catalogue,
            ledger,
            client,
            account,
        }
    }

    /// The shop's memory.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What the catalogue says of a sale; nothing is sent.
    pub fn check(&self, request: &SaleRequest) -> Result<Verdict> {
        self.catalogue.check(request, &self.account)
    }

    /// What the platform says of a sale; nothing is recorded.
    pub fn simulate(&self, request: &SaleRequest) -> Result<Simulation> {
        let terms = self.terms(request)?;
        Ok(self.client.simulate(&terms)?.value)
    }

    /// Checks a sale or a preorder, writes it down, posts it once, and writes down what came of it.
    ///
    /// `force` passes the check, and a test beside a live sale.
    ///
    /// # Errors
    /// [`ErrorKind::Decided`] where the ledger has it already. That the platform refuses it, or nobody knows whether it has
    /// it, is no error.
    pub fn sell(&self, request: &SaleRequest, force: bool, at: Moment) -> Result<Sold> {
        let verdict = self.check(request)?;
        if verdict.verdict != Judgement::Valid && !force {
            return Ok(Sold::NotSent(verdict));
        }
        let terms = self.described(self.terms(request)?);
        let intent = self.ledger.intend(&terms, force, at)?;
        let posted = self.client.post(intent);
        let decision = self.ledger.settle(posted.spent, &posted.outcome, at)?;
        Ok(Sold::Posted(decision))
    }

    /// Finds out about a decision of which nobody knows whether the platform has it. What can't be found out stays unknown.
    ///
    /// # Errors
    /// [`ErrorKind::Decided`] for a decision of which all is known.
    pub fn resolve(&self, id: i64, how: Resolve, at: Moment) -> Result<Decision> {
        match how {
            Resolve::As(State::Recorded) => {
                self.ledger
                    .resolve(id, &Outcome::Recorded, "the user says so", at)
            }
            Resolve::As(State::Refused) => {
                let outcome = Outcome::Refused(Vec::new());
                self.ledger.resolve(id, &outcome, "the user says so", at)
            }
            Resolve::As(state) => Err(Error::new(ErrorKind::Invalid {
                what: "state",
                given: state.as_str().to_owned(),
                expected: "recorded or refused".to_owned(),
            })),
            Resolve::Ask => self.ask(id, at),
            Resolve::Repeat => self.repeat(id, at),
        }
    }

    /// That the platform knows its status proves a sale; that it doesn't proves nothing: its pages don't say what it
    /// answers then.
    fn ask(&self, id: i64, at: Moment) -> Result<Decision> {
        let decision = self.own(id)?;
        if decision.terms.kind() == Kind::Preorder {
            return self.still_unknown(id, "a preorder has no status to ask for", at);
        }
        match self.client.status(&decision.terms) {
            Ok(_) => self
                .ledger
                .resolve(id, &Outcome::Recorded, "it has a status", at),
            Err(error) if error.is_code("not_found") => {
                let detail = "the platform knows no status of it, which proves nothing";
                self.ledger.note(id, EventKind::Unknown, detail, at)?;
                self.decision(id)
            }
            Err(error) => Err(error),
        }
    }

    /// Only two answers settle it: recorded now, or recorded already. A refusal may be for what has changed since.
    fn repeat(&self, id: i64, at: Moment) -> Result<Decision> {
        self.own(id)?;
        let intent = self.ledger.repeat(id, at)?;
        let posted = self.client.post(intent);
        let outcome = match posted.outcome {
            Outcome::Unknown(why) if why.contains("duplicate") => {
                let detail = "duplicate: it had been recorded";
                self.ledger.note(id, EventKind::Resolved, detail, at)?;
                Outcome::Recorded
            }
            Outcome::Refused(codes) => Outcome::Unknown(format!(
                "refused now by {}, which says nothing of before",
                codes.join(" ")
            )),
            outcome => outcome,
        };
        self.ledger.settle(posted.spent, &outcome, at)
    }

    fn still_unknown(&self, id: i64, why: &str, at: Moment) -> Result<Decision> {
        self.ledger.note(id, EventKind::Unknown, why, at)?;
        self.decision(id)
    }

    /// The address of the file of a recorded sale, which is good for a minute: to be handed on at once, and kept nowhere.
    ///
    /// # Errors
    /// [`ErrorKind::Decided`] for a decision that isn't recorded, unless forced.
    pub fn download_link(&self, id: i64, force: bool, at: Moment) -> Result<String> {
        let decision = self.own(id)?;
        if decision.state != State::Recorded && !force {
            return Err(Error::new(ErrorKind::Decided {
                decision: id,
                state: decision.state.as_str(),
                what: "a file is for a sale that the platform has recorded".to_owned(),
            }));
        }
        let link = self.client.download_link(&decision.terms)?.value;
        self.ledger.note(id, EventKind::Downloaded, "", at)?;
        Ok(link)
    }

    /// The same of a sale that the ledger needn't have: the platform says whether it does.
    pub fn link_of(&self, terms: &Terms) -> Result<String> {
        Ok(self.client.download_link(terms)?.value)
    }

    /// Takes a recorded sale back, for the whole of its cost.
    ///
    /// # Errors
    /// [`ErrorKind::Decided`] for a decision that isn't recorded. Where the platform gives no answer that says what became of
    /// it, the ledger says so, and the decision stays as it was.
    pub fn cancel(
        &self,
        id: i64,
        cost: Option<&str>,
        reason: Option<&str>,
        at: Moment,
    ) -> Result<Cancellation> {
        let decision = self.own(id)?;
        if !matches!(decision.state, State::Recorded | State::Unknown) {
            return Err(Error::new(ErrorKind::Decided {
                decision: id,
                state: decision.state.as_str(),
                what: "there is nothing to take back".to_owned(),
            }));
        }
        let amount = cost.or(decision.terms.get("cost")).unwrap_or_default();
        self.ledger.cancelling(id, at)?;
        match self.client.cancel(&decision.terms, amount, reason) {
            Ok(answer) => {
                match &answer.value {
                    Cancellation::Cancelled(receipt) => {
                        self.ledger.cancel(id, receipt, at)?;
                    }
                    // It was, and the answer was lost.
                    Cancellation::Refused(codes)
                        if codes.iter().any(|code| code == "already_refunded") =>
                    {
                        self.ledger.cancel(id, "already_refunded", at)?;
                    }
                    Cancellation::Refused(codes) => {
                        let detail = format!("not taken back: {}", codes.join(" "));
                        self.ledger.note(id, EventKind::Refused, &detail, at)?;
                    }
                }
                Ok(answer.value)
            }
            Err(error) => {
                let detail = format!("whether it was taken back: {error}");
                self.ledger.note(id, EventKind::Unknown, &detail, at)?;
                Err(error)
            }
        }
    }

    /// How far the download of a sale is.
    pub fn status(&self, id: i64) -> Result<Status> {
        self.status_of(&self.own(id)?.terms)
    }

    /// The same of a sale that the ledger needn't have.
    pub fn status_of(&self, terms: &Terms) -> Result<Status> {
        Ok(self.client.status(terms)?.value)
    }

    /// What a sale of this shop is told from others by.
    ///
    /// # Errors
    /// Where the account has neither a name nor an organisation.
    pub fn sale(
        &self,
        isbn: &str,
        format: &str,
        customer_id: &str,
        transaction_id: &str,
    ) -> Result<Terms> {
        let organisation = self.account.organisation.as_deref().unwrap_or_default();
        let terms = Terms::sale(self.source()?, organisation, isbn, format);
        Ok(terms
            .with("customer_id", customer_id)
            .with("transaction_id", transaction_id))
    }

    /// The decision of a sale, by what it is told from others by; the last, where there are several.
    pub fn find(
        &self,
        isbn: &str,
        format: &str,
        customer_id: &str,
        transaction_id: &str,
    ) -> Result<Option<Decision>> {
        let find = Find {
            kind: Some(Kind::Sale),
            account: Some(self.source()?.to_owned()),
            isbn: Some(self.publication(isbn)),
            format: Some(format.to_owned()).filter(|format| !format.is_empty()),
            customer_id: Some(customer_id.to_owned()),
            transaction_id: Some(transaction_id.to_owned()),
            ..Find::default()
        };
        let mut found = self.ledger.find(&find)?;
        // One that the platform has, and that is no test, goes before others.
        found.sort_by_key(|one| (one.state == State::Recorded, !one.terms.is_test(), one.id));
        Ok(found.pop())
    }

    /// What the catalogue knows a publication by, whichever of its identifiers is given.
    fn publication(&self, id: &str) -> String {
        let known = self.catalogue.product(id, None).unwrap_or_default();
        let entry = known.into_iter().next().map(|kept| kept.entry);
        let name = entry.map(|entry| entry.isbn13.unwrap_or(entry.record_reference));
        name.unwrap_or_else(|| id.to_owned())
    }

    /// A decision of this account's: another organisation's platform would take it for a new one.
    fn own(&self, id: i64) -> Result<Decision> {
        let decision = self.decision(id)?;
        let terms = &decision.terms;
        let organisation = self.account.organisation.as_deref().unwrap_or_default();
        match terms.account() == self.source()? && terms.organisation() == organisation {
            true => Ok(decision),
            false => Err(Error::new(ErrorKind::Decided {
                decision: id,
                state: decision.state.as_str(),
                what: format!(
                    "it is of the account {} and the organisation {}",
                    terms.account(),
                    terms.organisation()
                ),
            })),
        }
    }

    fn decision(&self, id: i64) -> Result<Decision> {
        let found = self.ledger.decision(id)?;
        found.ok_or_else(|| {
            Error::new(ErrorKind::Invalid {
                what: "decision",
                given: id.to_string(),
                expected: "the number of one that the ledger has".to_owned(),
            })
        })
    }

    pub(super) fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// The account that it sells with.
    pub fn account(&self) -> &Account {
        &self.account
    }

    pub(super) fn source(&self) -> Result<&str> {
        super::sync::source(&self.account)
    }

    /// A request as what is posted.
    fn terms(&self, request: &SaleRequest) -> Result<Terms> {
        let organisation = self.account.organisation.as_deref().unwrap_or_default();
        let source = self.source()?;
        let format = match request.kind {
            crate::model::Kind::Preorder => request.for_format.as_deref(),
            _ => request.format.as_deref(),
        };
        let format = format.unwrap_or_default();
        let known = crate::model::Format::from_word(format);
        let format = match known {
            Some(known) => known.as_str(),
            None => format,
        };
        let id = request.id.as_str();
        let mut terms = match request.kind {
            crate::model::Kind::Preorder => Terms::preorder(source, organisation, id, format),
            _ => Terms::sale(source, organisation, id, format),
        };
        for (name, value) in request.parameters() {
            if !matches!(name, "format" | "for") {
                terms = terms.with(name, value);
            }
        }
        Ok(terms)
    }

    /// The same with what the catalogue knows of the product, for reports.
    fn described(&self, mut terms: Terms) -> Terms {
        let products = self
            .catalogue
            .product(terms.isbn(), None)
            .unwrap_or_default();
        if let Some(kept) = products.into_iter().next() {
            let entry = kept.entry;
            let reference = entry.record_reference;
            let publication = entry.isbn13.unwrap_or_else(|| reference.clone());
            let notes = [
                ("publication", Some(publication)),
                ("title", entry.title),
                ("publisher", entry.publisher),
                ("record_reference", Some(reference)),
            ];
            for (name, value) in notes {
                if let Some(value) = value {
                    terms = terms.with(name, value);
                }
            }
        }
        terms
    }
}
