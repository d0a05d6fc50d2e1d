# SPDX-License-Identifier: Apache-2.0
"""ResNet-20 and a network of odd sizes in PyTorch, trained or predicted with, timed.

    python pytorch_networks.py [--network resnet20] [--mode train] [--layout channels_last] [--compile off] …
"""

import steps

args = steps.options(network=("resnet20", ["resnet20", "resnet20-plain", "other-cnn"]),
                     mode=("train", ["train", "infer"]),
                     layout=("channels_last", ["channels_last", "contiguous"]),
                     compile=("off", ["off", "on"]), precision=("f32", ["f32", "bf16"]))

import contextlib  # noqa: E402
import warnings  # noqa: E402

import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

warnings.filterwarnings("ignore", "CUDA initialization")
torch.set_num_threads(args.threads)
torch.set_flush_denormal(True)
torch.manual_seed(0)
layout = {"channels_last": torch.channels_last, "contiguous": torch.contiguous_format}[args.layout]


plain = args.network == "resnet20-plain"  # a bias in the place of each batch norm


def conv(before, width, size, stride):
    return nn.Conv2d(before, width, size, stride, size // 2, bias=plain)


def norm(width):
    return nn.Identity() if plain else nn.BatchNorm2d(width)


class Block(nn.Module):
    def __init__(self, before, width, stride):
        super().__init__()
        self.conv1 = conv(before, width, 3, stride)
        self.bn1 = norm(width)
        self.conv2 = conv(width, width, 3, 1)
        self.bn2 = norm(width)
        self.shortcut = nn.Sequential() if stride == 1 else nn.Sequential(
            conv(before, width, 1, stride), norm(width))

    def forward(self, x):
        y = functional.relu(self.bn1(self.conv1(x)))
        return functional.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


def resnet20():
    layers = [conv(3, 16, 3, 1), norm(16), nn.ReLU()]
    before = 16
    for width in (16, 32, 64):
        for index in range(3):
            layers.append(Block(before, width, 2 if index == 0 and width > 16 else 1))
            before = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def other_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 24, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(24, 56, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.BatchNorm1d(7 * 7 * 56), nn.Linear(7 * 7 * 56, 500), nn.ReLU(),
        nn.Linear(500, 10))


shape = (30, 30, 1) if args.network == "other-cnn" else (32, 32, 3)
model = (other_cnn() if args.network == "other-cnn" else resnet20()).to(memory_format=layout)
forward = torch.compile(model, dynamic=False) if args.compile == "on" else model
optimizer = torch.optim.Adam(model.parameters(), 1e-3, fused=True)
cross_entropy = nn.CrossEntropyLoss()
precision = (torch.autocast("cpu", torch.bfloat16) if args.precision == "bf16"
             else contextlib.nullcontext())


def images_of(images):
    return torch.from_numpy(images).permute(0, 3, 1, 2).contiguous(memory_format=layout)


def train(images, labels):
    with precision:
        loss = cross_entropy(forward(images_of(images)), torch.from_numpy(labels).long())
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    return loss.detach()


def infer(images, labels):
    with torch.inference_mode(), precision:
        return forward(images_of(images)).softmax(1)[0, 0]


if args.mode == "infer":
    model.eval()
steps.measure(f"pytorch {args.layout}", torch.__version__, args,
              train if args.mode == "train" else infer, shape)
