"""Whether a receipt is about the chain that this seat has closed. Pure."""

from exam_protocol.canonical_json import decode
from exam_protocol.documents import Receipt
from exam_protocol.envelope import payload_unverified
from exam_protocol.errors import KaopingError
from exam_protocol.event_chain import Chain
from exam_protocol.messages import MAX_MESSAGE_BYTES


def is_receipt_for(chain: Chain, receipt: bytes) -> bool:
    """Tell whether a signed receipt names this attempt, this number of events and this head.

    The signature is not verified: a seat holds no root document, so it cannot know whose key counts. That a receipt
    was signed by the zone is checked by the centre; here a mix-up or a loss shows, not a forger inside the pinned line.
    """
    try:
        told = decode(payload_unverified(receipt, max_bytes=MAX_MESSAGE_BYTES), Receipt, max_bytes=MAX_MESSAGE_BYTES)
    except KaopingError:
        return False
    return (told.attempt, told.events, told.head) == (chain.attempt, chain.seq, chain.head)
