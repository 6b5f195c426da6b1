"""The portal's pages. Each parses its form, runs a service, renders."""

import secrets
from collections.abc import Callable

from argon2 import PasswordHasher
from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from flask_limiter import Limiter
from werkzeug.wrappers import Response as AnyResponse

from exam_server.documents.transcript import render_transcript
from exam_server.portal.config import PortalConfig
from exam_server.portal.result_page import FormPage, result_page
from exam_server.portal.transcript_page import transcript_page
from exam_server.portal.verify_page import VerifyPage, verify_file, verify_page
from exam_server.services.accounts import is_right_password
from exam_server.services.lookup import (
    LookupRefused,
    corrected_revisions,
    newest_issuer,
    password_hash_of,
    result_of,
    set_password,
    sign_in,
    sign_out,
)
from exam_server.web import cookie_name
from exam_server.work import Actor, WorkRunner

_CANDIDATE = Actor("candidate", frozenset({"candidate"}))
_TOKEN_BYTES = 32


def add_pages(app: Flask, config: PortalConfig, runner: WorkRunner, hasher: PasswordHasher, limiter: Limiter) -> None:
    """Put all pages into the app."""
    limited = limiter.limit(f"{config.sign_ins_per_minute}/minute", methods=["POST"])
    _add_sign_in(app, config, runner, hasher, limited)
    _add_result(app, config, runner)
    _add_verify(app, config, runner)


def _cookie(config: PortalConfig) -> str:
    return cookie_name("portal", "session", is_secure=config.is_https)


def _add_sign_in(
    app: Flask,
    config: PortalConfig,
    runner: WorkRunner,
    hasher: PasswordHasher,
    limited: Callable[[Callable[[], AnyResponse]], Callable[[], AnyResponse]],
) -> None:
    def answer(template: str, token: str, refused: LookupRefused | None) -> AnyResponse:
        if refused is not None:
            page = FormPage(refused, request.form.get("id_number", ""))
            return make_response(render_template(template, page=page), 403)
        response = redirect(url_for("result"), 303)
        response.set_cookie(_cookie(config), token, secure=config.is_https, httponly=True, samesite="Strict")
        return response

    @app.route("/", methods=["GET", "POST"])
    @limited
    def look_up() -> AnyResponse:
        if request.method == "GET":
            return make_response(render_template("portal/lookup.html", page=FormPage()))
        id_number, token = request.form.get("id_number", ""), secrets.token_urlsafe(_TOKEN_BYTES)
        kept = runner.run(_CANDIDATE, password_hash_of, config.lookup_key, id_number)
        is_right = is_right_password(kept, request.form.get("password", ""), hasher)
        refused = runner.run(_CANDIDATE, sign_in, config.lookup_key, id_number, is_right=is_right, token=token)
        return answer("portal/lookup.html", token, refused)

    @app.route("/first-password", methods=["GET", "POST"])
    @limited
    def first_password() -> AnyResponse:
        if request.method == "GET":
            return make_response(render_template("portal/first_password.html", page=FormPage()))
        token, form = secrets.token_urlsafe(_TOKEN_BYTES), request.form
        id_number, code, password = (form.get(name, "") for name in ("id_number", "code", "password"))
        if password != form.get("password_again", ""):
            refused: LookupRefused | None = LookupRefused("两次输入的密码不一样。", "请重新输入。")
        else:
            refused = runner.run(
                _CANDIDATE, set_password, config.lookup_key, id_number, code, password, token=token, hasher=hasher
            )
        return answer("portal/first_password.html", token, refused)

    @app.post("/sign-out")
    def leave() -> AnyResponse:
        runner.run(_CANDIDATE, sign_out, request.cookies.get(_cookie(config), ""))
        response = redirect(url_for("look_up"), 303)
        response.delete_cookie(_cookie(config), secure=config.is_https, httponly=True, samesite="Strict")
        return response


def _add_result(app: Flask, config: PortalConfig, runner: WorkRunner) -> None:
    @app.get("/result")
    def result() -> AnyResponse:
        shown = runner.run(_CANDIDATE, result_of, request.cookies.get(_cookie(config), ""))
        if shown is None:
            return redirect(url_for("look_up"), 303)
        return make_response(render_template("portal/result.html", page=result_page(shown)))

    @app.get("/transcript.pdf")
    def transcript() -> AnyResponse:
        shown = runner.run(_CANDIDATE, result_of, request.cookies.get(_cookie(config), ""))
        if shown is None:
            return redirect(url_for("look_up"), 303)
        pdf = render_transcript(transcript_page(shown, config.public_url))
        name = f"transcript-{shown.result.transcript_no}-{shown.result.revision}.pdf"
        return Response(
            pdf, mimetype="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )


def _add_verify(app: Flask, config: PortalConfig, runner: WorkRunner) -> None:
    def gathered() -> VerifyPage:
        corrected = runner.run(_CANDIDATE, corrected_revisions)
        issuer = runner.run(_CANDIDATE, newest_issuer) or "省考试中心"
        return verify_page(config.trust, corrected, issuer, runner.clock())

    @app.get("/v")
    def verify() -> AnyResponse:
        return make_response(render_template("portal/verify.html", page=gathered()))

    @app.get("/v/kaoping-verify.html")
    def verify_download() -> AnyResponse:
        headers = {"Content-Disposition": 'attachment; filename="kaoping-verify.html"'}
        return Response(verify_file(gathered()), mimetype="text/html", headers=headers)

    @app.get("/verify_worker.js")
    def verify_worker() -> AnyResponse:
        return app.send_static_file("portal/verify_worker.js")
