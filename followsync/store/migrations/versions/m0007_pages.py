"""Phone pages: whose they are, and which of their forms were taken in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "page",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("rep", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_page"),
    )
    op.create_table(
        "page_form",
        sa.Column("page", sa.Text, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("prospect", sa.Text, nullable=False),
        sa.Column("batch", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("page", "token", name="pk_page_form"),
    )
    op.create_index("ix_page_form_page_at", "page_form", ["page", "at"])
