# SPDX-License-Identifier: Apache-2.0
"""Writes training.json: averages of weights over a run by PyTorch and TensorFlow, and where Keras ends a run early.

Run: python make_training_golden.py   (requirements.txt; the result is committed)
"""
import json
import os
import pathlib
import types

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import numpy as np
import tensorflow as tf
import torch
from torch.optim import swa_utils

HERE = pathlib.Path(__file__).parent
torch.set_default_dtype(torch.float64)

STEPS = 100
SIZE = 6
KEPT = [1, 2, 5, 10, 11, 40, 80, 81, 99, 100]  # steps whose averages are in the file


def weights(step):
    """What training is taken to have made of six weights after `step` steps: no numbers of a file are needed."""
    return [(7919 * (step * SIZE + i + 1)) % 1009 / 1009 - 0.5 for i in range(SIZE)]


def ramp(keep, step):
    return min(keep, (step + 1) / (step + 10))


class Weights(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.values = torch.nn.Parameter(torch.tensor(weights(0)))

    def take(self, step):
        with torch.no_grad():
            self.values.copy_(torch.tensor(weights(step)))


def swa(start, every):
    """PyTorch's AveragedModel, told of every `every`-th step behind `start`."""
    model = Weights()
    averaged = swa_utils.AveragedModel(model)
    averages = {}
    for step in range(1, STEPS + 1):
        model.take(step)
        if step > start and (step - start) % every == 0:
            averaged.update_parameters(model)
        if step in KEPT and averaged.n_averaged > 0:
            averages[step] = averaged.module.values.tolist()
    return {"start": start, "every": every, "count": int(averaged.n_averaged), "averages": averages}


def tensorflow_ema(keep):
    """TensorFlow's ExponentialMovingAverage, which has the ramp where it is told the number of updates."""
    variable = tf.Variable(weights(0), dtype=tf.float64)
    updates = tf.Variable(0, dtype=tf.int64)
    ema = tf.train.ExponentialMovingAverage(keep, num_updates=updates)
    ema.apply([variable])
    averages = {}
    for step in range(1, STEPS + 1):
        variable.assign(weights(step))
        updates.assign(step)
        ema.apply([variable])
        averages[step] = ema.average(variable).numpy().tolist()
    return averages


def pytorch_ema(keep):
    """The same by PyTorch's AveragedModel: told of the ramp while it lasts, then its own exponential average."""
    model = Weights()
    step = 0
    averaged = swa_utils.AveragedModel(model, avg_fn=lambda a, w, _: a + (1 - ramp(keep, step)) * (w - a))
    averaged.update_parameters(model)  # the first one copies
    averages = {}
    for step in range(1, STEPS + 1):
        if ramp(keep, step) == keep and averaged.multi_avg_fn is None:
            averaged.multi_avg_fn = swa_utils.get_ema_multi_avg_fn(keep)
        model.take(step)
        averaged.update_parameters(model)
        averages[step] = averaged.module.values.tolist()
    return averages, averaged.multi_avg_fn is not None


def ema(keep):
    averages = tensorflow_ema(keep)
    by_pytorch, past_ramp = pytorch_ema(keep)
    worst = max(np.abs(np.subtract(averages[step], by_pytorch[step])).max() for step in averages)
    print(f"EMA keep {keep}: TensorFlow and PyTorch within {worst:.1e}; past the ramp: {past_ramp}")
    assert worst < 1e-7  # TensorFlow takes 1 - decay in float32
    return {"keep": keep, "averages": {step: by_pytorch[step] for step in KEPT}, "tensorflow": averages[STEPS]}


def looks():
    """Losses and accuracies on validation data of a Keras model at a rate that lets them go up and down."""
    keras.utils.set_random_seed(3)
    random = np.random.default_rng(3)
    x = random.normal(size=(128, 8)).astype("float32")
    y = ((x[:, :4].argmax(axis=1) + (random.random(128) < 0.3)) % 4).astype("int32")
    l2 = keras.regularizers.L2(0.02)
    model = keras.Sequential([keras.layers.Dense(32, "relu", kernel_regularizer=l2), keras.layers.Dense(4)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.SGD(0.1, momentum=0.5), loss=loss, metrics=["accuracy"])
    fitting = {"batch_size": 4, "epochs": 40, "validation_data": (x[64:], y[64:]), "verbose": 0}
    history = model.fit(x[:64], y[:64], **fitting).history
    return [float(value) for value in history["val_loss"]], [float(value) for value in history["val_accuracy"]]


def end_by_keras(values, monitor, mode, patience, min_delta):
    """After how many looks Keras ends the run; 0: it does not."""
    stopping = keras.callbacks.EarlyStopping(monitor=monitor, patience=patience, min_delta=min_delta, mode=mode)
    model = types.SimpleNamespace(stop_training=False)
    stopping.set_model(model)
    stopping.on_train_begin()
    for epoch, value in enumerate(values):
        stopping.on_epoch_end(epoch, {monitor: value})
        if model.stop_training:
            return epoch + 1
    return 0


def early_stopping():
    losses, accuracies = looks()
    ends = []
    for metric, monitor, mode, values in (("loss", "val_loss", "min", losses),
                                          ("accuracy", "val_accuracy", "max", accuracies)):
        for patience in (1, 2, 3, 5, 10, 40):
            for min_delta in (0, 0.001, 0.02, 0.1):
                end = end_by_keras(values, monitor, mode, patience, min_delta)
                ends.append({"metric": metric, "patience": patience, "min_delta": min_delta, "end": end})
    print(f"early stopping: ends after {sorted({each['end'] for each in ends})} of {len(losses)} looks")
    return {"losses": losses, "accuracies": accuracies, "ends": ends}


golden = {
    "swa": [swa(0, 1), swa(7, 1), swa(5, 4), swa(40, 13), swa(99, 1)],
    "ema": [ema(0.2), ema(0.4), ema(0.9), ema(0.999)],
    "early_stopping": early_stopping(),
}
text = json.dumps(golden, indent=1)
(HERE / "training.json").write_text(text + "\n")
print(f"training.json: {len(text)} bytes")
