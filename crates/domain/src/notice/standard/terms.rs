//! What the words of `notice.toml` are called in the text for people, in the form that their sentence needs.

use super::super::model::Retention;
use super::super::words::{
    ArchiveEvent, BreachNotice, CookieUse, DirectoryForm, ErasureObstacle, Ground, LegalBasis, OptOut, PeriodUnit,
    RetentionEvent, Right, Safeguard, Service,
};
use super::{Words, w};
use crate::kind::Kind;
use crate::language::Language;

/// The name of a kind of data, with a capital: an item of a list.
pub(in super::super) const fn kind(kind: Kind) -> Words {
    match kind {
        Kind::Name => {
            w("Henkilön etu- ja sukunimi", "Personens för- och efternamn", "The person's given and family name")
        }
        Kind::Organisation => w(
            "Edustamansa yhteisö/yritys",
            "Den organisation/det företag som personen företräder",
            "The organisation/company that the person represents",
        ),
        Kind::Email => w("Sähköpostiosoite", "E-postadress", "E-mail address"),
        Kind::PostalAddress => w("Postiosoite", "Postadress", "Postal address"),
        Kind::Telephone => w("Puhelinnumero", "Telefonnummer", "Telephone number"),
        Kind::Orders => {
            w("Tiedot aikaisemmista tilauksista", "Uppgifter om tidigare beställningar", "Details of earlier orders")
        }
        Kind::CustomerNumber => w("Asiakasnumero", "Kundnummer", "Customer number"),
        Kind::Language => w("Asiointikieli", "Kontaktspråk", "Language of service"),
        Kind::Credit => w(
            "Luottohakemukset, niitä varten saadut luottotiedot ja luottopäätökset",
            "Kreditansökningar, kreditupplysningar som inhämtats för dem och kreditbeslut",
            "Credit applications, credit data obtained for them, and credit decisions",
        ),
        Kind::Tags => w(
            "Asiakasryhmää kuvaavat tunnisteet (ennalta määrätystä luettelosta)",
            "Etiketter som beskriver kundgruppen (ur en fastställd förteckning)",
            "Tags that describe the customer group (from a fixed catalogue)",
        ),
    }
}

/// A legal basis with its place in the law.
pub(in super::super) const fn basis(basis: LegalBasis) -> Words {
    match basis {
        LegalBasis::Consent => w(
            "suostumus (tietosuoja-asetuksen 6 artiklan 1 kohdan a alakohta)",
            "samtycke (artikel 6.1 a i dataskyddsförordningen)",
            "consent (Article 6(1)(a) of the General Data Protection Regulation)",
        ),
        LegalBasis::Contract => w(
            "sopimus (tietosuoja-asetuksen 6 artiklan 1 kohdan b alakohta)",
            "avtal (artikel 6.1 b i dataskyddsförordningen)",
            "contract (Article 6(1)(b) of the General Data Protection Regulation)",
        ),
        LegalBasis::LegalObligation => w(
            "lakisääteinen velvoite (tietosuoja-asetuksen 6 artiklan 1 kohdan c alakohta)",
            "rättslig förpliktelse (artikel 6.1 c i dataskyddsförordningen)",
            "legal obligation (Article 6(1)(c) of the General Data Protection Regulation)",
        ),
        LegalBasis::VitalInterests => w(
            "elintärkeiden etujen suojaaminen (tietosuoja-asetuksen 6 artiklan 1 kohdan d alakohta)",
            "skydd av grundläggande intressen (artikel 6.1 d i dataskyddsförordningen)",
            "protection of vital interests (Article 6(1)(d) of the General Data Protection Regulation)",
        ),
        LegalBasis::PublicTask => w(
            "yleistä etua koskeva tehtävä (tietosuoja-asetuksen 6 artiklan 1 kohdan e alakohta)",
            "uppgift av allmänt intresse (artikel 6.1 e i dataskyddsförordningen)",
            "task in the public interest (Article 6(1)(e) of the General Data Protection Regulation)",
        ),
        LegalBasis::LegitimateInterest => w(
            "oikeutettu etu (tietosuoja-asetuksen 6 artiklan 1 kohdan f alakohta)",
            "berättigat intresse (artikel 6.1 f i dataskyddsförordningen)",
            "legitimate interest (Article 6(1)(f) of the General Data Protection Regulation)",
        ),
    }
}

/// A ground of disclosure as a name.
pub(in super::super) const fn ground(ground: Ground) -> Words {
    match ground {
        Ground::CreditApplication => w("luottohakemus", "kreditansökan", "credit application"),
        Ground::Collection => w("perintä", "indrivning", "debt collection"),
        Ground::Invoicing => w("laskutus", "fakturering", "invoicing"),
        Ground::LegalObligation => w("lakisääteinen velvoite", "rättslig förpliktelse", "legal obligation"),
    }
}

/// A ground as what a matter concerns: `... liittyvissä asioissa`.
pub(in super::super) const fn ground_of_matter(ground: Ground) -> Words {
    match ground {
        Ground::CreditApplication => w("luottohakemukseen", "kreditansökan", "a credit application"),
        Ground::Collection => w("perintään", "indrivning", "debt collection"),
        Ground::Invoicing => w("laskutukseen", "fakturering", "invoicing"),
        Ground::LegalObligation => w("lakisääteiseen velvoitteeseen", "rättslig förpliktelse", "a legal obligation"),
    }
}

/// A service as a name.
pub(in super::super) const fn service(service: Service) -> Words {
    match service {
        Service::ValueAdded => w("lisäarvopalvelu", "mervärdestjänst", "value-added service"),
        Service::CreditDecision => w("luottopäätöksen tuki", "stöd för kreditbeslut", "support of a credit decision"),
    }
}

/// A service as that for which a provider is used.
pub(in super::super) const fn service_aim(service: Service) -> Words {
    match service {
        Service::ValueAdded => w(
            "lisäarvopalvelun tuottamiseen",
            "för att producera en mervärdestjänst",
            "to produce a value-added service",
        ),
        Service::CreditDecision => {
            w("luottopäätöksen tueksi", "som stöd för ett kreditbeslut", "to support a credit decision")
        }
    }
}

/// A safeguard of transfers.
pub(in super::super) const fn safeguard(safeguard: Safeguard) -> Words {
    match safeguard {
        Safeguard::AdequacyDecision => w(
            "Euroopan komission päätös tietosuojan riittävyydestä (45 artikla)",
            "Europeiska kommissionens beslut om adekvat skyddsnivå (artikel 45)",
            "an adequacy decision of the European Commission (Article 45)",
        ),
        Safeguard::StandardClauses => w(
            "komission hyväksymät vakiosopimuslausekkeet (46 artikla, päätös (EU) 2021/914)",
            "standardavtalsklausuler som kommissionen antagit (artikel 46, beslut (EU) 2021/914)",
            "standard contractual clauses adopted by the Commission (Article 46, Decision (EU) 2021/914)",
        ),
        Safeguard::BindingRules => w(
            "yritystä koskevat sitovat säännöt (47 artikla)",
            "bindande företagsbestämmelser (artikel 47)",
            "binding corporate rules (Article 47)",
        ),
        Safeguard::Derogation => w(
            "erityistilannetta koskeva poikkeus (49 artikla)",
            "undantag i en särskild situation (artikel 49)",
            "a derogation for a specific situation (Article 49)",
        ),
    }
}

/// The form of a directory.
pub(in super::super) const fn directory_form(form: DirectoryForm) -> Words {
    match form {
        DirectoryForm::Electronic => w("sähköisenä", "elektronisk", "electronic"),
        DirectoryForm::Printed => w("kirjallisena", "skriftlig", "printed"),
    }
}

/// A way to forbid publication; `{0}` is the contact's e-mail address.
pub(in super::super) const fn opt_out(way: OptOut) -> Words {
    match way {
        OptOut::CustomerService => {
            w("yrityksen asiakaspalveluun", "till företagets kundtjänst", "to the company's customer service")
        }
        OptOut::Email => w("sähköpostitse ({0})", "per e-post ({0})", "by e-mail ({0})"),
        OptOut::Contact => {
            w("rekisterin yhteyshenkilölle", "till registrets kontaktperson", "to the register's contact person")
        }
    }
}

/// A way to forbid publication, as a name.
pub(in super::super) const fn opt_out_name(way: OptOut) -> Words {
    match way {
        OptOut::CustomerService => w("asiakaspalvelu", "kundtjänst", "customer service"),
        OptOut::Email => w("sähköposti", "e-post", "e-mail"),
        OptOut::Contact => w("yhteyshenkilö", "kontaktperson", "contact person"),
    }
}

/// What prevents erasure.
pub(in super::super) const fn obstacle(obstacle: ErasureObstacle) -> Words {
    match obstacle {
        ErasureObstacle::Law => w("lainsäädäntö", "lagstiftning", "legislation"),
        ErasureObstacle::OpenInvoices => w("avoimet laskut", "öppna fakturor", "open invoices"),
        ErasureObstacle::Collection => w("perintätoimet", "indrivningsåtgärder", "debt collection"),
    }
}

/// The event from which a retention period runs.
pub(in super::super) const fn retention_event(event: RetentionEvent) -> Words {
    match event {
        RetentionEvent::Collected => {
            w("tiedon keräämisestä", "efter att uppgiften samlades in", "after the data was collected")
        }
        RetentionEvent::LastOrder => {
            w("viimeisestä tilauksesta", "efter den senaste beställningen", "after the last order")
        }
        RetentionEvent::LastContact => {
            w("viimeisestä yhteydenpidosta", "efter den senaste kontakten", "after the last contact")
        }
        RetentionEvent::RelationshipEnd => w(
            "asiakassuhteen päättymisestä",
            "efter att kundrelationen upphörde",
            "after the end of the customer relationship",
        ),
        RetentionEvent::RepresentationEnd => w(
            "yhteisön edustamisen päättymisestä",
            "efter att personen slutade företräda organisationen",
            "after the person ceased to represent the organisation",
        ),
        RetentionEvent::FinancialYearEnd => w(
            "sen kalenterivuoden lopusta, jona tilikausi on päättynyt",
            "efter utgången av det kalenderår under vilket räkenskapsperioden gick ut",
            "after the end of the calendar year in which the financial year ended",
        ),
    }
}

/// A length of time, such as *10 vuotta*.
pub(in super::super) fn period(count: u16, unit: PeriodUnit, language: Language) -> String {
    let (one, many) = match unit {
        PeriodUnit::Days => (w("päivä", "dag", "day"), w("päivää", "dagar", "days")),
        PeriodUnit::Months => (w("kuukausi", "månad", "month"), w("kuukautta", "månader", "months")),
        PeriodUnit::Years => (w("vuosi", "år", "year"), w("vuotta", "år", "years")),
    };
    let name = if count == 1 { one } else { many };
    format!("{count} {}", name.get(language))
}

/// A retention period in words, such as *10 vuotta viimeisestä tilauksesta*.
pub(in super::super) fn retention(retention: Retention, language: Language) -> String {
    let length = period(retention.count, retention.unit, language);
    format!("{length} {}", retention_event(retention.from).get(language))
}

/// The event from which archiving is counted.
pub(in super::super) const fn archive_event(event: ArchiveEvent) -> Words {
    match event {
        ArchiveEvent::Delivered => w("toimituksesta", "leveransen", "delivery"),
        ArchiveEvent::Invoiced => w("laskutuksesta", "faktureringen", "invoicing"),
    }
}

/// A use of cookies.
pub(in super::super) const fn cookie(cookie: CookieUse) -> Words {
    match cookie {
        CookieUse::Necessary => w(
            "Palvelun välttämättömät toiminnot, kuten kirjautuminen",
            "Tjänstens nödvändiga funktioner, såsom inloggning",
            "Necessary functions of the service, such as signing in",
        ),
        CookieUse::Statistics => w("Käytön tilastointi", "Statistik över användningen", "Statistics of use"),
        CookieUse::TargetedContent => w("Sisällön kohdentaminen", "Riktande av innehåll", "Targeting of content"),
    }
}

/// A right, as an item of the list of rights.
pub(in super::super) const fn right(right: Right) -> Words {
    match right {
        Right::Information => w(
            "Informointi tietojen käsittelystä",
            "Information om behandlingen av uppgifter",
            "Information on the processing of data",
        ),
        Right::Access => w(
            "Oikeus tarkistaa itseään koskevat tiedot",
            "Rätt till insyn i uppgifter om sig själv",
            "Right to inspect the data concerning oneself",
        ),
        Right::Rectification => {
            w("Virheellisten tietojen oikaisu", "Rättelse av felaktiga uppgifter", "Rectification of inaccurate data")
        }
        Right::Erasure => w(
            "Oikeus vaatia tietojen poistamista",
            "Rätt att kräva radering av uppgifter",
            "Right to demand erasure of data",
        ),
        Right::RestrictionAndObjection => w(
            "Oikeus käsittelyn rajoittamiseen ja vastustamiseen",
            "Rätt till begränsning av behandling och rätt att göra invändningar",
            "Right to restriction of processing and right to object",
        ),
        Right::Portability => {
            w("Oikeus saada tietonsa siirretyksi", "Rätt till dataportabilitet", "Right to data portability")
        }
        Right::Copy => w(
            "Oikeus saada itseään koskevat tiedot",
            "Rätt att få uppgifter om sig själv",
            "Right to receive the data concerning oneself",
        ),
        Right::BreachInformation => w(
            "Tiedonanto tietoturvaloukkauksesta",
            "Information om en personuppgiftsincident",
            "Communication of a personal data breach",
        ),
    }
}

/// Who is told of a breach, as an item of a list.
pub(in super::super) const fn breach_notice(notice: BreachNotice) -> Words {
    match notice {
        BreachNotice::Authority => {
            w("Tietosuojavaltuutetulle", "Till dataombudsmannen", "To the Data Protection Ombudsman")
        }
        BreachNotice::DataSubject => w("Rekisteröidylle", "Till den registrerade", "To the data subject"),
    }
}

/// The word between the last two of a list of alternatives.
pub(in super::super) const OR: Words = w("tai", "eller", "or");
