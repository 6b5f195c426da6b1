"""成绩单核验: one static page that checks a transcript's signature on the phone itself, and the same as one file.

It holds the public keys, the trades' names and the list of corrected transcripts; it sends nothing anywhere.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from flask import render_template

from exam_protocol.catalogue import trades
from exam_protocol.documents import Role
from exam_protocol.keys import Trust
from exam_server.documents.local_time import date_words

_STATIC = Path(__file__).parent.parent / "static"
_LIBRARY, _SCRIPT, _STYLE = "vendor/noble-ed25519/index.js", "portal/verify.js", "portal/portal.css"
_FIRST_DAY = datetime(2020, 1, 1, tzinfo=UTC)


class VerifyPage(msgspec.Struct, frozen=True):
    """What the page is given: JSON in attributes, because nothing may run inline (CSP)."""

    issuer: str
    keys: str
    trades: str
    corrected: str
    list_date: str
    script: str = ""
    style: str = ""
    policy: str = ""


def verify_page(trust: Trust, corrected: Mapping[str, int], issuer: str, now: datetime) -> VerifyPage:
    """Gather the page. A key past its last day still vouches for what it signed before."""
    keys = [
        {
            "hint": hashlib.sha256(key.public_key).hexdigest()[:8],
            "key": key.public_key.hex(),
            "until": (key.not_after - _FIRST_DAY) // timedelta(days=1),
        }
        for key in trust.root.keys
        if key.role is Role.TRANSCRIPT
    ]
    names = {code: trade.corrected_name or trade.trade_name for code, trade in trades().items()}
    return VerifyPage(issuer, json.dumps(keys), _compact(names), _compact(dict(corrected)), date_words(now))


def verify_file(page: VerifyPage) -> str:
    """The page as one file for keeping: opens by double click, and its policy forbids it every connection."""
    library, script, style = ((_STATIC / name).read_text(encoding="utf-8") for name in (_LIBRARY, _SCRIPT, _STYLE))
    # Both are modules. In one file the library keeps its names to itself and hands over the one that was imported.
    enclosed = library[: library.rindex("export {")]
    own = script[script.index(";\n", script.index("import {")) + 2 :]
    whole = f"const {{ verifyAsync }} = (() => {{\n{enclosed}\nreturn {{ verifyAsync }};\n}})();\n{own}"
    policy = f"default-src 'none'; img-src data:; script-src {_hash_source(whole)}; style-src {_hash_source(style)}"
    return render_template(
        "portal/verify_file.html",
        page=msgspec.structs.replace(page, script=whole, style=style, policy=f"{policy}; base-uri 'none'"),
    )


def _hash_source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
