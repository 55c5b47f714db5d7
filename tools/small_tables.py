# Writes src/model/data/named/tables as scikit-learn has them: pip install scikit-learn==1.9.1 && python tools/small_tables.py src/model/data/named/tables
import base64, json, sys
import numpy as np
from sklearn import datasets
out = sys.argv[1]
source = {
    "digits": ("Optical Recognition of Handwritten Digits (E. Alpaydin, C. Kaynak, 1998), UCI Machine Learning Repository, doi:10.24432/C50P49", "load_digits"),
    "iris": ("Iris (R. A. Fisher, 1936), UCI Machine Learning Repository, doi:10.24432/C56C76", "load_iris"),
    "wine": ("Wine (S. Aeberhard, M. Forina, 1991), UCI Machine Learning Repository, doi:10.24432/C5PC7J", "load_wine"),
    "breast-cancer": ("Breast Cancer Wisconsin (Diagnostic) (W. Wolberg, O. Mangasarian, N. Street, W. Street, 1993), UCI Machine Learning Repository, doi:10.24432/C5DW2B", "load_breast_cancer"),
}
for name, (origin, loader) in source.items():
    data = getattr(datasets, loader)()
    x = data.data
    table = {"notice": f"{origin}; CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/); values unchanged", "columns": [str(c) for c in data.feature_names], "classes": [str(c) for c in data.target_names]}
    if name == "digits": table["bytes"] = base64.b64encode(x.astype(np.uint8).tobytes()).decode()
    else: table["floats"] = base64.b64encode(x.astype("<f4").tobytes()).decode()
    table["labels"] = base64.b64encode(data.target.astype(np.uint8).tobytes()).decode()
    json.dump(table, open(f"{out}/{name}.json", "w"), separators=(",", ":"))
