#!/bin/sh
# align: ssldyn align on files that NumPy wrote, of every type and order, on run directories, on
# features, on series, and on invalid input.
# SPDX-License-Identifier: MIT
set -u
ssldyn=${SSLDYN:-./ssldyn}
directory=${TEST_DIR:-$(mktemp -d)}
number=0

result() { # STATUS NAME
    number=$((number + 1))
    if [ "$1" = 0 ]; then echo "ok $number - $2"; else echo "not ok $number - $2"; fi
}

# column FILE NAME ROW: one cell of a trace (rows from 1)
column() {
    awk -F '\t' -v name="$2" -v row="$3" '
        /^#/ { next }
        !found { for (i = 1; i <= NF; i++) if ($i == name) found = i; next }
        ++n == row { print $found }' "$1/trace.tsv"
}

# refused NAME PATTERN ARGUMENTS...: exit 2, one line on stderr that matches, nothing written
refused() {
    name=$1
    pattern=$2
    shift 2
    "$ssldyn" align -o "$directory/never" "$@" >"$directory/stdout" 2>"$directory/stderr"
    status=$?
    [ "$status" = 2 ] && [ "$(wc -l <"$directory/stderr")" = 1 ] && [ ! -s "$directory/stdout" ] &&
        grep -q -e "$pattern" "$directory/stderr" && [ ! -e "$directory/never" ]
    code=$?
    [ "$code" = 0 ] || sed 's/^/# /' "$directory/stderr"
    result "$code" "$name"
}

# A run of ssldyn itself: the analysis reproduces the trace, column by column.
"$ssldyn" flow --n1 7 --n2 5 --eta 0.03 --seed 3 --t-end 12 --samples 6 -q -o "$directory/run" >/dev/null &&
    "$ssldyn" align "$directory/run" -q -o "$directory/of-run" >"$directory/values"
result $? "a run directory is analyzed"
awk -F '\t' '
    FNR == 1 { file++; rows = 0; header = 0 }
    /^#/ { next }
    !header { header = 1; for (i = 1; i <= NF; i++) { if (file == 1) name[i] = $i; else place[$i] = i }
              columns[file] = NF; next }
    { rows++
      if (file == 1) { for (i = 1; i <= NF; i++) want[rows, i] = $i; total = rows; next }
      for (i = 1; i <= columns[1]; i++) {
          got = $(place[name[i]]); w = want[rows, i]
          if ((got == "nan") != (w == "nan")) { print "# " name[i], rows, got, w; bad++ }
          else if (got != "nan" && (got - w) ^ 2 > 1e-18 * (1 + w ^ 2)) { print "# " name[i], rows, got, w; bad++ }
      } }
    END { exit !(rows == total && rows == 7 && !bad) }' "$directory/run/trace.tsv" "$directory/of-run/trace.tsv"
result $? "its rows are those of the run's trace"
grep -q '^modes = 5$' "$directory/values" && grep -q '^effective_rank = ' "$directory/values" &&
    grep -q '^# ssldyn verdict 1$' "$directory/of-run/verdict.txt"
result $? "values on stdout, verdict in a file"

# A flow's forecast from its third snapshot equals the flow, up to its tolerance.
"$ssldyn" align "$directory/run" --predict 3 -q -o "$directory/forecast" >"$directory/values" &&
    awk -F ' = ' '$1 == "residual_largest" { found = $2 < 1e-6 } END { exit !found }' \
        "$directory/values" && [ "$(grep -vc '^#' "$directory/forecast/prediction.tsv")" = 6 ]
result $? "the forecast of a run is correct"
# From the matrices alone, with the rates given and time counted in halves.
"$ssldyn" align --wp "$directory/run/Wp.npy" --w "$directory/run/W.npy" \
    --wa "$directory/run/Wa.npy" --eta 0.03 --time-unit 2 --predict 1 -q \
    -o "$directory/forecast2" >"$directory/values" &&
    awk -F ' = ' '$1 == "residual_largest" { found = $2 < 1e-6 } END { exit !found }' \
        "$directory/values"
result $? "and so is one from matrices alone"
"$ssldyn" align --wp "$directory/run/Wp.npy" --w "$directory/run/W.npy" \
    --wa "$directory/run/Wa.npy" --eta 0.06 --time-unit 2 --predict 1 -q \
    -o "$directory/forecast2" >"$directory/values" &&
    awk -F ' = ' '$1 == "residual_largest" { found = $2 > 0.01 } END { exit !found }' \
        "$directory/values"
result $? "a wrong rate changes the forecast"
# The same under the cosine loss, for a run and for its matrices alone: read under that loss only, without a fold.
# Run and forecast allow 1e-9 in each step.
"$ssldyn" flow --loss cosine --n1 7 --n2 5 --eta 0.03 --alpha-p 2 --seed 3 --t-end 12 --samples 6 -q \
    -o "$directory/angle" >/dev/null &&
    "$ssldyn" align "$directory/angle" --predict 3 -q -o "$directory/forecast3" >"$directory/values" &&
    "$ssldyn" align --wp "$directory/angle/Wp.npy" --w "$directory/angle/W.npy" \
        --wa "$directory/angle/Wa.npy" --loss cosine --alpha-p 2 --eta 0.03 --time-unit 2 --predict 1 -q \
        -o "$directory/forecast4" >>"$directory/values" &&
    awk -F ' = ' '$1 == "residual_largest" { came += $2 < 1e-8 } $1 == "c_moved" { kept += $2 < 1e-8 }
        $1 == "surviving" || $1 == "eta_fold" { fold++ }
        END { exit !(came == 2 && kept == 2 && !fold) }' "$directory/values" &&
    [ ! -e "$directory/forecast4/knobs.tsv" ] && grep -qx 'loss = cosine' "$directory/forecast4/spec.conf"
result $? "the cosine flow conserves C/|W|^2, and its forecast is correct"
"$ssldyn" align "$directory/angle" -q -o "$directory/of-angle" >/dev/null &&
    grep -qx '# loss: population loss -E cos(Wp W x1, Wa x2)' "$directory/of-angle/trace.tsv" &&
    grep -qx '# loss: population loss 1/2 E|Wp W x1 - Wa x2|^2' "$directory/of-run/trace.tsv" &&
    for row in 1 4 7; do
        column "$directory/angle" loss $row
        column "$directory/of-angle" loss $row
    done | awk 'NR % 2 { own = $1; next } !((own - $1) ^ 2 < 1e-24 && own < 0) { bad++ } END { exit !(NR == 6 && !bad) }'
result $? "the loss is that of the run, and the table states it"
# Read under one loss: the report does not mention the other.
"$ssldyn" align --wp "$directory/run/Wp.npy" --w "$directory/run/W.npy" --loss l2 -q \
    -o "$directory/l2" >"$directory/values" &&
    ! grep -q '^usable\|^slope_one' "$directory/values" && [ ! -e "$directory/l2/cosine.tsv" ] &&
    ! grep -q 'cosine' "$directory/l2/verdict.txt" &&
    "$ssldyn" align --wp "$directory/run/Wp.npy" --w "$directory/run/W.npy" -q \
        -o "$directory/both" >"$directory/more" &&
    head -n "$(wc -l <"$directory/values")" "$directory/more" | cmp -s - "$directory/values" &&
    cmp -s "$directory/l2/trace.tsv" "$directory/both/trace.tsv" &&
    ! grep -q '^loss' "$directory/both/spec.conf" && [ "$(grep -c '' "$directory/both/verdict.txt")" = 3 ]
result $? "columns of the cosine follow"
# Four networks trained with the cosine loss: plateau and tail of each, one command for each run.
kth=${SSLDYN_DATA:-}/kth-cifar10
if [ -n "${SSLDYN_DATA:-}" ] && [ -r "$kth/byol.tsv" ]; then
    while read -r run epoch want; do
        "$ssldyn" align --spectra "$kth/$run.tsv" --loss cosine -q -o "$directory/$run" >/dev/null
        found=$(awk -F '\t' -v epoch="$epoch" '
            /^#/ { next }
            !named { named = 1; for (i = 1; i <= NF; i++) at[$i] = i; next }
            $at["t"] == epoch {
                printf "%.3f %.2f %d %.2g %.2g", $at["slope_plateau"], $at["slope_tail"], $at["plateau"],
                    $at["squares_one"], $at["squares_two"] }' "$directory/$run/cosine.tsv")
        [ "$found" = "$want" ]
        result $? "$run, epoch $epoch: $found"
    done <<END
byol 75 0.210 0.96 49 25 1.8
byol 100 0.195 0.82 58 21 1.5
byol_symmetric_predictor 50 0.210 0.97 86 30 0.37
byol_symmetric_predictor 75 0.147 0.99 91 49 0.5
byol_symmetric_predictor 100 0.137 0.73 101 47 1.8
simsiam 50 0.152 0.78 24 18 2.8
simsiam 75 0.137 0.75 26 16 2.9
simsiam 100 0.120 0.44 27 29 1.9
simsiam_symmetric_predictor 75 0.183 0.86 6 17 2.3
END
else
    number=$((number + 1))
    echo "ok $number # SKIP SSLDYN_DATA names no directory with kth-cifar10"
fi
# The verdict states the outcome and the comparison; knobs.tsv and stdout have the margins: twelve
# modes at one fixed point of c = 1.25, fold at 1/(4 c) = .2, that is 5 times eta = .04.
"$ssldyn" flow --n1 16 --n2 8 --eta 0.04 --seed 5 --t-end 60 --samples 6 -q -o "$directory/apart" \
    >/dev/null
"$ssldyn" align "$directory/apart" --predict 3 -q -o "$directory/of-apart" >"$directory/values" &&
    grep -q 'Forecast from snapshot 3 (t = 20): at t = 60 ' "$directory/of-apart/verdict.txt" &&
    grep -q '^forecast_from = 3$' "$directory/values" &&
    awk -F ' = ' '$1 == "residual_unchanged" { found = $2 > 1e-6 } END { exit !found }' \
        "$directory/values"
result $? "a forecast is in the verdict"
grep -q 'weight decay x 5 alone would collapse' "$directory/of-apart/verdict.txt" &&
    awk -F '\t' '/^#/ { next } !head { head = 1; for (i = 1; i <= NF; i++) at[$i] = i; next }
        { rows++; if (($(at["x_eta_s"]) - 5) ^ 2 > 1e-20 || $(at["eta_fold"]) != 0.2) bad++
          alive += $(at["fate"]) == 1 }
        END { exit !(rows == 8 && !bad && alive > 0) }' "$directory/of-apart/knobs.tsv" &&
    grep -q '^surviving = [1-8]$' "$directory/values"
result $? "and so are the margins of a run's modes"
grep -q '^parabola = yes$' "$directory/values" && ! grep -q '^slope = ' "$directory/values"
result $? "modes at one fixed point are on the parabola, without a slope"
"$ssldyn" align --wp "$directory/apart/Wp.npy" --f "$directory/apart/F.npy" -q \
    -o "$directory/no-rates" >/dev/null && [ ! -e "$directory/no-rates/knobs.tsv" ] &&
    "$ssldyn" align --wp "$directory/apart/Wp.npy" --f "$directory/apart/F.npy" -q --eta 0.1 \
        -o "$directory/rates" >/dev/null &&
    grep -q 'Knobs (for X = I): .*weight decay x 2 ' "$directory/rates/verdict.txt"
result $? "matrices alone have margins where a decay is given"
"$ssldyn" align --wp "$directory/apart/Wp.npy" --f "$directory/apart/F.npy" -q --alpha-p 2 \
    -o "$directory/rates" >"$directory/values" && grep -q '^parabola = no$' "$directory/values"
result $? "a ratio that is not the given alpha_p"
refused "a forecast from F and Wp" "needs the weights W (--w)" --wp "$directory/apart/Wp.npy" \
    --f "$directory/apart/F.npy" --predict 1

"$ssldyn" flow --model reduced --n2 3 --t-end 2 -q -o "$directory/reduced" >/dev/null
refused "a forecast without weights" "needs the weights" "$directory/reduced" --predict 1
refused "a forecast from nowhere" "only 7 snapshots" "$directory/run" --predict 8
refused "a forecast without the target" "needs the target" --wp "$directory/run/Wp.npy" \
    --w "$directory/run/W.npy" --predict 1

"$ssldyn" flow --model modes --t-end 5 -q -o "$directory/modes" >/dev/null
refused "a run without matrices" "neither F.npy nor W.npy" "$directory/modes"
refused "no input" "nothing to analyze"
refused "one input more than allowed" "cannot be combined" "$directory/run" --spectra x.tsv
refused "a predictor without its input" "exactly one" --wp x.npy
refused "two inputs" "exactly one" --f x.npy --w x.npy
refused "a missing file" "cannot be read" --f "$directory/none.npy"
refused "a target without weights" "needs --w" --f x.npy --wa x.npy
refused "data without weights" "needs --w" --f x.npy --x x.npy
refused "a misspelt option" "features" --feature x.npy
refused "a floor of 1" "floor" --f x.npy --floor 1

python=
for candidate in /usr/bin/python3 python3; do
    "$candidate" -c 'import numpy' 2>/dev/null && python=$candidate && break
done
if [ -z "$python" ]; then
    echo "ok $((number + 1)) - files of NumPy # SKIP no python3 with numpy"
    echo "1..$((number + 1))"
    exit 0
fi

# Small integers over 8: exact in every type. Wp is F/2 + a skew part.
"$python" - "$directory" <<'PYTHON'
import struct, json, sys
import numpy as np

d = sys.argv[1]
rng = np.random.default_rng(11)
T, n = 4, 6
A = rng.integers(-3, 4, (T, n, n))
F = (A @ A.transpose(0, 2, 1)) / 8.0
B = rng.integers(-4, 5, (T, n, n)) / 8.0
Wp = np.clip(F / 2, -60, 60) + (B - B.transpose(0, 2, 1))
np.save(f"{d}/F.npy", F)
np.save(f"{d}/Wp.npy", Wp)
for kind in ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]:
    tag = kind.replace("<", "l").replace(">", "b")
    np.save(f"{d}/F_{tag}.npy", F.astype(kind))
    np.save(f"{d}/Wp_{tag}.npy", np.asfortranarray(Wp.astype(kind)))
np.savez(f"{d}/stored.npz", F=F, Wp=Wp.astype("f4"), other=np.arange(3))
np.savez_compressed(f"{d}/packed.npz", F=F.astype("f2"), Wp=Wp)
for t in range(T):
    np.savez(f"{d}/epoch_{5 * t}.npz", F=F[t], Wp=Wp[t])
def bf16(a):
    return (a.astype("<f4").view("<u4") >> 16).astype("<u2").tobytes()
parts = {"F": ("F32", F.astype("<f4").tobytes()), "Wp": ("BF16", bf16(Wp))}
table, data = {}, b""
for name, (dtype, raw) in parts.items():
    table[name] = {"dtype": dtype, "shape": [T, n, n], "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
text = json.dumps(table).encode()
open(f"{d}/both.safetensors", "wb").write(struct.pack("<Q", len(text)) + text + data)
features = rng.standard_normal((400, n)) + 3.0
np.save(f"{d}/features.npy", features)
W = rng.standard_normal((n, 9))
X = rng.standard_normal((9, 9)); X = X @ X.T
np.save(f"{d}/W.npy", W); np.save(f"{d}/X.npy", X)

# NumPy's results
def row(F, Wp):
    s, U = np.linalg.eigh(F)
    s, U = s[::-1], U[:, ::-1]
    V = Wp @ U
    p = (U * V).sum(0)
    return [s[0], s[2], p[1], p[1] / np.linalg.norm(V[:, 1]), np.linalg.eigvalsh((Wp + Wp.T) / 2)[-1],
            np.linalg.norm(F @ Wp - Wp @ F), np.linalg.norm(Wp - Wp.T) / np.linalg.norm(Wp)]
np.savetxt(f"{d}/want.txt", [row(F[t], Wp[t]) for t in range(T)], fmt="%.17g")

# a two-layer predictor with batch normalization in between, one epoch per file; and the outputs of MLPs
products = []
for t in range(T):
    A, B = rng.standard_normal((8, n)), rng.standard_normal((n, 8))
    gamma, variance = rng.standard_normal(8), rng.random(8)
    products.append(B @ np.diag(gamma / np.sqrt(variance + 1e-5)) @ A)
    state = {"predictor.3.weight": B, "predictor.0.weight": A, "predictor.1.running_var": variance,
             "predictor.1.weight": gamma, "predictor.1.bias": gamma, "predictor.3.bias": B[:, 0],
             "predictor.1.num_batches_tracked": np.array(5), "encoder.0.weight": rng.standard_normal((n, 9))}
    np.savez(f"{d}/model_{5 * t}.npz", **state)
    np.save(f"{d}/first_{5 * t}.npy", np.diag(gamma / np.sqrt(variance + 1e-5)) @ A)
    np.save(f"{d}/second_{5 * t}.npy", B)
np.savetxt(f"{d}/want_layers.txt", [row(F[t], products[t]) for t in range(T)], fmt="%.17g")
outputs = np.maximum(features @ A.T, 0) @ B.T + rng.standard_normal((400, n))
np.save(f"{d}/outputs.npy", outputs)
np.save(f"{d}/turned.npy", features.T)
np.save(f"{d}/pooled.npy", features.reshape(400, n, 1, 1))
np.save(f"{d}/pooled_some.npy", features[:100])
np.save(f"{d}/batches.npy", features.reshape(4, 100, n))
fit = np.linalg.lstsq(features, outputs, rcond=None)[0].T
rest = outputs - features @ fit.T
s, U = np.linalg.eigh(features.T @ features / 400)
kept = (features.mean(0) @ U) ** 2 / s
share = 1 - rest.var(0).sum() * 400 / (399 - n + kept.sum()) / (outputs.var(0).sum() * 400 / 399)
np.savetxt(f"{d}/want_outputs.txt", [U[:, -2] @ fit @ U[:, -2], share], fmt="%.17g")
C = np.cov(features.T)
np.savetxt(f"{d}/want_features.txt", np.r_[np.linalg.eigvalsh(features.T @ features / 400)[::-1],
                                           np.linalg.eigvalsh(C)[::-1]], fmt="%.17g")
np.savetxt(f"{d}/want_w.txt", np.r_[np.linalg.eigvalsh(W @ X @ W.T)[::-1], np.linalg.eigvalsh(W @ W.T)[::-1]], fmt="%.17g")
PYTHON
result $? "NumPy writes its files"

# agrees OUT: the columns of every row are those that NumPy found
agrees() { # OUT [FILE]
    for name in s_1 s_3 p_2 cos_2 wpe_1 commutator asymmetry; do
        column "$1" "$name" 1 && column "$1" "$name" 2 && column "$1" "$name" 3 && column "$1" "$name" 4
    done >"$directory/got.txt"
    awk 'NR == FNR { for (i = 1; i <= NF; i++) want[(i - 1) * 4 + NR] = $i; next }
         { if (($1 - want[FNR]) ^ 2 > 1e-20 * (1 + want[FNR] ^ 2)) { print "# " FNR, $1, want[FNR]; bad++ }; n++ }
         END { exit !(n == 28 && !bad) }' "$directory/${2:-want.txt}" "$directory/got.txt"
}

for tag in lf2 bf2 lf4 bf4 lf8 bf8; do
    "$ssldyn" align --wp "$directory/Wp_$tag.npy" --f "$directory/F_$tag.npy" -q \
        -o "$directory/of-$tag" >/dev/null && agrees "$directory/of-$tag"
    result $? "a stack of type $tag, Wp in Fortran's order"
done
for file in stored.npz packed.npz both.safetensors; do
    "$ssldyn" align --wp "$directory/$file:Wp" --f "$directory/$file" -q -o "$directory/of-$file" \
        >/dev/null && agrees "$directory/of-$file"
    result $? "$file, an array by its name and one by its role"
done
"$ssldyn" align --wp "$directory/epoch_%d.npz" --f "$directory/epoch_*.npz:F" -q \
    -o "$directory/of-series" >/dev/null && agrees "$directory/of-series" &&
    [ "$(column "$directory/of-series" t 4)" = 15 ]
result $? "a series of files, its numbers as times"
for wp in "$directory/model_%d.npz:predictor" "$directory/model_*.npz"; do
    "$ssldyn" align --wp "$wp" --f "$directory/epoch_%d.npz" -q -o "$directory/of-model" >/dev/null &&
        agrees "$directory/of-model" want_layers.txt &&
        grep -q 'product of 2 layers (8 x 6, 6 x 8) and 1 batch norm' "$directory/of-model/verdict.txt"
    result $? "the layers of a module are multiplied, with normalizations folded in"
done
"$ssldyn" align --wp "$directory/first_%d.npy" --wp "$directory/second_%d.npy" \
    --f "$directory/epoch_%d.npz" -q -o "$directory/of-layers" >/dev/null &&
    agrees "$directory/of-layers" want_layers.txt &&
    grep -q '^wp = ".*first_%d.npy" ".*second_%d.npy"$' "$directory/of-layers/spec.conf"
result $? "and so are layers given one by one"
refused "layers in the wrong order" "in the order in which they are applied" \
    --wp "$directory/second_0.npy" --wp "$directory/first_0.npy" --f "$directory/epoch_0.npz"
refused "one layer of two" "give all layers" --wp "$directory/second_%d.npy" --f "$directory/epoch_%d.npz"

"$ssldyn" align --features "$directory/features.npy" --outputs "$directory/outputs.npy" -q \
    -o "$directory/of-outputs" >"$directory/values" &&
    { column "$directory/of-outputs" p_2 1 && column "$directory/of-outputs" effective_predictor_share 1; } \
        >"$directory/got.txt" &&
    awk 'NR == FNR { want[NR] = $1; next } { n++; if (($1 - want[FNR]) ^ 2 > 1e-20) { print "# " $1, want[FNR]; bad++ } }
         END { exit !(n == 2 && !bad) }' "$directory/want_outputs.txt" "$directory/got.txt" &&
    grep -q '^effective_predictor_share_error = 0' "$directory/values" &&
    grep -q 'the linear part explains' "$directory/of-outputs/verdict.txt"
result $? "outputs give their effective predictor, equal to NumPy's"
"$ssldyn" align --features "$directory/pooled.npy" --outputs "$directory/outputs.npy" -q \
    -o "$directory/of-pooled" >/dev/null &&
    cmp -s "$directory/of-outputs/trace.tsv" "$directory/of-pooled/trace.tsv"
result $? "features of N x n x 1 x 1"
refused "features whose samples are columns" "features.T" --wp "$directory/epoch_0.npz:Wp" \
    --features "$directory/turned.npy"
"$ssldyn" align --features "$directory/batches.npy" -o "$directory/stacked" >/dev/null 2>"$directory/stderr" &&
    grep -q 'read as 4 snapshots of 100 samples; .*reshape(-1, 6)' "$directory/stderr" &&
    "$ssldyn" align --features "$directory/features.npy" -o "$directory/one" >/dev/null 2>"$directory/stderr" &&
    ! grep -q 'read as' "$directory/stderr"
result $? "a stack of features is reported as one of snapshots"
refused "outputs of other samples" "row i of --features" --features "$directory/features.npy" \
    --outputs "$directory/pooled_some.npy"
refused "features in batches" "reshape(-1, 6)" --wp "$directory/epoch_0.npz:Wp" \
    --features "$directory/batches.npy"
refused "outputs without inputs" "needs --features" --outputs "$directory/outputs.npy"
refused "outputs and a matrix" "leave out one of them" --outputs "$directory/outputs.npy" \
    --features "$directory/features.npy" --wp "$directory/epoch_0.npz:Wp"
refused "outputs of other samples" "400 x 6 is needed" --outputs "$directory/batches.npy" \
    --features "$directory/features.npy"

mkdir "$directory/own" && cp "$directory/F.npy" "$directory/Wp.npy" "$directory/own" &&
    "$ssldyn" align "$directory/own" -q -o "$directory/of-own" >/dev/null &&
    agrees "$directory/of-own"
result $? "a directory with F.npy and Wp.npy"

# For collapse, the moments of features with their mean and number give the same as the features.
"$python" - "$directory" <<'PYTHON'
import os, sys
import numpy as np
d = sys.argv[1]
features = np.load(f"{d}/features.npy")
for name, count in (("moments", len(features)), ("few", 5)):
    f = features[:count]
    os.mkdir(f"{d}/{name}")
    np.save(f"{d}/{name}/F.npy", (f.T @ f / count)[None])
    np.save(f"{d}/{name}/Wp.npy", np.load(f"{d}/Wp.npy")[:1])
    np.save(f"{d}/{name}/mean.npy", f.mean(0)[None])
    np.save(f"{d}/{name}/count.npy", np.array([count]))
    np.save(f"{d}/{name}/features.npy", f)
np.save(f"{d}/Wp_1.npy", np.load(f"{d}/Wp.npy")[0])
PYTHON
for name in moments few; do
    "$ssldyn" align --wp "$directory/Wp_1.npy" --features "$directory/$name/features.npy" -q \
        -o "$directory/$name-features" | grep '^collapse\|^alive\|^rank_limit\|^aligned' >"$directory/want"
    "$ssldyn" align "$directory/$name" -q -o "$directory/$name-run" |
        grep '^collapse\|^alive\|^rank_limit\|^aligned' >"$directory/got" &&
        cmp "$directory/want" "$directory/got" && [ "$(wc -l <"$directory/got")" = 4 ] &&
        grep -q 'samples per snapshot; the samples themselves are not given, so the sampling error is unknown; the mean is known' \
            "$directory/$name-run/verdict.txt"
    result $? "a directory with mean.npy and count.npy is judged like its features ($name)"
    "$ssldyn" align --wp "$directory/$name/Wp.npy" --f "$directory/$name/F.npy" --mean "$directory/$name/mean.npy" \
        --count "$([ $name = few ] && echo 5 || echo 400)" -q -o "$directory/$name-options" >"$directory/got" &&
        cmp "$directory/$name-options/verdict.txt" "$directory/$name-run/verdict.txt"
    result $? "and so are these given one by one ($name)"
done
# Measurements are not a simulation, even next to settings of an analysis: rates can be given.
for command in align monitor; do
    printf '# ssldyn spec 1\nversion = 0\ncommand = %s\n' "$command" >"$directory/moments/spec.conf"
    "$ssldyn" align "$directory/moments" --train-lr 0.1 --train-weight-decay 1e-3 --no-ema -q \
        -o "$directory/of-$command" >"$directory/got" && grep -q '^surviving = ' "$directory/got" &&
        cmp "$directory/of-$command/trace.tsv" "$directory/moments-run/trace.tsv"
    result $? "a directory whose spec.conf is of $command is measured"
done
"$python" -c "import numpy, sys; numpy.save(sys.argv[1], numpy.array([2.5]))" "$directory/moments/count.npy"
refused "half a sample" "count.npy: entry 1 is 2.5, but must be the number of samples" "$directory/moments"
refused "a count of features" "count: applies to --f only" --features "$directory/features.npy" --count 3

"$ssldyn" align --features "$directory/features.npy" -q -o "$directory/of-features" >/dev/null &&
    "$ssldyn" align --features "$directory/features.npy" --centered -q -o "$directory/of-centered" \
        >/dev/null &&
    "$ssldyn" align --w "$directory/W.npy" --x "$directory/X.npy" -q -o "$directory/of-wx" >/dev/null &&
    "$ssldyn" align --w "$directory/W.npy" -q -o "$directory/of-w" >/dev/null
result $? "features, centered and not; weights, with data and without"
for pair in features:of-features:of-centered w:of-wx:of-w; do
    for out in $(echo "${pair#*:}" | tr : ' '); do
        for j in 1 2 3 4 5 6; do column "$directory/$out" "s_$j" 1; done
    done >"$directory/got.txt"
    awk 'NR == FNR { want[NR] = $1; next }
         { if (($1 - want[FNR]) ^ 2 > 1e-20 * (1 + want[1] ^ 2)) { print "# " FNR, $1, want[FNR]; bad++ }; n++ }
         END { exit !(n == 12 && !bad) }' "$directory/want_${pair%%:*}.txt" "$directory/got.txt"
    result $? "their eigenvalues are NumPy's (${pair%%:*})"
done

refused_dir=$directory/no-wp
mkdir "$refused_dir" && cp "$directory/F.npy" "$refused_dir"
refused "a run without its predictor" "holds no Wp.npy" "$refused_dir"

refused "a file for a run" "is not a run directory" "$directory/F.npy"
refused "a pattern that the shell replaced" "quote the pattern" --wp "$directory/Wp.npy" "$directory/F.npy" --f "$directory/F.npy"
refused "a longer pattern that the shell replaced" "quote the pattern" --wp "$directory/Wp.npy" a.npy b.npy --f "$directory/F.npy"
refused "an array that is not there" "contains no array 'P'" --f "$directory/stored.npz:P"
refused "one of several arrays" "choose one" --features "$directory/stored.npz"
refused "an array without matrices" "the array has 1 dimension" --f "$directory/stored.npz:other"
refused "Wp of another size" "--wp" --wp "$directory/W.npy" --f "$directory/F.npy"
refused "F and Wp swapped" "not symmetric" --wp "$directory/F.npy" --f "$directory/Wp.npy"
head -c 500 "$directory/F.npy" >"$directory/cut.npy"
refused "a truncated file" "truncated" --f "$directory/cut.npy"
head -c 2000 "$directory/stored.npz" >"$directory/cut.npz"
refused "a truncated archive" "cut.npz" --f "$directory/cut.npz"
printf 'plain text, no table\n' >"$directory/plain"
refused "a text for matrices" "text file" --f "$directory/plain"
refused "a text for spectra" "spectra" --spectra "$directory/plain"

grep -qx "# of $directory/run" "$directory/of-run/spec.conf"
result $? "spec.conf names the run that was measured"

"$ssldyn" align --f "$directory/F.npy" -q -o "$directory/of-f" >/dev/null &&
    cp "$directory/of-f/trace.tsv" "$directory/first" &&
    "$ssldyn" align "$directory/of-f/spec.conf" -q -o "$directory/of-f-again" >/dev/null &&
    cmp -s "$directory/first" "$directory/of-f-again/trace.tsv" &&
    cmp -s "$directory/of-f/spec.conf" "$directory/of-f-again/spec.conf"
result $? "its spec.conf repeats an analysis"
! grep -qE '^(eta|alpha|beta|tau|sigma|time)' "$directory/of-f/spec.conf"
result $? "rates that were not given are not in it"
[ "$(column "$directory/of-f" cos_1 1) $(column "$directory/of-f" p_1 1)" = "nan nan" ] &&
    grep -q 'Alignment: unknown (needs the predictor' "$directory/of-f/verdict.txt"
result $? "without a predictor none is mentioned"
"$ssldyn" align --f "$directory/F.npy" --threads 3 -q -o "$directory/of-f" >/dev/null &&
    cmp -s "$directory/first" "$directory/of-f/trace.tsv"
result $? "the same bytes with three threads"
"$ssldyn" align --f "$directory/F.npy" -q -o "$directory/of-f" >/dev/full 2>"$directory/stderr"
[ $? = 1 ] || [ ! -e /dev/full ]
result $? "a full disk behind stdout"
echo "1..$number"
