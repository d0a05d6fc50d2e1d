# SPDX-License-Identifier: Apache-2.0
"""Writes batch_norm/*.json: batch norm by PyTorch, Keras 3, TensorFlow 1's layers and written-out formulas.

    python make_batch_norm_golden.py           # about a minute; requirements.txt
    python make_batch_norm_golden.py keras     # pytorch, keras, tf1 or formula alone

Every case trains for 100 steps on inputs that batch_norm/formula.py defines, so that they need not be stored.
"""
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent / "batch_norm"

# A process each: Keras 3 runs TensorFlow 2, tf.layers needs it switched off.
for part in sys.argv[1:] or ["pytorch", "keras", "tf1", "formula"]:
    subprocess.run([sys.executable, HERE / f"{part}_cases.py"], check=True)
