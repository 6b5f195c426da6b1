"""The centre's app: the exchange with zones, and the staff's pages behind a sign-in."""

import os

from argon2 import PasswordHasher
from flask import Flask, render_template
from flask_wtf.csrf import CSRFError

from exam_protocol.exchange import MAX_ANSWER_PACKAGE_BYTES
from exam_server.centre.exchange import exchange_pages
from exam_server.centre.folder import Centre
from exam_server.centre.pages import SignInPage, staff_pages
from exam_server.centre.staff import StaffDoor
from exam_server.services.accounts import SignInFailed, new_hasher
from exam_server.web import cookie_name, secure_pages


def create_centre_app(centre: Centre, *, is_secure: bool, hasher: PasswordHasher | None = None) -> Flask:
    """Make the app for an opened centre; ``is_secure`` when it is served over TLS. Tests pass a cheap ``hasher``."""
    app = Flask("exam_server", static_folder="static", template_folder="templates")
    app.config["MAX_CONTENT_LENGTH"] = MAX_ANSWER_PACKAGE_BYTES
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    # A key of this process alone: after a restart an open form asks to be filled in again, nothing else.
    csrf = secure_pages(app, "centre", os.urandom(32), is_secure=is_secure)
    exchange = exchange_pages(centre)
    csrf.exempt(exchange)  # zone servers are no browsers: they send no cookie that could be ridden on
    app.register_blueprint(exchange)
    cookie = cookie_name("centre", "session", is_secure=is_secure)
    app.register_blueprint(
        staff_pages(centre, StaffDoor(centre.runner, cookie, hasher or new_hasher(), is_secure=is_secure))
    )

    def form_expired(_error: CSRFError) -> tuple[str, int]:
        refused = SignInFailed("页面打开太久，已经过期。", "请重新登录。")
        return render_template("centre/sign_in.html", page=SignInPage(centre.exam.title, refused)), 400

    app.register_error_handler(CSRFError, form_expired)
    return app
