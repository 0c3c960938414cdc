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
        # All at once: the interpreter that this needs is a screen's, too.
        parts = [step.loss for step in steps], [step.norms for step in steps], [step.update_ratios for step in steps]
        figures = np.hstack([np.array(part).reshape(len(steps), -1) for part in parts])
        loss, *ranges = map(
            Range, figures.mean(axis=0).tolist(), figures.min(axis=0).tolist(), figures.max(axis=0).tolist()
        )
        layers = len(steps[0].norms)
        samples = sum(step.samples for step in steps)
        accuracy, rmse = learner.told(learner.metric(sum(step.score for step in steps), samples))
        return StepsEnded(
            first_step=learner.position.step - len(steps) + 1,
            step=learner.position.step,
            epoch=learner.epoch,
            epochs=epochs,
            loss=loss,
            accuracy=accuracy,
            gradient_norms=tuple(ranges[:layers]),
            learning_rate=steps[-1].learning_rate,
            samples=samples,
            seconds=seconds,
            rmse=rmse,
            update_ratios=tuple(ranges[layers:]),
        )
