"""Prospects in and out as files: our own table, other programs' tables, cards of phones and address books.

Reading is one thing (bytes -> leads), deciding another (leads against the store -> a preview), doing the third. What cannot be read stands
aside with its line, in a file that can be mended and imported; the rest goes in. A second import of the same file changes nothing.
"""

from followsync.importer.aside import aside_text
from followsync.importer.cells import guarded, unguarded
from followsync.importer.deciding import Preview, preview
from followsync.importer.lead import Bad, Lead, Leads, Told
from followsync.importer.ours import DATES, HEADERS, changes_between, export_csv
from followsync.importer.reading import read_leads
from followsync.importer.writing import apply

__all__ = [
    "DATES",
    "HEADERS",
    "Bad",
    "Lead",
    "Leads",
    "Preview",
    "Told",
    "apply",
    "aside_text",
    "changes_between",
    "export_csv",
    "guarded",
    "preview",
    "read_leads",
    "unguarded",
]
