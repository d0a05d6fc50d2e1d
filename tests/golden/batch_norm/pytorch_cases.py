# SPDX-License-Identifier: Apache-2.0
"""Writes pytorch.json: torch.nn.BatchNorm1d, 2d and 3d."""
import torch

from formula import IMAGES, File, Formula, beta_of, dy_at, gamma_of, x_at


class Module:
    """A module in training. x: [N,..,C], and [N,C,..] in PyTorch."""

    def __init__(self, shape, module):
        rank = len(shape)
        self.shape, self.module = shape, module
        self.first, self.last = [0, rank - 1, *range(1, rank - 1)], [0, *range(2, rank), 1]

    def step(self, t):
        x = torch.tensor(x_at(self.shape, t), requires_grad=True)
        self.module.zero_grad()
        y = self.module.train()(x.permute(self.first)).permute(self.last)
        (y * torch.tensor(dy_at(self.shape, t))).sum().backward()
        out = {"y": y, "dx": x.grad}
        for key, weight in (("dgamma", self.module.weight), ("dbeta", self.module.bias)):
            if weight is not None:
                out[key] = weight.grad.clone()
        return out | {"moving_mean": self.module.running_mean.clone(),
                      "moving_variance": self.module.running_var.clone()}

    def infer(self, t):
        with torch.no_grad():
            return self.module.eval()(torch.tensor(x_at(self.shape, t)).permute(self.first)).permute(self.last)


def pytorch(file, name, shape, epsilon=1e-5, take=0.1, affine=True, bias=True):
    """take None: cumulative."""
    kind = {4: torch.nn.BatchNorm2d, 5: torch.nn.BatchNorm3d}.get(len(shape), torch.nn.BatchNorm1d)
    arguments = {"num_features": shape[-1], "eps": epsilon, "momentum": take, "affine": affine, "bias": bias}
    module = kind(**arguments, dtype=torch.float64)
    start = {"gamma": gamma_of(shape[-1])} if affine else {}
    if affine and bias:
        start["beta"] = beta_of(shape[-1])
    with torch.no_grad():
        for key, value in start.items():
            {"gamma": module.weight, "beta": module.bias}[key].copy_(torch.tensor(value))
    formula = Formula(shape, epsilon=epsilon, keep=1.0 if take is None else 1 - take, counted=take is None,
                      variance="sample", **start)
    file.add(name, Module(shape, module), formula, {"class": kind.__name__} | arguments, start)


def main():
    torch.set_num_threads(1)
    file = File("pytorch.json", "torch.nn.BatchNorm1d/2d/3d; stored channels last", {"torch": torch.__version__})
    pytorch(file, "bn1d_rank2", (8, 4))
    pytorch(file, "bn1d_rank2_cumulative", (8, 4), take=None)
    pytorch(file, "bn1d_rank3", (4, 5, 3), epsilon=1e-3, take=0.3)
    pytorch(file, "bn2d", IMAGES)
    pytorch(file, "bn2d_cumulative", IMAGES, take=None)
    pytorch(file, "bn2d_not_affine", IMAGES, take=0.3, affine=False)
    pytorch(file, "bn2d_no_bias", IMAGES, bias=False)
    pytorch(file, "bn3d", (4, 2, 3, 2, 3))
    pytorch(file, "bn3d_cumulative_not_affine", (4, 2, 3, 2, 3), take=None, affine=False)
    file.write()


if __name__ == "__main__":
    main()
