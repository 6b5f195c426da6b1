"""Make the first schema of the portal."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "candidate_password",
        sa.Column("lookup_hash", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lookup_hash", name=op.f("pk_candidate_password")),
        info={"roles": ("portal",)},
    )
    op.create_table(
        "candidate_sign_in",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("lookup_hash", sa.String(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_candidate_sign_in")),
        info={"roles": ("portal",)},
    )
    with op.batch_alter_table("candidate_sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_candidate_sign_in_lookup_hash"), ["lookup_hash"], unique=False)

    op.create_table(
        "publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("exam", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("part_sha256", sa.String(), nullable=False),
        sa.Column("visible_from", sa.BigInteger(), nullable=False),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
        sa.Column("exam_title", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("recheck_until", sa.BigInteger(), nullable=True),
        sa.Column("pass_milli_know", sa.Integer(), nullable=False),
        sa.Column("pass_milli_do", sa.Integer(), nullable=False),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
        sa.UniqueConstraint("exam", "revision", name=op.f("uq_publication_exam_revision")),
        info={"roles": ("portal",)},
    )
    op.create_table(
        "used_activation",
        sa.Column("activation_hash", sa.String(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("activation_hash", name=op.f("pk_used_activation")),
        info={"roles": ("portal",)},
    )
    op.create_table(
        "wrong_tries",
        sa.Column("lookup_hash", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("locked_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("lookup_hash", name=op.f("pk_wrong_tries")),
        info={"roles": ("portal",)},
    )
    op.create_table(
        "published_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("lookup_hash", sa.String(), nullable=False),
        sa.Column("activation_hash", sa.String(), nullable=False),
        sa.Column("ticket_no", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publication.id"], name=op.f("fk_published_result_publication_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_result")),
        sa.UniqueConstraint(
            "publication_id", "lookup_hash", name=op.f("uq_published_result_publication_id_lookup_hash")
        ),
        info={"roles": ("portal",)},
    )
    with op.batch_alter_table("published_result", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_published_result_lookup_hash"), ["lookup_hash"], unique=False)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("published_result", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_published_result_lookup_hash"))

    op.drop_table("published_result")
    op.drop_table("wrong_tries")
    op.drop_table("used_activation")
    op.drop_table("publication")
    with op.batch_alter_table("candidate_sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_candidate_sign_in_lookup_hash"))

    op.drop_table("candidate_sign_in")
    op.drop_table("candidate_password")
