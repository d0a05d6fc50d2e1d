#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Puts oneDNN 3 into .deps/onednn from the wheels pinned in tools/onednn.txt. Does nothing when they are there already.
# Nothing is installed into the system or into Python: a wheel is a zip file, and ours hold a C++ library.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
pins=$root/tools/onednn.txt
target=$root/.deps/onednn

cmp -s "$pins" "$target/pins.txt" && exit 0

work=$(mkdir -p "$root/.deps" && mktemp -d "$root/.deps/unpack.XXXXXX")
trap 'rm -rf "$work"' EXIT

python3 -m pip download --quiet --no-deps --only-binary :all: --require-hashes -r "$pins" -d "$work"
for wheel in "$work"/*.whl; do
  python3 -m zipfile -e "$wheel" "$work"
done

mkdir "$work/onednn"
for data in "$work"/*.data/data; do
  cp -r --link --force "$data/." "$work/onednn/"
done

# Zip files know no symbolic links, so the library comes three times; keep one.
lib=$work/onednn/lib
real=$(cd "$lib" && echo libdnnl.so.3.*)
ln -sf "$real" "$lib/libdnnl.so.3"
ln -sf libdnnl.so.3 "$lib/libdnnl.so"

# The copy of the pins is the mark of a complete folder, so it and the rename come last.
cp "$pins" "$work/onednn/pins.txt"
rm -rf "$target"
mv "$work/onednn" "$target"
