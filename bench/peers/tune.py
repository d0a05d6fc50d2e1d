# SPDX-License-Identifier: Apache-2.0
"""Tries every setting of settings.py on this machine: ./run bench peers --tune

Each runs in a process of its own, `--repeat` times with the best kept. The table goes to
FOLDER/tried.md, everything to FOLDER/tried.json, where compare.py takes the fastest from.
"""

import json
import sys

import programs
from settings import WORKLOADS, combinations, flags


def _line(script, setting, args, checkpoint):
    line = [sys.executable, str(programs.HERE / script), "--steps", str(args.tune_steps),
            "--threads", str(args.threads), *flags(setting)]
    return line + (["--checkpoint", str(checkpoint)] if checkpoint else [])


def _try(line, repeat):
    try:
        runs = [programs.run(line) for _ in range(repeat)]
    except programs.Failed as failed:
        return {"failed": str(failed)[:300]}
    best = max(runs, key=lambda run: run["img_per_s"])
    return {key: best[key] for key in ("img_per_s", "one_image_ms", "peak_mb")} | {
        "version": best["done"]["version"]}


def tune(args, folder):
    """-> the rows: {workload, peer, script, setting, img_per_s | failed, …}"""
    rows = []
    before = folder / "tried.json"
    if args.workload and before.exists():  # the others' rows stay
        rows = [row for row in json.loads(before.read_text())["rows"]
                if row["workload"] != args.workload]
    for workload, peers in WORKLOADS.items():
        if args.workload not in (None, workload):
            continue
        checkpoint = programs.train_checkpoint(args.threads) if workload.startswith("inference") else None
        for peer, (script, options) in peers.items():
            for setting in combinations(options):
                row = {"workload": workload, "peer": peer, "script": script, "setting": setting}
                row |= _try(_line(script, setting, args, checkpoint), args.repeat)
                rows.append(row)
                print(f"{workload}: {peer} {setting}: "
                      f"{row.get('failed') or format(row['img_per_s'], ',.0f')}",
                      file=sys.stderr, flush=True)
                write(rows, args, folder)
    return rows


def write(rows, args, folder):
    folder.mkdir(parents=True, exist_ok=True)
    report = {"machine": programs.machine(), "threads": args.threads, "rows": rows}
    (folder / "tried.json").write_text(json.dumps(report, indent=1) + "\n")
    (folder / "tried.md").write_text(markdown(report))


def best(rows, workload):
    """-> {peer: the row of its fastest setting}"""
    found = {}
    for row in rows:
        if row["workload"] == workload and "failed" not in row:
            if row["peer"] not in found or row["img_per_s"] > found[row["peer"]]["img_per_s"]:
                found[row["peer"]] = row
    return found


def markdown(report):
    cpu, threads = report["machine"]["cpu"], report["threads"]
    text = [f"# Settings tried\n\n{cpu}, {threads} threads, batch 128 and fp32 where nothing else is said. Bold: the fastest, "
            "which `compare.py` uses.\n"]
    for workload in WORKLOADS:
        rows = [row for row in report["rows"] if row["workload"] == workload]
        chosen = best(rows, workload)
        text += [f"\n## {workload.capitalize()}\n", "\n| peer | setting | img/s | peak MB |\n",
                 "|---|---|---:|---:|\n"]
        for row in sorted(rows, key=lambda row: (row["peer"], -row.get("img_per_s", 0))):
            setting = ", ".join(f"{key} {value}" for key, value in row["setting"].items())
            mark = "**" if row is chosen.get(row["peer"]) else ""
            name = f"{row['peer']} {row.get('version', '')}".strip()
            if "failed" in row:
                text.append(f"| {name} | {setting} | failed: {row['failed']} | |\n")
            else:
                text.append(f"| {name} | {mark}{setting}{mark} | {mark}{row['img_per_s']:,.0f}{mark} "
                            f"| {row['peak_mb']:,.0f} |\n")
    return "".join(text)
