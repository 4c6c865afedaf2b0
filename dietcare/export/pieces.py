"""Pieces of a file, joined to such a size that each is worth a message."""

from collections.abc import AsyncGenerator, AsyncIterator

PIECE_BYTES = 64 * 1024


async def pieces(
    parts: AsyncIterator[bytes], size_bytes: int = PIECE_BYTES
) -> AsyncGenerator[bytes, None]:
    """The same bytes in pieces of at least `size_bytes`, but for the last one."""
    held: list[bytes] = []
    held_bytes = 0
    async for part in parts:
        held.append(part)
        held_bytes += len(part)
        if held_bytes >= size_bytes:
            yield b"".join(held)
            held, held_bytes = [], 0
    if held:
        yield b"".join(held)
