"""Every sentence that people read, in Korean and in English, under one key each."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """A language that answers are written in."""

    KO = "ko"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence not yet written in any language: its key and what is filled into it."""

    key: str
    values: Mapping[str, object] | None = None

    def render(self, language: Language) -> str:
        """Write the sentence in `language`."""
        korean, english = CATALOGUE[self.key]
        template = english if language is Language.EN else korean
        return template.format_map(self.values) if self.values else template


def text(key: str, /, **values: object) -> Text:
    """Name a sentence of the catalogue."""
    return Text(key, values)


def language_of(accept_language: str | None, locale: str | None) -> Language:
    """Korean, unless the header, or without one the token's locale, prefers English."""
    ranked: list[tuple[float, str]] = []
    for item in (accept_language or locale or "").split(","):
        tag, _, parameters = item.strip().partition(";")
        ranked.append((_quality(parameters), tag.strip().lower().replace("_", "-").split("-")[0]))
    known = [(quality, tag) for quality, tag in ranked if tag in {"ko", "en"} and quality > 0]
    best = max(known, key=lambda pair: pair[0], default=(1.0, "ko"))
    return Language(best[1])


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    try:
        return float(value) if name.strip().lower() == "q" else 1.0
    except ValueError:
        return 0.0


CATALOGUE: Mapping[str, tuple[str, str]] = {
    # Errors.
    "error.invalid": ("요청 값이 올바르지 않습니다", "The request is not valid"),
    "error.image": ("이미지를 사용할 수 없습니다", "The image can not be used"),
    "error.meal": ("식사 정보가 올바르지 않습니다", "The meal is not valid"),
    "error.goal": ("목표 값이 허용 범위를 벗어났습니다", "The goals are not valid"),
    "error.unauthenticated": ("인증이 필요합니다", "A valid access token is required"),
    "error.permission": ("이 작업을 수행할 권한이 없습니다", "You may not do this"),
    "error.session_not_found": (
        "진행 중인 분석 세션이 없습니다",
        "There is no open analysis session",
    ),
    "error.goal_not_found": ("설정된 목표가 없습니다", "No goals have been set yet"),
    "error.meal_not_found": ("식사 기록을 찾을 수 없습니다", "There is no such meal"),
    "error.analysis_limit": (
        "시간당 분석 한도를 초과했습니다",
        "The hourly limit of analyses is reached",
    ),
    "error.meal_limit": (
        "일일 식사 기록 한도를 초과했습니다",
        "The daily limit of logged meals is reached",
    ),
    "error.goal_limit": (
        "일일 목표 변경 한도를 초과했습니다",
        "The daily limit of goal updates is reached",
    ),
    "error.ip_limit": ("요청이 너무 많습니다", "Too many requests"),
    "error.vision": (
        "이미지 분석 서비스를 사용할 수 없습니다. 잠시 후 다시 시도해 주세요",
        "The image analysis service is not available. Please try again shortly",
    ),
    "error.image_processing": (
        "이미지를 가져오거나 처리하지 못했습니다",
        "The image could not be fetched or processed",
    ),
    "error.database_unavailable": (
        "데이터베이스에 연결할 수 없습니다. 잠시 후 다시 시도해 주세요",
        "The database can not be reached. Please try again shortly",
    ),
    "error.database": ("데이터를 처리하지 못했습니다", "The data could not be processed"),
    "error.stale_version": (
        "그 사이에 기록이 변경되었습니다. 다시 불러온 뒤 시도해 주세요",
        "The record has changed in the meantime. Read it again and retry",
    ),
    "error.idempotency_conflict": (
        "같은 Idempotency-Key가 다른 요청에 이미 사용되었습니다",
        "This Idempotency-Key was already used for another request",
    ),
    "error.erased_meanwhile": (
        "처리하는 동안 사용자의 모든 기록이 삭제되어 아무것도 저장되지 않았습니다",
        "All records of the user were erased in the meantime; nothing was stored",
    ),
    "error.deadline": ("요청 시간이 초과되었습니다", "The request took too long"),
    "error.identity_unavailable": (
        "지금은 로그인 정보를 확인할 수 없습니다. 잠시 후 다시 시도해 주세요",
        "Credentials can not be verified at the moment; please try again shortly",
    ),
    "error.overloaded": (
        "지금은 요청이 너무 많습니다. 잠시 후 다시 시도해 주세요",
        "There are too many requests at the moment; please try again shortly",
    ),
    "error.unimplemented": (
        "이 서버에서는 아직 제공하지 않는 기능입니다",
        "This server does not offer that yet",
    ),
    "error.internal": ("서버 오류가 발생했습니다", "Something went wrong on the server"),
    # Violated fields.
    "field.required": ("필수 값입니다", "is required"),
    "field.id": ("24자리 16진수여야 합니다", "must be 24 hexadecimal digits"),
    "field.read_only": ("변경할 수 없는 값입니다", "can not be changed"),
    "field.unknown_path": ("알 수 없는 필드입니다", "is not a field of a meal"),
    "field.enum": ("다음 중 하나여야 합니다: {allowed}", "must be one of: {allowed}"),
    "field.range": (
        "{minimum}에서 {maximum} 사이여야 합니다",
        "must be from {minimum} to {maximum}",
    ),
    "field.date": ("YYYY-MM-DD 형식의 날짜여야 합니다", "must be a date, YYYY-MM-DD"),
    "field.instant": (
        "시간대가 있는 RFC 3339 시각이어야 합니다",
        "must be an RFC 3339 instant with an offset",
    ),
    "field.date_order": ("시작보다 앞설 수 없습니다", "must not be before the start"),
    "field.mixed_range": (
        "시작과 끝은 모두 날짜이거나 모두 시각이어야 합니다",
        "must be of the same kind as start_date: both dates or both instants",
    ),
    "field.time_zone": ("IANA 시간대 이름이어야 합니다", "must be an IANA time zone"),
    "field.not_finite": ("유한한 수여야 합니다", "must be a finite number"),
    "field.negative": ("음수일 수 없습니다", "must not be negative"),
    "field.portion": (
        "0보다 크고 {maximum} 이하여야 합니다",
        "must be above 0 and at most {maximum}",
    ),
    "field.name_length": (
        "1자에서 {maximum}자 사이여야 합니다",
        "must have 1 to {maximum} characters",
    ),
    "field.too_long": ("{maximum}자 이하여야 합니다", "must have at most {maximum} characters"),
    "field.control": ("제어 문자를 쓸 수 없습니다", "must not contain control characters"),
    "field.foods_count": (
        "음식은 1개에서 {maximum}개 사이여야 합니다",
        "must have 1 to {maximum} foods",
    ),
    "field.impossible": (
        "{portion_g} g에 가능한 최대값은 {maximum}입니다",
        "at most {maximum} is possible in {portion_g} g",
    ),
    "field.heavier_than_portion": (
        "영양소의 합이 섭취량보다 무겁습니다",
        "the nutrients together weigh more than the portion",
    ),
    "field.total_mismatch": (
        "음식의 합({sum})과 다릅니다",
        "does not agree with the sum of the foods ({sum})",
    ),
    "field.future": (
        "지금보다 {minutes}분 넘게 미래일 수 없습니다",
        "must not be more than {minutes} minutes in the future",
    ),
    "field.too_old": ("2000-01-01 이후여야 합니다", "must not be before 2000-01-01"),
    "field.analysis": ("이 사용자의 분석이 아닙니다", "is no analysis of this user"),
    "field.dialysis_stage": (
        "투석은 5단계에서만 선택할 수 있습니다",
        "dialysis is only possible with stage 5",
    ),
    "field.page_and_token": (
        "page와 page_token은 함께 쓸 수 없습니다",
        "page and page_token exclude each other",
    ),
    "field.idempotency_key": (
        "공백 없는 ASCII 문자 1자에서 {maximum}자 사이여야 합니다",
        "must be a single value of 1 to {maximum} visible ASCII characters",
    ),
    "field.if_match": (
        "ETag, 쉼표로 구분한 ETag 목록 또는 *여야 합니다",
        "must be an ETag, a list of ETags, or *",
    ),
    "field.page_token": ("올바르지 않은 페이지 토큰입니다", "is no page token of this list"),
    "field.one_image": (
        "image_url과 image_data 중 하나만 필요합니다",
        "exactly one of image_url and image_data is required",
    ),
    "field.image_url": (
        "허용된 호스트의 HTTPS 주소여야 합니다",
        "must be an HTTPS address on an allowed host",
    ),
    "field.image_missing": (
        "이 주소에서 이미지를 찾을 수 없습니다",
        "there is no picture at this address",
    ),
    "field.image_type": (
        "손상되지 않은 정지 이미지(JPEG, PNG, WebP, HEIC)여야 합니다",
        "must be a whole, still picture: JPEG, PNG, WebP or HEIC",
    ),
    "field.image_size": (
        "이미지는 {megabytes} MB 이하여야 합니다",
        "must be at most {megabytes} MB",
    ),
    "field.image_pixels": (
        "이미지의 화소 수가 너무 많습니다",
        "has too many pixels",
    ),
    # Warnings.
    "warning.goal_unusual": (
        "일반적인 권장 범위({minimum}–{maximum})를 벗어난 목표입니다. 의료진과 상의해 주세요",
        "is outside the usual range ({minimum} to {maximum}). Please ask your care team",
    ),
    "warning.phosphorus_to_protein": (
        "단백질 목표에 비해 인 목표가 너무 낮아 실제 식사로는 지키기 어렵습니다",
        "is too low for the protein goal to be reached with real food",
    ),
    "warning.stage_default": (
        "병기가 바뀌었습니다. 새 기본값은 {default}입니다",
        "the stage has changed; its default is {default}",
    ),
    "warning.protein_low": (
        "단백질 섭취가 목표의 80 %에 미치지 못했습니다",
        "less than 80 % of the protein goal was eaten",
    ),
    "warning.protein_high_dialysis": (
        "단백질 섭취가 목표를 넘었습니다",
        "more protein than the goal was eaten",
    ),
    "warning.simulated": (
        "시뮬레이터의 결과이며 실제 분석이 아닙니다",
        "made by a simulator, not by an analysis of the picture",
    ),
    "warning.before_salt": (
        "소금을 넣기 전에 분석한 값입니다. 넣은 소금을 더해 주세요"
        "(소금 1 g에 나트륨 약 {sodium_mg} mg)",
        "was analysed before salt was added: please add yours, about {sodium_mg} mg of sodium "
        "per gram of salt",
    ),
    "warning.per_100_ml": (
        "100 mL당 값입니다. 섭취량 1 g을 1 mL로 계산했습니다",
        "the figures are per 100 mL: each gram of the portion was taken as one mL",
    ),
    "warning.implausible_portion": (
        "일반적인 음식 1회 제공량({maximum} g)보다 많아 정확하지 않을 수 있습니다",
        "more than the largest usual serving ({maximum} g): it may be wrong",
    ),
    "warning.implausible_amount": (
        "같은 양의 일반적인 음식보다 많아 정확하지 않을 수 있습니다",
        "more than in any usual dish of this size: it may be wrong",
    ),
    # Answers.
    "analysis.no_food": ("이미지에서 음식을 찾지 못했습니다", "No food was seen in the picture"),
}
