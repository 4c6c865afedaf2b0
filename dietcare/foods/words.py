"""Words of food names that decide how the rest of a name is read."""

# After a number or a numeral: an amount, which says nothing of the food. A packet (봉지) does: what
# is in it is dry or a powder, and not the bowl or the cup that the table means.
_UNITS = """
    인분 공기 그릇 접시 조각 개 잔 컵 장 줄 쪽 모 큰술 작은술 마리 캔 병 토막 덩이 알
    팩 송이 통 g kg ml l
"""

# They change neither the dish nor, by more than its figures vary anyway, what is in it.
_NEUTRAL = """
    수제 매운 매콤한 매콤 얼큰한 얼큰 칼칼한 시원한 따뜻한 뜨거운 신선한 국산 국내산 유기농 옛날
    전통 집밥 홈메이드 한국식 한식 가정식 미니 작은 큰 왕 특 맛있는 바삭한 부드러운 고소한
    달콤한 담백한 썬 다진 채썬 슬라이스 손질된 갓지은 한우 아이스 핫 얇은 두툼한 잘익은 익은
    싱싱한 spicy hot fresh homemade traditional small large sliced plain bowl plate cup piece
"""

# With these it is another food, or the same with other minerals: never the plain one's figures.
_DIFFERENT = """
    저염 저나트륨 무염 가염 자반 저칼륨 저단백 저지방 무가당 제로 라이트 디카페인 비건 식물성 대체
    말린 건조 마른 반건조 건면 냉동 통조림 가루 분말 즙 농축 훈제 훈연 염장 양념 젓 장아찌 피클
    튀긴 볶은 볶음 조린 조림 절인 절임 삶은 데친 구운 으깬 조리전 끓이기 익히기
    제외 없이 없는 뺀 빼고 소스 국물 면만 국물만 건더기 껍질 뼈
    fried dried mashed pickled canned frozen smoked powder unsalted low sauce without vegan decaf
    diet zero
"""

UNITS = "|".join(_UNITS.split())
NEUTRAL = frozenset(_NEUTRAL.split())
DIFFERENT = tuple(_DIFFERENT.split())
# The same, where they are all that stands before a dish; within other words they mean nothing.
DIFFERENT_ALONE = frozenset(
    {"생", "날", "건", "간", "언", "포", "팥", "콩", "알", "물", "raw", "dry", "uncooked", "salted"}
)
# A way of cooking before a food, and as the end of a dish's name.
COOKED = {
    "구운": "구이",
    "볶은": "볶음",
    "튀긴": "튀김",
    "찐": "찜",
    "조린": "조림",
    "무친": "무침",
}
