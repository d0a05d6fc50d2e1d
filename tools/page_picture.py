#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Takes a picture of one card of a page that `compare` wrote, or of the page's top, with Chromium.

usage: tools/page_picture.py PAGE OUT.png [--card TITLE] [--width 720] [--height 470] [--dark]
"""

import argparse
import pathlib
import re
import subprocess
import tempfile


def card_of(page, title):
    """The HTML of the first card with that title, or with a chart that is called so."""
    at = page.find(f"<div class=\"card\"><h3>{title}</h3>")
    if at < 0 and f'aria-label="{title}"' in page:
        at = page.rfind("<div class=\"card\">", 0, page.find(f'aria-label="{title}"'))
    if at < 0:
        titles = re.findall(r'<div class="card"><h3>([^<]*)</h3>', page)
        raise SystemExit(f"expected one of the page's cards: {', '.join(dict.fromkeys(titles))}")
    depth, end = 0, at
    for tag in re.finditer(r"<(/?)div\b", page[at:]):
        depth += -1 if tag[1] else 1
        if depth == 0:
            end = at + tag.end() + 1
            break
    return page[at:end]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--card")
    parser.add_argument("--width", type=int, default=720)
    parser.add_argument("--height", type=int, default=470)
    parser.add_argument("--dark", action="store_true")
    arguments = parser.parse_args()
    page = arguments.page.read_text()
    if arguments.card:
        head = page[:page.index("<main>")]
        # The card alone, without its folded table, and wide whatever the width.
        card = re.sub(r"<details>.*?</details>", "", card_of(page, arguments.card), flags=re.S)
        style = "<style>main{padding:8px!important}.wide{display:block!important}.narrow{display:none!important}</style>"
        page = f"{head}{style}<main>{card}</main></body></html>"
    if arguments.dark:
        page = page.replace("@media(prefers-color-scheme:dark)", "@media all").replace("light dark", "dark")
    else:
        page = page.replace("light dark", "light")
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "page.html"
        file.write_text(page)
        subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             f"--window-size={arguments.width},{arguments.height}", f"--screenshot={arguments.out.resolve()}",
             file.as_uri()],
            check=True, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
