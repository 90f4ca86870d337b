"""What ClickHouse does with the same visits, by chDB: takes them into a table, hides those of accounts and removes them.

Prints one JSON document.

FILES FOLDER ACCOUNTS...
"""

import json
import sys
import time

from chdb import session

# A part that a newer one has taken the place of goes at once, not after eight minutes.
TABLE = """
    CREATE TABLE log.visits ENGINE = MergeTree PARTITION BY toYYYYMM(time) ORDER BY (account, time)
    SETTINGS allow_nullable_key = 1, old_parts_lifetime = 0
    AS SELECT * FROM file('{files}', Parquet)
"""


def timed(database, statement):
    since = time.perf_counter()
    database.query(statement)
    return (time.perf_counter() - since) * 1000


def main():
    files, folder, *accounts = sys.argv[1:]
    database = session.Session(folder)

    def number(statement):
        return int(str(database.query(statement, "CSV")).strip())

    def count(account):
        return number(f"SELECT count() FROM log.visits WHERE account = {account}")

    database.query("CREATE DATABASE IF NOT EXISTS log ENGINE = Atomic")
    import_ms = timed(database, TABLE.format(files=files))
    kind = str(database.query("SELECT toTypeName(account) FROM log.visits LIMIT 1", "CSV"))
    # One part for each month, as a table is that has been there for a while.
    database.query("OPTIMIZE TABLE log.visits FINAL")
    rows = number("SELECT count() FROM log.visits")
    size = "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = 'log' AND table = 'visits'"
    erased = []
    for account in accounts:
        value = f"toUUID('{account}')" if "UUID" in kind else f"unhex('{account}')"
        visits = count(value)
        hidden_ms = timed(database, f"DELETE FROM log.visits WHERE account = {value} SETTINGS lightweight_deletes_sync = 2")
        left = count(value)
        assert left == 0, f"{left} visits are still seen"
        # What is hidden is still in the files: the parts that hold it are written anew without it.
        gone_ms = hidden_ms + timed(database, "ALTER TABLE log.visits APPLY DELETED MASK SETTINGS mutations_sync = 2")
        erased.append({"visits": visits, "hidden_ms": hidden_ms, "gone_ms": gone_ms, "bytes": number(size)})
    left = number("SELECT count() FROM log.visits")
    assert left == rows - sum(one["visits"] for one in erased), "other visits than those are gone"
    version = str(database.query("SELECT version()", "CSV")).strip().strip('"')
    print(json.dumps({"version": version, "import_ms": import_ms, "visits": rows, "erased": erased}))


main()
