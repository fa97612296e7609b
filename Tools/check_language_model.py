#!/usr/bin/env python3
"""Compares what the language model writes freely in Myna with what the reference classes write from the same folder.

    Tools/check_language_model.py      (torch 2.13.0, transformers 5.23.0)

Prints each text that differs, and last {"same", "total"} as JSON.
"""

import argparse
import json
import subprocess
import sys

import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM


def unspaced(text):
    """Without the space after each opening quote, as docs/decisions/0005 says."""
    parts = text.split('"')
    return '"'.join(part.removeprefix(" ") if index % 2 == 1 else part for index, part in enumerate(parts))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="Models/myna-lm")
    parser.add_argument("--myna", default=".build/release/myna")
    parser.add_argument("--count", default="60")
    options = parser.parse_args()
    folder = options.model
    rows = subprocess.run([options.myna, "eval", "intents", "--model", folder, "--count", options.count, "--json"],
                          check=True, stdout=subprocess.PIPE, text=True).stdout
    tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    # The text of a request never holds a marker, so only its plain pieces are looked for.
    plain = json.loads(tokenizer.to_str())
    plain["added_tokens"] = []
    plain = Tokenizer.from_str(json.dumps(plain))
    same = total = 0
    for line in rows.splitlines():
        row = json.loads(line)
        if "request" not in row:
            continue
        prompt = [tokenizer.token_to_id(f"<{row['state']}>")] + plain.encode(row["request"]).ids
        prompt.append(tokenizer.token_to_id("<intents>"))
        with torch.no_grad():
            written = model.generate(torch.tensor([prompt]), max_new_tokens=128, do_sample=False)[0, len(prompt):].tolist()
        text = unspaced(tokenizer.decode(written, skip_special_tokens=True))
        total += 1
        same += text == row["freely"]
        if text != row["freely"]:
            print(f"differs: {row['request']}\n  reference {text}\n  Myna      {row['freely']}")
    print(json.dumps({"same": same, "total": total}))
    sys.exit(total == 0)


if __name__ == "__main__":
    main()
