# SPDX-License-Identifier: Apache-2.0
"""Writes network/: every tensor of ten training steps of the scaled-down reference network.

    python make_network_golden.py

TensorFlow in float64 is written; PyTorch in float64 must agree first.
"""

import pathlib

import numpy as np
from safetensors.numpy import save_file

import reference

SEED = 20
STEPS, BATCH, HEIGHT = 10, 8, 16
LIMIT = 1e-12     # TensorFlow against PyTorch, relative to the tensor's largest value
CLEARANCE = 1e-9  # from every ReLU corner and every pooling tie
OUT = pathlib.Path(__file__).parent / "network"


def initial_state(rng):
    """Glorot-uniform kernels; everything else near its usual start, but nothing exactly on it."""
    state = {}
    for name, shape in reference.shapes(HEIGHT, 4, 8, 32, 10).items():
        if name.endswith("/kernel"):
            receptive = int(np.prod(shape[:-2]))
            limit = np.sqrt(6.0 / (receptive * (shape[-2] + shape[-1])))
            state[name] = rng.uniform(-limit, limit, shape)
        elif name.endswith("/gamma"):
            state[name] = rng.uniform(0.8, 1.2, shape)
        elif name == "bn1/moving_mean":
            state[name] = np.zeros(shape)
        elif name == "bn1/moving_variance":
            state[name] = np.ones(shape)
        else:
            state[name] = rng.uniform(-0.1, 0.1, shape)
    return state


def main():
    rng = np.random.default_rng(SEED)
    state = initial_state(rng)
    tensorflow = reference.TensorFlowNetwork(state)
    pytorch = reference.PyTorchNetwork(state)

    OUT.mkdir(exist_ok=True)
    sizes = []

    def write(name, tensors, about):
        path = OUT / f"{name}.safetensors"
        save_file({n: np.array(t, order="C") for n, t in tensors.items()}, path, {"about": about})
        sizes.append(path.stat().st_size)

    write("init", state, "the state before step 0")
    worst, nearest = 0.0, np.inf
    for step in range(STEPS):
        images = rng.uniform(0.0, 1.0, (BATCH, HEIGHT, HEIGHT, 1))
        labels = rng.integers(0, 10, BATCH).astype(np.int32)
        pre = tensorflow.pre_activations(images)
        near = min(reference.kink_distances(pre).values())
        assert near > CLEARANCE, f"step {step} is {near} from a kink: choose another SEED"
        assert not reference.always_on(pre), f"step {step}: always on: choose another SEED"

        golden = tensorflow.step(images, labels)
        other = pytorch.step(images, labels)
        if step == STEPS - 1:
            golden |= tensorflow.adam()
            other |= pytorch.adam()
        worst = max(worst, reference.agree(golden, other, LIMIT, f"step {step}"))
        nearest = min(nearest, near)
        for name, tensor in golden.items():
            assert np.abs(tensor).max() > 0, f"step {step}: {name} is all zero"
        write(f"step-{step:02d}", golden | {"images": images, "labels": labels},
              f"batch {step}, its loss and gradients, and the state after it")
        print(f"step {step}: loss {golden['loss']:.6f}")

    print(f"TensorFlow and PyTorch agree to {worst:.1e}; nearest kink {nearest:.1e}")
    print(f"{len(sizes)} files, {sum(sizes)} bytes, the largest {max(sizes)}")
    assert max(sizes) <= 300_000 and sum(sizes) <= 1_500_000


if __name__ == "__main__":
    main()
