"""docs/conversation-results.md and .json from the parts that were measured."""
import json
import os

GOALS = {"action": 900, "sound": 1200}
TITLES = {
    "alone": "One person at a time", "eight": "Eight at once", "interrupt": "Talking over a reply",
    "soak": "Many for long", "drops": "Dropped connections",
}


def quantile(values, share):
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return round(ordered[below] + (ordered[above] - ordered[below]) * (place - below))


def times(name, values, goal=None):
    if not values:
        return f"{name}: not measured"
    aim = "" if goal is None else f" (goal: p95 below {goal} ms, {'met' if quantile(values, 0.95) < goal else 'missed'})"
    return (f"{name}: p50 {quantile(values, 0.5)} ms, p95 {quantile(values, 0.95)} ms, worst {max(values)} ms, of {len(values)}{aim}")


def machine(figures):
    usage = figures["usage"]
    note = f"; {figures['note']}" if figures["note"] else ""
    return (f"Of {usage['cores']} cores the server used {usage['server']:.2f}, the clients {usage['clients']:.2f}, everything else on "
            f"the machine {usage['others']:.2f}{note}. Commit {figures['commit']}, {figures['seconds']} s.")


def spread(rows):
    by_voice = {}
    for row in rows:
        passed, total = by_voice.get(row["voice"], (0, 0))
        by_voice[row["voice"]] = (passed + (not row["why"]), total + 1)
    return by_voice


def lines_of(name, figures):
    """The figures of a part, a line each."""
    if name in ("alone", "eight"):
        rows = figures["rows"]
        passed = [row for row in rows if not row["why"]]
        whole = [row for row in rows if not row["early"]]
        return [
            f"done as asked: {len(passed)} of {len(rows)}",
            times("end of speech to verified action", [r["action"] for r in rows if r["action"] is not None], GOALS["action"]),
            times("end of speech to the first sound of the reply", [r["sound"] for r in rows if r["sound"] is not None], GOALS["sound"]),
            times("end of speech to the decision that it has ended", [r["end"] for r in whole if r["end"] is not None]),
            f"taken for finished before the end: {len(rows) - len(whole)} of {len(rows)}",
            f"the clients' microphones were at most {figures['late']} ms late",
        ]
    if name == "interrupt":
        lines = []
        for detection in dict.fromkeys(row["detection"] for row in figures["rows"]):
            rows = [row for row in figures["rows"] if row["detection"] == detection]
            over = [row for row in rows if row.get("was_playing")]
            lines += [
                f"{detection}: interrupted while a reply sounded {len(over)} of {len(rows)} times, "
                f"{sum(not row['why'] for row in over)} of them heard and answered",
                f"{detection}: " + times("first sound of the interruption to silence", [r["silent"] for r in over if r["silent"] is not None]),
                f"{detection}: pieces of the old reply's sound that came after: {sum(row['late_sounds'] or 0 for row in over)}",
            ]
        return lines
    if name == "soak":
        samples = figures["samples"]
        settled = [s for s in samples if s[0] >= min(300, samples[-1][0] / 3)]
        memory = [s[1] for s in settled]
        p99 = [f"p99 of the action {quantile(figures['action'], 0.99)} ms, of the first sound {quantile(figures['sound'], 0.99)} ms"]
        return [
            f"{figures['clients']} clients for {figures['minutes']:g} minutes: {figures['requests']} requests over "
            f"{figures['connections']} connections, {figures['switched']} done as asked, {len(figures['faults'])} errors",
            times("end of speech to verified action", figures["action"]),
            times("end of speech to the first sound of the reply", figures["sound"]), *p99,
            f"resident memory after the first {settled[0][0]} s: {memory[0]} MiB, at the end {memory[-1]} MiB, between {min(memory)} and "
            f"{max(memory)} MiB; open descriptors {settled[0][2]}, at the end {settled[-1][2]}, at most {max(s[2] for s in settled)}",
            f"the clients' microphones were at most {figures['late']} ms late",
        ]
    first, last = figures["samples"][0], figures["samples"][-1]
    tenth = figures["samples"][1] if len(figures["samples"]) > 1 else first
    return [
        f"{figures['count']} connections dropped mid-word: {len(figures['faults'])} errors",
        f"resident memory before {first[1]} MiB, after the first {tenth[0]} {tenth[1]} MiB, after all {last[1]} MiB",
        f"open descriptors before {first[2]}, after {last[2]}; sessions left {last[3]}",
    ]


def details(name, figures):
    lines = []
    if name in ("alone", "eight"):
        lines += ["", "| voice | done as asked |", "|---|---|"]
        lines += [f"| {voice} | {passed} of {total} |" for voice, (passed, total) in sorted(spread(figures["rows"]).items())]
        failed = [row for row in figures["rows"] if row["why"]]
        if failed:
            lines += ["", "What failed:", ""]
            lines += [f"- “{row['text']}” ({row['voice']}), heard “{row['heard']}”: {'; '.join(row['why'])}. "
                      f"Reply: “{row['reply']}”" for row in failed]
    elif name in ("soak", "drops") and figures["faults"]:
        lines += ["", "Errors:", ""] + [f"- {fault}" for fault in figures["faults"][:20]]
    elif name == "interrupt":
        failed = [row for row in figures["rows"] if row["why"]]
        if failed:
            lines += ["", "What failed:", ""] + [f"- {row['detection']}, {row['voice']}: {row['why']}; heard “{row['heard']}”" for row in failed]
    return lines


def written(parts):
    lines = [
        "# Conversations", "",
        "Written by `Tools/conversation/measure.py` ([measuring.md](guides/measuring.md) says how); the same figures as data are in",
        "`conversation-results.json`. Clients speak to a running `myna serve` over its realtime protocol in real time, 40 ms of sound a",
        "message, with voices that training did not hear. Times count from the true end of speech, known from the sound. An action is",
        "verified: the home was read afterwards and had changed as asked, and nothing else had.",
    ]
    for name, title in TITLES.items():
        if name in parts:
            figures = parts[name]
            lines += ["", f"## {title}", ""] + [f"- {line}" for line in lines_of(name, figures)] + ["", machine(figures)]
            lines += details(name, figures)
    return "\n".join(lines) + "\n"


def keep(folder, name, figures):
    """Puts a part's figures beside those of the others."""
    path = os.path.join(folder, "conversation-results.json")
    parts = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            parts = json.load(file)
    parts[name] = figures
    os.makedirs(folder, exist_ok=True)
    for target, text in ((path, json.dumps(parts, ensure_ascii=False, indent=None, separators=(",", ":")).replace('{"text"', '\n{"text"') + "\n"),
                         (path.removesuffix(".json") + ".md", written(parts))):
        with open(target + ".part", "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(target + ".part", target)
