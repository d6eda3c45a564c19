//! What goes wrong on purpose: at the nth request of a service, and so many times.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::fields::{Fields, Read, Wrong, items};
use super::service::Service;

/// A fault that was ordered, and how many requests of its service it has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    service: Service,
    /// Only those that are about this protection.
    protection: Option<String>,
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
    /// The prices of what is asked for rise by so many hundredths, for good, and then it is answered.
    Raise(u64),
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

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those of which something is left, as they can be ordered again.
    pub(super) fn to_json(&self) -> Value {
        let left = self.0.iter().filter(|fault| !fault.is_over());
        left.map(Fault::to_json).collect()
    }

    /// Counts a request, and says what goes wrong with it: the first fault whose turn it is decides.
    pub(super) fn next(
        &mut self,
        service: Service,
        protection: impl Fn() -> Option<String>,
    ) -> Option<What> {
        let is_meant = |fault: &&mut Fault| {
            fault.service == service
                && (fault.protection.is_none() || fault.protection == protection())
        };
        let of_service = self.0.iter_mut().filter(is_meant);
        let due: Vec<Option<What>> = of_service.map(Fault::next).collect();
        self.0.retain(|fault| !fault.is_over());
        due.into_iter().flatten().next()
    }
}

impl Fault {
    /// What it was read from, and how many requests it has seen.
    fn to_json(&self) -> Value {
        json!({
            "service": self.service.as_str(),
            "protection": self.protection,
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
        self.seen = self.seen.saturating_add(1);
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
            protection: fields.text("protection")?,
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
            What::Raise(_) => "raise_prices_by",
        }
    }

    fn read(value: &Value, path: &str) -> Read<Self> {
        let mut fields = Fields::of(value, path)?;
        let what = match Self::kind(&mut fields)? {
            Some(what) => what,
            None => {
                let expected = "one of status, code, cut_after_bytes, delay_ms, raise_prices_by, record with then";
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
            What::Raise(by) => json!({"raise_prices_by": by}),
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
        if let Some(by) = fields.number("raise_prices_by")? {
            return Ok(Some(What::Raise(by.min(1_000_000))));
        }
        let is_recorded = fields.truth("record")?;
        let then = fields.word("then", &["cut"])?;
        Ok((is_recorded == Some(true) && then.is_some()).then_some(What::RecordAndCut))
    }
}

/// Headers that belong to the connection.
const FRAMING: [&str; 3] = ["Content-Length", "Transfer-Encoding", "Connection"];

/// The headers of an answer that replaces the true one.
fn headers(fields: &mut Fields<'_>) -> Read<Vec<(String, String)>> {
    let headers = fields.read("headers", "an object of texts", |value| {
        let headers = value.as_object()?.iter();
        let header =
            |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
        headers.map(header).collect::<Option<Vec<_>>>()
    })?;
    let is_framing = |(name, _): &&(String, String)| {
        FRAMING.iter().any(|known| name.eq_ignore_ascii_case(known))
    };
    if let Some((name, _)) = headers.iter().flatten().find(is_framing) {
        let expected = format!("headers other than {name}, which says how a body is sent");
        return Err(fields.wrong("headers", &expected));
    }
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

/// What goes wrong with the platform now and then, by words of ours: the faults of each, as they are ordered.
pub(super) const USUAL: [(&str, &str); 5] = [
    (
        "unavailable",
        r#"[{"service":"simulate","times":3,"do":{"code":"service_unavailable"}},
            {"service":"sale","times":3,"do":{"code":"service_unavailable"}},
            {"service":"download","times":3,"do":{"code":"service_unavailable"}},
            {"service":"full","times":3,"do":{"code":"service_unavailable"}},
            {"service":"delta","times":3,"do":{"code":"service_unavailable"}},
            {"service":"lists","times":3,"do":{"code":"service_unavailable"}}]"#,
    ),
    (
        "slow_watermark",
        r#"[{"service":"download","protection":"watermark","times":3,"do":{"delay_ms":5000}}]"#,
    ),
    (
        "cut_answers",
        r#"[{"service":"full","do":{"cut_after_bytes":400}},
            {"service":"delta","do":{"cut_after_bytes":400}},
            {"service":"list","do":{"cut_after_bytes":400}},
            {"service":"one","do":{"cut_after_bytes":400}},
            {"service":"sale","do":{"record":true,"then":"cut"}}]"#,
    ),
    (
        "stale_catalogue",
        r#"[{"service":"simulate","do":{"raise_prices_by":100}}]"#,
    ),
    (
        "too_many_results",
        r#"[{"service":"delta","do":{"code":"too_many_results"}},
            {"service":"lists","do":{"code":"too_many_results"}}]"#,
    ),
];

fn usual(word: &str, path: &str) -> Read<Vec<Fault>> {
    let found = USUAL.iter().find(|(known, _)| *known == word);
    let Some((_, faults)) = found else {
        let words: Vec<&str> = USUAL.iter().map(|(word, _)| *word).collect();
        return Err(Wrong::new(
            path,
            format!("a fault, or one of {}", words.join(", ")),
        ));
    };
    let faults: Value = serde_json::from_str(faults).expect("they are JSON");
    read(&faults, path)
}

/// One fault, a list of them, or one of the [`USUAL`] ones by its word.
pub(super) fn read(value: &Value, path: &str) -> Read<Vec<Fault>> {
    if let Some(word) = value.as_str() {
        return usual(word, path);
    }
    if value.is_object() {
        return Fault::read(value, path).map(|fault| vec![fault]);
    }
    let expected = || Wrong::new(path, "a fault, a list of them, or the word of a usual one");
    let faults = items(value, path)
        .map_err(|_| expected())?
        .iter()
        .enumerate();
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
        let mut is_faulty = |service| faults.next(service, || None).is_some();
        assert!(!is_faulty(Service::Full));
        assert!(!is_faulty(Service::Delta));
        assert!(is_faulty(Service::Full));
        assert!(is_faulty(Service::Full));
        assert!(!is_faulty(Service::Full));
    }

    #[test]
    fn the_usual_faults_can_be_ordered() {
        for (word, _) in USUAL {
            assert!(!read(&json!(word), "faults").unwrap().is_empty(), "{word}");
        }
        assert_eq!(read(&json!("no"), "faults").unwrap_err().field, "faults");
    }

    #[test]
    fn a_fault_may_be_of_one_protection() {
        let mut faults = Faults::default();
        faults.add(read(&json!("slow_watermark"), "faults").unwrap());
        let acs4 = faults.next(Service::Download, || Some("acs4".into()));
        assert_eq!(acs4, None);
        let watermark = faults.next(Service::Download, || Some("watermark".into()));
        assert_eq!(watermark, Some(What::Delay(Duration::from_secs(5))));
        let left = faults.to_json();
        assert_eq!(left[0]["seen"], 1);
        let mut again = Faults::default();
        again.add(read(&left, "faults").unwrap());
        assert_eq!(again.to_json(), left);
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
