#!/usr/bin/env python3
"""Verifies a Seloste register's log without any of the program's code, from a database or an export.

The log is an RFC 6962 Merkle tree: a leaf is an event's JSON line without its newline. Each block of events carries
the signed head of the tree after it, as a C2SP checkpoint (a signed note with Ed25519, RFC 8032). Only the Python
standard library is needed. Exit code 0: sound; 1: findings; 2: it could not be read.
"""

import argparse
import base64
import hashlib
import json
import pathlib
import sqlite3
import sys
import uuid

# --- Ed25519, RFC 8032: points are (X, Y, Z, T) with x = X/Z, y = Y/Z, x*y = T/Z. Verifying has no secrets to keep.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
NEUTRAL = (0, 1, 1, 0)


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def decompress(data):
    """The point that 32 bytes encode, none when there is no such point (RFC 8032 5.1.3)."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x * pow(2, (P - 1) // 4, P) % P if (x * x - square) % P else x
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def compress(point):
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = decompress((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def multiples(point):
    """A row for each byte of a scalar: every multiple of the point by that byte in its place."""
    rows = []
    for _ in range(32):
        row = [NEUTRAL]
        for _ in range(255):
            row.append(add(row[-1], point))
        rows.append(row)
        point = add(row[-1], point)
    return rows


class Key:
    """A verifier key in C2SP form: name+hex(key id)+base64(0x01 || public key)."""

    def __init__(self, vkey):
        self.name, identity, key = [*vkey.strip().split("+", 2), "", ""][:3]
        key = base64.b64decode(key, validate=True)
        self.id = hashlib.sha256(self.name.encode() + b"\n" + key).digest()[:4]
        point = decompress(key[1:]) if len(key) == 33 and key[0] == 1 else None
        if self.id.hex() != identity or point is None or not self.name.startswith("seloste/"):
            raise ValueError("this is not a verifier key of a register")
        self.register = uuid.UUID(self.name.removeprefix("seloste/"))
        self.public = key[1:]
        self.base = multiples(BASE)
        self.minus = multiples((P - point[0], point[1], 1, P - point[3]))

    def verify(self, message, signature):
        """RFC 8032 5.1.7, without the cofactor: R = s B - k A."""
        s = int.from_bytes(signature[32:], "little")
        if len(signature) != 64 or s >= L:
            return False
        k = int.from_bytes(hashlib.sha512(signature[:32] + self.public + message).digest(), "little") % L
        total = NEUTRAL
        for scalar, rows in ((s, self.base), (k, self.minus)):
            for byte, row in zip(scalar.to_bytes(32, "little"), rows):
                if byte:
                    total = add(total, row[byte])
        return compress(total) == signature[:32]

    def open(self, note):
        """(size, root) of a checkpoint that this key signed; none otherwise."""
        text, _, signatures = note.partition(b"\n\n")
        text += b"\n"
        prefix = f"\u2014 {self.name} ".encode()
        try:
            found = [base64.b64decode(line[len(prefix):], validate=True)
                     for line in signatures.split(b"\n") if line.startswith(prefix)]
            if not any(s[:4] == self.id and self.verify(text, s[4:]) for s in found):
                return None
            name, size, root = text.split(b"\n")[:3]
            root = base64.b64decode(root, validate=True)
            sound = name.decode() == self.name and size.isdigit() and len(root) == 32
            return (int(size), root) if sound else None
        except ValueError:
            return None


def notes(text):
    """The signed notes of a file, one after another: a note ends with its last signature line."""
    found, note, signed = [], b"", False
    for line in text.splitlines(keepends=True):
        signature = line.startswith("\u2014 ".encode())
        if signed and not signature:
            found.append(note)
            note = b""
        signed = signature
        note += line
    return found + [note] if note.strip() else found


class Tree:
    """RFC 6962 2.1: the roots of the complete subtrees, largest first."""

    def __init__(self):
        self.size, self.peaks = 0, []

    def push(self, leaf):
        node, size = hashlib.sha256(b"\0" + leaf).digest(), self.size
        while size & 1:
            node, size = hashlib.sha256(b"\1" + self.peaks.pop() + node).digest(), size >> 1
        self.peaks.append(node)
        self.size += 1

    def root(self):
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        node = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            node = hashlib.sha256(b"\1" + peak + node).digest()
        return node


class Verifier:
    def __init__(self, key, against):
        self.key, self.tree, self.blocks, self.next = key, Tree(), 0, 0
        self.findings, self.lost = [], False
        self.kept = {}  # size -> roots of checkpoints kept elsewhere
        self.sealed = {}  # (event, hash of a payload) -> the parties and things it belongs to
        self.present = set()
        self.erased = {}  # party or thing -> the last event that erased it
        for number, note in enumerate(notes(against) or [b""] if against is not None else [], 1):
            opened = key.open(note)
            if opened:
                self.kept.setdefault(opened[0], set()).add(opened[1])
            else:
                self.find("checkpoint_unreadable", f"kept checkpoint {number} was not signed by this register")
        self.pass_kept()

    def find(self, kind, text, **where):
        self.findings.append({"finding": kind, **where, "text": text})

    def pass_kept(self):
        if self.tree.size in self.kept:
            self.kept[self.tree.size].discard(self.tree.root())

    def block(self, first, count, events, checkpoint):
        self.blocks += 1
        if first > self.next:
            self.find("missing", f"events {self.next}-{first - 1} are missing before block {first}",
                      block=first, seq=self.next, to=first - 1)
        elif first < self.next:
            self.find("out_of_order", f"block {first} is out of order or stands twice", block=first)
        whole = events.endswith(b"\n")
        lines = events.split(b"\n")[: -1 if whole else None]
        if len(lines) != count or not whole:
            self.find("count_wrong", f"block {first} does not hold {count} events but {len(lines)}", block=first)
        for place, line in enumerate(lines):
            self.event(first, first + place, line)
        self.next = first + len(lines)
        self.head(first, checkpoint)

    def event(self, block, seq, line):
        self.tree.push(line)
        self.pass_kept()
        try:
            event = json.loads(line)
            subjects, sealed = event.get("subjects", []), event.get("sealed", [])
            objects, said = event.get("objects", []), event["seq"]
        except (ValueError, LookupError, AttributeError, TypeError):
            return self.find("event_wrong", f"block {block}: event {seq} can not be read", block=block, seq=seq)
        if said != seq:
            self.find("event_wrong", f"block {block}: event {seq} says it is event {said}", block=block, seq=seq)
        erases = {"person.erase": subjects, "order.erase": objects, "invoice.erase": objects}
        self.erased.update((gone, seq) for gone in erases.get(event.get("action"), []))
        # What a message says belongs to the message, whatever order it is about.
        objects = [thing for thing in objects if str(thing).startswith("mail:")] or objects
        # The payloads of an event with as many orders or messages, else subjects, belong to them one by one.
        by_object, by_subject = len(sealed) == len(objects), len(sealed) == len(subjects) and not objects
        for place, digest in enumerate(sealed):
            self.sealed[seq, digest] = ([subjects[place]] if by_subject else subjects,
                                        [objects[place]] if by_object else objects)

    def head(self, first, checkpoint):
        signed = self.key.open(checkpoint)
        if signed is None:
            self.find("signature_wrong", f"block {first}: its checkpoint was not signed by this register", block=first)
        elif signed != (self.tree.size, self.tree.root()) and not self.lost:
            # The tree stays another one from here on, so that only the first block is named.
            self.lost = True
            self.find("block_changed", f"block {first}: its events {first}-{self.next - 1}, or the order of blocks "
                      f"before it, are not what was signed", block=first, seq=first, to=self.next - 1)

    def payload(self, seq, digest, thing):
        if any(owner.rpartition(":")[2] == thing for part in self.sealed.get((seq, digest), ()) for owner in part):
            self.present.add((seq, digest))
        else:
            self.find("sealed_changed", f"a sealed payload of event {seq} is not the one that was logged", seq=seq)

    def log_head(self, size, checkpoint, frontier=None):
        sound, peaks = (self.tree.size, self.tree.root()), b"".join(self.tree.peaks)
        if size != self.tree.size or self.key.open(checkpoint) != sound or frontier not in (None, peaks):
            self.find("head_wrong", f"the head speaks of {size} events, the blocks hold {self.tree.size}: "
                      "the log's end was cut or changed", seq=self.tree.size)

    def finish(self):
        for (seq, digest), owners in sorted(self.sealed.items()):
            gone = any(self.erased.get(owner, -1) > seq for part in owners for owner in part)
            if (seq, digest) not in self.present and not gone:
                self.find("sealed_missing", f"a sealed payload of event {seq} is missing, nobody was erased", seq=seq)
        for size in sorted(size for size, roots in self.kept.items() if roots):
            why = (f"is ahead of the log's {self.tree.size} events: its end was cut or it was rolled back"
                   if size > self.tree.size else "is not on this log's way: it was rewritten")
            self.find("not_continued", f"the kept checkpoint of {size} events {why}", seq=size)


def read_sqlite(verifier, path):
    db = sqlite3.connect(f"{pathlib.Path(path).resolve().as_uri()}?mode=ro", uri=True)
    db.text_factory = bytes
    db.execute("BEGIN")  # one moment for all tables
    register = (verifier.key.register.bytes,)
    for row in db.execute("SELECT first_seq, count, events, checkpoint FROM log_block WHERE register_id = ? "
                                "ORDER BY first_seq", register):
        verifier.block(*row)
    for seq, data, of in db.execute("SELECT seq, payload, object_id FROM sealed WHERE register_id = ?", register):
        verifier.payload(seq, hashlib.sha256(data).hexdigest(), str(uuid.UUID(bytes=of)))
    head = db.execute("SELECT size, checkpoint, frontier FROM log_head WHERE register_id = ?", register).fetchone()
    verifier.log_head(*head or (0, b""))


def read_export(verifier, path):
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line)
                if "sealed_seq" in row:
                    verifier.payload(row["sealed_seq"], row["sha256"], row["object"])
                elif "size" in row:
                    verifier.log_head(row["size"], row["checkpoint"].encode())
                else:
                    verifier.block(row["first_seq"], row["count"], row["events"].encode(), row["checkpoint"].encode())
            except (ValueError, LookupError, TypeError, AttributeError):
                verifier.find("unreadable", f"line {number} of the export can not be read")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--sqlite", metavar="FILE", help="the register's database")
    source.add_argument("--export", metavar="FILE", help="what `seloste log export` wrote")
    parser.add_argument("--key", help="the verifier key, or a file that holds it; else log.vkey beside the input")
    parser.add_argument("--against", metavar="FILE", help="signed checkpoints that were kept elsewhere")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    try:
        source = pathlib.Path(options.sqlite or options.export)
        key = options.key or str(source.with_name("log.vkey"))
        key = Key(key if key.startswith("seloste/") else pathlib.Path(key).read_text(encoding="ascii"))
        verifier = Verifier(key, pathlib.Path(options.against).read_bytes() if options.against else None)
        (read_sqlite if options.sqlite else read_export)(verifier, source)
    except (OSError, ValueError, sqlite3.Error) as error:
        print(f"verify_log: {error}", file=sys.stderr)
        return 2
    verifier.finish()
    root = verifier.tree.root().hex()
    if options.json:
        print(json.dumps({"ok": not verifier.findings, "events": verifier.tree.size, "blocks": verifier.blocks,
                          "root": root, "findings": verifier.findings}))
    elif verifier.findings:
        print("\n".join(finding["text"] for finding in verifier.findings))
    else:
        print(f"ok: {verifier.tree.size} events, {verifier.blocks} blocks, root {root}")
    return 1 if verifier.findings else 0


if __name__ == "__main__":
    sys.exit(main())
