# SPDX-License-Identifier: Apache-2.0
"""ResNet-20 and a network of odd sizes in TensorFlow's graph mode, trained or predicted with, timed.

    python tensorflow_networks.py [--network resnet20] [--mode train] [--onednn on] [--xla off] …
"""

import os

import steps

args = steps.options(network=("resnet20", ["resnet20", "resnet20-plain", "other-cnn"]),
                     mode=("train", ["train", "infer"]), onednn=("on", ["on", "off"]),
                     xla=("off", ["off", "on"]), precision=("f32", ["f32", "bf16"]))
os.environ["TF_ENABLE_ONEDNN_OPTS"] = str(int(args.onednn == "on"))

import tensorflow_network as network  # noqa: E402
from tensorflow_network import tf  # noqa: E402

training = args.mode == "train"
plain = args.network == "resnet20-plain"  # a bias in the place of each batch norm
shape = (30, 30, 1) if args.network == "other-cnn" else (32, 32, 3)
images = tf.placeholder(tf.float32, [None, *shape])
labels = tf.placeholder(tf.int32, [None])


def normed(x):
    return x if plain else tf.layers.batch_normalization(x, training=training, fused=True)


def conv(x, width, size, stride=1):
    return tf.layers.conv2d(x, width, size, stride, padding="same", use_bias=plain)


def resnet20(x):
    x = tf.nn.relu(normed(conv(x, 16, 3)))
    for width in (16, 32, 64):
        for index in range(3):
            stride = 2 if index == 0 and width > 16 else 1
            y = tf.nn.relu(normed(conv(x, width, 3, stride)))
            y = normed(conv(y, width, 3))
            x = tf.nn.relu(y + (normed(conv(x, width, 1, 2)) if stride == 2 else x))
    return tf.layers.dense(tf.reduce_mean(x, [1, 2]), 10)


def other_cnn(x):
    for width in (24, 56):
        x = tf.layers.conv2d(x, width, 5, padding="same", activation=tf.nn.relu)
        x = tf.layers.max_pooling2d(x, 2, 2)
    x = tf.layers.batch_normalization(tf.reshape(x, [-1, 7 * 7 * 56]), training=training)
    return tf.layers.dense(tf.layers.dense(x, 500, activation=tf.nn.relu), 10)


logits = other_cnn(images) if args.network == "other-cnn" else resnet20(images)
loss = tf.reduce_mean(
    tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
if training:
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        wanted = [tf.train.AdamOptimizer(0.001).minimize(loss), loss]
else:
    wanted = [tf.nn.softmax(logits), logits[0, 0]]

with network.session(args.threads, 1, args.xla == "on", args.precision == "bf16") as session:
    session.run(tf.global_variables_initializer())
    steps.measure("tensorflow", tf.__version__, args,
                  lambda x, y: session.run(wanted, {images: x, labels: y})[1], shape)
