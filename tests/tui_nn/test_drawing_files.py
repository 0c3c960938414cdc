from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.errors import UserError
from tui_nn.drawing import Drawing
from tui_nn.drawing_files import list_pictures, read_steps, save_drawing, typed_path


def seven() -> Drawing:
    drawing = Drawing()
    drawing.press(0.25, 0.2, 0.05)
    drawing.move(0.75, 0.2)
    drawing.move(0.45, 0.85)
    return drawing


def test_a_drawing_is_saved_black_on_white_and_its_form_as_the_network_has_it(tmp_path: Path):
    ink, form = seven().ink(100, 100), np.arange(784, dtype=np.uint8).reshape(28, 28)
    path = save_drawing(tmp_path / "new" / "drawings", ink, [form], "7")
    assert path == tmp_path / "new" / "drawings" / "001-7.png"
    np.testing.assert_array_equal(np.asarray(Image.open(path)), 255 - ink)
    np.testing.assert_array_equal(np.asarray(Image.open(path.with_name("001-7-mnist.png"))), form)


def test_no_drawing_takes_the_place_of_another(tmp_path: Path):
    ink, form = seven().ink(28, 28), np.zeros((28, 28), np.uint8)
    names = [save_drawing(tmp_path, ink, [form] * count, label).name for count, label in ((1, ""), (2, "70"), (1, "7"))]
    assert names == ["001-drawing.png", "002-70.png", "003-7.png"]
    (tmp_path / "002-70.png").unlink()
    assert save_drawing(tmp_path, ink, [form]).name == "004-drawing.png"
    (tmp_path / "002-70-mnist-1.png").unlink()
    (tmp_path / "002-70-mnist-2.png").unlink()
    assert save_drawing(tmp_path, ink, [form]).name == "002-drawing.png"


def test_what_was_saved_is_read_as_what_was_drawn(tmp_path: Path):
    drawing = seven()
    path = save_drawing(tmp_path, drawing.ink(280, 280), [])
    steps = read_steps(path)
    assert [step.name for step in steps] == ["as grey", "background evened", "ink", "box", "centred"]
    amount = steps[2].picture
    assert np.abs(amount - drawing.ink(280, 280) / 255).mean() < 0.01


def test_a_folder_that_cannot_be_is_named_in_a_line(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"file: the drawing cannot be saved"):
        save_drawing(tmp_path / "file", seven().ink(28, 28), [])


def test_where_nothing_is_to_be_seen_it_says_so(tmp_path: Path):
    Image.fromarray(np.full((40, 40), 200, np.uint8)).save(tmp_path / "grey.png")
    with pytest.raises(UserError, match=r"grey\.png: shows nothing but its background"):
        read_steps(tmp_path / "grey.png")
    (tmp_path / "no.png").write_text("no picture")
    with pytest.raises(UserError, match=r"no\.png"):
        read_steps(tmp_path / "no.png")


def test_folders_and_pictures_are_listed_and_nothing_else(tmp_path: Path):
    for name in ("b.PNG", "a.jpeg", "c.npy", "notes.txt", ".hidden.png"):
        (tmp_path / name).write_text("")
    for name in ("Two", "one", ".git"):
        (tmp_path / name).mkdir()
    assert list_pictures(tmp_path) == (["one", "Two"], ["a.jpeg", "b.PNG", "c.npy"])
    with pytest.raises(UserError, match="gone: cannot be read"):
        list_pictures(tmp_path / "gone")


@pytest.mark.parametrize("text", ["nothing.png", "is\0none", "x" * 5000, "file.txt/below"])
def test_a_typed_path_where_nothing_lies_is_named_in_a_line(text: str, tmp_path: Path):
    (tmp_path / "file.txt").touch()
    with pytest.raises(UserError, match="cannot be opened: ") as told:
        typed_path(text, tmp_path)
    assert str(told.value).isprintable()


def test_a_typed_path_goes_from_the_folder_on_and_up_by_its_names(tmp_path: Path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "a" / "b")
    assert typed_path("b", tmp_path / "a") == tmp_path / "a" / "b"
    assert typed_path("../link/..", tmp_path / "a") == tmp_path
    assert typed_path(str(tmp_path), tmp_path / "a" / "b") == tmp_path
