"""准考证: one A4 page per candidate, one PDF per room."""

from collections.abc import Sequence

import msgspec

from exam_server.documents.local_time import clock, date_words
from exam_server.documents.pages import TicketPage
from exam_server.documents.qr_code import qr_png
from exam_server.documents.render import picture_file, render

_USUAL_NOTES = (
    "请提前 30 分钟到达考点，凭本准考证和有效居民身份证原件入场，二者缺一不可。",
    "请按座位号就座。坐下后先看屏幕上的座位号、姓名和照片，与本人不符时请举手。",
    "登录时输入身份证号后 4 位。全程用鼠标点选，也可用键盘；字号可以放大，请自备老花镜。",
    "手机、智能手表、书籍和资料请按考点要求存放，不得带入座位。草稿纸由考场统一发放和收回。",
    "答案自动保存。停电或断网时请坐在原位等候，已答的题不会丢失，所误时间按规定补足。",
    "交卷前请看清未答的题；交卷后不能再改。见到回执后请举手，经监考员同意再离开。",
)


def render_tickets(pages: Sequence[TicketPage]) -> bytes:
    """Draw admission tickets, one page each, in the order given; meant for one room (≤ 70) at a time.

    The QR holds the ticket number and nothing else. Raises the errors of ``render``.
    """
    files: dict[str, bytes] = {}
    return render("tickets", {"tickets": [_content(page, files) for page in pages]}, files)


def _content(page: TicketPage, files: dict[str, bytes]) -> dict[str, object]:
    qr = f"qr-{page.ticket_no}.png"
    files[qr] = qr_png(page.ticket_no)
    content: dict[str, object] = msgspec.structs.asdict(page)
    content |= {
        "seat": f"{page.seat:02}",
        "date": date_words(page.starts_at),
        "starts_at": clock(page.starts_at),
        "ends_at": clock(page.ends_at),
        "latest_entry_at": clock(page.latest_entry_at),
        "photo": picture_file(f"photo-{page.ticket_no}", page.photo, files),
        "qr": qr,
        "notes": list(page.notes or _USUAL_NOTES),
    }
    return content
