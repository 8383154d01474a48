"""What changes on a page by itself, said to whoever cannot see it change.

The page has one live region (WAI-ARIA's role "status"). It stays when what was said is taken away, so that
the end of a training is heard although all that showed its progress has gone.
"""

import streamlit as st

# In the body itself: a region that comes with its words in it is not read out, nor one that is drawn anew.
_region = st.components.v2.component(
    "digitlab_spoken",
    js="""
const ID = "digitlab-spoken"
export default function ({ data }) {
  let region = document.getElementById(ID)
  if (!region) {
    region = document.createElement("div")
    region.id = ID
    region.setAttribute("role", "status")
    region.setAttribute("aria-live", "polite")
    region.style.cssText = "position:fixed;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)"
    document.body.append(region)
  }
  const timer = setTimeout(() => {
    if (region.textContent !== data.said) region.textContent = data.said
  }, 100)
  return () => clearTimeout(timer)
}
""",
)


def say(sentence: str, key: str) -> None:
    """Have a sentence read out, unless it is what was said last. Takes no room on the page."""
    with st.container(key=f"spoken_{key}"):
        _region(data={"said": sentence}, key=f"{key}_spoken", height=1)
