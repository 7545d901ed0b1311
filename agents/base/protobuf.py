"""Protobuf as a stranger sends it: the fields of one message, by number, without a schema."""

from collections.abc import Iterator

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""How a field's value is written (protobuf's wire types); groups, which are long gone, are refused."""
LONGEST_VARINT = 10
SIZES = {FIXED64: 8, FIXED32: 4}


class Garbled(ValueError):
    """Not a protobuf message, or one that was cut off."""


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field, in their order: a whole number, or the bytes of anything else.

    What a field means only the reader knows; one that it does not know it passes over. Raises Garbled.
    """
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        number, wire = key >> 3, key & 7
        if not number:
            raise Garbled("a field without a number")
        if wire == VARINT:
            found, place = _varint(message, place)
            yield number, found
            continue
        size, place = _varint(message, place) if wire == BYTES else (_size(wire), place)
        if place + size > len(message):
            raise Garbled("a field is cut off")
        yield number, message[place : place + size]
        place += size


def signed(value: int) -> int:
    """An int64 from its varint."""
    return value - 2**64 if value >= 2**63 else value


def _size(wire: int) -> int:
    if wire not in SIZES:
        raise Garbled(f"wire type {wire}")
    return SIZES[wire]


def _varint(message: bytes, place: int) -> tuple[int, int]:
    """The number that begins at `place`, seven bits a byte, and where it ends."""
    number = 0
    for shift, byte in enumerate(message[place : place + LONGEST_VARINT]):
        number |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:
            return number & (2**64 - 1), place + shift + 1
    raise Garbled("a number that does not end")
