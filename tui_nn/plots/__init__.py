"""Plots as functions: numbers and a size in, rows of styled spans out. No widget, no state, no colour."""

from tui_nn.plots.axis import Limits, Scale, linear_limits, short_number
from tui_nn.plots.bars import Bar, bar_chart, bar_limits, meter
from tui_nn.plots.confusion import confusion_cells, confusion_plot
from tui_nn.plots.curve import Curve
from tui_nn.plots.dot_chart import dot_chart
from tui_nn.plots.frame import Mark
from tui_nn.plots.gallery import gallery, gallery_room
from tui_nn.plots.heat_map import heat_key, heat_limits, heat_map
from tui_nn.plots.heat_maps import Tiling, heat_maps, tile
from tui_nn.plots.histogram import histogram
from tui_nn.plots.image import image, shrunk
from tui_nn.plots.layer_map import layer_map
from tui_nn.plots.line import Area, Picture, line_plot
from tui_nn.plots.reliability import ConfidenceBin, reliability_plot
from tui_nn.plots.saliency import saliency_picture
from tui_nn.plots.sketch import Pen, sketch
from tui_nn.plots.smoothing import debiased_ema
from tui_nn.plots.spans import FloatArray, Glyphs, Row, Span, fit, one_cell, plain_text, rows_from, shorten, whole_words
from tui_nn.plots.surface import Points, Surface, surface_grid, surface_plot

__all__ = [
    "Area",
    "Bar",
    "ConfidenceBin",
    "Curve",
    "FloatArray",
    "Glyphs",
    "Limits",
    "Mark",
    "Pen",
    "Picture",
    "Points",
    "Row",
    "Scale",
    "Span",
    "Surface",
    "Tiling",
    "bar_chart",
    "bar_limits",
    "confusion_cells",
    "confusion_plot",
    "debiased_ema",
    "dot_chart",
    "fit",
    "gallery",
    "gallery_room",
    "heat_key",
    "heat_limits",
    "heat_map",
    "heat_maps",
    "histogram",
    "image",
    "layer_map",
    "line_plot",
    "linear_limits",
    "meter",
    "one_cell",
    "plain_text",
    "reliability_plot",
    "rows_from",
    "saliency_picture",
    "short_number",
    "shorten",
    "shrunk",
    "sketch",
    "surface_grid",
    "surface_plot",
    "tile",
    "whole_words",
]
