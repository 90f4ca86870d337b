"""How many rows each table of some SQLite files has, as one JSON object on stdout. The files are only looked at."""

import json
import sqlite3
import sys


def main():
    counts = {}
    for file in sys.argv[1:]:
        database = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            counts[table] = database.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
        database.close()
    json.dump(counts, sys.stdout)


main()
