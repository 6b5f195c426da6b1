"""Every refusal has a name, a stable code and two Chinese sentences: what happened, and what to do now.

KaopingError
├── NotCanonicalError · TooLargeError · MalformedMessageError        (messages and documents)
├── SignatureInvalidError · NotYetValidError · ExpiredError          (signed documents)
├── SealBrokenError · WrongPassphraseError · WrongServerError        (sealed content and key files)
├── PackageBrokenError · PartDigestMismatchError                     (packages)
├── JournalCorruptError                                              (the kiosk's journal)
├── IllegalMoveError                                                 (states of a sitting)
├── ConfigurationError
└── InputRefusedError                                                (files that a person handed in: all faults at once)

The zone's and the kiosk's own refusals are subclasses of ``KaopingError`` beside the service that raises them.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar

import msgspec


class KaopingError(Exception):
    """Base of every named refusal.

    ``what`` says what happened, ``do`` says what to do now; both are shown to the person as they are, in Chinese.
    """

    code: ClassVar[str] = "refused"
    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, do: str) -> None:
        super().__init__(f"{what}{do}")
        self.what = what
        self.do = do

    def __init_subclass__(cls) -> None:
        """Derive the stable wire code from the class name: ``SeatTakenError`` → ``seat_taken``."""
        name = cls.__name__.removesuffix("Error")
        cls.code = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


@contextmanager
def naming(file: object) -> Iterator[None]:
    """Say in whatever is refused inside which file it is about, unless it says so itself."""
    try:
        yield
    except KaopingError as refused:
        if str(file) not in refused.what:
            refused.what = f"{file}：{refused.what}"
            refused.args = (f"{refused.what}{refused.do}",)
        raise


class NotCanonicalError(KaopingError):
    """The bytes are not exactly what our own encoder would have written (ARCHITECTURE §5.1)."""


class TooLargeError(KaopingError):
    """Longer than the limit of its kind."""


class MalformedMessageError(KaopingError):
    """A field is missing, unknown or of the wrong type."""


class SignatureInvalidError(KaopingError):
    """Not signed by enough distinct keys that hold the role and the scope."""


class NotYetValidError(KaopingError):
    """Used before its time."""


class ExpiredError(KaopingError):
    """Used after its time."""


class SealBrokenError(KaopingError):
    """Cannot be opened: altered, or sealed to somebody else or for another purpose."""


class WrongPassphraseError(KaopingError):
    """The key file does not open with this passphrase."""


class WrongServerError(KaopingError):
    """A genuine file that is meant for another server, exam or session."""


class PackageBrokenError(KaopingError):
    """Not a package of the named format, or cut short, or longer than it says."""


class PartDigestMismatchError(KaopingError):
    """A part of a package is not the one its manifest names."""


class JournalCorruptError(KaopingError):
    """A record in the middle of a journal is damaged although good ones follow."""


class IllegalMoveError(KaopingError):
    """The state table has no such move."""


class ConfigurationError(KaopingError):
    """The exam's configuration contradicts itself or leaves something open."""


class InputFault(msgspec.Struct, frozen=True):
    """One thing wrong in a file somebody handed in: where it is, what is wrong, what to do. Row 1 is the first line."""

    file: str
    row: int | None
    column: str | None
    what: str
    do: str

    def __str__(self) -> str:
        """Tell it in one line: 文件 第 3 行 “题型” 列：…。…."""
        place = self.file
        if self.row is not None:
            place += f" 第 {self.row} 行"
        if self.column is not None:
            place += f" “{self.column}” 列"
        return f"{place}：{self.what}{self.do}"


class InputRefusedError(KaopingError):
    """A handed-in file has faults; nothing of it was taken. ``faults`` lists all of them, not only the first."""

    def __init__(self, faults: Sequence[InputFault]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            "\n".join(str(fault) for fault in self.faults),
            f"\n共 {len(self.faults)} 处问题，文件没有导入。请改正后重新导入。",
        )
