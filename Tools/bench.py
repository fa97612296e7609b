#!/usr/bin/env python3
"""Measures Myna beside its peers, by turns on the same machine, and writes docs/benchmarks.json and docs/benchmarks.md.

Tools/bench.json lists the entries. A case runs in two processes, ours (Sources/bench) and PyTorch's (Tools/bench/peer.py), which
begin from the same weights and take turns round by round; where both say what they computed, it must agree. An entry with a
command instead runs it and reads the last line it prints as JSON. A row that this run does not measure stays as it was.

    make bench                          the peer's Python is MYNA_PYTHON, or python3; that of torchaudio MYNA_TORCHAUDIO,
                                        that of llama-cpp-python, gguf and numpy MYNA_LLAMA
    python3 Tools/bench.py --only codec --rounds 2 --out /tmp/bench
"""
import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FIELDS = ["name", "ours", "peer", "peer_name", "ratio", "unit", "min", "median", "max", "machine", "commit", "command"]


class Unavailable(Exception):
    """Something an entry needs is not there, or the two sides did not do the same."""


class Worker:
    """A process that answers requests of one line with one line of JSON."""

    def __init__(self, name, command, environment):
        self.name = name
        try:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        except OSError as reason:
            raise Unavailable(f"{name}: {reason}") from reason

    def ask(self, line):
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
            answer = json.loads(self.process.stdout.readline())
        except (OSError, ValueError) as reason:
            raise Unavailable(f"{self.name} ended with {self.process.wait()}") from reason
        if "error" in answer:
            raise Unavailable(f"{self.name}: {answer['error']}")
        return answer

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def measure(entry, options, folder):
    """Facts and rounds of each side; the peer's are None where the entry has none."""
    environment = dict(os.environ, OMP_NUM_THREADS=str(entry["threads"]), MKL_NUM_THREADS=str(entry["threads"]))
    environment.update(entry.get("environment", {}))
    workers = [Worker("bench", [options.bench], environment)]
    try:
        if entry.get("peer", True):
            python = os.environ.get(entry["peer_python"], options.python) if "peer_python" in entry else options.python
            workers.append(Worker("the peer", [python, "Tools/bench/peer.py"], environment))
        cases = [entry["case"], entry.get("peer_case", entry["case"])]
        facts = [worker.ask(f"prepare {case} {entry['threads']} {folder}") for case, worker in zip(cases, workers)]
        for name, tolerance in entry.get("agree", {}).items():
            values = [fact[name] for fact in facts]
            if len(values) == 2 and abs(values[0] - values[1]) > tolerance * abs(values[1]):
                raise Unavailable(f"the two sides differ: {name} is {values[0]:.6g} here and {values[1]:.6g} there")
        rounds = [[] for _ in workers]
        for index in range(options.rounds or entry.get("rounds", 7)):
            order = list(range(len(workers)))
            for side in order if index % 2 == 0 else reversed(order):
                rounds[side].append(workers[side].ask("round")["value"])
                time.sleep(0.05)  # until the other's threads sleep
    finally:
        for worker in workers:
            worker.end()
    return facts, rounds


def figures(row, facts, rounds, peaks):
    """What a row says of each side: a list of one value a round."""
    if "fact" in row:
        return [[fact[row["fact"]]] for fact in facts]
    if "rate" in row:
        return [[row["rate"] / value for value in side] for side in rounds]
    if "share" in row:
        # Both do the same operations, which PyTorch counts; the peak is what the faster side reached.
        if row["share"] not in peaks:
            raise Unavailable("the peak rate was not measured in this run")
        operations = next((fact["operations"] for fact in facts if "operations" in fact), None)
        if operations is None:
            raise Unavailable("nobody counted the operations")
        return [[operations / value / 1e9 / peaks[row["share"]] * 100 for value in side] for side in rounds]
    return rounds


def path(report, dotted):
    for part in dotted.split("."):
        if not isinstance(report, dict) or part not in report:
            raise Unavailable(f"the report has no {dotted}")
        report = report[part]
    return report


def rounded(value):
    """Four digits that count."""
    return None if value is None else float(f"{value:.4g}")


def run_command(entry, options):
    """The rows of an entry whose command prints a report."""
    words = [word.replace("$MYNA_DATA", os.environ.get("MYNA_DATA", "../shared/data")).replace("$MYNA", options.myna)
             .replace("$PYTHON", options.python).replace("$LLAMA", os.environ.get("MYNA_LLAMA", "python3")) for word in entry["command"]]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0 or not done.stdout.strip():
        raise Unavailable(f"{' '.join(words)} ended with {done.returncode}")
    report = json.loads(done.stdout.strip().splitlines()[-1])
    for row in entry["rows"]:
        ours = path(report, row["ours"])
        peer = path(report, row["peer"]) if "peer" in row else None
        spread = [path(report, row[key]) if key in row else ours for key in ("min", "median", "max")]
        yield row, ours, peer, spread


def git(*arguments):
    return subprocess.run(["git", "-C", ROOT, *arguments], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def commit():
    changed = [line for line in git("status", "--porcelain").splitlines() if not line[3:].startswith("docs/benchmarks.")]
    return git("rev-parse", "--short=10", "HEAD") + ("+changes" if changed else "")


def machine():
    name, memory = platform.processor() or platform.machine(), ""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as source:
            name = next((line.split(":")[1].strip() for line in source if line.startswith("model name")), name)
        with open("/proc/meminfo", encoding="utf-8") as source:
            memory = f", {round(int(source.readline().split()[1]) / 2 ** 20)} GiB"
    except OSError:
        pass  # not Linux: the name alone
    return f"{name}, {os.cpu_count()} cores{memory}"


def is_met(row, ratio, ours):
    goal = row.get("goal")
    if goal is None:
        return None
    value = ours if goal.get("of") == "ours" else ratio
    if value is None:
        return None
    return value <= goal["at_most"] if "at_most" in goal else value >= goal["at_least"]


def goal_text(row):
    goal = row.get("goal")
    if goal is None:
        return ""
    sign = f"≤ {goal['at_most']}" if "at_most" in goal else f"≥ {goal['at_least']}"
    return f"{sign} {row['unit']}" if goal.get("of") == "ours" else f"{sign} ×"


def number(value):
    return "" if value is None else f"{value:g}"


def table(rows, specs, notes):
    lines = [
        "# Benchmarks", "",
        "Written by `make bench`; the same rows as data are in `benchmarks.json`. Each row's two sides ran by turns on one machine with",
        "one number of threads. “Ours” and “peer” are medians; least and most are of ours; × is ours divided by the peer's.", "",
    ]
    groups = {}
    for row in rows:
        groups.setdefault(specs.get(row["name"], ({}, "Others"))[1], []).append(row)
    for title, members in groups.items():
        lines += [f"## {title}", ""]
        if title in notes:
            lines += [notes[title], ""]
        lines += ["| what | ours | peer | × | goal | least–most | unit | peer is | commit |", "|---|---|---|---|---|---|---|---|---|"]
        for row in members:
            spec = specs.get(row["name"], ({}, ""))[0]
            met = is_met(spec, row["ratio"], row["ours"])
            goal = goal_text(spec) + ("" if met is None else " (met)" if met else " (missed)")
            cells = [row["name"], number(row["ours"]), number(row["peer"]), number(row["ratio"]), goal,
                     f"{number(row['min'])}–{number(row['max'])}", row["unit"], row["peer_name"] or "", row["commit"]]
            lines.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
        lines.append("")
    lines += ["## Machines and commands", ""]
    for key in dict.fromkeys((row["machine"], row["command"]) for row in rows):
        lines.append(f"- `{key[1]}` on {key[0]}: " + "; ".join(row["name"] for row in rows if (row["machine"], row["command"]) == key))
    return "\n".join(lines) + "\n"


def write(target, text):
    draft = target + ".part"
    with open(draft, "w", encoding="utf-8") as out:
        out.write(text)
    os.replace(draft, target)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spec", default="Tools/bench.json")
    parser.add_argument("--out", default="docs", help="the folder of benchmarks.json and benchmarks.md")
    parser.add_argument("--bench", default=".build/release/bench")
    parser.add_argument("--myna", default=".build/release/myna")
    parser.add_argument("--python", default=os.environ.get("MYNA_PYTHON", "python3"), help="a Python that has torch")
    parser.add_argument("--only", help="only entries whose title or case fits this regular expression")
    parser.add_argument("--rounds", type=int, help="rounds of each case, instead of the listed number")
    options = parser.parse_args()
    os.chdir(ROOT)
    with open(options.spec, encoding="utf-8") as source:
        spec = json.load(source)
    specs = {row["name"]: (row, entry["title"]) for entry in spec["entries"] for row in entry["rows"]}
    target = os.path.join(options.out, "benchmarks.json")
    rows = {}
    if os.path.exists(target):
        with open(target, encoding="utf-8") as source:
            rows = {row["name"]: row for row in json.load(source)}
    revision, place, missed, peaks = commit(), machine(), [], {}

    def keep(row, entry, ours, peer, spread):
        ratio = rounded(ours / peer) if peer else None
        name = row.get("peer_name", entry.get("peer_name", spec["peer_name"])) if peer is not None else None
        shown = "make bench" if "case" in entry else " ".join(entry["command"]).replace("$MYNA", "myna").replace("$PYTHON", "python3").replace("$LLAMA", "python3")
        cells = [row["name"], rounded(ours), rounded(peer), name, ratio, row["unit"], *map(rounded, spread), place, revision, shown]
        rows[row["name"]] = dict(zip(FIELDS, cells))
        met = is_met(row, ratio, ours)
        verdict = "" if met is None else "  met" if met else f"  MISSED {goal_text(row)}"
        print(f"  {row['name']}: {ours:.4g} {row['unit']}" + (f", peer {peer:.4g}, × {ratio:g}" if ratio else "") + verdict, flush=True)

    with tempfile.TemporaryDirectory() as folder:
        for entry in spec["entries"]:
            label = entry.get("case", entry["title"])
            if options.only and not re.search(options.only, f"{entry['title']} {label}", re.IGNORECASE):
                continue
            print(label, flush=True)
            try:
                if "command" in entry:
                    for result in run_command(entry, options):
                        keep(result[0], entry, *result[1:])
                    continue
                facts, rounds = measure(entry, options, folder)
                if "peak" in entry:
                    peaks[entry["peak"]] = max(map(max, rounds))
                for row in entry["rows"]:
                    sides = figures(row, facts, rounds, peaks)
                    medians = [statistics.median(side) for side in sides]
                    peer = medians[1] if len(medians) > 1 else None
                    keep(row, entry, medians[0], peer, [min(sides[0]), medians[0], max(sides[0])])
            except (Unavailable, KeyError, ValueError) as reason:
                missed.append(f"{label}: {reason}")
                print(f"  not measured: {reason}", flush=True)

    order = list(specs)
    ordered = sorted(rows.values(), key=lambda row: order.index(row["name"]) if row["name"] in specs else len(order))
    os.makedirs(options.out, exist_ok=True)
    write(target, json.dumps(ordered, indent=1, ensure_ascii=False) + "\n")
    write(os.path.join(options.out, "benchmarks.md"), table(ordered, specs, spec.get("notes", {})))
    for line in missed:
        print("not measured: " + line, file=sys.stderr)
    print(f"{len(ordered)} rows in {target}", file=sys.stderr)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
