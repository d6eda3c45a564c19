//! The description of what is served, as OpenAPI, from the handlers and the types that they answer with.

use std::sync::OnceLock;

use serde_json::Value;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, Header, HeaderBuilder, ObjectBuilder, Ref, RefOr, Required, Response,
    ResponseBuilder, Type,
};
use utoipa::{Modify, OpenApi};

use super::{Api, Asked, Outcome, books, check, platform, state};
use crate::server::problem::{PROBLEM, Told};
use crate::server::reply::Reply;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "onix serve",
        description = "The catalogue over HTTP: what the command answers, in the same JSON. It is only read. \
                       Where GET is answered, HEAD is, too. An empty parameter counts as left out.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        state::health, state::ready, state::metrics, state::stats, state::changes, state::code_lists, state::codes,
        books::search, books::facets, books::suggest, books::product, books::offers, books::similar, books::lookup,
        books::lookup_many, check::one, check::many, platform::simulate, platform::onix, platform::xml, openapi,
    ),
    components(schemas(Told)),
    security((), ("bearer" = []), ("basic" = [])),
    modifiers(&Common),
)]
struct Document;

/// This document.
#[utoipa::path(
    get,
    path = "/v1/openapi.json",
    tag = "state",
    responses((status = 200, description = "OpenAPI 3.1", body = Object))
)]
pub(super) fn openapi(_: &Api, asked: Asked, _: &str) -> Outcome {
    asked.parameters.end()?;
    Ok(Reply::new(200, "application/json", text()))
}

fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        let mut document = serde_json::json!(Document::openapi());
        let paths = document["paths"].as_object_mut().into_iter().flatten();
        let operations = paths.filter_map(|(_, item)| item.as_object_mut());
        for (_, operation) in operations.flatten() {
            let parameters = operation.get_mut("parameters");
            let parameters = parameters.and_then(Value::as_array_mut);
            parameters.into_iter().flatten().for_each(may_be_empty);
        }
        format!("{document:#}\n")
    })
}

/// An empty parameter counts as left out, which the library has no word for. Where any text is taken, that says itself.
fn may_be_empty(parameter: &mut Value) {
    let text = serde_json::json!({"type": "string"});
    let schema = &parameter["schema"];
    let is_any_text = *schema == text || schema.get("items") == Some(&text);
    if parameter["in"] == "query" && parameter["required"] == false && !is_any_text {
        parameter["allowEmptyValue"] = true.into();
    }
}

/// What holds of every path: how it is asked and refused before a handler sees it.
struct Common;

impl Modify for Common {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        for (name, scheme) in [
            ("bearer", HttpAuthScheme::Bearer),
            ("basic", HttpAuthScheme::Basic),
        ] {
            components.add_security_scheme(name, SecurityScheme::Http(Http::new(scheme)));
        }
        for (_, name, response) in refusals() {
            components
                .responses
                .insert(name.to_owned(), response.into());
        }
        for (path, item) in &mut openapi.paths.paths {
            if let Some(get) = &mut item.get {
                describe(get, path, true);
            }
            if let Some(post) = &mut item.post {
                describe(post, path, false);
            }
        }
    }
}

/// How a request may end without its handler.
fn refusals() -> [(&'static str, &'static str, Response); 11] {
    let words = |description: &str| {
        let content =
            ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String)));
        let response = ResponseBuilder::new().description(description);
        response.content("text/plain", content.build()).build()
    };
    let problem = |description: &str| {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem")));
        let response = ResponseBuilder::new().description(description);
        response.content(PROBLEM, content.build())
    };
    let bare = |description: &str| ResponseBuilder::new().description(description).build();
    [
        (
            "304",
            "Known",
            bare("Nothing has changed since the answer of `If-None-Match`"),
        ),
        (
            "400",
            "Invalid",
            problem("A parameter or the body can't be taken, or isn't known").build(),
        ),
        ("401", "Unauthorised", {
            let challenge = ("WWW-Authenticate", header("What to give"));
            let mut response = words("The server wants its token");
            response
                .headers
                .insert(challenge.0.to_owned(), challenge.1.into());
            response
        }),
        ("403", "Foreign", words("Asked by a page of another server")),
        (
            "408",
            "Slow",
            words("The body took longer than ten seconds"),
        ),
        ("413", "Large", words("The body is larger than 1 MiB")),
        ("414", "Long", bare("The address is too long")),
        (
            "421",
            "Elsewhere",
            words("The `Host` is no name of this server"),
        ),
        ("431", "LargeHead", bare("The headers are too large")),
        ("500", "Failed", problem("The server failed").build()),
        ("503", "Busy", {
            let response = problem("Too much is being looked for at once");
            response.header("Retry-After", header("In seconds")).build()
        }),
    ]
}

fn header(description: &str) -> Header {
    HeaderBuilder::new().description(Some(description)).build()
}

/// Adds to an operation what it may be answered besides, and how an answer is kept.
fn describe(operation: &mut Operation, path: &str, is_read: bool) {
    let is_ours = path.starts_with("/v1/");
    let is_kept = is_read && !matches!(path, "/health" | "/ready" | "/metrics");
    for (status, name, _) in refusals() {
        let may_be = match status {
            "304" => is_kept,
            "400" => is_ours,
            "401" => path != "/health",
            "503" => !matches!(path, "/health" | "/metrics"),
            _ => true,
        };
        let responses = &mut operation.responses.responses;
        if may_be && !responses.contains_key(status) {
            let response = Ref::from_response_name(name);
            responses.insert(status.to_owned(), RefOr::Ref(response));
        }
    }
    if path == "/health" {
        operation.security = Some(Vec::new());
    }
    if !is_kept {
        return;
    }
    if let Some(RefOr::T(response)) = operation.responses.responses.get_mut("200") {
        let tag = header("Good for the catalogue's generation and a minute");
        response.headers.insert("ETag".to_owned(), tag.into());
    }
    operation
        .parameters
        .get_or_insert_default()
        .push(if_none_match().into());
}

fn if_none_match() -> Parameter {
    ParameterBuilder::new()
        .name("If-None-Match")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The `ETag` of an answer that is still there"))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::super::routes;
    use super::*;

    /// `ONIX_TEST_UPDATE=1 cargo test the_document_is_the_one_that_is_kept` writes it anew.
    #[test]
    fn the_document_is_the_one_that_is_kept() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/docs/openapi.json");
        if std::env::var_os("ONIX_TEST_UPDATE").is_some() {
            fs::write(&path, text()).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == text(),
            "src/docs/openapi.json says\n{kept}\nand what is served says\n{}\nONIX_TEST_UPDATE=1 renews it",
            text()
        );
    }

    #[test]
    fn what_is_referred_to_is_there() {
        let document: Value = serde_json::from_str(text()).unwrap();
        let references = text().lines().filter_map(|line| {
            let (_, reference) = line.split_once("\"$ref\": \"#")?;
            Some(reference.trim_end_matches([',', '"']))
        });
        let missing = references.filter(|reference| document.pointer(reference).is_none());
        assert_eq!(missing.collect::<Vec<_>>(), [""; 0]);
    }

    #[test]
    fn what_is_described_is_what_is_served() {
        let document: Value = serde_json::from_str(text()).unwrap();
        let paths = document["paths"].as_object().unwrap().iter();
        let mut described: Vec<String> = paths
            .flat_map(|(path, item)| {
                let methods = item.as_object().unwrap().keys();
                methods.map(move |method| format!("{} {path}", method.to_uppercase()))
            })
            .collect();
        described.sort();
        let mut served: Vec<String> = routes::all().collect();
        served.sort();
        assert_eq!(described, served);
    }
}
