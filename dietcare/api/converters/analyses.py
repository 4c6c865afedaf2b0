"""Analyses."""

from dietcare.api.converters.nutrients import to_coverage, to_food, to_nutrients, to_warnings
from dietcare.domain.analysis import Analysis
from dietcare.messages import Language, text
from dietcare.services.nutrition_analyzer import AnalysisResult, ImageSource
from dietcare.v1 import analysis_pb2


def image_of(message: analysis_pb2.AnalyzeFoodRequest) -> ImageSource:
    """What the client sent.

    Raises:
        InvalidImageURLError: it is not exactly one thing.
    """
    return ImageSource(
        url=message.image_url if message.HasField("image_url") else None,
        data=_SentPicture(message) if message.HasField("image_data") else None,
    )


class _SentPicture:
    """The picture in a message, which has it already: each reading of the field is a copy."""

    def __init__(self, message: analysis_pb2.AnalyzeFoodRequest) -> None:
        self._message = message
        self._size = len(message.image_data)

    def __len__(self) -> int:
        return self._size

    def __bytes__(self) -> bytes:
        return self._message.image_data


def to_analysis(analysis: Analysis, language: Language) -> analysis_pb2.Analysis:
    """A stored analysis as a message."""
    message = analysis_pb2.Analysis(
        foods=[to_food(food, language) for food in analysis.foods],
        total_nutrients=to_nutrients(analysis.total_nutrients),
        analysis_id=analysis.id,
        coverage=to_coverage(analysis.coverage),
        model=analysis.model,
    )
    if not analysis.foods:
        message.message = text("analysis.no_food").render(language)
    return message


def to_result(
    result: AnalysisResult, remaining: int, language: Language
) -> analysis_pb2.AnalyzeFoodResponse:
    """A new analysis as a message, with what is left of the limit."""
    message = to_analysis(result.analysis, language)
    message.remaining_analyses = remaining
    message.cached = result.cached
    message.warnings.extend(to_warnings(result.warnings, language))
    return analysis_pb2.AnalyzeFoodResponse(analysis=message)
