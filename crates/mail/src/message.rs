//! A message as it goes out (RFC 5322, RFC 2045-2047). It is made of what is given and nothing else, so that the same
//! message sent again is the same byte for byte.

use lettre::address::Envelope;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox as Box822, MultiPart, SinglePart};
use lettre::{Address, Message};
use seloste_domain::mail::{Enclosure, Trouble};
use uuid::Uuid;

use crate::error::MailError;

/// A name and an address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mailbox {
    /// The name; may be empty.
    pub name: String,
    /// The address.
    pub address: String,
}

/// A message to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Mail<'a> {
    /// Names it for good: its `Message-ID` is made of it.
    pub id: Uuid,
    /// Its `Date`.
    pub at: jiff::Timestamp,
    /// In whose name.
    pub from: &'a Mailbox,
    /// Where answers go, when not to the sender.
    pub reply_to: Option<&'a Mailbox>,
    /// To whom.
    pub to: &'a Mailbox,
    /// The subject.
    pub subject: &'a str,
    /// The text.
    pub body: &'a str,
    /// The files that go with it.
    pub enclosures: &'a [Enclosure],
}

/// A message ready to go: who sends, who gets it, and its bytes.
#[derive(Clone, Debug)]
pub struct Made {
    /// From whom.
    pub(crate) from: Address,
    /// To whom.
    pub(crate) to: Address,
    /// The message, its lines ended by CR LF.
    pub bytes: Vec<u8>,
}

/// `Auto-Submitted` (RFC 3834 5): a program wrote it, and answering machines are to be silent.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, std::boxed::Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".into())
    }
}

/// Makes the bytes of a message.
///
/// # Errors
/// An address can not be written to.
pub fn make(mail: &Mail<'_>) -> Result<Made, MailError> {
    let wrong = |_| MailError::new(Trouble::Address);
    let (from, to) = (mailbox(mail.from)?, mailbox(mail.to)?);
    let envelope = Envelope::new(Some(from.email.clone()), vec![to.email.clone()]).map_err(wrong)?;
    let mut message = Message::builder()
        .envelope(envelope)
        .message_id(Some(format!("<{}@{}>", mail.id, from.email.domain())))
        .date(mail.at.into())
        .from(from.clone())
        .to(to.clone())
        .subject(one_line(mail.subject))
        .header(AutoSubmitted);
    if let Some(reply_to) = mail.reply_to {
        message = message.reply_to(mailbox(reply_to)?);
    }
    let text = SinglePart::plain(plain(mail.body));
    let made = if mail.enclosures.is_empty() {
        message.singlepart(text)
    } else {
        // A boundary of chance would make the same message another one each time.
        let parts = MultiPart::mixed().boundary(format!("=_{}", mail.id.simple())).singlepart(text);
        message.multipart(mail.enclosures.iter().fold(parts, |parts, enclosure| parts.singlepart(part(enclosure))))
    };
    let bytes = made.map_err(|_| MailError::new(Trouble::Address))?.formatted();
    Ok(Made { from: from.email, to: to.email, bytes })
}

fn part(enclosure: &Enclosure) -> SinglePart {
    let bytes = ContentType::parse("application/octet-stream").unwrap_or(ContentType::TEXT_PLAIN);
    let media_type = ContentType::parse(&one_line(&enclosure.media_type)).unwrap_or(bytes);
    Attachment::new(one_line(&enclosure.name).replace(['/', '\\'], "-")).body(enclosure.bytes.clone(), media_type)
}

/// An address whose domain is in ASCII (IDNA, RFC 5891), so that only a local part beyond it needs SMTPUTF8.
fn mailbox(mailbox: &Mailbox) -> Result<Box822, MailError> {
    let wrong = || MailError::new(Trouble::Address);
    let (local, domain) = mailbox.address.rsplit_once('@').ok_or_else(wrong)?;
    let domain = idna::domain_to_ascii_strict(domain).map_err(|_| wrong())?;
    let address = Address::new(local, domain).map_err(|_| wrong())?;
    let name = one_line(&mailbox.name);
    Ok(Box822::new((!name.is_empty()).then_some(name), address))
}

/// One line without what ends a header or turns the text round: control characters and bidirectional marks.
fn one_line(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    let spaced: String = text.chars().map(|c| if hidden(c) { ' ' } else { c }).collect();
    spaced.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A text whose lines end in one way, without control characters.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(address: &str, name: &str) -> Mailbox {
        Mailbox { name: name.into(), address: address.into() }
    }

    fn made(to: &Mailbox, subject: &str, body: &str, enclosures: &[Enclosure]) -> Result<String, MailError> {
        let from = at("myynti@example.com", "Arjasmaa Yhtiöt Oy");
        let mail = Mail {
            id: Uuid::from_u128(7),
            at: "2026-11-23T09:00:00Z".parse().unwrap(),
            from: &from,
            reply_to: None,
            to,
            subject,
            body,
            enclosures,
        };
        make(&mail).map(|made| String::from_utf8(made.bytes).unwrap())
    }

    fn headers(message: &str) -> Vec<&str> {
        let head = message.split("\r\n\r\n").next().unwrap();
        head.split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .map(|line| line.split(':').next().unwrap())
            .collect()
    }

    #[test]
    fn a_message_is_the_same_each_time() {
        let file = Enclosure {
            name: "Tilausvahvistus.pdf".into(),
            media_type: "application/pdf".into(),
            bytes: vec![0, 255, 10, 13],
        };
        let to = at("asiakas@example.com", "Åsa Öhman");
        let [one, two] = [(); 2].map(|()| made(&to, "Vahvistus", "Hei\n.\n", std::slice::from_ref(&file)).unwrap());
        assert_eq!(one, two);
        for part in [
            "Message-ID: <00000000-0000-0000-0000-000000000007@example.com>\r\n",
            "Date: Mon, 23 Nov 2026 09:00:00 +0000\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Content-Type: application/pdf\r\n",
            "filename=\"Tilausvahvistus.pdf\"",
        ] {
            assert!(one.contains(part), "{part}\n{one}");
        }
    }

    #[test]
    fn no_name_or_subject_adds_a_header() {
        let plain = made(&at("asiakas@example.com", "Pirkko"), "Vahvistus", "Hei", &[]).unwrap();
        for evil in [
            "Pirkko\r\nBcc: kaikki@example.com",
            "Pirkko\nBcc: a@example.com",
            "a\r\n\r\nBody",
            "\u{2028}Bcc: x",
            "\"<a@example.com>, ",
        ] {
            let message = made(&at("asiakas@example.com", evil), evil, "Hei", &[]).unwrap();
            assert_eq!(headers(&message), headers(&plain), "{evil:?}\n{message}");
            assert!(!message.contains("\nBcc:"), "{message}");
        }
        for wrong in
            ["asiakas@example.com\r\nBcc: a@example.com", "a b@example.com", "a@example.com>", "a", "a@", "a@-.example"]
        {
            assert_eq!(made(&at(wrong, ""), "", "", &[]).unwrap_err().trouble, Trouble::Address, "{wrong:?}");
        }
        let file =
            Enclosure { name: "a\"\r\nX: y/../b".into(), media_type: "text/html\r\nX: y".into(), bytes: Vec::new() };
        let message = made(&at("asiakas@example.com", ""), "", "", &[file]).unwrap();
        assert!(!message.contains("\nX: y"), "{message}");
    }

    #[test]
    fn a_domain_goes_in_ascii() {
        let message = made(&at("pirkko@äijä.example", ""), "", "", &[]).unwrap();
        assert!(message.contains("To: pirkko@xn--ij-viab8a.example\r\n") || message.contains("@xn--"), "{message}");
    }

    proptest! {
        #[test]
        fn whatever_is_written_stays_in_its_place(name in "\\PC{0,40}[\\r\\n\\t\\x00]{0,3}\\PC{0,40}", subject in "[\\PC\\r\\n]{0,120}") {
            let plain = made(&at("asiakas@example.com", "Pirkko"), "Vahvistus", "Hei", &[]).unwrap();
            let message = made(&at("asiakas@example.com", &name), &subject, "Hei", &[]).unwrap();
            prop_assert_eq!(headers(&message), headers(&plain));
            prop_assert!(message.is_ascii());
        }
    }
}
