"""A sample program to be cut: `workload.py FILE SYNCHRONOUS COUNT ACKED` commits rows and acknowledges each."""

import os
import sqlite3
import sys

path, synchronous, count, acked = sys.argv[1:]
database = sqlite3.connect(path, isolation_level=None)
database.execute("PRAGMA journal_mode = wal")
database.execute(f"PRAGMA synchronous = {synchronous}")
# Small, so that checkpoints run in between too.
database.execute("PRAGMA wal_autocheckpoint = 100")
database.execute("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, value BLOB NOT NULL)")
answers = os.open(acked, os.O_WRONLY | os.O_APPEND)
for key in range(1, int(count) + 1):
    database.execute("INSERT INTO t VALUES (?, ?)", (key, os.urandom(500)))
    os.write(answers, b"%d\n" % key)
