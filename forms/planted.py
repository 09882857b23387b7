"""Twelve problems that are hidden among the demonstration's interviews, for supervisors to look for.

Most change only the circumstances of an interview (its times, its log), and those that change answers lie in
interviews or questions that no published count is made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from forms.course import Habit


@dataclass(frozen=True, slots=True)
class Problem:
    """A hidden problem: the check that finds it, what it is (French, English), and how it is made.

    It lies in the `number`-th interview of its `kind` in a form and wave. `hour` is the hour at which it
    began and `years` how far the clock is ahead; `said` are its answers; `as_before` names one that begins
    before the one before has ended, `copied` one that repeats it.
    """

    check: str
    french: str
    english: str
    number: int
    kind: str = "interview"
    wave: str = "c1"
    form: str = "returnee"
    habit: Habit = field(default_factory=Habit)
    hour: int | None = None
    years: int = 0
    said: tuple[tuple[str, str], ...] = ()
    as_before: bool = False
    copied: bool = False


# The same words in two interviews, of which one is the problem.
TWICE = (("last_word", "La formation est bonne, que les autres villages y aient droit aussi."),)
PROBLEMS = (
    Problem("DUR-floor", "Entretien bien trop court", "Far too short", 10, habit=Habit(pace=0.1)),
    Problem("SPEED", "Questions non lues", "Questions not read out", 17, habit=Habit(pace=1.6, skipped=0.55)),
    Problem("CONSENT-time", "Consentement non lu", "Consent screen not read", 24, habit=Habit(consent=2.0)),
    Problem("GAP-in", "Pause de plus d'une heure", "A pause of over an hour", 31, habit=Habit(pause=75)),
    Problem("NIGHT", "Entretien commencé la nuit", "Begun at night", 38, hour=22),
    Problem("CLOCK", "Horloge du téléphone en avance", "The phone's clock is ahead", 45, years=30),
    Problem(
        "CLOCK-drift",
        "Horloge changée pendant l'entretien",
        "Clock set meanwhile",
        52,
        habit=Habit(moved=25),
        said=TWICE,
    ),
    Problem("GAP-between", "Deux entretiens à la fois", "Two interviews at once", 59, as_before=True),
    Problem("OUTLIER", "Nombre extrême", "An extreme number", 66, said=(("network_size", "480"),)),
    Problem("TEXT", "Texte d'un autre entretien", "The text of another interview", 73, said=TWICE),
    Problem("DUR-active", "Entretien bien trop long", "Far too long", 80, habit=Habit(pace=5.0)),
    Problem(
        "NEARDUP", "Copie d'un autre entretien", "A copy of another interview", 1, "again", "c3", copied=True
    ),
)


def problem_of(form: str, wave: str, kind: str, number: int) -> Problem | None:
    """The problem that is hidden in this interview, if there is one."""
    wanted = (form, wave, kind, number)
    return next((p for p in PROBLEMS if (p.form, p.wave, p.kind, p.number) == wanted), None)


def solution(found: Sequence[tuple[Problem, str]]) -> str:
    """The solution of the exercise: each problem with the code of its interview, in French and in English."""
    titles = ("Les problèmes cachés", "The hidden problems")
    lines: list[str] = []
    for title, language in zip(titles, ("french", "english"), strict=True):
        lines += [
            title,
            "",
            *(f"{code}  {one.check:<12}  {getattr(one, language)}" for one, code in found),
            "",
        ]
    return "\n".join(lines)
