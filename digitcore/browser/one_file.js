// The page that is one file: a drawing, the answer while it is drawn, and what each layer makes of it.

const PEN = 20
const FRAME = 16 // milliseconds: what takes longer is done less often, so that the pen does not wait

const element = (id) => document.getElementById(id)
const packed = Uint8Array.from(atob(element("weights").textContent), (letter) => letter.charCodeAt(0))
const network = new Network(packed.buffer)
const names = network.header.class_names

const paper = element("paper")
const context = paper.getContext("2d", { willReadFrequently: true })
context.lineWidth = PEN
context.lineCap = context.lineJoin = "round"
const strokes = []
let drawing = null // the pointer that is drawing a stroke

function at(event) {
  const box = paper.getBoundingClientRect()
  return [((event.clientX - box.left) * paper.width) / box.width, ((event.clientY - box.top) * paper.height) / box.height]
}

function redraw() {
  context.clearRect(0, 0, paper.width, paper.height)
  for (const stroke of strokes) {
    context.beginPath()
    context.moveTo(...stroke[0])
    for (const point of stroke) context.lineTo(...point)
    context.stroke()
  }
  wanted()
}

paper.addEventListener("pointerdown", (event) => {
  if (drawing !== null || event.button !== 0) return
  drawing = event.pointerId
  paper.setPointerCapture(drawing)
  strokes.push([at(event)])
  redraw()
})
paper.addEventListener("pointermove", (event) => {
  if (event.pointerId !== drawing) return
  for (const part of event.getCoalescedEvents?.() ?? [event]) strokes.at(-1).push(at(part))
  redraw()
})
for (const end of ["pointerup", "pointercancel"])
  paper.addEventListener(end, (event) => {
    if (event.pointerId === drawing) drawing = null
  })
// Another finger may press these while one draws: that finger's stroke ends.
element("undo").addEventListener("click", () => {
  drawing = null
  strokes.pop()
  redraw()
})
element("clear").addEventListener("click", () => {
  drawing = null
  strokes.length = 0
  redraw()
})

// ---- reading: at most once a frame

let asked = false
let took = 0

function wanted() {
  if (asked) return
  asked = true
  if (took > FRAME) setTimeout(() => requestAnimationFrame(look), took)
  else requestAnimationFrame(look)
}

function look() {
  asked = false
  const started = performance.now()
  const found = pictureOf(context.getImageData(0, 0, paper.width, paper.height), !network.readsDigits)
  show(found && network.read(found.picture))
  if (!found) network.forward(new Float32Array(784))
  for (const layer of shown) paint(layer)
  took = performance.now() - started
}

function show(answer) {
  const word = element("word")
  const text = answer ? answer.text : "–"
  if (word.textContent !== text) word.textContent = text // each change is read aloud
  word.classList.toggle("long", text.length > 2)
  element("sureness").textContent = !answer ? "" : answer.isDigit ? `${answer.sureness} sure` : ""
  bars.forEach(([bar, figure], i) => {
    const share = answer?.isDigit ? answer.probabilities[i] : 0
    bar.style.width = `${100 * share}%`
    const said = share >= 0.9995 ? "> 99.9%" : `${(100 * share).toFixed(1)}%` // never 100 %
    figure.textContent = answer?.isDigit ? said : ""
  })
}

const bars = names.map((name) => {
  const line = document.createElement("li")
  line.innerHTML = "<span></span><i><b></b></i><span></span>"
  line.firstChild.textContent = name
  element("bars").append(line)
  return [line.querySelector("b"), line.lastChild]
})

// ---- layers as pictures

const ROW = 90 // about how many pixels a row of maps is wide; it holds a power of two of them, as layers do
const DARK = [27, 38, 50] // differs from a black page
const WIDTH = 410 // pixels of a layer's picture, where there is room
const LARGEST = 10 // screen pixels for one pixel of a map
const WHITE = [255, 255, 255]
const BELOW = [230, 159, 0]
const shown = [
  { shape: network.picture.shape, values: network.picture.output, text: "The picture that it sees" },
  ...network.layers.slice(0, -1).map(({ shape, output, text }) => ({ shape, values: output, text })),
].map(framed)

function framed(layer) {
  const { shape, text } = layer
  const flat = shape.length === 1
  const [height, width, count] = flat ? [1, 1, shape[0]] : shape
  const gap = flat || count === 1 ? 0 : 1
  const columns = Math.min(count, flat ? 32 : 2 ** Math.round(Math.log2(ROW / (width + 1))))
  const rows = Math.ceil(count / columns)
  const figure = document.createElement("figure")
  const canvas = document.createElement("canvas")
  canvas.width = columns * (width + gap) - gap
  canvas.height = rows * (height + gap) - gap
  canvas.style.width = `${count === 1 ? 4 * width : Math.min(LARGEST * canvas.width, WIDTH)}px`
  canvas.setAttribute("role", "img")
  const size = flat ? `${count} units` : count === 1 ? `${height}×${width}` : `${count} maps of ${height}×${width}`
  canvas.setAttribute("aria-label", `${text}: ${size}`)
  const caption = document.createElement("figcaption")
  caption.textContent = `${text} `
  const note = document.createElement("span")
  note.textContent = size
  caption.append(note)
  figure.append(caption, canvas)
  element("layers").append(figure)
  const picture = canvas.getContext("2d")
  const image = picture.createImageData(canvas.width, canvas.height)
  return { ...layer, height, width, count, gap, columns, picture, image }
}

// Each layer is scaled to its own largest value: 0 is dark, the largest white, the most negative orange.
function paint({ values, height, width, count, gap, columns, picture, image }) {
  let most = 1e-6
  for (const value of values) if (Math.abs(value) > most) most = Math.abs(value)
  const { data } = image
  for (let c = 0; c < count; c++) {
    const left = (c % columns) * (width + gap)
    const top = Math.floor(c / columns) * (height + gap)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const value = values[(y * width + x) * count + c] / most
        const to = ((top + y) * image.width + left + x) * 4
        const end = value < 0 ? BELOW : WHITE
        for (let k = 0; k < 3; k++) data[to + k] = DARK[k] + (end[k] - DARK[k]) * Math.abs(value)
        data[to + 3] = 255
      }
  }
  picture.putImageData(image, 0, 0)
}

redraw()
Object.assign(globalThis, { network, pictureOf }) // for the console, and for benchmarks
