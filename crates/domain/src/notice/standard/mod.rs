//! The standard texts of a notice, in the three languages.
//!
//! For translators: every text is `w(Finnish, Swedish, English)`. `{0}`, `{1}`, ... are filled by the program; keep
//! each of them. The Finnish wording is that of the specification's notice where that has one: do not change it.

pub(super) mod terms;

use crate::language::Language;

/// A standard text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words {
    fi: &'static str,
    sv: &'static str,
    en: &'static str,
}

impl Words {
    pub(super) const fn get(self, language: Language) -> &'static str {
        match language {
            Language::Fi => self.fi,
            Language::Sv => self.sv,
            Language::En => self.en,
        }
    }
}

pub(super) const fn w(fi: &'static str, sv: &'static str, en: &'static str) -> Words {
    Words { fi, sv, en }
}

/// A heading with its address, which is the same in every language.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heading {
    pub(super) id: &'static str,
    pub(super) level: u8,
    pub(super) words: Words,
}

const fn h2(id: &'static str, words: Words) -> Heading {
    Heading { id, level: 2, words }
}

const fn h3(id: &'static str, words: Words) -> Heading {
    Heading { id, level: 3, words }
}

/// The title: the register's name in capitals is put in.
pub(super) const TITLE: Words = w("TIETOSUOJASELOSTE – {0}", "DATASKYDDSBESKRIVNING – {0}", "PRIVACY NOTICE – {0}");

/// The headings, in the order of the notice.
pub(super) mod heading {
    use super::{Heading, h2, h3, w};

    pub(in super::super) const CONTROLLER: Heading =
        h2("controller", w("Rekisterinpitäjä", "Personuppgiftsansvarig", "Controller"));
    pub(in super::super) const NAME: Heading =
        h2("register", w("Rekisterin nimi", "Registrets namn", "Name of the register"));
    pub(in super::super) const PURPOSES: Heading = h2(
        "purposes",
        w(
            "Henkilötietojen käsittelyn tarkoitus ja peruste",
            "Ändamålet med och grunden för behandlingen av personuppgifter",
            "Purpose and basis of the processing of personal data",
        ),
    );
    pub(in super::super) const BASES: Heading = h3(
        "legal-bases",
        w(
            "Käyttötarkoitukset ja niiden oikeusperusteet",
            "Ändamålen och deras rättsliga grunder",
            "The purposes and their legal bases",
        ),
    );
    pub(in super::super) const GROUPS: Heading =
        h2("groups", w("Rekisteröityjen ryhmät", "Kategorier av registrerade", "Groups of data subjects"));
    pub(in super::super) const CONTENT: Heading =
        h2("content", w("Rekisterin tietosisältö", "Registrets datainnehåll", "Content of the register"));
    pub(in super::super) const SOURCES: Heading =
        h2("sources", w("Säännönmukaiset tietolähteet", "Regelmässiga uppgiftskällor", "Regular sources of data"));
    pub(in super::super) const DISCLOSURE: Heading = h2(
        "disclosure",
        w(
            "Henkilötietojen käsittely ja luovutus",
            "Behandling och utlämnande av personuppgifter",
            "Processing and disclosure of personal data",
        ),
    );
    pub(in super::super) const RECIPIENTS: Heading = h3("recipients", w("Vastaanottajat", "Mottagare", "Recipients"));
    pub(in super::super) const TRANSFERS: Heading = h3(
        "transfers",
        w(
            "Siirrot EU:n ja ETA:n ulkopuolelle",
            "Överföringar till länder utanför EU och EES",
            "Transfers outside the EU and the EEA",
        ),
    );
    pub(in super::super) const RETENTION: Heading =
        h2("retention", w("Säilytysajat", "Lagringstider", "Retention periods"));
    pub(in super::super) const PROTECTION: Heading = h2(
        "protection",
        w(
            "Tietojen suojaus, tekniset ja organisatoriset toimenpiteet",
            "Skydd av uppgifterna, tekniska och organisatoriska åtgärder",
            "Protection of the data, technical and organisational measures",
        ),
    );
    pub(in super::super) const PAPER: Heading =
        h3("paper", w("A) Manuaaliset aineistot", "A) Manuellt material", "A) Manual material"));
    pub(in super::super) const ELECTRONIC: Heading =
        h3("electronic", w("B) Sähköiset aineistot", "B) Elektroniskt material", "B) Electronic material"));
    pub(in super::super) const COOKIES: Heading = h2("cookies", w("Evästeet", "Kakor", "Cookies"));
    pub(in super::super) const AUTOMATED: Heading = h2(
        "automated-decisions",
        w("Automaattinen päätöksenteko", "Automatiserat beslutsfattande", "Automated decision-making"),
    );
    pub(in super::super) const RIGHTS: Heading = h2(
        "rights",
        w(
            "Rekisteröidyn oikeuksien toteuttaminen",
            "Tillgodoseende av den registrerades rättigheter",
            "How the rights of the data subject are carried out",
        ),
    );
    pub(in super::super) const OBJECTION: Heading =
        h3("objection", w("Vastustamisoikeus", "Rätt att göra invändningar", "Right to object"));
    pub(in super::super) const WITHDRAWAL: Heading =
        h3("withdrawal", w("Suostumuksen peruuttaminen", "Återkallande av samtycke", "Withdrawal of consent"));
    pub(in super::super) const COMPLAINT: Heading =
        h3("complaint", w("Valitusoikeus", "Rätt att lämna in klagomål", "Right to lodge a complaint"));
    pub(in super::super) const BREACH: Heading = h2(
        "breach",
        w(
            "Tietoturvaloukkauksista ilmoittaminen",
            "Anmälan av personuppgiftsincidenter",
            "Notification of personal data breaches",
        ),
    );
    pub(in super::super) const CHANGES: Heading =
        h2("changes", w("Selosteen versio ja muutokset", "Version och ändringar", "Version and changes"));
}

/// The standard statements, in the order of the notice.
pub(super) mod statement {
    use super::{Words, w};

    pub(in super::super) const BUSINESS_ID: Words =
        w("{0}, Y-tunnus {1}", "{0}, FO-nummer {1}", "{0}, business id {1}");
    pub(in super::super) const CONTACT: Words = w(
        "Yhteyshenkilö rekisteriä koskevissa asioissa:",
        "Kontaktperson i ärenden som gäller registret:",
        "Contact person in matters concerning the register:",
    );
    pub(in super::super) const DPO: Words = w("Tietosuojavastaava:", "Dataskyddsombud:", "Data protection officer:");
    pub(in super::super) const COMPANIES: Words =
        w("Rekisteriä käyttävät yhtiöt:", "Bolag som använder registret:", "Companies that use the register:");
    // Art. 13(1)(c)-(d).
    pub(in super::super) const BASIS: Words = w("Oikeusperuste: {0}", "Rättslig grund: {0}", "Legal basis: {0}");
    pub(in super::super) const INTEREST: Words =
        w("Oikeutettu etu: {0}", "Berättigat intresse: {0}", "Legitimate interest: {0}");
    pub(in super::super) const PUBLICATION: Words = w(
        "Yrityksellä on oikeus julkaista asiakasrekisterin sisältämiä tietoja {0} luettelona, ellei asiakas sitä \
         erityisesti kiellä. Luettelolla tarkoitetaan tässä tapauksessa esim. postitustarroja suoramainoksiin tai \
         vastaavia. Asiakkaalla on oikeus kieltää tietojen julkaiseminen ilmoittamalla siitä {1}.",
        "Företaget har rätt att publicera uppgifter ur kundregistret som en {0} förteckning, om inte kunden \
         uttryckligen förbjuder det. Med förteckning avses här t.ex. adressetiketter för direktreklam eller \
         motsvarande. Kunden har rätt att förbjuda publiceringen genom att meddela detta {1}.",
        "The company has the right to publish data of the customer register as a directory in {0} form, unless the \
         customer expressly forbids it. A directory means here, for example, mailing labels for direct mail or the \
         like. The customer has the right to forbid the publication by giving notice of it {1}.",
    );
    pub(in super::super) const CONTENT: Words = w(
        "Henkilörekisteri sisältää seuraavia tietoja:",
        "Personregistret innehåller följande uppgifter:",
        "The register contains the following data about a person:",
    );
    // Art. 13(2)(e).
    pub(in super::super) const NEEDED_FOR_CONTRACT: Words = w(
        "Tilauksen tekeminen edellyttää seuraavia tietoja: {0}. Ilman niitä tilausta ei voida käsitellä.",
        "För att göra en beställning krävs följande uppgifter: {0}. Utan dem kan beställningen inte behandlas.",
        "The following data is needed to make an order: {0}. Without it the order cannot be handled.",
    );
    pub(in super::super) const NEEDED_BY_LAW: Words = w(
        "Laki edellyttää seuraavia tietoja: {0}. Ilman niitä emme voi täyttää lakisääteisiä velvoitteitamme.",
        "Lagen kräver följande uppgifter: {0}. Utan dem kan vi inte fullgöra våra rättsliga förpliktelser.",
        "The law requires the following data: {0}. Without it we cannot meet our legal obligations.",
    );
    pub(in super::super) const REST_IS_VOLUNTARY: Words = w(
        "Muiden tietojen antaminen on vapaaehtoista.",
        "Det är frivilligt att lämna de övriga uppgifterna.",
        "Giving the other data is voluntary.",
    );
    pub(in super::super) const ALL_IS_VOLUNTARY: Words = w(
        "Tietojen antaminen on vapaaehtoista.",
        "Det är frivilligt att lämna uppgifterna.",
        "Giving the data is voluntary.",
    );
    // Art. 14(2)(f).
    pub(in super::super) const SOURCES: Words = w("Lähteet ovat:", "Källorna är:", "The sources are:");
    pub(in super::super) const PUBLIC_SOURCE: Words =
        w("{0} (yleisesti saatavilla)", "{0} (allmänt tillgänglig)", "{0} (publicly accessible)");
    pub(in super::super) const CLOSED_SOURCE: Words =
        w("{0} (ei yleisesti saatavilla)", "{0} (inte allmänt tillgänglig)", "{0} (not publicly accessible)");
    pub(in super::super) const OWN_USE: Words = w(
        "Asiakasrekisterin tiedot ovat ainoastaan yrityksen käytössä.",
        "Uppgifterna i kundregistret används endast av företaget.",
        "The data of the customer register is used by the company only.",
    );
    pub(in super::super) const OWN_USE_EXCEPT: Words = w(
        "Asiakasrekisterin tiedot ovat ainoastaan yrityksen käytössä, paitsi käyttäessä ulkoista palveluntarjoajaa \
         {0}.",
        "Uppgifterna i kundregistret används endast av företaget, utom när en utomstående tjänsteleverantör anlitas \
         {0}.",
        "The data of the customer register is used by the company only, except when an outside service provider is \
         used {0}.",
    );
    pub(in super::super) const EITHER_OR: Words = w("joko {0}", "antingen {0}", "either {0}");
    pub(in super::super) const NO_DISCLOSURE: Words = w(
        "Tietoja ei luovuteta yrityksen ulkopuolelle tai sen yhteistyökumppaneiden käyttöön.",
        "Uppgifter lämnas inte ut utanför företaget eller till dess samarbetspartner.",
        "Data is not disclosed outside the company or for the use of its partners.",
    );
    pub(in super::super) const NO_DISCLOSURE_EXCEPT: Words = w(
        "Tietoja ei luovuteta yrityksen ulkopuolelle tai sen yhteistyökumppaneiden käyttöön, paitsi {0}.",
        "Uppgifter lämnas inte ut utanför företaget eller till dess samarbetspartner, utom {0}.",
        "Data is not disclosed outside the company or for the use of its partners, except {0}.",
    );
    pub(in super::super) const IN_MATTERS_OF: Words =
        w("{0} liittyvissä asioissa", "i ärenden som gäller {0}", "in matters of {0}");
    pub(in super::super) const LAW_OBLIGES: Words =
        w("lainsäädännön velvoittaessa", "när lagstiftningen förpliktar till det", "where the law requires it");
    pub(in super::super) const AS_WELL_AS: Words = w("{0} sekä {1}", "{0} samt {1}", "{0} and {1}");
    pub(in super::super) const TRANSFERS_NEVER: Words = w(
        "Henkilötietoja ei siirretä Euroopan unionin tai Euroopan talousalueen ulkopuolelle.",
        "Personuppgifter överförs inte till länder utanför Europeiska unionen eller Europeiska ekonomiska \
         samarbetsområdet.",
        "Personal data is not transferred outside the European Union or the European Economic Area.",
    );
    pub(in super::super) const TRANSFERS_BY_NECESSITY: Words = w(
        "Henkilötietoja ei siirretä Euroopan Unionin ulkopuolelle, ellei se ole yrityksen tai sen yhteistyökumppanin \
         teknisen toteutuksen varmistamiseksi tarpeellista.",
        "Personuppgifter överförs inte till länder utanför Europeiska unionen, om det inte behövs för att \
         säkerställa företagets eller dess samarbetspartners tekniska genomförande.",
        "Personal data is not transferred outside the European Union, unless that is needed to ensure the technical \
         implementation of the company or its partner.",
    );
    pub(in super::super) const ERASURE: Words = w(
        "Rekisteröityneen henkilötiedot hävitetään käyttäjän pyynnöstä.",
        "Den registrerades personuppgifter förstörs på användarens begäran.",
        "The registered person's data is destroyed at the user's request.",
    );
    /// When the first obstacle is singular in Finnish: legislation.
    pub(in super::super) const ERASURE_UNLESS_LAW: Words = w(
        "Rekisteröityneen henkilötiedot hävitetään käyttäjän pyynnöstä ellei {0} estä tietojen poistamista.",
        "Den registrerades personuppgifter förstörs på användarens begäran, om inte {0} hindrar att uppgifterna \
         raderas.",
        "The registered person's data is destroyed at the user's request, unless its erasure is prevented by {0}.",
    );
    /// When the first obstacle is plural in Finnish.
    pub(in super::super) const ERASURE_UNLESS: Words = w(
        "Rekisteröityneen henkilötiedot hävitetään käyttäjän pyynnöstä elleivät {0} estä tietojen poistamista.",
        "Den registrerades personuppgifter förstörs på användarens begäran, om inte {0} hindrar att uppgifterna \
         raderas.",
        "The registered person's data is destroyed at the user's request, unless its erasure is prevented by {0}.",
    );
    pub(in super::super) const GROUND: Words =
        w("Luovutusperuste: {0}", "Grund för utlämnandet: {0}", "Ground of disclosure: {0}");
    pub(in super::super) const SERVICE: Words = w("Palvelu: {0}", "Tjänst: {0}", "Service: {0}");
    // Art. 13(1)(f).
    pub(in super::super) const OUTSIDE_EEA: Words = w(
        "Sijainti EU:n ja ETA:n ulkopuolella: {0}. Siirtoperuste: {1}.",
        "Belägen utanför EU och EES: {0}. Överföringsgrund: {1}.",
        "Located outside the EU and the EEA: {0}. Transfer mechanism: {1}.",
    );
    pub(in super::super) const NECESSITY: Words = w(
        "Siirron välttämättömyys: {0}",
        "Varför överföringen är nödvändig: {0}",
        "Why the transfer is necessary: {0}",
    );
    pub(in super::super) const SAFEGUARDS: Words = w(
        "EU:n ja ETA:n ulkopuolelle tietoja siirretään vain, kun perusteena on {0}. Jäljennöksen suojatoimista saa \
         rekisterin yhteyshenkilöltä.",
        "Uppgifter överförs till länder utanför EU och EES endast när grunden är {0}. En kopia av skyddsåtgärderna \
         fås av registrets kontaktperson.",
        "Data is transferred outside the EU and the EEA only on the basis of {0}. A copy of the safeguards can be \
         had from the register's contact person.",
    );
    pub(in super::super) const NO_ONE_OUTSIDE_EEA: Words = w(
        "Tällä hetkellä yksikään vastaanottaja tai palveluntarjoaja ei ole EU:n ja ETA:n ulkopuolella.",
        "För närvarande finns ingen mottagare eller tjänsteleverantör utanför EU och EES.",
        "At present no recipient or service provider is outside the EU and the EEA.",
    );
    // Art. 13(2)(a).
    pub(in super::super) const RETENTION: Words = w(
        "Tietoja säilytetään seuraavat ajat, minkä jälkeen ne poistetaan:",
        "Uppgifterna lagras under följande tider, varefter de raderas:",
        "Data is kept for the following times and then erased:",
    );
    pub(in super::super) const ARCHIVE: Words = w(
        "Tilaus arkistoidaan, kun {1} on kulunut {0}. Arkistoitu tilaus on yhä löydettävissä, mutta sitä ei enää \
         käytetä päivittäisessä työssä.",
        "En beställning arkiveras {0} efter {1}. En arkiverad beställning kan fortfarande hittas, men den används \
         inte längre i det dagliga arbetet.",
        "An order is archived {0} after {1}. An archived order can still be found, but is no longer used in daily \
         work.",
    );
    pub(in super::super) const NO_COOKIES: Words = w(
        "Verkkopalveluissamme ei käytetä evästeitä.",
        "I våra webbtjänster används inga kakor.",
        "Our web services use no cookies.",
    );
    pub(in super::super) const COOKIES: Words = w(
        "Verkkopalveluissamme käytetään evästeitä seuraaviin tarkoituksiin:",
        "I våra webbtjänster används kakor för följande ändamål:",
        "Our web services use cookies for the following purposes:",
    );
    // Act 917/2014, section 205.
    pub(in super::super) const COOKIE_CONSENT: Words = w(
        "Muihin kuin välttämättömiin evästeisiin pyydämme etukäteen suostumuksen, jonka voi peruuttaa milloin \
         tahansa yhtä helposti kuin sen on antanut.",
        "För andra kakor än de nödvändiga ber vi på förhand om samtycke, som när som helst kan återkallas lika lätt \
         som det gavs.",
        "For cookies other than the necessary ones we ask for consent beforehand; it can be withdrawn at any time as \
         easily as it was given.",
    );
    // Art. 13(2)(f), 22.
    pub(in super::super) const NO_AUTOMATED_DECISIONS: Words = w(
        "Rekisterin tietojen perusteella ei tehdä pelkästään automaattisia päätöksiä, joilla olisi oikeusvaikutuksia \
         tai muita vastaavia merkittäviä vaikutuksia rekisteröityyn.",
        "På grundval av uppgifterna i registret fattas inga enbart automatiserade beslut som skulle ha rättsliga \
         följder för den registrerade eller på liknande sätt i betydande grad påverka honom eller henne.",
        "No decisions based solely on automated processing that would have legal or similarly significant effects on \
         the data subject are made with the data of the register.",
    );
    pub(in super::super) const AUTOMATED_DECISIONS: Words = w(
        "Rekisterin tietojen perusteella tehdään automaattisia päätöksiä. Rekisteröidyllä on oikeus vaatia, että \
         ihminen käsittelee asian, sekä oikeus esittää kantansa ja riitauttaa päätös.",
        "På grundval av uppgifterna i registret fattas automatiserade beslut. Den registrerade har rätt att kräva \
         att en människa behandlar ärendet samt rätt att framföra sin åsikt och bestrida beslutet.",
        "Automated decisions are made with the data of the register. The data subject has the right to have the \
         matter handled by a human being, to express their point of view and to contest the decision.",
    );
    // Art. 12(3) and 12(5) as in force on 2018-05-25 and still on 2026-11-01.
    pub(in super::super) const HOW_TO_USE_RIGHTS: Words = w(
        "Oikeuksiaan voi käyttää ottamalla yhteyttä rekisterin yhteyshenkilöön. Pyyntöön vastataan ilman aiheetonta \
         viivytystä ja viimeistään kuukauden kuluessa sen saapumisesta. Jos pyyntö on monimutkainen tai pyyntöjä on \
         paljon, aikaa voidaan jatkaa enintään kahdella kuukaudella, mistä kerrotaan syineen ensimmäisen kuukauden \
         aikana. Oikeuksien käyttäminen on maksutonta.",
        "Rättigheterna kan utövas genom kontakt med registrets kontaktperson. En begäran besvaras utan onödigt \
         dröjsmål och senast inom en månad efter att den mottagits. Om begäran är komplicerad eller antalet \
         begäranden stort kan tiden förlängas med högst två månader, vilket meddelas med skälen inom den första \
         månaden. Det är avgiftsfritt att utöva rättigheterna.",
        "The rights can be used by contacting the register's contact person. A request is answered without undue \
         delay and at the latest within one month of its receipt. If the request is complex or there are many, the \
         time can be extended by at most two months; this is told with the reasons within the first month. Using the \
         rights is free of charge.",
    );
    // Art. 21(4): shown separately from other information.
    pub(in super::super) const OBJECTION: Words = w(
        "Rekisteröidyllä on oikeus henkilökohtaiseen erityiseen tilanteeseensa liittyvällä perusteella milloin \
         tahansa vastustaa käsittelyä, joka perustuu oikeutettuun etuun tai yleiseen etuun.",
        "Den registrerade har rätt att av skäl som hänför sig till hans eller hennes specifika situation när som \
         helst göra invändningar mot behandling som grundar sig på ett berättigat intresse eller ett allmänt \
         intresse.",
        "The data subject has the right to object at any time, on grounds relating to their particular situation, to \
         processing based on a legitimate interest or the public interest.",
    );
    pub(in super::super) const MARKETING_OBJECTION: Words = w(
        "Suoramarkkinointia ja siihen liittyvää profilointia voi vastustaa milloin tahansa syytä kertomatta. Tietoja \
         ei sen jälkeen enää käsitellä suoramarkkinointia varten.",
        "Den registrerade har rätt att när som helst och utan att ange skäl göra invändningar mot \
         direktmarknadsföring och profilering som har samband med den. Uppgifterna behandlas därefter inte längre \
         för direktmarknadsföring.",
        "The data subject has the right to object to direct marketing and profiling related to it at any time and \
         without giving a reason. The data is then no longer processed for direct marketing.",
    );
    // Art. 13(2)(c), 7(3).
    pub(in super::super) const WITHDRAWAL: Words = w(
        "Suostumuksen voi peruuttaa milloin tahansa. Peruuttaminen ei vaikuta ennen sitä tehdyn käsittelyn \
         lainmukaisuuteen.",
        "Ett samtycke kan återkallas när som helst. Återkallandet påverkar inte lagligheten av den behandling som \
         skett före det.",
        "Consent can be withdrawn at any time. The withdrawal does not affect the lawfulness of processing before \
         it.",
    );
    // Art. 13(2)(d), 77.
    pub(in super::super) const COMPLAINT: Words = w(
        "Rekisteröidyllä on oikeus tehdä valitus valvontaviranomaiselle, jos hän katsoo, että hänen \
         henkilötietojensa käsittelyssä rikotaan tietosuoja-asetusta. Valvontaviranomainen on:",
        "Den registrerade har rätt att lämna in klagomål till tillsynsmyndigheten, om han eller hon anser att \
         behandlingen av hans eller hennes personuppgifter strider mot dataskyddsförordningen. Tillsynsmyndigheten \
         är:",
        "The data subject has the right to lodge a complaint with the supervisory authority if they consider that \
         the processing of their personal data infringes the General Data Protection Regulation. The supervisory \
         authority is:",
    );
    // Art. 33-34. The law's number of hours is left out: it is told to the authority, and it is about to change.
    pub(in super::super) const BREACH: Words = w(
        "Tietoturvaloukkauksesta ilmoitetaan tietosuojavaltuutetulle säädetyssä määräajassa, paitsi jos siitä ei \
         todennäköisesti aiheudu riskiä. Rekisteröidylle ilmoitetaan ilman aiheetonta viivytystä, jos loukkaus \
         todennäköisesti aiheuttaa hänelle korkean riskin.",
        "En personuppgiftsincident anmäls till dataombudsmannen inom föreskriven tid, såvida det inte är osannolikt \
         att den medför en risk. Den registrerade informeras utan onödigt dröjsmål, om incidenten sannolikt leder till \
         en hög risk för honom eller henne.",
        "A personal data breach is notified to the Data Protection Ombudsman within the time set by law, unless it \
         is unlikely to result in a risk. The data subject is informed without undue delay if the breach is likely \
         to result in a high risk to them.",
    );
    // Art. 13(3), 14(4).
    pub(in super::super) const VERSION: Words = w(
        "Tämä on selosteen versio {0}, {1}. Aikaisemmat versiot ovat luettavissa. Olennaisista muutoksista \
         ilmoitetaan rekisteröidyille ennen niiden voimaantuloa.",
        "Detta är version {0} av beskrivningen, {1}. Tidigare versioner finns att läsa. De registrerade informeras \
         om väsentliga ändringar innan de träder i kraft.",
        "This is version {0} of the notice, {1}. Earlier versions can be read. Data subjects are informed of \
         material changes before they take effect.",
    );
}
