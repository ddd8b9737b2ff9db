//! The notice: the register's published privacy notice, and the only place where companies, purposes, kinds of data,
//! sources, recipients and retention are listed.

use crate::id::CompanyId;
use crate::kind::Kinds;
use crate::usage::{Activity, Purpose};

/// A notice that was read and checked.
#[derive(Clone, Debug)]
pub struct Notice {}

/// A company of the group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Company {
    /// Its short name.
    pub id: CompanyId,
    /// Its name in the trade register.
    pub name: String,
}

impl Notice {
    /// The companies of the group, the parent first.
    #[must_use]
    pub fn companies(&self) -> &[Company] {
        &[]
    }

    /// The kinds of data that it declares.
    #[must_use]
    pub fn kinds(&self) -> Kinds {
        Kinds::NONE
    }

    /// The first purpose that covers the activity.
    #[must_use]
    pub fn purpose_for(&self, _activity: Activity) -> Option<Purpose> {
        None
    }
}
