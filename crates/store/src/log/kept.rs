//! The file of checkpoints kept outside the database. Several processes append to it, each under a lock.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Result, Write as _};
use std::path::Path;

use seloste_domain::id::RegisterId;

use super::checkpoint::{open, split_notes};

/// Appends a note, durably.
pub(crate) fn append(path: &Path, register: RegisterId, public: &[u8; 32], note: &str) -> Result<()> {
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    file.lock()?;
    cut_torn_note(&mut file, register, public)?;
    file.write_all(note.as_bytes())?;
    file.sync_data()
}

/// Cuts off the part of a note that a power cut has left at the end. It had not been kept yet; with it there, the next
/// note could not be read either.
pub(crate) fn mend(path: &Path, register: RegisterId, public: &[u8; 32]) -> Result<()> {
    if !path.exists() {
        return Ok(());
    }
    let mut file = OpenOptions::new().read(true).append(true).open(path)?;
    file.lock()?;
    cut_torn_note(&mut file, register, public)
}

fn cut_torn_note(file: &mut File, register: RegisterId, public: &[u8; 32]) -> Result<()> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    // What is torn may hold anything; what comes before it is text.
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    };
    let mut notes = split_notes(text);
    let mut length: usize = notes.iter().map(String::len).sum();
    // A last line without its end counts as one byte more than the file has.
    if let Some(last) = notes.pop_if(|last| length > bytes.len() || open(register, public, last).is_none()) {
        length -= last.len();
    }
    if length == bytes.len() {
        return Ok(());
    }
    file.set_len(length as u64)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::Env;
    use crate::keys::Keys;
    use crate::log::checkpoint::sign;

    #[test]
    fn a_note_that_was_torn_anywhere_goes_and_the_others_stay() {
        let dir = tempfile::tempdir().unwrap();
        let (env, path) = (Env::system(), dir.path().join("checkpoints"));
        let register = RegisterId(env.random_id());
        let keys = Keys::create(&dir.path().join("key"), register, &env).unwrap();
        let note = |size| sign(register, size, &[7; 32], &keys);
        let (first, second, third) = (note(1), note(2), note(3));
        for cut in 0..=second.len() {
            for zeros in [0, 9] {
                let mut torn = format!("{first}{second}").into_bytes()[..first.len() + cut].to_vec();
                torn.extend(vec![0; zeros]);
                std::fs::write(&path, torn).unwrap();
                mend(&path, register, &keys.public()).unwrap();
                let is_whole = cut == second.len();
                let left = if is_whole { format!("{first}{second}") } else { first.clone() };
                assert_eq!(std::fs::read_to_string(&path).unwrap(), left, "{cut} {zeros}");
                append(&path, register, &keys.public(), &third).unwrap();
                assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{left}{third}"));
            }
        }
    }
}
