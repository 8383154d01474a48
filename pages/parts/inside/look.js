// Uses element, refill, number, dark, largest, areDigits, paintDigit and paintSigned of paint.js, which comes before it in the script.
// Every layer's output as pictures, and the actual numbers behind the pixel or unit that is pointed at.

const GAP = 1
const MAP_SIDE = 64 // about how large a map is on the screen, so that a finger can hit it
const KERNEL_SIDE = 35
const MANY = 128 // more units than this are drawn small

// A layer's own text is by Keras's names but for where a convolution looks.
const textOf = (layer) => layer.text.replace(/every (\d+)nd pixel/, (whole, n) => _("every {n}nd pixel", { n }))

export class Look {
  constructor(place) {
    this.place = place
    this.chosen = null // {layer, unit, y, x}
    this.room = 340
    place.append(
      element("p", {}, _("Each picture shows how one map of a layer responds to your drawing. Point at any pixel, tap it, or move with the " +
        "arrow keys to see the numbers behind it, and the part of the drawing that it depends on.")), // prettier-ignore
      element("p", { class: "try" }, element("b", {}, _("Try this:"), " "),
        _("find a map that lights up only on horizontal strokes, switch it off, and see what happens to your 7.")), // prettier-ignore
    )
    this.picture = element("canvas", { class: "input", role: "img", "aria-label": _("The 28 × 28 picture that the network reads") })
    this.frame = element("div", { class: "frame" })
    this.details = element("div", { class: "details", "aria-live": "polite" })
    this.rows = element("div", { class: "layers" })
    place.append(element("div", { class: "top" }, element("div", { class: "input-box" }, this.picture, this.frame), this.details), this.rows)
  }

  take(network, redraw) {
    this.network = network
    this.redraw = redraw
    this.chosen = null
    this.rows.replaceChildren()
    this.canvases = network.layers.map((layer, index) => {
      const canvas = element("canvas", {
        tabindex: "0", class: "maps", role: "application",
        "aria-label": `${textOf(layer)}: ${layer.shape.length > 1 ? _("{n} maps", { n: layer.channels }) : _("{n} units", { n: layer.channels })}. ${layer === network.last ? _("Arrow keys move.") : _("Arrow keys move, Enter switches off.")}`,
        onpointermove: (event) => event.pointerType === "mouse" && this.point(index, event),
        onpointerdown: (event) => this.point(index, event),
        onkeydown: (event) => this.key(index, event),
        onfocus: () => this.chosen?.layer !== index && this.choose(index, 0, 0, 0),
      })
      const shape = layer.shape.length > 1 ? layer.shape.join(" × ") : _("{n} units", { n: layer.shape[0] })
      this.rows.append(element("section", {}, element("h4", {}, `${layer.name}`, element("small", {}, ` ${textOf(layer)} → ${shape}`)), canvas))
      return canvas
    })
    this.offerKernels(network.layers[0])
  }

  // What the maps of a first convolution look for, a small picture each, in the order of the maps.
  offerKernels(layer) {
    this.kernels = layer.kind === "Conv2D" ? element("canvas", { class: "kernels", role: "img",
      "aria-label": _("The {n} kernels of the first layer", { n: layer.channels }) }) : null // prettier-ignore
    if (this.kernels) this.rows.firstChild.append(element("p", {}, _("The kernel of each map, the pattern it looks for: blue wants ink, orange wants paper.")), this.kernels)
  }

  // How the maps of a layer are laid out in its canvas: in tiles of height x width, each of whose pixels takes
  // `zoom` pixels of the screen, with as many tiles in a row as there is room for.
  grid(layer) {
    const maps = layer.shape.length > 1
    const [height, width] = maps ? layer.shape : [1, 1]
    const zoom = maps ? Math.max(2, Math.round(MAP_SIDE / width)) : layer.channels > MANY ? 12 : 24
    const columns = Math.max(1, Math.min(layer.channels, Math.floor(this.room / (zoom * (width + GAP)))))
    return { height, width, columns, zoom, rows: Math.ceil(layer.channels / columns) }
  }

  draw(picture) {
    paintDigit(this.picture, picture)
    const night = dark(this.place)
    this.room = this.rows.clientWidth || this.room
    this.network.layers.forEach((layer, index) => {
      const canvas = this.canvases[index]
      paintTiles(canvas, this.grid(layer), layer.channels, layer.output, night)
      this.mark(canvas, layer, index, night)
    })
    if (this.kernels) this.drawKernels(this.network.layers[0], night)
    this.tell()
  }

  drawKernels(layer, night) {
    const [height, width] = layer.kernel_size
    const zoom = Math.round(KERNEL_SIDE / width)
    const columns = Math.min(layer.channels, Math.floor(this.room / (zoom * (width + GAP))))
    const rows = Math.ceil(layer.channels / columns)
    paintTiles(this.kernels, { height, width, columns, rows, zoom }, layer.channels, layer.weights, night)
  }

  // Maps that are switched off are crossed out; the chosen one has a dot.
  mark(canvas, layer, index, night) {
    const context = canvas.getContext("2d")
    const { height, width, columns } = this.grid(layer)
    const at = (unit) => [(unit % columns) * (width + GAP), Math.floor(unit / columns) * (height + GAP)]
    context.lineWidth = 1
    if (layer.off)
      layer.off.forEach((off, unit) => {
        if (!off) return
        const [left, top] = at(unit)
        context.fillStyle = night ? "#777" : "#999"
        context.fillRect(left, top, width, height)
      })
    if (this.chosen?.layer === index) {
      const [left, top] = at(this.chosen.unit)
      context.fillStyle = night ? "#ffd166" : "#b3006b"
      context.fillRect(left + this.chosen.x, top + this.chosen.y, 1, 1)
    }
  }

  point(index, event) {
    const canvas = this.canvases[index]
    const box = canvas.getBoundingClientRect()
    const px = Math.floor(((event.clientX - box.left) / box.width) * canvas.width)
    const py = Math.floor(((event.clientY - box.top) / box.height) * canvas.height)
    const { height, width, columns } = this.grid(this.network.layers[index])
    const unit = Math.floor(py / (height + GAP)) * columns + Math.floor(px / (width + GAP))
    const y = Math.min(height - 1, py % (height + GAP)) // the gap belongs to the tile before it
    const x = Math.min(width - 1, px % (width + GAP))
    if (unit < this.network.layers[index].channels) this.choose(index, unit, y, x)
  }

  key(index, event) {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key]
    const layer = this.network.layers[index]
    if (this.chosen?.layer !== index) return
    if (event.key === "Enter" && layer !== this.network.last) return this.turn() // answers cannot be switched off
    if (!step) return
    event.preventDefault()
    const { height, width, columns } = this.grid(layer)
    let { unit, y, x } = this.chosen
    y += step[0]
    x += step[1]
    const next = unit + (x < 0 ? -1 : x >= width ? 1 : 0) + (y < 0 ? -columns : y >= height ? columns : 0)
    if (next < 0 || next >= layer.channels) return
    this.choose(index, next, (y + height) % height, (x + width) % width)
  }

  choose(layer, unit, y, x) {
    this.chosen = { layer, unit, y, x }
    this.redraw()
  }

  turn() {
    const { layer, unit } = this.chosen
    this.network.turn(layer, unit, Boolean(this.network.layers[layer].off?.[unit]))
    this.redraw()
  }

  allOn() {
    for (const layer of this.network.layers) layer.off = null
    this.redraw()
  }

  // The part of the drawing that a place of a layer depends on: [top, left, height, width] in pixels of 28 x 28.
  seen({ layer, y, x }) {
    let [top, left, bottom, right] = [y, x, y + 1, x + 1]
    for (let i = layer; i >= 0; i--) {
      const here = this.network.layers[i]
      if (here.kind === "Dense") return [0, 0, 28, 28]
      const [high, wide] = here.kernel_size ?? here.pool_size
      const [down, across] = here.strides
      const [above, beside] = here.padding ?? [0, 0]
      top = top * down - above
      left = left * across - beside
      bottom = (bottom - 1) * down - above + high
      right = (right - 1) * across - beside + wide
    }
    const clip = (value) => Math.max(0, Math.min(28, value))
    return [clip(top), clip(left), clip(bottom) - clip(top), clip(right) - clip(left)]
  }

  tell() {
    if (!this.chosen) {
      this.frame.hidden = true
      this.details.replaceChildren(element("p", { class: "faint" }, _("Point at a pixel to see the numbers behind it.")))
      return
    }
    const { layer: index, unit, y, x } = this.chosen
    const layer = this.network.layers[index]
    const [top, left, high, wide] = this.seen(this.chosen)
    this.frame.hidden = false
    this.frame.style.cssText = `top:${(100 * top) / 28}%;left:${(100 * left) / 28}%;height:${(100 * high) / 28}%;width:${(100 * wide) / 28}%`
    const maps = layer.shape.length > 1
    const place = maps ? layer.shape[1] * y + x : 0
    const value = layer.output[place * layer.channels + unit]
    const off = Boolean(layer.off?.[unit])
    const classes = this.network.header.class_names
    const isLast = layer === this.network.last
    const name = maps ? _("map {unit}, row {row}, column {column}", { unit: unit + 1, row: y + 1, column: x + 1 })
      : isLast ? _("the answer “{answer}”", { answer: classes[unit] ?? (areDigits(classes) ? _("no digit") : _("nothing")) }) : _("unit {unit}", { unit: unit + 1 }) // prettier-ignore
    const parts = [element("p", {}, element("b", {}, `${layer.name}, ${name}: ${number(value)}`))]
    const [sum, ...shown] = layer.kind === "MaxPooling2D" ? this.pooled(layer) : this.summed(layer, unit, y, x, place)
    parts.push(sum)
    const turned = layer.off?.some(Boolean) || this.network.layers.some((each) => each.off)
    if (!isLast)
      parts.push(element("div", { class: "buttons" },
        element("button", { type: "button", "data-key": "turn", onclick: () => this.turn() }, maps ? (off ? _("Switch this map on") : _("Switch this map off")) : off ? _("Switch this unit on") : _("Switch this unit off")),
        turned ? element("button", { type: "button", "data-key": "all", onclick: () => this.allOn() }, _("All on again")) : "")) // prettier-ignore
    refill(this.details, ...parts, ...shown)
  }

  pooled(layer) {
    const [high, wide] = layer.pool_size
    return [element("p", {}, _("The largest of the {n} pixels below it in the layer before.", { n: high * wide }))]
  }

  summed(layer, unit, y, x, place) {
    const outputs = layer.channels
    const input = layer.before.output
    const channels = layer.before.shape.at(-1)
    const found = [] // {channel, sum, cells: [[input, weight], ...]} for each channel, or each input of a dense layer
    const flat = layer.kind === "Dense"
    const groups = new Map()
    let across = 0 // inputs in a row of the patch: fewer at the edge of the picture
    layer.runs(y, x, (from, to, count) => {
      across = count / channels
      for (let i = 0; i < count; i++) {
        const channel = flat && layer.before.shape.length === 1 ? from + i : (from + i) % channels
        const weight = layer.weights[(to + i) * outputs + unit]
        const group = groups.get(channel) ?? { channel, sum: 0, values: [] }
        group.sum += input[from + i] * weight
        group.values.push([input[from + i], weight])
        groups.set(channel, group)
      }
    })
    found.push(...groups.values())
    const sum = found.reduce((all, each) => all + each.sum, 0)
    const bias = layer.bias[unit]
    const total = layer.sums[place * outputs + unit]
    const lines = [
      element("p", {}, _("Σ input × weight = {sum}, + bias {bias} = {total}, then {activation}.", { sum: number(sum), bias: number(bias), total: number(total), activation: layer.activation })),
    ]
    const onPicture = layer.before === this.network.picture
    if (onPicture && flat) lines.push(this.weightImages(layer, unit))
    else if (onPicture) lines.push(this.patch(found[0], across))
    else lines.push(this.speakers(found, layer))
    return lines
  }

  // A unit that sees the whole drawing: its weights, and what they make of the ink.
  weightImages(layer, unit) {
    const weights = Float32Array.from({ length: 784 }, (_, i) => layer.weights[i * layer.channels + unit])
    const products = weights.map((weight, i) => weight * layer.before.output[i])
    const night = dark(this.place)
    const figures = [[_("weights"), weights], [_("ink × weights"), products]].map(([title, values]) => {
      const canvas = element("canvas", { class: "small" })
      paintSigned(canvas, values, 28, 28, largest(values), night)
      return element("figure", {}, canvas, element("figcaption", {}, title))
    })
    return element("div", { class: "figures" }, ...figures)
  }

  patch(group, wide) {
    const table = element("table", { class: "patch" })
    for (let i = 0; i < group.values.length; i += wide)
      table.append(element("tr", {}, ...group.values.slice(i, i + wide).map(([input, weight]) =>
        element("td", {}, `${number(input)} × ${number(weight)}`)))) // prettier-ignore
    return table
  }

  // What speaks for it and what against, the strongest first.
  speakers(found, layer) {
    const maps = layer.before.shape.length > 1
    const sorted = found.toSorted((a, b) => b.sum - a.sum)
    const most = Math.max(1e-9, ...found.map((each) => Math.abs(each.sum)))
    const bar = ({ channel, sum }) => element("li", {},
      element("span", { class: "amount", style: `width:${(90 * Math.abs(sum)) / most}px;background:${sum < 0 ? "#D55E00" : "#0072B2"}` }),
      ` ${maps ? _("map {unit}", { unit: channel + 1 }) : _("unit {unit}", { unit: channel + 1 })}: ${number(sum)}`) // prettier-ignore
    return element("div", { class: "speakers" },
      element("div", {}, element("b", {}, _("For")), element("ul", {}, ...sorted.slice(0, 5).filter((each) => each.sum > 0).map(bar))),
      element("div", {}, element("b", {}, _("Against")), element("ul", {}, ...sorted.slice(-5).reverse().filter((each) => each.sum < 0).map(bar)))) // prettier-ignore
  }
}

// Tiles of height x width values, `count` of them beside and below each other, from values with the tile's number last.
function paintTiles(canvas, { height, width, columns, rows, zoom }, count, values, night) {
  const across = columns * (width + GAP) - GAP
  const down = rows * (height + GAP) - GAP
  const laid = new Float32Array(across * down)
  for (let tile = 0; tile < count; tile++) {
    const left = (tile % columns) * (width + GAP)
    const top = Math.floor(tile / columns) * (height + GAP)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) laid[(top + y) * across + left + x] = values[(y * width + x) * count + tile]
  }
  paintSigned(canvas, laid, across, down, largest(values), night)
  canvas.style.width = `${across * zoom}px`
}
