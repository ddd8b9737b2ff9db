//! A partner to try the partners' interface with. Its token is made anew at each start, at random, and kept nowhere.

use seloste_domain::id::PartnerId;
use seloste_domain::partner::{ContractItem, PartnerDraft};
use seloste_domain::token::TokenDraft;
use seloste_domain::usage::Actor;

use crate::error::Result;
use crate::register::Register;
use crate::token::Secret;
use crate::{partner, webhook};

const NAME: &str = "Kokeilukumppani Oy";

/// A token of the demo's partner, good for a day; those before it end.
///
/// # Errors
/// The actor may not, or the database can not be written.
pub fn partner_token(register: &Register, actor: &Actor) -> Result<Secret> {
    let id = sandbox(register, actor)?;
    for token in webhook::access(register, actor, id)?.tokens {
        if token.is_good(register.now()) {
            webhook::revoke_token(register, actor, id, token.id)?;
        }
    }
    let draft = TokenDraft { name: "Kokeilu".into(), days: "1".into(), networks: String::new() };
    Ok(webhook::create_token(register, actor, id, &draft)?.1)
}

fn sandbox(register: &Register, actor: &Actor) -> Result<PartnerId> {
    let partners = partner::list(register, actor)?;
    if let Some(found) = partners.iter().find(|partner| partner.name == NAME) {
        return Ok(found.id);
    }
    let today = register.today();
    let id = partner::create(
        register,
        actor,
        &PartnerDraft {
            name: NAME.into(),
            under: "provider:web_services".into(),
            role: "processor".into(),
            contract: "DEMO 1".into(),
            from: today.to_string(),
            items: ContractItem::ALL.iter().map(ToString::to_string).collect(),
            kinds: ["name", "organisation", "email", "customer_number"].map(str::to_owned).to_vec(),
            purposes: vec!["directories".into()],
            interface: "api".into(),
            ..PartnerDraft::default()
        },
    )?;
    if let Ok(source) = "subcontractor".parse() {
        webhook::set_source(register, actor, id, Some(&source))?;
    }
    Ok(id)
}
