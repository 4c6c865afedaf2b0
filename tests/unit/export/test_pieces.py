"""Pieces: the same bytes, each worth a message, and never more than one of them held."""

from dietcare.export.files import FILES
from dietcare.export.pieces import pieces


async def test_small_parts_are_joined_and_large_ones_kept(stream):
    found = [each async for each in pieces(stream(b"a", b"bc", b"defgh", b"i"), 3)]
    assert found == [b"abc", b"defgh", b"i"]


async def test_no_parts_are_no_pieces(stream):
    assert [each async for each in pieces(stream())] == []


async def test_meals_are_taken_as_their_pieces_are(new_meal, user, clock):
    taken = 0

    async def endless():
        nonlocal taken
        while True:
            taken += 1
            yield new_meal_again

    new_meal_again = new_meal()
    for form in FILES.values():
        taken = 0
        file = form.write(user, endless(), clock.now())
        if "4.0" in form.media_type:
            await file.aclose()  # a day ends when a later one comes: there is none
            continue
        async for piece in file:
            assert len(piece) < 200_000
            break
        assert 0 < taken < 2_000
        await file.aclose()
