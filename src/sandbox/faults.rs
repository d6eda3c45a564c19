//! What goes wrong on purpose: at the nth request of a service, and so many times.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::fields::{Fields, Read, Wrong, items};
use super::service::Service;

/// A fault that was ordered, and how many requests of its service it has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    service: Service,
    nth: u64,
    times: u64,
    seen: u64,
    what: What,
}

/// What a fault does to the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// Another answer; nothing is done.
    Status {
        status: u16,
        headers: Vec<(String, String)>,
        body: String,
    },
    /// The platform's own refusal, by its code; nothing is done.
    Code(String),
    /// The true answer, of which only so many bytes arrive.
    Cut(u64),
    /// The true answer, later.
    Delay(Duration),
    /// It is done, and no answer comes.
    RecordAndCut,
}

/// All faults that were ordered, the oldest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    /// Adds faults; none at all ends those that are left.
    pub(super) fn add(&mut self, faults: Vec<Fault>) {
        match faults.is_empty() {
            true => self.0.clear(),
            false => self.0.extend(faults),
        }
    }

    /// Those of which something is left, as they can be ordered again.
    pub(super) fn to_json(&self) -> Value {
        let left = self.0.iter().filter(|fault| !fault.is_over());
        left.map(Fault::to_json).collect()
    }

    /// Counts a request, and says what goes wrong with it: the first fault whose turn it is decides.
    pub(super) fn next(&mut self, service: Service) -> Option<What> {
        let of_service = self.0.iter_mut().filter(|fault| fault.service == service);
        let due: Vec<Option<What>> = of_service.map(Fault::next).collect();
        due.into_iter().flatten().next()
    }
}

impl Fault {
    /// What it was read from, and how many requests it has seen.
    fn to_json(&self) -> Value {
        json!({
            "service": self.service.as_str(),
            "nth": self.nth,
            "times": self.times,
            "seen": self.seen,
            "do": self.what.to_json(),
        })
    }

    /// Whether anything of it is left.
    fn is_over(&self) -> bool {
        self.seen.saturating_add(1) >= self.nth.saturating_add(self.times)
    }

    fn next(&mut self) -> Option<What> {
        self.seen += 1;
        let last = self.nth.saturating_add(self.times);
        let is_due = self.seen >= self.nth && self.seen < last;
        is_due.then(|| self.what.clone())
    }

    fn read(value: &Value, path: &str) -> Read<Self> {
        let mut fields = Fields::of(value, path)?;
        let service = fields.word("service", &Service::WORDS)?;
        let service = service.and_then(Service::of_word);
        let expected = Service::WORDS.join(" or ");
        let what_path = fields.path_of("do");
        let what = fields.value("do");
        let nth = fields.number("nth")?.unwrap_or(1);
        if nth == 0 {
            return Err(fields.wrong("nth", "a whole number, 1 or more"));
        }
        let fault = Self {
            service: service.ok_or_else(|| fields.wrong("service", &expected))?,
            nth,
            times: fields.number("times")?.unwrap_or(1),
            seen: fields.number("seen")?.unwrap_or(0),
            what: What::read(what.unwrap_or(&Value::Null), &what_path)?,
        };
        fields.end()?;
        Ok(fault)
    }
}

impl What {
    /// The word for it in the log: the first of its order.
    pub(super) fn as_str(&self) -> &'static str {
        match self {
            What::Status { .. } => "status",
            What::Code(_) => "code",
            What::Cut(_) => "cut_after_bytes",
            What::Delay(_) => "delay_ms",
            What::RecordAndCut => "record",
        }
    }

    fn read(value: &Value, path: &str) -> Read<Self> {
        let mut fields = Fields::of(value, path)?;
        let what = match Self::kind(&mut fields)? {
            Some(what) => what,
            None => {
                let expected = "one of status, code, cut_after_bytes, delay_ms, record with then";
                return Err(Wrong::new(path, expected));
            }
        };
        fields.end()?;
        Ok(what)
    }

    fn to_json(&self) -> Value {
        match self {
            What::Status {
                status,
                headers,
                body,
            } => {
                let headers = headers.iter();
                let headers: Map<String, Value> = headers
                    .map(|(name, value)| (name.clone(), json!(value)))
                    .collect();
                json!({"status": status, "headers": headers, "body": body})
            }
            What::Code(code) => json!({"code": code}),
            What::Cut(bytes) => json!({"cut_after_bytes": bytes}),
            What::Delay(delay) => json!({"delay_ms": delay.as_millis() as u64}),
            What::RecordAndCut => json!({"record": true, "then": "cut"}),
        }
    }

    fn kind(fields: &mut Fields<'_>) -> Read<Option<Self>> {
        let expected = "a status from 200 to 599";
        let is_status = |status: &u16| (200..600).contains(status);
        let status = fields.read("status", expected, |value| {
            u16::try_from(value.as_u64()?).ok().filter(is_status)
        })?;
        if let Some(status) = status {
            return Ok(Some(What::Status {
                status,
                headers: headers(fields)?,
                body: body(fields),
            }));
        }
        if let Some(code) = fields.text("code")? {
            return Ok(Some(What::Code(code)));
        }
        if let Some(bytes) = fields.number("cut_after_bytes")? {
            return Ok(Some(What::Cut(bytes)));
        }
        if let Some(delay) = fields.number("delay_ms")? {
            return Ok(Some(What::Delay(Duration::from_millis(delay))));
        }
        let is_recorded = fields.truth("record")?;
        let then = fields.word("then", &["cut"])?;
        Ok((is_recorded == Some(true) && then.is_some()).then_some(What::RecordAndCut))
    }
}

/// The headers of an answer that replaces the true one.
fn headers(fields: &mut Fields<'_>) -> Read<Vec<(String, String)>> {
    let headers = fields.read("headers", "an object of texts", |value| {
        let headers = value.as_object()?.iter();
        let header =
            |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
        headers.map(header).collect::<Option<Vec<_>>>()
    })?;
    Ok(headers.unwrap_or_default())
}

/// Its body: a text as it is, anything else as JSON.
fn body(fields: &mut Fields<'_>) -> String {
    match fields.value("body") {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// One fault, or a list of them.
pub(super) fn read(value: &Value, path: &str) -> Read<Vec<Fault>> {
    if value.is_object() {
        return Fault::read(value, path).map(|fault| vec![fault]);
    }
    let faults = items(value, path)?.iter().enumerate();
    faults
        .map(|(n, fault)| Fault::read(fault, &format!("{path}[{n}]")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_fault_comes_at_its_turn_and_so_many_times() {
        let order = json!({"service": "full", "nth": 2, "times": 2, "do": {"status": 503}});
        let mut faults = Faults::default();
        faults.add(read(&order, "faults").unwrap());
        let mut is_faulty = |service| faults.next(service).is_some();
        assert!(!is_faulty(Service::Full));
        assert!(!is_faulty(Service::Delta));
        assert!(is_faulty(Service::Full));
        assert!(is_faulty(Service::Full));
        assert!(!is_faulty(Service::Full));
    }

    #[test]
    fn an_order_that_makes_no_sense_is_named() {
        let wrong = |order: Value| read(&order, "faults").unwrap_err().field;
        assert_eq!(
            wrong(json!([{"service": "no", "do": {}}])),
            "faults[0].service"
        );
        assert_eq!(wrong(json!({"service": "full", "do": {}})), "faults.do");
        let order = json!({"service": "full", "do": {"status": 1}});
        assert_eq!(wrong(order), "faults.do.status");
        let order = json!({"service": "full", "nth": 0, "do": {"delay_ms": 1}});
        assert_eq!(wrong(order), "faults.nth");
        assert_eq!(wrong(json!(3)), "faults");
    }
}
