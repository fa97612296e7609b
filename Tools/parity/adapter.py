"""Writes Fixtures/adapter: low-rank adapters of the peft package over the tiny models of Fixtures/llama and Fixtures/decoder, with logits."""

import json
import pathlib
import shutil

import peft
import torch
import transformers
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "Fixtures"
OUT = FIXTURES / "adapter"
SEED = 17

# One layout each; the second is scaled by the root of its rank, over a model that is stored in bfloat16.
ADAPTERS = {
    "llama": ("llama/grouped", dict(r=4, lora_alpha=10, target_modules=["q_proj", "v_proj", "o_proj", "up_proj"])),
    "qwen3": ("decoder/tied", dict(r=3, lora_alpha=8, use_rslora=True, target_modules=[
        "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"])),
}


def write(name, base, options):
    torch.manual_seed(SEED)
    model = AutoModelForCausalLM.from_pretrained(FIXTURES / base, dtype=torch.float32).eval()
    vocabulary = model.config.vocab_size
    model = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", **options)).eval()
    for part, parameter in model.named_parameters():  # both matrices, or the change would be nothing
        if "lora_" in part:
            torch.nn.init.normal_(parameter, 0.0, 0.3)
    folder = OUT / name
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    config = json.loads((folder / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = f"Fixtures/{base}"
    config["target_modules"] = sorted(config["target_modules"])
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")
    ids = torch.randint(2, vocabulary, (2, 11))
    with torch.no_grad():
        logits = model(ids).logits
        merged = model.merge_and_unload()(ids).logits
    save_file({"ids": ids, "logits": logits, "merged": merged}, folder / "expected.safetensors")


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    for name, (base, options) in ADAPTERS.items():
        write(name, base, options)
    (OUT / "versions.json").write_text(json.dumps({
        "torch": torch.__version__.split("+")[0], "transformers": transformers.__version__, "peft": peft.__version__,
        "seed": SEED}) + "\n")
