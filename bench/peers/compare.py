# SPDX-License-Identifier: Apache-2.0
"""Trains and predicts with the reference network in evenkeel and its peers in turn; compares them.

    ./run bench peers [--rounds 5] [--only evenkeel,tensorflow] [--workload training] [--out FILE]
    ./run bench peers --tune [--workload training] [--out-tried bench/peers]

Each round runs every program once, one after another, so that all see the same machine. Prints a
Markdown table of medians for each workload, then one line of JSON with the same numbers; the file
holds every run. A peer's setting is the fastest of those that tune.py tried on this processor
(build/tried.json), else of the committed tried.json.

Evenkeel's training command is $EVENKEEL_BENCH; {threads}, {out} (a fresh folder) and {root} are
filled in.
"""

import argparse
import json
import os
import pathlib
import shlex
import statistics
import sys
import tempfile

import programs
import tune
from programs import HERE, ROOT
from settings import NETWORKS, WORKLOADS, flags

# What keeps a peer's libraries to AVX2.
AVX2 = ["env", "ONEDNN_MAX_CPU_ISA=AVX2", "DNNL_MAX_CPU_ISA=AVX2", "ATEN_CPU_CAPABILITY=avx2",
        "MKL_ENABLE_INSTRUCTIONS=AVX2"]
EVENKEEL = ("{root}/build/release/evenkeel train mnist-cnn --data mnist --epochs 1 --batch 128 "
            "--threads {threads} --seed 1 --log-every 0 --eval-every 0 --json --out {out}")


def tried():
    """The rows of tried settings: those of this machine before the committed ones."""
    for path in (ROOT / "build" / "tried.json", HERE / "tried.json"):
        if path.exists():
            report = json.loads(path.read_text())
            if report["machine"]["cpu"] != programs.machine()["cpu"]:
                print(f"note: {path.name} is of another processor ({report['machine']['cpu']}); "
                      "`./run bench peers --tune` tries the settings on this one", file=sys.stderr)
            return report["rows"]
    raise SystemExit("no tried.json: ./run bench peers --tune makes one")


def commands(workload, args, out):
    """-> {name: command line}, evenkeel's first."""
    if workload in ("training", "training-bf16", "avx2"):
        text = os.environ.get("EVENKEEL_BENCH", EVENKEEL)
        filled = {"root": ROOT, "threads": args.threads, "out": out}
        lines = {"evenkeel": [part.format(**filled) for part in shlex.split(text)]}
        if workload == "avx2":
            lines = {"evenkeel": lines["evenkeel"] + ["--isa", "avx2"],
                     "oneDNN (evenkeel --kernels onednn)": [
                         *lines["evenkeel"][:-1], f"{out}-onednn", "--isa", "avx2", "--kernels", "onednn"]}
        more = []
    elif workload == "small-steps":
        lines = {"evenkeel": [str(ROOT / "build/release/bench/bench_small_steps"), "100", "60"]}
        more = []
    elif workload in NETWORKS:
        network, mode, batch = NETWORKS[workload][:3]
        lines = {"evenkeel": [str(ROOT / "build/release/bench/bench_network"), network, mode, batch,
                              str(args.steps), str(args.threads)]}
        more = []
    else:
        checkpoint = str(programs.train_checkpoint(args.threads))
        batch = "1000" if workload == "inference-1000" else "128"
        lines = {"evenkeel": [str(ROOT / "build/release/bench/bench_predict"), checkpoint, batch,
                              str(args.steps), str(args.threads)]}
        more = ["--checkpoint", checkpoint]
    limit = AVX2 if workload == "avx2" else []
    for peer, row in tune.best(tried(), "training" if workload == "avx2" else workload).items():
        setting = " ".join(f"{key}={value}" for key, value in row["setting"].items())
        lines[f"{peer} ({setting})"] = [
            *limit, sys.executable, str(HERE / row["script"]), "--steps", str(args.steps),
            "--threads", str(args.threads), *more, *flags(row["setting"])]
    return {name: line for name, line in lines.items()
            if not args.only or name.split(" ")[0] in args.only.split(",")}


def measure(workload, args):
    """-> {name: [run of each round]}"""
    with tempfile.TemporaryDirectory() as folder:
        names = list(commands(workload, args, folder))
        runs = {name: [] for name in names}
        for number in range(args.rounds):
            for name in names if number % 2 == 0 else names[::-1]:
                out = pathlib.Path(folder, f"{number}")
                try:
                    runs[name].append(programs.run(commands(workload, args, out)[name]))
                except programs.Failed as failed:
                    raise SystemExit(f"{name}: {failed}") from None
                print(f"{workload}, round {number + 1}/{args.rounds}: {name}: "
                      f"{runs[name][-1]['img_per_s']:,.0f} img/s", file=sys.stderr, flush=True)
    return runs


def summary(runs):
    """Medians by name; `ratio` is the median over rounds of evenkeel's speed over the peer's."""
    def median(of, key):
        values = [run[key] for run in of if run[key] is not None]
        return statistics.median(values) if values else None

    result = {}
    for name, of in runs.items():
        speeds = [run["img_per_s"] for run in of]
        result[name] = {key: median(of, key) for key in
                        ("img_per_s", "steps_per_s", "one_image_ms", "peak_mb", "first_step_s")}
        result[name] |= {"least": min(speeds), "most": max(speeds)}
        if "evenkeel" in runs and name != "evenkeel":
            result[name]["ratio"] = statistics.median(
                a["img_per_s"] / b["img_per_s"] for a, b in zip(runs["evenkeel"], of))
    return result


def table(workload, medians):
    def cell(value, digits, unit=""):
        return "" if value is None else f"{value:,.{digits}f}{unit}"

    last = ("steps/s", "steps_per_s", 1)
    if workload.startswith("inference"):
        last = ("one image, ms", "one_image_ms", 3)
    elif workload in ("training", "training-bf16", "avx2"):
        last = ("start to first step, s", "first_step_s", 2)
    lines = [f"### {workload.capitalize()}\n",
             f"| program | img/s | least - most | evenkeel is | peak MB | {last[0]} |",
             "|---|---:|---:|---:|---:|---:|"]
    for name, of in medians.items():
        lines.append(f"| {name} | {cell(of['img_per_s'], 0)} | "
                     f"{of['least']:,.0f} - {of['most']:,.0f} | {cell(of.get('ratio'), 2, '×')} | "
                     f"{cell(of['peak_mb'], 0)} | {cell(of[last[1]], last[2])} |")
    return "\n".join(lines) + "\n"


def options():
    parser = argparse.ArgumentParser(prog="./run bench peers", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=300, help="timed steps of each peer (300)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--workload", choices=[*WORKLOADS, "avx2"], help="one of them alone")
    parser.add_argument("--only", metavar="NAME,NAME", help="evenkeel, tensorflow, pytorch, …")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build" / "peers.json")
    parser.add_argument("--tune", action="store_true", help="try all settings of settings.py first")
    parser.add_argument("--tune-steps", type=int, default=60, help="timed steps of each setting")
    parser.add_argument("--repeat", type=int, default=1, help="runs of each setting")
    parser.add_argument("--out-tried", type=pathlib.Path, default=ROOT / "build", metavar="FOLDER")
    args = parser.parse_args()
    if args.rounds < 1 and not args.tune:
        parser.error("--rounds is at least 1")
    return args


def main():
    args = options()
    load = programs.warn_if_busy()
    if args.tune:
        rows = tune.tune(args, args.out_tried)
        print(tune.markdown({"machine": programs.machine(), "threads": args.threads, "rows": rows}))
        return
    report = {"machine": programs.machine(), "load_before": load, "threads": args.threads,
              "medians": {}, "runs": {}}
    for workload in [args.workload] if args.workload else [*WORKLOADS, "avx2"]:
        runs = measure(workload, args)
        report["runs"][workload] = runs
        report["medians"][workload] = summary(runs)
        print(table(workload, report["medians"][workload]), flush=True)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps({"machine": report["machine"], **report["medians"]}))


if __name__ == "__main__":
    main()
