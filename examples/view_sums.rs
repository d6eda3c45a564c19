//! Reads list files as views and prints what their fields come to: the counterpart of
//! `benches/peers/lxml_iterparse.py`, which prints the same sums.
//!
//! ```sh
//! cargo run --release --example view_sums -- [-j N] PATH…
//! ```

use std::borrow::Cow;
use std::process::ExitCode;

use onix_catalogue::input::{Inputs, Item, ReadOptions, read};
use onix_catalogue::model::{Currency, MinorUnits};
use onix_catalogue::onix::view::{Area, Dated, Id, Person, PriceView, Supply, Text};
use onix_catalogue::onix::{Record, View};

fn main() -> ExitCode {
    let mut options = ReadOptions::default();
    options.threads = 1;
    let mut paths: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, threads, ..] = paths.as_slice()
        && flag == "-j"
        && let Ok(threads) = threads.parse()
    {
        options.threads = threads;
        paths.drain(..2);
    }
    if paths.is_empty() {
        eprintln!("usage: view_sums [-j N] PATH…");
        return ExitCode::from(2);
    }
    match sums(&Inputs::from_paths(paths), &options) {
        Ok((total, 0)) => {
            println!("{total}");
            ExitCode::SUCCESS
        }
        Ok((total, n_rejected)) => {
            println!("{total}");
            eprintln!("view_sums: {n_rejected} set aside");
            ExitCode::from(3)
        }
        Err(error) => {
            eprintln!("view_sums: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn sums(inputs: &Inputs, options: &ReadOptions) -> onix_catalogue::Result<(Sums, u64)> {
    let (mut total, mut n_rejected) = (Sums::default(), 0);
    read(inputs, options, Sums::of, |item| {
        match item {
            Item::Record(sums) => total.add(sums),
            Item::Rejected(_) => n_rejected += 1,
            _ => {}
        }
        Ok(())
    })?;
    Ok((total, n_rejected))
}

/// What the fields of views come to. Numbers are of no use, but that nobody can leave a field out
/// unnoticed.
#[derive(Default)]
struct Sums {
    products: u64,
    /// Texts and codes that are there.
    texts: u64,
    /// Characters of them.
    characters: u64,
    /// Amounts in hundredths, whatever their currency.
    cents: u64,
}

impl std::fmt::Display for Sums {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} products, {} texts, {} characters, {} cents",
            self.products, self.texts, self.characters, self.cents
        )
    }
}

impl Sums {
    fn of(record: &Record<'_>) -> Self {
        let product = record.product();
        let view = View::of(&product);
        let mut sums = Self {
            products: 1,
            ..Self::default()
        };
        sums.identify(&view);
        sums.describe(&view);
        sums.publish(&view);
        view.supplies.iter().for_each(|supply| sums.supply(supply));
        for related in &view.related_products {
            sums.all(&related.relation);
            sums.ids(&related.identifiers);
        }
        sums
    }

    fn add(&mut self, other: Self) {
        self.products += other.products;
        self.texts += other.texts;
        self.characters += other.characters;
        self.cents += other.cents;
    }

    fn count(&mut self, text: &str) {
        self.texts += 1;
        self.characters += text.chars().count() as u64;
    }

    fn each(&mut self, texts: &[&Text<'_>]) {
        for text in texts.iter().filter_map(|text| text.as_deref()) {
            self.count(text);
        }
    }

    fn all(&mut self, texts: &[Cow<'_, str>]) {
        texts.iter().for_each(|text| self.count(text));
    }

    fn ids(&mut self, ids: &[Id<'_>]) {
        ids.iter()
            .for_each(|id| self.each(&[&id.r#type, &id.value]));
    }

    fn dates(&mut self, dates: &[Dated<'_>]) {
        for date in dates {
            self.each(&[&date.role, &date.date, &date.format]);
        }
    }

    fn area(&mut self, area: &Area<'_>) {
        for codes in [
            &area.countries,
            &area.regions,
            &area.countries_excluded,
            &area.regions_excluded,
        ] {
            codes.iter().for_each(|code| self.count(code));
        }
    }

    fn identify(&mut self, view: &View<'_>) {
        self.each(&[&view.record_reference, &view.notification_type]);
        self.ids(&view.identifiers);
        self.each(&[&view.isbn13]);
    }

    fn describe(&mut self, view: &View<'_>) {
        self.each(&[&view.title, &view.subtitle]);
        for title in &view.titles {
            self.each(&[&title.r#type, &title.title, &title.subtitle]);
        }
        view.contributors.iter().for_each(|one| self.person(one));
        self.each(&[&view.contributor_statement]);
        for language in &view.languages {
            self.each(&[&language.role, &language.code]);
        }
        for subject in &view.subjects {
            self.each(&[&subject.scheme, &subject.code, &subject.text]);
        }
        self.each(&[&view.product_composition, &view.product_form]);
        self.all(&view.product_form_details);
        self.all(&view.epub_protections);
        for constraint in &view.usage_constraints {
            self.each(&[&constraint.r#type, &constraint.status]);
            for limit in &constraint.limits {
                self.each(&[&limit.quantity, &limit.unit]);
            }
        }
    }

    fn person(&mut self, person: &Person<'_>) {
        self.each(&[&person.name, &person.seq]);
        self.all(&person.roles);
        person.raw.iter().for_each(|(_, part)| self.count(part));
    }

    fn publish(&mut self, view: &View<'_>) {
        for publisher in &view.publishers {
            self.each(&[&publisher.role, &publisher.name]);
        }
        view.imprints.iter().for_each(|name| self.each(&[name]));
        self.each(&[&view.publishing_status, &view.row_sales_rights]);
        self.dates(&view.publishing_dates);
        for rights in &view.sales_rights {
            self.each(&[&rights.r#type]);
            self.area(&rights.territory);
        }
    }

    fn supply(&mut self, supply: &Supply<'_>) {
        if let Some(market) = &supply.market {
            market.territories.iter().for_each(|area| self.area(area));
            self.each(&[&market.publishing_status]);
            self.dates(&market.dates);
        }
        supply.suppliers.iter().for_each(|name| self.each(&[name]));
        self.each(&[&supply.availability, &supply.unpriced]);
        self.dates(&supply.supply_dates);
        supply.prices.iter().for_each(|price| self.price(price));
    }

    fn price(&mut self, price: &PriceView<'_>) {
        let hundredths = Currency::parse("EUR").expect("three letters");
        let cents = price
            .amount
            .as_deref()
            .and_then(|amount| MinorUnits::default().cost(amount, hundredths));
        self.cents += cents.unwrap_or_default();
        self.each(&[&price.eff_type, &price.qualifier, &price.amount]);
        self.each(&[&price.eff_currency, &price.unpriced, &price.status]);
        self.area(&price.territory);
        self.dates(&price.dates);
        for condition in &price.conditions {
            self.each(&[&condition.r#type]);
            condition
                .quantities
                .iter()
                .for_each(|text| self.each(&[text]));
        }
        for tax in &price.tax {
            self.each(&[&tax.r#type, &tax.rate, &tax.percent, &tax.amount]);
        }
        self.all(&price.protections);
    }
}
