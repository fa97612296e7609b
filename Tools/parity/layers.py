"""Writes Fixtures/parity/layers.safetensors: outputs and gradients of torch's layers and losses, and ten training steps."""

import json
import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

OUT = pathlib.Path(__file__).resolve().parents[2] / "Fixtures" / "parity"
SEED = 11
saved = {}


def keep(case, **tensors):
    for name, tensor in tensors.items():
        saved[f"{case}/{name}"] = tensor.detach().clone().contiguous()


def layer(case, module, x, forward=None):
    for parameter in module.parameters():  # ones and zeros would hide a fault
        if parameter.dim() == 1:
            nn.init.normal_(parameter, 1.0, 0.3)
    for name, tensor in module.state_dict().items():
        keep(case, **{f"weights.{name}": tensor})
    x = x.requires_grad_()
    y = (forward or module)(x)
    (y * torch.sin(torch.arange(y.numel(), dtype=y.dtype)).view_as(y)).sum().backward()
    keep(case, x=x, y=y, dx=x.grad)
    for name, parameter in module.named_parameters():
        keep(case, **{f"grad.{name}": parameter.grad})
    for name, tensor in module.named_buffers():
        keep(case, **{f"after.{name}": tensor})


def loss(case, function, x, **others):
    x = x.requires_grad_()
    y = function(x)
    y.backward()
    keep(case, x=x, y=y, dx=x.grad, **others)


def layers():
    norm = nn.utils.parametrizations.weight_norm
    layer("conv1d", nn.Conv1d(6, 4, 5, stride=2, padding=3, dilation=2, groups=2), torch.randn(2, 6, 23))
    layer("conv1d.normalised", norm(nn.Conv1d(3, 4, 3)), torch.randn(2, 3, 11))
    layer("conv2d", nn.Conv2d(4, 6, (3, 2), stride=(2, 1), padding=(1, 0), groups=2), torch.randn(2, 4, 9, 7))
    layer("transposed", nn.ConvTranspose1d(4, 6, 5, stride=3, padding=1, output_padding=1, groups=2), torch.randn(2, 4, 8))
    layer("transposed.normalised", norm(nn.ConvTranspose1d(3, 4, 4, stride=2)), torch.randn(2, 3, 8))
    layer("group", nn.GroupNorm(2, 6), torch.randn(2, 6, 9))
    layer("batch.training", nn.BatchNorm1d(5), torch.randn(3, 5, 8))
    module = nn.BatchNorm1d(5).eval()
    module.running_mean.normal_()
    module.running_var.uniform_(0.5, 2)
    layer("batch.evaluating", module, torch.randn(3, 5, 8))


def losses():
    logits, classes = torch.randn(7, 5), torch.tensor([0, 4, -100, 2, 1, 1, 3])
    loss("crossEntropy", lambda x: F.cross_entropy(x, classes, ignore_index=-100, label_smoothing=0.1), logits, target=classes)
    targets = torch.tensor([[1, 2, 2], [3, 1, 0]])
    loss("ctc", lambda x: F.ctc_loss(x.log_softmax(-1), targets, (12, 9), (3, 2)), torch.randn(12, 2, 4), target=targets)
    target = torch.randn(4, 6)
    for name, function in {
            "l1": F.l1_loss, "meanSquared": F.mse_loss, "huber": lambda x, t: F.huber_loss(x, t, delta=0.7),
            "cosine": lambda x, t: (1 - F.cosine_similarity(x, t)).mean(),
            "kullbackLeibler": lambda x, t: F.kl_div(x.log_softmax(-1), t.softmax(-1), reduction="batchmean"),
            "hinge": lambda x, t: F.relu(1 - x).mean() + F.relu(1 + t).mean(),
            "leastSquares": lambda x, t: F.mse_loss(x, torch.ones_like(x)) + t.square().mean()}.items():
        loss(name, lambda x: function(x, target), torch.randn(4, 6), target=target)

    def spectral(x, t):
        total = 0
        for size in (64, 32):
            a, b = [(torch.stft(s, size, size // 4, window=torch.hann_window(size), center=False, return_complex=True)
                     .abs().square() + 1e-7).sqrt() for s in (x, t)]
            total = total + (a - b).abs().mean() + (a.log() - b.log()).abs().mean()
        return total / 2
    target = torch.randn(2, 200)
    loss("multiScaleSpectral", lambda x: spectral(x, target), torch.randn(2, 200), target=target)


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(20, 16)
        self.norm1, self.norm2 = nn.LayerNorm(16), nn.LayerNorm(16)
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = [nn.Linear(16, 16, bias=False) for _ in range(4)]
        self.gate_proj, self.up_proj = nn.Linear(16, 24, bias=False), nn.Linear(16, 24, bias=False)
        self.down_proj = nn.Linear(24, 16, bias=False)
        self.head = nn.Linear(16, 20)

    def forward(self, ids):
        x = self.embed(ids)
        h = self.norm1(x)
        q, k, v = [p(h).view(2, -1, 4, 4).transpose(1, 2) for p in (self.q_proj, self.k_proj, self.v_proj)]
        x = x + self.o_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape_as(x))
        h = self.norm2(x)
        x = x + self.down_proj(F.silu(self.gate_proj(h)) * self.up_proj(h))
        return F.cross_entropy(self.head(x)[:, :-1].flatten(0, 1), ids[:, 1:].flatten())


class Codec(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Conv1d(1, 8, 4, stride=2)
        self.up = nn.ConvTranspose1d(8, 1, 4, stride=2)

    def forward(self, x):
        return F.l1_loss(self.up(F.elu(self.down(x))), x)


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.head = nn.LSTM(5, 8, batch_first=True), nn.Linear(8, 5)

    def forward(self, x):
        return F.mse_loss(self.head(self.lstm(x)[0])[:, :-1], x[:, 1:])


def train(case, model, x):
    keep(case, x=x, **{f"weights.{name}": tensor for name, tensor in model.state_dict().items()})
    parameters = list(model.parameters())
    optimizer = torch.optim.AdamW(
        [{"params": [p for p in parameters if p.dim() >= 2], "weight_decay": 0.01},
         {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0}], lr=3e-3, betas=(0.9, 0.98), eps=1e-8)
    values = []
    for _ in range(10):
        optimizer.zero_grad()
        value = model(x)
        value.backward()
        optimizer.step()
        values.append(value.detach())
    keep(case, losses=torch.stack(values))


class Attention(nn.Module):
    """Causal attention with heads that share keys, and a span of what is seen."""

    def __init__(self, width, heads, groups, span):
        super().__init__()
        self.heads, self.groups, self.span, size = heads, groups, span, width // heads
        self.q_proj, self.o_proj = nn.Linear(width, width, bias=False), nn.Linear(width, width, bias=False)
        self.k_proj, self.v_proj = nn.Linear(width, groups * size, bias=False), nn.Linear(width, groups * size, bias=False)

    def forward(self, x):
        B, T, D = x.shape
        split = lambda y, heads: y.view(B, T, heads, -1).transpose(1, 2)
        q, k, v = split(self.q_proj(x), self.heads), split(self.k_proj(x), self.groups), split(self.v_proj(x), self.groups)
        k, v = (y.repeat_interleave(self.heads // self.groups, dim=1) for y in (k, v))
        row, column = torch.arange(T)[:, None], torch.arange(T)
        seen = (column <= row) & {"full": column >= 0, "window": row - column < 5, "chunk": row // 4 == column // 4}[self.span]
        scores = (q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5).masked_fill(~seen, -torch.inf)
        return self.o_proj((scores.softmax(-1) @ v).transpose(1, 2).reshape(B, T, D))


class GatedMLP(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.gate_proj, self.up_proj = nn.Linear(width, inner, bias=False), nn.Linear(width, inner, bias=False)
        self.down_proj = nn.Linear(inner, width, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class LowRank(nn.Module):
    def __init__(self):
        super().__init__()
        self.base = nn.Linear(6, 4)
        self.lora_A, self.lora_B = nn.Linear(6, 2, bias=False), nn.Linear(2, 4, bias=False)

    def forward(self, x):
        return self.base(x) + self.lora_B(self.lora_A(x)) * (3 / 2)


def without_weights(case, function, x):
    x = x.requires_grad_()
    y = function(x)
    (y * torch.sin(torch.arange(y.numel(), dtype=y.dtype)).view_as(y)).sum().backward()
    keep(case, x=x, y=y, dx=x.grad)


def more_layers():
    layer("linear", nn.Linear(5, 7), torch.randn(2, 3, 5))
    layer("layerNorm", nn.LayerNorm(6), torch.randn(2, 3, 6))
    layer("rmsNorm", nn.RMSNorm(6, eps=1e-6), torch.randn(2, 3, 6))
    module = nn.LSTM(5, 6, batch_first=True)
    layer("lstm", module, torch.randn(2, 7, 5), forward=lambda x: module(x)[0])
    layer("gatedMLP", GatedMLP(6, 10), torch.randn(2, 3, 6))
    layer("lowRank", LowRank(), torch.randn(3, 6))
    for span in ("full", "window", "chunk"):
        layer(f"attention.{span}", Attention(16, 4, 2, span), torch.randn(2, 11, 16))
    table, ids = nn.Embedding(9, 4), torch.tensor([[0, 8, 3], [3, 3, 1]])
    y = table(ids)
    (y * torch.sin(torch.arange(y.numel(), dtype=y.dtype)).view_as(y)).sum().backward()
    keep("embedding", x=ids, y=y, **{"weights.weight": table.weight, "grad.weight": table.weight.grad})


def positions():
    from transformers import LlamaConfig, NemotronAsrStreamingConfig
    from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding, apply_rotary_pos_emb
    from transformers.models.nemotron_asr_streaming import modeling_nemotron_asr_streaming as nemotron
    for case, rope in {
            "rotary": {"rope_type": "default", "rope_theta": 10000.0},
            "rotary.stretched": {"rope_type": "llama3", "rope_theta": 10000.0, "factor": 8.0, "low_freq_factor": 1.0,
                                 "high_freq_factor": 4.0, "original_max_position_embeddings": 64}}.items():
        config = LlamaConfig(hidden_size=32, num_attention_heads=2, head_dim=16, max_position_embeddings=512, rope_parameters=rope)
        rotary = LlamaRotaryEmbedding(config)

        def turned(x):
            cos, sin = rotary(x, torch.arange(40, 40 + x.shape[2])[None])
            return apply_rotary_pos_emb(x, x, cos, sin)[0]
        without_weights(case, turned, torch.randn(2, 2, 9, 16))
    without_weights("relative.shift", lambda x: nemotron.NemotronAsrStreamingEncoderAttention._rel_shift(None, x)[..., :6],
                    torch.randn(2, 3, 6, 11))
    config = NemotronAsrStreamingConfig(encoder_config={"hidden_size": 8}).encoder_config
    table = nemotron.NemotronAsrStreamingEncoderRelPositionalEncoding(config)
    keep("relative.table", y=table(torch.zeros(1, 6, 8))[0])


def quantisation():
    """A codebook's nearest, its gradient straight through, and its codes after one batch, decay 0.9."""
    codes, x = torch.randn(8, 3), torch.randn(2, 10, 3, requires_grad=True)
    indices = torch.cdist(x.detach().flatten(0, 1), codes).argmin(-1)
    nearest = codes[indices].view_as(x)
    y = x + (nearest - x).detach()
    commitment = F.mse_loss(x, nearest)
    ((y * torch.sin(torch.arange(y.numel(), dtype=y.dtype)).view_as(y)).sum() + commitment).backward()
    members = F.one_hot(indices, 8).float()
    counts = 0.9 * torch.ones(8) + 0.1 * members.sum(0)
    sums = 0.9 * codes + 0.1 * members.t() @ x.detach().flatten(0, 1)
    smooth = (counts + 1e-5) / (counts.sum() + 8e-5) * counts.sum()
    keep("quantizer", x=x, codes=codes, y=y, indices=indices.view(2, 10), commitment=commitment, dx=x.grad,
         after=sums / smooth[:, None])


def generator_losses():
    loss("hingeGenerator", lambda x: -x.mean(), torch.randn(4, 6), target=torch.zeros(1))
    loss("leastSquaresGenerator", lambda x: F.mse_loss(x, torch.ones_like(x)), torch.randn(4, 6), target=torch.zeros(1))
    generator = torch.Generator().manual_seed(3)
    target = torch.randn(2, 4096, generator=generator)

    def spectral(x):
        total = 0
        for size in (2048, 1024, 512, 256, 128):
            a, b = [(torch.stft(s, size, size // 4, window=torch.hann_window(size), center=False, return_complex=True)
                     .abs().square() + 1e-7).sqrt() for s in (x, target)]
            total = total + (a - b).abs().mean() + (a.log() - b.log()).abs().mean()
        return total / 5
    loss("multiScaleSpectral.standard", spectral, torch.randn(2, 4096, generator=generator), target=target)


def half_precision():
    """The same in bfloat16 from end to end; what is compared is within that format's rounding."""
    layer("bfloat16.linear", nn.Linear(32, 16).bfloat16(), torch.randn(4, 32).bfloat16())
    layer("bfloat16.conv1d", nn.Conv1d(8, 8, 3).bfloat16(), torch.randn(2, 8, 12).bfloat16())
    layer("bfloat16.layerNorm", nn.LayerNorm(16).bfloat16(), torch.randn(4, 16).bfloat16())
    layer("bfloat16.gatedMLP", GatedMLP(16, 24).bfloat16(), torch.randn(4, 16).bfloat16())
    layer("bfloat16.attention", Attention(16, 4, 2, "window").bfloat16(), torch.randn(2, 11, 16).bfloat16())


if __name__ == "__main__":
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    layers()
    losses()
    train("train.transformer", Transformer(), torch.randint(0, 20, (2, 9)))
    train("train.codec", Codec(), torch.randn(2, 1, 32))
    train("train.lstm", Recurrent(), torch.randn(2, 7, 5))
    torch.manual_seed(SEED + 1)
    more_layers()
    positions()
    quantisation()
    generator_losses()
    half_precision()
    OUT.mkdir(parents=True, exist_ok=True)
    save_file(saved, OUT / "layers.safetensors",
              metadata={"torch": torch.__version__.split("+")[0], "seed": str(SEED), "format": "pt"})
