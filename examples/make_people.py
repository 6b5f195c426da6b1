"""Invent the people of the example exam: roster.xlsx, practical-marks.xlsx and photos.zip, always the same ones.

Nobody real can be meant: ID numbers begin with 99, a region that was never issued; districts and units do not exist;
photos are drawn. The rest is as it comes in practice: valid check digits, two people of one name, a rare character,
absences, examiners who disagree.

Run from a checkout with the server extra installed: ``python examples/make_people.py``. The written files are
committed; the tests compare them with what this script would write.
"""

import datetime as dt
import io
import random
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter
from PIL import Image, ImageDraw

FOLDER = Path(__file__).parent
ROSTER_COLUMNS = ("姓名", "性别", "身份证号", "单位", "工种代码", "考区", "照片", "补时分钟")
MARK_COLUMNS = ("身份证号", "姓名", "考评员", "成绩", "状态")

_SEED = 20260926
_WRITTEN_AT = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
# 13 zones × 2 rooms of at most 30 seats, of which 2 stay spare: no zone may have more than 56.
_ZONES = {
    "石家庄": 56, "唐山": 56, "秦皇岛": 55, "邯郸": 56, "邢台": 56, "保定": 56, "张家口": 55,
    "承德": 55, "沧州": 56, "廊坊": 55, "衡水": 54, "定州": 53, "辛集": 52,
}  # fmt: skip
_TRADES = {"10-001": 34, "06-008": 26, "06-011": 22, "12-011": 18}  # code → weight; drivers are the most
_WOMEN_PER_CENT = {"10-001": 8, "06-008": 12, "06-011": 58, "12-011": 30}

_SURNAMES = (
    "王李张刘王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余"
    "潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_MEN = "建国志强伟军勇峰刚明华平东海波涛文斌辉鹏宏永利新民福生立春长江大庆占树德玉增宝金振学忠书连保兴成俊卫云旺"
_WOMEN = "丽娟敏静秀英芳燕红霞玲梅艳华萍桂兰凤琴淑珍云洁雪莲彩慧晓春荣翠巧素娜欣爱婷雅倩香月改俊瑞志建文"
# Characters outside GB 2312, as real rosters hold them; and one name with a middle dot.
_RARE_MEN = {7: "王䶮", 131: "李堃", 262: "张喆", 388: "刘翀", 519: "陈昇"}
_RARE_WOMEN = {455: "赵㛃", 633: "娜仁·其其格"}

_DISTRICTS = ("云溪区", "青禾县", "松岭区", "望山县", "南屏区", "东篱县", "市直", "清泉区")
_UNITS = (
    "机关事务服务中心", "公路养护中心", "第三实验学校", "人民医院", "园林绿化服务中心", "水利工程服务中心",
    "广播电视发射台", "农业技术推广站", "殡葬服务中心", "职业教育中心", "疾病预防控制中心", "市政设施养护中心",
)  # fmt: skip
_CHEATED = 347  # in the practical test
_EXTRA_MINUTES = {88: 15, 301: 20, 470: 15, 602: 30}  # entitlements approved before the exam


@dataclass(frozen=True, slots=True)
class Person:
    """One candidate of the roster, with the practical marks that the examiners will give."""

    number: int
    name: str
    gender: str
    id_number: str
    unit: str
    trade_code: str
    zone: str
    extra_minutes: int

    @property
    def photo(self) -> str:
        """File name of the photo: the row's key, never the ID number."""
        return f"P{self.number:04d}.jpg"

    @property
    def roster_row(self) -> tuple[str | int | None, ...]:
        """The cells in the order of the columns; 补时 is empty for nearly everybody."""
        place = (self.unit, self.trade_code, self.zone, self.photo, self.extra_minutes or None)
        return (self.name, self.gender, self.id_number, *place)


def check_character(first_17: str) -> str:
    """Return the 18th character of an ID number (GB 11643: ISO 7064 MOD 11-2)."""
    weighted = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(first_17))
    return "10X98765432"[weighted % 11]


def people(chance: random.Random) -> Iterator[Person]:
    """Invent the candidates, zone by zone."""
    taken: set[str] = set()
    number = 0
    for zone, size in _ZONES.items():
        units = [f"{zone}市{district}{unit}" for district in _DISTRICTS for unit in chance.sample(_UNITS, 3)]
        for _ in range(size):
            number += 1
            trade = chance.choices(list(_TRADES), list(_TRADES.values()))[0]
            is_woman = chance.randrange(100) < _WOMEN_PER_CENT[trade]
            name = _name(chance, is_woman=is_woman)
            if number in _RARE_MEN | _RARE_WOMEN:
                is_woman, name = number in _RARE_WOMEN, (_RARE_MEN | _RARE_WOMEN)[number]
            yield Person(
                number=number,
                name=name,
                gender="女" if is_woman else "男",
                id_number=_id_number(chance, taken, is_woman=is_woman),
                unit=chance.choice(units).replace("市市直", "市"),
                trade_code=trade,
                zone=zone,
                extra_minutes=_EXTRA_MINUTES.get(number, 0),
            )


def _name(chance: random.Random, *, is_woman: bool) -> str:
    given = chance.sample(_WOMEN if is_woman else _MEN, chance.choices((1, 2), (25, 75))[0])
    return chance.choice(_SURNAMES) + "".join(given)


def _id_number(chance: random.Random, taken: set[str], *, is_woman: bool) -> str:
    while True:
        born = dt.date(1966, 1, 1) + dt.timedelta(days=chance.randrange(19 * 365))
        serial = chance.randrange(1, 499) * 2 + (0 if is_woman else 1)
        first_17 = f"99{chance.randrange(10_000):04d}{born:%Y%m%d}{serial:03d}"
        if first_17 not in taken:
            taken.add(first_17)
            return first_17 + check_character(first_17)


def marks(candidates: Sequence[Person], chance: random.Random) -> Iterator[tuple[str | float | None, ...]]:
    """Mark the practical test: three examiners per candidate, and an arbiter's row where a dispute was settled."""
    examiners = {
        (zone, trade): [_name(chance, is_woman=chance.randrange(3) == 0) for _ in range(4)]
        for zone in _ZONES
        for trade in _TRADES
    }
    for person in candidates:
        *three, arbiter = examiners[person.zone, person.trade_code]
        fate = chance.randrange(1000)
        if fate < 25:  # noqa: PLR2004 - 2.5 % are absent
            yield from ((person.id_number, person.name, examiner, None, "缺考") for examiner in three)
            continue
        if person.number == _CHEATED:
            yield from ((person.id_number, person.name, examiner, None, "违纪") for examiner in three)
            continue
        ability = min(94.0, max(35.0, chance.gauss(67.5, 10)))
        given = [round(ability + chance.uniform(-4, 4)) for _ in three]
        is_disputed = fate < 50  # noqa: PLR2004 - another 2.5 %
        if is_disputed:
            given[chance.randrange(3)] = max(20, round(ability) - chance.randrange(20, 30))
        elif chance.randrange(8) == 0:
            given[0] += 0.5
        yield from (
            (person.id_number, person.name, examiner, mark, "正常") for examiner, mark in zip(three, given, strict=True)
        )
        if is_disputed and fate < 44:  # noqa: PLR2004 - three quarters of the disputes are settled
            yield person.id_number, person.name, arbiter, round(ability), "仲裁"


def draw_photo(number: int, *, is_woman: bool) -> bytes:
    """Draw a head and shoulders, different for each number; the word says that it is no photograph."""
    chance = random.Random(number)
    image = Image.new("RGB", (180, 240), (chance.randrange(190, 235), chance.randrange(205, 240), 245))
    draw = ImageDraw.Draw(image)
    skin = (chance.randrange(214, 240), chance.randrange(176, 200), chance.randrange(148, 172))
    hair = (chance.randrange(20, 70),) * 3
    coat = tuple(chance.randrange(30, 150) for _ in range(3))
    width, brow = chance.randrange(36, 45), chance.randrange(82, 94)
    draw.ellipse((90 - 78, 178, 90 + 78, 330), fill=coat)
    if is_woman:
        draw.rounded_rectangle((90 - width - 9, 90, 90 + width + 9, 198), 16, fill=hair)
    draw.rectangle((76, 150, 104, 190), fill=skin)
    draw.ellipse((90 - width - 5, 44, 90 + width + 5, 150), fill=hair)
    draw.ellipse((90 - width, 60, 90 + width, 166), fill=skin)
    draw.pieslice((90 - width - 2, 50, 90 + width + 2, 2 * brow - 56), 180, 360, fill=hair)
    for eye in (-16, 16):
        draw.ellipse((90 + eye - 5, 106, 90 + eye + 5, 114), fill=(40, 34, 30))
    draw.line((90, 116, 87, 130, 93, 131), fill=(160, 120, 100), width=2)
    draw.arc((76, 128, 104, 150), 20, 160, fill=(150, 70, 70), width=3)
    draw.text((8, 8), f"EXAMPLE {number:04d}", fill=(90, 90, 110))
    written = io.BytesIO()
    image.save(written, "JPEG", quality=72, optimize=True)
    return written.getvalue()


def write_photos(path: Path, candidates: Sequence[Person]) -> None:
    """Pack all photos; JPEG does not shrink, so they are stored."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as pack:
        for person in candidates:
            pack.writestr(
                zipfile.ZipInfo(person.photo, _WRITTEN_AT.timetuple()[:6]),
                draw_photo(person.number, is_woman=person.gender == "女"),
            )


def write_workbook(
    path: Path, title: str, columns: Sequence[str], rows: Sequence[tuple[str | float | None, ...]]
) -> None:
    """Write one sheet with a header; text stays text, so that no ID number becomes a number."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_numbers": False}) as book:
        book.set_properties({"title": title, "created": _WRITTEN_AT})
        bold = book.add_format({"bold": True, "bottom": 1})
        sheet = book.add_worksheet(title)
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, columns, bold)
        for row_no, row in enumerate(rows, 1):
            sheet.write_row(row_no, 0, row)
        widths = {"身份证号": 21, "单位": 34}
        for column_no, column in enumerate(columns):
            sheet.set_column(column_no, column_no, widths.get(column, 11))


def main() -> None:
    """Write the three files beside this script."""
    candidates = list(people(random.Random(_SEED)))
    given = list(marks(candidates, random.Random(_SEED + 1)))
    write_workbook(FOLDER / "roster.xlsx", "考生名单", ROSTER_COLUMNS, [person.roster_row for person in candidates])
    write_workbook(FOLDER / "practical-marks.xlsx", "应会成绩", MARK_COLUMNS, given)
    write_photos(FOLDER / "photos.zip", candidates)
    print(f"{len(candidates)} candidates, {len(given)} practical marks")


if __name__ == "__main__":
    main()
