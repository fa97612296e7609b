#!/usr/bin/env python3
"""Runs the evaluations that Tools/results.json lists and writes docs/results.json and docs/results.md.

A row is {name, value, unit, interval, goal, n, data, command, commit}. A row that this run does not measure (its data or
program is missing, or --only leaves it out) stays as it was, with the commit it was measured at.

    make results
    python3 Tools/results.py --only digits --myna .build/release/myna
"""
import argparse
import importlib.util
import json
import math
import os
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FIELDS = ["name", "value", "unit", "interval", "goal", "n", "data", "command", "commit"]


class Unavailable(Exception):
    """Something an evaluation needs is not there."""


def expand(command, variables):
    words = []
    for word in command:
        for name, value in variables.items():
            word = word.replace("$" + name, value)
        words.append(word)
    return words


def shown(command):
    """The command as a person would type it."""
    return " ".join(word.replace("$MYNA_DATA", "../shared/data").replace("$MYNA", "myna").replace("$PYTHON", "python3") for word in command)


def run(command, variables):
    words = expand(command, variables)
    print("  " + shown(command), file=sys.stderr, flush=True)
    begin = time.monotonic()
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
    print(f"  {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
    # 65: some sound could not be read; the report tells which and how many were scored.
    if done.returncode not in (0, 65) or (done.returncode == 65 and not done.stdout.strip()):
        raise Unavailable(f"ended with {done.returncode}")
    return done.stdout


def require(step):
    """Whether Python has the package a step needs."""
    module = step.get("module")
    if module and importlib.util.find_spec(module) is None:
        raise Unavailable(f"the Python package {module} is not installed")


def make(path, steps, variables, failed):
    """Makes `path` by its step, unless an earlier step of ours has: a file without its mark may be half made."""
    mark = path + ".made"
    if os.path.exists(path) and os.path.exists(mark):
        return
    if path in failed:
        raise Unavailable(failed[path])
    step = next((step for step in steps if path in step["makes"]), None)
    if step is None:
        raise Unavailable(f"{path} is not there")
    try:
        for needed in step.get("from", []):
            make(needed, steps, variables, failed)
        require(step)
        run(step["command"], variables)
        if not os.path.exists(path):
            raise Unavailable(f"{path} was not made")
        write(mark, shown(step["command"]) + "\n")
    except Unavailable as reason:
        failed[path] = str(reason)
        raise


def field(report, path):
    for part in path.split("."):
        if not isinstance(report, dict) or part not in report:
            raise Unavailable(f"the report has no {path}")
        report = report[part]
    return report


def wilson(passed, total):
    """The 95 % interval of a share."""
    z = 1.959964
    centre = (passed + z * z / 2) / (total + z * z)
    reach = z / (total + z * z) * math.sqrt(passed * (total - passed) / total + z * z / 4)
    return [max(0.0, centre - reach), min(1.0, centre + reach)]


def measured(row, report):
    """Value, interval and count of a row; a value `a/b` is a share of b."""
    scale = row.get("scale", 1)
    if "/" in row["value"]:
        passed, total = (field(report, part) for part in row["value"].split("/"))
        if not total:
            raise Unavailable(f"{row['value']} has nothing to count")
        value, interval, n = passed / total, wilson(passed, total), total
    else:
        value = field(report, row["value"])
        interval = field(report, row["interval"]) if "interval" in row else None
        n = field(report, row["n"]) if "n" in row else None
    if value is None:
        raise Unavailable(f"{row['value']} was not measured")
    digits = row.get("digits", 1)
    return round(value * scale, digits), interval and [round(end * scale, digits) for end in interval], n


def goal_text(goal, unit):
    if goal is None:
        return None
    if "below" in goal:
        return f"below “{goal['below']}”"
    if "of" in goal:
        return f"at most {goal['at_most']:g} × “{goal['of']}”"
    return f"at most {goal['at_most']} {unit}".strip() if "at_most" in goal else f"at least {goal['at_least']} {unit}".strip()


def is_met(goal, value, values):
    """Whether a goal is reached; None where there is none or what it is compared with was not measured."""
    if goal is None:
        return None
    if "of" in goal:
        other = values.get(goal["of"])
        return None if other is None else value <= goal["at_most"] * other
    if "at_most" in goal:
        return value <= goal["at_most"]
    if "at_least" in goal:
        return value >= goal["at_least"]
    other = values.get(goal["below"])
    return None if other is None else value < other


def commit():
    def git(*arguments):
        return subprocess.run(["git", "-C", ROOT, *arguments], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()

    changed = [line for line in git("status", "--porcelain").splitlines() if not line[3:].startswith("docs/results.")]
    return git("rev-parse", "--short=10", "HEAD") + ("+changes" if changed else "")


def number(value):
    return f"{value:g}" if isinstance(value, float) else str(value)


def table(rows, specs):
    values = {row["name"]: row["value"] for row in rows}
    lines = [
        "# Results", "",
        "Written by `make results`; the same rows as data are in `results.json`. Intervals are of 95 %: a bootstrap over utterances",
        "for error rates, Wilson's for shares. Error rates compare spoken forms: lower case, numbers in words, no punctuation.", "",
        "| what | value | 95 % | goal | n | data | commit |", "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        goal = row["goal"] or ""
        met = is_met(specs.get(row["name"], {}).get("goal"), row["value"], values)
        if met is not None:
            goal += " (met)" if met else " (missed)"
        interval = "–".join(number(end) for end in row["interval"]) if row["interval"] else ""
        cells = [row["name"], f"{number(row['value'])} {row['unit']}".strip(), interval, goal, row["n"] or "", row["data"], row["commit"]]
        lines.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
    lines += ["", "## Commands", ""]
    for command in dict.fromkeys(row["command"] for row in rows):
        names = "; ".join(row["name"] for row in rows if row["command"] == command)
        lines += [f"- {names}:", f"  `{command}`"]
    return "\n".join(lines) + "\n"


def write(path, text):
    draft = path + ".part"
    with open(draft, "w", encoding="utf-8") as out:
        out.write(text)
    os.replace(draft, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spec", default="Tools/results.json")
    parser.add_argument("--out", default="docs", help="the folder of results.json and results.md")
    parser.add_argument("--myna", default=".build/release/myna")
    parser.add_argument("--only", action="append", default=[], help="only evaluations with a row whose name holds this text; may be given several times")
    options = parser.parse_args()
    os.chdir(ROOT)

    with open(options.spec, encoding="utf-8") as source:
        spec = json.load(source)
    variables = {"MYNA_DATA": os.environ.get("MYNA_DATA", "../shared/data"), "MYNA": options.myna, "PYTHON": sys.executable}
    path = os.path.join(options.out, "results.json")
    rows = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as source:
            rows = {row["name"]: row for row in json.load(source)}
    revision, failed, missed = commit(), {}, []
    specs = {row["name"]: row for evaluation in spec["evaluations"] for row in evaluation["rows"]}

    for evaluation in spec["evaluations"]:
        names = [row["name"] for row in evaluation["rows"]]
        if options.only and not any(text.lower() in name.lower() for text in options.only for name in names):
            continue
        print("; ".join(names), file=sys.stderr, flush=True)
        try:
            for needed in evaluation.get("from", []):
                make(needed, spec["steps"], variables, failed)
            require(evaluation)
            output = run(evaluation["command"], variables).strip()
            if not output:
                raise Unavailable("the command wrote nothing")
            report = json.loads(output.splitlines()[-1])
        except (Unavailable, OSError, ValueError) as reason:
            missed += [f"{name}: {reason}" for name in names]
            continue
        for row in evaluation["rows"]:
            try:
                value, interval, n = measured(row, report)
            except Unavailable as reason:
                missed.append(f"{row['name']}: {reason}")
                continue
            cells = [row["name"], value, row["unit"], interval, goal_text(row.get("goal"), row["unit"]), n, evaluation["data"]]
            rows[row["name"]] = dict(zip(FIELDS, cells + [shown(evaluation["command"]), revision]))

    order = list(specs)
    ordered = sorted(rows.values(), key=lambda row: order.index(row["name"]) if row["name"] in specs else len(order))
    os.makedirs(options.out, exist_ok=True)
    write(path, json.dumps(ordered, indent=1, ensure_ascii=False) + "\n")
    write(os.path.join(options.out, "results.md"), table(ordered, specs))
    for line in missed:
        print("not measured: " + line, file=sys.stderr)
    print(f"{len(ordered)} rows in {path}", file=sys.stderr)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
