# SPDX-License-Identifier: Apache-2.0
"""What is tried for each peer: every combination of its options, by tune.py.

Two threads go to the framework in all of them. Left out because they change the numbers:
bf16, quantised weights, fast-math.
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

def networks(network, mode, batch):
    """Other networks on random images: see pytorch_networks.py."""
    common = {"network": [network], "mode": [mode], "batch": [batch]}
    return {
        "tensorflow": ("tensorflow_networks.py", common | {
            "onednn": ["on", "off"], "xla": ["off", "on"]}),
        "pytorch": ("pytorch_networks.py", common | {
            "layout": ["channels_last", "contiguous"], "compile": ["off", "on"]}),
    }


# What evenkeel's program takes for it: network, mode, batch.
NETWORKS = {"resnet20": ("resnet20", "train", "128"),
            "resnet20-inference": ("resnet20", "infer", "128"),
            "other-cnn": ("other-cnn", "train", "100")}

WORKLOADS = {"training": TRAINING, "inference": INFERENCE, "small-steps": SMALL_STEPS,
             **{name: networks(*of) for name, of in NETWORKS.items()}}


def combinations(options):
    """-> [{option: value}], the first value of each option first."""
    return [dict(zip(options, values)) for values in itertools.product(*options.values())]


def flags(setting):
    return [word for name, value in setting.items() for word in (f"--{name}", value)]
