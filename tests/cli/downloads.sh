#!/bin/sh
# A downloaded data set is used only if its checksum is correct.
# shellcheck disable=SC1091
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/tap.inc
. "$(dirname "$0")/../tap.inc"
trainer=$(cd "$(dirname "$0")/../../experiments/gpu" && pwd)
if ! command -v curl >/dev/null || ! command -v sha256sum >/dev/null; then
    echo "1..0 # SKIP no curl or sha256sum"
    exit 0
fi
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/cifar-10-batches-bin" && echo x >"$scratch/cifar-10-batches-bin/data_batch_1.bin"
(cd "$scratch" && tar -czf archive cifar-10-batches-bin) || exit 1
sum=$(sha256sum "$scratch/archive")

# fetch FURTHER...: the result of the trainer's makefile for the archive
fetch() {
    env -u MAKEFLAGS -u MFLAGS make -s -C "$trainer" B="$scratch/built" "CIFAR_URL=file://$scratch/archive" "$@" \
        "$scratch/built/cifar-10-batches-bin" >"$scratch/out" 2>&1
}

fetch
check "another file: refused" test $? -ne 0
check "another file: the message says so" grep -q 'wrong checksum' "$scratch/out"
check "another file: nothing is kept" test -z "$(find "$scratch/built" -name 'cifar-10*')"
fetch CIFAR_SHA256="${sum%% *}"
check "the right file: unpacked" test -s "$scratch/built/cifar-10-batches-bin/data_batch_1.bin"
finish
