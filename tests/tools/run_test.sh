#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What ./run says and does before the command starts, on a machine made of stand-ins: only the programs linked or
# written into $fake/bin exist there, and those that would need a network or the root account fail loudly.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
fake=$(mktemp -d)
trap 'rm -rf "$fake"' EXIT
mkdir -p "$fake/bin" "$fake/tree/tools"
cp "$root/run" "$fake/tree/"
cp "$root"/tools/*.sh "$root/tools/onednn.txt" "$fake/tree/tools/"

for program in bash cat cmp cp dirname env flock grep mkdir nproc sed tail tee uname; do
  ln -s "$(command -v $program)" "$fake/bin/$program"
done

# stand_in NAME: a program whose body is read from stdin.
stand_in() {
  { echo '#!/usr/bin/env bash' && cat; } >"$fake/bin/$1"
  chmod +x "$fake/bin/$1"
}

for program in apt-get apt-cache pip python3 curl; do
  stand_in $program <<<"echo 'called: $program' \"\$@\" >&2; exit 99"
done
stand_in id <<<'echo 1000'
# Everything asked for is installed, but for the packages in $ABSENT.
stand_in dpkg-query <<'END'
for word; do
  [[ $word == -* || $word == *'$'* || " ${ABSENT:-} " == *" $word "* ]] || echo "$word installed"
done
END
stand_in ninja <<<"echo 'ninja: no work to do.'"

# A tree that is built already.
mkdir -p "$fake/tree/.deps/onednn" "$fake/tree/build/release" "$fake/home"
cp "$root/tools/onednn.txt" "$fake/tree/.deps/onednn/pins.txt"
echo "CMAKE_HOME_DIRECTORY:INTERNAL=$fake/tree" >"$fake/tree/build/release/CMakeCache.txt"
touch "$fake/tree/build/release/build.ninja"
cat >"$fake/tree/build/release/evenkeel" <<'END'
#!/usr/bin/env bash
echo "command:" "$@"
exit 7
END
chmod +x "$fake/tree/build/release/evenkeel"

# run_fake ABSENT WORD...: sets status, out and err.
run_fake() {
  local absent=$1
  shift
  status=0
  env -i PATH="$fake/bin" HOME="$fake/home" ABSENT="$absent" "$fake/tree/run" "$@" \
    >"$fake/out" 2>"$fake/err" || status=$?
  out=$(<"$fake/out")
  err=$(<"$fake/err")
}

# expect WHAT EXPECTED FOUND
expect() {
  if [[ $2 != "$3" ]]; then
    printf '%s\n  expected: %s\n  found:    %s\n' "$1" "$2" "$3" >&2
    exit 1
  fi
}

run_fake "" summary mnist-cnn --plan
expect "built: the command's exit code" 7 "$status"
expect "built: the command's words" "command: summary mnist-cnn --plan" "$out"
expect "built: no word of our own, no network" "" "$err"

run_fake "libhwy-dev libssl-dev" summary mnist-cnn
expect "without root: exit code" 1 "$status"
expect "without root: stdout" "" "$out"
expect "without root: names what is missing, and how to install it" \
  "evenkeel: these packages are missing, and installing them takes root or sudo: libhwy-dev libssl-dev
evenkeel: as root: apt-get install --no-install-recommends libhwy-dev libssl-dev" "$err"

run_fake "libgtest-dev" test
expect "without root: the tests need more" 1 "$status"
[[ $err == *"or sudo: libgtest-dev"* ]] || expect "without root: test" "libgtest-dev" "$err"

run_fake "dataset-fashion-mnist" train
expect "without root: the fallback data set is not needed" "7 command: train" "$status $out"

mkdir -p "$fake/tree/build/release/bench"
for program in kernels scaling; do
  printf '#!/usr/bin/env bash\necho "%s:" "$@"\n' $program >"$fake/tree/build/release/bench/bench_$program"
  chmod +x "$fake/tree/build/release/bench/bench_$program"
done
run_fake "" bench
expect "bench: alone, exit code" 0 "$status"
for word in kernels scaling --check peers saving small-steps augment; do
  [[ $out == *"  $word "* ]] || expect "bench: alone, lists" "$word" "$out"
done
run_fake "" bench kernels --short
expect "bench: kernels" "kernels: --out $fake/tree/build/release/bench/kernels.json --short" "$out"
run_fake "" bench scaling
expect "bench: scaling" "scaling: --out $fake/tree/build/release/bench/scaling.json" "$out"
run_fake "" bench --check
expect "bench: --check" "kernels: --short --check $fake/tree/bench/kernels/recorded.json" "$out"
run_fake "" bench kernel
expect "bench: unknown word" 2 "$status"

stand_in cmake <<<'echo "cmake:" "$@"'
run_fake "" install /opt/evenkeel
expect "install: into the folder" "cmake: --install $fake/tree/build/release --prefix /opt/evenkeel" "$out"
run_fake "" install
expect "install: without a folder" 2 "$status"


mv "$fake/tree/build/release/evenkeel" "$fake/evenkeel"
run_fake "libhwy-dev" --help
expect "not built: help's exit code" 0 "$status"
[[ $out == *"./run WORD"*"Words of ./run itself"* ]] || expect "not built: help" "the words" "$out"
expect "not built: help installs and builds nothing" "" "$err"

echo "ok"
