"""What may enter the bank: nothing twice, nothing with two keys, no live item among practice items or the reverse."""

from collections.abc import Iterable

import msgspec

from exam_protocol.errors import InputFault
from question_bank.duplicates import ItemIdentity, identity, right_texts
from question_bank.formats.spreadsheet import ReadItem
from question_bank.items import BankItem, Pool


class KnownItem(msgspec.Struct, frozen=True):
    """An item that is already known: where it is, in which pool, and by what it is recognised."""

    where: str
    pool: Pool
    item: BankItem
    identity: ItemIdentity
    is_new: bool


class Admission:
    """Everything the bank holds plus what this import has admitted so far; collects the faults of the rest."""

    def __init__(self, held: Iterable[KnownItem]) -> None:
        self.faults: list[InputFault] = []
        self._by_no: dict[str, KnownItem] = {}
        self._by_content: dict[str, KnownItem] = {}
        self._by_stem: dict[tuple[str, Pool], KnownItem] = {}
        for known in held:
            self._remember(known)

    def admit(self, entry: ReadItem, pool: Pool) -> ItemIdentity | None:
        """Return the identity of a new item; ``None`` for one that is unchanged or refused (then with a fault)."""
        item, found = entry.item, identity(entry.item)
        namesake = self._by_no.get(item.bank_no)
        if namesake is not None:
            if namesake.pool is not pool:
                self._refuse(
                    entry, "编号", f"编号已被{namesake.where}用了。", "正式题和练习题的编号不得重复，请换一个。"
                )
            elif namesake.item != item:
                self._refuse(entry, "编号", f"编号与{namesake.where}相同，内容不同。", "请换一个编号，或删去这一行。")
            elif namesake.is_new:
                self._refuse(entry, "编号", f"与{namesake.where}重复。", "请删去其中一行。")
            return None
        other = self._by_stem.get((found.stem, Pool.PRACTICE if pool is Pool.LIVE else Pool.LIVE))
        twin = self._by_content.get(found.content)
        if other is not None:
            self._refuse(
                entry, "题干", f"与{other.where}题干相同：正式题和练习题不得重复。", "请改写题干，或删去这一行。"
            )
        elif twin is not None and right_texts(twin.item) != right_texts(item):
            self._refuse(
                entry,
                "答案",
                f"与{twin.where}是同一道题而答案不同（那里是“{twin.item.answer}”）。",
                "请核实哪个答案正确，只保留一道。",
            )
        elif twin is not None:
            self._refuse(entry, "题干", f"与{twin.where}是同一道题。", "请删去其中一道。")
        else:
            self._remember(KnownItem(f"本次导入的 {entry.file} 第 {entry.row} 行", pool, item, found, is_new=True))
            return found
        return None

    def _remember(self, known: KnownItem) -> None:
        self._by_no[known.item.bank_no] = known
        self._by_content[known.identity.content] = known
        self._by_stem[known.identity.stem, known.pool] = known

    def _refuse(self, entry: ReadItem, column: str, what: str, do: str) -> None:
        self.faults.append(InputFault(entry.file, entry.row, column, what, do))
