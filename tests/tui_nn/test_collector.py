import gc

from tui_nn.collector import MANY, THRESHOLDS, look_through_at_leisure, rare_collections


def test_collections_are_rare_within_and_as_before_after():
    before = gc.get_threshold()
    frozen = gc.get_freeze_count()
    with rare_collections():
        assert gc.get_threshold() == THRESHOLDS
        assert gc.get_freeze_count() > frozen
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_at_leisure_much_is_looked_through_and_little_is_not():
    with rare_collections():
        gc.collect()
        few = [[] for _ in range(100)]
        look_through_at_leisure()
        assert gc.get_count()[0] >= len(few)
        many = [[] for _ in range(MANY)]
        look_through_at_leisure()
        assert gc.get_count()[0] < len(few)
        assert gc.get_count()[1] == 1
        del many


def test_older_objects_are_looked_through_as_seldom_as_the_collector_would():
    with rare_collections():
        gc.collect()
        for _ in range(THRESHOLDS[1] + 1):
            young = [[] for _ in range(2 * MANY)]
            look_through_at_leisure()
            del young
        assert gc.get_count()[1] == 0
        assert gc.get_count()[2] == 1
