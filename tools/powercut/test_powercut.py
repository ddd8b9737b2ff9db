"""The recorder and the replayer: faithful, able to tell a good writer from a bad one, and quick."""

import contextlib
import io
import json
import os
import pathlib
import random
import sys
import tempfile
import time
import unittest

import replay

HERE = pathlib.Path(__file__).parent

# Every way of changing a file that the recorder knows. The folder and the acknowledgements are the arguments.
EVERY_CALL = """
import os, sys
os.chdir(sys.argv[1])
os.mkdir("sub")
fd = os.open("a", os.O_RDWR | os.O_CREAT)
os.write(fd, b"hello, world")
os.pwrite(fd, b"W", 7)
os.writev(fd, [b"one", b"two", b"three"])
os.pwritev(fd, [b"A" * 3000, b"B" * 3000], 1000)
os.ftruncate(fd, 5000)
os.posix_fallocate(fd, 0, 6000)
os.fsync(fd)
log = os.open("log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
for number in range(20):
    os.write(log, b"line %d\\n" % number)
os.rename("log", "sub/log")
os.write(log, b"after the renaming\\n")
os.link("a", "b")
with open("sub/c", "w") as file:
    file.write("text")
with open("sub/c", "w") as file:
    file.write("other")
os.write(fd, b"to a file with two names")
os.unlink("a")
gone = os.open("gone", os.O_RDWR | os.O_CREAT)
os.unlink("gone")
os.write(gone, b"to no file")
here = os.open("sub", os.O_RDONLY)
at = os.open("d", os.O_WRONLY | os.O_CREAT, dir_fd=here)
os.write(at, b"by a folder's handle")
os.rename("d", "e", src_dir_fd=here, dst_dir_fd=here)
if os.fork() == 0:
    os.write(os.open("child", os.O_WRONLY | os.O_CREAT), b"of another process")
    os._exit(0)
os.wait()
os.sync()
"""

# A file replaced as one should (or not): written beside, synced (or not), renamed, acknowledged.
REPLACE = """
import os, sys
folder, acked, sync = sys.argv[1:]
answers = os.open(acked, os.O_WRONLY | os.O_APPEND)
for number in range(1, 201):
    fd = os.open(folder + "/new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.write(fd, b"%d\\n" % number * 400)
    if "file" in sync:
        os.fsync(fd)
    os.close(fd)
    os.rename(folder + "/new", folder + "/state")
    if "folder" in sync:
        above = os.open(folder, os.O_RDONLY)
        os.fsync(above)
        os.close(above)
    os.write(answers, b"%d\\n" % number)
"""

# Whether the file is whole and not older than what was acknowledged.
REPLACED = """
import os, sys
folder, acked = sys.argv[1:]
acked = max(map(int, open(acked)), default=0)
lines = open(folder + "/state").read().split() if os.path.exists(folder + "/state") else ["0"] * 400
assert len(lines) == 400 and len(set(lines)) == 1, "torn"
assert int(lines[0]) >= acked, "lost"
"""


class Recording(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.library_folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.library_folder.cleanup)
        cls.library = replay.compile_recorder(cls.library_folder.name)

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.base = pathlib.Path(folder.name)
        self.folder, self.log, self.acked = self.base / "folder", self.base / "log", self.base / "acked"
        self.folder.mkdir()

    def record(self, *arguments):
        replay.record(self.library, [sys.executable, *map(str, arguments)], self.folder, self.log, self.acked,
                      check=True)

    def replay(self, *arguments):
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = replay.main([str(self.log), str(self.folder), *arguments])
        return code, out.getvalue()

    def contents(self, folder):
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def test_the_record_is_faithful(self):
        self.record("-c", EVERY_CALL, self.folder)
        disk = replay.Disk(self.folder, strict=False)
        for operation in replay.read(self.log):
            disk.apply(*operation)
        disk.write_after_cut(self.base / "again", "drop", random.Random(1))
        self.assertEqual(self.contents(self.base / "again"), self.contents(self.folder))
        self.assertEqual(set(self.contents(self.folder)), {"b", "child", "sub/c", "sub/e", "sub/log"})

    def test_a_writer_that_waits_for_the_disk_loses_nothing(self):
        start = time.monotonic()
        self.record(HERE / "workload.py", self.folder / "a.db", "FULL", 1000, self.acked)
        for extra in ([], ["--strict-names"]):
            code, out = self.replay("--sqlite", "a.db", "SELECT id FROM t", "--json", *extra)
            self.assertEqual(code, 0, out)
            for line in out.splitlines():
                result = json.loads(line)
                self.assertEqual((result["points"], result["acknowledged"]), (1000, 1000))
        self.assertLess(time.monotonic() - start, 60)

    def test_a_writer_that_does_not_wait_is_caught_by_each_model(self):
        self.record(HERE / "workload.py", self.folder / "a.db", "NORMAL", 500, self.acked)
        code, out = self.replay("--sqlite", "a.db", "SELECT id FROM t", "--json", "--points", "300", "--expect-loss")
        self.assertEqual(code, 0, out)
        for line in out.splitlines():
            self.assertGreater(json.loads(line)["points_with_loss"], 200)
        keep = str(self.base / "kept")
        code, out = self.replay("--sqlite", "a.db", "SELECT id FROM t", "--points", "20", "--model", "drop",
                                "--keep", keep)
        self.assertEqual(code, 1)
        self.assertIn("acknowledged are lost: ", out)
        self.assertTrue(list(self.base.glob("kept-drop-*/a.db")))

    def test_a_file_that_is_replaced(self):
        check = self.base / "check.py"
        check.write_text(REPLACED)
        for sync, strict, kept in (("file folder", True, True), ("file folder", False, True), ("file", True, False),
                                   ("folder", False, False), ("", False, False)):
            with self.subTest(sync=sync, strict=strict):
                for path in (self.log, self.acked, self.folder / "state"):
                    path.unlink(missing_ok=True)
                self.record("-c", REPLACE, self.folder, self.acked, sync)
                extra = ["--strict-names"] if strict else []
                command = f"{sys.executable} -S {check} {{dir}} {{acked}}"
                code, out = self.replay("--check", command, "--points", "25", *extra)
                self.assertEqual(code, int(not kept), out)

    def test_what_can_not_be_recorded_is_said(self):
        code = "import mmap, os, sys; fd = os.open(sys.argv[1] + '/m', os.O_RDWR | os.O_CREAT); os.ftruncate(fd, 9);" \
            "os.write(fd, b'x'); mmap.mmap(fd, 9)[0] = 1"
        self.record("-c", code, self.folder)
        code, out = self.replay("--check", "true")
        self.assertEqual(code, 2)
        self.assertIn("a writable shared mapping", out)
        self.log.unlink()
        code = "import os, sys; os.chdir(sys.argv[1]); fd = os.open('n', os.O_RDWR | os.O_CREAT); os.link('n', 'o');" \
            "os.unlink('n'); os.write(fd, b'x')"
        self.record("-c", code, self.folder)
        self.assertIn("used by a name that is gone", self.replay("--check", "true")[1])
        self.log.unlink()
        (self.folder / "old").write_text("x")
        self.record("-c", "import sys; open(sys.argv[1] + '/old', 'a').write('y')", self.folder)
        self.assertIn("was there before the record began", self.replay("--check", "true")[1])
        (self.base / "before").mkdir()
        (self.base / "before/old").write_text("x")
        arguments = ["--start-with", str(self.base / "before"), "--points", "30"]
        self.assertEqual(self.replay("--check", "grep -qx x {dir}/old", *arguments, "--model", "drop")[0], 0)
        self.assertEqual(self.replay("--check", "grep -qx x {dir}/old", *arguments, "--model", "prefix")[0], 1)
        self.log.unlink()
        self.record("-c", "pass")
        self.assertIn("nothing was recorded", self.replay("--check", "true")[1])


class Model(unittest.TestCase):
    def disk(self, *operations, strict=False):
        disk = replay.Disk("/d", strict)
        for operation, *rest in operations:
            path, offset, data = [*rest, *["/d/f", 0, b""][len(rest):]]
            disk.apply(operation, path, offset, data)
        return disk

    def cut(self, disk, model, seed=1):
        with tempfile.TemporaryDirectory() as folder:
            disk.write_after_cut(folder, model, random.Random(seed))
            return {name: pathlib.Path(folder, name).read_bytes() for name in os.listdir(folder)}

    def test_a_sync_covers_only_what_was_written_before_it_began(self):
        disk = self.disk(("C",), ("W", "/d/f", 0, b"aa"), ("s", "/d/f", 7), ("W", "/d/f", 0, b"b"), ("S", "/d/f", 7))
        self.assertEqual(self.cut(disk, "drop"), {"f": b"aa"})
        disk.apply("s", "/d/f", 8, b"")
        self.assertEqual(self.cut(disk, "drop"), {"f": b"aa"}, "a sync that has not ended covers nothing")
        disk.apply("S", "/d/f", 8, b"")
        self.assertEqual(self.cut(disk, "drop"), {"f": b"ba"})

    def test_names(self):
        synced = [("C",), ("W", "/d/f", 0, b"a"), ("s", "/d/f", 1), ("S", "/d/f", 1)]
        self.assertEqual(self.cut(self.disk(*synced), "drop"), {"f": b"a"})
        self.assertEqual(self.cut(self.disk(*synced, strict=True), "drop"), {})
        folder = [("s", "/d", 2), ("S", "/d", 2)]
        self.assertEqual(self.cut(self.disk(*synced, *folder, strict=True), "drop"), {"f": b"a"})
        removed = [("U",), ("C",), ("W", "/d/f", 0, b"new")]
        self.assertEqual(self.cut(self.disk(*synced, *removed), "drop"), {"f": b"a"})
        seen = {str(self.cut(self.disk(*synced, *removed), "random", seed)) for seed in range(60)}
        for state in ({"f": b"a"}, {}, {"f": b""}, {"f": b"new"}):
            self.assertIn(str(state), seen)

    def test_writes_are_torn_at_sectors_and_reordered(self):
        disk = self.disk(("C",), ("W", "/d/f", 0, bytes(4096)), ("s",), ("S",), ("W", "/d/f", 100, b"x" * 2000),
                         ("W", "/d/f", 3000, b"y" * 10))
        by_model = {model: {self.cut(disk, model, seed)["f"] for seed in range(200)} for model in replay.MODELS}
        self.assertEqual(by_model["drop"], {bytes(4096)})
        edges = (100, 512, 1024, 1536, 2048, 2100)
        for states in by_model.values():
            for state in states:
                for start, end in zip(edges, edges[1:]):
                    self.assertEqual(len(set(state[start:end])), 1, "torn inside a sector")
        overtaken = {model: any(state[3000] and not state[100] for state in by_model[model]) for model in by_model}
        self.assertEqual(overtaken, {"drop": False, "prefix": False, "random": True})
        self.assertGreater(len(by_model["random"]), 20)
        self.assertGreater(len(by_model["prefix"]), 4)


if __name__ == "__main__":
    unittest.main()
