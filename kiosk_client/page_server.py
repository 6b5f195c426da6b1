"""Serves the candidate's page on 127.0.0.1: the listener first, so that the app can know its own port."""

import secrets
import socket

from flask import Flask
from gevent.pywsgi import WSGIServer

from kiosk_client.page_admission import Admission
from kiosk_client.pages import AgentFace, create_page

_TOKEN_BYTES = 16
_MOST_REQUESTS = 64


class PageServer:
    """The page of one agent, listening from the moment it is made and answering from ``start`` to ``stop``."""

    def __init__(self, agent_face: AgentFace, port: int = 0) -> None:
        """Listen on a free port of 127.0.0.1, or on ``port``. Raises ``OSError`` when that is taken."""
        self._listener = socket.create_server(("127.0.0.1", port), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._token = secrets.token_urlsafe(_TOKEN_BYTES)
        self.app: Flask = create_page(agent_face, self._token, self.port)
        self._listener.setblocking(False)
        # A pool, so that stopping ends the waiting requests too.
        self._server = WSGIServer(self._listener, self.app, log=None, spawn=_MOST_REQUESTS)

    def start(self) -> str:
        """Begin to answer; return the address that opens the page once."""
        self._server.start()
        return self.start_address()

    def start_address(self) -> str:
        """Return the address that opens the page."""
        return f"http://127.0.0.1:{self.port}/start?t={self._token}"

    def new_start_address(self) -> str:
        """Return another address that opens the page once, for a browser that has to be started again."""
        self._token = secrets.token_urlsafe(_TOKEN_BYTES)
        admission: Admission = self.app.extensions["admission"]
        admission.renew(self._token)
        return self.start_address()

    def stop(self) -> None:
        """Stop answering and close the listener."""
        self._server.stop(timeout=0)
