#!/usr/bin/env python3
"""Rebuilds a recorded folder as a power cut at many moments would have left it, and checks each.

    replay.py LOG DIR --sqlite a.db "SELECT id FROM t" [--points 1000] [--model all]
    replay.py LOG DIR --check "verify {dir} {acked}"

LOG is what recorder.c wrote, DIR the folder that it watched. Everything that was acknowledged before a moment must be
there after the cut. Exit code 0: so it is; 1: something was lost or damaged (with --expect-loss the other way round);
2: the record can not be used.

Models of what reached the disk beside what was synced: `drop`, nothing; `prefix`, of each file's writes the first
few, the last of them torn; `random`, of each file's writes any, torn to any of their 512-byte sectors. Names (created,
renamed, removed files) reach the disk in their order, and with any sync, as in a journalling file system; with
--strict-names only when their folder is synced, as in POSIX.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import random
import shlex
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time

MODELS = ("drop", "prefix", "random")
SECTOR = 512
HEADER = struct.Struct("<cIQQ")


class Unusable(Exception):
    """The record does not tell what was written."""


def compile_recorder(folder):
    """Compiles recorder.c into the folder and returns the library's path."""
    library = pathlib.Path(folder) / "recorder.so"
    source = pathlib.Path(__file__).with_name("recorder.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-o", library, source,
                    "-ldl", "-lpthread"], check=True)
    return library


def record(library, command, folder, log, acked, **options):
    """Runs a command under the recorder; `acked` is where it writes what it acknowledges."""
    pathlib.Path(acked).touch()
    environment = dict(os.environ, LD_PRELOAD=str(library), POWERCUT_DIR=str(folder), POWERCUT_LOG=str(log),
                       POWERCUT_ACK=str(acked))
    return subprocess.run(command, env=environment, **options)


def read(log):
    """The operations of a record: (operation, path, offset, data)."""
    data, at, found = pathlib.Path(log).read_bytes(), 0, []
    while at < len(data):
        operation, name_length, offset, length = HEADER.unpack_from(data, at)
        at += HEADER.size
        path = data[at:at + name_length].decode()
        at += name_length
        found.append((operation.decode(), path, offset, data[at:at + length]))
        at += length
    if at != len(data):
        raise Unusable("the record ends within an operation")
    return found


def change(content, operation, offset, data):
    if operation == "T" and len(content) > offset:
        del content[offset:]
    elif operation in "TF":
        content.extend(bytes(max(0, offset - len(content))))
    else:
        content.extend(bytes(max(0, offset - len(content))))
        content[offset:offset + len(data)] = data


def torn(operation, offset, data, keep):
    """The sectors of a write for which `keep` says yes, as writes of their own."""
    if operation != "W":
        return [(operation, offset, data)]
    pieces, at = [], 0
    while at < len(data):
        end = min(len(data), ((offset + at) // SECTOR + 1) * SECTOR - offset)
        if keep():
            pieces.append((operation, offset + at, data[at:end]))
        at = end
    return pieces


class File:
    """What of a file is on the disk, and what was done to it since the last sync."""

    def __init__(self, content=b""):
        self.disk, self.pending, self.first = bytearray(content), [], 0

    def end(self):
        return self.first + len(self.pending)

    def sync(self, mark):
        count = max(0, mark - self.first)
        for step in self.pending[:count]:
            change(self.disk, *step)
        del self.pending[:count]
        self.first += count

    def after_cut(self, model, rng):
        content, steps = bytearray(self.disk), []
        if model == "prefix" and self.pending:
            count = rng.randint(0, len(self.pending))
            steps = self.pending[:count]
            if count:
                left = rng.randint(0, len(steps[-1][2]) // SECTOR + 1)
                countdown = iter(range(left - 1, -1, -1))
                steps = steps[:-1] + torn(*steps[-1], lambda: next(countdown, None) is not None)
        elif model == "random":
            for step in self.pending:
                fate = rng.random()
                if fate < 0.25:
                    steps.append(step)
                elif fate < 0.5:
                    steps += torn(*step, lambda: rng.random() < 0.5)
        for step in steps:
            change(content, *step)
        return content


def rename(names, operation, path, new, file):
    if operation == "C":
        names[path] = file
    elif operation == "U":
        names.pop(path, None)
    else:
        if operation == "D":
            names.pop(path, None)
        names[new] = file


class Disk:
    def __init__(self, folder, strict):
        self.folder, self.strict = os.path.realpath(folder), strict
        self.live, self.durable = {}, {}
        self.names, self.first_name = [], 0
        self.syncs = {}

    def start_with(self, folder):
        """Files that were there, and on the disk, before the record began."""
        for path in pathlib.Path(folder).rglob("*"):
            if path.is_file():
                name = os.path.join(self.folder, path.relative_to(folder))
                self.live[name] = self.durable[name] = File(path.read_bytes())

    def apply(self, operation, path, offset, data):
        if operation in "WTF":
            if path not in self.live:
                raise Unusable(f"{path} was there before the record began (--start-with)")
            self.live[path].pending.append((operation, offset, data))
        elif operation in "CUDL":
            file = File() if operation == "C" else self.live.get(path)
            if file is None:
                raise Unusable(f"{path} is a folder, or was there before the record began (--start-with)")
            step = (operation, path, data.decode(), file)
            rename(self.live, *step)
            self.names.append(step)
        elif operation == "s":
            file = self.live.get(path)
            self.syncs[offset] = (file, file.end() if file else 0, path, self.first_name + len(self.names))
        elif operation == "S":
            file, mark, folder, names = self.syncs.pop(offset)
            if file:
                file.sync(mark)
            self.sync_names(names, folder if not file else None)
        elif operation == "Y":
            for file in [*self.durable.values(), *self.live.values()]:
                file.sync(file.end())
            self.sync_names(self.first_name + len(self.names), None, everything=True)
        elif operation == "X":
            raise Unusable(f"{path}: {data.decode()}")

    def sync_names(self, mark, folder, everything=False):
        if self.strict and not everything:
            kept, count = [], max(0, mark - self.first_name)
            for place, step in enumerate(self.names):
                if place < count and folder == os.path.dirname(step[2] or step[1]):
                    rename(self.durable, *step)
                else:
                    kept.append(step)
            # A mark taken before this now covers fewer names than it did: the stricter error.
            self.first_name += len(self.names) - len(kept)
            self.names = kept
            return
        count = max(0, mark - self.first_name)
        for step in self.names[:count]:
            rename(self.durable, *step)
        del self.names[:count]
        self.first_name += count

    def write_after_cut(self, target, model, rng):
        names = dict(self.durable)
        if model != "drop":
            for step in self.names[:rng.randint(0, len(self.names))]:
                rename(names, *step)
        shutil.rmtree(target, ignore_errors=True)
        os.makedirs(target)
        for name, file in names.items():
            path = os.path.join(target, os.path.relpath(name, self.folder))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as out:
                out.write(file.after_cut(model, rng))


def sqlite_check(database, query):
    """Whether the database is whole, and which acknowledged keys it lacks: (lost keys, what is wrong)."""

    def check(folder, acked):
        path = os.path.join(folder, database)
        if not os.path.exists(path):
            return sorted(acked), None
        connection = sqlite3.connect(path)
        try:
            answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
            if answer != "ok":
                return [], answer
            present = {str(row[0]) for row in connection.execute(query)}
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                return [], str(error)
            present = set()
        except sqlite3.Error as error:
            return [], str(error)
        finally:
            connection.close()
        return sorted(acked - present), None

    return check


def command_check(template):
    """A command of one's own: it fails, and its output says what was lost."""

    def check(folder, acked):
        with tempfile.NamedTemporaryFile("w", suffix=".acked") as file:
            file.write("".join(f"{key}\n" for key in sorted(acked)))
            file.flush()
            command = [word.replace("{dir}", folder).replace("{acked}", file.name) for word in shlex.split(template)]
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return [], done.stdout.decode(errors="replace").strip()[-500:] or "failed" if done.returncode else None

    return check


def scratch():
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def moments(count, operations, rng):
    """How many operations each cut has behind it; a short record is cut at the same moments more than once."""
    possible = range(operations + 1)
    chosen = rng.sample(possible, min(count - 1, len(possible)))
    chosen += rng.choices(possible, k=count - 1 - len(chosen))
    return sorted([*chosen, operations])


def replay_share(operations, options, model, check, share, shares):
    """Every `shares`-th cut: (place, lost, damage) of those that went wrong, and the number of cuts."""
    cuts = moments(options.points, len(operations), random.Random(options.seed))
    disk, acked, done, wrong, count = Disk(options.dir, options.strict_names), set(), 0, [], 0
    if options.start_with:
        disk.start_with(options.start_with)
    with tempfile.TemporaryDirectory(prefix="powercut-", dir=scratch()) as folder:
        target = os.path.join(folder, "disk")
        for number, cut in enumerate(cuts):
            for operation, path, offset, data in operations[done:cut]:
                if operation == "A":
                    acked.update(data.decode().split("\n")[:-1])
                else:
                    disk.apply(operation, path, offset, data)
            done = cut
            if number % shares != share:
                continue
            count += 1
            seed = f"{options.seed} {model} {number}"
            disk.write_after_cut(target, model, random.Random(seed))
            lost, damage = check(target, acked)
            if lost or damage:
                if options.keep and not wrong:
                    # Once more, because the check may have repaired it.
                    disk.write_after_cut(f"{options.keep}-{model}-{cut}", model, random.Random(seed))
                wrong.append({"operations": cut, "lost": lost, "damage": damage})
    return wrong, count


def replay(operations, options, model, check):
    """One model: its figures and the cuts that went wrong."""
    start, workers = time.monotonic(), options.workers
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        shares = list(pool.map(lambda share: in_process(operations, options, model, check, share, workers),
                               range(workers)))
    wrong = sorted((entry for share in shares for entry in share[0]), key=lambda entry: entry["operations"])
    return {
        "model": model,
        "operations": len(operations),
        "acknowledged": sum(op[3].count(b"\n") for op in operations if op[0] == "A"),
        "points": sum(share[1] for share in shares),
        "points_with_loss": sum(bool(entry["lost"]) for entry in wrong),
        "most_lost": max((len(entry["lost"]) for entry in wrong), default=0),
        "points_damaged": sum(bool(entry["damage"]) for entry in wrong),
        "seconds": round(time.monotonic() - start, 1),
        "wrong": wrong,
    }


def in_process(*arguments):
    """Runs a share in a process of its own, forked, so that the record is not copied."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with os.fdopen(writing, "w", encoding="utf-8") as out:
                try:
                    json.dump(replay_share(*arguments), out)
                    code = 0
                except Unusable as error:
                    out.write(str(error))
                    code = 3
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as answer:
        text = answer.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code:
        raise Unusable(text or f"a replaying process ended with {code}")
    return json.loads(text)


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log")
    parser.add_argument("dir")
    check = parser.add_mutually_exclusive_group(required=True)
    check.add_argument("--sqlite", nargs=2, metavar=("DATABASE", "QUERY"), help="the query returns the keys present")
    check.add_argument("--check", metavar="COMMAND", help="{dir} is the folder, {acked} a file of keys")
    parser.add_argument("--points", type=int, default=1000, help="power cuts for each model")
    parser.add_argument("--model", choices=(*MODELS, "all"), default="all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--strict-names", action="store_true")
    parser.add_argument("--start-with", metavar="DIR", help="a copy of the folder from before the record")
    parser.add_argument("--keep", metavar="PREFIX", help="keep the first folder that went wrong")
    parser.add_argument("--expect-loss", action="store_true", help="a negative control: succeed when every model loses")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    return parser.parse_args(arguments)


def main(arguments=None):
    options = parse(arguments)
    check = sqlite_check(*options.sqlite) if options.sqlite else command_check(options.check)
    try:
        operations = read(options.log)
        if not any(operation[0] in "WX" for operation in operations):
            raise Unusable("nothing was recorded: is the program linked to libc, and the folder the right one?")
        results = [replay(operations, options, model, check)
                   for model in (MODELS if options.model == "all" else (options.model,))]
    except (OSError, struct.error, ValueError, Unusable) as error:
        print(f"replay: {error}", file=sys.stderr)
        return 2
    for result in results:
        if options.json:
            print(json.dumps(result))
            continue
        wrong = result.pop("wrong")
        print(" ".join(f"{name}={value}" for name, value in result.items()))
        for entry in wrong[:5]:
            print(f"  after {entry['operations']} operations: " + (entry["damage"] or
                  f"{len(entry['lost'])} acknowledged are lost: {' '.join(entry['lost'][:5])}"))
    failed = [bool(result["points_with_loss"] or result["points_damaged"]) for result in results]
    return int(not all(failed)) if options.expect_loss else int(any(failed))


if __name__ == "__main__":
    sys.exit(main())
