# SPDX-License-Identifier: Apache-2.0
"""mnist-99 in TensorFlow's graph mode, from the start to the accuracy on the test images."""

import os

os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"

import recipe_99  # noqa: E402
import steps  # noqa: E402
from tensorflow_network import session, tf  # noqa: E402

args = recipe_99.options()
tf.set_random_seed(args.seed)
images = tf.placeholder(tf.float32, [None, 28, 28, 1])
labels = tf.placeholder(tf.int32, [None])
rate = tf.placeholder(tf.float32, [])
training = tf.placeholder_with_default(False, [])
x = images
for channels in (16, 32):
    x = tf.layers.conv2d(x, channels, 5, padding="same", activation=tf.nn.relu)
    x = tf.layers.max_pooling2d(x, 2, 2)
    x = tf.layers.batch_normalization(x, momentum=0.9, training=training)
logits = tf.layers.dense(tf.reshape(x, [-1, 7 * 7 * 32]), 10)
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
right = tf.reduce_sum(tf.cast(tf.equal(tf.argmax(logits, 1, output_type=tf.int32), labels), tf.int32))
with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
    train = tf.train.AdamOptimizer(rate).minimize(loss)

with session(args.threads) as run:
    run.run(tf.global_variables_initializer())
    batches, test_images, test_labels = recipe_99.batches(args.seed)
    for pixels, classes, now in batches:
        run.run([train, loss], {images: pixels, labels: classes, rate: now, training: True})
    correct = sum(int(run.run(right, {images: test_images[at:at + 1000], labels: test_labels[at:at + 1000]}))
                  for at in range(0, len(test_labels), 1000))
steps.say("done", name="tensorflow", version=tf.__version__, accuracy=correct / len(test_labels))
