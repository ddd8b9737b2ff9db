//! E-mail: how a message is written, made and sent. What is sent to whom and when is for `seloste_ops::mail`; here is
//! no database and no clock.

pub mod confirmation;
mod error;
pub mod invoice;
mod letter;
mod message;
mod outbox;
pub mod portal;
pub mod reminder;
mod settings;
mod smtp;
mod text;

use std::path::PathBuf;

pub use error::MailError;
pub use message::{Made, Mail, Mailbox, make};
pub use settings::{Security, Server, SettingsError};

/// Where messages go.
#[derive(Clone, Debug)]
pub enum Transport {
    /// To a server, by SMTP (RFC 5321, RFC 6409).
    Smtp(Box<Server>),
    /// Into files of a folder: nothing leaves the machine.
    Outbox(PathBuf),
}

impl Transport {
    /// Sends a message. It may have arrived also when this fails, and is the same, byte for byte, when it is sent again.
    ///
    /// # Errors
    /// Why it could not be sent, without personal data.
    pub fn send(&self, mail: &Mail<'_>) -> Result<(), MailError> {
        let made = make(mail)?;
        match self {
            Self::Smtp(server) => smtp::send(server, &made),
            Self::Outbox(folder) => outbox::write(folder, mail.id, &made),
        }
    }
}
