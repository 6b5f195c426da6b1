"""`kaoping portal`: set up the public portal, bring publications in, serve it."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import click

from exam_protocol.errors import ConfigurationError, naming
from exam_protocol.keys import Trust
from exam_protocol.publication import format_lookup_key, read_lookup_key
from exam_server.db import open_engine
from exam_server.portal.config import make_portal_folder, read_portal_config
from exam_server.schema import upgrade_schema
from exam_server.services.publication_import import import_publication
from exam_server.work import SYSTEM, WorkRunner

_EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), required=True, help="The portal's folder."
)
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def _now() -> datetime:
    return datetime.now(UTC)


@click.group()
def portal() -> None:
    """Public portal: score look-up, transcripts, verification (查询网站)."""


@portal.command()
@_FOLDER
@click.option("--root", type=_EXISTING_FILE, required=True, help="root.dsse of the exam.")
@click.option("--fingerprint", required=True, help="Fingerprint of the root keys, as printed by `kaoping keys`.")
@click.option("--lookup-key", type=_EXISTING_FILE, required=True, help="lookup.key, carried from the centre.")
@click.option("--public-url", required=True, help="Address of the portal as candidates see it, https://….")
def init(folder: Path, root: Path, fingerprint: str, lookup_key: Path, public_url: str) -> None:
    """Make the portal's folder and database."""
    with naming(root):
        Trust.from_root(root.read_bytes(), fingerprint=fingerprint, now=_now())
    config = make_portal_folder(
        folder,
        root=root.read_bytes(),
        fingerprint=fingerprint,
        lookup_key=read_lookup_key(lookup_key),
        public_url=public_url,
        now=_now(),
    )
    upgrade_schema(open_engine(config.database_url), "portal")
    click.echo(f"查询网站已建立：{folder}。下一步：kaoping portal import --folder {folder} 发布包文件")


@portal.command("lookup-key")
@click.argument("file", type=click.Path(path_type=Path))
def lookup_key_command(file: Path) -> None:
    """Make a new lookup.key; the centre and the portal each need the same one."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
        out.write(format_lookup_key(os.urandom(32)))
    click.echo(f"查询密钥已生成：{file}")


@portal.command("import")
@_FOLDER
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each file.")
@click.argument("files", nargs=-1, required=True, type=_EXISTING_FILE)
def import_command(folder: Path, files: tuple[Path, ...], *, as_json: bool) -> None:
    """Bring in signed publication packages."""
    config = read_portal_config(folder, _now())
    engine = open_engine(config.database_url)
    upgrade_schema(engine, "portal")
    runner = WorkRunner(engine, _now)
    for file in files:
        with naming(file):
            report = runner.run(SYSTEM, import_publication, file.read_bytes(), config.trust)
        if as_json:
            told = {"file": str(file), "revision": report.revision, "results": report.results, "new": report.is_new}
            click.echo(json.dumps(told, ensure_ascii=False))
        else:
            done = "已导入" if report.is_new else "以前已导入，没有变化"
            click.echo(f"{file}：{report.exam_title} 第 {report.revision} 版，{report.results} 人，{done}。")


@portal.command()
@_FOLDER
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=int, default=8300, show_default=True, help="Port to listen on.")
@click.option("--tls-cert", type=_EXISTING_FILE, help="TLS certificate (PEM).")
@click.option("--tls-key", type=_EXISTING_FILE, help="TLS key (PEM).")
def serve(folder: Path, host: str, port: int, tls_cert: Path | None, tls_key: Path | None) -> None:
    """Serve the portal until stopped. Plain http is for this machine or behind a TLS proxy on it."""
    if (tls_cert is None) is not (tls_key is None):
        raise ConfigurationError("证书和私钥只给了一个。", "请同时写 --tls-cert 和 --tls-key。")
    if tls_cert is None and host not in _LOOPBACK:
        raise ConfigurationError(
            f"{host} 不是本机地址，不能不加密。", "请加 --tls-cert 和 --tls-key，或放在本机的反向代理之后。"
        )
    from gevent.pywsgi import WSGIServer  # noqa: PLC0415 - only this command serves

    from exam_server.portal.app import create_portal_app  # noqa: PLC0415 - only this command serves

    app = create_portal_app(read_portal_config(folder, _now()), _now)
    tls = {"certfile": str(tls_cert), "keyfile": str(tls_key)} if tls_cert and tls_key else {}
    server = WSGIServer((host, port), app, log=None, **tls)
    click.echo(f"查询网站：http{'s' if tls else ''}://{host}:{port}/", err=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.stop()


@portal.command("verify-file")
@_FOLDER
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="HTML file to write.")
def verify_file_command(folder: Path, out: Path) -> None:
    """Write the verify page as one HTML file that works without any network."""
    from exam_server.portal.app import create_portal_app  # noqa: PLC0415 - only where a page is made

    app = create_portal_app(read_portal_config(folder, _now()), _now)
    out.write_bytes(app.test_client().get("/v/kaoping-verify.html").data)
    click.echo(f"核验页已写入：{out}")
