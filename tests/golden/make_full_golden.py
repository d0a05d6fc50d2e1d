# SPDX-License-Identifier: Apache-2.0
"""Writes full/full.safetensors: ten steps of the full reference network, in few numbers.

    python make_full_golden.py

Weights, images and labels come from a hash that a test can compute again without Python
(full/README.md states it). TensorFlow in float64 is written, once PyTorch in float64 agrees;
beside it stands how far PyTorch in float32 ends up from that.
"""

import pathlib

import numpy as np
from safetensors.numpy import save_file

import reference

STEPS, BATCH, PROBES = 10, 16, 8
LABELS, SIGNS, PROBE, IMAGES = 200, 400, 300, 1000  # seeds; labels: + step, images: + tries
BLOCKS = 2**31  # where in a seed's sequence the blocks begin
LIMIT = 1e-11   # TensorFlow against PyTorch, relative to the tensor's largest value
# From every ReLU corner and pooling tie: a float32 run must not fall on the other side of one,
# or its distance from float64 is a lottery of 1e-3 instead of its arithmetic's 1e-6.
CLEARANCE = {"conv1": 2.5e-7, "conv2": 4e-7, "dense1": 5e-6}
OUT = pathlib.Path(__file__).parent / "full" / "full.safetensors"

SHAPES = reference.shapes(28, 32, 64, 1024, 10)


def hashes(seed, count, offset=0):
    """splitmix64's output for the states seed * 2^32 + offset + 0, 1, 2 ... (wrapping)."""
    u = np.uint64
    z = (u(seed) << u(32)) + u(offset) + np.arange(count, dtype=u) + u(0x9E3779B97F4A7C15)
    z = (z ^ (z >> u(30))) * u(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> u(27))) * u(0x94D049BB133111EB)
    return z ^ (z >> u(31))


def initial_state():
    state = {}
    for seed, (name, shape) in enumerate(SHAPES.items(), start=1):
        if name.endswith("/kernel"):
            receptive = int(np.prod(shape[:-2]))
            limit = np.sqrt(6.0 / (receptive * (shape[-2] + shape[-1])))
            uniform = (hashes(seed, int(np.prod(shape))) >> np.uint64(11)).astype(np.float64)
            state[name] = ((2.0 * (uniform * 2.0**-53) - 1.0) * limit).reshape(shape)
        elif name == "conv2/bias":
            state[name] = np.full(shape, -0.01)
        else:
            state[name] = np.full(shape, float(name in ("bn1/gamma", "bn1/moving_variance")))
    return state


def pixels(seed, count):
    """uint8 images [count, 28, 28, 1]: noise, bright or dim in blocks of 7x7."""
    noise = (hashes(seed, count * 28 * 28) >> np.uint64(56)).astype(np.uint8)
    noise = noise.reshape(count, 28, 28)
    bright = (hashes(seed, count * 4 * 4, BLOCKS) & np.uint64(1)).reshape(count, 4, 4)
    bright = bright.repeat(7, axis=1).repeat(7, axis=2)
    return np.where(bright == 1, noise, noise >> 4)[..., None]


def labels(step):
    return (hashes(LABELS + step, BATCH) % np.uint64(10)).astype(np.int32)


def next_seed(network, seed):
    """The next seed from `seed` whose images keep this network clear of every kink."""
    for seed in range(seed, seed + 1000):
        pre = network.pre_activations(pixels(seed, BATCH) / 255.0)
        near = reference.kink_distances(pre)
        if all(near[n] > CLEARANCE[n] for n in pre) and not reference.always_on(pre):
            return seed
    raise AssertionError(f"no images without a kink nearby up to seed {seed}")


def train(network, seeds):
    """Losses, the first step's gradients, the state after the last step, the probes' logits.

    Fills `seeds`, if empty, with those of the images it chose.
    """
    losses, first, last = [], None, None
    choose = not seeds
    for step in range(STEPS):
        if choose:
            seeds.append(next_seed(network, seeds[-1] + 1 if seeds else IMAGES))
        out = network.step(pixels(seeds[step], BATCH) / 255.0, labels(step))
        losses.append(out["loss"])
        if choose:
            print(f"step {step}: images of seed {seeds[step]}, loss {out['loss']:.6f}", flush=True)
        if step == 0:
            first = {n: t for n, t in out.items() if n.startswith("grad/")}
        last = {n: out[n] for n in SHAPES}
    probes = pixels(PROBE, PROBES) / 255.0
    return {"loss": np.array(losses), "logits": network.infer(probes)} | first | last


def signs(count):
    """[16, count] of +1 and -1: bit j of the element's hash, set is +1."""
    bits = hashes(SIGNS, count)
    return [((bits >> np.uint64(j)) & np.uint64(1)).astype(np.float64) * 2 - 1 for j in range(16)]


def digest(tensors):
    """name -> (norm, 16 projections) of every tensor but the small ones kept whole."""
    out = {}
    for name, tensor in tensors.items():
        flat = np.asarray(tensor, np.float64).ravel()
        out[name] = (np.linalg.norm(flat), np.array([s @ flat for s in signs(flat.size)]))
    return out


def distances(golden, other):
    """How far `other` is from `golden`: loss and logits absolute, tensors over their norm."""
    out = {n: np.abs(other[n] - golden[n]).max() for n in ("loss", "logits")}
    names = [n for n in golden if n not in out]
    ours, theirs = (digest({n: t[n] for n in names}) for t in (golden, other))
    for name in names:
        (norm, projections), (their_norm, their_projections) = ours[name], theirs[name]
        apart = np.append(their_projections - projections, their_norm - norm)
        out[f"{name}/digest"] = np.abs(apart).max() / norm
        out[f"{name}/l2"] = np.linalg.norm(other[name] - golden[name]) / norm
    return out


def float32_distances(golden, state, seeds):
    """The larger distance of PyTorch's float32 with oneDNN and with its own convolution."""
    import torch

    found = []
    for onednn in (True, False):
        with torch.backends.mkldnn.flags(enabled=onednn):
            network = reference.PyTorchNetwork(state, "float32")
            found.append(distances(golden, train(network, seeds)))
    for name in found[0]:
        print(f"{name:28} float32: oneDNN {found[0][name]:.1e}, without {found[1][name]:.1e}")
    return {f"float32/{n}": max(d[n] for d in found) for n in found[0]}


def main():
    state = initial_state()
    seeds = []
    golden = train(reference.TensorFlowNetwork(state), seeds)
    other = train(reference.PyTorchNetwork(state), seeds)
    worst = reference.agree(golden, other, LIMIT, "full network")
    print(f"TensorFlow and PyTorch agree to {worst:.1e}")

    out = {"loss": golden["loss"], "logits": golden["logits"]}
    large = {n: t for n, t in golden.items() if n not in out}
    for name, (norm, projections) in digest(large).items():
        out |= {f"{name}/norm": norm, f"{name}/projections": projections}
    for name, (norm, projections) in digest(state).items():
        out |= {f"init/{name}/norm": norm, f"init/{name}/projections": projections}
    out |= float32_distances(golden, state, seeds)
    out = {n: np.array(t, np.float64, order="C") for n, t in out.items()}
    out["check/seeds"] = np.array(seeds)
    out["check/pixel_sums"] = np.array([pixels(x, BATCH).sum(dtype=np.int64) for x in seeds])
    out["check/labels"] = np.stack([labels(step) for step in range(STEPS)])
    out["check/probe_pixel_sum"] = np.array(pixels(PROBE, PROBES).sum(dtype=np.int64))

    OUT.parent.mkdir(exist_ok=True)
    save_file(out, OUT, {"about": "ten steps of the full reference network; see README.md"})
    print(f"{len(out)} tensors, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
