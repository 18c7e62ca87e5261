#!/bin/sh
# Cost of a call of the library that computes almost nothing.
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/../.."
exec "${SSLDYN_BUILD:-build/release}/tests/bench/calls"
