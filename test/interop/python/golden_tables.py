"""Writes golden_tables.json: tables as pandas writes them (CSV in several dialects, JSON Lines), with the matrix that pandas makes of
them: numbers, booleans as 0 and 1, one-hot categories in the order of their letters. Needs pandas:

    python golden_tables.py > golden_tables.json
"""
import json
import sys

import numpy as np
import pandas as pd

frame = pd.DataFrame({
    "age": [39, 50, 38, 53, 28, 37, 49, 52],
    "hours, a week": [40.5, 13, 1e-3, -7.25, 4e6, 0.1, 1 / 3, 123456789],
    "colour": ["red", 'dark "blue"', "grün, hell", "red", "line\nbreak", "grün, hell", "red", "猫😀"],
    "member": [True, False, True, True, False, False, True, False],
    "income": ["<=50K", ">50K", "<=50K", "<=50K", ">50K", "<=50K", ">50K", "<=50K"],
})


def expected(frame):
    columns, names = [], []
    for name in frame.columns.drop("income"):
        column = frame[name]
        if column.dtype.kind in "ifb":
            columns.append(column.to_numpy(dtype="float64"))
            names.append(name)
            continue
        for value in sorted(column.dropna().unique(), key=lambda text: text.encode("utf-16-be")):
            columns.append((column == value).to_numpy(dtype="float64"))
            names.append(f"{name}={value}")
    classes = sorted(frame["income"].unique())
    return {
        "columns": names,
        "x": np.stack(columns, axis=1).astype("float32").tobytes().hex(),
        "classes": classes,
        "y": [classes.index(value) for value in frame["income"]],
    }


plain = expected(frame)
cases = [
    {"name": "to_csv", "format": "csv", "text": frame.to_csv(index=False), **plain},
    {"name": "to_csv, CR LF", "format": "csv", "text": frame.to_csv(index=False, lineterminator="\r\n"), **plain},
    {"name": "to_csv, everything quoted", "format": "csv", "text": frame.to_csv(index=False, quoting=1), **plain},
    {"name": "to_csv, semicolons", "format": "csv", "delimiter": ";", "text": frame.to_csv(index=False, sep=";"), **plain},
    {"name": "to_csv, tabs", "format": "csv", "delimiter": "\t", "text": frame.to_csv(index=False, sep="\t"), **plain},
    {"name": "to_csv with its index", "format": "csv", "text": frame.to_csv(), **expected(frame.rename_axis("column1").reset_index())},
    {"name": "to_json, lines", "format": "jsonl", "text": frame.to_json(orient="records", lines=True, double_precision=15), **plain},
    {"name": "to_json, letters as they are", "format": "jsonl",
     "text": frame.to_json(orient="records", lines=True, double_precision=15, force_ascii=False), **plain},
]
for word in ["", "NA", "NaN", "None", "null"]:
    gaps = frame.assign(age=frame["age"].astype("Int64")).copy()
    gaps.loc[2, "age"] = pd.NA
    filled = gaps.assign(age=gaps["age"].astype("float64").fillna(gaps["age"].astype("float64").mean()))
    cases.append({"name": f"missing as `{word}`", "format": "csv", "missing": "fill", "text": gaps.to_csv(index=False, na_rep=word), **expected(filled)})

json.dump({"pandas": pd.__version__, "cases": cases}, sys.stdout, indent=1, ensure_ascii=False)
print()
