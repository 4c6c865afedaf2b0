"""What the simulator "sees": the samples by their looks, in any other picture dishes by lot.

It recognises nothing. The same picture always gets the same answer, and that is all.
"""

import hashlib
import io
from dataclasses import dataclass

from PIL import Image

from dietcare.local.dishes import DISHES, Dish, dish

GRID = (4, 3)
# Mean difference per colour value, of 255. Re-encoding and scaling a sample moves it by about 0.5;
# the samples differ from each other by 28 and more.
ALIKE = 6.0
DARK = 12  # the brightest value of a picture taken with a covered lens
SPREADS = (0.2, 0.35, 0.6)

# The dishes of each file in samples/, and the average colours of its 4 × 3 parts.
SAMPLES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("8c5f3e968468795e49926a4c846146cab7949e9675805b408b5e3da18c749775598c6040", ("비빔밥",)),
    ("ab83598e5637915a3cab855c8c6847c37a56ba734c8b6b4ea780578b5639864a2ca8825b", ("김치찌개",)),
    (
        "cec1a8cec0a7cabea3c9bca3e2ded5dedbd5888762aea98cccbfa8c9bca5c1b69ac5b79e",
        ("쌀밥", "미역국"),
    ),
    ("674836867163867063664735ab9f94a99476bcad8ca29486664735846f61826d5f654634", ("고등어구이",)),
)


@dataclass(frozen=True, slots=True)
class Serving:
    """A dish, how much of it, and how far that may be off (a share of it, either way)."""

    dish: Dish
    portion_g: float
    spread: float


def recognise(jpeg: bytes) -> tuple[Serving, ...]:
    """The servings in a picture; none in a dark one.

    Raises:
        OSError: it is no picture.
    """
    with Image.open(io.BytesIO(jpeg)) as image:
        seen = signature(image)
    if max(seen) <= DARK:
        return ()
    for colours, names in SAMPLES:
        if _distance(seen, bytes.fromhex(colours)) < ALIKE:
            return tuple(Serving(dish(name), dish(name).serving_g, SPREADS[0]) for name in names)
    return _by_lot(hashlib.sha256(jpeg).digest())


def signature(image: Image.Image) -> bytes:
    """The average colours of the picture's parts."""
    return image.convert("RGB").resize(GRID, Image.Resampling.BOX).tobytes()


def _distance(one: bytes, other: bytes) -> float:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)


def _by_lot(lot: bytes) -> tuple[Serving, ...]:
    """One to three different dishes in 70 to 130 % of a serving."""
    count = 1 + lot[0] % 3
    start, step = lot[1] % len(DISHES), 1 + lot[2] % 6
    servings = []
    for index in range(count):
        chosen = DISHES[(start + index * step) % len(DISHES)]
        share = 0.7 + 0.6 * lot[3 + index] / 255
        portion_g = round(chosen.serving_g * share / 5) * 5
        servings.append(Serving(chosen, portion_g, SPREADS[lot[6 + index] % 3]))
    return tuple(servings)
