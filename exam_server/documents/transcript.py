"""电子成绩单: one page with a signed QR that anyone can verify offline."""

import msgspec

from exam_server.documents.local_time import date_words
from exam_server.documents.pages import TranscriptPage
from exam_server.documents.qr_code import qr_png
from exam_server.documents.render import picture_file, render

_QR = "verify.png"


def render_transcript(page: TranscriptPage) -> bytes:
    """Draw the transcript; its QR (30 mm) holds ``verify_url``. Raises the errors of ``render``."""
    files = {_QR: qr_png(page.verify_url)}
    content: dict[str, object] = msgspec.structs.asdict(page)
    content |= {
        "photo": picture_file("photo", page.photo, files),
        "qr": _QR,
        "issued_on": date_words(page.issued_at),
        "know": msgspec.structs.asdict(page.know),
        "do": msgspec.structs.asdict(page.do),
    }
    del content["issued_at"]
    return render("transcript", content, files)
