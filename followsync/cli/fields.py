"""The field options that ``add``, ``edit`` and ``log`` share, and any other ``--FIELD DAY`` besides."""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from followsync.core.newsletter import NEWSLETTER
from followsync.core.prospect import INSTEAD_OF, Stakeholder
from followsync.details import Said, field_name
from followsync.errors import UsageError

if TYPE_CHECKING:
    from followsync.cli.session import Session
    from followsync.config import Settings

_DATES = frozenset({"met", "contract_end", "proposal_due", "order_due"})
_DATE_LIKE = ("_date", "_end", "_due", "_on")

_TEXTS = {
    "name": "The business, or the person where there is none.",
    "person": "Whom to talk to.",
    "role": "What that person is: owner, CFO.",
    "phone": "Kept as typed.",
    "email": "The e-mail address.",
    "address": "Where to visit.",
    "url": "The video room's address.",
    "timezone": "The prospect's own zone, such as America/Denver.",
    "method": "The method they prefer: call, visit, email …",
    "source": "Where the lead came from.",
    "stage": "Where they are in the pipeline; cadences ask for it.",
    "reason": "Why they wait, such as contract_end.",
    "learned": "What was learned; carried forward.",
    "close_step": "What they said would close it.",
}
_LISTS = {
    "tag": "A tag ('hot' ranks first); may be given again.",
    "agenda": "A point for the next meeting; may be given again.",
    "question": "A question to ask; may be given again.",
    "stakeholder": '"NAME, ROLE, absent|present, ADDRESS"; may be given again.',
}


_METAVARS = {"they_know": "yes|no", "newsletter": "yes|no", "timezone": "ZONE", "method": "METHOD"}
_OPTIONS = (
    *((name, str | None, None, text) for name, text in _TEXTS.items()),
    *((name, list[str] | None, None, text) for name, text in _LISTS.items()),
    ("they_know", str | None, None, "Whether they know why and when we follow up."),
    ("newsletter", str | None, None, "Whether we may send them the newsletter."),
    ("note", str, "", "A note, kept as typed."),
)


def taking_fields(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the shared options to a command. It is given ``said``, which stands in for all of them, instead of ``words``."""

    @wraps(command)
    def wrapped(ctx: typer.Context, words: list[str], **options: Any) -> None:
        given = {name: options.pop(name) for name, *_ in _OPTIONS}
        command(ctx, said=read(ctx.obj, words, given), **options)

    own = inspect.signature(command, eval_str=True).parameters.values()
    context, said, *others = own
    line = said.replace(name="words", annotation=Annotated[list[str], said.annotation.__metadata__[0]], kind=said.POSITIONAL_OR_KEYWORD)
    shared = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=default,
            annotation=Annotated[kind, typer.Option(metavar=_METAVARS.get(name, "TEXT"), help=text, show_default=False)],
        )
        for name, kind, default, text in _OPTIONS
    ]
    wrapped.__signature__ = inspect.Signature([context, line, *others, *shared])  # type: ignore[attr-defined]  # typer reads it
    wrapped.__annotations__ = {one.name: one.annotation for one in (context, line, *others, *shared)}
    del wrapped.__wrapped__  # else typer would look through us
    return wrapped


def read(session: Session, words: Sequence[str], given: Mapping[str, Any]) -> Said:
    """Raises UsageError where a value cannot be what its option needs."""
    plain, others = _split(words)
    texts = {name: value.strip() for name in _TEXTS if (value := given[name]) is not None}
    _check_texts(session, texts)
    if (wants := given[NEWSLETTER]) is not None:
        texts[NEWSLETTER] = "" if not wants.strip() else "yes" if yes_no("--newsletter", wants) else "no"
    return Said(
        words=tuple(plain),
        texts=texts,
        days={name: _value(session, name, value) for name, value in others.items()},
        tags=tuple(tag.strip() for tag in given["tag"] or () if tag.strip()),
        agenda=tuple(given["agenda"] or ()),
        questions=tuple(given["question"] or ()),
        stakeholders=tuple(_stakeholder(text) for text in given["stakeholder"] or ()),
        they_know=None if given["they_know"] is None else yes_no("--they-know", given["they_know"]),
        note=given["note"].strip(),
    )


def yes_no(option: str, said: str) -> bool:
    if said.strip().lower() not in ("yes", "no"):
        raise UsageError(f"{option}: '{said}' is neither yes nor no.")
    return said.strip().lower() == "yes"


def day(session: Session, option: str, said: str, rep: str = "") -> str:
    """An ISO day. Days that lie behind must be written out; those ahead may be said ("Friday"). Raises UsageError."""
    from followsync.days import read_day
    from followsync.when import parse_when

    key = rep or next(iter(session.settings.reps))
    rules = session.rep_rules(key)
    found = read_day(said, rules.region)
    if found is None and (when := parse_when(said, now=session.now(key), rep=rules)):
        found = when.day
    if found is None:
        raise UsageError(f"{option}: '{said}' is not a day; write one such as 2026-01-31.")
    return found.isoformat()


def _split(words: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """What typer did not know: plain words, and ``--FIELD VALUE`` or ``--FIELD=VALUE``."""
    plain: list[str] = []
    others: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        if not re.fullmatch(r"--[A-Za-z][\w-]*(?:=.*)?", word, re.DOTALL):
            plain.append(word)
            continue
        option, given, value = word[2:].partition("=")
        try:
            others[field_name(option)] = value if given else next(rest)
        except StopIteration:
            raise UsageError(f"--{option} needs a value, such as a day: --{option} 2026-01-31.") from None
    return plain, others


def _value(session: Session, name: str, said: str) -> str:
    """A date field's value is a day. A field that the config's rules ask for (``for:``) may be a text."""
    dates = date_fields(session.settings)
    asked = {field_name(criterion) for cadence in session.settings.cadences.values() for criterion in cadence.criteria}
    if name in ("config", "now", "verbose"):
        raise UsageError(f"--{name} stands before the command: followsync --{name} … COMMAND.")
    if not said.strip():
        return ""
    if name.startswith(INSTEAD_OF):
        return _instead(session, name, said.strip())
    if name in asked and name not in dates and not name.endswith(_DATE_LIKE):
        return said.strip()
    option = f"--{name.replace('_', '-')}"
    if name not in dates and (near := difflib.get_close_matches(name, [*_TEXTS, *_LISTS, "note", "they_know"], n=1, cutoff=0.75)):
        raise UsageError(f"There is no option {option}; did you mean --{near[0].replace('_', '-')}?")
    return day(session, option, said)


def _instead(session: Session, name: str, method: str) -> str:
    methods = session.settings.methods
    if unknown := {method, name.removeprefix(INSTEAD_OF)} - {form for one in methods for form in (one, field_name(one))}:
        raise UsageError(f"--{name.replace('_', '-')}: there is no method '{min(unknown)}'; the config has {_joined(methods)}.")
    return method


def date_fields(settings: Settings) -> set[str]:
    """The fields that hold a day: those we know, and those that the rules count from."""
    cadences = settings.cadences.values()
    steps = [step for cadence in cadences for step in cadence.steps]
    counted = {cadence.start for cadence in cadences} | {step.of for step in steps} | {step.on.field for step in steps if step.on}
    counted |= {reason.of for reason in settings.reasons.values()} | _DATES
    return counted - {"", "start"}


def criteria(words: Sequence[str]) -> dict[str, frozenset[str]]:
    """``stage=pitched`` as a cadence's ``for:`` would ask; of several values of a field each will do. Empty where a word is none."""
    found: dict[str, frozenset[str]] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (name.strip() and equals and value.strip()):
            return {}
        found[field_name(name.strip())] = found.get(field_name(name.strip()), frozenset()) | {value.strip().lower()}
    return found


def _check_texts(session: Session, texts: Mapping[str, str]) -> None:
    if "name" in texts and not texts["name"]:
        raise UsageError("--name: a prospect needs a name.")
    if (zone := texts.get("timezone")) and not _is_zone(zone):
        raise UsageError(f"--timezone: '{zone}' is not a time zone; write one such as America/Detroit.")
    if (method := texts.get("method")) and method not in session.settings.methods:
        raise UsageError(f"--method: there is no method '{method}'; the config has {_joined(session.settings.methods)}.")
    for name, text in texts.items():
        if "\n" in text:
            raise UsageError(f"--{name.replace('_', '-')}: this must stand on one line; longer text goes into --note.")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):  # unknown, malformed, or a folder of zones
        return False
    return True


def _stakeholder(text: str) -> Stakeholder:
    name, *rest = [part.strip() for part in text.split(",", 3)]
    role, present, address = (*rest, "", "", "")[:3]
    if not name or present.lower() not in ("absent", "present", ""):
        raise UsageError(f'--stakeholder: "{text}" is not understood; write "NAME, ROLE, absent, ADDRESS" (or present).')
    return Stakeholder(name, role, present=present.lower() != "absent", address=address)


def _joined(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))
