"""成绩查询: a candidate's first password, sign-in, and the result they see (SECURITY §6).

The first password needs an activation code that the unit hands out; never an ID number or a birthday alone. Wrong
tries are counted per typed ID number, whether it is known or not, so that nobody can find out who sat.
"""

import hashlib
from datetime import timedelta

import msgspec
from argon2 import PasswordHasher
from sqlalchemy import delete, select

from exam_protocol.canonical_json import decode
from exam_protocol.publication import (
    MAX_PUBLICATION_BYTES,
    PublishedResult,
    activation_hash,
    lookup_hash,
    normal_id_number,
)
from exam_server.models.publication import (
    CandidatePassword,
    CandidateSignIn,
    ImportedPublication,
    ImportedResult,
    UsedActivation,
    WrongTries,
)
from exam_server.work import Work

MIN_PASSWORD_CHARACTERS = 8
MAX_PASSWORD_CHARACTERS = 128
ACTIVATION_DAYS = 30
_TRIES_UNTIL_LOCK = 5
_LOCK = timedelta(minutes=15)
_TRIES_FORGOTTEN_AFTER = timedelta(days=1)
_SIGN_IN = timedelta(minutes=30)
_GUESSABLE_DIGITS = 6


class LookupRefused(msgspec.Struct, frozen=True):
    """Why nobody was let in: a value, because the count of wrong tries must be committed."""

    what: str
    do: str


class ShownResult(msgspec.Struct, frozen=True):
    """What the result page and the transcript are made of."""

    result: PublishedResult
    publication: ImportedPublication


_LOCKED = LookupRefused("多次输入不对，已暂停查询。", "请 15 分钟后再试。")
_WRONG_PASSWORD = LookupRefused(
    "身份证号或密码不对。", "请重新输入；连续 5 次不对将暂停 15 分钟。首次查询请先设置密码。"
)
_WRONG_CODE = LookupRefused(
    "身份证号或激活码不对，或激活码已用过、已过期。", "请核对单位发的激活码；仍不行请联系单位人事部门。"
)


def set_password(
    work: Work, lookup_key: bytes, id_number: str, code: str, password: str, *, token: str, hasher: PasswordHasher
) -> LookupRefused | None:
    """Set the first password with an activation code and sign in. ``token`` is the new cookie's random value.

    A code is good once and for 30 days from publication; a newly issued one sets a forgotten password anew and ends
    the earlier sign-ins. Returns ``None`` when done.
    """
    weak = _weakness(id_number, password)
    if weak is not None:
        return weak
    who = lookup_hash(lookup_key, id_number)
    if _is_locked(work, who):
        return _LOCKED
    given = activation_hash(lookup_key, id_number, code)
    shown = _newest_result(work, who)
    if shown is None or shown.activation_hash != given or not _is_unused(work, shown):
        _count_wrong_try(work, who)
        return _WRONG_CODE
    work.db.add(UsedActivation(activation_hash=given, used_at=work.now))
    work.db.merge(CandidatePassword(lookup_hash=who, password_hash=hasher.hash(password), set_at=work.now))
    work.db.execute(delete(CandidateSignIn).where(CandidateSignIn.lookup_hash == who))
    _let_in(work, who, token)
    return None


def password_hash_of(work: Work, lookup_key: bytes, id_number: str) -> str | None:
    """Return the hash to check a password against; ``None`` when none was set for this ID number."""
    who = lookup_hash(lookup_key, id_number)
    return work.db.scalar(select(CandidatePassword.password_hash).where(CandidatePassword.lookup_hash == who))


def sign_in(work: Work, lookup_key: bytes, id_number: str, *, is_right: bool, token: str) -> LookupRefused | None:
    """Record the outcome of a sign-in with ID number and password; the password was checked outside the transaction.

    Returns ``None`` when done; after five wrong tries even the right password is refused for 15 minutes.
    """
    who = lookup_hash(lookup_key, id_number)
    if _is_locked(work, who):
        return _LOCKED
    if not is_right:
        _count_wrong_try(work, who)
        return _WRONG_PASSWORD
    _let_in(work, who, token)
    return None


def result_of(work: Work, token: str) -> ShownResult | None:
    """The result of whoever holds this cookie; ``None`` when the sign-in has ended or nothing is published."""
    who = work.db.scalar(
        select(CandidateSignIn.lookup_hash).where(
            CandidateSignIn.token_hash == _hash_of(token), CandidateSignIn.expires_at > work.now
        )
    )
    shown = None if who is None else _newest_result(work, who)
    if shown is None:
        return None
    return ShownResult(decode(shown.content, PublishedResult, max_bytes=MAX_PUBLICATION_BYTES), shown.publication)


def sign_out(work: Work, token: str) -> None:
    """End a sign-in; its cookie is worth nothing from now on."""
    work.db.execute(delete(CandidateSignIn).where(CandidateSignIn.token_hash == _hash_of(token)))


def newest_issuer(work: Work) -> str:
    """Who issued the newest visible publication; empty before the first."""
    return (
        work.db.scalar(
            select(ImportedPublication.issuer)
            .where(ImportedPublication.visible_from <= work.now)
            .order_by(ImportedPublication.revision.desc())
            .limit(1)
        )
        or ""
    )


def corrected_revisions(work: Work) -> dict[str, int]:
    """The transcripts that were corrected: ``corrected_name`` of each → the revision that counts."""
    rows = work.db.execute(
        select(ImportedPublication.exam_title, ImportedResult.ticket_no, ImportedResult.revision)
        .join(ImportedPublication)
        .where(ImportedResult.revision > 1, ImportedPublication.visible_from <= work.now)
        .order_by(ImportedPublication.revision)
    )
    return {corrected_name(title, ticket): revision for title, ticket, revision in rows}


def corrected_name(exam_title: str, ticket_no: str) -> str:
    """Short hash by which the verify page finds a corrected transcript, so that the list is no list of tickets."""
    return hashlib.sha256(f"{exam_title}\n{ticket_no}".encode()).hexdigest()[:16]


def _newest_result(work: Work, who: str) -> ImportedResult | None:
    # A publication replaces the one before it whole: whoever is not in the newest has no published result.
    newest = work.db.scalar(
        select(ImportedPublication.id)
        .where(ImportedPublication.visible_from <= work.now)
        .order_by(ImportedPublication.revision.desc())
        .limit(1)
    )
    return work.db.scalar(
        select(ImportedResult).where(ImportedResult.publication_id == newest, ImportedResult.lookup_hash == who)
    )


def _is_unused(work: Work, shown: ImportedResult) -> bool:
    first_shown = work.db.scalars(
        select(ImportedPublication.visible_from)
        .join(ImportedResult)
        .where(ImportedResult.activation_hash == shown.activation_hash)
        .order_by(ImportedPublication.visible_from)
    ).first()
    if first_shown is None or work.now > first_shown + timedelta(days=ACTIVATION_DAYS):
        return False
    return work.db.get(UsedActivation, shown.activation_hash) is None


def _weakness(id_number: str, password: str) -> LookupRefused | None:
    if not MIN_PASSWORD_CHARACTERS <= len(password) <= MAX_PASSWORD_CHARACTERS:
        return LookupRefused(f"密码应为 {MIN_PASSWORD_CHARACTERS} 个字符以上。", "请换一个更长的密码。")
    typed = normal_id_number(id_number)
    pieces = (typed[start : start + _GUESSABLE_DIGITS] for start in range(len(typed) - _GUESSABLE_DIGITS + 1))
    if any(piece in password.upper() for piece in pieces):
        return LookupRefused("密码里有身份证号的一段，容易被猜到。", "请换一个密码。")
    if len(set(password)) == 1:
        return LookupRefused("密码只有一种字符，容易被猜到。", "请换一个密码。")
    return None


def _is_locked(work: Work, who: str) -> bool:
    tries = work.db.get(WrongTries, who)
    return tries is not None and tries.locked_until is not None and work.now < tries.locked_until


def _count_wrong_try(work: Work, who: str) -> None:
    # Old rows go here: an attacker's guesses must not fill the disk for ever.
    work.db.execute(delete(WrongTries).where(WrongTries.last_at < work.now - _TRIES_FORGOTTEN_AFTER))
    tries = work.db.get(WrongTries, who) or WrongTries(lookup_hash=who, count=0, locked_until=None)
    tries.count, tries.last_at = tries.count + 1, work.now
    if tries.count >= _TRIES_UNTIL_LOCK:
        tries.count, tries.locked_until = 0, work.now + _LOCK
    work.db.add(tries)


def _let_in(work: Work, who: str, token: str) -> None:
    work.db.execute(delete(WrongTries).where(WrongTries.lookup_hash == who))
    work.db.execute(delete(CandidateSignIn).where(CandidateSignIn.expires_at <= work.now))
    work.db.add(CandidateSignIn(token_hash=_hash_of(token), lookup_hash=who, expires_at=work.now + _SIGN_IN))


def _hash_of(token: str) -> str:
    # The cookie is 256 random bits: a plain hash cannot be searched, and a stolen database gives no sign-in.
    return hashlib.sha256(token.encode()).hexdigest()
