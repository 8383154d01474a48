"""A page with nothing but a network in the browser, for test_live_network.py; ?model=… chooses it."""

import streamlit as st

from pages.shared import live_network

OWN = """
export default async function ({ data, parentElement }) {
  const line = parentElement.querySelector("p")
  if (!data.network) {
    line.textContent = "no network"
    return
  }
  const canvas = document.createElement("canvas")
  canvas.width = canvas.height = 280
  const context = canvas.getContext("2d")
  context.lineWidth = 20
  context.stroke(new Path2D("M70 60 L200 60 L120 230"))
  const network = await live(data.network)
  const found = pictureOf(context.getImageData(0, 0, 280, 280))
  line.textContent = `${network.header.title} reads ${network.read(found.picture).text}`
}
"""
LIVE = st.components.v2.component("live_page", html="<p>waiting</p>", js=live_network.script(OWN))

st.title("Live")
LIVE(data={"network": live_network.address(st.query_params.get("model", "digitnet"))}, key="live")
LIVE(data={"network": live_network.address(st.query_params.get("model", "digitnet"))}, key="once_more")
