#!/usr/bin/env python3
"""llama.cpp's half of `myna bench lm`: a model of the same shape and bits with weights at random.

Says that it is ready, and then answers each line it reads with {"prompt": tokens/s, "decode": tokens/s}. Needs
llama-cpp-python, gguf and numpy. The model is written once into --folder, by default the folder for temporary files.
"""
import argparse
import json
import os
import sys
import tempfile
import time

import gguf
import llama_cpp
import numpy

VOCABULARY, HIDDEN, INNER, LAYERS, HEADS, KEY_VALUE_HEADS, HEAD = 151_936, 896, 4864, 24, 14, 2, 64


def blocks(source, rows, columns, kind):
    """Random weights as the format stores them: runs of 32 with a half-precision scale each."""
    if kind == gguf.GGMLQuantizationType.F16:
        return (source.standard_normal((rows, columns), dtype=numpy.float32) * 0.02).astype(numpy.float16)
    size = 32 if kind == gguf.GGMLQuantizationType.Q8_0 else 16  # bytes of 32 weights
    data = source.integers(0, 256, (rows, columns // 32, 2 + size), dtype=numpy.uint8)
    scale = numpy.array([0.0003 if size == 32 else 0.004], dtype=numpy.float16).view(numpy.uint8)
    data[:, :, :2] = scale
    return data.reshape(rows, -1)


def write(path, kind):
    source = numpy.random.default_rng(1)
    writer = gguf.GGUFWriter(path, "qwen3")
    writer.add_context_length(8192)
    writer.add_embedding_length(HIDDEN)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_VALUE_HEADS)
    writer.add_key_length(HEAD)
    writer.add_value_length(HEAD)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(1_000_000.0)
    writer.add_vocab_size(VOCABULARY)
    writer.add_tokenizer_model("none")

    def product(name, rows, columns):
        writer.add_tensor(name, blocks(source, rows, columns, kind), raw_dtype=kind)

    def norm(name, width):
        writer.add_tensor(name, numpy.ones(width, dtype=numpy.float32))

    product("token_embd.weight", VOCABULARY, HIDDEN)
    norm("output_norm.weight", HIDDEN)
    for layer in range(LAYERS):
        prefix = f"blk.{layer}."
        norm(prefix + "attn_norm.weight", HIDDEN)
        product(prefix + "attn_q.weight", HEADS * HEAD, HIDDEN)
        product(prefix + "attn_k.weight", KEY_VALUE_HEADS * HEAD, HIDDEN)
        product(prefix + "attn_v.weight", KEY_VALUE_HEADS * HEAD, HIDDEN)
        product(prefix + "attn_output.weight", HIDDEN, HEADS * HEAD)
        norm(prefix + "attn_q_norm.weight", HEAD)
        norm(prefix + "attn_k_norm.weight", HEAD)
        norm(prefix + "ffn_norm.weight", HIDDEN)
        product(prefix + "ffn_gate.weight", INNER, HIDDEN)
        product(prefix + "ffn_up.weight", INNER, HIDDEN)
        product(prefix + "ffn_down.weight", HIDDEN, INNER)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bits", type=int, default=8)
    parser.add_argument("--prompt", type=int, default=512)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folder", default=tempfile.gettempdir())
    options = parser.parse_args()
    kinds = gguf.GGMLQuantizationType
    kind = {16: kinds.F16, 8: kinds.Q8_0, 4: kinds.Q4_0}[options.bits]
    path = os.path.join(options.folder, f"myna-bench-{options.bits}.gguf")
    if not os.path.exists(path):
        write(path + ".part", kind)
        os.rename(path + ".part", path)

    quiet = llama_cpp.llama_log_callback(lambda *_: None)
    llama_cpp.llama_log_set(quiet, None)
    llama_cpp.llama_backend_init()
    model = llama_cpp.llama_model_load_from_file(path.encode(), llama_cpp.llama_model_default_params())
    settings = llama_cpp.llama_context_default_params()
    settings.n_ctx = options.prompt + options.tokens + 8
    settings.n_batch = settings.n_ubatch = max(512, options.prompt)
    settings.n_threads = settings.n_threads_batch = options.threads
    context = llama_cpp.llama_init_from_model(model, settings)
    if not model or not context:
        sys.exit(f"llama.cpp cannot load {path}")

    def run(tokens):
        ids = (llama_cpp.llama_token * len(tokens))(*tokens)
        if llama_cpp.llama_decode(context, llama_cpp.llama_batch_get_one(ids, len(tokens))) != 0:
            sys.exit("llama.cpp: decode failed")
        scores = llama_cpp.llama_get_logits_ith(context, -1)
        return int(numpy.ctypeslib.as_array(scores, shape=(VOCABULARY,)).argmax())

    print(json.dumps({"ready": True, "version": llama_cpp.__version__}), flush=True)
    for _ in sys.stdin:
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(context), True)
        start = time.perf_counter()
        following = run([index * 7919 % VOCABULARY for index in range(options.prompt)])
        middle = time.perf_counter()
        for _ in range(options.tokens):
            following = run([following])
        end = time.perf_counter()
        print(json.dumps({"prompt": options.prompt / (middle - start), "decode": options.tokens / (end - middle)}), flush=True)


if __name__ == "__main__":
    main()
