"""The convolution, with the rectifier and the pooling after it: a sample at a time, while it is in the cache."""

import numpy as np

from engine.arrays import Array
from engine.kernels.compiled import kernel, phase
from engine.kernels.operands import byte_maps, cube, doubles, integers, maps, matrix, number, vector
from engine.kernels.product import SPARE, add_product, product, row_table
from engine.kernels.vectors import accumulate, pool_rectify, unpool_rectify
from engine.layers import Layer
from engine.layers.conv2d import Conv2d
from engine.layers.max_pool2d import MaxPool2d
from engine.layers.windows import Pair
from engine.stages.lowering import Lowering, Stage, lowers, rectifier_slope
from engine.stages.signals import Maps, Signal, border_for, even_chunks

WINDOWS = 48
"""Windows whose shares in the input's gradient are computed at a time: so few stay in a core's own cache."""


@phase
def conv2d_pack(t, chunk, thread):
    """forward[(i, j, c), o] = backward[o, (i, j, c)] = weight[o, c, i, j]: the order in which products read them."""
    weight, forward, backward = maps(t, 0), maps(t, 1), maps(t, 2)
    outputs, inputs, height, width = weight.shape
    for o in range(outputs):
        for c in range(inputs):
            for i in range(height):
                for j in range(width):
                    forward[i, j, c, o] = weight[o, c, i, j]
                    if backward.size:
                        backward[o, i, j, c] = weight[o, c, i, j]


@phase
def conv2d_forward(t, chunk, thread):
    """y = rectified(max over each pool of (x * weight) + bias) inside its border; `which` won, row by row."""
    x, weight, bias, slope = maps(t, 0), vector(t, 1), vector(t, 2), vector(t, 3)[0]
    y, which, border, scratch = maps(t, 4), byte_maps(t, 5), number(t, 6), cube(t, 7)
    arow, acol, brow, crow = integers(t, 8), integers(t, 9), integers(t, 10), integers(t, 11)
    width, pool_height, pool_width, samples = number(t, 12), number(t, 13), number(t, 14), number(t, 15)
    cells = integers(t, 16)
    z = scratch[thread]
    pixels, channels = z.shape
    for n in range(chunk * samples, min((chunk + 1) * samples, x.shape[0])):
        product(z, crow, pixels, x[n], arow, acol, weight, brow, channels)
        for u in range(y.shape[1] - 2 * border):
            to_y, to_which = y[n, u + border, border].ctypes.data, which[n, u].ctypes.data
            from_z = z[u * pool_height * width].ctypes.data
            for v in range(y.shape[2] - 2 * border):
                for c in range(0, channels, 8):
                    pool_rectify(
                        from_z + 4 * (v * pool_width * channels + c),
                        cells.ctypes.data,
                        cells.size,
                        bias.ctypes.data + 4 * c,
                        slope,
                        to_y + 4 * (v * channels + c),
                        to_which + v * channels + c,
                    )


@phase
def conv2d_backward(t, chunk, thread):
    """From dy to dz, back through pool and rectifier; from dz to dx, and to this chunk's share of dweight and dbias."""
    dy, y, which, border, slope = maps(t, 0), maps(t, 1), byte_maps(t, 2), number(t, 3), vector(t, 4)[0]
    x, dweights, dbiases, scratch = maps(t, 5), cube(t, 6), matrix(t, 7), cube(t, 8)
    arow, acol, brow, crow = integers(t, 9), integers(t, 10), integers(t, 11), integers(t, 12)
    width, pool_height, pool_width, samples = number(t, 13), number(t, 14), number(t, 15), number(t, 16)
    cells, dx = integers(t, 17), maps(t, 18)
    dz, dweight, dbias, windows = scratch[thread], dweights[chunk], dbiases[chunk], acol.size
    channels = dz.shape[1]
    dweight[:] = 0
    dbias[:] = 0
    for n in range(chunk * samples, min((chunk + 1) * samples, x.shape[0])):
        for u in range(dy.shape[1]):
            from_dy, from_which = dy[n, u].ctypes.data, which[n, u].ctypes.data
            from_y = y[n, u + border, border].ctypes.data
            to_dz = dz[u * pool_height * width].ctypes.data
            for v in range(dy.shape[2]):
                for c in range(0, channels, 8):
                    unpool_rectify(
                        from_dy + 4 * (v * channels + c),
                        from_y + 4 * (v * channels + c),
                        from_which + v * channels + c,
                        slope,
                        to_dz + 4 * (v * pool_width * channels + c),
                        cells.ctypes.data,
                        cells.size,
                        dbias.ctypes.data + 4 * c,
                    )
        add_product(dweight, crow, dweight.shape[0], x[n], arow, acol, dz, brow, channels)
        if dx.size:
            _input_gradient(t, dz, windows, dx[n], width, thread)


@kernel
def _input_gradient(t, dz, windows, dx, width, thread):
    """dx = the sum, over all windows that a number lies in, of dz of the window times its weight there."""
    weight, scratch = maps(t, 19), cube(t, 20)
    arow, acol, brow, crow = integers(t, 21), integers(t, 22), integers(t, 23), integers(t, 24)
    down, across, top, left = number(t, 25), number(t, 26), number(t, 27), number(t, 28)
    _, kernel_height, kernel_width, channels = weight.shape
    shares = scratch[thread]
    height, row = dx.shape[0], kernel_width * channels
    dx[:] = 0
    for first in range(0, windows, WINDOWS):
        count = min(WINDOWS, windows - first)
        product(shares, crow, count, dz[first:], arow, acol, weight, brow, kernel_height * row)
        for window in range(count):
            u, v = (first + window) // width * down - top, (first + window) % width * across - left
            # Only what lies inside the picture: some columns of each row of the window, some of its rows.
            begin, end = max(0, -v), min(kernel_width, dx.shape[1] - v)
            if end > begin:
                for i in range(max(0, -u), min(kernel_height, height - u)):
                    to_dx = dx[u + i, v + begin].ctypes.data
                    from_share = shares[window, i * row + begin * channels :].ctypes.data
                    accumulate(to_dx, from_share, (end - begin) * channels // 8)


@phase
def conv2d_gather(t, chunk, thread):
    """dweight[o, c, i, j] = sum of all chunks' shares at [(i, j, c), o], and likewise dbias.   A block of (i, j, c)."""
    dweights, dbiases, dweight, dbias = cube(t, 0), matrix(t, 1), matrix(t, 2), vector(t, 3)
    squares, bias_squares, inputs, block = doubles(t, 4), doubles(t, 5), number(t, 6), number(t, 7)
    # dweight: (out, in kernel); row (i, j, c) of a share goes to column (c, i, j).
    rows, outputs = dweights.shape[1], dweight.shape[0]
    area = rows // inputs
    total = dweights[0]
    square = 0.0
    for row in range(chunk * block, min((chunk + 1) * block, rows)):
        for share in range(1, dweights.shape[0]):
            for o in range(total.shape[1]):
                total[row, o] += dweights[share, row, o]
        column = row % inputs * area + row // inputs
        for o in range(outputs):
            dweight[o, column] = total[row, o]
            square += np.float64(total[row, o]) * np.float64(total[row, o])
    squares[chunk] = square
    if chunk == 0 and dbias.size:
        bias_square = 0.0
        for o in range(outputs):
            value = np.float32(0)
            for share in range(dbiases.shape[0]):
                value += dbiases[share, o]
            dbias[o] = value
            bias_square += np.float64(value) * np.float64(value)
        bias_squares[0] = bias_square


@lowers(Conv2d)
def lower_conv2d(to: Lowering, layer: Conv2d, x: Signal, following: list[Layer]) -> tuple[Stage, int]:
    """The layer's stage, with a rectifier and then a pooling without overlap that follow."""
    assert isinstance(x, Maps)
    assert x.border >= max(layer.padding)
    slope, fused = rectifier_slope(following)
    (kernel_height, kernel_width), (down, across), (top, left) = layer.kernel, layer.stride, layer.padding
    inputs, height, width = x.shape
    outputs = layer.out_channels
    out_height = (height + 2 * top - kernel_height) // down + 1
    out_width = (width + 2 * left - kernel_width) // across + 1
    pool = _pool_after(following[fused:])
    fused += pool is not None
    pool = pool or (1, 1)
    shape = (outputs, out_height // pool[0], out_width // pool[1])
    y = Maps(to.batch, shape, border_for(following[fused:]))

    in_width, out_padded = x.value.shape[3], y.value.shape[3]
    line = x.value.shape[2] * in_width
    start = (x.border - top) * line + (x.border - left) * in_width
    windows = start + _grid((out_height, down * line), (out_width, across * in_width))
    inside = _grid((kernel_height, line), (kernel_width, in_width), (inputs, 1))

    weight = layer.parameters[0]
    bias = layer.parameters[1] if layer.bias else None
    packed = np.zeros((kernel_height, kernel_width, inputs, out_padded), np.float32)
    turned = np.zeros((0, 0, 0, 0), np.float32)
    biases = np.zeros(out_padded, np.float32)
    slopes = np.array([slope], np.float32)
    which = np.zeros((to.batch, *shape[1:], out_padded), np.uint8)
    samples = even_chunks(to.batch, 2 * to.chunks)
    cells = _grid((pool[0], out_width * out_padded), (pool[1], out_padded))
    flops = 2 * to.batch * len(windows) * len(inside) * outputs
    forward = to.segment(
        conv2d_forward,
        [
            x.value,
            packed,
            biases,
            slopes,
            y.value,
            which,
            y.border,
            np.zeros((to.threads, out_height * out_width, out_padded), np.float32),
            row_table(windows),
            inside,
            np.arange(len(inside)) * out_padded,
            row_table(np.arange(len(windows)) * out_padded),
            out_width,
            *pool,
            samples,
            cells,
        ],
        -(-to.batch // samples),
        flat=(1,),
        flops=flops,
    )
    stage = Stage(y, forward=[[forward]])
    if bias:
        stage.pack.append(to.segment(copy_vector, [bias.stored_value, biases], 1))
    if to.training:
        samples = even_chunks(to.batch, to.chunks)
        shares = -(-to.batch // samples)
        dweights = np.zeros((shares, len(inside), out_padded), np.float32)
        dbiases = np.zeros((shares, out_padded), np.float32)
        dx = np.zeros((0, 0, 0, 0), np.float32)
        if layer.needs_input_gradient:
            dx = x.need_gradient()
            turned = np.zeros((outputs, kernel_height, kernel_width, in_width), np.float32)
        window = kernel_height * kernel_width * in_width
        backward = to.segment(
            conv2d_backward,
            [
                y.need_gradient(),
                y.value,
                which,
                y.border,
                slopes,
                x.value,
                dweights,
                dbiases,
                # The last tile of windows may read rows beyond them.
                np.zeros((to.threads, len(windows) + SPARE, out_padded), np.float32),
                row_table(start + inside),
                windows - start,
                np.arange(len(windows)) * out_padded,
                row_table(np.arange(len(inside)) * out_padded),
                out_width,
                *pool,
                samples,
                cells,
                dx,
                turned,
                np.zeros((to.threads, WINDOWS, window) if dx.size else (0, 0, 0), np.float32),
                row_table(np.arange(WINDOWS) * out_padded),
                np.arange(outputs),
                np.arange(outputs) * window,
                row_table(np.arange(WINDOWS) * window),
                *layer.stride,
                *layer.padding,
            ],
            shares,
            flops=flops * (1 + layer.needs_input_gradient),
        )
        block = even_chunks(len(inside), to.chunks, 8)
        squares = to.square_parts(weight, -(-len(inside) // block))
        bias_squares = to.square_parts(bias, 1) if bias else np.zeros(1)
        dbias = bias.stored_gradient if bias else np.zeros(0, np.float32)
        dweight = weight.stored_gradient.reshape(outputs, -1)
        operands = [dweights, dbiases, dweight, dbias, squares, bias_squares, inputs, block]
        stage.backward = [[backward]]
        stage.late.append(to.segment(conv2d_gather, operands, len(squares)))
    stage.pack.append(to.segment(conv2d_pack, [weight.stored_value, packed, turned], 1))
    return stage, fused


def _pool_after(following: list[Layer]) -> Pair | None:
    """The windows of the pooling that comes next, if they stand side by side and their places fit into a byte."""
    match following:
        case [MaxPool2d(kernel=kernel, stride=stride, padding=(0, 0)), *_] if kernel == stride:
            return kernel if kernel[0] * kernel[1] <= 256 else None
    return None


@phase
def copy_vector(t, chunk, thread):
    """The numbers of a vector to the beginning of another."""
    source, target = vector(t, 0), vector(t, 1)
    for i in range(source.size):
        target[i] = source[i]


def _grid(*axes: tuple[int, int]) -> Array:
    """The offsets sum_k i_k step_k of all points of a grid, last axis fastest; an axis is (count, step)."""
    offsets = np.zeros(1, np.int64)
    for count, step in axes:
        offsets = (offsets[:, None] + np.arange(count) * step).reshape(-1)
    return offsets
