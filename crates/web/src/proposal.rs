//! What weaker or older sources propose to change: beside what the register has, to be accepted or kept.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::id::{PartyId, ProposalId};
use seloste_domain::rights::Action;
use seloste_ops::duplicate::Record;
use seloste_ops::proposal::{self, Against, Decided, Decision, Filter, Group, Item, Proposed, State as Stage};
use seloste_ops::session::SignedIn;
use seloste_ops::{Register, StoreError};
use serde::Deserialize;

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::merge::base;
use crate::party_form::{Choice, source_name};
use crate::person::name_of;
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;

/// Proposals shown at a time.
const SHOWN: usize = 50;

/// The filter as it stands in the address, and what the last decision did.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    state: String,
    source: String,
    import: String,
    party: String,
    after: String,
    done: Option<i64>,
    same: Option<i64>,
    changed: Option<i64>,
    held: Option<i64>,
    none: Option<u8>,
}

impl Asked {
    fn of(form: &Form) -> Self {
        Self {
            state: form.text("state"),
            source: form.text("source"),
            import: form.text("import"),
            party: form.text("party"),
            ..Self::default()
        }
    }

    /// The filter; an id that is none is told as not found.
    fn filter(&self) -> Result<Filter, StoreError> {
        fn parsed<T: std::str::FromStr>(text: &str) -> Result<Option<T>, StoreError> {
            if text.is_empty() {
                return Ok(None);
            }
            text.parse().map(Some).map_err(|_| StoreError::NotFound("filter"))
        }
        let state = match self.state.as_str() {
            "" => Stage::Waiting,
            text => {
                Stage::ALL.into_iter().find(|state| state.as_str() == text).ok_or(StoreError::NotFound("filter"))?
            }
        };
        Ok(Filter {
            state,
            source: parsed(&self.source)?,
            import: parsed(&self.import)?,
            party: parsed::<uuid::Uuid>(&self.party)?.map(PartyId),
        })
    }

    /// The address of the page with this filter.
    fn href(&self, more: &[(&str, String)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in
            [("state", &self.state), ("source", &self.source), ("import", &self.import), ("party", &self.party)]
        {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.extend_pairs(more);
        let query = query.finish();
        if query.is_empty() { "/proposals".into() } else { format!("/proposals?{query}") }
    }
}

/// One side of a comparison.
struct Side {
    value: String,
    origin: String,
}

/// A proposal as the page shows it.
struct Line {
    id: ProposalId,
    what: String,
    now: Option<Side>,
    same: bool,
    proposed: Side,
}

/// The proposals about one party.
struct PartyView {
    id: PartyId,
    version: i64,
    href: String,
    name: String,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "proposals.html")]
struct ProposalsPage {
    s: Shell,
    asked: Asked,
    waiting: bool,
    narrow: bool,
    whole: String,
    count: i64,
    many: bool,
    told: Vec<(&'static str, String)>,
    states: Vec<Choice>,
    sources: Vec<Choice>,
    parties: Vec<PartyView>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "proposals_all.html")]
struct AllPage {
    s: Shell,
    asked: Asked,
    accept: bool,
    count: i64,
    back: String,
}

pub(crate) async fn list(
    State(app): State<App>,
    Signed(who): Signed,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let page = app.run(move |register| page(register, &who, asked)).await?;
    Ok(Html(page.render()?).into_response())
}

fn page(register: &Register, who: &SignedIn, asked: Asked) -> seloste_ops::Result<ProposalsPage> {
    let s = Shell::staff(register, who, "proposals")?;
    register.authorize(&who.actor, Action::ProposalList)?;
    let filter = asked.filter()?;
    let after = asked.after.parse().ok();
    let queue = proposal::queue(register, &who.actor, &filter, after, SHOWN)?;
    let notice = register.notice()?;
    let choice = |value: String, text: String, chosen: &str| Choice { selected: value == chosen, value, text };
    let states = Stage::ALL
        .map(|state| choice(state.as_str().into(), s.text(&key("proposal", state.as_str())), filter.state.as_str()));
    let mut sources = vec![choice(String::new(), s.text("proposal-any-source"), &asked.source)];
    sources.extend(
        notice
            .sources()
            .iter()
            .map(|source| choice(source.id.to_string(), source_name(&notice, &source.id, s.t.0), &asked.source)),
    );
    let view = |group: &Group| party(&s, &notice, group);
    Ok(ProposalsPage {
        waiting: filter.state == Stage::Waiting,
        narrow: filter.import.is_some() || filter.party.is_some(),
        whole: Asked { import: String::new(), party: String::new(), ..asked.clone() }.href(&[]),
        count: queue.count,
        many: queue.count >= proposal::COUNTED,
        told: told(&s, &asked),
        states: states.into(),
        sources,
        parties: queue.groups.iter().map(view).collect(),
        next: queue.next.map(|next| asked.href(&[("after", next.to_string())])),
        asked,
        s,
    })
}

/// What the last decision did, in words: color and text.
fn told(s: &Shell, asked: &Asked) -> Vec<(&'static str, String)> {
    let mut told = Vec::new();
    for (color, name, number) in [
        ("success", "proposal-done", asked.done),
        ("info", "proposal-same", asked.same),
        ("warning", "proposal-changed", asked.changed),
        ("warning", "proposal-held", asked.held),
    ] {
        if let Some(number) = number.filter(|number| *number > 0) {
            told.push((color, s.t.count(name, &number)));
        }
    }
    if asked.none.is_some() {
        told.push(("warning", s.text("proposal-none-chosen")));
    }
    told
}

fn party(s: &Shell, notice: &seloste_domain::notice::Notice, group: &Group) -> PartyView {
    let (noun, name) = match &group.record {
        Record::Person(person) => (group.record.noun(), name_of(s, person)),
        Record::Organisation(organisation) => (group.record.noun(), organisation.name.clone()),
    };
    PartyView {
        id: group.record.party(),
        version: group.record.version(),
        href: format!("{}/{}", base(noun), group.record.party()),
        name,
        lines: group.items.iter().map(|item| line(s, notice, item)).collect(),
    }
}

fn line(s: &Shell, notice: &seloste_domain::notice::Notice, item: &Item) -> Line {
    let origin = |source: &seloste_domain::id::SourceId, at: &jiff::Timestamp| {
        format!("{} · {}", source_name(notice, source, s.t.0), s.time(at))
    };
    let organisation = |name: &str, business_id: Option<&seloste_domain::business_id::BusinessId>| match business_id {
        Some(business_id) => format!("{name} ({business_id})"),
        None => name.to_owned(),
    };
    let titled = |name: &str, title: Option<&String>| match title {
        Some(title) => format!("{name}, {title}"),
        None => name.to_owned(),
    };
    let proposal = &item.proposal;
    let (what, value) = match &proposal.proposed {
        Proposed::Value(new) => {
            let kind = s.text(&key("kind", new.value.kind().as_str()));
            let what = match new.value.label() {
                Some(label) => format!("{kind} ({})", s.text(&key("label", label.as_str())).to_lowercase()),
                None => kind,
            };
            (what, new.value.display_in(s.t.0))
        }
        Proposed::Name { name, business_id } => (s.text("field-name"), organisation(name, business_id.as_ref())),
        Proposed::Represents { name, title, .. } => (s.text("kind-organisation"), titled(name, title.as_ref())),
    };
    let now = match &item.against {
        Against::Same | Against::Nothing => None,
        Against::Value(old) => {
            Some(Side { value: old.value.display_in(s.t.0), origin: origin(&old.source, &old.entered_at) })
        }
        Against::Name(old) => Some(Side {
            value: organisation(&old.name, old.business_id.as_ref()),
            origin: origin(&old.source, &old.entered_at),
        }),
        Against::Represents(old) => Some(Side {
            value: titled(&old.organisation_name, old.title.as_ref()),
            origin: origin(&old.source, &old.entered_at),
        }),
    };
    Line {
        id: proposal.id,
        what,
        now,
        same: matches!(item.against, Against::Same),
        proposed: Side { value, origin: origin(&proposal.source, &proposal.told_at) },
    }
}

fn decision(word: &str) -> Option<Decision> {
    match word {
        "accept" => Some(Decision::Accept),
        "keep" => Some(Decision::Keep),
        "reopen" => Some(Decision::Reopen),
        _ => None,
    }
}

/// Decides about the proposals that are ticked, or about the one whose own button was pressed.
pub(crate) async fn decide(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Redirect, PageError> {
    let asked = Asked::of(&form);
    let one = ["accept", "keep", "reopen"].into_iter().find(|word| form.has(word));
    let (word, ids): (String, Vec<ProposalId>) = match one {
        Some(word) => (word.to_owned(), form.parsed(word).into_iter().collect()),
        None => (form.text("do"), form.all("id").iter().filter_map(|id| id.parse().ok()).collect()),
    };
    let seen: HashMap<PartyId, i64> = form
        .all("seen")
        .iter()
        .filter_map(|seen| seen.split_once(':'))
        .filter_map(|(party, version)| Some((PartyId(party.parse().ok()?), version.parse().ok()?)))
        .collect();
    let decided = app.run(move |register| {
        register.authorize(&who.actor, Action::ProposalDecide)?;
        let Some(decision) = decision(&word).filter(|_| !ids.is_empty()) else { return Ok(None) };
        proposal::decide(register, &who.actor, &ids, &seen, decision).map(Some)
    });
    Ok(back(&asked, decided.await?))
}

fn back(asked: &Asked, decided: Option<Decided>) -> Redirect {
    let more: Vec<(&str, String)> = match decided {
        None => vec![("none", "1".into())],
        Some(decided) => [
            ("done", decided.done),
            ("same", decided.same),
            ("changed", decided.changed + decided.gone),
            ("held", decided.held),
        ]
        .into_iter()
        .filter(|(_, number)| *number > 0)
        .map(|(name, number)| (name, number.to_string()))
        .collect(),
    };
    Redirect::to(&asked.href(&more))
}

/// What becomes of a decision about all.
enum Answer {
    /// It is asked whether it is meant so.
    Ask(Box<AllPage>),
    /// It was carried out.
    Decided(Option<Decided>),
}

/// Decides about all that the filter finds: asks first, telling how many they are.
pub(crate) async fn decide_all(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Response, PageError> {
    let asked = Asked::of(&form);
    let (word, sure) = (form.text("do"), form.has("sure"));
    let inside = asked.clone();
    let answer = app
        .run(move |register| {
            register.authorize(&who.actor, Action::ProposalDecide)?;
            let Some(decision) = decision(&word) else { return Ok(Answer::Decided(None)) };
            let filter = inside.filter()?;
            if sure {
                let ids = proposal::all(register, &who.actor, &filter)?;
                let decided = proposal::decide(register, &who.actor, &ids, &HashMap::new(), decision)?;
                return Ok(Answer::Decided(Some(decided)));
            }
            let s = Shell::staff(register, &who, "proposals")?;
            let count = proposal::count(register, &who.actor, &filter)?;
            let most = i64::try_from(proposal::MOST).unwrap_or(i64::MAX);
            Ok(Answer::Ask(Box::new(AllPage {
                count: count.min(most),
                accept: decision == Decision::Accept,
                back: inside.href(&[]),
                asked: inside,
                s,
            })))
        })
        .await?;
    match answer {
        Answer::Decided(decided) => Ok(back(&asked, decided).into_response()),
        Answer::Ask(page) => Ok(Html(page.render()?).into_response()),
    }
}

/// How many proposals wait about a party, for its card.
pub(crate) fn waiting_about(
    s: &Shell,
    register: &Register,
    who: &SignedIn,
    party: PartyId,
) -> seloste_ops::Result<i64> {
    if !s.may(Action::ProposalList.as_str()) {
        return Ok(0);
    }
    proposal::count(register, &who.actor, &Filter { party: Some(party), ..Filter::default() })
}
