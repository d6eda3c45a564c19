//! The shop's account with the platform, from `[account]` and `[account.NAME]`.

use toml::{Table, Value};

use super::filters;
use super::settings::Settings;
use super::trouble::{Result, Trouble};
use crate::model::{
    Account, Api, CatalogueFormat, Code, Country, Currency, Dialect, MinorUnits, Zone,
};

/// What an account may say.
const KEYS: [&str; 24] = [
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
    "base_url",
    "organisation",
    "user",
    "password",
    "password_file",
    "token",
    "token_file",
    "keyring",
    "api",
    "format",
    "allow_http",
    "connect_timeout",
    "read_timeout",
    "total_timeout",
];

/// The table of an account.
pub(crate) struct Chosen<'s> {
    /// `None` for the one without a name.
    pub(crate) name: Option<&'s str>,
    pub(crate) table: &'s Table,
    /// `account` or `account.NAME`
    pub(crate) path: String,
}

/// The account of that name; without one `[account]`, or the only one there is.
pub(crate) fn pick(settings: &Settings, name: Option<&str>) -> Result<Account> {
    match choose(settings, name)? {
        Some(chosen) => read(settings, &chosen),
        None => Ok(Account::default()),
    }
}

/// Where that account stands; `None` where there is none at all.
pub(crate) fn choose<'s>(settings: &'s Settings, name: Option<&str>) -> Result<Option<Chosen<'s>>> {
    let Some(table) = settings.account() else {
        return match name {
            None => Ok(None),
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
        return Ok(Some(Chosen {
            name: None,
            table,
            path: "account".into(),
        }));
    };
    match table.get_key_value(name) {
        Some((name, Value::Table(table))) if !is_key(name) => Ok(Some(Chosen {
            name: Some(name),
            table,
            path: format!("account.{name}"),
        })),
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
                let path = format!("account.{key}");
                read(
                    settings,
                    &Chosen {
                        name: Some(key),
                        table: account,
                        path,
                    },
                )?;
            }
            _ => settings.refuse_unless(&known, key, &format!("account.{key}"))?,
        }
    }
    let path = "account".into();
    read(
        settings,
        &Chosen {
            name: None,
            table,
            path,
        },
    )
    .map(|_| ())
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

fn read(settings: &Settings, chosen: &Chosen<'_>) -> Result<Account> {
    let path = &chosen.path;
    let mut account = Account {
        name: chosen.name.map(str::to_owned),
        ..Account::default()
    };
    for (key, value) in chosen.table {
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
                let age = duration(value).ok_or_else(|| wrong(filters::DURATIONS))?;
                account.max_age_s = Some(age);
            }
            key @ ("connect_timeout" | "read_timeout" | "total_timeout") => {
                let seconds = duration(value).filter(|seconds| *seconds > 0);
                let seconds = seconds.ok_or_else(|| wrong(filters::DURATIONS))?;
                match key {
                    "connect_timeout" => account.time_outs.connect_s = seconds,
                    "read_timeout" => account.time_outs.read_s = seconds,
                    _ => account.time_outs.total_s = seconds,
                }
            }
            "base_url" => {
                let url = text().ok_or_else(|| wrong("such as \"https://www.example.com\""))?;
                account.base_url = Some(url.trim().to_owned());
            }
            "organisation" => {
                account.organisation = match value {
                    Value::String(text) => Some(text.trim().to_owned()),
                    // Some are numbers, and it is easy to write one without quotes.
                    Value::Integer(number) => Some(number.to_string()),
                    _ => return Err(wrong("the platform's name for the shop")),
                };
            }
            "api" => {
                account.api = text()
                    .and_then(Api::from_word)
                    .ok_or_else(|| wrong("\"feed\" or \"lists\""))?;
            }
            "format" => {
                account.format = text()
                    .and_then(CatalogueFormat::from_word)
                    .ok_or_else(|| wrong("\"onix\" or \"xml\""))?;
            }
            "allow_http" => {
                account.allow_http = truth(value).ok_or_else(|| wrong("true or false"))?;
            }
            "keyring" => {
                truth(value).ok_or_else(|| wrong("true or false"))?;
            }
            // What they hold is never shown.
            key @ ("user" | "password" | "password_file" | "token" | "token_file")
                if value.as_str().is_none_or(|text| text.trim().is_empty()) =>
            {
                let key = format!("`{path}.{key}`");
                return Err(settings.wrong(&key, "a text is expected", ""));
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

fn duration(value: &Value) -> Option<u64> {
    match value {
        Value::Integer(seconds) => u64::try_from(*seconds).ok(),
        value => filters::duration(value.as_str()?).ok(),
    }
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
