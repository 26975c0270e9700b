"""Revisions of a rep, entries that are not ours, and what is written found by where it stands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "foreign_entry",
        sa.Column("rep", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("href", sa.Text, nullable=False),
        sa.Column("etag", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("rep", "target", "href"),
    )
    op.create_table(
        "rep_revision",
        sa.Column("rep", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("rep"),
    )
    op.create_index("ix_written_rep_target_href", "written", ["rep", "target", "href"])
