# SPDX-License-Identifier: Apache-2.0
"""Writes formulas.json: what no framework has, by the formulas of formula.py."""
import torch

from formula import IMAGES, RENORM, File, Formula, beta_of, gamma_of, linear, weights_at


def main():
    torch.set_num_threads(1)
    file = File("formulas.json", "written-out formulas (formula.py), differentiated by PyTorch in double",
                {"torch": torch.__version__})

    def add(name, shape, arguments=None, **options):
        start = {"gamma": gamma_of(shape[-1]), "beta": beta_of(shape[-1])}
        formula = Formula(shape, **options, **start)
        plain = {key: value for key, value in options.items() if isinstance(value, (int, float, str, bool, list))}
        file.add(name, formula, formula, plain | (arguments or {}), start)

    # A weight for each sample, weights_at(N, t).
    weighted = {"weights": lambda t: weights_at(8, t)}
    add("weighted", (8, 4), {"weights": "samples"}, keep=0.9, **weighted)
    add("weighted_counted", (8, 4), {"weights": "samples"}, counted=True, **weighted)
    add("weighted_conv", (8, 2, 2, 3), {"weights": "samples"}, keep=0.9, counted=True, **weighted)

    # Ghost batch norm. Hoffer's program (main_gbn.py) runs the network on chunk after chunk, so PyTorch's rule runs for
    # each: moving mean and sample variance, take 0.1. The others see the batch once.
    chunks = lambda count, size: [list(range(i, i + size)) for i in range(0, count, size)]
    mixed = lambda count, size: [list(range(g, count, count // size)) for g in range(count // size)]
    hoffer = {"epsilon": 1e-5, "keep": 0.9, "variance": "sample", "update": "sequential"}
    add("ghost_hoffer", (12, 3), groups=chunks(12, 4), **hoffer)
    add("ghost_hoffer_conv", IMAGES, groups=chunks(6, 3), **hoffer)
    add("ghost_merged", (12, 3), groups=chunks(12, 4), keep=0.9)
    add("ghost_merged_counted", (12, 3), groups=chunks(12, 4), counted=True)
    add("ghost_merged_conv", IMAGES, groups=chunks(6, 3), counted=True)
    add("ghost_merged_sample", IMAGES, groups=chunks(6, 2), keep=0.9, variance="sample")
    add("ghost_interleaved_merged", (12, 3), groups=mixed(12, 4), keep=0.9)
    add("ghost_interleaved_merged_conv", IMAGES, groups=mixed(6, 3), counted=True)

    # Batch renormalisation. `deviation`: the paper's, which moves sqrt(variance + epsilon) and starts it at 1;
    # `variance`: the moving variance itself, S = sqrt(moving_variance + epsilon). Steps are counted in updates seen.
    schedule = {"rmax": [1, 3, 20, 80], "dmax": [0, 5, 20, 50]}
    limits = {"rmax": linear(*schedule["rmax"]), "rmin": lambda seen: 1 / linear(*schedule["rmax"])(seen),
              "dmax": linear(*schedule["dmax"])}
    for moves in ("deviation", "variance"):
        arguments = {"moves": moves, "schedule": schedule, "rmin": "1 / rmax"}
        add(f"renorm_{moves}", (8, 4), arguments, keep=0.99, renorm={"moves": moves, "keep": 0.99} | limits)
        add(f"renorm_{moves}_counted", IMAGES, arguments, keep=0.99, counted=True,
            renorm={"moves": moves, "keep": 0.99} | limits)
    tight = {name: (lambda seen, v=value: v) for name, value in RENORM.items()}
    add("renorm_variance_tight", (8, 4), RENORM, keep=0.9, renorm={"moves": "variance"} | tight)
    file.write()


if __name__ == "__main__":
    main()
