#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tensorboard.sh EVENKEEL VENV: a run that is killed and goes on, read back by TensorBoard's own reader
# (read_events.py), which is installed into the folder VENV. Needs MNIST where the command looks for it.
set -euo pipefail
evenkeel=$(realpath -- "$1")
venv=$2
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)

[[ -x $venv/bin/python3 ]] || python3 -m venv "$venv"
"$venv/bin/python3" -c 'import tensorboard' 2>/dev/null || "$venv/bin/pip" install --quiet tensorboard==2.21.0

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
run=$folder/run
"$evenkeel" train mlp --data mnist --epochs 3 --save-every 50 --quiet --out "$run" >/dev/null &
process=$!
# Behind an epoch, so that there are histograms to be dropped as well.
until compgen -G "$run/step-0000045*.safetensors" >/dev/null; do
  kill -0 "$process"  # it has not failed
  sleep 0.05
done
kill -KILL "$process"
wait "$process" || true
rm -- "$run"/step-00000[4-9]*.safetensors  # the last checkpoints are lost, too
"$evenkeel" train --resume "$run" --quiet >/dev/null
[[ $(compgen -G "$run/events.out.tfevents.*" | wc -l) -eq 2 ]]
"$venv/bin/python3" "$here/read_events.py" "$run"
