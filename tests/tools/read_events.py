#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads the event files of run folders with TensorBoard's own reader.

read_events.py RUN...: for each folder prints the tags with the steps TensorBoard shows, and fails where a series is not
in order, a step appears twice, or metrics.jsonl has a row of a step that the events lack. Needs `pip install tensorboard`.
"""

import json
import pathlib
import sys

from tensorboard.backend.event_processing import plugin_event_accumulator as event_accumulator
from tensorboard.util import tensor_util

# What a row of metrics.jsonl is in the event files.
TAGS = {
    "batch": {"train/loss": "loss", "train/accuracy": "accuracy", "train/learning_rate": "learning_rate"},
    "validation": {"validation/loss": "loss", "validation/accuracy": "accuracy"},
    "test": {"test/loss": "loss", "test/accuracy": "accuracy"},
}


def series_of(folder):
    """Tag -> [(step, value)], as TensorBoard has them after dropping what restarts made void."""
    accumulator = event_accumulator.EventAccumulator(str(folder), size_guidance={event_accumulator.TENSORS: 0})
    accumulator.Reload()
    series = {}
    for tag in accumulator.Tags()["tensors"]:
        series[tag] = [(event.step, tensor_util.make_ndarray(event.tensor_proto)) for event in accumulator.Tensors(tag)]
    return series


def faults_of(folder, series):
    for tag, points in series.items():
        steps = [step for step, _ in points]
        if steps != sorted(set(steps)):
            yield f"{tag}: steps are out of order or twice: {steps}"
    for line in (folder / "metrics.jsonl").read_text().splitlines():
        row = json.loads(line)
        for tag, key in TAGS.get(row.get("split", row["event"]), {}).items():
            found = dict(series.get(tag, [])).get(row["step"])
            if found is None or abs(found - row[key]) > 1e-6 * max(1, abs(row[key])):
                yield f"{tag} at step {row['step']}: {found}, metrics.jsonl says {row[key]}"


def main():
    failed = False
    for folder in map(pathlib.Path, sys.argv[1:]):
        series = series_of(folder)
        for tag, points in sorted(series.items()):
            print(f"{folder} {tag}: {len(points)} points, steps {points[0][0]} to {points[-1][0]}")
        for fault in faults_of(folder, series):
            failed = True
            print(f"{folder}: {fault}", file=sys.stderr)
        if not series:
            failed = True
            print(f"{folder}: no events", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
