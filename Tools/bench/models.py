"""The models that `make bench` trains, as one writes them in PyTorch; names and shapes are those of Sources/bench/Training.swift."""
import math

import torch
import torch.nn.functional as F
from torch import nn


def wave(shape, k):
    """sin(k i) for i = 0, 1, …: what both sides can make alike."""
    return torch.sin(torch.arange(math.prod(shape), dtype=torch.float64) * k).float().view(shape)


class Stage(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.depthwise_conv = nn.Conv2d(channels, channels, 3, stride=2, groups=channels)
        self.pointwise_conv = nn.Conv2d(channels, channels, 1)

    def forward(self, x):
        return F.relu(self.pointwise_conv(self.depthwise_conv(F.pad(x, (2, 1, 2, 1)))))


class Subsampling(nn.Module):
    """Three strided stages, causal on time and frequency: [B, M, bins] to [B, T, D]."""

    def __init__(self, channels, width, bins):
        super().__init__()
        for _ in range(3):
            bins = bins // 2 + 1
        self.conv_in = nn.Conv2d(1, channels, 3, stride=2)
        self.layers = nn.ModuleList(Stage(channels) for _ in range(2))
        self.linear = nn.Linear(channels * bins, width)

    def forward(self, mels):
        x = F.relu(self.conv_in(F.pad(mels.unsqueeze(1), (2, 1, 2, 1))))
        for layer in self.layers:
            x = layer(x)
        return self.linear(x.transpose(1, 2).flatten(2))


class RelativeAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.head_width = heads, width // heads
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = (nn.Linear(width, width) for _ in range(4))
        self.relative_k_proj = nn.Linear(width, width, bias=False)
        self.bias_u = nn.Parameter(torch.zeros(heads, self.head_width))
        self.bias_v = nn.Parameter(torch.zeros(heads, self.head_width))

    def forward(self, x, positions, mask):
        B, T, _ = x.shape
        q = self.q_proj(x).view(B, T, self.heads, self.head_width)
        k = self.k_proj(x).view(B, T, self.heads, self.head_width).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.heads, self.head_width).transpose(1, 2)
        r = self.relative_k_proj(positions).view(-1, self.heads, self.head_width).permute(1, 2, 0)
        scores = (q + self.bias_v).transpose(1, 2) @ r  # [B, H, T, 2 T - 1]
        scores = F.pad(scores, (1, 0)).view(B, self.heads, -1, T)[:, :, 1:].view(B, self.heads, T, -1)[..., :T]
        scores = ((q + self.bias_u).transpose(1, 2) @ k.transpose(-2, -1) + scores) / math.sqrt(self.head_width)
        if mask is not None:
            scores = scores + mask
        weights = scores.softmax(-1, dtype=torch.float32).to(v.dtype)
        return self.o_proj((weights @ v).transpose(1, 2).flatten(2))


class ConvolutionModule(nn.Module):
    def __init__(self, width, kernel):
        super().__init__()
        self.kernel = kernel
        self.pointwise_conv1 = nn.Conv1d(width, 2 * width, 1)
        self.depthwise_conv = nn.Conv1d(width, width, kernel, groups=width)
        self.norm = nn.LayerNorm(width)
        self.pointwise_conv2 = nn.Conv1d(width, width, 1)

    def forward(self, x):
        x = F.glu(self.pointwise_conv1(x.transpose(1, 2)), dim=1)
        x = self.depthwise_conv(F.pad(x, (self.kernel - 1, 0)))
        x = F.silu(self.norm(x.transpose(1, 2)))
        return self.pointwise_conv2(x.transpose(1, 2)).transpose(1, 2)


class FeedForward(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.linear1, self.linear2 = nn.Linear(width, inner), nn.Linear(inner, width)

    def forward(self, x):
        return self.linear2(F.silu(self.linear1(x)))


class Block(nn.Module):
    def __init__(self, width, inner, heads, kernel=9):
        super().__init__()
        self.feed_forward1, self.feed_forward2 = FeedForward(width, inner), FeedForward(width, inner)
        self.self_attn = RelativeAttention(width, heads)
        self.conv = ConvolutionModule(width, kernel)
        for name in ("feed_forward1", "self_att", "conv", "feed_forward2", "out"):
            setattr(self, f"norm_{name}", nn.LayerNorm(width))

    def forward(self, x, positions, mask):
        x = x + self.feed_forward1(self.norm_feed_forward1(x)) * 0.5
        x = x + self.self_attn(self.norm_self_att(x), positions, mask)
        x = x + self.conv(self.norm_conv(x))
        x = x + self.feed_forward2(self.norm_feed_forward2(x)) * 0.5
        return self.norm_out(x)


class Encoder(nn.Module):
    def __init__(self, width, layers, heads, inner, channels, bins=80):
        super().__init__()
        self.subsampling = Subsampling(channels, width, bins)
        self.layers = nn.ModuleList(Block(width, inner, heads) for _ in range(layers))
        self.register_buffer("inverse", torch.exp(torch.arange(0, width, 2) * (-math.log(10000.0) / width)), persistent=False)

    def forward(self, mels, mask=None):
        x = self.subsampling(mels)
        T = x.shape[1]
        angles = torch.arange(T - 1, -T, -1, dtype=torch.float32)[:, None] * self.inverse
        positions = torch.stack([angles.sin(), angles.cos()], -1).flatten(1)
        for layer in self.layers:
            x = layer(x, positions, mask)
        return x


class Conformer(nn.Module):
    """Six blocks of width 144 and an alignment loss: 16 signals of 10 s."""

    def __init__(self):
        super().__init__()
        self.encoder = Encoder(144, 6, 4, 576, 144)
        self.head = nn.Linear(144, 256)
        self.mels = wave((16, 1000, 80), 0.37) * 4 - 7
        self.targets = (1 + torch.arange(16 * 40) * 7 % 255).view(16, 40)

    def forward(self):
        frames = self.encoder(self.mels)
        scores = self.head(frames).float().log_softmax(-1).transpose(0, 1)
        return F.ctc_loss(scores, self.targets, [frames.shape[1]] * 16, [40] * 16)


class RotaryAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = (nn.Linear(width, width, bias=False) for _ in range(4))

    def forward(self, x, cos, sin):
        B, T, E = x.shape
        q, k, v = (p(x).view(B, T, self.heads, -1).transpose(1, 2) for p in (self.q_proj, self.k_proj, self.v_proj))

        def turn(y):
            a, b = y.chunk(2, dim=-1)
            return y * cos + torch.cat((-b, a), dim=-1) * sin

        y = F.scaled_dot_product_attention(turn(q), turn(k), v, is_causal=True)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, E))


class GatedMLP(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.gate_proj, self.up_proj = nn.Linear(width, inner, bias=False), nn.Linear(width, inner, bias=False)
        self.down_proj = nn.Linear(inner, width, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class DecoderLayer(nn.Module):
    def __init__(self, width, inner, heads):
        super().__init__()
        self.self_attn, self.mlp = RotaryAttention(width, heads), GatedMLP(width, inner)
        self.input_layernorm = nn.RMSNorm(width, eps=1e-6)
        self.post_attention_layernorm = nn.RMSNorm(width, eps=1e-6)

    def forward(self, x, cos, sin):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin)
        return x + self.mlp(self.post_attention_layernorm(x))


class Trunk(nn.Module):
    def __init__(self, vocabulary, width, inner, layers, heads):
        super().__init__()
        self.embed_tokens = nn.Embedding(vocabulary, width)
        self.layers = nn.ModuleList(DecoderLayer(width, inner, heads) for _ in range(layers))
        self.norm = nn.RMSNorm(width, eps=1e-6)


class Decoder(nn.Module):
    """A Llama decoder of 8.7M parameters with tied embeddings: 8 texts of 512 tokens."""

    def __init__(self):
        super().__init__()
        self.model = Trunk(4096, 320, 864, 6, 5)
        self.ids = (torch.arange(8 * 512) ** 2 * 31 % 4093).view(8, 512)
        inverse = 10000.0 ** (-torch.arange(0, 64, 2) / 64)
        angles = torch.arange(512)[:, None] * torch.cat((inverse, inverse))
        self.cos, self.sin = angles.cos(), angles.sin()

    def forward(self):
        x = self.model.embed_tokens(self.ids)
        for layer in self.model.layers:
            x = layer(x, self.cos, self.sin)
        x = self.model.norm(x)[:, :-1].flatten(0, 1)
        return F.cross_entropy(F.linear(x, self.model.embed_tokens.weight), self.ids[:, 1:].flatten())


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.narrow, self.wide = nn.Conv1d(channels, channels // 2, 3, padding=1), nn.Conv1d(channels // 2, channels, 1)

    def forward(self, x):
        return x + self.wide(F.elu(self.narrow(F.elu(x))))


class Codebook(nn.Module):
    def __init__(self, count, width):
        super().__init__()
        self.codebook = nn.Module()
        self.codebook.register_buffer("embed", torch.randn(count, width))
        self.codebook.register_buffer("embed_avg", torch.zeros(count, width))
        self.codebook.register_buffer("cluster_size", torch.ones(count))
        self.codebook.register_buffer("inited", torch.ones(1))

    def forward(self, x):
        with torch.no_grad():
            codes = self.codebook.embed
            nearest = F.embedding((codes.square().sum(-1) - 2 * x.flatten(0, -2) @ codes.t()).argmin(-1), codes).view_as(x)
        return nearest, (x - nearest).square().mean()


class ResidualQuantizer(nn.Module):
    def __init__(self, depth, count, width):
        super().__init__()
        self.layers = nn.ModuleList(Codebook(count, width) for _ in range(depth))

    def forward(self, x):
        rest, total, commitments = x, 0, []
        for layer in self.layers:
            nearest, commitment = layer(rest)
            rest, total = rest - nearest, total + nearest
            commitments.append(commitment)
        return x + (total - x).detach(), torch.stack(commitments).mean()


class Codec(nn.Module):
    """Strided convolutions to 50 vectors a second, four codebooks, and the same way up: 8 signals of 1 s at 16 kHz."""

    def __init__(self):
        super().__init__()
        strides, widths = (2, 4, 5, 8), (32, 64, 128, 256, 512)
        self.first = nn.Conv1d(1, 32, 7, padding=3)
        self.before = nn.ModuleList(Residual(width) for width in widths[:4])
        self.down = nn.ModuleList(nn.Conv1d(a, b, 2 * s, stride=s, padding=(s + 1) // 2) for a, b, s in zip(widths, widths[1:], strides))
        self.last = nn.Conv1d(512, 64, 3, padding=1)
        self.quantizer = ResidualQuantizer(4, 256, 64)
        self.second = nn.Conv1d(64, 512, 3, padding=1)
        self.up = nn.ModuleList(nn.ConvTranspose1d(b, a, 2 * s, stride=s, padding=(s + 1) // 2, output_padding=s % 2)
                                for a, b, s in zip(widths, widths[1:], strides))
        self.after = nn.ModuleList(Residual(width) for width in widths[:4])
        self.out = nn.Conv1d(32, 1, 7, padding=3)
        self.sound = wave((8, 1, 16000), 0.05) * wave((8, 1, 16000), 0.0007) * 0.5

    @staticmethod
    def spectral(x, target):
        total = 0
        for size in (2048, 1024, 512, 256, 128):
            a, b = ((torch.view_as_real(torch.stft(s, size, size // 4, window=torch.hann_window(size), center=False, return_complex=True))
                     .square().sum(-1) + 1e-7).sqrt() for s in (x, target))
            total = total + (a - b).abs().mean() + (a.log() - b.log()).abs().mean()
        return total / 5

    def forward(self):
        x = self.first(self.sound)
        for before, down in zip(self.before, self.down):
            x = down(F.elu(before(x)))
        codes, commitment = self.quantizer(self.last(F.elu(x)).transpose(1, 2).float())
        x = self.second(codes.transpose(1, 2))
        for after, up in zip(reversed(self.after), reversed(self.up)):
            x = after(up(F.elu(x)))
        x = self.out(F.elu(x))
        return F.l1_loss(x, self.sound) + self.spectral(x.squeeze(1).float(), self.sound.squeeze(1)) + commitment * 0.25
