#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Debian's arm64 packages of what we stand on, unpacked into .deps/arm64: a sysroot to cross-compile against and to run
# in under qemu-aarch64. apt works on a state of its own there, so neither root nor a foreign architecture is needed.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

root=$PWD/.deps/arm64
packages=(libhwy-dev libfmt-dev nlohmann-json3-dev libtomlplusplus-dev libcli11-dev zlib1g-dev libcurl4-openssl-dev libssl-dev libpng-dev
  libjpeg-dev libgtest-dev libgmock-dev librapidcheck-dev libstdc++6 libgomp1)
if [[ -f $root/installed && $(<"$root/installed") == "${packages[*]}" ]]; then exit; fi

rm -rf "$root"
mkdir -p "$root/apt/state/lists/partial" "$root/apt/cache/archives/partial"
: >"$root/apt/status"
apt=(apt-get -q -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o "Dir::State=$root/apt/state"
  -o "Dir::State::status=$root/apt/status" -o "Dir::Cache=$root/apt/cache" -o APT::Sandbox::User=root
  -o Debug::NoLocking=1)
"${apt[@]}" update >"$root/apt/log" 2>&1
"${apt[@]}" install -y --no-install-recommends --download-only "${packages[@]}" >>"$root/apt/log" 2>&1
for package in "$root"/apt/cache/archives/*.deb; do dpkg-deb -x "$package" "$root"; done
rm -rf "$root/apt/cache" "$root/apt/state"
echo "${packages[*]}" >"$root/installed"
