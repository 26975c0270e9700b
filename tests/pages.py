"""The pages that the program's own words make: the reference of commands and of config keys, and the manual page.

Run as ``python -m tests.pages`` it writes them anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from followsync import __version__
from followsync.cli.app import app
from followsync.config import json_schema

ROOT = Path(__file__).parent.parent
COMMANDS = ROOT / "docs" / "reference" / "commands.md"
CONFIG = ROOT / "docs" / "reference" / "config.md"
MANUAL = ROOT / "docs" / "followsync.1"
MADE = "Made from the program itself: `python -m tests.pages` writes this page anew, and a test sees that it is up to date."


@dataclass(frozen=True, slots=True)
class Command:
    """``name``: with the group's before it. ``usage``: what follows it. ``options``: pairs of what is typed and what it does."""

    name: str
    usage: str
    text: str
    arguments: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, str], ...]


def commands() -> Iterator[Command]:
    """The program itself, under the name "", then each command in the order of --help."""
    root: Any = typer.main.get_command(app)
    yield from _commands(root, None, "")


def _commands(command: Any, parent: Any, name: str) -> Iterator[Command]:
    context = command.context_class(command, parent=parent, info_name=name.rpartition(" ")[2] or "followsync")
    children: Mapping[str, Any] = getattr(command, "commands", {})
    if not name or not children:
        yield _described(command, context, name)
    for child, one in children.items():
        yield from _commands(one, context, f"{name} {child}".strip())


def _described(command: Any, context: Any, name: str) -> Command:
    parts: dict[bool, list[tuple[str, str]]] = {True: [], False: []}
    for one in command.get_params(context):
        if "--help" not in one.opts and (record := one.get_help_record(context)):
            typed, does = record
            parts[one.param_type_name == "argument"].append((_named(typed, one.param_type_name), re.sub(r" +", " ", does).strip()))
    usage = " ".join(piece for piece in command.collect_usage_pieces(context) if piece)
    text = (command.help or "").strip()
    return Command(name, usage, text, tuple(parts[True]), tuple(parts[False]))


_KINDS = {"<str>": "TEXT", "<list[str]>": "TEXT", "<path>": "PATH", "<int range>": "NUMBER", "<int>": "NUMBER"}


def _named(typed: str, what: str) -> str:
    """What a person types in place of the program's own name for the kind of it; an argument has a name already."""
    kind = r" <[^>]*>$"
    if what == "argument":
        return re.sub(kind, "", typed)
    return re.sub(kind, lambda match: " " + _KINDS.get(match[0].strip(), match[0].strip(" <>")), typed)


# -- Markdown

_EXITS = """\
| exit code | means |
|---|---|
| 0 | done |
| 1 | something needs attention; it says what |
| 2 | wrong use: the command line cannot be meant so |
| 78 | the config is wrong; systemd does not restart the service then |
"""


def commands_page() -> str:
    lines = [
        "# Commands",
        "",
        MADE,
        "",
        "Text goes to stdout, what went wrong to stderr; with `--json`, stdout holds one JSON document.",
        "",
        _EXITS,
    ]
    for one in commands():
        title = f"followsync {one.name}".strip()
        lines += [f"## {title}", "", f"```text\n{title} {one.usage}\n```", ""]
        lines += [*_paragraphs(one.text), ""] if one.name and one.text else []
        for heading, rows in (("argument", one.arguments), ("option", one.options)):
            if rows:
                lines += [f"| {heading} | |", "|---|---|", *(f"| `{_cell(typed)}` | {_cell(does)} |" for typed, does in rows), ""]
    return "\n".join(lines).rstrip() + "\n"


def _paragraphs(text: str) -> list[str]:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n")).split("\n")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


# the words of the schema -> the headings of the page, in its order
_PARTS = {
    "": "The file",
    "Rep": "`reps.NAME`",
    "Holidays": "`holidays`, where it is more than a place",
    "CalDavTarget": "`targets.NAME` of `type: caldav`",
    "GoogleTarget": "`targets.NAME` of `type: google`",
    "IcsTarget": "`targets.NAME` of `type: ics`",
    "CalDavBusy": "`busy.NAME` of `type: caldav`",
    "GoogleBusy": "`busy.NAME` of `type: google`",
    "IcsBusy": "`busy.NAME` of `type: ics`",
    "Secret": "Where a secret is kept",
    "Method": "`methods.NAME`",
    "Cadence": "`cadences.NAME`",
    "Step": "One of a cadence's `steps`",
    "Retry": "A cadence's `retry`",
    "Reason": "`reasons.NAME`",
    "Purpose": "`purposes.NAME`",
    "Sync": "`sync`",
    "Feed": "`feed`",
    "Page": "`page`",
}


def config_page() -> str:
    schema = json_schema()
    parts: Mapping[str, Any] = {"": schema, **schema["$defs"]}
    lines = ["# Config keys", "", MADE, ""]
    lines += [
        "[config.example.yaml](../../config.example.yaml) shows them in use; `followsync schema` prints the JSON Schema for editors.",
        "",
    ]
    for name, heading in _PARTS.items():
        part = parts[name]
        lines += [f"## {heading}", "", *([part["description"], ""] if part.get("description") else [])]
        lines += ["| key | default | what it is for |", "|---|---|---|"]
        lines += [_key(key, one, key in part.get("required", ())) for key, one in part["properties"].items()]
        lines += [""]
    return "\n".join(lines).rstrip() + "\n"


def unlisted() -> set[str]:
    """Parts of the config that have keys and no heading."""
    return {name for name, part in json_schema()["$defs"].items() if "properties" in part} - set(_PARTS)


def _key(key: str, one: Mapping[str, Any], required: bool) -> str:
    default = "needed" if required else _default(one.get("default"))
    return f"| `{key}` | {default} | {_cell(_meaning(one))} |"


def _meaning(one: Mapping[str, Any]) -> str:
    if "description" in one:
        return str(one["description"])
    choices = [str(choice) for choice in one.get("enum", ())] or [str(one["const"])] if "enum" in one or "const" in one else []
    return " or ".join(choices)


def _default(value: object) -> str:
    if value in (None, "", [], {}):
        return ""
    return f"`{_cell(_flow(value))}`"


def _flow(value: object) -> str:
    """As YAML writes it in one line."""
    match value:
        case bool():
            return str(value).lower()
        case {"start": str(start), "end": str(end)}:
            return f"{start[:5]}-{end[:5]}"
        case {"count": int(count), "unit": str(unit)}:
            return _counted(count, unit)
        case [dict() as alone]:
            return _flow(alone)
        case str() if match := re.fullmatch(r"PT(\d+)([MSH])", value):
            return _counted(int(match[1]), {"M": "minutes", "S": "seconds", "H": "hours"}[match[2]])
        case str() if re.fullmatch(r"\d\d:\d\d:00", value):
            return value[:5]
        case dict():
            return "{" + ", ".join(f"{key}: {_flow(one)}" for key, one in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_flow, value)) + "]"
        case None:
            return "none"
        case _:
            return str(value)


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit.removesuffix('s') if count == 1 else unit}"


# -- the manual page (man-pages(7), groff_man(7))

_SYNOPSIS = "[OPTIONS] COMMAND [ARGUMENTS]"
_SECTIONS = (
    (
        "FILES",
        (
            ("config.yaml", "In the folder at hand."),
            ("~/.config/followsync/config.yaml", "The user's own."),
            ("/etc/followsync/config.yaml", "The service's. followsync@NAME.service reads /etc/followsync/NAME.yaml."),
            ("/var/lib/followsync/", "The service's store: prospects and their history. Else ~/.local/state/followsync/."),
            ("/usr/share/doc/followsync/", "Guides, the reference of all config keys, and an example with every key."),
        ),
    ),
    (
        "ENVIRONMENT",
        (
            ("FOLLOWSYNC_CONFIG", "The config, where --config names none."),
            ("STATE_DIRECTORY", "Where 'store: sqlite' lies; systemd sets it."),
            ("CREDENTIALS_DIRECTORY", "Where secrets of the kind {credential: NAME} lie; systemd sets it."),
            ("NOTIFY_SOCKET, WATCHDOG_USEC", "Where 'run' tells systemd that it is ready and alive, and how often."),
        ),
    ),
    (
        "EXIT STATUS",
        (
            ("0", "Done."),
            ("1", "Something needs attention; it says what."),
            ("2", "Wrong use."),
            ("78", "The config is wrong. The service is not restarted then."),
        ),
    ),
    (
        "SIGNALS",
        (
            ("SIGHUP", "'run' reads the config again. A wrong one is told, and the old one stays."),
            ("SIGTERM, SIGINT", "'run' finishes the write at hand and ends."),
        ),
    ),
)


def manual() -> str:
    described = list(commands())
    head = described[0]
    lines = [
        '.\\" Made from the program itself by python -m tests.pages',
        f'.TH FOLLOWSYNC 1 "" "followsync {__version__}" "User Commands"',
        ".SH NAME",
        _roff("followsync - the next action of every prospect in the sales rep's phone calendar"),
        ".SH SYNOPSIS",
        f".B followsync\n{_roff(_SYNOPSIS)}",
        ".SH DESCRIPTION",
        _roff("FollowSync works out the next action of every prospect from follow-up rules (YAML) and keeps it in the rep's calendar:"),
        _roff("CalDAV, Google Calendar and Tasks, or an ICS file or feed. The rep answers there. 'followsync demo' shows it all,"),
        _roff("'followsync init' writes a config, 'followsync run' is the daemon."),
        ".SH OPTIONS",
        *_listed(head.options),
        ".SH COMMANDS",
    ]
    for one in described[1:]:
        lines += [f'.SS "{_roff(f"{one.name} {one.usage}".strip())}"', *_body(one.text), *_listed((*one.arguments, *one.options))]
    for heading, rows in _SECTIONS:
        lines += [f".SH {heading}" if " " not in heading else f'.SH "{heading}"', *_listed(rows)]
    lines += [".SH SEE ALSO", _roff("systemctl(1), journalctl(1), systemd.exec(5)")]
    return "\n".join(lines) + "\n"


def _body(text: str) -> Iterator[str]:
    for number, part in enumerate(text.split("\n\n")):
        if number:
            yield ".PP"
        yield _roff(" ".join(part.split()))


def _listed(rows: tuple[tuple[str, str], ...]) -> Iterator[str]:
    for typed, does in rows:
        yield f".TP\n.B {_roff(typed)}"
        yield _roff(" ".join(does.split()) or "\u2014")


def _roff(text: str) -> str:
    """Nothing in a text may be read as a request, and a hyphen that is to be typed stays one."""
    escaped = text.replace("\\", "\\(rs").replace("-", "\\-").replace('"', "\\(dq").replace("'", "\\(aq")
    escaped = "".join(letter if ord(letter) < 128 else f"\\[u{ord(letter):04X}]" for letter in escaped)
    return f"\\&{escaped}" if escaped.startswith(".") else escaped


def written() -> dict[Path, str]:
    return {COMMANDS: commands_page(), CONFIG: config_page(), MANUAL: manual()}


if __name__ == "__main__":
    for path, text in written().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
