# SPDX-License-Identifier: Apache-2.0
"""Writes doctor/*.safetensors: small networks of PyTorch, TensorFlow 1 and Keras, each trained into
one of the faults that `evenkeel doctor` tells from a file alone, and healthy ones.

    python make_doctor_files.py
"""

import os
import pathlib
import subprocess
import sys

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_USE_LEGACY_KERAS"] = "1"

import numpy as np

# PyTorch and TensorFlow in one process may collide: each part runs in one of its own.
PART = sys.argv[1] if len(sys.argv) > 1 else ""
if PART == "pytorch":
    import torch
    from safetensors.torch import save_file as save_tensors
    from torch import nn
elif PART == "tensorflow":
    import tensorflow as tf
    import tf_keras as keras
    from safetensors.numpy import save_file as save_arrays

OUT = pathlib.Path(__file__).parent / "doctor"
LIMIT = 20_000


RANDOM = np.random.default_rng(1)


def batch(count=64, scale=1.0):
    """Images [N,8,8] of four classes, a bright quarter in noise, and their labels."""
    labels = RANDOM.integers(4, size=count)
    images = 0.3 * RANDOM.standard_normal((count, 8, 8))
    for image, label in zip(images, labels):
        row, column = 4 * (label // 2), 4 * (label % 2)
        image[row:row + 4, column:column + 4] += 1
    return (scale * images).astype(np.float32), labels


def torch_batch(scale=1.0, count=64):
    images, labels = batch(count, scale)
    return torch.from_numpy(images[:, None]), torch.from_numpy(labels)


def network(bias=False):
    return nn.Sequential(
        nn.Conv2d(1, 6, 3, bias=bias), nn.BatchNorm2d(6), nn.ReLU(),
        nn.Conv2d(6, 8, 3, bias=bias), nn.BatchNorm2d(8), nn.ReLU(),
        nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(32, 4))


def train(model, steps=100, scale=1.0, mode=True, optimizer=None, count=64):
    optimizer = optimizer or torch.optim.Adam(model.parameters(), 1e-2)
    for _ in range(steps):
        model.train(mode)
        images, labels = torch_batch(scale, count)
        loss = nn.functional.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


def save_torch(name, model):
    save_tensors(model.state_dict(), OUT / f"{name}.safetensors", {"format": "pt"})


def make_torch():
    save_torch("torch-healthy", train(network()))
    # eval() in the loop: weights train, statistics stay 0 and 1.
    save_torch("torch-never-updated", train(network(), mode=False))
    # 0.9^20 = 12 % of 0 and 1 are left.
    save_torch("torch-initial-value", train(network(), steps=20))
    save_torch("torch-epsilon", train(network(), 250, scale=1e-3))
    save_torch("torch-bias", train(network(bias=True)))

    # Weights that all outputs of the first ReLU are 0 for: the second batch norm sees constants.
    model = nn.Sequential(nn.Conv2d(1, 6, 3), nn.ReLU(), nn.Conv2d(6, 8, 3, bias=False),
                          nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(),
                          nn.Linear(32, 4))
    nn.init.constant_(model[0].bias, -100.0)
    save_torch("torch-constant", train(model, 250))

    # Asked for no output at all, beta sinks until the ReLU passes nothing on.
    model = nn.Sequential(nn.Conv2d(1, 6, 3, bias=False), nn.BatchNorm2d(6), nn.ReLU())
    optimizer = torch.optim.SGD([model[1].bias], lr=200.0)
    for _ in range(200):
        loss = model(torch_batch()[0]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    save_torch("torch-dead", model)

    # Decay of every parameter, far too strong.
    model = network()
    save_torch("torch-gamma", train(model, 200, optimizer=torch.optim.SGD(
        model.parameters(), lr=0.1, weight_decay=1.0)))

    # requires_grad = False stops gamma and beta, and not the statistics.
    model = train(network())
    save_torch("torch-frozen-before", model)
    for layer in model:
        if isinstance(layer, nn.BatchNorm2d):
            layer.requires_grad_(False)
    save_torch("torch-frozen-after", train(model, 20, optimizer=torch.optim.Adam(
        [p for p in model.parameters() if p.requires_grad], 1e-2)))
    # The same frozen as a whole.
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], 1e-2)
    for _ in range(20):
        model.eval()
        images, labels = torch_batch()
        loss = nn.functional.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    save_torch("torch-frozen-whole", model)

    # A variance as E[x^2] - E[x]^2 in float32, of values far from 0.
    model = train(network())
    x = 1e4 + 0.01 * torch.randn(4096, 8)
    model[4].running_var.copy_((x * x).mean(0) - x.mean(0)**2)
    assert (model[4].running_var < 0).any()
    save_torch("torch-negative-variance", model)

    model = network()
    save_torch("torch-not-finite", train(model, 10, optimizer=torch.optim.SGD(
        model.parameters(), lr=1e30)))

    # Fine-tuned on other images in batches of 4, its batch norms learning as before.
    model = train(network())
    save_torch("torch-unfrozen-before", model)
    save_torch("torch-unfrozen-after", train(model, 40, scale=2.0, count=4))


def make_tensorflow_1(name, with_updates, steps=600):
    v1 = tf.compat.v1
    with tf.Graph().as_default():
        keras.utils.set_random_seed(1)
        x = v1.placeholder(tf.float32, [None, 64])
        y = v1.placeholder(tf.int32, [None])
        hidden = v1.layers.dense(x, 16, use_bias=False, name="hidden")
        hidden = v1.layers.batch_normalization(hidden, training=True, name="bn")
        logits = v1.layers.dense(tf.nn.relu(hidden), 4, name="logits")
        loss = v1.losses.sparse_softmax_cross_entropy(y, logits)
        updates = v1.get_collection(v1.GraphKeys.UPDATE_OPS) if with_updates else []
        with tf.control_dependencies(updates):
            step = v1.train.AdamOptimizer(1e-3).minimize(loss)
        one_thread = v1.ConfigProto(inter_op_parallelism_threads=1, intra_op_parallelism_threads=1)
        with v1.Session(config=one_thread) as session:
            session.run(v1.global_variables_initializer())
            for _ in range(steps):
                images, labels = batch()
                session.run(step, {x: images.reshape(-1, 64), y: labels})
            weights = {v.name: session.run(v) for v in v1.trainable_variables()}
            weights |= {v.name: session.run(v) for v in v1.global_variables() if "moving" in v.name}
    save_arrays({key: np.ascontiguousarray(value) for key, value in weights.items()},
                OUT / f"{name}.safetensors")


def make_keras(name, scale):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([
        keras.layers.Conv2D(6, 3, use_bias=False, input_shape=(8, 8, 1)),
        keras.layers.BatchNormalization(), keras.layers.ReLU(), keras.layers.Flatten(),
        keras.layers.Dense(4)])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    for _ in range(1200):
        images, labels = batch(scale=scale)
        model.train_on_batch(images[..., None], labels)
    save_arrays({w.name.split(":")[0]: np.ascontiguousarray(w.numpy()) for w in model.weights},
                OUT / f"{name}.safetensors")


def main():
    if PART == "pytorch":
        torch.manual_seed(1)
        torch.set_num_threads(1)
        make_torch()
    elif PART == "tensorflow":
        make_tensorflow_1("tf1-healthy", with_updates=True)
        make_tensorflow_1("tf1-never-updated", with_updates=False)
        make_keras("keras-healthy", 1.0)
        make_keras("keras-epsilon", 0.01)
    else:
        OUT.mkdir(exist_ok=True)
        for part in ("pytorch", "tensorflow"):
            subprocess.run([sys.executable, __file__, part], check=True)
        for path in sorted(OUT.iterdir()):
            print(f"{path.stat().st_size:6} {path.name}")
            assert path.stat().st_size < LIMIT, path


if __name__ == "__main__":
    main()
