# SPDX-License-Identifier: Apache-2.0
"""One training step in TensorFlow's graph mode, timed.

    python tensorflow_step.py [--network mnist-cnn] [--inter 1] [--onednn on] [--xla off] [--steps 300] …
"""

import os

import steps

args = steps.options(network=("mnist-cnn", ["mnist-cnn", "mlp"]), inter=("1", ["1", "2"]), onednn=("on", ["on", "off"]),
                     xla=("off", ["off", "on"]), precision=("f32", ["f32", "bf16"]))
os.environ["TF_ENABLE_ONEDNN_OPTS"] = str(int(args.onednn == "on"))

import tensorflow_network as network  # noqa: E402

graph = network.Network(args.network)
with network.session(args.threads, int(args.inter), args.xla == "on", args.precision == "bf16") as session:
    session.run(network.tf.global_variables_initializer())
    steps.measure("tensorflow", network.tf.__version__, args,
                  lambda images, labels: graph.step(session, images, labels))
