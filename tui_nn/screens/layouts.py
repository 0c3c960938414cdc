"""Which panels stand where, by the size of the terminal: of each list the first that has room."""

from tui_nn.arrangement import SECOND
from tui_nn.placing import Layout, columns, panel, rows

SMALLEST = (60, 20)
"""Columns and rows below which a sentence stands in place of the panels."""

PLOTS = ("accuracy", "learning-rate", "gradient-norm", "update-ratio", "speed")
"""What the second plot is chosen from."""

WIDE = columns(
    rows(panel("loss", 2, least=8), panel("accuracy", 2, least=8), panel("prediction", least=16), share=6),
    rows(panel("gradient-norms", 8), panel("weights", 5, least=6), panel("hyperparameters", least=11), share=6),
    rows(panel("verdicts", least=10), *(panel(name) for name in PLOTS if name != "accuracy"), share=5),
)

LARGE = columns(
    rows(panel("loss", 2, least=8), panel(SECOND, 2, least=8), panel("prediction", least=16), least=48),
    rows(
        panel("verdicts", least=7),
        panel("gradient-norms", 8),
        panel("weights", 5, least=6),
        panel("hyperparameters", least=11),
    ),
)

FLAT = (
    columns(
        rows(panel("loss"), panel(SECOND), share=4),
        rows(panel("gradient-norms"), panel("hyperparameters", least=10), share=3),
        panel("weights", 3),
    ),
    columns(
        panel("prediction", 4),
        rows(panel("learning-rate"), panel("gradient-norm"), share=3),
        rows(panel("verdicts", least=6), panel("update-ratio"), panel("speed"), share=3),
    ),
)

SMALL = (
    columns(
        rows(panel("loss"), panel(SECOND), share=4),
        rows(panel("gradient-norms"), panel("hyperparameters", least=10), share=3),
    ),
    columns(
        rows(panel("prediction", least=15), panel("figures", spare=True, least=5), share=5, least=48),
        rows(panel("weights"), panel("verdicts", least=8), share=3),
    ),
)

LEAST = (
    rows(
        panel("loss", 3, least=8),
        panel(SECOND, 3, least=8, spare=True),
        columns(panel("gradient-norms", 5), panel("figures", 4), share=2, least=7),
    ),
    rows(panel(SECOND, least=7), columns(panel("weights"), panel("hyperparameters", least=29), least=9)),
    rows(panel("prediction", least=16), panel("figures", spare=True, least=6)),
    panel("verdicts"),
)

DASHBOARD = (
    Layout(150, 36, (WIDE,)),
    Layout(80, 36, (LARGE,)),
    Layout(150, 20, FLAT),
    Layout(80, 20, SMALL),
    Layout(*SMALLEST, LEAST),
)

BOUNDARY = (
    Layout(
        100, 36, (columns(panel("boundary", 8), rows(panel("units"), panel("hyperparameters", least=11), share=5)),)
    ),
    Layout(
        *SMALLEST,
        (panel("boundary"), columns(panel("units"), panel("hyperparameters", 0.5, least=29))),
    ),
)

TALLIES = ("weight-tally", "gradient-tally", "activation-tally")

LAYERS = (
    Layout(
        100,
        34,
        (
            rows(
                columns(panel("layer-list", 5), panel("hyperparameters", 2, least=29), share=2, least=9),
                columns(*map(panel, TALLIES), share=4, least=13),
                columns(panel("weight-pictures"), panel("activation-maps"), share=4, least=12),
            ),
        ),
    ),
    Layout(
        80,
        20,
        (
            rows(panel("layer-list", 1, least=5), columns(*map(panel, TALLIES), share=2, least=12)),
            columns(panel("weight-pictures"), panel("activation-maps")),
            columns(panel("layer-list", 3), panel("hyperparameters", 2, least=29)),
        ),
    ),
    Layout(
        *SMALLEST,
        (
            rows(panel("layer-list", 2, least=5), columns(*map(panel, TALLIES[:2]), share=3, least=11)),
            columns(panel("activation-tally"), panel("hyperparameters", least=29)),
            panel("weight-pictures"),
            panel("activation-maps"),
        ),
    ),
)

DRAW = (
    Layout(
        150,
        44,
        (
            columns(
                panel("canvas", 11),
                rows(columns(panel("form", least=34), panel("bars"), least=22), panel("preparation"), share=9),
            ),
        ),
    ),
    Layout(
        100,
        34,
        (columns(panel("canvas", 3), rows(panel("form", least=16), panel("bars"), share=2)), panel("preparation")),
    ),
    Layout(80, 20, (columns(panel("canvas", least=32), panel("form", least=30), panel("bars")), panel("preparation"))),
    Layout(
        *SMALLEST,
        (
            columns(panel("canvas", least=34), panel("bars")),
            columns(panel("form", least=30), panel("preparation")),
        ),
    ),
)

DRAW_WIDE = (
    Layout(
        150,
        44,
        (rows(panel("canvas"), columns(panel("form", 2), panel("bars", 2), panel("preparation", 3), least=17)),),
    ),
    Layout(
        100, 34, (rows(panel("canvas"), columns(panel("form", 3), panel("bars", 2), least=16)), panel("preparation"))
    ),
    Layout(
        *SMALLEST,
        (rows(panel("canvas", 2, least=11), panel("bars", least=5)), rows(panel("form"), panel("preparation"))),
    ),
)
"""For several digits the canvas is three times as wide as high."""

ERRORS = (
    Layout(
        110,
        34,
        (
            rows(
                columns(panel("confusion", 6, least=54), panel("mistakes", 5), share=23, least=15),
                columns(panel("class-accuracy", 5), panel("calibration", 6), panel("suspects", 5), share=14, least=12),
            ),
        ),
    ),
    Layout(
        80,
        20,
        (
            columns(panel("confusion", 7, least=54), panel("mistakes", 3, least=24)),
            columns(panel("class-accuracy"), panel("calibration")),
            panel("suspects"),
        ),
    ),
    Layout(
        *SMALLEST,
        (
            panel("confusion"),
            panel("mistakes"),
            columns(panel("class-accuracy"), panel("calibration")),
            panel("suspects"),
        ),
    ),
)

INSIDE = (
    Layout(
        150,
        44,
        (
            columns(
                rows(panel("varied", least=16), panel("sliders", least=6), panel("path"), share=5, least=54),
                rows(panel("saliency", least=17), panel("maps"), share=6, least=60),
                panel("templates", 5),
            ),
        ),
    ),
    Layout(
        116,
        34,
        (
            columns(
                rows(panel("varied", least=16), panel("sliders", least=6), panel("path"), least=54),
                rows(panel("saliency", least=16), panel("templates", 2, least=7), panel("maps", 3), least=60),
            ),
        ),
    ),
    Layout(
        80,
        20,
        (
            rows(panel("varied", least=15), panel("sliders", least=6)),
            columns(panel("saliency", least=60), panel("path")),
            columns(panel("templates"), panel("maps")),
        ),
    ),
    Layout(
        *SMALLEST,
        (
            panel("varied"),
            rows(panel("sliders", least=6), panel("path")),
            panel("saliency"),
            panel("maps"),
            panel("templates"),
        ),
    ),
)

ALL_IN_VIEW = next((layout.width, layout.height) for layout in reversed(DASHBOARD) if len(layout.pages) == 1)
"""The smallest terminal that needs no second page."""
