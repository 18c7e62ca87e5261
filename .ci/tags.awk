# tags.awk FILE...: the theory that the files cite, as "KEY<tab>FILE", e.g. "Eq 12", "Thm 3",
# "M5", "C4", "section 6". Line breaks inside a citation and ranges ("Eqs. 11-13") are handled.
# SPDX-License-Identifier: MIT
FNR == 1 && NR > 1 { cite() }
FNR == 1 { text = ""; file = FILENAME }
{
    sub(/^[ \t]*(\*|\/\/|#|%)+ ?/, "")
    text = text " " $0
}
END { cite() }

function cite(    rest, word, key, list) {
    gsub(/–/, "-", text)
    rest = text
    while (match(rest, /(Eqs?\.|Thms?|Theorems?|Lemma|Assumptions?|Figs?\.|Tbls?\.|Obs\.|SM|THEORY section) #?(D\.)?[0-9]+((, | and |, and |-)[0-9]+)*/)) {
        word = substr(rest, RSTART, RLENGTH)
        rest = substr(rest, RSTART + RLENGTH)
        key = word
        sub(/ #?(D\.)?[0-9].*/, "", key)
        list = substr(word, length(key) + 2)
        sub(/s?\.$/, "", key)
        sub(/^Theorem/, "Thm", key)
        sub(/^THEORY /, "", key)
        if (key ~ /^(Thm|Assumption)s$/)
            sub(/s$/, "", key)
        expand(key, list)
    }
    rest = text
    while (match(rest, /(^|[^A-Za-z0-9_.+-])(M[0-9]|[CST][1-9])([^A-Za-z0-9_(\[]|$)/)) {
        word = substr(rest, RSTART, RLENGTH)
        rest = substr(rest, RSTART + RLENGTH - 1)
        gsub(/[^A-Z0-9]/, "", word)
        print word "\t" file
    }
}

function expand(key, list,    n, i, part, ends, k) {
    gsub(/,? and |, /, ",", list)
    sub(/^#/, "", list)
    n = split(list, part, ",")
    for (i = 1; i <= n; i++) {
        if (part[i] !~ /^[0-9]+-[0-9]+$/) {
            print key " " part[i] "\t" file
            continue
        }
        split(part[i], ends, "-")
        for (k = ends[1]; k <= ends[2]; k++)
            print key " " k "\t" file
    }
}
