"""``make fit``: learns the weights from the training rows and their variations, and writes them where they ship."""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from bot.understanding import Line, before
from dialogs.understanding import weights as shipped
from dialogs.understanding.normalise import normalise
from dialogs.understanding.recognise import RULED, seen_in
from dialogs.understanding.weights import Head, written
from tests.corpus.rows import Row, training
from tests.corpus.variations import of

PLACE = Path(shipped.__file__).with_name(shipped.FILE)
RARE = 3
"""A feature seen in fewer rows than this says nothing that would carry over."""
STRENGTH = 0.5
"""Inverse of the regularisation, chosen on the training rows by cross-validation."""
AGAIN = 0.5
"""What a variation weighs against its row."""
SHARPNESS = 3.0
"""Distances to the margin, times this, read as log-odds: so that confidence and accuracy agree on unseen rows."""
UNITS = 127


def seen(row: Row) -> set[str]:
    """The features of a row, as they will be seen when somebody writes it."""
    return seen_in(normalise(row.text), row.context, before(Line("", row.context, row.text)))


def label(row: Row) -> str:
    """An act that the rules did not hear is a message to ask about."""
    return "other" if row.intent in RULED else row.intent


def fitted(rows: Sequence[Row], mark: str = "") -> str:
    """The text of the weights' file, learnt from these rows alone."""
    found = [(seen(row), label(row), 1.0) for row in rows]
    counts = Counter(name for names, _, _ in found for name in names)
    found += [(seen(one), label(one), AGAIN) for row in rows for one in of(row)]
    index = DictVectorizer(dtype=np.float32)
    kept = [dict.fromkeys((name for name in names if counts[name] >= RARE), 1) for names, _, _ in found]
    matrix = normalize(index.fit_transform(kept))
    model = LinearSVC(C=STRENGTH, class_weight="balanced", random_state=0)
    model.fit(matrix, [said for _, said, _ in found], sample_weight=[share for _, _, share in found])
    return _packed(model, list(index.get_feature_names_out()), mark)


def _packed(model: LinearSVC, names: list[str], mark: str) -> str:
    scale = float(np.abs(model.coef_).max()) / UNITS
    units = np.rint(model.coef_ / scale).astype(int).T
    rows = {name: tuple(int(one) for one in row) for name, row in zip(names, units, strict=True) if row.any()}
    bias = tuple(float(one) * SHARPNESS for one in model.intercept_)
    head = Head(tuple(str(one) for one in model.classes_), scale * SHARPNESS, bias, mark)
    return written(head, rows)


def stamp(rows: Iterable[Row]) -> str:
    """Of what the weights were made from: the training rows. Another stamp means ``make fit`` is due."""
    text = "\n".join(f"{row.id}\t{row.context}\t{row.text}\t{row.intent}" for row in rows)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def main() -> int:
    rows = training()
    PLACE.write_text(fitted(rows, stamp(rows)), encoding="utf-8")
    print(f"{len(rows)} rows learnt; {PLACE.name} has {PLACE.stat().st_size // 1024} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
