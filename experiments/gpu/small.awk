# The table of experiments/gpu/small from its runs.tsv: awk -f small.awk [-v markdown=1] runs.tsv. A run is
# collapsed if at most an eighth of the directions that its images can show are alive, or ssldyn align says "full".
# Intervals of shares are Wilson's, of 95 %. An error is the mean over the seeds of |forecast - trained|; of sizes, of
# |log(forecast/trained)|, as a factor.
# SPDX-License-Identifier: MIT

# add(NAME): column NAME of the current row to the sums of its line of the table; nan is not counted
function add(name, x) {
    if (x == "nan" || x == "") return
    x += 0
    if (!((line, name) in n) || x < least[line, name]) least[line, name] = x
    if (!((line, name) in n) || x > most[line, name]) most[line, name] = x
    n[line, name]++
    sum[line, name] += x
    squares[line, name] += x * x
}

function mean(l, name) { return n[l, name] > 0 ? sum[l, name] / n[l, name] : "nan" }

function deviation(l, name,    rest) {
    if (n[l, name] < 2) return "nan"
    rest = squares[l, name] - sum[l, name] ^ 2 / n[l, name]
    return sqrt((rest > 0 ? rest : 0) / (n[l, name] - 1))
}

# wilson(k, n, sign): an end of the interval of a share of k in n
function wilson(k, n,  sign,    z, p, x) {
    z = 1.959964
    p = k / n
    x = (p + z * z / (2 * n) + sign * z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))) / (1 + z * z / n)
    return x < 1e-12 ? 0 : x > 1 ? 1 : x
}

function number(x, format) { return x == "nan" ? (markdown ? "-" : "nan") : sprintf(format, x) }

# apart(a, b): |a - b|, or as logarithms; nan where one of them is not known
function apart(a, b) { return a == "nan" || b == "nan" ? "nan" : a > b ? a - b : b - a }
function factor(a, b) {
    return a == "nan" || b == "nan" || a <= 0 || b <= 0 ? "nan" : apart(log(a), log(b))
}

function exponential(x) { return x == "nan" ? "nan" : exp(x) }

BEGIN { FS = OFS = "\t" }
/^#/ { next }
!named { for (i = 1; i <= NF; i++) c[$i] = i; named = 1; next }
{
    line = $c["line"]
    if (line > last) last = line
    row[line] = $c["row"]
    if ($c["alive"] !~ /^[0-9]+$/ || $c["limit"] !~ /^[1-9][0-9]*$/) {
        print "small.awk: " $c["row"] ", seed " $c["seed"] ": how many directions are alive is not known" >"/dev/stderr"
        failed = 1
        exit
    }
    seeds[line]++
    collapsed[line] += $c["collapse"] == "full" || 8 * $c["alive"] <= $c["limit"]
    for (name in c) if (name != "row" && name != "collapse") add(name, $c[name])
    add("rank_error_before", apart($c["rank"], $c["rank_before"]))
    add("rank_error_flow", apart($c["rank"], $c["rank_flow"]))
    add("rank_error_sgd", apart($c["rank"], $c["rank_sgd"]))
    add("size_error_before", factor($c["size"], $c["size_before"]))
    add("size_error_flow", factor($c["size"], $c["size_flow"]))
    add("size_error_sgd", factor($c["size"], $c["size_sgd"]))
}

function tsv(    l) {
    print "# ssldyn table 1"
    print "# means over the seeds; collapsed: seeds, with Wilson's interval of 95 % of their share; errors of forecasts"
    print "# from an early snapshot: _before of the forecast that nothing changes, _flow of the flow, _sgd of SGD's rest"
    print "line\trow\tseeds\taccuracy\taccuracy_std\talive\talive_least\talive_most\tcollapsed\tcollapsed_low\tcollapsed_high" \
        "\tcosine\tcosine_std\tasymmetry\trank\trank_error_before\trank_error_flow\trank_error_sgd" \
        "\tmoved_before\tmoved_flow\tmoved_sgd\tsize_factor_before\tsize_factor_flow\tsize_factor_sgd\tmemory\tmemory_sgd"
    for (l = 0; l <= last; l++)
        print l, row[l], seeds[l], number(mean(l, "accuracy"), "%.2f"), number(deviation(l, "accuracy"), "%.2f"),
            number(mean(l, "alive"), "%.1f"), least[l, "alive"], most[l, "alive"], collapsed[l],
            number(wilson(collapsed[l], seeds[l], -1), "%.3f"), number(wilson(collapsed[l], seeds[l], 1), "%.3f"),
            number(mean(l, "cosine"), "%.3f"), number(deviation(l, "cosine"), "%.3f"), number(mean(l, "asymmetry"), "%.3f"),
            number(mean(l, "rank"), "%.1f"), number(mean(l, "rank_error_before"), "%.1f"),
            number(mean(l, "rank_error_flow"), "%.1f"), number(mean(l, "rank_error_sgd"), "%.1f"),
            number(mean(l, "moved"), "%.3f"), number(mean(l, "moved_flow"), "%.3f"), number(mean(l, "moved_sgd"), "%.3f"),
            number(exponential(mean(l, "size_error_before")), "%.2f"), number(exponential(mean(l, "size_error_flow")), "%.2f"),
            number(exponential(mean(l, "size_error_sgd")), "%.2f"),
            number(mean(l, "memory"), "%.0f"), number(mean(l, "memory_sgd"), "%.0f")
}

function with(value, std) { return std == "-" ? value : value " ± " std }

function md(    l) {
    print "| row | probe, % | modes alive | seeds collapsed (95 % interval) | mean \\|cos\\| | asymmetry |"
    print "|---|---|---|---|---|---|"
    for (l = 0; l <= last; l++)
        printf "| %s | %s | %s (%d to %d) | %d of %d (%.0f to %.0f %%) | %s | %s |\n", row[l],
            with(number(mean(l, "accuracy"), "%.1f"), number(deviation(l, "accuracy"), "%.1f")),
            number(mean(l, "alive"), "%.1f"), least[l, "alive"], most[l, "alive"], collapsed[l], seeds[l],
            100 * wilson(collapsed[l], seeds[l], -1), 100 * wilson(collapsed[l], seeds[l], 1),
            with(number(mean(l, "cosine"), "%.2f"), number(deviation(l, "cosine"), "%.2f")), number(mean(l, "asymmetry"), "%.2f")
    print ""
    print "| row | rank trained | its error: unchanged / flow / SGD | spectrum: unchanged / flow / SGD" \
        " | size, factor: unchanged / flow / SGD | steps of memory: trained / theory |"
    print "|---|---|---|---|---|---|"
    for (l = 1; l <= last; l++)
        printf "| %s | %s | %s / %s / %s | %s / %s / %s | %s / %s / %s | %s / %s |\n", row[l], number(mean(l, "rank"), "%.1f"),
            number(mean(l, "rank_error_before"), "%.1f"), number(mean(l, "rank_error_flow"), "%.1f"),
            number(mean(l, "rank_error_sgd"), "%.1f"),
            number(mean(l, "moved"), "%.2f"), number(mean(l, "moved_flow"), "%.2f"), number(mean(l, "moved_sgd"), "%.2f"),
            number(exponential(mean(l, "size_error_before")), "%.1f"), number(exponential(mean(l, "size_error_flow")), "%.1f"),
            number(exponential(mean(l, "size_error_sgd")), "%.1f"),
            number(mean(l, "memory"), "%.0f"), number(mean(l, "memory_sgd"), "%.0f")
}

END {
    if (failed) exit 1
    if (markdown) md()
    else tsv()
}
