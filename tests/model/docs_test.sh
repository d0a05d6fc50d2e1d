#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compiles the C++ of a page of docs/, all blocks in one file: docs_test.sh PAGE COMPILER FLAG...
set -euo pipefail

page=$1
compiler=$2
file=$(mktemp --suffix=.cpp)
trap 'rm -f "$file"' EXIT
{
  echo '#include <array>'
  echo '#include <evenkeel/evenkeel.h>'
  echo '#include <evenkeel/graph.h>'
  echo 'namespace ek = evenkeel;'
  awk '/^```cpp$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$page"
} >"$file"
"$compiler" -std=c++20 -fsyntax-only -Wall -Wextra "${@:3}" "$file"
