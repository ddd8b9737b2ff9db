//! What is left of somebody so that an old file does not bring them back (Art. 17, 21(3)): keyed hashes of what they were
//! reached by. Here is what is hashed; the key stays with the store.

use crate::fold::fold;
use crate::value::Value;
use crate::word::words;

words! {
    /// Why a hash is kept.
    Reason {
        /// The person was erased at their request.
        Erased = "erased",
        /// They were erased, whyever, and had forbidden something: the prohibition outlives them.
        Forbidden = "forbidden",
    }
}

/// The words by which a person is known again, one for each e-mail address and telephone number, and one for the name with each
/// postal address. They are normalized, so that another way of writing is the same word.
#[must_use]
pub fn words_of<'v>(values: impl Iterator<Item = &'v Value> + Clone) -> Vec<String> {
    let names: Vec<String> = values
        .clone()
        .filter_map(|value| if let Value::Name(name) = value { Some(fold(&name.display())) } else { None })
        .filter(|name| !name.trim().is_empty())
        .collect();
    let mut words = Vec::new();
    for value in values {
        match value {
            Value::Email(_) => words.extend(value.match_key().map(|key| format!("email:{key}"))),
            Value::Telephone(_) => words.extend(value.match_key().map(|key| format!("telephone:{key}"))),
            Value::PostalAddress(address) if !address.street.trim().is_empty() && !address.is_masked() => {
                let place = [fold(&address.street), fold(&address.postal_code)].join("|");
                words.extend(names.iter().map(|name| format!("address:{name}|{place}")));
            }
            _ => {}
        }
    }
    words.sort_unstable();
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::email::Email;
    use crate::name::PersonName;

    #[test]
    fn another_way_of_writing_is_the_same_word() {
        let email = |text: &str| Value::Email(Email::parse("", None, text).unwrap());
        let name = |given: &str| Value::Name(PersonName { given: given.into(), family: "Öhman".into() });
        let one = [email("Asa@Example.com"), name("Åsa")];
        let other = [name("ÅSA"), email("asa@example.com")];
        assert_eq!(words_of(one.iter()), words_of(other.iter()));
        assert_eq!(words_of(one.iter()).len(), 1);
        assert!(words_of([name("Åsa")].iter()).is_empty());
    }
}
