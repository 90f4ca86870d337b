"""What DuckDB does with the same visits. Prints one JSON document.

import LOG PARQUET        reads a log in the combined format into Parquet
lookup FILES QUESTIONS    finds all visits of somebody; the questions are JSON lines with a column and a value
erase FILES PARQUET ID    writes all visits anew but those of an account
"""

import json
import os
import sys
import time

import duckdb

LINE = r'^(\S+) \S+ (\S+) \[([^\]]+)\] "(\S+) (\S+)[^"]*" (\d+) (\d+|-) "([^"]*)" "([^"]*)"$'

# A question is asked this often, or for so many seconds, but once at least after once unmeasured.
REPEATS = 20
SECONDS = 20


database = duckdb.connect()


def ask(statement):
    return database.execute(statement).fetchall()


def take_in(log, parquet):
    ask(f"""
        COPY (
            SELECT strptime(m.time, '%d/%b/%Y:%H:%M:%S %z') AS time, m.ip, m.browser, nullif(m.referrer, '-') AS referrer, m.method,
                m.path, m.status::SMALLINT AS status, try_cast(m.bytes AS BIGINT) AS bytes, nullif(m.account, '-') AS account
            FROM (
                SELECT regexp_extract(line, '{LINE}',
                    ['ip', 'account', 'time', 'method', 'path', 'status', 'bytes', 'referrer', 'browser']) AS m
                FROM read_csv('{log}', columns = {{'line': 'VARCHAR'}}, delim = '\x01', header = false, quote = '', escape = '',
                    auto_detect = false)
            )
        ) TO '{parquet}' (FORMAT parquet, COMPRESSION zstd)
    """)
    ((visits,),) = ask(f"SELECT count(*) FROM '{parquet}' WHERE time IS NOT NULL")
    return {"visits": visits, "bytes": os.path.getsize(parquet)}


def look_up(files, questions):
    ask("SET parquet_metadata_cache = true")
    kinds = {"account": "UUID", "ip": "VARCHAR"}
    answers = []
    for line in questions:
        question = json.loads(line)
        column = question["column"]
        # A table, because making Python's own values of the rows would be counted as well.
        statement = f"""
            CREATE OR REPLACE TEMP TABLE found AS
            SELECT * FROM read_parquet('{files}') WHERE {column} = '{question["value"]}'::{kinds[column]}
        """
        ask(statement)
        taken = []
        while not taken or (len(taken) < REPEATS and sum(taken) < SECONDS * 1000):
            since = time.perf_counter()
            ask(statement)
            taken.append((time.perf_counter() - since) * 1000)
        ((visits,),) = ask("SELECT count(*) FROM found")
        answers.append({"visits": visits, "ms": taken})
    return {"answers": answers}


def erase(files, parquet, account):
    since = time.perf_counter()
    ask(f"""
        COPY (SELECT * FROM read_parquet('{files}') WHERE account IS DISTINCT FROM '{account}'::UUID)
        TO '{parquet}' (FORMAT parquet, COMPRESSION zstd)
    """)
    with open(parquet, "rb") as written:
        os.fsync(written.fileno())
    taken = (time.perf_counter() - since) * 1000
    ((visits,),) = ask(f"SELECT count(*) FROM '{parquet}'")
    return {"ms": taken, "visits": visits, "bytes": os.path.getsize(parquet)}


def main():
    what, *arguments = sys.argv[1:]
    if threads := os.environ.get("THREADS"):
        ask(f"SET threads = {int(threads)}")
    if what == "import":
        answer = take_in(*arguments)
    elif what == "lookup":
        with open(arguments[1], encoding="utf-8") as questions:
            answer = look_up(arguments[0], questions)
    else:
        answer = erase(*arguments)
    print(json.dumps({"version": duckdb.__version__} | answer))


main()
