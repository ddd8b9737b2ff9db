//! Sending by SMTP, step by step, so that it is known at which step a server refused.

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use seloste_domain::mail::Trouble;

use crate::error::MailError;
use crate::message::Made;
use crate::settings::{Security, Server};

/// Sends a message. The connection ends with it, also when it fails.
pub(crate) fn send(server: &Server, made: &Made) -> Result<(), MailError> {
    let mut connection = connect(server)?;
    let sent = sign_in(server, &mut connection).and_then(|()| hand_over(&mut connection, made));
    if sent.is_ok() {
        // The server has it: how the farewell goes does not matter.
        let _ = connection.quit();
    } else {
        connection.abort();
    }
    sent
}

fn connect(server: &Server) -> Result<SmtpConnection, MailError> {
    let tls = match server.security {
        Security::None => None,
        Security::Implicit | Security::StartTls => Some(tls(server)?),
    };
    let at_once = tls.as_ref().filter(|_| server.security == Security::Implicit);
    // A name of the machine would tell the recipient where it stands.
    let hello = ClientId::Ipv4(std::net::Ipv4Addr::LOCALHOST);
    let place = (server.host.as_str(), server.port);
    let mut connection = SmtpConnection::connect(place, Some(server.timeout), &hello, at_once, None)
        .map_err(|error| MailError::of(&error, Trouble::Connection))?;
    if let (Security::StartTls, Some(tls)) = (server.security, &tls) {
        if !connection.can_starttls() {
            connection.abort();
            return Err(MailError::new(Trouble::Tls));
        }
        connection.starttls(tls, &hello).map_err(|error| MailError::of(&error, Trouble::Tls))?;
    }
    Ok(connection)
}

fn tls(server: &Server) -> Result<TlsParameters, MailError> {
    let untrusted = || MailError::new(Trouble::Tls);
    let mut parameters = TlsParameters::builder(server.host.clone());
    if let Some(path) = &server.trusted {
        let pem = std::fs::read(path).map_err(|_| untrusted())?;
        parameters = parameters.add_root_certificate(Certificate::from_pem(&pem).map_err(|_| untrusted())?);
    }
    parameters.build_rustls().map_err(|_| untrusted())
}

fn sign_in(server: &Server, connection: &mut SmtpConnection) -> Result<(), MailError> {
    let Some((user, password)) = &server.sign_in else { return Ok(()) };
    let mechanisms = [Mechanism::Plain, Mechanism::Login];
    if connection.server_info().get_auth_mechanism(&mechanisms).is_none() {
        return Err(MailError::new(Trouble::SignIn));
    }
    let credentials = Credentials::new(user.clone(), password.clone());
    connection.auth(&mechanisms, &credentials).map(drop).map_err(|error| MailError::of(&error, Trouble::SignIn))
}

fn hand_over(connection: &mut SmtpConnection, made: &Made) -> Result<(), MailError> {
    let mut options = Vec::new();
    if !(made.from.as_ref() as &str).is_ascii() || !(made.to.as_ref() as &str).is_ascii() {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Err(MailError::new(Trouble::Letters));
        }
        options.push(MailParameter::SmtpUtfEight);
    }
    let mut step = |command: &dyn std::fmt::Display, refused| {
        connection.command(command).map(drop).map_err(|error| MailError::of(&error, refused))
    };
    step(&Mail::new(Some(made.from.clone()), options), Trouble::Sender)?;
    step(&Rcpt::new(made.to.clone(), Vec::new()), Trouble::Refused)?;
    step(&Data, Trouble::Refused)?;
    connection.message(&made.bytes).map(drop).map_err(|error| MailError::of(&error, Trouble::Refused))
}
