"""Phone numbers: found in a line as they were typed, and dialled by a link."""

from __future__ import annotations

import re
from functools import lru_cache

_HOUR = re.compile(r"(?!1 )\d{1,2} (?=\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})")  # "Sat 11 586 555 0111"
_LOCAL = re.compile(  # no number of the plan, or without an area code: kept, though no link may dial it
    r"(?<![\w+/.$-])(?:(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}|\d{10}|\d{3}[ .-]?\d{4})(?:,? ?(?:x|ext\.?"
    r"|extension) ?\d{1,6})?(?![\w/-]|\.\d)"
)
_A_DATE = r"\d{1,2}/\d{1,2}(?!\d)|\d{1,2}([ /.-])\d{1,2}\1(?:(?:19|20)\d\d(?!\d)|\d\d(?!\d|\1\d))|0\d (?:19|20)\d\d(?!\d)"
_ABROAD = re.compile(  # with a trunk zero or a plus, and refused by the plan at hand: kept whole, or what is dialled is somebody else's
    rf"(?<![\w+/.$:-])(?<![A-Z]{{2}} )(?!{_A_DATE})(?:\+\d{{1,3}}|\(?00?\d{{0,4}}\)?)"
    r"(?:[ ./-]?(?!\d{1,2}/\d{1,2}(?!\d))\(?\d{2,}\)?)+"
    r"(?:,? ?(?:x|ext\.?|extension) ?\d{1,6})?(?![\w/-]|\.\d)"
)
_NO_PHONE = re.compile(
    r"(?i)(?:\b(?:p\.?o|order|invoice|inv|acct|account|ticket|ref|no|sku|case|job|claim|policy|lot|serial)\b[.:#]?|#)\s*$"
)
_NUMBER_OF = re.compile(
    r"(?i)\b(?:p\.?o|order|invoice|inv|acct|account|ticket|ref|sku|case|job|claim|policy|lot|serial|quote|req|tracking|part|confirmation)\b\.?"
    r"(?P<sign> *(?:#|no\b\.?|number\b|num\b\.?))? *:? *$"
)
_ISO_DATE = re.compile(r"(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])(?!\d)")
_NORTH_AMERICA = 1  # its country code; no area code begins with 0 there
_FEWEST, _MOST = 9, 15  # digits of such a number


@lru_cache(maxsize=8192)
def tel(phone: str, region: str) -> str:
    """``+12488675309`` for a number as typed (E.164, with ``;ext=5`` where it has an extension, RFC 3966); "" where it cannot be
    understood. ``region``: the ISO country that numbers without a country code belong to."""
    import phonenumbers  # heavy: only where there is a number

    try:
        number = phonenumbers.parse(phone, region.upper())
    except phonenumbers.NumberParseException:
        return ""
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return ""
    if number.country_code == _NORTH_AMERICA and number.italian_leading_zero:  # "06 12 34 56 78": of another country, which was not said
        return ""
    dialled = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{dialled};ext={number.extension}" if number.extension else dialled


def find_phone(text: str, region: str) -> tuple[int, int] | None:
    """Where the first phone number stands in ``text``."""
    if sum(letter.isdigit() for letter in text) < 7:
        return None
    import phonenumbers

    for match in phonenumbers.PhoneNumberMatcher(text, region.upper(), phonenumbers.Leniency.VALID):
        if _is_of_a_thing(text, match.start, match.raw_string):
            continue
        hour = _HOUR.match(match.raw_string)
        opened = match.raw_string.startswith("(") and ")" not in match.raw_string  # "(248-555-0210)": the bracket is not of the number
        return match.start + (hour.end() if hour else opened), match.end
    for abroad in _ABROAD.finditer(text):
        digits = sum(letter.isdigit() for letter in abroad[0].partition("x")[0])
        if _FEWEST <= digits <= _MOST and not _NO_PHONE.search(text, 0, abroad.start()):
            return abroad.span()
    local = (match for match in _LOCAL.finditer(text) if not _is_of_a_thing(text, match.start(), match[0]))
    return next((match.span() for match in local), None)


def _is_of_a_thing(text: str, start: int, number: str) -> bool:
    """Whether what looks like a phone number is a date, or the number of an order or an invoice; one that is typed like a phone number only
    where a sign says so: "order #248-555-0100"."""
    if _ISO_DATE.match(number):
        return True
    named = _NUMBER_OF.search(text, 0, start)
    return named is not None and bool(number.isdigit() or named["sign"])
