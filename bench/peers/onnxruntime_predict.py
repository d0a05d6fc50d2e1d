# SPDX-License-Identifier: Apache-2.0
"""The trained reference network in ONNX Runtime: predictions, timed and checked.

    python onnxruntime_predict.py --checkpoint FILE [--level all] [--fold on] [--mode sequential] …
"""

import predictions

args = predictions.options(level=("all", ["all", "extended", "basic"]), fold=("on", ["on", "off"]),
                           mode=("sequential", ["sequential", "parallel"]),
                           spin=("on", ["on", "off"]))

import numpy as np  # noqa: E402
import onnx  # noqa: E402
import onnxruntime as ort  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402


def network(weights, fold):
    """Images [N,1,28,28] in 0..1 -> softmax [N,10], of weights as predictions.nchw gives them."""
    nodes, constants, last = [], [], "images"

    def constant(name, value):
        constants.append(numpy_helper.from_array(np.ascontiguousarray(value, np.float32), name))
        return name

    def add(op, out, *inputs, **attributes):
        nonlocal last
        nodes.append(helper.make_node(op, [last, *inputs], [out], **attributes))
        last = out

    for index in (1, 2):
        name = f"conv{index}"
        add("Conv", name, constant(f"{name}.w", weights[f"{name}/kernel"]),
            constant(f"{name}.b", weights[f"{name}/bias"]), pads=[2, 2, 2, 2])
        add("Relu", f"{name}.relu")
        add("MaxPool", f"pool{index}", kernel_shape=[2, 2], strides=[2, 2])
    add("Flatten", "flat")
    dense, bias = weights["dense1/kernel"], weights["dense1/bias"]
    if fold:
        scale, shift = predictions.folded(weights)
        dense, bias = dense * scale[:, None], bias + shift @ dense
    else:
        names = [constant(key, weights[f"bn1/{key}"])
                 for key in ("gamma", "beta", "moving_mean", "moving_variance")]
        add("BatchNormalization", "normal", *names, epsilon=predictions.EPSILON)
    add("Gemm", "dense1", constant("dense1.w", dense), constant("dense1.b", bias))
    add("Relu", "dense1.relu")
    add("Gemm", "dense2", constant("dense2.w", weights["dense2/kernel"]),
        constant("dense2.b", weights["dense2/bias"]))
    add("Softmax", "probabilities", axis=1)
    graph = helper.make_graph(
        nodes, "mnist-cnn",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["n", 1, 28, 28])],
        [helper.make_tensor_value_info(last, TensorProto.FLOAT, ["n", 10])], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def session():
    how = ort.SessionOptions()
    how.intra_op_num_threads = args.threads
    how.inter_op_num_threads = 2 if args.mode == "parallel" else 1
    how.execution_mode = {"sequential": ort.ExecutionMode.ORT_SEQUENTIAL,
                          "parallel": ort.ExecutionMode.ORT_PARALLEL}[args.mode]
    how.graph_optimization_level = {
        "all": ort.GraphOptimizationLevel.ORT_ENABLE_ALL,
        "extended": ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
        "basic": ort.GraphOptimizationLevel.ORT_ENABLE_BASIC}[args.level]
    how.add_session_config_entry("session.intra_op.allow_spinning", str(int(args.spin == "on")))
    how.add_session_config_entry("session.set_denormal_as_zero", "1")
    model = network(predictions.nchw(args.checkpoint), args.fold == "on")
    return ort.InferenceSession(model, how, providers=["CPUExecutionProvider"])


runner = session()
predictions.measure("onnxruntime", ort.__version__, args,
                    lambda images: runner.run(None, {"images": images})[0])
