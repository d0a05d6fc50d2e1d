# SPDX-License-Identifier: Apache-2.0
"""Trains the reference network with evenkeel and its peers in turn, and compares them.

    ./run.sh [--rounds 5] [--steps 300] [--threads 2] [--only evenkeel,tensorflow] [--out FILE]

Each round runs every program once, one after another, so that all see the same machine. Speed
is images a second in training; memory the process's largest resident set; start the time from
starting the process to the end of its first training step. Prints a Markdown table of medians;
the JSON file holds every run.

Evenkeel's command is $EVENKEEL_BENCH; {threads}, {out} (a fresh folder) and {root} are filled in.
"""

import argparse
import json
import os
import pathlib
import platform
import shlex
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
EVENKEEL = ("{root}/build/release/evenkeel train mnist-cnn --data mnist --epochs 1 --batch 128 "
            "--threads {threads} --seed 1 --log-every 0 --eval-every 0 --json --out {out}")
PEERS = {
    "tensorflow": ["tensorflow_step.py"],
    "tensorflow inter-op 2": ["tensorflow_step.py", "--inter", "2"],
    "pytorch channels_last": ["pytorch_step.py", "--layout", "channels_last"],
    "pytorch contiguous": ["pytorch_step.py", "--layout", "contiguous"],
}
FIRST_STEP = ("first_step", "batch")  # the event that says a step is finished


def command(name, args, out):
    if name == "evenkeel":
        text = os.environ.get("EVENKEEL_BENCH", EVENKEEL)
        filled = {"root": ROOT, "threads": args.threads, "out": out}
        return [part.format(**filled) for part in shlex.split(text)]
    script, *flags = PEERS[name]
    return [sys.executable, str(HERE / script), *flags,
            "--steps", str(args.steps), "--threads", str(args.threads)]


def run_once(name, args):
    """One process, its lines read as they come. -> {img_per_s, peak_mb, first_step_s, …}"""
    with tempfile.TemporaryDirectory() as folder:
        errors = pathlib.Path(folder, "stderr")
        with errors.open("wb") as stderr:
            line = command(name, args, pathlib.Path(folder, "run"))
            begin, first, done = time.monotonic(), None, None
            child = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=stderr, text=True)
            for text in child.stdout:
                now = time.monotonic()
                event = json.loads(text) if text.startswith("{") else {}
                if event.get("event") in FIRST_STEP and first is None:
                    first = now - begin
                if event.get("event") == "done":
                    done = event
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0 or done is None:
            sys.stderr.write(errors.read_text(errors="replace")[-2000:])
            raise SystemExit(f"{name}: exit code {child.returncode}, "
                             f"{'no' if done is None else 'a'} line of event done: {line}")
    speed = done.get("img_per_s", done.get("images_per_second"))
    return {"img_per_s": speed, "peak_mb": usage.ru_maxrss / 1024,
            "cpu_s": usage.ru_utime + usage.ru_stime, "wall_s": time.monotonic() - begin,
            "first_step_s": done.get("seconds_to_first_step", first), "done": done}


def median(runs, key):
    values = [run[key] for run in runs if run[key] is not None]
    return statistics.median(values) if values else None


def table(runs):
    """Medians; evenkeel's ratio is the median over rounds of its speed over the peer's."""
    def cell(value, digits):
        return "-" if value is None else f"{value:,.{digits}f}"

    lines = ["| program | img/s | least - most | evenkeel is | peak MB | start to first step, s |",
             "|---|---:|---:|---:|---:|---:|"]
    for name, of in runs.items():
        speeds = [run["img_per_s"] for run in of]
        ratio = None
        if "evenkeel" in runs and name != "evenkeel":
            pairs = zip(runs["evenkeel"], of)
            ratio = statistics.median(a["img_per_s"] / b["img_per_s"] for a, b in pairs)
        lines.append(f"| {name} | {cell(median(of, 'img_per_s'), 0)} | "
                     f"{min(speeds):,.0f} - {max(speeds):,.0f} | "
                     f"{'' if ratio is None else f'{ratio:.2f}×'} | "
                     f"{cell(median(of, 'peak_mb'), 0)} | {cell(median(of, 'first_step_s'), 2)} |")
    return "\n".join(lines)


def machine():
    model = "unknown"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    return {"cpu": model, "arch": platform.machine(), "cores": os.cpu_count()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=300, help="timed steps of each peer")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", default=",".join(["evenkeel", *PEERS]), metavar="NAME,NAME")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build" / "peers.json")
    args = parser.parse_args()
    names = args.only.split(",")
    unknown = [name for name in names if name != "evenkeel" and name not in PEERS]
    if unknown or args.rounds < 1:
        parser.error(f"--only knows evenkeel, {', '.join(PEERS)}; --rounds is at least 1")

    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"warning: the machine is busy (load {load:.1f})", file=sys.stderr)
    runs = {name: [] for name in names}
    for number in range(args.rounds):
        for name in names if number % 2 == 0 else names[::-1]:
            runs[name].append(run_once(name, args))
            print(f"round {number + 1}/{args.rounds}: {name}: "
                  f"{runs[name][-1]['img_per_s']:,.0f} img/s", file=sys.stderr)

    print(table(runs))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    report = {"machine": machine(), "load_before": load, "threads": args.threads, "runs": runs}
    args.out.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
