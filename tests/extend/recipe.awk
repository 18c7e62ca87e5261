# recipe.awk: applies the recipe of CONTRIBUTING.md with the heading RECIPE to the tree ROOT.
# The blocks of a recipe are fenced by ```diff, and contain
#   +++ FILE: SAMPLE   a new FILE, a copy of SAMPLE
#   --- FILE           a file to change, by what follows:
#    text              an existing line, below the one before it; if it is the first of a file, or after
#                      a line of dots, it must be unique in the file
#   +text              a line to add below the one before it
#   -text              a line to remove
# Blanks at both ends of a line and a backslash at its end are ignored. An added line is aligned with the
# line above it as in the recipe, and ends in a backslash if that one does.
# Exit status 1, and a word on stderr, where the recipe does not fit. SPDX-License-Identifier: MIT

function fail(why) { print FILENAME ":" FNR ": " RECIPE ": " why >"/dev/stderr"; failed = 1; exit 1 }
function bare(line) { sub(/[ \t]*\\$/, "", line); gsub(/^[ \t]+|[ \t]+$/, "", line); return line }

function load(file) {
    path = ROOT "/" file; lines = 0
    while ((getline line < path) > 0) text[++lines] = line
    close(path)
    if (lines == 0) fail(file ": is not there")
    at = 0
}
function store(    i) {
    if (path == "") return
    for (i = 1; i <= lines; i++) print text[i] >path
    close(path); path = ""
}
# The line that the recipe names: the only one in the file, or, below another, the next one.
function find(wanted,    i, found) {
    for (i = at + 1; i <= lines; i++)
        if (bare(text[i]) == wanted) {
            if (at > 0) { at = i; return }
            if (found) fail("\"" wanted "\" is in " path " more than once")
            found = i
        }
    if (!found) fail("\"" wanted "\" is not in " path (at ? " below the line before it" : ""))
    at = found
}
function indent(line) { match(line, /^ */); return RLENGTH }
function add(line,    i, blanks) {
    blanks = base + indent(line) - shown
    base = blanks; shown = indent(line)
    line = sprintf("%" (blanks > 0 ? blanks : 0) "s", "") bare(line)
    if (text[at] ~ /\\$/) { line = sprintf("%-" (length(text[at]) - 1) "s\\", line) }
    for (i = lines; i > at; i--) text[i + 1] = text[i]
    text[++at] = line; lines++
}
# The name of a line, as in the recipe.
function name(line) { find(bare(line)); base = indent(text[at]); shown = indent(line) }
function take_out(line,    i) {
    name(line)
    for (i = at; i < lines; i++) text[i] = text[i + 1]
    lines--; at--
}

/^#/ { inside = ($0 ~ /^### /) && substr($0, 5) == RECIPE; if (inside) known = 1; next }
!inside { next }
/^ *```diff/ { block = 1; edits++; margin = indent($0); next }
/^ *```/ { if (block) store(); block = 0; next }
!block { next }
{ $0 = substr($0, margin + 1) }
/^\+\+\+ / { store(); split(substr($0, 5), part, ": ")
    if (part[2] == "") fail("which sample is " part[1] " a copy of?")
    if (system("cp '" part[2] "' '" ROOT "/" part[1] "'") != 0) fail(part[2] " cannot be copied")
    next }
/^--- / { store(); load(substr($0, 5)); next }
path == "" { fail("a line before the name of its file") }
/^\.\.\.$/ { at = 0; next }
/^\+/ { if (!at) fail("a line to add needs one that it follows"); add(substr($0, 2)); next }
/^-/ { take_out(substr($0, 2)); next }
bare($0) != "" { name(substr($0, 2)) }
END { if (!failed && (!known || !edits)) { print FILENAME ": no recipe \"" RECIPE "\"" >"/dev/stderr"; exit 1 } }
