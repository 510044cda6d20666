"""Where things are read and written. Scratch files (corpus, full-precision checkpoints) stay outside the repository."""

import os
import tempfile
from pathlib import Path

OUT = Path(__file__).resolve().parents[2] / "static" / "models" / "nano"
WORK = Path(os.environ.get("NANO_WORK", Path(tempfile.gettempdir()) / "nano"))
BASE = OUT / "base"
CORPUS = WORK / "corpus.jsonl"
