"""The zone's web application: pages for staff, enrolment and papers for kiosks, and the sockets of both."""

from flask import Flask
from flask_socketio import SocketIO

from exam_protocol.ids import server_file_name
from exam_server.sockets import make_socketio
from exam_server.web import cookie_name, secure_pages
from exam_server.zone.acts import act_pages
from exam_server.zone.console_events import ConsoleEvents
from exam_server.zone.kiosk_events import KioskEvents
from exam_server.zone.kiosk_pages import kiosk_pages
from exam_server.zone.pages import console_pages, door_pages
from exam_server.zone.runtime import ZoneRuntime
from exam_server.zone.staff import StaffDoor

_MAX_UPLOAD_BYTES = 1024 * 1024


def create_zone_app(zone: ZoneRuntime, *, is_secure: bool) -> tuple[Flask, SocketIO, ConsoleEvents]:
    """Make the app of a runtime; ``is_secure`` when it is served over TLS."""
    app = Flask("exam_server", static_folder="static", template_folder="templates")
    app.config["MAX_CONTENT_LENGTH"] = _MAX_UPLOAD_BYTES
    role = server_file_name(zone.keys.server)
    csrf = secure_pages(app, role, zone.folder.form_key, is_secure=is_secure)
    door = StaffDoor(zone, cookie_name(role, "session", is_secure=is_secure), is_secure=is_secure)
    for_kiosks = kiosk_pages(zone)
    csrf.exempt(for_kiosks)  # kiosks are no browsers: they send no cookie that could be ridden on
    app.register_blueprint(for_kiosks)
    app.register_blueprint(door_pages(zone, door))
    app.register_blueprint(console_pages(zone, door))
    app.register_blueprint(act_pages(zone, door))
    socketio = make_socketio(app)
    KioskEvents(zone, socketio.server)
    return app, socketio, ConsoleEvents(zone, socketio.server, door.cookie)
