"""Make data/student.csv: 1,000 invented students, their score before the course, hours of study, and pass or fail.

    python data/make_student.py

score ~ N(60, 18^2), as a whole number from 0 to 100;  hours ~ U(0, 10) a week, with one decimal;
mark = 0.6 score + 12 sqrt(hours) + N(0, 3^2), for the first hours help most;  who has a mark of 60 or more has passed.
So no border is certain: of its own formula without the noise, 93 % of the students are on the side where they ended.
Needs NumPy alone; the last line printed is the row of data/README.md.
"""

import hashlib
from pathlib import Path

import numpy as np

SEED = 1000
COUNT = 1000
PASS_MARK = 60
NOISE = 3
PATH = Path(__file__).parent / "student.csv"


def main() -> None:
    # RandomState's stream is frozen for good; a Generator's may change with NumPy.
    random = np.random.RandomState(SEED)
    score = np.clip(np.rint(60 + 18 * random.standard_normal(COUNT)), 0, 100)
    hours = np.round(random.uniform(0, 10, COUNT), 1)
    expected = expected_mark(score, hours)
    passed = expected + NOISE * random.standard_normal(COUNT) >= PASS_MARK
    rows = [
        f"{score:.0f},{hours:.1f},{'pass' if good else 'fail'}"
        for score, hours, good in zip(score, hours, passed, strict=True)
    ]
    content = "".join(f"{row}\n" for row in ["score,study hours,result", *rows]).encode()
    PATH.write_bytes(content)
    print(f"{passed.mean():.1%} passed; {((expected >= PASS_MARK) == passed).mean():.1%} as the formula expects")
    print(f"| {PATH.name} | {len(content)} | {hashlib.sha256(content).hexdigest()} |")


def expected_mark(score: np.ndarray, hours: np.ndarray) -> np.ndarray:
    """The mark without noise."""
    return 0.6 * score + 12 * np.sqrt(hours)


if __name__ == "__main__":
    main()
