"""The plain load with dlt: rows of a CSV file into a table of SQLite, nothing mapped, nothing checked.

Prints the seconds of the run alone: starting Python and importing dlt is left out, in dlt's favour.
"""

import csv
import itertools
import sys
import time

import dlt

path, database, rows, working = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]


@dlt.resource(name="calls", write_disposition="append")
def calls():
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(itertools.islice(file, rows + 1), delimiter=";")
        while page := list(itertools.islice(reader, 1_000)):
            yield page


pipeline = dlt.pipeline(
    "calls",
    pipelines_dir=working,
    dataset_name="main",
    destination=dlt.destinations.sqlalchemy(f"sqlite:///{database}"),
)
started = time.monotonic()
pipeline.run(calls())
print(f"{time.monotonic() - started:.3f}")
