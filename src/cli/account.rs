//! The shop's account with the platform, from `[account]` and `[account.NAME]`.

use toml::{Table, Value};

use super::filters;
use super::settings::Settings;
use super::trouble::{Result, Trouble};
use crate::model::{Account, Code, Country, Currency, Dialect, MinorUnits, Zone};

/// What an account may say.
const KEYS: [&str; 10] = [
    "dialect",
    "strict",
    "country",
    "zone",
    "cost_without_taxes",
    "minor_units",
    "outlets",
    "xml_price_type",
    "max_age",
    "price_code",
];

/// The account of that name; without one `[account]`, or the only one there is.
pub(crate) fn pick(settings: &Settings, name: Option<&str>) -> Result<Account> {
    let Some(table) = settings.account() else {
        return match name {
            None => Ok(Account::default()),
            Some(name) => Err(unknown(settings, name, &[])),
        };
    };
    let names = names(table);
    let is_plain = table.keys().any(|key| is_key(key));
    let name = match (name, names.as_slice()) {
        (Some(name), _) => Some(name),
        (None, []) => None,
        (None, _) if is_plain => None,
        (None, [only]) => Some(*only),
        (None, _) => {
            return Err(Trouble::usage(
                "there are several accounts, and none was chosen",
                format!("choose one with --account: {}", names.join(", ")),
            ));
        }
    };
    let Some(name) = name else {
        return read(settings, table, "account");
    };
    match table.get(name).and_then(Value::as_table) {
        Some(table) if !is_key(name) => read(settings, table, &format!("account.{name}")),
        _ => Err(unknown(settings, name, &names)),
    }
}

/// Looks through all accounts, so that a slip is told before it matters.
pub(crate) fn refuse_unknown(settings: &Settings) -> Result<()> {
    let Some(table) = settings.account() else {
        return Ok(());
    };
    let known: Vec<String> = KEYS.iter().map(|key| (*key).to_owned()).collect();
    for (key, value) in table {
        match value {
            Value::Table(account) if !is_key(key) => {
                for inner in account.keys() {
                    settings.refuse_unless(&known, inner, &format!("account.{key}.{inner}"))?;
                }
                read(settings, account, &format!("account.{key}"))?;
            }
            _ => settings.refuse_unless(&known, key, &format!("account.{key}"))?,
        }
    }
    read(settings, table, "account").map(|_| ())
}

/// The names of accounts.
pub(crate) fn names(table: &Table) -> Vec<&str> {
    table
        .iter()
        .filter(|(key, value)| value.is_table() && !is_key(key))
        .map(|(key, _)| key.as_str())
        .collect()
}

fn is_key(key: &str) -> bool {
    KEYS.contains(&key.replace('-', "_").as_str())
}

fn unknown(settings: &Settings, name: &str, names: &[&str]) -> Trouble {
    let hint = match (settings.path(), names) {
        (None, _) => "there is no onix.toml: write one, or name it with --config".into(),
        (Some(path), []) => format!("write `[account.{name}]` into {}", path.display()),
        (Some(path), names) => format!("{} has: {}", path.display(), names.join(", ")),
    };
    Trouble::usage(format!("there is no account `{name}`"), hint)
}

fn read(settings: &Settings, table: &Table, path: &str) -> Result<Account> {
    let mut account = Account::default();
    for (key, value) in table {
        let wrong = |expected: &str| {
            let what = format!("{value} is not known");
            settings.wrong(
                &format!("`{path}.{key}`"),
                &what,
                format!("expected {expected}"),
            )
        };
        let text = || value.as_str();
        match key.replace('-', "_").as_str() {
            "dialect" => {
                account.dialect = text()
                    .and_then(Dialect::from_word)
                    .ok_or_else(|| wrong("\"en\" or \"es\""))?;
            }
            "strict" => account.strict = truth(value).ok_or_else(|| wrong("true or false"))?,
            "cost_without_taxes" => {
                account.cost_without_taxes = truth(value).ok_or_else(|| wrong("true or false"))?;
            }
            "country" => {
                let country = text().and_then(Country::parse);
                account.country = Some(country.ok_or_else(|| wrong(filters::COUNTRIES))?);
            }
            "zone" => {
                let expected = "a zone such as \"Europe/Paris\", \"UTC\" or \"-05:00\"";
                account.zone = text()
                    .and_then(Zone::parse)
                    .ok_or_else(|| wrong(expected))?;
            }
            "minor_units" => {
                let expected = "decimal places by currency, such as { CLP = 2 }";
                account.minor_units = minor_units(value).ok_or_else(|| wrong(expected))?;
            }
            "outlets" => {
                account.outlets = texts(value).ok_or_else(|| wrong("a list of names"))?;
            }
            "xml_price_type" => {
                let price_type = text().and_then(|text| filters::price_type(text).ok());
                let price_type = price_type.ok_or_else(|| wrong(filters::PRICE_TYPES))?;
                account.xml_price_type = Some(price_type);
            }
            "max_age" => {
                let age = match value {
                    Value::Integer(seconds) => u64::try_from(*seconds).ok(),
                    value => value.as_str().and_then(|text| filters::duration(text).ok()),
                };
                account.max_age_s = Some(age.ok_or_else(|| wrong(filters::DURATIONS))?);
            }
            "price_code" => {
                let code = text().and_then(Code::from_word);
                let expected = "a code of the platform, such as \"invalid_sale_parameters\"";
                account.price_code = Some(code.ok_or_else(|| wrong(expected))?);
            }
            // The names of other accounts.
            _ => {}
        }
    }
    Ok(account)
}

fn truth(value: &Value) -> Option<bool> {
    value.as_bool()
}

fn texts(value: &Value) -> Option<Vec<String>> {
    let values = value.as_array()?;
    values
        .iter()
        .map(|value| value.as_str().map(str::to_owned))
        .collect()
}

fn minor_units(value: &Value) -> Option<MinorUnits> {
    let mut overrides = Vec::new();
    for (currency, exponent) in value.as_table()? {
        let exponent = u8::try_from(exponent.as_integer()?).ok()?;
        let currency = Currency::parse(currency).filter(Currency::is_known)?;
        // Costs are 64 bits wide.
        if exponent > 6 {
            return None;
        }
        overrides.push((currency, exponent));
    }
    Some(MinorUnits::with(overrides))
}
