# SPDX-License-Identifier: Apache-2.0
"""Batch norm in all its variants as formulas, differentiated by PyTorch in double; inputs; and how a case is written.

What the *_cases.py get from a framework they hold against Formula; what no framework has is Formula's.
"""
import json
import pathlib

import numpy as np
import torch

HERE = pathlib.Path(__file__).parent
UPDATES = 100
RECORDED = (1, UPDATES)  # steps whose tensors are kept; inference follows as t = UPDATES + 1
IMAGES = (6, 2, 3, 3)  # N H W C, as most cases have it
RENORM = {"rmax": 1.1, "rmin": 0.9, "dmax": 0.05}  # tight enough to cut in the first steps and in some later ones


def index(shape):
    """Each element's place in row-major order, the channel last."""
    return np.arange(np.prod(shape), dtype=np.int64).reshape(shape)


def x_at(shape, t):
    i = index(shape)
    return ((i * 37 + t * 101) % 257) / 64 - 2 + i % shape[-1] * 0.125


def dy_at(shape, t):
    return ((index(shape) * 53 + t * 29) % 127) / 64 - 1


def weights_at(samples, t):
    """One for each sample, 0 among them in every five."""
    return ((np.arange(samples) * 13 + t * 7) % 5) / 4


def mask_at(shape, t):
    """One for each position of each sample, four of five true."""
    return (index(shape[:-1]) * 13 + t * 7) % 5 != 0


def gamma_of(count):
    return 0.75 + np.arange(count) * 5 % 7 / 8


def beta_of(count):
    return np.arange(count) * 3 % 5 / 4 - 0.5


def renorm_rule(limits, keep):
    """TensorFlow's: constant limits, of which any may be missing."""
    return {"moves": "deviation", "keep": keep} | {name: (lambda seen, v=value: v) for name, value in limits.items()}


def linear(first, last, begin, end):
    """A schedule over the updates seen: `first` until `begin`, then straight to `last` at `end`."""
    return lambda seen: first + (last - first) * min(max((seen - begin) / (end - begin), 0), 1)


class Formula:
    """A layer: y = gamma ((x - mean) / sqrt(variance + epsilon) r + d) + beta, and what it remembers.

    keep        moving <- keep moving + (1 - keep) batch; counted: the n-th update, from 0, keeps min(keep, n / (n + 1))
    variance    what moves: "population" M2 / n or "sample" M2 / (n - 1); normalised is always with the first
    weights     t -> a weight for each sample (or for each position of each); more_count is added to their sum
    groups      lists of samples, each normalised by itself; update: how the moving statistics see them, "merged" (as
                one batch), "sequential" (one update each) or "mean" (of the means, of the variances)
    renorm      r = s / S in [rmin, rmax], d = (mean - M) / S in [-dmax, dmax], without gradient, s = sqrt(variance +
                epsilon): {"keep": of M and S, "moves": "variance" or "deviation", limits as functions of updates seen}
    """

    def __init__(self, shape, axes=(-1,), epsilon=1e-3, keep=0.99, counted=False, variance="population", weights=None,
                 more_count=0.0, groups=None, update="merged", renorm=None, gamma=None, beta=None, mean=0.0, start=1.0):
        axes = [axis % len(shape) for axis in axes]
        self.others = [axis for axis in range(len(shape)) if axis not in axes]
        width = [shape[axis] if axis in axes else 1 for axis in range(len(shape))]
        whole = lambda value: torch.tensor(np.broadcast_to(value, np.prod(width)), dtype=torch.float64).view(width)
        self.shape, self.epsilon, self.keep, self.counted = shape, epsilon, keep, counted
        self.sample = variance == "sample"
        self.weights, self.more_count, self.update, self.renorm = weights, more_count, update, renorm
        self.groups = groups or [list(range(shape[0]))]
        self.gamma, self.beta = whole(1.0 if gamma is None else gamma), whole(0.0 if beta is None else beta)
        self.mean, self.variance, self.seen = whole(mean), whole(start), 0
        self.deviation = torch.sqrt(self.variance)  # TensorFlow's: its epsilon comes with the first update
        self.renorm_mean, self.renorm_deviation = self.mean.clone(), self.deviation.clone()

    def moments(self, x, w):
        count = w.sum(self.others, keepdim=True) + self.more_count
        mean = (w * x).sum(self.others, keepdim=True) / count
        return count, mean, (w * (x - mean) ** 2).sum(self.others, keepdim=True) / count

    def kept(self, keep):
        return min(keep, self.seen / (self.seen + 1)) if self.counted else keep

    def move(self, count, mean, variance):
        if self.sample:
            variance = variance * count / (count - 1)
        k = self.kept(self.keep)
        self.mean = k * self.mean + (1 - k) * mean
        if self.renorm and self.renorm["moves"] == "deviation":
            self.deviation = k * self.deviation + (1 - k) * torch.sqrt(variance + self.epsilon)
            self.variance = torch.relu(self.deviation**2 - self.epsilon)
        else:
            self.variance = k * self.variance + (1 - k) * variance
        self.seen += 1

    def correction(self, mean, variance):
        """r and d of batch renormalisation (Ioffe 2017, arXiv 1702.03275), and the update of M and S."""
        rule, deviation = self.renorm, torch.sqrt(variance + self.epsilon)
        if rule["moves"] == "deviation":
            M, S = self.renorm_mean, torch.clamp(self.renorm_deviation, min=self.epsilon**0.5)
        else:
            M, S = self.mean, torch.sqrt(self.variance + self.epsilon)
        limit = lambda name, otherwise: rule[name](self.seen) if name in rule else otherwise
        r = torch.clamp(deviation / S, limit("rmin", 0), limit("rmax", np.inf))
        d = torch.clamp((mean - M) / S, -limit("dmax", np.inf), limit("dmax", np.inf))
        k = self.kept(rule.get("keep", self.keep))
        self.renorm_mean = k * self.renorm_mean + (1 - k) * mean
        self.renorm_deviation = k * self.renorm_deviation + (1 - k) * deviation
        return r, d

    def step(self, t):
        x = torch.tensor(x_at(self.shape, t), requires_grad=True)
        gamma, beta = self.gamma.clone().requires_grad_(True), self.beta.clone().requires_grad_(True)
        w = torch.ones_like(x) if self.weights is None else torch.as_tensor(np.asarray(self.weights(t), np.float64))
        w = w.reshape(list(w.shape) + [1] * (x.dim() - w.dim())) * torch.ones_like(x)
        y, updates, out = torch.zeros_like(x), [], {}
        for group in self.groups:
            count, mean, variance = self.moments(x[group], w[group])
            normal = (x[group] - mean) / torch.sqrt(variance + self.epsilon)
            if self.renorm:
                r, d = self.correction(mean.detach(), variance.detach())
                normal, out = normal * r + d, {"r": r, "d": d}
            y = y.index_put((torch.tensor(group),), normal * gamma + beta)
            updates.append((count.detach(), mean.detach(), variance.detach()))
        (y * torch.tensor(dy_at(self.shape, t))).sum().backward()
        if self.update == "merged":
            updates = [self.moments(x.detach(), w)]
        elif self.update == "mean":
            updates = [tuple(torch.stack(parts).mean(0) for parts in zip(*updates))]
        for update in updates:
            self.move(*update)
        return {"y": y, "dx": x.grad, "dgamma": gamma.grad, "dbeta": beta.grad} | out | self.statistics()

    def statistics(self):
        out = {"moving_mean": self.mean, "moving_variance": self.variance}
        if self.renorm and self.renorm["moves"] == "deviation":
            out |= {"moving_deviation": self.deviation, "renorm_mean": self.renorm_mean,
                    "renorm_deviation": self.renorm_deviation}
        return out

    def infer(self, t):
        x = torch.tensor(x_at(self.shape, t))
        return (x - self.mean) / torch.sqrt(self.variance + self.epsilon) * self.gamma + self.beta


def array(tensor):
    return np.ravel(tensor.detach().numpy() if isinstance(tensor, torch.Tensor) else np.asarray(tensor))


class File:
    """Cases of one origin, each a line of JSON; tensors are flat, in the shape's row-major order."""

    def __init__(self, name, about, made_with):
        self.path, self.head, self.cases = HERE / name, {"about": about, "made_with": made_with}, []

    def add(self, name, layer, formula, arguments, start, dtype="float64", tolerance=1e-12, **more):
        """Runs the layer, holds it against `formula` (the layer itself, where no framework has it) and keeps it.

        arguments: as the origin calls them; start: gamma, beta and what else does not begin as 0 and 1.
        """
        short = lambda values: [float(v) if dtype == "float64" else float(str(np.float32(v))) for v in array(values)]
        case = {"name": name, "dtype": dtype, "shape": list(formula.shape), "arguments": arguments,
                "start": {key: short(value) for key, value in start.items()}} | more | {"steps": []}
        for t in range(1, UPDATES + 1):
            out = layer.step(t)
            expected = out if layer is formula else formula.step(t)
            for key, value in out.items():
                self.check(f"{name}, step {t}, {key}", value, expected[key], tolerance)
            if t in RECORDED:
                case["steps"].append({"t": t} | {key: short(value) for key, value in out.items()})
        y = layer.infer(UPDATES + 1)
        self.check(f"{name}, inference", y, formula.infer(UPDATES + 1), tolerance)
        case["inference"] = {"t": UPDATES + 1, "y": short(y)}
        assert name not in [other["name"] for other in self.cases], name
        self.cases.append(case)

    @staticmethod
    def check(where, actual, expected, tolerance):
        actual, expected = array(actual), array(expected)
        apart = np.abs(actual - expected).max() / max(1, np.abs(expected).max())
        assert actual.shape == expected.shape and apart <= tolerance, (where, apart)

    def write(self):
        lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in self.cases)
        self.path.write_text(json.dumps(self.head)[:-1] + ', "cases": [\n' + lines + "\n]}\n")
        print(f"{self.path.name}: {len(self.cases)} cases, {self.path.stat().st_size} bytes")
        assert self.path.stat().st_size < 300_000
