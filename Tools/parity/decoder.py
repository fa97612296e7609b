"""Writes Fixtures/decoder: tiny random Qwen3 models with their logits and cached generation, and angles of every RoPE scaling."""

import json
import pathlib
import shutil

import torch
import transformers
from safetensors.torch import save_file
from transformers import LlamaConfig, Qwen3Config, Qwen3ForCausalLM
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

OUT = pathlib.Path(__file__).resolve().parents[2] / "Fixtures" / "decoder"
SEED = 11

# "sharded": head size apart from hidden / heads, several files, YaRN. "tied": stored in bfloat16; its generation outgrows
# the trained positions, so that the dynamic base changes on the way. "biased": a bias in every projection of attention.
MODELS = {
    "sharded": dict(num_attention_heads=4, num_key_value_heads=2, head_dim=16, tie_word_embeddings=False, rope_parameters={
        "rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0, "original_max_position_embeddings": 16}),
    "tied": dict(num_attention_heads=2, num_key_value_heads=1, head_dim=32, tie_word_embeddings=True,
                 max_position_embeddings=16, rope_parameters={"rope_type": "dynamic", "rope_theta": 10000.0, "factor": 4.0}),
    "biased": dict(num_attention_heads=4, num_key_value_heads=4, head_dim=8, tie_word_embeddings=True, attention_bias=True,
                   rope_parameters={"rope_type": "linear", "rope_theta": 5000.0, "factor": 2.0}),
}

# As files write them: `rope_parameters`, or the older `rope_scaling` beside `rope_theta`.
ANGLES = {
    "default": {"rope_theta": 500000.0},
    "linear-old": {"rope_theta": 10000.0, "rope_scaling": {"type": "linear", "factor": 3.0}},
    "dynamic": {"rope_parameters": {"rope_type": "dynamic", "rope_theta": 10000.0, "factor": 2.0}},
    "yarn": {"rope_parameters": {"rope_type": "yarn", "rope_theta": 1000000.0, "factor": 4.0, "beta_fast": 24, "beta_slow": 2,
                                 "original_max_position_embeddings": 32}},
    "yarn-mscale": {"rope_parameters": {"rope_type": "yarn", "rope_theta": 10000.0, "factor": 8.0, "mscale": 0.7,
                                        "mscale_all_dim": 1.2, "truncate": False, "original_max_position_embeddings": 16}},
    "yarn-old": {"rope_theta": 10000.0, "rope_scaling": {"type": "yarn", "factor": 2.0, "attention_factor": 1.3,
                                                         "original_max_position_embeddings": 32}},
    "llama3-old": {"rope_theta": 500000.0, "rope_scaling": {
        "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 32}},
}


def write(name, options):
    torch.manual_seed(SEED)
    settings = dict(vocab_size=120, hidden_size=32, intermediate_size=48, num_hidden_layers=2, max_position_embeddings=64,
                    initializer_range=0.2, bos_token_id=None, eos_token_id=1, attn_implementation="sdpa")
    model = Qwen3ForCausalLM(Qwen3Config(**{**settings, **options})).float().eval()
    for parameter in model.parameters():  # norms and biases too, or what they begin with would hide a fault
        if parameter.dim() == 1:
            torch.nn.init.normal_(parameter, 1.0 if parameter.mean() > 0.5 else 0.0, 0.2)
    folder = OUT / name
    shutil.rmtree(folder, ignore_errors=True)
    if name == "tied":
        model = model.to(torch.bfloat16)
    model.save_pretrained(folder, max_shard_size="24KB" if name == "sharded" else "1GB")
    (folder / "generation_config.json").unlink(missing_ok=True)
    shutil.copy(OUT.parent / "tokenizer" / "words.json", folder / "tokenizer.json")
    model = Qwen3ForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    ids = torch.randint(2, 120, (2, 23))
    with torch.no_grad():
        logits = model(ids).logits
        # A new one: the reference's dynamic frequencies remember the longest text so far.
        model = Qwen3ForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        generated = model.generate(ids[:1, :5], max_new_tokens=30, do_sample=False, use_cache=True, eos_token_id=None)
    save_file({"ids": ids, "logits": logits, "generated": generated}, folder / "expected.safetensors")


def angles():
    tensors, configs = {}, {}
    for name, options in ANGLES.items():
        settings = dict(vocab_size=120, hidden_size=64, intermediate_size=48, num_hidden_layers=1, num_attention_heads=4,
                        max_position_embeddings=64, **options)
        configs[name] = {"model_type": "llama", **settings}
        rotary = LlamaRotaryEmbedding(LlamaConfig(**json.loads(json.dumps(settings))))
        cos, sin = rotary(torch.zeros(1), torch.arange(100)[None])
        tensors[f"{name}.cos"], tensors[f"{name}.sin"] = cos[0].contiguous(), sin[0].contiguous()
    save_file(tensors, OUT / "angles.safetensors")
    (OUT / "angles.json").write_text(json.dumps(configs, indent=1) + "\n")


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    for name, options in MODELS.items():
        write(name, options)
    angles()
    (OUT / "versions.json").write_text(json.dumps(
        {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__, "seed": SEED}) + "\n")
