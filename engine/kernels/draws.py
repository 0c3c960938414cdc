"""Random draws without a generator: each is a hash of a key and a number, whoever asks, whenever."""

import numpy as np

from engine.arrays import Array
from engine.kernels.compiled import kernel


@kernel
def hashed(key: np.uint64, number: np.uint64) -> np.uint64:
    """Draw `number` of the generator splitmix64 that begins at `key`: 64 bits.

    Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators", fig. 17.
    """
    z = key + (number + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def hashed_reference(key: np.uint64, number: np.uint64) -> np.uint64:
    """What `hashed` computes, for a number or an array of them."""
    with np.errstate(over="ignore"):
        z = key + (number + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@kernel
def uniform(key: np.uint64, number: np.uint64) -> float:
    """A draw of 24 bits from -1 up to, not with, 1: exact in both precisions."""
    return np.int32(hashed(key, number) >> np.uint64(40)) * 2.0**-23 - 1.0


def uniform_reference(key: np.uint64, number: np.uint64) -> float:
    """What `uniform` computes, for a number or an array of them."""
    return (hashed_reference(key, number) >> np.uint64(40)) * 2.0**-23 - 1.0


@kernel
def hashed_word(value: np.uint64, constant: np.uint64, factor: np.uint64) -> tuple[np.uint64, np.uint64]:
    """A word of 32 bits and a constant, each hashed with the other."""
    word = np.uint64(0xFFFFFFFF)
    value = (value ^ constant) & word
    constant = (constant * factor) & word
    value = (value * constant) & word
    return value ^ (value >> np.uint64(16)), constant


def hashed_word_reference(value: np.uint64, constant: np.uint64, factor: np.uint64) -> tuple[np.uint64, np.uint64]:
    """What `hashed_word` computes."""
    word = 0xFFFFFFFF
    constant_after = int(constant) * int(factor) & word
    mixed = ((int(value) ^ int(constant)) & word) * constant_after & word
    return np.uint64(mixed ^ mixed >> 16), np.uint64(constant_after)


@kernel
def seed_key(seed: np.uint64, number: np.uint64) -> np.uint64:
    """The first 64 bits of NumPy's SeedSequence((seed, number)), in a tenth of the time.

    O'Neill 2015, "Developing a seed_seq alternative" (pcg-random.org), with a pool of four words of 32 bits.
    """
    word = np.uint64(0xFFFFFFFF)
    half = np.uint64(16)
    low_seed, high_seed = seed & word, seed >> np.uint64(32)
    low, high = number & word, number >> np.uint64(32)
    pool = np.zeros(4, np.uint64)
    pool[0] = low_seed
    at = 1
    if high_seed > 0:
        pool[at] = high_seed
        at += 1
    pool[at] = low
    pool[at + 1] = high
    constant = np.uint64(0x43B0D7E5)
    for i in range(4):
        pool[i], constant = hashed_word(pool[i], constant, np.uint64(0x931E8875))
    for source in range(4):
        for target in range(4):
            if source != target:
                value, constant = hashed_word(pool[source], constant, np.uint64(0x931E8875))
                mixed = (pool[target] * np.uint64(0xCA01F9DD) - value * np.uint64(0x4973F715)) & word
                pool[target] = mixed ^ (mixed >> half)
    constant = np.uint64(0x8B51F9DD)
    first, constant = hashed_word(pool[0], constant, np.uint64(0x58F38DED))
    second, _ = hashed_word(pool[1], constant, np.uint64(0x58F38DED))
    return first | (second << np.uint64(32))


def seed_key_reference(seed: np.uint64, number: np.uint64) -> np.uint64:
    """What `seed_key` computes."""
    key: np.uint64 = np.random.SeedSequence((int(seed), int(number))).generate_state(1, np.uint64)[0]
    return key


@kernel
def seed_keys(seed: np.uint64, number: np.uint64, keys: Array) -> None:
    """The keys of as many numbers as there is room for, from `number` on."""
    for i in range(keys.size):
        keys[i] = seed_key(seed, number + np.uint64(i))


def seed_keys_reference(seed: np.uint64, number: np.uint64, keys: Array) -> None:
    """What `seed_keys` computes."""
    keys[:] = [seed_key_reference(seed, np.uint64((int(number) + place) % 2**64)) for place in range(keys.size)]
