//! Which entries hold a term: their turns in growing order, so that the last ones changed last.

use crate::sorted::SortedList;

/// The list of one term. Most terms (telephone and customer numbers) stand in one entry only.
#[derive(Debug, Clone, Copy, Default)]
enum Posting {
    #[default]
    None,
    One(u32),
    Many(u32),
}

/// The lists of all terms, by term.
#[derive(Debug, Default)]
pub(crate) struct Postings {
    of_term: Vec<Posting>,
    lists: Vec<SortedList>,
    free: Vec<u32>,
}

impl Postings {
    /// The lists of terms whose turns were gathered already, each in growing order: `turns[ends[t - 1]..ends[t]]`.
    pub(crate) fn from_gathered(turns: &[u32], ends: &[u32]) -> Self {
        let mut postings = Self { of_term: Vec::with_capacity(ends.len()), ..Self::default() };
        let mut start = 0;
        for end in ends {
            let posting = match turns.get(start..*end as usize) {
                Some([]) | None => Posting::None,
                Some([turn]) => Posting::One(*turn),
                Some(many) => {
                    postings.lists.push(SortedList::from_sorted(many));
                    Posting::Many(crate::number(postings.lists.len() - 1))
                }
            };
            postings.of_term.push(posting);
            start = *end as usize;
        }
        postings.lists.shrink_to_fit();
        postings
    }

    /// Adds a turn to the term's list.
    pub(crate) fn add(&mut self, term: u32, turn: u32) {
        let index = term as usize;
        if index >= self.of_term.len() {
            self.of_term.resize(index + 1, Posting::None);
        }
        let Some(posting) = self.of_term.get_mut(index) else { return };
        match *posting {
            Posting::None => *posting = Posting::One(turn),
            Posting::One(other) => {
                let list = SortedList::from_sorted(&[other.min(turn), other.max(turn)]);
                let place = self.free.pop().unwrap_or(crate::number(self.lists.len()));
                match self.lists.get_mut(place as usize) {
                    Some(free) => *free = list,
                    None => self.lists.push(list),
                }
                *posting = Posting::Many(place);
            }
            Posting::Many(list) => {
                if let Some(list) = self.lists.get_mut(list as usize) {
                    list.insert(list.place(|other| other < turn), turn);
                }
            }
        }
    }

    /// Takes a turn out of the term's list; tells whether the list is empty now.
    pub(crate) fn remove(&mut self, term: u32, turn: u32) -> bool {
        let Some(posting) = self.of_term.get_mut(term as usize) else { return true };
        if let Posting::Many(index) = *posting {
            let Some(list) = self.lists.get_mut(index as usize) else { return true };
            let place = list.place(|other| other < turn);
            if list.get(place) == Some(turn) {
                list.remove(place);
            }
            if list.len() == 0 {
                *list = SortedList::default();
                self.free.push(index);
                *posting = Posting::None;
            }
        } else if matches!(*posting, Posting::One(only) if only == turn) {
            *posting = Posting::None;
        }
        matches!(posting, Posting::None)
    }

    /// How many entries hold the term.
    pub(crate) fn count(&self, term: u32) -> usize {
        match self.of_term.get(term as usize) {
            Some(Posting::One(_)) => 1,
            Some(Posting::Many(list)) => self.lists.get(*list as usize).map_or(0, SortedList::len),
            Some(Posting::None) | None => 0,
        }
    }

    /// The turns of the term's entries, in growing order.
    pub(crate) fn turns(&self, term: u32) -> impl DoubleEndedIterator<Item = u32> {
        let (one, many) = match self.of_term.get(term as usize) {
            Some(Posting::One(turn)) => (Some(*turn), None),
            Some(Posting::Many(list)) => (None, self.lists.get(*list as usize)),
            Some(Posting::None) | None => (None, None),
        };
        one.into_iter().chain(many.map_or(&[][..], SortedList::runs).iter().flatten().copied())
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let lists: usize = self.lists.iter().map(|list| size_of::<SortedList>() + list.memory_bytes()).sum();
        self.of_term.capacity() * size_of::<Posting>() + lists + self.free.capacity() * 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_grows_from_none_to_many_and_back() {
        let mut postings = Postings::from_gathered(&[5, 1, 4], &[1, 1, 3]);
        assert_eq!([0, 1, 2, 3].map(|term| postings.count(term)), [1, 0, 2, 0]);
        postings.add(3, 9);
        postings.add(3, 7);
        postings.add(3, 8);
        assert_eq!(postings.turns(3).collect::<Vec<_>>(), [7, 8, 9]);
        assert_eq!(postings.turns(0).collect::<Vec<_>>(), [5]);
        assert_eq!([7, 9, 8].map(|turn| postings.remove(3, turn)), [false, false, true]);
        assert!(postings.remove(0, 5));
        postings.add(1, 2);
        postings.add(1, 3);
        assert_eq!([0, 1, 3].map(|term| postings.count(term)), [0, 2, 0]);
    }
}
