"""The staff's door: sign in by name and password, a cookie with a random token, the server's own record of it."""

import functools
import secrets
from collections.abc import Callable
from typing import Any

import gevent
from flask import Response, g, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from exam_server.services.accounts import (
    SignInFailed,
    StaffMember,
    find_staff,
    is_right_password,
    new_hasher,
    password_hash_of,
    sign_in_staff,
    sign_out_staff,
)
from exam_server.work import SYSTEM
from exam_server.zone.runtime import ZoneRuntime

View = Callable[..., Any]


class StaffDoor:
    """Knows who is signed in; one per app."""

    def __init__(self, zone: ZoneRuntime, cookie: str, *, is_secure: bool) -> None:
        self.cookie = cookie
        self._zone = zone
        self._is_secure = is_secure
        self._hasher = new_hasher()

    def sign_in(self, name: str, password: str) -> BaseResponse | SignInFailed:
        """Check and record a sign-in; the answer sets the cookie."""
        password_hash = self._zone.read(password_hash_of, name)
        # Argon2id takes a tenth of a second and 64 MiB: in a thread, so that no answer waits for it.
        is_right = gevent.get_hub().threadpool.apply(is_right_password, (password_hash, password, self._hasher))
        token = secrets.token_urlsafe(32)
        account = self._zone.run(SYSTEM, sign_in_staff, name, is_right=is_right, token=token)
        if isinstance(account, SignInFailed):
            return account
        response = redirect("/")
        response.set_cookie(self.cookie, token, secure=self._is_secure, httponly=True, samesite="Strict", path="/")
        return response

    def sign_out(self) -> BaseResponse:
        """End the sign-in of this browser."""
        self._zone.run(SYSTEM, sign_out_staff, request.cookies.get(self.cookie, ""))
        response = redirect("/sign-in")
        response.delete_cookie(self.cookie, path="/", secure=self._is_secure, httponly=True, samesite="Strict")
        return response

    def member(self) -> StaffMember | None:
        """Return who is signed in with this request's cookie."""
        token = request.cookies.get(self.cookie)
        return self._zone.read(find_staff, token) if token else None

    def staff_only(self, view: View) -> View:
        """Let signed-in staff in; everybody else is sent to the door. ``g.staff`` is who it is."""

        @functools.wraps(view)
        def guarded(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - a view's own
            member = self.member()
            if member is None:
                if request.method == "GET":
                    return redirect("/sign-in")
                return Response('{"what":"登录已失效。","do":"请重新登录。"}', 401, mimetype="application/json")
            g.staff = member
            return view(*arguments, **named)

        return guarded
