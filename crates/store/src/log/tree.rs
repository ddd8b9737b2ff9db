//! The RFC 6962 Merkle tree, kept as its frontier: the roots of the complete subtrees, largest first. Appending needs
//! nothing else, so the state is a few hashes at any length of log.

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// RFC 6962 2.1: the hash of a leaf.
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(leaf).finalize().into()
}

/// RFC 6962 2.1: the hash of a node.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The state of an append-only tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// Number of leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf's hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        // Each trailing one bit of the old size is a complete subtree that the new leaf completes to a larger one.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                hash = node_hash(&left, &hash);
            }
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The Merkle tree hash; of an empty tree, the hash of nothing.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return Sha256::digest([]).into() };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }

    /// The root, when the tree's size is one that is asked for.
    pub(super) fn root_if(&self, wanted: impl Fn(u64) -> bool) -> Option<Hash> {
        wanted(self.size).then(|| self.root())
    }

    /// The root of the leaves `from..to`, when they are one of the complete subtrees.
    pub(crate) fn peak(&self, from: u64, to: u64) -> Option<Hash> {
        let (mut at, mut left) = (0_u64, self.size);
        for peak in &self.peaks {
            let width = 1 << left.checked_ilog2()?;
            if (at, at + width) == (from, to) {
                return Some(*peak);
            }
            (at, left) = (at + width, left - width);
        }
        None
    }

    /// The peaks' bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.peaks.concat()
    }

    /// The tree of `size` leaves with these peaks; none when their number does not fit the size.
    #[must_use]
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let (peaks, rest) = bytes.as_chunks::<32>();
        (rest.is_empty() && peaks.len() == size.count_ones() as usize).then(|| Self { size, peaks: peaks.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vectors of the certificate-transparency project's tree: roots of the first n of eight inputs.
    #[test]
    fn known_roots() {
        let inputs =
            ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
        let roots = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let mut tree = Frontier::default();
        assert_eq!(hex::encode(tree.root()), roots[0]);
        for (input, root) in inputs.iter().zip(&roots[1..]) {
            tree.push(leaf_hash(&hex::decode(input).unwrap()));
            assert_eq!(hex::encode(tree.root()), *root);
            assert_eq!(Frontier::from_bytes(tree.size(), &tree.to_bytes()), Some(tree.clone()));
        }
        assert_eq!(Frontier::from_bytes(7, &tree.to_bytes()), None);
    }

    /// A maintained implementation, made by other people, agrees at every size.
    #[test]
    fn agrees_with_another_implementation() {
        let mut ours = Frontier::default();
        let mut theirs = ct_merkle::mem_backed_tree::MemoryBackedTree::<sha2_for_ct_merkle::Sha256, Vec<u8>>::new();
        for i in 0..300_u32 {
            ours.push(leaf_hash(&i.to_be_bytes()));
            theirs.push(i.to_be_bytes().to_vec());
            assert_eq!(ours.root().as_slice(), theirs.root().as_bytes().as_slice());
        }
    }
}
