//! Which passwords are accepted: NIST SP 800-63B-4 section 3.1.1.2 for a password that is the only factor. Length and
//! a block list, no rules of composition, no rotation.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization as _;

use crate::field::{FieldError, code};

/// Fewest characters.
pub const MIN: usize = 15;
/// Most characters: well above the 64 that must be allowed, and little work to hash.
pub const MAX: usize = 256;
/// The form field that errors are at.
pub const FIELD: &str = "password";

/// Generated; its header and `data/README.md` name source and licence.
static TABLE: &str = include_str!("../data/common_passwords.txt");

/// Words of this country and of this program that the international list lacks.
const OWN: [&str; 24] = [
    "arvaa",
    "asiakas",
    "asiakasrekisteri",
    "helsinki",
    "hemligt",
    "juhannus",
    "kesäloma",
    "kirjaudu",
    "kissa",
    "koira",
    "lösenord",
    "mustikka",
    "oulu",
    "rekisteri",
    "salainen",
    "salasana",
    "seloste",
    "sisään",
    "suomi",
    "tampere",
    "tervetuloa",
    "tietosuoja",
    "turku",
    "välkommen",
];

/// Runs on a keyboard, in the alphabet and in digits; each is looked for in both directions.
const RUNS: [&str; 6] = [
    "abcdefghijklmnopqrstuvwxyzåäö",
    "01234567890",
    "qwertyuiopå",
    "asdfghjklöä",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
];

static BLOCKED: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut words: Vec<&str> = TABLE.lines().filter(|line| !line.starts_with("# ")).chain(OWN).collect();
    words.sort_unstable();
    words
});

/// Checks a new password and returns it in NFC, as it is to be hashed. `context` is what an attacker would try first
/// here: the login, the person's name, the register's and the companies' names.
///
/// # Errors
/// At [`FIELD`]: too short, too long, common, a pattern, or made of the context.
pub fn check(password: &str, context: &[&str]) -> Result<String, FieldError> {
    let refuse = |code| Err(FieldError::new(FIELD, code));
    // Before normalising, so that a password of many megabytes costs nothing; NFC can shorten, seldom beyond a quarter.
    if password.chars().take(4 * MAX + 1).count() > 4 * MAX {
        return Err(FieldError::new(FIELD, code::PASSWORD_LONG).with("max", MAX));
    }
    let password = normalised(password);
    let length = password.chars().count();
    if length < MIN {
        return Err(FieldError::new(FIELD, code::PASSWORD_SHORT).with("min", MIN));
    }
    if length > MAX {
        return Err(FieldError::new(FIELD, code::PASSWORD_LONG).with("max", MAX));
    }
    if password.chars().any(char::is_control) {
        return refuse(code::CONTROL_CHARACTER);
    }
    let lower = password.to_lowercase();
    if is_pattern(&lower) {
        return refuse(code::PASSWORD_PATTERN);
    }
    let readings = readings(&lower);
    if readings.iter().any(|reading| is_common(reading)) {
        return refuse(code::PASSWORD_COMMON);
    }
    if readings.iter().any(|reading| is_mostly(reading, context)) {
        return refuse(code::PASSWORD_CONTEXT);
    }
    Ok(password)
}

/// NFC: the same password typed on another keyboard gives the same bytes. Also for signing in.
#[must_use]
pub fn normalised(password: &str) -> String {
    password.nfc().collect()
}

/// The text as it stands, and with digits and signs that stand for letters read as those.
fn readings(lower: &str) -> [String; 3] {
    let read = |one: char| lower.chars().map(|c| letter_meant(c, one)).collect();
    [lower.to_owned(), read('l'), read('i')]
}

const fn letter_meant(c: char, one: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => one,
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

fn is_blocked(word: &str) -> bool {
    BLOCKED.binary_search(&word).is_ok()
}

/// A blocked word, or two in a row, between digits and signs.
fn is_common(text: &str) -> bool {
    let core = text.trim_matches(|c: char| !c.is_alphabetic());
    if is_blocked(text) || is_blocked(core) {
        return true;
    }
    let letters: Vec<&str> = core.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
    match letters.as_slice() {
        [word] => word.char_indices().any(|(at, _)| {
            let (first, second) = word.split_at(at);
            is_blocked(first) && is_blocked(second)
        }),
        [first, second] => is_blocked(first) && is_blocked(second),
        _ => false,
    }
}

/// Few different characters, one piece repeated, or nearly nothing but runs.
fn is_pattern(lower: &str) -> bool {
    let chars: Vec<char> = lower.chars().collect();
    let different = chars.iter().collect::<BTreeSet<_>>().len();
    different < 5 || is_repetition(&chars) || outside_runs(&chars) < 4
}

/// Whether the text is a piece shorter than a password may be, again and again.
fn is_repetition(chars: &[char]) -> bool {
    (1..MIN).any(|period| 2 * period <= chars.len() && chars.iter().zip(chars.iter().skip(period)).all(|(a, b)| a == b))
}

/// How many characters do not belong to a run of four or more that stand side by side, or are the same.
fn outside_runs(chars: &[char]) -> usize {
    let (mut outside, mut at) = (0, 0);
    while at < chars.len() {
        let mut end = at + 1;
        let mut direction = None;
        while let (Some(a), Some(b)) = (chars.get(end - 1), chars.get(end)) {
            let Some(step) = step(*a, *b).filter(|step| direction.is_none_or(|d| d == *step)) else { break };
            direction = Some(step);
            end += 1;
        }
        if end - at >= 4 {
            at = end;
        } else {
            outside += 1;
            at += 1;
        }
    }
    outside
}

/// Which run leads from `a` to `b`: its number, negative backwards, zero for the same character.
fn step(a: char, b: char) -> Option<i8> {
    if a == b {
        return Some(0);
    }
    let leads = |run: &str, a: char, b: char| run.chars().zip(run.chars().skip(1)).any(|pair| pair == (a, b));
    RUNS.iter().zip(1..).find_map(
        |(run, number)| {
            if leads(run, a, b) { Some(number) } else { leads(run, b, a).then_some(-number) }
        },
    )
}

/// Whether fewer than eight letters and digits are left when the words of the context are taken out.
fn is_mostly(text: &str, context: &[&str]) -> bool {
    let mut left = text.to_owned();
    let mut found = false;
    let words = context.iter().flat_map(|part| part.split(|c: char| !c.is_alphanumeric()));
    for word in words.chain(OWN).filter(|word| word.chars().count() >= 4) {
        let word: String = word.nfc().collect::<String>().to_lowercase();
        if left.contains(&word) {
            found = true;
            left = left.replace(&word, "");
        }
    }
    found && left.chars().filter(|c| c.is_alphabetic()).count() < 8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_list_is_whole() {
        assert!(BLOCKED.len() > 9_000);
        for word in ["password", "salasana", "qwertyuiop", "lösenord"] {
            assert!(is_blocked(word), "{word}");
        }
    }

    #[test]
    fn passwords() {
        let long = "kuusi vihreää traktoria ".repeat(11);
        let longest: String = (0..256_u32).filter_map(|i| char::from_u32(0x4E00 + i)).collect();
        for (password, want) in [
            ("kuusi vihreää traktoria", None),
            ("xk7Qw9zR2mVb4LpT", None),
            ("muikku-haarukka", None),
            ("\u{1F33E} heinäpelto \u{1F33E} illalla", None),
            (longest.as_str(), None),
            ("83920175648201746", None),
            ("neljätoista 14", Some(code::PASSWORD_SHORT)),
            ("", Some(code::PASSWORD_SHORT)),
            (long.as_str(), Some(code::PASSWORD_LONG)),
            ("abcdefghijklmno", Some(code::PASSWORD_PATTERN)),
            ("1234567890qwertyuiop", Some(code::PASSWORD_PATTERN)),
            ("987654321098765", Some(code::PASSWORD_PATTERN)),
            ("aaaaaaaaaaaaaaaa", Some(code::PASSWORD_PATTERN)),
            ("kissa7kissa7kissa7", Some(code::PASSWORD_PATTERN)),
            ("passwordpassword", Some(code::PASSWORD_PATTERN)),
            ("1qaz2wsx3edc4rfv", Some(code::PASSWORD_PATTERN)),
            ("123456789Qwerty!", Some(code::PASSWORD_PATTERN)),
            ("Password19283746", Some(code::PASSWORD_COMMON)),
            ("P@ssw0rd!!??!!??", Some(code::PASSWORD_COMMON)),
            ("salasana2026!!!??", Some(code::PASSWORD_COMMON)),
            ("password-salasana", Some(code::PASSWORD_COMMON)),
            ("lösenordsalasana", Some(code::PASSWORD_COMMON)),
            ("Pirkko.Koskitalo1", Some(code::PASSWORD_CONTEXT)),
            ("arjasmaa-2026-x-y", Some(code::PASSWORD_CONTEXT)),
            ("aa\u{0}bbccddeeffgghh", Some(code::CONTROL_CHARACTER)),
        ] {
            let got = check(password, &["pirkko.koskitalo@example.com", "Arjasmaa Oy"]).err().map(|error| error.code);
            assert_eq!(got, want, "{password}");
        }
    }

    #[test]
    fn nfc_makes_one_password_of_two_keyboards() {
        let (composed, decomposed) = ("kuusi vihreää puuta", "kuusi vihrea\u{308}a\u{308} puuta");
        assert_eq!(check(decomposed, &[]), Ok(composed.to_owned()));
        assert_eq!(normalised(decomposed), composed);
    }

    #[test]
    fn an_error_holds_no_password() {
        let error = check("Password19283746", &[]).unwrap_err();
        assert!(!format!("{error:?}").to_lowercase().contains("password1"));
    }

    proptest! {
        #[test]
        fn any_text_is_accepted_or_refused(password in "\\PC{0,80}|.{10,30}", login in "\\PC{0,20}") {
            if let Ok(kept) = check(&password, &[&login]) {
                prop_assert!((MIN..=MAX).contains(&kept.chars().count()));
                prop_assert_eq!(check(&kept, &[&login]), Ok(kept.clone()));
            }
        }

        #[test]
        fn random_passwords_are_accepted(password in "[a-zA-Z0-9]{20,64}") {
            prop_assert!(check(&password, &["pirkko"]).is_ok());
        }
    }
}
