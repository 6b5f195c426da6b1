"""Make the first schema of the centre."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "candidate",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id_number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id_number_index", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column(
            "gender",
            sa.Enum("男", "女", name="gender", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("unit", sa.String(length=120), nullable=False),
        sa.Column("trade_code", sa.String(length=6), nullable=False),
        sa.Column("zone_code", sa.String(length=3), nullable=False),
        sa.Column("photo", sa.LargeBinary(), nullable=False),
        sa.Column("extra_minutes", sa.Integer(), nullable=False),
        sa.Column("activation_hash", sa.String(length=64), nullable=True),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("extra_minutes >= 0", name=op.f("ck_candidate_extra_minutes_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate")),
        sa.UniqueConstraint("id_number_index", name=op.f("uq_candidate_id_number_index")),
        info={"roles": ("centre",)},
    )
    op.create_table(
        "issued_release",
        sa.Column("session", sa.String(length=16), nullable=False),
        sa.Column("server", sa.String(length=9), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "live", "reserve", "rehearsal", name="purpose", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("released_at", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("session", "server", "purpose", name=op.f("pk_issued_release")),
        info={"roles": ("centre",)},
    )
    op.create_table(
        "issued_roster",
        sa.Column("session", sa.String(length=16), nullable=False),
        sa.Column("server", sa.String(length=9), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sittings", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("session", "server", "revision", name=op.f("pk_issued_roster")),
        info={"roles": ("centre",)},
    )
    op.create_table(
        "log_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_entry")),
        info={"roles": ("centre", "zone")},
    )
    op.create_table(
        "planned_room",
        sa.Column("server", sa.String(length=9), nullable=False),
        sa.Column("room", sa.String(length=2), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("columns", sa.Integer(), nullable=False),
        sa.CheckConstraint("seats BETWEEN 1 AND 99", name=op.f("ck_planned_room_seats_are_two_digits")),
        sa.PrimaryKeyConstraint("server", "room", name=op.f("pk_planned_room")),
        info={"roles": ("centre",)},
    )
    op.create_table(
        "received_answers",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("session", sa.String(length=16), nullable=False),
        sa.Column("server", sa.String(length=9), nullable=False),
        sa.Column("package", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.Column("absent", sa.Integer(), nullable=False),
        sa.Column("moved_out", sa.Integer(), nullable=False),
        sa.Column("handed_in", sa.Integer(), nullable=False),
        sa.Column("collected", sa.Integer(), nullable=False),
        sa.Column("voided", sa.Integer(), nullable=False),
        sa.Column("stopped", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("brought_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_received_answers")),
        info={"roles": ("centre",)},
    )
    with op.batch_alter_table("received_answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_received_answers_session"), ["session"], unique=False)

    op.create_table(
        "scoring_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session", sa.String(length=16), nullable=False),
        sa.Column("inputs", sa.String(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.Column("absent", sa.Integer(), nullable=False),
        sa.Column("moved_out", sa.Integer(), nullable=False),
        sa.Column("withheld", sa.Integer(), nullable=False),
        sa.Column("answers_packaged", sa.Integer(), nullable=False),
        sa.Column("answers_scored", sa.Integer(), nullable=False),
        sa.Column("run_at", sa.BigInteger(), nullable=False),
        sa.Column("run_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scoring_run")),
        info={"roles": ("centre",)},
    )
    op.create_table(
        "seating",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("rooms_per_site", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("seated_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_seating_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seating")),
        info={"roles": ("centre",)},
    )
    op.create_table(
        "staff_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("shown_name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("wrong_passwords", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.BigInteger(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_account")),
        sa.UniqueConstraint("name", name=op.f("uq_staff_account_name")),
        info={"roles": ("centre", "zone")},
    )
    op.create_table(
        "planned_sitting",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("session", sa.String(length=16), nullable=False),
        sa.Column("server", sa.String(length=9), nullable=False),
        sa.Column("room", sa.String(length=2), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("ticket_no", sa.String(length=10), nullable=False),
        sa.Column("order_seed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("fk_planned_sitting_candidate_id")),
        sa.ForeignKeyConstraint(
            ["server", "room"],
            ["planned_room.server", "planned_room.room"],
            name=op.f("fk_planned_sitting_server_room"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_sitting")),
        sa.UniqueConstraint("candidate_id", "session", name=op.f("uq_planned_sitting_candidate_id_session")),
        sa.UniqueConstraint("server", "session", "room", "seat", name="uq_planned_sitting_seat"),
        sa.UniqueConstraint("ticket_no", name=op.f("uq_planned_sitting_ticket_no")),
        info={"roles": ("centre",)},
    )
    op.create_table(
        "practical_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("examiner", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("milli", sa.Integer(), nullable=True),
        sa.Column("file", sa.String(length=255), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(status = 'normal') = (milli IS NOT NULL) AND (milli IS NULL OR milli BETWEEN 0 AND 100000)",
            name=op.f("ck_practical_mark_mark"),
        ),
        sa.CheckConstraint("role IN ('examiner', 'arbiter')", name=op.f("ck_practical_mark_role")),
        sa.CheckConstraint("status IN ('normal', 'absent', 'violation')", name=op.f("ck_practical_mark_status")),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("fk_practical_mark_candidate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practical_mark")),
        sa.UniqueConstraint("candidate_id", "examiner", name=op.f("uq_practical_mark_candidate_id_examiner")),
        info={"roles": ("centre",)},
    )
    op.create_table(
        "results_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("canonical_csv", sa.LargeBinary(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("absent", sa.Integer(), nullable=False),
        sa.Column("void", sa.Integer(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["scoring_run.id"], name=op.f("fk_results_version_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_results_version")),
        info={"roles": ("centre",)},
    )
    op.create_table(
        "scoring_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("server", sa.String(length=9), nullable=False),
        sa.Column("ticket_no", sa.String(length=10), nullable=True),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("is_blocking", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["scoring_run.id"], name=op.f("fk_scoring_finding_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scoring_finding")),
        info={"roles": ("centre",)},
    )
    with op.batch_alter_table("scoring_finding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scoring_finding_run"), ["run"], unique=False)

    op.create_table(
        "staff_session",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["staff_account.id"], name=op.f("fk_staff_session_account_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_session")),
        info={"roles": ("centre", "zone")},
    )
    with op.batch_alter_table("staff_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_session_account_id"), ["account_id"], unique=False)

    op.create_table(
        "issued_publication",
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("results_version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("correction", sa.String(), nullable=False),
        sa.Column("visible_from", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("issued_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["results_version"], ["results_version.id"], name=op.f("fk_issued_publication_results_version")
        ),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_issued_publication")),
        info={"roles": ("centre",)},
    )
    op.create_table(
        "know_mark",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("sitting", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("milli", sa.Integer(), nullable=True),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("score", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("(status = 'normal') = (milli IS NOT NULL)", name=op.f("ck_know_mark_mark")),
        sa.ForeignKeyConstraint(["run"], ["scoring_run.id"], name=op.f("fk_know_mark_run")),
        sa.ForeignKeyConstraint(["sitting"], ["planned_sitting.id"], name=op.f("fk_know_mark_sitting")),
        sa.PrimaryKeyConstraint("run", "sitting", name=op.f("pk_know_mark")),
        info={"roles": ("centre",)},
    )
    op.create_table(
        "published_line",
        sa.Column("publication", sa.Integer(), nullable=False),
        sa.Column("ticket_no", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("correction", sa.String(), nullable=False),
        sa.Column("result_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication"], ["issued_publication.revision"], name=op.f("fk_published_line_publication")
        ),
        sa.PrimaryKeyConstraint("publication", "ticket_no", name=op.f("pk_published_line")),
        info={"roles": ("centre",)},
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("published_line")
    op.drop_table("know_mark")
    op.drop_table("issued_publication")
    with op.batch_alter_table("staff_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_session_account_id"))

    op.drop_table("staff_session")
    with op.batch_alter_table("scoring_finding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scoring_finding_run"))

    op.drop_table("scoring_finding")
    op.drop_table("results_version")
    op.drop_table("practical_mark")
    op.drop_table("planned_sitting")
    op.drop_table("staff_account")
    op.drop_table("seating")
    op.drop_table("scoring_run")
    with op.batch_alter_table("received_answers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_received_answers_session"))

    op.drop_table("received_answers")
    op.drop_table("planned_room")
    op.drop_table("log_entry")
    op.drop_table("issued_roster")
    op.drop_table("issued_release")
    op.drop_table("candidate")
