//! What every page of the portal has around its content.

use seloste_domain::language::Language;
use seloste_domain::notice::Contact;
use seloste_ops::Register;

use crate::shell::Shell;

/// The frame: the texts and assets of the shell, where one is, and whom to turn to (promise P01).
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// Texts, assets, formats.
    pub(crate) s: Shell,
    /// Which page of the navigation it is.
    pub(crate) here: &'static str,
    /// Whether somebody is signed in.
    pub(crate) signed: bool,
    /// The register's contact.
    pub(crate) contact: Contact,
    /// The controller's name.
    pub(crate) controller: String,
}

impl Frame {
    /// The frame of a page for anybody.
    ///
    /// # Errors
    /// The notice can not be read.
    pub(crate) fn public(register: &Register, language: Language) -> seloste_ops::Result<Self> {
        let notice = register.notice()?;
        Ok(Self {
            s: Shell::public(register, language)?,
            here: "",
            signed: false,
            contact: notice.contact().clone(),
            controller: notice.controller().name.clone(),
        })
    }

    /// The frame of a page for somebody who is signed in.
    ///
    /// # Errors
    /// The notice can not be read.
    pub(crate) fn own(register: &Register, language: Language, here: &'static str) -> seloste_ops::Result<Self> {
        Ok(Self { here, signed: true, ..Self::public(register, language)? })
    }
}
