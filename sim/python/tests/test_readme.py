"""What the READMEs show works."""
# SPDX-License-Identifier: MIT
import re
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("file", [path for path in (HERE / "README.md", HERE.parents[1] /
                                                    "README.md") if path.is_file()])
def test_blocks(file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    blocks = [block for block in re.findall(r"^```python$(.*?)^```$", file.read_text(), re.M | re.S)
              if "ssldyn.flow" in block or "ssldyn.theory" in block]
    assert blocks
    names = {}
    for block in blocks:
        exec(block, names)
    assert (tmp_path / "modes.png").read_bytes().startswith(b"\x89PNG")
