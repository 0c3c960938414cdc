"""The next batch: samples chosen from a split, varied on the way where that is asked for."""

import numpy as np

from engine.kernels.augment import Ranges, vary
from engine.kernels.compiled import kernel, phase
from engine.kernels.draws import hashed
from engine.kernels.operands import doubles, integers, maps, matrix, number


@kernel
def _place(sample, target, border):
    """target[i + border, j + border, c] = sample[c, i, j]."""
    channels, height, width = sample.shape
    for c in range(channels):
        for i in range(height):
            for j in range(width):
                target[i + border, j + border, c] = sample[c, i, j]


@phase
def gather_rows(t, chunk, thread):
    """y[n] = samples[chosen[n]], and its label.   samples: (count, features)."""
    samples, labels, chosen, y, answers = matrix(t, 0), integers(t, 1), integers(t, 2), matrix(t, 3), integers(t, 4)
    block = number(t, 5)
    for n in range(chunk * block, min((chunk + 1) * block, y.shape[0])):
        answers[n] = labels[chosen[n]]
        source, target = samples[chosen[n]], y[n]
        for i in range(source.size):
            target[i] = source[i]


@phase
def gather_maps(t, chunk, thread):
    """y[n] = samples[chosen[n]], channels last, inside its border, and its label.   samples: (count, c, h, w)."""
    samples, labels, chosen, y, answers = maps(t, 0), integers(t, 1), integers(t, 2), maps(t, 3), integers(t, 4)
    block, border = number(t, 5), number(t, 6)
    for n in range(chunk * block, min((chunk + 1) * block, y.shape[0])):
        answers[n] = labels[chosen[n]]
        _place(samples[chosen[n]], y[n], border)


@phase
def vary_maps(t, chunk, thread):
    """`gather_maps` of varied samples: `variation` is seed and epoch, `ranges` those of Ranges and the background."""
    samples, labels, chosen, y, answers = maps(t, 0), integers(t, 1), integers(t, 2), maps(t, 3), integers(t, 4)
    block, border, varied = number(t, 5), number(t, 6), maps(t, 7)[thread]
    for n in range(chunk * block, min((chunk + 1) * block, y.shape[0])):
        answers[n] = labels[chosen[n]]
        _vary(samples, chosen[n], integers(t, 8), doubles(t, 9), varied)
        _place(varied, y[n], border)


@phase
def vary_rows(t, chunk, thread):
    """`vary_maps` into vectors."""
    samples, labels, chosen, y, answers = maps(t, 0), integers(t, 1), integers(t, 2), matrix(t, 3), integers(t, 4)
    block, varied = number(t, 5), maps(t, 7)[thread]
    for n in range(chunk * block, min((chunk + 1) * block, y.shape[0])):
        answers[n] = labels[chosen[n]]
        _vary(samples, chosen[n], integers(t, 8), doubles(t, 9), varied)
        source, target = varied.reshape(-1), y[n]
        for i in range(source.size):
            target[i] = source[i]


@kernel
def _vary(samples, place, variation, ranges, out):
    """This epoch's variation of one sample, by the key that `vary_chosen` gives it."""
    how_far = Ranges(ranges[0], ranges[1], ranges[2], ranges[3], ranges[4], ranges[5])
    epoch_key = hashed(np.uint64(variation[0]), np.uint64(variation[1]))
    vary(samples[place], hashed(epoch_key, np.uint64(place)), how_far, ranges[6], out)
