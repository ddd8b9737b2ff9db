//! The letter that the law asks for when credit is refused on the ground of credit data: that it was used, and from which
//! register it comes (Credit Data Act 527/2007 section 19). It tells of every enquiry that was answered.

use jiff::civil::Date;

use crate::credit::Outcome;
use crate::format;
use crate::id::CompanyId;
use crate::language::Language;
use crate::letter::Letter;
use crate::money::Cents;

/// What the letter tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LetterFacts {
    /// The company that writes.
    pub company: CompanyId,
    /// Its name.
    pub company_name: String,
    /// The language of its reader.
    pub language: Language,
    /// The day of the application.
    pub applied_on: Date,
    /// How much was applied for.
    pub amount: Cents,
    /// What was decided.
    pub outcome: Outcome,
    /// How much was granted.
    pub granted: Cents,
    /// When credit data was obtained, and from which register.
    pub sources: Vec<(Date, String)>,
    /// Whom to ask: the contact person of the notice.
    pub contact: String,
    /// Who decided and signs.
    pub signatory: String,
}

/// The letter. What the register says of the reader does not stand in it: it may be opened by another.
#[must_use]
pub fn letter(facts: &LetterFacts) -> Letter {
    let language = facts.language;
    let w = |fi: &str, sv: &str, en: &str| match language {
        Language::Fi => fi.to_owned(),
        Language::Sv => sv.to_owned(),
        Language::En => en.to_owned(),
    };
    let day = |day: &Date| format::date(*day, language);
    let (applied, amount) = (day(&facts.applied_on), format::money(facts.amount, language));
    let granted = format::money(facts.granted, language);
    let company = &facts.company_name;
    let decided = if facts.outcome == Outcome::Reduced {
        w(
            &format!(
                "Haitte {applied} yhtiöltä {company} luottoa {amount}. Myönsimme luottoa {granted}, siis vähemmän kuin haitte."
            ),
            &format!(
                "Ni ansökte den {applied} om kredit på {amount} hos {company}. Vi beviljade {granted}, alltså mindre än ni ansökte om."
            ),
            &format!(
                "On {applied} you applied to {company} for credit of {amount}. We granted {granted}, which is less than you applied for."
            ),
        )
    } else {
        w(
            &format!("Haitte {applied} yhtiöltä {company} luottoa {amount}. Emme myöntäneet luottoa."),
            &format!("Ni ansökte den {applied} om kredit på {amount} hos {company}. Vi beviljade inte krediten."),
            &format!("On {applied} you applied to {company} for credit of {amount}. We did not grant the credit."),
        )
    };
    let used = w(
        "Hakemusta käsiteltäessä on käytetty luottotietojanne. Ne on saatu seuraavasta rekisteristä:",
        "Era kreditupplysningar har använts när ansökan behandlades. De har fåtts ur följande register:",
        "Credit data about you was used in handling the application. It was obtained from the following register:",
    );
    let sources: Vec<String> =
        facts.sources.iter().map(|(at, register)| format!("- {register}, {}", day(at))).collect();
    let rights = w(
        "Päätöksen on tehnyt ihminen, ei tietojärjestelmä. Teillä on oikeus tarkastaa, mitä teistä on talletettu \
         luottotietorekisteriin, ja vaatia virheellisten tietojen oikaisemista. Pyyntö osoitetaan rekisterin pitäjälle. Jos \
         luottotiedoissanne on virhe tai tilanteenne on muuttunut, voitte pyytää meitä käsittelemään hakemuksen uudelleen.",
        "Beslutet har fattats av en människa, inte av ett datasystem. Ni har rätt att kontrollera vilka uppgifter om er som \
         har lagrats i kreditupplysningsregistret och att kräva att felaktiga uppgifter rättas. Begäran riktas till den som \
         för registret. Om det finns ett fel i era kreditupplysningar eller om er situation har förändrats kan ni be oss \
         behandla ansökan på nytt.",
        "The decision was made by a person, not by a computer system. You have the right to see what is stored about you in \
         the credit data register, and to demand that errors are corrected; turn to the keeper of that register. If your \
         credit data is wrong, or your situation has changed, you may ask us to handle the application again.",
    );
    let ask = w("Lisätietoja antaa:", "Närmare upplysningar ger:", "For more information:");
    let heading = w("Päätös luottohakemuksesta", "Beslut om kreditansökan", "Decision on a credit application");
    let greeting = w("Hyvä asiakas,", "Bästa kund!", "Dear customer,");
    Letter {
        company: facts.company.clone(),
        language,
        heading,
        body: format!(
            "{greeting}\n\n{decided}\n\n{used}\n\n{}\n\n{rights}\n\n{ask} {}",
            sources.join("\n"),
            facts.contact
        ),
        closing: w("Ystävällisin terveisin", "Med vänlig hälsning", "Yours sincerely"),
        signatory: facts.signatory.clone(),
    }
}
