//! Short lists stored one after another, each known by its start and its length.

use std::collections::BTreeMap;

/// A store of many short lists. A list that is given back is overwritten (what was erased must not stay in memory)
/// and its place goes to the next list of its length.
#[derive(Debug)]
pub(crate) struct Arena<T> {
    items: Vec<T>,
    free: BTreeMap<u16, Vec<u32>>,
}

impl<T: Copy + Default> Arena<T> {
    pub(crate) fn new() -> Self {
        Self { items: Vec::new(), free: BTreeMap::new() }
    }

    pub(crate) fn with_capacity(items: usize) -> Self {
        Self { items: Vec::with_capacity(items), free: BTreeMap::new() }
    }

    /// Stores the list and gives its start.
    pub(crate) fn put(&mut self, list: &[T]) -> u32 {
        let reusable = u16::try_from(list.len()).ok().and_then(|len| self.free.get_mut(&len)?.pop());
        if let Some(start) = reusable
            && let Some(place) = self.items.get_mut(start as usize..start as usize + list.len())
        {
            place.copy_from_slice(list);
            return start;
        }
        let start = crate::number(self.items.len());
        self.items.extend_from_slice(list);
        start
    }

    pub(crate) fn get(&self, start: u32, len: u16) -> &[T] {
        self.items.get(start as usize..start as usize + usize::from(len)).unwrap_or(&[])
    }

    /// Takes a list back.
    pub(crate) fn give_back(&mut self, start: u32, len: u16) {
        if let Some(place) = self.items.get_mut(start as usize..start as usize + usize::from(len)) {
            place.fill(T::default());
            self.free.entry(len).or_default().push(start);
        }
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.items.capacity() * size_of::<T>() + self.free.values().map(|list| list.capacity() * 4).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_given_back_is_blank_and_used_again() {
        let mut arena = Arena::new();
        let (first, second) = (arena.put(b"virtanen"), arena.put(b"maki"));
        arena.give_back(first, 8);
        assert_eq!(arena.get(first, 8), [0; 8]);
        assert_eq!(arena.put(b"korhonen"), first);
        assert_eq!((arena.get(first, 8), arena.get(second, 4)), (&b"korhonen"[..], &b"maki"[..]));
    }
}
