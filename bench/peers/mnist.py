# SPDX-License-Identifier: Apache-2.0
"""MNIST as the TensorFlow 1 tutorials had it: 5,000 validation images first, full batches."""

import gzip
import os
import pathlib

import numpy as np


def folder(name="mnist"):
    """The data set's folder: $EVENKEEL_DATA/<name>, the user's cache, or Debian's package."""
    places = [pathlib.Path.home() / ".cache" / "evenkeel" / name]
    if os.environ.get("EVENKEEL_DATA"):
        places.insert(0, pathlib.Path(os.environ["EVENKEEL_DATA"]) / name)
    if name == "fashion-mnist":
        places.append(pathlib.Path("/usr/share/datasets/fashion-mnist"))
    for place in places:
        if any(place.glob("train-images-idx3-ubyte*")):
            return place
    raise SystemExit(f"no {name} in {', '.join(map(str, places))}: set EVENKEEL_DATA")


def _idx(place, name):
    path = place / name
    data = path.read_bytes() if path.exists() else gzip.open(f"{path}.gz").read()
    dims = np.frombuffer(data, ">i4", data[3], 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(dims)


def load(name="mnist"):
    """(train images, labels, test images, labels): floats [N,28,28,1] in 0..1, i32."""
    place = folder(name)
    images = {s: _idx(place, f"{s}-images-idx3-ubyte") for s in ("train", "t10k")}
    labels = {s: _idx(place, f"{s}-labels-idx1-ubyte").astype(np.int32) for s in images}
    images = {s: (x / np.float32(255))[..., None] for s, x in images.items()}
    return images["train"][5000:], labels["train"][5000:], images["t10k"], labels["t10k"]


def random_data(count=4096, shape=(28, 28, 1)):
    rng = np.random.default_rng(0)
    images = rng.random((count, *shape), np.float32)
    return images, rng.integers(0, 10, count).astype(np.int32)


class Batches:
    """next_batch: always full; what is left of an epoch joins the first of the next."""

    def __init__(self, images, labels, size, seed=0):
        self.images, self.labels, self.size = images, labels, size
        self.rng = np.random.default_rng(seed)
        self.order = self.rng.permutation(len(labels))

    def next(self):
        if len(self.order) < self.size:
            self.order = np.concatenate([self.order, self.rng.permutation(len(self.labels))])
        now, self.order = self.order[:self.size], self.order[self.size:]
        return self.images[now], self.labels[now]
