from typing import Any

import pytest

from benchmarks.accuracy import OURS, TUNED, USUAL, ratios, report


def finish(seconds: float | None) -> dict[str, Any]:
    return {"seconds": seconds, "ready_s": 1.0, "evaluation_s": 0.5, "epochs": 2.25, "accuracies": [0.9, 0.985]}


RACES = {
    "0": {OURS: finish(10.0), USUAL: finish(40.0), TUNED: {"absent": "no torch"}},
    "1": {OURS: finish(20.0), USUAL: finish(None), TUNED: {"absent": "no torch"}},
    "2": {OURS: finish(10.0), USUAL: finish(30.0), TUNED: {"absent": "no torch"}},
}


def test_only_seeds_with_which_both_got_there_are_compared():
    assert ratios(RACES, USUAL) == {"median": 3.5, "low": 3.0, "high": 4.0}
    assert ratios(RACES, TUNED) is None


def test_the_report_tells_times_who_never_got_there_and_who_is_absent():
    machine = {"cores": 2, "processor": "P", "system": "S", "python": "3", "versions": {}, "load": 0.0}
    recipe = {"model": "Linear(10)", "optimizer": "adam", "epochs": 3, "batch_size": 32}
    names = {name: ratios(RACES, name) for name in (USUAL, TUNED)}
    text = report({"machine": machine, "threads": 2, "recipe": recipe, "target": 0.99, "races": RACES, "ratios": names})
    assert "until 99.0% of the test digits" in text
    assert "never, 98.50%" in text
    assert "absent: PyTorch, index_select with seed 1: no torch" in text
    assert "PyTorch, DataLoader / ours: 3.50 (3.00-4.00)" in text
    assert "PyTorch, index_select / ours: unknown" in text


@pytest.mark.filterwarnings("default")
def test_both_of_pytorchs_ways_see_every_sample_once_an_epoch():
    torch = pytest.importorskip("torch")
    from benchmarks.contestants.race_pytorch import by_index, by_loader

    x = torch.arange(10.0).reshape(10, 1)
    labels = torch.arange(10)
    for way in (by_loader, by_index):
        batches = way(x, labels, 4)
        epoch = [next(batches) for _ in range(3)]
        assert [len(batch_x) for batch_x, _ in epoch] == [4, 4, 2]
        assert sorted(torch.cat([batch_labels for _, batch_labels in epoch]).tolist()) == list(range(10))
        assert all((batch_x[:, 0] == batch_labels).all() for batch_x, batch_labels in epoch)
