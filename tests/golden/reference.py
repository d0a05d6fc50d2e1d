# SPDX-License-Identifier: Apache-2.0
"""The reference network, written twice: in TensorFlow and in PyTorch.

conv 5x5 same ReLU -> max-pool 2x2 -> conv 5x5 same ReLU -> max-pool 2x2 -> flatten (NHWC)
-> batch norm -> dense ReLU -> dense; mean softmax cross-entropy; Adam in TensorFlow's form.

Both sides take and return NumPy arrays in evenkeel's names and layouts (kernels HWIO and
[in, out]), so that what they say can be compared tensor by tensor.

N H W C images, K output channels, R S kernel.
"""

import math
import warnings

import numpy as np

warnings.filterwarnings("ignore", "CUDA initialization|TF32 acceleration")

KEEP = 0.99
EPSILON = 1e-3
LEARNING_RATE, BETA1, BETA2, ADAM_EPSILON = 1e-3, 0.9, 0.999, 1e-8

TRAINABLE = [
    "conv1/kernel", "conv1/bias",
    "conv2/kernel", "conv2/bias",
    "bn1/gamma", "bn1/beta",
    "dense1/kernel", "dense1/bias",
    "dense2/kernel", "dense2/bias",
]
MOVING = ["bn1/moving_mean", "bn1/moving_variance"]


def shapes(height, filters1, filters2, hidden, classes):
    """Every tensor of the state, by name, for square one-channel images."""
    features = (height // 4) ** 2 * filters2
    return {
        "conv1/kernel": (5, 5, 1, filters1), "conv1/bias": (filters1,),
        "conv2/kernel": (5, 5, filters1, filters2), "conv2/bias": (filters2,),
        "bn1/gamma": (features,), "bn1/beta": (features,),
        "dense1/kernel": (features, hidden), "dense1/bias": (hidden,),
        "dense2/kernel": (hidden, classes), "dense2/bias": (classes,),
        "bn1/moving_mean": (features,), "bn1/moving_variance": (features,),
    }


def adam_rate(step):
    """TensorFlow's step size; `step` counts from 1."""
    return LEARNING_RATE * math.sqrt(1.0 - BETA2**step) / (1.0 - BETA1**step)


class TensorFlowNetwork:
    """One state and one training step, in float64, of tf.nn primitives."""

    def __init__(self, state):
        import tensorflow as tf

        self.tf = tf
        self.state = {n: tf.Variable(v, dtype=tf.float64) for n, v in state.items()}
        self.m = {n: tf.Variable(np.zeros_like(state[n])) for n in TRAINABLE}
        self.v = {n: tf.Variable(np.zeros_like(state[n])) for n in TRAINABLE}
        self.steps = 0

    def forward(self, images, training):
        tf, s = self.tf, self.state
        pre1 = tf.nn.conv2d(images, s["conv1/kernel"], 1, "SAME") + s["conv1/bias"]
        pool1 = tf.nn.max_pool2d(tf.nn.relu(pre1), 2, 2, "VALID")
        pre2 = tf.nn.conv2d(pool1, s["conv2/kernel"], 1, "SAME") + s["conv2/bias"]
        pool2 = tf.nn.max_pool2d(tf.nn.relu(pre2), 2, 2, "VALID")
        flat = tf.reshape(pool2, [pool2.shape[0], -1])
        if training:
            mean, variance = tf.nn.moments(flat, axes=[0])  # population variance
        else:
            mean, variance = s["bn1/moving_mean"], s["bn1/moving_variance"]
        normal = tf.nn.batch_normalization(
            flat, mean, variance, s["bn1/beta"], s["bn1/gamma"], EPSILON)
        pre3 = normal @ s["dense1/kernel"] + s["dense1/bias"]
        logits = tf.nn.relu(pre3) @ s["dense2/kernel"] + s["dense2/bias"]
        return logits, mean, variance, {"conv1": pre1, "conv2": pre2, "dense1": pre3}

    def step(self, images, labels):
        tf = self.tf
        images = tf.constant(images, tf.float64)
        with tf.GradientTape() as tape:
            tape.watch(images)
            logits, mean, variance, _ = self.forward(images, training=True)
            loss = tf.reduce_mean(
                tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
        sources = [self.state[n] for n in TRAINABLE]
        *grads, grad_images = tape.gradient(loss, sources + [images])

        self.steps += 1
        rate = adam_rate(self.steps)
        for name, grad in zip(TRAINABLE, grads):
            m, v = self.m[name], self.v[name]
            m.assign(BETA1 * m + (1.0 - BETA1) * grad)
            v.assign(BETA2 * v + (1.0 - BETA2) * tf.square(grad))
            self.state[name].assign_sub(rate * m / (tf.sqrt(v) + ADAM_EPSILON))
        for name, batch in (("bn1/moving_mean", mean), ("bn1/moving_variance", variance)):
            self.state[name].assign(KEEP * self.state[name] + (1.0 - KEEP) * batch)

        out = {"loss": loss, "logits": logits, "grad/images": grad_images}
        out |= {f"grad/{n}": g for n, g in zip(TRAINABLE, grads)}
        out |= self.state
        return {n: t.numpy() for n, t in out.items()}

    def pre_activations(self, images):
        pre = self.forward(self.tf.constant(images, self.tf.float64), training=True)[3]
        return {n: t.numpy() for n, t in pre.items()}

    def adam(self):
        out = {f"adam/m/{n}": self.m[n].numpy() for n in TRAINABLE}
        return out | {f"adam/v/{n}": self.v[n].numpy() for n in TRAINABLE}

    def infer(self, images):
        return self.forward(self.tf.constant(images, self.tf.float64), False)[0].numpy()


def _to_torch(name, value):
    """HWIO -> OIHW and [in, out] -> [out, in]: PyTorch's own layouts."""
    if name.endswith("/kernel"):
        return value.transpose(3, 2, 0, 1) if value.ndim == 4 else value.T
    return value


def _from_torch(name, value):
    value = value.detach().double().contiguous().numpy()
    if name.endswith("/kernel"):
        value = value.transpose(2, 3, 1, 0) if value.ndim == 4 else value.T
    return np.ascontiguousarray(value)


class PyTorchNetwork:
    """The same in PyTorch's own layouts, with its own batch norm; float64 or float32."""

    def __init__(self, state, dtype="float64"):
        import torch

        self.torch = torch
        self.dtype = getattr(torch, dtype)
        self.state = {}
        for name, value in state.items():
            tensor = torch.tensor(np.ascontiguousarray(_to_torch(name, value)), dtype=self.dtype)
            self.state[name] = tensor.requires_grad_(name in TRAINABLE)
        self.m = {n: torch.zeros_like(self.state[n]) for n in TRAINABLE}
        self.v = {n: torch.zeros_like(self.state[n]) for n in TRAINABLE}
        self.steps = 0

    def _images(self, images):
        images = np.ascontiguousarray(images.transpose(0, 3, 1, 2))
        return self.torch.tensor(images, dtype=self.dtype)

    def forward(self, images, training):
        torch, s = self.torch, self.state
        f = torch.nn.functional
        x = f.max_pool2d(f.relu(f.conv2d(images, s["conv1/kernel"], s["conv1/bias"], padding=2)), 2)
        x = f.max_pool2d(f.relu(f.conv2d(x, s["conv2/kernel"], s["conv2/bias"], padding=2)), 2)
        flat = x.permute(0, 2, 3, 1).reshape(x.shape[0], -1)
        moving = (None, None) if training else (s["bn1/moving_mean"], s["bn1/moving_variance"])
        x = f.batch_norm(flat, *moving, s["bn1/gamma"], s["bn1/beta"], training, eps=EPSILON)
        x = f.relu(f.linear(x, s["dense1/kernel"], s["dense1/bias"]))
        return f.linear(x, s["dense2/kernel"], s["dense2/bias"]), flat

    def step(self, images, labels):
        torch = self.torch
        images = self._images(images).requires_grad_()
        logits, flat = self.forward(images, training=True)
        labels = torch.tensor(labels, dtype=torch.int64)
        loss = torch.nn.functional.cross_entropy(logits, labels)
        sources = [self.state[n] for n in TRAINABLE]
        *grads, grad_images = torch.autograd.grad(loss, sources + [images])

        self.steps += 1
        rate = adam_rate(self.steps)
        with torch.no_grad():
            for name, grad in zip(TRAINABLE, grads):
                m, v = self.m[name], self.v[name]
                m.mul_(BETA1).add_(grad, alpha=1.0 - BETA1)
                v.mul_(BETA2).addcmul_(grad, grad, value=1.0 - BETA2)
                self.state[name].sub_(rate * m / (v.sqrt() + ADAM_EPSILON))
            variance, mean = torch.var_mean(flat, dim=0, correction=0)
            for name, batch in (("bn1/moving_mean", mean), ("bn1/moving_variance", variance)):
                self.state[name].mul_(KEEP).add_(batch, alpha=1.0 - KEEP)

        out = {f"grad/{n}": _from_torch(n, g) for n, g in zip(TRAINABLE, grads)}
        out |= {n: _from_torch(n, t) for n, t in self.state.items()}
        out["grad/images"] = np.ascontiguousarray(
            grad_images.double().numpy().transpose(0, 2, 3, 1))
        out["loss"] = loss.detach().double().numpy()
        out["logits"] = logits.detach().double().numpy()
        return out

    def adam(self):
        out = {f"adam/m/{n}": _from_torch(n, self.m[n]) for n in TRAINABLE}
        return out | {f"adam/v/{n}": _from_torch(n, self.v[n]) for n in TRAINABLE}

    def infer(self, images):
        with self.torch.no_grad():
            return self.forward(self._images(images), False)[0].double().numpy()


def agree(ours, theirs, limit, where):
    """Asserts max |a - b| <= limit * max |a| per tensor; returns the worst of it."""
    assert ours.keys() == theirs.keys(), (where, ours.keys() ^ theirs.keys())
    worst = 0.0
    for name, a in ours.items():
        b = theirs[name]
        assert a.shape == b.shape, (where, name, a.shape, b.shape)
        assert np.isfinite(a).all() and np.isfinite(b).all(), (where, name)
        error = float(np.abs(a - b).max() / max(np.abs(a).max(), 1e-300))
        assert error <= limit, f"{where}: {name}: TensorFlow and PyTorch differ by {error:.2e}"
        worst = max(worst, error)
    return worst


def kink_distances(pre):
    """Per layer, how far its pre-activations are from where the gradient jumps.

    For a dense layer that is the ReLU's corner. For a convolution, only the largest of each
    2x2 window matters: its distance from 0 and, where it is positive, its lead over the
    second. (A window without a positive value passes no gradient, wherever the tie falls.)
    """
    found = {}
    for name, value in pre.items():
        if value.ndim == 4:
            n, h, w, c = value.shape
            windows = value.reshape(n, h // 2, 2, w // 2, 2, c).transpose(0, 1, 3, 5, 2, 4)
            windows = np.sort(windows.reshape(-1, 4), axis=1)
            largest, second = windows[:, 3], np.maximum(windows[:, 2], 0.0)
            lead = np.where(largest > 0, largest - second, np.inf)
            found[name] = float(min(np.abs(largest).min(), lead.min()))
        else:
            found[name] = float(np.abs(value).min())
    return found


def always_on(pre):
    """Whether a channel of the last pooling is positive everywhere.

    The batch norm then takes its bias away again: a gradient of exactly 0 in theory, of
    rounding in practice, and Adam makes steps of rounding.
    """
    n, h, w, c = pre["conv2"].shape
    windows = pre["conv2"].reshape(n, h // 2, 2, w // 2, 2, c).max(axis=(2, 4))
    return bool((windows.min(axis=(0, 1, 2)) > 0).any())
