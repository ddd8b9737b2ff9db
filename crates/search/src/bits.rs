//! Sets of entries as bits, one for each turn (see `entries`).

/// A set of numbers; a number beyond its words is not in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// An empty set with room for numbers below `len`.
    pub(crate) fn with_len(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)] }
    }

    pub(crate) fn set(&mut self, number: u32) {
        let index = number as usize / 64;
        if index >= self.words.len() {
            self.words.resize(index + 1, 0);
        }
        if let Some(word) = self.words.get_mut(index) {
            *word |= 1 << (number % 64);
        }
    }

    pub(crate) fn clear(&mut self, number: u32) {
        if let Some(word) = self.words.get_mut(number as usize / 64) {
            *word &= !(1 << (number % 64));
        }
    }

    /// Keeps what the other set holds too.
    pub(crate) fn keep(&mut self, other: &Self) {
        self.words.truncate(other.words.len());
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= other);
    }

    /// Adds what the other set holds.
    pub(crate) fn add(&mut self, other: &Self) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word |= other);
    }

    /// How many numbers there are.
    pub(crate) fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The numbers, the greatest first.
    pub(crate) fn iter_back(&self) -> impl Iterator<Item = u32> {
        self.words.iter().enumerate().rev().flat_map(|(index, word)| {
            let mut word = *word;
            std::iter::from_fn(move || {
                let highest = word.checked_ilog2()?;
                word &= !(1 << highest);
                Some(crate::number(index) * 64 + highest)
            })
        })
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.words.capacity() * 8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_comes_first_and_sets_combine() {
        let mut one = Bits::default();
        [3, 64, 200, 65].into_iter().for_each(|n| one.set(n));
        let mut other = Bits::with_len(70);
        [3, 65, 69].into_iter().for_each(|n| other.set(n));
        one.clear(64);
        assert_eq!(one.iter_back().collect::<Vec<_>>(), [200, 65, 3]);
        let mut both = one.clone();
        both.keep(&other);
        assert_eq!(both.iter_back().collect::<Vec<_>>(), [65, 3]);
        assert_eq!((one.len(), both.len(), Bits::default().len()), (3, 2, 0));
        other.add(&one);
        assert_eq!(other.iter_back().collect::<Vec<_>>(), [200, 69, 65, 3]);
    }
}
