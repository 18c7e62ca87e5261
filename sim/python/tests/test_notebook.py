"""The notebooks run from the first cell to the last, and are kept without what they print."""
# SPDX-License-Identifier: MIT
from pathlib import Path

import pytest

import ssldyn

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs(path, tmp_path, monkeypatch):
    for name in ("torch", "nbformat", "nbclient", "ipykernel"):
        pytest.importorskip(name, reason=f"{name} is not installed: the notebooks are not run")
    import nbclient
    import nbformat

    monkeypatch.setenv("PYTHONPATH", str(Path(ssldyn.__file__).resolve().parents[1]), prepend=":")
    monkeypatch.setenv("MPLBACKEND", "Agg")
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert cell.cell_type != "code" or (cell.outputs == [] and cell.execution_count is None)
    nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3",
                            resources={"metadata": {"path": str(tmp_path)}}).execute()
    printed = ["".join(output.text for output in cell.outputs if output.get("name") == "stdout")
               for cell in notebook.cells if cell.cell_type == "code"]
    if path.stem == "collapsing":
        verdicts = [text for text in printed if "Basis: " in text]
        assert verdicts[0].startswith("Collapsed: ")
        assert "Not collapsed" in verdicts[1]
        assert (tmp_path / "byol.png").read_bytes().startswith(b"\x89PNG")
        assert (tmp_path / "simsiam" / "trace.tsv").exists()
