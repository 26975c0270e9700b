"""Runs in vdirsyncer's own environment: ``python run_vdirsyncer.py CONFIG [WARM [TIMES]]``. Prints what a sync took after everything was
imported, as JSON: wall and cpu in seconds (the median of TIMES), memory and before in MB. It imports nothing of ours."""

import json
import sys
import time

import aiohttp  # noqa: F401  # loaded before the clock starts, as everything is
import vdirsyncer.storage.dav
import vdirsyncer.storage.filesystem  # noqa: F401
from vdirsyncer.cli import app


def memory() -> float:
    with open("/proc/self/status") as status:
        return next((int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:")), 0.0)


def sync(config: str) -> None:
    try:
        app(["-v", "ERROR", "-c", config, "sync"], standalone_mode=False)
    except SystemExit as end:
        if end.code:
            raise


def main() -> None:
    config, warm, times = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    for _ in range(warm):
        sync(config)
    before, walls, cpus = memory(), [], []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        sync(config)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    print(json.dumps({"wall": sorted(walls)[times // 2], "cpu": sorted(cpus)[times // 2], "memory": memory(), "before": before}))


main()
