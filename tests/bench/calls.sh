#!/bin/sh
# What a call of the library costs that computes next to nothing.
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/../.."
exec "${SSLDYN_BUILD:-build/release}/tests/bench/calls"
