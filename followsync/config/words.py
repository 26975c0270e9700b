"""The small words of the config: zones, addresses, paths, templates, names. Each is read once, here, and refused in plain English.

Every reader takes what YAML gave (text, a number, anything) and raises ValueError with a sentence that says what would be right.
"""

from __future__ import annotations

import difflib
import functools
import ipaddress
import re
import shlex
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, parse_qs, parse_qsl, quote, unquote, urlsplit

from pydantic import AfterValidator, PlainSerializer, PlainValidator, Strict, ValidationInfo, WithJsonSchema

from followsync import templates
from followsync.core.cadence import LEFT_MESSAGE, NO_ANSWER

MAX_TEMPLATE = 4000


def near(word: str, known: Iterable[str]) -> str:
    """``; did you mean 'timezone'?``, or "" where nothing known is near."""
    lower = {name.lower(): name for name in known}
    match = difflib.get_close_matches(word.lower(), lower, n=1, cutoff=0.6)
    return f"; did you mean '{lower[match[0]]}'?" if match else ""


def shown(value: object) -> str:
    """A value as a sentence quotes it."""
    match value:
        case bool():
            return str(value).lower()
        case str() if len(value) <= 60:
            return f"'{value}'"
        case str():
            return f"'{value[:57]}…'"
        case int():
            return str(value)
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case _:
            return "nothing"


def text_schema(pattern: str, *examples: str) -> WithJsonSchema:
    """How the JSON Schema shows a text that is read by one of these readers."""
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern}$", "examples": list(examples)})


# Time zones and countries


@functools.cache
def _zones() -> dict[str, str]:
    """Every zone by its name, and by its city alone."""
    names = sorted(zoneinfo.available_timezones())
    return {name.rsplit("/")[-1].lower(): name for name in names} | {name.lower(): name for name in names}


def _zone(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} is not a time zone; write one such as 'America/Detroit'")  # noqa: TRY004 - pydantic reads ValueError
    try:
        return zoneinfo.ZoneInfo(value).key
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):  # OSError: 'America' alone is a folder
        match = difflib.get_close_matches(value.lower().replace(" ", "_"), _zones(), n=1)
        hint = f"; did you mean '{_zones()[match[0]]}'?" if match else "; write one such as 'America/Detroit'"
        raise ValueError(f"{shown(value)} is not a known time zone{hint}") from None


@functools.cache
def _countries() -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """(ISO 3166 code -> the parts that have holidays of their own, other codes and plain names -> that code)."""
    import holidays  # 80 ms that only a config with holidays pays
    from holidays.registry import COUNTRIES  # module name -> (class, alpha-2 code, alpha-3 code, ...)

    supported = holidays.list_supported_countries()
    parts = {entry[1]: tuple(supported[entry[1]]) for entry in COUNTRIES.values() if entry[1] in supported}
    names = {word.lower(): entry[1] for entry in COUNTRIES.values() for word in entry[1:] if len(word) <= 3 and entry[1] in parts}
    return parts, names | {module.replace("_", " "): entry[1] for module, entry in COUNTRIES.items() if entry[1] in parts}


def _is_exact(region: str) -> bool:
    """Whether it is spelt as the library spells it, asking for that one country only: listing them all costs every command 0.2 s."""
    import holidays
    from holidays.registry import COUNTRIES

    country, dash, part = region.partition("-")
    name = next((entry[0] for entry in COUNTRIES.values() if entry[1] == country), "")
    return bool(name) and (not dash or part in getattr(holidays, name).subdivisions)


def _region(value: object) -> str:
    """``US-MI`` in the spelling of the holidays library: a country, and one of its parts where there is one."""
    if isinstance(value, str) and _is_exact(value):
        return value
    parts, names = _countries()
    country, _, part = (word.strip() for word in str(value).partition("-"))
    code = names.get(country.lower(), "") if len(country) <= 3 else ""
    if not isinstance(value, str) or not code:
        raise ValueError(f"{shown(value)} names no country whose holidays are known{_near_countries(country)}")
    if not part:
        return code
    for known in parts[code]:
        if known.upper() == part.upper():
            return f"{code}-{known}"
    near_ones = difflib.get_close_matches(part.upper(), parts[code], n=5, cutoff=0.3) or parts[code][:5]
    hint = f"near ones are: {', '.join(near_ones)}" if near_ones else f"write '{code}' alone"
    raise ValueError(f"{shown(value)}: {code} has no part '{part}' with holidays of its own; {hint}")


def _near_countries(country: str) -> str:
    parts, names = _countries()
    named = [names[name] for name in difflib.get_close_matches(country.lower().replace("_", " "), names, n=3, cutoff=0.75)]
    found = list(dict.fromkeys(named + difflib.get_close_matches(country.upper(), parts, n=4, cutoff=0.5)))
    return f"; near ones are: {', '.join(found)}" if found else "; write an ISO code such as 'US' or 'US-MI'"


Zone = Annotated[str, PlainValidator(_zone), WithJsonSchema({"type": "string", "minLength": 1, "examples": ["America/Detroit"]})]
Region = Annotated[str, PlainValidator(_region), text_schema("[A-Za-z]{2,3}(-.+)?", "US", "US-MI", "DE-BY")]


# Addresses


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _url(value: object) -> str:
    """The address itself is never quoted: it may hold a password or a private token."""
    value, parts = _address(value)
    if "@" in parts.netloc:
        raise ValueError("a user or password may not stand in an address; write 'username' and 'password' as keys of their own")
    if _tells_a_secret(parts):
        raise ValueError(
            f"a secret stands in this address, and may not stand in this file; take it out, and let 'password' say where it is kept: {WAYS}"
        )
    return value


def _address(value: object) -> tuple[str, SplitResult]:
    if not isinstance(value, str) or any(character.isspace() for character in value):
        raise ValueError("this is not an address; write one such as 'https://dav.example.org/'")
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("this is not an address: its host or port cannot be read") from None
    if parts.scheme not in ("https", "http") or not host:
        raise ValueError("this is not an address; write one such as 'https://dav.example.org/'")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("plain http sends the password readable; write https:// (http is only for this machine itself)")
    return value, parts


WAYS = "{env: NAME}, {file: PATH}, {command: PROGRAM}, or {credential: NAME} (systemd)"
_SECRET_NAMES = re.compile(
    r"token|secret|passw|^(?:pass|pwd|pw|sig)$|auth(?!or)|signature|(?:^|api|access|[_-])key$|credential", re.IGNORECASE
)
_RANDOM = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9_~+/=-]{20,}")


def _tells_a_secret(parts: SplitResult) -> bool:
    """Whether an address lets in whoever knows it: by the name of a query's value (``token=``), by a value that looks drawn by lot, or as
    Google's "secret address in iCal format" does. What else stands in a path cannot be told from a name."""
    pairs = [*parse_qsl(parts.query, keep_blank_values=True), *parse_qsl(parts.fragment)]
    if any(value and (_SECRET_NAMES.search(name) or _RANDOM.fullmatch(value)) for name, value in pairs):
        return True
    if _RANDOM.fullmatch(unquote(parts.query)):
        return True  # a bare ?a8f3…
    return any(segment.startswith("private-") and _RANDOM.fullmatch(segment) for segment in parts.path.split("/"))


def place(url: str) -> str:
    """An address in the one spelling in which addresses of the same calendar compare: the host's case, the scheme's own port and a slash at
    the end say nothing. What is no address (a domain, an e-mail address) is only lowered."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return url
    if not parts.scheme or not host:
        return url.strip().rstrip("/").lower()
    name = f"[{host}]" if ":" in host else host
    own = port is None or port == {"http": 80, "https": 443}.get(parts.scheme)
    path = quote(unquote(parts.path), safe="/-._~").rstrip("/")
    return f"{parts.scheme}://{name}{'' if own else f':{port}'}{path}{f'?{parts.query}' if parts.query else ''}"


def _feed_url(value: object) -> str:
    """Calendar addresses are often given out as webcal, which is https under another name."""
    value, parts = _address(f"https://{value[9:]}" if isinstance(value, str) and value.lower().startswith("webcal://") else value)
    if "@" in parts.netloc or _tells_a_secret(parts):
        raise ValueError(
            "a secret stands in this address, and may not stand in this file; keep the whole address elsewhere, and say where, as in "
            f"'url: {{env: GOLF_CALENDAR}}': {WAYS}"
        )
    return value


def feed_address(text: str) -> str:
    """The https address of a calendar whose address is a secret: as ``FeedUrl``, but what lets in is what it is for, so a user and a
    password may stand in it too. Raises ValueError, without quoting it."""
    address = text.strip()
    address = f"https://{address[9:]}" if address.lower().startswith("webcal://") else address
    try:
        parts = urlsplit(address)
        right = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        right = False
    if not right or any(character.isspace() for character in address) or parts.scheme not in ("https", "http"):
        raise ValueError("this is no address that begins with https:// or webcal://")
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ValueError("this address begins with http://, which lets everybody on its way read it; it must be https://")
    return address


def _calendar_name(value: str) -> str:
    """A calendar's name, or its address, which is looked at like any other."""
    name = _line(value)
    return _url(name) if "://" in name else name


def _dav_url(value: object) -> str:
    """Servers are found by the domain too, or by the e-mail address (RFC 6764)."""
    if isinstance(value, str) and re.fullmatch(_DOMAIN, value):
        return value
    return _url(value)


_DOMAIN = r"([^@\s/:]+@)?([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]"
_URL_SCHEMA: dict[str, Any] = {"type": "string", "pattern": "^https?://[^@\\s]+$"}
Url = Annotated[str, PlainValidator(_url), WithJsonSchema(_URL_SCHEMA)]
DavUrl = Annotated[str, PlainValidator(_dav_url), WithJsonSchema(_URL_SCHEMA | {"pattern": f"^(https?://[^@\\s]+|{_DOMAIN})$"})]
FeedUrl = Annotated[str, PlainValidator(_feed_url), WithJsonSchema(_URL_SCHEMA | {"pattern": "^(https?|webcal)://\\S+$"})]


@dataclass(frozen=True, slots=True)
class Listen:
    """Where the web server listens; ``host`` without the brackets of an IPv6 address."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _listen(value: object) -> Listen:
    match = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+):([0-9]{1,5})", value) if isinstance(value, str) else None
    if match is None or not 0 < int(match[2]) < 65536:
        raise ValueError(f"{shown(value)} is not a place to listen; write HOST:PORT, such as '127.0.0.1:8765'")
    return Listen(match[1].strip("[]"), int(match[2]))


Address = Annotated[Listen, PlainValidator(_listen), PlainSerializer(str), text_schema(r"\S+:[0-9]{1,5}", "127.0.0.1:8765")]


def _folder(info: ValidationInfo) -> Path:
    return Path((info.context or {}).get("folder", ""))


def _path(value: object, info: ValidationInfo) -> Path:
    """Relative paths are counted from the config's folder."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("this is not a path; write the name of a file")
    try:
        return _folder(info) / Path(value).expanduser()
    except RuntimeError:
        raise ValueError(f"{shown(value)}: the home folder of that user is not known; write the whole path") from None


FilePath = Annotated[Path, PlainValidator(_path), WithJsonSchema({"type": "string", "minLength": 1})]


def _store(value: object, info: ValidationInfo) -> str:
    """``sqlite``, ``sqlite:///path`` (made absolute) or ``postgresql+psycopg://host/name``. The value is not quoted: see ``_url``."""
    match value:
        case "sqlite":
            return "sqlite"
        case str() if value.startswith("sqlite:///") and (name := value.removeprefix("sqlite:///")) and not name.startswith(":"):
            return f"sqlite:///{_path(name, info).absolute()}"
        case str() if value.startswith("postgresql+psycopg://"):
            return _postgres(value)
        case _:
            hint = "; write the whole word 'postgresql+psycopg'" if str(value).startswith("postgres") else ""
            raise ValueError(f"this names no store; write 'sqlite', 'sqlite:///PATH' or 'postgresql+psycopg://HOST/NAME'{hint}")


def _postgres(value: str) -> str:
    try:
        parts = urlsplit(value)
        secret = parts.password is not None or "password" in parse_qs(parts.query)
        _ = parts.port
    except ValueError:
        raise ValueError("this is not an address: its host or port cannot be read") from None
    if secret:
        raise ValueError(
            f"a password may not stand in this file; leave it out here and say with 'store_password' where it is kept: {WAYS}; "
            "or use PostgreSQL's own password file (PGPASSFILE)"
        )
    return value


Store = Annotated[
    str, PlainValidator(_store), WithJsonSchema({"type": "string", "pattern": "^(sqlite|sqlite:///.+|postgresql\\+psycopg://.*)$"})
]


# Texts and numbers


def _line(value: str) -> str:
    if not value.strip():
        raise ValueError("this text is empty; write one, or leave the key out")
    if "\n" in value:
        raise ValueError("this text must stand on one line")
    return value.strip()


def _command(value: object) -> tuple[str, ...]:
    """A command is never quoted in an error: a token may stand in it."""
    try:
        words = shlex.split(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("this command cannot be read: a quote is not closed") from None
    if not isinstance(words, list) or not words or not all(isinstance(word, str) and word for word in words):
        raise ValueError("this is not a command; write it as one text, or as a list of its words")
    return tuple(words)


def _credential(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.@-]*", value):
        raise ValueError("this is not the name of a systemd credential; write letters, digits, '-', '_' or '.', and no folder")
    return value


def _variable(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
        raise ValueError("this is not the name of an environment variable; write one such as FOLLOWSYNC_PASSWORD (without $)")
    return value


def _template(value: str) -> str:
    if len(value) > MAX_TEMPLATE:
        raise ValueError(f"this template has {len(value):,} characters; {MAX_TEMPLATE:,} is the most")
    try:
        templates.check(value)
    except templates.Unknown as error:
        raise ValueError(f"{error}{near(error.name, error.known)}") from None
    if "{{" not in value and (single := re.search(r"\{(\w+)\}", value)):
        raise ValueError(f"a template's names stand in two braces: write {{{{ {single[1]} }}}}, not {single[0]}")
    return value


def _name(value: str) -> str:
    if not re.fullmatch("[a-z0-9_-]+", value):
        raise ValueError(f"the name {shown(value)} may only have small letters, digits, '-' and '_'")
    return value


def _yes_no(value: object) -> bool:
    match value:
        case bool():
            return value
        case "yes" | "no":
            return value == "yes"
        case _:
            raise ValueError(f"{shown(value)} is neither yes nor no")


RESULTS = ("yes", "no", "next", "done", "attempt", NO_ANSWER, LEFT_MESSAGE)
_HYPHENED = {word.replace(" ", "-"): word for word in (NO_ANSWER, LEFT_MESSAGE)}  # as ``log`` takes them
_ATTEMPTS = re.compile(r"([1-9]\d?) attempts?")


def _results(value: object) -> tuple[str, ...]:
    """Each is one of RESULTS, or ``3 attempts``."""
    words = value if isinstance(value, list) else [value]
    for word in words:
        if word not in (*RESULTS, *_HYPHENED) and not _ATTEMPTS.fullmatch(str(word)):
            raise ValueError(
                f"{shown(word)} is no outcome or attempt; write one of: {', '.join(RESULTS)}, or a number such as '3 attempts'"
                f"{near(str(word), RESULTS)}"
            )
    return tuple(dict.fromkeys(_HYPHENED.get(str(word), str(word)) for word in words))


def _limit(value: object) -> int | None:
    match value:
        case "none":
            return None
        case int() if not isinstance(value, bool) and value >= 1:
            return value
        case _:
            raise ValueError(f"{shown(value)} is no limit; write 'none', or a whole number from 1 on")


def _limit_text(limit: int | None) -> int | str:
    return "none" if limit is None else limit


def _criterion(value: object) -> tuple[str, ...]:
    words = value if isinstance(value, list) else [value]
    if not words or not all(isinstance(word, (str, int)) for word in words):
        raise ValueError("this matches nothing; write a text, or a list of texts of which one must fit")
    return tuple(str(word).strip().lower() for word in words)


_RESULT_SCHEMA: dict[str, Any] = {
    "anyOf": [{"type": "string", "enum": [*RESULTS, *_HYPHENED]}, {"type": "string", "pattern": f"^{_ATTEMPTS.pattern}$"}]
}
_SCALARS: dict[str, Any] = {"type": ["string", "integer", "boolean"]}
Line = Annotated[str, AfterValidator(_line), WithJsonSchema({"type": "string", "minLength": 1})]
Name = Annotated[str, AfterValidator(_name), WithJsonSchema({"type": "string", "pattern": "^[a-z0-9_-]+$"})]
Template = Annotated[str, AfterValidator(_template), WithJsonSchema({"type": "string", "maxLength": MAX_TEMPLATE})]
CalendarName = Annotated[str, AfterValidator(_calendar_name), WithJsonSchema({"type": "string", "minLength": 1})]
Whole = Annotated[int, Strict()]
YesNo = Annotated[bool, PlainValidator(_yes_no), WithJsonSchema({"enum": ["yes", "no", True, False]})]
Results = Annotated[
    tuple[str, ...],
    PlainValidator(_results),
    PlainSerializer(list),
    WithJsonSchema({"anyOf": [_RESULT_SCHEMA, {"type": "array", "items": _RESULT_SCHEMA}]}),
]
Limit = Annotated[
    int | None,
    PlainValidator(_limit),
    PlainSerializer(_limit_text),
    WithJsonSchema({"anyOf": [{"const": "none"}, {"type": "integer", "minimum": 1}]}),
]
Criterion = Annotated[
    tuple[str, ...],
    PlainValidator(_criterion),
    PlainSerializer(list),
    WithJsonSchema({"anyOf": [_SCALARS, {"type": "array", "items": _SCALARS, "minItems": 1}]}),
]
Command = Annotated[
    tuple[str, ...],
    PlainValidator(_command),
    PlainSerializer(list),
    WithJsonSchema({"anyOf": [{"type": "string", "minLength": 1}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]
Credential = Annotated[str, PlainValidator(_credential), WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.@-]*$"})]
Variable = Annotated[str, PlainValidator(_variable), WithJsonSchema({"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"})]
