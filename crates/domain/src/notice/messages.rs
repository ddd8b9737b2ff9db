//! The problems that a notice can have, with their messages: what is wrong, how to mend it.
//!
//! For translators: `{0}`, `{1}` and `{2}` are words from the file; keep each of them. Text in backticks is written so
//! in `notice.toml` and is not translated.

use super::problem::Severity;
use crate::language::Language;

macro_rules! problems {
    ($($(#[$doc:meta])* $code:ident = $name:literal, $severity:ident, $article:expr,
        fi: $fi:literal / $fi_mend:literal,
        sv: $sv:literal / $sv_mend:literal,
        en: $en:literal / $en_mend:literal;)*) => {
        /// What is wrong.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Code { $($(#[$doc])* $code),* }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$code),*];

            /// The name for programs.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$code => $name),* }
            }

            pub(super) const fn severity(self) -> Severity {
                match self { $(Self::$code => Severity::$severity),* }
            }

            pub(super) const fn article(self) -> Option<&'static str> {
                match self { $(Self::$code => $article),* }
            }

            /// What is wrong, and how to mend it.
            pub(super) const fn message(self, language: Language) -> (&'static str, &'static str) {
                match (self, language) { $(
                    (Self::$code, Language::Fi) => ($fi, $fi_mend),
                    (Self::$code, Language::Sv) => ($sv, $sv_mend),
                    (Self::$code, Language::En) => ($en, $en_mend),
                )* }
            }
        }
    };
}

/// Puts the arguments in their places.
pub(super) fn fill(message: &str, args: &[String]) -> String {
    let mut filled = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(open) = rest.find('{') {
        let (before, place) = rest.split_at(open);
        filled.push_str(before);
        let number = place.get(1..2).and_then(|digit| digit.parse::<usize>().ok());
        match number.and_then(|number| args.get(number)).filter(|_| place.get(2..3) == Some("}")) {
            Some(arg) => {
                filled.push_str(arg);
                rest = place.get(3..).unwrap_or_default();
            }
            None => {
                filled.push('{');
                rest = place.get(1..).unwrap_or_default();
            }
        }
    }
    filled.push_str(rest);
    filled
}

problems! {
    /// Not TOML.
    Syntax = "syntax", Error, None,
        fi: "Tiedosto ei ole kelvollista TOMLia: {0}."
            / "Korjaa rivin merkintä; usein puuttuu lainausmerkki, hakasulje tai pilkku.",
        sv: "Filen är inte giltig TOML: {0}."
            / "Rätta raden; ofta saknas ett citattecken, en hakparentes eller ett kommatecken.",
        en: "The file is not valid TOML: {0}."
            / "Correct the line; often a quotation mark, a bracket or a comma is missing.";
    /// Larger than any notice.
    TooLarge = "too_large", Error, None,
        fi: "Tiedosto on liian suuri."
            / "Selosteen enimmäiskoko on {0}.",
        sv: "Filen är för stor."
            / "En beskrivning får vara högst {0}.",
        en: "The file is too large."
            / "A notice may be at most {0}.";
    /// A key that is not known and resembles none.
    UnknownKey = "unknown_key", Error, None,
        fi: "Avainta `{0}` ei tunneta."
            / "Poista se tai käytä jotakin näistä: {1}.",
        sv: "Nyckeln `{0}` är okänd."
            / "Ta bort den eller använd någon av dessa: {1}.",
        en: "The key `{0}` is not known."
            / "Remove it or use one of these: {1}.";
    /// A key that is not known and resembles one.
    MisspelledKey = "misspelled_key", Error, None,
        fi: "Avainta `{0}` ei tunneta."
            / "Tarkoititko `{1}`?",
        sv: "Nyckeln `{0}` är okänd."
            / "Menade du `{1}`?",
        en: "The key `{0}` is not known."
            / "Did you mean `{1}`?";
    /// A value that is not known and resembles none.
    UnknownWord = "unknown_word", Error, None,
        fi: "`{0}` ei kelpaa kohtaan `{1}`."
            / "Käytä jotakin näistä: {2}.",
        sv: "`{0}` duger inte för `{1}`."
            / "Använd någon av dessa: {2}.",
        en: "`{0}` is not a value of `{1}`."
            / "Use one of these: {2}.";
    /// A value that is not known and resembles one.
    MisspelledWord = "misspelled_word", Error, None,
        fi: "`{0}` ei kelpaa kohtaan `{1}`."
            / "Tarkoititko `{2}`?",
        sv: "`{0}` duger inte för `{1}`."
            / "Menade du `{2}`?",
        en: "`{0}` is not a value of `{1}`."
            / "Did you mean `{2}`?";
    /// A value of another type.
    WrongType = "wrong_type", Error, None,
        fi: "Kohdan `{0}` arvo on väärää tyyppiä."
            / "Kirjoita se näin: `{1}`.",
        sv: "Värdet för `{0}` är av fel typ."
            / "Skriv det så här: `{1}`.",
        en: "The value of `{0}` is of the wrong type."
            / "Write it like this: `{1}`.";
    /// A number too small or too large.
    OutOfRange = "out_of_range", Error, None,
        fi: "Luku `{0}` ei ole sallituissa rajoissa."
            / "Anna luku väliltä {1}–{2}.",
        sv: "Talet `{0}` är inte inom de tillåtna gränserna."
            / "Ange ett tal mellan {1} och {2}.",
        en: "The number `{0}` is not within the limits."
            / "Give a number from {1} to {2}.";
    /// A short name that is not one.
    BadIdentifier = "bad_identifier", Error, None,
        fi: "`{0}` ei kelpaa tunnisteeksi."
            / "Käytä 1–40 merkkiä a–z, 0–9, `_` ja `-`, ensin kirjain.",
        sv: "`{0}` duger inte som identifierare."
            / "Använd 1–40 av tecknen a–z, 0–9, `_` och `-`, med en bokstav först.",
        en: "`{0}` is not an identifier."
            / "Use 1-40 of a-z, 0-9, `_` and `-`, beginning with a letter.";
    /// A period that can not be read.
    BadPeriod = "bad_period", Error, Some("13(2)(a)"),
        fi: "Säilytysaikaa `{0}` ei voi tulkita."
            / "Kirjoita se muodossa `10 years after last_order`.",
        sv: "Lagringstiden `{0}` kan inte tolkas."
            / "Skriv den i formen `10 years after last_order`.",
        en: "The retention period `{0}` can not be read."
            / "Write it in the form `10 years after last_order`.";
    /// Not a country code.
    BadCountry = "bad_country", Error, Some("13(1)(f)"),
        fi: "`{0}` ei ole maan tunnus."
            / "Käytä kaksikirjaimista ISO 3166-1 -tunnusta, kuten `FI`.",
        sv: "`{0}` är inte en landskod."
            / "Använd en ISO 3166-1-kod med två bokstäver, till exempel `FI`.",
        en: "`{0}` is not a country code."
            / "Use a two-letter ISO 3166-1 code such as `FI`.";
    /// A business id with a wrong check digit.
    BadBusinessId = "bad_business_id", Error, None,
        fi: "`{0}` ei ole kelvollinen Y-tunnus."
            / "Tarkista numerot; viimeinen on tarkistusnumero.",
        sv: "`{0}` är inte ett giltigt FO-nummer."
            / "Kontrollera siffrorna; den sista är en kontrollsiffra.",
        en: "`{0}` is not a valid business id."
            / "Check the digits; the last one is a check digit.";
    /// Not an e-mail address.
    BadEmail = "bad_email", Error, Some("13(1)(a)"),
        fi: "Sähköpostiosoite ei ole kelvollinen."
            / "Anna osoite muodossa `nimi@example.com`.",
        sv: "E-postadressen är inte giltig."
            / "Ange adressen i formen `namn@example.com`.",
        en: "The e-mail address is not valid."
            / "Give the address in the form `name@example.com`.";
    /// Something that has to be there is not.
    Missing = "missing", Error, None,
        fi: "`{0}` puuttuu."
            / "Lisää `{1}`.",
        sv: "`{0}` saknas."
            / "Lägg till `{1}`.",
        en: "`{0}` is missing."
            / "Add `{1}`.";
    /// A text without content.
    Empty = "empty", Error, None,
        fi: "`{0}` on tyhjä."
            / "Anna arvo tai poista avain.",
        sv: "`{0}` är tomt."
            / "Ange ett värde eller ta bort nyckeln.",
        en: "`{0}` is empty."
            / "Give a value or remove the key.";
    /// A text without its Finnish version.
    NoFinnish = "no_finnish", Error, Some("12(1)"),
        fi: "Tekstiä `{0}` ei ole suomeksi."
            / "Lisää `{0}.fi`.",
        sv: "Texten `{0}` finns inte på finska."
            / "Lägg till `{0}.fi`.",
        en: "The text `{0}` is not there in Finnish."
            / "Add `{0}.fi`.";
    /// A text without a translation.
    NotTranslated = "not_translated", Warning, Some("12(1)"),
        fi: "Tekstiä `{0}` ei ole käännetty; sen tilalla näkyy suomenkielinen."
            / "Lisää `{0}.{1}`.",
        sv: "Texten `{0}` är inte översatt; den finska visas i stället."
            / "Lägg till `{0}.{1}`.",
        en: "The text `{0}` is not translated; the Finnish one is shown instead."
            / "Add `{0}.{1}`.";
    /// The same id twice.
    Duplicate = "duplicate", Error, None,
        fi: "`{1}` on kohdassa `{0}` kahdesti."
            / "Anna toiselle eri tunniste tai poista se.",
        sv: "`{1}` finns två gånger i `{0}`."
            / "Ge den ena en annan identifierare eller ta bort den.",
        en: "`{1}` is in `{0}` twice."
            / "Give one of them another identifier or remove it.";
    /// The same word twice in a list.
    Repeated = "repeated", Warning, None,
        fi: "`{0}` on luettelossa kahdesti."
            / "Poista toinen.",
        sv: "`{0}` finns två gånger i listan."
            / "Ta bort den ena.",
        en: "`{0}` is in the list twice."
            / "Remove one.";
    /// A reference to a company that is not declared.
    UndeclaredCompany = "undeclared_company", Error, Some("13(1)(a)"),
        fi: "Yhtiötä `{0}` ei ole ilmoitettu."
            / "Lisää se kohtaan `[[companies]]` tai korjaa tunniste.",
        sv: "Bolaget `{0}` har inte angetts."
            / "Lägg till det under `[[companies]]` eller rätta identifieraren.",
        en: "The company `{0}` is not declared."
            / "Add it to `[[companies]]` or correct the identifier.";
    /// A reference to a source that is not declared.
    UndeclaredSource = "undeclared_source", Error, Some("14(2)(f)"),
        fi: "Lähdettä `{0}` ei ole ilmoitettu."
            / "Lisää se kohtaan `[[sources]]` tai korjaa tunniste.",
        sv: "Källan `{0}` har inte angetts."
            / "Lägg till den under `[[sources]]` eller rätta identifieraren.",
        en: "The source `{0}` is not declared."
            / "Add it to `[[sources]]` or correct the identifier.";
    /// A group of people that names a kind that is not declared.
    UndeclaredKind = "undeclared_kind", Warning, Some("14(1)(d)"),
        fi: "Ryhmä `{1}` mainitsee tietolajin `{0}`, jota rekisterissä ei ole."
            / "Lisää se kohtaan `[[kinds]]` tai poista se ryhmästä.",
        sv: "Gruppen `{1}` nämner uppgiftskategorin `{0}`, som inte finns i registret."
            / "Lägg till den under `[[kinds]]` eller ta bort den från gruppen.",
        en: "The group `{1}` names the kind of data `{0}`, which the register does not keep."
            / "Add it to `[[kinds]]` or remove it from the group.";
    /// Companies without an arrangement between them.
    NoArrangement = "no_arrangement", Warning, Some("26(2)"),
        fi: "Usealla yhtiöllä on yhteinen rekisteri, mutta niiden vastuunjakoa ei kerrota."
            / "Lisää `controller.arrangement`.",
        sv: "Flera bolag har ett gemensamt register, men ansvarsfördelningen anges inte."
            / "Lägg till `controller.arrangement`.",
        en: "Several companies share the register, but their arrangement is not told."
            / "Add `controller.arrangement`.";
    /// Nobody can be reached.
    Unreachable = "unreachable", Error, Some("13(1)(a)"),
        fi: "Kohdan `{0}` kautta ei tavoita ketään: puuttuvat puhelin, sähköposti ja osoite."
            / "Lisää ainakin yksi: `phone`, `email` tai `address`.",
        sv: "Ingen kan nås via `{0}`: telefon, e-post och adress saknas."
            / "Lägg till minst en: `phone`, `email` eller `address`.",
        en: "Nobody can be reached through `{0}`: no telephone, e-mail or address."
            / "Add at least one of `phone`, `email` and `address`.";
    /// A purpose without a legal basis.
    NoBasis = "no_basis", Error, Some("13(1)(c)"),
        fi: "Käyttötarkoitukselta `{0}` puuttuu oikeusperuste."
            / "Lisää `basis`, esimerkiksi `basis = \"contract\"`.",
        sv: "Ändamålet `{0}` saknar rättslig grund."
            / "Lägg till `basis`, till exempel `basis = \"contract\"`.",
        en: "The purpose `{0}` has no legal basis."
            / "Add `basis`, for example `basis = \"contract\"`.";
    /// A legitimate interest that is not told.
    NoInterest = "no_interest", Error, Some("13(1)(d)"),
        fi: "Käyttötarkoitus `{0}` perustuu oikeutettuun etuun, jota ei kerrota."
            / "Lisää `interest`.",
        sv: "Ändamålet `{0}` grundar sig på ett berättigat intresse som inte anges."
            / "Lägg till `interest`.",
        en: "The purpose `{0}` rests on a legitimate interest that is not told."
            / "Add `interest`.";
    /// An interest beside another basis.
    NeedlessInterest = "needless_interest", Warning, Some("13(1)(d)"),
        fi: "Käyttötarkoitus `{0}` kertoo edun, vaikka se ei perustu oikeutettuun etuun."
            / "Poista `interest` tai vaihda peruste.",
        sv: "Ändamålet `{0}` anger ett intresse fastän det inte grundar sig på ett berättigat intresse."
            / "Ta bort `interest` eller byt grund.",
        en: "The purpose `{0}` tells an interest, though it does not rest on a legitimate interest."
            / "Remove `interest` or change the basis.";
    /// Consent without telling how to withdraw it.
    NoWithdrawal = "no_withdrawal", Error, Some("13(2)(c)"),
        fi: "Käyttötarkoitus `{0}` perustuu suostumukseen, mutta sen peruuttamista ei kerrota."
            / "Lisää `rights.withdrawal`.",
        sv: "Ändamålet `{0}` grundar sig på samtycke, men det anges inte hur det återkallas."
            / "Lägg till `rights.withdrawal`.",
        en: "The purpose `{0}` rests on consent, but its withdrawal is not told."
            / "Add `rights.withdrawal`.";
    /// A purpose under which nothing happens.
    NoActivity = "no_activity", Warning, Some("13(1)(c)"),
        fi: "Käyttötarkoitus `{0}` ei kata mitään toimintoa."
            / "Lisää `activities` tai poista käyttötarkoitus.",
        sv: "Ändamålet `{0}` omfattar ingen verksamhet."
            / "Lägg till `activities` eller ta bort ändamålet.",
        en: "The purpose `{0}` covers no activity."
            / "Add `activities` or remove the purpose.";
    /// An activity under two purposes.
    AmbiguousActivity = "ambiguous_activity", Warning, Some("5(1)(b)"),
        fi: "Toiminto `{0}` kuuluu kahteen käyttötarkoitukseen: `{1}` ja `{2}`. Loki nimeää ensimmäisen."
            / "Jätä se yhteen.",
        sv: "Verksamheten `{0}` hör till två ändamål: `{1}` och `{2}`. Loggen anger det första."
            / "Behåll den i ett.",
        en: "The activity `{0}` is in two purposes: `{1}` and `{2}`. The log names the first."
            / "Leave it in one.";
    /// An activity without which no register can be kept.
    UncoveredActivity = "uncovered_activity", Error, Some("13(1)(c)"),
        fi: "Mikään käyttötarkoitus ei kata toimintoa `{0}`, jota ilman rekisteriä ei voi pitää."
            / "Lisää se jonkin käyttötarkoituksen kohtaan `activities`.",
        sv: "Inget ändamål omfattar verksamheten `{0}`, utan vilken registret inte kan föras."
            / "Lägg till den i något ändamåls `activities`.",
        en: "No purpose covers the activity `{0}`, without which no register can be kept."
            / "Add it to the `activities` of a purpose.";
    /// A kind without a retention period.
    NoRetention = "no_retention", Error, Some("13(2)(a)"),
        fi: "Tietolajilta `{0}` puuttuu säilytysaika."
            / "Lisää `retention`, esimerkiksi `retention = \"10 years after last_order\"`.",
        sv: "Uppgiftskategorin `{0}` saknar lagringstid."
            / "Lägg till `retention`, till exempel `retention = \"10 years after last_order\"`.",
        en: "The kind of data `{0}` has no retention period."
            / "Add `retention`, for example `retention = \"10 years after last_order\"`.";
    /// A rule for orders where no orders are kept.
    RuleWithoutOrders = "rule_without_orders", Warning, Some("13(2)(a)"),
        fi: "`{0}` koskee tilauksia, joita rekisterissä ei ole."
            / "Lisää tietolaji `orders` tai muuta sääntöä.",
        sv: "`{0}` gäller beställningar, som inte finns i registret."
            / "Lägg till uppgiftskategorin `orders` eller ändra regeln.",
        en: "`{0}` concerns orders, which the register does not keep."
            / "Add the kind `orders` or change the rule.";
    /// Orders that are never archived though archiving is a purpose.
    NoArchiveRule = "no_archive_rule", Warning, Some("5(1)(e)"),
        fi: "Tilausten arkistointi on käyttötarkoitus, mutta arkistointiaikaa ei ole."
            / "Lisää `[archive]`.",
        sv: "Arkivering av beställningar är ett ändamål, men ingen arkiveringstid anges."
            / "Lägg till `[archive]`.",
        en: "Archiving of orders is a purpose, but there is no time of archiving."
            / "Add `[archive]`.";
    /// A recipient on a ground that is not declared.
    UndeclaredGround = "undeclared_ground", Error, Some("13(1)(e)"),
        fi: "Vastaanottajan `{0}` luovutusperuste `{1}` ei ole sallittujen joukossa."
            / "Lisää se kohtaan `disclosure.grounds` tai poista vastaanottaja.",
        sv: "Mottagaren `{0}` har utlämnandegrunden `{1}`, som inte är tillåten."
            / "Lägg till den i `disclosure.grounds` eller ta bort mottagaren.",
        en: "The recipient `{0}` has the ground `{1}`, which is not among those allowed."
            / "Add it to `disclosure.grounds` or remove the recipient.";
    /// A ground without anyone to whom data goes.
    NoRecipient = "no_recipient", Error, Some("13(1)(e)"),
        fi: "Tietoja voidaan luovuttaa perusteella `{0}`, mutta vastaanottajaa ei kerrota."
            / "Lisää `[[recipients]]` tai poista peruste.",
        sv: "Uppgifter kan lämnas ut på grunden `{0}`, men ingen mottagare anges."
            / "Lägg till `[[recipients]]` eller ta bort grunden.",
        en: "Data may be disclosed on the ground `{0}`, but no recipient is told."
            / "Add `[[recipients]]` or remove the ground.";
    /// Someone outside the EEA where nothing may go.
    TransferForbidden = "transfer_forbidden", Error, Some("13(1)(f)"),
        fi: "`{0}` on EU:n ja ETA:n ulkopuolella ({1}), mutta seloste kieltää siirrot."
            / "Muuta `transfers.rule` tai vaihda vastaanottaja.",
        sv: "`{0}` finns utanför EU och EES ({1}), men beskrivningen förbjuder överföringar."
            / "Ändra `transfers.rule` eller byt mottagare.",
        en: "`{0}` is outside the EU and the EEA ({1}), but the notice forbids transfers."
            / "Change `transfers.rule` or the recipient.";
    /// Someone outside the EEA without a safeguard.
    NoSafeguard = "no_safeguard", Error, Some("13(1)(f)"),
        fi: "`{0}` on EU:n ja ETA:n ulkopuolella ({1}) ilman siirtoperustetta."
            / "Lisää `safeguard`, joka on myös kohdassa `transfers.safeguards`.",
        sv: "`{0}` finns utanför EU och EES ({1}) utan överföringsgrund."
            / "Lägg till `safeguard`, som också finns i `transfers.safeguards`.",
        en: "`{0}` is outside the EU and the EEA ({1}) without a transfer mechanism."
            / "Add a `safeguard` that is also in `transfers.safeguards`.";
    /// Someone outside the EEA without a necessity.
    NoNecessity = "no_necessity", Error, Some("13(1)(f)"),
        fi: "`{0}` on EU:n ja ETA:n ulkopuolella ({1}), mutta siirron välttämättömyyttä ei kerrota."
            / "Lisää `necessity`.",
        sv: "`{0}` finns utanför EU och EES ({1}), men det anges inte varför överföringen är nödvändig."
            / "Lägg till `necessity`.",
        en: "`{0}` is outside the EU and the EEA ({1}), but the necessity of the transfer is not told."
            / "Add `necessity`.";
    /// Transfers are allowed without safeguards.
    NoSafeguards = "no_safeguards", Error, Some("13(1)(f)"),
        fi: "Siirrot EU:n ja ETA:n ulkopuolelle sallitaan, mutta suojatoimia ei kerrota."
            / "Lisää `transfers.safeguards`.",
        sv: "Överföringar utanför EU och EES tillåts, men skyddsåtgärderna anges inte."
            / "Lägg till `transfers.safeguards`.",
        en: "Transfers outside the EU and the EEA are allowed, but the safeguards are not told."
            / "Add `transfers.safeguards`.";
    /// Safeguards of transfers that are not allowed.
    NeedlessSafeguards = "needless_safeguards", Error, Some("13(1)(f)"),
        fi: "Seloste kieltää siirrot EU:n ja ETA:n ulkopuolelle, mutta kertoo niiden suojatoimet."
            / "Poista `transfers.safeguards` tai muuta `transfers.rule`.",
        sv: "Beskrivningen förbjuder överföringar utanför EU och EES men anger skyddsåtgärder för dem."
            / "Ta bort `transfers.safeguards` eller ändra `transfers.rule`.",
        en: "The notice forbids transfers outside the EU and the EEA, but tells their safeguards."
            / "Remove `transfers.safeguards` or change `transfers.rule`.";
    /// Publication that can not be forbidden.
    PublicationWithoutOptOut = "publication_without_opt_out", Error, Some("21(4)"),
        fi: "Tietoja julkaistaan luettelona, mutta kieltotapaa ei kerrota."
            / "Lisää `publication.opt_out`.",
        sv: "Uppgifter publiceras i förteckningar, men det anges inte hur man förbjuder det."
            / "Lägg till `publication.opt_out`.",
        en: "Data is published in directories, but the way to forbid it is not told."
            / "Add `publication.opt_out`.";
    /// An opt-out by a channel that the contact lacks.
    OptOutWithoutEmail = "opt_out_without_email", Error, Some("21(4)"),
        fi: "Julkaisemisen voi kieltää sähköpostitse, mutta yhteyshenkilöllä ei ole sähköpostiosoitetta."
            / "Lisää `contact.email` tai poista kieltotapa.",
        sv: "Publicering kan förbjudas per e-post, men kontaktpersonen har ingen e-postadress."
            / "Lägg till `contact.email` eller ta bort sättet.",
        en: "Publication can be forbidden by e-mail, but the contact has no e-mail address."
            / "Add `contact.email` or remove the way.";
    /// A purpose of directories without publication.
    DirectoryWithoutPublication = "directory_without_publication", Error, Some("13(1)(c)"),
        fi: "Käyttötarkoitus `{0}` kattaa luettelot, mutta julkaisemisesta ei kerrota."
            / "Lisää `[publication]` tai poista toiminto `directory`.",
        sv: "Ändamålet `{0}` omfattar förteckningar, men publicering anges inte."
            / "Lägg till `[publication]` eller ta bort verksamheten `directory`.",
        en: "The purpose `{0}` covers directories, but publication is not told."
            / "Add `[publication]` or remove the activity `directory`.";
    /// Publication without a purpose.
    PublicationWithoutPurpose = "publication_without_purpose", Error, Some("13(1)(c)"),
        fi: "Tietoja julkaistaan luettelona, mutta mikään käyttötarkoitus ei kata sitä."
            / "Lisää toiminto `directory` johonkin käyttötarkoitukseen tai poista `[publication]`.",
        sv: "Uppgifter publiceras i förteckningar, men inget ändamål omfattar det."
            / "Lägg till verksamheten `directory` i något ändamål eller ta bort `[publication]`.",
        en: "Data is published in directories, but no purpose covers it."
            / "Add the activity `directory` to a purpose or remove `[publication]`.";
    /// Cookies that need consent, without it.
    CookiesWithoutConsent = "cookies_without_consent", Error, Some("6(1)(a)"),
        fi: "Evästeitä käytetään muuhunkin kuin välttämättömään ilman suostumusta (laki 917/2014, 205 §)."
            / "Aseta `cookies.consent = true` tai poista käyttö.",
        sv: "Kakor används för annat än det nödvändiga utan samtycke (lag 917/2014, 205 §)."
            / "Ange `cookies.consent = true` eller ta bort användningen.",
        en: "Cookies are used for more than what is necessary, without consent (Act 917/2014, section 205)."
            / "Set `cookies.consent = true` or remove the use.";
    /// A period of credit applications that a later event of the customer would begin.
    CreditCountedElsewhere = "credit_counted_elsewhere", Error, Some("5(1)(e)"),
        fi: "Luottohakemusten säilytysaika ei voi alkaa tapahtumasta `{0}`: hakijalle ei ehkä koskaan tule sellaista."
            / "Kirjoita aika muotoon `2 years after collected`: se alkaa päätöksestä.",
        sv: "Lagringstiden för kreditansökningar kan inte börja av händelsen `{0}`: den kanske aldrig inträffar."
            / "Skriv tiden i formen `2 years after collected`: den börjar av beslutet.",
        en: "The period of credit applications can not run from the event `{0}`: it may never happen to the applicant."
            / "Write the period as `2 years after collected`: it runs from the decision.";
    /// A right that the law gives and the notice leaves out.
    MissingRight = "missing_right", Error, Some("13(2)(b)"),
        fi: "Rekisteröidyn oikeus `{0}` puuttuu."
            / "Lisää se kohtaan `rights.granted`; laki antaa sen joka tapauksessa.",
        sv: "Den registrerades rättighet `{0}` saknas."
            / "Lägg till den i `rights.granted`; lagen ger den i varje fall.",
        en: "The data subject's right `{0}` is missing."
            / "Add it to `rights.granted`; the law gives it in any case.";
    /// A breach that someone is not told of.
    MissingBreachNotice = "missing_breach_notice", Error, Some("33-34"),
        fi: "Tietoturvaloukkauksesta ei ilmoiteta taholle `{0}`."
            / "Lisää se kohtaan `breach.notify`.",
        sv: "En personuppgiftsincident anmäls inte till `{0}`."
            / "Lägg till den i `breach.notify`.",
        en: "`{0}` is not told of a personal data breach."
            / "Add it to `breach.notify`.";
    /// Automated decisions without their logic.
    NoLogic = "no_logic", Error, Some("13(2)(f)"),
        fi: "Automaattisia päätöksiä tehdään, mutta niiden logiikkaa ja seurauksia ei kerrota."
            / "Lisää `automated_decisions.logic`.",
        sv: "Automatiserade beslut fattas, men deras logik och följder anges inte."
            / "Lägg till `automated_decisions.logic`.",
        en: "Automated decisions are made, but their logic and consequences are not told."
            / "Add `automated_decisions.logic`.";
    /// Logic of decisions that are not made.
    NeedlessLogic = "needless_logic", Error, Some("13(2)(f)"),
        fi: "Automaattisten päätösten logiikka kerrotaan, vaikka niitä ei tehdä."
            / "Poista `automated_decisions.logic` tai aseta `used = true`.",
        sv: "Logiken för automatiserade beslut anges fastän sådana inte fattas."
            / "Ta bort `automated_decisions.logic` eller ange `used = true`.",
        en: "The logic of automated decisions is told, though none are made."
            / "Remove `automated_decisions.logic` or set `used = true`.";
}
