"""The one command ``kaoping``: each package's group is loaded only when it is called (ARCHITECTURE §7).

Exit codes: 0 done; 1 refused, with what happened and what to do in Chinese on stderr; 2 the command was typed wrongly.
The base install is a candidate's seat: it has neither databases nor tables. A group that needs them says how to install
them, and the help of everything else works without.
"""

import importlib
import io
import sys

import click

from exam_protocol.errors import KaopingError

GROUPS: dict[str, tuple[str, str]] = {
    "bank": ("question_bank.cli:bank", "题库 item bank: import, assemble, seal"),
    "centre": (
        "exam_server.centre.cli:centre",
        "省中心 centre: roster, seating, tickets, release, scoring, publishing",
    ),
    "demo": ("exam_server.demo_cli:demo", "演示 a whole exam day on this machine"),
    "keys": ("exam_protocol.key_commands:keys", "密钥 keys: make and show a folder of keys"),
    "kiosk": ("kiosk_client.cli:kiosk", "考试机 kiosk: one candidate's seat"),
    "portal": ("exam_server.portal.cli:portal", "公众门户 portal: score look-up, transcripts, verification"),
    "practice": ("question_bank.practice_cli:practice", "模拟训练 practice: packs that hold no live item"),
    "score": ("scoring.cli:score", "阅卷 scoring: from responses to double-60 results"),
    "zone": ("exam_server.zone.cli:zone", "考区 zone: one site's server and its rooms"),
}
"""Name of each group → where its click group stands, and its line in the overview."""

_OWN_PACKAGES = ("exam_protocol", "question_bank", "scoring", "kiosk_client", "exam_server")


class _Groups(click.Group):
    """Finds groups by name and imports a group's package only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all groups."""
        del ctx
        return sorted(GROUPS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a group."""
        del ctx
        return load_group(cmd_name) if cmd_name in GROUPS else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the overview from the table, so that it needs no import."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, GROUPS[name][1]) for name in sorted(GROUPS)])


def load_group(name: str) -> click.Command:
    """Import the group of this name. Raises ``ModuleNotFoundError`` where the server extra is not installed."""
    module_name, _, attribute = GROUPS[name][0].partition(":")
    group: click.Command = getattr(importlib.import_module(module_name), attribute)
    return group


@click.group(cls=_Groups)
@click.version_option(package_name="kaoping")
def kaoping() -> None:
    """考评: deliver and score a computer-based exam, from sealed papers to double-60 results.

    Try it: kaoping demo
    """


def main() -> None:
    """Run the command; tell a refusal in Chinese on stderr and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A console that cannot show a character must not turn a finished command into a failure.
            stream.reconfigure(errors="replace")
    try:
        kaoping.main(prog_name="kaoping")
    except KaopingError as refused:
        click.echo(str(refused), err=True)
        sys.exit(refused.exit_code)
    except ModuleNotFoundError as missing:
        if missing.name is None or missing.name.partition(".")[0] in _OWN_PACKAGES:
            raise
        click.echo(
            f"这条命令需要的软件包 {missing.name} 没有安装（考试机的基本安装不含它）。"
            '请运行：pip install "kaoping[server]"',
            err=True,
        )
        sys.exit(1)
    except OSError as failed:
        if failed.filename is None:
            raise
        click.echo(f"读写 {failed.filename} 失败：{failed.strerror}。请检查路径、权限和磁盘空间。", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
