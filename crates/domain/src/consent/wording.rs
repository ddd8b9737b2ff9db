//! What a person is shown when they are asked. It is made of what the notice says, so that the two can not differ, and kept as it
//! was with each consent.

use jiff::Timestamp;

use super::{Channel, LIFE_MONTHS, Matter};
use crate::format;
use crate::language::Language;
use crate::notice::Notice;

/// The wording of a consent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wording {
    /// What is allowed, as the person says it.
    pub statement: String,
    /// What they are told with it: the purpose, the term, how to withdraw (Art. 7(3)), and who consents for a child (Art. 8).
    pub terms: String,
    /// The language.
    pub language: Language,
}

impl Wording {
    /// All of it, as it is kept.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n\n{}", self.statement, self.terms)
    }
}

/// The wording of a consent to a matter. None: the notice knows no such company or purpose.
#[must_use]
pub fn wording(notice: &Notice, matter: &Matter, language: Language) -> Option<Wording> {
    let company = &notice.company(&matter.company)?.name;
    let purpose = notice.purpose(&matter.purpose)?;
    let name = purpose.name.get(language);
    let statement = statement(company, name, matter.channel, language);
    let mut terms = purpose_line(name, language);
    if let Some(text) = &purpose.text {
        terms.push(' ');
        terms.push_str(&text.paragraphs(language).join(" "));
    }
    terms.push(' ');
    terms.push_str(&rest(language));
    Some(Wording { statement, terms, language })
}

fn statement(company: &str, purpose: &str, channel: Channel, language: Language) -> String {
    use Channel::{Email, Post, Processing, Sms, Telephone, Web};
    use Language::{En, Fi, Sv};
    match (language, channel) {
        (Fi, Email) => format!("{company} saa lähettää minulle suoramarkkinointia sähköpostitse."),
        (Fi, Sms) => format!("{company} saa lähettää minulle suoramarkkinointia tekstiviestillä."),
        (Fi, Telephone) => format!("{company} saa soittaa minulle markkinointipuheluja."),
        (Fi, Post) => format!("{company} saa lähettää minulle suoramarkkinointia postitse."),
        (Fi, Web) => {
            format!("{company} saa näyttää minulle tietojeni perusteella kohdennettua sisältöä verkkopalveluissaan.")
        }
        (Fi, Processing) => format!("{company} saa käsitellä tietojani tähän tarkoitukseen: {purpose}."),
        (Sv, Email) => format!("{company} får sända mig direktmarknadsföring per e-post."),
        (Sv, Sms) => format!("{company} får sända mig direktmarknadsföring per textmeddelande."),
        (Sv, Telephone) => format!("{company} får ringa mig i marknadsföringssyfte."),
        (Sv, Post) => format!("{company} får sända mig direktmarknadsföring per post."),
        (Sv, Web) => format!("{company} får på grund av mina uppgifter visa mig riktat innehåll i sina webbtjänster."),
        (Sv, Processing) => format!("{company} får behandla mina uppgifter för detta ändamål: {purpose}."),
        (En, Email) => format!("{company} may send me direct marketing by e-mail."),
        (En, Sms) => format!("{company} may send me direct marketing by text message."),
        (En, Telephone) => format!("{company} may make marketing calls to me."),
        (En, Post) => format!("{company} may send me direct marketing by post."),
        (En, Web) => format!("{company} may show me content in its web services that is targeted by my data."),
        (En, Processing) => format!("{company} may process my data for this purpose: {purpose}."),
    }
}

/// What shows a consent that was given on the public form of registration: when the form was sent, and when whoever reads the mail of
/// its address confirmed it.
#[must_use]
pub fn registered(sent: Timestamp, confirmed: Timestamp, language: Language) -> String {
    let (sent, confirmed) = (format::time(sent, language), format::time(confirmed, language));
    match language {
        Language::Fi => format!("Rekisteröitymislomake {sent}, vahvistettu sähköpostin linkillä {confirmed}"),
        Language::Sv => format!("Registreringsblankett {sent}, bekräftad med länken i e-posten {confirmed}"),
        Language::En => format!("Form of registration {sent}, confirmed by the link in the e-mail {confirmed}"),
    }
}

fn purpose_line(name: &str, language: Language) -> String {
    match language {
        Language::Fi => format!("Käyttötarkoitus: {name}."),
        Language::Sv => format!("Ändamål: {name}."),
        Language::En => format!("Purpose: {name}."),
    }
}

fn rest(language: Language) -> String {
    match language {
        Language::Fi => format!(
            "Suostumus on vapaaehtoinen ja voimassa {LIFE_MONTHS} kuukautta. Sen voi peruuttaa milloin tahansa yhtä helposti \
             kuin antaa; peruuttaminen ei vaikuta siihen, mitä sitä ennen on tehty. Alle 13-vuotiaan puolesta suostumuksen \
             antaa huoltaja."
        ),
        Language::Sv => format!(
            "Samtycket är frivilligt och gäller i {LIFE_MONTHS} månader. Det kan återkallas när som helst lika lätt som det \
             ges; återkallandet påverkar inte det som har gjorts före det. För ett barn under 13 år ger vårdnadshavaren \
             samtycket."
        ),
        Language::En => format!(
            "The consent is voluntary and holds for {LIFE_MONTHS} months. It can be withdrawn at any time as easily as it is \
             given; that does not affect what was done before. For a child under 13 the holder of parental responsibility \
             gives it."
        ),
    }
}
