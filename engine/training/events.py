"""What a trainer tells: frozen, in the past tense, made to be shown, logged or sent elsewhere."""

from math import nan
from typing import Any, Literal

import msgspec

from engine.arrays import Shape
from engine.health.verdict import Verdict
from engine.hyperparameters import Hyperparameter
from engine.training.commands import ChangeOfPicture, Variation
from engine.training.config import Config


class Event(msgspec.Struct, frozen=True, tag=True):
    """Something that happened in a run."""


class Range(msgspec.Struct, frozen=True):
    """A figure over several steps: its mean, and the extremes so that no spike is lost."""

    mean: float
    low: float
    high: float


class LayerInfo(msgspec.Struct, frozen=True):
    """A layer that learns: its name in the chain, its text, the shapes of a sample before and after it.

    `activation` is the text of the one behind it, "" if there is none before the next weights.
    """

    name: str
    text: str
    input_shape: Shape
    output_shape: Shape
    parameters: int
    activation: str = ""
    frozen: bool = False

    @property
    def label(self) -> str:
        """What it is called wherever it is shown: "1 Linear(128)"."""
        return f"{self.name} {self.text}"


class Histogram(msgspec.Struct, frozen=True):
    """Counts in even bins from low to high of one layer's weights; NaN and infinities are counted apart."""

    layer: str
    low: float
    high: float
    counts: tuple[int, ...]
    not_finite: int
    mean: float
    deviation: float


class PreparationAdvanced(Event, frozen=True):
    """Before the first step: `what` began, as part `done` of `total`."""

    done: int
    total: int
    what: str


class DownloadAdvanced(Event, frozen=True):
    """Before the first step: `done` of `total` bytes of a data set are here; `source` gives them, or is waited for."""

    dataset: str
    done: int
    total: int
    bytes_per_second: float
    source: str


class DownloadFailed(Event, frozen=True):
    """A data set cannot be had. The trainer waits: for Restart, to try again, or for ChooseDataset.

    `fallback` is a data set that is always here; empty where another one would be of no use.
    """

    dataset: str
    message: str
    fallback: str


class RunStarted(Event, frozen=True):
    """A network stands at its first step, or where a checkpoint left it.

    `target` is what the answers are called where they are numbers; `feature_names` are those of a table.
    """

    run: str
    config: Config
    dataset: str
    class_names: tuple[str, ...]
    train_count: int
    validation_count: int
    test_count: int
    layers: tuple[LayerInfo, ...]
    parameters: int
    hyperparameters: tuple[Hyperparameter, ...]
    threads: int
    step: int
    epoch: float
    epochs: int
    steps_per_epoch: int
    compile_seconds: float
    notices: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    target: str = ""
    input_shape: Shape = ()

    @property
    def pictures(self) -> bool:
        """Whether a sample is a picture, of a class."""
        return len(self.input_shape) == 3 and len(self.class_names) > 1

    @property
    def plane(self) -> bool:
        """Whether a sample is a point of a plane: two features, and a class."""
        return self.input_shape == (2,) and len(self.class_names) > 1


class StepsEnded(Event, frozen=True):
    """All steps since the event before it, up to `step`; norms and ratios are by learning layer, first to last.

    An update ratio is the norm of the step that was applied over that of the weights before it, biases left out: about
    1e-3 where learning goes well (CS231n, "Ratio of weights:updates"). A search without gradients has neither.
    As in the events below, accuracy is NaN where the answers are numbers; `rmse`, the root of the mean square error in
    the target's unit, is NaN where they are classes.
    """

    first_step: int
    step: int
    epoch: float
    epochs: int
    loss: Range
    accuracy: float
    gradient_norms: tuple[Range, ...]
    learning_rate: float
    samples: int
    seconds: float
    rmse: float = nan
    update_ratios: tuple[Range, ...] = ()


class Evaluated(Event, frozen=True):
    """Loss and accuracy of a split, without dropout; `complete` is False for a sample of it."""

    step: int
    epoch: float
    split: Literal["train", "validation", "test"]
    loss: float
    accuracy: float
    count: int
    complete: bool = True
    rmse: float = nan


class EpochEnded(Event, frozen=True):
    """An epoch is over; the training figures are the mean over its steps, as they happened."""

    step: int
    epoch: int
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    seconds: float
    train_rmse: float = nan
    validation_rmse: float = nan


class HyperparameterChanged(Event, frozen=True):
    """A hyperparameter has a new value from `step` on."""

    step: int
    hyperparameter: Hyperparameter
    before: float


class NetworkChanged(Event, frozen=True):
    """The network, or how it learns, is another from `step` on; `config` says how a run like it would be begun.

    `before` and `after` are texts: of an activation, an initializer, "frozen" or "learning", and so on. `layer` is the
    label of the layer that changed; "" where all did, or none.
    """

    step: int
    what: Literal["activation", "weights", "frozen", "schedule", "optimizer", "augmentation"]
    layer: str
    before: str
    after: str
    layers: tuple[LayerInfo, ...]
    hyperparameters: tuple[Hyperparameter, ...]
    config: Config

    @property
    def text(self) -> str:
        """In a few words."""
        where = f" of {self.layer}" if self.layer else ""
        match self.what:
            case "weights":
                return f"weights{where or ' of all layers'} drawn anew ({self.after})"
            case "frozen":
                return f"{self.layer} is {self.after}"
            case _:
                return f"{self.what}{where} changed from {self.before} to {self.after}"


class RunRewound(Event, frozen=True):
    """The run has gone back from `from_step` to where it was at `step`; what came between is no part of it any more.

    `undone`: to before its latest change, and not to a step that was asked for. All else is as it was then.
    """

    step: int
    from_step: int
    undone: bool
    epoch: float
    epochs: int
    layers: tuple[LayerInfo, ...]
    hyperparameters: tuple[Hyperparameter, ...]
    config: Config
    train_count: int

    @property
    def text(self) -> str:
        """In a few words."""
        return f"{'undone' if self.undone else 'rewound'}: back from step {self.from_step:,} to {self.step:,}"


class PaceChanged(Event, frozen=True):
    """From now on an epoch takes at least so many seconds; 0: full speed."""

    epoch_seconds: float


class CommandRefused(Event, frozen=True):
    """A command could not be obeyed; the run is as it was."""

    step: int
    reason: str


class RunPaused(Event, frozen=True):
    """No step is taken until told; `reason` is empty when it was asked for."""

    step: int
    reason: str = ""


class RunResumed(Event, frozen=True):
    """Steps are taken again."""

    step: int


class CheckpointSaved(Event, frozen=True):
    """A checkpoint is whole, on disk, under its name."""

    step: int
    path: str
    kind: Literal["last", "best", "asked"]


class CheckpointFailed(Event, frozen=True):
    """A checkpoint could not be written; the run goes on without it."""

    step: int
    reason: str


class WeightsMeasured(Event, frozen=True):
    """The weights of every learning layer, counted."""

    step: int
    histograms: tuple[Histogram, ...]


class DigitPredicted(Event, frozen=True):
    """What the network takes one sample of the test split for; `pixels` are its grey levels, row by row.

    A row of a table has no pixels but `features`, as they were read. Where the answers are numbers there is no label,
    but the `truth` and the network's `estimate` of it.
    """

    step: int
    index: int
    label: int
    answer: int
    height: int
    width: int
    pixels: bytes
    probabilities: tuple[float, ...]
    features: tuple[float, ...] = ()
    truth: float = nan
    estimate: float = nan


class DrawnDigit(msgspec.Struct, frozen=True):
    """One digit of a drawing: what speaks for each class, its box, and what the network was given, 28x28 grey levels.

    box: left, top, right, bottom, in shares of the drawing's width and height.
    """

    answer: int
    probabilities: tuple[float, ...]
    box: tuple[float, float, float, float]
    pixels: bytes


class DrawingPredicted(Event, frozen=True):
    """What the network takes a drawing for: its digits, left to right; none where nothing was drawn.

    `drawing` is the command's; `seconds` is what it took from training.
    """

    step: int
    digits: tuple[DrawnDigit, ...]
    drawing: int = 0
    seconds: float = 0.0


class SampleAdded(Event, frozen=True):
    """A picture of a class will be trained on, `train_count` samples in all, from the beginning of an epoch on.

    `epoch` counts those before it: 0 is the first.
    """

    step: int
    epoch: int
    label: int
    train_count: int


class BoundaryMapped(Event, frozen=True):
    """What the network says all over the plane of two features, on a grid of columns x rows between these limits.

    The limits are in the features' own units, and belong to the first and the last grid point. Row by row from the
    largest y down: `answers`, the class (uint16), and `probabilities`, what speaks for it (uint8, 255 is 1, 0 is not a
    number). `points` of a split: x and y of each (float32), their labels and what they are taken for (uint16).
    """

    step: int
    columns: int
    rows: int
    x: tuple[float, float]
    y: tuple[float, float]
    answers: bytes
    probabilities: bytes
    split: str
    points: bytes
    labels: bytes
    taken_for: bytes
    seconds: float


class UnitsMapped(Event, frozen=True):
    """What units of a layer give all over that plane, one grid behind the other, as shares of each unit's `bounds`.

    `values`: int8, 127 is the unit's bound, -128 is not a number. `layer` is the layer's place among the `layer_count`
    that have a map; `unit_count` counts all of its units, the maps begin with that of unit `first`.
    """

    step: int
    layer: int
    layer_count: int
    label: str
    first: int
    unit_count: int
    columns: int
    rows: int
    values: bytes
    bounds: tuple[float, ...]
    seconds: float


class Tally(msgspec.Struct, frozen=True):
    """Numbers counted in even bins from low to high, both included; those below and above, NaN and infinities apart.

    Mean and deviation are those of the finite ones.
    """

    low: float
    high: float
    counts: tuple[int, ...]
    under: int = 0
    over: int = 0
    not_a_number: int = 0
    infinite: int = 0
    mean: float = nan
    deviation: float = nan

    @property
    def total(self) -> int:
        """How many numbers there were."""
        return sum(self.counts) + self.under + self.over + self.not_a_number + self.infinite


class Pictures(msgspec.Struct, frozen=True):
    """`shown` of a layer's `count` pictures from the `first` on, one behind the other, as shares of `bound`.

    The bound is the largest size in all of them, so that colours of one are those of another. `values`: int8, row by
    row, 127 is the bound, -128 is not finite. Of points that fall together the largest stands for all; `whole` is the
    number of columns before that.
    """

    count: int
    first: int
    shown: int
    columns: int
    rows: int
    whole: int
    bound: float
    values: bytes


class UnitFigures(msgspec.Struct, frozen=True):
    """Of a learning layer's units on the probe set: how many there are and are dead, the share that is saturated.

    None where the activation behind the layer cannot be so.
    """

    layer: str
    units: int
    dead: int | None = None
    saturated: float | None = None


class LayerInspected(Event, frozen=True):
    """A look into the learning layer at place `layer`, called `name`.

    `given` names the layers whose output is counted: the layer, the activation behind it, a pooling that is done with
    it; `samples` of the training split went through them. `gradients` are None before the first step. `dead` are the
    first dead units of this layer. `kind` says what the pictures of the weights are: one a unit over the input's
    pixels, one a channel of a filter, or the whole matrix, outputs down, inputs across. `maps`: what the layer gives
    for the test sample `digit`, a picture a channel, or one of all units; `sample` is that itself.
    """

    step: int
    layer: int
    layer_count: int
    name: str
    given: str
    weights: Tally
    activations: Tally
    samples: int
    units: tuple[UnitFigures, ...]
    dead: tuple[int, ...]
    kind: Literal["pixels", "filters", "matrix", ""]
    digit: int
    seconds: float
    gradients: Tally | None = None
    pictures: Pictures | None = None
    maps: Pictures | None = None
    sample: Pictures | None = None


class ReliabilityBin(msgspec.Struct, frozen=True):
    """Answers of about the same confidence: its mean, the share that is right, and how many; NaN of none."""

    confidence: float
    accuracy: float
    count: int


class Mistake(msgspec.Struct, frozen=True):
    """A sample of a split, what it is taken for, and what speaks for that and for its label."""

    index: int
    label: int
    answer: int
    probability: float
    label_probability: float


class ErrorsMeasured(Event, frozen=True):
    """What the network of `step` is wrong about, over `count` samples of a split.

    matrix: uint32, row by row, samples of class i that are taken for class j. Accuracies are by class, NaN of a class
    without samples. bins: of even width over 0..1, lowest first. seconds: of the training thread's time.
    """

    step: int
    split: Literal["train", "validation", "test"]
    count: int
    matrix: bytes
    accuracies: tuple[float, ...]
    standard_errors: tuple[float, ...]
    bins: tuple[ReliabilityBin, ...]
    calibration_error: float
    mistake_count: int
    seconds: float


class SamplesPicked(Event, frozen=True):
    """Samples of an ErrorsMeasured, `total` of that kind, those shown from the `first` one on.

    pixels: of each picture its grey levels, (height, width), one picture behind the other; of rows of a table there are
    none, but their `features`. seconds: of the training thread's time.
    """

    step: int
    split: Literal["train", "validation", "test"]
    which: Literal["mistakes", "cell", "suspects"]
    label: int
    answer: int
    total: int
    first: int
    samples: tuple[Mistake, ...]
    height: int
    width: int
    pixels: bytes
    features: tuple[tuple[float, ...], ...]
    seconds: float


class Track(msgspec.Struct, frozen=True):
    """What a picture is taken for where one kind of change has these amounts and all others are as they are."""

    kind: ChangeOfPicture
    amounts: tuple[float, ...]
    answers: tuple[int, ...]


class DigitVaried(Event, frozen=True):
    """What the network takes a changed sample for, and what it would with each change by another amount."""

    step: int
    variation: Variation
    prediction: DigitPredicted
    tracks: tuple[Track, ...]
    seconds: float


class PathPoint(msgspec.Struct, frozen=True):
    """What the network took a picture for after so many epochs, and what spoke for its label."""

    step: int
    epoch: float
    answer: int
    label_probability: float


class LayerMaps(msgspec.Struct, frozen=True):
    """What a learning layer, with the activation behind it, gives for a picture: a picture a channel, or one of all."""

    label: str
    units: int
    pictures: Pictures | None


class DigitExplained(Event, frozen=True):
    """What in a test sample speaks for its answer, by pixel, row by row; how that came, and of which parts.

    gradient: of the answer's output by the pixel; occlusion: how much its probability falls where a square is covered.
    Both int8, as shares of their bound, 127 is the bound; -128 is not a number. path: after the last
    epochs, and now. kind and templates: the first layer's weights, as those of LayerInspected; maps: from layer
    `first_layer` on, of `layer_count`.
    """

    step: int
    index: int
    label: int
    answer: int
    variation: Variation
    height: int
    width: int
    pixels: bytes
    gradient: bytes
    gradient_bound: float
    occlusion: bytes
    occlusion_bound: float
    path: tuple[PathPoint, ...]
    kind: Literal["pixels", "filters", "matrix", ""]
    templates: Pictures | None
    maps: tuple[LayerMaps, ...]
    first_layer: int
    layer_count: int
    seconds: float


class VerdictRaised(Event, frozen=True):
    """A finding about the run's health has lasted; `step` is when that was seen, the verdict says since when."""

    step: int
    verdict: Verdict


class VerdictCleared(Event, frozen=True):
    """A verdict does not hold any more, or becomes one of the other level, which is raised next."""

    step: int
    verdict: Verdict


class RemedyApplied(Event, frozen=True):
    """All that the remedy of a verdict says has been done; the events before this one say what that was."""

    step: int
    rule: str
    layer: str
    remedy: str


class RunEnded(Event, frozen=True):
    """The run is over; `reason` says which way, `message` what went wrong if anything did."""

    step: int
    reason: Literal["done", "stopped", "interrupted", "failed"]
    summary: dict[str, Any]
    message: str = ""


class RunFailed(Event, frozen=True):
    """The run cannot go on; `mistake` is True where its maker can mend it, and nothing was trained."""

    step: int
    message: str
    mistake: bool = False


AnyEvent = (
    PreparationAdvanced
    | DownloadAdvanced
    | DownloadFailed
    | RunStarted
    | StepsEnded
    | Evaluated
    | EpochEnded
    | HyperparameterChanged
    | NetworkChanged
    | RunRewound
    | PaceChanged
    | CommandRefused
    | RunPaused
    | RunResumed
    | CheckpointSaved
    | CheckpointFailed
    | WeightsMeasured
    | DigitPredicted
    | DrawingPredicted
    | SampleAdded
    | BoundaryMapped
    | UnitsMapped
    | LayerInspected
    | ErrorsMeasured
    | SamplesPicked
    | DigitVaried
    | DigitExplained
    | VerdictRaised
    | VerdictCleared
    | RemedyApplied
    | RunEnded
    | RunFailed
)
