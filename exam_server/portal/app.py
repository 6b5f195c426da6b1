"""The public portal: look up a result, print the transcript, verify one. It has no route to the centre."""

from argon2 import PasswordHasher
from flask import Flask, render_template
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, TooManyRequests

from exam_protocol.errors import KaopingError
from exam_server.db import open_engine
from exam_server.portal.config import PortalConfig
from exam_server.portal.pages import add_pages
from exam_server.portal.result_page import TroublePage
from exam_server.schema import upgrade_schema
from exam_server.services.accounts import new_hasher
from exam_server.web import secure_pages
from exam_server.work import Clock, WorkRunner

_LARGEST_FORM_BYTES = 16 * 1024


def create_portal_app(config: PortalConfig, clock: Clock, hasher: PasswordHasher | None = None) -> Flask:
    """Make the portal. Tests pass a clock of their own and a cheap ``hasher``."""
    app = Flask("exam_server", static_folder="static", template_folder="templates")
    app.config.update(
        MAX_CONTENT_LENGTH=_LARGEST_FORM_BYTES, RATELIMIT_STORAGE_URI="memory://", RATELIMIT_HEADERS_ENABLED=False
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    secure_pages(app, "portal", config.form_secret, is_secure=config.is_https)
    limiter = Limiter(get_remote_address, app=app)
    engine = open_engine(config.database_url)
    upgrade_schema(engine, "portal")  # the portal's data is brought anew by publications; no step is left to forget
    add_pages(app, config, WorkRunner(engine, clock), hasher or new_hasher(), limiter)
    _tell_troubles(app)
    return app


def _tell_troubles(app: Flask) -> None:
    def page(what: str, do: str, status: int) -> tuple[str, int]:
        return render_template("portal/trouble.html", page=TroublePage(what, do)), status

    def expired(_error: CSRFError) -> tuple[str, int]:
        return page("页面打开太久，已经过期。", "请返回首页重新填写。", 400)

    def too_many(_error: TooManyRequests) -> tuple[str, int]:
        return page("当前网络的查询太多。", "请过一分钟再试。", 429)

    def http(error: HTTPException) -> tuple[str, int]:
        return page("没有这个页面，或页面暂时打不开。", "请返回首页重试。", error.code or 500)

    def refused(error: KaopingError) -> tuple[str, int]:
        return page(error.what, error.do, 400)

    app.register_error_handler(CSRFError, expired)
    app.register_error_handler(TooManyRequests, too_many)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(KaopingError, refused)
