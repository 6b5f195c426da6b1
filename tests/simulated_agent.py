"""An agent in memory that the page cannot tell from the real one, and that can misbehave on command."""

import base64
import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import gevent
import qrcode
import qrcode.image.svg

from exam_protocol.errors import KaopingError

STARTS_AT = 1_795_827_600_000  # 2026-11-28 09:00 in China
EXAM_MS = 90 * 60 * 1000
EARLIEST_MS = 30 * 60 * 1000
RULES = [
    "考试 90 分钟，09:00 开始，10:30 自动收卷。",
    "09:30 以后才能交卷；迟到超过 30 分钟不能入场。",
    "手机、手表、资料放在指定位置，桌上只留身份证和准考证。",
    "答案自动保存。遇到断网、断电、死机，不要着急，请举手。",
    "可以随时调大字号，标记题目不影响得分。",
    "有问题请举手，不要和别人说话，不要离开座位。",
]
_SINGLE = (
    "使用万用表测量电阻以前，应当先做哪一项？",
    ("切断被测电路的电源", "把量程调到最大电压挡", "用手捏住两支表笔", "接通被测电路的电源"),
)
_MULTIPLE = (
    "使用手持式电动工具进行作业以前，操作人员应当检查下列哪些内容，以保证人身和设备的安全？",
    (
        "外壳、手柄有无裂缝和破损",
        "工具的颜色是否统一",
        "工具的生产厂家名称",
        "电源线和插头是否完好",
        "保护接地或接零线连接是否正确",
    ),
)
_TRUE_FALSE = ("停电检修结束，恢复送电以前，应当先拆除临时接地线。", ("正确", "错误"))
_LAYOUT = (
    ("一、单选题", "single", "每题 1.5 分，选错或不选不得分。", 30, _SINGLE),
    ("二、多选题", "multiple", "每题 3 分，少选、多选、错选按评分规则计分。", 15, _MULTIPLE),
    ("三、判断题", "true_false", "每题 1 分。", 10, _TRUE_FALSE),
)
_PORTRAIT = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 100 140'><rect width='100' height='140' fill='#c9def3'/>"
    "<path d='M10 140c0-30 20-42 40-42s40 12 40 42z' fill='#27415f'/><ellipse cx='50' cy='62' rx='24' ry='30' "
    "fill='#e3b48f'/><path d='M25 56c0-40 50-40 50 0-6-14-44-14-50 0z' fill='#2b2b2f'/></svg>"
)
_DRAWING = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 520 220' fill='none' stroke='#000' stroke-width='4'>"
    "<path d='M40 40h140m80 0h220v140H40V40M180 24h80v32h-80z'/><circle cx='300' cy='180' r='26' fill='#fff'/></svg>"
)


def _picture(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def _qr(text: str) -> str:
    written = io.BytesIO()
    qrcode.make(text, image_factory=qrcode.image.svg.SvgPathImage, border=0).save(written)
    return written.getvalue().decode()


_AT_THE_BEGINNING: dict[str, object] = {
    "phase": "starting",
    "seat": "17",
    "room_name": "第 03 考场",
    "zone_name": "石家庄考区",
    "exam_title": "2026 年度工人技师考评 · 应知",
    "session_title": "应知（电工）",
    "name": "张建国",
    "photo": _picture(_PORTRAIT),
    "ticket_no": None,
    "trade": None,
    "unit": None,
    "starts_at": STARTS_AT,
    "ends_at": None,
    "earliest_hand_in_at": STARTS_AT + EARLIEST_MS,
    "rules": RULES,
    "sections": [],
    "current": 1,
    "saving": "saved",
    "online": True,
    "receipt": None,
    "message": None,
    "preferences": {"size": 1, "contrast": False},
}


class PlainRefusalError(KaopingError):
    """What the agent says no to."""


class SimulatedAgent:
    """One seat from its sign-in to its receipt. ``acts`` is all that the page asked for, in order."""

    def __init__(self) -> None:
        self.acts: list[tuple[str, dict[str, object]]] = []
        self.most_in_flight = 0
        self.act_takes_s = 0.0
        self._in_flight = 0
        self._lock = threading.RLock()
        self._items = self._paper()
        self._shown: dict[str, object] = {"version": 0}
        self.begins_anew()

    def begins_anew(self) -> None:
        """Nobody has sat here yet."""
        self._now = STARTS_AT - 7 * 60_000
        self._set_at = time.monotonic()
        self._answers: dict[int, list[str]] = {}
        self._marks: set[int] = set()
        self._confirmed = 0
        self._show(**_AT_THE_BEGINNING)

    @staticmethod
    def _paper() -> list[dict[str, object]]:
        items: list[dict[str, object]] = []
        for _, item_type, _, count, (stem, texts) in _LAYOUT:
            for _ in range(count):
                n = len(items) + 1
                options = [
                    {"id": f"o{n}-{place}", "letter": "ABCDEF"[place], "text": text} for place, text in enumerate(texts)
                ]
                figure = _picture(_DRAWING) if n == 2 else None
                items.append({"n": n, "type": item_type, "stem": stem, "figure": figure, "options": options})
                items[-1]["alt"] = "电路图：电源经一只电阻接到一盏灯。" if figure else None
        return items

    # --- the face ---

    def state(self) -> dict[str, object]:
        with self._lock:
            state = dict(self._shown)
            state["zone_now"] = self.now()
            if state["phase"] not in ("answering", "review"):
                return state | {"item": None, "numbers": [], "answered": 0, "total": 0}
            current = int(str(state["current"]))
            numbers = [
                {"n": item["n"], "answered": bool(self._answers.get(n)), "marked": n in self._marks}
                for n, item in enumerate(self._items, start=1)
            ]
            item = self._items[current - 1] | {
                "chosen": self._answers.get(current, []),
                "marked": current in self._marks,
            }
            return state | {"item": item, "numbers": numbers, "answered": self._answered(), "total": len(self._items)}

    def act(self, name: str, arguments: dict[str, object]) -> dict[str, object]:
        self._in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            gevent.sleep(self.act_takes_s)
            with self._lock:
                self.acts.append((name, arguments))
                getattr(self, f"_do_{name}")(**arguments)
                self._change()
        finally:
            self._in_flight -= 1
        return self.state()

    def wait_change(self, version: int, timeout: float) -> None:
        until = time.monotonic() + timeout
        while int(str(self._shown["version"])) <= version and time.monotonic() < until:
            gevent.sleep(0.01)

    # --- what the candidate asks ---

    def _do_sign_in(self, id_number: str, ticket_no: str | None = None) -> None:
        if (id_number, ticket_no) not in (("118X", None), ("99010119700101118X", "2602010117")):
            raise PlainRefusalError("号码不对。", "请核对身份证后再输一次；还不行请举手。")
        self._show(phase="confirm", ticket_no="2602010117", trade="电工 06-008", unit="某市水务局排水管理处")

    def _do_confirm(self) -> None:
        self._show(phase="waiting")

    def _do_not_me(self) -> None:
        message = {"what": "您选择了“不是我”。", "do": "请举手，请监考员核对座位和准考证。"}
        self._show(phase="sign_in", ticket_no=None, message=message)

    def _do_answer(self, n: int, chosen: list[str]) -> None:
        self._answers[n] = list(chosen)

    def _do_mark(self, n: int) -> None:
        self._marks ^= {n}

    def _do_go(self, n: int) -> None:
        self._show(phase="answering", current=n)

    def _do_review(self) -> None:
        self._show(phase="review")

    def _do_back(self) -> None:
        self._show(phase="answering")

    def _do_preferences(self, *, size: int, contrast: bool) -> None:
        self._show(preferences={"size": size, "contrast": contrast})

    def _do_hand_in(self, confirmed: int) -> None:
        if self.now() < STARTS_AT + EARLIEST_MS:
            raise PlainRefusalError("还没有到最早交卷时间。", "请继续检查，到时间后再交卷。")
        if confirmed == 2 and self._confirmed != 1:
            raise PlainRefusalError("交卷需要确认两次。", "请重新点“交卷”。")
        self._confirmed = confirmed
        if confirmed == 2:
            self.ends("receipt")

    # --- what happens to the seat ---

    def now(self) -> int:
        return self._now + int((time.monotonic() - self._set_at) * 1000)

    def set_clock(self, minutes_after_start: float) -> None:
        with self._lock:
            self._now = STARTS_AT + int(minutes_after_start * 60_000)
            self._set_at = time.monotonic()
            self._change()

    def opens(self, **changes: object) -> None:
        """The seat is known and waits for its candidate."""
        self._show(phase="sign_in", **changes)

    def starts(self, minutes_after_start: float = 0.1) -> None:
        """The paper is released to a candidate who has signed in and confirmed."""
        self.set_clock(minutes_after_start)
        first = 1
        sections = []
        for title, item_type, text, count, _ in _LAYOUT:
            numbers = list(range(first, first + count))
            sections.append({"title": title, "type": item_type, "text": text, "numbers": numbers})
            first += count
        self._show(
            phase="answering",
            ticket_no="2602010117",
            trade="电工 06-008",
            unit="某市水务局排水管理处",
            sections=sections,
            ends_at=STARTS_AT + EXAM_MS,
        )

    def answers(self, *numbers: int) -> None:
        """These items are answered already, each with its first option."""
        with self._lock:
            for n in numbers:
                self._answers[n] = [f"o{n}-0"]
            self._change()

    def marks(self, *numbers: int) -> None:
        with self._lock:
            self._marks |= set(numbers)
            self._change()

    def shows(self, n: int) -> None:
        self._show(current=n)

    def extends(self, minutes: int) -> None:
        self._show(ends_at=int(str(self._shown["ends_at"])) + minutes * 60_000)

    def pauses(self) -> None:
        self._show(phase="paused", message={"what": "考场停电，考试暂停。", "do": "时间已停止计时，请坐好等待监考员。"})

    def collects(self) -> None:
        self.ends("collected")

    def ends(self, phase: str) -> None:
        code = "7K3M-Q9TD-2XHW-8FRC"
        receipt = {
            "answered": self._answered(),
            "total": len(self._items),
            "code": code,
            "qr_svg": _qr(f"KAOPING-RECEIPT/1 2602010117 {code}"),
            "at": self.now(),
        }
        self._show(phase=phase, receipt=receipt, message=None)

    def saves(self, where: str, *, online: bool = True) -> None:
        self._show(saving=where, online=online)

    def breaks(self, phase: str = "trouble") -> None:
        self._show(
            phase=phase,
            message={
                "what": "本机的作答记录与考点服务器不一致。",
                "do": "请不要操作，举手请监考员处理；已作答的内容都还在。",
            },
        )

    def asked(self, name: str) -> list[dict[str, object]]:
        """The arguments of every act of this name, in order."""
        return [arguments for asked, arguments in self.acts if asked == name]

    def chosen(self, n: int) -> list[str]:
        return self._answers.get(n, [])

    def marked(self) -> set[int]:
        return set(self._marks)

    @contextmanager
    def slow(self, seconds: float) -> Iterator[None]:
        self.act_takes_s = seconds
        yield
        self.act_takes_s = 0.0

    def _answered(self) -> int:
        return sum(bool(chosen) for chosen in self._answers.values())

    def _show(self, **changes: object) -> None:
        with self._lock:
            self._shown.update(changes)
            self._change()

    def _change(self) -> None:
        self._shown["version"] = int(str(self._shown["version"])) + 1
