# SPDX-License-Identifier: Apache-2.0
"""mnist-99 in PyTorch, from the start to the accuracy on the test images."""

import warnings

import torch
from torch import nn

import recipe_99
import steps

args = recipe_99.options()
warnings.filterwarnings("ignore", "CUDA initialization")
torch.manual_seed(args.seed)
torch.set_num_threads(args.threads)
torch.set_flush_denormal(True)


def block(inputs, outputs):
    return [nn.Conv2d(inputs, outputs, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.1)]


model = nn.Sequential(*block(1, 16), *block(16, 32), nn.Flatten(), nn.Linear(1568, 10))
model = model.to(memory_format=torch.channels_last)
for layer in model:
    if isinstance(layer, (nn.Conv2d, nn.Linear)):
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)
optimizer = torch.optim.Adam(model.parameters(), recipe_99.RATE, fused=True)
cross_entropy = nn.CrossEntropyLoss()


def pixels(images):
    return torch.from_numpy(images).view(-1, 1, 28, 28).contiguous(memory_format=torch.channels_last)


training, test_images, test_labels = recipe_99.batches(args.seed)
for images, labels, rate in training:
    optimizer.param_groups[0]["lr"] = rate
    loss = cross_entropy(model(pixels(images)), torch.from_numpy(labels).long())
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()

model.eval()
right = 0
with torch.inference_mode():
    for at in range(0, len(test_labels), 1000):
        guesses = model(pixels(test_images[at:at + 1000])).argmax(1).numpy()
        right += int((guesses == test_labels[at:at + 1000]).sum())
steps.say("done", name="pytorch", version=torch.__version__, accuracy=right / len(test_labels))
