"""The handwritten digits that everybody begins with (LeCun, Bottou, Bengio, Haffner 1998)."""

from engine.datasets.base import Dataset, datasets
from engine.datasets.remote import RemoteSet, load_remote, remote_set
from engine.downloads.file import RemoteFile

remote_set(
    RemoteSet(
        name="mnist",
        mirrors=(
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
            "https://raw.githubusercontent.com/fgnt/mnist/master/",
        ),
        files=(
            RemoteFile(
                "train-images-idx3-ubyte.gz",
                9912422,
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            ),
            RemoteFile(
                "train-labels-idx1-ubyte.gz", 28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
            ),
            RemoteFile(
                "t10k-images-idx3-ubyte.gz", 1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"
            ),
            RemoteFile(
                "t10k-labels-idx1-ubyte.gz", 4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"
            ),
        ),
        class_names=tuple("0123456789"),
        licence="Yann LeCun and Corinna Cortes, CC BY-SA 3.0",
    )
)


@datasets.register("mnist")
def load() -> Dataset:
    """70,000 handwritten digits, downloaded on first use: 60,000 to train and validate, 10,000 to test."""
    return load_remote("mnist")
