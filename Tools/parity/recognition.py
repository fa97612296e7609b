#!/usr/bin/env python3
"""Writes the recogniser's parity fixture: a tiny random streaming transducer, rung by rung, and ten training steps.

    python3 Tools/parity/recognition.py        (torch 2.13.0, transformers 5.23.0; see README.md)
"""
import json
import pathlib

import torch
from safetensors.torch import save_file
from transformers import NemotronAsrStreamingConfig, NemotronAsrStreamingForRNNT
from transformers.models.nemotron_asr_streaming.feature_extraction_nemotron_asr_streaming import NemotronAsrStreamingFeatureExtractor

OUT = pathlib.Path(__file__).resolve().parent.parent.parent / "Fixtures/parity/recognition"
BLANK_BIAS = 50.0  # about as many pieces as frames
torch.manual_seed(7)
torch.set_num_threads(1)

encoder = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48, conv_kernel_size=5, subsampling_conv_channels=8,
               num_mel_bins=80, sliding_window=9, default_num_lookahead_tokens=1, dropout=0.0, layerdrop=0.0, activation_dropout=0.0, attention_dropout=0.0)
config = NemotronAsrStreamingConfig(vocab_size=20, decoder_hidden_size=24, num_decoder_layers=2, blank_token_id=19, encoder_config=encoder)
model = NemotronAsrStreamingForRNNT(config).eval()
with torch.no_grad():
    for name, p in model.named_parameters():  # livelier than the published initial values
        p.copy_(torch.randn_like(p) * (0.3 if p.dim() > 1 else 0.1) + (1 if name.endswith("norm.weight") or ".norm_" in name and name.endswith("weight") else 0))
with torch.no_grad():
    model.encoder_projector.weight.mul_(3)
    model.decoder.embedding.weight.mul_(6)
    model.decoder.decoder_projector.weight.mul_(4)
    model.joint.head.weight.copy_(torch.randn_like(model.joint.head.weight))
    model.joint.head.weight.sub_(model.joint.head.weight.mean(0))  # so that no piece is the likeliest everywhere
    model.joint.head.bias.zero_()
    model.joint.head.bias[19] = BLANK_BIAS
model.generation_config.decoder_start_token_id = 19

audio = torch.randn(2, 16000) * 0.1
audio[0] += torch.sin(torch.arange(16000) * 0.05)
extractor = NemotronAsrStreamingFeatureExtractor()
mels = extractor([audio[0].numpy(), audio[1, :12000].numpy()], sampling_rate=16000, return_tensors="pt")
features, mask = mels["input_features"], mels["attention_mask"]
tensors = {"audio": audio, "mels": features, "mask": mask.to(torch.int64)}
with torch.no_grad():
    for lookahead in (1, 3):
        out = model.encoder(input_features=features, attention_mask=mask, num_lookahead_tokens=lookahead)
        tensors[f"encoder.{lookahead}"] = out.last_hidden_state
    tensors["subsampling"] = model.encoder.subsampling(features, mask)
    one = features[:1, : int(mask[0].sum())]
    frames = model.encoder(input_features=one, num_lookahead_tokens=1).last_hidden_state
    tensors["encoder.one"] = frames
    labels = torch.tensor([[3, 5, 7, 2]])
    tensors["prediction"] = model.decoder(torch.cat([torch.full((1, 1), 19), labels], 1))
    tensors["joint"] = model.joint(tensors["prediction"].unsqueeze(1), model.encoder_projector(frames).unsqueeze(2))
    ids = model.generate(input_features=one, num_lookahead_tokens=1, max_new_tokens=200)
    ids = ids.sequences if hasattr(ids, "sequences") else ids
    tensors["greedy"] = ids.to(torch.int64)


def brute_force(logits, labels, blank):
    """−log of the sum over every alignment, one by one."""
    scores = logits.double().log_softmax(-1)
    T, U = scores.shape[0], len(labels)

    def paths(t, u):
        if t == T - 1 and u == U:
            return scores[t, u, blank]
        parts = []
        if t < T - 1:
            parts.append(scores[t, u, blank] + paths(t + 1, u))
        if u < U:
            parts.append(scores[t, u, labels[u]] + paths(t, u + 1))
        return torch.logsumexp(torch.stack(parts), 0)

    return -paths(0, 0)


logits = torch.randn(2, 4, 4, 6, requires_grad=True)
targets, frame_lengths, target_lengths = torch.tensor([[1, 2, 3], [4, 1, 0]]), [4, 3], [3, 2]
losses = torch.stack([brute_force(logits[b, : frame_lengths[b], : target_lengths[b] + 1], targets[b, : target_lengths[b]].tolist(), 5) for b in range(2)])
(losses * torch.tensor([1.0, 2.0])).sum().backward()
tensors |= {"loss.logits": logits.detach(), "loss.targets": targets, "loss.losses": losses.float().detach(), "loss.gradient": logits.grad}

# Ten steps of AdamW on the sum of brute-force losses over two short sequences.
short = features[:, :17]
training = {k: v.clone() for k, v in model.state_dict().items()}
parameters = [p for p in model.parameters()]
optimizer = torch.optim.AdamW([{"params": [p for p in parameters if p.dim() >= 2], "weight_decay": 0.01}, {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0}],
                              lr=1e-3, betas=(0.9, 0.98), eps=1e-8)
curve = []
for _ in range(10):
    optimizer.zero_grad()
    hidden = model.encoder(input_features=short, attention_mask=torch.ones(2, 17), num_lookahead_tokens=1).last_hidden_state
    ids = torch.tensor([[19, 3, 5], [19, 7, 2]])
    scores = model.joint(model.decoder(ids).unsqueeze(1), model.encoder_projector(hidden).unsqueeze(2))
    loss = sum(brute_force(scores[b], ids[b, 1:].tolist(), 19) for b in range(2))
    loss.backward()
    optimizer.step()
    curve.append(loss.item())
tensors["training.losses"] = torch.tensor(curve)

OUT.mkdir(parents=True, exist_ok=True)
save_file({k: v.contiguous() for k, v in training.items()}, OUT / "model.safetensors", metadata={"format": "pt"})
(OUT / "config.json").write_text(json.dumps(config.to_dict(), indent=1, default=str))
save_file({k: v.contiguous() for k, v in tensors.items()}, OUT / "tensors.safetensors")
print({k: tuple(v.shape) for k, v in tensors.items()}, tensors["greedy"])
