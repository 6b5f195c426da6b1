"""The core takes clock, disk and randomness from outside: no rule of the exam reads them by itself."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What people call and what lies on a disk stands at the edge; everything else in exam_protocol is rules.
EDGES = {"cli.py", "command_options.py", "key_commands.py", "key_folder.py"}
# Each reads the one file that it describes, for whoever calls it; no rule in it does.
READ_ONE_FILE = {"catalogue.py", "exam_config.py", "publication.py", "settings_file.py"}
SEAT_CORE = ("sitting", "candidate_acts", "zone_news", "restart", "shown_paper", "journal_file")
ZONE_CORE = (
    "answering", "collecting", "delivery", "enrolment", "hand_in", "handover", "opening", "release", "sign_in",
    "time_ledger",
)  # fmt: skip
SCORING_EDGES = {"cli.py", "score_folder.py", "statistics_workbook.py"}
CORE = [
    *(path for path in sorted((ROOT / "exam_protocol").glob("*.py")) if path.name not in EDGES),
    *(ROOT / "kiosk_client" / f"{name}.py" for name in SEAT_CORE),
    *(ROOT / "exam_server" / "services" / f"{name}.py" for name in ZONE_CORE),
    *(path for path in sorted((ROOT / "scoring").glob("*.py")) if path.name not in SCORING_EDGES),
]
FORBIDDEN_CALLS = {
    "open", "io.open", "os.open",
    "time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.sleep",
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today",
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.date.today",
    "os.urandom", "secrets.token_bytes", "secrets.token_hex", "secrets.token_urlsafe", "secrets.randbelow",
    "secrets.choice",
    "uuid.uuid4", "uuid.uuid1", "gevent.sleep", "sleep",
}  # fmt: skip
FORBIDDEN_METHODS = {"read_bytes", "read_text", "write_bytes", "write_text"}
FORBIDDEN_MODULES = {"random", "socket", "requests", "gevent", "threading", "subprocess"}


def faults_of(source: str) -> list[str]:
    """List what a module must not do, with the line."""
    faults = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=func) if ast.unparse(func) in FORBIDDEN_CALLS:
                faults.append(f"line {node.lineno}: {ast.unparse(func)}()")
            case ast.Call(func=ast.Attribute(attr=method)) if method in FORBIDDEN_METHODS:
                faults.append(f"line {node.lineno}: .{method}()")
            case ast.Import(names=names):
                faults += [
                    f"line {node.lineno}: import {each.name}"
                    for each in names
                    if each.name.partition(".")[0] in FORBIDDEN_MODULES
                ]
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in {
                *FORBIDDEN_MODULES,
                "time",
                "secrets",
            }:
                faults.append(f"line {node.lineno}: from {module} import …")
            case ast.Call(keywords=keywords):
                # A function itself may be a default argument, but not be handed in here as the choice of the core.
                faults += [
                    f"line {node.lineno}: default_factory={ast.unparse(each.value)}"
                    for each in keywords
                    if each.arg == "default_factory" and ast.unparse(each.value) in FORBIDDEN_CALLS
                ]
    return faults


@pytest.mark.parametrize("path", CORE, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_core_reads_no_clock_no_disk_and_no_randomness(path: Path) -> None:
    faults = faults_of(path.read_text(encoding="utf-8"))

    assert [fault for fault in faults if path.name not in READ_ONE_FILE or ": .read_" not in fault] == []


@pytest.mark.parametrize(
    "line",
    [
        "import random",
        "from random import shuffle",
        "from time import monotonic",
        "now = time.time()",
        "now = datetime.now(UTC)",
        "key = os.urandom(32)",
        "file = open('paper')",
        "time.sleep(1)",
        "x: float = field(default_factory=time.time)",
        "code = secrets.randbelow(10)",
        "from secrets import token_bytes",
        "content = path.read_bytes()",
        "Path(name).write_text(words)",
    ],
)
def test_the_rule_catches_what_it_is_for(line: str) -> None:
    assert len(faults_of(line)) == 1


@pytest.mark.parametrize(
    "line",
    [
        "def make(randomness: Randomness = os.urandom) -> bytes: ...",
        "import os",
        "import secrets",
        "below: Below = secrets.randbelow",
    ],
)
def test_a_source_of_randomness_may_be_a_default_argument(line: str) -> None:
    assert faults_of(line) == []
