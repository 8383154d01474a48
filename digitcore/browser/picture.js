// The 28x28 picture that a network reads, from the pixels of a drawing: dark ink on even white paper.
//
//   const found = pictureOf(context.getImageData(0, 0, canvas.width, canvas.height))
//   found?.picture      Float32Array(784), 0 paper to 1 ink; null where there is no more than a dot
//
// The same steps as digitcore's preprocessing with the same constants, without those that only photographs need
// (shadows, ruled lines, noise, light ink): ink, strokes of one digit, box, reduction to 20, centre of mass.

const LARGEST = 1600
const QUICK = 256 // long side of the copy that is examined first, reduced by a whole factor of at most 4
const MOST_HALVED = 4
const ENOUGH = 60 // pixels of a digit for which that copy is enough
const WHOLE = 12 // a multiple of every factor by which a copy is reduced
const WHITE = 0xffffffff
const SIDE = 28
const BOX = 20
const CENTRE = 14
const FAINTEST = 6 // grey levels
const WEAK = 0.12 // share of the contrast: ink that joins strokes
const EDGE = 0.02 // share of the contrast: the soft edge of a stroke
const STRONG = 0.4
const NEAR = 0.25 // share of the digit's size: the widest gap between two strokes of one digit
const THINNEST = 1.3 // pixels of 20: thinner pens are widened to PEN
const PEN = 1.7
const WIDE = 1.15 // width over height, and size beside the largest, from which there may be several digits
const SECOND = 0.25

// image: {data, width, height} as getImageData gives them. symbol: whether it is all that is drawn, and no digit: its
// strokes may be far apart. Returns {picture, box: [x, y, w, h] in the image's pixels,
// mayBeSeveral: whether this may be a number, which only the server reads}, or null.
export function pictureOf(image, symbol = false) {
  const given = inkOf(image)
  const whole = reduced(given, LARGEST)
  const [longest, shortest] = [Math.max(...whole.sheet), Math.min(...whole.sheet)]
  let factor = Math.min(MOST_HALVED, Math.ceil(longest / QUICK), shortest)
  let found = factor > 1 ? located(halved(whole, factor), symbol) : null
  if (!found || Math.max(found.box[2], found.box[3]) < ENOUGH) {
    factor = 1
    found = located(whole, symbol)
  }
  if (!found) return null
  const scale = longest / Math.max(image.width, image.height) / factor
  return {
    picture: normalised(found.ink, found.inner),
    box: found.box.map((side) => Math.round(side / scale)),
    mayBeSeveral: found.mayBeSeveral,
  }
}

// Grey levels of ink, 0 to 255: transparent pixels are paper. Only of the part of the sheet around the ink, so that
// a frame costs as much as there is ink: {values, width, height, left, top: where the part begins, sheet: [w, h]}.
function inkOf({ data, width, height }) {
  const { left, top, right, bottom } = inkedPart(data, width, height)
  const [w, h] = [right - left, bottom - top]
  const values = new Uint8Array(w * h)
  for (let y = 0, i = 0; y < h; y++)
    for (let x = 0, at = 4 * ((top + y) * width + left); x < w; x++, i++, at += 4) {
      if (!data[at + 3]) continue
      const grey = (data[at] * 19595 + data[at + 1] * 38470 + data[at + 2] * 7471 + 32768) >> 16
      if (grey < 255) values[i] = Math.round(((255 - grey) * data[at + 3]) / 255)
    }
  return { values, width: w, height: h, left, top, sheet: [width, height] }
}

// The part that holds every pixel that is neither white nor transparent, widened to whole pixels of any reduced copy;
// all of a sheet that is larger than LARGEST.
function inkedPart(data, width, height) {
  if (Math.max(width, height) > LARGEST) return { left: 0, top: 0, right: width, bottom: height }
  const pixels = new Uint32Array(data.buffer, data.byteOffset, width * height)
  const blank = (i) => pixels[i] === WHITE || !data[4 * i + 3]
  let left = width
  let top = height
  let right = 0
  let bottom = 0
  for (let y = 0; y < height; y++) {
    let [first, last] = [y * width, (y + 1) * width - 1]
    while (first <= last && blank(first)) first++
    if (first > last) continue
    while (blank(last)) last--
    left = Math.min(left, first - y * width)
    right = Math.max(right, last - y * width + 1)
    top = Math.min(top, y)
    bottom = y + 1
  }
  if (!right) return { left: 0, top: 0, right: 0, bottom: 0 }
  const down = (side) => Math.floor(side / WHOLE) * WHOLE
  const up = (side, most) => Math.min(Math.ceil(side / WHOLE) * WHOLE, most)
  return { left: down(left), top: down(top), right: up(right, width), bottom: up(bottom, height) }
}

function reduced(ink, side) {
  const scale = side / Math.max(...ink.sheet)
  if (scale >= 1) return ink
  const smaller = resized(ink, Math.max(1, even(ink.width * scale)), Math.max(1, even(ink.height * scale)))
  for (let i = 0; i < smaller.values.length; i++)
    if (smaller.values[i]) smaller.values[i] = even(smaller.values[i]) // grey levels are whole numbers
  return { ...smaller, left: 0, top: 0, sheet: [smaller.width, smaller.height] }
}

// A copy reduced by a whole factor, by averaging; pixels at the right and the bottom that do not fill a whole pixel
// are left out. Rounded as OpenCV does: a half is rounded up for four pixels, and to even for more.
function halved({ values, width, height, left, top, sheet }, factor) {
  const [w, h] = [Math.floor(width / factor), Math.floor(height / factor)]
  const smaller = new Uint8Array(w * h)
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) {
      let sum = 0
      for (let v = 0; v < factor; v++)
        for (let u = 0, at = (y * factor + v) * width + x * factor; u < factor; u++) sum += values[at + u]
      if (sum) smaller[y * w + x] = factor === 2 ? Math.floor((sum + 2) / 4) : even(sum / factor ** 2)
    }
  return {
    values: smaller, width: w, height: h, left: left / factor, top: top / factor,
    sheet: sheet.map((side) => Math.floor(side / factor)),
  } // prettier-ignore
}

// The digit in a picture of ink levels: its ink, 0 to 1, its box there, and that box on the sheet.
function located(picture, symbol) {
  const { values, width, height, left, top, sheet } = picture
  const contrast = levelOfInk(values, sheet[0] * sheet[1])
  if (contrast < FAINTEST) return null
  const { labels, parts } = partsOf(picture, WEAK * contrast)
  if (!parts.length) return null
  const kept = ofOneDigit(parts, contrast, ...sheet, symbol ? Infinity : NEAR)
  if (!kept) return null
  const around = boxAround(parts.filter((_, i) => kept[i]))
  const size = Math.max(around[2] - around[0], around[3] - around[1])
  const mask = withEdges(values, labels, kept, width, height, Math.max(1, even(size / 40)), EDGE * contrast)
  const box = boxOf(mask, width, height)
  if (Math.max(box[2], box[3]) < Math.max(5, 0.03 * Math.max(...sheet))) return null // a dot
  const strength = Math.max(strengthOf(values, mask), 1)
  const ink = new Float32Array(values.length)
  for (let i = 0; i < ink.length; i++) if (mask[i]) ink[i] = Math.min(values[i] / strength, 1)
  const [x, y, w, h] = tight(ink, width, box)
  return {
    ink: { values: ink, width, height },
    inner: [x, y, w, h],
    box: [left + x, top + y, w, h],
    mayBeSeveral: severalOf(parts),
  }
}

// The level that all but the strongest of `count` pixels stay below, as digitcore's `levels` on an even ground of 0.
// values: of those that may hold ink.
function levelOfInk(values, count) {
  const histogram = new Uint32Array(256)
  for (let i = 0; i < values.length; i++) histogram[values[i]]++
  const strongest = Math.min(0.01 * count, Math.max(20, 1e-4 * count))
  let below = count - values.length
  for (let level = 0; level < 256; level++) {
    below += histogram[level]
    if (below >= count - strongest) return level
  }
  return 255
}

// Connected ink (8 neighbours): a label for each pixel, 0 for paper, and label i + 1 is parts[i], on the sheet.
function partsOf({ values, width, height, left, top }, least) {
  const labels = new Int32Array(values.length)
  const parent = [0]
  const root = (label) => {
    while (parent[label] !== label) label = parent[label] = parent[parent[label]]
    return label
  }
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      if (values[i] <= least) continue
      let label = y ? root(labels[i - width]) : 0
      if (!label) {
        // Left and upper left are neighbours of each other, but the upper right one may be of another part.
        label = root((x && labels[i - 1]) || (x && y && labels[i - width - 1]) || 0)
        const other = y && x + 1 < width ? root(labels[i - width + 1]) : 0
        if (label && other && other !== label) {
          const lower = Math.min(other, label)
          parent[Math.max(other, label)] = lower
          label = lower
        } else if (!label) label = other
      }
      if (!label) parent.push((label = parent.length))
      labels[i] = label
    }
  const parts = []
  const number = new Int32Array(parent.length)
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      if (!labels[i]) continue
      const found = root(labels[i])
      if (!number[found]) {
        number[found] = parts.length + 1
        parts.push({ left: left + x, top: top + y, right: left + x + 1, bottom: top + y + 1, levels: [] })
      }
      labels[i] = number[found]
      const part = parts[labels[i] - 1]
      part.left = Math.min(part.left, left + x)
      part.right = Math.max(part.right, left + x + 1)
      part.bottom = top + y + 1
      part.levels.push(values[i])
    }
  return { labels, parts }
}

// Which parts are strokes of the one digit: the heaviest, and those near and large enough, as digitcore's
// `_of_one_digit`. null where there are only specks.
function ofOneDigit(parts, contrast, width, height, near) {
  for (const part of parts) {
    part.mass = part.levels.reduce((sum, level) => sum + Math.min(level, contrast), 0)
    if (!part.levels.some((level) => level > STRONG * contrast)) part.mass *= 0.3
    part.length = Math.max(part.right - part.left, part.bottom - part.top)
    part.sides = (part.left === 0) + (part.top === 0) + (part.right === width) + (part.bottom === height)
    const off = [(part.left + part.right) / width - 1, (part.top + part.bottom) / height - 1]
    part.weight = (part.mass * (1 - 0.6 * Math.max(...off.map(Math.abs)))) / (1 + 3 * part.sides)
  }
  const main = parts.reduce((best, part) => (part.weight > best.weight ? part : best))
  const kept = parts.map((part) => part === main)
  const able = parts.map(
    (part) => part.length >= 0.12 * main.length && part.mass >= 0.01 * main.mass && (!part.sides || main.sides > 0),
  )
  for (;;) {
    const [left, top, right, bottom] = boxAround(parts.filter((_, i) => kept[i]))
    const size = Math.max(right - left, bottom - top)
    let more = false
    parts.forEach((part, i) => {
      const gap = Math.max(part.left - right, left - part.right, part.top - bottom, top - part.bottom)
      if (able[i] && !kept[i] && gap <= near * size) more = kept[i] = true
    })
    if (!more) return main.length < 0.1 * size ? null : kept
  }
}

// [left, top, right, bottom] around parts.
function boxAround(parts) {
  return [
    Math.min(...parts.map((part) => part.left)),
    Math.min(...parts.map((part) => part.top)),
    Math.max(...parts.map((part) => part.right)),
    Math.max(...parts.map((part) => part.bottom)),
  ]
}

// The kept parts with their soft edges, which reach at most `reach` pixels: Uint8Array.
function withEdges(values, labels, kept, width, height, reach, least) {
  const mask = new Uint8Array(values.length)
  const isStroke = (i) => labels[i] > 0 && kept[labels[i] - 1]
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      if (values[i] <= least) continue
      if (isStroke(i)) {
        mask[i] = 1
        continue
      }
      for (let v = Math.max(0, y - reach); v <= Math.min(height - 1, y + reach) && !mask[i]; v++)
        for (let u = Math.max(0, x - reach); u <= Math.min(width - 1, x + reach); u++)
          if (isStroke(v * width + u)) {
            mask[i] = 1
            break
          }
    }
  return mask
}

// [x, y, w, h] around the pixels that are set.
function boxOf(mask, width, height) {
  let left = width
  let top = height
  let right = 0
  let bottom = 0
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      if (!mask[i]) continue
      if (x < left) left = x
      if (x + 1 > right) right = x + 1
      if (y < top) top = y
      bottom = y + 1
    }
  return [left, top, right - left, bottom - top]
}

// The level that 85 % of the mask's pixels stay below.
function strengthOf(values, mask) {
  const histogram = new Uint32Array(256)
  let count = 0
  for (let i = 0; i < values.length; i++)
    if (mask[i]) {
      histogram[values[i]]++
      count++
    }
  const ranked = (rank) => {
    let level = 0
    for (let seen = histogram[0]; seen <= rank; seen += histogram[level]) level++
    return level
  }
  const at = 0.85 * (count - 1)
  const below = ranked(Math.floor(at))
  return below + (at % 1) * (ranked(Math.min(Math.floor(at) + 1, count - 1)) - below)
}

// The box without blur: each side moves in to where the ink reaches half of its greatest value within the next
// twentieth of the digit's size.
function tight(ink, width, [x, y, w, h]) {
  const reach = Math.floor(Math.max(w, h) / BOX) - 1
  if (reach < 1) return [x, y, w, h]
  const down = new Float32Array(h)
  const right = new Float32Array(w)
  for (let v = 0; v < h; v++)
    for (let u = 0; u < w; u++) {
      const value = ink[(y + v) * width + x + u]
      if (value > down[v]) down[v] = value
      if (value > right[u]) right[u] = value
    }
  const step = (side) => {
    const half = Math.max(...side.slice(0, reach + 1)) / 2
    return side.findIndex((value) => value >= half)
  }
  const [top, bottom] = [step(down), step(down.slice().reverse())]
  const [left, last] = [step(right), step(right.slice().reverse())]
  return [x + left, y + top, w - left - last, h - top - bottom]
}

function severalOf(parts) {
  if (parts.some((part) => part.right - part.left > WIDE * (part.bottom - part.top))) return true
  const lengths = parts.map((part) => part.length).sort((a, b) => b - a)
  return lengths[1] > SECOND * lengths[0]
}

// A box of ink in MNIST's format: long side 20 by averaging, centre of mass on pixel 14.
function normalised(ink, [x, y, w, h]) {
  let cropped = { values: new Float32Array(w * h), width: w, height: h }
  for (let v = 0; v < h; v++)
    cropped.values.set(ink.values.subarray((y + v) * ink.width + x, (y + v) * ink.width + x + w), v * w)
  const scale = BOX / Math.max(w, h)
  const width = Math.max(1, even(w * scale))
  const height = Math.max(1, even(h * scale))
  cropped = byAWiderPen(cropped)
  const scaled = w === width && h === height ? cropped.values : resized(cropped, width, height).values
  let total = 0
  let down = 0
  let right = 0
  for (let v = 0, i = 0; v < height; v++)
    for (let u = 0; u < width; u++, i++) {
      total += scaled[i]
      down += v * scaled[i]
      right += u * scaled[i]
    }
  total = Math.max(total, 1e-6)
  const top = Math.min(Math.max(even(CENTRE - down / total), 0), SIDE - height)
  const left = Math.min(Math.max(even(CENTRE - right / total), 0), SIDE - width)
  const picture = new Float32Array(SIDE * SIDE)
  for (let v = 0; v < height; v++)
    picture.set(scaled.subarray(v * width, (v + 1) * width), (top + v) * SIDE + left)
  return picture
}

// The same strokes, widened where the pen was so thin that it would leave only a pale trace in 20x20.
function byAWiderPen(cropped) {
  const { values, width, height } = cropped
  const longest = Math.max(width, height)
  if (longest < 2 * BOX) return cropped
  const inked = (x, y) => x >= 0 && y >= 0 && x < width && y < height && values[y * width + x] > 0.5
  let area = 0
  let rim = 0
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (!inked(x, y)) continue
      area++
      for (let k = 0; k < 9; k++)
        if (!inked(x - 1 + (k % 3), y - 1 + Math.floor(k / 3))) {
          rim++
          break
        }
    }
  const pen = (2 * area) / Math.max(rim, 1)
  if (pen * BOX >= THINNEST * longest) return cropped
  const more = even((PEN * longest) / BOX - pen) + 1
  const wider = new Float32Array(values.length)
  const radius = Math.floor(more / 2)
  const nib = nibOf(more)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const value = values[y * width + x]
      if (!value) continue
      for (const [u, v] of nib) {
        const [right, down] = [x - u + radius, y - v + radius]
        if (right < 0 || down < 0 || right >= width || down >= height) continue
        if (value > wider[down * width + right]) wider[down * width + right] = value
      }
    }
  return { values: wider, width, height }
}

// [x, y] of the pixels of a disc as OpenCV draws it into size x size.
function nibOf(size) {
  const radius = Math.floor(size / 2)
  const pixels = []
  for (let y = 0; y < size; y++) {
    const off = y - radius
    if (Math.abs(off) > radius) continue
    const half = radius ? even(radius * Math.sqrt((radius * radius - off * off) / (radius * radius))) : 0
    for (let x = Math.max(radius - half, 0); x < Math.min(radius + half + 1, size); x++) pixels.push([x, y])
  }
  return pixels
}

// A copy of that size: each new pixel is the mean of what it covers.
function resized({ values, width, height }, newWidth, newHeight) {
  const across = covered(width, newWidth)
  const downward = covered(height, newHeight)
  const rows = new Float32Array(newWidth * height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < newWidth; x++) {
      const { first, shares } = across[x]
      let sum = 0
      for (let k = 0; k < shares.length; k++) sum += shares[k] * values[y * width + first + k]
      rows[y * newWidth + x] = sum
    }
  const result = new Float32Array(newWidth * newHeight)
  for (let y = 0; y < newHeight; y++) {
    const { first, shares } = downward[y]
    for (let k = 0; k < shares.length; k++)
      for (let x = 0; x < newWidth; x++)
        result[y * newWidth + x] += shares[k] * rows[(first + k) * newWidth + x]
  }
  return { values: result, width: newWidth, height: newHeight }
}

// For each of `count` new pixels in a row of `length`: the first pixel that it covers, and how much of each.
function covered(length, count) {
  const scale = length / count
  return Array.from({ length: count }, (_, i) => {
    const start = i * scale
    const end = Math.min((i + 1) * scale, length)
    const first = Math.floor(start + 1e-9)
    const shares = []
    for (let k = first; k < end - 1e-9; k++) shares.push((Math.min(k + 1, end) - Math.max(k, start)) / (end - start))
    return { first, shares }
  })
}

// To the nearest whole number, halves to the even one, as Python and OpenCV do.
function even(value) {
  const low = Math.floor(value)
  const over = value - low
  return over > 0.5 || (over === 0.5 && low % 2) ? low + 1 : low
}
