"""How servers differ from what the standards say: each a set of switches. ``row``: where ``sync.md`` tells of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace

Rewrite = Callable[[str], str]
STRONG: Mapping[str, str] = {"put": "strong", "get": "strong", "list": "strong"}


@dataclass(frozen=True, slots=True)
class Personality:
    """``rewrites``: what it makes of every text that it stores. ``etags``: strong, weak, none or gzip, for answers to PUT, answers to GET,
    and in lists. ``tokens``: numbers, seconds (what changes in the second of the token is not told), or none (then ``ctag``).
    ``bad_token``: the status for a token it does not know; 207 means a list of everything, without what is gone. ``page``: so many in a
    page, then 507. ``cut``: so many in a list, and not a word about the rest. ``tombstones``: 404, 418, or none.
    ``forgets_short_lives``: what came and went between two readings is not told. ``if_none_match``, ``if_match_delete``: whether they are
    obeyed; ``resurrects``: If-Match on what is not there makes it. ``reserves``: the status for a PUT where something was deleted.
    ``unique_uids``: 409 for a UID that stands elsewhere in the collection. ``cache``: REPORT shows what was so many seconds ago.
    ``limit``: each so many-th request is answered 429. ``delete_absent``: the status for that. ``multiget``: what is missing is told
    (parts), left out (silent), or spoils it all (404); or there is none. ``lists_itself``: the collection is named among its members.
    ``knows_etags``: its own ETag is taken as that of what stands there.
    """

    name: str
    row: str = ""
    rewrites: tuple[Rewrite, ...] = ()
    etags: Mapping[str, str] = field(default_factory=lambda: STRONG)
    tokens: str = "numbers"
    ctag: bool = True
    bad_token: int = 403
    page: int = 0
    cut: int = 0
    tombstones: str = "404"
    forgets_short_lives: bool = False
    if_none_match: bool = True
    if_match_delete: bool = True
    resurrects: bool = False
    reserves: int = 0
    unique_uids: bool = True
    cache: float = 0
    limit: int = 0
    delete_absent: int = 404
    multiget: str = "parts"
    lists_itself: bool = False
    knows_etags: bool = True

    @property
    def tells_late(self) -> bool:
        """Whether an edit or a deletion may stay untold until everything is listed again."""
        return bool(self.cut) or self.tombstones != "404" or self.bad_token == 207 or self.tokens == "seconds"

    @property
    def guards(self) -> bool:
        """Whether it can refuse to overwrite what is no longer what was read."""
        return self.knows_etags and self.if_match_delete and not self.resurrects and self.etags["get"] in ("strong", "gzip")

    def __or__(self, other: Personality) -> Personality:
        """Both at once; where both differ from what is usual, the second one has it its way."""
        usual = Personality("")
        odd = {one.name: getattr(other, one.name) for one in fields(other) if getattr(other, one.name) != getattr(usual, one.name)}
        both = {"name": f"{self.name}+{other.name}", "row": f"{self.row}; {other.row}", "rewrites": self.rewrites + other.rewrites}
        return replace(self, **(odd | both))


# ---------------------------------------------------------------------------------------------------------------- texts


def _lines(text: str) -> list[str]:
    return re.sub(r"\r?\n[ \t]", "", text).replace("\r", "").strip("\n").split("\n")


def _text(lines: list[str]) -> str:
    return "".join(f"{line}\r\n" for line in lines)


def restyled(text: str) -> str:
    """Another PRODID, CLASS:PUBLIC and a property of its own, the properties of an entry sorted, those that it does not know dropped."""
    lines = [line for line in _lines(text) if not line.startswith(("X-", "PRODID", "CLASS"))]
    out: list[str] = []
    inside: list[str] = []
    depth = 0
    for line in lines:
        if line in ("BEGIN:VEVENT", "BEGIN:VTODO"):
            out, inside, depth = [*out, line], ["CLASS:PUBLIC", "X-SERVER-SAW:1"], 1
        elif depth == 1 and line in ("END:VEVENT", "END:VTODO", "BEGIN:VALARM"):
            out += [*sorted(inside), line]
            inside, depth = [], 2 if line == "BEGIN:VALARM" else 0
        elif depth == 1:
            inside.append(line)
        else:
            depth = 1 if depth == 2 and line == "END:VALARM" else depth
            out.append(line)
        if line == "VERSION:2.0":
            out.append("PRODID:-//Elsewhere//Server//EN")
    return _text(out)


def trimmed(text: str) -> str:
    """Short titles, no link, no blank lines in the notes, no blanks twice; a second alarm is lost."""
    lines, alarms, skip = [], 0, False
    for line in _lines(text):
        alarms += line == "BEGIN:VALARM"
        skip = skip or (line == "BEGIN:VALARM" and alarms > 1)
        if not skip and not line.startswith("URL"):
            if line.startswith("SUMMARY:"):
                line = line[: 8 + 60].rstrip("\\ ")
            if line.startswith("DESCRIPTION:"):
                line = re.sub(r"(?:\\n *)+", r"\\n", re.sub(" +", " ", line)).rstrip()
            lines.append(line)
        skip = skip and line != "END:VALARM"
    return _text(lines)


FOOTER = "Sent with Elsewhere"


def signed(text: str) -> str:
    """A line of its own below every text of notes."""

    def sign(line: str) -> str:
        return f"{line}\\n{FOOTER}" if line.startswith("DESCRIPTION:") and FOOTER not in line else line

    lines, alarm = [], False
    for line in _lines(text):
        alarm = line == "BEGIN:VALARM" or (alarm and line != "END:VALARM")
        lines.append(line if alarm else sign(line))
    return _text(lines)


# ---------------------------------------------------------------------------------------------------------------- who there is

NO_ETAG = {"put": "none", "get": "none", "list": "none"}
WEAK = {"put": "weak", "get": "weak", "list": "weak"}

CLEAN = Personality("clean", "3.1 Radicale")
PERSONALITIES = {
    one.name: one
    for one in (
        CLEAN,
        Personality("rewriter", "3 Mail.ru, SOGo; 3.1 body", rewrites=(restyled,), etags={**STRONG, "put": "none"}),
        Personality("trimmer", "3 (drops what it does not know); 2 VALARM", rewrites=(trimmed,), etags={**STRONG, "put": "none"}),
        Personality("signer", "9.3 (lossy fields)", rewrites=(signed,), etags={**STRONG, "put": "none"}),
        Personality("lying_rewriter", "2 ETag after PUT: it must not give one for another body", rewrites=(restyled, signed)),
        Personality("no_etag", "2 ETag after PUT", etags=NO_ETAG),
        Personality("weak_etag", "3 GMX", etags=WEAK, tokens="none"),
        Personality("gmx", "3 GMX: weak on PUT, strong on GET", etags={**STRONG, "put": "weak"}, tokens="none"),
        Personality(
            "gzip_suffix_etag", "2 ETag after PUT: Nextcloud behind Apache", etags={"put": "gzip", "get": "gzip", "list": "strong"}
        ),
        Personality("no_token", "3 Robur, Posteo", tokens="none"),
        Personality("time_based_token", "2 CTag: SOGo, DAViCal, Bedework", tokens="seconds"),
        Personality("garbage_token_ok", "3.1 sync bad token: DAViCal, SOGo", bad_token=207),
        Personality("cut_without_507", "3 Bedework, Nextcloud", cut=3),
        Personality("pager_507", "2 sync-collection: truncation", page=2),
        Personality("tombstone_forgetter", "3 Bedework 5", tombstones="none"),
        Personality("teapot", "3 old Nextcloud, Infomaniak", tombstones="418"),
        Personality("sogo", "3.1 SOGo", if_none_match=False, if_match_delete=False, resurrects=True, bad_token=207, tokens="seconds"),
        Personality("uid_reserver", "3 Nextcloud's trashbin", reserves=409),
        Personality("href_reserver", "4 deleted ids stay taken", reserves=403),
        Personality("search_cache", "3 Bedework, Purelymail", cache=3),
        Personality("rate_limiter", "3 Stalwart, ecloud", limit=7),
        Personality("xandikos", "3.1 Xandikos", forgets_short_lives=True, bad_token=412),
        Personality("davical", "3.1 DAViCal", bad_token=207, delete_absent=412, multiget="silent", unique_uids=False),
        Personality("sabre", "3.1 sabre/dav", tokens="none", multiget="404", unique_uids=False),
        Personality("icloud", "3 iCloud", lists_itself=True, multiget="none"),
    )
}
# Not among them: a forgotten token costs some failed cycles there, for a 500 is first taken for a fault that passes.
CCS = Personality("ccs", "2 sync-collection: an invalid token is answered 500", bad_token=500)
# Nor is this one: nothing guards a write there, and where it turned so after it was probed, each write is refused until it is probed again.
DEAF = Personality("deaf", "2 If-Match: it does not know the ETags that it gave", knows_etags=False)
# Spoken to in another language (tests/google), so to what lives on a server only: the machine, the soak, the kills.
GOOGLE = Personality("google", "3 google-v3, google-tasks")
SERVERS = PERSONALITIES | {GOOGLE.name: GOOGLE}
