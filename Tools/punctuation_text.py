#!/usr/bin/env python3
"""Writes the lines that `myna train punctuation` learns from: what people say and books, a line each, as written.

Usage: Tools/punctuation_text.py DATA_TEXT_FOLDER > lines.txt
"""
import json
import lzma
import re
import sys
from pathlib import Path


def rows(path):
    with lzma.open(path, "rt") as file:
        for line in file:
            yield json.loads(line)


def turns(folder):
    """Turns of the dialogues: as people would say them to each other or to a machine."""
    for row in rows(folder / "self-dialogue/dialogues.jsonl.xz"):
        yield from row["turns"]
    for row in rows(folder / "topical-chat/dialogues.jsonl.xz"):
        yield from (turn[1] for turn in row["turns"])
    for row in rows(folder / "persona-chat/synthetic-persona-chat.jsonl.xz"):
        yield from (turn[-1] for turn in row["turns"])
    for row in rows(folder / "sgd/dialogues.jsonl.xz"):
        yield from (turn["say"] for turn in row["turns"])
    for name in ("earnings21-turns", "rev16-turns"):
        for row in rows(folder / f"rev-spoken/{name}.jsonl.xz"):
            yield from (turn[1] for turn in row["turns"])
    for row in rows(folder / "trivia/opentriviaqa.jsonl.xz"):
        yield row["q"]


def books(folder):
    """Sentences of books without quotations, whose marks say who speaks rather than how."""
    for number in range(1, 6):
        for row in rows(folder / f"books/books-{number}.jsonl.xz"):
            for paragraph in re.split(r"\n\s*\n", row["text"]):
                if not re.search(r'["“”]', paragraph):
                    yield paragraph


def pieces(text):
    """One to three sentences at a time, as much as somebody says in a breath."""
    text = re.sub(r"\s+", " ", re.sub(r"[_*\[\]()“”\"<>]", " ", text)).strip()
    sentences = re.split(r"(?<=[.!?])\s+(?=[A-Z])", text)
    size = 1 + len(text) % 3
    for start in range(0, len(sentences), size):
        piece = " ".join(sentences[start : start + size])
        if 2 <= piece.count(" ") + 1 <= 60:
            yield piece


def main():
    folder = Path(sys.argv[1])
    seen = set()
    for source in (turns, books):
        for text in source(folder):
            for piece in pieces(str(text)):
                if piece not in seen:
                    seen.add(piece)
                    print(piece)


if __name__ == "__main__":
    main()
