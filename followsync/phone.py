"""Phone numbers: found in a line as they were typed, and dialled by a link."""

from __future__ import annotations

import re
from functools import lru_cache

_HOUR = re.compile(r"(?!1 )\d{1,2} (?=\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})")  # "Sat 11 586 555 0111"
_LOCAL = re.compile(  # no number of the plan, or without an area code: kept, though no link may dial it
    r"(?<![\w+/.$-])(?:(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}|\d{10}|\d{3}[ .-]?\d{4})(?:,? ?(?:x|ext\.?"
    r"|extension) ?\d{1,6})?(?![\w/-]|\.\d)"
)


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
    dialled = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{dialled};ext={number.extension}" if number.extension else dialled


def find_phone(text: str, region: str) -> tuple[int, int] | None:
    """Where the first phone number stands in ``text``."""
    if sum(letter.isdigit() for letter in text) < 7:
        return None
    import phonenumbers

    for match in phonenumbers.PhoneNumberMatcher(text, region.upper(), phonenumbers.Leniency.VALID):
        hour = _HOUR.match(match.raw_string)
        opened = match.raw_string.startswith("(") and ")" not in match.raw_string  # "(248-555-0210)": the bracket is not of the number
        return match.start + (hour.end() if hour else opened), match.end
    local = _LOCAL.search(text)
    return local.span() if local else None
