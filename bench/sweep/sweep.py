#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a sweep costs beside its runs: 16 one-epoch runs of the reference network, two at a time with one
thread each, by `sweep`; eight such pairs started by hand, one pair after the other; and 16 runs in a
row with two threads each. Prints Markdown.

usage: bench/sweep/sweep.py [--binary build/release/evenkeel] [--model mnist-99] [--pairs 8]
"""

import argparse
import os
import pathlib
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
RATES = ("0.0001", "0.0002", "0.0005", "0.001", "0.002", "0.005", "0.01", "0.02")


def words(binary, model, folder, threads, rate, seed):
    return [binary, "train", model, "--data", "mnist", "--epochs", "1", "--set", "run.eval_every=1", "--log-every", "0",
            "--quiet", "--threads", str(threads), "--lr", rate, "--seed", str(seed), "--out",
            f"{folder}/{threads}-{rate}-{seed}"]


def timed(action):
    begin = time.monotonic()
    action()
    return time.monotonic() - begin


def sweep(binary, model, folder, rates):
    subprocess.run([binary, "sweep", model, "--grid", "train.lr=" + ",".join(rates), "--seeds", "2", "--epochs", "1",
                    "--data", "mnist", "--set", "run.eval_every=1", "--set", "run.log_every=0", "--jobs", "2",
                    "--threads", "1", "--quiet", "--out", f"{folder}/sweep"], check=True, stdout=subprocess.DEVNULL)


def pairs_by_hand(binary, model, folder, rates):
    for rate in rates:
        pair = [subprocess.Popen(words(binary, model, folder, 1, rate, seed), stdout=subprocess.DEVNULL)
                for seed in (1, 2)]
        if any([run.wait() for run in pair]):
            raise SystemExit("a run failed")


def in_a_row(binary, model, folder, rates):
    for rate in rates:
        for seed in (1, 2):
            subprocess.run(words(binary, model, folder, 2, rate, seed), check=True, stdout=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default=str(ROOT / "build/release/evenkeel"))
    parser.add_argument("--model", default="mnist-99")
    parser.add_argument("--pairs", type=int, default=8, help="at most 8")
    arguments = parser.parse_args()
    rates = RATES[:arguments.pairs]

    print(f"load before: {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores\n")
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
        given = (arguments.binary, arguments.model, folder, rates)
        by_hand = timed(lambda: pairs_by_hand(*given))
        swept = timed(lambda: sweep(*given))
        row = timed(lambda: in_a_row(*given))
    runs = 2 * len(rates)
    print(f"| {runs} runs of an epoch of {arguments.model} | s | of the pairs by hand |\n|---|---:|---:|")
    for name, seconds in ((f"{len(rates)} pairs started by hand, a thread each", by_hand),
                          ("`sweep`, two at a time, a thread each", swept), ("in a row, two threads each", row)):
        print(f"| {name} | {seconds:.1f} | {seconds / by_hand:.2f} |")


if __name__ == "__main__":
    main()
