"""激活码: what a candidate needs for the first password at the portal; a unit gets the list of its own people."""

import csv
import io
import os
from collections import defaultdict

from exam_protocol.envelope import Randomness
from exam_protocol.publication import activation_hash, new_activation_code
from exam_server.services.audit import write_audit
from exam_server.services.person_column import ColumnKeys
from exam_server.services.zone_rosters import all_sittings
from exam_server.work import Work
from scoring.results import guarded

_HEADINGS = ("姓名", "准考证号", "激活码")


def make_activation_codes(
    work: Work, keys: ColumnKeys, lookup_key: bytes, randomness: Randomness = os.urandom
) -> dict[str, bytes]:
    """Give everybody a new code; returns each unit's list (CSV, UTF-8 with BOM). Codes given before are void.

    Only a keyed hash of a code is kept here.
    """
    lines: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for sitting in all_sittings(work):
        candidate, code = sitting.candidate, new_activation_code(randomness)
        id_number = keys.open_id_number(candidate.id_number_sealed, candidate.id)
        candidate.activation_hash = activation_hash(lookup_key, id_number, code)
        lines[candidate.unit].append((candidate.name, sitting.ticket_no, code))
    write_audit(work, "make_activation_codes", f"{len(lines)} 个单位", "生成激活码")
    return {unit: _unit_list(rows) for unit, rows in sorted(lines.items())}


def _unit_list(rows: list[tuple[str, str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_HEADINGS)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")
