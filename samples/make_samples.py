"""Draws the sample pictures: `python samples/make_samples.py [DIRECTORY]`.

They are drawings, not photos: nobody's meal, nobody's copyright. The same pictures every time.
"""

import math
import sys
from collections.abc import Callable
from pathlib import Path

from brush import Colour, Point, Table, grain, leaf, ring, seaweed, shade, slab


def bibimbap() -> Table:
    """비빔밥: rice below, vegetables in sectors, an egg and red pepper paste in the middle."""
    table, centre = Table(1, (142, 96, 62)), (312.0, 242.0)
    table.bowl(centre, 196, (62, 58, 56), (243, 240, 230))
    table.scatter(centre, 160, 900, lambda at: grain(table, at, (252, 250, 243)))
    sectors: list[tuple[Colour, float]] = [
        ((64, 112, 44), 9.0),
        ((232, 122, 38), 5.0),
        ((236, 222, 168), 7.0),
        ((116, 72, 46), 8.0),
        ((186, 206, 128), 6.0),
        ((84, 58, 44), 10.0),
    ]
    for index, (colour, width) in enumerate(sectors):
        _sector(table, centre, index / len(sectors) * math.tau - 0.5, colour, width)
    table.ellipse((centre[0] + 3, centre[1] + 5), (66, 62), (214, 205, 186))
    table.ellipse(centre, (66, 61), (253, 250, 242))
    table.ellipse((centre[0] - 6, centre[1] - 4), (31, 30), (240, 158, 28))
    table.ellipse((centre[0] - 8, centre[1] - 7), (26, 25), (250, 182, 40))
    table.ellipse((centre[0] - 16, centre[1] - 16), (7, 5), (255, 232, 160))
    table.ellipse((centre[0] + 52, centre[1] + 44), (30, 24), (150, 22, 14))
    table.ellipse((centre[0] + 49, centre[1] + 40), (24, 18), (190, 34, 20))
    table.scatter(centre, 150, 60, lambda at: table.ellipse(at, (2.6, 1.7), (250, 236, 200)))
    table.spoon(560)
    return table


def kimchi_stew() -> Table:
    """김치찌개: a black earthenware pot, red broth, cabbage, tofu, pork and spring onion."""
    table, centre = Table(2, (176, 136, 92)), (318.0, 244.0)
    table.ellipse((centre[0], centre[1] + 6), (222, 214), (92, 62, 38))
    table.bowl(centre, 196, (44, 40, 40), (178, 44, 14))
    table.scatter(
        centre,
        158,
        150,
        lambda at: table.ellipse(
            at,
            (table.random.uniform(4, 15),) * 2,
            shade((206, 66, 20), table.random.uniform(0.8, 1.2)),
        ),
    )
    table.scatter(centre, 138, 34, lambda at: leaf(table, at))
    for x, y, tilt in (
        (-70, -62, 0.2),
        (48, -76, -0.3),
        (84, 36, 0.5),
        (-30, 74, -0.1),
        (-100, 28, 0.7),
    ):
        slab(table, (centre[0] + x, centre[1] + y), (37, 25), tilt, (250, 243, 226))
    table.scatter(
        centre,
        120,
        8,
        lambda at: slab(table, at, (24, 12), table.random.uniform(0, 3), (186, 120, 92)),
    )
    table.scatter(centre, 140, 46, lambda at: ring(table, at))
    table.scatter(centre, 150, 70, lambda at: table.ellipse(at, (2.2, 1.6), (236, 120, 34)))
    table.chopsticks(575)
    return table


def rice_and_soup() -> Table:
    """쌀밥과 미역국: a bowl of rice, a bowl of clear soup with seaweed and beef."""
    table, rice, soup = Table(3, (204, 188, 160)), (158.0, 246.0), (440.0, 240.0)
    table.bowl(rice, 128, (238, 240, 244), (246, 245, 240))
    table.ellipse((rice[0], rice[1] - 3), (98, 94), (254, 254, 251))
    table.scatter(
        (rice[0], rice[1] - 2),
        99,
        900,
        lambda at: grain(table, at, shade((250, 249, 245), table.random.uniform(0.9, 1.02))),
    )
    table.bowl(soup, 140, (222, 230, 236), (196, 186, 126))
    table.ellipse((soup[0], soup[1] + 2), (110, 110), (208, 198, 140))
    table.scatter(soup, 92, 40, lambda at: seaweed(table, at))
    table.scatter(
        soup, 84, 9, lambda at: slab(table, at, (17, 10), table.random.uniform(0, 3), (134, 94, 72))
    )
    table.scatter(soup, 104, 60, lambda at: table.ellipse(at, (3, 3), (232, 224, 172)))
    table.chopsticks(598)
    return table


def grilled_fish() -> Table:
    """고등어구이: a mackerel grilled whole on a long plate, with lemon and grated radish."""
    table, centre = Table(4, (98, 66, 46)), (318.0, 240.0)
    table.shadow(centre, (276, 128))
    table.ellipse(centre, (280, 132), (196, 206, 210))
    table.ellipse((centre[0], centre[1] - 3), (274, 126), (236, 241, 242))
    table.ellipse(centre, (238, 100), (222, 229, 231))
    _fish(table, centre)
    for x, y in ((436, 306), (474, 286)):
        table.ellipse((x, y), (25, 23), (226, 178, 34))
        table.ellipse((x, y), (21, 19), (250, 226, 96))
        for spoke in range(8):
            angle = spoke * math.tau / 8
            end = (x + math.cos(angle) * 18, y + math.sin(angle) * 16)
            table.line([(x, y), end], (255, 246, 190), 1.6)
    table.scatter((190, 312), 26, 130, lambda at: table.ellipse(at, (5, 3.5), (246, 248, 242)))
    table.scatter((212, 302), 9, 14, lambda at: table.ellipse(at, (3.5, 2.5), (98, 142, 62)))
    return table


def _fish(table: Table, centre: Point) -> None:
    cx, cy = centre
    top = [(cx - 215 + i * 4, cy - _girth(i / 100)) for i in range(101)]
    bottom = [(cx - 215 + i * 4, cy + _girth(i / 100) * 0.95) for i in range(100, -1, -1)]
    tail: list[Point] = [
        (cx + 168, cy - 8),
        (cx + 244, cy - 56),
        (cx + 222, cy),
        (cx + 244, cy + 52),
        (cx + 168, cy + 8),
    ]
    table.polygon(tail, (112, 84, 54))
    table.polygon(top + bottom, (206, 166, 108))
    middle = [(x, cy + (y - cy) * 0.12 + math.sin(x / 14) * 3) for x, y in top]
    table.polygon(top + middle[::-1], (104, 92, 72))
    for i in range(12, 84, 5):
        x, girth = cx - 215 + i * 4, _girth(i / 100)
        stripe = [(x, cy - girth * 0.96), (x + 7, cy - girth * 0.6), (x - 2, cy - girth * 0.22)]
        table.line(stripe, (52, 48, 44), 4)
    for i in (26, 42, 58, 72):
        x, girth = cx - 215 + i * 4, _girth(i / 100)
        table.line([(x - 14, cy - girth * 0.55), (x + 18, cy + girth * 0.6)], (84, 44, 20), 6)
        table.line([(x - 12, cy - girth * 0.5), (x + 17, cy + girth * 0.5)], (236, 206, 150), 2)
    table.scatter(
        (cx - 20, cy + 16),
        60,
        60,
        lambda at: table.ellipse(
            (cx + (at[0] - cx) * 2.4, at[1]),
            (6, 3),
            shade((164, 106, 50), table.random.uniform(0.8, 1.2)),
        ),
    )
    table.polygon([(cx - 60, cy - 2), (cx - 16, cy + 8), (cx - 56, cy + 22)], (128, 92, 56))
    table.line([(cx - 130, cy - 34), (cx - 116, cy), (cx - 132, cy + 34)], (74, 60, 46), 3)
    table.ellipse((cx - 174, cy - 10), (11, 11), (238, 232, 214))
    table.ellipse((cx - 174, cy - 10), (6, 6), (40, 34, 30))
    table.line([(cx - 212, cy + 8), (cx - 184, cy + 14)], (74, 60, 46), 2.5)


def _girth(share: float) -> float:
    """Half the height of the fish's body at a share of its length."""
    return 62 * math.sin(math.pi * share**0.72) ** 0.8 + 4


def _sector(table: Table, centre: Point, start: float, colour: Colour, width: float) -> None:
    """A heap of strips between two angles of the bowl."""
    for _ in range(85):
        angle = start + table.random.uniform(0.06, 0.99)
        distance = table.random.uniform(72, 146)
        x, y = centre[0] + math.cos(angle) * distance, centre[1] + math.sin(angle) * distance
        lean = angle + table.random.uniform(-0.7, 0.7)
        dx, dy = math.cos(lean) * 15, math.sin(lean) * 15
        bend = table.random.uniform(-6, 6)
        strip = [(x - dx, y - dy), (x + bend, y - bend), (x + dx, y + dy)]
        table.line(strip, shade(colour, table.random.uniform(0.75, 1.2)), width * 0.62)


PICTURES: dict[str, Callable[[], Table]] = {
    "bibimbap": bibimbap,
    "kimchi_stew": kimchi_stew,
    "rice_and_soup": rice_and_soup,
    "grilled_fish": grilled_fish,
}


def main(directory: Path) -> None:
    """Draw every sample into `directory`."""
    for name, draw in PICTURES.items():
        draw().save(directory / f"{name}.jpg")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
