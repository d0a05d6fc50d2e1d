# SPDX-License-Identifier: Apache-2.0
"""What the peers' step scripts share: their options, the clock, and the lines they print."""

import argparse
import json
import statistics
import time

import mnist


def options(**extra):
    """Parsed before the framework is imported, which happens on the clock."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=300, help="timed steps")
    parser.add_argument("--warmup", type=int, default=30, help="steps before them")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--random", action="store_true", help="random images, not MNIST")
    for name, (default, choices) in extra.items():
        parser.add_argument(f"--{name}", default=default, choices=choices)
    return parser.parse_args()


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def measure(name, version, args, step, shape=None):
    """Times step(images, labels) -> loss; making the batch belongs to the step. With a shape,
    random images of it in MNIST's place."""
    if shape is not None or args.random:
        images, labels = mnist.random_data(shape=shape or (28, 28, 1))
    else:
        images, labels = mnist.load()[:2]
    batches = mnist.Batches(images, labels, args.batch)
    times, losses = [], []
    for index in range(args.warmup + args.steps):
        start = time.perf_counter()
        losses.append(float(step(*batches.next())))
        times.append(time.perf_counter() - start)
        if index == 0:
            say("first_step", loss=losses[0])
    timed = times[args.warmup:]
    median = statistics.median(timed)
    say("done", name=name, version=version, steps=args.steps, batch=args.batch,
        threads=args.threads, step_ms=1e3 * median, img_per_s=args.batch / median,
        img_per_s_mean=args.batch * len(timed) / sum(timed),
        last_losses=statistics.fmean(losses[-20:]))
