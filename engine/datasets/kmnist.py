"""Cursive Japanese in the format of MNIST; a class is a hiragana (Clanuwat and others 2018, arXiv 1812.01718)."""

from engine.datasets.base import Dataset, datasets
from engine.datasets.remote import RemoteSet, load_remote, remote_set
from engine.downloads.file import RemoteFile

remote_set(
    RemoteSet(
        name="kmnist",
        mirrors=("http://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
        files=(
            RemoteFile(
                "train-images-idx3-ubyte.gz",
                18165135,
                "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
            ),
            RemoteFile(
                "train-labels-idx1-ubyte.gz", 29497, "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17"
            ),
            RemoteFile(
                "t10k-images-idx3-ubyte.gz", 3041136, "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5"
            ),
            RemoteFile(
                "t10k-labels-idx1-ubyte.gz", 5120, "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"
            ),
        ),
        class_names=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
        licence="Center for Open Data in the Humanities, CC BY-SA 4.0",
    )
)


@datasets.register("kmnist")
def load() -> Dataset:
    """70,000 handwritten hiragana, downloaded on first use: 60,000 to train and validate, 10,000 to test."""
    return load_remote("kmnist")
