#!/usr/bin/env python3
"""Writes the manifests of the speech test sets, so that every recogniser is scored on the same clips.

Only `test` rows of the shared corpora are taken; where a set is large, a seeded choice of it. The manifests name their
shards by absolute path and belong to this machine: they are made anew, never committed.

    python3 Tools/speech_test_sets.py --data ../shared/data --out data/tests
"""
import argparse
import json
import os
import random
import sys

ADULT_FROM = 18
SEED = 7


def is_adult(row):
    return isinstance(row.get("age"), int) and row["age"] >= ADULT_FROM


def is_child(row):
    return isinstance(row.get("age"), int) and row["age"] < ADULT_FROM


# name: (corpus, which rows, at most so many; None for all)
SETS = {
    "digits": ("spoken-digits", lambda row: True, None),
    "commands": ("speech-commands-sample", lambda row: True, None),
    "adults": ("speechocean762", is_adult, 150),
    "children": ("speechocean762", is_child, 150),
    "readers": ("librispeech-sample", lambda row: True, None),
    "readers-devclean": ("librispeech-devclean", lambda row: True, 40),
}


def rows_of(speech, corpus):
    path = os.path.join(speech, "manifests", corpus + ".jsonl")
    with open(path, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    for row in rows:
        row["shard"] = os.path.join(speech, row["shard"])
    return [row for row in rows if row.get("split") == "test"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("MYNA_DATA", "../shared/data"))
    parser.add_argument("--out", default="data/tests")
    options = parser.parse_args()
    speech = os.path.abspath(os.path.join(options.data, "speech"))
    if not os.path.isdir(os.path.join(speech, "manifests")):
        sys.exit(f"{speech}/manifests: no such folder; give --data or set MYNA_DATA")
    os.makedirs(options.out, exist_ok=True)
    for name, (corpus, wanted, limit) in SETS.items():
        rows = [row for row in rows_of(speech, corpus) if wanted(row)]
        if limit and limit < len(rows):
            chosen = set(random.Random(SEED).sample(sorted(row["id"] for row in rows), limit))
            rows = [row for row in rows if row["id"] in chosen]
        path = os.path.join(options.out, name + ".jsonl")
        with open(path, "w", encoding="utf-8") as out:
            for row in rows:
                out.write(json.dumps(dict(row, corpus=name), ensure_ascii=False) + "\n")
        seconds = sum(row["duration"] for row in rows)
        print(f"{path}: {len(rows)} clips, {seconds / 60:.1f} min, {len({row['speaker'] for row in rows})} speakers")


if __name__ == "__main__":
    main()
