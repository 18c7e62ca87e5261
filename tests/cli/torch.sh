#!/bin/sh
# A linear network trained by torch.optim.SGD, with separate settings for the predictor and a moving
# average, compared with ssldyn sgd with the same --train-... settings: the same weights to rounding.
# SSLDYN_PYTHON names a Python with torch if python3 has none.
# shellcheck disable=SC1091
# SPDX-License-Identifier: MIT
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tap.inc"
python=
for candidate in ${SSLDYN_PYTHON:-} python3; do
    "$candidate" -c 'import importlib.util as u, sys; sys.exit(not u.find_spec("torch"))' \
        2>/dev/null && python=$candidate && break
done
if [ -z "$python" ]; then
    echo "1..0 # SKIP no python3 with torch"
    exit 0
fi
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1

cat >start.py <<'PYTHON'
import numpy as np

N1, N2 = 6, 4
random = np.random.default_rng(3)
A, B = random.standard_normal((2, N1, N1))
np.save("x.npy", A @ A.T / N1)
np.save("xprime.npy", 0.3 * B @ B.T / N1)
np.save("w.npy", 0.4 * random.standard_normal((N2, N1)))
np.save("wp.npy", 0.4 * random.standard_normal((N2, N2)))
PYTHON

# compare.py RUN [NAME=VALUE ...] ...: a line for each run, 0 if the weights agree
cat >compare.py <<'PYTHON'
import math, sys
import numpy as np, torch

torch.set_default_dtype(torch.float64)

def train(settings, steps=80):
    """The expected loss by autograd; the target is not trained."""
    X, Xprime, W, Wp = (torch.from_numpy(np.load(f"{name}.npy")) for name in ("x", "xprime", "w", "wp"))
    encoder, predictor = torch.nn.Parameter(W.clone()), torch.nn.Parameter(Wp.clone())
    target = W.clone()
    optimizer = torch.optim.SGD(
        [{"params": [encoder]},
         {"params": [predictor], "lr": settings["predictor_lr"],
          "weight_decay": settings["predictor_weight_decay"]}],
        lr=settings["lr"], momentum=settings["momentum"], weight_decay=settings["weight_decay"])
    cosine = lambda k: 0.5 * (1 + math.cos(math.pi * min(k, steps - 1) / (steps - 1)))
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, cosine if settings["cosine"] else lambda k: 1)
    for _ in range(steps):
        q = predictor @ encoder
        loss = settings["kappa"] * (0.5 * torch.trace(q @ (X + Xprime) @ q.T) - torch.trace(q @ X @ target.T))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        with torch.no_grad():
            target.mul_(settings["ema"]).add_(encoder, alpha=1 - settings["ema"])
    return predictor, encoder, target

def compare(run, words):
    settings = dict(lr=0.02, momentum=0.9, weight_decay=5e-3, ema=0.97, kappa=1.0,
                    predictor_lr=0.02, predictor_weight_decay=5e-3, cosine=0)
    settings.update((name, float(value)) for name, value in words)
    want = train(settings)
    got = [np.load(f"{run}/{name}.npy")[-1] for name in ("Wp", "W", "Wa")]
    worst = max(float(np.abs(g - w.detach().numpy()).max()) for g, w in zip(got, want))
    # 80 steps of some 50 rounding errors each, of weights of order 1
    print(int(not worst < 80 * 50 * 2.2e-16), run, f"{worst:.3g}")

for argument in sys.argv[1:]:
    run, *words = argument.split()
    compare(run, [word.split("=") for word in words])
PYTHON

"$python" start.py || exit 1
run() {
    "$SSLDYN" sgd -q --batch inf --x x.npy --xprime xprime.npy --n2 4 --init-w w.npy \
        --init-wp wp.npy --init-wa copy --train-lr 0.02 --train-momentum 0.9 \
        --train-weight-decay 5e-3 --train-ema 0.97 --train-steps 80 "$@"
}
run -o plain
run -o own --train-predictor-lr 0.05 --train-predictor-weight-decay 1e-2
run -o factor --train-loss-factor 2
run -o cosine --schedule-lr cosine
"$python" compare.py plain 'own predictor_lr=0.05 predictor_weight_decay=1e-2' 'factor kappa=2' \
    'cosine cosine=1' >compared
result $? "torch trains the same networks"
for name in plain own factor cosine; do
    grep -q "^0 $name " compared
    result $? "the weights of run $name agree" "$(cat compared)"
done
finish
