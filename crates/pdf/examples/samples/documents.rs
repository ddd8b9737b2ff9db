//! One document of each kind in each language. All people and companies are fictional.

use seloste_pdf::{
    Attachments, Barcode, Block, Card, CardColumns, CardFact, CardGroup, Colour, Column, Document, Edge, Fact, Invoice,
    Language, Letter, Logo, LogoFormat, Notice, OrderColumns, OrderConfirmation, OrderLine, Signatory, Slip, Style,
    Table, Term,
};

/// The languages.
pub(crate) const LANGUAGES: [Language; 3] = [Language::Fi, Language::Sv, Language::En];

/// A logo.
pub(crate) const LOGO: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 220 48">
<circle cx="24" cy="24" r="21" fill="#1f4e5f"/><path d="M10 31 L24 11 L38 31 Z" fill="#fff"/>
<path d="M17 36 h14" stroke="#fff" stroke-width="3"/>
<g fill="#1f4e5f"><rect x="60" y="12" width="8" height="24"/><rect x="60" y="28" width="20" height="8"/>
<rect x="88" y="12" width="8" height="24"/><rect x="104" y="12" width="24" height="8"/><rect x="112" y="12" width="8" height="24"/>
<rect x="136" y="12" width="8" height="24"/><rect x="152" y="12" width="20" height="8"/><rect x="152" y="20" width="8" height="16"/></g></svg>"##;

/// The look of a fictional company.
pub(crate) fn style(language: Language) -> Style {
    let [web, register] = say(
        language,
        [
            ["www.jarvisuunkirja.example", "Rekisterinpitäjä: Järvisuun Kirja Oy"],
            ["www.jarvisuunkirja.example", "Personuppgiftsansvarig: Järvisuun Kirja Oy"],
            ["www.jarvisuunkirja.example", "Controller: Järvisuun Kirja Oy"],
        ],
    );
    Style {
        accent: Colour { red: 0x1f, green: 0x4e, blue: 0x5f },
        footer: vec![
            vec![register.to_owned(), "Y-tunnus / FO-nummer 1234567-1".to_owned()],
            vec!["Rantatie 4 B 12".to_owned(), "33100 TAMPERE".to_owned()],
            vec!["+358 3 123 4567".to_owned(), "tietosuoja@jarvisuunkirja.example".to_owned(), web.to_owned()],
        ],
        ..Style::default()
    }
}

/// The same with a logo.
pub(crate) fn style_with_logo(language: Language) -> Style {
    let logo = Logo {
        format: LogoFormat::Svg,
        bytes: LOGO.as_bytes().to_vec(),
        alternative_text: "Järvisuun Kirja".to_owned(),
    };
    Style { logo: Some(logo), ..style(language) }
}

fn say<T: Copy>(language: Language, words: [T; 3]) -> T {
    match language {
        Language::Fi => words[0],
        Language::Sv => words[1],
        Language::En => words[2],
    }
}

fn texts(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

fn fact(label: &str, value: &str) -> Fact {
    Fact { label: label.to_owned(), value: value.to_owned() }
}

fn table(columns: &[(&str, Edge, u8)], rows: &[&[&str]]) -> Table {
    let columns =
        columns.iter().map(|(label, edge, share)| Column { label: (*label).to_owned(), edge: *edge, share: *share });
    Table { columns: columns.collect(), rows: rows.iter().map(|row| texts(row)).collect() }
}

fn paragraph(text: &str) -> Block {
    Block::Paragraph(text.to_owned())
}

fn heading(level: u8, text: &str) -> Block {
    Block::Heading { level, text: text.to_owned() }
}

/// A letter that answers a request for access.
pub(crate) fn letter(language: Language) -> Letter {
    let words: [&str; 17] = say(
        language,
        [
            [
                "Vastaus tietopyyntöön",
                "23. marraskuuta 2026",
                "Viite",
                "Asiakasnumero",
                "Pyyntönne",
                "Henkilötietonne asiakasrekisterissämme",
                "Pyysitte 12.11.2026 tietoa siitä, mitä henkilötietoja meillä on teistä. Liitteenä on jäljennös kaikista \
                 tiedoistanne, ja alla kerromme, mistä ne ovat peräisin ja mihin niitä käytämme.",
                "Käytämme tietojanne",
                "tilaustenne toimittamiseen ja laskutukseen (sopimus)",
                "kirjanpitoon, jossa laki velvoittaa säilyttämään tositteet kuusi vuotta",
                "asiakaskirjeisiin, joista voitte kieltäytyä milloin tahansa.",
                "Tietojanne ei ole luovutettu muille kuin kuljetusliikkeelle, joka toi tilauksenne perille. Jos jokin tieto \
                 on väärin, pyytäkää meitä oikaisemaan se. Teillä on myös oikeus valittaa tietosuojavaltuutetulle.",
                "Ystävällisin terveisin",
                "tietosuojavastaava",
                "asiakaspalvelupäällikkö",
                "Liitteet",
                "Jäljennös henkilötiedoista (4 sivua)",
            ],
            [
                "Svar på begäran om tillgång",
                "den 23 november 2026",
                "Referens",
                "Kundnummer",
                "Er begäran",
                "Era personuppgifter i vårt kundregister",
                "Ni bad den 12 november 2026 att få veta vilka personuppgifter vi har om er. En kopia av alla uppgifter \
                 bifogas, och nedan berättar vi varifrån de kommer och vad vi använder dem till.",
                "Vi använder era uppgifter för att",
                "leverera och fakturera era beställningar (avtal)",
                "sköta bokföringen, där lagen kräver att verifikat bevaras i sex år",
                "skicka kundbrev, som ni när som helst kan säga nej till.",
                "Uppgifterna har inte lämnats ut till andra än transportföretaget som levererade er beställning. Om någon \
                 uppgift är fel, be oss rätta den. Ni har också rätt att klaga hos dataombudsmannen.",
                "Med vänlig hälsning",
                "dataskyddsombud",
                "kundtjänstchef",
                "Bilagor",
                "Kopia av personuppgifterna (4 sidor)",
            ],
            [
                "Answer to an access request",
                "23 November 2026",
                "Reference",
                "Customer number",
                "Your request",
                "Your personal data in our customer register",
                "On 12 November 2026 you asked which personal data we hold about you. A copy of all of it is attached, and \
                 below we tell where it comes from and what we use it for.",
                "We use your data to",
                "deliver and invoice your orders (contract)",
                "keep accounts, for which the law requires vouchers to be kept for six years",
                "send letters to customers, which you may decline at any time.",
                "Your data has been disclosed to nobody but the carrier that delivered your order. If something is wrong, \
                 ask us to rectify it. You also have the right to complain to the Data Protection Ombudsman.",
                "With kind regards",
                "data protection officer",
                "head of customer service",
                "Attachments",
                "Copy of the personal data (4 pages)",
            ],
        ],
    );
    Letter {
        language,
        sender: texts(&["Järvisuun Kirja Oy", "Rantatie 4 B 12", "33100 TAMPERE"]),
        recipient: texts(&[
            "Anna-Liisa Tuomenvirta-Hämäläinen",
            "c/o Väinö Äyräväinen",
            "Pitkäniityntie 118 C 54",
            "02600 ESPOO",
        ]),
        designation: words[0].to_owned(),
        date: words[1].to_owned(),
        references: vec![fact(words[2], "TSP-2026-0118"), fact(words[3], "100 482"), fact(words[4], "12.11.2026")],
        heading: words[5].to_owned(),
        body: vec![paragraph(words[6]), paragraph(words[7]), Block::List(texts(&words[8..11])), paragraph(words[11])],
        closing: words[12].to_owned(),
        company: "Järvisuun Kirja Oy".to_owned(),
        signatories: vec![
            Signatory { name: "Kullervo Ämmänkoski-Rautiainen".to_owned(), role: words[13].to_owned() },
            Signatory { name: "Marja-Terttu Lehtovirta".to_owned(), role: words[14].to_owned() },
        ],
        attachments: Some(Attachments { label: words[15].to_owned(), items: texts(&words[16..]) }),
    }
}

/// A short privacy notice.
pub(crate) fn notice(language: Language) -> Notice {
    let words: [&str; 22] = say(
        language,
        [
            [
                "Järvisuun Kirja Oy:n asiakasrekisterin tietosuojaseloste",
                "Versio 3, 1.11.2026",
                "Rekisterinpitäjä",
                "Käsittelyn tarkoitus ja oikeusperuste",
                "Tilausten toimittaminen",
                "Sopimus (6 artiklan 1 kohdan b alakohta).",
                "Suoramarkkinointi",
                "Oikeutettu etu (f alakohta). Jokaisella on oikeus vastustaa suoramarkkinointia.",
                "Tietosisältö",
                "Henkilöistä tallennetaan:",
                "nimi ja yhteystiedot",
                "tilaukset ja laskut",
                "markkinointikiellot ja suostumukset",
                "Säilytysajat",
                "Tieto",
                "Aika",
                "Asiakastiedot",
                "24 kuukautta viimeisestä tilauksesta",
                "Tositteet",
                "6 vuotta tilikauden päättymisestä",
                "Oikeutesi",
                "Sinulla on oikeus saada pääsy tietoihisi, vaatia niiden oikaisemista tai poistamista ja \
                 vastustaa niiden käsittelyä. Pyynnön voi tehdä sähköpostitse; siihen vastataan kuukauden kuluessa.",
            ],
            [
                "Dataskyddsbeskrivning för Järvisuun Kirja Oy:s kundregister",
                "Version 3, 1.11.2026",
                "Personuppgiftsansvarig",
                "Ändamål och rättslig grund",
                "Leverans av beställningar",
                "Avtal (artikel 6.1 b).",
                "Direktmarknadsföring",
                "Berättigat intresse (artikel 6.1 f). Var och en har rätt att invända mot direktmarknadsföring.",
                "Uppgifter",
                "Om personer lagras:",
                "namn och kontaktuppgifter",
                "beställningar och fakturor",
                "marknadsföringsförbud och samtycken",
                "Lagringstider",
                "Uppgift",
                "Tid",
                "Kunduppgifter",
                "24 månader efter den sista beställningen",
                "Verifikat",
                "6 år efter räkenskapsperiodens slut",
                "Dina rättigheter",
                "Du har rätt att få tillgång till dina uppgifter, att kräva att de rättas eller raderas \
                 och att invända mot behandlingen. En begäran kan göras per e-post och besvaras inom en månad.",
            ],
            [
                "Privacy notice of the customer register of Järvisuun Kirja Oy",
                "Version 3, 1 November 2026",
                "Controller",
                "Purpose and legal basis",
                "Delivery of orders",
                "Contract (Article 6(1)(b)).",
                "Direct marketing",
                "Legitimate interest (point f). Everybody has the right to object to direct marketing.",
                "Content",
                "Of persons we store:",
                "name and contact details",
                "orders and invoices",
                "marketing opt-outs and consents",
                "Retention",
                "Data",
                "Time",
                "Customer data",
                "24 months after the last order",
                "Vouchers",
                "6 years after the end of the financial period",
                "Your rights",
                "You have the right of access to your data, to have it rectified or erased, and to object to \
                 its processing. A request can be made by e-mail and is answered within a month.",
            ],
        ],
    );
    Notice {
        language,
        title: words[0].to_owned(),
        version: words[1].to_owned(),
        blocks: vec![
            heading(2, words[2]),
            Block::Lines(texts(&[
                "Järvisuun Kirja Oy",
                "Rantatie 4 B 12, 33100 TAMPERE",
                "tietosuoja@jarvisuunkirja.example",
            ])),
            heading(2, words[3]),
            Block::Terms(vec![
                Term { name: words[4].to_owned(), details: texts(&words[5..6]) },
                Term { name: words[6].to_owned(), details: texts(&words[7..8]) },
            ]),
            heading(2, words[8]),
            paragraph(words[9]),
            Block::List(texts(&words[10..13])),
            heading(3, words[13]),
            Block::Table(table(
                &[(words[14], Edge::Start, 2), (words[15], Edge::Start, 3)],
                &[&words[16..18], &words[18..20]],
            )),
            heading(2, words[20]),
            paragraph(words[21]),
        ],
    }
}

/// An order confirmation of so many lines.
pub(crate) fn order(language: Language, lines: usize) -> OrderConfirmation {
    let words: [&str; 27] = say(
        language,
        [
            [
                "Tilausvahvistus 2026-00418",
                "23.11.2026",
                "Tilausnumero",
                "Tilauspäivä",
                "Viitteenne",
                "Toimitusaika",
                "Kiitos tilauksestanne. Vahvistamme sen seuraavasti.",
                "Koodi",
                "Tuote",
                "Määrä",
                "Yks.",
                "À-hinta",
                "ALV",
                "Summa",
                "kpl",
                "Veroton summa",
                "Arvonlisävero",
                "Maksettava yhteensä",
                "Arvonlisäveron erittely",
                "Kanta",
                "Veroton",
                "Vero",
                "Verollinen",
                "Toimitus postipakettina viikolla 49. Maksuehto 14 päivää netto, viivästyskorko korkolain mukaan. \
                 Muutoksista pyydämme ilmoittamaan ennen toimitusta.",
                "Muistikirja, kovakantinen",
                "Järvimaisema-taidekalenteri 2027, seinämalli suomenkielisin nimipäivin",
                "Lahjakirja",
            ],
            [
                "Orderbekräftelse 2026-00418",
                "23.11.2026",
                "Ordernummer",
                "Orderdatum",
                "Er referens",
                "Leveranstid",
                "Tack för er beställning. Vi bekräftar den enligt följande.",
                "Kod",
                "Produkt",
                "Antal",
                "Enh.",
                "À-pris",
                "Moms",
                "Summa",
                "st",
                "Skattefritt",
                "Mervärdesskatt",
                "Att betala",
                "Specifikation av mervärdesskatten",
                "Sats",
                "Skattefritt",
                "Skatt",
                "Med skatt",
                "Leverans som postpaket vecka 49. Betalningsvillkor 14 dagar netto, dröjsmålsränta enligt räntelagen. \
                 Meddela oss om ändringar före leveransen.",
                "Anteckningsbok, inbunden",
                "Konstkalender med sjölandskap 2027, väggmodell med namnsdagar",
                "Presentbok",
            ],
            [
                "Order confirmation 2026-00418",
                "23 November 2026",
                "Order number",
                "Order date",
                "Your reference",
                "Delivery",
                "Thank you for your order. We confirm it as follows.",
                "Code",
                "Product",
                "Quantity",
                "Unit",
                "Unit price",
                "VAT",
                "Sum",
                "pcs",
                "Net",
                "Value added tax",
                "To be paid",
                "Breakdown of the value added tax",
                "Rate",
                "Net",
                "Tax",
                "Gross",
                "Delivered as a parcel in week 49. Terms of payment 14 days net, interest on late payments according to the \
                 Interest Act. Please tell us about changes before the delivery.",
                "Notebook, hard cover",
                "Art calendar of lake landscapes 2027, for the wall, with name days",
                "Gift book",
            ],
        ],
    );
    let line = |n: usize| {
        let cents = 1290 + (n * 377) % 9000;
        let quantity = 1 + n % 12;
        OrderLine {
            code: format!("JK-{:05}", 10_118 + n * 7),
            name: words[24 + n % 3].to_owned(),
            quantity: quantity.to_string(),
            unit: words[14].to_owned(),
            unit_price: euros(cents),
            vat: "25,5\u{a0}%".to_owned(),
            total: euros(cents * quantity),
        }
    };
    let net: usize = (0..lines).map(|n| (1290 + (n * 377) % 9000) * (1 + n % 12)).sum();
    let tax = net * 255 / 1000;
    let breakdown = ["25,5\u{a0}%".to_owned(), euros(net), euros(tax), euros(net + tax)];
    let columns = [(19, Edge::Start, 2), (20, Edge::End, 3), (21, Edge::End, 3), (22, Edge::End, 3)];
    OrderConfirmation {
        language,
        title: words[0].to_owned(),
        seller: texts(&["Järvisuun Kirja Oy", "Rantatie 4 B 12", "33100 TAMPERE"]),
        recipient: texts(&["Lappeenrannan Kirjakauppa Oy", "Pirkko-Leena Äyräväinen", "PL 118", "53101 LAPPEENRANTA"]),
        date: words[1].to_owned(),
        facts: vec![
            fact(words[2], "2026-00418"),
            fact(words[3], "21.11.2026"),
            fact(words[4], "PLÄ / joulu 2026"),
            fact(words[5], "30.11.–4.12.2026"),
        ],
        introduction: vec![paragraph(words[6])],
        columns: OrderColumns {
            code: words[7].to_owned(),
            name: words[8].to_owned(),
            quantity: words[9].to_owned(),
            unit: words[10].to_owned(),
            unit_price: words[11].to_owned(),
            vat: words[12].to_owned(),
            total: words[13].to_owned(),
        },
        lines: (0..lines).map(line).collect(),
        totals: vec![
            fact(words[15], &format!("{}\u{a0}€", euros(net))),
            fact(words[16], &format!("{}\u{a0}€", euros(tax))),
            fact(words[17], &format!("{}\u{a0}€", euros(net + tax))),
        ],
        vat_heading: words[18].to_owned(),
        vat: Table {
            columns: columns.map(|(word, edge, share)| Column { label: words[word].to_owned(), edge, share }).to_vec(),
            rows: vec![breakdown.to_vec()],
        },
        text: vec![paragraph(words[23])],
    }
}

/// The digits of a bank barcode, and its bars.
pub(crate) const BARCODE: (&str, &str) = (
    "479440520200360820048831500000000868516259619897100612",
    "211232133121131141231113213311222221212222112313132212221231121322421211212321231131212222\
     2122222122221322121412212131134311113321112214114113114111132213121222131122322311132331112",
);

/// An invoice of so many lines.
pub(crate) fn invoice(language: Language, lines: usize) -> Invoice {
    let words: [&str; 11] = say(
        language,
        [
            [
                "Lasku 2026-00042",
                "Maksutiedot",
                "Saaja",
                "Tilinumero",
                "BIC",
                "Maksaja",
                "Viitenumero",
                "Eräpäivä",
                "Euroa",
                "Pankkiviivakoodi",
                "Kiitos tilauksestanne.",
            ],
            [
                "Faktura 2026-00042",
                "Betalningsuppgifter",
                "Mottagare",
                "Kontonummer",
                "BIC",
                "Betalare",
                "Referensnummer",
                "Förfallodag",
                "Euro",
                "Bankstreckkod",
                "Tack för er beställning.",
            ],
            [
                "Invoice 2026-00042",
                "Payment details",
                "Payee",
                "Account",
                "BIC",
                "Payer",
                "Reference",
                "Due date",
                "Euros",
                "Bank barcode",
                "Thank you for your order.",
            ],
        ],
    );
    let body = OrderConfirmation {
        title: words[0].to_owned(),
        introduction: vec![paragraph(words[10])],
        ..order(language, lines)
    };
    let amount = "4\u{a0}883,15";
    Invoice {
        slip: Some(Slip {
            heading: words[1].to_owned(),
            parties: vec![
                fact(words[2], "Järvisuun Kirja Oy"),
                fact(words[3], "FI79 4405 2020 0360 82"),
                fact(words[4], "NDEAFIHH"),
                fact(words[5], "Lappeenrannan Kirjakauppa Oy"),
            ],
            payment: vec![fact(words[6], "86851 62596 19897"), fact(words[7], "12.6.2010"), fact(words[8], amount)],
            barcode: Some(Barcode {
                label: words[9].to_owned(),
                digits: BARCODE.0.to_owned(),
                widths: BARCODE.1.bytes().map(|width| width - b'0').collect(),
            }),
        }),
        body,
    }
}

/// `1 234,50` with spaces that do not break.
fn euros(cents: usize) -> String {
    let (whole, rest) = (cents / 100, cents % 100);
    if whole < 1000 {
        return format!("{whole},{rest:02}");
    }
    format!("{}\u{a0}{:03},{rest:02}", whole / 1000, whole % 1000)
}

/// A customer card.
pub(crate) fn card(language: Language) -> Card {
    let words: [&str; 23] = say(
        language,
        [
            [
                "Järvisuun Kirja Oy:n asiakasrekisteri, tulostettu 23.11.2026 klo 14.05, Kullervo Ämmänkoski",
                "Tieto",
                "Arvo",
                "Lähde",
                "Nimi",
                "Etunimet",
                "Sukunimi",
                "Puhuttelunimi",
                "Yhteystiedot",
                "Postiosoite",
                "Puhelin",
                "Sähköposti",
                "Asiointikieli",
                "suomi",
                "Asiakas itse, 12.3.2024",
                "Tilauslomake, 4.6.2025",
                "Tilaukset",
                "Numero",
                "Päivä",
                "Tila",
                "Summa, €",
                "toimitettu",
                "vahvistettu",
            ],
            [
                "Järvisuun Kirja Oy:s kundregister, utskrivet 23.11.2026 kl. 14.05, Kullervo Ämmänkoski",
                "Uppgift",
                "Värde",
                "Källa",
                "Namn",
                "Förnamn",
                "Efternamn",
                "Tilltalsnamn",
                "Kontaktuppgifter",
                "Postadress",
                "Telefon",
                "E-post",
                "Språk",
                "finska",
                "Kunden själv, 12.3.2024",
                "Beställningsblankett, 4.6.2025",
                "Beställningar",
                "Nummer",
                "Dag",
                "Läge",
                "Summa, €",
                "levererad",
                "bekräftad",
            ],
            [
                "Customer register of Järvisuun Kirja Oy, printed on 23 November 2026 at 14:05, Kullervo Ämmänkoski",
                "Data",
                "Value",
                "Source",
                "Name",
                "Given names",
                "Surname",
                "Called",
                "Contact",
                "Postal address",
                "Telephone",
                "E-mail",
                "Language",
                "Finnish",
                "The customer, 12 March 2024",
                "Order form, 4 June 2025",
                "Orders",
                "Number",
                "Date",
                "State",
                "Sum, €",
                "delivered",
                "confirmed",
            ],
        ],
    );
    let row = |label: usize, value: &str, source: usize| CardFact {
        label: words[label].to_owned(),
        value: value.to_owned(),
        source: words[source].to_owned(),
    };
    Card {
        language,
        title: "Anna-Liisa Tuomenvirta-Hämäläinen".to_owned(),
        note: words[0].to_owned(),
        columns: CardColumns { label: words[1].to_owned(), value: words[2].to_owned(), source: words[3].to_owned() },
        groups: vec![
            CardGroup {
                title: words[4].to_owned(),
                facts: vec![
                    row(5, "Anna-Liisa Katariina", 14),
                    row(6, "Tuomenvirta-Hämäläinen", 14),
                    row(7, "Liisa", 15),
                ],
            },
            CardGroup {
                title: words[8].to_owned(),
                facts: vec![
                    row(9, "c/o Väinö Äyräväinen\nPitkäniityntie 118 C 54\n02600 ESPOO", 15),
                    row(10, "+358 40 123 4567", 14),
                    row(11, "anna-liisa.tuomenvirta-hamalainen@sahkopostipalvelu.example", 15),
                    row(12, words[13], 14),
                ],
            },
        ],
        orders_heading: words[16].to_owned(),
        orders: Some(table(
            &[
                (words[17], Edge::Start, 3),
                (words[18], Edge::Start, 3),
                (words[19], Edge::Start, 4),
                (words[20], Edge::End, 3),
            ],
            &[
                &["2026-00418", "21.11.2026", words[22], "1\u{a0}482,10"],
                &["2026-00102", "14.2.2026", words[21], "38,90"],
                &["2025-01877", "4.6.2025", words[21], "\u{2212}12,50"],
            ],
        )),
    }
}

/// One of each kind.
pub(crate) fn all(language: Language) -> [Document; 5] {
    [
        Document::Letter(letter(language)),
        Document::Notice(notice(language)),
        Document::OrderConfirmation(order(language, 9)),
        Document::Card(card(language)),
        Document::Invoice(invoice(language, 9)),
    ]
}
