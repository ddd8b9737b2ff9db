//! What the descriptions of the interfaces have beside their routes: what they are, how one shows a token, and that every
//! refusal is a problem.

use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

use super::problem::{Problem, Wrong};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Seloste: interface for programs of staff",
        version = "1",
        description = "What a member of staff may do on the pages, their programs may do here, with a token that they \
                       make on the page of their own account. Every use is logged under a purpose of the notice.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    servers((url = "/api/v1")),
    tags(
        (name = "people", description = "People"),
        (name = "organisations", description = "Organisations"),
        (name = "orders", description = "Orders"),
        (name = "invoices", description = "Invoices, and those that an accounting system tells of"),
        (name = "search", description = "Finding by words")
    ),
    components(schemas(Problem, Wrong))
)]
struct Staff;

pub(crate) fn staff() -> utoipa::openapi::OpenApi {
    Staff::openapi()
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Seloste: interface for partners",
        version = "1",
        description = "A partner reads here what it may receive of people and organisations, proposes corrections, and \
                       acknowledges what it has to do with data that it received. Each reading is recorded as a \
                       disclosure, for each person in it.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    servers((url = "/partner/v1")),
    tags(
        (name = "reading", description = "What the partner may receive"),
        (name = "sending", description = "Corrections, which wait for a decision"),
        (name = "recalls", description = "What is to be done with data that the partner received")
    ),
    components(schemas(Problem, Wrong))
)]
struct Partner;

pub(crate) fn partner() -> utoipa::openapi::OpenApi {
    Partner::openapi()
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Seloste: interface for web services",
        version = "1",
        description = "What the script of a web service asks from the browsers of its visitors: the text about cookies, keeping a \
                       choice, taking it back, and events that a choice covers. A request that changes something names \
                       its origin, which has to be one that the company has set. Nobody signs in, no cookie is sent.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    servers((url = "/cookies/v1")),
    tags(
        (name = "asking", description = "What visitors are asked"),
        (name = "choosing", description = "What they allow, and taking it back"),
        (name = "telling", description = "Events under a choice")
    ),
    components(schemas(Problem, Wrong))
)]
struct Cookies;

pub(crate) fn cookies() -> utoipa::openapi::OpenApi {
    Cookies::openapi()
}

/// Refusals that any route can answer, and why.
const REFUSALS: [(&str, &str); 11] = [
    ("400", "The request can not be read."),
    ("401", "No token, or one that lets nobody in."),
    ("403", "It is beyond what this token may ask for."),
    ("404", "There is no such thing, or none that this token may know of."),
    ("408", "It took too long to come."),
    ("409", "The state of the thing, of the contract or of the notice does not allow it."),
    ("413", "The body is too large."),
    ("422", "Fields, parameters or the cursor are wrong; `errors` says which."),
    ("429", "Too many requests; `Retry-After` says how many seconds to wait."),
    ("503", "The register is busy; `Retry-After` says how many seconds to wait."),
    ("507", "The disk refused the change; nothing was done."),
];

/// Refusals of what makes or changes something.
const OF_CHANGES: [(&str, &str); 3] = [
    ("412", "It has another version than `If-Match` says."),
    ("415", "The body is not JSON."),
    ("428", "`If-Match` is missing."),
];

/// Adds what every route has.
pub(crate) fn complete(mut document: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    let components = document.components.get_or_insert_default();
    components.security_schemes.insert("token".into(), RefOr::T(SecurityScheme::Http(scheme)));
    let needs = SecurityRequirement::new("token", std::iter::empty::<String>());
    document.security = Some(vec![needs]);
    complete_public(document)
}

/// Adds what every route has, where nobody shows a token.
pub(crate) fn complete_public(mut document: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    for item in document.paths.paths.values_mut() {
        [&mut item.get].into_iter().flatten().for_each(|operation| refuse(operation, &REFUSALS));
        for operation in [&mut item.post, &mut item.put, &mut item.delete].into_iter().flatten() {
            refuse(operation, &REFUSALS);
            refuse(operation, &OF_CHANGES);
        }
    }
    document
}

fn refuse(operation: &mut Operation, refusals: &[(&str, &str)]) {
    for (status, why) in refusals {
        operation.responses.responses.entry((*status).to_owned()).or_insert_with(|| RefOr::T(problem(why)));
    }
}

fn problem(why: &str) -> Response {
    let schema = RefOr::Ref(Ref::from_schema_name("Problem"));
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(why).content("application/problem+json", content).build()
}
