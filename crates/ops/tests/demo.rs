#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

//! The demo register is whole, sound, and the same for the same seed.

use seloste_domain::list::ListOf;
use seloste_domain::usage::Actor;
use seloste_ops::demo::{self, Size};
use seloste_ops::list::List;
use seloste_ops::{
    Env, Register, Settings, collection, credit, log, order, organisation, person, proposal, recall, reminder, session,
};
use seloste_testkit::raw::Raw;

fn operator() -> Actor {
    Actor::Operator("tester".into())
}

fn made(dir: &std::path::Path, seed: u64, size: Size) -> (Register, Vec<demo::Account>) {
    demo::make(Settings::new(dir, None), Env::system(), &operator(), seed, size).unwrap()
}

fn names(register: &Register) -> Vec<String> {
    let list = List::first(ListOf::People, 50);
    let page = person::list(register, &operator(), &list).unwrap();
    page.rows.iter().map(|p| format!("{} {:?}", p.display_name(), p.address(register.today()))).collect()
}

#[test]
fn it_has_all_that_is_promised() {
    let dir = tempfile::tempdir().unwrap();
    let began = std::time::Instant::now();
    let (register, accounts) = made(dir.path(), 1, Size::default());
    println!("made in {:?}", began.elapsed());
    assert_eq!(person::count(&register, &operator()).unwrap(), 2_000 + 12 + 1);
    let found = seloste_ops::duplicate::count(&register, &operator()).unwrap();
    assert!(found >= 10, "of the 12 that were added twice, {found} are found");
    let proposed = proposal::count(&register, &operator(), &proposal::Filter::default()).unwrap();
    assert!(proposed >= 20, "{proposed} proposals of a weaker source");
    assert_eq!(organisation::count(&register, &operator()).unwrap(), 300);
    let mut raw = Raw::open(&register.db().settings().place);
    assert_eq!(raw.rows("SELECT 1 FROM orders").len(), 6_000);
    // Lists leave out the orders of those whose processing is restricted, and of nobody else.
    let restricted = "(SELECT party_id FROM restriction WHERE lifted_at IS NULL)";
    let hidden = format!("SELECT 1 FROM orders WHERE person_id IN {restricted} OR organisation_id IN {restricted}");
    let hidden = raw.rows(&hidden).len();
    assert!(hidden > 0);
    let filter = order::Filter { archived: true, ..order::Filter::default() };
    let listed = order::newest(&register, &operator(), &filter, 10_000).unwrap().len();
    assert_eq!(listed, 6_000 - hidden);
    let current = order::newest(&register, &operator(), &order::Filter::default(), 10_000).unwrap();
    assert!(current.len() > 500 && current.len() < 5_000, "{} are not archived", current.len());
    assert!(current.iter().all(|row| row.order.company.as_str() != "" && row.person.is_some()));

    every_page_of_money_shows_something(&register);
    assert_eq!(accounts.len(), 5);
    let mut passwords: Vec<_> = accounts.iter().map(|a| a.password.clone()).collect();
    passwords.dedup();
    assert_eq!(passwords.len(), 5);
    for account in &accounts {
        session::sign_in(&register, &account.login, &account.password, "127.0.0.1").unwrap();
    }
    assert!(log::verify(&register, &operator(), None).unwrap().is_sound());
    register.close();
}

/// What a visitor of the demo would else find empty.
fn every_page_of_money_shows_something(register: &Register) {
    let today = register.today();
    let cases = collection::cases(register, &operator(), false).unwrap();
    assert_eq!(cases.len(), 3, "one with a partner, one that was given back, one that is settled");
    assert_eq!(collection::cases(register, &operator(), true).unwrap().len(), 1);
    let late = reminder::overdue(register, &operator(), None, None, 500).unwrap().rows;
    assert!(late.iter().any(|standing| standing.debt.stopped), "one is disputed");
    assert!(late.iter().any(|standing| standing.debt.may_hand_over(today).is_err()));
    let credit = credit::list(register, &operator(), &credit::Filter::default(), 100).unwrap();
    assert!(credit.iter().any(|(one, _)| one.state == credit::ApplicationState::Pending));
    let refused =
        |one: &credit::Application| one.decision.as_ref().map(|d| d.outcome) == Some(credit::Outcome::Refused);
    assert!(credit.iter().any(|(one, _)| refused(one) && one.letter.is_some()), "one is refused, with its letter");
    let recalls = recall::list(register, &operator(), &recall::Filter::default()).unwrap();
    let standing = |state| recalls.iter().any(|recall| recall.state == state);
    assert!(standing(recall::RecallState::Waiting) && standing(recall::RecallState::Acknowledged));
}

#[test]
fn the_same_seed_makes_the_same_people() {
    let size = Size { people: 50, organisations: 10, orders: 20 };
    let made_names = |seed| {
        let dir = tempfile::tempdir().unwrap();
        let (register, _) = made(dir.path(), seed, size);
        let names = names(&register);
        register.close();
        names
    };
    let first = made_names(7);
    assert_eq!(first.len(), 50);
    assert_eq!(first, made_names(7));
    assert_ne!(first, made_names(8));
}
