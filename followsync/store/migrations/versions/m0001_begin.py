"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "prospect",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("rep", sa.Text, nullable=False),
        sa.Column("open", sa.Boolean(create_constraint=True, name="open"), nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("captured_at", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint("(open AND outcome = '') OR (NOT open AND outcome IN ('yes', 'no'))", name="closed_means_yes_or_no"),
    )
    op.create_index("ix_prospect_rep", "prospect", ["rep"])
    op.create_table(
        "entry",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), autoincrement=True, nullable=False),
        sa.Column("prospect_id", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.ForeignKeyConstraint(["prospect_id"], ["prospect.id"], ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_entry_prospect_id_seq", "entry", ["prospect_id", "seq"])
    op.create_table(
        "written",
        sa.Column("rep", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("prospect", sa.Text, nullable=False),
        sa.Column("href", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("raw", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("rep", "target", "action"),
    )
    op.create_table(
        "target_state",
        sa.Column("rep", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("rep", "target"),
    )
    meta = op.create_table(
        "meta",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.execute(meta.insert().values(key="changes", value="0"))
