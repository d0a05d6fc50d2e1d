#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What saving costs training: the reference network on MNIST, one epoch with --save-every and one
without, in turns. Prints Markdown: how long training stood still for saving, the processor time that
saving took, how much longer the epoch was, and the longest step by the median one.

usage: bench/saving/saving.py [--binary build/release/evenkeel] [--every 1s] [--rounds 1]
"""

import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def train(binary, every):
    """One epoch: its "done" object, how many checkpoints it wrote, its processor seconds."""
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        output = subprocess.run(
            [binary, "train", "--data", "mnist", "--epochs", "1", "--log-every", "0", "--eval-every", "0",
             "--save-every", every, "--json", "--out", f"{folder}/run"],
            check=True, stdout=subprocess.PIPE, text=True).stdout
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    events = [json.loads(line) for line in output.splitlines()]
    done = events[-1]
    done["saved"] = sum(event["event"] == "saved" for event in events)
    done["cpu"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done


def row(name, runs):
    median = [run["median_step_seconds"] for run in runs]
    ratio = [run["longest_step_seconds"] / run["median_step_seconds"] for run in runs]
    middle = {key: statistics.median(run[key] for run in runs)
              for key in ("seconds", "cpu", "saving_seconds", "saved", "peak_memory_bytes")}
    print(f"| {name} | {middle['saved']:g} | {middle['seconds']:.2f} | {middle['cpu']:.2f} "
          f"| {1e3 * middle['saving_seconds']:.0f} | {1e3 * statistics.median(median):.1f} "
          f"| {min(ratio):.2f} | {middle['peak_memory_bytes'] / 1e6:.1f} |")
    return middle


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default=str(ROOT / "build/release/evenkeel"))
    parser.add_argument("--every", default="1s", help="--save-every of the runs that save")
    parser.add_argument("--rounds", type=int, default=1, help="runs of each kind")
    arguments = parser.parse_args()

    print(f"load before: {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores\n")
    without, saving = [], []
    for _ in range(arguments.rounds):
        without.append(train(arguments.binary, "0"))
        saving.append(train(arguments.binary, arguments.every))
    print("| --save-every | checkpoints | s | processor s | stood still, ms | median step, ms "
          "| longest / median | MB |\n|---|---|---|---|---|---|---|---|")
    a, b = row("0", without), row(arguments.every, saving)
    more = b["saved"] - a["saved"]
    still = (b["saving_seconds"] - a["saving_seconds"]) / more
    cpu = (b["cpu"] - a["cpu"]) / more
    print(f"\nThe epoch took {100 * (b['seconds'] / a['seconds'] - 1):+.1f} %; training stood still for "
          f"{100 * b['saving_seconds'] / b['seconds']:.2f} % of it.")
    print(f"A checkpoint: {1e3 * still:.1f} ms of standing still, {1e3 * cpu:.0f} ms of processor time; "
          f"one a minute: {100 * (still + max(cpu, 0) / os.cpu_count()) / 60:.3f} % of training.")
    print(f"load after: {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()
