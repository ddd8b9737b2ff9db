//! Forms that add something carry its id from the beginning, so that one that is sent twice adds it once.

/// What came of adding something under an id that its form had from the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    /// It was added.
    New,
    /// It was there already, just as it is given now: the form was sent twice.
    Before,
    /// Something with this id was there already and is another one now: the form was sent, changed, and sent again.
    Differs,
}
