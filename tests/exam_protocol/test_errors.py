"""Every refusal has a stable code and two sentences."""

import importlib
import pkgutil

import exam_protocol
from exam_protocol.errors import InputFault, InputRefusedError, KaopingError, PartDigestMismatchError


def test_a_refusals_wire_code_is_its_class_name_in_snake_case() -> None:
    assert PartDigestMismatchError.code == "part_digest_mismatch"


def test_a_refusal_says_what_happened_and_what_to_do() -> None:
    refusal = KaopingError("座位已被占用。", "请核对准考证号。")

    assert (refusal.what, refusal.do) == ("座位已被占用。", "请核对准考证号。")
    assert str(refusal) == "座位已被占用。请核对准考证号。"


def test_a_fault_names_file_row_column_what_and_do() -> None:
    fault = InputFault("名单.xlsx", 3, "题型", "“单选”不是题型。", "请写 单选题。")

    assert str(fault) == "名单.xlsx 第 3 行 “题型” 列：“单选”不是题型。请写 单选题。"


def test_a_refused_file_lists_all_its_faults() -> None:
    faults = [InputFault("a.xlsx", row, None, f"错{row}。", "改。") for row in (2, 5)]

    told = str(InputRefusedError(faults))

    assert "第 2 行" in told
    assert "第 5 行" in told
    assert "共 2 处问题" in told


def test_no_two_refusals_share_a_code() -> None:
    for module in pkgutil.iter_modules(exam_protocol.__path__, "exam_protocol."):
        importlib.import_module(module.name)

    codes = [kind.code for kind in _all_refusals(KaopingError) if kind.__module__.startswith("exam_protocol.")]

    assert len(codes) == len(set(codes))


def _all_refusals(kind: type[KaopingError]) -> list[type[KaopingError]]:
    return [kind, *(below for child in kind.__subclasses__() for below in _all_refusals(child))]
