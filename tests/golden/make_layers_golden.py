# SPDX-License-Identifier: Apache-2.0
"""Writes layers.safetensors: what PyTorch computes in double for each op that a layer or loss is made of, forward and
backward, and optimisers and schedules step by step.

Run: python make_layers_golden.py   (requirements.txt; the result is committed)
"""
import pathlib
import unittest.mock

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).parent
torch.manual_seed(20)
torch.set_default_dtype(torch.float64)
tensors = {}


def put(name, tensor):
    array = tensor.detach().numpy() if isinstance(tensor, torch.Tensor) else np.asarray(tensor)
    tensors[name] = np.array(array, order="C")  # a copy: optimisers work in place


def case(name, function, **inputs):
    """y = function(inputs); gradients of sum(y r) by every floating input."""
    for key, value in inputs.items():
        if value.is_floating_point():
            value.requires_grad_(True)
        put(f"{name}/{key}", value)
    y = function(**inputs)
    r = torch.randn_like(y)
    (y * r).sum().backward()
    put(f"{name}/y", y)
    put(f"{name}/r", r)
    for key, value in inputs.items():
        if value.is_floating_point():
            put(f"{name}/d{key}", value.grad)


def nhwc(function):
    """A function of NCHW images as one of NHWC images."""
    return lambda x, **others: function(x.permute(0, 3, 1, 2), **others).permute(0, 2, 3, 1)


def rscK(w):
    """[R,S,C,K] as PyTorch's [K,C,R,S]."""
    return w.permute(3, 2, 0, 1)


def convolution(stride, padding, dilation, groups):
    top, bottom, left, right = padding

    def forward(x, w):
        return F.conv2d(F.pad(x, (left, right, top, bottom)), rscK(w), stride=stride, dilation=dilation, groups=groups)

    return nhwc(forward)


def layers():
    x = lambda *shape: torch.randn(*shape)
    case("conv_dilated", convolution((1, 1), (2, 1, 0, 2), (2, 3), 1), x=x(2, 9, 10, 3), w=x(3, 2, 3, 4))
    case("conv_groups", convolution((2, 1), (1, 1, 1, 1), (1, 1), 3), x=x(2, 7, 6, 6), w=x(3, 3, 2, 9))
    case("conv_depthwise", convolution((1, 2), (1, 0, 2, 1), (1, 1), 5), x=x(2, 6, 8, 5), w=x(3, 3, 1, 10))
    case("avg_pool", nhwc(lambda x: F.avg_pool2d(x, (3, 2), (2, 1))), x=x(2, 7, 6, 3))
    case("avg_pool_padding", nhwc(lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)), x=x(2, 7, 6, 3))
    case("avg_pool_counted", nhwc(lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=True)), x=x(2, 7, 6, 3))
    case("max_pool_large", nhwc(lambda x: F.max_pool2d(x, (20, 15))), x=x(1, 20, 30, 2))
    case("leaky_relu", lambda x: F.leaky_relu(x, 0.2), x=x(4, 5))
    case("relu6", lambda x: F.relu6(x), x=4 * x(4, 7))
    case("sigmoid", lambda x: torch.sigmoid(x), x=3 * x(4, 5))
    case("tanh", lambda x: torch.tanh(x), x=x(4, 5))
    case("softmax", lambda x: F.softmax(x, -1), x=3 * x(2, 3, 5))
    case("concat", lambda x, z: torch.cat([x, z], -1), x=x(2, 3, 2), z=x(2, 3, 4))


def losses():
    z = lambda: 3 * torch.randn(6, 4)
    classes = torch.tensor([0, 3, 1, 2, 3, 0], dtype=torch.int32)
    one_hot = F.one_hot(classes.long(), 4).double()
    soft = torch.softmax(torch.randn(6, 4), -1)
    many = (torch.rand(6, 4) > 0.5).double()

    def each(name, function, targets, labels=None):
        logits = z().requires_grad_(True)
        losses = function(logits, targets)
        losses.sum().backward()
        put(f"{name}/z", logits)
        put(f"{name}/labels", labels if labels is not None else targets)
        put(f"{name}/losses", losses)
        put(f"{name}/dz", logits.grad)

    softmax = lambda z, t: -(t * F.log_softmax(z, -1)).sum(-1)
    assert torch.allclose(softmax(z() * 0, one_hot), F.cross_entropy(z() * 0, classes.long(), reduction="none"))
    sigmoid = lambda z, t: F.binary_cross_entropy_with_logits(z, t, reduction="none").mean(-1)
    squared = lambda y, t: F.mse_loss(y, t, reduction="none").mean(-1)
    each("softmax_ce_classes", softmax, one_hot, classes)
    each("softmax_ce_one_hot", softmax, one_hot)
    each("softmax_ce_soft", softmax, soft)
    each("sigmoid_ce_classes", sigmoid, one_hot, classes)
    each("sigmoid_ce_many", sigmoid, many)
    each("mse_classes", squared, one_hot, classes)
    each("mse_values", squared, torch.randn(6, 4))


STEPS = 6


def optimizers():
    """Each on a kernel and a bias, of which the kernel alone decays; gradients are given."""
    kernel, bias = torch.randn(5, 3), torch.randn(3)
    gradients = [(torch.randn(5, 3), torch.randn(3)) for _ in range(STEPS)]
    put("optimizers/kernel", kernel)
    put("optimizers/bias", bias)
    for step, (dk, db) in enumerate(gradients):
        put(f"optimizers/kernel_gradient/{step}", dk)
        put(f"optimizers/bias_gradient/{step}", db)

    def run(name, make, decay=0.0, clip=0.0):
        k, b = kernel.clone().requires_grad_(True), bias.clone().requires_grad_(True)
        optimizer = make([{"params": [k], "weight_decay": decay}, {"params": [b], "weight_decay": 0.0}])
        for step, (dk, db) in enumerate(gradients):
            k.grad, b.grad = dk.clone(), db.clone()
            if clip:
                torch.nn.utils.clip_grad_norm_([k, b], clip)
            optimizer.step()
            put(f"optimizers/{name}/kernel/{step}", k)
            put(f"optimizers/{name}/bias/{step}", b)

    O = torch.optim
    run("sgd", lambda p: O.SGD(p, lr=0.1))
    run("sgd_momentum_l2", lambda p: O.SGD(p, lr=0.05, momentum=0.9), decay=0.02)
    run("sgd_nesterov", lambda p: O.SGD(p, lr=0.05, momentum=0.9, nesterov=True), decay=0.02)
    run("adam_l2", lambda p: O.Adam(p, lr=0.02, betas=(0.8, 0.95)), decay=0.1)
    run("adamw", lambda p: O.AdamW(p, lr=0.02, betas=(0.8, 0.95)), decay=0.1)
    run("rmsprop", lambda p: O.RMSprop(p, lr=0.01, alpha=0.9))
    run("rmsprop_momentum_l2", lambda p: O.RMSprop(p, lr=0.01, alpha=0.9, momentum=0.8), decay=0.05)
    run("sgd_clipped", lambda p: O.SGD(p, lr=0.1, momentum=0.9), clip=1.5)
    run("adagrad", lambda p: O.Adagrad(p, lr=0.1))
    run("adagrad_l2", lambda p: O.Adagrad(p, lr=0.05, eps=1e-3), decay=0.05)


def schedules():
    total = 40
    S = torch.optim.lr_scheduler

    def run(name, make, base=0.5):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=base)
        scheduler = make(optimizer)
        rates = []
        for _ in range(total):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step() if len(rates) < total else None
        put(f"schedules/{name}", np.array(rates))

    run("constant", lambda o: S.ConstantLR(o, factor=1.0))
    run("step", lambda o: S.StepLR(o, 7, 0.3))
    run("exponential", lambda o: S.ExponentialLR(o, 0.9))
    run("exponential_every", lambda o: S.ExponentialLR(o, 0.5 ** (1 / 8)))
    run("warm_up_exponential", lambda o: S.SequentialLR(
        o, [S.LinearLR(o, start_factor=0.1, total_iters=5), S.ExponentialLR(o, 0.9)], milestones=[5]))
    run("cosine", lambda o: S.CosineAnnealingLR(o, total, eta_min=0.05))
    run("one_cycle", lambda o: S.OneCycleLR(o, 0.5, total_steps=total, cycle_momentum=False))
    run("warm_up", lambda o: S.SequentialLR(
        o, [S.LinearLR(o, start_factor=0.1, total_iters=8), S.CosineAnnealingLR(o, total - 8)], milestones=[8]))
    run("warm_up_constant", lambda o: S.LinearLR(o, start_factor=0.25, total_iters=6))
    run("warm_up_step", lambda o: S.SequentialLR(
        o, [S.LinearLR(o, start_factor=0.1, total_iters=5), S.StepLR(o, 7, 0.3)], milestones=[5]))


def norms():
    """x with a mean far from 0 in places, gamma and beta; after all others, whose random numbers stay as they were."""
    x = lambda *shape: torch.randn(*shape)
    case("group_norm", nhwc(lambda x, gamma, beta: F.group_norm(x, 3, gamma, beta, 1e-5)),
         x=2 * x(2, 3, 2, 6) + x(6), gamma=1 + 0.3 * x(6), beta=x(6))
    case("group_norm_rows", lambda x, gamma, beta: F.group_norm(x, 2, gamma, beta, 1e-3),
         x=2 * x(4, 6) + 10, gamma=1 + 0.3 * x(6), beta=x(6))
    case("instance_norm", nhwc(lambda x, gamma, beta: F.instance_norm(x, weight=gamma, bias=beta, eps=1e-5)),
         x=2 * x(2, 3, 2, 3) + 3 * x(3), gamma=1 + 0.3 * x(3), beta=x(3))
    case("layer_norm", lambda x, gamma, beta: F.layer_norm(x, (5,), gamma, beta, 1e-5),
         x=2 * x(2, 2, 3, 5) + 1, gamma=1 + 0.3 * x(5), beta=x(5))


def top_k():
    """Is the label among the k largest? in/<k>: i32 [rows]."""
    z, labels = torch.randn(12, 6), torch.randint(0, 6, (12,))
    put("top_k/z", z)
    put("top_k/labels", labels.to(torch.int32))
    for k in range(1, 7):
        among = (z.topk(k).indices == labels[:, None]).any(-1)
        put(f"top_k/in/{k}", among.to(torch.int32))


def muon():
    """Kernels [..., K] as PyTorch's [K, rest]; what is no matrix of more than one row and column goes to AdamW. PyTorch
    rounds to bfloat16 before it makes a matrix orthogonal; here float64 stands in for that type."""
    shapes = {"tall": (5, 3), "wide": (3, 7), "conv": (2, 2, 3, 8), "narrow": (4, 1), "bias": (3,)}
    start = {name: torch.randn(*shape) for name, shape in shapes.items()}
    gradients = [{name: torch.randn(*shape) for name, shape in shapes.items()} for _ in range(STEPS)]
    for name in shapes:
        put(f"muon/{name}", start[name])
        for step in range(STEPS):
            put(f"muon/{name}_gradient/{step}", gradients[step][name])
    turned = lambda tensor: tensor.reshape(-1, tensor.shape[-1]).T.contiguous()

    def run(name, decay=0.0, **settings):
        matrices = {n: turned(start[n]).requires_grad_(True) for n in ("tall", "wide", "conv")}
        rest = {n: start[n].clone().requires_grad_(True) for n in ("narrow", "bias")}
        first = torch.optim.Muon(matrices.values(), lr=0.05, weight_decay=decay, **settings)
        second = torch.optim.AdamW([{"params": [rest["narrow"]], "weight_decay": decay},
                                    {"params": [rest["bias"]], "weight_decay": 0.0}], lr=0.01)
        for step in range(STEPS):
            if step == STEPS // 2:  # as a schedule would
                for group in first.param_groups + second.param_groups:
                    group["lr"] *= 0.5
            for n, p in matrices.items():
                p.grad = turned(gradients[step][n])
            for n, p in rest.items():
                p.grad = gradients[step][n].clone()
            with unittest.mock.patch.object(torch, "bfloat16", torch.float64):
                first.step()
            second.step()
            for n, p in matrices.items():
                put(f"muon/{name}/{n}/{step}", p.T.reshape(shapes[n]))
            for n, p in rest.items():
                put(f"muon/{name}/{n}/{step}", p)

    run("nesterov", momentum=0.95)
    run("plain_decay", decay=0.1, momentum=0.9, nesterov=False)
    run("no_momentum", momentum=0.0, nesterov=False)


def softened():
    """CrossEntropyLoss with class weights and label smoothing, each and both; dz is by the mean."""
    classes = torch.tensor([0, 3, 1, 2, 3, 0, 0], dtype=torch.int32)
    weights = torch.tensor([0.5, 2.0, 1.25, 30.0])
    z = 3 * torch.randn(7, 4)
    put("softened/z", z)
    put("softened/labels", classes)
    put("softened/weights", weights)
    for name, smoothing, weight in [("smoothed", 0.1, None), ("weighed", 0.0, weights), ("both", 0.3, weights)]:
        logits = z.clone().requires_grad_(True)
        loss = torch.nn.CrossEntropyLoss(weight=weight, label_smoothing=smoothing)(logits, classes.long())
        loss.backward()
        put(f"softened/{name}/loss", loss)
        put(f"softened/{name}/dz", logits.grad)


layers()
losses()
optimizers()
schedules()
norms()
top_k()
muon()
softened()
save_file(tensors, HERE / "layers.safetensors", metadata={"made_with": f"torch {torch.__version__}"})
print(len(tensors), "tensors,", sum(t.nbytes for t in tensors.values()), "bytes")
