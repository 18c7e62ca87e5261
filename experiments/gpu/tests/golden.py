#!/usr/bin/env python3
"""Writes golden.tsv: PyTorch's results, in double on the CPU, for ten steps with every rule.

    /usr/bin/python3 golden.py > golden.tsv        (torch >= 1.13)

Weights and images come from a formula (see number), so that the file needs to hold only sums: losses,
norms and dot products with vectors of the same formula. golden.c repeats the steps and compares.
"""
# SPDX-License-Identifier: MIT
import copy
import math

import torch
from torch import nn
import torch.nn.functional as fn

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

BASE = dict(image=8, large=False, width=4, blocks=(1, 1), hidden=12, output=6, predictor="linear",
            predictor_bias=False, affine=False, predictor_hidden=10, batch=6, last=6, epochs=2, steps=5,
            lr=0.05, momentum=0.9, eta_s=4e-3, eta_p=4e-3, alpha_p=1.0, decay_all=True, cosine=False,
            warmup=0.0, l2=False, ema=True, gamma_a=0.9, stop_grad=True, ema_running=False,
            target="random", symmetric=False, rule="gradient", largest=True, epsilon=0.1, power=0.5, joint=False,
            least=1e-4, rho=0.3, freq=1)
CASES = dict(
    gradient={},
    symmetric=dict(symmetric=True),
    directpred=dict(rule="directpred", epsilon=0.01),
    directpred5=dict(rule="directpred", freq=5),
    directpred_paper=dict(rule="directpred", largest=False, least=0.0),
    directset=dict(rule="directset", power=0.8, largest=False, least=0.0, freq=2, rho=0.6),
    two_layer=dict(predictor="two", predictor_bias=True),
    two_layer_symmetric=dict(predictor="two", symmetric=True, affine=True),
    simsiam=dict(ema=False),
    no_stop_grad=dict(ema=False, stop_grad=False, predictor_bias=True),
    no_predictor=dict(predictor="none", target="copy"),
    l2=dict(l2=True, lr=0.01),
    schedules=dict(cosine=True, warmup=0.6, alpha_p=4.0, eta_p=2e-2, eta_s=1e-3, decay_all=False),
    joint_bn=dict(joint=True, predictor="two"),
    target_zero=dict(target="zero", ema_running=True),
    resnet18=dict(image=16, width=3, blocks=(2, 2, 2, 2), batch=4, last=4, lr=0.02),
    large=dict(large=True, image=20, blocks=(1, 2), batch=4, last=3),
)


def number(tag, i):
    """In (-1, 1), a function of two integers alone, exact; i is a tensor of integers."""
    x = (i * 2654435761 + tag * 40503 + 12345) & 0xFFFFFFFF
    x = ((x ^ (x >> 15)) * 2246822519) & 0xFFFFFFFF
    x = ((x ^ (x >> 13)) * 3266489917) & 0xFFFFFFFF
    x = x ^ (x >> 16)
    return (x.double() + 0.5) / 2147483648.0 - 1.0


def numbers(tag, count):
    return number(tag, torch.arange(count, dtype=torch.int64))


def tag_of(name):
    tag = 17
    for letter in name.encode():
        tag = (tag * 31 + letter) & 0xFFFFFFFF
    return tag


class Block(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.downsample = None
        if stride != 1 or inputs != width:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, width, 1, stride, bias=False),
                                            nn.BatchNorm2d(width))
        self.bn2 = nn.BatchNorm2d(width)

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        return fn.relu(self.bn2(self.conv2(fn.relu(self.bn1(self.conv1(x))))) + shortcut)


class Encoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.large = c["large"]
        width = c["width"]
        self.conv1 = nn.Conv2d(3, width, 7 if self.large else 3, 2 if self.large else 1,
                               3 if self.large else 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        inputs = width
        self.stages = []
        for stage, blocks in enumerate(c["blocks"]):
            layers = []
            for block in range(blocks):
                layers.append(Block(inputs, width << stage, 2 if stage and not block else 1))
                inputs = width << stage
            self.add_module("layer%d" % (stage + 1), nn.Sequential(*layers))
            self.stages.append(getattr(self, "layer%d" % (stage + 1)))

    def forward(self, x):
        x = fn.relu(self.bn1(self.conv1(x)))
        if self.large:
            x = fn.max_pool2d(x, 3, 2, 1)
        for stage in self.stages:
            x = stage(x)
        return x.mean(dim=(2, 3))


def mlp(inputs, hidden, output, bias, affine):
    return nn.Sequential(nn.Linear(inputs, hidden, bias=bias), nn.BatchNorm1d(hidden, affine=affine),
                         nn.ReLU(), nn.Linear(hidden, output, bias=bias))


class Network(nn.Module):
    def __init__(self, c, online):
        super().__init__()
        self.encoder = Encoder(c)
        width = c["width"] << (len(c["blocks"]) - 1)
        self.projector = mlp(width, c["hidden"], c["output"], True, c["affine"])
        if online and c["predictor"] == "linear":
            self.predictor = nn.Linear(c["output"], c["output"], bias=c["predictor_bias"])
        if online and c["predictor"] == "two":
            self.predictor = mlp(c["output"], c["predictor_hidden"], c["output"], c["predictor_bias"],
                                 c["affine"])

    def forward(self, x):
        return self.projector(self.encoder(x))


def flat(name, values):
    """In the order of golden.c: convolutions k x r x r x c."""
    return (values.permute(0, 2, 3, 1) if values.dim() == 4 else values).reshape(-1)


@torch.no_grad()
def start(network, offset):
    for name, p in network.named_parameters():
        values = numbers(tag_of(name) + offset, p.numel())
        if p.dim() == 4:
            values *= math.sqrt(6.0 / (p.shape[0] * p.shape[2] * p.shape[3]))
            values = values.reshape(p.shape[0], p.shape[2], p.shape[3], p.shape[1]).permute(0, 3, 1, 2)
        elif p.dim() == 2:
            values = values.reshape(p.shape) / math.sqrt(p.shape[1])
        elif name.endswith("weight"):
            values = 1.0 + 0.3 * values
        else:
            values = 0.1 * values
        p.copy_(values)


def images(tag, count, size):
    return numbers(tag, count * size * size * 3).reshape(count, size, size, 3).permute(0, 3, 1, 2)


def pair_loss(c, q, z):
    if c["l2"]:
        return 0.5 * (q - z).pow(2).sum(dim=1)
    return -2.0 * (fn.normalize(q, dim=1) * fn.normalize(z, dim=1)).sum(dim=1)


def views(c, network, x, n):
    """Both views through a network: one after the other, or together."""
    if c["joint"]:
        return network(x).split(n)
    return [network(x[:n]), network(x[n:])]


def rate(c, step):
    warm = c["warmup"] * c["steps"]
    if step < warm:
        return c["lr"] * min(1.0, (step + 1) / warm)
    if not c["cosine"]:
        return c["lr"]
    return 0.5 * c["lr"] * (1 + math.cos(math.pi * (step - warm) / (c["epochs"] * c["steps"] - warm)))


def set_predictor(c, F):
    s, U = torch.linalg.eigh(F)
    s = s.clamp(min=0)
    top = s.max()
    if c["largest"]:
        s = s / top
        top = torch.tensor(1.0)
    if c["rule"] == "directpred":
        p = s.sqrt() + c["epsilon"] * top
    else:
        p = s.pow(c["power"]) + c["epsilon"] * top
    return U @ torch.diag(p.clamp(min=c["least"])) @ U.t()


def running(network):
    """Means and variances of all BN layers in the order they run."""
    out = []
    for module in network.modules():
        if isinstance(module, Block):
            out += [module.bn1] + ([module.downsample[1]] if module.downsample else []) + [module.bn2]
        elif isinstance(module, Encoder):
            out.append(module.bn1)
        elif isinstance(module, nn.BatchNorm1d):
            out.append(module)
    return torch.cat([v for bn in out for v in (bn.running_mean, bn.running_var)])


@torch.no_grad()
def regulate(c, online, F, step):
    if c["symmetric"] and c["predictor"] == "linear":
        w = online.predictor.weight
        w.copy_((w + w.t()) / 2)
    elif c["symmetric"]:
        a, b = online.predictor[0].weight, online.predictor[3].weight
        mean = (a + b.t()) / 2
        a.copy_(mean)
        b.copy_(mean.t())
    if c["rule"] != "gradient" and step % c["freq"] == 0:
        online.predictor.weight.copy_(set_predictor(c, F))


@torch.no_grad()
def follow(c, online, target):
    names = dict(online.named_parameters())
    for name, p in target.named_parameters():
        p.copy_(c["gamma_a"] * p + (1 - c["gamma_a"]) * names[name])
    if c["ema_running"]:
        names = dict(online.named_buffers())
        for name, b in target.named_buffers():
            if "running" in name:
                b.copy_(c["gamma_a"] * b + (1 - c["gamma_a"]) * names[name])


def optimizer(c, online):
    groups = []
    for name, p in online.named_parameters():
        predictor = name.startswith("predictor")
        decay = c["eta_p"] if predictor else c["eta_s"]
        if not c["decay_all"] and p.dim() == 1:
            decay = 0.0
        groups.append(dict(params=[p], weight_decay=decay, scale=c["alpha_p"] if predictor else 1.0))
    return torch.optim.SGD(groups, lr=c["lr"], momentum=c["momentum"])


def say(case, step, what, value):
    print("%s\t%d\t%s\t%.17g" % (case, step, what, value))


def say_block(case, what, pieces):
    """Norm of a block and its product with the formula's vector, piece by piece."""
    say(case, 10, what + " norm", math.sqrt(sum(float((v * v).sum()) for _, v in pieces)))
    say(case, 10, what + " dot", sum(float((v * numbers(tag_of(name), v.numel())).sum())
                                    for name, v in pieces))


def run(case, c):
    online, target = Network(c, True), Network(c, False)
    start(online, 0)
    start(target, 99)
    with torch.no_grad():
        for name, p in target.named_parameters():
            if c["target"] == "copy":
                p.copy_(dict(online.named_parameters())[name])
            elif c["target"] == "zero":
                p.zero_()
    predictor = online.predictor if c["predictor"] != "none" else nn.Identity()
    sgd = optimizer(c, online)
    F = None
    for step in range(c["epochs"] * c["steps"]):
        n = c["last"] if step % c["steps"] == c["steps"] - 1 else c["batch"]
        x = images(5000 + step, 2 * n, c["image"])
        f = views(c, online, x, n)
        q = views(c, predictor, torch.cat(f), n)
        if c["ema"]:
            with torch.no_grad():
                z = views(c, target, x, n)
        else:
            z = [v.detach() if c["stop_grad"] else v for v in f]
        loss = (pair_loss(c, q[0], z[1]) + pair_loss(c, q[1], z[0])).mean()
        rows = torch.cat(f).detach()
        batch = rows.t() @ rows / (2 * n)
        F = batch if F is None else c["rho"] * F + (1 - c["rho"]) * batch
        sgd.zero_grad()
        loss.backward()
        for group in sgd.param_groups:
            group["lr"] = rate(c, step) * group["scale"]
        sgd.step()
        regulate(c, online, F, step)
        if c["ema"]:
            follow(c, online, target)
        say(case, step + 1, "loss", float(loss))
    named = [(name, flat(name, p.detach())) for name, p in online.named_parameters()]
    say_block(case, "online", named)
    say_block(case, "momentum", [(name, flat(name, sgd.state[p]["momentum_buffer"]))
                                 for name, p in online.named_parameters()])
    say_block(case, "online running", [("running", running(online))])
    say_block(case, "correlation", [("F", F.reshape(-1))])
    if c["ema"]:
        say_block(case, "target", [(name, flat(name, p.detach())) for name, p in target.named_parameters()])
        say_block(case, "target running", [("running", running(target))])
    online.eval()
    with torch.no_grad():
        features = online.encoder(images(9999, 2 * c["batch"], c["image"]))
    say_block(case, "features", [("features", features.reshape(-1))])


print("# case\tstep\tquantity\tvalue; written by golden.py with PyTorch %s" % torch.__version__.split("+")[0])
for title, changes in CASES.items():
    run(title, {**copy.deepcopy(BASE), **changes})
