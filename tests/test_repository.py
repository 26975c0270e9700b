"""What every file of the repository keeps: no machine's paths, no registry's hosts, no holes; and docs that do not lie."""

from __future__ import annotations

import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SELVES = {Path(__file__).name, "test_skips.py"}  # what is looked for stands in them


@cache
def files() -> tuple[Path, ...]:
    """What is tracked, and what is about to be: all that git does not ignore."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    found = tuple(ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file())
    assert len(found) > 50
    return found


def texts(*suffixes: str) -> list[tuple[str, str]]:
    chosen = [path for path in files() if path.name not in SELVES and (not suffixes or path.suffix in suffixes)]
    return [(str(path.relative_to(ROOT)), path.read_text("utf-8", errors="replace")) for path in chosen]


def found(pattern: str, *suffixes: str) -> list[str]:
    wanted = re.compile(pattern)
    return [f"{name}: {match.group()}" for name, text in texts(*suffixes) for match in wanted.finditer(text)]


def test_no_path_of_a_machine_where_somebody_worked() -> None:
    assert (
        found(r"(?<![\w.])/(?:root|work|home|Users)/[\w.-]+", ".py", ".md", ".toml", ".lock", ".txt", ".service", ".yaml", ".json", "")
        == []
    )


def test_no_host_of_a_package_registry() -> None:
    hosts = "|".join(("py" + "pi", "pythonhost" + "ed", "test.py" + "pi"))
    assert found(rf"(?i)[\w.-]*\b(?:{hosts})\.(?:org|python)[\w./-]*") == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_locks_name_no_host_and_hash_everything(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert not re.search(r"(?m)^\s*-", re.sub(r"(?m)^\s+--hash=", "", text)), "only hashes are options"
    packages = re.split(r"(?m)^(?=[a-z0-9])", text)[1:]
    assert len(packages) > 40
    assert all("==" in one and "--hash=sha256:" in one for one in packages)


def test_the_lock_of_the_readers_names_no_host_and_hashes_everything() -> None:
    text = (ROOT / "tests" / "readers" / "package-lock.json").read_text()
    assert "://" not in text
    assert text.count('"integrity": "sha512-') == text.count('"node_modules/') == 6


def test_the_lock_leaves_out_what_would_replace_urllib3() -> None:
    names = {
        line.split("==")[0] for lock in ("requirements.lock", "requirements-dev.lock") for line in (ROOT / lock).read_text().splitlines()
    }
    assert "caldav" in names
    assert names.isdisjoint({"niquests", "urllib3-future"})


def test_both_locks_agree_and_know_every_dependency() -> None:
    def pinned(lock: str) -> dict[str, str]:
        return dict(re.findall(r"(?m)^([a-z0-9.-]+)==([^\s;]+)", (ROOT / lock).read_text()))

    runs, develops = pinned("requirements.lock"), pinned("requirements-dev.lock")
    assert runs.items() <= develops.items()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {re.split(r"[^A-Za-z0-9.-]", one)[0].lower() for one in project["dependencies"]}
    assert needed <= runs.keys()


def test_no_hole_is_left_in_the_code() -> None:
    holes = found(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b|raise NotImpl" + r"ementedError", ".py", ".md", ".toml")
    # an abstract class of tests may leave to its children what only they can know
    assert [one for one in holes if not (one.startswith("tests/") and "raise" in one)] == []


def test_no_test_is_switched_off() -> None:
    """But for a program that may be missing, and that fails the run under FOLLOWSYNC_REQUIRE_SERVERS=1."""
    marks = found(r"pytest\.mark\.(?:skip|xfail)\b|pytest\.skip\(|importorskip|unittest\.skip", ".py")
    assert marks == ["tests/postgresql.py: pytest.skip("]  # a server in place of a program


def test_tests_never_sleep() -> None:
    sleeping = [one for one in found(r"\btime\.sleep\(|asyncio\.sleep\(", ".py") if one.startswith(("tests/", "conftest"))]
    assert sleeping == []


def test_every_switched_off_check_has_its_reason() -> None:
    pattern = re.compile(r"(?m)# (?:noqa: ?[A-Z0-9]+(?:, ?[A-Z0-9]+)*|noqa\b|type: ignore(?:\[[\w, -]+\])?)(.*)$")
    reasons = [
        (name, match.group())
        for name, text in texts(".py")
        for match in pattern.finditer(text)
        if name.startswith("followsync/") and len(match.group(1).strip()) < 10
    ]
    assert reasons == []


def test_text_files_are_utf_8_and_end_with_one_line_end() -> None:
    for path in files():
        if path.suffix in {".py", ".md", ".toml", ".yaml", ".service", ".lock", ".txt"}:
            text = path.read_bytes().decode("utf-8")
            assert "\r" not in text or path.suffix == ".txt", path
            assert not text or (text.endswith("\n") and not text.endswith("\n\n")), path


# -- the docs


def links(text: str) -> list[str]:
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link and not link.startswith(("#", "mailto:"))]


@pytest.mark.parametrize("name", [name for name, _ in texts(".md")])
def test_links_lead_to_files(name: str) -> None:
    page = ROOT / name
    broken = [link for link in links(page.read_text()) if not (page.parent / link.partition("#")[0]).exists()]
    assert broken == []


def test_every_page_is_reached_from_the_readme() -> None:
    reached, todo = set(), [ROOT / "README.md"]
    while todo:
        page = todo.pop().resolve()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        todo += [page.parent / link.partition("#")[0] for link in links(page.read_text())]
    pages = {ROOT / name for name, _ in texts(".md")}
    assert {page.resolve() for page in pages} - reached == set()


def documented() -> set[str]:
    """``followsync COMMAND`` in code of the docs; options that stand before the command are passed over."""
    code = [block for _, text in texts(".md") for block in re.findall(r"(?s)```.*?```|`[^`\n]+`", text)]
    calls = [
        match
        for block in code
        for match in re.findall(r"(?m)(?:^|`|\$ |-u followsync )followsync((?: --[\w-]+ [^\s-]\S*)* [a-z][a-z-]*)", block)
    ]
    return {call.split()[-1] for call in calls}


def test_the_commands_in_the_docs_exist() -> None:
    from followsync.cli.app import app

    known = {command.name for command in app.registered_commands} | {group.name for group in app.registered_groups}
    assert len(documented()) > 5
    assert documented() <= known


def test_the_verbs_in_the_docs_are_the_makefile_s() -> None:
    verbs = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text()))
    named = {verb for _, text in texts(".md") for verb in re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE)}
    assert {"demo", "test"} <= named <= verbs


def test_the_configs_in_the_docs_are_valid(tmp_path: Path) -> None:
    from followsync.config import load

    blocks = [(name, block) for name, text in texts(".md") for block in re.findall(r"(?s)```yaml\n(.*?)```", text) if "reps:" in block]
    assert blocks
    for number, (_, block) in enumerate(blocks):
        path = tmp_path / f"{number}.yaml"
        path.write_text(block)
        load(path)


def test_a_change_of_the_version_stands_in_the_changelog() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    heading = re.search(r"(?m)^## \[([^\]]+)\]", (ROOT / "CHANGELOG.md").read_text())
    assert heading
    assert heading.group(1) in {version, "Unreleased"}


def test_contributing_tells_the_floors_as_they_are_checked() -> None:
    told = (ROOT / "CONTRIBUTING.md").read_text().partition("| floor | what lives there |")[2].partition("\n\n")[0]
    floors = [set(re.findall(r"`(\w+)`", row.split("|")[1])) for row in told.splitlines() if row.startswith("| `")]
    checked = (ROOT / ".importlinter").read_text().partition("layers =")[2].partition("\n\n")[0]
    layers = [{name for name in re.findall(r"\w+", row) if f"({name})" not in row} for row in checked.splitlines() if row.strip()]
    layers.remove({"__main__"})
    assert set().union(*floors) == set().union(*layers)
    place = {name: number for number, floor in enumerate(floors) for name in floor}
    order = [sorted(place[name] for name in layer) for layer in layers]
    assert [one for floor in order for one in floor] == sorted(one for floor in order for one in floor), "the table and the check differ"
