//! Closed lists of words: each has a name in the database, in forms and files, and as key of its translations.

/// Not a word of the list that was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a word of the list")]
pub struct UnknownWord;

/// Makes enums of words with their names.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$one:meta])* $variant:ident = $text:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$one])* $variant,)* }

        impl $name {
            /// All of them, in the order of choice.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name in the database, in forms and files, and as key of its translations.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::word::UnknownWord;
            fn from_str(text: &str) -> Result<Self, crate::word::UnknownWord> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text).ok_or(crate::word::UnknownWord)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use super::UnknownWord;
    use crate::hold::HoldGround;

    #[test]
    fn the_same_name_everywhere() {
        for ground in HoldGround::ALL {
            assert_eq!(ground.to_string().parse(), Ok(*ground));
            assert_eq!(serde_json::to_string(ground).unwrap(), format!("\"{ground}\""));
        }
        assert_eq!("OpenInvoice".parse::<HoldGround>(), Err(UnknownWord));
    }
}
