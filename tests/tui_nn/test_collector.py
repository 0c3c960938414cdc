import gc

from tui_nn.collector import THRESHOLDS, rare_collections


def test_collections_are_rare_within_and_as_before_after():
    before = gc.get_threshold()
    frozen = gc.get_freeze_count()
    with rare_collections():
        assert gc.get_threshold() == THRESHOLDS
        assert gc.get_freeze_count() > frozen
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
