# SPDX-License-Identifier: Apache-2.0
"""The trained reference network in PyTorch: predictions, timed and checked.

    python pytorch_predict.py --checkpoint FILE [--layout channels_last] [--compile off] …
"""

import predictions

args = predictions.options(layout=("channels_last", ["channels_last", "contiguous"]),
                           compile=("off", ["off", "freeze", "inductor"]))

import warnings  # noqa: E402

import torch  # noqa: E402
from torch import nn  # noqa: E402

warnings.filterwarnings("ignore")
torch.set_num_threads(args.threads)
torch.set_flush_denormal(True)
layout = {"channels_last": torch.channels_last, "contiguous": torch.contiguous_format}[args.layout]


def network():
    weights = {key: torch.from_numpy(value.copy())
               for key, value in predictions.nchw(args.checkpoint).items()}
    model = nn.Sequential(
        nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.BatchNorm1d(7 * 7 * 64, eps=predictions.EPSILON),
        nn.Linear(7 * 7 * 64, 1024), nn.ReLU(), nn.Linear(1024, 10), nn.Softmax(1))
    with torch.no_grad():
        for index, name in ((0, "conv1"), (3, "conv2"), (8, "dense1"), (10, "dense2")):
            kernel = weights[f"{name}/kernel"]
            model[index].weight.copy_(kernel if kernel.ndim == 4 else kernel.T)
            model[index].bias.copy_(weights[f"{name}/bias"])
        norm = model[7]
        norm.weight.copy_(weights["bn1/gamma"])
        norm.bias.copy_(weights["bn1/beta"])
        norm.running_mean.copy_(weights["bn1/moving_mean"])
        norm.running_var.copy_(weights["bn1/moving_variance"])
    model = model.to(memory_format=layout).eval()
    if args.compile == "freeze":
        example = torch.zeros(args.batch, 1, 28, 28).to(memory_format=layout)
        return torch.jit.optimize_for_inference(torch.jit.trace(model, example))
    return torch.compile(model, dynamic=False) if args.compile == "inductor" else model


model = network()


def predict(images):
    with torch.inference_mode():
        return model(torch.from_numpy(images).contiguous(memory_format=layout)).numpy()


predictions.measure("pytorch", torch.__version__, args, predict)
