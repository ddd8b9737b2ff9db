//! The test register itself: made, used and opened again on both databases, and repeated from its seed.

use jiff::SignedDuration;
use seloste_domain::rights::Role;
use seloste_ops::{order, organisation, person, session};
use seloste_testkit::{TestPlace, TestRegister, each_database, samples};

#[test]
fn a_register_is_made_used_and_opened_again_on_both_databases() {
    each_database(|place| {
        let mut register = TestRegister::create(place);
        let source = TestRegister::source();
        let office = register.actor(Role::Office);
        let id = person::create(&register, &office, &samples::person(1), &source).unwrap();
        organisation::create(&register, &office, &samples::organisation(1), &source).unwrap();
        order::create(&register, &office, &samples::order(1, Some(id)), &source).unwrap();
        person::create(&register, &office, &samples::representative(2, "Toinen Esimerkki Oy"), &source).unwrap();
        register.reopen();
        let card = person::show(&register, &office, id).unwrap();
        assert_eq!(card.orders, 1);
        assert_eq!(person::count(&register, &office).unwrap(), 2);
        assert_eq!(organisation::count(&register, &office).unwrap(), 2);
    });
}

#[test]
fn a_role_in_one_company_sees_no_other() {
    let register = TestRegister::sqlite();
    let source = TestRegister::source();
    let id = person::create(&register, &TestRegister::operator(), &samples::person(1), &source).unwrap();
    assert!(person::show(&register, &register.actor_in(Role::Reader, samples::COMPANY), id).is_ok());
    let elsewhere = register.actor_in(Role::Reader, "palvelut");
    assert!(person::show(&register, &elsewhere, id).unwrap_err().is_not_found());
}

#[test]
fn every_role_signs_in_and_the_clock_ends_its_session() {
    let register = TestRegister::sqlite();
    for role in Role::ALL {
        let (token, who) = register.sign_in(role, None);
        assert!(session::resume(&register, &token.0).unwrap().is_some(), "{role}");
        assert!(session::sign_in(&register, &who.user.login, TestRegister::PASSWORD, "test").is_ok(), "{role}");
        register.clock().advance(SignedDuration::from_mins(61));
        assert!(session::resume(&register, &token.0).unwrap().is_none(), "{role}");
    }
}

#[test]
fn the_same_story_makes_the_same_ids() {
    let story = || {
        let register = TestRegister::create(TestPlace::sqlite());
        person::create(&register, &TestRegister::operator(), &samples::person(1), &TestRegister::source()).unwrap()
    };
    assert_eq!(story(), story());
}
