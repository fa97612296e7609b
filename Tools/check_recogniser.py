#!/usr/bin/env python3
"""Compares what Myna hears in a stream, greedily, with what the reference classes hear in the whole file, piece by piece.

    Tools/check_recogniser.py --manifest data/tests/readers.jsonl      (torch 2.13.0, transformers 5.23.0, soundfile, soxr)

Both take the same chunks, so the texts must be equal, up to the first end of speech that is heard: behind it Myna begins a new text
and the reference classes know of no such thing. Prints each that differs, and last {"same", "total"} as JSON.
"""
import argparse
import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile

import soundfile
import soxr
import torch
from tokenizers import Tokenizer
from transformers import NemotronAsrStreamingForRNNT
from transformers.models.nemotron_asr_streaming.feature_extraction_nemotron_asr_streaming import NemotronAsrStreamingFeatureExtractor

CHUNK = 7  # frames of 80 ms that see each other


def samples(row, base):
    """The sound of a row of a manifest, at 16 kHz."""
    if "shard" in row:
        with tarfile.open(base / row["shard"]) as archive:
            source = io.BytesIO(archive.extractfile(row["member"]).read())
    else:
        source = base / row["audio"]
    sound, rate = soundfile.read(source, dtype="float32", always_2d=True)
    sound = sound.mean(1)
    return sound if rate == 16000 else soxr.resample(sound, rate, 16000)


def heard(options):
    """Myna's texts, by id."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "heard.jsonl")
        subprocess.run([options.myna, "eval", "asr", "--asr", options.model, "--manifest", options.manifest, "--greedy",
                        "--chunk", str(CHUNK), "--limit", str(options.limit), "--out", path, "--json"],
                       check=True, stdout=subprocess.DEVNULL)
        return {row["id"]: row["text"] for row in map(json.loads, open(path))}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--manifest", required=True)
    parser.add_argument("--model", default="Models/myna-asr")
    parser.add_argument("--myna", default=".build/release/myna")
    parser.add_argument("--limit", type=int, default=30)
    options = parser.parse_args()
    manifest = pathlib.Path(options.manifest)
    base = manifest.parent.parent if manifest.parent.name == "manifests" else manifest.parent
    rows = {row["id"]: row for row in map(json.loads, open(manifest))}
    tokenizer = Tokenizer.from_file(f"{options.model}/tokenizer.json")
    model = NemotronAsrStreamingForRNNT.from_pretrained(options.model, dtype=torch.float32).eval()
    model.generation_config.decoder_start_token_id = model.config.blank_token_id
    end = json.load(open(f"{options.model}/config.json"))["end_of_speech_token_id"]
    extractor = NemotronAsrStreamingFeatureExtractor()
    same = total = 0
    for name, text in heard(options).items():
        mels = extractor([samples(rows[name], base)], sampling_rate=16000, return_tensors="pt")
        with torch.no_grad():
            ids = model.generate(input_features=mels["input_features"], attention_mask=mels["attention_mask"],
                                 num_lookahead_tokens=CHUNK - 1, max_new_tokens=1000)
        ids = (ids.sequences if hasattr(ids, "sequences") else ids)[0].tolist()
        pieces = [i for i in ids if i != model.config.blank_token_id]
        ended = end in pieces
        reference = tokenizer.decode(pieces[:pieces.index(end)] if ended else pieces).strip()
        is_same = text == reference or (ended and text.startswith(reference))
        total += 1
        same += is_same
        if not is_same:
            print(f"differs: {name}\n  reference {reference}\n  Myna      {text}")
    print(json.dumps({"same": same, "total": total}))
    sys.exit(total == 0)


if __name__ == "__main__":
    main()
