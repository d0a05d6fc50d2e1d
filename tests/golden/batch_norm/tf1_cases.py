# SPDX-License-Identifier: Apache-2.0
"""Writes tf1.json: TensorFlow 1's tf.layers.BatchNormalization, fused and not, in a graph with a session."""
import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"  # where tf.layers lives today
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import numpy as np  # noqa: E402
import tensorflow.compat.v1 as tf  # noqa: E402
import tf_keras  # noqa: E402
import torch  # noqa: E402

from formula import IMAGES, RENORM, File, Formula, beta_of, dy_at, gamma_of, renorm_rule, x_at  # noqa: E402

tf.disable_v2_behavior()
tf.logging.set_verbosity(tf.logging.ERROR)


class Session:
    """A tf.layers layer in a graph and session of its own, UPDATE_OPS run with each training step."""

    def __init__(self, shape, dtype, training, options, start):
        self.shape, self.dtype = shape, dtype
        with tf.Graph().as_default():
            self.x, self.dy = (tf.placeholder(dtype, shape) for _ in range(2))
            initial = {f"{key}_initializer": tf.constant_initializer(value) for key, value in start.items()}
            exact = {"momentum": 0.99, "epsilon": 1e-3, "renorm_momentum": 0.99} | options
            if dtype == tf.float64:  # TensorFlow would round a Python float to float32 on its way
                exact = {key: np.float64(value) if isinstance(value, float) else value for key, value in exact.items()}
            layer = tf.layers.BatchNormalization(**exact, **initial)
            y = layer.apply(self.x, training=training)
            trained = {key: getattr(layer, key) for key in ("gamma", "beta") if getattr(layer, key) is not None}
            slopes = tf.gradients(tf.reduce_sum(y * self.dy), [self.x, *trained.values()])
            self.fetched = {"y": y} | dict(zip(["dx", *(f"d{key}" for key in trained)], slopes))
            self.updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
            assert len(self.updates) == (2 if training else 0), self.updates
            self.kept = {"moving_mean": layer.moving_mean, "moving_variance": layer.moving_variance}
            if options.get("renorm"):
                self.kept |= {"moving_deviation": layer.moving_stddev, "renorm_mean": layer.renorm_mean,
                              "renorm_deviation": layer.renorm_stddev}
            self.inferred = layer.apply(self.x, training=False)
            self.session = tf.Session()
            self.session.run(tf.global_variables_initializer())
            assert layer.fused == (options.get("fused", True) and len(shape) in (4, 5) and dtype == tf.float32)

    def step(self, t):
        feed = {self.x: x_at(self.shape, t), self.dy: dy_at(self.shape, t)}
        out = self.session.run([self.fetched, self.updates], feed)[0]
        return out | self.session.run(self.kept)

    def infer(self, t):
        return self.session.run(self.inferred, {self.x: x_at(self.shape, t)})


def tf1(file, name, shape, axis=-1, dtype=tf.float64, training=True, **options):
    """options: tf.layers.batch_normalization's own."""
    axes = axis if isinstance(axis, list) else [axis]
    width = int(np.prod([shape[a] for a in axes]))
    start = {}
    if options.get("scale", True):
        start["gamma"] = gamma_of(width)
    if options.get("center", True):
        start["beta"] = beta_of(width)
    virtual = options.get("virtual_batch_size")
    layer = Session(shape, dtype, training, {"axis": axis} | options, start)
    # The layer reshapes N to [virtual, N / virtual] and normalises over the first: sample i is in i mod N / virtual.
    groups = [list(range(g, shape[0], shape[0] // virtual)) for g in range(shape[0] // virtual)] if virtual else None
    renorm = renorm_rule(options.get("renorm_clipping", {}), options.get("renorm_momentum", 0.99))
    keep = options.get("momentum", 0.99)
    formula = Formula(shape, axes=axes, epsilon=options.get("epsilon", 1e-3), keep=keep,
                      variance="sample" if dtype == tf.float32 else "population", groups=groups, update="mean",
                      renorm=renorm if options.get("renorm") else None, **start)
    if not training:
        formula = Untrained(formula)
    file.add(name, layer, formula, {"axis": axis, "training": training} | options, start, dtype.name,
             1e-12 if dtype == tf.float64 else 1e-5, axes=[a % len(shape) for a in axes])


class Untrained:
    """training=False in training: the moving statistics normalise, and stay what they were."""

    def __init__(self, formula):
        self.formula, self.shape = formula, formula.shape

    def step(self, t):
        f = self.formula
        x = torch.tensor(x_at(self.shape, t), requires_grad=True)
        gamma, beta = f.gamma.clone().requires_grad_(True), f.beta.clone().requires_grad_(True)
        y = (x - f.mean) / torch.sqrt(f.variance + f.epsilon) * gamma + beta
        (y * torch.tensor(dy_at(self.shape, t))).sum().backward()
        return {"y": y, "dx": x.grad, "dgamma": gamma.grad, "dbeta": beta.grad} | f.statistics()

    def infer(self, t):
        return self.formula.infer(t)


def main():
    file = File("tf1.json", "tf.layers.BatchNormalization; fused takes float32 only and stores the sample variance",
                {"tensorflow": tf.__version__, "tf_keras": tf_keras.__version__})
    tf1(file, "dense", (8, 4))
    tf1(file, "dense_training_false", (8, 4), training=False)
    tf1(file, "conv_not_fused", IMAGES, fused=False, momentum=0.9)
    tf1(file, "conv_axis1_not_fused", IMAGES, axis=1, fused=False, momentum=0.9)
    tf1(file, "axes_1_3", (5, 2, 3, 3), axis=[1, 3], fused=False, momentum=0.9)
    tf1(file, "conv_fused", IMAGES, dtype=tf.float32)
    tf1(file, "conv_fused_keep_0.9", IMAGES, dtype=tf.float32, momentum=0.9)
    tf1(file, "rank5_fused", (4, 2, 3, 2, 3), dtype=tf.float32)
    tf1(file, "rank3", (4, 5, 3))
    tf1(file, "rank5_not_fused", (4, 2, 3, 2, 3), fused=False, momentum=0.9)
    tf1(file, "no_center", (8, 4), center=False)
    tf1(file, "no_scale", (8, 4), scale=False)
    tf1(file, "bare", (8, 4), center=False, scale=False)
    tf1(file, "conv_fused_bare", IMAGES, dtype=tf.float32, center=False, scale=False)
    tf1(file, "renorm", (8, 4), renorm=True, momentum=0.9)
    tf1(file, "renorm_clipped", (8, 4), renorm=True, renorm_clipping=RENORM, renorm_momentum=0.9)
    tf1(file, "renorm_clipped_conv", IMAGES, renorm=True, fused=False, renorm_clipping=RENORM, renorm_momentum=0.95)
    tf1(file, "virtual_batch", (12, 3), virtual_batch_size=4, momentum=0.9)
    tf1(file, "virtual_batch_conv", IMAGES, virtual_batch_size=2, momentum=0.9)
    file.write()


if __name__ == "__main__":
    main()
