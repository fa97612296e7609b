#!/usr/bin/env python3
"""Fails where a public declaration of a symbol graph has no doc comment.

Cases and stored properties may speak by their names: an enum's or a struct's own comment covers them.
"""

import json
import sys

SPEAK_BY_NAME = {"swift.enum.case", "swift.property", "swift.type.property"}


def undocumented(path):
    """Names of the declarations without a comment, in order of their files."""
    with open(path, encoding="utf-8") as file:
        graph = json.load(file)
    faults = []
    for symbol in graph["symbols"]:
        own = "::SYNTHESIZED::" not in symbol["identifier"]["precise"]
        if own and "docComment" not in symbol and symbol["kind"]["identifier"] not in SPEAK_BY_NAME:
            place = symbol.get("location", {})
            where = place.get("uri", "").rsplit("/Sources/", 1)[-1]
            faults.append((where, place.get("position", {}).get("line", 0) + 1, ".".join(symbol["pathComponents"])))
    return sorted(faults)


def main():
    faults = [fault for path in sys.argv[1:] for fault in undocumented(path)]
    for where, line, name in faults:
        print(f"docs: Sources/{where}:{line}: {name} has no doc comment", file=sys.stderr)
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
