# SPDX-License-Identifier: Apache-2.0
"""Networks in TensorFlow 1 style, training=True and UPDATE_OPS run: the reference program corrected,
and an MLP of three hidden layers of 100 with batch norm and sigmoid."""

import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"  # where tf.layers lives today
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import tensorflow.compat.v1 as tf  # noqa: E402
from tensorflow.core.protobuf.rewriter_config_pb2 import RewriterConfig  # noqa: E402

tf.disable_v2_behavior()
tf.logging.set_verbosity(tf.logging.ERROR)


class Network:
    """The graph: placeholders, one training step, the number of right answers."""

    def __init__(self, kind="mnist-cnn"):
        self.images = tf.placeholder(tf.float32, [None, 28, 28, 1])
        self.labels = tf.placeholder(tf.int32, [None])
        self.training = tf.placeholder_with_default(False, [])
        logits = self._mlp() if kind == "mlp" else self._mnist_cnn()
        self.loss = tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(labels=self.labels, logits=logits))
        right = tf.equal(tf.argmax(logits, 1, output_type=tf.int32), self.labels)
        self.right = tf.reduce_sum(tf.cast(right, tf.int32))
        updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
        assert len(updates) == (6 if kind == "mlp" else 2)
        optimizer = (tf.train.GradientDescentOptimizer(0.1) if kind == "mlp"
                     else tf.train.AdamOptimizer(0.001))
        with tf.control_dependencies(updates):
            self.train = optimizer.minimize(self.loss)

    def _mnist_cnn(self):
        x = tf.layers.conv2d(self.images, 32, 5, padding="same", activation=tf.nn.relu)
        x = tf.layers.max_pooling2d(x, 2, 2)
        x = tf.layers.conv2d(x, 64, 5, padding="same", activation=tf.nn.relu)
        x = tf.layers.max_pooling2d(x, 2, 2)
        x = tf.reshape(x, [-1, 7 * 7 * 64])
        x = tf.layers.batch_normalization(x, training=self.training)
        x = tf.layers.dense(x, 1024, activation=tf.nn.relu)
        return tf.layers.dense(x, 10)

    def _mlp(self):
        x = tf.reshape(self.images, [-1, 28 * 28])
        for _ in range(3):
            x = tf.layers.dense(x, 100, use_bias=False)
            x = tf.nn.sigmoid(tf.layers.batch_normalization(x, training=self.training))
        return tf.layers.dense(x, 10)

    def step(self, session, images, labels):
        feed = {self.images: images, self.labels: labels, self.training: True}
        return session.run([self.train, self.loss], feed)[1]


def session(threads, inter=1, xla=False, bf16=False):
    config = tf.ConfigProto(
        intra_op_parallelism_threads=threads, inter_op_parallelism_threads=inter)
    if xla:
        os.environ["TF_XLA_FLAGS"] = "--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit"
        config.graph_options.optimizer_options.global_jit_level = tf.OptimizerOptions.ON_2
    if bf16:  # oneDNN's ops take bf16 where the rewriter holds it safe
        config.graph_options.rewrite_options.auto_mixed_precision_onednn_bfloat16 = RewriterConfig.ON
    return tf.Session(config=config)
