"""Staff accounts: named, with argon2id passwords, a lock after wrong ones, and sign-ins that can be ended at once."""

import functools
import hashlib
from datetime import timedelta

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update

from exam_protocol.errors import KaopingError
from exam_server.models.people import StaffAccount, StaffSession
from exam_server.services.audit import write_audit
from exam_server.work import Actor, Work

MIN_PASSWORD_CHARACTERS = 10
_WRONG_PASSWORDS_UNTIL_LOCK = 5
_LOCK = timedelta(minutes=10)
_SESSION = timedelta(hours=12)


class NotAllowedError(KaopingError):
    """The actor does not hold a role that may do this."""


class NameTakenError(KaopingError):
    """There is an account of this name."""


class PasswordTooWeakError(KaopingError):
    """Shorter than the limit."""


class SignInFailed(msgspec.Struct, frozen=True):
    """Why nobody was let in: a value, because the count of wrong tries must be committed."""

    what: str
    do: str


def new_hasher() -> PasswordHasher:
    """Return argon2id with its library's current defaults. Tests pass a cheap one."""
    return PasswordHasher()


def require_role(work: Work, *roles: str) -> None:
    """Raise ``NotAllowedError`` unless the actor holds one of the roles."""
    if not work.actor.roles.intersection(roles):
        raise NotAllowedError("您的账号没有这项权限。", "请由主考（或有此权限的人员）登录后操作。")


def add_account(
    work: Work, name: str, shown_name: str, roles: frozenset[str], *, password: str, hasher: PasswordHasher
) -> None:
    """Make an account. Raises ``NameTakenError`` or ``PasswordTooWeakError``."""
    if len(password) < MIN_PASSWORD_CHARACTERS:
        raise PasswordTooWeakError(f"密码少于 {MIN_PASSWORD_CHARACTERS} 个字符。", "请换一个更长的密码。")
    if work.db.scalar(select(StaffAccount.id).where(StaffAccount.name == name)) is not None:
        raise NameTakenError(f"账号“{name}”已经有了。", "请换一个账号名。")
    work.db.add(
        StaffAccount(
            name=name, shown_name=shown_name, password_hash=hasher.hash(password), roles=",".join(sorted(roles))
        )
    )
    write_audit(work, "add_account", name, f"新建账号：{shown_name}（{'、'.join(sorted(roles))}）")


def password_hash_of(work: Work, name: str) -> str | None:
    """Return the hash to check a password against; ``None`` when there is no such account."""
    return work.db.scalar(
        select(StaffAccount.password_hash).where(StaffAccount.name == name, StaffAccount.is_active.is_(True))
    )


def is_right_password(password_hash: str | None, password: str, hasher: PasswordHasher) -> bool:
    """Check a password. Takes as long for an account that does not exist, so that names cannot be found out."""
    try:
        return hasher.verify(password_hash or _nobodys_hash(hasher), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


@functools.lru_cache(maxsize=4)
def _nobodys_hash(hasher: PasswordHasher) -> str:
    return hasher.hash("nobody has this password")


def sign_in_staff(work: Work, name: str, *, is_right: bool, token: str) -> StaffAccount | SignInFailed:
    """Record the outcome of a sign-in; ``token`` is the new cookie's random value.

    After five wrong passwords the account is locked for ten minutes, and then even the right one is refused.
    """
    account = work.db.scalar(select(StaffAccount).where(StaffAccount.name == name, StaffAccount.is_active.is_(True)))
    if account is not None and account.locked_until is not None and work.now < account.locked_until:
        return SignInFailed("密码多次不对，账号已锁定。", "请 10 分钟后再试，或请管理员处理。")
    if account is None or not is_right:
        if account is not None:
            account.wrong_passwords += 1
            if account.wrong_passwords >= _WRONG_PASSWORDS_UNTIL_LOCK:
                account.locked_until, account.wrong_passwords = work.now + _LOCK, 0
            write_audit(work, "sign_in_staff", name, "密码不对")
        return SignInFailed("账号或密码不对。", "请重新输入；连续 5 次不对将锁定 10 分钟。")
    account.wrong_passwords, account.locked_until = 0, None
    work.db.add(
        StaffSession(
            token_hash=_hash_of(token), account_id=account.id, started_at=work.now, expires_at=work.now + _SESSION
        )
    )
    write_audit(work, "sign_in_staff", name, "登录")
    return account


class StaffMember(msgspec.Struct, frozen=True):
    """Who a cookie belongs to."""

    name: str
    shown_name: str
    roles: frozenset[str]

    @property
    def actor(self) -> Actor:
        """As services see this person."""
        return Actor(self.shown_name, self.roles)


def find_staff(work: Work, token: str) -> StaffMember | None:
    """Return whose sign-in a cookie is, or ``None`` when it was ended, has expired or never was."""
    row = work.db.execute(
        select(StaffAccount, StaffSession.expires_at)
        .join(StaffSession, StaffSession.account_id == StaffAccount.id)
        .where(
            StaffSession.token_hash == _hash_of(token),
            StaffSession.ended_at.is_(None),
            StaffAccount.is_active.is_(True),
        )
    ).first()
    if row is None or work.now >= row[1]:
        return None
    account = row[0]
    return StaffMember(account.name, account.shown_name, frozenset(account.roles.split(",")))


def sign_out_staff(work: Work, token: str) -> None:
    """End a sign-in; its cookie is worth nothing from now on."""
    work.db.execute(update(StaffSession).where(StaffSession.token_hash == _hash_of(token)).values(ended_at=work.now))


def _hash_of(token: str) -> str:
    # The cookie is 256 random bits: a plain hash cannot be searched, and a stolen database gives no sign-in.
    return hashlib.sha256(token.encode()).hexdigest()
