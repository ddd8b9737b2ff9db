//! Tokens: making, replacing and ending them, and recognising who shows one. What a member of staff's token may do is
//! what the member of staff may do at that moment.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::TokenId;
use seloste_domain::log::Outcome;
use seloste_domain::rights::AccountState;
use seloste_domain::token::{Audience, MAX_IN_USE, Token, TokenDraft, ValidToken, replaced_until};
use seloste_domain::usage::ActorId;
pub use seloste_store::token::Owner;
use seloste_store::token::Table;
use seloste_store::{Plain, StoreError, token as rows, user as users};

use crate::error::{OpsError, Result};
use crate::register::Register;
use crate::session::{SignedIn, token_hash};

/// Use is noted at most this often.
const NOTED: SignedDuration = SignedDuration::from_mins(1);
/// Tokens that ended are shown for so long.
const SHOWN: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Tokens of one owner that are shown at most.
const LISTED: i64 = 100;

/// What a new token says: shown once, and never again.
pub struct Secret(pub String);

fn new_secret(register: &Register, audience: Audience) -> (Secret, [u8; 32]) {
    let secret = format!("{}{}", audience.prefix(), URL_SAFE_NO_PAD.encode(register.db().env().bytes::<32>()));
    let hash = token_hash(&secret);
    (Secret(secret), hash)
}

const fn audience(owner: Owner) -> Audience {
    match owner {
        Owner::User(_) => Audience::Staff,
        Owner::Partner(_) => Audience::Partner,
    }
}

fn object(id: TokenId) -> String {
    format!("token:{id}")
}

/// One's own tokens, the newest first.
///
/// # Errors
/// The database can not be read.
pub fn own(register: &Register, who: &SignedIn) -> Result<Vec<Token>> {
    Ok(register.db().look(|tx| rows::of(tx, Owner::User(who.user.id), LISTED))?)
}

/// One of one's own tokens.
///
/// # Errors
/// There is none of this id.
pub fn get_own(register: &Register, who: &SignedIn, id: TokenId) -> Result<Token> {
    Ok(register.db().look(|tx| rows::get(tx, Owner::User(who.user.id), id))?)
}

/// Makes a token for the programs of the person who is signed in.
///
/// # Errors
/// A field is wrong, or there are too many tokens.
pub fn create_own(register: &Register, who: &SignedIn, draft: &TokenDraft) -> Result<(TokenId, Secret)> {
    let valid = draft.validate()?;
    make(register, &who.actor.id(), Owner::User(who.user.id), valid)
}

pub(crate) fn make(register: &Register, by: &ActorId, owner: Owner, valid: ValidToken) -> Result<(TokenId, Secret)> {
    let now = register.now();
    let (secret, hash) = new_secret(register, audience(owner));
    let token = fresh(register, valid.name, valid.networks, now, now.checked_add(valid.lifetime).unwrap_or(now));
    let (id, by) = (token.id, by.clone());
    let made = register.db().write_plain(move |plain| {
        let mut tx = plain.tx();
        rows::delete_ended(&mut tx, owner, now.checked_sub(SHOWN).unwrap_or(Timestamp::UNIX_EPOCH))?;
        not_too_many(&mut tx, owner, now)?;
        rows::insert(&mut tx, owner, &token, &hash)?;
        plain.log(&by, "token.create", Outcome::Changed, vec![object(token.id)])
    });
    made.map_err(OpsError::from_store)?;
    Ok((id, secret))
}

fn fresh(
    register: &Register,
    name: String,
    networks: seloste_domain::token::Networks,
    now: Timestamp,
    expires_at: Timestamp,
) -> Token {
    Token {
        id: TokenId(register.db().env().id()),
        name,
        networks,
        created_at: now,
        expires_at,
        revoked_at: None,
        used_at: None,
        used_from: None,
    }
}

fn not_too_many(tx: &mut seloste_store::Tx<'_>, owner: Owner, now: Timestamp) -> Result<(), StoreError> {
    if rows::count_good(tx, owner, now)? < i64::try_from(MAX_IN_USE).unwrap_or(i64::MAX) {
        return Ok(());
    }
    let error = FieldError::new("name", code::TOKENS_TOO_MANY).with("max", MAX_IN_USE);
    Err(OpsError::from(FieldErrors::from(error)).into_store())
}

/// Replaces one's own token: a new one for as long as the old one was made for, while the old one is good for the
/// overlap more.
///
/// # Errors
/// There is none that is still good, or there are too many.
pub fn rotate_own(
    register: &Register,
    who: &SignedIn,
    id: TokenId,
    overlap: SignedDuration,
) -> Result<(TokenId, Secret)> {
    rotate(register, &who.actor.id(), Owner::User(who.user.id), id, overlap)
}

pub(crate) fn rotate(
    register: &Register,
    by: &ActorId,
    owner: Owner,
    id: TokenId,
    overlap: SignedDuration,
) -> Result<(TokenId, Secret)> {
    let now = register.now();
    let old = register.db().look(|tx| rows::get(tx, owner, id))?;
    if !old.is_good(now) {
        return Err(StoreError::NotFound("token").into());
    }
    let until = replaced_until(old.expires_at, now, overlap);
    let lifetime = old.expires_at.duration_since(old.created_at);
    let (secret, hash) = new_secret(register, audience(owner));
    let new = fresh(register, old.name, old.networks, now, now.checked_add(lifetime).unwrap_or(now));
    let (new_id, by) = (new.id, by.clone());
    let made = register.db().write_plain(move |plain| {
        let mut tx = plain.tx();
        rows::expire(&mut tx, owner, id, until)?;
        not_too_many(&mut tx, owner, now)?;
        rows::insert(&mut tx, owner, &new, &hash)?;
        plain.log(&by, "token.rotate", Outcome::Changed, vec![object(id), object(new.id)])
    });
    made.map_err(OpsError::from_store)?;
    Ok((new_id, secret))
}

/// Ends one's own token now.
///
/// # Errors
/// There is none.
pub fn revoke_own(register: &Register, who: &SignedIn, id: TokenId) -> Result<()> {
    revoke(register, &who.actor.id(), Owner::User(who.user.id), id)
}

pub(crate) fn revoke(register: &Register, by: &ActorId, owner: Owner, id: TokenId) -> Result<()> {
    let (by, now) = (by.clone(), register.now());
    register.db().write_plain(move |plain| {
        rows::revoke(&mut plain.tx(), owner, id, now)?;
        plain.log(&by, "token.revoke", Outcome::Changed, vec![object(id)])
    })?;
    Ok(())
}

/// Ends all tokens of an account whose password is another one now, or that is taken away.
pub(crate) fn revoke_all(plain: &mut Plain<'_, '_>, owner: Owner, now: Timestamp) -> Result<u64, StoreError> {
    rows::revoke_all(&mut plain.tx(), owner, now)
}

/// Who shows a token of staff, when it is good, its networks allow the address, and the account is in use.
///
/// # Errors
/// The database can not be read or written.
pub fn recognise(register: &Register, secret: &str, from: Option<IpAddr>) -> Result<Option<(TokenId, SignedIn)>> {
    let found = good(register, Audience::Staff, secret, from)?;
    let Some((Owner::User(id), token)) = found else { return Ok(None) };
    let user = register.db().look(|tx| users::get(tx, id))?;
    if user.state != AccountState::Active {
        return Ok(None);
    }
    Ok(Some((token, crate::session::signed_in(user))))
}

const fn table(audience: Audience) -> Table {
    match audience {
        Audience::Staff => Table::User,
        Audience::Partner => Table::Partner,
    }
}

/// Whose token it is, when it may be used from this address now.
pub(crate) fn good(
    register: &Register,
    audience: Audience,
    secret: &str,
    from: Option<IpAddr>,
) -> Result<Option<(Owner, TokenId)>> {
    if !audience.is_of(secret) {
        return Ok(None);
    }
    let hash = token_hash(secret);
    let Some((owner, token)) = register.db().look(|tx| rows::by_hash(tx, table(audience), &hash))? else {
        return Ok(None);
    };
    let now = register.now();
    let near = from.map_or(token.networks.is_anywhere(), |from| token.networks.allow(from));
    if !token.is_good(now) || !near {
        return Ok(None);
    }
    if token.used_at.is_none_or(|used| now.duration_since(used) >= NOTED) {
        let from = from.map(|from| from.to_canonical().to_string());
        register.db().write_plain(move |plain| rows::touch(&mut plain.tx(), owner, token.id, now, from.as_deref()))?;
    }
    Ok(Some((owner, token.id)))
}

/// Notes that somebody showed a token that lets nobody in.
///
/// # Errors
/// The log can not be written.
pub fn note_refused(register: &Register) -> Result<()> {
    register.db().refuse(&ActorId::Nobody, "token.use", Vec::new())?;
    Ok(())
}

/// Ends a token that was written into an address, where logs and proxies keep it.
///
/// # Errors
/// The database can not be written.
pub fn exposed(register: &Register, secret: &str) -> Result<()> {
    let Some(audience) = Audience::ALL.into_iter().find(|audience| audience.is_of(secret)) else { return Ok(()) };
    let hash = token_hash(secret);
    let found = register.db().look(|tx| rows::by_hash(tx, table(audience), &hash))?;
    let now = register.now();
    match found {
        Some((owner, token)) if token.revoked_at.is_none() => {
            register.db().write_plain(move |plain| {
                rows::revoke(&mut plain.tx(), owner, token.id, now)?;
                plain.log(&ActorId::Program("exposed-token"), "token.revoke", Outcome::Changed, vec![object(token.id)])
            })?;
            Ok(())
        }
        _ => Ok(()),
    }
}
