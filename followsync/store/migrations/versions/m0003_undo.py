"""What can be taken back: each change with what stood before it, and entries that were taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("entry", sa.Column("undone", sa.Boolean, nullable=False, server_default=sa.false()))
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "change",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("rep", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("batch", sa.Text, nullable=False),
        sa.Column("undone", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_change_rep_id", "change", ["rep", "id"])
    op.create_table(
        "change_part",
        sa.Column("change_id", sa.BigInteger, nullable=False),
        sa.Column("prospect_id", sa.Text, nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("after_seq", sa.BigInteger, nullable=False),
        sa.Column("last_seq", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("change_id", "prospect_id"),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["prospect_id"], ["prospect.id"], ondelete="CASCADE"),
    )
    op.create_index("ix_change_part_prospect_id", "change_part", ["prospect_id"])
