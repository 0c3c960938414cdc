"""What a trainer can be told: it obeys between two steps, in order, and confirms each by an event."""

from typing import Literal

import msgspec

from engine.training.config import Config


class Command(msgspec.Struct, frozen=True, tag=True):
    """A wish; nothing has changed until an event says so."""


class Pause(Command, frozen=True):
    """Stop stepping until told otherwise."""


class Resume(Command, frozen=True):
    """Go on stepping."""


class RunSteps(Command, frozen=True):
    """Take so many steps, then pause."""

    count: int = 1


class RunEpoch(Command, frozen=True):
    """Go on to the end of the epoch, then pause; after the run's last epoch, add one."""


class Stop(Command, frozen=True):
    """End the run here: evaluate, save, and say how it went."""

    interrupted: bool = False


class Restart(Command, frozen=True):
    """Begin again with the same seed and the hyperparameters as they are now."""


class BeginRun(Command, frozen=True):
    """Save the present run and begin another one in its place, whose checkpoints stand beside.

    A configuration that cannot be run changes nothing.
    """

    config: Config


class ChooseDataset(Command, frozen=True):
    """Train on another data set than the one that could not be downloaded."""

    name: str


class Close(Command, frozen=True):
    """End the run if it has not ended, and let go of the thread."""


class Detach(Command, frozen=True):
    """Nobody watches or steers any more: save, go on to the end at full speed, and let go of the thread.

    A run that is paused goes no further without whoever paused it: it ends here.
    """


class SetHyperparameter(Command, frozen=True):
    """Give a hyperparameter a value."""

    name: str
    value: float


class StepHyperparameter(Command, frozen=True):
    """Move a hyperparameter one step up (+1) or down (-1) on its scale."""

    name: str
    direction: int


class SetActivation(Command, frozen=True):
    """Put another activation behind a layer: `activation` is a text such as "ReLU" or "LeakyReLU(0.1)".

    `layer` is the label (or the name: "1") of the layer, or of the activation itself.
    """

    layer: str
    activation: str


class Reinitialize(Command, frozen=True):
    """Draw the weights of a layer ("": of all) anew, and forget what the optimizer knows of them."""

    layer: str = ""
    init: str = "he"


class Freeze(Command, frozen=True):
    """Leave the weights of a layer as they are from now on; or let it learn again."""

    layer: str
    frozen: bool = True


class SetSchedule(Command, frozen=True):
    """Let the learning rate take another course: "constant", "step(10)", "warmup(100), cosine"."""

    schedule: str


class SetOptimizer(Command, frozen=True):
    """Go on with another optimizer, "sgd" or "adam(beta2=0.99)": it begins without a past, at the present rate."""

    optimizer: str


class SetAugmentation(Command, frozen=True):
    """Vary the training pictures in another way: "none", "affine", "elastic(alpha=20)"."""

    augmentation: str


class Undo(Command, frozen=True):
    """Go back to where the run was before the latest change; again: before the one that came before it."""


class Rewind(Command, frozen=True):
    """Go back to the latest checkpoint at that step or before it."""

    step: int


LONGEST_EPOCH_S = 3600
"""The slowest pace."""


class SetPace(Command, frozen=True):
    """Let an epoch take at least so many seconds; 0: as fast as the machine can."""

    epoch_seconds: float


class SaveCheckpoint(Command, frozen=True):
    """Write a checkpoint of this step."""


class MeasureWeights(Command, frozen=True):
    """Count the weights of every layer in so many bins."""

    bins: int = 60


class PredictDigit(Command, frozen=True):
    """Ask the network about one sample of the test split; without an index, about the last one again."""

    index: int | None = None


class StepDigit(Command, frozen=True):
    """Go on to the next sample of the test split (+1), or back (-1)."""

    direction: int


class FindMistake(Command, frozen=True):
    """Go on to the next sample of the test split that the network takes for another class."""


class PredictDrawing(Command, frozen=True):
    """Ask the network what was drawn, a digit or several: row by row the amount of ink in each pixel, 255 is all.

    drawing: which one it is to whoever asks; the answer repeats it.
    """

    height: int
    width: int
    pixels: bytes
    drawing: int = 0


class PredictViews(Command, frozen=True):
    """Ask the network about one digit that was drawn, prepared by whoever asks, so that training does not wait for it.

    views: float32 (views, 28, 28) of `drawn_digit`, row by row; none of nothing. box: as there. drawing: as above.
    """

    views: bytes
    box: tuple[float, float, float, float]
    drawing: int = 0


class AddSample(Command, frozen=True):
    """Train on one picture more from the next epoch on: its class, and grey levels, 0 to 255, in the network's form."""

    label: int
    pixels: bytes


class MapBoundary(Command, frozen=True):
    """Ask the network about each point of a grid over two features, and about the samples of a split ("": none)."""

    columns: int
    rows: int
    split: Literal["train", "validation", "test", ""] = "train"


class MapUnits(Command, frozen=True):
    """Ask what `count` units of a layer, from the `first` one on, give over a grid of two features."""

    columns: int
    rows: int
    layer: int = 0
    first: int = 0
    count: int = 1


Limits = tuple[float, float]

MOST_BINS = 512
"""Of a histogram: more than a screen has columns."""

MOST_POINTS = 65_536
"""Of all pictures of an answer: about as many as a screen shows."""


class PicturesWish(msgspec.Struct, frozen=True):
    """So many pictures from the `first` one on, counted around the end, of at most columns x rows points each."""

    columns: int
    rows: int
    first: int = 0
    count: int = 1


class InspectLayer(Command, frozen=True):
    """Count the weights of a learning layer, their last gradients and what it gives, and picture them.

    Who goes on looking at the same layer sends the `edges` of the first answer again, of weights, gradients and
    activations: counts are then of the same bins. None: they are chosen anew. `layer` counts around the end.
    """

    layer: int
    bins: int = 60
    edges: tuple[Limits | None, Limits | None, Limits | None] = (None, None, None)
    weights: PicturesWish | None = None
    maps: PicturesWish | None = None


MOST_CLASSES = 100
"""Of data whose errors are measured: a matrix of more is no picture, and its bytes are sent with each answer."""


class MeasureErrors(Command, frozen=True):
    """Ask what the network as it is now is wrong about, over a split; the answer comes when all of it was gone through.

    bins: of confidence. Another one takes its place. Of MOST_CLASSES classes at most.
    """

    split: Literal["train", "validation", "test"] = "test"
    bins: int = 10


class PickSamples(Command, frozen=True):
    """Ask for samples that the last MeasureErrors went through, with their pictures: `count` from the `first` one on.

    which: all that are taken for another class; those of class `label` that are taken for class `answer`; those whose
    label is suspected. The worst first: whose label seems least likely, or is contradicted most.
    """

    which: Literal["mistakes", "cell", "suspects"] = "mistakes"
    label: int = 0
    answer: int = 0
    first: int = 0
    count: int = 12


class Variation(msgspec.Struct, frozen=True):
    """How a picture is changed: turned clockwise about its middle by degrees, moved to the right and down by so many
    28ths of its longer side, which are the pixels of a digit; then noise of that deviation, white being 1, is added.
    """

    right: float = 0.0
    down: float = 0.0
    rotation: float = 0.0
    noise: float = 0.0


AS_IT_IS = Variation()

ChangeOfPicture = Literal["right", "down", "rotation", "noise"]

AMOUNTS: dict[ChangeOfPicture, tuple[float, ...]] = {
    "right": tuple(float(pixels) for pixels in range(-8, 9)),
    "down": tuple(float(pixels) for pixels in range(-8, 9)),
    "rotation": tuple(float(degrees) for degrees in range(-80, 81, 10)),
    "noise": tuple(twentieths / 20 for twentieths in range(17)),
}
"""Of each kind of change, those that an answer tells."""


class VaryDigit(Command, frozen=True):
    """Ask what the network takes a changed sample of the test split for, and what if each change were another.

    index: None is the sample that was last predicted.
    """

    index: int | None = None
    variation: Variation = AS_IT_IS


class ExplainDigit(Command, frozen=True):
    """Ask what in a test sample, perhaps changed, speaks for its answer, and what each layer makes of it.

    index: None is the sample that was last predicted. templates: of the first layer's weights; maps: of each of
    `layers` (the first one's place, and how many).
    """

    index: int | None = None
    variation: Variation = AS_IT_IS
    templates: PicturesWish | None = None
    maps: PicturesWish | None = None
    layers: tuple[int, int] = (0, 4)


Change = SetActivation | Reinitialize | Freeze | SetSchedule | SetOptimizer | SetAugmentation
"""What changes the network, or how it learns, beyond a number."""

Cure = SetHyperparameter | Change
"""What applies a remedy, or a part of one."""


class ApplyRemedy(Command, frozen=True):
    """Do all that a verdict's remedy says at one step, so that one Undo takes it back. A run that had to stop goes on.

    It brings the commands themselves: what is done is what was shown before.
    """

    rule: str
    layer: str
    remedy: str
    cure: tuple[Cure, ...]


Steering = (
    Pause
    | Resume
    | RunSteps
    | RunEpoch
    | Stop
    | Restart
    | BeginRun
    | ChooseDataset
    | Close
    | Detach
    | SetHyperparameter
    | StepHyperparameter
    | Change
    | ApplyRemedy
    | Undo
    | Rewind
    | AddSample
    | SetPace
)
"""What the weights at a step depend on, beside seed and configuration: the log of a run has all of them."""

AnyCommand = (
    Steering
    | SaveCheckpoint
    | MeasureWeights
    | PredictDigit
    | StepDigit
    | FindMistake
    | PredictDrawing
    | PredictViews
    | MapBoundary
    | MapUnits
    | InspectLayer
    | MeasureErrors
    | PickSamples
    | VaryDigit
    | ExplainDigit
)
