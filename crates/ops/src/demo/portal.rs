//! Somebody of the demo by whom the portal can be tried.

use seloste_domain::id::PersonId;
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_store::order::Filter;

use crate::error::Result;
use crate::register::Register;

/// The e-mail address of a customer who ordered lately and whose address is theirs alone; none, when there is nobody.
///
/// # Errors
/// The actor may not, or the database can not be read.
pub fn visitor(register: &Register, actor: &Actor) -> Result<Option<String>> {
    const LOOKED_AT: usize = 200;
    let today = register.today();
    let orders = crate::order::newest(register, actor, &Filter::default(), LOOKED_AT)?;
    let people: Vec<PersonId> = orders.iter().filter_map(|row| row.order.person).collect();
    let usage = register.authorize(actor, Action::PersonShow)?;
    for id in people {
        let person = register.db().read(&usage, |r| seloste_store::person::get(r, id));
        let Ok(person) = person else { continue };
        let Some(email) = person.email(today).map(|email| email.address.clone()) else { continue };
        let has_telephone = person.telephone(today).is_some();
        let speaks = person.language(today) == Some(seloste_domain::language::Language::Fi);
        if has_telephone && speaks && !crate::portal::is_address_shared(register, &person)? {
            return Ok(Some(email));
        }
    }
    Ok(None)
}
