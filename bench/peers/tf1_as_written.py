# SPDX-License-Identifier: Apache-2.0
"""The TensorFlow 1 program of docs/from-tensorflow.md as it is written there, its trap included, and what it learned.

    python tf1_as_written.py [--epochs 10] [--seed 1] [--test-batch 10000] [--json FILE]

Only the reading of MNIST is of today (mnist.py: the same split and next_batch): the tutorials' module is gone.
"""

import argparse
import json
import os
import pathlib
import sys
import time

os.environ["TF_USE_LEGACY_KERAS"] = "1"  # where tf.layers lives today
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import numpy as np  # noqa: E402
import tensorflow.compat.v1 as tf  # noqa: E402

from mnist import Batches, load  # noqa: E402

tf.disable_v2_behavior()
tf.logging.set_verbosity(tf.logging.ERROR)

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--test-batch", type=int, default=10000, help="test images in one call; tutorials: all of them")
parser.add_argument("--time-looks", action="store_true", help="only tells seconds of a look by --test-batch, as JSON")
parser.add_argument("--json", type=pathlib.Path, help="where the numbers go as well")
args = parser.parse_args()

train_images, train_labels, test_images, test_labels = load()
train_images, test_images = (images.reshape(-1, 784) for images in (train_images, test_images))
train_labels, test_labels = (np.eye(10, dtype=np.float32)[labels] for labels in (train_labels, test_labels))
next_batch = Batches(train_images, train_labels, 128, args.seed).next
tf.set_random_seed(args.seed)

x = tf.placeholder(tf.float32, [None, 784])
y = tf.placeholder(tf.float32, [None, 10])

image = tf.reshape(x, [-1, 28, 28, 1])
conv1 = tf.layers.conv2d(image, 32, 5, padding="same", activation=tf.nn.relu)
pool1 = tf.layers.max_pooling2d(conv1, 2, 2)
conv2 = tf.layers.conv2d(pool1, 64, 5, padding="same", activation=tf.nn.relu)
pool2 = tf.layers.max_pooling2d(conv2, 2, 2)
flat = tf.layers.flatten(pool2)
norm = tf.layers.batch_normalization(flat)          # the trap
hidden = tf.layers.dense(norm, 1024, activation=tf.nn.relu)
logits = tf.layers.dense(hidden, 10)

loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=logits))
train = tf.train.AdamOptimizer(1e-3).minimize(loss)
right = tf.equal(tf.argmax(logits, 1), tf.argmax(y, 1))
accuracy = tf.reduce_mean(tf.cast(right, tf.float32))

epochs, size = args.epochs, 128
batches = len(train_images) // size
found = {"tensorflow": tf.__version__, "seed": args.seed, "lines": []}
config = tf.ConfigProto(intra_op_parallelism_threads=args.threads, inter_op_parallelism_threads=1)
with tf.Session(config=config) as session:
    session.run(tf.global_variables_initializer())

    def test_accuracy():
        pieces = [slice(begin, begin + args.test_batch) for begin in range(0, len(test_images), args.test_batch)]
        of_each = [session.run(accuracy, feed_dict={x: test_images[i], y: test_labels[i]}) for i in pieces]
        return float(np.average(of_each, weights=[len(test_labels[i]) for i in pieces]))

    if args.time_looks:
        seconds = {}
        for args.test_batch in (100, 250, 500, 1000, 2000, 5000, 10000):
            times = []
            for _ in range(4):  # the first pays for what its size needs
                begin = time.monotonic()
                test_accuracy()
                times.append(time.monotonic() - begin)
            seconds[args.test_batch] = sorted(times[1:])[1]
        print(json.dumps(seconds))
        sys.exit()

    for epoch in range(epochs):
        for batch in range(batches):
            images, labels = next_batch()
            _, value = session.run([train, loss], feed_dict={x: images, y: labels})
            if batch % 100 == 0:
                seen = test_accuracy()
                found["lines"].append([epoch + 1, batch + 1, float(value), seen])
                print("Epoch %d/%d - Batch %d/%d: loss = %.4f, accuracy = %.4f"
                      % (epoch + 1, epochs, batch + 1, batches, value, seen), flush=True)

    found["accuracy"] = test_accuracy()
    print("test accuracy at the end: %.4f" % found["accuracy"])
    print("update ops:", len(tf.get_collection(tf.GraphKeys.UPDATE_OPS)))
    # What the layer holds, and what it should have learned: the moments of its input over 10,000 training images.
    learned = session.run({v.op.name: v for v in tf.global_variables("batch_normalization/") if "Adam" not in v.name})
    fed = np.concatenate([session.run(flat, {x: train_images[i:i + 1000]}) for i in range(0, 10000, 1000)])
    learned |= {"input's mean": fed.mean(0), "input's variance": fed.var(0)}
    for name, values in sorted(learned.items()):
        found[name] = {"least": float(values.min()), "median": float(np.median(values)), "most": float(values.max())}
        print("%-36s of %d: %s" % (name, values.size, ", ".join("%s %.6g" % pair for pair in found[name].items())))
if args.json:
    args.json.write_text(json.dumps(found, indent=1) + "\n")
