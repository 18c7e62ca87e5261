# A forecast against what was trained: awk -f forecast.awk -v epoch=E TRACE FLOW SGD prints, tab-separated, the fields
# that "awk -f forecast.awk -v names=1" names. TRACE is byol's, FLOW and SGD are written by forecast.inc from its row
# of epoch E, and may be empty. nan: not known.
#   rank    modes of F above 1e-4 of the largest at the end: trained; at epoch E; by the flow; by SGD's rest
#   moved   distance of the spectra at the end, each divided by its sum: half the sum of |difference| over the modes in
#           descending order, 0 to 1, between trained and at epoch E; trained and flow; trained and SGD's rest
#   size    sum of the eigenvalues of F: trained; at epoch E; by the flow; by SGD's rest
#   memory  steps in which that sum falls by the factor e, over the two rows after epoch E: trained; by SGD's theory
# SPDX-License-Identifier: MIT

function value(name) { return (name in c) ? $c[name] : "nan" }

# take(to): the spectrum of the current row, in descending order, into to[1], ...; to[0] is its sum
function take(to,    j, k, x) {
    delete to
    to[0] = 0
    for (j = 1; ("s_" j) in c; j++) {
        x = $c["s_" j] + 0
        to[0] += x
        for (k = j; k > 1 && to[k - 1] < x; k--) to[k] = to[k - 1]
        to[k] = x
    }
    modes = j - 1
}

function rank(of,    j, n) {
    for (j = 1; j <= modes; j++) n += of[j] > 1e-4 * of[1]
    return n
}

function distance(a, b,    j, sum, x) {
    for (j = 1; j <= modes; j++) {
        x = a[j] / a[0] - b[j] / b[0]
        sum += x < 0 ? -x : x
    }
    return sum / 2
}

BEGIN {
    FS = OFS = "\t"
    if (names) {
        print "rank\trank_before\trank_flow\trank_sgd\tmoved\tmoved_flow\tmoved_sgd\tsize\tsize_before\tsize_flow\tsize_sgd\tmemory\tmemory_sgd"
        leaving = 1
        exit
    }
}
FNR == 1 { file = FILENAME == ARGV[1] ? "trace" : FILENAME == ARGV[2] ? "flow" : "sgd"; named = 0 }
/^#/ { next }
file == "sgd" {
    split($0, pair, " = ")
    if (pair[1] ~ /^sgd_w2_[0-9]+$/) w2[substr(pair[1], 8) + 0] = pair[2] + 0
    sgd[pair[1]] = pair[2]
    next
}
!named { delete c; for (i = 1; i <= NF; i++) c[$i] = i; named = 1; next }
file == "trace" {
    take(trained)
    if ($c["epoch"] == epoch) { take(before); from = $c["step"] }
    if ($c["epoch"] == epoch + 2) { later = trained[0]; to = $c["step"] }
}
file == "flow" { take(flow); flowed = 1 }
END {
    if (leaving) exit
    if ("sgd_rank_next" in sgd) {
        rest[0] = 0
        for (j = 1; j <= modes; j++) {
            x = j in w2 ? w2[j] : 0
            rest[0] += x
            for (k = j; k > 1 && rest[k - 1] < x; k--) rest[k] = rest[k - 1]
            rest[k] = x
        }
    }
    known = "sgd_rank_next" in sgd && rest[0] > 0
    memory = later > 0 && later < before[0] ? (to - from) / log(before[0] / later) : "nan"
    print rank(trained), rank(before), flowed ? rank(flow) : "nan", known ? sgd["sgd_rank_next"] : "nan",
        distance(trained, before), flowed ? distance(trained, flow) : "nan", known ? distance(trained, rest) : "nan",
        trained[0], before[0], flowed ? flow[0] : "nan", known ? rest[0] : "nan",
        memory, known ? sgd["memory_steps"] : "nan"
}
