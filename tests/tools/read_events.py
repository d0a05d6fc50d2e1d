#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads the event files of run folders with TensorBoard's own reader.

read_events.py RUN...: for each folder prints the tags with the steps TensorBoard shows, and fails where a series is not
in order, a step appears twice, metrics.jsonl has a row of a step that the events lack, or the end of an epoch has no
histograms of what a network with batch norm has. Needs `pip install tensorboard`.
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

# What tags of histograms begin with.
HISTOGRAMS = ("weights/", "gradients/", "gamma/", "beta/", "moving_mean/", "moving_variance/")


def series_of(folder):
    """Tag -> [(step, value)], as TensorBoard has them after dropping what restarts made void."""
    accumulator = event_accumulator.EventAccumulator(str(folder), size_guidance={event_accumulator.TENSORS: 0})
    accumulator.Reload()
    series = {}
    for tag in accumulator.Tags()["tensors"]:
        series[tag] = [(event.step, tensor_util.make_ndarray(event.tensor_proto)) for event in accumulator.Tensors(tag)]
    return series


def count_of(histogram):
    """How many values: TensorBoard has a row for each bucket, [left, right, count]."""
    return histogram[:, 2].sum() if histogram.ndim == 2 and histogram.shape[1:] == (3,) else 0


def faults_of_histograms(series, epochs):
    """Every histogram of each kind has values at the end of every epoch, and at no other step."""
    for prefix in HISTOGRAMS:
        tags = [tag for tag in series if tag.startswith(prefix)]
        if not tags:
            yield f"no histograms {prefix}..."
        for tag in tags:
            counts = {step: count_of(value) for step, value in series[tag]}
            if sorted(counts) != epochs:
                yield f"{tag}: at steps {sorted(counts)}, epochs ended at {epochs}"
            yield from (f"{tag} at step {step}: no values" for step, count in counts.items() if not count > 0)


def faults_of(folder, series):
    for tag, points in series.items():
        steps = [step for step, _ in points]
        if steps != sorted(set(steps)):
            yield f"{tag}: steps are out of order or twice: {steps}"
    rows = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    yield from faults_of_histograms(series, [row["step"] for row in rows if row["event"] == "epoch"])
    for row in rows:
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
