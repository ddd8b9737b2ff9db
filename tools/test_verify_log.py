"""Builds a log with signing code of its own, tampers with it, and asks the verifier."""

import base64
import contextlib
import functools
import hashlib
import io
import json
import pathlib
import sqlite3
import tempfile
import unittest
import uuid

import verify_log
from verify_log import BASE, L, NEUTRAL, add, compress, decompress

# Keys and signatures are made anew for every case; they are the same ones.
verify_log.Key = functools.cache(verify_log.Key)
REGISTER = uuid.UUID("6d1f3c52-7a6b-4c55-9c7e-0d1b2a394857")
PEOPLE = [str(uuid.UUID(int=number)) for number in range(1, 8)]
ORDER = "order:" + str(uuid.UUID(int=99))
BLOCKS = [3, 1, 4, 1, 5, 2, 6, 1]


@functools.cache
def times(scalar, point):
    total = NEUTRAL
    for bit in reversed(range(scalar.bit_length())):
        total = add(total, total)
        if scalar >> bit & 1:
            total = add(total, point)
    return total


class Signer:
    """RFC 8032 5.1.5 and 5.1.6."""

    def __init__(self, seed):
        digest = hashlib.sha512(seed).digest()
        self.scalar = int.from_bytes(digest[:32], "little") & (2**254 - 8) | 2**254
        self.prefix = digest[32:]
        self.public = compress(times(self.scalar, BASE))

    def sign(self, message):
        r = int.from_bytes(hashlib.sha512(self.prefix + message).digest(), "little") % L
        start = compress(times(r, BASE))
        k = int.from_bytes(hashlib.sha512(start + self.public + message).digest(), "little")
        return start + ((r + k * self.scalar) % L).to_bytes(32, "little")

    def vkey(self, register=REGISTER):
        name, key = f"seloste/{register}", b"\x01" + self.public
        identity = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
        return f"{name}+{identity.hex()}+{base64.b64encode(key).decode()}", identity

    def note(self, size, root):
        name = f"seloste/{REGISTER}"
        text = f"{name}\n{size}\n{base64.b64encode(root).decode()}\n"
        signature = base64.b64encode(self.vkey()[1] + self.sign(text.encode())).decode()
        return f"{text}\n\u2014 {name} {signature}\n"


def root_of(leaves):
    """RFC 6962 2.1 as it is written there, unlike the verifier's own way."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root_of(leaves[:split]) + root_of(leaves[split:])).digest()


def of(seq, _, other=None):
    """Of which party or order the payload of an event is."""
    return other or (ORDER.removeprefix("order:") if seq == 12 else PEOPLE[seq % len(PEOPLE)])


class Log:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.signer = Signer(b"a seed for tests only, 32 bytes.")
        self.leaves, self.blocks, self.payloads, self.heads = [], [], [], []
        for count in BLOCKS:
            self.block([self.event() for _ in range(count)])
        self.head = (len(self.leaves), self.heads[-1])
        self.against = "".join(self.heads[2:5] + self.heads[-1:])
        (self.folder / "log.vkey").write_text(self.signer.vkey()[0] + "\n")

    def event(self):
        seq = len(self.leaves)
        event = {"seq": seq, "at": 1_700_000_000_000_000 + seq, "actor": "program:test", "action": "person.change",
                 "outcome": "changed", "subjects": [PEOPLE[seq % len(PEOPLE)]]}
        if seq == 20:
            event |= {"action": "person.erase", "subjects": [PEOPLE[2]]}
        elif seq == 21:
            event |= {"action": "order.erase", "objects": [ORDER]}
        elif seq % 3 == 0 or seq == 2:
            payload = b"sealed %d" % seq
            event["sealed"] = [hashlib.sha256(payload).hexdigest()]
            if seq == 12:
                event |= {"action": "order.create", "objects": [ORDER]}
            if seq not in (2, 9, 12):  # what belonged to the erased person (2 and 9) and the erased order is gone
                self.payloads.append([seq, payload])
        line = json.dumps(event, separators=(",", ":"))
        self.leaves.append(line.encode())
        return line

    def block(self, lines):
        note = self.signer.note(len(self.leaves), root_of(self.leaves))
        self.heads.append(note)
        self.blocks.append([len(self.leaves) - len(lines), len(lines), "".join(line + "\n" for line in lines), note])

    def run(self, *arguments, export=False):
        write = self.write_export if export else self.write_sqlite
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = verify_log.main([*write(), *arguments])
        return code, out.getvalue()

    def write_sqlite(self):
        path = self.folder / "seloste.db"
        path.unlink(missing_ok=True)
        database = sqlite3.connect(path)
        database.executescript("""
            CREATE TABLE log_block (register_id BLOB, first_seq INTEGER, count INTEGER, at INTEGER, events TEXT,
                                    checkpoint TEXT, PRIMARY KEY (register_id, first_seq));
            CREATE TABLE log_head (register_id BLOB, size INTEGER, checkpoint TEXT, frontier BLOB);
            CREATE TABLE sealed (register_id BLOB, object_id BLOB, seq INTEGER, owner_id BLOB, payload BLOB)""")
        register = REGISTER.bytes
        database.executemany("INSERT INTO log_block VALUES (?, ?, ?, 0, ?, ?)", [[register, *b] for b in self.blocks])
        database.executemany("INSERT INTO sealed VALUES (?, ?, ?, x'00', ?)",
                             [[register, uuid.UUID(of(*p)).bytes, *p[:2]] for p in self.payloads])
        database.execute("INSERT INTO log_head VALUES (?, ?, ?, NULL)", [register, *self.head])
        # Another register in the same database is none of this one's business.
        database.execute("INSERT INTO log_block VALUES (?, 0, 1, 0, 'x', 'y')", [bytes(16)])
        database.commit()
        database.close()
        return ["--sqlite", str(path)]

    def write_export(self):
        path = self.folder / "log.jsonl"
        rows = [dict(zip(("first_seq", "count", "events", "checkpoint"), block), at=0) for block in self.blocks]
        rows += [{"sealed_seq": payload[0], "object": of(*payload), "sha256": hashlib.sha256(payload[1]).hexdigest()}
                 for payload in self.payloads]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return ["--export", str(path)]


def replace_in_event(log):
    log.blocks[2][2] = log.blocks[2][2].replace("person.change", "person.chance", 1)


def renumber_event(log):
    log.blocks[4][2] = log.blocks[4][2].replace('"seq":11', '"seq":12', 1)


def remove_event(log):
    block = log.blocks[4]
    block[2] = "".join(block[2].splitlines(keepends=True)[1:])


def remove_event_and_count(log):
    remove_event(log)
    log.blocks[4][1] -= 1


def swap_events(log):
    first, second, *rest = log.blocks[4][2].splitlines(keepends=True)
    log.blocks[4][2] = "".join([second, first, *rest])


def swap_contents(log):
    log.blocks[1][2:], log.blocks[3][2:] = log.blocks[3][2:], log.blocks[1][2:]


def rewrite_with_other_key(log):
    log.signer = Signer(b"another seed, 32 bytes as well..")
    resign_from(log, 2)


def rewrite_with_own_key(log):
    """A thief of the key writes a sound history: only a checkpoint kept elsewhere tells."""
    replace_in_event(log)
    resign_from(log, 2)


def resign_from(log, start):
    leaves = [line.encode() for block in log.blocks[:start] for line in block[2].splitlines()]
    for block in log.blocks[start:]:
        leaves += [line.encode() for line in block[2].splitlines()]
        block[3] = log.signer.note(len(leaves), root_of(leaves))
    log.head = (len(leaves), log.blocks[-1][3])


def cut(log):
    log.blocks = log.blocks[:-1]


def roll_back(log):
    """The whole database as it was earlier, head and payloads too."""
    log.blocks = log.blocks[:-3]
    first, count, _, note = log.blocks[-1]
    log.head = (first + count, note)
    log.payloads = [[seq, payload] for seq, payload in log.payloads if seq < first + count]
    for seq in (2, 9, 12):
        if seq < first + count:
            log.payloads.append([seq, b"sealed %d" % seq])


# name: (tampering, what the answer says, whether the export shows it without --against)
TAMPERED = {
    "change": (replace_in_event, "block 4: its events 4-7", True),
    "renumber": (renumber_event, "block 9: event 11 says it is event 12", True),
    "remove an event": (remove_event, "block 9 does not hold 5 events but 4", True),
    "remove an event and count it out": (remove_event_and_count, "missing before block 14", True),
    "remove the last event of a block": (lambda log: log.blocks.__setitem__(
        2, [4, 3, "".join(log.blocks[2][2].splitlines(keepends=True)[:-1]), log.blocks[2][3]]),
        "events 7-7 are missing before block 8", True),
    "remove a block": (lambda log: log.blocks.pop(4), "events 9-13 are missing before block 14", True),
    "remove the first block": (lambda log: log.blocks.pop(0), "events 0-2 are missing before block 3", True),
    "swap events": (swap_events, "block 9: event 9 says it is event 10", True),
    "swap blocks": (swap_contents, "block 3: event 3 says it is event 8", True),
    "duplicate": (lambda log: log.blocks.append([23, *log.blocks[2][1:]]), "block 23: event 23 says it is", True),
    "add": (lambda log: log.blocks.append([23, 1, '{"seq":23}\n', log.heads[-1]]), "block 23: its events 23-23", True),
    "spaces": (lambda log: log.blocks[3].__setitem__(2, " " + log.blocks[3][2]), "block 8: its events 8-8", True),
    "no newline": (lambda log: log.blocks[3].__setitem__(2, log.blocks[3][2].rstrip()), "block 8 does not", True),
    "not JSON": (lambda log: log.blocks[3].__setitem__(2, "[]\n"), "block 8: event 8 can not be read", True),
    "signature": (lambda log: log.blocks[3].__setitem__(3, log.heads[3].replace("\n\n", "\nx\n\n")),
                  "block 8: its checkpoint was not signed", True),
    "no signature": (lambda log: log.blocks[3].__setitem__(3, ""), "block 8: its checkpoint", True),
    "other checkpoint": (lambda log: log.blocks[3].__setitem__(3, log.heads[4]), "block 8: its events 8-8", True),
    "another key": (rewrite_with_other_key, "block 4: its checkpoint was not signed", True),
    "cut": (cut, "the head speaks of 23 events, the blocks hold 22", False),
    "payload": (lambda log: log.payloads[1].__setitem__(1, b"?"), "sealed payload of event 3 is not", True),
    "payload of another event": (lambda log: log.payloads[1].__setitem__(0, 6), "event 6 is not the one", True),
    "payload of another party": (lambda log: log.payloads[1].append(PEOPLE[2]), "event 3 is not the one", True),
    "payload gone": (lambda log: log.payloads.pop(1), "sealed payload of event 3 is missing", True),
}


class Verifying(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.log = Log(folder.name)

    def keep(self, text):
        path = self.log.folder / "kept"
        path.write_text(text)
        return ["--against", str(path)]

    def test_a_sound_log(self):
        expected = f"ok: 23 events, 8 blocks, root {root_of(self.log.leaves).hex()}\n"
        for export in (False, True):
            for arguments in ([], self.keep(self.log.against), ["--key", self.log.signer.vkey()[0]]):
                self.assertEqual(self.log.run(*arguments, export=export), (0, expected))
        code, out = self.log.run("--json")
        self.assertEqual((code, json.loads(out)["findings"], json.loads(out)["events"]), (0, [], 23))

    def test_every_tampering_is_found_and_named(self):
        for name, (tamper, named, in_export) in TAMPERED.items():
            with self.subTest(name):
                log = Log(self.log.folder)
                tamper(log)
                code, out = log.run()
                self.assertEqual(code, 1, out)
                self.assertIn(named, out)
                self.assertEqual(log.run(export=True)[0], int(in_export))
                self.assertEqual(log.run(*self.keep(log.against), export=True)[0], 1)
                self.assertFalse(json.loads(log.run("--json")[1])["ok"])

    def test_only_kept_checkpoints_tell_of_rollback_and_of_a_stolen_key(self):
        for tamper, named in (
            (roll_back, "the kept checkpoint of 23 events is ahead of the log's 14 events"),
            (rewrite_with_own_key, "the kept checkpoint of 8 events is not on this log's way"),
        ):
            log = Log(self.log.folder)
            tamper(log)
            self.assertEqual(log.run()[0], 0, log.run())
            code, out = log.run(*self.keep(log.against))
            self.assertEqual(code, 1)
            self.assertIn(named, out)

    def test_export_rows_out_of_order_and_twice(self):
        self.log.blocks[2:4] = reversed(self.log.blocks[2:4])
        code, out = self.log.run(export=True)
        self.assertEqual(code, 1)
        self.assertIn("block 4 is out of order", out)
        log = Log(self.log.folder)
        log.blocks.insert(3, log.blocks[2])
        self.assertIn("block 4 is out of order or stands twice", log.run(export=True)[1])

    def test_kept_checkpoints_must_be_signed(self):
        other = Signer(b"another seed, 32 bytes as well..").note(3, root_of(self.log.leaves[:3]))
        for text in (other, "", "nonsense\n", self.log.heads[0].replace("\n3\n", "\n4\n")):
            code, out = self.log.run(*self.keep(text))
            self.assertEqual(code, 1, text)
            self.assertIn("kept checkpoint 1 was not signed", out)
        # A checkpoint in the middle of a block, and that of the empty log, are prefixes like any other.
        middle = [self.log.signer.note(size, root_of(self.log.leaves[:size])) for size in (0, 10)]
        self.assertEqual(self.log.run(*self.keep("".join(middle)))[0], 0)

    def test_a_payload_may_go_only_with_a_later_erasure(self):
        self.log.payloads.append([2, b"sealed 2"])
        self.assertEqual(self.log.run()[0], 0)
        event = json.loads(self.log.leaves[20])
        self.assertEqual(event["action"], "person.erase")
        log = Log(self.log.folder)
        log.blocks[-2][2] = log.blocks[-2][2].replace("person.erase", "person.erased")
        self.assertIn("a sealed payload of event 2 is missing", log.run()[1])

    def test_what_can_not_be_read(self):
        self.assertEqual(self.log.run("--key", "seloste/x+00+AA==")[0], 2)
        self.assertEqual(self.log.run("--against", str(self.log.folder / "nothing"))[0], 2)
        out = io.StringIO()
        with contextlib.redirect_stderr(out):
            self.assertEqual(verify_log.main(["--sqlite", str(self.log.folder / "nothing")]), 2)
        self.log.write_export()
        with open(self.log.folder / "log.jsonl", "a", encoding="ascii") as file:
            file.write("{}\n")
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            self.assertEqual(verify_log.main(["--export", str(self.log.folder / "log.jsonl")]), 1)


class Ed25519(unittest.TestCase):
    # RFC 8032 7.1: TEST 1, 2, 3.
    VECTORS = [
        ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
         "d25bf5f0595bbe24655141438e7a100b"),
        ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
         "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
         "387b2eaeb4302aeeb00d291612bb0c00"),
        ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
         "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
         "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
         "4a7c15e9716ed28dc027beceea1ec40a"),
    ]

    def test_the_vectors_of_the_standard(self):
        for seed, public, message, signature in self.VECTORS:
            message, signature = bytes.fromhex(message), bytes.fromhex(signature)
            signer = Signer(bytes.fromhex(seed))
            self.assertEqual(signer.public.hex(), public)
            self.assertEqual(signer.sign(message), signature)
            key = verify_log.Key(signer.vkey()[0])
            self.assertTrue(key.verify(message, signature))
            self.assertFalse(key.verify(message + b"x", signature))
            for place in (0, 31, 32, 63):
                changed = bytearray(signature)
                changed[place] ^= 1
                self.assertFalse(key.verify(message, bytes(changed)))
            # RFC 8032 8.4: a scalar that is not reduced is refused.
            s = int.from_bytes(signature[32:], "little") + L
            self.assertFalse(key.verify(message, signature[:32] + s.to_bytes(32, "little")))
            self.assertFalse(key.verify(message, signature[:63]))

    def test_points(self):
        self.assertIsNone(decompress((2).to_bytes(32, "little")))
        self.assertIsNone(decompress(b"\xff" * 32))
        self.assertEqual(compress(times(L, BASE)), (1).to_bytes(32, "little"))


if __name__ == "__main__":
    unittest.main()
