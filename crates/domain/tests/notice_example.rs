//! The notice that the project ships: it is complete, and its text says what the specification's notice says.

use seloste_domain::notice::{self, Notice};
use seloste_domain::usage::Activity;

const EXAMPLE: &str = include_str!("../../../examples/arjasmaa/notice.toml");

#[test]
fn the_example_has_no_problems() {
    let problems: Vec<_> = notice::check(EXAMPLE).iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn every_activity_has_a_purpose() {
    let notice = Notice::parse(EXAMPLE).unwrap();
    for activity in Activity::ALL {
        assert!(notice.purpose_for(activity).is_some(), "{activity:?}");
    }
    assert_eq!(notice.companies().len(), 3);
    assert_eq!(notice.kinds().iter().count(), 10);
}
