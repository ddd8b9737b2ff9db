//! New parties of an import, made and sealed. Most rows are about somebody new, sealing takes as long as storing, and
//! reading has a thread of its own: so it is done there, ahead of the writer. A row that turns out to be about somebody
//! known leaves unused what was made for it.

use seloste_domain::field::{FieldError, code};
use seloste_domain::history::{Changed, PartyChange};
use seloste_domain::id::{CompanyId, OrganisationId, PersonId};
use seloste_domain::organisation::ValidOrganisation;
use seloste_domain::person::ValidPerson;
use seloste_store::StoreError;
use seloste_store::party::{NewParty, Noun};

use super::batch::Context;
use crate::error::OpsError;
use crate::organisation::name_of;
use crate::person::{own_companies, representation};
use crate::values::replace;

/// A party that was made ahead.
pub(super) struct Ahead {
    pub(super) party: NewParty,
    /// The organisation that it was made to represent.
    pub(super) represents: Option<OrganisationId>,
}

impl Context {
    /// Companies that the importer may add customers to.
    pub(super) fn companies(&self, given: &[CompanyId]) -> Result<Vec<CompanyId>, FieldError> {
        own_companies(&self.usage, given).map_err(|error| {
            match error {
                OpsError::Fields(errors) => errors.0.into_iter().next(),
                _ => None,
            }
            .unwrap_or_else(|| FieldError::new("companies", code::COMPANY_UNKNOWN))
        })
    }

    /// A new person of a row.
    pub(super) fn new_person(
        &self,
        valid: &ValidPerson,
        companies: &[CompanyId],
        organisation: Option<&(OrganisationId, String)>,
    ) -> Result<NewParty, StoreError> {
        let env = self.db.env();
        let mut change = PartyChange { companies_added: companies.to_vec(), ..PartyChange::default() };
        replace(&mut change, &[], &valid.values, self.today, &self.origin, env);
        change.protected_address = valid.protected_address.then_some(true);
        if let Some(organisation) = organisation {
            let title = valid.title.as_ref();
            change.representations_added.push(representation(env, organisation, title, None, &self.origin));
        }
        self.db.prepare(PersonId(env.id()).into(), Noun::Person, change)
    }

    /// A new organisation of a row.
    pub(super) fn new_organisation(
        &self,
        valid: &ValidOrganisation,
        companies: &[CompanyId],
    ) -> Result<NewParty, StoreError> {
        let env = self.db.env();
        let mut change = PartyChange {
            companies_added: companies.to_vec(),
            name: Some(Changed { before: None, after: Some(name_of(valid, &self.origin)) }),
            ..PartyChange::default()
        };
        replace(&mut change, &[], &valid.values, self.today, &self.origin, env);
        self.db.prepare(OrganisationId(env.id()).into(), Noun::Organisation, change)
    }

    /// The same ahead. What is wrong is told when the row is stored.
    pub(super) fn person_ahead(
        &self,
        valid: &ValidPerson,
        organisation: Option<&(OrganisationId, String)>,
    ) -> Option<Box<Ahead>> {
        let companies = self.companies(&valid.companies).ok()?;
        let party = self.new_person(valid, &companies, organisation).ok()?;
        Some(Box::new(Ahead { party, represents: organisation.map(|organisation| organisation.0) }))
    }

    /// The same ahead. What is wrong is told when the row is stored.
    pub(super) fn organisation_ahead(&self, valid: &ValidOrganisation) -> Option<Box<Ahead>> {
        let companies = self.companies(&valid.companies).ok()?;
        let party = self.new_organisation(valid, &companies).ok()?;
        Some(Box::new(Ahead { party, represents: None }))
    }
}
