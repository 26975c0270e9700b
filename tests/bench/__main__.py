"""``python -m tests.bench``: what FollowSync costs beside the least programme and beside vdirsyncer, on Radicale and on Xandikos."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path

from tests.bench import vdir
from tests.bench.goals import Verdict, verdicts
from tests.bench.measure import HEADER, Cost
from tests.bench.rows import FULL, PARTS, QUICK, Bench
from tests.servers import PASSWORD


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few minutes (this is what happens without any option)")
    parser.add_argument("--full", action="store_true", help="all sizes, each first sync three times")
    parser.add_argument("--repeat", type=int, metavar="TIMES", help="each first sync, of which the one in the middle is told")
    parser.add_argument("--only", choices=PARTS, action="append", help="only these lines")
    parser.add_argument("--server", choices=QUICK.servers, help="only this one")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there too")
    asked = parser.parse_args()
    size = FULL if asked.full and not asked.quick else QUICK
    size = replace(size, servers=(asked.server,) if asked.server else size.servers, repeats=asked.repeat or size.repeats)
    os.environ["FOLLOWSYNC_BENCH_PASSWORD"] = PASSWORD
    if not vdir.installed():
        print("vdirsyncer is not here, so it is left out; 'make bench' installs it.\n", file=sys.stderr)
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}. Times are the client's, bytes those of the bodies.\n\n{HEADER}")
    costs = []
    with tempfile.TemporaryDirectory() as folder:
        for cost in Bench(size, Path(folder)).rows(asked.only or PARTS):
            print(cost.row(), flush=True)
            costs.append(cost)
    told = verdicts(costs)
    print("\nGoals", *(one.row() for one in told), sep="\n")
    print(f"\n{sum(one.met for one in told)} of {len(told)} are met.")
    if asked.json:
        asked.json.write_text(_json(costs, told))


def _json(costs: Iterable[Cost], told: Iterable[Verdict]) -> str:
    return json.dumps({"costs": [asdict(one) for one in costs], "goals": [asdict(one) for one in told]}, indent=1) + "\n"


if __name__ == "__main__":
    main()
