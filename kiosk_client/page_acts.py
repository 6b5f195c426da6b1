"""What a candidate can ask of the agent by the page, decoded strictly before the agent hears of it."""

from typing import Annotated

import msgspec

from exam_protocol.errors import KaopingError

MAX_ACT_BYTES = 8 * 1024
_Number = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
_Identity = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
_OptionIdText = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class PageActUnknownError(KaopingError):
    """Not an act of this page, or with a field missing, unknown or of the wrong type."""


class Act(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="act"):
    """Base of all acts."""


class SignIn(Act, frozen=True, tag="sign_in"):
    """Sign in by the last 4 of the ID number, or by ticket number and whole ID number."""

    id_number: _Identity
    ticket_no: _Identity | None = None


class Confirm(Act, frozen=True, tag="confirm"):
    """Photo and name are mine."""


class NotMe(Act, frozen=True, tag="not_me"):
    """Photo or name are not mine."""


class AnswerItem(Act, frozen=True, tag="answer"):
    """The whole response to item ``n`` as it is now; empty clears it."""

    n: _Number
    chosen: Annotated[tuple[_OptionIdText, ...], msgspec.Meta(max_length=16)]


class MarkItem(Act, frozen=True, tag="mark"):
    """Set the mark of item ``n``, or take it away."""

    n: _Number


class Go(Act, frozen=True, tag="go"):
    """Show item ``n``."""

    n: _Number


class Review(Act, frozen=True, tag="review"):
    """Show the review page."""


class Back(Act, frozen=True, tag="back"):
    """Back from the review page to answering."""


class HandIn(Act, frozen=True, tag="hand_in"):
    """Hand in; ``confirmed`` is the number of the confirmation just given."""

    confirmed: Annotated[int, msgspec.Meta(ge=1, le=2)]


class Preferences(Act, frozen=True, tag="preferences"):
    """Type size (1 = 22 px, 2 = 27 px, 3 = 33 px) and high contrast."""

    size: Annotated[int, msgspec.Meta(ge=1, le=3)]
    contrast: bool


_AnyAct = SignIn | Confirm | NotMe | AnswerItem | MarkItem | Go | Review | Back | HandIn | Preferences
_decoder = msgspec.json.Decoder(_AnyAct)


def read_act(content: bytes) -> tuple[str, dict[str, object]]:
    """Return the act's name and its arguments, or raise ``PageActUnknownError``."""
    try:
        act = _decoder.decode(content)
    except msgspec.DecodeError as error:
        raise PageActUnknownError("考试页面发出的操作无法识别。", "请再试一次；还不行就举手。") from error
    arguments: dict[str, object] = msgspec.to_builtins(act)
    return str(arguments.pop("act")), arguments
