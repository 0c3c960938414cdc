"""The steps since the last report: summed up, so that events are few and no spike is lost."""

from time import perf_counter

import numpy as np

from engine.training.events import Range, StepsEnded
from engine.training.learner import Learner, StepFigures


class StepWindow:
    """Collects the figures of steps until they are told."""

    def __init__(self) -> None:
        self._steps: list[StepFigures] = []
        self._since = perf_counter()

    def restart_clock(self) -> None:
        """Leave the time until now out of the speed: it was spent on something else than steps."""
        if not self._steps:
            self._since = perf_counter()

    @property
    def age_s(self) -> float:
        """Seconds that the window covers."""
        return perf_counter() - self._since

    def add(self, figures: StepFigures) -> None:
        """One more step."""
        self._steps.append(figures)

    def close(self, learner: Learner, epochs: int) -> StepsEnded | None:
        """The event for all steps of the window, which then begins anew; None if there were none."""
        steps, seconds = self._steps, self.age_s
        self._steps, self._since = [], perf_counter()
        if not steps:
            return None
        losses = np.array([step.loss for step in steps])
        norms = np.array([step.norms for step in steps])
        ratios = np.array([step.update_ratios for step in steps])
        samples = sum(step.samples for step in steps)
        accuracy, rmse = learner.told(learner.metric(sum(step.score for step in steps), samples))
        return StepsEnded(
            first_step=learner.position.step - len(steps) + 1,
            step=learner.position.step,
            epoch=learner.epoch,
            epochs=epochs,
            loss=_range(losses),
            accuracy=accuracy,
            gradient_norms=tuple(_range(column) for column in norms.T),
            learning_rate=steps[-1].learning_rate,
            samples=samples,
            seconds=seconds,
            rmse=rmse,
            update_ratios=tuple(_range(column) for column in ratios.T),
        )


def _range(values: np.ndarray) -> Range:
    return Range(float(values.mean()), float(values.min()), float(values.max()))
