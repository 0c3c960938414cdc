"""Articles of clothing in the format of MNIST, and harder (Xiao, Rasul, Vollgraf 2017, arXiv 1708.07747)."""

from engine.datasets.base import Dataset, datasets
from engine.datasets.remote import RemoteSet, load_remote, remote_set
from engine.downloads.file import RemoteFile

remote_set(
    RemoteSet(
        name="fashion-mnist",
        mirrors=(
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        ),
        files=(
            RemoteFile(
                "train-images-idx3-ubyte.gz",
                26421880,
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            ),
            RemoteFile(
                "train-labels-idx1-ubyte.gz", 29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"
            ),
            RemoteFile(
                "t10k-images-idx3-ubyte.gz", 4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"
            ),
            RemoteFile(
                "t10k-labels-idx1-ubyte.gz", 5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"
            ),
        ),
        class_names=(
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ),
        licence="Zalando SE, MIT",
    )
)


@datasets.register("fashion-mnist")
def load() -> Dataset:
    """70,000 pictures of clothing, downloaded on first use: 60,000 to train and validate, 10,000 to test."""
    return load_remote("fashion-mnist")
