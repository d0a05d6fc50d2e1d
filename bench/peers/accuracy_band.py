# SPDX-License-Identifier: Apache-2.0
"""Test accuracy of TensorFlow's corrected program after one epoch, for five seeds.

    python accuracy_band.py --out ../../tests/golden/accuracy_band.json

Moving statistics in the test. The file is written anew after each data set.
"""

import argparse
import json
import pathlib
import statistics

import tensorflow_network as network
from mnist import Batches, load

BATCH, SEEDS = 128, [1, 2, 3, 4, 5]


def accuracy_after_one_epoch(data, seed, threads):
    images, labels, test_images, test_labels = data
    tf = network.tf
    with tf.Graph().as_default():
        tf.set_random_seed(seed)
        graph = network.Network()
        batches = Batches(images, labels, BATCH, seed)
        with network.session(threads) as session:
            session.run(tf.global_variables_initializer())
            for _ in range(len(labels) // BATCH):
                graph.step(session, *batches.next())
            right = 0
            for start in range(0, len(test_labels), 1000):
                part = slice(start, start + 1000)
                feed = {graph.images: test_images[part], graph.labels: test_labels[part]}
                right += int(session.run(graph.right, feed))
    return right / len(test_labels)


def band(name, threads):
    data, accuracies = load(name), []
    for seed in SEEDS:
        accuracies.append(accuracy_after_one_epoch(data, seed, threads))
        print(f"{name}, seed {seed}: {accuracies[-1]:.4f}", flush=True)
    return {"accuracies": accuracies, "mean": statistics.fmean(accuracies),
            "std": statistics.stdev(accuracies)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    found = {"tensorflow_version": network.tf.__version__, "seeds": SEEDS, "batch": BATCH,
             "steps": 55_000 // BATCH}
    for name in ("mnist", "fashion-mnist"):
        numbers = band(name, args.threads)
        found |= numbers if name == "mnist" else {"fashion": numbers}
        args.out.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
