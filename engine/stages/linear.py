"""The fully connected layer, with the rectifier after it."""

from typing import Any

import numpy as np

from engine.kernels.compiled import kernel, phase
from engine.kernels.crew import Segment
from engine.kernels.operands import doubles, integers, matrix, number, vector
from engine.kernels.product import ROW_BLOCK, add_product, product, row_table
from engine.kernels.vectors import turn_rectified
from engine.layers import Layer
from engine.layers.linear import Linear
from engine.parameters import padded
from engine.stages.lowering import Lowering, Stage, lowers, rectifier_slope
from engine.stages.signals import Rows, Settling, Signal, even_chunks

DEPTH = 2048
"""Inputs that are multiplied at a time: their weights for 64 outputs fill half of a core's own cache."""


@phase
def linear_forward(t, chunk, thread):
    """y[b, o] = rectified(sum_i x[b, i] w[i, o] + bias[o]), for a block of rows and of columns."""
    x, w, bias, y, slope = vector(t, 0), vector(t, 1), vector(t, 2), matrix(t, 3), vector(t, 4)[0]
    arow, acol, brow, crow = integers(t, 5), integers(t, 6), integers(t, 7), integers(t, 8)
    row_block, column_block = number(t, 9), number(t, 10)
    batch, columns = y.shape[0], -(-y.shape[1] // column_block)
    first, left = chunk // columns * row_block, chunk % columns * column_block
    last, right = min(first + row_block, batch), min(left + column_block, y.shape[1])
    to_y, from_w, rows, width = y.reshape(-1)[left:], w[left:], last - first, right - left
    # So many weights at a time that they are still in the core's own cache for the next rows.
    product(to_y, crow[first:], rows, x, arow[first:], acol[:DEPTH], from_w, brow[:DEPTH], width)
    for k in range(DEPTH, acol.size, DEPTH):
        add_product(to_y, crow[first:], rows, x, arow[first:], acol[k : k + DEPTH], from_w, brow[k : k + DEPTH], width)
    right = min(right, bias.size)
    for b in range(first, last):
        for o in range(left, right):
            z = y[b, o] + bias[o]
            y[b, o] = z if z > 0 else slope * z


@phase
def linear_settle(t, chunk, thread):
    """dz = dy where y > 0, else slope dy, laid out both ways; dbias[o] = sum_b dz[b, o].   A block of outputs."""
    block = number(t, 7)
    _settle(t, 0, chunk, chunk * block, min((chunk + 1) * block, matrix(t, 0).shape[0]))


@kernel
def _settle(t, at, chunk, left, right):
    """`linear_settle` for the outputs from left to right; its operands begin at the operand `at`."""
    dyt, y, dzt, dz = matrix(t, at), matrix(t, at + 1), matrix(t, at + 2), matrix(t, at + 3)
    dbias, slope, squares = vector(t, at + 4), vector(t, at + 5)[0], doubles(t, at + 6)
    batch = y.shape[0]
    whole_batch, whole_right = batch - batch % 8, right - (right - left) % 8
    for o in range(left, whole_right, 8):
        for b in range(0, whole_batch, 8):
            turn_rectified(
                dyt[o, b:].ctypes.data,
                4 * dyt.shape[1],
                y[b, o:].ctypes.data,
                4 * y.shape[1],
                slope,
                dzt[o, b:].ctypes.data,
                dz[b, o:].ctypes.data,
                4 * dz.shape[1],
            )
    for o in range(left, right):
        for b in range(whole_batch if o < whole_right else 0, batch):
            d = dyt[o, b] if y[b, o] > 0 else slope * dyt[o, b]
            dz[b, o] = d
            dzt[o, b] = d
    square = 0.0
    for o in range(left, right):
        total = np.float32(0)
        for b in range(batch):
            total += dzt[o, b]
        if dbias.size:
            dbias[o] = total
            square += np.float64(total) * np.float64(total)
    squares[chunk] = square


@phase
def linear_weight_gradient(t, chunk, thread):
    """dw[i, o] = sum_b x[b, i] dz[b, o], for a block of inputs."""
    x, dz, dw, squares = vector(t, 0), vector(t, 1), matrix(t, 2), doubles(t, 3)
    arow, acol, brow, crow, block = integers(t, 4), integers(t, 5), integers(t, 6), integers(t, 7), number(t, 8)
    first, last = chunk * block, min((chunk + 1) * block, dw.shape[0])
    product(dw, crow[first:], last - first, x, arow[first:], acol, dz, brow, dw.shape[1])
    square = 0.0
    for i in range(first, last):
        # float32 sums of a row at a time use the whole vector unit; float64 takes them up before they lose digits.
        row = np.float32(0)
        for o in range(dw.shape[1]):
            row += dw[i, o] * dw[i, o]
        square += np.float64(row)
    squares[chunk] = square


@phase
def linear_input_gradient(t, chunk, thread):
    """dx[i, b] = sum_o w[i, o] dz[o, b], for a block of inputs; settles them for the layer before, if asked to."""
    w, dzt, dxt = vector(t, 0), vector(t, 1), matrix(t, 2)
    arow, acol, brow, crow, block = integers(t, 3), integers(t, 4), integers(t, 5), integers(t, 6), number(t, 7)
    first, last = chunk * block, min((chunk + 1) * block, dxt.shape[0])
    product(dxt, crow[first:], last - first, w, arow[first:], acol, dzt, brow, dxt.shape[1])
    if number(t, 8):
        _settle(t, 9, chunk, first, last)


@lowers(Linear)
def lower_linear(to: Lowering, layer: Linear, x: Signal, following: list[Layer]) -> tuple[Stage, int]:
    """The layer's stage, with a rectifier that follows."""
    assert isinstance(x, Rows)
    batch, inputs, outputs = x.batch, x.features, layer.out_features
    slope, fused = rectifier_slope(following)
    weight = layer.parameters[0]
    bias = layer.parameters[1] if layer.bias else None
    y = Rows(batch, outputs)
    in_width, out_width, batch_width = x.value.shape[1], y.value.shape[1], padded(batch)
    slopes = np.array([slope], np.float32)
    flops = 2 * batch * inputs * outputs

    columns = 64 if out_width >= 256 else min(32, out_width)
    column_chunks = -(-out_width // columns)
    rows = even_chunks(batch, max(1, to.chunks // column_chunks), ROW_BLOCK)
    biases = bias.stored_value if bias else np.zeros(outputs, np.float32)
    forward = to.segment(
        linear_forward,
        [
            x.value,
            weight.stored_value,
            biases,
            y.value,
            slopes,
            row_table(np.arange(batch) * in_width),
            np.arange(inputs),
            np.arange(inputs) * out_width,
            row_table(np.arange(batch) * out_width),
            rows,
            columns,
        ],
        column_chunks * -(-batch // rows),
        flat=(0, 1),
        flops=flops,
    )
    stage = Stage(y, forward=[[forward]])
    if not to.training:
        return stage, fused

    dyt = y.need_gradient()
    dzt, dz = np.zeros_like(dyt), np.zeros_like(y.value)
    dbias = bias.stored_gradient if bias else np.zeros(0, np.float32)
    y.settling = Settling([dyt, y.value, dzt, dz, dbias, slopes], bias, [])
    block = even_chunks(outputs, to.chunks, 16)
    chunks = -(-outputs // block)
    operands = [*_settle_operands(to, y.settling, chunks), block]
    y.settling.group.append(to.segment(linear_settle, operands, chunks))

    block = even_chunks(inputs, to.chunks, ROW_BLOCK)
    squares = to.square_parts(weight, -(-inputs // block))
    both: list[Segment] = []
    if layer.needs_input_gradient:
        dxt = x.need_gradient()
        settled: list[Any] = [0]
        if x.settling is not None:
            # While they are in the cache, and without a meeting of the threads in between.
            x.settling.group.clear()
            settled = [1, *_settle_operands(to, x.settling, len(squares))]
        both.append(
            to.segment(
                linear_input_gradient,
                [
                    weight.stored_value,
                    dzt,
                    dxt,
                    row_table(np.arange(inputs) * out_width),
                    np.arange(outputs),
                    np.arange(outputs) * batch_width,
                    row_table(np.arange(inputs) * batch_width),
                    block,
                    *settled,
                ],
                len(squares),
                flat=(0, 1),
                flops=flops,
            )
        )
    both.append(
        to.segment(
            linear_weight_gradient,
            [
                x.value,
                dz,
                weight.stored_gradient,
                squares,
                row_table(np.arange(inputs)),
                np.arange(batch) * in_width,
                np.arange(batch) * out_width,
                row_table(np.arange(inputs) * out_width),
                block,
            ],
            len(squares),
            flat=(0, 1),
            flops=flops,
        )
    )
    stage.backward = [y.settling.group, both]
    return stage, fused


def _settle_operands(to: Lowering, settling: Settling, chunks: int) -> list[Any]:
    squares = to.square_parts(settling.bias, chunks) if settling.bias else np.zeros(chunks)
    return [*settling.operands, squares]
