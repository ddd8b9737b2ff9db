//! Accounts: inviting, giving and ending roles, disabling, and the person's own password.

use jiff::{SignedDuration, Timestamp};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{AssignmentId, CompanyId, UserId};
use seloste_domain::language::Language;
use seloste_domain::log::Outcome;
use seloste_domain::rights::{AccountState, Action, Assignment, Role};
use seloste_domain::usage::{Actor, ActorId};
use seloste_store::log::Act;
use seloste_store::user::User;
use seloste_store::{StoreError, session as sessions, user as users};

use crate::error::{OpsError, Result};
use crate::register::Register;
use crate::session::{self, SignedIn, Token, new_token, token_hash};
use crate::token::{Owner, revoke_all};

/// A set-up link is good for so long.
const LINK: SignedDuration = SignedDuration::from_hours(72);

/// An account to be made.
#[derive(Clone, Debug, Default)]
pub struct Invitation {
    /// What its person will type to sign in.
    pub login: String,
    /// Its person's name.
    pub name: String,
    /// The language of its pages.
    pub language: Language,
    /// Its first roles.
    pub roles: Vec<NewRole>,
}

/// A role to be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRole {
    /// The role.
    pub role: Role,
    /// In which company; none: in all.
    pub company: Option<CompanyId>,
    /// Until when; none: until taken away.
    pub until: Option<Timestamp>,
}

impl NewRole {
    fn assignment(&self, register: &Register) -> Assignment {
        Assignment {
            id: AssignmentId(register.db().env().id()),
            role: self.role,
            company: self.company.clone(),
            valid_from: register.now(),
            valid_until: self.until,
        }
    }
}

/// Makes an account and the one-time link by which its person sets a password.
///
/// # Errors
/// The actor may not, the login is taken, or a field is wrong.
pub fn invite(register: &Register, actor: &Actor, invitation: &Invitation) -> Result<(UserId, Token)> {
    let usage = register.authorize(actor, Action::UserManage)?;
    check(register, invitation)?;
    let now = register.now();
    let user = User {
        id: UserId(register.db().env().id()),
        login: invitation.login.trim().to_owned(),
        name: invitation.name.trim().to_owned(),
        language: invitation.language,
        state: AccountState::Invited,
        created_at: now,
        changed_at: now,
        assignments: invitation.roles.iter().map(|role| role.assignment(register)).collect(),
    };
    let (token, hash) = new_token(register);
    let id = user.id;
    register.db().write(&usage, move |w| {
        let mut tx = w.plain().tx();
        users::insert(&mut tx, &user)?;
        users::set_link(&mut tx, id, &hash, now + LINK)?;
        let roles = user.assignments.iter().map(|a| format!("role:{}", a.role)).collect();
        w.log(Act { objects: vec![format!("user:{id}")], fields: roles, ..Act::default() })
    })?;
    Ok((id, token))
}

fn check(register: &Register, invitation: &Invitation) -> Result<()> {
    let mut errors = FieldErrors::default();
    for (field, text) in [("login", invitation.login.trim()), ("name", invitation.name.trim())] {
        if text.is_empty() {
            errors.push(FieldError::new(field, code::REQUIRED));
        } else if text.chars().count() > 100 {
            errors.push(FieldError::new(field, code::TOO_LONG).with("max", 100));
        } else if text.chars().any(char::is_control) {
            errors.push(FieldError::new(field, code::CONTROL_CHARACTER));
        }
    }
    let notice = register.notice()?;
    if invitation.roles.iter().filter_map(|role| role.company.as_ref()).any(|c| notice.company(c).is_none()) {
        errors.push(FieldError::new("company", code::COMPANY_UNKNOWN));
    }
    Ok(errors.into_result(())?)
}

/// All accounts.
///
/// # Errors
/// The actor may not.
pub fn list(register: &Register, actor: &Actor) -> Result<Vec<User>> {
    register.authorize(actor, Action::UserList)?;
    Ok(register.db().look(users::all)?)
}

/// The names of all accounts, to tell who entered a value or did what. Names of staff only.
///
/// # Errors
/// The database can not be read.
pub fn names(tx: &mut seloste_store::Tx<'_>) -> Result<Vec<(UserId, String)>, StoreError> {
    Ok(users::all(tx)?.into_iter().map(|user| (user.id, user.name)).collect())
}

/// One account.
///
/// # Errors
/// The actor may not, or there is none.
pub fn show(register: &Register, actor: &Actor, id: UserId) -> Result<User> {
    register.authorize(actor, Action::UserList)?;
    Ok(register.db().look(|tx| users::get(tx, id))?)
}

/// Finds an account by login, for the command line.
///
/// # Errors
/// There is none.
pub fn by_login(register: &Register, login: &str) -> Result<User> {
    let user = register.db().look(|tx| users::by_login(tx, login))?;
    Ok(user.ok_or(StoreError::NotFound("user"))?)
}

/// A new one-time link for an account whose person has lost the old one or the password. Its sessions end.
///
/// # Errors
/// The actor may not, or there is none.
pub fn new_link(register: &Register, actor: &Actor, id: UserId) -> Result<Token> {
    let usage = register.authorize(actor, Action::UserManage)?;
    let (token, hash) = new_token(register);
    let now = register.now();
    let until = now + LINK;
    register.db().write(&usage, move |w| {
        let mut tx = w.plain().tx();
        if users::get(&mut tx, id)?.state == AccountState::Disabled {
            return Err(StoreError::NotFound("user"));
        }
        sessions::delete_all(&mut tx, id)?;
        users::set_link(&mut tx, id, &hash, until)?;
        revoke_all(w.plain(), Owner::User(id), now)?;
        w.log(Act { fields: vec!["setup_link".into()], ..Act::on(format!("user:{id}")) })
    })?;
    Ok(token)
}

/// Gives a role.
///
/// # Errors
/// The actor may not, or the company is not in the notice.
pub fn assign(register: &Register, actor: &Actor, id: UserId, role: &NewRole) -> Result<()> {
    let usage = register.authorize(actor, Action::UserManage)?;
    if let Some(company) = &role.company
        && register.notice()?.company(company).is_none()
    {
        return Err(FieldErrors::from(FieldError::new("company", code::COMPANY_UNKNOWN)).into());
    }
    let assignment = role.assignment(register);
    register.db().write(&usage, move |w| {
        users::get(&mut w.plain().tx(), id)?;
        users::assign(&mut w.plain().tx(), id, &assignment)?;
        w.log(Act { fields: vec![format!("role:{}", assignment.role)], ..Act::on(format!("user:{id}")) })
    })?;
    Ok(())
}

/// Ends a role now.
///
/// # Errors
/// The actor may not, there is none, or it is the last right to manage accounts.
pub fn end_role(register: &Register, actor: &Actor, id: UserId, assignment: AssignmentId) -> Result<()> {
    let usage = register.authorize(actor, Action::UserManage)?;
    let now = register.now();
    let outcome = register.db().write(&usage, move |w| {
        users::end_assignment(&mut w.plain().tx(), id, assignment, now)?;
        keep_an_administrator(w, now)?;
        w.log(Act { fields: vec!["role_ended".into()], ..Act::on(format!("user:{id}")) })
    });
    outcome.map_err(OpsError::from_store)
}

/// Takes an account away: no rights, no sessions, no link, from this moment.
///
/// # Errors
/// The actor may not, there is none, or it is the last administrator.
pub fn disable(register: &Register, actor: &Actor, id: UserId) -> Result<()> {
    set_state(register, actor, id, AccountState::Disabled)
}

/// Gives a disabled account back to its person, who sets a new password by a link.
///
/// # Errors
/// The actor may not, or there is none.
pub fn enable(register: &Register, actor: &Actor, id: UserId) -> Result<Token> {
    set_state(register, actor, id, AccountState::Invited)?;
    new_link(register, actor, id)
}

fn set_state(register: &Register, actor: &Actor, id: UserId, state: AccountState) -> Result<()> {
    let usage = register.authorize(actor, Action::UserManage)?;
    let now = register.now();
    let outcome = register.db().write(&usage, move |w| {
        let mut tx = w.plain().tx();
        let user = users::get(&mut tx, id)?;
        users::change(&mut tx, &User { state, ..user }, now)?;
        sessions::delete_all(&mut tx, id)?;
        users::delete_links(&mut tx, id)?;
        revoke_all(w.plain(), Owner::User(id), now)?;
        keep_an_administrator(w, now)?;
        w.log(Act { fields: vec![format!("state:{}", state.as_str())], ..Act::on(format!("user:{id}")) })
    });
    outcome.map_err(OpsError::from_store)
}

/// Somebody must be able to manage accounts.
fn keep_an_administrator(w: &mut seloste_store::Writing<'_, '_>, now: Timestamp) -> Result<(), StoreError> {
    let all = users::all(&mut w.plain().tx())?;
    let left = all.iter().any(|user| {
        user.state != AccountState::Disabled
            && user.assignments.iter().any(|a| a.role == Role::Administrator && a.holds_at(now))
    });
    if left { Ok(()) } else { Err(OpsError::LastAdministrator.into_store()) }
}

/// Whose set-up link it is. Looking does not use it up.
///
/// # Errors
/// [`OpsError::Link`].
pub fn invited(register: &Register, token: &str) -> Result<User> {
    let (hash, now) = (token_hash(token), register.now());
    let user = register.db().look(|tx| match users::link(tx, &hash, now)? {
        Some(id) => users::get(tx, id).map(Some),
        None => Ok(None),
    })?;
    user.ok_or(OpsError::Link)
}

/// Sets the password by a set-up link and signs in. The link is used up.
///
/// # Errors
/// [`OpsError::Link`], or the password is too easy to guess.
pub fn set_up(register: &Register, token: &str, password: &str) -> Result<(Token, SignedIn)> {
    let user = invited(register, token)?;
    check_password(register, "password", password, &user)?;
    let hash = register.passwords().hash(password, register.db().env())?;
    let (link, now, id) = (token_hash(token), register.now(), user.id);
    let used = register.db().write_plain(move |plain| {
        let mut tx = plain.tx();
        if users::use_link(&mut tx, &link, now)? != Some(id) {
            return Ok(false);
        }
        users::set_password(&mut tx, id, &hash, now)?;
        sessions::delete_all(&mut tx, id)?;
        revoke_all(plain, Owner::User(id), now)?;
        plain.log(&ActorId::User(id), "user.set_up", Outcome::Changed, vec![format!("user:{id}")])?;
        Ok(true)
    })?;
    if !used {
        return Err(OpsError::Link);
    }
    session::begin(register, register.db().look(|tx| users::get(tx, id))?)
}

/// Changes one's own password. Every session ends; a new one begins.
///
/// # Errors
/// The old password is wrong, or the new one too easy to guess.
pub fn change_password(register: &Register, who: &SignedIn, old: &str, new: &str) -> Result<(Token, SignedIn)> {
    let id = who.user.id;
    let hash = register.db().look(|tx| users::password_hash(tx, id))?;
    if !register.passwords().matches(old, hash.as_deref())? {
        register.db().refuse(&ActorId::User(id), "user.change_password", vec![format!("user:{id}")])?;
        return Err(OpsError::SignIn);
    }
    check_password(register, "new", new, &who.user)?;
    let hash = register.passwords().hash(new, register.db().env())?;
    let now = register.now();
    register.db().write_plain(move |plain| {
        let mut tx = plain.tx();
        users::set_password(&mut tx, id, &hash, now)?;
        sessions::delete_all(&mut tx, id)?;
        revoke_all(plain, Owner::User(id), now)?;
        plain.log(&ActorId::User(id), "user.change_password", Outcome::Changed, vec![format!("user:{id}")])
    })?;
    session::begin(register, who.user.clone())
}

/// Chooses the language of one's own pages.
///
/// # Errors
/// The database can not be written.
pub fn set_language(register: &Register, who: &SignedIn, language: Language) -> Result<()> {
    let (user, now) = (User { language, ..who.user.clone() }, register.now());
    register.db().write_plain(move |plain| users::change(&mut plain.tx(), &user, now))?;
    Ok(())
}

/// Sets a password directly: the demo's printed ones, and tests.
///
/// # Errors
/// The password is too easy to guess, or there is no such account.
pub fn set_password(register: &Register, id: UserId, password: &str) -> Result<()> {
    let user = register.db().look(|tx| users::get(tx, id))?;
    check_password(register, "password", password, &user)?;
    let hash = register.passwords().hash(password, register.db().env())?;
    let now = register.now();
    register.db().write_plain(move |plain| users::set_password(&mut plain.tx(), id, &hash, now))?;
    Ok(())
}

fn check_password(register: &Register, field: &str, password: &str, user: &User) -> Result<()> {
    let notice = register.notice()?;
    let context = [user.login.as_str(), user.name.as_str(), notice.register_name(Language::Fi)];
    let checked = seloste_domain::password::check(password, &context).map(drop);
    Ok(checked.map_err(|error| FieldErrors::from(FieldError { field: field.to_owned(), ..error }))?)
}
