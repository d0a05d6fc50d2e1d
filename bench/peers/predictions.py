# SPDX-License-Identifier: Apache-2.0
"""What the peers' prediction scripts share: their options, the weights, the clock, the check."""

import argparse
import json
import pathlib
import statistics
import struct
import time

import numpy as np

import mnist
import steps

EPSILON = 1e-3


def options(**extra):
    """Parsed before the framework is imported, which happens on the clock."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--checkpoint", type=pathlib.Path, required=True)
    parser.add_argument("--steps", type=int, default=300, help="timed calls")
    parser.add_argument("--warmup", type=int, default=30, help="calls before them")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--threads", type=int, default=2)
    for name, (default, choices) in extra.items():
        parser.add_argument(f"--{name}", default=default, choices=choices)
    return parser.parse_args()


def _tensors(path):
    """A safetensors file's f32 tensors by name."""
    data = path.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    header, body = json.loads(data[8:8 + size]), data[8 + size:]
    return {name: np.frombuffer(body[slice(*entry["data_offsets"])], "<f4").reshape(entry["shape"])
            for name, entry in header.items()
            if name != "__metadata__" and entry["dtype"] == "F32"}


def nchw(path):
    """The checkpoint's weights for channels first: kernels [K,C,R,S], flattening [C,H,W]."""
    found = _tensors(path)
    for name in ("conv1", "conv2"):
        found[f"{name}/kernel"] = found[f"{name}/kernel"].transpose(3, 2, 0, 1)
    order = np.arange(7 * 7 * 64).reshape(7, 7, 64).transpose(2, 0, 1).ravel()
    found["dense1/kernel"] = found["dense1/kernel"][order]
    for name in ("gamma", "beta", "moving_mean", "moving_variance"):
        found[f"bn1/{name}"] = found[f"bn1/{name}"][order]
    return found


def folded(weights):
    """Batch norm as x * scale + shift."""
    norm = {key: weights[f"bn1/{key}"].astype(np.float64)
            for key in ("gamma", "beta", "moving_mean", "moving_variance")}
    scale = norm["gamma"] / np.sqrt(norm["moving_variance"] + EPSILON)
    return scale, norm["beta"] - norm["moving_mean"] * scale


def _median(predict, images, args):
    """The median seconds of a call, each on images of its own in turn."""
    times, count = [], len(images)
    for index in range(args.warmup + args.steps):
        now = images[index % count]
        start = time.perf_counter()
        predict(now)
        times.append(time.perf_counter() - start)
    return statistics.median(times[args.warmup:])


def measure(name, version, args, predict):
    """Times predict(images [n,1,28,28]) -> [n,10]; the accuracy on the test set is the check."""
    _, _, images, labels = mnist.load()
    images = np.ascontiguousarray(images.reshape(-1, 1, 28, 28))
    full = len(images) // args.batch
    batches = images[:full * args.batch].reshape(full, args.batch, 1, 28, 28)
    answers = np.concatenate([predict(batch) for batch in batches]).argmax(1)
    steps.say("first_step")
    seconds = _median(predict, batches, args)
    one = _median(predict, images[:, None], args)
    steps.say("done", name=name, version=version, batch=args.batch, threads=args.threads,
              img_per_s=args.batch / seconds, one_image_ms=1e3 * one,
              accuracy=float((answers == labels[:len(answers)]).mean()))
