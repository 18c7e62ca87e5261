"""SGD steps in NumPy or PyTorch, written for speed.
usage: sgd.py METHOD PRECISION N B SECONDS; METHOD: numpy, torch (gradients by hand), autograd.
Prints the same line as sgd.c: steps per second of processor time."""
# SPDX-License-Identifier: MIT
import sys
import time

import numpy as np

method, precision, n, batch, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])
lr, eta, beta, sigma = 0.01, 0.04, 0.4, 0.5
clock = time.perf_counter
random = products = 0.0
start = np.random.default_rng(7)
W0, P0 = start.standard_normal((n, n)) / np.sqrt(n), 0.5 * start.standard_normal((n, n)) / np.sqrt(n)

if method == "numpy":
    D = np.float64 if precision == "double" else np.float32
    rng = np.random.Generator(np.random.SFC64(3))
    W, P, Wa = W0.astype(D), P0.astype(D), np.zeros((n, n), D)
    z = np.empty((3, n, batch), D)
    x1, x2, f, g, h = (np.empty((n, batch), D) for _ in range(5))
    GW, GP, T = (np.empty((n, n), D) for _ in range(3))

    def step():
        global random, products
        before = clock()
        rng.standard_normal(out=z, dtype=D)
        random += clock() - before
        np.multiply(z[1], D(sigma), out=x1)
        np.add(x1, z[0], out=x1)
        np.multiply(z[2], D(sigma), out=x2)
        np.add(x2, z[0], out=x2)
        before = clock()
        np.dot(W, x1, out=f)
        np.dot(P, f, out=g)
        np.dot(Wa, x2, out=h)
        np.subtract(g, h, out=g)
        np.dot(P.T, g, out=h)
        np.dot(g, f.T, out=GP)
        np.dot(h, x1.T, out=GW)
        products += clock() - before
        for matrix, gradient in ((P, GP), (W, GW)):
            np.multiply(gradient, D(lr / batch), out=gradient)
            np.multiply(matrix, D(1 - lr * eta), out=matrix)
            np.subtract(matrix, gradient, out=matrix)
        np.subtract(W, Wa, out=T)
        np.multiply(T, D(lr * beta), out=T)
        np.add(Wa, T, out=Wa)

else:
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(3)
    D = torch.float64 if precision == "double" else torch.float32
    W, P, Wa = torch.tensor(W0, dtype=D), torch.tensor(P0, dtype=D), torch.zeros(n, n, dtype=D)
    z = torch.empty(3, n, batch, dtype=D)
    if method == "torch":
        x1, x2, f, g, h = (torch.empty(n, batch, dtype=D) for _ in range(5))

        @torch.no_grad()
        def step():
            global random, products
            before = clock()
            z.normal_()
            random += clock() - before
            torch.add(z[0], z[1], alpha=sigma, out=x1)
            torch.add(z[0], z[2], alpha=sigma, out=x2)
            before = clock()
            torch.mm(W, x1, out=f)
            torch.mm(P, f, out=g)
            g.addmm_(Wa, x2, alpha=-1.0)
            torch.mm(P.t(), g, out=h)
            P.addmm_(g, f.t(), beta=1 - lr * eta, alpha=-lr / batch)
            W.addmm_(h, x1.t(), beta=1 - lr * eta, alpha=-lr / batch)
            products += clock() - before
            Wa.lerp_(W, lr * beta)

    else:
        W.requires_grad_()
        P.requires_grad_()
        optimizer = torch.optim.SGD([W, P], lr=lr, weight_decay=eta)

        def step():
            global random
            before = clock()
            z0, z1, z2 = torch.randn(3, n, batch, dtype=D).unbind(0)
            random += clock() - before
            x1 = torch.add(z0, z1, alpha=sigma)
            x2 = torch.add(z0, z2, alpha=sigma)
            with torch.no_grad():
                target = Wa @ x2
            loss = 0.5 * (P @ (W @ x1) - target).pow(2).sum() / batch
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                Wa.lerp_(W, lr * beta)


for _ in range(3):
    step()
random, products, count, begun, processor = 0.0, 0.0, 0, clock(), time.process_time()
now = begun
while now - begun < seconds:
    step()
    count += 1
    now = clock()
processor = time.process_time() - processor
print(method, precision, n, batch, "%.6g" % (count / processor), "%.4f" % (random / (now - begun)),
      "%.4f" % (products / (now - begun)) if products else "nan", sep="\t")
