# SPDX-License-Identifier: Apache-2.0
"""The reference exercise's program whole, from the start of the process to its end, in evenkeel and TensorFlow.

    ./run bench peers whole [--epochs 10] [--threads 2] [--test-batch N]

Ten epochs in batches of 128, the loss of the batch and the accuracy over all test images every 100
batches. TensorFlow runs the program as tutorials wrote it (tf1_as_written.py), which never
normalises and so has less to do: no statistics of batches, no gradients through them. It looks at
the test images in pieces of the size that is fastest on this machine, found by trying, where
tutorials ask for all of them in one call. Prints a Markdown table, then one line of JSON.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import programs
from programs import HERE, ROOT


def run(line):
    """-> seconds, the last accuracy it told, how many looks at the test images."""
    begin = time.monotonic()
    text = subprocess.run(line, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    seconds = time.monotonic() - begin
    looks = re.findall(r"Batch \d+/\d+: loss = [\d.]+, accuracy = ([\d.]+)", text)
    return {"seconds": seconds, "accuracy": float(looks[-1]), "looks": len(looks)}


def fastest_look(threads):
    """How many test images TensorFlow takes at a time is its best here, and the seconds of each size tried."""
    line = [sys.executable, str(HERE / "tf1_as_written.py"), "--time-looks", "--threads", str(threads)]
    tried = json.loads(subprocess.run(line, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)
    return min(tried, key=tried.get), tried


def main():
    parser = argparse.ArgumentParser(prog="./run bench peers whole", description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--test-batch", help="TensorFlow's test images in one call, instead of trying")
    args = parser.parse_args()
    programs.warn_if_busy()
    more = ["--epochs", str(args.epochs), "--seed", "1", "--threads", str(args.threads)]
    look, tried = (args.test_batch, {}) if args.test_batch else fastest_look(args.threads)
    print(f"tensorflow: {look} test images at a time {tried}", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        lines = {"evenkeel": [str(ROOT / "build/release/evenkeel"), "train", "mnist-cnn", "--data", "mnist", "--out",
                              str(pathlib.Path(folder, "run")), *more],
                 "tensorflow": [sys.executable, str(HERE / "tf1_as_written.py"), "--test-batch", str(look), *more]}
        runs = {}
        for name, line in lines.items():
            runs[name] = run(line)
            print(f"{name}: {runs[name]['seconds']:.1f} s", file=sys.stderr, flush=True)
    print("| program | seconds | evenkeel is | looks at the test images | accuracy at the last |\n|---|---:|---:|---:|---:|")
    for name, ran in runs.items():
        faster = "" if name == "evenkeel" else f"{ran['seconds'] / runs['evenkeel']['seconds']:.2f}×"
        print(f"| {name} | {ran['seconds']:.1f} | {faster} | {ran['looks']} | {ran['accuracy']:.4f} |")
    print(json.dumps({"machine": programs.machine(), "threads": args.threads, "epochs": args.epochs,
                      "test_batch": look, "seconds_of_looks": tried, "runs": runs}))


if __name__ == "__main__":
    main()
