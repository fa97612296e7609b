"""Writes Fixtures/tokenizer: two trained tokenizers and what the reference gives for awkward texts."""

import json
import pathlib
import sys

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

OUT = pathlib.Path(__file__).resolve().parents[2] / "Fixtures" / "tokenizer"

LINES = """
turn on the kitchen light
turn off the lights in the hall
set the bedroom to nineteen degrees
could you make it a bit warmer in here please
play evening jazz in the lounge
what's the temperature in the kitchen
don't forget we're out of milk they'll need it i'd say
stick coconut milk on the shopping list
start a timer for nine minutes
is the window in the office shut
close the blinds in the living room and lock the front door
how many lights are on upstairs
the lamp by the sofa is too bright
dim the lounge ceiling to half
a day has twenty four hours and a year has twelve months
zebra zoo zigzag aaaa aaaaa banana bananas
""".strip().split("\n")

TEXTS = LINES[:4] + [
    "", " ", "  ", "a", " a", "a ", "hello   world  ", "tabs\tand\nlines\r\n\n  next", "DON'T we'Re i'M they'll 'tis 've",
    "12 1234 a1b2 ½ Ⅻ ٣", "naïve café — “quotes” …", "日本語 のテキスト", "emoji 👩‍👩‍👧 🎉!", "x<end>y <state> z<end>", "<en",
    "aaaaaaaaaaaaa", "!!!???\n\n", " !x", "\u00a0nbsp\u2003em", "e\u0301 combining", "\x00\x01 control",
    "supercalifragilisticexpialidocious " * 3,
]

LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def trained(splitting, specials, alphabet, size):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = splitting
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size, min_frequency=2, special_tokens=[AddedToken(s, normalized=False, special=True) for s in specials],
        initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(LINES, trainer)
    return tokenizer


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    words = trained(pre_tokenizers.ByteLevel(add_prefix_space=True), ["<blank>"], [], 120)
    llama3 = trained(
        pre_tokenizers.Sequence([
            pre_tokenizers.Split(Regex(LLAMA3), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]),
        ["<begin>", "<end>", "<state>"], pre_tokenizers.ByteLevel.alphabet(), 400)
    llama3.post_processor = processors.TemplateProcessing(
        single="<begin> $A <end>", special_tokens=[("<begin>", 0), ("<end>", 1)])
    cases = {"versions": {"tokenizers": tokenizers.__version__}, "lines": LINES, "cases": []}
    for name, tokenizer in [("words", words), ("llama3", llama3)]:
        tokenizer.save(str(OUT / f"{name}.json"))
        for text in TEXTS:
            ids = tokenizer.encode(text, add_special_tokens=False).ids
            cases["cases"].append({
                "tokenizer": name, "text": text, "ids": ids, "decoded": tokenizer.decode(ids),
                "framed": tokenizer.encode(text).ids})
    (OUT / "cases.json").write_text(json.dumps(cases, indent=1) + "\n")


def check(tokenizer, lines):
    loaded = Tokenizer.from_file(tokenizer)
    for line in pathlib.Path(lines).read_text().split("\n"):
        print(json.dumps({"text": line, "ids": loaded.encode(line, add_special_tokens=False).ids}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"]:
        check(*sys.argv[2:])
    else:
        main()
