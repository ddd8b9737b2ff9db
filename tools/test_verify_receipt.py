"""Builds receipts with signing code of its own, changes them, and asks the verifier."""

import base64
import hashlib
import json
import unittest
import uuid

from test_verify_log import REGISTER, Signer
from verify_log import Key, Tree
from verify_receipt import FORMAT, SIGNED, NotSound, root_of, verify

SIGNER = Signer(b"s" * 32)
KEY = Key(SIGNER.vkey()[0])
PERSON, ERASURE = str(uuid.UUID(int=5)), str(uuid.UUID(int=6))


def encoded(data):
    return base64.b64encode(data).decode()


def root(leaves):
    tree = Tree()
    for leaf in leaves:
        tree.push(leaf)
    return tree.root()


def path(leaves, index):
    """RFC 6962 2.1.1, as it is written there."""
    if len(leaves) == 1:
        return []
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if index < k:
        return path(leaves[:k], index) + [root(leaves[k:])]
    return path(leaves[k:], index - k) + [root(leaves[:k])]


def receipt(index=5, size=9, **changes):
    statement = json.dumps({"format": FORMAT, "register": str(REGISTER), "erasure": ERASURE, "step": 1, "subjects": [PERSON],
                            "at": "2026-11-28T00:00:00Z", "gone": [], "stays": []} | changes.pop("statement", {}))
    event = json.dumps({"seq": index, "action": "person.erase", "subjects": [PERSON],
                        "objects": [f"erasure:{ERASURE}", "receipt:" + hashlib.sha256(statement.encode()).hexdigest()]}
                       | changes.pop("event", {}))
    leaves = [f"leaf {number}".encode() for number in range(size)]
    leaves[index] = event.encode()
    return {"statement": statement, "signature": encoded(SIGNER.sign(SIGNED + statement.encode())), "event": event,
            "index": index, "proof": [encoded(part) for part in path(leaves, index)],
            "checkpoint": SIGNER.note(size, root(leaves))} | changes


def text(made):
    return json.dumps(made).encode()


class Receipts(unittest.TestCase):
    def test_every_place_of_every_tree(self):
        for size in range(1, 12):
            leaves = [f"leaf {number}".encode() for number in range(size)]
            for index in range(size):
                found = path(leaves, index)
                self.assertEqual(root_of(leaves[index], index, size, found), root(leaves))
                self.assertIsNone(root_of(leaves[index], size, size, found))

    def test_a_sound_receipt(self):
        for index, size in [(0, 1), (5, 9), (8, 9)]:
            self.assertEqual(verify(text(receipt(index, size)), KEY)["subjects"], [PERSON])

    def test_kept_checkpoints(self):
        made = receipt()
        same, other = made["checkpoint"].encode(), SIGNER.note(9, b"\0" * 32).encode()
        earlier = SIGNER.note(4, b"\1" * 32).encode()
        self.assertTrue(verify(text(made), KEY, earlier + same))
        for kept in (other, earlier, b""):
            with self.assertRaises(NotSound):
                verify(text(made), KEY, kept)

    def test_whatever_is_changed(self):
        sound = receipt()
        stranger = Signer(b"t" * 32)
        changed = [
            sound | {"statement": sound["statement"].replace("2026", "2025")},
            sound | {"signature": encoded(stranger.sign(SIGNED + sound["statement"].encode()))},
            # A signature over another text of the register's is none over a statement.
            sound | {"signature": encoded(SIGNER.sign(sound["statement"].encode()))},
            sound | {"event": sound["event"].replace("person.erase", "person.show_")},
            sound | {"index": 4}, sound | {"index": -1}, sound | {"index": "5"},
            sound | {"proof": sound["proof"][:-1]}, sound | {"proof": sound["proof"] + [encoded(b"\0" * 32)]},
            sound | {"proof": ["AAAA"]}, sound | {"checkpoint": stranger.note(9, b"\0" * 32)}, {}, [],
            receipt(event={"action": "person.show"}), receipt(event={"subjects": []}), receipt(event={"objects": []}),
            receipt(statement={"register": str(uuid.UUID(int=1))}), receipt(statement={"format": "other"}),
        ]
        for made in changed:
            with self.subTest(made=made), self.assertRaises(NotSound):
                verify(text(made), KEY)
        for raw in (b"", b"\xff", b" " * 70_000):
            with self.assertRaises(NotSound):
                verify(raw, KEY)


if __name__ == "__main__":
    unittest.main()
