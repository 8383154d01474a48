// What is drawn on the page's canvas, also while the pen still moves.

// Calls `changed(image)` with the pixels whenever they are others than before, once a frame at the most, and with
// null while there is no canvas. Returns what ends it.
export function watchDrawing(changed) {
  const copy = document.createElement("canvas")
  const context = copy.getContext("2d", { willReadFrequently: true })
  let last = NaN
  let frame = 0
  const look = () => {
    frame = requestAnimationFrame(look)
    const [lower, upper] = layers()
    if (!lower) {
      if (last !== -1) changed(null)
      last = -1
      return
    }
    copy.width = lower.width
    copy.height = lower.height
    context.drawImage(lower, 0, 0)
    if (upper) context.drawImage(upper, 0, 0, lower.width, lower.height) // the stroke under the pen
    const image = context.getImageData(0, 0, copy.width, copy.height)
    const sum = fingerprint(image.data)
    if (sum !== last) {
      last = sum
      changed(image)
    }
  }
  look()
  return () => cancelAnimationFrame(frame)
}

// The drawing's two canvases (a third is for a picture behind them): finished strokes, and the one under the pen.
function layers() {
  for (const host of document.querySelectorAll('[data-testid="stBidiComponentIsolated"]')) {
    const lower = host.shadowRoot?.querySelector("canvas.lower-canvas:not(.dc-background-canvas)")
    if (lower) return [lower, host.shadowRoot.querySelector("canvas.upper-canvas")]
  }
  return []
}

function fingerprint(data) {
  let sum = 0
  for (let i = 0; i < data.length; i += 4) sum = (sum * 31 + data[i] + 3 * data[i + 3]) | 0
  return sum
}
