"""Run by Alembic for every command: on the connection and for the role that ``exam_server.schema`` hands over."""

from alembic import context

from exam_server.schema import is_ours, render_type, schema_of

_role: str = context.config.attributes["role"]
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=schema_of(_role),
    include_object=is_ours,
    render_item=render_type,
    # SQLite can alter next to nothing in place: a later revision copies the table instead.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
