"""A roster is taken whole or not at all, and every fault in it is named."""

import zipfile
from pathlib import Path

import pytest
from centre_factories import (
    HEADINGS,
    SmallCentre,
    make_exam_config,
    make_id_number,
    make_photo,
    make_roster_row,
    write_csv,
    write_photos,
)
from sqlalchemy import select

from exam_protocol.errors import InputRefusedError
from exam_server.db import open_engine
from exam_server.models.candidates import Candidate
from exam_server.services.roster import import_roster

_WRONG_CHECK = make_id_number(1)[:-1] + ("0" if make_id_number(1)[-1] != "0" else "1")


def read(centre: SmallCentre, tmp_path: Path, *rows: dict[str, str]) -> int:
    photos = write_photos(tmp_path / "photos", [1, 2])
    count: int = centre.run(import_roster, centre.column_keys, write_csv(tmp_path / "报名.csv", rows), photos)
    return count


def test_a_faultless_roster_is_taken_whole(centre: SmallCentre, tmp_path: Path) -> None:
    taken = read(centre, tmp_path, make_roster_row(1), make_roster_row(2, 补时分钟="15"))

    assert taken == 2
    candidates = centre.run(lambda work: work.db.scalars(select(Candidate).order_by(Candidate.id)).all())
    assert [(person.name, person.zone_code, person.extra_minutes) for person in candidates] == [
        ("考生1", "SJZ", 0),
        ("考生2", "TS", 15),
    ]


@pytest.mark.parametrize(
    ("column", "cell", "told"),
    [
        ("姓名", "", "没有填写"),
        ("性别", "m", "不是性别"),
        ("身份证号", "12345", "应为 18 位"),
        ("身份证号", "99000019701315001X", "出生日期不存在"),
        ("身份证号", "990000299001150011", "出生日期不存在"),
        ("身份证号", _WRONG_CHECK, "校验位不对"),
        ("单位", "", "没有填写"),
        ("工种代码", "99-999", "没有工种“99-999”"),
        ("考区", "天津", "没有考区“天津”"),
        ("照片", "missing.jpg", "找不到照片"),
        ("照片", "", "没有填写"),
        ("补时分钟", "很多", "不是补时"),
        ("补时分钟", "999", "不是补时"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(
    centre: SmallCentre, tmp_path: Path, column: str, cell: str, told: str
) -> None:
    with pytest.raises(InputRefusedError) as refused:
        read(centre, tmp_path, make_roster_row(1), make_roster_row(2, **{column: cell}))

    (fault,) = refused.value.faults
    assert (fault.file, fault.row, fault.column) == ("报名.csv", 3, column)
    assert told in fault.what
    assert fault.do


def test_all_faults_are_told_at_once_and_nothing_is_taken(centre: SmallCentre, tmp_path: Path) -> None:
    with pytest.raises(InputRefusedError) as refused:
        read(
            centre,
            tmp_path,
            make_roster_row(1),
            make_roster_row(1, 姓名="重复"),
            make_roster_row(2, 性别="", 考区="月球"),
        )

    assert [(fault.row, fault.column) for fault in refused.value.faults] == [
        (3, "身份证号"),
        (4, "性别"),
        (4, "考区"),
    ]
    assert centre.run(lambda work: work.db.query(Candidate).count()) == 0


def test_no_fault_repeats_an_id_number(centre: SmallCentre, tmp_path: Path) -> None:
    with pytest.raises(InputRefusedError) as refused:
        read(centre, tmp_path, make_roster_row(1), make_roster_row(1), make_roster_row(2, 身份证号=_WRONG_CHECK))

    assert make_id_number(1) not in str(refused.value)
    assert _WRONG_CHECK not in str(refused.value)


def test_who_was_imported_before_is_refused(centre: SmallCentre, tmp_path: Path) -> None:
    read(centre, tmp_path, make_roster_row(1))

    with pytest.raises(InputRefusedError, match="此前已经导入过"):
        read(centre, tmp_path, make_roster_row(1))


def test_a_small_x_and_full_width_digits_are_the_same_id_number(centre: SmallCentre, tmp_path: Path) -> None:
    with_x = next(make_id_number(number) for number in range(1, 99) if make_id_number(number).endswith("X"))
    wide = with_x.lower().translate(str.maketrans("0123456789", "０１２３４５６７８９"))

    with pytest.raises(InputRefusedError, match="与第 2 行重复"):
        read(centre, tmp_path, make_roster_row(1, 身份证号=with_x), make_roster_row(2, 身份证号=wide))


def test_a_photo_that_is_cut_short_is_refused(centre: SmallCentre, tmp_path: Path) -> None:
    photos = write_photos(tmp_path / "photos", [1])
    (photos / "1.jpg").write_bytes(make_photo()[:-200])
    roster = write_csv(tmp_path / "报名.csv", [make_roster_row(1)])

    with pytest.raises(InputRefusedError, match=r"照片“1\.jpg”打不开"):
        centre.run(import_roster, centre.column_keys, roster, photos)


def test_photos_may_come_as_a_zip_with_gbk_names(centre: SmallCentre, tmp_path: Path) -> None:
    pack = tmp_path / "photos.zip"
    gbk_name = "照片/张三.jpg".encode("gb18030")
    with zipfile.ZipFile(pack, "w") as archive:
        archive.writestr("A" * len(gbk_name), make_photo())
    # As Windows writes it: bytes of GBK, without the mark of UTF-8 that Python would set.
    pack.write_bytes(pack.read_bytes().replace(b"A" * len(gbk_name), gbk_name))
    roster = write_csv(tmp_path / "报名.csv", [make_roster_row(1, 照片="张三.jpg")])

    assert centre.run(import_roster, centre.column_keys, roster, pack) == 1


def test_two_photos_of_one_name_are_never_guessed_between(centre: SmallCentre, tmp_path: Path) -> None:
    photos = write_photos(tmp_path / "photos", [1])
    write_photos(photos / "again", [1])
    roster = write_csv(tmp_path / "报名.csv", [make_roster_row(1)])

    with pytest.raises(InputRefusedError, match=r"有 2 张照片都叫“1\.jpg”"):
        centre.run(import_roster, centre.column_keys, roster, photos)


def test_a_missing_column_is_refused(centre: SmallCentre, tmp_path: Path) -> None:
    rows = [{name: cell for name, cell in make_roster_row(1).items() if name != "考区"}]
    roster = write_csv(tmp_path / "报名.csv", rows, [name for name in HEADINGS if name != "考区"])

    with pytest.raises(InputRefusedError, match="“考区” 列：缺少这一列"):
        centre.run(import_roster, centre.column_keys, roster, write_photos(tmp_path / "photos", [1]))


def test_the_database_file_holds_no_readable_id_number(tmp_path: Path) -> None:
    path = tmp_path / "centre.db"
    on_disk = SmallCentre(open_engine(f"sqlite:///{path}"), make_exam_config())
    read(on_disk, tmp_path, make_roster_row(1))
    on_disk.engine.dispose()

    written = b"".join(file.read_bytes() for file in tmp_path.glob("centre.db*"))
    assert "考生1".encode() in written
    assert make_id_number(1).encode() not in written
