"""Citizens' ID numbers: what makes one valid (GB 11643-1999), and how one is shown to people."""

from datetime import date
from enum import StrEnum

from exam_protocol.publication import normal_id_number

ID_NUMBER_CHARACTERS = 18
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"
_EARLIEST_YEAR = 1900


class IdNumberFault(StrEnum):
    """What is wrong with an ID number, in the words that are shown."""

    LENGTH = "身份证号应为 18 位（前 17 位为数字，末位为数字或 X）。"
    DATE = "身份证号中的出生日期不存在或不合理。"
    CHECK_CHARACTER = "身份证号的校验位不对，可能抄错了数字。"


def fault_of_id_number(id_number: str, today: date) -> IdNumberFault | None:
    """Tell what is wrong with a normalised ID number, or ``None``. The region prefix is not judged: codes change."""
    digits, check = id_number[:17], id_number[17:]
    if len(id_number) != ID_NUMBER_CHARACTERS or not (digits.isascii() and digits.isdigit() and check in "0123456789X"):
        return IdNumberFault.LENGTH
    try:
        born = date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return IdNumberFault.DATE
    if born.year < _EARLIEST_YEAR or born > today:
        return IdNumberFault.DATE
    if check_character(digits) != check:
        return IdNumberFault.CHECK_CHARACTER
    return None


def check_character(digits: str) -> str:
    """Return the eighteenth character of an ID number with these seventeen digits (ISO 7064 MOD 11-2)."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True))
    return _CHECK_CHARACTERS[total % 11]


def mask_id_number(id_number: str) -> str:
    """Show an ID number to people: first and last four characters, ``1301**********1186``."""
    return f"{id_number[:4]}{'*' * (ID_NUMBER_CHARACTERS - 8)}{id_number[-4:]}"


def last_four(id_number: str) -> str:
    """Return what a candidate types at the seat."""
    return normal_id_number(id_number)[-4:]
