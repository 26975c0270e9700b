"""What other programs call our columns, and which of theirs tell nothing of a prospect.

Headers as exports have them: Capsule writes Type (Person or Organization), Name, Organization, Address Street, Postcode; HubSpot writes
Record ID, Associated Company, Contact owner, State/Region; Google Contacts "E-mail 1 - Value" with " ::: " between several values of one
cell; Outlook "Business Phone" and "0/0/00" for a day that nobody entered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto

from followsync.importer.cells import unguarded
from followsync.importer.ours import HEADERS

WHY_ASIDE = "why_aside"
"""The column of a file of bad rows that says what is wrong; import passes over it."""


class Program(Enum):
    """Who wrote a table. ``OTHER`` is also a table that somebody typed."""

    OURS = auto()
    CAPSULE = auto()
    HUBSPOT = auto()
    GOOGLE = auto()
    OUTLOOK = auto()
    OTHER = auto()


# Of columns that mean the same the first one that has something in its cell counts, ours before others', LATER ones last.
ALIASES = {
    "company": "name", "company_name": "name", "organisation": "name", "organization": "name", "organisation_name": "name",
    "organization_name": "name", "organization_1_name": "name", "business": "name", "business_name": "name", "account_name": "name",
    "associated_company": "name", "accountname": "name",
    "contact": "person", "contact_name": "person", "full_name": "person", "person_name": "person",
    "job_title": "role", "title": "role", "position": "role", "organization_title": "role", "organization_1_title": "role",
    "phone_number": "phone", "telephone": "phone", "work_phone": "phone", "phone_1": "phone", "phone_work": "phone",
    "phone_1_value": "phone", "phone_2_value": "phone", "business_phone": "phone", "primary_phone": "phone", "direct_phone": "phone",
    "mobile": "phone", "mobile_phone": "phone", "mobile_phone_number": "phone", "cell": "phone", "cell_phone": "phone",
    "business_phone_2": "phone", "company_main_phone": "phone", "home_phone": "phone", "other_phone": "phone",
    "email_address": "email", "e_mail": "email", "e_mail_address": "email", "e_mail_1_value": "email", "e_mail_2_value": "email",
    "work_email": "email", "email_1": "email", "email_work": "email", "primary_email": "email",
    "e_mail_2_address": "email", "home_email": "email",
    "website": "url", "website_url": "url", "web_site": "url", "web_address": "url", "web_page": "url", "website_1_value": "url",
    "time_zone": "timezone", "method": "preferred_method", "address_1_formatted": "address",
    "lead_source": "source", "original_source": "source", "original_traffic_source": "source",
    "lifecycle_stage": "stage", "lead_status": "stage", "milestone": "stage",
    "tag": "tags", "labels": "tags", "group_membership": "tags", "categories": "tags",
    "note": "notes", "about": "notes", "description": "notes",
}  # fmt: skip
LATER = frozenset({"lead_status", "business_phone_2", "company_main_phone", "home_phone", "other_phone", "phone_2_value", "home_email",
                   "e_mail_2_address", "e_mail_2_value"})  # fmt: skip
FIRST = ("first_name", "firstname", "forename", "given_name")
MIDDLE = ("middle_name", "additional_name")
LAST = ("last_name", "lastname", "surname", "family_name")
ADDRESSES = (  # of several addresses the first one that has a street, a place or a code
    ("street", "street_address", "address_street", "address_1_street", "city", "town", "address_1_city", "state", "state_region",
     "province", "county", "region", "address_1_region", "zip", "zip_code", "postal_code", "postcode", "address_1_postal_code"),
    ("business_street", "business_street_2", "business_street_3", "business_city", "business_state", "business_postal_code"),
    ("home_street", "home_street_2", "home_street_3", "home_city", "home_state", "home_postal_code"),
    ("other_street", "other_street_2", "other_street_3", "other_city", "other_state", "other_postal_code"),
)  # fmt: skip
COUNTRIES = (
    ("country", "country_region", "address_1_country"),
    ("business_country", "business_country_region"),
    ("home_country", "home_country_region"),
    ("other_country", "other_country_region"),
)

_NAMES = {"name", "person", *FIRST, *LAST}
_BARE = {  # columns that tell of the program, not of the prospect
    Program.CAPSULE: re.compile(r"type|first_name|last_name"),  # the name stands whole beside its parts
    Program.HUBSPOT: re.compile(r"(?:primary_)?associated_\w+_ids?(?:_primary)?|marketing_contact_status"),
    Program.GOOGLE: re.compile(
        r"photo|file_as|\w+_(?:\d_)?(?:label|type)|phonetic_\w+|(?:\w+_)?yomi(?:_\w+)?|address_1_(?:po_box|extended_address)|initials"
    ),
    Program.OUTLOOK: re.compile(
        r"e_mail(?:_[23])?_(?:type|display_name)|priority|private|sensitivity|gender|directory_server|internet_free_busy|initials|mileage"
        r"|suffix|location|language"
    ),
}


def header_of(cell: str) -> str:
    """``e_mail_1_value`` for "E-mail 1 - Value"; the zone that HubSpot names behind a date is no part of the name."""
    name = re.sub(r"(?<=Date) \([A-Z]{2,5}\)$", "", unguarded(cell).strip())
    return re.sub(r"[^\w]+", "_", name.lower()).strip("_")


def field_of(header: str) -> str:
    """The field that a column becomes which is none of ours: ``phone_2`` for Google's ``phone_2_value``."""
    return re.sub(r"^(?:e_mail|(phone|website))_(\d)_value$", lambda match: f"{match[1] or 'email'}_{match[2]}", header)


def program_of(headers: Sequence[str]) -> Program:
    """Who wrote a table with these headers (as ``header_of`` gives them)."""
    own = [header for header in headers if header != WHY_ASIDE]
    if tuple(own[: len(HEADERS)]) == HEADERS:
        return Program.OURS
    known = set(own)
    if "type" in known and "name" in known and known & {"organisation", "organization"}:
        return Program.CAPSULE
    if "record_id" in known:
        return Program.HUBSPOT
    if known & {"e_mail_1_value", "phone_1_value", "organization_1_name"} or {"file_as", "labels"} <= known:
        return Program.GOOGLE
    if known & {"e_mail_address", "e_mail_display_name"} and known & {"business_phone", "mobile_phone", "business_street"}:
        return Program.OUTLOOK
    return Program.OTHER


def names_prospects(headers: Sequence[str]) -> bool:
    return bool({ALIASES.get(header, header) for header in headers} & _NAMES) or "id" in headers


def tells_nothing(program: Program, header: str, cell: str) -> bool:
    """A cell of the program's own book-keeping, or a day that nobody entered."""
    if header == WHY_ASIDE:
        return True
    bare = _BARE.get(program)
    return bool(bare and bare.fullmatch(header)) or (program is Program.OUTLOOK and cell.strip() in {"0/0/00", "0/0/0"})
