//! Dates as senders write them, in the zones of shops: when each begins, and that nothing is sold before it.

use onix_catalogue::model::{Account, Date, Judgement, Kind, Moment, SaleRequest, Zone};
use onix_catalogue::onix::Reader;
use onix_catalogue::sale::{Offers, check};

/// `testdata/moments.tsv`: text, format, zone and instant.
fn table() -> Vec<[String; 4]> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/moments.tsv");
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let rows = lines.map(|line| {
        let cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
        cells.try_into().expect("four cells")
    });
    rows.collect()
}

#[test]
fn every_spelling_in_every_zone() {
    let rows = table();
    assert!(rows.len() >= 40 * 6);
    for [text, format, zone, expected] in &rows {
        let parsed = Zone::parse(zone).unwrap();
        let date = Date::parse(text, Some(format));
        let start = date.map_or("-".to_owned(), |date| date.start(&parsed).to_string());
        assert_eq!(&start, expected, "{text} as {format} in {zone}");
    }
}

fn product(role: &str, format: &str, date: &str) -> String {
    format!(
        "<Product><RecordReference>1</RecordReference><NotificationType>03</NotificationType>\
         <DescriptiveDetail><ProductForm>ED</ProductForm><ProductFormDetail>E101</ProductFormDetail>\
         <EpubTechnicalProtection>02</EpubTechnicalProtection></DescriptiveDetail>\
         <PublishingDetail><PublishingStatus>04</PublishingStatus></PublishingDetail>\
         <ProductSupply><SupplyDetail><ProductAvailability>20</ProductAvailability>\
         <SupplyDate><SupplyDateRole>{role}</SupplyDateRole><Date dateformat=\"{format}\">{date}</Date></SupplyDate>\
         <Price><PriceType>04</PriceType><PriceAmount>9.99</PriceAmount><CurrencyCode>EUR</CurrencyCode>\
         <Territory><CountriesIncluded>FR</CountriesIncluded></Territory></Price>\
         </SupplyDetail></ProductSupply></Product>"
    )
}

/// A second before an embargo ends nothing is sold, then it is; where the date can't be read, never.
#[test]
fn nothing_is_sold_early() {
    let mut n = 0;
    for [text, format, zone, expected] in table() {
        let xml = product("02", &format, &text);
        let record = Reader::new(xml.as_bytes()).into_records().next().unwrap();
        let offers = Offers::of(&record.unwrap().product());
        let mut account = Account::default();
        account.zone = Zone::parse(&zone).unwrap();
        let judged = |at: Moment| {
            let request = SaleRequest::new(Kind::Simulation, "1", at)
                .with("format", "epub")
                .with("protection", "watermark")
                .with("cost", "999")
                .with("currency", "EUR")
                .with("country", "FR")
                .with("price_type", "04");
            check(&request, &[&offers], &account).verdict
        };
        let start = match Moment::parse(&expected, &Zone::default()) {
            Some(start) => start.as_unix(),
            // An empty element says nothing, and what can't be read could be any day.
            None if text.is_empty() => continue,
            None => {
                assert_eq!(judged(Moment::from_unix(0)), Judgement::Unknown, "{text}");
                assert_eq!(
                    judged(Moment::from_unix(4_000_000_000)),
                    Judgement::Unknown,
                    "{text}"
                );
                continue;
            }
        };
        let before = judged(Moment::from_unix(start - 1));
        assert_ne!(before, Judgement::Valid, "{text} as {format} in {zone}");
        let is_day = !matches!(format.as_str(), "01" | "02" | "03" | "05");
        if is_day {
            let at = judged(Moment::from_unix(start));
            assert_eq!(at, Judgement::Valid, "{text} as {format} in {zone}");
        }
        n += 1;
    }
    assert!(n > 180, "{n}");
}
