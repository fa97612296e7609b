#!/usr/bin/env python3
"""Writes the operators' parity fixture from Tools/parity/operators.txt: inputs, and PyTorch's outputs and gradients.

    python3 Tools/parity/operators.py        (torch 2.13.0; see README.md)

Also writes Tests/TorchTests/Generated/OperatorCases.swift: the same calls in Swift, as the operators' generator names them.
"""
import ast
import importlib.util
import json
import pathlib
import re
import sys

import torch
import torchgen
from safetensors.torch import save_file

ROOT = pathlib.Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("generate_operators", ROOT / "Tools/generate_operators.py")
generator = importlib.util.module_from_spec(spec)
spec.loader.exec_module(generator)
SCHEMA = pathlib.Path(torchgen.__file__).parent / "packaged/ATen/native/native_functions.yaml"
# Not in the table: what fills memory, is compared elsewhere, or whose result is a flag that other tests use.
ELSEWHERE = {
    "equal", "allclose", "_fused_adamw_", "_foreach_norm.Scalar", "_foreach_mul_.Scalar", "_foreach_lerp_.Scalar", "_foreach_zero_",
    "_weight_int4pack_mm_for_cpu", "_convert_weight_to_int4pack_for_cpu"}  # their packed order is the processor's own
source = torch.Generator().manual_seed(11)


def make(word):
    if word == "-":
        return None
    if word.startswith("r"):
        return torch.randperm(int(word[1:]), generator=source)
    kind, shape = re.fullmatch(r"([a-z]\d*)\((.*)\)", word).groups()
    shape = [int(x) for x in shape.split(",") if x]
    if kind[0] == "i":
        return torch.randint(0, int(kind[1:]), shape, generator=source)
    if kind == "q":
        return torch.randint(-100, 100, shape, generator=source).to(torch.int8)
    if kind == "b":
        return torch.rand(shape, generator=source) < 0.5
    if kind == "z":
        return torch.zeros(shape, dtype=torch.int32)
    if kind == "s":
        x = torch.randn(shape[0], shape[0], generator=source)
        return x @ x.T + torch.diag(torch.arange(1.0, shape[0] + 1))
    if kind == "c":
        x = torch.complex(torch.randn(shape, generator=source), torch.randn(shape, generator=source))
        if len(shape) > 1:  # what a real signal's transform is at its ends
            x.imag.select(-2 if len(shape) == 3 else -1, 0).zero_(), x.imag.select(-2 if len(shape) == 3 else -1, -1).zero_()
        return x
    x = torch.randn(shape, generator=source)
    return {"n": x, "u": torch.rand(shape, generator=source) * 0.8 + 0.1, "p": x.abs() + 1.1 if kind == "p" else None}[kind]


def swift_literal(kind, value):
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value)
    return repr(value)


def swift_call(operator, tensors, words):
    """The call in Swift; a tensor is `t[i]`, a list of them `[t[i], t[j]]`."""
    text = operator.swift()
    name, parameters = re.search(r"public (?:static )?func (\w+)\((.*)\)(?: -> [^{]+)? \{", text).groups()
    labels = []
    for part in generator.split_arguments(parameters):
        labels.append(part.split(":")[0].split(" ")[0])
    arguments = operator.arguments
    taken, receiver = [], "Tensor"
    mine = [a for a in arguments if a.swift_type()]
    if arguments[0].kind != "Tensor[]":
        receiver, mine = tensors[0], mine[1:]
        tensors = tensors[1:]
    tensors = list(tensors)
    for label, a in zip(labels, mine):
        if a.kind in ("Tensor", "Tensor?", "Tensor[]", "Tensor?[]") and tensors:
            value = tensors.pop(0)
        elif a.source in words:
            given = words[a.source]
            value = f"RandomGenerator(seed: {given})" if a.kind == "Generator?" else swift_literal(a.kind, given)
        else:
            continue
        taken.append(value if label == "_" else f"{label}: {value}")
    return f"{receiver}.{name}({', '.join(taken)})"


def main():
    known = generator.schemas(SCHEMA)
    overrides = {}
    for line in (ROOT / "Tools/operators.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            key, _, override = line.strip().partition(" ")
            overrides[key] = override.strip() or None
    arrays, cases, seen, count = {}, [], set(), 0
    failed = 0
    for line in (ROOT / "Tools/parity/operators.txt").read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        key, *parts = line.split()
        name = key if key not in seen else f"{key}+"
        seen.add(key)
        flags = {p for p in parts if p in ("nograd", "view", "first")}
        words = dict((p.split("=")[0], ast.literal_eval(p.split("=", 1)[1])) for p in parts if "=" in p)
        tensors, positional, swift = [], [], []
        for p in (p for p in parts if "=" not in p and p not in flags):
            if p.startswith("["):
                made = [make(w) for w in p[1:-1].split("|")]
                positional.append(made)
                swift.append("[" + ", ".join(f"t[{len(tensors) + i}]" for i in range(len(made))) + "]")
                tensors += made
            else:
                made = make(p)
                positional.append(made)
                swift.append("nil" if made is None else f"t[{len(tensors)}]")
                tensors += [] if made is None else [made]
        operator = generator.Operator(key, overrides[key], *known[key])
        for i, t in enumerate(tensors):
            part = torch.view_as_real(t) if t.is_complex() else t
            arrays[f"{name}/in{i}{'c' if t.is_complex() else ''}"] = part.clone().contiguous()
        base, _, overload = key.partition(".")
        function = getattr(getattr(torch.ops.aten, base), overload or "default")
        differentiable = not operator.in_place and "nograd" not in flags and "generator" not in words
        leaves = [t for t in tensors if differentiable and (t.is_floating_point() or t.is_complex())]
        for leaf in leaves:
            leaf.requires_grad_(True)
        rest, values = list(positional), {}
        for a in operator.arguments:
            if a.kind in ("Tensor", "Tensor?", "Tensor[]", "Tensor?[]") and rest:
                values[a.source] = rest.pop(0)
            elif a.source in words:
                values[a.source] = torch.Generator().manual_seed(words[a.source]) if a.kind == "Generator?" else words[a.source]
        unknown = set(words) - {a.source for a in operator.arguments}
        if unknown:
            print(f"{line}: no argument {unknown}; there are {[a.source for a in operator.arguments]}")
            failed += 1
            continue
        schema = [a.name for a in function._schema.arguments if not a.kwarg_only]
        ordered = []
        for n in schema:  # positional as far as they go without a gap
            if n not in values:
                break
            ordered.append(values.pop(n))
        try:
            result = function(*ordered, **values)
        except RuntimeError as error:
            print(f"{line}: {str(error).splitlines()[0]}")
            failed += 1
            continue
        outputs = list(result) if isinstance(result, (tuple, list)) else [result]
        outputs = outputs[:1] if "first" in flags else outputs
        outputs = [torch.view_as_real(o.resolve_conj()) if o.is_complex() else o for o in outputs]
        slopes = [o for o in outputs if o.requires_grad]
        if slopes:
            total = sum((o * torch.sin(torch.arange(o.numel(), dtype=o.dtype) + 1).view(o.shape)).sum() for o in slopes)
            gradients = torch.autograd.grad(total, leaves, allow_unused=True)
            for t, g in zip(leaves, gradients):
                i = next(i for i, x in enumerate(tensors) if x is t)
                if g is not None:
                    g = torch.view_as_real(g.resolve_conj()) if g.is_complex() else g
                    arrays[f"{name}/grad{i}"] = g.detach().clone().contiguous()
        for i, o in enumerate(outputs):
            arrays[f"{name}/out{i}"] = o.detach().clone().contiguous()
        call = swift_call(operator, swift, words)
        if len(operator.outputs) > 1:
            letters = [f"$0.{i}" for i in range(1 if "first" in flags else len(operator.outputs))]
            call = f"{{ [{', '.join(letters)}] }}({call})"
        elif operator.outputs == ["Tensor[]"]:
            pass
        else:
            call = f"[{call}]"
        cases.append(f'    OperatorCase("{name}", isDifferentiable: {str(bool(slopes)).lower()}) {{ t in {call} }},')
        count += 1
    if failed:
        sys.exit(f"{failed} calls are wrong")
    left = set(overrides) - seen - ELSEWHERE
    if left:
        sys.exit(f"Tools/parity/operators.txt lacks {', '.join(sorted(left))}")
    folder = ROOT / "Fixtures/parity/operators"
    folder.mkdir(parents=True, exist_ok=True)
    save_file(arrays, folder / "tensors.safetensors")
    torch.set_printoptions(profile="default")
    printed = {
        "float": torch.tensor([[1.5, -2.25, 3], [0, 100.125, float("nan")]]), "whole": torch.tensor([1.0, -20, float("inf")]),
        "wide": torch.tensor([1e-5, 1.0, 12345.678]), "int": torch.tensor([[1, -200], [30, 4]]), "bool": torch.tensor([True, False]),
        "scalar": torch.tensor(3.25), "long": torch.arange(2000.0).reshape(2, 10, 100) / 8, "line": torch.arange(60) * 7,
        "cube": torch.arange(24.0).reshape(2, 3, 4) / 3, "half": torch.tensor([0.1, 2]).to(torch.bfloat16), "vector": torch.arange(1500)}
    save_file({k: v for k, v in printed.items()}, folder / "printed.safetensors")
    texts = {k: torch._tensor_str._tensor_str(v, 0) for k, v in printed.items()}
    versions = {"torch": torch.__version__, "seed": 11, "command": "python3 Tools/parity/operators.py"}
    (folder / "printed.json").write_text(json.dumps({"versions": versions, "texts": texts}, indent=1) + "\n")
    swift = ROOT / "Tests/TorchTests/Generated/OperatorCases.swift"
    swift.parent.mkdir(exist_ok=True)
    swift.write_text("\n".join(
        ["// Generated by Tools/parity/operators.py from Tools/parity/operators.txt; do not edit.", "import Torch", "",
         "let operatorCases: [OperatorCase] = ["] + cases + ["]", ""]))
    print(f"{count} calls of {len(seen)} operators")


main()
