#!/bin/sh
# ssldyn explore over HTTP, without a browser: what it answers is what the command line gives, to the
# bit; strangers and malformed requests are refused; signals end it. Needs Python.
# SPDX-License-Identifier: MIT
set -u
SSLDYN=${SSLDYN:-./ssldyn}
SSLDYN=$(cd "$(dirname "$SSLDYN")" && pwd)/$(basename "$SSLDYN")
export SSLDYN
case $("$SSLDYN" --version) in
*"HTTP none"*)
    echo "1..0 # SKIP ssldyn was built without libmicrohttpd"
    exit 0
    ;;
esac
command -v python3 >/dev/null || {
    echo "1..0 # SKIP no Python"
    exit 0
}
exec python3 "$(dirname "$0")/explore.py"
