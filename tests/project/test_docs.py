"""The docs cannot lie: generated parts are fresh, links lead somewhere, the README's commands exist."""

import ast
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
README_PAGES = [ROOT / "README.md", ROOT / "README.zh.md"]


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_docs", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["protocol", "configuration", "cli", "glossary"])
def test_the_generated_part_of_a_page_is_what_the_code_says(generator: ModuleType, page: str) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")

    assert "<!-- generated: " in text
    assert generator.renewed(text) == text, "run: make docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_inside_the_repository_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target]

    assert not [target for target in local if not (page.parent / target).exists()]


@pytest.mark.parametrize("page", README_PAGES, ids=lambda page: page.name)
def test_every_make_command_of_the_readme_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE))

    assert {"demo", "test"} <= targets
    assert not [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)]


@pytest.mark.parametrize("page", README_PAGES, ids=lambda page: page.name)
def test_every_file_that_the_readmes_commands_name_exists(page: Path) -> None:
    named = re.findall(r"requirements[\\/]\w+\.txt", page.read_text(encoding="utf-8"))

    assert named
    assert all((ROOT / name.replace("\\", "/")).exists() for name in named)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_kaoping_command_that_a_page_names_exists(page: Path) -> None:
    from exam_protocol.cli import GROUPS  # noqa: PLC0415 - only this test needs it

    named = set(re.findall(r"`kaoping ([a-z]+)(?=[ `])", page.read_text(encoding="utf-8")))

    assert named <= set(GROUPS)


def test_both_readmes_have_the_same_commands() -> None:
    blocks = [re.findall(r"```.*?\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL) for page in README_PAGES]
    commands = [[line.partition("#")[0].strip() for block in each for line in block.splitlines()] for each in blocks]
    english, chinese = ([line for line in each if re.match(r"make|uv|py|\.venv", line)] for each in commands)

    assert english == chinese


def test_every_decision_stands_in_the_list() -> None:
    listed = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    records = sorted(path.name for path in (ROOT / "docs" / "decisions").glob("0*.md"))

    assert len(records) >= 5
    assert all(name in listed for name in records)
    assert [name[:4] for name in records] == [f"{number:04}" for number in range(1, len(records) + 1)]


@pytest.mark.parametrize("folder", ["exam_protocol", "exam_server/models"])
def test_every_public_class_is_in_the_glossary_and_says_what_it_is(folder: str) -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    classes = [
        node
        for path in sorted((ROOT / folder).glob("*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]

    assert [kind.name for kind in classes if f"`{kind.name}`" not in glossary] == []
    assert [kind.name for kind in classes if not ast.get_docstring(kind)] == []


@pytest.mark.parametrize("kind", ["exam-package/1", "exam-seal/1", "exam-key/1", "exam-journal/1"])
def test_every_format_has_a_page(kind: str) -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGES)

    assert f"`{kind}`" in pages
