"""What the sample pictures are drawn with."""

import math
import random
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 640, 480
SCALE = 3  # drawn larger and scaled down: smooth edges
QUALITY = 82

Colour = tuple[int, int, int]
Point = tuple[float, float]


class Table:
    """A table top to draw on, in coordinates of the final picture."""

    def __init__(self, seed: int, wood: Colour) -> None:
        self.random = random.Random(seed)  # noqa: S311 - the same picture every time
        self.image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), wood)
        self._draw = ImageDraw.Draw(self.image)
        for _ in range(140):
            y = self.random.uniform(0, HEIGHT)
            x = self.random.uniform(-200, WIDTH)
            grain = [(x + i * 30, y + math.sin(i * 0.7 + y) * 1.5) for i in range(14)]
            self.line(grain, shade(wood, self.random.uniform(0.9, 1.06)), 1.6)

    def ellipse(self, centre: Point, radii: Point, fill: Colour) -> None:
        box = (
            *(c - r for c, r in zip(centre, radii, strict=True)),
            *(c + r for c, r in zip(centre, radii, strict=True)),
        )
        self._draw.ellipse([value * SCALE for value in box], fill=fill)

    def polygon(self, points: list[Point], fill: Colour) -> None:
        self._draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=fill)

    def line(self, points: list[Point], fill: Colour, width: float) -> None:
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self._draw.line(scaled, fill=fill, width=max(1, round(width * SCALE)), joint="curve")
        for x, y in (scaled[0], scaled[-1]):
            r = width * SCALE / 2
            self._draw.ellipse([x - r, y - r, x + r, y + r], fill=fill)

    def shadow(self, centre: Point, radii: Point) -> None:
        """A soft shadow below a dish."""
        mask = Image.new("L", self.image.size, 0)
        cx, cy = centre[0] + 6, centre[1] + 14
        box = [
            (cx - radii[0]) * SCALE,
            (cy - radii[1]) * SCALE,
            (cx + radii[0]) * SCALE,
            (cy + radii[1]) * SCALE,
        ]
        ImageDraw.Draw(mask).ellipse(box, fill=120)
        mask = mask.filter(ImageFilter.GaussianBlur(9 * SCALE))
        self.image.paste((25, 15, 10), (0, 0), mask)

    def bowl(self, centre: Point, radius: float, glaze: Colour, inside: Colour) -> None:
        """A round bowl seen from above, with a rim and what it holds."""
        self.shadow(centre, (radius, radius))
        self.ellipse(centre, (radius, radius), shade(glaze, 0.82))
        self.ellipse((centre[0], centre[1] - 2), (radius - 3, radius - 3), glaze)
        self.ellipse(centre, (radius * 0.89, radius * 0.89), shade(glaze, 0.7))
        self.ellipse((centre[0], centre[1] + 2), (radius * 0.86, radius * 0.86), inside)

    def scatter(
        self, centre: Point, radius: float, count: int, put: Callable[[Point], None]
    ) -> None:
        """Call `put` at places spread evenly over a disc."""
        for _ in range(count):
            angle, share = self.random.uniform(0, math.tau), math.sqrt(self.random.random())
            put(
                (
                    centre[0] + math.cos(angle) * radius * share,
                    centre[1] + math.sin(angle) * radius * share,
                )
            )

    def chopsticks(self, x: float) -> None:
        for offset in (0, 13):
            self.line([(x + offset, 70), (x + offset + 14, 420)], (150, 152, 158), 5)
            self.line([(x + offset - 1, 72), (x + offset + 13, 418)], (208, 210, 216), 2)

    def spoon(self, x: float) -> None:
        self.line([(x, 170), (x + 8, 425)], (160, 162, 168), 7)
        self.ellipse((x - 2, 125), (21, 46), (150, 152, 158))
        self.ellipse((x - 3, 122), (16, 38), (205, 207, 213))

    def save(self, path: Path) -> None:
        small = self.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        small.save(path, "JPEG", quality=QUALITY, optimize=True)


def grain(table: Table, at: Point, colour: Colour) -> None:
    angle = table.random.uniform(0, math.pi)
    dx, dy = math.cos(angle) * 3.4, math.sin(angle) * 3.4
    x, y = at
    table.line([(x - dx, y - dy + 1), (x + dx, y + dy + 1)], shade(colour, 0.86), 4)
    table.line([(x - dx, y - dy), (x + dx, y + dy)], colour, 3.4)


def leaf(table: Table, at: Point) -> None:
    """A piece of kimchi: pale rib, red leaf."""
    angle, size = table.random.uniform(0, math.tau), table.random.uniform(20, 36)
    points = []
    for step in range(10):
        turn = angle + step / 10 * math.tau
        reach = size * table.random.uniform(0.6, 1.0)
        points.append((at[0] + math.cos(turn) * reach, at[1] + math.sin(turn) * reach * 0.6))
    table.polygon(points, shade((214, 74, 32), table.random.uniform(0.75, 1.15)))
    end = (at[0] + math.cos(angle) * size * 0.7, at[1] + math.sin(angle) * size * 0.45)
    table.line([at, end], (242, 178, 112), 5)


def slab(table: Table, at: Point, size: Point, tilt: float, colour: Colour) -> None:
    """A block seen from above, with a side below."""
    corners = [(-size[0], -size[1]), (size[0], -size[1]), (size[0], size[1]), (-size[0], size[1])]
    turned = [
        (
            at[0] + x * math.cos(tilt) - y * math.sin(tilt),
            at[1] + x * math.sin(tilt) + y * math.cos(tilt),
        )
        for x, y in corners
    ]
    table.polygon([(x + 2, y + 7) for x, y in turned], shade(colour, 0.68))
    table.polygon(turned, colour)


def ring(table: Table, at: Point) -> None:
    table.ellipse(at, (8, 7), (74, 138, 52))
    table.ellipse(at, (5.4, 4.6), (170, 208, 110))
    table.ellipse(at, (2.2, 1.8), (96, 150, 60))


def seaweed(table: Table, at: Point) -> None:
    phase = table.random.uniform(0, math.tau)
    wave = [(at[0] + (i - 4) * 5, at[1] + math.sin(phase + i * 0.9) * 9) for i in range(9)]
    table.line(wave, shade((34, 66, 40), table.random.uniform(0.7, 1.3)), 9)
    table.line(wave, shade((58, 100, 58), table.random.uniform(0.8, 1.2)), 3)


def shade(colour: Colour, factor: float) -> Colour:
    red, green, blue = (min(255, round(value * factor)) for value in colour)
    return red, green, blue
