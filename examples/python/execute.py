"""Runs a notebook and keeps what comes out: `cargo xtask python notebook`."""

import sys

import nbformat
from nbclient import NotebookClient

(path,) = sys.argv[1:]
notebook = nbformat.read(path, as_version=4)
for cell in notebook.cells:
    cell.pop("outputs", None)
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
NotebookClient(notebook, kernel_name="python3", timeout=300).execute()
for cell in notebook.cells:
    # When a cell was run is of no interest, and changes every time; nor is progress kept, which is seen while it lasts.
    cell.metadata.pop("execution", None)
    if cell.cell_type == "code":
        cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
notebook.metadata = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
nbformat.write(notebook, path)
