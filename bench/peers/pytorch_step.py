# SPDX-License-Identifier: Apache-2.0
"""One training step in PyTorch, timed.

    python pytorch_step.py [--network mnist-cnn] [--layout channels_last] [--update fused] [--compile off] …
"""

import steps

args = steps.options(network=("mnist-cnn", ["mnist-cnn", "mlp"]),
                     layout=("channels_last", ["channels_last", "contiguous"]),
                     update=("fused", ["fused", "foreach", "single"]),
                     compile=("off", ["off", "on"]), precision=("f32", ["f32", "bf16"]))

import contextlib  # noqa: E402
import warnings  # noqa: E402

import torch  # noqa: E402
from torch import nn  # noqa: E402

warnings.filterwarnings("ignore", "CUDA initialization")
torch.set_num_threads(args.threads)
torch.set_flush_denormal(True)  # as TensorFlow does
layout = {"channels_last": torch.channels_last, "contiguous": torch.contiguous_format}[args.layout]


def mnist_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.BatchNorm1d(7 * 7 * 64, eps=1e-3, momentum=0.01),
        nn.Linear(7 * 7 * 64, 1024), nn.ReLU(), nn.Linear(1024, 10))


def mlp():
    layers, width = [nn.Flatten()], 28 * 28
    for _ in range(3):
        layers += [nn.Linear(width, 100, bias=False), nn.BatchNorm1d(100, eps=1e-3), nn.Sigmoid()]
        width = 100
    return nn.Sequential(*layers, nn.Linear(width, 10))


model = (mlp() if args.network == "mlp" else mnist_cnn()).to(memory_format=layout)
for layer in model:
    if isinstance(layer, (nn.Conv2d, nn.Linear)):
        nn.init.xavier_uniform_(layer.weight)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
how = {"fused": args.update == "fused", "foreach": args.update == "foreach"}
optimizer = (torch.optim.SGD(model.parameters(), 0.1, **how) if args.network == "mlp"
             else torch.optim.Adam(model.parameters(), 1e-3, **how))
cross_entropy = nn.CrossEntropyLoss()
precision = (torch.autocast("cpu", torch.bfloat16) if args.precision == "bf16"
             else contextlib.nullcontext())
forward = torch.compile(model, dynamic=False) if args.compile == "on" else model


def step(images, labels):
    # One channel: NHWC and NCHW are the same bytes.
    x = torch.from_numpy(images).view(-1, 1, 28, 28).contiguous(memory_format=layout)
    with precision:
        loss = cross_entropy(forward(x), torch.from_numpy(labels).long())
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    return loss.detach()


steps.measure(f"pytorch {args.layout} {args.update}", torch.__version__, args, step)
