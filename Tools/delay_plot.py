#!/usr/bin/env python3
"""Draws what `myna bench delay --json` measured: word errors against how late words are first shown right."""
import argparse
import json

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 720, 430, 60, 50, 40, 20
LINES = [("fixed", False, "#4477aa", "fixed chunks"), ("fixed", True, "#66ccee", "fixed chunks, looking again"),
         ("dynamic", False, "#ee6677", "dynamic lookahead"), ("dynamic", True, "#cc3311", "dynamic lookahead, looking again")]


def steps(low, high, count):
    """Round numbers from below `low` to above `high`."""
    size = next(s for s in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if (high - low) / s <= count)
    first = int(low // size)
    return [size * (first + index) for index in range(int((high - first * size) // size) + 2)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report")
    parser.add_argument("--out", required=True)
    parser.add_argument("--x", default="word_delay_ms", choices=["word_delay_ms", "frame_delay_ms"])
    options = parser.parse_args()
    report = json.load(open(options.report))
    points = report["points"]
    across = steps(0, max(p[options.x] for p in points), 8)
    up = steps(100 * min(p["wer"] for p in points), 100 * max(p["wer"] for p in points), 8)

    def place(x, y):
        return (LEFT + (WIDTH - LEFT - RIGHT) * (x - across[0]) / (across[-1] - across[0]),
                HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (y - up[0]) / (up[-1] - up[0]))

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>']
    for x in across:
        a, b = place(x, up[0]), place(x, up[-1])
        parts.append(f'<line x1="{a[0]:.1f}" y1="{a[1]:.1f}" x2="{b[0]:.1f}" y2="{b[1]:.1f}" stroke="#ddd"/>'
                     f'<text x="{a[0]:.1f}" y="{a[1] + 16:.1f}" text-anchor="middle">{x:g}</text>')
    for y in up:
        a, b = place(across[0], y), place(across[-1], y)
        parts.append(f'<line x1="{a[0]:.1f}" y1="{a[1]:.1f}" x2="{b[0]:.1f}" y2="{b[1]:.1f}" stroke="#ddd"/>'
                     f'<text x="{a[0] - 6:.1f}" y="{a[1] + 4:.1f}" text-anchor="end">{y:g}</text>')
    what = "mean delay of a word until it is first shown right" if options.x == "word_delay_ms" else \
        "mean delay of a frame until its step is done"
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 12}" text-anchor="middle">{what} (ms)</text>'
                 f'<text x="14" y="{HEIGHT / 2}" transform="rotate(-90 14 {HEIGHT / 2})" text-anchor="middle">word errors (%)</text>')
    shown = 0
    for lookahead, looks, colour, name in LINES:
        line = [p for p in points if p["lookahead"] == lookahead and p["looks"] == looks]
        # Looking again leaves frames where they were.
        if not line or (looks and options.x == "frame_delay_ms"):
            continue
        line.sort(key=lambda p: p["ms"])
        spots = [place(p[options.x], 100 * p["wer"]) for p in line]
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="'
                     + " ".join(f"{x:.1f},{y:.1f}" for x, y in spots) + '"/>')
        for (x, y), p in zip(spots, line):
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')
            if not looks:
                parts.append(f'<text x="{x + 5:.1f}" y="{y - 5:.1f}" fill="{colour}" font-size="10">{p["ms"]}</text>')
        parts.append(f'<line x1="{WIDTH - 260}" y1="{TOP + 8 + 18 * shown}" x2="{WIDTH - 236}" y2="{TOP + 8 + 18 * shown}" '
                     f'stroke="{colour}" stroke-width="2"/>'
                     f'<text x="{WIDTH - 228}" y="{TOP + 12 + 18 * shown}">{name}</text>')
        shown += 1
    parts.append(f'<text x="{LEFT}" y="20">{report["streams"]} live streams, {report["utterances"]} utterances; labels: chunk or '
                 "budget in ms</text></svg>")
    with open(options.out, "w") as file:
        file.write("\n".join(parts) + "\n")


main()
