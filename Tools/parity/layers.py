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


if __name__ == "__main__":
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    layers()
    losses()
    train("train.transformer", Transformer(), torch.randint(0, 20, (2, 9)))
    train("train.codec", Codec(), torch.randn(2, 1, 32))
    train("train.lstm", Recurrent(), torch.randn(2, 7, 5))
    OUT.mkdir(parents=True, exist_ok=True)
    save_file(saved, OUT / "layers.safetensors",
              metadata={"torch": torch.__version__.split("+")[0], "seed": str(SEED), "format": "pt"})
