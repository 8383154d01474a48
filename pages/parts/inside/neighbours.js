// Uses element, paintDigit, dark and soon, which come before it in the script.
// Nearest: the training digits that the network finds most alike, by its last layer but one, and a map of all.

const SHOWN = 8
// How many numbers are kept for all digits together: with a large last layer but one, as in a network that ends
// right after its maps, fewer digits are used.
const KEPT = 4e6
// How many of them determine the directions of the map: that takes a tenth of a second, during which all stands still.
const FOR_AXES = 5e5
const MAP = { width: 640, height: 420, pad: 10 }
// Ten colours that differ clearly on a light and a dark page; each point is also drawn as its digit.
const COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#B8860B", "#56B4E9", "#888888", "#E63946", "#7B5EA7", "#6A994E"]
const AT_NIGHT = ["#4DA3FF", "#FF9248", "#2FD3A5", "#E8A0C8", "#F0C05A", "#8FD6FF", "#B5B5B5", "#FF7B86", "#B79BE0", "#9CCB7E"]

export class Neighbours {
  constructor(place) {
    place.append(
      element("p", {}, _("To the network, a digit is the numbers in its last layer but one. These are the training digits whose numbers are most like " +
        "yours. Below, all of them are on a map of the two principal components; the ring is your drawing.")), // prettier-ignore
      element("p", { class: "try" }, element("b", {}, _("Try this:"), " "), _("draw a 4 and slowly close its top; watch the ring move to the 9s.")),
    )
    this.progress = element("p", { class: "faint", role: "status" })
    this.row = element("div", { class: "figures" })
    this.map = element("canvas", { class: "map", width: MAP.width, height: MAP.height, role: "img", "aria-label": _("Map of training digits") })
    place.append(this.progress, this.row, this.map)
  }

  take(network, redraw, digits) {
    this.network = network
    this.redraw = redraw
    this.digits = digits
    this.axes = null
    this.features = []
    this.stop()
    this.row.replaceChildren()
    this.map.getContext("2d").clearRect(0, 0, MAP.width, MAP.height)
  }

  // Runs every training digit through the network as it is now, with the units that are switched off.
  ask(wiring) {
    this.stop()
    this.wiring = wiring
    this.features = []
    this.axes = null
    const { network, digits, hidden } = this
    const n = Math.min(digits.labels.length, Math.floor(KEPT / hidden.output.length))
    const said = (done) => (this.progress.textContent = _("{done} of {n} training digits asked.", { done, n }))
    said(0)
    this.job = soon([...Array(n).keys()], (index) => {
      network.forward(digits.picture(index))
      this.features.push(Float32Array.from(hidden.output))
      if (index % 200 === 199) said(index + 1)
    }, () => {
      this.progress.textContent = ""
      this.axes = principal(this.features)
      this.points = this.features.map((feature) => this.axes.place(feature))
      this.ground = null
      this.redraw()
    }, 100)
  }

  get hidden() {
    return this.network.layers.at(-2) ?? this.network.picture
  }

  draw(picture) {
    if (!this.digits) {
      this.progress.textContent = _("The digits that this network learnt from are not available here.")
      return
    }
    const wiring = this.network.layers.map(({ off }) => off?.join("") ?? "").join("/")
    if (wiring !== this.wiring) this.ask(wiring)
    if (!this.features.length) return
    this.network.forward(picture)
    const own = Float32Array.from(this.hidden.output)
    const near = this.features
      .map((feature, index) => [distance(feature, own), index])
      .sort((a, b) => a[0] - b[0])
      .slice(0, SHOWN)
    const names = this.network.header.class_names
    this.row.replaceChildren(...near.map(([, index]) => {
      const canvas = element("canvas", { class: "small", role: "img", "aria-label": _("a training {name}", { name: names[this.digits.labels[index]] }) })
      paintDigit(canvas, this.digits.picture(index))
      return element("figure", {}, canvas, element("figcaption", {}, names[this.digits.labels[index]]))
    })) // prettier-ignore
    if (this.axes) this.plot(this.axes.place(own))
  }

  plot([x, y]) {
    const context = this.map.getContext("2d")
    const night = dark(this.map)
    if (!this.ground || this.ground.night !== night) this.ground = this.grounded(night)
    context.clearRect(0, 0, MAP.width, MAP.height)
    context.drawImage(this.ground.canvas, 0, 0)
    context.strokeStyle = night ? "#ffffff" : "#000000"
    context.lineWidth = 3
    context.beginPath()
    context.arc(...this.ground.at(x, y), 12, 0, 7)
    context.stroke()
  }

  // The map without the ring, the only part that moves: two thousand labels a frame would make the pen wait.
  grounded(night) {
    const { width, height, pad } = MAP
    const canvas = element("canvas", { width, height })
    const context = canvas.getContext("2d")
    const [left, right] = edges(this.points.map((point) => point[0]))
    const [top, bottom] = edges(this.points.map((point) => point[1]))
    const at = (u, v) => [
      pad + ((width - 2 * pad) * (Math.max(left, Math.min(right, u)) - left)) / (right - left || 1),
      pad + ((height - 2 * pad) * (Math.max(top, Math.min(bottom, v)) - top)) / (bottom - top || 1),
    ]
    const names = this.network.header.class_names
    context.font = "13px sans-serif"
    context.textAlign = "center"
    context.textBaseline = "middle"
    context.globalAlpha = 0.8
    this.points.forEach(([u, v], index) => {
      const label = this.digits.labels[index]
      context.fillStyle = (night ? AT_NIGHT : COLOURS)[label % COLOURS.length]
      context.fillText(names[label].slice(0, 2), ...at(u, v))
    })
    return { canvas, at, night }
  }

  // A run that was not finished starts again: units may have been switched off meanwhile.
  stop() {
    this.job?.stop()
    if (!this.axes) this.wiring = null
    this.progress.textContent = ""
  }
}

function edges(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const cut = Math.floor(sorted.length / 200)
  return [sorted[cut], sorted[sorted.length - 1 - cut]]
}

function distance(a, b) {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2
  return sum
}

// The two widest directions of some vectors, by power iteration on their covariance.
function principal(all) {
  const n = all[0].length
  const vectors = all.slice(0, Math.max(100, Math.floor(FOR_AXES / n)))
  const mean = new Float64Array(n)
  for (const vector of vectors) for (let i = 0; i < n; i++) mean[i] += vector[i] / vectors.length
  const axes = []
  for (let axis = 0; axis < 2; axis++) {
    let direction = Float64Array.from({ length: n }, (_, i) => Math.cos((axis + 1) * (i + 1)))
    for (let round = 0; round < 30; round++) {
      const next = new Float64Array(n)
      for (const vector of vectors) {
        let along = 0
        for (let i = 0; i < n; i++) along += (vector[i] - mean[i]) * direction[i]
        for (let i = 0; i < n; i++) next[i] += along * (vector[i] - mean[i])
      }
      for (const other of axes) {
        const shared = next.reduce((sum, value, i) => sum + value * other[i], 0)
        for (let i = 0; i < n; i++) next[i] -= shared * other[i]
      }
      const length = Math.hypot(...next) || 1
      direction = next.map((value) => value / length)
    }
    axes.push(direction)
  }
  const place = (vector) => axes.map((direction) => direction.reduce((sum, value, i) => sum + value * (vector[i] - mean[i]), 0))
  return { place }
}
