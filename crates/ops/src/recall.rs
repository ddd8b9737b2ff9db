//! Recalls: telling partners of data that they received and that was corrected, erased, restricted or forbidden since
//! (Art. 19). The store makes them in the transaction of the change; here they are read, sent, chased and closed.

use jiff::ToSpan as _;
use seloste_domain::disclosure::{Case, Subject, decide_recall};
use seloste_domain::field::{FieldError, FieldErrors, code, one_line};
use seloste_domain::id::{MailId, PartnerId, RecallId};
use seloste_domain::kind::{Kind, Kinds};
use seloste_domain::letter::Letter;
use seloste_domain::mail::Template;
use seloste_domain::partner::{Interface, Partner};
use seloste_domain::recall::CHASE_DAYS;
pub use seloste_domain::recall::{Reason, Recall, RecallState};
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_mail::confirmation::footer;
use seloste_store::mail::NewMail;
pub use seloste_store::recall::Filter;
use seloste_store::{StoreError, Writing};

use crate::disclosure::refused_is_logged;
use crate::error::{OpsError, Result};
use crate::register::{Register, local_date};

/// Recalls on a page.
pub const SHOWN: i64 = 200;

/// The recalls that a filter finds, the oldest first.
///
/// # Errors
/// The actor may not.
pub fn list(register: &Register, actor: &Actor, filter: &Filter) -> Result<Vec<Recall>> {
    let usage = register.authorize(actor, Action::RecallList)?;
    Ok(register.db().read(&usage, |r| seloste_store::recall::page(r, filter, SHOWN))?)
}

/// How many are to be sent, and how many are late.
///
/// # Errors
/// The actor may not.
pub fn counts(register: &Register, actor: &Actor) -> Result<(i64, i64)> {
    register.authorize(actor, Action::RecallList)?;
    let today = register.today().to_string();
    Ok(register.db().look(|tx| seloste_store::recall::counts(tx, &today))?)
}

/// Whether a partner that was told is to be reminded now.
#[must_use]
pub fn is_to_be_chased(register: &Register, recall: &Recall) -> bool {
    let last = recall.chased_at.or(recall.sent_at).map(local_date);
    let today = register.today();
    recall.state == RecallState::Sent
        && recall.is_late(today)
        && last.is_some_and(|day| day.saturating_add(CHASE_DAYS.days()) <= today)
}

/// What a partner is told, ready to be written.
#[derive(Clone, Debug)]
pub struct Told {
    /// What it is about.
    pub recall: Recall,
    /// Who is told.
    pub partner: Partner,
    /// The disclosures by which it received the data: day and case.
    pub references: Vec<(jiff::civil::Date, Case)>,
    /// Whom it is about and what the data is now. None when the person is gone, or when the partner may not receive it
    /// any more: then the references have to do.
    pub about: Option<About>,
}

/// Whom a recall is about, within what the partner had.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The name.
    pub name: Option<String>,
    /// The customer number.
    pub customer_number: Option<String>,
    /// The values of the corrected kinds, as they are now.
    pub values: Vec<(Kind, String)>,
}

/// Makes the letter that a partner is told by, and records what of the person is in it. It is to be printed: that it was
/// sent, a person notes by [`mark_sent`].
///
/// # Errors
/// The actor may not, there is no such recall, or it is closed.
pub fn tell(register: &Register, actor: &Actor, id: RecallId) -> Result<Told> {
    let usage = register.authorize(actor, Action::RecallHandle)?;
    let (notice, today) = (register.notice()?, register.today());
    let told = register.db().write(&usage, move |w| told(w, &notice, id, today));
    refused_is_logged(register, actor, Action::RecallHandle, &format!("recall:{id}"), told)
}

fn told(
    w: &mut Writing<'_, '_>,
    notice: &seloste_domain::notice::Notice,
    id: RecallId,
    today: jiff::civil::Date,
) -> Result<Told, StoreError> {
    let recall = open(w, id)?;
    let partner = seloste_store::partner::get(&mut w.plain().tx(), recall.partner)?;
    let received = seloste_store::disclosure::of_party(w, recall.party, SHOWN)?;
    let received: Vec<_> = received.into_iter().filter(|made| made.partner == partner.id).collect();
    let held = received.iter().fold(Kinds::NONE, |all, made| all.or(made.fields));
    let own = received.iter().filter(|made| !matches!(made.case, Case::Recall(_)));
    let references = own.map(|made| (local_date(made.made_at), made.case.clone())).collect();
    let about = about(w, notice, &partner, (&recall, held), today)?;
    Ok(Told { recall, partner, references, about })
}

/// A recall that is not closed.
fn open(w: &mut Writing<'_, '_>, id: RecallId) -> Result<Recall, StoreError> {
    let recall = seloste_store::recall::get(w, id)?;
    match recall.state {
        RecallState::Waiting | RecallState::Sent => Ok(recall),
        RecallState::Acknowledged | RecallState::Waived => Err(StoreError::Conflict { found: 1, expected: 0 }),
    }
}

/// Notes that the letter to a partner was sent; once more when it was sent before.
///
/// # Errors
/// The actor may not, there is no such recall, or it is closed.
pub fn mark_sent(register: &Register, actor: &Actor, id: RecallId) -> Result<()> {
    let usage = register.authorize(actor, Action::RecallHandle)?;
    let sent = register.db().write(&usage, move |w| {
        let recall = open(w, id)?;
        seloste_store::recall::sent(w, &recall, Interface::Post)
    });
    refused_is_logged(register, actor, Action::RecallHandle, &format!("recall:{id}"), sent)
}

/// Whether a partner is told by e-mail: that is how data reaches it, it has an address, and whom it is about is in the
/// register still, under whose key the message waits.
#[must_use]
pub fn goes_by_email(partner: &Partner, recall: &Recall) -> bool {
    partner.interface == Interface::Email && !partner.email.is_empty() && recall.reason != Reason::Erasure
}

/// Puts what a partner is told into the queue of e-mail, to the address of its contact, and records what of the person is in
/// it and that it was sent, in one transaction; once more when it was sent before. `write` makes the words.
///
/// # Errors
/// The actor may not, there is no such recall, it is closed, or the partner is not told by e-mail.
pub fn send_email(
    register: &Register,
    actor: &Actor,
    id: RecallId,
    write: impl Fn(&Told) -> Letter + Send + 'static,
) -> Result<MailId> {
    let usage = register.authorize(actor, Action::RecallHandle)?;
    let (notice, today, mail) = (register.notice()?, register.today(), MailId(register.db().env().id()));
    let sent = register.db().write(&usage, move |w| {
        let told = told(w, &notice, id, today)?;
        if !goes_by_email(&told.partner, &told.recall) {
            return Err(OpsError::from(FieldErrors::from(FieldError::new("note", code::ADDRESS_MISSING))).into_store());
        }
        let letter = write(&told);
        let said = [letter.body.as_str(), letter.closing.as_str(), letter.signatory.as_str()].join("\n\n");
        let new = NewMail {
            id: mail,
            owner: told.recall.party,
            company: letter.company.clone(),
            order: None,
            template: Template::RecallNotice,
            language: letter.language,
            letter: crate::mail::Letter {
                to: told.partner.email.clone(),
                name: told.partner.name.clone(),
                subject: letter.heading.clone(),
                body: format!("{said}\n\n{}", footer(&notice, letter.language)),
                enclosed: Vec::new(),
                parties: vec![told.recall.party],
            },
            enclosures: Vec::new(),
        };
        seloste_store::mail::queue(w, &new)?;
        seloste_store::recall::sent(w, &told.recall, Interface::Email)?;
        Ok(mail)
    });
    refused_is_logged(register, actor, Action::RecallHandle, &format!("recall:{id}"), sent)
}

fn about(
    w: &mut Writing<'_, '_>,
    notice: &seloste_domain::notice::Notice,
    partner: &Partner,
    (recall, held): (&Recall, Kinds),
    today: jiff::civil::Date,
) -> Result<Option<About>, StoreError> {
    let names: Kinds = [Kind::Name, Kind::CustomerNumber].into_iter().collect();
    let wanted = held.and(names.or(if recall.reason == Reason::Rectification { recall.fields } else { Kinds::NONE }));
    let Ok(permit) = decide_recall(partner, notice, recall.id, (wanted, held), today) else { return Ok(None) };
    let id = seloste_domain::id::PersonId(recall.party.0);
    let person = match seloste_store::person::get(w, id) {
        Ok(person) => person.masked(),
        Err(StoreError::NotFound(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut about = About::default();
    let mut given = Kinds::NONE;
    if permit.has(Kind::Name) && person.name().is_some() {
        about.name = Some(person.display_name());
        given = given.with(Kind::Name);
    }
    if let Some(number) = person.customer_number(today).filter(|_| permit.has(Kind::CustomerNumber)) {
        about.customer_number = Some(number.to_owned());
        given = given.with(Kind::CustomerNumber);
    }
    if recall.reason == Reason::Rectification {
        for stored in person.values_on(today) {
            let kind = stored.value.kind();
            let masked = matches!(&stored.value, seloste_domain::value::Value::PostalAddress(a) if a.is_masked());
            if recall.fields.has(kind) && permit.has(kind) && !masked {
                about.values.push((kind, stored.value.display_in(seloste_domain::language::Language::Fi)));
                given = given.with(kind);
            }
        }
    }
    if given.is_empty() {
        return Ok(None);
    }
    crate::disclosure::record(w, &permit, &[Subject { party: recall.party, fields: given }])?;
    Ok(Some(about))
}

/// Closes a recall by hand: the partner acknowledged it, or it is not sent because that is impossible or asks for a
/// disproportionate effort (Art. 19).
///
/// # Errors
/// The actor may not, a field is wrong, there is no such recall, or it is closed.
pub fn close(register: &Register, actor: &Actor, id: RecallId, state: RecallState, note: &str) -> Result<()> {
    let usage = register.authorize(actor, Action::RecallHandle)?;
    let note = one_line("note", note, 500).map_err(FieldErrors::from)?;
    if state == RecallState::Waived && note.is_empty() {
        return Err(FieldErrors::from(FieldError::new("note", code::REQUIRED)).into());
    }
    let closed = register.db().write(&usage, move |w| {
        let recall = seloste_store::recall::get(w, id)?;
        match seloste_store::recall::close(w, &recall, state, &note)? {
            true => Ok(()),
            false => Err(StoreError::Conflict { found: 1, expected: 0 }),
        }
    });
    refused_is_logged(register, actor, Action::RecallHandle, &format!("recall:{id}"), closed)
}

/// The recalls that a partner reads over its own interface, within the transaction that gives them: ids, reason and kinds,
/// no value. Those that waited are noted as sent.
///
/// # Errors
/// The database can not be read or written.
pub fn pull(
    w: &mut Writing<'_, '_>,
    partner: PartnerId,
    after: Option<RecallId>,
    limit: i64,
) -> Result<Vec<Recall>, StoreError> {
    let filter = Filter { partner: Some(partner), open: true, after, ..Filter::default() };
    let found = seloste_store::recall::page(w, &filter, limit)?;
    for recall in found.iter().filter(|recall| recall.state == RecallState::Waiting) {
        seloste_store::recall::sent(w, recall, Interface::Api)?;
    }
    Ok(found)
}

/// A partner's own acknowledgement. True also when it had acknowledged before: saying it twice changes nothing.
///
/// # Errors
/// There is no such recall of this partner.
pub fn acknowledge(w: &mut Writing<'_, '_>, partner: PartnerId, id: RecallId) -> Result<bool, StoreError> {
    let recall = seloste_store::recall::get(w, id)?;
    if recall.partner != partner {
        return Err(StoreError::NotFound("recall"));
    }
    let closed = seloste_store::recall::close(w, &recall, RecallState::Acknowledged, "")?;
    Ok(closed || recall.state == RecallState::Acknowledged)
}

/// The error of a closed recall, for pages.
#[must_use]
pub const fn is_closed(error: &OpsError) -> bool {
    matches!(error, OpsError::Store(StoreError::Conflict { .. }))
}
