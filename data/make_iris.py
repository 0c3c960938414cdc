"""Make data/iris.csv from the copy of Fisher's measurements that scikit-learn carries.

    pip install scikit-learn==1.9.1 && python data/make_iris.py

The numbers are unchanged; columns and species get their names. The last line printed is the row of data/README.md.
"""

import hashlib
import importlib.util
from pathlib import Path

SOURCE_SHA256 = "f13ffa8fdd56fd8e6c8d16d4081a3fbd3114bcd0aae4256c43205169cd9d1449"
COLUMNS = ("sepal length", "sepal width", "petal length", "petal width", "species")
PATH = Path(__file__).parent / "iris.csv"


def main() -> None:
    (_, _, *species), *rows = read_source()
    lines = [COLUMNS, *((*row[:-1], species[int(row[-1])]) for row in rows)]
    content = "".join(",".join(line) + "\n" for line in lines).encode()
    PATH.write_bytes(content)
    print(f"| {PATH.name} | {len(content)} | {hashlib.sha256(content).hexdigest()} |")


def read_source() -> list[list[str]]:
    """The lines of scikit-learn's file: counts and species, then 150 rows of four measurements and a number."""
    package = importlib.util.find_spec("sklearn")  # finds the package without importing its dependencies
    if package is None or not package.submodule_search_locations:
        raise SystemExit("scikit-learn is not installed: pip install scikit-learn==1.9.1")
    path = Path(package.submodule_search_locations[0]) / "datasets/data/iris.csv"
    if hashlib.sha256(path.read_bytes()).hexdigest() != SOURCE_SHA256:
        raise SystemExit(f"{path} is not the file of scikit-learn 1.9.1")
    return [line.split(",") for line in path.read_text(encoding="ascii").split()]


if __name__ == "__main__":
    main()
