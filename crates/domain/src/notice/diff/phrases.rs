//! The words of changes. For translators: see `standard`.

use super::super::standard::{Words, w};
use super::Subject;
use crate::usage::Activity;

pub(super) const ADDED: Words = w("Lisätty {0}: {1}.", "Tillagt: {0} – {1}.", "Added {0}: {1}.");
pub(super) const REMOVED: Words = w("Poistettu {0}: {1}.", "Borttaget: {0} – {1}.", "Removed {0}: {1}.");
pub(super) const CHANGED: Words = w(
    "Muutettu {0}: {1}. Ennen: {2}. Nyt: {3}.",
    "Ändrat: {0} – {1}. Tidigare: {2}. Nu: {3}.",
    "Changed {0}: {1}. Before: {2}. Now: {3}.",
);
pub(super) const EVERYONE: Words =
    w("Koskee kaikkia rekisteröityjä.", "Gäller alla registrerade.", "Concerns everyone.");
pub(super) const GROUPS: Words = w("Koskee ryhmiä: {0}.", "Gäller grupperna: {0}.", "Concerns the groups: {0}.");
pub(super) const NONE: Words = w("ei ole", "ingen", "none");
pub(super) const ALL: Words = w("kaikki", "alla", "all");
pub(super) const YES: Words = w("kyllä", "ja", "yes");
pub(super) const NO: Words = w("ei", "nej", "no");
pub(super) const PUBLIC: Words = w("yleisesti saatavilla", "allmänt tillgänglig", "publicly accessible");
pub(super) const CLOSED: Words = w("ei yleisesti saatavilla", "inte allmänt tillgänglig", "not publicly accessible");
pub(super) const TRANSFERS_NEVER: Words = w("ei siirretä", "överförs inte", "not transferred");
pub(super) const TRANSFERS_BY_NECESSITY: Words = w(
    "siirretään vain teknisestä välttämättömyydestä",
    "överförs endast av teknisk nödvändighet",
    "transferred only by technical necessity",
);
pub(super) const VOLUNTARY: Words = w("vapaaehtoinen", "frivillig", "voluntary");
pub(super) const FOR_CONTRACT: Words = w("tilauksen edellytys", "krävs för beställning", "needed for an order");
pub(super) const BY_LAW: Words = w("lain edellyttämä", "krävs enligt lag", "required by law");

/// What a change concerns.
pub(super) const fn subject(subject: Subject) -> Words {
    match subject {
        Subject::Controller => w("rekisterinpitäjä", "personuppgiftsansvarig", "controller"),
        Subject::Contact => w("yhteyshenkilö", "kontaktperson", "contact person"),
        Subject::DataProtectionOfficer => w("tietosuojavastaava", "dataskyddsombud", "data protection officer"),
        Subject::Register => w("rekisterin nimi", "registrets namn", "name of the register"),
        Subject::Company => w("yhtiö", "bolag", "company"),
        Subject::Purpose => w("käyttötarkoitus", "ändamål", "purpose"),
        Subject::LegalBasis => w("oikeusperuste", "rättslig grund", "legal basis"),
        Subject::Interest => w("oikeutettu etu", "berättigat intresse", "legitimate interest"),
        Subject::Activities => w("käyttötarkoituksen sisältö", "ändamålets innehåll", "content of a purpose"),
        Subject::Group => w("rekisteröityjen ryhmä", "kategori av registrerade", "group of data subjects"),
        Subject::Kind => w("tietolaji", "uppgiftskategori", "kind of data"),
        Subject::Requirement => w("tiedon antamisen pakollisuus", "skyldighet att lämna uppgift", "duty to give data"),
        Subject::Retention => w("säilytysaika", "lagringstid", "retention period"),
        Subject::Source => w("tietolähde", "uppgiftskälla", "source of data"),
        Subject::Ground => w("luovutusperuste", "grund för utlämnande", "ground of disclosure"),
        Subject::Recipient => w("vastaanottaja", "mottagare", "recipient"),
        Subject::Provider => w("palveluntarjoaja", "tjänsteleverantör", "service provider"),
        Subject::Transfers => w(
            "siirrot EU:n ja ETA:n ulkopuolelle",
            "överföringar till länder utanför EU och EES",
            "transfers outside the EU and the EEA",
        ),
        Subject::Archive => w("tilausten arkistointi", "arkivering av beställningar", "archiving of orders"),
        Subject::Publication => {
            w("julkaiseminen luettelona", "publicering i förteckning", "publication in a directory")
        }
        Subject::Erasure => w("poistamisen este", "hinder för radering", "obstacle to erasure"),
        Subject::Cookies => w("evästeet", "kakor", "cookies"),
        Subject::AutomatedDecisions => w("automaattiset päätökset", "automatiserade beslut", "automated decisions"),
        Subject::Authority => w("valvontaviranomainen", "tillsynsmyndighet", "supervisory authority"),
        Subject::Text => w("selosteen teksti", "text i beskrivningen", "text of the notice"),
    }
}

/// What the program does under a purpose.
pub(super) const fn activity(activity: Activity) -> Words {
    match activity {
        Activity::RegisterMaintenance => w("rekisterin ylläpito", "förande av registret", "keeping the register"),
        Activity::Orders => w("tilausten käsittely", "behandling av beställningar", "handling orders"),
        Activity::Invoicing => w("laskutus", "fakturering", "invoicing"),
        Activity::Credit => w("luottopäätökset", "kreditbeslut", "credit decisions"),
        Activity::Archiving => w("tilausten arkistointi", "arkivering av beställningar", "archiving orders"),
        Activity::CustomerRelationship => {
            w("asiakassuhteen hoito", "skötsel av kundrelationen", "customer relationship")
        }
        Activity::Statistics => w("tilastot ja kehittäminen", "statistik och utveckling", "statistics and development"),
        Activity::TargetedContent => w("kohdennettu sisältö", "riktat innehåll", "targeted content"),
        Activity::Marketing => w("oma markkinointi", "egen marknadsföring", "own marketing"),
        Activity::Directory => w("luettelot ja tarrat", "förteckningar och etiketter", "directories and labels"),
        Activity::Accountability => w("tietosuojan osoittaminen", "påvisande av dataskyddet", "accountability"),
    }
}
