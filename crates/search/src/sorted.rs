//! A sorted list of numbers, cut into runs so that an insertion moves a few kilobytes at most.

/// The longest run; a longer one is cut in two.
const RUN: usize = 1024;

/// A place in a [`SortedList`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    run: usize,
    at: usize,
}

/// Numbers in an order that the caller keeps: by value, or by what the number stands for.
#[derive(Debug, Default)]
pub(crate) struct SortedList {
    runs: Vec<Vec<u32>>,
    len: usize,
}

impl SortedList {
    /// A list of numbers that are in order already.
    pub(crate) fn from_sorted(numbers: &[u32]) -> Self {
        Self { runs: numbers.chunks(RUN).map(<[u32]>::to_vec).collect(), len: numbers.len() }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The first place whose number is not before the one looked for.
    pub(crate) fn place(&self, is_before: impl Fn(u32) -> bool) -> Place {
        let run = self.runs.partition_point(|run| run.first().is_some_and(|first| is_before(*first)));
        // The place is in the last run that starts before, unless that run is before as a whole.
        let Some(candidate) = run.checked_sub(1) else { return Place { run: 0, at: 0 } };
        let numbers = self.runs.get(candidate).map_or(&[][..], Vec::as_slice);
        let at = numbers.partition_point(|number| is_before(*number));
        if at == numbers.len() { Place { run, at: 0 } } else { Place { run: candidate, at } }
    }

    pub(crate) fn get(&self, place: Place) -> Option<u32> {
        self.runs.get(place.run)?.get(place.at).copied()
    }

    /// The place after this one.
    pub(crate) fn next(&self, place: Place) -> Place {
        match self.runs.get(place.run) {
            Some(run) if place.at + 1 < run.len() => Place { run: place.run, at: place.at + 1 },
            _ => Place { run: place.run + 1, at: 0 },
        }
    }

    /// The numbers from a place on.
    pub(crate) fn iter_from(&self, place: Place) -> impl Iterator<Item = u32> {
        let (first, rest) = match self.runs.get(place.run..) {
            Some([first, rest @ ..]) => (first.get(place.at..).unwrap_or(&[]), rest),
            _ => (&[][..], &[][..]),
        };
        first.iter().chain(rest.iter().flatten()).copied()
    }

    /// The runs in their order, to go through all numbers at full speed.
    pub(crate) fn runs(&self) -> &[Vec<u32>] {
        &self.runs
    }

    /// Puts the number before the place.
    pub(crate) fn insert(&mut self, place: Place, number: u32) {
        // A place at the start of a run (or past the end) can as well be the end of the run before.
        let (index, at) = match (place.run.checked_sub(1), place.at) {
            (Some(before), 0) => (before, self.runs.get(before).map_or(0, Vec::len)),
            _ => (place.run, place.at),
        };
        self.len += 1;
        let Some(run) = self.runs.get_mut(index) else {
            self.runs.push(vec![number]);
            return;
        };
        if run.len() >= RUN {
            // Numbers that only grow leave full runs behind them; others halve the run.
            let mut tail = run.split_off(if at == run.len() { at } else { RUN / 2 });
            if at >= run.len() {
                tail.insert((at - run.len()).min(tail.len()), number);
            } else {
                run.insert(at, number);
            }
            self.runs.insert(index + 1, tail);
        } else {
            run.insert(at.min(run.len()), number);
        }
    }

    /// Takes out the number at the place.
    pub(crate) fn remove(&mut self, place: Place) {
        let Some(run) = self.runs.get_mut(place.run).filter(|run| place.at < run.len()) else { return };
        run.remove(place.at);
        self.len -= 1;
        if run.is_empty() {
            self.runs.remove(place.run);
        }
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let numbers: usize = self.runs.iter().map(|run| run.capacity() * 4).sum();
        self.runs.capacity() * size_of::<Vec<u32>>() + numbers
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_agrees_with_a_set(start in prop::collection::btree_set(0_u32..9000, 0..3000),
                                changes in prop::collection::vec(0_u32..9000, 0..3000)) {
            let mut model: BTreeSet<u32> = start;
            let mut list = SortedList::from_sorted(&model.iter().copied().collect::<Vec<_>>());
            for number in changes {
                let place = list.place(|n| n < number);
                if model.remove(&number) {
                    prop_assert_eq!(list.get(place), Some(number));
                    list.remove(place);
                } else {
                    list.insert(place, number);
                    model.insert(number);
                }
            }
            prop_assert_eq!(list.len(), model.len());
            prop_assert!(list.iter_from(list.place(|_| false)).eq(model.iter().copied()));
            prop_assert!(list.runs().iter().flatten().eq(model.iter()));
            let middle = list.place(|n| n < 4500);
            prop_assert!(list.iter_from(middle).eq(model.range(4500..).copied()));
            prop_assert_eq!(list.get(list.next(middle)), model.range(4500..).nth(1).copied());
        }
    }
}
