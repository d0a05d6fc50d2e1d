# SPDX-License-Identifier: Apache-2.0
"""Writes statistics.safetensors: batch norm by itself, with NumPy alone.

    python make_statistics_golden.py

Everything is computed in extended precision and rounded to float64 once, at the end.
"""

import pathlib

import numpy as np
from safetensors.numpy import save_file

SEED = 11
OUT = pathlib.Path(__file__).parent / "statistics.safetensors"
Wide = np.longdouble


def moments(x):
    """Mean and population variance per channel (the last axis), two passes."""
    flat = x.astype(Wide).reshape(-1, x.shape[-1])
    mean = flat.mean(axis=0)
    return mean, ((flat - mean) ** 2).mean(axis=0)


def moving(batches, keep, count_weighted):
    """Moving mean and variance after each batch, from 0 and 1."""
    channels = batches.shape[-1]
    mean, variance = np.zeros(channels, Wide), np.ones(channels, Wide)
    means, variances = [], []
    for n, x in enumerate(batches):
        # The n-th update, from 0: the first keeps nothing, so 0 and 1 never leak in.
        k = min(Wide(keep), Wide(n) / Wide(n + 1)) if count_weighted else Wide(keep)
        batch_mean, batch_variance = moments(x)
        mean = k * mean + (1 - k) * batch_mean
        variance = k * variance + (1 - k) * batch_variance
        means.append(mean)
        variances.append(variance)
    return np.stack(means), np.stack(variances)


def batch_norm(x, gamma, beta, epsilon):
    mean, variance = moments(x)
    return (x - mean) / np.sqrt(variance + epsilon) * gamma + beta


def gradients(x, gamma, dy, epsilon):
    """dx, dgamma, dbeta of sum(batch_norm(x) * dy), in training."""
    x, dy = x.astype(Wide), dy.astype(Wide)
    axes = tuple(range(x.ndim - 1))
    mean, variance = moments(x)
    inverse = 1 / np.sqrt(variance + epsilon)
    normal = (x - mean) * inverse
    dbeta, dgamma = dy.sum(axis=axes), (dy * normal).sum(axis=axes)
    count = x.size // x.shape[-1]
    return gamma * inverse * (dy - dbeta / count - normal * dgamma / count), dgamma, dbeta


def check_gradients(rng, x, gamma, beta, dy, epsilon, golden):
    """The same by central differences, in a random direction of (x, gamma, beta)."""
    directions = [rng.standard_normal(t.shape).astype(Wide) for t in (x, gamma, beta)]
    step = Wide(2.0) ** -20

    def loss(sign):
        moved = [t.astype(Wide) + sign * step * d for t, d in zip((x, gamma, beta), directions)]
        return (batch_norm(*moved, epsilon) * dy).sum()

    numeric = (loss(1) - loss(-1)) / (2 * step)
    exact = sum((g * d).sum() for g, d in zip(golden, directions))
    assert abs(numeric - exact) <= 1e-8 * max(1, abs(exact)), (x.shape, numeric, exact)


def main():
    assert np.finfo(Wide).nmant >= 63, "needs a machine whose long double is extended"
    rng = np.random.default_rng(SEED)
    out = {}

    def put(name, value):
        out[name] = np.array(value, np.float64, order="C")

    # Moving statistics. `tiny` is long enough to pass n/(n+1) = 0.99; `offset` is 1e6 away from 0.
    channel = np.arange(8)
    sets = {
        "dense": rng.normal(channel - 3.5, 0.5 + 0.25 * channel, (12, 16, 8)),
        "conv": rng.normal(channel - 3.5, 0.5 + 0.25 * channel, (12, 4, 5, 3, 8)),
        "tiny": rng.normal([0.5, -2.0], [1.0, 3.0], (150, 4, 2)),
        "offset": rng.normal([1e6, -1e6, 1e4], [1.0, 2.0, 0.5], (6, 16, 3)),
    }
    for name, batches in sets.items():
        put(f"moving/{name}/x", batches)
        for keep in (0.9, 0.99):
            for rule in ("count", "plain"):
                mean, variance = moving(batches, keep, rule == "count")
                put(f"moving/{name}/{rule}-{keep}/moving_mean", mean)
                put(f"moving/{name}/{rule}-{keep}/moving_variance", variance)

    # Forward and gradients. Channel 0 of the last case is constant: variance exactly 0.
    for index, (shape, epsilon) in enumerate([
            ((2, 3), 1e-3), ((16, 8), 1e-3), ((7, 13), 1e-5), ((4, 5, 3, 8), 1e-3),
            ((3, 4, 4, 5), 1e-5), ((5, 2, 3, 4), 1e-3)]):
        x = rng.normal(0.5, 1.5, shape)
        if index == 5:
            x[..., 0] = 0.75
        gamma, beta = rng.uniform(0.5, 1.5, shape[-1]), rng.uniform(-0.5, 0.5, shape[-1])
        dy = rng.standard_normal(shape)
        golden = gradients(x, gamma, dy, Wide(epsilon))
        check_gradients(rng, x, gamma, beta, dy, Wide(epsilon), golden)
        mean, variance = moments(x)
        for key, value in {
                "x": x, "gamma": gamma, "beta": beta, "epsilon": epsilon, "dy": dy,
                "mean": mean, "variance": variance,
                "y": batch_norm(x.astype(Wide), gamma, beta, Wide(epsilon)),
                "dx": golden[0], "dgamma": golden[1], "dbeta": golden[2]}.items():
            put(f"batch_norm/{index}/{key}", value)

    save_file(out, OUT, {"about": "batch norm by itself; see README.md"})
    print(f"{len(out)} tensors, {OUT.stat().st_size} bytes")
    assert OUT.stat().st_size <= 300_000


if __name__ == "__main__":
    main()
