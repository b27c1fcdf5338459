"""ImageData from tables."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pandas
import pytest
from picture_folders import SMALL, draw

from tenfold.data.images import ImageData
from tenfold.errors import DataError, MissingPackageError


def table(root: Path, labels: list[object], **columns: list[object]) -> pandas.DataFrame:
    names = [f"{number}.png" for number in range(len(labels))]
    for number, name in enumerate(names):
        draw(root / name, shade=10 * number)
    return pandas.DataFrame({"image": names, "label": labels, **columns})


def from_frame(frame: object, **settings: object) -> ImageData:
    return ImageData.from_frame(frame, **{**SMALL, **settings})  # type: ignore[arg-type]


def test_a_frame_names_pictures_and_labels(tmp_path: Path) -> None:
    frame = table(tmp_path, ["dog", "cat", "dog", "cat"], held=[False, False, True, True])
    data = from_frame(frame, folder=tmp_path, valid="held")
    assert data.classes == ["cat", "dog"] and data.train.targets.tolist() == [1, 0]
    assert [file.name for file in data.files["valid"]] == ["2.png", "3.png"]


def test_a_dict_of_lists_is_a_frame_too(tmp_path: Path) -> None:
    frame = table(tmp_path, ["a", "b"] * 4).to_dict("list")
    assert from_frame(frame, folder=tmp_path, valid=0.25).valid.items == 2


def test_a_suffix_completes_the_names(tmp_path: Path) -> None:
    frame = table(tmp_path, ["a", "b"] * 4)
    frame["image"] = [name.removesuffix(".png") for name in frame["image"]]
    assert from_frame(frame, folder=tmp_path, suffix=".png").train.items == 6


def test_whole_numbers_are_classes_in_their_order(tmp_path: Path) -> None:
    frame = table(tmp_path, [10.0, 2.0, 10.0, 2.0])
    assert from_frame(frame, folder=tmp_path, valid=0.5).classes == ["2", "10"]


def test_other_things_are_classes_by_their_words(tmp_path: Path) -> None:
    days = [date(2024, 1, 2), date(2023, 1, 2)] * 2
    data = from_frame(table(tmp_path, days), folder=tmp_path, valid=0.5)
    assert data.classes == ["2023-01-02", "2024-01-02"]


def test_a_separator_makes_it_several_labels(tmp_path: Path) -> None:
    frame = table(tmp_path, ["sun; sea", "sea", "", "sun;sea"], held=[0, 0, 1, 1])
    data = from_frame(frame, folder=tmp_path, label_separator=";", valid="held")
    assert data.classes == ["sea", "sun"] and data.task.name == "multi label"
    assert data.train.targets.tolist() == [[1, 1], [1, 0]]
    assert data.valid.targets.tolist() == [[0, 0], [1, 1]]
    assert data.class_counts() == {"sea": 2, "sun": 1}
    assert {axes.get_title() for axes in data.show_batch(2).axes} == {"sea", "sea and sun"}


def test_a_test_folder_can_stand_beside_the_table(tmp_path: Path) -> None:
    frame = table(tmp_path, ["a", "b"] * 4)
    draw(tmp_path / "unknown/0.png")
    assert from_frame(frame, folder=tmp_path, test="unknown").test.items == 1
    with pytest.raises(DataError, match="nowhere does not exist; give a folder"):
        from_frame(frame, folder=tmp_path, test="nowhere")


def test_a_csv_file_names_pictures_beside_it(tmp_path: Path) -> None:
    table(tmp_path, ["a", "b"] * 4).to_csv(tmp_path / "labels.csv", index=False)
    data = ImageData.from_csv(tmp_path / "labels.csv", valid=0.25, **SMALL)
    assert (data.train.items, data.valid.items) == (6, 2)


def test_a_table_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"there is no file .*labels.csv; check the path"):
        ImageData.from_csv(tmp_path / "labels.csv")


def test_without_pandas_a_csv_file_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingPackageError, match=r"from_csv needs pandas.*pip install pandas"):
        ImageData.from_csv("labels.csv")


def test_a_frame_without_the_column_suggests_the_nearest(tmp_path: Path) -> None:
    frame = table(tmp_path, ["a", "b"]).rename(columns={"label": "labels"})
    with pytest.raises(DataError, match="no column 'label'; did you mean 'labels'\\? it has image"):
        from_frame(frame, folder=tmp_path)
    with pytest.raises(DataError, match="no column 'zzz'; it has image and labels"):
        from_frame(frame, folder=tmp_path, labels="zzz")


@pytest.mark.parametrize("missing", [None, float("nan"), pandas.NA, pandas.NaT])
def test_missing_labels_are_named_by_row(tmp_path: Path, missing: object) -> None:
    frame = table(tmp_path, ["a", missing, "b", missing])
    with pytest.raises(DataError, match=r"'label' is empty in 2 rows of 4 \(row 1 and 3\); fill"):
        from_frame(frame, folder=tmp_path)
    with pytest.raises(DataError, match=r"is empty .* use '' for no label"):
        from_frame(frame, folder=tmp_path, label_separator=" ")


def test_pandas_own_missing_value_is_found_in_a_dict_too(tmp_path: Path) -> None:
    frame = table(tmp_path, ["a", "b", "a"]).to_dict("list") | {"label": ["a", pandas.NA, "b"]}
    with pytest.raises(DataError, match=r"'label' is empty in 1 row of 3 \(row 1\)"):
        from_frame(frame, folder=tmp_path)


def test_missing_names_and_marks_are_named_by_row(tmp_path: Path) -> None:
    frame = table(tmp_path, ["a", "b", "a"], held=[True, None, False])
    with pytest.raises(DataError, match=r"'held' is empty in 1 row of 3 \(row 1\); write True"):
        from_frame(frame, folder=tmp_path, valid="held")
    frame.loc[2, "image"] = None
    with pytest.raises(DataError, match=r"'image' is empty in 1 row of 3 \(row 2\); give each row"):
        from_frame(frame, folder=tmp_path)


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"2 files of column 'image' cannot be found: .*x.png and"):
        from_frame({"image": ["x.png", "y.png"], "label": [0, 1]}, folder=tmp_path)


def test_fractions_are_no_classes(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"column 'label' holds 0.5; classes are words or whole"):
        from_frame(table(tmp_path, [0.5, 1.0]), folder=tmp_path)


def test_a_column_that_marks_validation_is_true_or_false(tmp_path: Path) -> None:
    frame = table(tmp_path, ["a", "b"], held=["yes", "no"])
    with pytest.raises(DataError, match="column 'held' holds no and yes; allowed are True and"):
        from_frame(frame, folder=tmp_path, valid="held")


def test_a_column_that_is_not_there_is_said_before_files_that_are_not() -> None:
    with pytest.raises(DataError, match="no column 'label'; did you mean 'lable'"):
        ImageData.from_frame({"image": ["a.jpg"], "lable": ["x"]})
