#!/usr/bin/env python3
"""Verifies a receipt of an erasure without any of the program's code.

A receipt (docs/erasure.md) holds a statement, the register's signature over it, the log's event that has the statement's hash, and
the proof (RFC 6962 2.1.1) that the event is in the log that a signed checkpoint describes. Only the Python standard library is
needed, and verify_log.py beside this file for Ed25519 and signed notes. Exit code 0: sound; 1: not; 2: it could not be read.
"""

import argparse
import base64
import hashlib
import json
import pathlib
import sys

from verify_log import Key, notes

SIGNED = b"seloste erasure receipt\n"
FORMAT = "seloste-erasure/1"
LONGEST = 64 * 1024


class NotSound(Exception):
    """What is wrong with a receipt."""


def need(condition, what):
    if not condition:
        raise NotSound(what)


def decoded(text):
    return base64.b64decode(text, validate=True)


def root_of(leaf, index, size, path):
    """The root that an audit path leads to (RFC 9162 2.1.3.2); none when it is not one for this place."""
    node, last, found = index, size - 1, hashlib.sha256(b"\0" + leaf).digest()
    if index >= size:
        return None
    for part in path:
        if last == 0:
            return None
        if node & 1 or node == last:
            found = hashlib.sha256(b"\1" + part + found).digest()
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\1" + found + part).digest()
        node, last = node >> 1, last >> 1
    return found if last == 0 else None


def verify(text, key, against=None):
    """The statement of a receipt that is sound. `text` and `against` are bytes."""
    need(len(text) <= LONGEST, "it is too long to be a receipt")
    try:
        receipt = json.loads(text)
        said = receipt["statement"].encode()
        statement, event = json.loads(said), json.loads(receipt["event"])
        signature, path = decoded(receipt["signature"]), [decoded(part) for part in receipt["proof"]]
        index, checkpoint = receipt["index"], receipt["checkpoint"].encode()
        need(isinstance(index, int) and index >= 0, "it can not be read")
        need(all(len(part) == 32 for part in path), "the proof is none")
        need(statement["format"] == FORMAT and statement["register"] == str(key.register), "it is of another register")
        digest = "receipt:" + hashlib.sha256(said).hexdigest()
        its_own = (digest in event["objects"] and "erasure:" + statement["erasure"] in event["objects"]
                   and event["seq"] == index and event["subjects"] == statement["subjects"]
                   and event["action"] in ("person.erase", "erasure.resume"))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise NotSound("it can not be read") from error
    need(key.verify(SIGNED + said, signature), "the statement was changed after it was signed")
    need(its_own, "the log's event does not belong to the statement")
    head = key.open(checkpoint)
    need(head is not None, "the checkpoint was not signed by the register")
    size, root = head
    need(root_of(receipt["event"].encode(), index, size, path) == root, "the event is not in the log of the checkpoint")
    if against is not None:
        kept = [found[1] for found in map(key.open, notes(against)) if found and found[0] == size]
        need(kept, "none of the kept checkpoints is the receipt's")
        need(all(one == root for one in kept), "a kept checkpoint describes another log")
    return statement


def told(statement):
    yield f"sound: erased {statement['at']}, erasure {statement['erasure']}, step {statement['step']}"
    yield from (f"  gone   {line['part']}: {line['gone']}" for line in statement["gone"] if line["gone"])
    for kept in statement["stays"]:
        yield f"  stays  {kept['ground']}: {kept['count']}, until {kept.get('until', 'settled')} ({kept['article']})"


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("receipt", metavar="FILE", help="the receipt")
    parser.add_argument("--key", required=True, help="the register's verifier key, or a file that holds it (log.vkey)")
    parser.add_argument("--checkpoint", metavar="FILE", help="signed checkpoints that were kept elsewhere")
    options = parser.parse_args(arguments)
    try:
        text = pathlib.Path(options.receipt).read_bytes()
        key = options.key
        key = Key(key if key.startswith("seloste/") else pathlib.Path(key).read_text(encoding="ascii"))
        against = pathlib.Path(options.checkpoint).read_bytes() if options.checkpoint else None
    except (OSError, ValueError) as error:
        print(f"verify_receipt: {error}", file=sys.stderr)
        return 2
    try:
        print("\n".join(told(verify(text, key, against))))
    except NotSound as wrong:
        print(f"not sound: {wrong}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
