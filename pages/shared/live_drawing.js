// What is drawn on the page's canvas, even while the pen is still moving. It imports nothing.

const AWAKE = 1000 // milliseconds after the last sign of a pen in which every frame is examined
const ASLEEP = 200 // milliseconds between two looks at a canvas when nobody draws, or the pen rests on it
// Frames in which a stroke moves from the pen's layer to the finished one and is in neither: at least, for which one
// need not look, and at most, after which it is taken for one that changed nothing. Frames, because the canvas draws
// in the next one, however long a busy device takes until then.
const MOVES = { least: 2, most: 60 }
const FRAME = "live frame" // name in the browser's list of measures, for benchmarks
const SIGNS = ["pointerdown", "pointermove", "pointerup", "pointercancel", "keydown"]

// Calls `changed(image, drawing)` with the pixels (as getImageData gives them) whenever they have changed, at most
// once a frame, and with null while there is no canvas. drawing: whether a pen is on the paper. It is also called
// when the pen is lifted. After each call there is a rest as long as the call took, so that pen and page get at
// least half of the time, however slow the device. Returns a function that ends it.
export function watchDrawing(changed) {
  const copy = document.createElement("canvas")
  const context = copy.getContext("2d", { willReadFrequently: true })
  let layers = []
  let last = NaN
  let drawing = false
  let lifted = false
  let inked = false // whether the pen on the paper has moved since the last look
  let seen = 0
  let before = NaN // what the finished strokes were when the pen was put down
  let frames = 0 // since the pen was lifted
  let awake = 0
  let rested = 0
  let frame = 0
  let timer = 0

  const sign = (event) => {
    if (event.type === "pointerdown") find() // a canvas that has just come is drawn on before it was looked at
    const onPaper = event.composedPath().includes(layers[1])
    if (event.type === "pointerdown" && onPaper) {
      drawing = true
      before = fingerprint(pixels(layers[0]).data)
    } else if (drawing && (event.type === "pointerup" || event.type === "pointercancel")) {
      drawing = false
      lifted = true
      frames = 0
    }
    if (!drawing && !lifted && !onPaper) return
    inked = drawing
    awake = performance.now() + AWAKE
    if (timer) next()
  }
  const next = () => {
    clearTimeout(timer)
    timer = 0
    cancelAnimationFrame(frame)
    frame = requestAnimationFrame(look)
  }
  const look = () => {
    const now = performance.now()
    frames += 1
    try {
      if (now >= rested && !(lifted && frames < MOVES.least)) {
        if (see(now)) {
          performance.measure(FRAME, { start: now, detail: { drawing } })
          performance.clearMeasures(FRAME) // observers have received it
        }
        const after = performance.now()
        rested = after + (after - now)
      }
    } catch (error) {
      last = NaN // what went wrong with this look may go well with the next
      throw error
    } finally {
      if (drawing || performance.now() < awake) next()
      else timer = setTimeout(next, ASLEEP)
    }
  }
  // What these layers show, one over the other.
  const pixels = (lower, ...over) => {
    if (copy.width !== lower.width || copy.height !== lower.height) {
      copy.width = lower.width
      copy.height = lower.height
    } else context.clearRect(0, 0, copy.width, copy.height)
    for (const layer of [lower, ...over]) if (layer) context.drawImage(layer, 0, 0, lower.width, lower.height)
    return context.getImageData(0, 0, copy.width, copy.height)
  }
  const find = () => {
    if (!layers[0]?.isConnected) layers = layersOfPage()
  }
  // Returns whether there was something to look at.
  const see = (now) => {
    if (drawing && !inked && now < seen + ASLEEP) return false
    const draws = drawing && inked // then the pixels have changed, and need not be compared
    inked = false
    seen = now
    find()
    const [lower, upper] = layers
    if (!lower) {
      if (last !== -1) changed(null, false)
      last = -1
      return false
    }
    const up = lifted
    if (up && frames < MOVES.most && fingerprint(pixels(lower).data) === before) return false
    const image = pixels(lower, upper) // the upper one has the stroke under the pen
    const sum = draws ? NaN : fingerprint(image.data)
    lifted = false
    if (sum === last && !up) return false
    last = sum
    changed(image, drawing)
    return true
  }

  for (const name of SIGNS) window.addEventListener(name, sign, true)
  next()
  return () => {
    cancelAnimationFrame(frame)
    clearTimeout(timer)
    for (const name of SIGNS) window.removeEventListener(name, sign, true)
  }
}

// The drawing's two canvases: finished strokes, and the stroke under the pen. (A third holds a background picture.)
function layersOfPage() {
  for (const host of document.querySelectorAll('[data-testid="stBidiComponentIsolated"]')) {
    const lower = host.shadowRoot?.querySelector("canvas.lower-canvas:not(.dc-background-canvas)")
    if (lower) return [lower, host.shadowRoot.querySelector("canvas.upper-canvas")]
  }
  return []
}

// A hash of the pixels, four bytes at a time.
function fingerprint(data) {
  const pixels = new Uint32Array(data.buffer, data.byteOffset, data.length >> 2)
  let sum = 0
  for (let i = 0; i < pixels.length; i++) sum = (Math.imul(sum, 31) + pixels[i]) | 0
  return sum
}
