# SPDX-License-Identifier: Apache-2.0
"""One training step of the reference network in TensorFlow's graph mode, timed.

    python tensorflow_step.py [--steps 300] [--threads 2] [--inter 1] …
"""

import steps

args = steps.options(inter=("1", ["1", "2"]))

import tensorflow_network as network  # noqa: E402

graph = network.Network()
with network.session(args.threads, int(args.inter)) as session:
    session.run(network.tf.global_variables_initializer())
    steps.measure("tensorflow", network.tf.__version__, args,
                  lambda images, labels: graph.step(session, images, labels))
