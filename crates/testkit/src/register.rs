//! A running register of the example group, with a clock and a randomness that a test can repeat.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use seloste_domain::id::{CompanyId, SourceId};
use seloste_domain::rights::Role;
use seloste_domain::usage::Actor;
use seloste_ops::session::{SignedIn, Token};
use seloste_ops::user::{self, Invitation, NewRole};
use seloste_ops::{Env, Register};
use seloste_store::register::RegisterKind;

use crate::clock::TestClock;
use crate::or_fail;
use crate::place::TestPlace;

/// The notice of the example group (fictional): companies `arjasmaa`, `verkkokauppa` and `palvelut`.
pub const NOTICE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/arjasmaa/notice.toml"));

/// A register made from the example notice. It dereferences to [`Register`].
pub struct TestRegister {
    register: Register,
    place: TestPlace,
    clock: Arc<TestClock>,
    /// Begins at a seed, and goes on at each opening, so that no opening repeats the ids of an earlier one.
    seed: AtomicU64,
    users: AtomicU64,
}

impl TestRegister {
    /// The password of every account that [`TestRegister::sign_in`] makes.
    pub const PASSWORD: &str = "kolme keltaista kumisaapasta";

    /// Makes a register at a place.
    ///
    /// # Panics
    /// It can not be made.
    #[must_use]
    #[track_caller]
    pub fn create(place: TestPlace) -> Self {
        Self::create_with(place, NOTICE)
    }

    /// Makes a register from another notice.
    ///
    /// # Panics
    /// It can not be made.
    #[must_use]
    #[track_caller]
    pub fn create_with(place: TestPlace, notice: &str) -> Self {
        Self::create_seeded(place, notice, 1)
    }

    /// Makes a register with other keys and ids than those of another seed.
    ///
    /// # Panics
    /// It can not be made.
    #[must_use]
    #[track_caller]
    pub fn create_seeded(place: TestPlace, notice: &str, seed: u64) -> Self {
        let clock = Arc::new(TestClock::default());
        let (by, env) = (Self::operator().id(), Env::new(clock.clone(), StdRng::seed_from_u64(seed)));
        let register = or_fail(Register::create(place.settings(), RegisterKind::Live, notice, &by, env));
        Self { register, place, clock, seed: AtomicU64::new(seed + 1000), users: AtomicU64::new(1) }
    }

    /// A register on SQLite, for tests of what does not depend on the database.
    #[must_use]
    #[track_caller]
    pub fn sqlite() -> Self {
        Self::create(TestPlace::sqlite())
    }

    /// Closes the register and opens it again, as a restart of the program does.
    ///
    /// # Panics
    /// It can not be opened.
    #[track_caller]
    pub fn reopen(&mut self) {
        self.register.close();
        let rng = StdRng::seed_from_u64(self.seed.fetch_add(1, Ordering::SeqCst));
        self.register = or_fail(Register::open(self.place.settings(), Env::new(self.clock.clone(), rng)));
    }

    /// The register itself.
    #[must_use]
    pub const fn register(&self) -> &Register {
        &self.register
    }

    /// Where it is.
    #[must_use]
    pub const fn place(&self) -> &TestPlace {
        &self.place
    }

    /// Its clock.
    #[must_use]
    pub fn clock(&self) -> &TestClock {
        &self.clock
    }

    /// The person at the machine's command line, who may do everything.
    #[must_use]
    pub fn operator() -> Actor {
        Actor::Operator("test".into())
    }

    /// A member of staff with a role in every company.
    ///
    /// # Panics
    /// The account can not be made.
    #[must_use]
    #[track_caller]
    pub fn actor(&self, role: Role) -> Actor {
        self.sign_in(role, None).1.actor
    }

    /// A member of staff with a role in one company only.
    ///
    /// # Panics
    /// The account can not be made.
    #[must_use]
    #[track_caller]
    pub fn actor_in(&self, role: Role, company: &str) -> Actor {
        self.sign_in(role, Some(company)).1.actor
    }

    /// Makes an account, sets its password to [`TestRegister::PASSWORD`] by its link and signs it in.
    ///
    /// # Panics
    /// The account can not be made.
    #[track_caller]
    pub fn sign_in(&self, role: Role, company: Option<&str>) -> (Token, SignedIn) {
        let number = self.users.fetch_add(1, Ordering::SeqCst);
        let company = company.map(|name| or_fail(name.parse::<CompanyId>()));
        let invitation = Invitation {
            login: format!("{role}{number}"),
            name: format!("Kokeilija {number}"),
            roles: vec![NewRole { role, company, until: None }],
            ..Invitation::default()
        };
        let (_, link) = or_fail(user::invite(&self.register, &Self::operator(), &invitation));
        or_fail(user::set_up(&self.register, &link.0, Self::PASSWORD))
    }

    /// A source of the notice: the customer.
    ///
    /// # Panics
    /// Never: the name is one of the example's.
    #[must_use]
    pub fn source() -> SourceId {
        or_fail("customer".parse())
    }
}

impl Deref for TestRegister {
    type Target = Register;

    fn deref(&self) -> &Register {
        &self.register
    }
}

impl Drop for TestRegister {
    fn drop(&mut self) {
        // Before the place goes, so that no thread finds its files missing.
        self.register.close();
    }
}
