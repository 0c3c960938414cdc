"""The fully connected layer, with the rectifier after it."""

import numpy as np

from engine.kernels.compiled import phase
from engine.kernels.crew import Segment
from engine.kernels.operands import doubles, integers, matrix, number, vector
from engine.kernels.product import ROW_BLOCK, product, row_table
from engine.layers import Layer
from engine.layers.linear import Linear
from engine.parameters import padded
from engine.stages.lowering import Lowering, Stage, lowers, rectifier_slope
from engine.stages.signals import Rows, Signal, even_chunks


@phase
def linear_forward(t, chunk, thread):
    """y[b, o] = rectified(sum_i x[b, i] w[i, o] + bias[o]), for a block of rows and of columns."""
    x, w, bias, y, slope = vector(t, 0), vector(t, 1), vector(t, 2), matrix(t, 3), vector(t, 4)[0]
    arow, acol, brow, crow = integers(t, 5), integers(t, 6), integers(t, 7), integers(t, 8)
    row_block, column_block = number(t, 9), number(t, 10)
    batch, width = y.shape
    columns = -(-width // column_block)
    first, left = chunk // columns * row_block, chunk % columns * column_block
    last, right = min(first + row_block, batch), min(left + column_block, width)
    product(y.reshape(-1)[left:], crow[first:], last - first, x, arow[first:], acol, w[left:], brow, right - left)
    right = min(right, bias.size)
    for b in range(first, last):
        for o in range(left, right):
            z = y[b, o] + bias[o]
            y[b, o] = z if z > 0 else slope * z


@phase
def linear_settle(t, chunk, thread):
    """dz = dy where y > 0, else slope dy, laid out both ways; dbias[o] = sum_b dz[b, o].   A block of outputs."""
    dyt, y, dzt, dz, dbias, slope = (
        matrix(t, 0),
        matrix(t, 1),
        matrix(t, 2),
        matrix(t, 3),
        vector(t, 4),
        vector(t, 5)[0],
    )
    squares, block = doubles(t, 6), number(t, 7)
    left, right = chunk * block, min((chunk + 1) * block, dyt.shape[0])
    for b in range(y.shape[0]):
        for o in range(left, right):
            d = dyt[o, b] if y[b, o] > 0 else slope * dyt[o, b]
            dz[b, o] = d
            dzt[o, b] = d
    square = 0.0
    for o in range(left, right):
        total = np.float32(0)
        for b in range(y.shape[0]):
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
    """dx[i, b] = sum_o w[i, o] dz[o, b], for a block of inputs."""
    w, dzt, dxt = vector(t, 0), vector(t, 1), matrix(t, 2)
    arow, acol, brow, crow, block = integers(t, 3), integers(t, 4), integers(t, 5), integers(t, 6), number(t, 7)
    first, last = chunk * block, min((chunk + 1) * block, dxt.shape[0])
    product(dxt, crow[first:], last - first, w, arow[first:], acol, dzt, brow, dxt.shape[1])


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

    columns = 64 if out_width >= 64 * to.chunks else 32 if out_width > 32 else out_width
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
    )
    stage = Stage(y, forward=[[forward]])
    if not to.training:
        return stage, fused

    dyt = y.need_gradient()
    dzt, dz = np.zeros_like(dyt), np.zeros_like(y.value)
    block = even_chunks(outputs, to.chunks, 16)
    chunks = -(-outputs // block)
    squares = to.square_parts(bias, chunks) if bias else np.zeros(chunks)
    dbias = bias.stored_gradient if bias else np.zeros(0, np.float32)
    settle = to.segment(linear_settle, [dyt, y.value, dzt, dz, dbias, slopes, squares, block], len(squares))

    block = even_chunks(inputs, to.chunks, ROW_BLOCK)
    squares = to.square_parts(weight, -(-inputs // block))
    both: list[Segment] = []
    if layer.needs_input_gradient:
        dxt = x.need_gradient()
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
                ],
                len(squares),
                flat=(0, 1),
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
        )
    )
    stage.backward = [[settle], both]
    return stage, fused
