//! Tags of the demo, and views that somebody saved.

use seloste_domain::id::UserId;
use seloste_domain::list::{ListOf, ListQuery, Sort, ViewDraft};
use seloste_domain::tag::TagNames;
use seloste_domain::usage::Actor;

use super::orders::Customer;
use super::{Account, Demo};
use crate::error::Result;
use crate::user;

const TAGS: [(&str, &str, &str); 4] = [
    ("Kanta-asiakas", "Stamkund", "Regular customer"),
    ("Jälleenmyyjä", "Återförsäljare", "Reseller"),
    ("Messuvieras 2026", "Mässbesökare 2026", "Trade fair 2026"),
    ("Palautetta antanut", "Har gett respons", "Gave feedback"),
];

impl Demo {
    /// Every few customers have a tag.
    pub(super) fn tags(&mut self, accounts: &[(UserId, Account)], customers: &[Customer]) -> Result<()> {
        let names = TAGS.map(|(fi, sv, en)| TagNames { fi: fi.into(), sv: sv.into(), en: en.into() });
        let mut tags = Vec::new();
        for names in &names {
            tags.push(crate::tag::create(&self.register, &self.by, names)?);
        }
        for (place, customer) in customers.iter().enumerate().step_by(23) {
            let source = self.source()?;
            let tag = &tags[place / 23 % tags.len()];
            crate::tag::give(&self.register, &self.by, ListOf::People, customer.person.into(), tag, &source)?;
        }
        let Some((id, _)) = accounts.first() else { return Ok(()) };
        let staff = user::show(&self.register, &self.by, *id)?;
        let actor = Actor::User { id: staff.id, state: staff.state, assignments: staff.assignments };
        let mut newest = ListQuery::whole(ListOf::People);
        (newest.sort, newest.descending, newest.town) = (Sort::Created, true, Some("Turku".into()));
        let mut regular = ListQuery::whole(ListOf::People);
        regular.tag = tags.first().cloned();
        for (query, name, is_shared) in [(newest, "Turun uudet", false), (regular, "Kanta-asiakkaat", true)] {
            crate::list::save_view(&self.register, &actor, &query, &ViewDraft { name: name.into(), is_shared })?;
        }
        Ok(())
    }
}
