#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compares evenkeel with its peers on this machine: see compare.py, mnist_99.py for `mnist-99`, and whole.py for `whole`.
# The peers go into a virtual environment in the user's cache (several gigabytes, once);
# PIP_ARGS are handed to pip install, e.g. to name a source of CPU-only builds.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=${EVENKEEL_PEERS_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/evenkeel/peers-venv}
if ! cmp -s "$here/requirements.txt" "$venv/requirements.txt"; then
  echo "installing the peers into $venv" >&2
  python3 -m venv "$venv"
  # shellcheck disable=SC2086  # PIP_ARGS is a list of words
  "$venv/bin/pip" install --quiet ${PIP_ARGS:-} -r "$here/requirements.txt" >&2
  cp "$here/requirements.txt" "$venv/requirements.txt"
fi
program=compare.py
case ${1:-} in
  mnist-99)
    program=mnist_99.py
    shift
    ;;
  whole)
    program=whole.py
    shift
    ;;
esac
exec "$venv/bin/python" "$here/$program" "$@"
