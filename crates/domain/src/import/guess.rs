//! What a column probably is, by its name in Finnish, Swedish or English, else by what its cells look like.

use super::mapping::{Choice, Columns};
use super::target::{Field, Noun, Target, Whose};
use crate::business_id;
use crate::email::Email;
use crate::fold::fold;
use crate::kind::Kinds;

/// Names of columns, folded, and what they are by name of target. A noun takes the first that it has.
const NAMES: &[(&str, &[&str])] = &[
    ("customer.external_id", &["asiakas id", "asiakasid", "customer id", "customerid", "kund id"]),
    (
        "external_id",
        &["id", "asiakas id", "asiakasid", "customer id", "customerid", "kund id", "kundid", "tunniste", "external id"],
    ),
    (
        "customer_number",
        &["asiakasnumero", "asiakasnro", "asiakas nro", "kundnummer", "kundnr", "customer number", "customer no"],
    ),
    ("given", &["etunimi", "etunimet", "förnamn", "first name", "firstname", "given name", "given names", "forename"]),
    ("family", &["sukunimi", "efternamn", "släktnamn", "last name", "lastname", "surname", "family name"]),
    ("full_name", &["nimi", "koko nimi", "namn", "hela namnet", "name", "full name", "asiakas", "customer", "kund"]),
    (
        "name",
        &[
            "yritys",
            "yrityksen nimi",
            "yhteisö",
            "organisaatio",
            "nimi",
            "företag",
            "företagets namn",
            "organisation",
            "organization",
            "namn",
            "company",
            "company name",
            "companyname",
            "name",
            "asiakas",
            "customer",
            "kund",
        ],
    ),
    (
        "organisation",
        &[
            "yritys",
            "yhteisö",
            "organisaatio",
            "työnantaja",
            "företag",
            "organisation",
            "organization",
            "company",
            "company name",
            "companyname",
            "employer",
        ],
    ),
    (
        "contact.full_name",
        &["yhteyshenkilö", "kontaktperson", "contact", "contact name", "contactname", "contact person"],
    ),
    ("contact.title", &["titteli", "asema", "titel", "title", "contact title", "contacttitle"]),
    ("title", &["titteli", "asema", "tehtävänimike", "titel", "befattning", "title", "job title", "contacttitle"]),
    ("language", &["kieli", "asiointikieli", "äidinkieli", "språk", "kontaktspråk", "language"]),
    (
        "email",
        &[
            "sähköposti",
            "sähköpostiosoite",
            "email",
            "e mail",
            "e post",
            "epost",
            "e postadress",
            "email address",
            "s posti",
        ],
    ),
    (
        "telephone.mobile",
        &["matkapuhelin", "kännykkä", "gsm", "mobiltelefon", "mobil", "mobile", "mobile phone", "cell phone"],
    ),
    ("telephone.fax", &["faksi", "fax", "telefax"]),
    ("telephone.work", &["työpuhelin", "arbetstelefon", "work phone", "business phone"]),
    ("telephone.home", &["kotipuhelin", "hemtelefon", "home phone"]),
    (
        "telephone",
        &["puhelin", "puhelinnumero", "puh", "telefon", "telefonnummer", "phone", "telephone", "phone number", "tel"],
    ),
    (
        "street",
        &[
            "osoite",
            "katuosoite",
            "lähiosoite",
            "postiosoite",
            "jakeluosoite",
            "adress",
            "gatuadress",
            "postadress",
            "address",
            "street",
            "street address",
            "address 1",
        ],
    ),
    (
        "street.billing",
        &["laskutusosoite", "faktureringsadress", "fakturaadress", "billing address", "invoice address"],
    ),
    ("street.delivery", &["toimitusosoite", "leveransadress", "delivery address", "shipping address"]),
    (
        "delivery.street",
        &[
            "toimitusosoite",
            "leveransadress",
            "delivery address",
            "shipping address",
            "ship address",
            "shipaddress",
            "osoite",
        ],
    ),
    ("delivery.name", &["vastaanottaja", "mottagare", "recipient", "ship name", "shipname"]),
    ("delivery.town", &["ship city", "shipcity", "kaupunki", "paikkakunta", "postitoimipaikka", "ort", "postort"]),
    ("delivery.postal_code", &["ship postal code", "shippostalcode", "postinumero", "postnummer"]),
    ("delivery.region", &["ship region", "shipregion"]),
    ("delivery.country", &["ship country", "shipcountry", "maa", "land"]),
    (
        "postal_code",
        &[
            "postinumero",
            "postinro",
            "postnummer",
            "postnr",
            "postal code",
            "postalcode",
            "zip",
            "zip code",
            "postcode",
        ],
    ),
    ("town", &["postitoimipaikka", "kaupunki", "paikkakunta", "toimipaikka", "postort", "ort", "stad", "city", "town"]),
    ("region", &["osavaltio", "lääni", "region", "state", "province", "county", "delstat"]),
    ("country", &["maa", "land", "country", "country code", "maakoodi", "landskod"]),
    (
        "business_id",
        &["y tunnus", "ytunnus", "ly tunnus", "fo nummer", "business id", "vat number", "alv tunnus", "momsnummer"],
    ),
    ("protected_address", &["turvakielto", "spärrmarkering", "protected address"]),
    (
        "number",
        &[
            "tilausnumero",
            "tilausnro",
            "tilaus",
            "beställningsnummer",
            "ordernummer",
            "order number",
            "order no",
            "order id",
            "orderid",
            "order",
        ],
    ),
    (
        "customer.customer_number",
        &["asiakasnumero", "asiakasnro", "asiakas nro", "kundnummer", "kundnr", "customer number", "customer no"],
    ),
    (
        "customer.business_id",
        &["y tunnus", "ytunnus", "fo nummer", "business id", "vat number", "alv tunnus", "momsnummer"],
    ),
    (
        "customer.email",
        &["sähköposti", "sähköpostiosoite", "email", "e mail", "e post", "epost", "e postadress", "email address"],
    ),
    (
        "invoice_number",
        &[
            "laskunumero",
            "laskun numero",
            "laskunro",
            "lasku",
            "fakturanummer",
            "fakturanr",
            "faktura",
            "invoice number",
            "invoice no",
            "invoice id",
            "invoice",
            "numero",
            "nummer",
            "number",
        ],
    ),
    (
        "issued_on",
        &[
            "laskupäivä",
            "laskun päivä",
            "laskutuspäivä",
            "päivä",
            "päivämäärä",
            "pvm",
            "fakturadatum",
            "datum",
            "invoice date",
            "date",
        ],
    ),
    ("due_on", &["eräpäivä", "erääntyy", "förfallodag", "förfallodatum", "due date", "due"]),
    (
        "net",
        &["veroton", "veroton summa", "netto", "nettosumma", "nettobelopp", "belopp utan moms", "net", "net amount"],
    ),
    ("vat", &["alv", "alv yhteensä", "vero", "veron määrä", "moms", "momsbelopp", "vat", "vat amount", "tax"]),
    (
        "gross",
        &[
            "summa",
            "loppusumma",
            "laskun summa",
            "verollinen",
            "verollinen summa",
            "yhteensä",
            "brutto",
            "bruttobelopp",
            "belopp",
            "totalt",
            "amount",
            "total",
            "total amount",
            "gross",
            "gross amount",
        ],
    ),
    (
        "open",
        &[
            "avoinna",
            "avoin",
            "avoin summa",
            "avoin saldo",
            "saldo",
            "öppet",
            "öppet belopp",
            "obetalt",
            "open",
            "open amount",
            "balance",
            "outstanding",
        ],
    ),
    ("reference", &["viite", "viitenumero", "referens", "referensnummer", "reference", "reference number"]),
    (
        "ordered_on",
        &[
            "tilauspäivä",
            "päivä",
            "päivämäärä",
            "pvm",
            "tilattu",
            "beställningsdatum",
            "orderdatum",
            "datum",
            "order date",
            "orderdate",
            "date",
        ],
    ),
    (
        "requested_on",
        &["toivottu toimituspäivä", "önskat leveransdatum", "required date", "requireddate", "requested date"],
    ),
    ("delivered_on", &["toimituspäivä", "toimitettu", "leveransdatum", "shipped date", "shippeddate", "delivery date"]),
    ("state", &["tila", "tilauksen tila", "laskun tila", "status", "tillstånd", "state"]),
    (
        "line.product",
        &[
            "tuotenumero",
            "tuotekoodi",
            "tuote id",
            "produktnummer",
            "produkt",
            "product",
            "product id",
            "productid",
            "sku",
        ],
    ),
    (
        "line.description",
        &["tuote", "tuotenimi", "kuvaus", "selite", "produktnamn", "benämning", "product name", "description"],
    ),
    ("line.quantity", &["määrä", "kpl", "lukumäärä", "antal", "mängd", "quantity", "qty"]),
    (
        "line.unit_price",
        &["yksikköhinta", "hinta", "a hinta", "pris", "enhetspris", "unit price", "unitprice", "price"],
    ),
    ("line.discount", &["alennus", "ale", "rabatt", "discount"]),
    ("line.vat_rate", &["alv", "verokanta", "moms", "momssats", "vat", "vat rate"]),
    ("company", &["konserniyhtiö", "koncernbolag", "group company"]),
];

/// Cells of which this share looks alike decide a column that its name does not.
const ENOUGH: (usize, usize) = (4, 5);

/// What the columns of a file probably are; those that are not in the answer are undecided. `samples` are rows of it.
/// A column whose guess the notice does not declare is named by its guess: the import refuses it by name.
#[must_use]
pub fn guess(noun: Noun, headers: &[String], samples: &[&[String]], kinds: Kinds) -> Columns {
    let mut columns = Columns::new();
    let mut taken: Vec<Target> = Vec::new();
    for (at, header) in headers.iter().enumerate() {
        let found = by_name(noun, header, &taken).or_else(|| {
            let cells = samples.iter().filter_map(|row| row.get(at)).map(|cell| cell.trim());
            by_content(noun, &cells.filter(|cell| !cell.is_empty()).collect::<Vec<_>>(), kinds)
        });
        if let Some(target) = found {
            taken.push(target);
            let mut targets = vec![target];
            // An order is known to its source by its number when nothing else is.
            if noun == Noun::Orders && target == Target::new(Whose::Own, Field::Number) {
                targets.push(Target::new(Whose::Own, Field::ExternalId));
            }
            columns.push((header.clone(), Choice::Targets(targets)));
        }
    }
    columns
}

fn by_name(noun: Noun, header: &str, taken: &[Target]) -> Option<Target> {
    let header = fold(header);
    // `Email 2` is another e-mail address.
    let plain = header.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ');
    let named = NAMES.iter().filter(|(_, names)| names.contains(&header.as_str()) || names.contains(&plain));
    let targets = named.filter_map(|(target, _)| Target::parse(noun, target).ok());
    targets.into_iter().find(|target| target.field.is_many() || !taken.contains(target))
}

fn by_content(noun: Noun, cells: &[&str], kinds: Kinds) -> Option<Target> {
    let mostly = |is: &dyn Fn(&str) -> bool| {
        let alike = cells.iter().filter(|cell| is(cell)).count();
        !cells.is_empty() && alike * ENOUGH.1 >= cells.len() * ENOUGH.0
    };
    let field = if mostly(&|cell| Email::parse("", None, cell).is_ok()) {
        Field::Email
    } else if mostly(&|cell| business_id::parse(cell).is_some()) {
        Field::BusinessId
    } else {
        return None;
    };
    let whose = if noun == Noun::Invoices { Whose::Customer } else { Whose::Own };
    let target = Target::parse(noun, &Target::new(whose, field).to_string()).ok()?;
    // What the notice does not declare is not guessed from cells alone: its user says what it is.
    target.kind().is_none_or(|kind| kinds.has(kind)).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;

    fn guessed(noun: Noun, headers: &[&str], cells: &[&str]) -> Vec<String> {
        let headers: Vec<String> = headers.iter().map(|header| (*header).to_owned()).collect();
        let row: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
        let columns = guess(noun, &headers, &[&row], Kind::ALL.into_iter().collect());
        let target = |header: &String| match columns.iter().find(|(name, _)| name == header) {
            Some((_, Choice::Targets(targets))) => targets[0].to_string(),
            _ => "-".to_owned(),
        };
        headers.iter().map(target).collect()
    }

    #[test]
    fn names_are_known_in_three_languages() {
        for (noun, headers, want) in [
            (
                Noun::People,
                &[
                    "Asiakasnumero",
                    "SUKUNIMI",
                    "Etunimi",
                    "Sähköposti",
                    "Email 2",
                    "Matkapuhelin",
                    "Kieli",
                    "Hattukoko",
                ][..],
                &["customer_number", "family", "given", "email", "email", "telephone.mobile", "language", "-"][..],
            ),
            (Noun::People, &["Namn", "Gatuadress", "Postnr", "Ort"], &["full_name", "street", "postal_code", "town"]),
            (
                Noun::Organisations,
                &[
                    "CustomerID",
                    "CompanyName",
                    "ContactName",
                    "ContactTitle",
                    "Address",
                    "City",
                    "Phone",
                    "Fax",
                    "Y-tunnus",
                ],
                &[
                    "external_id",
                    "name",
                    "contact.full_name",
                    "contact.title",
                    "street",
                    "town",
                    "telephone",
                    "telephone.fax",
                    "business_id",
                ],
            ),
            (
                Noun::Orders,
                &["OrderID", "CustomerID", "OrderDate", "ShipName", "ShipCity", "Qty", "Freight"],
                &[
                    "number",
                    "customer.external_id",
                    "ordered_on",
                    "delivery.name",
                    "delivery.town",
                    "line.quantity",
                    "-",
                ],
            ),
            (
                Noun::Invoices,
                &["Laskunumero", "Laskupäivä", "Eräpäivä", "Summa", "Avoinna", "Viite", "Y-tunnus", "Tila", "Myyjä"],
                &[
                    "invoice_number",
                    "issued_on",
                    "due_on",
                    "gross",
                    "open",
                    "reference",
                    "customer.business_id",
                    "state",
                    "-",
                ],
            ),
        ] {
            assert_eq!(guessed(noun, headers, &[]), want);
        }
    }

    #[test]
    fn cells_tell_what_a_name_does_not() {
        let found = guessed(Noun::People, &["X1", "X2", "X3"], &["anna@example.com", "Anna", ""]);
        assert_eq!(found, ["email", "-", "-"]);
    }

    #[test]
    fn every_name_belongs_to_a_target() {
        for (target, names) in NAMES {
            assert!(Noun::ALL.into_iter().any(|noun| Target::parse(noun, target).is_ok()), "{target}");
            for name in *names {
                assert_eq!(&fold(name), name);
            }
        }
    }
}
