"""The same measurement in NumPy or PyTorch. usage: align.py numpy|torch N KIND SECONDS."""
# SPDX-License-Identifier: MIT
import sys
import time

import numpy as np

method, n, kind, seconds = sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4])
rng = np.random.default_rng(n)
pairs = []
for _ in range(4):
    U = np.linalg.qr(rng.standard_normal((n, n)))[0]
    if kind == "late":
        s = np.where(np.arange(n) < 5 * n / 6, 0.585 + 1e-3 * rng.standard_normal(n), 1e-9 * rng.random(n))
    else:
        s = 2.9 * (np.arange(n, 0, -1) / n) ** 2
    F = (U * s) @ U.T
    Wp = (U * np.sqrt(s)) @ U.T + 0.02 * rng.standard_normal((n, n)) / np.sqrt(n)
    pairs.append(((F + F.T) / 2, Wp))

if method == "torch":
    import torch

    torch.set_num_threads(1)
    pairs = [(torch.from_numpy(F), torch.from_numpy(Wp)) for F, Wp in pairs]
    eigh, norm = torch.linalg.eigh, torch.linalg.norm
else:
    eigh, norm = np.linalg.eigh, np.linalg.norm

inside = 0.0


def step(F, Wp):
    global inside
    before = time.process_time()
    s, U = eigh(F)
    inside += time.process_time() - before
    V = Wp @ U
    p = (U * V).sum(0)
    cos = p / (V * V).sum(0) ** 0.5
    return float(cos.sum()), float(norm(F @ Wp - Wp @ F)), float(norm(Wp - Wp.T) / norm(Wp))


step(*pairs[0])
inside, count, began = 0.0, 0, time.process_time()
while count < 4 or time.process_time() - began < seconds:
    step(*pairs[count % 4])
    count += 1
spent = time.process_time() - began
print(method, n, kind, "%.6g" % (count / spent), "%.3f" % (inside / spent), sep="\t")
