# SPDX-License-Identifier: Apache-2.0
"""The recipe of mnist-99 for the peers' programs: options, rates and batches."""

import argparse
import math

import numpy as np

import mnist

EPOCHS, BATCH, RATE = 2, 64, 0.01


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def _between(low, high, share):
    return high + (low - high) * (1 + math.cos(math.pi * share)) / 2


def rates():
    """The one-cycle rate of each step: RATE / 25, up to RATE at 30 %, down to RATE / 250,000."""
    steps = EPOCHS * (55_000 // BATCH)
    top, last = 0.3 * steps - 1, steps - 1
    for step in range(steps):
        if step <= top:
            yield _between(RATE / 25, RATE, step / top)
        else:
            yield _between(RATE, RATE / 250_000, (step - top) / (last - top))


def batches(seed):
    """(images, labels, rate) of each step, and the test set: (steps, images, labels)."""
    images, labels, test_images, test_labels = mnist.load()
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(len(labels)) for _ in range(EPOCHS)]
    each = len(labels) // BATCH

    def steps():
        for step, rate in enumerate(rates()):
            now = orders[step // each][step % each * BATCH:][:BATCH]
            yield images[now], labels[now], rate

    return steps(), test_images, test_labels
