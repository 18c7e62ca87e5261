# Phrases that nobody would write who grew up with English, or with the field. Reads files (code,
# documents, scripts, help texts); prints FILE:LINE: PHRASE (better: ...). A phrase may be broken over two
# lines of a comment. What a pattern of allowed[] matches is skipped first.
# SPDX-License-Identifier: MIT

function refuse(pattern, better)
{
    count++
    refused[count] = "(^|[^a-z0-9_])(" pattern ")($|[^a-z0-9_])"
    instead[count] = better
}

function allow(pattern)
{
    allowed[++uses] = pattern
}

BEGIN {
    allow("(there|here|where|which) (is|are|was|were) no ")
    allow("(is|are) no (longer|more|less|larger|smaller|greater|better|worse|later|earlier|faster|slower|farther|further|fewer|other) ")
    allow("so many (that|as) ")
    allow("stands? (for|alone) ")
    allow("(on|of) its own[.,;:)]")

    refuse("(is|are|was|were) no [a-z]+", "is not a ...")
    refuse("go(es)? on", "continues, resumes")
    refuse("so (many|much|far)", "N ..., up to here")
    refuse("stands?|stood", "is")
    refuse("(is|are|was|were|be) (told|said|named for)", "is given, is reported")
    refuse("tells?|told", "reports, distinguishes, determines")
    refuse("whatever|whoever|wherever", "any, every")
    refuse("besides?|aside", "next to, with, in addition to")
    refuse("of (its|their|our|one'?s) own", "separate, own")
    refuse("gives? others", "changes the results")
    refuse("rooms?", "module, workspace, capacity")
    refuse("ways? back|by way of", "on return, in reverse")
    refuse("(one|two|a [a-z]+|an [a-z]+) (a|an) (mode|row|column|line|point|epoch|step|file|side|run|layer|matrix|pixel|image|thread|rank|cell|panel|entry|command)", "one per ...")
    refuse("set predictors?", "closed-form predictor")
    refuse("worth (the|its) name", "")
    refuse("at last", "finally, last")
    refuse("drawn apart|apart from", "except, separately")
    refuse("save for|but for", "except")
    refuse("so that it is", "")
    refuse("lends?|lent", "borrowed from")
    refuse("hence(forth)?|thereof|therein|whereof|wherein", "")
    refuse("colour|behaviour|normalis[a-z]+|standardis[a-z]+|initialis[a-z]+|optimis[a-z]+|summaris[a-z]+|neighbour[a-z]*|centre[sd]?|grey|licence|analys(e|ed|es)|recognis[a-z]+|factoris[a-z]+|whilst|towards", "American spelling")
}

function report(at, text,    i, found)
{
    text = tolower(text)
    for (i = 1; i <= uses; i++)
        gsub(allowed[i], " ", text)
    for (i = 1; i <= count; i++)
        if (match(text, refused[i])) {
            found = substr(text, RSTART, RLENGTH)
            gsub(/^[^a-z]+|[^a-z]+$/, "", found)
            print FILENAME ":" at ": \"" found "\"" (instead[i] != "" ? " (better: " instead[i] ")" : "")
        }
}

{ print_line(FILENAME, FNR, $0) }

function print_line(file, number, line)
{
    report(number, line)
}
