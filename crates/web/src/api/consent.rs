//! Consents of a person.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use seloste_domain::id::PersonId;
use seloste_domain::language::Language;
use seloste_ops::consent::{self, Consent, ConsentDraft, Matter, Standing};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::bearer::Bearer;
use super::input::{Id, Input, Parameters};
use super::problem::ApiError;
use crate::App;
use crate::error::PageError;

/// What a consent is to.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MatterData {
    /// Short name of the company of the group that may.
    #[schema(example = "arjasmaa")]
    company: String,
    /// The purpose of the notice.
    #[schema(example = "marketing")]
    purpose: String,
    /// `email`, `sms`, `telephone`, `post`, `web` or `processing`.
    #[schema(example = "email")]
    channel: String,
}

impl MatterData {
    fn of(matter: &Matter) -> Self {
        let Matter { company, purpose, channel } = matter;
        Self { company: company.to_string(), purpose: purpose.to_string(), channel: channel.to_string() }
    }

    fn name(&self) -> String {
        format!("{}:{}:{}", self.company, self.purpose, self.channel)
    }
}

/// How a matter stands now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct StandingOut {
    /// What it is about.
    #[serde(flatten)]
    matter: MatterData,
    /// `consented`, `existing_customer`, `forbidden`, `withdrawn`, `expired` or `never`. Only with the first two may the person be
    /// reached.
    standing: String,
    /// Until when it stands so, or since when.
    at: Option<String>,
    /// The wording that is asked, in Finnish.
    text: String,
}

/// A consent that was given.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ConsentOut {
    /// Its id.
    id: Uuid,
    /// What it was to.
    #[serde(flatten)]
    matter: MatterData,
    /// The wording, as it was shown.
    text: String,
    /// By which way it was given.
    way: String,
    /// When.
    #[schema(format = DateTime)]
    given_at: String,
    /// When it ends by itself.
    #[schema(format = DateTime)]
    expires_at: String,
    /// What shows it.
    evidence: Option<String>,
    /// When it was withdrawn.
    #[schema(format = DateTime)]
    withdrawn_at: Option<String>,
}

impl ConsentOut {
    fn of(one: &Consent) -> Self {
        Self {
            id: one.id.0,
            matter: MatterData::of(&one.matter),
            text: one.text.clone(),
            way: one.way.to_string(),
            given_at: one.given_at.to_string(),
            expires_at: one.expires_at.to_string(),
            evidence: one.evidence.clone(),
            withdrawn_at: one.withdrawn.as_ref().map(|end| end.at.to_string()),
        }
    }
}

/// All about a person's consents.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ConsentsOut {
    /// What can be asked, and how it stands.
    standing: Vec<StandingOut>,
    /// All that was ever given, the newest first.
    consents: Vec<ConsentOut>,
}

/// A consent that a person gave.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConsentIn {
    /// What it is to.
    matters: Vec<MatterData>,
    /// By which way: `paper`, `telephone`, `counter` or `email`.
    way: String,
    /// What shows it. Without it nothing is entered.
    evidence: String,
    /// `person`, or `guardian` for a child under 13.
    #[serde(default)]
    given_by: String,
    /// The day on which it was given, when it was not today.
    #[serde(default)]
    given_on: String,
    /// The language of the wording: `fi`, `sv` or `en`.
    #[serde(default)]
    language: String,
}

/// Which consent is withdrawn.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WithdrawParameters {
    /// Short name of the company.
    company: String,
    /// The purpose.
    purpose: String,
    /// The channel.
    channel: String,
    /// By which way it came: `paper`, `telephone`, `counter` or `email`.
    way: String,
}

fn standing(standing: Standing) -> (&'static str, Option<String>) {
    match standing {
        Standing::Forbidden(_) => ("forbidden", None),
        Standing::Consented(until) => ("consented", Some(until.to_string())),
        Standing::Existing(until) => ("existing_customer", Some(until.to_string())),
        Standing::Withdrawn(at) => ("withdrawn", Some(at.to_string())),
        Standing::Expired(at) => ("expired", Some(at.to_string())),
        Standing::Never => ("never", None),
    }
}

/// What a person has consented to.
#[utoipa::path(get, path = "/people/{id}/consents", tag = "people", params(("id" = Uuid, Path)),
    responses((status = 200, body = ConsentsOut)))]
pub(crate) async fn list_consents(
    State(app): State<App>,
    Bearer(who): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Json<ConsentsOut>, PageError> {
    app.run_as(move |register| {
        let found = consent::of(register, &who.actor, PersonId(id), Language::Fi)?;
        let asked = found.asked.iter().map(|asked| {
            let (standing, at) = standing(asked.standing);
            let (matter, text) = (MatterData::of(&asked.matter), asked.wording.text());
            StandingOut { matter, standing: standing.to_owned(), at, text }
        });
        Ok(Json(ConsentsOut { standing: asked.collect(), consents: found.all.iter().map(ConsentOut::of).collect() }))
    })
    .await
}

/// Enters a consent that a person gave, with what shows it.
#[utoipa::path(post, path = "/people/{id}/consents", tag = "people", params(("id" = Uuid, Path)),
    request_body = ConsentIn, responses((status = 204)))]
pub(crate) async fn give_consent(
    State(app): State<App>,
    Bearer(who): Bearer,
    Id(id): Id<Uuid>,
    input: Input<ConsentIn>,
) -> Result<StatusCode, PageError> {
    app.run_as(move |register| {
        let ConsentIn { matters, way, evidence, given_by, given_on, language } = input.value;
        let language = if language.is_empty() { Ok(Language::Fi) } else { language.parse() };
        let language = language.map_err(|_| ApiError::Body("language".into()))?;
        let matters = matters.iter().map(MatterData::name).collect();
        let draft = ConsentDraft { matters, way, given_by, given_on, evidence };
        consent::give(register, &who.actor, PersonId(id), &draft, language)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// Withdraws a consent. Nothing is made under it from then on; withdrawn twice, nothing changes.
#[utoipa::path(delete, path = "/people/{id}/consents", tag = "people",
    params(("id" = Uuid, Path), WithdrawParameters), responses((status = 204)))]
pub(crate) async fn withdraw_consent(
    State(app): State<App>,
    Bearer(who): Bearer,
    Id(id): Id<Uuid>,
    Parameters(asked): Parameters<WithdrawParameters>,
) -> Result<StatusCode, PageError> {
    app.run_as(move |register| {
        let WithdrawParameters { company, purpose, channel, way } = asked;
        let matter = MatterData { company, purpose, channel }.name().parse::<Matter>();
        let matter = matter.map_err(|_| ApiError::Query)?;
        consent::withdraw(register, &who.actor, PersonId(id), &matter, &way)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}
