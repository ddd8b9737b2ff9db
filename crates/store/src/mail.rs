//! E-mail: the queue, what was sent and what failed. What a message says is sealed like a change of its owner.

use jiff::Timestamp;
use seloste_domain::id::{CompanyId, InvoiceId, MailId, OrderId, PartyId, PurposeId};
use seloste_domain::kind::Kind;
use seloste_domain::language::Language;
use seloste_domain::mail::{Enclosure, Letter, MailState, Template, Trouble};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::db::{Access, Plain, Writing};
use crate::error::{Result, StoreError};
use crate::guard;
use crate::keys::{PartyKey, sealed_hash};
use crate::log::Act;
use crate::party;
use crate::sql::{Param, Row, Tx, params, places};

/// A message in the queue or past it, without what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Its id, of which its `Message-ID` is made.
    pub id: MailId,
    /// Under whose key it is sealed.
    pub owner: PartyId,
    /// The company of the group that writes.
    pub company: CompanyId,
    /// The order that it is about.
    pub order: Option<OrderId>,
    /// The purpose of the notice that it is sent for.
    pub purpose: PurposeId,
    /// What it is about.
    pub template: Template,
    /// Its language.
    pub language: Language,
    /// How far it has come.
    pub state: MailState,
    /// The number of the log event that queued it.
    pub seq: u64,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next, or taken from a runner that did not come back.
    pub next_at: Option<Timestamp>,
    /// Why the last try did not succeed.
    pub trouble: Option<Trouble>,
    /// The server's reply code to the last try.
    pub reply: Option<String>,
    /// Who queued it, as the log names them.
    pub queued_by: String,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
}

const COLUMNS: &str = "m.mail_id, m.owner_id, m.company_id, m.order_id, m.purpose_id, m.template, m.language, m.state, \
     m.seq, m.attempts, m.next_at, m.trouble, m.reply, m.queued_by, m.created_at, m.sent_at";

fn read(row: &Row<'_>) -> Result<Mail> {
    Ok(Mail {
        id: MailId(row.id(0)?),
        owner: PartyId(row.id(1)?),
        company: row.parsed(2)?,
        order: row.opt_id(3)?.map(OrderId),
        purpose: row.parsed(4)?,
        template: row.parsed(5)?,
        language: row.parsed(6)?,
        state: row.parsed(7)?,
        seq: row.int(8)?.cast_unsigned(),
        attempts: row.int(9)?,
        next_at: row.opt_time(10)?,
        trouble: row.opt_parsed(11)?,
        reply: row.opt_text(12)?,
        queued_by: row.text(13)?,
        created_at: row.time(14)?,
        sent_at: row.opt_time(15)?,
    })
}

/// A message about to be queued.
#[derive(Clone, Debug)]
pub struct NewMail {
    /// Its id; the same id is queued once.
    pub id: MailId,
    /// Under whose key it is sealed.
    pub owner: PartyId,
    /// The company of the group that writes.
    pub company: CompanyId,
    /// The order that it is about.
    pub order: Option<OrderId>,
    /// What it is about.
    pub template: Template,
    /// Its language.
    pub language: Language,
    /// What it says.
    pub letter: Letter,
    /// The files that go with it, as the letter lists them.
    pub enclosures: Vec<Enclosure>,
}

/// Puts a message in the queue, due at once, under the purpose of the use. A message whose id is there already was
/// queued by the same form: nothing is done then, and the answer is false.
///
/// # Errors
/// Its company is not in scope, or the id is another message's.
pub fn queue(w: &mut Writing<'_, '_>, new: &NewMail) -> Result<bool> {
    if !w.usage().scope().has(&new.company) {
        return Err(StoreError::NotFound("company"));
    }
    if !new.template.passes_restriction() {
        guard::pass(w, &new.letter.parties.iter().map(|party| party.0).collect::<Vec<_>>())?;
    }
    match rows(w, "m.mail_id = ?2", &[Param::Id(new.id.0)], 1)?.first() {
        Some(same) if same.owner == new.owner && same.order == new.order => return Ok(false),
        Some(_) => return Err(StoreError::Taken("message")),
        None => {}
    }
    let key = party::key_of(w, new.owner)?;
    let json = serde_json::to_vec(&new.letter).map_err(|e| StoreError::Corrupt(e.to_string()))?;
    let payload = key.seal(new.id.0, &json, w.env())?;
    let (seq, now) = (w.next_seq(), w.usage().at());
    let (actor, purpose) = (w.usage().actor().to_string(), w.usage().purpose().id().clone());
    w.plain().tx().execute(
        "INSERT INTO mail (register_id, mail_id, owner_id, company_id, order_id, purpose_id, template, language, state, \
         seq, attempts, next_at, queued_by, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'queued', ?9, 0, ?10, ?11, ?10)",
        params![
            new.id,
            new.owner,
            &new.company,
            new.order,
            &purpose,
            new.template.as_str(),
            new.language.tag(),
            seq.cast_signed(),
            now,
            &actor,
        ],
    )?;
    party::insert_sealed(&mut w.plain().tx(), new.id.0, seq, new.owner, &payload)?;
    for (place, enclosure) in (0_i64..).zip(&new.enclosures) {
        let sealed = key.seal(new.id.0, &enclosure.bytes, w.env())?;
        w.plain().tx().execute(
            "INSERT INTO mail_file (register_id, mail_id, place, payload) VALUES (?1, ?2, ?3, ?4)",
            params![new.id, place, &sealed],
        )?;
    }
    let mut act = act(new.id, new.order, &new.letter.parties);
    if new.template == Template::RecallNotice {
        // It goes to the partner's address: what of the person is in it is told by the disclosure.
        act.fields.clear();
    }
    w.log(Act { sealed: vec![sealed_hash(&payload)], ..act })?;
    Ok(true)
}

/// What the log says of a message: itself, its order, those whom it is about, and that an address was used.
fn act(id: MailId, order: Option<OrderId>, parties: &[PartyId]) -> Act {
    let mut objects = vec![format!("mail:{id}")];
    objects.extend(order.map(|order| format!("order:{order}")));
    let mut fields = vec![Kind::Email.as_str().to_owned()];
    fields.extend(order.map(|_| Kind::Orders.as_str().to_owned()));
    Act { subjects: parties.iter().map(|party| party.0).collect(), objects, fields, ..Act::default() }
}

/// Messages of the scope, the newest first. `condition` begins with placeholder `?2`.
fn rows(access: &mut impl Access, condition: &str, values: &[Param<'_>], limit: usize) -> Result<Vec<Mail>> {
    let scope = access.usage().scope().clone();
    let first = values.len() + 2;
    let sql = format!(
        "SELECT {COLUMNS} FROM mail m WHERE m.register_id = ?1 AND {condition}{} AND m.company_id IN ({}) \
         ORDER BY m.mail_id DESC LIMIT ?{}",
        held(access.usage()),
        places(first, scope.companies().len()),
        first + scope.companies().len()
    );
    let mut all = values.to_vec();
    all.extend(scope.companies().iter().map(Param::from));
    all.push(Param::Int(i64::try_from(limit).unwrap_or(i64::MAX)));
    let mut found = access.tx().0.query(&sql, &all, read)?;
    let usage = access.usage();
    found.retain(|mail| guard::is_about(usage, &[mail.owner.0]));
    Ok(found)
}

/// What keeps messages to restricted customers out of lists. The notice that a restriction will be lifted is no use of the
/// data that it stops.
fn held(usage: &seloste_domain::usage::Use) -> String {
    match guard::of_things(usage, &["m.owner_id"]) {
        none if none.is_empty() => none,
        condition => format!(" AND (m.template IN ({}) OR (1 = 1{condition}))", passing()),
    }
}

/// The templates of messages that go also while processing is restricted, as a list for `IN`.
fn passing() -> String {
    let passing = Template::ALL.into_iter().filter(|template| template.passes_restriction());
    passing.map(|template| format!("'{}'", template.as_str())).collect::<Vec<_>>().join(", ")
}

/// Which messages a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only in these states; none: in every state.
    pub states: Vec<MailState>,
    /// Only those queued before this one.
    pub before: Option<MailId>,
}

/// A page of messages with what they say, the newest first.
///
/// # Errors
/// The database can not be read, or a message can not be opened.
pub fn page(access: &mut impl Access, filter: &Filter, limit: usize) -> Result<Vec<(Mail, Letter)>> {
    let mut condition = String::from("m.mail_id IS NOT NULL");
    let mut values: Vec<Param<'_>> = Vec::new();
    if !filter.states.is_empty() {
        condition.push_str(&format!(" AND m.state IN ({})", places(2, filter.states.len())));
        values.extend(filter.states.iter().map(|state| Param::Text(state.as_str())));
    }
    if let Some(before) = filter.before {
        condition.push_str(&format!(" AND m.mail_id < ?{}", values.len() + 2));
        values.push(Param::Id(before.0));
    }
    let found = rows(access, &condition, &values, limit)?;
    let mut page = Vec::with_capacity(found.len());
    for mail in found {
        match letter(access, &mail) {
            Ok(letter) => page.push((mail, letter)),
            // About somebody else than its owner: no condition of the statement knows it.
            Err(StoreError::Restricted | StoreError::Prohibited(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(page)
}

/// The messages of an owner, the newest first, with what they say.
///
/// # Errors
/// The database can not be read, or a message can not be opened.
pub(crate) fn of_owner(access: &mut impl Access, owner: PartyId, limit: usize) -> Result<Vec<(Mail, Letter)>> {
    let found = rows(access, "m.owner_id = ?2", &[Param::Id(owner.0)], limit)?;
    found.into_iter().map(|mail| Ok((letter(access, &mail)?, mail))).map(|both| both.map(|(l, m)| (m, l))).collect()
}

/// The messages about an order, the newest first, without what they say.
///
/// # Errors
/// The database can not be read.
pub fn of_order(access: &mut impl Access, order: OrderId, limit: usize) -> Result<Vec<Mail>> {
    rows(access, "m.order_id = ?2", &[Param::Id(order.0)], limit)
}

/// The messages about an invoice, the newest first, without what they say.
///
/// # Errors
/// The database can not be read.
pub fn of_invoice(access: &mut impl Access, invoice: InvoiceId, limit: usize) -> Result<Vec<Mail>> {
    let condition =
        "m.mail_id IN (SELECT l.mail_id FROM invoice_mail l WHERE l.register_id = ?1 AND l.invoice_id = ?2)";
    rows(access, condition, &[Param::Id(invoice.0)], limit)
}

/// One message with what it says.
///
/// # Errors
/// There is none within the scope, or it can not be opened.
pub fn get(access: &mut impl Access, id: MailId) -> Result<(Mail, Letter)> {
    let mail = head(access, id)?;
    let letter = letter(access, &mail)?;
    Ok((mail, letter))
}

fn key(access: &mut impl Access, mail: &Mail) -> Result<PartyKey> {
    let wrapped = party::wrapped_key(&mut access.tx().0, mail.owner)?;
    access.keys().0.unwrap_party_key(mail.owner, &wrapped)
}

/// Opens what a message says, and notes whom that shows.
fn letter(access: &mut impl Access, mail: &Mail) -> Result<Letter> {
    let payload = access.tx().0.query_opt(
        "SELECT payload FROM sealed WHERE register_id = ?1 AND owner_id = ?2 AND object_id = ?3 AND seq = ?4",
        params![mail.owner, mail.id, mail.seq.cast_signed()],
        |row| row.bytes(0),
    )?;
    let payload = payload.ok_or_else(|| StoreError::Corrupt("a message without a text".into()))?;
    let json = key(access, mail)?.open(mail.id.0, &payload)?;
    let mut letter: Letter =
        serde_json::from_slice(&json).map_err(|_| StoreError::Corrupt("a sealed message".into()))?;
    if !mail.template.passes_restriction() {
        // It may be about others than its owner.
        let about: Vec<Uuid> = letter.parties.iter().map(|party| party.0).collect();
        guard::pass(access, &about)?;
    }
    if !access.usage().kinds().has(Kind::Email) {
        letter.to.clear();
    }
    access.show_object(format!("mail:{}", mail.id));
    for party in &letter.parties {
        access.show(*party, std::iter::once(Kind::Email).collect());
    }
    Ok(letter)
}

/// The files that go with a message. They must be those that it was queued with.
fn files(access: &mut impl Access, mail: &Mail, letter: &Letter) -> Result<Vec<Enclosure>> {
    let sealed = access.tx().0.query(
        "SELECT payload FROM mail_file WHERE register_id = ?1 AND mail_id = ?2 ORDER BY place",
        params![mail.id],
        |row| row.bytes(0),
    )?;
    let changed = || StoreError::Corrupt("a file of a message is gone or was changed".into());
    if sealed.len() != letter.enclosed.len() {
        return Err(changed());
    }
    let key = key(access, mail)?;
    let open = |(payload, enclosed): (Vec<u8>, &seloste_domain::mail::Enclosed)| {
        let bytes = key.open(mail.id.0, &payload)?;
        if hex::encode(Sha256::digest(&bytes)) != enclosed.sha256 {
            return Err(changed());
        }
        Ok(Enclosure { name: enclosed.name.clone(), media_type: enclosed.media_type.clone(), bytes })
    };
    sealed.into_iter().zip(&letter.enclosed).map(open).collect()
}

/// A message whose time has come. Nothing of it is personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Its id.
    pub id: MailId,
    /// The purpose that it was queued for.
    pub purpose: PurposeId,
    /// How often it was tried.
    pub attempts: i64,
    /// Whether it was left by a runner that did not come back.
    pub is_left: bool,
}

/// The message that has waited longest past its time.
///
/// # Errors
/// The database can not be read.
pub fn due(tx: &mut Tx<'_>, now: Timestamp) -> Result<Option<Due>> {
    tx.query_opt(
        // Messages to restricted customers are held: they wait where they are, and go on when the restriction is lifted.
        &format!(
            "SELECT mail_id, purpose_id, attempts, state FROM mail WHERE register_id = ?1 AND next_at IS NOT NULL \
             AND next_at <= ?2 AND (template IN ({}) OR owner_id NOT IN {}) \
             ORDER BY next_at, mail_id LIMIT 1",
            passing(),
            guard::RESTRICTED
        ),
        params![now],
        |row| {
            Ok(Due {
                id: MailId(row.id(0)?),
                purpose: row.parsed(1)?,
                attempts: row.int(2)?,
                is_left: row.text(3)? == MailState::Sending.as_str(),
            })
        },
    )
}

/// A message that a runner has taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The message; its number of attempts counts this one.
    pub mail: Mail,
    /// What it says.
    pub letter: Letter,
    /// The files that go with it.
    pub enclosures: Vec<Enclosure>,
}

/// Puts a message off that is about somebody else whose processing is restricted: it was not tried.
///
/// # Errors
/// The database can not be written.
pub fn hold(tx: &mut Tx<'_>, due: &Due, until: Timestamp) -> Result<()> {
    tx.execute(
        "UPDATE mail SET next_at = ?4 WHERE register_id = ?1 AND mail_id = ?2 AND attempts = ?3 AND next_at IS NOT NULL",
        params![due.id, due.attempts, until],
    )
    .map(drop)
}

/// Takes a message until `lease`, unless another runner has done so; then its attempts have grown. From then on it is
/// this runner's to send, and that it was opened is in the log.
///
/// # Errors
/// It can not be opened, or the database can not be written.
pub fn take(w: &mut Writing<'_, '_>, due: &Due, now: Timestamp, lease: Timestamp) -> Result<Option<Taken>> {
    let taken = w.plain().tx().execute(
        "UPDATE mail SET state = 'sending', attempts = attempts + 1, next_at = ?5 \
         WHERE register_id = ?1 AND mail_id = ?2 AND attempts = ?3 AND next_at IS NOT NULL AND next_at <= ?4",
        params![due.id, due.attempts, now, lease],
    )?;
    if taken == 0 {
        return Ok(None);
    }
    let (mail, letter) = get(w, due.id)?;
    crate::consent::may_send(w, &mail.company, &letter.parties)?;
    let enclosures = files(w, &mail, &letter)?;
    Ok(Some(Taken { mail, letter, enclosures }))
}

/// Notes that a message was sent, also when its lease has run out meanwhile.
///
/// # Errors
/// The database can not be written.
pub fn sent(w: &mut Writing<'_, '_>, mail: &Mail, parties: &[PartyId], now: Timestamp) -> Result<()> {
    let marked = w.plain().tx().execute(
        "UPDATE mail SET state = 'sent', sent_at = ?3, next_at = NULL, trouble = NULL, reply = NULL \
         WHERE register_id = ?1 AND mail_id = ?2 AND state <> 'sent'",
        params![mail.id, now],
    )?;
    // The message is out: the log says so for those who are still here, whatever became of its row.
    if marked == 0 { Ok(()) } else { w.log(act(mail.id, mail.order, parties)) }
}

/// Notes that a try did not succeed: it is tried again at `next`, or given up.
///
/// # Errors
/// The database can not be written.
pub fn not_sent(
    w: &mut Writing<'_, '_>,
    mail: &Mail,
    parties: &[PartyId],
    (trouble, reply): (Trouble, Option<&str>),
    next: Option<Timestamp>,
) -> Result<()> {
    let marked = mark_not_sent(&mut w.plain().tx(), mail.id, mail.attempts, (trouble, reply), next)?;
    if marked && next.is_none() {
        return w.log_as("mail.fail", act(mail.id, mail.order, parties));
    }
    Ok(())
}

/// Only the runner whose try it was notes how it ended.
fn mark_not_sent(
    tx: &mut Tx<'_>,
    id: MailId,
    attempts: i64,
    (trouble, reply): (Trouble, Option<&str>),
    next: Option<Timestamp>,
) -> Result<bool> {
    let state = if next.is_some() { MailState::Queued } else { MailState::Failed };
    let marked = tx.execute(
        "UPDATE mail SET state = ?4, next_at = ?5, trouble = ?6, reply = ?7 \
         WHERE register_id = ?1 AND mail_id = ?2 AND attempts = ?3 AND state IN ('queued', 'sending')",
        params![id, attempts, state.as_str(), next, trouble.as_str(), reply],
    )?;
    Ok(marked > 0)
}

/// Gives a message up that must not be opened: the notice no longer declares what it was queued for, or no runner came
/// back from it.
///
/// # Errors
/// The database can not be written.
pub fn give_up(
    plain: &mut Plain<'_, '_>,
    actor: &seloste_domain::usage::ActorId,
    due: &Due,
    trouble: Trouble,
) -> Result<()> {
    if mark_not_sent(&mut plain.tx(), due.id, due.attempts, (trouble, None), None)? {
        plain.log(actor, "mail.fail", seloste_domain::log::Outcome::Refused, vec![format!("mail:{}", due.id)])?;
    }
    Ok(())
}

/// Puts a message into another state because a person asks for it: queued again and due at once, or cancelled.
///
/// # Errors
/// There is none within the scope.
pub fn set_state(w: &mut Writing<'_, '_>, mail: &Mail, state: MailState) -> Result<()> {
    let next = (state == MailState::Queued).then(|| w.usage().at());
    let changed = w.plain().tx().execute(
        "UPDATE mail SET state = ?4, attempts = 0, next_at = ?5 WHERE register_id = ?1 AND mail_id = ?2 AND state = ?3",
        params![mail.id, mail.state.as_str(), state.as_str(), next],
    )?;
    if changed == 0 {
        return Err(StoreError::NotFound("message"));
    }
    w.log(act(mail.id, mail.order, &[mail.owner]))
}

/// A message without what it says.
///
/// # Errors
/// There is none within the scope.
pub fn head(access: &mut impl Access, id: MailId) -> Result<Mail> {
    if let Some(mail) = rows(access, "m.mail_id = ?2", &[Param::Id(id.0)], 1)?.into_iter().next() {
        return Ok(mail);
    }
    let scope = access.usage().scope().clone();
    let sql = format!(
        "SELECT m.owner_id FROM mail m WHERE m.register_id = ?1 AND m.mail_id = ?2 AND m.company_id IN ({})",
        places(3, scope.companies().len())
    );
    let values = party::with_scope(vec![Param::from(id)], scope.companies());
    let owner = access.tx().0.query_opt(&sql, &values, |row| row.id(0))?.ok_or(StoreError::NotFound("message"))?;
    guard::pass(access, &[owner])?;
    Err(StoreError::Restricted)
}

/// Removes the files of messages that were sent, or given up by a person, before a moment; how many. What the messages
/// said stays in the sealed history.
///
/// # Errors
/// The database can not be written.
pub fn remove_files(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64> {
    tx.execute(
        "DELETE FROM mail_file WHERE register_id = ?1 AND mail_id IN (SELECT mail_id FROM mail \
         WHERE register_id = ?1 AND ((state = 'sent' AND sent_at < ?2) OR (state = 'cancelled' AND created_at < ?2)))",
        params![before],
    )
}

/// Takes out what waits about an order that is no longer there.
pub(crate) fn cancel_of_order(tx: &mut Tx<'_>, order: OrderId) -> Result<()> {
    tx.execute(
        "UPDATE mail SET state = 'cancelled', next_at = NULL WHERE register_id = ?1 AND order_id = ?2 \
         AND state = 'queued'",
        params![order],
    )
    .map(drop)
}

/// The messages of a party, for the files that they left.
pub(crate) fn ids_of_owner(tx: &mut Tx<'_>, owner: Uuid) -> Result<Vec<Uuid>> {
    let sql = "SELECT mail_id FROM mail WHERE register_id = ?1 AND owner_id = ?2 ORDER BY mail_id";
    tx.query(sql, params![owner], |row| row.id(0))
}

/// Takes out everything of a party that is erased.
pub(crate) fn erase_of(tx: &mut Tx<'_>, owner: Uuid) -> Result<()> {
    for sql in [
        "DELETE FROM mail_file WHERE register_id = ?1 AND mail_id IN \
         (SELECT mail_id FROM mail WHERE register_id = ?1 AND owner_id = ?2)",
        "DELETE FROM invoice_mail WHERE register_id = ?1 AND mail_id IN \
         (SELECT mail_id FROM mail WHERE register_id = ?1 AND owner_id = ?2)",
        "DELETE FROM mail WHERE register_id = ?1 AND owner_id = ?2",
    ] {
        tx.execute(sql, params![owner])?;
    }
    Ok(())
}

/// How many messages of the scope could not be sent.
///
/// # Errors
/// The database can not be read.
pub fn failed(access: &mut impl Access) -> Result<i64> {
    let scope = access.usage().scope().clone();
    let sql = format!(
        "SELECT count(*) FROM mail m WHERE m.register_id = ?1 AND m.state = ?2 AND m.company_id IN ({})",
        places(3, scope.companies().len())
    );
    let values = crate::party::with_scope(vec![Param::Text(MailState::Failed.as_str())], scope.companies());
    Ok(access.tx().0.query_opt(&sql, &values, |row| row.int(0))?.unwrap_or(0))
}
