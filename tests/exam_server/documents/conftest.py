"""Pages with plausible content; people, numbers and marks are invented."""

import io
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import pytest
from PIL import Image, ImageDraw

from exam_protocol.ids import Milli, SeatNo, TicketNo
from exam_server.documents.pages import (
    AbsentLine,
    EventLine,
    RoomCounts,
    RoomRecord,
    SealedLine,
    SubjectLine,
    TicketPage,
    TranscriptPage,
)


def _photo() -> bytes:
    picture = Image.new("RGB", (295, 413), "#c9ddf2")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((90, 70, 205, 220), fill="#e6b48c")
    draw.rounded_rectangle((40, 250, 255, 470), 80, fill="#27415f")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


@pytest.fixture(scope="session")
def photo() -> bytes:
    return _photo()


@pytest.fixture(scope="session")
def make_ticket(photo: bytes) -> Callable[..., TicketPage]:
    def make(**changed: object) -> TicketPage:
        page = TicketPage(
            exam_title="2027 年度河北省机关事业单位工人技师考评",
            session_title="上午第 1 场",
            issuer="省考试中心（示例）",
            ticket_no=TicketNo("2702030017"),
            name="张建国",
            gender="男",
            id_masked="9901**********1186",
            unit="石家庄市示例水务服务中心",
            trade="电工 06-008",
            zone_name="石家庄",
            site_name="示例职业技术学院",
            address="石家庄市示例路 1 号 实训楼",
            room_name="第 03 考场",
            seat=SeatNo(17),
            starts_at=datetime(2027, 9, 25, 1, 0, tzinfo=UTC),
            ends_at=datetime(2027, 9, 25, 2, 30, tzinfo=UTC),
            latest_entry_at=datetime(2027, 9, 25, 1, 30, tzinfo=UTC),
            photo=photo,
        )
        return msgspec.structs.replace(page, **changed)

    return make


@pytest.fixture(scope="session")
def make_room_record() -> Callable[..., RoomRecord]:
    def make(**changed: object) -> RoomRecord:
        def at(hour: int, minute: int, second: int = 0) -> datetime:
            return datetime(2027, 9, 25, hour - 8, minute, second, tzinfo=UTC)

        record = RoomRecord(
            exam_title="2027 年度河北省机关事业单位工人技师考评",
            subject="应知",
            record_no="SJZ-03-1",
            printed_at=at(10, 46),
            print_no=1,
            zone_name="石家庄",
            room_name="第 03 考场（实训楼 204 室）",
            session_title="上午第 1 场",
            planned_start=at(9, 0),
            planned_end=at(10, 30),
            actual_start=at(9, 0, 1),
            actual_end=at(10, 40),
            counts=RoomCounts(28, 26, 2, 0, 19, 6, 1, 0, 5, 2),
            absentees=(
                AbsentLine(SeatNo(9), "孙丽娟", TicketNo("2702030009"), "护理员"),
                AbsentLine(SeatNo(22), "韩雪梅", TicketNo("2702030022"), "绿化工"),
            ),
            absence_note="主考已确认",
            events=(
                EventLine(at(8, 58), "13 郭春生", "延时", "名册核准的加时", 10, "主考 高振海"),
                EventLine(at(9, 4), "08 郑宝庆", "违纪", "抽屉内有纸质资料 1 页，已停止作答", None, "李敏华、田立秋"),
                EventLine(at(9, 21), "14 何桂芝", "换机", "鼠标失灵，换到 29 座，用时 52 秒", 1, "李敏华"),
                EventLine(at(9, 25), "11 朱红霞", "换机", "离线 7 分 05 秒，换到 30 座，答案齐全", 8, "田立秋"),
                EventLine(at(9, 27), "05 杨立新", "暂停", "身体不适，暂停 6 分 12 秒", 7, "李敏华"),
                EventLine(at(9, 28), "26 彭金凤", "迟到准入", "道路封闭，迟到 28 分钟", None, "主考 高振海"),
                EventLine(at(9, 29), "17 张建国", "离线", "网线松动，离线 2 分 40 秒，答案齐全", 3, "李敏华"),
                EventLine(at(9, 31), "22 韩雪梅", "缺考", "开考 30 分钟未到", None, "主考 高振海"),
                EventLine(at(9, 34), "09 孙丽娟", "缺考", "开考 30 分钟未到，电话未接通", None, "主考 高振海"),
                EventLine(at(9, 52), "24 邓玉兰", "记事", "离开考试窗口 3 次，查看后为误触键盘", None, "田立秋"),
                EventLine(at(10, 6), "全场", "记事", "2 名考生对第 37 题有疑问，已登记", None, "李敏华"),
            ),
            package=SealedLine(at(10, 40, 32), "8c410b7e5f92d3a617fe2290ab4c6d05e9b374c81a5f0d6293ae5c17f840b27d", 28),
        )
        return msgspec.structs.replace(record, **changed)

    return make


@pytest.fixture(scope="session")
def make_transcript(photo: bytes) -> Callable[..., TranscriptPage]:
    def make(**changed: object) -> TranscriptPage:
        page = TranscriptPage(
            exam_title="2027 年度河北省机关事业单位工人技师考评",
            transcript_no="2027-02-000317",
            revision=1,
            name="张建国",
            gender="男",
            id_masked="9901**********1186",
            ticket_no=TicketNo("2702030017"),
            trade="电工 06-008",
            zone_name="石家庄",
            unit="石家庄市示例水务服务中心",
            photo=photo,
            know=SubjectLine("应知", "技术业务理论", Milli(78_500), "78.5", "合格", is_passed=True),
            do=SubjectLine("应会", "实际操作", Milli(82_000), "82.0", "合格", is_passed=True),
            verdict="双 60 合格",
            verdict_note="两科都达到 60 分，成绩 2027 年当年有效",
            is_passed=True,
            issuer="省考试中心（示例）",
            issued_at=datetime(2027, 9, 30, 2, 0, tzinfo=UTC),
            verify_url="https://kaoping.example/v#" + "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" * 6,
            notes=(
                "对成绩有疑问的，可在 10 月 8 日 17:00 以前申请复核。",
                "成绩如有更正，会发出新的一版并写明原因；扫码时会提示本版已被替代。",
            ),
        )
        return msgspec.structs.replace(page, **changed)

    return make
