#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The checks of `./run lint`: format, sizes and scripts for the whole tree; clang-tidy for the .cpp files that changed
# since the merge base with origin/main, or by the last commit where we stand on it.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$root"
tidy_at_most=24  # what two cores read in about a minute; with more, every commit draws its own
failed=()

say() { echo "lint: $*"; }
sources() { git ls-files -- '*.h' '*.cpp'; }

check_format() {
  local ours=14 found
  found=$(clang-format --version | sed -E 's/.*version ([0-9]+).*/\1/')
  if ((found != ours)); then
    say "format: skipped, clang-format $found lays out otherwise than $ours, which is ours"
    return
  fi
  # A file deleted but not yet committed is still listed.
  if sources | while read -r f; do [[ ! -f $f ]] || echo "$f"; done |
    xargs -r clang-format --dry-run -Werror; then
    say "format: clean"
  else
    failed+=("format (clang-format -i FILE mends it)")
  fi
}

check_sizes() {
  local file lines over=0
  while read -r file; do
    [[ -f $file ]] || continue
    lines=$(wc -l <"$file")
    if ((lines > 800)); then
      say "sizes: $file has $lines lines; 800 is the limit"
      over=1
    elif ((lines > 400)); then
      say "sizes: $file has $lines lines; is it still one thing?"
    fi
  done < <(git ls-files -- '*.h' '*.cpp' '*.py' '*.sh' '*.cmake' '*CMakeLists.txt' run .ci)
  if ((over)); then failed+=(sizes); else say "sizes: no file over 800 lines"; fi
}

check_licences() {
  local file missing=0
  while read -r file; do
    if [[ -f $file ]] && ! head -n 3 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0'; then
      say "licences: $file names none in its first lines"
      missing=1
    fi
  done < <(git ls-files -- '*.h' '*.cpp' '*.py' '*.sh' '*.cmake' '*CMakeLists.txt' run .ci)
  if ((missing)); then failed+=(licences); else say "licences: named in every file"; fi
}

check_scripts() {
  if git ls-files -- '*.sh' run .ci | xargs -r shellcheck -x; then
    say "scripts: clean"
  else
    failed+=(scripts)
  fi
}

# The commit the change starts from; the empty tree for a first commit.
base() {
  local merge_base
  merge_base=$(git merge-base HEAD origin/main 2>/dev/null || true)
  if [[ -n $merge_base && $merge_base != "$(git rev-parse HEAD)" ]]; then
    echo "$merge_base"
  else
    git rev-parse --verify --quiet HEAD~1 || git hash-object -t tree /dev/null
  fi
}

# The changed .cpp files that this configuration compiles.
changed_sources() {
  local file
  git diff --name-only --diff-filter=d "$(base)" -- '*.cpp' | while read -r file; do
    if grep -qF "\"file\": \"$root/$file\"" build/files/compile_commands.json; then echo "$file"; fi
  done
}

# How each file is compiled by itself, without precompiled headers.
own_commands() {
  local onednn
  onednn=$(sed -n 's/^EVENKEEL_ONEDNN:BOOL=//p' build/release/CMakeCache.txt)
  if ! cmake --preset files -DBUILD_TESTING=ON "-DEVENKEEL_ONEDNN=${onednn:-ON}" >build/files.log 2>&1; then
    tail -n 30 build/files.log >&2
    return 1
  fi
}

check_tidy() {
  local files chosen
  if ! own_commands; then
    failed+=("clang-tidy (configuring)")
    return
  fi
  mapfile -t files < <(changed_sources)
  if ((${#files[@]} == 0)); then
    say "clang-tidy: nothing changed"
    return
  fi
  mapfile -t chosen < <(printf '%s\n' "${files[@]}" |
    shuf -n "$tidy_at_most" --random-source=<(yes "$(git rev-parse HEAD)"))
  say "clang-tidy: ${#chosen[@]} changed files, $((${#files[@]} - ${#chosen[@]})) left out"
  # Its count of what it suppressed in system headers is noise.
  if printf '%s\0' "${chosen[@]}" |
    xargs -0 -n 1 -P "$(nproc)" clang-tidy -p build/files --quiet 2> >(grep -v 'warnings\? generated' >&2); then
    say "clang-tidy: clean"
  else
    failed+=(clang-tidy)
  fi
}

check_docs() {
  if ! command -v doxygen >/dev/null; then
    say "docs: skipped, doxygen is not installed"
  elif doxygen docs/Doxyfile >build/docs.log 2>&1; then
    say "docs: no warnings"
  else
    sort -u build/docs.log | head -n 20
    failed+=(docs)
  fi
}

check_format
check_sizes
check_docs
check_licences
check_scripts
check_tidy
if ((${#failed[@]})); then
  say "failed: ${failed[*]}"
  exit 1
fi
