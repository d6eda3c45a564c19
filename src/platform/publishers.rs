//! With whom an organisation has agreements.

use serde::{Deserialize, Deserializer, Serialize};

/// The publishers that an organisation sells.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Publishers {
    /// By an agreement of their own.
    #[serde(default, deserialize_with = "or_default")]
    pub publishers: Vec<Publisher>,
    /// Through a distributor.
    #[serde(default, deserialize_with = "or_default")]
    pub distributors: Vec<Distributor>,
}

/// A publisher. What the platform doesn't say is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Publisher {
    /// The platform's identifier.
    #[serde(default, deserialize_with = "text")]
    pub id: String,
    /// Its name.
    #[serde(default, deserialize_with = "text")]
    pub name: String,
    /// An identifier of its own.
    #[serde(default, deserialize_with = "text")]
    pub identifier: String,
    /// As written, which needn't be an address.
    #[serde(default, deserialize_with = "text")]
    pub website: String,
    /// The address of a picture, as written.
    #[serde(default, deserialize_with = "text")]
    pub logo: String,
}

/// A distributor, with the publishers that it distributes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Distributor {
    /// Who it is.
    #[serde(flatten)]
    pub distributor: Publisher,
    /// Its publishers.
    #[serde(default, deserialize_with = "or_default")]
    pub publishers: Vec<Publisher>,
}

impl Publishers {
    /// All of them, each with the distributor that they come through.
    pub fn all(&self) -> impl Iterator<Item = (&Publisher, Option<&Publisher>)> {
        let own = self.publishers.iter().map(|publisher| (publisher, None));
        let through = self.distributors.iter().flat_map(|one| {
            let through = Some(&one.distributor);
            one.publishers
                .iter()
                .map(move |publisher| (publisher, through))
        });
        own.chain(through)
    }
}

fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A text, a number as text, or nothing.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => text,
        serde_json::Value::Number(number) => number.to_string(),
        _ => String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_missing_is_empty() {
        let read: Publishers = serde_json::from_str(
            r#"{"publishers":[{"id":12,"name":"Brume","website":"http:www.brume.example","logo":null}],
                "distributors":[{"id":"D1","name":"Relais","publishers":[{"id":"P2","name":"Sel"}]},{"name":"Seul"}]}"#,
        )
        .unwrap();
        let all: Vec<_> = read
            .all()
            .map(|(publisher, through)| {
                let through = through.map(|through| through.name.as_str());
                (publisher.id.as_str(), publisher.name.as_str(), through)
            })
            .collect();
        assert_eq!(all, [("12", "Brume", None), ("P2", "Sel", Some("Relais"))]);
        assert_eq!(
            serde_json::from_str::<Publishers>("{\"publishers\":null}").unwrap(),
            Publishers::default()
        );
    }
}
