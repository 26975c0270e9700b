"""The hook in the root's conftest.py: where every test must run, one that does not is a failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

FILES = {
    "test_some.py": "import pytest\n\ndef test_runs():\n    pass\n\ndef test_not():\n    pytest.skip('no server here')\n",
    "test_none.py": "import pytest\n\npytest.skip('no server here', allow_module_level=True)\n",
    "test_expected.py": "import pytest\n\n@pytest.mark.xfail\ndef test_fails():\n    assert False\n",
}


def run(folder: Path, **environ: str) -> tuple[int, str]:
    """In worker processes, as the whole suite."""
    (folder / "conftest.py").write_text((Path(__file__).parent.parent / "conftest.py").read_text())
    for name, text in FILES.items():
        (folder / name).write_text(text)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "FOLLOWSYNC"))}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(folder), "-n", "1", str(folder)]
    done = subprocess.run(command, cwd=folder, env=kept | environ, capture_output=True, text=True, check=False, timeout=300)
    return done.returncode, done.stdout


def test_a_skip_is_no_failure_at_home(tmp_path: Path) -> None:
    code, output = run(tmp_path)
    assert code == 0, output
    assert "1 passed, 2 skipped, 1 xfailed" in output


def test_a_skip_is_a_failure_where_every_test_must_run(tmp_path: Path) -> None:
    code, output = run(tmp_path, FOLLOWSYNC_REQUIRE_SERVERS="1")
    assert code == 1, output
    assert "1 failed, 1 passed, 1 xfailed, 1 error" in output
    assert output.count("wants every test to run") >= 2
