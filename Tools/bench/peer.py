#!/usr/bin/env python3
"""PyTorch's half of `make bench`: the same cases as Sources/bench, the same protocol (see Sources/bench/Bench.swift)."""
import ctypes
import gc
import json
import math
import os
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

import models
from models import wave


def clocked(body, count=1):
    begin = time.perf_counter()
    for _ in range(count):
        body()
    return (time.perf_counter() - begin) / count


# Small operators. The loop stands in each case, as a call of a function would be counted too.

def add16(setting):
    a, b = torch.randn(16), torch.randn(16)

    def measure():
        begin = time.perf_counter()
        for _ in range(20000):
            a + b
        return (time.perf_counter() - begin) / 20000 * 1e6
    measure()
    return {}, measure


def chain16(setting):
    a, b = torch.randn(16), torch.randn(16)

    def measure():
        begin = time.perf_counter()
        for _ in range(10000):
            torch.relu((a + b) * b) + a
        return (time.perf_counter() - begin) / 10000 * 1e6
    measure()
    return {}, measure


def matmul64(setting):
    a, b = torch.randn(64, 64), torch.randn(64, 64)

    def measure():
        begin = time.perf_counter()
        for _ in range(5000):
            a @ b
        return (time.perf_counter() - begin) / 5000 * 1e6
    measure()
    return {}, measure


def product(dtype):
    def case(setting):
        a, b = torch.randn(1024, 1024).to(dtype), torch.randn(1024, 1024).to(dtype)
        clocked(lambda: a @ b, 3)
        return {}, lambda: 2 * 1024 ** 3 / min(clocked(lambda: a @ b) for _ in range(10)) / 1e9
    return case


# Training.

def step_of(module, dtype, loss):
    parameters = list(module.parameters())
    optimizer = torch.optim.AdamW(
        [{"params": [p for p in parameters if p.dim() >= 2], "weight_decay": 0.01},
         {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0}], lr=1e-4, betas=(0.9, 0.98), eps=1e-8, fused=True)

    def step(*arguments):
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=dtype or torch.bfloat16, enabled=dtype is not None):
            value = loss(*arguments)
        value.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        return value.item()
    return step


def training(name, make, dtype):
    def case(setting):
        from safetensors.torch import load_file
        module = make()
        module.load_state_dict(load_file(f"{setting['folder']}/{name}.safetensors"), strict=True)
        step = step_of(module, dtype, module)
        facts = {"loss": step(), "parameters": sum(p.numel() for p in module.parameters())}
        step()
        from torch.utils.flop_counter import FlopCounterMode
        with FlopCounterMode(display=False) as counter:
            step()
        facts["operations"] = counter.get_total_flops()
        return facts, lambda: clocked(step)
    return case


def streaming(setting):
    from transformers import NemotronAsrStreamingForRNNT
    model = NemotronAsrStreamingForRNNT.from_pretrained("Models/myna-asr", dtype=torch.float32).eval()
    encoder, chunk = model.encoder, 7
    mels = wave((1, 8 * chunk * 40, model.config.encoder_config.num_mel_bins), 0.37) * 4 - 7
    caches, position = {"past_key_values": None, "padding_cache": None}, 0

    def step():
        nonlocal position
        count = 8 * chunk - 7 if caches["past_key_values"] is None else 8 * chunk
        if position + count > mels.shape[1]:
            position = 0
        with torch.no_grad():
            out = encoder(input_features=mels[:, position:position + count], num_lookahead_tokens=chunk - 1, use_cache=True, **caches)
        position += count
        caches.update(past_key_values=out.past_key_values, padding_cache=out.padding_cache)
        return out.last_hidden_state
    output = sum(step().abs().mean().item() for _ in range(20)) / 20
    return {"output": output}, lambda: clocked(step, 20) * 1e3


# The transducer's loss as one writes it with operators: log-probabilities, then a sum over alignments, diagonal by diagonal.

def naive_transducer(logits, targets, frames, labels):
    B, T, U, _ = logits.shape
    scores = logits.log_softmax(-1)
    blank = scores[..., 0]
    emit = F.pad(scores[:, :, :-1].gather(-1, targets[:, None, :, None].expand(B, T, U - 1, 1)).squeeze(-1), (0, 1), value=-math.inf)
    rows = torch.arange(B)
    alpha = torch.full((B, U), -1e30)
    alpha = torch.cat((torch.zeros(B, 1), alpha[:, 1:]), 1)
    u = torch.arange(U)
    kept = []
    for diagonal in range(T + U - 1):
        t = diagonal - u
        if diagonal > 0:
            stay = alpha + blank[:, (t - 1).clamp(0, T - 1), u]
            stay = stay.masked_fill(((t - 1 < 0) | (t - 1 >= T))[None], -1e30)
            move = alpha[:, :-1] + emit[:, t[1:].clamp(0, T - 1), u[:-1]]
            move = F.pad(move.masked_fill(((t[1:] < 0) | (t[1:] >= T))[None], -1e30), (1, 0), value=-1e30)
            alpha = torch.logaddexp(stay, move)
        kept.append(alpha)
    last = torch.stack(kept)[frames - 1 + labels, rows, labels]
    return -(last + blank[rows, frames - 1, labels])


def torchaudio_transducer(logits, targets, frames, labels):
    from torchaudio.functional import rnnt_loss
    return rnnt_loss(logits, targets.int(), frames.int(), labels.int(), blank=0, reduction="sum")


def transducer(B, T, U, V, loss_of=naive_transducer):
    def case(setting):
        logits = (wave((B, T, U + 1, V), 0.731) * 3).requires_grad_()
        targets = (1 + torch.arange(B * U) * 5 % (V - 1)).view(B, U)
        short = torch.arange(B) % 2 == 0
        frames, labels = torch.where(short, T, T * 3 // 4), torch.where(short, U, U * 3 // 4)

        def step():
            logits.grad = None
            loss = loss_of(logits, targets, frames, labels).sum()
            loss.backward()
            return loss.item()
        loss = step()
        logits.grad = None
        return {"loss": loss, "memory": peak(step)}, lambda: clocked(step) * 1e3
    return case


# Memory.

def resident(field="VmRSS"):
    with open("/proc/self/status", encoding="utf-8") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith(field + ":"))


def peak(body):
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    before = resident()
    with open("/proc/self/clear_refs", "w", encoding="utf-8") as out:
        out.write("5")
    body()
    return resident("VmHWM") - before


CASES = {
    "operators.add16": add16, "operators.chain16": chain16, "operators.matmul64": matmul64,
    "operators.product.float32": product(torch.float32), "operators.product.bfloat16": product(torch.bfloat16),
    "streaming.recogniser": streaming,
}
for label, model in {"conformer": models.Conformer, "decoder": models.Decoder, "codec": models.Codec}.items():
    CASES[f"training.{label}.float32"] = training(label, model, None)
    CASES[f"training.{label}.bfloat16"] = training(label, model, torch.bfloat16)
for size in ((4, 100, 20, 256), (8, 200, 40, 256), (8, 200, 40, 1024)):
    CASES["transducer." + "x".join(map(str, size))] = transducer(*size)
    CASES["torchaudio." + "x".join(map(str, size))] = transducer(*size, torchaudio_transducer)


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    measure = None
    for line in sys.stdin:
        try:
            words = line.split()
            if words[0] == "prepare":
                measure = None
                gc.collect()
                torch.set_num_threads(int(words[2]))
                facts, measure = CASES[words[1]]({"folder": words[3]})
                answer = facts
            elif words[0] == "round":
                answer = {"value": measure()}
            else:
                measure, answer = None, {}
        except Exception as error:  # whatever it is, the other side is told and goes on
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
