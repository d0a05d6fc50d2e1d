# SPDX-License-Identifier: Apache-2.0
"""Runs one program to its end and reads the lines it prints: {"event": "first_step" | "done", …}."""

import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FIRST_STEP = ("first_step", "batch")  # the event that says a step is finished


class Failed(Exception):
    pass


def run(line, timeout=900):
    """-> {img_per_s, peak_mb, first_step_s, …}; Failed with the last words of the program."""
    with tempfile.TemporaryFile() as stderr:
        begin, first, done = time.monotonic(), None, None
        child = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=stderr, text=True)
        for text in child.stdout:
            now = time.monotonic()
            event = json.loads(text) if text.startswith("{") else {}
            if event.get("event") in FIRST_STEP and first is None:
                first = now - begin
            if event.get("event") == "done":
                done = event
            if now - begin > timeout:
                child.kill()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0 or done is None:
            stderr.seek(0)
            words = stderr.read().decode(errors="replace").strip().splitlines()[-1:]
            raise Failed(f"exit code {child.returncode}: {''.join(words)}")
    return {"img_per_s": done.get("img_per_s", done.get("images_per_second")),
            "steps_per_s": 1e3 / done["step_ms"] if "step_ms" in done else None,
            "one_image_ms": done.get("one_image_ms"), "peak_mb": usage.ru_maxrss * 1024 / 1e6,
            "cpu_s": usage.ru_utime + usage.ru_stime, "wall_s": time.monotonic() - begin,
            "first_step_s": done.get("seconds_to_first_step", first), "done": done}


def train_checkpoint(threads):
    """One epoch of the reference network, kept in build/: what the inference programs compute."""
    checkpoint = ROOT / "build" / "peers-mnist-cnn" / "checkpoint.safetensors"
    if not checkpoint.exists():
        print("training the network to predict with", file=sys.stderr)
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder, "run")
            line = ("train mnist-cnn --data mnist --epochs 1 --seed 1 --log-every 0 --eval-every 0 "
                    f"--quiet --threads {threads} --out {out}")
            subprocess.run([ROOT / "build/release/evenkeel", *line.split()], check=True,
                           stdout=subprocess.DEVNULL)
            checkpoint.parent.mkdir(parents=True, exist_ok=True)
            newest = max(out.rglob("*.safetensors"))
            checkpoint.write_bytes(newest.read_bytes())
    return checkpoint


def machine():
    model = "unknown"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    return {"cpu": model, "arch": platform.machine(), "cores": os.cpu_count()}


def warn_if_busy():
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"warning: the machine is busy (load {load:.1f})", file=sys.stderr)
    return load
