//! The query of an address, and the addresses that lead on from it.

use std::fmt;

use crate::sandbox::{encoded, pairs};

/// Names and values in their order; those that are empty say nothing and are left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn of(text: &str) -> Self {
        let pairs = pairs(text).into_iter();
        Self(pairs.filter(|(_, value)| !value.is_empty()).collect())
    }

    /// The first value of a name; nothing where it isn't there.
    pub(super) fn first(&self, name: &str) -> &str {
        self.values(name).next().unwrap_or_default()
    }

    pub(super) fn values<'q>(&'q self, name: &str) -> impl Iterator<Item = &'q str> {
        let named = self.0.iter().filter(move |(known, _)| known == name);
        named.map(|(_, value)| value.as_str())
    }

    pub(super) fn has(&self, name: &str, value: &str) -> bool {
        self.values(name).any(|known| known == value)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// With one more value of a name.
    pub(super) fn and(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// With this as the only value of a name.
    pub(super) fn with(self, name: &str, value: impl Into<String>) -> Self {
        self.without(name).and(name, value)
    }

    pub(super) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self
    }

    /// Without one of the values of a name.
    pub(super) fn without_value(mut self, name: &str, value: &str) -> Self {
        self.0.retain(|(known, one)| known != name || one != value);
        self
    }

    /// Of these names only.
    pub(super) fn only(mut self, names: &[&str]) -> Self {
        self.0.retain(|(known, _)| names.contains(&known.as_str()));
        self
    }

    /// The address of a path with this query.
    pub(super) fn at(&self, path: &str) -> String {
        match self.0.is_empty() {
            true => path.to_owned(),
            false => format!("{path}?{self}"),
        }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, (name, value)) in self.0.iter().enumerate() {
            let and = if n == 0 { "" } else { "&" };
            write!(f, "{and}{}={}", encoded(name), encoded(value))?;
        }
        Ok(())
    }
}

/// The address of a product.
pub(super) fn product(id: &str, query: &Query) -> String {
    query.at(&format!("/products/{}", encoded(id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_written_as_it_is_read() {
        let query = Query::of("q=le+phare%26&format=epub&format=pdf&country=");
        assert_eq!(query.to_string(), "q=le%20phare%26&format=epub&format=pdf");
        assert_eq!(Query::of(&query.to_string()), query);
        let narrower = query.without_value("format", "pdf").with("q", "mer");
        assert_eq!(narrower.at("/"), "/?format=epub&q=mer");
        assert_eq!(Query::default().at("/"), "/");
    }
}
