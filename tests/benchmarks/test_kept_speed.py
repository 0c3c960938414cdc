import pytest

from benchmarks.kept_speed import NAMES, figures, report, settings_of, slow
from engine.training.config import make_config


def test_what_is_kept_is_by_round():
    shown = figures([[100.0], [200.0], [100.0]], [[99.0], [190.0], [90.0]])
    assert shown["kept"] == pytest.approx({"median": 0.95, "low": 0.9, "high": 0.99})
    assert not slow(shown)
    assert slow(figures([[100.0]], [[94.0]]))
    text = report({"mlp-large-256": shown, "cnn-128": figures([[100.0]], [[94.0]])})
    assert "mlp-large-256: the dashboard keeps 95.0% of the speed, at least 95%" in text
    assert "cnn-128: the dashboard keeps 94.0% of the speed, MISSED: at least 95%" in text


@pytest.mark.parametrize("name", NAMES)
def test_the_options_are_those_of_a_run(name: str):
    options = settings_of(name, "mnist-5k")
    settings = {
        flag.removeprefix("--").replace("-", "_"): value for flag, value in zip(*[iter(options)] * 2, strict=True)
    }
    config = make_config(settings)
    assert name.endswith(f"-{config.batch_size}")
    assert config.lr == 1e-3
