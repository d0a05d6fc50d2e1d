# SPDX-License-Identifier: Apache-2.0
"""What is tried for each peer: every combination of its options, by tune.py.

Two threads go to the framework in all of them. Left out because they change the numbers: quantised
weights, fast-math. bf16 has workloads of its own, in which evenkeel is free to choose as well.
"""

import itertools

TRAINING = {
    # TensorFlow 1's graph and session. inter: operations at once; onednn: its kernels instead of
    # Eigen's; xla: the step as one compiled cluster.
    "tensorflow": ("tensorflow_step.py", {
        "inter": ["1", "2"], "onednn": ["on", "off"], "xla": ["off", "on"]}),
    # compile: torch.compile (inductor) of the network.
    "pytorch": ("pytorch_step.py", {
        "layout": ["channels_last", "contiguous"], "update": ["fused", "foreach", "single"],
        "compile": ["off", "on"]}),
}

INFERENCE = {
    # level: graph optimisations; fold: batch norm folded into the dense layer before ONNX Runtime
    # sees it; spin: its threads wait busily between operations.
    "onnxruntime": ("onnxruntime_predict.py", {
        "level": ["all", "extended", "basic"], "fold": ["on", "off"],
        "mode": ["sequential", "parallel"], "spin": ["on", "off"]}),
    "pytorch": ("pytorch_predict.py", {
        "layout": ["channels_last", "contiguous"], "compile": ["off", "freeze", "inductor"]}),
}

# MLP 784-3x100-10, batch norm, sigmoid, batch 60, SGD: steps so small that one thread may be best.
SMALL_STEPS = {
    "tensorflow": ("tensorflow_step.py", {
        "network": ["mlp"], "batch": ["60"], "threads": ["1", "2"], "onednn": ["on", "off"],
        "xla": ["off", "on"]}),
    "pytorch": ("pytorch_step.py", {
        "network": ["mlp"], "batch": ["60"], "threads": ["1", "2"], "compile": ["off", "on"],
        "update": ["fused", "foreach", "single"]}),
}

# Of any precision: bf16 as each framework offers it, for weights and images in the order it likes.
TRAINING_BF16 = {
    "tensorflow": ("tensorflow_step.py", {
        "precision": ["bf16"], "inter": ["1", "2"], "xla": ["off", "on"]}),
    "pytorch": ("pytorch_step.py", {
        "precision": ["bf16"], "layout": ["channels_last", "contiguous"], "update": ["fused", "foreach"],
        "compile": ["off", "on"]}),
}

# A thousand images a call; one operation after the other, which won for 128 everywhere.
INFERENCE_1000 = {
    "onnxruntime": ("onnxruntime_predict.py", {
        "batch": ["1000"], "level": ["all", "extended"], "fold": ["on", "off"], "spin": ["on", "off"]}),
    "pytorch": ("pytorch_predict.py", {
        "batch": ["1000"], "layout": ["channels_last", "contiguous"], "compile": ["off", "freeze", "inductor"]}),
}


def networks(network, mode, batch, precision="f32"):
    """Other networks on random images: see pytorch_networks.py."""
    common = {"network": [network], "mode": [mode], "batch": [batch], "precision": [precision]}
    return {
        "tensorflow": ("tensorflow_networks.py", common | {
            "onednn": ["on", "off"], "xla": ["off", "on"]}),
        "pytorch": ("pytorch_networks.py", common | {
            "layout": ["channels_last", "contiguous"], "compile": ["off", "on"]}),
    }


# What evenkeel's program takes for it: network, mode, batch.
NETWORKS = {"resnet20": ("resnet20", "train", "128"),
            "resnet20-plain": ("resnet20-plain", "train", "128"),
            "resnet20-bf16": ("resnet20", "train", "128", "bf16"),
            "resnet20-inference": ("resnet20", "infer", "128"),
            "other-cnn": ("other-cnn", "train", "100")}

WORKLOADS = {"training": TRAINING, "training-bf16": TRAINING_BF16, "inference": INFERENCE,
             "inference-1000": INFERENCE_1000, "small-steps": SMALL_STEPS,
             **{name: networks(*of) for name, of in NETWORKS.items()}}


def combinations(options):
    """-> [{option: value}], the first value of each option first."""
    return [dict(zip(options, values)) for values in itertools.product(*options.values())]


def flags(setting):
    return [word for name, value in setting.items() for word in (f"--{name}", value)]
