"""The staff's door at the centre: sign in by name and password, a cookie with a random token, revocable at once."""

import functools
import secrets
from collections.abc import Callable
from typing import Any

import gevent
from argon2 import PasswordHasher
from flask import g, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from exam_server.services.accounts import (
    SignInFailed,
    StaffMember,
    find_staff,
    is_right_password,
    password_hash_of,
    sign_in_staff,
    sign_out_staff,
)
from exam_server.work import SYSTEM, WorkRunner

View = Callable[..., Any]
_TOKEN_BYTES = 32


class StaffDoor:
    """Knows who is signed in; one per app."""

    def __init__(self, runner: WorkRunner, cookie: str, hasher: PasswordHasher, *, is_secure: bool) -> None:
        self._runner = runner
        self._cookie = cookie
        self._hasher = hasher
        self._is_secure = is_secure

    def sign_in(self, name: str, password: str) -> BaseResponse | SignInFailed:
        """Check and record a sign-in; the answer sets the cookie."""
        password_hash = self._runner.run(SYSTEM, password_hash_of, name)
        # Argon2id takes a tenth of a second: in a thread, so that no zone waits for its key meanwhile.
        is_right = gevent.get_hub().threadpool.apply(is_right_password, (password_hash, password, self._hasher))
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        account = self._runner.run(SYSTEM, sign_in_staff, name, is_right=is_right, token=token)
        if isinstance(account, SignInFailed):
            return account
        response = redirect("/", 303)
        response.set_cookie(self._cookie, token, secure=self._is_secure, httponly=True, samesite="Strict", path="/")
        return response

    def sign_out(self) -> BaseResponse:
        """End the sign-in of this browser."""
        self._runner.run(SYSTEM, sign_out_staff, request.cookies.get(self._cookie, ""))
        response = redirect("/sign-in", 303)
        response.delete_cookie(self._cookie, path="/", secure=self._is_secure, httponly=True, samesite="Strict")
        return response

    def member(self) -> StaffMember | None:
        """Return who is signed in with this request's cookie."""
        token = request.cookies.get(self._cookie)
        return self._runner.run(SYSTEM, find_staff, token) if token else None

    def staff_only(self, view: View) -> View:
        """Let signed-in staff in; everybody else is sent to the door. ``g.staff`` is who it is."""

        @functools.wraps(view)
        def guarded(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - a view's own
            member = self.member()
            if member is None:
                return redirect("/sign-in", 303)
            g.staff = member
            return view(*arguments, **named)

        return guarded
