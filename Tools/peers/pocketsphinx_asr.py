#!/usr/bin/env python3
"""Recognises the clips of a manifest with PocketSphinx and its own US English model, as JSON lines {id, text, seconds}.

One fresh decoder for each manifest, each clip whole, with silence at both ends. Clips that are in the output already are
not decoded again. Needs the Python packages pocketsphinx, soundfile and numpy.

    python3 Tools/peers/pocketsphinx_asr.py --manifest data/tests/digits.jsonl --out data/peers/pocketsphinx/digits.jsonl
    myna eval asr --manifest data/tests/digits.jsonl --hypotheses data/peers/pocketsphinx/digits.jsonl --json
"""
import argparse
import io
import json
import os
import sys
import tarfile
import time

import numpy
import pocketsphinx
import soundfile

RATE = 16000


def resampled(samples, rate):
    """A windowed-sinc filter of 32 zero crossings a side, by zero stuffing: clips are short and rates are simple."""
    common = int(numpy.gcd(rate, RATE))
    up, down = RATE // common, rate // common
    if up > 16:
        sys.exit(f"{rate} Hz is no simple multiple of {RATE} Hz")
    cutoff = 0.95 / max(up, down)
    reach = int(32 / cutoff)
    time = numpy.arange(-reach, reach + 1)
    taps = up * cutoff * numpy.sinc(cutoff * time) * numpy.kaiser(len(time), 8.0)
    stuffed = numpy.zeros(len(samples) * up, dtype=numpy.float32)
    stuffed[::up] = samples
    size = 1 << int(numpy.ceil(numpy.log2(len(stuffed) + len(taps))))
    filtered = numpy.fft.irfft(numpy.fft.rfft(stuffed, size) * numpy.fft.rfft(taps, size), size)
    return filtered[reach:reach + len(stuffed):down].astype(numpy.float32)


def sound_of(row, folder, archives):
    """The clip as 16-bit samples at 16 kHz."""
    if "shard" in row:
        path = row["shard"] if os.path.isabs(row["shard"]) else os.path.join(folder, row["shard"])
        if not os.path.exists(path):
            path = os.path.join(folder, "..", row["shard"])
        if path not in archives:
            archives[path] = tarfile.open(path)
        source = io.BytesIO(archives[path].extractfile(row["member"]).read())
    else:
        source = os.path.join(folder, row["audio"])
    samples, rate = soundfile.read(source, dtype="float32", always_2d=True)
    samples = samples.mean(axis=1)
    if rate != RATE:
        samples = resampled(samples, rate)
    return samples


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--manifest", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--split", help="only rows of this split")
    parser.add_argument("--silence", type=float, default=0.2, help="seconds of silence at each end")
    options = parser.parse_args()

    with open(options.manifest, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    rows = [row for row in rows if row.get("text") and options.split in (None, row.get("split"))]
    done = set()
    if os.path.exists(options.out):
        with open(options.out, encoding="utf-8") as lines:
            done = {json.loads(line)["id"] for line in lines}
    os.makedirs(os.path.dirname(os.path.abspath(options.out)), exist_ok=True)

    decoder = pocketsphinx.Decoder(samprate=RATE, loglevel="FATAL")
    silence = numpy.zeros(int(options.silence * RATE), dtype=numpy.float32)
    archives, folder = {}, os.path.dirname(os.path.abspath(options.manifest))
    with open(options.out, "a", encoding="utf-8") as out:
        for number, row in enumerate(rows):
            if row["id"] in done:
                continue
            samples = numpy.concatenate([silence, sound_of(row, folder, archives), silence])
            pcm = (numpy.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
            begin = time.process_time()
            decoder.start_utt()
            decoder.process_raw(pcm, full_utt=True)
            decoder.end_utt()
            hypothesis = decoder.hyp()
            seconds = time.process_time() - begin
            text = hypothesis.hypstr if hypothesis else ""
            out.write(json.dumps({"id": row["id"], "text": text, "seconds": round(seconds, 3)}) + "\n")
            out.flush()
            print(f"\r{number + 1}/{len(rows)}", end="", file=sys.stderr)
    print(file=sys.stderr)


if __name__ == "__main__":
    main()
