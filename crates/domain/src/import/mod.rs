//! Imports: what the columns of a file mean, how a row becomes a draft, and which value wins when both the register and
//! the file have one. Nothing is dropped silently: each column is mapped, refused by the notice, or dropped by choice.

mod convert;
mod guess;
mod mapping;
mod merge;
mod problem;
mod target;

pub use convert::{Converter, CustomerRef, LineRow, OrderRow, OrganisationRow, Party, PersonRow, Places};
pub use guess::guess;
pub use mapping::{Choice, Columns, Mapping, Outcome, Sheet, outcomes};
pub use merge::{Merged, Rule, merge, outranks};
pub(crate) use merge::{is_rival, is_same};
pub use problem::{Problem, code};
pub use target::{Field, Noun, Target, Whose};
