"""Configuration, keys and packages that are wrong, spoiled, foreign or too old: the command names the file and refuses.

The office is the one of ``test_bad_input``: everything is genuine but the one thing that a case spoils. Every file is
named after its mistake.
"""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bad_input import OTHER_SERVER, Office, flipped, run
from small_exam import PASSPHRASE, SERVER

from exam_protocol.ids import ExamId
from exam_protocol.key_folder import make_key_folder
from exam_protocol.keys import CHEAPEST_KDF
from exam_protocol.paper import Purpose

Refuses = Callable[..., None]


def spoiled_config(office: Office, path: Path, old: str, new: str) -> Path:
    text = office.exam.config.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


CONFIG_FAULTS = {
    "syntax_broken": ('exam = "2026-technician"', 'exam = "2026-technician', "第 3 行"),
    "setting_unknown": ("late_limit_s =", "late_limit_seconds =", "[times] 有不认识的设置 late_limit_seconds"),
    "setting_missing": ("grace_s =", "# grace_s =", "[times] 缺少设置 grace_s"),
    "setting_of_another_kind": ("duration_s = 5400", 'duration_s = "90 分钟"', "[times] duration_s 应为整数"),
    "setting_out_of_range": ("duration_s = 5400", "duration_s = 0", "[times] duration_s 应不小于 1"),
    "choice_unknown": ('rule = "mean"', 'rule = "average"', "[practical] rule 没有 'average' 这种写法"),
    "start_no_time": ('starts_at = "', 'starts_at = "早上', "开考时间“早上"),
    "points_no_number": ('points = "1.5"', 'points = "一分半"', "“一分半”不是分值"),
    "points_do_not_add_up": ('points = "1.5"', 'points = "2"', "各题型分值合计 115 分，与 total_points = 100 不符"),
    "late_limit_after_the_end": ("late_limit_s = 1800", "late_limit_s = 9000", "迟到时限或最早交卷时间超过了考试时长"),
    "difficulties_crossed": ("mean_difficulty_low = 2.4", "mean_difficulty_low = 4.4", "平均难度的下限高于上限"),
}


def config_words(office: Office, command: str, config: Path, out: Path) -> list[object]:
    if command == "assemble":
        return ["bank", "assemble", "--bank", office.folder / "bank.db", "--config", config, "--all-in-bank"]
    return ["centre", "init", "--folder", out, "--config", config, "--keys", office.keys]


@pytest.mark.parametrize("mistake", CONFIG_FAULTS)
@pytest.mark.parametrize("command", ["assemble", "init"])
def test_a_faulty_exam_configuration_is_refused(
    office: Office, refuses: Refuses, tmp_path: Path, command: str, mistake: str
) -> None:
    old, new, told = CONFIG_FAULTS[mistake]
    path = spoiled_config(office, tmp_path / f"{mistake}.toml", old, new)
    refuses(*config_words(office, command, path, tmp_path / "out"), told=[path.name, told])


@pytest.mark.parametrize(
    ("mistake", "content", "told"),
    [
        ("a_workbook.toml", b"PK\x03\x04\x14\x00\xff", "不是 UTF-8"),
        ("gbk.toml", 'title = "河北省考核"'.encode("gb18030"), "不是 UTF-8"),
        ("empty.toml", b"", "缺少设置 exam"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused(
    office: Office, refuses: Refuses, tmp_path: Path, *, mistake: str, content: bytes, told: str
) -> None:
    path = tmp_path / mistake
    path.write_bytes(content)
    refuses(*config_words(office, "init", path, tmp_path / "out"), told=[mistake, told])


def test_a_configuration_that_an_editor_of_windows_saved_is_taken(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "utf8_bom_and_crlf.toml"
    text = office.exam.config.read_text(encoding="utf-8")
    path.write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    assert run("centre", "init", "--folder", tmp_path / "centre", "--config", path, "--keys", office.keys).code == 0


# --- keys and passphrases ---


def seal_words(office: Office, keys: Path, passphrase: Path, out: Path) -> list[object]:
    words = ["bank", "seal", "--bank", office.folder / "bank.db", "--config", office.exam.config]
    return [*words, "--keys", keys, "--passphrase-file", passphrase, "--out", out]


@pytest.mark.parametrize(
    ("mistake", "content", "told"),
    [
        ("wrong_passphrase.txt", b"another one\n", "口令不对"),
        ("empty_passphrase.txt", b"\n", "第一行是空的"),
        ("gbk_passphrase.txt", "口令".encode("gb18030"), "读不到口令文件"),
        ("no_passphrase.txt", None, "读不到口令文件"),
    ],
)
def test_a_wrong_passphrase_is_refused(
    office: Office, refuses: Refuses, tmp_path: Path, *, mistake: str, content: bytes | None, told: str
) -> None:
    path = tmp_path / mistake
    if content is not None:
        path.write_bytes(content)
    named = "paper.key" if mistake == "wrong_passphrase.txt" else mistake
    refuses(*seal_words(office, office.keys, path, tmp_path / "out"), told=[named, told])


def test_a_passphrase_file_with_the_mark_of_windows_is_taken(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "utf8_bom_and_crlf.txt"
    path.write_bytes(f"{PASSPHRASE}\r\n".encode("utf-8-sig"))
    assert run(*seal_words(office, office.keys, path, tmp_path / "sealed")).code == 0


KEY_FAULTS: dict[str, tuple[Callable[[bytes, Office], bytes | None], str]] = {
    "missing": (lambda _key, _office: None, "读不到"),
    "of_another_kind": (lambda _key, office: (office.keys / "roster.key").read_bytes(), "另一个密钥（roster"),
    "text": (lambda _key, _office: b"my key\n", "不是完整的密钥文件"),
    "cut_short": (lambda key, _office: key[:-40], "不是完整的密钥文件"),
    "empty": (lambda _key, _office: b"", "不是完整的密钥文件"),
    "foreign": (lambda _key, office: (office.stranger / "paper.key").read_bytes(), "不在根文件里"),
    "damaged": (lambda key, _office: key.replace(b'"salt":"', b'"salt":"AAAA'), "密钥文件"),
}


@pytest.mark.parametrize("mistake", KEY_FAULTS)
def test_a_wrong_key_file_is_refused(office: Office, refuses: Refuses, tmp_path: Path, mistake: str) -> None:
    spoil, told = KEY_FAULTS[mistake]
    keys = office.copied_keys(tmp_path)
    content = spoil((keys / "paper.key").read_bytes(), office)
    (keys / "paper.key").unlink()
    if content is not None:
        (keys / "paper.key").write_bytes(content)
    words = seal_words(office, keys, office.folder / "passphrase", tmp_path / "out")
    refuses(*words, told=["paper.key", told])


ROOT_FAULTS: dict[str, tuple[Callable[[bytes], bytes | None], str]] = {
    "missing": (lambda _root: None, "读不到"),
    "text": (lambda _root: b"root\n", "root.dsse"),
    "empty": (lambda _root: b"", "root.dsse"),
    "cut_short": (lambda root: root[:-100], "root.dsse"),
    "one_bit_flipped": (lambda root: flipped(root, len(root) // 2), "root.dsse"),
    "a_workbook": (lambda _root: b"PK\x03\x04" + bytes(99), "root.dsse"),
}


ROOT_CASES = [
    (command, mistake)
    for command in ("seal", "show", "zone", "portal")
    for mistake in ROOT_FAULTS
    if (command, mistake) != ("portal", "missing")  # where the file is an argument, that is a command typed wrongly
]


@pytest.mark.parametrize(("command", "mistake"), ROOT_CASES)
def test_a_wrong_root_document_is_refused(
    office: Office, refuses: Refuses, tmp_path: Path, command: str, mistake: str
) -> None:
    spoil, told = ROOT_FAULTS[mistake]
    keys, out = office.copied_keys(tmp_path), tmp_path / "out"
    content = spoil((keys / "root.dsse").read_bytes())
    if content is None:
        (keys / "root.dsse").unlink()
    else:
        (keys / "root.dsse").write_bytes(content)
    words: dict[str, list[object]] = {
        "seal": seal_words(office, keys, office.folder / "passphrase", out),
        "show": ["keys", "show", "--keys", keys],
        "zone": ["zone", "init", "--folder", out, "--server", SERVER, "--keys", keys],
        "portal": ["portal", "init", "--folder", out, *office.portal_words(root=keys / "root.dsse")],
    }
    refuses(*words[command], told=["root.dsse", told])


@pytest.mark.parametrize("command", ["show", "zone", "portal"])
def test_a_root_with_another_fingerprint_is_refused(
    office: Office, refuses: Refuses, tmp_path: Path, command: str
) -> None:
    out, foreign = tmp_path / "out", office.stranger / "root.dsse"
    pinned = office.portal_words()[2:4]
    words: dict[str, list[object]] = {
        "show": ["keys", "show", "--keys", office.stranger, *pinned],
        "zone": ["zone", "init", "--folder", out, "--server", SERVER, "--keys", office.stranger, *pinned],
        "portal": ["portal", "init", "--folder", out, *office.portal_words(root=foreign)],
    }
    refuses(*words[command], told=["root.dsse", "根密钥指纹与登记的不符"])


def test_keys_of_another_exam_are_refused(office: Office, refuses: Refuses, tmp_path: Path) -> None:
    keys, now = tmp_path / "keys", datetime.now(UTC)
    make_key_folder(keys, ExamId("2025-technician"), [SERVER], PASSPHRASE, now, cost=CHEAPEST_KDF)
    told = ["2025-technician", "2026-technician"]
    refuses(*seal_words(office, keys, office.folder / "passphrase", tmp_path / "out"), told=told)
    config = ("--config", office.exam.config, "--keys", keys)
    refuses("centre", "init", "--folder", tmp_path / "out", *config, told=told)


@pytest.mark.parametrize("content", [b"", b"key\n", b"lookup-key/1 AAAA\n"], ids=["empty", "text", "too_short"])
def test_a_wrong_lookup_key_is_refused(office: Office, refuses: Refuses, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lookup.key"
    path.write_bytes(content)
    words = office.portal_words(**{"lookup-key": path})
    refuses("portal", "init", "--folder", tmp_path / "out", *words, told=["lookup.key"])


# --- packages ---

Spoil = Callable[[bytes], bytes]
DAMAGES: dict[str, Spoil] = {
    "empty": lambda _package: b"",
    "a_workbook": lambda _package: b"PK\x03\x04" + bytes(99),
    "another_version": lambda package: package.replace(b"exam-package/1", b"exam-package/9", 1),
    "cut_in_the_manifest": lambda package: package[:200],
    "cut_short": lambda package: package[:-1],
    "too_long": lambda package: package + b"\n",
    "manifest_altered": lambda package: flipped(package, 300),
    "content_altered": lambda package: flipped(package, -10),
}


def zone_import(office: Office, path: Path) -> list[object]:
    return ["zone", "import", *office.exam.at_zone, *office.secret, path]


def answers_import(office: Office, path: Path) -> list[object]:
    return ["centre", "import-answers", path, *office.exam.at_centre]


def answer_keys(office: Office, path: Path) -> list[object]:
    return ["centre", "score", "--answer-keys", path, *office.exam.at_centre, *office.secret]


def publication_import(office: Office, path: Path) -> list[object]:
    return ["portal", "import", "--folder", office.folder / "portal", path]


PACKAGES: dict[str, tuple[Callable[[Office], Path], Callable[[Office, Path], list[object]]]] = {
    "paper": (lambda office: office.exam.package("live"), zone_import),
    "roster": (lambda office: office.exam.package("roster"), zone_import),
    "answers": (lambda office: office.answers, answers_import),
    "answer_keys": (lambda office: office.exam.answer_keys[1], answer_keys),
    "publication": (lambda office: office.publication, publication_import),
}


KIND_WORDS = {
    "paper": "试卷包",
    "roster": "名册包",
    "answers": "答卷包",
    "answer_keys": "标准答案包",
    "publication": "成绩发布包",
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("kind", PACKAGES)
def test_a_damaged_package_is_refused(office: Office, refuses: Refuses, tmp_path: Path, kind: str, damage: str) -> None:
    genuine, words = PACKAGES[kind]
    path = tmp_path / f"{damage}.package"
    path.write_bytes(DAMAGES[damage](genuine(office).read_bytes()))
    refuses(*words(office, path), told=[path.name])


OTHER_KINDS = [
    (kind, given, KIND_WORDS[given])
    for kind in PACKAGES
    for given in PACKAGES
    if PACKAGES[kind][1] is not PACKAGES[given][1]
]


@pytest.mark.parametrize(("kind", "given", "told"), OTHER_KINDS)
def test_a_package_of_another_kind_is_refused(
    office: Office, refuses: Refuses, tmp_path: Path, *, kind: str, given: str, told: str
) -> None:
    words = PACKAGES[kind][1]
    path = tmp_path / f"{given}_instead_of_{kind}.package"
    shutil.copy(PACKAGES[given][0](office), path)
    refuses(*words(office, path), told=[path.name, f"这是{told}，这里需要" if kind != "answers" else "签名"])


FOREIGN: dict[str, tuple[Callable[[Office, Path], bytes], str, str]] = {
    "paper_of_another_server": (
        lambda office, _out: (office.exam.packages / "zone-03-1" / "live.package").read_bytes(),
        "paper",
        "文件属于考点 zone-03/1，不是 zone-02/1",
    ),
    "paper_of_a_stranger": (lambda office, out: sealed_by_a_stranger(office, out, "live"), "paper", "签名"),
    "roster_of_another_server": (
        lambda office, _out: office.roster(server=OTHER_SERVER),
        "roster",
        "文件属于考点 zone-03/1，不是 zone-02/1",
    ),
    "roster_of_a_stranger": (lambda office, _out: office.roster(office.stranger), "roster", "签名"),
    "roster_of_another_session": (lambda office, _out: office.roster(session="S2"), "roster", "的 S2 场次"),
    "roster_of_another_exam": (lambda office, _out: office.roster(exam="2025-technician"), "roster", "2025-technician"),
    "roster_older_than_ours": (lambda office, _out: office.roster(revision=0), "roster", "已有第 1 版名册"),
    "paper_of_another_session": (
        lambda office, _out: office.resigned("paper", session="S2"), "paper", "试卷包属于另一次考试或另一场次",
    ),
    "paper_older_than_ours": (
        lambda office, _out: office.resigned("paper", revision=0), "paper", "已有第 1 版试卷包，这是第 0 版",
    ),
    "paper_for_a_newer_root": (
        lambda office, _out: office.resigned("paper", lowest_root_version=2), "paper", "文件要求根文件第 2 版",
    ),
    "answer_keys_of_a_stranger": (
        lambda office, out: sealed_by_a_stranger(office, out, "answer-keys-live"), "answer_keys", "签名",
    ),
    "answer_keys_of_another_session": (
        lambda office, _out: office.resigned("answer_keys", session="S2"), "answer_keys", "的 S2 场次",
    ),
    "answers_of_a_stranger": (
        lambda office, _out: office.resigned("answers", office.stranger), "answers", "没有任何考点的有效签名",
    ),
    "answers_of_another_session": (
        lambda office, _out: office.resigned("answers", session="S2"), "answers", "的 S2 场次",
    ),
    "answers_that_name_another_server": (
        lambda office, _out: office.resigned("answers", server=OTHER_SERVER), "answers", "zone-03/1",
    ),
    "publication_of_a_stranger": (
        lambda office, _out: office.resigned("publication", office.stranger), "publication", "签名",
    ),
    "publication_of_another_exam": (
        lambda office, _out: office.resigned("publication", exam="2025-technician"), "publication", "2025-technician",
    ),
    "publication_that_contradicts_itself": (
        lambda office, _out: office.resigned("publication", revision=7), "publication", "不是同一考试、同一版",
    ),
}  # fmt: skip


def sealed_by_a_stranger(office: Office, out: Path, name: str) -> bytes:
    """What somebody with keys of their own, under the same exam's name, would send."""
    assert run(*seal_words(office, office.stranger, office.folder / "passphrase", out)).code == 0
    (path,) = out.rglob(f"{name}.package")
    return path.read_bytes()


@pytest.mark.parametrize("mistake", FOREIGN)
def test_a_foreign_or_old_package_is_refused(office: Office, refuses: Refuses, tmp_path: Path, mistake: str) -> None:
    make, kind, told = FOREIGN[mistake]
    path = tmp_path / f"{mistake}.package"
    path.write_bytes(make(office, tmp_path / "strange"))
    refuses(*PACKAGES[kind][1](office, path), told=[path.name, told])


# --- the key release ---

RELEASES: dict[str, tuple[Callable[[Office], bytes], str]] = {
    "empty": (lambda _office: b"", "empty.release"),
    "a_workbook": (lambda _office: b"PK\x03\x04" + bytes(99), "a_workbook.release"),
    "cut_short": (lambda office: office.release()[:-20], "cut_short.release"),
    "one_bit_flipped": (lambda office: flipped(office.release(), 99), "one_bit_flipped.release"),
    "of_a_stranger": (lambda office: office.release(office.stranger), "签名"),
    "of_another_server": (lambda office: office.release(server=OTHER_SERVER), "文件属于考点 zone-03/1"),
    "of_another_session": (lambda office: office.release(session="S2"), "不是给本场次的"),
    "of_another_exam": (lambda office: office.release(exam="2025-technician"), "不是给本场次的"),
    "of_the_reserve_paper": (lambda office: office.release(purpose=Purpose.RESERVE), "用途"),
    "too_early": (lambda office: office.release(), "还没有到开考时间"),
}


@pytest.mark.parametrize("mistake", RELEASES)
def test_a_wrong_key_release_is_refused(office: Office, refuses: Refuses, tmp_path: Path, mistake: str) -> None:
    make, told = RELEASES[mistake]
    path = tmp_path / f"{mistake}.release"
    path.write_bytes(make(office))
    refuses("zone", "release", *office.exam.at_zone, *office.secret, path, told=[path.name, told])


@pytest.mark.parametrize("mistake", ["empty", "a_workbook", "cut_short", "one_bit_flipped"])
def test_wrong_opening_keys_are_refused(office: Office, refuses: Refuses, tmp_path: Path, mistake: str) -> None:
    spoil: dict[str, Spoil] = DAMAGES | {"one_bit_flipped": lambda sealed: flipped(sealed, 99)}
    path = tmp_path / f"{mistake}.sealed"
    path.write_bytes(spoil[mistake]((office.exam.packages / "opening-keys.sealed").read_bytes()))
    words: list[Any] = ["centre", "release", "--opening-keys", path, *office.exam.at_centre, *office.secret]
    refuses(*words, told=[path.name])


def test_a_centre_key_that_is_not_of_this_exam_opens_nothing(office: Office, refuses: Refuses) -> None:
    path, kept = office.keys / "centre_encryption.key", office.folder.parent / "kept.key"
    shutil.move(path, kept)
    shutil.copy(office.stranger / "centre_encryption.key", path)
    keys = office.exam.answer_keys[1]
    try:
        refuses(*answer_keys(office, keys), told=[str(keys), "密封数据打不开：不是封给本机的"])
    finally:
        shutil.move(kept, path)
