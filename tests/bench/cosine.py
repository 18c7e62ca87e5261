"""The gradient of the cosine loss by the same formulas in NumPy, with all nodes of an integral at once.
usage: cosine.py modes|matrices N FILE; FILE as cosine.c writes it; prints the microseconds of one gradient
and its largest difference from G there, relative to the largest entry."""
# SPDX-License-Identifier: MIT
import sys
import time

import numpy as np

kind, n, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
SPACING, END = 0.25, 1e-15


def rule(a):
    """2 x^2 and the weights of the trapezoidal rule, x = sinh(t)/sqrt(2 max a)."""
    top = a.max()
    h = min(SPACING, np.sqrt(2.0 * np.pi**2 / (37.0 * a.sum() / top)))
    t = h * np.arange(400)
    twice = np.sinh(t) ** 2 / top
    with np.errstate(over="ignore"):
        size = -0.5 * np.log1p(np.outer(twice, a)).sum(1) + np.log(np.cosh(t))
    end = int(np.argmax(size < np.log(END)))
    weight = h * np.cosh(t[:end]) / np.sqrt(2.0 * top)
    weight[0] *= 0.5
    return twice[:end], weight


def gradient_of_modes(p, w, wa, s, d):
    q = p * w
    A, B, C = q * q * s, wa * wa * s, q * wa * d
    rest = wa * wa * q * q * (s - d) * (s + d)
    u, du = rule(A)
    v, dv = rule(B)
    u, v = u[:, None, None], v[None, :, None]
    D = 1.0 + u * A + v * B + u * v * rest
    Z = np.exp(-0.5 * np.log(D).sum(2)) * du[:, None] * dv[None, :]
    S = (C / D).sum(2)
    exx = (s + v * wa * wa * (s - d) * (s + d)) / D
    exb = wa * d / D
    inner = exb * (1.0 - 2.0 * u * q * q * exx) - u * q * exx * S[:, :, None]
    return 4.0 / np.pi * np.einsum("uv,uvj->j", Z, inner)


def prepare(X, total):
    """What depends on the data alone."""
    root = np.sqrt(total)
    k, U = np.linalg.eigh(X / np.outer(root, root))
    rest = root[:, None] * U * np.sqrt(np.maximum((1.0 - k) * (1.0 + k), 0.0))
    return root, X / root, rest @ rest.T


def gradient_of_matrices(Wp, W, Wa, root, Y, R):
    M = Wp @ W
    V, sb, Ot = np.linalg.svd(Wa * root, full_matrices=False)
    MY = M @ Y
    T = MY @ Ot.T
    Tp = MY - T @ Ot
    YO = Ot @ Y.T
    A0 = Tp @ Tp.T + M @ R @ M.T
    K0 = Tp @ Y.T + M @ R
    v, dv = rule(sb * sb)
    G = 0.0
    for two, weight in zip(v, dv):
        rb = 1.0 / (1.0 + two * sb * sb)
        z = np.sqrt(rb.prod())
        al, Q = np.linalg.eigh((T * rb) @ T.T + A0)
        al = np.maximum(al, 0.0)
        Ct = Q.T @ ((T * (sb * rb)) @ V.T) @ Q
        Kat = Q.T @ ((T * rb) @ YO + K0)
        Kbt = Q.T @ (V @ ((sb * rb)[:, None] * YO))
        u, du = rule(al)
        r = 1.0 / (1.0 + np.outer(u, al))
        phi = np.sqrt(r.prod(1)) * du
        ki = 2.0 * phi @ r
        mij = (r * (phi * u)[:, None]).T @ r
        ct = np.diag(Ct)
        Gt = ki[:, None] * Kbt - 2.0 * (np.diag(mij @ ct) + mij * (Ct + Ct.T)) @ Kat
        G = G + 2.0 * weight * z * (Q @ Gt)
    return G / np.pi


data = np.fromfile(path)
if kind == "modes":
    *state, want = data.reshape(6, n)
    call = gradient_of_modes
else:
    Wp, W, Wa, X = data[: 4 * n * n].reshape(4, n, n)
    want = data[-n * n :].reshape(n, n)
    state = [Wp, W, Wa, *prepare(X, data[4 * n * n : 4 * n * n + n])]
    call = gradient_of_matrices
seconds = []
for _ in range(7):
    began, count = time.process_time(), 0
    while time.process_time() - began < 0.1:
        G = call(*state)
        count += 1
    seconds.append((time.process_time() - began) / count)
print("%.4g %.1e" % (1e6 * sorted(seconds)[3], np.abs(G - want).max() / np.abs(want).max()))
