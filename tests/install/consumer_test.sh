#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs BUILD into a folder, moves the folder, and builds and runs examples/embedding there as a stranger would:
# once with find_package, once with pkg-config. Usage: consumer_test.sh SOURCE BUILD COMPILER
set -euo pipefail

source=$1
build=$2
compiler=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "consumer_test: $*" >&2
  exit 1
}

cmake --install "$build" --prefix "$work/first" >/dev/null
mv "$work/first" "$work/moved"
prefix=$work/moved
libdir=$(dirname "$(find "$prefix" -name libevenkeel_core.so)")

echo "== what the core needs"
readelf -d "$libdir/libevenkeel_core.so" | grep NEEDED
if readelf -d "$libdir/libevenkeel_core.so" | grep -qE 'libcurl|libcrypto|libssl|libjpeg|libpng'; then
  fail "the core needs what it should be without"
fi
if grep -rlF "$work/first" "$prefix" --include='*.cmake' --include='*.pc'; then
  fail "these files name the prefix that was"
fi
if grep -rlF "$source" "$prefix" --include='*.cmake' --include='*.pc'; then
  fail "these files name the source folder"
fi

echo "== the command"
"$prefix/bin/evenkeel" version >/dev/null || fail "the installed command does not run"

echo "== find_package"
cp -r "$source/examples/embedding" "$work/embedding"
cmake -S "$work/embedding" -B "$work/embedding/build" -DCMAKE_CXX_COMPILER="$compiler" \
  -DCMAKE_PREFIX_PATH="$prefix" >/dev/null
cmake --build "$work/embedding/build" >/dev/null
"$work/embedding/build/teach" "$work/stripes.safetensors"
"$work/embedding/build/inspect" "$work/stripes.safetensors"
if "$work/embedding/build/inspect" "$work/nothing.safetensors" 2>"$work/error"; then
  fail "a checkpoint that is not there was taken"
fi
grep -q "nothing.safetensors" "$work/error" || fail "the error does not name the file"

echo "== find_package, all of it"
mkdir "$work/whole"
cat >"$work/whole/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.25)
project(whole LANGUAGES CXX)
find_package(evenkeel CONFIG REQUIRED)
add_executable(whole whole.cpp)
target_link_libraries(whole PRIVATE evenkeel::evenkeel)
END
cat >"$work/whole/whole.cpp" <<'END'
#include <evenkeel/evenkeel.h>

#include <iostream>

int main() {
  for (const auto& set : evenkeel::datasets::names()) std::cout << set << "\n";
  std::cout << evenkeel::mnist_cnn().layers().size() << " layers\n";
}
END
cmake -S "$work/whole" -B "$work/whole/build" -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$prefix" >/dev/null
cmake --build "$work/whole/build" >/dev/null
"$work/whole/build/whole" | grep -q fashion-mnist || fail "the data sets are not there"

# Compiles a program with what pkg-config says of a package.
compile_with() {
  local said flags
  said=$(pkg-config --cflags --libs --print-errors "$1") || fail "pkg-config does not know $1"
  read -ra flags <<<"$said"
  "$compiler" -std=c++20 "$2" -o "$3" "${flags[@]}" -pthread
}

command -v pkg-config >/dev/null || fail "expected pkg-config, found none; tools/install-deps.sh test installs it"
export PKG_CONFIG_PATH=$libdir/pkgconfig

echo "== pkg-config"
compile_with "evenkeel-core >= 0.1" "$work/embedding/inspect.cpp" "$work/inspect"
LD_LIBRARY_PATH=$libdir "$work/inspect" "$work/stripes.safetensors"

echo "== pkg-config, all of it"
compile_with "evenkeel >= 0.1" "$work/whole/whole.cpp" "$work/whole/by-pkg-config"
LD_LIBRARY_PATH=$libdir "$work/whole/by-pkg-config" | grep -q fashion-mnist || fail "the data sets are not there"
echo "passed"
