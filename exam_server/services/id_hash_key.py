"""The key of the keyed hashes of ID numbers: it rests sealed to the zone, because the hashes lie beside it."""

from exam_protocol.envelope import seal, unseal
from exam_protocol.ids import ExamId, ServerId, SessionId
from exam_server.models.plan import ExamSession
from exam_server.services.opening import ZoneKeys


def seal_id_hash_key(keys: ZoneKeys, exam: ExamId, session: SessionId, id_hash_key: bytes) -> bytes:
    """Seal the key to the zone itself, for the database: hashes and last digits alone cannot be searched."""
    return seal(id_hash_key, keys.encryption.public_key, _context(exam, session, keys.server))


def open_id_hash_key(keys: ZoneKeys, session: ExamSession) -> bytes:
    """Open the key, for memory only. Raises ``SealBrokenError``."""
    context = _context(session.exam, session.session, keys.server)
    return unseal(session.sealed_id_hash_key, keys.encryption.opening_key, context)


def _context(exam: ExamId, session: SessionId, server: ServerId) -> str:
    return f"kaoping id-hash-key/1 {exam} {session} {server}"
