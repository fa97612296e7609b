"""Reads a trained model folder with the reference classes and compares what it writes freely with what Myna wrote.

    myna eval intents --model runs/assistant/best --count 100 --json > rows.jsonl
    python Tools/check_language_model.py runs/assistant/best rows.jsonl
"""

import json
import sys

import torch
from tokenizers import Tokenizer
from transformers import LlamaForCausalLM


def unspaced(text):
    """Without the space after each opening quote, as docs/decisions/0005 says."""
    parts = text.split('"')
    return '"'.join(part.removeprefix(" ") if index % 2 == 1 else part for index, part in enumerate(parts))


def main(folder, rows):
    tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    # The text of a request never holds a marker, so only its plain pieces are looked for.
    plain = json.loads(tokenizer.to_str())
    plain["added_tokens"] = []
    plain = Tokenizer.from_str(json.dumps(plain))
    same = total = 0
    for line in open(rows):
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
    print(f"{same} of {total} the same")
    sys.exit(same != total)


if __name__ == "__main__":
    main(*sys.argv[1:])
