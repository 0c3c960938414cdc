import pytest

from benchmarks import view as v
from benchmarks.boundary import DATASET, NETWORKS, PAGE, figures, missed, report
from engine import datasets
from engine.training.config import make_config
from engine.training.learner import Learner

SCREEN = (
    " ● training   epoch 3.5/10   step 1,300   61,648 samples/s",
    " spiral   99 parameters",
    "╭─ Decision boundary ──────────────────────╮",
    "│at step 1,234   loss 0.0123               │",
    "╰──────────────────────────────────────────╯",
)


def test_the_step_of_a_surface_is_read_from_its_panel():
    assert PAGE.shown(SCREEN) == "1,234"
    assert PAGE.shown(SCREEN[:2]) == ""
    assert v.step(SCREEN) == 1300


def test_too_few_surfaces_and_too_little_speed_are_told():
    rates = {"headless": [[100.0], [200.0]], "dashboard": [[99.0], [190.0]], "boundary": [[98.0], [194.0]]}
    good = figures(rates, [3.0, 2.5])
    assert good["kept"]["median"] == pytest.approx(0.975)
    assert good["kept_of_dashboard"]["high"] == pytest.approx(194 / 190)
    assert good["headless"]["median"] == 150.0
    assert not missed(good)
    seldom = figures(rates, [1.9, 1.9])
    slow = figures({**rates, "boundary": [[90.0], [180.0]]}, [3.0, 3.0])
    assert missed(seldom)
    assert missed(slow)
    text = report({"small": good, "wide": slow})
    assert "small: 2.75 surfaces a second, at least 2; 97.5% of the speed kept, at least 95%\n" in text
    assert "wide: 3.00 surfaces a second, at least 2; 90.0% of the speed kept, at least 95%: MISSED" in text


@pytest.mark.parametrize("name", NETWORKS)
def test_the_networks_fit_the_data(name: str):
    model, batch = NETWORKS[name]
    Learner(make_config({"model": model, "batch_size": batch, "dataset": DATASET}), datasets.load(DATASET))
