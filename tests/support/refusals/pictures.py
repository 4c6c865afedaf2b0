"""Pictures that can not be used. What is wrong with one that is fetched has tests of its own."""

from typing import Any

from refusals.case import Case, rest

TEXT, GIF = "aGVsbG8=", "R0lGODlh"
NOWHERE = "https://example.com/food.jpg"


def analyse(name: str, request: dict[str, Any], field: str) -> Case:
    return Case(
        name=name,
        rpc="AnalyzeFood",
        request=request,
        reason="INVALID_IMAGE_URL",
        fields=(field,),
    )


CASES = [
    analyse("no picture", {}, "image_data"),
    analyse("an empty picture", {"image_data": ""}, "image_data"),
    analyse("a text for a picture", {"image_data": TEXT}, "image_data"),
    analyse("a kind that is not taken", {"image_data": GIF}, "image_data"),
    analyse("an empty address", {"image_url": ""}, "image_url"),
    analyse("a host that is not on the list", {"image_url": NOWHERE}, "image_url"),
    analyse("a host inside", {"image_url": "http://169.254.169.254/latest/meta-data"}, "image_url"),
    analyse("a file", {"image_url": "file:///etc/passwd"}, "image_url"),
    analyse("two pictures", {"image_url": NOWHERE, "image_data": TEXT}, "image_url"),
    rest(
        "an unknown field",
        "AnalyzeFood",
        "POST /analyze",
        "image_uri",
        body={"image_uri": NOWHERE},
        says="image_url",
    ),
    rest("no base64", "AnalyzeFood", "POST /analyze", "image_data", body={"image_data": "?"}),
]
