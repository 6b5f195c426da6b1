"""Write the parts of docs/ that the code knows better: messages, settings, commands. ``--check`` only compares.

A generated part stands between ``<!-- generated: name -->`` and ``<!-- end -->``; the rest is written by hand.
"""

import ast
import inspect
import itertools
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from exam_protocol import exam_config, messages
from exam_protocol.cli import kaoping

DOCS = Path(__file__).parent
_EXAMPLE = DOCS.parent / "examples" / "exam.toml"
_PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->\n)", re.DOTALL)
_HELP_WIDTH = 100
_LARGEST = 2**53 - 1


def message_table() -> Iterator[str]:
    """Tell each message: its event, who sends it when, its fields as JSON."""
    yield "| event | who, when | fields |"
    yield "|---|---|---|"
    for kind in messages.Message.__subclasses__():
        info = msgspec.inspect.type_info(kind)
        assert isinstance(info, msgspec.inspect.StructType)  # noqa: S101 - tells the type checker what a struct is
        fields = [f"`{field.encode_name}` {_type_words(field.type)}" for field in info.fields]
        yield f"| `{info.tag}` | {_one_line(kind.__doc__)} | {', '.join(fields)} |"


def _type_words(info: msgspec.inspect.Type) -> str:  # noqa: PLR0911 - one line per kind of type
    match info:
        case msgspec.inspect.UnionType(types=kinds):
            return " or ".join(_type_words(kind) for kind in kinds)
        case msgspec.inspect.VarTupleType(item_type=inner, max_length=most):
            return f"list of {_type_words(inner)}" + (f", at most {most}" if most else "")
        case msgspec.inspect.EnumType(cls=values):
            return values.__name__
        case msgspec.inspect.IntType(ge=low, le=high):
            if low is None and high is None:
                return "integer"
            return f"integer {low}…{'2^53 − 1' if high == _LARGEST else high}"
        case msgspec.inspect.StrType(max_length=most, pattern=pattern):
            if pattern:
                return "64 hexadecimal digits"
            return f"string of at most {most}" if most else "string"
        case msgspec.inspect.BytesType(min_length=length):
            return f"base64 of {length} bytes" if length else "base64"
    return {msgspec.inspect.BoolType: "boolean", msgspec.inspect.NoneType: "null"}[type(info)]


def settings_table() -> Iterator[str]:
    """Tell each setting of an exam's configuration: its table, what it may be, what it means, the example's value."""
    example = msgspec.toml.decode(_EXAMPLE.read_bytes())
    for table, kind, values in _config_tables(example):
        yield f"### `{table}`" if table else "### At the top of the file"
        yield ""
        yield _one_line(kind.__doc__)
        yield ""
        yield "| setting | value | meaning | example |"
        yield "|---|---|---|---|"
        meanings = _attribute_docs(kind)
        for field in msgspec.inspect.type_info(kind).fields:  # type: ignore[attr-defined]  # a struct's
            if field.encode_name in values and not isinstance(values[field.encode_name], dict):
                shown = msgspec.json.encode(values[field.encode_name]).decode()
                meaning = _one_line(meanings[field.name])
                yield f"| `{field.encode_name}` | {_setting_words(field.type)} | {meaning} | `{shown}` |"
        yield ""
    for closed_set in (exam_config.MarkingKind, exam_config.RaterRule, exam_config.SubjectEffect):
        meanings = _attribute_docs(closed_set)
        yield f"### {closed_set.__name__}"
        yield ""
        yield _one_line(closed_set.__doc__)
        yield ""
        for member in closed_set:
            meaning = _one_line(meanings.get(member.name))
            yield f"* `{member.value}`" + (f": {meaning}" if meaning else "")
        yield ""


def _config_tables(example: dict[str, Any]) -> Iterator[tuple[str, type[msgspec.Struct], dict[str, Any]]]:
    sections = example["blueprint"].pop("sections")
    yield "", exam_config.ExamConfig, example
    yield "[times]", exam_config.Times, example["times"]
    yield "[blueprint]", exam_config.PaperBlueprint, example["blueprint"]
    yield "[[blueprint.sections]]", exam_config.SectionPlan, sections[0]
    yield "[practical]", exam_config.Practical, example["practical"]
    yield "[pass_rule]", exam_config.PassRule, example["pass_rule"]
    yield "[seating]", exam_config.SeatingPlan, example["seating"]


def _setting_words(info: msgspec.inspect.Type) -> str:
    match info:
        case msgspec.inspect.IntType(gt=0):
            return "whole number over 0"
        case msgspec.inspect.IntType():
            return "whole number"
        case msgspec.inspect.FloatType(ge=low, le=high):
            return f"{low:g}…{high:g}"
        case msgspec.inspect.EnumType(cls=values):
            return " · ".join(f"`{member.value}`" for member in values)
    return "text"


def command_reference() -> Iterator[str]:
    """Show the help of every command."""
    root = click.Context(kaoping, info_name="kaoping", terminal_width=_HELP_WIDTH)
    for path, ctx in commands(root):
        yield f"{'#' * min(len(path) + 1, 4)} {' '.join(path)}"
        yield ""
        yield "```"
        yield from ctx.get_help().splitlines()
        yield "```"
        yield ""


def commands(
    ctx: click.Context, path: tuple[str, ...] = ("kaoping",)
) -> Iterator[tuple[tuple[str, ...], click.Context]]:
    """Walk a group and everything below it."""
    yield path, ctx
    if isinstance(ctx.command, click.Group):
        for name in ctx.command.list_commands(ctx):
            below = ctx.command.get_command(ctx, name)
            if below is not None and not below.hidden:
                child = click.Context(below, info_name=name, parent=ctx, terminal_width=_HELP_WIDTH)
                yield from commands(child, (*path, name))


def names_table() -> Iterator[str]:
    """Tell every public class that travels or is stored, in the words of its docstring."""
    yield "| name | in | means |"
    yield "|---|---|---|"
    for folder in ("exam_protocol", "exam_server/models"):
        for path in sorted((DOCS.parent / folder).glob("*.py")):
            for kind in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(kind, ast.ClassDef) and not kind.name.startswith("_"):
                    means = _one_line(ast.get_docstring(kind)).partition(". ")[0].rstrip(".")
                    yield f"| `{kind.name}` | `{path.stem}` | {means} |"


def _attribute_docs(kind: type) -> dict[str, str]:
    """Read the strings that stand under the attributes of a class; Python keeps them only in the source."""
    body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0].body  # type: ignore[attr-defined]  # a class has a body
    docs: dict[str, str] = {}
    for node, below in itertools.pairwise(body):
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                docs[node.target.id] = str(below.value.value)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                docs[node.targets[0].id] = str(below.value.value)
    return docs


def _one_line(text: str | None) -> str:
    return " ".join((text or "").replace("``", "`").replace("|", "\\|").split())


PARTS: dict[str, Callable[[], Iterator[str]]] = {
    "messages": message_table,
    "settings": settings_table,
    "commands": command_reference,
    "names": names_table,
}


def renewed(page: str) -> str:
    """Return a page with its generated parts as the code says them now."""
    return _PART.sub(lambda part: part[1] + "\n".join(PARTS[part[2]]()).rstrip("\n") + "\n" + part[3], page)


def main() -> None:
    """Renew the pages, or with ``--check`` exit 1 when one is stale."""
    stale = []
    for path in sorted(DOCS.glob("*.md")):
        page = path.read_text(encoding="utf-8")
        if renewed(page) != page:
            stale.append(path.name)
            if "--check" not in sys.argv:
                path.write_text(renewed(page), encoding="utf-8")
    if stale and "--check" in sys.argv:
        print(f"stale: {', '.join(stale)}; run: make docs")
        sys.exit(1)
    print(f"renewed: {', '.join(stale)}" if stale else "docs are up to date")


if __name__ == "__main__":
    main()
