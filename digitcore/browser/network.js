// A network on the visitor's own device: forward with every layer's output, backward from the answer to the
// picture. A plain ES module that imports nothing; it reads what digitcore/browser/weights.py packs.
//
//   const network = new Network(await fetched(url))
//   const { text, probabilities } = network.read(picture)   // Float32Array(784), 0 paper to 1 ink
//   network.layers[0].output                                 // of shape network.layers[0].shape, channels last
//   network.gradient(network.logit(7))                       // Float32Array(784): where more ink would speak for a 7
//
// A network overwrites the arrays that it returned at its next call; copy what must stay.

const MAGIC = "DIGITLAB"
const NEVER = 1e-30 // stands for a probability of 0, as in digitcore's `calibrated`

// ---- what comes from the server

const SHELF = Symbol.for("digitlab.networks")

// The bytes at an address, fetched once for each page however often they are asked for. Addresses name their
// content, so a copy that the browser kept from an earlier visit is right however old it is.
export function fetched(url) {
  const shelf = (globalThis[SHELF] ??= new Map())
  if (!shelf.has(url)) {
    const bytes = fetch(url, { cache: "force-cache" }).then((answer) => {
      if (!answer.ok) throw new Error(`The network could not be loaded: ${answer.status} from ${url}.`)
      return answer.arrayBuffer()
    })
    bytes.catch(() => shelf.delete(url)) // the next one to ask tries again
    shelf.set(url, bytes)
  }
  return shelf.get(url)
}

function unpacked(buffer) {
  const start = new Uint8Array(buffer, 0, Math.min(12, buffer.byteLength))
  if (start.length < 12 || String.fromCharCode(...start.subarray(0, 8)) !== MAGIC)
    throw new Error("These bytes are not a network as Digit Lab packs it.")
  const length = new DataView(buffer).getUint32(8, true)
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 12, length)))
  return { header, blob: 12 + length }
}

// Weights (inputs x outputs) as 32-bit floats, however they were packed.
function weightsOf(stored, buffer, blob, outputs) {
  const at = blob + stored.offset
  if (stored.type === "float32") return new Float32Array(buffer, at, stored.length)
  if (stored.type === "float16") return Float32Array.from(new Uint16Array(buffer, at, stored.length), float16)
  if (stored.type !== "int8") throw new Error(`Weights of type ${stored.type} are unknown here.`)
  const scales = new Float32Array(buffer, blob + stored.scales, outputs)
  return Float32Array.from(new Int8Array(buffer, at, stored.length), (v, i) => v * scales[i % outputs])
}

function float16(bits) {
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  const size = exponent ? 2 ** (exponent - 25) * (1024 + fraction) : 2 ** -24 * fraction
  return bits & 0x8000 ? -size : size
}

// ---- activations: value from the sum, and slope from the sum and the value

const ACTIVATIONS = {
  linear: [(x) => x, () => 1],
  relu: [(x) => (x > 0 ? x : 0), (x) => (x > 0 ? 1 : 0)],
  tanh: [Math.tanh, (x, y) => 1 - y * y],
  sigmoid: [(x) => 1 / (1 + Math.exp(-x)), (x, y) => y * (1 - y)],
  gelu: [
    (x) => x * normal(x),
    (x) => normal(x) + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI),
  ],
}

// The normal distribution function, from erfc in Press et al., Numerical Recipes in C, 6.2: within 1.2e-7.
function normal(x) {
  const z = Math.abs(x) / Math.SQRT2
  const t = 1 / (1 + z / 2)
  const c = [-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587,
    -0.82215223, 0.17087277] // prettier-ignore
  let sum = 0
  for (let i = c.length - 1; i >= 0; i--) sum = sum * t + c[i]
  const beyond = (t * Math.exp(-z * z + sum)) / 2
  return x >= 0 ? 1 - beyond : beyond
}

// ---- layers

const size = (shape) => shape.reduce((product, side) => product * side, 1)

class Layer {
  constructor(described, before) {
    Object.assign(this, described) // name, kind, text, shape and what the kind needs
    this.before = before // the layer, or the picture, whose output this one takes
    this.output = new Float32Array(size(this.shape))
    this.gradient = new Float32Array(this.output.length)
    this.off = null // which units or maps (the last axis) are switched off: Uint8Array, or none at all
  }

  get channels() {
    return this.shape[this.shape.length - 1]
  }

  silence(values) {
    if (!this.off) return
    for (let i = 0; i < values.length; i++) if (this.off[i % this.channels]) values[i] = 0
  }
}

// Both convolution and dense: each place of the output has its sums over a patch of the input, which for a
// dense layer is all of it. `sums` is kept as well as `output`, which is what the activation makes of it.
class Weighted extends Layer {
  constructor(described, before, buffer, blob) {
    super(described, before)
    const outputs = this.channels
    this.weights = weightsOf(described.weights, buffer, blob, outputs)
    this.bias = weightsOf(described.bias, buffer, blob, outputs)
    this.sums = new Float32Array(this.output.length)
    this.patch = this.weights.length / outputs
    const whole = this.kind === "Dense"
    const [height, width, channels] = whole ? [1, 1, this.patch] : before.shape
    this.from = { height, width, channels }
    this.window = whole ? [1, 1] : this.kernel_size
    this.steps = whole ? [1, 1] : this.strides
    this.margin = whole ? [0, 0] : this.padding
    this.rows = whole ? [1, 1] : [this.shape[0], this.shape[1]]
    this.inked = { value: new Float64Array(this.patch), row: new Int32Array(this.patch) }
  }

  // Visits the inputs in a place's patch, run by run: (start in the input, start in the patch, how many).
  runs(y, x, visit) {
    const { height, width, channels } = this.from
    const [high, wide] = this.window
    const top = y * this.steps[0] - this.margin[0]
    const left = x * this.steps[1] - this.margin[1]
    const first = Math.max(0, -left)
    const last = Math.min(wide, width - left)
    for (let ky = Math.max(0, -top); ky < Math.min(high, height - top); ky++)
      visit(((top + ky) * width + left + first) * channels, (ky * wide + first) * channels,
        (last - first) * channels) // prettier-ignore
  }

  forward() {
    const outputs = this.channels
    const input = this.before.output
    const { value, row } = this.inked
    let found = 0
    // Half of the outputs of a layer with relu are 0: only the rest is multiplied.
    const gather = (from, to, count) => {
      for (let i = 0; i < count; i++) {
        const v = input[from + i]
        if (v !== 0) {
          value[found] = v
          row[found++] = (to + i) * outputs
        }
      }
    }
    for (let y = 0, place = 0; y < this.rows[0]; y++)
      for (let x = 0; x < this.rows[1]; x++, place += outputs) {
        found = 0
        this.runs(y, x, gather)
        weigh(found, value, row, this.weights, this.bias, outputs, this.sums, place)
      }
    activate(this.activation, this.sums, this.output)
    this.silence(this.output)
  }

  backward() {
    this.silence(this.gradient)
    if (this.activation !== "softmax") {
      const slope = ACTIVATIONS[this.activation][1]
      for (let i = 0; i < this.gradient.length; i++)
        if (this.gradient[i] !== 0) this.gradient[i] *= slope(this.sums[i], this.output[i])
    }
    const outputs = this.channels
    const towards = this.before.gradient.fill(0)
    const value = new Float64Array(outputs)
    const column = new Int32Array(outputs)
    let found = 0
    const spread = (to, from, count) =>
      spreadBack(found, value, column, this.weights, from * outputs, outputs, count, towards, to)
    for (let y = 0, place = 0; y < this.rows[0]; y++)
      for (let x = 0; x < this.rows[1]; x++, place += outputs) {
        found = 0
        for (let o = 0; o < outputs; o++) {
          const v = this.gradient[place + o]
          if (v !== 0) {
            value[found] = v
            column[found++] = o
          }
        }
        if (found) this.runs(y, x, spread)
      }
  }
}

// sums[place + o] = bias[o] + Σ value[i] · weights[row[i] + o]. Eight sums at a time stay in registers.
function weigh(count, value, row, weights, bias, outputs, sums, place) {
  let o = 0
  for (; o + 8 <= outputs; o += 8) {
    let a = bias[o], b = bias[o + 1], c = bias[o + 2], d = bias[o + 3] // prettier-ignore
    let e = bias[o + 4], f = bias[o + 5], g = bias[o + 6], h = bias[o + 7] // prettier-ignore
    for (let i = 0; i < count; i++) {
      const v = value[i]
      const w = row[i] + o
      a += v * weights[w]
      b += v * weights[w + 1]
      c += v * weights[w + 2]
      d += v * weights[w + 3]
      e += v * weights[w + 4]
      f += v * weights[w + 5]
      g += v * weights[w + 6]
      h += v * weights[w + 7]
    }
    const at = place + o
    sums[at] = a
    sums[at + 1] = b
    sums[at + 2] = c
    sums[at + 3] = d
    sums[at + 4] = e
    sums[at + 5] = f
    sums[at + 6] = g
    sums[at + 7] = h
  }
  for (; o < outputs; o++) {
    let sum = bias[o]
    for (let i = 0; i < count; i++) sum += value[i] * weights[row[i] + o]
    sums[place + o] = sum
  }
}

// towards[to + i] += Σ value[j] · weights[start + i · outputs + column[j]]. Four sums at a time, as above.
function spreadBack(found, value, column, weights, start, outputs, count, towards, to) {
  let i = 0
  for (; i + 4 <= count; i += 4, start += 4 * outputs) {
    let a = 0, b = 0, c = 0, d = 0 // prettier-ignore
    for (let j = 0; j < found; j++) {
      const v = value[j]
      const w = start + column[j]
      a += v * weights[w]
      b += v * weights[w + outputs]
      c += v * weights[w + 2 * outputs]
      d += v * weights[w + 3 * outputs]
    }
    towards[to + i] += a
    towards[to + i + 1] += b
    towards[to + i + 2] += c
    towards[to + i + 3] += d
  }
  for (; i < count; i++, start += outputs) {
    let sum = 0
    for (let j = 0; j < found; j++) sum += value[j] * weights[start + column[j]]
    towards[to + i] += sum
  }
}

function activate(name, sums, output) {
  if (name === "softmax") return softmax(sums, output)
  const [value] = ACTIVATIONS[name]
  for (let i = 0; i < sums.length; i++) output[i] = value(sums[i])
}

function softmax(sums, output) {
  const most = Math.max(...sums)
  let total = 0
  for (let i = 0; i < sums.length; i++) total += Math.exp(sums[i] - most)
  for (let i = 0; i < sums.length; i++) output[i] = Math.exp(sums[i] - most) / total
}

class MaxPooling extends Layer {
  constructor(described, before) {
    super(described, before)
    this.chosen = new Int32Array(this.output.length) // which input is the largest, for the way back
  }

  forward() {
    const [rows, columns, channels] = this.shape
    const wide = this.before.shape[1]
    const [high, across] = this.pool_size
    const input = this.before.output
    for (let y = 0, at = 0; y < rows; y++)
      for (let x = 0; x < columns; x++)
        for (let c = 0; c < channels; c++, at++) {
          const corner = (y * this.strides[0] * wide + x * this.strides[1]) * channels + c
          let best = corner
          for (let ky = 0; ky < high; ky++)
            for (let kx = 0; kx < across; kx++) {
              const i = corner + (ky * wide + kx) * channels
              if (input[i] > input[best]) best = i
            }
          this.chosen[at] = best
          this.output[at] = input[best]
        }
    this.silence(this.output)
  }

  backward() {
    this.silence(this.gradient)
    const towards = this.before.gradient.fill(0)
    for (let i = 0; i < this.chosen.length; i++) towards[this.chosen[i]] += this.gradient[i]
  }
}

const KINDS = { Conv2D: Weighted, Dense: Weighted, MaxPooling2D: MaxPooling }

// ---- the network

export class Network {
  // buffer: ArrayBuffer as `weights.packed` makes it. Throws an Error in one sentence if it is not.
  constructor(buffer) {
    const { header, blob } = unpacked(buffer)
    this.header = header // name, title, class_names, temperature, threshold, not_a_digit, layers
    this.picture = { shape: [28, 28, 1], output: new Float32Array(784), gradient: new Float32Array(784) }
    this.layers = []
    for (const described of header.layers) {
      const Kind = KINDS[described.kind]
      if (!Kind) throw new Error(`A layer of kind ${described.kind} is unknown here.`)
      this.layers.push(new Kind(described, this.layers.at(-1) ?? this.picture, buffer, blob))
    }
    this.last = this.layers.at(-1)
  }

  // Whether its classes are the ten digits in their order, as `Classifier.reads_digits`.
  get readsDigits() {
    return this.header.class_names.join("") === "0123456789"
  }

  // The network's plain softmax for a picture (784 values, 0 paper to 1 ink), as `Classifier.outputs`.
  forward(picture) {
    this.picture.output.set(picture)
    for (const layer of this.layers) layer.forward()
    return this.last.output
  }

  // What it says about a picture, as `Classifier.answer` and `Classifier.verdict`.
  read(picture) {
    this.forward(picture)
    return this.answer()
  }

  // The same for the outputs as they are now.
  answer() {
    const { class_names: names, threshold, not_a_digit: none } = this.header
    const probabilities = this.calibrated()
    const [label, second] = ranked(probabilities)
    const confidence = probabilities[label]
    const digitness = none.known
      ? 1 - this.last.output[names.length]
      : confidence + probabilities[second]
    const isDigit = digitness >= none.threshold
    const accepted = isDigit && confidence >= threshold
    const digits = names.every((name) => /^\d+$/.test(name))
    let text = names[label]
    if (!isDigit) text = digits ? "This does not look like a digit" : "This looks like nothing it knows"
    else if (!accepted) text += `, or perhaps ${names[second]}`
    const sureness = confidence >= 0.9995 ? "over 99.9%" : `${(100 * confidence).toFixed(1)}%`
    const secondConfidence = probabilities[second]
    return { text, label, confidence, sureness, second, secondConfidence, accepted, isDigit, digitness,
      probabilities } // prettier-ignore
  }

  // Probabilities over the classes alone, as digitcore's `calibrated`.
  calibrated() {
    const { class_names: names, temperature } = this.header
    const powers = Array.from(this.last.output.subarray(0, names.length), (p) => (p + NEVER) ** (1 / temperature))
    const total = powers.reduce((sum, power) => sum + power, 0)
    return Float32Array.from(powers, (power) => power / total)
  }

  // How much each pixel would change the sum that `seed` weights: Float32Array(784). seed: one weight for each of
  // the last layer's sums, such as `logit(7)`; seed[7] = 1, seed[9] = -1 asks what would make it a 7 rather than a
  // 9. The gradient at each layer's output is left in its `gradient`.
  gradient(seed) {
    this.last.gradient.set(seed)
    for (let i = this.layers.length - 1; i >= 0; i--) this.layers[i].backward()
    return this.picture.gradient
  }

  // Seeds for `gradient`: a class's sum in the last layer, and its calibrated probability.
  logit(label) {
    const seed = new Float32Array(this.last.sums.length)
    seed[label] = 1
    return seed
  }

  probability(label) {
    const seed = new Float32Array(this.last.sums.length)
    const probabilities = this.calibrated()
    const slope = probabilities[label] / this.header.temperature
    probabilities.forEach((p, i) => (seed[i] = slope * ((i === label) - p)))
    return seed
  }

  // Switch a unit or a map of a layer off, or on again: while it is off, `forward` counts it as 0.
  turn(layer, unit, on) {
    const { channels, off } = this.layers[layer]
    const now = off ?? new Uint8Array(channels)
    now[unit] = on ? 0 : 1
    this.layers[layer].off = now.some(Boolean) ? now : null
  }
}

// The best two classes; of equal ones, the first.
function ranked(probabilities) {
  return [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a] || a - b)
}
