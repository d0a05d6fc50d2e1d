#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The roofline of what `./run bench kernels` measured, as an SVG that reads on light and dark pages:
operations for each byte of operands against GFLOP/s, the limits of arithmetic, caches and memory as
lines, a kernel's largest call of each network as a point.

usage: bench/kernels/roofline.py [build/release/bench/kernels.json [docs/images/roofline.svg]] [--threads 1]
"""

import argparse
import json
import math
import pathlib
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 860, 520
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 44, 48
X_RANGE = (0.02, 1000)  # FLOP / byte
Y_RANGE = (0.2, 1000)  # GFLOP/s

STYLE = """
  svg { font: 12px system-ui, sans-serif; --ink: #1f2328; --soft: #6e7781; --grid: #d8dee4;
        --product: #0969da; --transform: #8250df; --other: #bc4c00; --whole: #1a7f37 }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #e6edf3; --soft: #9198a1; --grid: #30363d;
          --product: #58a6ff; --transform: #bc8cff; --other: #f0883e; --whole: #3fb950 } }
  text { fill: var(--ink) } .soft { fill: var(--soft) }
  .grid { stroke: var(--grid); stroke-width: 1 } .limit { stroke: var(--ink); stroke-width: 1.5; fill: none }
  .product { fill: var(--product) } .transform { fill: var(--transform) } .other { fill: var(--other) }
  .whole { fill: var(--whole) }
"""

KINDS = {
    "whole": "convolution, direct-equivalent",
    "product": "products",
    "transform": "transforms",
    "other": "element by element, channels",
}


def kind_of(kernel):
    if kernel.startswith("conv2d"):
        return "whole"
    if "matmul" in kernel or "spectral" in kernel:
        return "product"
    return "transform" if "fft" in kernel else "other"


def place(value, range_, begin, end):
    share = math.log(value / range_[0]) / math.log(range_[1] / range_[0])
    return begin + min(max(share, 0), 1) * (end - begin)


def x_of(intensity):
    return place(intensity, X_RANGE, LEFT, WIDTH - RIGHT)


def y_of(gflops):
    return place(gflops, Y_RANGE, HEIGHT - BOTTOM, TOP)


def decades(range_):
    first = math.ceil(math.log10(range_[0]))
    return [10.0**n for n in range(first, math.floor(math.log10(range_[1])) + 1)]


def text(x, y, words, extra=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" {extra}>{escape(words)}</text>'


def grid():
    parts = []
    for value in decades(X_RANGE):
        x = x_of(value)
        parts.append(f'<line class="grid" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{HEIGHT - BOTTOM}"/>')
        parts.append(text(x, HEIGHT - BOTTOM + 18, f"{value:g}", 'class="soft" text-anchor="middle"'))
    for value in decades(Y_RANGE):
        y = y_of(value)
        parts.append(f'<line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>')
        parts.append(text(LEFT - 8, y + 4, f"{value:g}", 'class="soft" text-anchor="end"'))
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(text(middle, HEIGHT - 8, "FLOP for each byte of operands", 'class="soft" text-anchor="middle"'))
    parts.append(text(LEFT - 8, TOP - 10, "GFLOP/s", 'class="soft" text-anchor="end"'))
    return parts


def limits_lines(limits):
    """Arithmetic's level line, and below it a slope for each level of memory."""
    peak = limits["gflops"]
    parts = [
        f'<line class="limit" x1="{x_of(X_RANGE[0]):.1f}" y1="{y_of(peak):.1f}" '
        f'x2="{WIDTH - RIGHT}" y2="{y_of(peak):.1f}"/>',
        text(WIDTH - RIGHT, y_of(peak) - 6, f"{peak:.0f} GFLOP/s", 'text-anchor="end"'),
    ]
    for index, level in enumerate(limits["levels"]):
        slope = level["gigabytes_s"]
        begin = max(X_RANGE[0], Y_RANGE[0] / slope)
        end = peak / slope
        parts.append(
            f'<line class="limit" stroke-dasharray="{2 + 3 * index},3" x1="{x_of(begin):.1f}" '
            f'y1="{y_of(begin * slope):.1f}" x2="{x_of(end):.1f}" y2="{y_of(peak):.1f}"/>')
        at = end / 1.2
        angle = -math.degrees(math.atan2(y_of(begin * slope) - y_of(peak), x_of(end) - x_of(begin)))
        parts.append(text(0, 0, f"{level['name']} {slope:.0f} GB/s",
                          f'text-anchor="end" transform="translate({x_of(at):.1f},{y_of(at * slope) - 8:.1f}) '
                          f'rotate({angle:.1f})"'))
    return parts


def chosen(timings, threads):
    """Of each kernel and network the call that takes longest, if it computes anything."""
    best = {}
    for timing in timings:
        if timing["threads"] != threads or timing["gflops"] < Y_RANGE[0]:
            continue
        key = (timing["network"], timing["kernel"])
        if key not in best or timing["native"]["best_ms"] > best[key]["native"]["best_ms"]:
            best[key] = timing
    return sorted(best.values(), key=lambda timing: -timing["native"]["best_ms"])


def points(timings):
    parts, taken = [], []
    for timing in timings:
        x, y = x_of(timing["flops"] / timing["bytes"]), y_of(timing["gflops"])
        kind = kind_of(timing["kernel"])
        name = timing["kernel"].removeprefix("native/").replace(" (all its kernels)", "")
        network = timing["network"]
        parts.append(f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="4"><title>'
                     f'{escape(network)}: {escape(name)}, {escape(timing["shapes"])}, '
                     f'{timing["gflops"]:.1f} GFLOP/s</title></circle>')
        # The kernels that take longest are named, as long as there is room.
        length = 10 + 6.2 * len(name)
        left = x + length > WIDTH - RIGHT
        box = (x - length, y - 7, x, y + 7) if left else (x, y - 7, x + length, y + 7)
        if all(box[2] < b[0] or b[2] < box[0] or box[3] < b[1] or b[3] < box[1] for b in taken):
            taken.append(box)
            side = 'text-anchor="end"' if left else ""
            parts.append(text(x + (-7 if left else 7), y + 4, name, f'class="{kind}" font-size="11" {side}'))
        else:
            taken.append((x - 4, y - 4, x + 4, y + 4))
    return parts


def legend():
    parts, x = [], LEFT + 60
    for kind, words in KINDS.items():
        parts.append(f'<circle class="{kind}" cx="{x}" cy="{TOP - 30}" r="4"/>')
        parts.append(text(x + 9, TOP - 26, words))
        x += 40 + 6.4 * len(words)
    return parts


def picture(report, threads):
    limits = next(limit for limit in report["limits"] if limit["threads"] == threads)
    timings = chosen(report["timings"], threads)
    title = f"Native kernels on {threads} thread{'s' if threads > 1 else ''} of {report['cpu']}, " \
            f"{report['instruction_set']}"
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
             f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>"]
    parts += grid() + limits_lines(limits) + points(timings) + legend()
    return "\n".join(parts + ["</svg>"]) + "\n"


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("json", nargs="?", type=pathlib.Path, default=root / "build/release/bench/kernels.json")
    parser.add_argument("svg", nargs="?", type=pathlib.Path, default=root / "docs/images/roofline.svg")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    arguments.svg.write_text(picture(json.loads(arguments.json.read_text()), arguments.threads))


if __name__ == "__main__":
    main()
