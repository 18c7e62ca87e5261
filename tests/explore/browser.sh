#!/bin/sh
# The page of ssldyn explore in a real browser. Skipped, and said so, without one or without the command.
# SPDX-License-Identifier: MIT
set -u
SSLDYN=${SSLDYN:-./ssldyn}
SSLDYN=$(cd "$(dirname "$SSLDYN")" && pwd)/$(basename "$SSLDYN")
export SSLDYN
skip() {
    echo "1..0 # SKIP $1"
    exit 0
}
# Debian's own Python has Debian's selenium, also where another one comes first
for python in python3 /usr/bin/python3; do
    "$python" -c 'import selenium' 2>/dev/null && break
    python=
done
[ -n "$python" ] || skip "no Python with selenium"
case $("$SSLDYN" --version) in
*"HTTP none"*) skip "ssldyn was built without libmicrohttpd" ;;
esac
exec "$python" tests/explore/browser.py
