//! The exact words by which a visitor is asked about cookies, in three languages. What is shown has a version, so that a choice
//! can prove what it answered (Art. 7(1)-(2)): plain words, all uses named, refusing beside accepting.

use sha2::{Digest as _, Sha256};

use crate::language::Language;
use crate::notice::{CookieUse, cookie_use_name};

/// A use as it is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UseWording {
    /// Which.
    pub cookie: CookieUse,
    /// Its name, as the notice has it.
    pub name: &'static str,
    /// What happens when it is allowed.
    pub help: &'static str,
}

/// Everything that the dialog says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    /// The language.
    pub language: Language,
    /// The heading.
    pub title: &'static str,
    /// What is asked.
    pub text: String,
    /// The uses that are asked about.
    pub uses: Vec<UseWording>,
    /// The button that allows all of them.
    pub accept: &'static str,
    /// The button that refuses all of them.
    pub refuse: &'static str,
    /// What opens the single uses.
    pub choose: &'static str,
    /// The button that keeps what is ticked.
    pub save: &'static str,
    /// The link to the notice.
    pub notice: &'static str,
    /// The small button that opens the settings.
    pub settings: &'static str,
    /// The button that closes without choosing.
    pub close: &'static str,
    /// That the browser refused by Global Privacy Control.
    pub signal: &'static str,
    /// What stands before the visitor's number.
    pub number: &'static str,
    /// That a choice could not be kept.
    pub failed: &'static str,
}

const fn one(language: Language, fi: &'static str, sv: &'static str, en: &'static str) -> &'static str {
    match language {
        Language::Fi => fi,
        Language::Sv => sv,
        Language::En => en,
    }
}

const fn help(cookie: CookieUse, language: Language) -> &'static str {
    match cookie {
        CookieUse::Necessary => "",
        CookieUse::Statistics => one(
            language,
            "Laskemme, mitä sivuja katsotaan. Tiedot liitetään satunnaiseen numeroon, ei nimeesi.",
            "Vi räknar vilka sidor som besöks. Uppgifterna knyts till ett slumptal, inte till ditt namn.",
            "We count which pages are looked at. The data belongs to a random number, not to your name.",
        ),
        CookieUse::TargetedContent => one(
            language,
            "Näytämme sisältöä sen mukaan, mitä tuotteita katsot. Tiedot liitetään satunnaiseen numeroon.",
            "Vi visar innehåll enligt vilka produkter du tittar på. Uppgifterna knyts till ett slumptal.",
            "We show content by the products that you look at. The data belongs to a random number.",
        ),
    }
}

fn text(company: &str, language: Language) -> String {
    match language {
        Language::Fi => format!(
            "{company} käyttää välttämättömiä evästeitä. Muihin tarvitsemme luvan. Voit kieltäytyä, ja voit muuttaa \
             valintaasi milloin tahansa sivun alareunasta."
        ),
        Language::Sv => format!(
            "{company} använder nödvändiga kakor. För andra behöver vi ditt samtycke. Du kan neka, och du kan ändra \
             ditt val när som helst längst ned på sidan."
        ),
        Language::En => format!(
            "{company} uses necessary cookies. For others we need your consent. You can refuse, and you can change \
             your choice at any time at the bottom of the page."
        ),
    }
}

impl Wording {
    /// The words for the web services of a company.
    #[must_use]
    pub fn new(company: &str, uses: &[CookieUse], language: Language) -> Self {
        let of = |fi, sv, en| one(language, fi, sv, en);
        let asked = |cookie: &CookieUse| UseWording {
            cookie: *cookie,
            name: cookie_use_name(*cookie, language),
            help: help(*cookie, language),
        };
        Self {
            language,
            title: of("Evästeet", "Kakor", "Cookies"),
            text: text(company, language),
            uses: uses.iter().map(asked).collect(),
            accept: of("Hyväksy kaikki", "Godkänn alla", "Accept all"),
            refuse: of("Vain välttämättömät", "Endast nödvändiga", "Only necessary"),
            choose: of("Valitse tarkemmin", "Välj noggrannare", "Choose in detail"),
            save: of("Tallenna valinnat", "Spara valen", "Save my choices"),
            notice: of("Tietosuojaseloste", "Dataskyddsbeskrivning", "Privacy notice"),
            settings: of("Evästeasetukset", "Kakinställningar", "Cookie settings"),
            close: of("Sulje", "Stäng", "Close"),
            signal: of(
                "Selaimesi kieltää evästeet (Global Privacy Control), joten käytämme vain välttämättömiä. Voit silti \
                 valita toisin.",
                "Din webbläsare nekar kakor (Global Privacy Control), så vi använder endast nödvändiga. Du kan ändå \
                 välja annorlunda.",
                "Your browser refuses cookies (Global Privacy Control), so we use only necessary ones. You can choose \
                 otherwise.",
            ),
            number: of("Numerosi", "Ditt nummer", "Your number"),
            failed: of(
                "Valintaa ei voitu tallentaa. Käytämme vain välttämättömiä evästeitä. Yritä myöhemmin uudelleen.",
                "Valet kunde inte sparas. Vi använder endast nödvändiga kakor. Försök igen senare.",
                "Your choice could not be saved. We use only necessary cookies. Try again later.",
            ),
        }
    }

    /// What was shown, line by line: this is kept as the proof of what a choice answered.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut lines = vec![self.title.to_owned(), self.text.clone()];
        lines.extend(self.uses.iter().map(|asked| format!("{}: {}", asked.name, asked.help)));
        lines.push(format!("[{}] [{}] [{}] [{}]", self.accept, self.refuse, self.choose, self.save));
        lines.push(self.notice.to_owned());
        lines.push(self.signal.to_owned());
        lines.join("\n")
    }

    /// The version of the text: the SHA-256 of its language and of all its words, in hexadecimal.
    #[must_use]
    pub fn version(&self) -> String {
        hex::encode(Sha256::digest(format!("{}\n{}", self.language.tag(), self.shown())))
    }
}
