"""What did not arrive through a file uploader, said on the page: Streamlit colours the file red and tells why
only to a pointer that hovers over it, in English, where a phone shows nothing."""

import json

import streamlit as st
from streamlit import config

from pages.shared.language import N_, _

# Also the answer of middleware.py to such an upload, which the browser does not show.
TOO_MANY = N_("Too many files are waiting to be read: send fewer at a time, or try again in two minutes.")
_HTML = """<div class="refused-uploads" role="status"
  style="white-space: pre-line; padding-left: 0.75rem; border-left: 0.25rem solid #D55E00" hidden></div>
<script>
{
  const said = %s
  const look = () => {
    const place = document.querySelector(".refused-uploads")
    if (!place) return window.refusedUploads.disconnect()
    const refused = [...document.querySelectorAll("[data-testid=stFileChip][aria-invalid=true]")]
    const sentences = refused.map((chip) => {
      const why = document.getElementById(chip.getAttribute("aria-describedby"))?.textContent ?? ""
      const name = chip.querySelector("[data-testid=stFileChipName]")
      const kind = why.includes("status code 413") ? "many" : why.includes("or smaller") ? "large" : "lost"
      const values = { file: name.title, size: name.nextElementSibling?.textContent ?? "" }
      return said[kind].replace(/\\{(file|size)\\}/g, (_, key) => values[key])
    })
    const text = [...new Set(sentences)].join("\\n")
    place.hidden = !text
    if (place.textContent !== text) place.textContent = text
  }
  window.refusedUploads?.disconnect()
  window.refusedUploads = new MutationObserver(look)
  const where = { childList: true, subtree: true, attributeFilter: ["aria-invalid"] }
  window.refusedUploads.observe(document.querySelector("[data-testid=stMain]"), where)
  look()
}
</script>"""


def show() -> None:
    """The place for these sentences; call it once, after the page's file uploader."""
    said = {
        "many": _(TOO_MANY),
        "large": _(
            "{file} was not sent: expected at most {most} MB, got {size}.",
            most=config.get_option("server.maxUploadSize"),
            file="{file}",
            size="{size}",
        ),
        "lost": _("{file} did not arrive: remove it and send it again.", file="{file}"),
    }
    written = json.dumps(said).replace("<", "\\u003c")
    st.html(_HTML % written, unsafe_allow_javascript=True)
