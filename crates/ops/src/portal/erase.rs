//! A person has themself erased (Art. 17): the plan, the act by the version of the plan that they saw, and the receipts
//! afterwards, when nothing knows them any more. A plan that nothing holds is carried out at once; one that is held by what ends by
//! itself waits for that; else a request waits for staff.

use jiff::SignedDuration;
use seloste_domain::erasure::{Erasure, Plan, Statement, Waiting};
use seloste_domain::hold::Hold;
use seloste_domain::id::{PersonId, RequestId};
use seloste_domain::request::{Channel, Request, RequestDraft, RequestKind, ValidRequest};
use seloste_domain::rights::Action;
use seloste_domain::usage::Use;
use seloste_store::erasure::{self as store, Asked, Done, Wish};

use super::{Visitor, need_proof, request as own_request, usage};
use crate::error::{OpsError, Result};
use crate::register::Register;
use crate::{erasure, receipt, request};

/// For so long what the browser holds leads to the receipts.
const RECEIPT_LIFE: SignedDuration = SignedDuration::from_hours(24);
/// What is sealed begins with, so that nothing else that is sealed for the register can be taken for it.
const SEALED_FOR: &[u8] = b"portal-erased/1:";

/// The plan as its person sees it.
#[derive(Clone, Debug)]
pub struct OwnPlan {
    /// What would go and what stays.
    pub plan: Plan,
    /// The partners that are told, by name.
    pub recipients: Vec<String>,
    /// A request of theirs for erasure that staff have not answered.
    pub asked: Option<Request>,
    /// That their erasure was decided and waits for what holds the data.
    pub waits: Option<Waiting>,
}

/// What would go now, what stays until when, and because of what. Nothing changes.
///
/// # Errors
/// They are not there any more.
pub fn erasure_plan(register: &Register, who: &Visitor) -> Result<OwnPlan> {
    let usage = usage(register, who, Action::PortalErase)?;
    let plan = erasure::plan_for(register, &usage, who.person)?;
    let names = register.db().look(crate::partner::names)?;
    let holders = register.db().look(|tx| seloste_store::recall::holders(tx, who.person.into()))?;
    let name = |id| names.iter().find(|(of, _)| *of == id).map(|(_, name)| name.clone());
    let recipients = holders.into_iter().filter_map(|(id, _)| name(id)).collect();
    let known = own_request::requests(register, who)?;
    let asked = known.into_iter().find(|known| known.kind == RequestKind::Erasure && known.state.is_open());
    let waits = register.db().look(|tx| store::waiting_of(tx, who.person))?;
    Ok(OwnPlan { plan, recipients, asked, waits })
}

/// Erases them in one transaction when the plan is still the one of this version: with the request that it answers, which is
/// received and closed by it. Every session of theirs ends with it.
///
/// # Errors
/// It needs a fresh proof: [`OpsError::NotFresh`]; [`erasure::ErasureRefused`]; or the database can not be written.
pub fn erase(register: &Register, who: &Visitor, version: &str) -> Result<Done> {
    need_proof(register, who)?;
    let usage = usage(register, who, Action::PortalErase)?;
    let (person, today) = (who.person, register.today());
    let files = erasure::files::naming(register, &usage, person)?;
    let asked = Asked { person, version: Some(version.to_owned()), at_request: true, files };
    let valid = asking(register, who, &usage)?;
    let id = RequestId(register.db().env().id());
    let done = register.db().write(&usage, move |w| {
        request::erased_themself(w, person, (id, &valid), |w| {
            let done = store::carry_out(w, &asked, today).map_err(erasure::refused)?;
            Ok((done.erasure, done))
        })
    });
    let done = done.map_err(OpsError::from_store)?;
    erasure::settle_after(register);
    Ok(done)
}

/// The request by which they ask for what they do at once.
fn asking(register: &Register, who: &Visitor, usage: &Use) -> Result<ValidRequest> {
    let draft = RequestDraft {
        kind: RequestKind::Erasure.to_string(),
        channel: Channel::Portal.to_string(),
        received_on: register.today().to_string(),
        ..own_request::addressed(register, who, &RequestDraft { language: "fi".into(), ..RequestDraft::default() })?
    };
    Ok(draft.validate(usage.kinds(), true, register.today())?)
}

/// Lets their erasure wait for what holds the data, when all of that ends in the course of business: then nobody has to decide
/// anything, and it is carried out by itself. It is answered by a request of theirs, which they can take back until then.
///
/// # Errors
/// It needs a fresh proof: [`OpsError::NotFresh`]; [`erasure::ErasureRefused`]: the plan is another one, or staff has to look at
/// it; they asked too often; or the database can not be written.
pub fn wait(register: &Register, who: &Visitor, version: &str) -> Result<RequestId> {
    need_proof(register, who)?;
    let usage = usage(register, who, Action::PortalErase)?;
    let (person, today) = (who.person, register.today());
    let files = erasure::files::naming(register, &usage, person)?;
    let wish = Wish {
        person,
        request: None,
        version: Some(version.to_owned()),
        files: i64::try_from(files.len()).unwrap_or(i64::MAX),
        at_request: true,
        alone: true,
    };
    let valid = asking(register, who, &usage)?;
    let id = RequestId(register.db().env().id());
    let waits = register.db().write(&usage, move |w| request::waits_themself(w, (id, &valid), &wish, today));
    waits.map_err(OpsError::from_store)
}

/// Asks for erasure when something holds it: staff decide, by the clock of a request. Who asked already is led to that request.
///
/// # Errors
/// A field is wrong, or they asked too often.
pub fn ask_erasure(register: &Register, who: &Visitor, draft: &RequestDraft) -> Result<RequestId> {
    if let Some(asked) = erasure_plan(register, who)?.asked {
        return Ok(asked.id);
    }
    let kind = RequestKind::Erasure.to_string();
    own_request::ask_right(register, who, &RequestDraft { kind, ..draft.clone() })
}

/// What the browser of somebody who looks at their plan holds, so that it finds the receipts when they are not known any more. It
/// says nothing to anybody but this register, and lets nobody in.
///
/// # Errors
/// It can not be sealed.
pub fn receipt_key(register: &Register, person: PersonId) -> Result<String> {
    let until = register.now() + RECEIPT_LIFE;
    let mut bytes = SEALED_FOR.to_vec();
    bytes.extend(person.0.as_bytes());
    bytes.extend(until.as_second().to_be_bytes());
    Ok(hex::encode(register.db().seal_secret(register.db().register().0, &bytes)?))
}

/// Whose receipts a key leads to, while it is good.
fn person_of(register: &Register, key: &str) -> Option<PersonId> {
    let sealed = hex::decode(key).ok()?;
    let bytes = register.db().open_secret(register.db().register().0, &sealed).ok()?;
    let (person, until) = bytes.strip_prefix(SEALED_FOR)?.split_at_checked(16)?;
    let until = jiff::Timestamp::from_second(i64::from_be_bytes(until.try_into().ok()?)).ok()?;
    (register.now() < until).then(|| uuid::Uuid::from_slice(person).ok().map(PersonId))?
}

/// An erasure as the person sees it who was erased.
#[derive(Clone, Debug)]
pub struct Erased {
    /// The erasure.
    pub erasure: Erasure,
    /// What still stays, as it is today.
    pub holds: Vec<Hold>,
    /// What each step did: the act, and each time that something went which had stayed.
    pub steps: Vec<Statement>,
}

/// The erasure that the key of a browser leads to; none: there is none, or the key is not good any more.
///
/// # Errors
/// The database can not be read.
pub fn erased(register: &Register, key: &str) -> Result<Option<Erased>> {
    let Some(person) = person_of(register, key) else { return Ok(None) };
    let today = register.today();
    let found = register.db().look(|tx| {
        let Some(erasure) = store::of(tx, person.0)? else { return Ok(None) };
        let holds = if erasure.is_whole { Vec::new() } else { store::holds_today(tx, erasure.party, today)? };
        let steps = (1..=erasure.steps).map(|step| seloste_store::receipt::statement(tx, erasure.id, step));
        let steps = steps.collect::<std::result::Result<Vec<_>, _>>()?;
        Ok(Some(Erased { erasure, holds, steps }))
    });
    Ok(found?)
}

/// The receipt of a step, as a file's text. It is given when everything that the erasure left to be done outside the database is
/// done.
///
/// # Errors
/// The key leads to no erasure with this step, or the ledger can not be written.
pub fn erasure_receipt(register: &Register, key: &str, step: i64) -> Result<String> {
    let found = erased(register, key)?.ok_or(seloste_store::StoreError::NotFound("erasure"))?;
    erasure::settle(register)?;
    Ok(register.db().receipt(found.erasure.id, step)?)
}

/// A new key for whoever has a receipt: it says a random number that nobody else knows.
///
/// # Errors
/// The database can not be read, or the key not be sealed.
pub fn erased_by_receipt(
    register: &Register,
    text: &str,
) -> Result<std::result::Result<(Statement, Option<String>), receipt::NotReceipt>> {
    let said = match receipt::check(register, text) {
        Ok(said) => said,
        Err(why) => return Ok(Err(why)),
    };
    let erasure = said.erasure;
    let party = register.db().look(|tx| Ok(store::get(tx, erasure).ok().map(|found| found.party)))?;
    let key = party.map(|party| receipt_key(register, PersonId(party.0))).transpose()?;
    Ok(Ok((said, key)))
}
