//! Asking a credit service: recorded first, then sent outside of any transaction, then answered. Two who ask at once ask
//! once, and what a crash leaves open is sent again with the same key.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use seloste_domain::credit::{Answer, AnswerDraft, Applicant, Application, Enquiry, Method, NotNow, Service, Trouble};
use seloste_domain::id::{CreditApplicationId, CreditEnquiryId, CreditServiceId};
use seloste_domain::kind::{Kind, Kinds};
use seloste_domain::notice::Notice;
use seloste_domain::partner::Partner;
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
use seloste_store::credit::{self as store, Asked};
use seloste_store::{StoreError, Writing};
use zeroize::Zeroizing;

use super::adapter::Sent;
use super::{Adapter, Asking, CreditRefused, Manual, Reply, Rest, object, of_store, service, standing, wire};
use crate::disclosure::{self, Case, DisclosureRefused, Permit, Subject, refused_is_logged};
use crate::error::{OpsError, Result};
use crate::person::not_found_is_logged;
use crate::register::Register;

/// What came of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// An answer; it is kept.
    Answered,
    /// A person has to ask, and to type the answer in.
    ByHand,
    /// No answer; the enquiry waits, and can be sent again.
    Waiting(Trouble),
}

/// A service that may be asked about an application.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Its id.
    pub id: CreditServiceId,
    /// What people call it.
    pub name: String,
    /// The register that it answers from.
    pub source_register: String,
    /// How it is asked.
    pub method: Method,
}

/// The services that may be asked: those in use that the notice declares.
///
/// # Errors
/// The actor may not.
pub fn offers(register: &Register, actor: &Actor) -> Result<Vec<Offer>> {
    register.authorize(actor, Action::CreditEnquire)?;
    let (notice, today) = (register.notice()?, register.today());
    let (all, partners) = register.db().look(|tx| Ok((store::services(tx)?, seloste_store::partner::all(tx)?)))?;
    let may = |one: &Service| {
        let partner = partners.iter().find(|partner| partner.id == one.partner);
        partner.is_some_and(|partner| service::may_be_asked(partner, &notice, today).is_ok())
    };
    Ok(all
        .into_iter()
        .filter(|one| one.active && may(one))
        .map(|one| Offer { id: one.id, name: one.name, source_register: one.source_register, method: one.method })
        .collect())
}

/// How long the one who sends an enquiry has it: longer than sending may take.
fn busy_until(now: Timestamp, asking: &Asking) -> Timestamp {
    let longest = SignedDuration::try_from(asking.timeout).unwrap_or(SignedDuration::from_mins(5));
    now.saturating_add(longest + SignedDuration::from_secs(10)).unwrap_or(now)
}

/// Asks a service about a pending application. What is sent is what the notice declares, and only what the service needs to
/// know whom is asked about.
///
/// # Errors
/// The actor may not, the notice does not declare the service, there is no such application within their companies, it is
/// not pending, its applicant was not told, or something is asked about it already. That no answer came is no error.
pub fn enquire(
    register: &Register,
    actor: &Actor,
    asking: &Asking,
    id: CreditApplicationId,
    asked: CreditServiceId,
) -> Result<Came> {
    let usage = register.authorize(actor, Action::CreditEnquire)?;
    let service = in_use(register.db().look(|tx| store::service(tx, asked))?)?;
    let notice = register.notice()?;
    let enquiry = CreditEnquiryId(register.db().env().id());
    let (today, chosen) = (register.today(), service.clone());
    let until = (service.method == Method::Rest).then(|| busy_until(usage.at(), asking));
    let begun = register.db().write(&usage, move |w| {
        let (application, open) = standing(w, id, None, today)?;
        application.standing(open.is_some()).enquire(today).map_err(|why| OpsError::from(why).into_store())?;
        let partner = seloste_store::partner::get(&mut w.plain().tx(), chosen.partner)?;
        let asked = request(w, &partner, enquiry, &application, today)?;
        let permit = permit(w, &notice, today, &chosen, &application, asked.kinds())?;
        if chosen.method == Method::Rest {
            // What a person asks by hand leaves when they take the file out, or have asked.
            record(w, &permit, &application)?;
        }
        let request = asked.written(&permit)?;
        let fields = permit.fields().iter().map(|kind| kind.as_str().to_owned()).collect();
        let asked = Asked { id: enquiry, service: chosen.clone(), request: request.clone(), fields, busy_until: until };
        store::begin(w, id, &asked).map_err(of_store)?;
        Ok((store::enquiry(&mut w.plain().tx(), enquiry)?, request))
    });
    let begun = refused_is_logged(register, actor, Action::CreditEnquire, &object(id), begun)?;
    send(register, &usage, asking, &service, &begun, 1)
}

/// Sends an enquiry again that has no answer: the same bytes under the same key, so that a service that has it already
/// answers the same.
///
/// # Errors
/// As [`enquire`]; or nothing waits, or somebody is sending it.
pub fn retry(register: &Register, actor: &Actor, asking: &Asking, id: CreditApplicationId) -> Result<Came> {
    let usage = register.authorize(actor, Action::CreditEnquire)?;
    let (notice, today, until) = (register.notice()?, register.today(), busy_until(usage.at(), asking));
    let taken = register.db().write(&usage, move |w| {
        let (application, open) = standing(w, id, None, today)?;
        let refused = |why: NotNow| OpsError::from(why).into_store();
        let enquiry = open.ok_or_else(|| refused(NotNow::NoEnquiry))?;
        if enquiry.method != Method::Rest {
            return Err(refused(NotNow::Method));
        }
        let attempt = store::take(w, &enquiry, until).map_err(of_store)?;
        let (service, request) = let_out(w, &notice, today, &application, &enquiry)?;
        Ok((service, (enquiry, request), attempt))
    });
    let taken = refused_is_logged(register, actor, Action::CreditEnquire, &object(id), taken)?;
    send(register, &usage, asking, &taken.0, &taken.1, taken.2)
}

/// A service that is in use.
fn in_use(service: Service) -> Result<Service> {
    if service.active { Ok(service) } else { Err(CreditRefused::Inactive.into()) }
}

/// Leave to let what is asked out, to the service's partner, for this application.
fn permit(
    w: &mut Writing<'_, '_>,
    notice: &Notice,
    today: Date,
    service: &Service,
    application: &Application,
    fields: Kinds,
) -> Result<Permit, StoreError> {
    let case = Case::CreditApplication(application.id);
    let permit = disclosure::permit(w, notice, today, service.partner, case, fields)?;
    match permit.companies().contains(&application.company) {
        true => Ok(permit),
        false => Err(OpsError::from(DisclosureRefused::People).into_store()),
    }
}

/// Records that it leaves.
fn record(w: &mut Writing<'_, '_>, permit: &Permit, application: &Application) -> Result<(), StoreError> {
    let subject = Subject { party: application.applicant.party(), fields: permit.fields() };
    disclosure::record(w, permit, &[subject]).map(drop)
}

/// What was recorded of an open enquiry, let out once more: the door is asked again, and it is another disclosure.
fn let_out(
    w: &mut Writing<'_, '_>,
    notice: &Notice,
    today: Date,
    application: &Application,
    enquiry: &Enquiry,
) -> Result<(Service, String), StoreError> {
    let service = in_use(store::service(&mut w.plain().tx(), enquiry.service)?).map_err(OpsError::into_store)?;
    let request = store::request(w, enquiry).map_err(of_store)?;
    let kinds = wire::Asking::read(&request)?.kinds();
    let permit = permit(w, notice, today, &service, application, kinds)?;
    record(w, &permit, application)?;
    Ok((service, request))
}

/// What is asked: of the applicant only what the partner may receive.
fn request(
    w: &mut Writing<'_, '_>,
    partner: &Partner,
    id: CreditEnquiryId,
    application: &Application,
    today: Date,
) -> Result<wire::Asking, StoreError> {
    let nobody = || OpsError::from(CreditRefused::NoSubject).into_store();
    let subject = match application.applicant {
        Applicant::Person(id) => {
            let person = seloste_store::person::get(w, id)?;
            let name = person.name().ok_or_else(nobody)?.clone();
            // An address that is protected for personal safety leaves the register to nobody.
            let address = person.address(today).filter(|address| !address.is_masked() && !person.protected_address);
            let address = address.filter(|_| partner.kinds.has(Kind::PostalAddress)).map(|address| wire::Address {
                street: address.street.clone(),
                postal_code: address.postal_code.clone(),
                town: address.town.clone(),
                country: address.country.clone(),
            });
            wire::Subject::Person { given: name.given, family: name.family, address }
        }
        Applicant::Organisation(id) => {
            let organisation = seloste_store::organisation::get(w, id)?;
            let business_id = organisation.business_id.ok_or_else(nobody)?;
            wire::Subject::Organisation { name: organisation.name, business_id: business_id.into() }
        }
    };
    Ok(wire::Asking {
        enquiry: id,
        purpose: "credit_granting".into(),
        applied_on: application.applied_on,
        amount: wire::Amount { currency: "EUR".into(), cents: application.amount.0 },
        subject,
    })
}

/// The value of `Authorization`, if one is kept.
fn secret(register: &Register, id: CreditServiceId) -> Result<Result<Option<Zeroizing<String>>, Trouble>> {
    let Some(sealed) = register.db().look(|tx| store::service_secret(tx, id))? else { return Ok(Ok(None)) };
    let opened = register.db().open_secret(id.0, &sealed).ok();
    let text = opened.and_then(|bytes| std::str::from_utf8(&bytes).map(str::to_owned).ok());
    Ok(text.map(|text| Some(Zeroizing::new(text))).ok_or(Trouble::Secret))
}

/// The way in which a service is asked.
fn adapter(register: &Register, asking: &Asking, service: &Service) -> Result<Result<Box<dyn Adapter>, Trouble>> {
    if service.method == Method::Manual {
        return Ok(Ok(Box::new(Manual)));
    }
    let rest = secret(register, service.id)?.and_then(|secret| Rest::new(service, secret, asking));
    Ok(rest.map(|rest| Box::new(rest) as Box<dyn Adapter>))
}

/// Sends what is recorded, and keeps what came of it. Nothing of the database is held meanwhile.
fn send(
    register: &Register,
    usage: &Use,
    asking: &Asking,
    service: &Service,
    (enquiry, body): &(Enquiry, String),
    attempt: i64,
) -> Result<Came> {
    let sent = Sent { id: enquiry.id, body, source_register: &enquiry.source_register, today: register.today() };
    let reply = match adapter(register, asking, service)? {
        Ok(adapter) => adapter.ask(&sent),
        Err(trouble) => Reply::None(trouble, None),
    };
    match reply {
        Reply::ByHand => Ok(Came::ByHand),
        Reply::Answer(answer, until) => keep(register, usage, enquiry, *answer, until),
        Reply::None(trouble, status) => {
            let (enquiry, status) = (enquiry.clone(), status.map(|status| status.to_string()));
            register.db().write(usage, move |w| store::failed(w, &enquiry, attempt, trouble, status.as_deref()))?;
            Ok(Came::Waiting(trouble))
        }
    }
}

/// Keeps an answer, if its application can still use it; else it is thrown away.
fn keep(register: &Register, usage: &Use, enquiry: &Enquiry, answer: Answer, until: Date) -> Result<Came> {
    let (enquiry, today) = (enquiry.clone(), register.today());
    let kept = register.db().write(usage, move |w| {
        let (application, open) = standing(w, enquiry.application, None, today)?;
        let is_same = open.as_ref().is_some_and(|open| open.id == enquiry.id);
        if !is_same || application.standing(true).answer(today).is_err() {
            return Ok(false);
        }
        store::answer(w, &enquiry, &answer, until)
    });
    Ok(if kept.map_err(OpsError::from_store)? { Came::Answered } else { Came::Waiting(Trouble::Late) })
}

/// Keeps an answer that a person got in another way: of a manual service only.
///
/// # Errors
/// The actor may not, a field is wrong, there is none within their companies, or nothing waits for such an answer.
pub fn answer(register: &Register, actor: &Actor, id: CreditApplicationId, draft: &AnswerDraft) -> Result<()> {
    let usage = register.authorize(actor, Action::CreditEnquire)?;
    let (notice, today, draft) = (register.notice()?, register.today(), draft.clone());
    let kept = register.db().write(&usage, move |w| {
        let refused = |why: NotNow| OpsError::from(why).into_store();
        let (application, open) = standing(w, id, None, today)?;
        application.standing(open.is_some()).answer(today).map_err(refused)?;
        let enquiry = open.ok_or_else(|| refused(NotNow::NoEnquiry))?;
        if enquiry.method != Method::Manual {
            return Err(refused(NotNow::Method));
        }
        let said = draft.validate(&enquiry.source_register, today);
        let (answer, until) = said.map_err(|errors| OpsError::from(errors).into_store())?;
        if enquiry.attempts == 0 {
            // The file was not taken out: the service was asked in another way, with the same data.
            let_out(w, &notice, today, &application, &enquiry)?;
        }
        match store::answer(w, &enquiry, &answer, until)? {
            true => Ok(()),
            false => Err(refused(NotNow::NoEnquiry)),
        }
    });
    refused_is_logged(register, actor, Action::CreditEnquire, &object(id), kept)
}

/// Gives the open enquiry up: its answer is not waited for any more, and is thrown away when it comes.
///
/// # Errors
/// The actor may not, there is none within their companies, nothing waits, or somebody is sending it.
pub fn give_up(register: &Register, actor: &Actor, id: CreditApplicationId) -> Result<()> {
    let usage = register.authorize(actor, Action::CreditEnquire)?;
    let today = register.today();
    let closed = register.db().write(&usage, move |w| {
        let (_, open) = standing(w, id, None, today)?;
        let enquiry = open.ok_or_else(|| OpsError::from(NotNow::NoEnquiry).into_store())?;
        store::close(w, &enquiry).map_err(of_store)
    });
    not_found_is_logged(register, actor, Action::CreditEnquire, &object(id), closed)
}

/// The file of an open enquiry to a manual service: JSON of the same shape as a REST service gets. The log tells that it was
/// taken out.
///
/// # Errors
/// The actor may not, there is none within their companies, or nothing waits that is asked by hand.
pub fn file(register: &Register, actor: &Actor, id: CreditApplicationId) -> Result<(CreditEnquiryId, String)> {
    let usage = register.authorize(actor, Action::CreditEnquire)?;
    let notice = register.notice()?;
    let today = register.today();
    let made = register.db().write(&usage, move |w| {
        let refused = |why: NotNow| OpsError::from(why).into_store();
        let (application, open) = standing(w, id, None, today)?;
        let enquiry = open.ok_or_else(|| refused(NotNow::NoEnquiry))?;
        if enquiry.method != Method::Manual {
            return Err(refused(NotNow::Method));
        }
        let (_, request) = let_out(w, &notice, today, &application, &enquiry)?;
        store::went_out(w, &enquiry)?;
        Ok((enquiry.id, request))
    });
    refused_is_logged(register, actor, Action::CreditEnquire, &object(id), made)
}
