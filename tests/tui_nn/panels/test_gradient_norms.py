import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from engine import datasets
from engine.datasets.splits import with_few_samples
from engine.studies.study import Case, read_study
from engine.training import events as e
from engine.training.config import Config, make_config
from engine.training.learner import Learner
from engine.training.trainer import Trainer
from tui_nn.panels.gradient_norms import RECENT, GradientNormsPanel
from tui_nn.run_state import RunState

Make = Callable[..., Any]

PUBLISHED = {"2 sigmoid layers": 4.7, "3 sigmoid layers": 23.9, "4 sigmoid layers": 95.8}
"""Nielsen, "Neural Networks and Deep Learning", chapter 5: last hidden layer over the first, one run each."""


def line_of(text: str, label: str) -> str:
    (line,) = [line for line in text.splitlines() if line.startswith(label)]
    return line


def flags(text: str) -> list[str]:
    """The letter of each layer, first to last, or "-"."""
    lines = [line.split() for line in text.splitlines() if "Linear(" in line]
    return [words[2] if words[2] in ("V", "X") else "-" for words in lines]


def bar_roles(panel: GradientNormsPanel, run: RunState) -> list[str]:
    """In which meaning each layer's bar is drawn."""
    rows = [row for row in panel.draw(run, 60, 4) if "Linear(" in "".join(span.text for span in row)]
    return [next(span.role for span in row if "█" in span.text or "▏" in span.text) for row in rows]


@pytest.fixture
def layers(make_started: Make) -> RunState:
    run = RunState()
    run.apply(make_started("Linear(9)", "Linear(8)", "Linear(7)"))
    return run


def test_a_search_has_none_and_says_so(make_panel: Make, draw_text: Make, make_started: Make, make_steps: Make):
    run, panel = RunState(), make_panel(GradientNormsPanel)
    run.apply(make_started(config=make_config({"strategy": "random_search"})))
    run.apply(make_steps(norms=()))
    assert draw_text(panel, run).strip() == "random_search takes no gradient"


def test_nothing_is_drawn_before_the_first_step(make_panel: Make, draw_text: Make, layers: RunState):
    assert draw_text(make_panel(GradientNormsPanel), RunState()) == ""
    assert draw_text(make_panel(GradientNormsPanel), layers) == ""


def test_a_bar_for_each_layer_with_its_number(make_panel: Make, draw_text: Make, layers: RunState, make_steps: Make):
    layers.apply(make_steps(norms=(0.012, 0.34, 0.2)))
    panel = make_panel(GradientNormsPanel)
    text = draw_text(panel, layers, 60, 4)
    assert line_of(text, "0 Linear(9)").endswith("0.0120")
    assert line_of(text, "2 Linear(8)").endswith("0.340")
    assert line_of(text, "4 Linear(7)").endswith("0.200")
    assert text.splitlines()[1].count("█") > text.splitlines()[0].count("█") > 0
    assert "0.06" in panel.subtitle


def test_the_number_is_the_mean_of_the_last_reports_and_the_line_is_the_range_of_all(
    make_panel: Make, draw_text: Make, layers: RunState, make_steps: Make
):
    for step in range(30):
        recent = step >= 30 - RECENT
        layers.apply(make_steps(step, norms=(0.2 if recent else 0.5, 0.2, 0.2)))
    text = draw_text(make_panel(GradientNormsPanel), layers, 60, 4)
    assert line_of(text, "0 Linear(9)").endswith("0.200")
    assert "┤" in line_of(text, "0 Linear(9)")
    assert "┤" not in line_of(text, "2 Linear(8)")


@pytest.mark.parametrize(
    ("norms", "letters", "roles"),
    [
        ((1.0, 1.0, 1.0), ["-", "-", "-"], ["bar", "bar", "bar"]),
        ((0.051, 0.051, 1.0), ["-", "-", "-"], ["bar", "bar", "bar"]),
        ((0.049, 0.051, 1.0), ["V", "-", "-"], ["warn", "bar", "bar"]),
        # A hundred parameters: root mean squares of 0.9e-7 and 1.1e-7.
        ((0.9e-6, 1.1e-6, 1e-5), ["V", "-", "-"], ["bad", "bar", "bar"]),
        ((0.9e-6, 0.9e-6, 0.9e-6), ["V", "V", "V"], ["bad", "bad", "bad"]),
    ],
)
def test_a_vanishing_gradient_has_a_v(
    make_panel: Make,
    draw_text: Make,
    layers: RunState,
    make_steps: Make,
    norms: tuple[float, ...],
    letters: list[str],
    roles: list[str],
):
    layers.apply(make_steps(norms=norms))
    panel = make_panel(GradientNormsPanel)
    assert flags(draw_text(panel, layers, 60, 4)) == letters
    assert bar_roles(panel, layers) == roles


@pytest.mark.parametrize(("last", "letter", "role"), [(9.9, "-", "bar"), (10.1, "X", "warn")])
def test_a_gradient_over_ten_times_its_median_has_an_x(
    make_panel: Make, draw_text: Make, layers: RunState, make_steps: Make, last: float, letter: str, role: str
):
    for step in range(40):
        layers.apply(make_steps(step, norms=(1.0, 1.0, 1.0)))
    for step in range(RECENT):
        layers.apply(make_steps(40 + step, norms=(1.0, last, 1.0)))
    panel = make_panel(GradientNormsPanel)
    assert flags(draw_text(panel, layers, 60, 4)) == ["-", letter, "-"]
    assert bar_roles(panel, layers) == ["bar", role, "bar"]


def test_ten_times_next_to_nothing_is_next_to_nothing(
    make_panel: Make, draw_text: Make, layers: RunState, make_steps: Make
):
    for step in range(40):
        layers.apply(make_steps(step, norms=(1e-12, 1.0, 1.0)))
    for step in range(RECENT):
        layers.apply(make_steps(40 + step, norms=(1e-9, 1.0, 1.0)))
    assert flags(draw_text(make_panel(GradientNormsPanel), layers, 60, 4)) == ["V", "-", "-"]


@pytest.mark.parametrize(("norm", "name"), [(math.nan, "nan"), (math.inf, "inf")])
def test_a_norm_that_is_not_finite_is_named_and_has_an_x(
    make_panel: Make, draw_text: Make, roles_of: Make, layers: RunState, make_steps: Make, norm: float, name: str
):
    layers.apply(make_steps(norms=(norm, 1.0, 1.0)))
    panel = make_panel(GradientNormsPanel)
    text = draw_text(panel, layers, 60, 4)
    assert line_of(text, "0 Linear(9)").split()[2:] == ["X", name]
    assert roles_of(panel.draw(layers, 60, 4), name) == {"bad"}
    assert flags(text)[1] == "-"


def test_a_spike_within_a_report_reaches_the_range(
    make_panel: Make, draw_text: Make, layers: RunState, make_steps: Make
):
    spike = make_steps(gradient_norms=(e.Range(0.1, 0.1, 5.0), e.Range(0.1, 0.1, 0.1), e.Range(0.1, 0.1, 0.1)))
    layers.apply(spike)
    text = draw_text(make_panel(GradientNormsPanel), layers, 60, 4)
    assert line_of(text, "0 Linear(9)").count("─") > 5
    assert line_of(text, "2 Linear(8)").count("─") == 0


def test_of_many_layers_the_first_and_the_last_are_shown(
    make_panel: Make, draw_text: Make, make_started: Make, make_steps: Make
):
    run = RunState()
    run.apply(make_started(*(f"Linear({n})" for n in range(30, 0, -1))))
    run.apply(make_steps(norms=(0.1,) * 30))
    text = draw_text(make_panel(GradientNormsPanel), run, 60, 7)
    assert "Linear(30)" in text
    assert "Linear(1)" in text
    assert f"{30 - 6} more" in text


def test_ascii(make_panel: Make, draw_text: Make, layers: RunState, make_steps: Make):
    layers.apply(make_steps(norms=(0.01, 0.5, 1.0)))
    text = draw_text(make_panel(GradientNormsPanel, "ascii"), layers, 60, 4)
    assert flags(text) == ["V", "-", "-"]
    assert "#" in text
    assert text.isascii()


@pytest.mark.parametrize("height", [2, 3, 5, 8, 13])
def test_every_layer_comes_into_view_and_what_is_hidden_is_counted(
    height: int,
    make_panel: Make,
    draw_text: Make,
    make_started: Make,
    make_steps: Make,
    monkeypatch: pytest.MonkeyPatch,
):
    run, panel = RunState(), make_panel(GradientNormsPanel)
    texts = [f"Linear({number})" for number in range(114, 100, -1)]
    run.apply(make_started(*texts))
    run.apply(make_steps(norms=tuple(10.0**-number for number in range(14))))
    monkeypatch.setattr(GradientNormsPanel, "room", (60, height))
    seen: set[str] = set()
    for turn in range(20):
        shown = {text for text in texts if text in draw_text(panel, run, 60, height)}
        if panel.first == 0:
            assert texts[0] in shown
            assert f"{14 - len(shown)} more: w" in panel.subtitle
            if turn:
                break
        else:
            assert f"{panel.first + 1} to {panel.first + len(shown)} of 14" in panel.subtitle
        seen |= shown
        assert panel.scroll(run)
    assert seen == set(texts)
    monkeypatch.setattr(GradientNormsPanel, "room", (60, 14))
    assert not panel.scroll(run)
    assert all(text in draw_text(panel, run, 60, 14) for text in texts)


def test_a_bar_is_as_long_wherever_it_is_scrolled_to(
    make_panel: Make, draw_text: Make, make_started: Make, make_steps: Make, monkeypatch: pytest.MonkeyPatch
):
    run, panel = RunState(), make_panel(GradientNormsPanel)
    run.apply(make_started(*(f"Linear({number})" for number in range(114, 100, -1))))
    run.apply(make_steps(norms=tuple(10.0**-number for number in range(14))))
    whole = draw_text(panel, run, 60, 14)
    monkeypatch.setattr(GradientNormsPanel, "room", (60, 6))
    panel.scroll(run)
    line = next(line for line in draw_text(panel, run, 60, 6).splitlines() if "Linear(" in line)
    assert line in whole.splitlines()


def test_after_an_undo_nothing_stands_there_that_was_of_another_network(
    make_panel: Make, draw_text: Make, layers: RunState, make_steps: Make
):
    panel = make_panel(GradientNormsPanel)
    layers.apply(make_steps(norms=(0.012, 0.34, 0.2)))
    draw_text(panel, layers)
    assert panel.subtitle
    started = layers.started
    layers.apply(e.RunRewound(5, 10, True, 0, 1, started.layers, started.hyperparameters, started.config, 900))
    assert draw_text(panel, layers).strip() == "after the next step"
    assert panel.subtitle == ""


@pytest.mark.parametrize(
    ("norms", "told"),
    [
        ((0.1, 0.3, 0.2), "first / last = 0.5   hidden weights: 1 / 3"),
        ((0.3, 0.1, 0.2), "first / last = 1.5   hidden weights: 1 / 0.333"),
        ((0.0, 0.1, 0.2), "first / last = 0"),
        ((0.1, 0.3, 0.0), ""),
    ],
)
def test_below_stands_how_much_fades(
    make_panel: Make, draw_text: Make, layers: RunState, make_steps: Make, norms: tuple[float, ...], told: str
):
    panel = make_panel(GradientNormsPanel)
    layers.apply(make_steps(norms=norms))
    draw_text(panel, layers)
    assert panel.subtitle == told


def test_of_a_weight_is_the_root_mean_square_and_layers_that_scale_have_none(
    make_panel: Make, draw_text: Make, make_started: Make, make_steps: Make
):
    run, panel = RunState(), make_panel(GradientNormsPanel)
    counts = {"Conv2d(8, 3)": 400, "BatchNorm2d": 16, "Linear(9)": 100, "BatchNorm1d": 18, "Linear(3)": 30}
    infos = tuple(e.LayerInfo(str(n), text, (8,), (8,), count) for n, (text, count) in enumerate(counts.items()))
    run.apply(make_started(layers=infos))
    run.apply(make_steps(norms=(0.2, 9.0, 0.2, 9.0, 0.2)))
    draw_text(panel, run)
    assert panel.subtitle == "first / last = 1   hidden weights: 1 / 2"


def root_mean_squares(config: Config) -> np.ndarray:
    """Of the gradient of each layer, in one pass over all samples, layer by layer."""
    data = with_few_samples(datasets.load(config.dataset), config.samples)
    learner = Learner(config, data)
    model, loss, train = learner.model, learner.loss, data.train
    outputs, backward = model.forward(train.x, training=True)
    _, loss_backward = loss.forward(outputs, loss.targets(train.labels, outputs))
    backward(loss_backward())
    gradients = [[p.gradient.ravel() for p in leaf.layer.parameters] for leaf in model.learning_layers]
    learner.close()
    return np.array([np.sqrt(np.mean(np.concatenate(parts).astype(np.float64) ** 2)) for parts in gradients])


@pytest.mark.parametrize("case", read_study("depth").cases, ids=lambda case: case.label)
def test_the_panel_shows_what_is_published_of_networks_of_that_depth(
    case: Case, make_panel: Make, draw_text: Make, tmp_path: Path
):
    """Ten runs of one step each over all samples. Published are norms of biases, of which each layer has as many: what
    fades by a factor there does so in each weight, and the panel's figure must be the published one within 2.
    """
    shown = []
    for seed in range(10):
        config = replace(case.seeded(seed), batch_size=1000, epochs=1, lr=1e-6)
        run, panel = RunState(), make_panel(GradientNormsPanel)
        Trainer(config, run.apply, checkpoint=tmp_path / "run.safetensors", report_interval_s=math.inf).run()
        text = draw_text(panel, run, 60, 12)
        sizes = root_mean_squares(config)
        ratio = float(panel.subtitle.partition("hidden weights: 1 / ")[2])
        assert ratio == pytest.approx(sizes[-2] / sizes[0], rel=6e-3)  # three digits are shown
        bars = [float(line_of(text, layer.label).split()[-1]) for layer in run.started.layers]
        counts = [layer.parameters for layer in run.started.layers]
        assert bars == pytest.approx(sizes * np.sqrt(counts), rel=6e-3)
        shown.append(ratio)
    assert 0.5 <= np.median(shown) / PUBLISHED.get(case.label, 1.0) <= 2
