//! Properties of the fields: their rank, and small sets of them.

use crate::types::Field;

const FIELDS: [Field; 10] = [
    Field::Name,
    Field::Organisation,
    Field::Email,
    Field::Telephone,
    Field::Street,
    Field::Town,
    Field::PostalCode,
    Field::CustomerNumber,
    Field::OrderNumber,
    Field::BusinessId,
];

/// How many ranks there are.
pub(crate) const RANKS: u8 = 3;

impl Field {
    /// The field of a packed word.
    pub(crate) fn from_bits(bits: u32) -> Self {
        FIELDS.get(bits as usize & 15).copied().unwrap_or(Self::Name)
    }

    /// What a match in the field is worth: names and numbers first (0), then what is near a name, then addresses.
    pub(crate) const fn rank(self) -> u8 {
        match self {
            Self::Name | Self::CustomerNumber | Self::OrderNumber | Self::BusinessId => 0,
            Self::Organisation | Self::Email | Self::Telephone => 1,
            Self::Street | Self::Town | Self::PostalCode => 2,
        }
    }

    /// Whether words of the field are tried with typing errors: a number off by one is another number.
    pub(crate) const fn is_correctable(self) -> bool {
        matches!(self, Self::Name | Self::Organisation | Self::Street | Self::Town)
    }
}

/// A set of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FieldSet(u16);

impl FieldSet {
    /// All but telephone numbers, which are looked for in their international form only.
    pub(crate) const WRITTEN: Self = Self(0x3ff & !Self::only(Field::Telephone).0);

    pub(crate) const fn only(field: Field) -> Self {
        Self(1 << field as u16)
    }

    pub(crate) const fn contains(self, field: Field) -> bool {
        self.0 & Self::only(field).0 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_of_a_field_give_it_back() {
        for field in FIELDS {
            assert_eq!(Field::from_bits(field as u32), field);
            assert!(field.rank() < RANKS);
        }
    }
}
