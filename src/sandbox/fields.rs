//! An object of JSON, read field by field: what isn't known or isn't what it should be is told by its name.

use serde_json::{Map, Value};

/// What is wrong with an order to the stand-in: where, and what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) field: String,
    pub(super) expected: String,
}

pub(super) type Read<T> = Result<T, Wrong>;

impl Wrong {
    pub(super) fn new(field: impl Into<String>, expected: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            expected: expected.into(),
        }
    }
}

/// An object whose fields are taken one after the other.
pub(super) struct Fields<'v> {
    path: String,
    object: &'v Map<String, Value>,
    known: Vec<&'static str>,
}

impl<'v> Fields<'v> {
    /// Of a value that has to be an object; `path` is where it stands, empty at the top.
    pub(super) fn of(value: &'v Value, path: &str) -> Read<Self> {
        let object = value.as_object();
        Ok(Self {
            path: path.to_owned(),
            object: object.ok_or_else(|| Wrong::new(path, "an object"))?,
            known: Vec::new(),
        })
    }

    /// The path of one of its fields.
    pub(super) fn path_of(&self, name: &str) -> String {
        match self.path.is_empty() {
            true => name.to_owned(),
            false => format!("{}.{name}", self.path),
        }
    }

    /// That there is something wrong with one of its fields.
    pub(super) fn wrong(&self, name: &str, expected: &str) -> Wrong {
        Wrong::new(self.path_of(name), expected)
    }

    /// A field as it is; `null` counts as left out.
    pub(super) fn value(&mut self, name: &'static str) -> Option<&'v Value> {
        self.known.push(name);
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// A field that may be left out, read by a function that gives nothing for what it can't take.
    pub(super) fn read<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        read: impl FnOnce(&'v Value) -> Option<T>,
    ) -> Read<Option<T>> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        match read(value) {
            Some(read) => Ok(Some(read)),
            None => Err(self.wrong(name, expected)),
        }
    }

    pub(super) fn text(&mut self, name: &'static str) -> Read<Option<String>> {
        self.read(name, "a text", |value| value.as_str().map(str::to_owned))
    }

    pub(super) fn truth(&mut self, name: &'static str) -> Read<Option<bool>> {
        self.read(name, "true or false", Value::as_bool)
    }

    pub(super) fn number(&mut self, name: &'static str) -> Read<Option<u64>> {
        self.read(name, "a whole number, 0 or more", Value::as_u64)
    }

    /// One of these words.
    pub(super) fn word(
        &mut self,
        name: &'static str,
        words: &[&'static str],
    ) -> Read<Option<&'static str>> {
        let expected = words.join(" or ");
        self.read(name, &expected, |value| {
            let given = value.as_str()?;
            words.iter().copied().find(|word| *word == given)
        })
    }

    /// One of these numbers.
    pub(super) fn one_of(&mut self, name: &'static str, numbers: &[u16]) -> Read<Option<u16>> {
        let words: Vec<String> = numbers.iter().map(u16::to_string).collect();
        self.read(name, &words.join(" or "), |value| {
            let given = value.as_u64()?;
            numbers
                .iter()
                .copied()
                .find(|number| u64::from(*number) == given)
        })
    }

    /// That there was nothing else.
    pub(super) fn end(self) -> Read<()> {
        let is_known = |name: &&String| self.known.contains(&name.as_str());
        match self.object.keys().find(|name| !is_known(name)) {
            Some(name) => {
                let known = format!("one of {}", self.known.join(", "));
                Err(Wrong::new(self.path_of(name), known))
            }
            None => Ok(()),
        }
    }
}

/// The items of a list.
pub(super) fn items<'v>(value: &'v Value, path: &str) -> Read<&'v [Value]> {
    let list = value.as_array().map(Vec::as_slice);
    list.ok_or_else(|| Wrong::new(path, "a list"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_wrong_is_named() {
        let value = json!({"id": 3, "no_such": true});
        let mut fields = Fields::of(&value, "organisations[0]").unwrap();
        let wrong = fields.text("id").unwrap_err();
        assert_eq!(wrong, Wrong::new("organisations[0].id", "a text"));
        let wrong = fields.end().unwrap_err();
        assert_eq!(wrong, Wrong::new("organisations[0].no_such", "one of id"));
        assert!(Fields::of(&json!([]), "now").is_err());
    }
}
