//! Finding people, organisations and orders as one types.

use seloste_domain::organisation::Organisation;
use seloste_domain::person::Person;
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
pub use seloste_search::{Noun, NounSet};
use uuid::Uuid;

use crate::error::Result;
use crate::order::{self, Row};
use crate::register::Register;

/// One thing found.
#[derive(Clone, Debug)]
pub enum Found {
    /// A person.
    Person(Box<Person>),
    /// An organisation.
    Organisation(Box<Organisation>),
    /// An order.
    Order(Box<Row>),
}

/// What was found, the best first.
#[derive(Clone, Debug, Default)]
pub struct Results {
    /// The things.
    pub found: Vec<Found>,
    /// Whether typing errors had to be allowed for.
    pub corrected: bool,
}

/// Finds by words. What is shown is logged.
///
/// # Errors
/// The actor may not, or the index is not there.
pub fn find(register: &Register, actor: &Actor, text: &str, nouns: NounSet, limit: usize) -> Result<Results> {
    let usage = register.authorize(actor, Action::PersonSearch)?;
    let may = |action| Use::authorize(actor, action, &*register.notice()?, register.now()).map_err(Into::into);
    let orders: Result<Use> = may(Action::OrderList);
    let nouns = if orders.is_ok() { nouns } else { nouns.without(Noun::Order) };
    let db = register.db();
    let results = db.read(&usage, |r| {
        let hits = seloste_store::search::find(db, r, text, nouns, limit)?;
        let ids = |noun: Noun| hits.iter().filter(|hit| hit.noun == noun).map(|hit| hit.id).collect::<Vec<Uuid>>();
        let mut people: Vec<_> = seloste_store::person::some(r, &ids(Noun::Person))?;
        let mut organisations: Vec<_> = seloste_store::organisation::some(r, &ids(Noun::Organisation))?;
        let listed = seloste_store::order::listed(r, &ids(Noun::Order))?;
        let mut orders = order::with_names(r, listed)?;
        let mut results = Results { corrected: hits.iter().any(|hit| hit.corrected), ..Results::default() };
        for hit in &hits {
            let found = match hit.noun {
                Noun::Person => take(&mut people, |p| p.id.0 == hit.id).map(|p| Found::Person(Box::new(p))),
                Noun::Organisation => {
                    take(&mut organisations, |o| o.id.0 == hit.id).map(|o| Found::Organisation(Box::new(o)))
                }
                Noun::Order => take(&mut orders, |o| o.order.id.0 == hit.id).map(|o| Found::Order(Box::new(o))),
            };
            results.found.extend(found);
        }
        Ok(results)
    })?;
    Ok(results)
}

fn take<T>(from: &mut Vec<T>, is: impl Fn(&T) -> bool) -> Option<T> {
    let place = from.iter().position(is)?;
    Some(from.remove(place))
}
