#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing on Debian: `tools/install-deps.sh GROUP...`, groups build, data, test, lint, docs and full.
# With everything there it costs a few milliseconds and touches no network.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
log=$root/build/install.log

say() { echo "evenkeel: $*" >&2; }

# The packages of one group.
packages_of() {
  case $1 in
    build)
      echo g++ cmake ninja-build libhwy-dev libcli11-dev libfmt-dev nlohmann-json3-dev \
        libtomlplusplus-dev libcurl4-openssl-dev libssl-dev zlib1g-dev libpng-dev libjpeg-dev ca-certificates
      ;;
    test) echo libgtest-dev libgmock-dev librapidcheck-dev pkg-config ;;
    lint) echo git clang-format clang-tidy doxygen libomp-dev shellcheck ;;
    docs) echo doxygen ;;
    full) echo clang libomp-dev qemu-user g++-aarch64-linux-gnu ;;
    data) mnist_is_here || echo dataset-fashion-mnist ;;
    *) say "unknown group of packages: $1" && exit 2 ;;
  esac
}

# Whether MNIST lies where the command looks before it downloads.
mnist_is_here() {
  local folder
  for folder in "${EVENKEEL_DATA:-}" "${XDG_CACHE_HOME:-${HOME:-}/.cache}/evenkeel"; do
    if compgen -G "$folder/mnist/train-images-idx3-ubyte*" >/dev/null; then return 0; fi
  done
  return 1
}

# Those of the given packages that are not installed. A program found on PATH will do as well as its package.
missing_of() {
  local installed package
  # shellcheck disable=SC2016  # the ${} are dpkg-query's
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
  for package; do
    if [[ $'\n'$installed$'\n' != *$'\n'"$package installed"$'\n'* ]] &&
      ! command -v "${package/ninja-build/ninja}" >/dev/null; then
      echo "$package"
    fi
  done
}

logged() {
  mkdir -p "${log%/*}"
  if ! "$@" >>"$log" 2>&1; then
    tail -n 20 "$log" >&2
    say "failed: $*"
    exit 1
  fi
}

# Root, or a sudo that will not ask in vain.
may_be_root() {
  [[ $(id -u) == 0 ]] ||
    { command -v sudo >/dev/null && { [[ -t 2 ]] || sudo -n true 2>/dev/null; }; }
}

as_root() {
  if [[ $(id -u) == 0 ]]; then "$@"; else sudo "$@"; fi
}

apt_install() {
  if ! may_be_root; then
    # The data set is a fallback; the command itself says so when it has no data.
    if [[ $* == dataset-fashion-mnist ]]; then return; fi
    say "these packages are missing, and installing them takes root or sudo: $*"
    say "as root: apt-get install --no-install-recommends $*"
    exit 1
  fi
  say "installing $*"
  logged as_root apt-get update
  logged as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    -o DPkg::Lock::Timeout=300 "$@"
}

version_3() { [[ $1 =~ ^([0-9]+:)?3\. ]]; }

# oneDNN 3: the distribution's where it has one, the pinned wheels where it has not.
onednn_is_here() {
  cmp -s "$root/tools/onednn.txt" "$root/.deps/onednn/pins.txt" ||
    version_3 "$(dpkg-query -W -f '${Version}' libdnnl-dev 2>/dev/null)"
}

distribution_has_onednn() {
  version_3 "$(LC_ALL=C apt-cache policy libdnnl-dev 2>/dev/null | sed -n 's/^ *Candidate: //p')"
}

main() {
  # Elsewhere CMake names what it does not find.
  if ! command -v dpkg-query >/dev/null; then return; fi

  local group names wanted=() missing=() fetch_onednn=false
  for group; do
    names=$(packages_of "$group")
    read -r -a names <<<"$names"
    wanted+=("${names[@]}")
  done
  if ((${#wanted[@]})); then mapfile -t missing < <(missing_of "${wanted[@]}"); fi

  if [[ " $* " == *" build "* ]] && ! onednn_is_here; then
    if distribution_has_onednn; then
      missing+=(libdnnl-dev)
    elif [[ $(uname -m) == x86_64 ]]; then
      fetch_onednn=true
      if ! python3 -m pip --version >/dev/null 2>&1; then missing+=(python3-pip); fi
    fi
  fi

  if ((${#missing[@]})); then apt_install "${missing[@]}"; fi
  if $fetch_onednn; then
    say "fetching oneDNN 3 into .deps/onednn"
    logged "$root/tools/install-onednn.sh"
  fi
}

main "$@"
