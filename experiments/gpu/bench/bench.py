#!/usr/bin/env python3
"""The same training step in PyTorch, written for speed: ResNet-18 (CIFAR or large
stem), two views drawn on the device, BYOL's loss, SGD, EMA; channels last, bf16 autocast.

  bench.py [--mode eager|compiled] [--device cuda|cpu] [--precision bf16|float] [--stem cifar|stl]
           [--width N] [--batch N] [--steps N] [--blocks N]

compiled: torch.compile with CUDA graphs (mode "max-autotune"), each network its own graph. Prints
the same "name = value" lines as bench.c. Both views of a batch go through a network separately, so
that each has its own batch statistics, as in the paper's program.
"""
# SPDX-License-Identifier: MIT
import argparse
import sys
import time

try:
    import torch
except ImportError:
    sys.exit("bench.py: cannot import torch; set PYTHON to a Python that has it")
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.shortcut = None
        if stride != 1 or inputs != width:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + (x if self.shortcut is None else self.shortcut(x)))


class Network(nn.Module):
    def __init__(self, stem, width, predictor):
        super().__init__()
        if stem == "cifar":
            layers = [nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
        else:
            layers = [nn.Conv2d(3, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
                      nn.MaxPool2d(3, 2, 1)]
        at = width
        for stage in range(4):
            out = width << stage
            layers += [Block(at, out, 1 if stage == 0 else 2), Block(out, out, 1)]
            at = out
        self.encoder = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.projector = nn.Sequential(nn.Linear(at, 512), nn.BatchNorm1d(512, affine=False),
                                       nn.ReLU(), nn.Linear(512, 128))
        self.predictor = nn.Linear(128, 128, bias=False) if predictor else None

    def forward(self, x):
        f = self.projector(self.encoder(x))
        return f if self.predictor is None else (f, self.predictor(f))


def luminance(x):
    return 0.299 * x[:, 0:1] + 0.587 * x[:, 1:2] + 0.114 * x[:, 2:3]


def blend(x, other, strength):
    factor = 1 + strength * (2 * torch.rand(x.shape[0], 1, 1, 1, device=x.device) - 1)
    return (other + factor * (x - other)).clamp(0, 1)


def turn_hue(x, strength):
    turn = 6 * strength * (2 * torch.rand(x.shape[0], 1, 1, device=x.device) - 1)
    value, where = x.max(1)
    chroma = value - x.min(1).values
    safe = chroma.clamp_min(1e-12)
    r, g, b = x.unbind(1)
    hue = torch.where(where == 0, (g - b) / safe,
                      torch.where(where == 1, 2 + (b - r) / safe, 4 + (r - g) / safe)) + turn
    places = [(k + hue) % 6 for k in (5, 3, 1)]
    return torch.stack([value - chroma * torch.minimum(p, 4 - p).clamp(0, 1) for p in places], 1)


def views(images, strength, blur):
    """One random view of each image: crop, mirror, jitter (in one order for all), gray, blur."""
    n, device = images.shape[0], images.device
    x = images.float() / 255
    area = 0.08 + 0.92 * torch.rand(n, device=device)
    ratio = torch.exp((2 * torch.rand(n, device=device) - 1) * 0.28768207)
    w = (area * ratio).sqrt().clamp(max=1)
    h = (area / ratio).sqrt().clamp(max=1)
    left = (1 - w) * (2 * torch.rand(n, device=device) - 1)
    top = (1 - h) * (2 * torch.rand(n, device=device) - 1)
    flip = torch.where(torch.rand(n, device=device) < 0.5, -1.0, 1.0)
    zero = torch.zeros_like(w)
    theta = torch.stack([torch.stack([w * flip, zero, left], 1), torch.stack([zero, h, top], 1)], 1)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    x = F.grid_sample(x, grid, padding_mode="border", align_corners=False)
    y = blend(x, torch.zeros_like(x), strength)
    y = blend(y, luminance(y).mean((2, 3), keepdim=True), strength)
    y = blend(y, luminance(y), strength)
    y = turn_hue(y, strength / 4)
    x = torch.where(torch.rand(n, 1, 1, 1, device=device) < 0.8, y, x)
    x = torch.where(torch.rand(n, 1, 1, 1, device=device) < 0.2, luminance(x), x)
    if blur:
        sigma = 0.1 + 1.9 * torch.rand(n, 1, device=device)
        taps = torch.exp(-0.5 * (torch.arange(-4, 5, device=device) / sigma) ** 2)
        taps = (taps / taps.sum(1, keepdim=True)).repeat_interleave(3, 0)
        y = x.reshape(1, 3 * n, *x.shape[2:])
        y = F.conv2d(F.pad(y, (4, 4, 0, 0), "reflect"), taps[:, None, None, :], groups=3 * n)
        y = F.conv2d(F.pad(y, (0, 0, 4, 4), "reflect"), taps[:, None, :, None], groups=3 * n)
        return y.reshape(x.shape)
    mean = torch.tensor([0.4914, 0.4822, 0.4465], device=device)[:, None, None]
    deviation = torch.tensor([0.2023, 0.1994, 0.2010], device=device)[:, None, None]
    return (x - mean) / deviation


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", choices=["eager", "compiled"], default="eager")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--precision", choices=["bf16", "float"], default="bf16")
    parser.add_argument("--stem", choices=["cifar", "stl"], default="cifar")
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--blocks", type=int, default=7)
    options = parser.parse_args()
    if options.device == "cuda" and not torch.cuda.is_available():
        print("bench.py: no CUDA device")
        raise SystemExit(77)
    torch.backends.cudnn.benchmark = True
    torch.backends.cuda.matmul.allow_tf32 = True
    device = torch.device(options.device)
    side = 32 if options.stem == "cifar" else 96
    count = 50000 if options.stem == "cifar" else 5000
    images = torch.randint(0, 256, (count, 3, side, side), dtype=torch.uint8, device=device)
    online = Network(options.stem, options.width, True).to(device, memory_format=torch.channels_last)
    target = Network(options.stem, options.width, False).to(device,
                                                            memory_format=torch.channels_last)
    ours = [p for name, p in online.named_parameters() if not name.startswith("predictor")]
    theirs = list(target.parameters())
    optimizer = torch.optim.SGD(online.parameters(), lr=0.03, momentum=0.9, weight_decay=4e-4,
                                fused=device.type == "cuda")
    strength, blur = (0.4, False) if options.stem == "cifar" else (0.8, True)

    def loss_of(x1, x2):
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=options.precision == "bf16"):
            q1 = online(x1)[1]
            q2 = online(x2)[1]
            with torch.no_grad():
                z1 = target(x1)
                z2 = target(x2)
        cosines = (F.cosine_similarity(q1.float(), z2.float()) +
                   F.cosine_similarity(q2.float(), z1.float()))
        return -2 * cosines.mean()

    def two_views(batch):
        return tuple(views(batch, strength, blur).contiguous(memory_format=torch.channels_last)
                     for _ in range(2))

    if options.mode == "compiled":
        loss_of = torch.compile(loss_of, mode="max-autotune")
        two_views = torch.compile(two_views, mode="max-autotune")

    def step(order):
        if options.mode == "compiled":
            torch.compiler.cudagraph_mark_step_begin()
        x1, x2 = two_views(images[order])
        loss = loss_of(x1.clone(), x2.clone()) if options.mode == "compiled" else loss_of(x1, x2)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            torch._foreach_mul_(theirs, 0.996)
            torch._foreach_add_(theirs, ours, alpha=0.004)
        return loss.detach()

    def wait():
        if device.type == "cuda":
            torch.cuda.synchronize()

    times = []
    for block in range(-1, options.blocks):
        order = torch.randperm(count, device=device)
        steps = min(options.steps, count // options.batch)
        if block < 0:
            steps = min(steps, 12)
        wait()
        start = time.perf_counter()
        for i in range(steps):
            loss = step(order[i * options.batch:(i + 1) * options.batch])
        wait()
        if block >= 0:
            times.append(1e3 * (time.perf_counter() - start) / steps)
    times.sort()
    median = times[len(times) // 2]
    print(f"milliseconds = {median:.4f}\nbest = {times[0]:.4f}\nworst = {times[-1]:.4f}")
    print(f"images_per_second = {1e3 * options.batch / median:.0f}\nloss = {loss.item():.5f}")


if __name__ == "__main__":
    main()
