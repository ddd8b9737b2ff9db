//! Storing people and organisations of a file: added, merged, or left as they are.

use seloste_domain::draft::OrganisationRef;
use seloste_domain::field::FieldError;
use seloste_domain::history::{Changed, OrganisationName, PartyChange};
use seloste_domain::id::{CompanyId, OrganisationId};
use seloste_domain::import::{code, merge};
use seloste_domain::kind::Kind;
use seloste_domain::organisation::{Organisation, ValidOrganisation};
use seloste_domain::person::{Person, Representation, ValidPerson};
use seloste_domain::prohibition::{Marks, ProhibitionKind, Prohibitions};
use seloste_domain::proposal::{ORGANISATION_NAME, Proposed, Standing, standing};
use seloste_domain::value::{NewValue, StoredValue};
use seloste_store::party::{self, Noun, Update};
use seloste_store::proposal::Said;
use seloste_store::suppression::{self, Suppressed};
use seloste_store::{StoreError, Writing};

use super::batch::Batch;
use super::find::{self, Found};
use super::read::Subject;
use crate::organisation::{name_of, stored_name};
use crate::person::represents;

/// A row is stored, or refused for a reason.
pub(super) type Verdict = Result<Result<(), FieldError>, StoreError>;

fn refused(code: &'static str) -> Verdict {
    Ok(Err(FieldError::new("", code)))
}

/// Whether nothing that a source says of a customer is stored by itself: the processing is restricted, or they have
/// forbidden updating from registers. Then all of it waits for a decision.
const fn waits(marks: Marks) -> bool {
    marks.restricted || marks.prohibitions.has(ProhibitionKind::RegisterUpdate)
}

/// Lets everything wait that the register does not say already.
fn propose(stored: &[StoredValue], wanted: &[NewValue], today: jiff::civil::Date, said: &mut Said) {
    let new = wanted.iter().filter(|new| standing(stored, new, today) != Standing::Same);
    said.proposed.extend(new.cloned().map(Proposed::Value));
}

/// The fields of which values say anything.
fn fields(values: &[NewValue]) -> Vec<&'static str> {
    values.iter().map(|new| new.value.kind().as_str()).collect()
}

impl Batch<'_> {
    /// Stores a person of a row of people.
    pub(super) fn person(&mut self, w: &mut Writing<'_, '_>, subject: &Subject<ValidPerson>) -> Verdict {
        let mut keys = find::person_keys(subject);
        if let Some(OrganisationRef::Named(name)) = &subject.valid.organisation {
            keys.push(find::name_key(name));
        }
        self.settle(w, &keys)?;
        let found = find::person(w, self.context, subject)?;
        let companies = match self.context.companies(&subject.valid.companies) {
            Ok(companies) => companies,
            Err(error) => return Ok(Err(error)),
        };
        let known = match found {
            Found::Several => return refused(code::AMBIGUOUS),
            Found::Outside => return refused(code::OUTSIDE),
            Found::One(person) if self.was_handled(person.id.0) => return refused(code::REPEATED),
            Found::One(person) => Some(person),
            Found::None => None,
        };
        if subject.valid.protected_address && !self.context.may_protect {
            return refused(code::OUTSIDE);
        }
        let suppressed =
            if known.is_none() { self.suppressed(w, &subject.valid.values)? } else { Suppressed::default() };
        if suppressed.erased {
            return refused(code::ERASED);
        }
        let organisation = match &subject.valid.organisation {
            Some(OrganisationRef::Named(name)) => Some(self.found_or_added(w, name, &companies)?),
            Some(OrganisationRef::Id(_)) | None => None,
        };
        match &known {
            Some(person) => self.merge_person(w, subject, person, organisation, &companies)?,
            None => self.add_person(subject, organisation, &companies, suppressed.prohibitions)?,
        }
        Ok(Ok(()))
    }

    /// What is known of somebody new from those who were erased.
    fn suppressed(&mut self, w: &mut Writing<'_, '_>, values: &[NewValue]) -> Result<Suppressed, StoreError> {
        let is_any = match self.is_any_suppressed {
            Some(is_any) => is_any,
            None => suppression::is_any(&mut w.plain().tx())?,
        };
        self.is_any_suppressed = Some(is_any);
        if !is_any {
            return Ok(Suppressed::default());
        }
        suppression::of(w, values.iter().map(|new| &new.value))
    }

    fn add_person(
        &mut self,
        subject: &Subject<ValidPerson>,
        organisation: Option<(OrganisationId, String)>,
        companies: &[CompanyId],
        forbidden: Prohibitions,
    ) -> Result<(), StoreError> {
        let represents = organisation.as_ref().map(|organisation| organisation.0);
        let party = match &subject.ahead {
            Some(ahead) if ahead.represents == represents => ahead.party.clone(),
            _ => self.context.new_person(&subject.valid, companies, organisation.as_ref())?,
        };
        let id = party.id;
        self.add_party(party, Noun::Person, subject.external_id.clone(), find::person_keys(subject));
        // An old file does not lift what somebody had forbidden before they were erased.
        self.forbid(id, forbidden);
        Ok(())
    }

    fn merge_person(
        &mut self,
        w: &mut Writing<'_, '_>,
        subject: &Subject<ValidPerson>,
        person: &Person,
        organisation: Option<(OrganisationId, String)>,
        companies: &[CompanyId],
    ) -> Result<(), StoreError> {
        let mut change = PartyChange::default();
        let mut said = Said { party: person.id.into(), fields: fields(&subject.valid.values), proposed: Vec::new() };
        let mut wanted = subject.valid.values.clone();
        if person.protected_address && !self.context.usage.sees_protected() {
            // Who may not see an address can not replace it either: somebody who may decides.
            let hidden = wanted.extract_if(.., |new| new.value.kind() == Kind::PostalAddress);
            said.proposed.extend(hidden.map(Proposed::Value));
        }
        let waits = waits(person.marks);
        if waits {
            propose(&person.values, &wanted, self.context.today, &mut said);
        } else {
            self.merge_values(w, &person.values, &wanted, &mut change, &mut said);
        }
        if let Some(organisation) = organisation {
            self.settle_party(w, organisation.0.0)?;
            said.fields.push(Kind::Organisation.as_str());
            self.represent(w, person, &organisation, subject.valid.title.as_ref(), &mut change, &mut said);
        }
        self.hear(said);
        if !person.marks.restricted {
            change.companies_added = companies.iter().filter(|c| !person.companies.contains(c)).cloned().collect();
            if subject.valid.protected_address && !person.protected_address {
                change.protected_address = Some(true);
            }
        }
        let update = Update { id: person.id.into(), noun: Noun::Person, expected: person.version, change };
        self.update(w, &update, subject.external_id.as_deref())
    }

    fn merge_values(
        &mut self,
        w: &Writing<'_, '_>,
        stored: &[StoredValue],
        wanted: &[NewValue],
        change: &mut PartyChange,
        said: &mut Said,
    ) {
        let context = self.context;
        let merged = merge(stored, wanted, context.today, |old| context.wins(&old.source, old.entered_at));
        said.proposed.extend(merged.yielded.into_iter().map(Proposed::Value));
        change.removed = stored.iter().filter(|old| merged.removed.contains(&old.id)).cloned().collect();
        change.added = merged.added.into_iter().map(|new| context.origin.store(new, w.env())).collect();
    }

    /// Counts what did not win, and lets it wait with the rest.
    fn hear(&mut self, said: Said) {
        self.stored.kept += said.proposed.len() as u64;
        self.say(said);
    }

    /// Notes that a person represents an organisation, as far as the file's word counts.
    fn represent(
        &mut self,
        w: &Writing<'_, '_>,
        person: &Person,
        organisation: &(OrganisationId, String),
        title: Option<&String>,
        change: &mut PartyChange,
        said: &mut Said,
    ) {
        let context = self.context;
        let current: Vec<&Representation> = person.representations_on(context.today).collect();
        let same = current.iter().find(|has| has.organisation == organisation.0);
        if same.is_some_and(|has| title.is_none() || has.title.as_ref() == title) {
            return;
        }
        if waits(person.marks) || same.or(current.last()).is_some_and(|has| !context.wins(&has.source, has.entered_at))
        {
            said.proposed.push(Proposed::Represents {
                organisation: organisation.0,
                name: organisation.1.clone(),
                title: title.cloned(),
            });
            return;
        }
        represents(change, person, organisation, title, &context.origin, context.today, w.env());
    }

    fn update(
        &mut self,
        w: &mut Writing<'_, '_>,
        update: &Update,
        external_id: Option<&str>,
    ) -> Result<(), StoreError> {
        let id = update.id.0;
        self.handle(id);
        if update.change.is_empty() {
            self.stored.counts.unchanged += 1;
        } else {
            let seq = w.next_seq();
            let version = party::update(w, update)?;
            self.note(w, update.noun.as_str(), id, seq, version)?;
            self.stored.counts.updated += 1;
        }
        self.learn(w, update.noun.as_str(), external_id, id)
    }

    /// The organisation that a row only names.
    fn found_or_added(
        &mut self,
        w: &mut Writing<'_, '_>,
        name: &str,
        companies: &[CompanyId],
    ) -> Result<(OrganisationId, String), StoreError> {
        if let Some(found) = find::named(w, name)? {
            return Ok((found.id, found.name));
        }
        let valid = ValidOrganisation {
            name: name.to_owned(),
            business_id: None,
            values: Vec::new(),
            companies: companies.to_vec(),
            warnings: seloste_domain::field::FieldErrors::default(),
        };
        let subject = Subject { external_id: None, valid, ahead: None };
        let id = self.add_organisation(&subject, companies)?;
        Ok((id, name.to_owned()))
    }

    fn add_organisation(
        &mut self,
        subject: &Subject<ValidOrganisation>,
        companies: &[CompanyId],
    ) -> Result<OrganisationId, StoreError> {
        let party = match &subject.ahead {
            Some(ahead) => ahead.party.clone(),
            None => self.context.new_organisation(&subject.valid, companies)?,
        };
        let id = OrganisationId(party.id.0);
        self.add_party(party, Noun::Organisation, subject.external_id.clone(), find::organisation_keys(subject));
        Ok(id)
    }

    /// Stores an organisation and its contact person. Both are found before either is stored: a row is stored as a
    /// whole or not at all.
    pub(super) fn organisation(
        &mut self,
        w: &mut Writing<'_, '_>,
        subject: &Subject<ValidOrganisation>,
        contact: Option<&Subject<ValidPerson>>,
    ) -> Verdict {
        let contact_keys = contact.map(find::person_keys).unwrap_or_default();
        self.settle(w, &[find::organisation_keys(subject), contact_keys].concat())?;
        let companies = match self.context.companies(&subject.valid.companies) {
            Ok(companies) => companies,
            Err(error) => return Ok(Err(error)),
        };
        let known = match find::organisation(w, self.context, subject)? {
            Found::Several => return refused(code::AMBIGUOUS),
            Found::Outside => return refused(code::OUTSIDE),
            Found::One(organisation) => Some(organisation),
            Found::None => None,
        };
        let person = match contact {
            None => None,
            Some(contact) => match find::person(w, self.context, contact)? {
                Found::Several => return refused(code::AMBIGUOUS),
                Found::Outside => return refused(code::OUTSIDE),
                Found::One(person) => Some(person),
                Found::None => None,
            },
        };
        let suppressed = match (contact, &person) {
            (Some(contact), None) => self.suppressed(w, &contact.valid.values)?,
            _ => Suppressed::default(),
        };
        if suppressed.erased {
            return refused(code::ERASED);
        }
        let again = known.as_ref().is_some_and(|organisation| self.was_handled(organisation.id.0));
        // A second row about an organisation may still bring another contact person.
        if person.as_ref().map_or(again && contact.is_none(), |person| self.was_handled(person.id.0)) {
            return refused(code::REPEATED);
        }
        let id = match &known {
            Some(organisation) if again => (organisation.id, organisation.name.clone()),
            Some(organisation) => {
                self.merge_organisation(w, subject, organisation, &companies)?;
                (organisation.id, organisation.name.clone())
            }
            None => (self.add_organisation(subject, &companies)?, subject.valid.name.clone()),
        };
        match (contact, &person) {
            (Some(contact), Some(person)) => self.merge_person(w, contact, person, Some(id), &companies)?,
            (Some(contact), None) => self.add_person(contact, Some(id), &companies, suppressed.prohibitions)?,
            (None, _) => {}
        }
        Ok(Ok(()))
    }

    fn merge_organisation(
        &mut self,
        w: &mut Writing<'_, '_>,
        subject: &Subject<ValidOrganisation>,
        organisation: &Organisation,
        companies: &[CompanyId],
    ) -> Result<(), StoreError> {
        let valid = &subject.valid;
        let mut change = PartyChange::default();
        let mut said = Said { party: organisation.id.into(), fields: fields(&valid.values), proposed: Vec::new() };
        said.fields.push(ORGANISATION_NAME);
        let waits = waits(organisation.marks);
        if waits {
            propose(&organisation.values, &valid.values, self.context.today, &mut said);
        } else {
            self.merge_values(w, &organisation.values, &valid.values, &mut change, &mut said);
        }
        let business_id = valid.business_id.clone().or_else(|| organisation.business_id.clone());
        if organisation.name != valid.name || organisation.business_id != business_id {
            if !waits && self.context.wins(&organisation.source, organisation.entered_at) {
                let before = stored_name(organisation);
                let after = OrganisationName { business_id, ..name_of(valid, &self.context.origin) };
                change.name = Some(Changed { before: Some(before), after: Some(after) });
            } else {
                said.proposed.push(Proposed::Name { name: valid.name.clone(), business_id });
            }
        }
        self.hear(said);
        if !organisation.marks.restricted {
            change.companies_added =
                companies.iter().filter(|c| !organisation.companies.contains(c)).cloned().collect();
        }
        let update =
            Update { id: organisation.id.into(), noun: Noun::Organisation, expected: organisation.version, change };
        self.update(w, &update, subject.external_id.as_deref())
    }
}
