//! The messages of the portal: the link to sign in, an invitation, the confirmation of a registration, and that an address
//! was changed. What lets somebody in stands behind the `#` of an address, which no browser sends to a server.

use jiff::civil::Date;
use seloste_domain::format;
use seloste_domain::language::Language;
use seloste_domain::notice::Notice;
use seloste_domain::portal::{ENTRY_LIFE, REGISTRATION_LIFE, spaced};

use crate::confirmation::Written;
use crate::letter::{footer, greeting};
use crate::text::Texts;

fn body(notice: &Notice, language: Language, name: &str, intro: &str, parts: &[String]) -> String {
    let mut all = vec![format!("{}\n{intro}", greeting(name, language))];
    all.extend_from_slice(parts);
    all.push(footer(notice, language));
    all.join("\n\n")
}

/// The link to sign in, and the code that can be typed instead.
#[must_use]
pub fn link(notice: &Notice, language: Language, name: &str, (base, token, code): (&str, &str, &str)) -> Written {
    let t = Texts(language);
    let parts = [
        format!("{base}/enter#{token}"),
        t.with("portal-link-code", &[("code", &spaced(code))]),
        t.with("portal-link-life", &[("minutes", &ENTRY_LIFE.as_mins())]),
        t.get("portal-link-unasked"),
    ];
    Written {
        subject: t.with("portal-link-subject", &[("register", &notice.register_name(language))]),
        body: body(notice, language, name, &t.get("portal-link-intro"), &parts),
    }
}

/// An invitation of a company, good until a day.
#[must_use]
pub fn invitation(
    notice: &Notice,
    language: Language,
    name: &str,
    company: &str,
    (base, secret, until): (&str, &str, Date),
) -> Written {
    let t = Texts(language);
    let address = format!("{base}/invitation");
    let parts = [
        format!("{address}#{secret}"),
        t.with("portal-invitation-code", &[("address", &address), ("code", &secret)]),
        t.with("portal-invitation-life", &[("day", &format::date(until, language))]),
    ];
    Written {
        subject: t.with("portal-invitation-subject", &[("company", &company)]),
        body: body(notice, language, name, &t.get("portal-invitation-intro"), &parts),
    }
}

/// The link that confirms a registration.
#[must_use]
pub fn registration(notice: &Notice, language: Language, (base, token): (&str, &str)) -> Written {
    let t = Texts(language);
    let parts = [
        format!("{base}/register/confirm#{token}"),
        t.with("portal-registration-life", &[("hours", &REGISTRATION_LIFE.as_hours())]),
        t.get("portal-registration-unasked"),
    ];
    Written {
        subject: t.with("portal-registration-subject", &[("register", &notice.register_name(language))]),
        body: body(notice, language, "", &t.get("portal-registration-intro"), &parts),
    }
}

/// That the address was changed, told to the one before it.
#[must_use]
pub fn changed(notice: &Notice, language: Language, name: &str) -> Written {
    let t = Texts(language);
    let parts = [t.get("portal-changed-unasked")];
    Written {
        subject: t.with("portal-changed-subject", &[("register", &notice.register_name(language))]),
        body: body(notice, language, name, &t.get("portal-changed-intro"), &parts),
    }
}

/// That a passkey came or went, told to whoever reads the person's mail.
#[must_use]
pub fn passkey(notice: &Notice, language: Language, name: &str, (passkey, came): (&str, bool)) -> Written {
    let t = Texts(language);
    let (subject, intro) = if came { ("added", "added-intro") } else { ("removed", "removed-intro") };
    let intro = t.with(&format!("portal-passkey-{intro}"), &[("passkey", &passkey)]);
    let parts = [t.get("portal-passkey-unasked")];
    Written {
        subject: t.with(&format!("portal-passkey-{subject}"), &[("register", &notice.register_name(language))]),
        body: body(notice, language, name, &intro, &parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTICE: &str = include_str!("../../../examples/arjasmaa/notice.toml");

    #[test]
    fn the_messages_in_each_language() {
        let notice = Notice::parse(NOTICE).unwrap();
        for language in Language::ALL {
            let base = "https://portal.example.com";
            let all = [
                link(&notice, language, "Åsa Öhman", (base, "TOKEN", "12345678")),
                invitation(
                    &notice,
                    language,
                    "Åsa Öhman",
                    "Arjasmaa Oy",
                    (base, "ABCD-EFGH", jiff::civil::date(2026, 12, 7)),
                ),
                registration(&notice, language, (base, "TOKEN")),
                changed(&notice, language, "Åsa Öhman"),
                passkey(&notice, language, "Åsa Öhman", ("Oma puhelin", true)),
                passkey(&notice, language, "Åsa Öhman", ("Oma puhelin", false)),
            ];
            for written in &all {
                for part in ["Aino Esimerkki", "tietosuoja@arjasmaa.example.com"] {
                    assert!(written.body.contains(part), "P01: {part}");
                }
                // No address with what lets somebody in, but behind its #.
                assert!(!written.body.contains("?token") && !written.body.contains("/TOKEN"));
            }
            for (written, part) in all.iter().zip([
                "https://portal.example.com/enter#TOKEN\n",
                "https://portal.example.com/invitation#ABCD-EFGH\n",
                "https://portal.example.com/register/confirm#TOKEN\n",
                "Åsa Öhman",
                "Oma puhelin",
                "Oma puhelin",
            ]) {
                assert!(written.body.contains(part) && !written.subject.is_empty(), "{}", written.body);
            }
            assert!(all[0].body.contains("1234 5678") && all[0].body.contains("10 "), "{}", all[0].body);
            // Nothing is left unfilled.
            assert!(all.iter().all(|written| !written.body.contains("{ $") && !written.body.contains("portal-")));
            let text = all.map(|written| format!("{}\n\n{}", written.subject, written.body)).join("\n=====\n");
            insta::assert_snapshot!(format!("portal-{}", language.tag()), text);
        }
    }
}
