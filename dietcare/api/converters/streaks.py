"""Streaks."""

from dietcare.domain.streak import Streak
from dietcare.v1 import streak_pb2


def to_streak(streak: Streak) -> streak_pb2.Streak:
    """A streak as a message."""
    message = streak_pb2.Streak(
        current_streak=streak.current_streak,
        longest_streak=streak.longest_streak,
        total_days_logged=streak.total_days_logged,
    )
    if streak.last_logged_date is not None:
        message.last_logged_date = streak.last_logged_date.isoformat()
    return message


def to_summary(streak: Streak) -> streak_pb2.StreakSummary:
    """The two figures that a change of a meal answers with."""
    return streak_pb2.StreakSummary(current=streak.current_streak, longest=streak.longest_streak)
