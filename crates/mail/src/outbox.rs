//! The outbox: a folder of messages as files, when no server is set. Any e-mail program opens them.

use std::io::Write as _;
use std::path::Path;

use seloste_domain::mail::Trouble;
use uuid::Uuid;

use crate::error::MailError;
use crate::message::Made;

/// Writes a message as a file, which is there as a whole or not at all; a message that is written again replaces itself.
pub(crate) fn write(folder: &Path, id: Uuid, made: &Made) -> Result<(), MailError> {
    try_write(folder, id, made).map_err(|_| MailError::new(Trouble::Folder))
}

fn try_write(folder: &Path, id: Uuid, made: &Made) -> std::io::Result<()> {
    private_folder(folder)?;
    let aside = folder.join(format!("{id}.part"));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&aside)?;
    file.write_all(&made.bytes)?;
    file.sync_all()?;
    std::fs::rename(&aside, folder.join(format!("{id}.eml")))
}

/// Only the program's account reads what customers were written.
fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
