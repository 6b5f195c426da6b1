"""Pictures of items: what is accepted, and the digest by which the same picture is known again."""

import hashlib
import io
import warnings

from PIL import Image

from exam_protocol.errors import KaopingError
from exam_protocol.paper import Figure

MAX_FIGURE_BYTES = 512 * 1024
_MAX_SIDE = 4000
_MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg"}


class FigureRefusedError(KaopingError):
    """Not a picture that every seat can show."""


def read_figure(content: bytes, alt: str) -> Figure:
    """Check a picture: PNG or JPEG, whole, at most 512 KB and 4000 × 4000. Raises ``FigureRefusedError``."""
    if len(content) > MAX_FIGURE_BYTES:
        raise FigureRefusedError(
            f"图片有 {len(content) // 1024} KB，超过 {MAX_FIGURE_BYTES // 1024} KB。", "请缩小后重新插入。"
        )
    return Figure(_MEDIA_TYPES[_opened(content).format or ""], content, alt)


def _opened(content: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=tuple(_MEDIA_TYPES))
            is_too_large = max(image.size) > _MAX_SIDE
            if not is_too_large:
                image.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as broken:
        raise FigureRefusedError("图片不是 PNG 或 JPEG，或已损坏。", "请另存为 PNG 后重新插入。") from broken
    if is_too_large:
        raise FigureRefusedError(
            f"图片有 {image.width} × {image.height} 点，边长超过 {_MAX_SIDE}。", "请缩小后重新插入。"
        )
    return image


def picture_digest(figure: Figure) -> str:
    """SHA-256 over size and pixels: the same picture saved anew by another program keeps its digest."""
    image = _opened(figure.content).convert("RGB")
    return hashlib.sha256(f"{image.size}".encode() + image.tobytes()).hexdigest()
