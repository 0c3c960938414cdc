"""Softmax cross-entropy in one pass over the logits: value and gradient together."""

import numpy as np

from engine.arrays import Array
from engine.kernels.compiled import kernel


@kernel
def softmax_cross_entropy(logits: Array, labels: Array, smoothing: float, dlogits: Array) -> float:
    """Mean of -sum_k t_k log p_k with p = softmax(logits), t = (1 - smoothing) onehot + smoothing / classes.

    logits: (batch, classes), labels: (batch,) → the mean, in float64; dlogits becomes (p - t) / batch.
    The largest logit is subtracted first, so that no exponential overflows. A label outside the classes matches none.
    """
    batch, classes = logits.shape
    base = smoothing / classes
    total = 0.0
    for i in range(batch):
        peak = np.float64(logits[i, 0])
        for k in range(1, classes):
            peak = max(peak, np.float64(logits[i, k]))
        denominator = 0.0
        for k in range(classes):
            denominator += np.exp(logits[i, k] - peak)
        log_denominator = np.log(denominator)
        for k in range(classes):
            target = base + (1.0 - smoothing if k == labels[i] else 0.0)
            log_p = logits[i, k] - peak - log_denominator
            if target > 0:
                total -= target * log_p
            dlogits[i, k] = (np.exp(log_p) - target) / batch
    return float(total / batch)


def softmax_cross_entropy_reference(logits: Array, labels: Array, smoothing: float, dlogits: Array) -> float:
    """What `softmax_cross_entropy` computes."""
    batch, classes = logits.shape
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    targets = smoothing / classes + (1 - smoothing) * (labels[:, None] == np.arange(classes))
    dlogits[...] = (np.exp(log_p) - targets) / batch
    return float(-(targets * log_p).sum() / batch)
