//! Disclosure because a law obliges (promise P14): a request is recorded with who asked, by which law, and who decided;
//! one that is granted makes the file, and its disclosure, in the same transaction.

use jiff::civil::Date;
use seloste_documents::formula::guard;
use seloste_domain::disclosure::{Case, Subject};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{CompanyId, LegalRequestId, PartnerId, PersonId};
use seloste_domain::kind::{Kind, Kinds};
use seloste_domain::legal_request::Details;
pub use seloste_domain::legal_request::{LegalRequest, LegalRequestDraft};
use seloste_domain::person::Person;
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_store::{StoreError, Writing};

use crate::disclosure::refused_is_logged;
use crate::error::Result;
use crate::register::Register;

/// Requests on a page.
pub const SHOWN: i64 = 200;
/// People of one request at most.
const MOST: usize = 100;

/// The newest requests.
///
/// # Errors
/// The actor may not.
pub fn list(register: &Register, actor: &Actor) -> Result<Vec<LegalRequest>> {
    let usage = register.authorize(actor, Action::LegalDisclose)?;
    let mut found = register.db().look(|tx| seloste_store::legal_request::page(tx, SHOWN))?;
    found.retain(|request| usage.scope().has(&request.company));
    Ok(found)
}

/// One value of a person as it goes to an authority.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Datum {
    /// Its kind.
    pub kind: Kind,
    /// The value.
    pub value: String,
}

/// A person as they go to an authority.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Given {
    /// Who.
    pub person: PersonId,
    /// What.
    pub data: Vec<Datum>,
}

/// What would go of these people, of these kinds. It is shown, and logged as shown.
///
/// # Errors
/// The actor may not, or somebody is not within their companies.
pub fn preview(register: &Register, actor: &Actor, people: &[PersonId], kinds: Kinds) -> Result<Vec<Given>> {
    let usage = register.authorize(actor, Action::LegalDisclose)?;
    let today = register.today();
    let read = register.db().read(&usage, |r| {
        let people: Result<Vec<Person>, StoreError> =
            people.iter().take(MOST).map(|id| seloste_store::person::get(r, *id)).collect();
        Ok(people?.iter().map(|person| given(person, kinds, today)).collect())
    });
    refused_is_logged(register, actor, Action::LegalDisclose, "legal_request", read)
}

fn given(person: &Person, kinds: Kinds, today: jiff::civil::Date) -> Given {
    let values = person.values_on(today).filter(|stored| kinds.has(stored.value.kind()));
    let mut data: Vec<Datum> = values
        .map(|stored| Datum {
            kind: stored.value.kind(),
            value: stored.value.display_in(seloste_domain::language::Language::Fi),
        })
        .collect();
    if kinds.has(Kind::Organisation) {
        let represents = person.representations_on(today);
        data.extend(represents.map(|r| Datum { kind: Kind::Organisation, value: r.organisation_name.clone() }));
    }
    Given { person: person.id, data }
}

/// What came of a recorded request.
#[derive(Clone, Debug)]
pub struct Made {
    /// The request.
    pub id: LegalRequestId,
    /// What goes to the authority; none when it was refused.
    pub file: Option<LegalFile>,
}

/// What goes to an authority: the same in each form in which it can be written.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct LegalFile {
    /// The case, as the register of disclosures names it.
    pub case: String,
    /// Who asked.
    pub asked_by: String,
    /// By which law.
    pub law: String,
    /// When it was asked for.
    pub asked_on: Date,
    /// The people with what was asked for.
    pub people: Vec<Given>,
}

impl LegalFile {
    /// It takes the permit, as all that makes bytes for outsiders does, and holds nothing beyond it.
    fn new(permit: &seloste_domain::disclosure::Permit, details: &Details, mut people: Vec<Given>) -> Self {
        people.iter_mut().for_each(|given| given.data.retain(|datum| permit.has(datum.kind)));
        Self {
            case: permit.case().to_string(),
            asked_by: details.asked_by.clone(),
            law: details.law.clone(),
            asked_on: details.asked_on,
            people,
        }
    }

    /// For programs: JSON.
    #[must_use]
    pub fn json(&self) -> Vec<u8> {
        // Texts, days and ids: nothing of it can fail to be written.
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    /// For spreadsheets: a row a value, `;` between the cells, UTF-8. A cell that a spreadsheet would take for a formula
    /// begins with an apostrophe.
    #[must_use]
    pub fn csv(&self) -> Vec<u8> {
        let line = |cells: [&str; 6]| {
            let quoted = cells.map(|cell| format!("\"{}\"", guard(&cell.replace('\n', ", ")).replace('"', "\"\"")));
            format!("{}\r\n", quoted.join(";"))
        };
        let mut file = format!("\u{feff}{}", line(["case", "law", "asked_on", "person", "kind", "value"]));
        for given in &self.people {
            for datum in &given.data {
                let (day, person) = (self.asked_on.to_string(), given.person.to_string());
                file.push_str(&line([&self.case, &self.law, &day, &person, datum.kind.as_str(), &datum.value]));
            }
        }
        file.into_bytes()
    }
}

/// Records a request and what was decided. A granted one makes the file of exactly what goes, and the disclosure.
///
/// # Errors
/// The actor may not, a field is wrong, somebody is not within their companies, or the authority may not receive it.
pub fn record(
    register: &Register,
    actor: &Actor,
    partner: PartnerId,
    people: &[PersonId],
    draft: &LegalRequestDraft,
) -> Result<Made> {
    let usage = register.authorize(actor, Action::LegalDisclose)?;
    let (notice, today) = (register.notice()?, register.today());
    let details = draft.validate(usage.kinds(), today)?;
    let mut people = people.to_vec();
    people.sort();
    people.dedup();
    if details.granted && (people.is_empty() || people.len() > MOST) {
        let wrong = if people.is_empty() { code::REQUIRED } else { code::TOO_MANY };
        return Err(FieldErrors::from(FieldError::new("people", wrong).with("max", MOST)).into());
    }
    let company = usage.scope().companies().first().cloned().ok_or(StoreError::NotFound("company"))?;
    let id = LegalRequestId(register.db().env().id());
    let made = register.db().write(&usage, move |w| {
        let (disclosure, file) = if details.granted {
            let permit = crate::disclosure::permit(w, &notice, today, partner, Case::LegalRequest(id), details.kinds)?;
            let (given, subjects) = take(w, &people, permit.fields(), today)?;
            let file = LegalFile::new(&permit, &details, given);
            (Some(crate::disclosure::record(w, &permit, &subjects)?), Some(file))
        } else {
            seloste_store::partner::get(&mut w.plain().tx(), partner)?;
            (None, None)
        };
        let request = request(w, (id, partner, &company), details.clone(), disclosure);
        seloste_store::legal_request::insert(w, &request)?;
        Ok(Made { id, file })
    });
    refused_is_logged(register, actor, Action::LegalDisclose, &format!("legal_request:{id}"), made)
}

fn request(
    w: &Writing<'_, '_>,
    (id, partner, company): (LegalRequestId, PartnerId, &CompanyId),
    details: Details,
    disclosure: Option<seloste_domain::id::DisclosureId>,
) -> LegalRequest {
    use seloste_store::Access as _;
    LegalRequest {
        id,
        partner,
        company: company.clone(),
        details,
        disclosure,
        made_by: w.usage().actor().to_string(),
        made_at: w.usage().at(),
    }
}

fn take(
    w: &mut Writing<'_, '_>,
    people: &[PersonId],
    kinds: Kinds,
    today: jiff::civil::Date,
) -> Result<(Vec<Given>, Vec<Subject>), StoreError> {
    let (mut all, mut subjects) = (Vec::new(), Vec::new());
    for id in people {
        let given = given(&seloste_store::person::get(w, *id)?, kinds, today);
        let fields: Kinds = given.data.iter().map(|datum| datum.kind).collect();
        // Of whom nothing is stored that was asked for, nothing goes.
        if !fields.is_empty() {
            subjects.push(Subject { party: (*id).into(), fields });
            all.push(given);
        }
    }
    Ok((all, subjects))
}
