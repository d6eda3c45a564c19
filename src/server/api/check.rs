//! Would the platform take a sale? Every parameter may be left out and takes any text: absence and nonsense are verdicts.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::shapes;
use super::{Api, Asked, Outcome};
use crate::model::{Account, Dialect, Kind, Moment, SaleRequest, Verdict};
use crate::server::parameters::{Parameters, SALE};
use crate::server::problem::Problem;
use crate::server::reply::Reply;

/// Requests that are judged at once at most.
const CHECKS: usize = 10_000;

/// The same with reasons, for each of which its record is read.
const EXPLAINED: usize = 1_000;

pub(in crate::server) const KINDS: &str = "simulation, sale or preorder";

/// Would the platform take a sale?
#[utoipa::path(
    get,
    path = "/v1/products/{id}/check",
    tag = "sales",
    params(shapes::Id, shapes::Sale, shapes::Kind, shapes::At, shapes::Judged),
    responses((status = 200, description = "The verdict, of nonsense, too", body = Verdict))
)]
pub(super) fn one(api: &Api, asked: Asked, id: &str) -> Outcome {
    let mut parameters = asked.parameters;
    let account = judged_by(&api.account, &mut parameters)?;
    let kind = parameters.read("kind", KINDS, Kind::from_word)?;
    let at = parameters.at(&account, asked.now)?;
    let request = SaleRequest::new(kind.unwrap_or(Kind::Simulation), id, at);
    let request = described(request, &mut parameters)?;
    parameters.end()?;
    let verdict = api.catalogue.check(&request, &account)?;
    Ok(Reply::json(200, &verdict).of_this_moment())
}

/// The account, with what a request says of how it is to be judged.
fn judged_by(account: &Account, parameters: &mut Parameters) -> Result<Account, Problem> {
    let dialect = parameters.read("dialect", "en or es", Dialect::from_word)?;
    let max_age = parameters.number("max_age")?;
    let mut account = account.clone();
    account.dialect = dialect.unwrap_or(account.dialect);
    account.max_age_s = max_age.or(account.max_age_s);
    Ok(account)
}

/// A request with what the parameters say of it.
pub(in crate::server) fn described(
    mut request: SaleRequest,
    parameters: &mut Parameters,
) -> Result<SaleRequest, Problem> {
    for name in SALE {
        let value = parameters.text(name)?;
        if let (Some(value), Some(parameter)) = (value, request.parameter_mut(name)) {
            *parameter = Some(value);
        }
    }
    Ok(request)
}

/// Verdicts in the order of the requests.
#[derive(Serialize, ToSchema)]
pub(super) struct Verdicts {
    verdicts: Vec<Judged>,
}

/// A verdict, and on which request.
#[derive(Serialize, ToSchema)]
struct Judged {
    #[serde(flatten)]
    verdict: Verdict,
    /// As the request has it.
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    reference: Option<Value>,
    /// As the request has it.
    id: String,
}

/// Would the platform take these sales? As a batch of `onix check` has them.
#[utoipa::path(
    post,
    path = "/v1/check",
    tag = "sales",
    params(
        shapes::Judged,
        ("explain" = Option<bool>, Query, description = "Whether the verdicts have their reasons"),
    ),
    request_body(content = Vec<shapes::Request>, description = "At most 10,000 requests; 1,000, where verdicts have their reasons"),
    responses((status = 200, description = "A verdict for each request", body = Verdicts))
)]
pub(super) fn many(api: &Api, asked: Asked, _: &str) -> Outcome {
    let mut parameters = asked.parameters;
    let account = judged_by(&api.account, &mut parameters)?;
    let is_explained = parameters.read("explain", "true or false", |text| text.parse().ok())?;
    parameters.end()?;
    let requests: Vec<Map<String, Value>> = serde_json::from_slice(&asked.body)
        .map_err(|error| Problem::parameter("body", &error.to_string(), "a list of objects"))?;
    let is_explained = is_explained.unwrap_or(false);
    let most = if is_explained { EXPLAINED } else { CHECKS };
    if requests.len() > most {
        let given = format!("{} requests", requests.len());
        return Err(Problem::parameter(
            "body",
            &given,
            &format!("at most {most}"),
        ));
    }
    let judge = |(n, request): (usize, &Map<String, Value>)| -> Result<Judged, Problem> {
        let reference = request.get("ref").cloned();
        let (request, account) =
            of_object(request, &account, asked.now).map_err(|problem| problem.of_item(n))?;
        let verdict = match is_explained {
            true => api.catalogue.check(&request, &account)?,
            false => api.catalogue.judge_with_notices(&request, &account)?,
        };
        Ok(Judged {
            verdict,
            reference,
            id: request.id,
        })
    };
    let verdicts = requests
        .iter()
        .enumerate()
        .map(judge)
        .collect::<Result<_, _>>()?;
    Ok(Reply::json(200, &Verdicts { verdicts }))
}

/// A request from an object: texts as they are, numbers as they are written.
fn of_object(
    object: &Map<String, Value>,
    account: &Account,
    now: Moment,
) -> Result<(SaleRequest, Account), Problem> {
    let known = |name: &&String| {
        let others = ["id", "ref", "kind", "at", "max_age", "dialect"];
        SALE.contains(&name.as_str()) || others.contains(&name.as_str())
    };
    if let Some(name) = object.keys().find(|name| !known(name)) {
        return Err(Problem::parameter(name, "", "no field of this name here"));
    }
    let fields = object.iter().filter(|(name, _)| *name != "ref");
    let fields = fields.filter_map(|(name, value)| {
        let text = match value {
            Value::Null => return None,
            value if name == "max_age" => match seconds(value) {
                Some(seconds) => seconds.to_string(),
                None => {
                    let expected = "a whole number of seconds";
                    return Some(Err(Problem::parameter(name, &value.to_string(), expected)));
                }
            },
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            other => {
                let expected = "a text or a number";
                return Some(Err(Problem::parameter(name, &other.to_string(), expected)));
            }
        };
        Some(Ok((name.clone(), text)))
    });
    let mut parameters = Parameters::of_pairs(fields.collect::<Result<_, _>>()?);
    let account = judged_by(account, &mut parameters)?;
    let id = parameters.text("id")?.unwrap_or_default();
    let kind = parameters.read("kind", KINDS, Kind::from_word)?;
    let at = parameters.at(&account, now)?;
    let request = SaleRequest::new(kind.unwrap_or(Kind::Simulation), id, at);
    Ok((described(request, &mut parameters)?, account))
}

/// A whole number, which JSON may write with a point, too; of as many digits as every reader of JSON keeps apart.
fn seconds(value: &Value) -> Option<u64> {
    const MOST: f64 = 9_007_199_254_740_991.0;
    let seconds = value.as_f64()?;
    ((0.0..=MOST).contains(&seconds) && seconds.fract() == 0.0).then_some(seconds as u64)
}
