# phrases.awk FILE...: phrases that a native engineer would not write, as "FILE:LINE: PHRASE (better)".
# A phrase may span two lines of a comment, of a string or of a text. Proper uses of the same words are
# listed by allow(); patterns see lower-case text.
# SPDX-License-Identifier: MIT

function allow(pattern) {
    allowed[++allowed_count] = pattern
}

function refuse(pattern, better) {
    refused[++refused_count] = "(^|[^a-z0-9_])(" pattern ")([^a-z0-9_]|$)"
    instead[refused_count] = better
}

BEGIN {
    allow("(there|here) (is|are|was|were) (no|none)")
    allow("(is|are|was|were) no (longer|more|less|larger|smaller|greater|higher|lower|better|worse|later|earlier|faster|slower|farther|further|fewer|other|one) ")
    allow("so (many|much) (that|as|more|faster|larger|smaller)")
    allow("stands? (for|alone|out)")
    allow("would make room for mode|make room for \"")

    refuse("(is|are|was|were) no [a-z]+", "is not a ...")
    refuse("(is|are|were) none", "there is none, it is not one")
    refuse("go(es)? on|went on", "continue, resume")
    refuse("so (many|much)", "N, as many as")
    refuse("stands?|stood", "is")
    refuse("(is|are|was|were|be|been) said", "is given, is reported")
    refuse("tells|told", "reports, determines, is given")
    refuse("(whatever|whoever|wherever)", "any, every")
    refuse("besides?", "next to, with, in addition to")
    refuse("of (its|their|our|one's) own", "separate, own")
    refuse("gives? others", "changes the results")
    refuse("rooms?", "module, workspace, space")
    refuse("ways? back", "on return, in reverse")
    refuse("(one|two|three|an?|a [a-z]+|an [a-z]+) an? (mode|row|column|line|point|epoch|step|file|side|run|layer|matrix|pixel|image|thread|rank|cell|panel|entry|command|byte|lane|dimension|channel|second|setting|seed|snapshot|picture|instruction|struct)", "one per ...")
    refuse("(once|twice) an? (epoch|step|row|run|mode)", "once per ...")
    refuse("(is|are) good for", "the effect of")
    refuse("foresaw|foresees?", "forecast, predicted")
    refuse("wins? (over|it back)", "overrides, recovers")
    refuse("set predictors?", "closed-form predictor")
    refuse("worth the name", "real")
    refuse("at last", "finally")
    refuse("(drawn|kept|written|integrated|set|done|held|read) apart", "separately")
    refuse("but for", "except for")
    refuse("lends?|lent|lending", "borrowed from, returns")
    refuse("no memory (for|to)( [a-z]+)?", "out of memory")
    refuse("at hand", "current")
    refuse("(is|are) spent", "reached, used up")
    refuse("says? (the [a-z]+ )?twice", "both set it; give only one")
    refuse("(is|are) taken for", "is taken to be, is used as")
    refuse("has not the", "lacks the")
    refuse("differs? in law", "have different distributions")
    refuse("heads? promises?", "header declares")
    refuse("colou?rsed|coloured", "colored")
    refuse("(colour|behaviour|neighbour|favour)[a-z]*", "American spelling")
    refuse("(normal|standard|initial|optim|summar|recogn|factor|linear|vector|symmetr|diagonal|general|special|minim|maxim|organ|parameter|real|util|serial)is(e|es|ed|er|ers|ing|ation|ations)", "American spelling")
    refuse("(centre|centred|centres|grey|licence|analyse|analysed|whilst|metre|fibre|catalogue)", "American spelling")
}

function scan(text, least, most,    i, found, at) {
    if (FILENAME ~ /\.(py|ipynb)$/) # code
        gsub(/ is None/, " ==None", text)
    text = tolower(text)
    for (i = 1; i <= allowed_count; i++)
        while (match(text, allowed[i])) # same length, so that positions stay
            text = substr(text, 1, RSTART - 1) substr(blanks, 1, RLENGTH) substr(text, RSTART + RLENGTH)
    for (i = 1; i <= refused_count; i++) {
        if (!match(text, refused[i]) || RSTART > least || RSTART + RLENGTH <= most)
            continue
        found = substr(text, RSTART, RLENGTH)
        gsub(/^[^a-z]+|[^a-z]+$/, "", found)
        print FILENAME ":" FNR ": \"" found "\"; better: " instead[i]
    }
}

BEGIN { blanks = sprintf("%200s", "") }

FNR == 1 { before = "" }
{
    scan($0, length($0), 0)
    text = $0
    sub(/^[ \t]*(\/?\*+|\/\/|#+|%|>)?[ \t]*"?/, "", text)
    if (before != "" && text != "")
        scan(before " " substr(text, 1, 40), length(before), length(before) + 2)
    before = text
    sub(/[ \t]*"?[ \t]*$/, "", before)
    before = substr(before, length(before) > 40 ? length(before) - 39 : 1)
}
