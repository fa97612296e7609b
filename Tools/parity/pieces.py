"""Writes Fixtures/pieces: small tokenizers of four kinds and what the reference packages give for lines of many scripts.

    python Tools/parity/pieces.py                  a few hundred lines, for the tests
    python Tools/parity/pieces.py --lines DIR      20,000 lines and larger tokenizers, for MYNA_TOKENIZER_LINES=DIR swift test
"""

import argparse
import json
import pathlib
import random

import sentencepiece
import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

OUT = pathlib.Path(__file__).resolve().parents[2] / "Fixtures" / "pieces"
SEED = 5

WORDS = """turn on the kitchen light please and dim lounge lamp to half what's it's don't we'll I'd they're you've rock'n'roll
naïve café über straße Ærø łódź žluťoučký kůň señor ação İstanbul ǆ ﬁne Ⅻ ½ ² №
включи свет на кухне пожалуйста тёплый Україна їжак άναψε το φως στην κουζίνα Ελλάδα
شغل الضوء في المطبخ من فضلك ۱۲۳ הדלק את האור במטבח रसोई की बत्ती जलाओ १२३ சமையலறை விளக்கு เปิดไฟในครัว
打开厨房的灯 請把客廳的燈關掉 台所の電気をつけて キッチン ｶﾀｶﾅ 부엌 불을 켜 주세요 ＡＢＣ１２３ ㍿ ㎏ ﷺ
👍 👩‍👩‍👧 🎉 🇩🇪 🤷🏽‍♀️ e\u0301 a\u0308\u0304 q\u0323\u0307 \u1e9b\u0323 ſ 'ſ 'S 'Ll ZERO\u200bWIDTH soft\u00adhyphen nb\u00a0sp
3.14 1,000,000 2026-11-23 12:45 0x7F a1b2c3 100% $5 €20 C++ #tag @home foo_bar http://a.b/c?d=e {"name": "set", "x": [1, 2]}
""".split()
GAPS = [" "] * 12 + ["  ", "   ", "\t", "\u3000", "\u2003", " \u00a0", "", "", "-", "…", ", ", ". ", "! ", "?\u0085", "\x1c", "\u2028"]
RANGES = [(0x20, 0x7E), (0xA1, 0x24F), (0x370, 0x3FF), (0x400, 0x4FF), (0x5D0, 0x5EA), (0x620, 0x669), (0x904, 0x96F),
          (0xE01, 0xE5B), (0x1100, 0x11FF), (0x1E00, 0x1EFF), (0x2000, 0x206F), (0x2100, 0x218F), (0x3041, 0x30FF),
          (0x4E00, 0x4FFF), (0xAC00, 0xAFFF), (0xF900, 0xFA2F), (0xFB00, 0xFB06), (0xFE30, 0xFE6F), (0xFF01, 0xFFEE),
          (0x1D400, 0x1D4FF), (0x1F300, 0x1F64F), (0x0, 0x1F)]
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN = LLAMA3.replace("{1,3}", "")


def lines(count, known=0.7):
    source = random.Random(SEED + (known == 1))

    def word():
        if source.random() < known:
            return source.choice(WORDS)
        low, high = source.choice(RANGES)
        return "".join(chr(source.randint(low, high)) for _ in range(source.randint(1, 5)))

    def line():
        text = "".join(word() + source.choice(GAPS) for _ in range(source.randint(1, 14)))
        if source.random() < 0.15:
            text = source.choice(GAPS) + text
        if source.random() < 0.1:
            text += source.choice(["\n", "\r\n", "\n\n ", " \n x", "<tool_call>", "▁", "<|im_end|>"])
        return "".join(c for c in text if not 0xD800 <= ord(c) < 0xE000)

    return ["", " ", "\n", "▁", "a"] + [line() for _ in range(count - 5)]


def bytes_model(name, pattern, folder, learned, size):
    tokenizer = Tokenizer(models.BPE(ignore_merges=name == "llama3"))
    if name == "qwen3":
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False,
        special_tokens=[AddedToken(s, normalized=False, special=True) for s in ["<|im_start|>", "<|im_end|>"]])
    tokenizer.train_from_iterator(learned, trainer)
    tokenizer.add_tokens([AddedToken(s, normalized=False, special=False) for s in ["<tool_call>", "</tool_call>"]])
    tokenizer.save(str(folder / f"{name}.json"))
    return lambda text: tokenizer.encode(text, add_special_tokens=False).ids, tokenizer.decode, tokenizer.get_vocab_size()


def pieces_model(name, folder, learned, size, **options):
    corpus = folder / "corpus.txt"
    corpus.write_text("\n".join(line.replace("\n", " ").replace("\r", " ").replace("\0", "") for line in learned))
    sentencepiece.SentencePieceTrainer.train(
        input=str(corpus), model_prefix=str(folder / name), vocab_size=size, minloglevel=2, num_threads=1,
        hard_vocab_limit=False, **options)
    corpus.unlink()
    (folder / f"{name}.vocab").unlink()
    model = sentencepiece.SentencePieceProcessor(model_file=str(folder / f"{name}.model"))
    return model.encode, model.decode, len(model)


def write(folder, count, size, rules):
    folder.mkdir(parents=True, exist_ok=True)
    texts = lines(count)
    # What the small ones learn from has no character at random, so that the lines meet some that no piece covers.
    learned = lines(count, known=1) if rules else texts[: count // 2]
    unigram = {"normalization_rule_name": "nmt_nfkc"}
    if rules:  # the package's own table would be a quarter of a megabyte
        table = folder / "rules.tsv"
        pairs = {"ﬁ": "fi", "½": "1/2", "\t": " ", "\u3000": " ", "\u00a0": " ", "e\u0301": "é", "\u200b": "", "Ａ": "A", "ﷺ": "صلى الله"}
        table.write_text("".join(
            " ".join(f"{ord(c):X}" for c in a) + "\t" + " ".join(f"{ord(c):X}" for c in b) + "\n" for a, b in pairs.items()))
        unigram = {"normalization_rule_tsv": str(table)}
    made = {
        "llama3": bytes_model("llama3", LLAMA3, folder, learned, size),
        "qwen3": bytes_model("qwen3", QWEN, folder, learned, size),
        "unigram": pieces_model("unigram", folder, learned, size, model_type="unigram", character_coverage=0.985,
                                user_defined_symbols=["<tool_call>", "kitchen"], **unigram),
        "bpe": pieces_model("bpe", folder, learned, size + 256, model_type="bpe", byte_fallback=True, split_digits=True,
                            normalization_rule_name="identity", remove_extra_whitespaces=False, character_coverage=0.985,
                            allow_whitespace_only_pieces=True, user_defined_symbols=["<tool_call>"]),
    }
    if rules:
        table.unlink()
    # Tokens that make no whole text: what streams must not show too early, or at all.
    source = random.Random(SEED)
    with open(folder / "cases.jsonl", "w") as file:
        for text in texts:
            row = {"text": text}
            for name, (encode, decode, _) in made.items():
                ids = encode(text)
                row[name] = [ids, decode(ids)]
            file.write(json.dumps(row, ensure_ascii=True, separators=(",", ":")) + "\n")
        for _ in range(len(texts) // 20):
            row = {"text": None}
            for name, (_, decode, count) in made.items():
                ids = [source.randrange(count) for _ in range(source.randint(1, 9))]
                row[name] = [ids, decode(ids)]
            file.write(json.dumps(row, ensure_ascii=True, separators=(",", ":")) + "\n")
    (folder / "versions.json").write_text(json.dumps(
        {"tokenizers": tokenizers.__version__, "sentencepiece": sentencepiece.__version__, "seed": SEED}) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=pathlib.Path)
    options = parser.parse_args()
    if options.lines:
        write(options.lines, 20_000, 8000, rules=False)
    else:
        write(OUT, 150, 600, rules=True)
