"""Writes Fixtures/llama: tiny random models, their logits, greedy generation with cache, and ten AdamW steps."""

import json
import pathlib
import shutil

import torch
import transformers
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM

OUT = pathlib.Path(__file__).resolve().parents[2] / "Fixtures" / "llama"
SEED = 7

CONFIGS = {
    "grouped": dict(num_attention_heads=4, num_key_value_heads=2, head_dim=8, tie_word_embeddings=False, rope_parameters={
        "rope_type": "default", "rope_theta": 500.0}),
    "tied": dict(num_attention_heads=2, num_key_value_heads=2, head_dim=16, tie_word_embeddings=True, rope_parameters={
        "rope_type": "llama3", "rope_theta": 10000.0, "factor": 4.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 16}),
}


def write(name, options):
    torch.manual_seed(SEED)
    config = LlamaConfig(
        vocab_size=120, hidden_size=32, intermediate_size=48, num_hidden_layers=2, max_position_embeddings=64,
        initializer_range=0.2, bos_token_id=None, eos_token_id=1, attn_implementation="sdpa", **options)
    model = LlamaForCausalLM(config).float().eval()
    for parameter in model.parameters():  # norms too, or their weights of one would hide a fault
        if parameter.dim() == 1:
            torch.nn.init.normal_(parameter, 1.0, 0.2)
    folder = OUT / name
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    shutil.copy(OUT.parent / "tokenizer" / "words.json", folder / "tokenizer.json")
    ids = torch.randint(2, 120, (2, 23))
    with torch.no_grad():
        logits = model(ids).logits
        generated = model.generate(ids[:1, :5], max_new_tokens=20, do_sample=False, use_cache=True, eos_token_id=None)
    batches = torch.randint(2, 120, (10, 3, 12))
    groups = [  # no decay for the norms, as everywhere
        {"params": [p for p in model.parameters() if p.dim() >= 2], "weight_decay": 0.1},
        {"params": [p for p in model.parameters() if p.dim() < 2], "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=3e-3, betas=(0.9, 0.95), eps=1e-8)
    losses = []
    model.train()
    for batch in batches:
        loss = model(batch, labels=batch).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    save_file({"ids": ids, "logits": logits, "generated": generated, "batches": batches, "losses": torch.tensor(losses)},
              folder / "expected.safetensors")


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    for name, options in CONFIGS.items():
        write(name, options)
    (OUT / "versions.json").write_text(json.dumps(
        {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__, "seed": SEED}) + "\n")
