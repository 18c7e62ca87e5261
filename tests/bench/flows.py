"""A flow with SciPy's integrators, on a problem that `flows make` has written.
usage: flows.py METHOD N KIND FILE RTOL; prints the same line as flows.c. METHOD: scipy-DOP853, scipy-RK45.
The equations are written as one would in NumPy, with preallocated temporaries."""
# SPDX-License-Identifier: MIT
import sys
import time

import numpy as np
from scipy.integrate import solve_ivp

method, n, kind, path, rtol = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4], float(sys.argv[5])
alpha_p, beta, eta, c = 1.0, 0.4, 0.04, 1.25
data = np.fromfile(path)
evaluations = 0


def matrices():
    """One run of the matrix flow: seconds, error."""
    global evaluations
    W0, P0, X, S = (np.ascontiguousarray(m) for m in data[: 4 * n * n].reshape(4, n, n))
    end = data[4 * n * n :].reshape(3, -1)
    A, M, G = (np.empty((n, n)) for _ in range(3))

    def rhs(_, y):
        global evaluations
        evaluations += 1
        f = np.empty_like(y)
        W, P, Wa = y.reshape(3, n, n)
        fW, fP, fA = f.reshape(3, n, n)
        np.dot(P, W, out=A)
        if kind == "iso":
            np.multiply(A, -c, out=M)
            np.add(M, Wa, out=M)
        else:
            np.dot(A, S, out=G)
            np.dot(Wa, X, out=M)
            np.subtract(M, G, out=M)
        np.dot(M, W.T, out=fP)
        np.dot(P.T, M, out=fW)
        np.multiply(P, eta, out=G)
        np.subtract(fP, G, out=fP)
        np.multiply(W, eta, out=G)
        np.subtract(fW, G, out=fW)
        np.subtract(W, Wa, out=fA)
        np.multiply(fA, beta, out=fA)
        return f

    y0 = np.concatenate([W0.ravel(), P0.ravel(), np.zeros(n * n)])
    rhs(0.0, y0)
    evaluations = 0
    start = time.process_time()
    solution = solve_ivp(rhs, (0.0, 50.0), y0, method=method[6:], rtol=rtol, atol=1e-3 * rtol, t_eval=(50.0,))
    seconds = time.process_time() - start
    y = solution.y[:, -1].reshape(3, -1)
    return seconds, max(np.linalg.norm(y[k] - end[k]) / np.linalg.norm(end[k]) for k in range(3))


def modes():
    """Every 20th point of the grid, one solve_ivp each; seconds scaled to the whole grid."""
    global evaluations
    end = data.reshape(-1, 3)
    stride = 20
    worst, evaluations = 0.0, 0
    start = time.process_time()
    for i in range(0, len(end), stride):
        eta_i, beta_i = 0.3 * (i // 40) / 49, 0.05 + 1.95 * (i % 40) / 39

        def rhs(_, y):
            global evaluations
            evaluations += 1
            p, s, tau = y
            q = p * (tau - c * p) - eta_i
            return [s * (tau - c * p) - eta_i * p, 2 * s * q, beta_i * (1 - tau) - tau * q]

        y = solve_ivp(rhs, (0.0, 100.0), [0.1, 0.05, 0.5], method=method[6:], rtol=rtol, atol=1e-3 * rtol).y[:, -1]
        worst = max(worst, np.max(np.abs(y - end[i]) / np.maximum(np.abs(end[i]), 1e-3)))
    return stride * (time.process_time() - start), worst


best, error = min((matrices() if n else modes() for _ in range(3 if 0 < n <= 64 else 1)))
print("%s\t%d\t%s\t%g\t%.6g\t%d\t%.3e\tnan" % (method, n, kind, rtol, best, evaluations, error))
