"""The text of notes that a web calendar wrote as HTML.

Google Calendar's and Outlook's editors put ``<br>``, ``<p>``, ``<ul><li>``, ``<a href>``, ``&nbsp;`` and zero-width blanks into the notes,
and only as soon as somebody edits there: until then the same notes are plain text. So what has no markup comes back as it is ("a < b",
"> thu 2pm", "John <john@example.org>"), and a line end inside the text stays one.
"""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import unquote

_BLOCKS = frozenset(
    {
        "p", "div", "ul", "ol", "li", "table", "tbody", "thead", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr",
        "html", "html-blob", "body", "head", "section", "article", "header", "footer", "dl", "dt", "dd",
    }
)  # fmt: skip
_INLINE = frozenset(
    {
        "a", "b", "i", "u", "s", "em", "strong", "span", "font", "small", "big", "sub", "sup", "strike", "del", "ins", "code", "tt", "mark",
        "center", "td", "th", "img",
    }
)  # fmt: skip
_SILENT = _INLINE - {"a", "td", "th"}
_UNSEEN = frozenset(["style", "script", "title"])  # their text is shown to nobody
_KNOWN = frozenset({*_BLOCKS, *_INLINE, *_UNSEEN, "br", "meta", "link"})
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,20})((?:[\s/][^<>]*)?)>")  # end, name, more
_SIGN = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|(?i:lt|gt|amp|nbsp|quot|apos));")
_NESTED = re.compile(r"&(?:(?:amp|#0{0,4}38|#[xX]0{0,4}26);)+", re.IGNORECASE)
_LETTER = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_DECLARED = re.compile(r"<![a-zA-Z][^<>]*>")
_HREF = re.compile(r"""\shref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))""", re.IGNORECASE)
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad]")
_PASSES = 6  # HTML in HTML in HTML: what does not come to rest by then was not written by an editor


def plain_text(body: str) -> str:
    """``body`` as it is read on a screen, with LF lines: list items as "- …", a link's address behind its text where that says another.

    Text without markup is given back unchanged, and so is what this function gave back (an entry is read again after we wrote it).
    """
    text = body
    for _ in range(_PASSES):
        if (read := _read(text)) is None:
            return text
        text = read
    return body if _read(text) is not None else text


def _read(text: str) -> str | None:
    """One reading of the markup in ``text``; None where there is none."""
    tags = _tags(text)
    if not (_is_marked_up(tags) or ("&" in text and _SIGN.search(text))):
        return None
    if "&" in text:
        text, tags = _NESTED.sub("&amp;", text), []
    if "<!" in text:
        last = text.rfind("-->") + 3  # behind it no comment can end: looking for one from each "<!--" would take for ever
        text, tags = _DECLARED.sub("", _COMMENT.sub("", text[:last]) + text[last:] if last > 2 else text), []
    tags = tags or _tags(text)
    page = _Page()
    if page.take(text, tags):
        return page.told()
    shown = _Page(hides=False)  # a style that never ends hides nothing
    shown.take(text, tags)
    return shown.told()


def _tags(text: str) -> list[re.Match[str]]:
    """The tags of HTML in ``text``, also Office's own (``<o:p>``); "<john@example.org>" is none."""
    return [tag for tag in _TAG.finditer(text) if tag[2].lower() in _KNOWN or ":" in tag[2]] if "<" in text else []


def _is_marked_up(tags: list[re.Match[str]]) -> bool:
    """A ``<br>``, or a pair of tags that belong together: "if a<b>c" has none."""
    opened = set()
    for tag in tags:
        name = tag[2].lower()
        if name == "br" or (tag[1] and name in opened):
            return True
        if not tag[1]:
            opened.add(name)
    return False


class _Page:
    """A page while it is being read; it never leaves this module."""

    def __init__(self, *, hides: bool = True) -> None:
        self._hides = hides
        self._done: list[str] = []  # lines that are ended
        self._line: list[str] = []  # pieces of the line that is not
        self._fresh = True  # right behind a tag that ends a line: the source's own line end there means nothing
        self._bullet = False
        self._unseen = ""
        self._empty_paragraph = False
        self._links: list[tuple[str, int]] = []  # address, and how many pieces stood in the line

    def take(self, text: str, tags: list[re.Match[str]]) -> bool:
        """Read it to its end. False where something that hides text was left open."""
        place = 0
        for tag in tags:
            start, end = tag.span()
            if place < start:
                self._text(text[place:start])
            place = end
            if (name := tag[2].lower()) not in _SILENT:
                self._tag(name, bool(tag[1]), tag[3])
        self._text(text[place:])
        return not self._unseen

    def told(self) -> str:
        self._links_end()
        return "\n".join(self._done if self._fresh and not self._line else [*self._done, "".join(self._line)])

    def _text(self, raw: str) -> None:
        if not raw or self._unseen:
            return
        if self._fresh and raw.isspace() and "\n" in raw:
            return
        rows = _INVISIBLE.sub("", _letters(raw)).split("\n")
        if self._fresh and len(rows) > 1 and not rows[0].strip(" "):
            rows = rows[1:]
        for number, row in enumerate(rows):
            if number:
                self._end_line()
            self._put(row)

    def _tag(self, name: str, ends: bool, more: str) -> None:
        if self._unseen:
            self._unseen = "" if ends and name == self._unseen else self._unseen
        elif name in _UNSEEN:
            self._unseen = "" if ends or not self._hides else name
        elif name == "br":
            self._end_line()
            self._fresh, self._empty_paragraph = True, False
        elif name in _BLOCKS:
            self._block(name, ends)
        elif name in ("td", "th") and not ends and self._line:
            self._put(" ")
        elif name == "a":
            self._link(ends, more)

    def _block(self, name: str, ends: bool) -> None:
        if self._line or (name == "p" and ends and self._empty_paragraph):
            self._end_line()  # an empty paragraph is an empty line
        self._fresh = True
        self._empty_paragraph = name == "p" and not ends
        if name == "li":
            self._bullet = not ends

    def _put(self, row: str) -> None:
        if not row:
            return
        self._line += ["- ", row] if self._bullet else [row]
        self._bullet = self._fresh = self._empty_paragraph = False

    def _end_line(self) -> None:
        self._links_end()
        self._done.append("".join(self._line))
        self._line = []
        self._empty_paragraph = False

    def _link(self, ends: bool, more: str) -> None:
        self._links_end()
        if not ends and (found := _HREF.search(more)):
            self._links = [(_letters(next(filter(None, found.groups()), "")).strip(), len(self._line))]

    def _links_end(self) -> None:
        for address, pieces in self._links:
            text = "".join(self._line[pieces:]).strip()
            if address and not _says_the_same(text, address):
                self._put(f" ({address})" if text else address)
        self._links = []


def _letters(raw: str) -> str:
    """``raw`` with its letters as they are read; a control character written so is none."""
    text = _LETTER.sub(_letter, raw) if "&" in raw else raw
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")


def _letter(found: re.Match[str]) -> str:
    letter = unescape(found[0])
    return letter if letter == "\n" or letter.isprintable() or letter.isspace() else ""


def _says_the_same(text: str, address: str) -> bool:
    """Whether a link's text is its address, as phones and editors link numbers, addresses and pages by themselves."""
    if not re.match(r"(?i)(?:https?|mailto|tel|sms|ftp|webcal):", address):
        return True  # a script, or a place within the page: nothing to go to
    if address[:4].lower() in ("tel:", "sms:"):
        digits, dialled = re.sub(r"\D", "", text), re.sub(r"\D", "", address)
        return len(digits) > 5 and (digits.endswith(dialled[-7:]) or dialled.endswith(digits[-7:]))
    bare = re.sub(r"(?i)^(?:https?://|mailto:)", "", text).strip("/ <>()").casefold()
    return len(bare) > 3 and "." in bare and bare in unquote(address).casefold()
