# SPDX-License-Identifier: Apache-2.0
"""mnist-99 whole, from the start of the process to the accuracy it prints, in evenkeel and its peers.

    ./run bench peers mnist-99 [--seeds 5] [--threads 2]

The same network and recipe everywhere: two epochs in batches of 64 (1,718 steps), Adam with a
one-cycle rate up to 0.01, no test image before the end. Programs take turns, one seed after the
other. Prints a Markdown table, then one line of JSON with every run.
"""

import argparse
import json
import pathlib
import statistics
import sys
import tempfile

import programs
from programs import HERE, ROOT

PEERS = {"tensorflow": "tensorflow_mnist_99.py", "pytorch": "pytorch_mnist_99.py"}


def command(name, seed, threads, out):
    more = ["--seed", str(seed), "--threads", str(threads)]
    if name == "evenkeel":
        return [str(ROOT / "build/release/evenkeel"), "train", "mnist-99", "--data", "mnist", "--json", "--quiet",
                "--out", str(out), *more]
    return [sys.executable, str(HERE / PEERS[name]), *more]


def measure(args):
    """-> {name: [{seconds, accuracy} of each seed]}"""
    runs = {name: [] for name in ("evenkeel", *PEERS)}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(1, args.seeds + 1):
            for name in list(runs)[::1 if seed % 2 else -1]:
                try:
                    ran = programs.run(command(name, seed, args.threads, pathlib.Path(folder, str(seed))))
                except programs.Failed as failed:
                    raise SystemExit(f"{name}: {failed}") from None
                runs[name].append({"seconds": ran["wall_s"], "accuracy": ran["done"]["accuracy"]})
                print(f"seed {seed}: {name}: {ran['wall_s']:.1f} s, {ran['done']['accuracy']:.4f}",
                      file=sys.stderr, flush=True)
    return runs


def table(runs):
    lines = ["| program | seconds | least - most | evenkeel is | accuracy, least - most |",
             "|---|---:|---:|---:|---:|"]
    ours = [run["seconds"] for run in runs["evenkeel"]]
    for name, of in runs.items():
        seconds = [run["seconds"] for run in of]
        accuracy = [run["accuracy"] for run in of]
        ratio = statistics.median(b / a for a, b in zip(ours, seconds))
        faster = "" if name == "evenkeel" else f"{ratio:.2f}×"
        lines.append(f"| {name} | {statistics.median(seconds):.1f} | {min(seconds):.1f} - {max(seconds):.1f} | "
                     f"{faster} | {min(accuracy):.4f} - {max(accuracy):.4f} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(prog="./run bench peers mnist-99", description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    programs.warn_if_busy()
    runs = measure(args)
    print(table(runs))
    print(json.dumps({"machine": programs.machine(), "threads": args.threads, "runs": runs}))


if __name__ == "__main__":
    main()
