# Counts the TAP of one test whose program ended with `status` (77: the test cannot run); prints "passed
# failed skipped" and, on the lines after it, the problems.
# SPDX-License-Identifier: MIT
/^ok/ { if (tolower($0) ~ /# *skip/) skipped++; else passed++; next }
/^not ok/ { if (tolower($0) ~ /# *todo/) skipped++; else { failed++; wrong = wrong "\n  " $0 } next }
/^1\.\.[0-9]+/ {
    planned = 1
    plan = substr($1, 4) + 0
    if (plan == 0 && (status == 77 || tolower($0) ~ /# *skip/)) { skipped++; plan++ }
    next
}
/^Bail out!/ { failed++; wrong = wrong "\n  " $0 }
END {
    if (status == 77 && !failed) {
        skipped += !skipped
        planned = 1
        plan = passed + failed + skipped
        status = 0
    }
    if (!planned) fault = "no plan (1..N): it ended early"
    else if (plan != passed + failed + skipped)
        fault = "planned " plan ", ran " passed + failed + skipped
    if (status != 0 && !failed) fault = fault (fault ? "; " : "") "exit status " status
    if (fault) { failed++; wrong = wrong "\n  " fault }
    print passed + 0, failed + 0, skipped + 0 wrong
}
