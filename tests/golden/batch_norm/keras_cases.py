# SPDX-License-Identifier: Apache-2.0
"""Writes keras.json: Keras 3's BatchNormalization, with TensorFlow under it.

Not with PyTorch under it: there the layer casts float64 to float32 (keras 3.15.1).
"""
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.pop("TF_USE_LEGACY_KERAS", None)
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402

from formula import RENORM, File, Formula, beta_of, dy_at, gamma_of, mask_at, renorm_rule, x_at  # noqa: E402

# Keras 3's names, and ours.
STATISTICS = {"moving_mean": "moving_mean", "moving_variance": "moving_variance", "moving_stddev": "moving_deviation",
              "renorm_mean": "renorm_mean", "renorm_stddev": "renorm_deviation"}


class Layer:
    def __init__(self, shape, layer, masked):
        self.shape, self.layer, self.masked = shape, layer, masked
        self.trained = {key: getattr(layer, key) for key in ("gamma", "beta") if getattr(layer, key) is not None}

    def statistics(self):
        return {ours: getattr(self.layer, key).numpy().copy() for key, ours in STATISTICS.items()
                if hasattr(self.layer, key)}

    def step(self, t):
        x = tf.constant(x_at(self.shape, t))
        mask = tf.constant(mask_at(self.shape, t)) if self.masked else None
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = self.layer(x, training=True, mask=mask)
            loss = tf.reduce_sum(y * dy_at(self.shape, t))
        assert y.dtype == tf.float64
        slopes = tape.gradient(loss, [x, *(weight.value for weight in self.trained.values())])
        out = {"y": y, "dx": slopes[0]} | dict(zip([f"d{key}" for key in self.trained], slopes[1:]))
        return out | self.statistics()

    def infer(self, t):
        return self.layer(tf.constant(x_at(self.shape, t)), training=False)


def keras3(file, name, shape, axis=-1, masked=False, **options):
    """options: BatchNormalization's own."""
    width = shape[axis]
    layer = keras.layers.BatchNormalization(axis=axis, dtype="float64", **options)
    layer.build(shape)
    running = Layer(shape, layer, masked)
    initialised = any(key.endswith("_initializer") for key in options)
    values = {"gamma": gamma_of(width), "beta": beta_of(width)}
    for key, variable in running.trained.items():
        if not initialised:
            variable.assign(values[key])
    start = {key: variable.numpy().copy() for key, variable in running.trained.items()}
    own = dict(start)
    if initialised:
        start |= running.statistics()
        own |= {"mean": start["moving_mean"], "start": start["moving_variance"]}
    renorm = renorm_rule(options.get("renorm_clipping", {}), options.get("renorm_momentum", 0.99))
    formula = Formula(shape, axes=(axis,), epsilon=options.get("epsilon", 1e-3), keep=options.get("momentum", 0.99),
                      weights=(lambda t: mask_at(shape, t)) if masked else None, more_count=1e-7 if masked else 0.0,
                      renorm=renorm if options.get("renorm") else None, **own)
    written = {key: value.get_config()["value"] if isinstance(value, keras.Initializer) else value
               for key, value in options.items()}
    file.add(name, running, formula, {"axis": axis, "mask": masked} | written, start, axes=[axis % len(shape)])


def main():
    file = File("keras.json", "keras.layers.BatchNormalization, float64",
                {"keras": keras.__version__, "tensorflow": tf.__version__})
    for rank, shape in {2: (8, 4), 3: (4, 5, 3), 4: (4, 2, 3, 3), 5: (3, 2, 3, 2, 3)}.items():
        for axis in range(1, rank):
            keras3(file, f"rank{rank}_axis{axis}", shape, axis, momentum=0.99 if axis == rank - 1 else 0.9)
    keras3(file, "no_center", (8, 4), center=False)
    keras3(file, "no_scale", (8, 4), scale=False, epsilon=1e-5)
    keras3(file, "bare", (4, 2, 3, 3), center=False, scale=False, momentum=0.9)
    constant = keras.initializers.Constant
    keras3(file, "initializers", (4, 2, 3, 3), momentum=0.9, gamma_initializer=constant(1.5),
           beta_initializer=constant(-0.25), moving_mean_initializer=constant(0.5),
           moving_variance_initializer=constant(2.0))
    keras3(file, "mask_rank3", (4, 5, 3), masked=True, momentum=0.9)
    keras3(file, "mask_rank4", (4, 2, 3, 3), masked=True)
    keras3(file, "renorm", (8, 4), renorm=True, momentum=0.9, renorm_momentum=0.9)
    keras3(file, "renorm_clipped", (4, 2, 3, 3), renorm=True, renorm_clipping=RENORM, renorm_momentum=0.9)
    file.write()


if __name__ == "__main__":
    main()
