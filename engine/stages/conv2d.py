"""The convolution, with the rectifier and the pooling after it: a sample at a time, while it is in the cache."""

import numpy as np

from engine.arrays import Array
from engine.kernels.compiled import phase
from engine.kernels.operands import byte_maps, cube, doubles, integers, maps, matrix, number, vector
from engine.kernels.product import add_product, product, row_table
from engine.layers import Layer
from engine.layers.conv2d import Conv2d
from engine.layers.max_pool2d import MaxPool2d
from engine.parameters import padded
from engine.stages.lowering import Lowering, Stage, lowers, rectifier_slope
from engine.stages.signals import Maps, Signal, border_for, even_chunks


@phase
def conv2d_pack(t, chunk, thread):
    """forward[(i, j, c), o] = backward[(i, j, o), c] = weight[o, c, i, j]: the order in which products read them."""
    weight, forward, backward = maps(t, 0), maps(t, 1), maps(t, 2)
    outputs, inputs, height, width = weight.shape
    for o in range(outputs):
        for c in range(inputs):
            for i in range(height):
                for j in range(width):
                    forward[i, j, c, o] = weight[o, c, i, j]
                    if backward.size:
                        backward[i, j, o, c] = weight[o, c, i, j]


@phase
def conv2d_forward(t, chunk, thread):
    """y = rectified(max over each pool of (x * weight) + bias) inside its border; `which` won, row by row."""
    x, weight, bias, slope = maps(t, 0), vector(t, 1), vector(t, 2), vector(t, 3)[0]
    y, which, border, scratch = maps(t, 4), byte_maps(t, 5), number(t, 6), cube(t, 7)
    arow, acol, brow, crow = integers(t, 8), integers(t, 9), integers(t, 10), integers(t, 11)
    width, pool_height, pool_width, samples = number(t, 12), number(t, 13), number(t, 14), number(t, 15)
    z = scratch[thread]
    pixels, channels = z.shape
    for n in range(chunk * samples, min((chunk + 1) * samples, x.shape[0])):
        product(z, crow, pixels, x[n], arow, acol, weight, brow, channels)
        for u in range(y.shape[1] - 2 * border):
            for v in range(y.shape[2] - 2 * border):
                best = y[n, u + border, v + border]
                first = z[u * pool_height * width + v * pool_width]
                if which.size:
                    won = which[n, u, v]
                    for c in range(channels):
                        best[c] = first[c]
                        won[c] = 0
                    for p in range(1, pool_height * pool_width):
                        other = z[(u * pool_height + p // pool_width) * width + v * pool_width + p % pool_width]
                        for c in range(channels):
                            # Not "other > best": NaN is to win.
                            better = not (other[c] <= best[c])
                            best[c] = other[c] if better else best[c]
                            won[c] = np.uint8(p) if better else won[c]
                    for c in range(channels):
                        s = best[c] + bias[c]
                        best[c] = s if s > 0 else slope * s
                else:
                    for c in range(channels):
                        s = first[c] + bias[c]
                        best[c] = s if s > 0 else slope * s


@phase
def conv2d_backward(t, chunk, thread):
    """From dy to dz, back through pool and rectifier; from dz to dx, and to this chunk's share of dweight and dbias."""
    dy, y, which, border, slope = maps(t, 0), maps(t, 1), byte_maps(t, 2), number(t, 3), vector(t, 4)[0]
    x, dweights, dbiases, scratch = maps(t, 5), cube(t, 6), matrix(t, 7), cube(t, 8)
    arow, acol, brow, crow = integers(t, 9), integers(t, 10), integers(t, 11), integers(t, 12)
    origin, row_step, step = number(t, 13), number(t, 14), number(t, 15)
    pool_height, pool_width, samples = number(t, 16), number(t, 17), number(t, 18)
    dx, weight = maps(t, 19), vector(t, 20)
    dx_arow, dx_acol, dx_brow, dx_crow = integers(t, 21), integers(t, 22), integers(t, 23), integers(t, 24)
    dz, dweight, dbias = scratch[thread], dweights[chunk], dbiases[chunk]
    channels = dz.shape[1]
    dweight[:] = 0
    dbias[:] = 0
    zero = np.float32(0)
    for n in range(chunk * samples, min((chunk + 1) * samples, x.shape[0])):
        for u in range(dy.shape[1]):
            for v in range(dy.shape[2]):
                d, shown = dy[n, u, v], y[n, u + border, v + border]
                corner = origin + u * pool_height * row_step + v * pool_width * step
                if which.size:
                    won = which[n, u, v]
                    for p in range(pool_height * pool_width):
                        target = dz[corner + p // pool_width * row_step + p % pool_width * step]
                        for c in range(channels):
                            passed = d[c] if shown[c] > 0 else slope * d[c]
                            target[c] = passed if won[c] == np.uint8(p) else zero
                    for c in range(channels):
                        dbias[c] += d[c] if shown[c] > 0 else slope * d[c]
                else:
                    target = dz[corner]
                    for c in range(channels):
                        passed = d[c] if shown[c] > 0 else slope * d[c]
                        target[c] = passed
                        dbias[c] += passed
        add_product(dweight, crow, dweight.shape[0], x[n], arow, acol, dz, brow, channels)
        if dx.size:
            product(dx[n], dx_crow, dx.shape[1] * dx.shape[2], dz, dx_arow, dx_acol, weight, dx_brow, dx.shape[3])


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
    pool, after = (1, 1), following[fused:]
    if after and isinstance(after[0], MaxPool2d) and after[0].kernel == after[0].stride and not any(after[0].padding):
        pool, after, fused = after[0].kernel, after[1:], fused + 1
    shape = (outputs, out_height // pool[0], out_width // pool[1])
    y = Maps(to.batch, shape, border_for(after))

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
    which = np.zeros((to.batch, *shape[1:], out_padded) if pool != (1, 1) else (0, 0, 0, 0), np.uint8)
    samples = even_chunks(to.batch, 2 * to.chunks)
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
        ],
        -(-to.batch // samples),
        flat=(1,),
    )
    stage = Stage(y, forward=[[forward]])
    if bias:
        stage.pack.append(to.segment(copy_vector, [bias.stored_value, biases], 1))
    if to.training:
        dy = y.need_gradient()
        # dz lies in zeros: as many before it as the kernel reaches back, and between two rows if windows are apart.
        before_row, before = max(0, kernel_height - 1 - top), max(0, kernel_width - 1 - left)
        dz_height = max(height - 1 + top, (out_height - 1) * down) + before_row + 1
        dz_width = max(width - 1 + left, (out_width - 1) * across) + before + 1
        dz_line = dz_width * out_padded
        origin = before_row * dz_width + before
        outs = origin * out_padded + _grid((out_height, down * dz_line), (out_width, across * out_padded))
        samples = even_chunks(to.batch, to.chunks)
        shares = -(-to.batch // samples)
        dweights = np.zeros((shares, len(inside), out_padded), np.float32)
        dbiases = np.zeros((shares, out_padded), np.float32)
        if layer.needs_input_gradient:
            dx = x.need_gradient()
            turned = np.zeros((kernel_height, kernel_width, outputs, in_width), np.float32)
            targets = _grid((height, dz_line), (width, out_padded)) + (top + before_row) * dz_line
            targets += (left + before) * out_padded
            back = _grid((kernel_height, -dz_line), (kernel_width, -out_padded), (outputs, 1))
        else:
            dx = np.zeros((0, 0, 0, 0), np.float32)
            targets, back = np.zeros(1, np.int64), np.zeros(1, np.int64)
        backward = to.segment(
            conv2d_backward,
            [
                dy,
                y.value,
                which,
                y.border,
                slopes,
                x.value,
                dweights,
                dbiases,
                np.zeros((to.threads, dz_height * dz_width, out_padded), np.float32),
                row_table(start + inside),
                windows - start,
                outs,
                row_table(np.arange(len(inside)) * out_padded),
                origin,
                down * dz_width,
                across,
                *pool,
                samples,
                dx,
                turned,
                row_table(targets),
                back,
                np.arange(len(back)) * in_width,
                row_table(np.arange(height * width) * in_width),
            ],
            shares,
            flat=(20,),
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


__all__ = ["lower_conv2d", "padded"]
