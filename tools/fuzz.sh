#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the fuzzers of tests/fuzz (clang) and runs each for SECONDS (60): `tools/fuzz.sh [SECONDS [NAME...]]`.
# What it found is kept under build/fuzz/work/<name>; an input that breaks a reader is build/fuzz/<name>-crash-….
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

seconds=${1:-60}
names=("${@:2}")
cmake --preset fuzz -DBUILD_TESTING=ON >/dev/null
if ((${#names[@]} == 0)); then
  for source in tests/fuzz/*_fuzz.cpp; do
    source=${source##*/}
    names+=("${source%_fuzz.cpp}")
  done
fi
cmake --build build/fuzz --target "${names[@]/#/fuzz_}" -- --quiet

for name in "${names[@]}"; do
  echo "== fuzz $name: $seconds s"
  work=build/fuzz/work/$name
  mkdir -p "$work"
  # An allocation of 64 MB for an input of some kilobytes is a finding too.
  "build/fuzz/tests/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=10 -malloc_limit_mb=64 -rss_limit_mb=1024 \
    -print_final_stats=1 -verbosity=1 -artifact_prefix="build/fuzz/$name-" "$work" "tests/fuzz/corpus/$name" 2>&1 |
    grep -vE '^(#[0-9]+|INFO|Loaded|NEW_FUNC)|REDUCE|NEW  ' | tail -n 60
done
