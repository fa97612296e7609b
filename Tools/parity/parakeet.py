#!/usr/bin/env python3
"""Writes the fixtures of the offline recognisers: tiny random ParakeetForCTC, ParakeetForRNNT and ParakeetForTDT, rung by rung.

    python3 Tools/parity/parakeet.py        (torch 2.13.0, transformers 5.23.0; see README.md)

The three share one encoder: only the first folder holds its outputs.
"""
import itertools
import json
import pathlib

import torch
from safetensors.torch import save_file
from transformers import ParakeetCTCConfig, ParakeetForCTC, ParakeetForRNNT, ParakeetForTDT, ParakeetRNNTConfig, ParakeetTDTConfig
from transformers.models.parakeet.feature_extraction_parakeet import ParakeetFeatureExtractor

OUT = pathlib.Path(__file__).resolve().parent.parent.parent / "Fixtures/parity/parakeet"
torch.manual_seed(3)
torch.set_num_threads(1)

encoder = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48, conv_kernel_size=5, subsampling_conv_channels=8,
               num_mel_bins=80, dropout=0.0, layerdrop=0.0, activation_dropout=0.0, attention_dropout=0.0)
BLANK = 19


def lively(model):
    """Weights and running statistics unlike the initial ones."""
    with torch.no_grad():
        for name, p in model.named_parameters():
            is_scale = name.endswith("norm.weight") or ".norm_" in name and name.endswith("weight")
            p.copy_(torch.randn_like(p) * (0.3 if p.dim() > 1 else 0.1) + (1 if is_scale else 0))
        for name, b in model.named_buffers():
            if name.endswith("running_mean"):
                b.copy_(torch.randn_like(b) * 0.3)
            if name.endswith("running_var"):
                b.copy_(torch.rand_like(b) + 0.5)
    return model.eval()


audio = torch.randn(2, 24000) * 0.1
audio[0] += torch.sin(torch.arange(24000) * 0.05) * torch.linspace(0, 1, 24000)
mels = ParakeetFeatureExtractor()([audio[0].numpy(), audio[1, :17000].numpy()], sampling_rate=16000, return_tensors="pt")
features, mask = mels["input_features"], mels["attention_mask"]

with torch.no_grad():
    ctc = lively(ParakeetForCTC(ParakeetCTCConfig(vocab_size=20, pad_token_id=BLANK, encoder_config=encoder)))
    ctc.ctc_head.weight.copy_(torch.randn_like(ctc.ctc_head.weight))
    ctc.ctc_head.weight.sub_(ctc.ctc_head.weight.mean(0))
    ctc.ctc_head.bias.zero_()
    ctc.ctc_head.bias[BLANK] = 4
    hidden = ctc.encoder(input_features=features, attention_mask=mask).last_hidden_state
    tensors = {
        "audio": audio, "mels": features, "mask": mask.to(torch.int64), "subsampling": ctc.encoder.subsampling(features, mask),
        "encoder": hidden, "logits": ctc(input_features=features, attention_mask=mask).logits,
    }
    paths = ctc.generate(input_features=features, attention_mask=mask)
    for row, path in enumerate(paths.tolist()):
        tensors[f"tokens.{row}"] = torch.tensor([i for i, _ in itertools.groupby(path) if i != BLANK])


def save(model, name, tensors):
    model.save_pretrained(OUT / name)  # the names on disk are what a published folder has
    (OUT / name / "generation_config.json").unlink(missing_ok=True)
    save_file({k: v.contiguous() for k, v in tensors.items()}, OUT / name / "tensors.safetensors")
    print(name, {k: tuple(v.shape) for k, v in tensors.items()})
    print({k: v.tolist() for k, v in tensors.items() if k.startswith(("tokens", "durations"))})


save(ctc, "ctc", tensors)

for name, cls, config in (
    ("rnnt", ParakeetForRNNT, ParakeetRNNTConfig), ("tdt", ParakeetForTDT, ParakeetTDTConfig),
):
    for draw in range(60):  # until the search meets words, blanks and steps of several lengths
        model = lively(cls(config(vocab_size=20, blank_token_id=BLANK, decoder_hidden_size=24, num_decoder_layers=2, encoder_config=encoder)))
        model.encoder.load_state_dict(ctc.encoder.state_dict())
        model.generation_config.decoder_start_token_id = BLANK
        with torch.no_grad():
            model.encoder_projector.weight.mul_(3)
            model.decoder.embedding.weight.mul_(6)
            model.decoder.decoder_projector.weight.mul_(4)
            head = model.joint.head
            head.weight.copy_(torch.randn_like(head.weight))
            head.weight[20:].mul_(0.1)  # the reference's search takes the likeliest of all scores
            head.bias.zero_()
            prediction = model.decoder(torch.tensor([[BLANK, 3, 5, 7, 2]]))
            projected = model.encoder_projector(hidden[:1])[:, :, None]
            head.bias.sub_(model.joint(decoder_hidden_states=prediction[:, None], encoder_hidden_states=projected).mean((0, 1, 2)))
            head.bias[BLANK] += (10, 6, 3, 0)[draw % 4]  # about as many pieces as frames
            rungs = {"prediction": prediction, "joint": model.joint(decoder_hidden_states=prediction[:, None], encoder_hidden_states=projected)}
        lengths, symbols = set(), []
        for row in range(2):
            one = features[row : row + 1, : int(mask[row].sum())]
            out = model.generate(input_features=one, max_new_tokens=200)
            tokens, durations = out.sequences[0, 1:], out.durations[0, 1:]
            starts = durations.cumsum(0) - durations
            kept = tokens != BLANK
            lengths |= set(durations[kept].tolist())
            symbols.append(int(torch.bincount(starts[kept]).max()) if kept.any() else 0)
            rungs |= {f"tokens.{row}": tokens[kept], f"frames.{row}": starts[kept], f"durations.{row}": durations[kept]}
        counts = [len(rungs[f"tokens.{row}"]) for row in range(2)]
        if min(counts) > 4 and max(counts) < 100 and max(symbols) <= (10 if name == "rnnt" else 9) and len(set(rungs["tokens.0"].tolist())) > 2 and (name == "rnnt" or len(lengths) > 2):
            break
    else:
        raise SystemExit(f"{name}: no draw makes a lively search")
    save(model, name, rungs)
