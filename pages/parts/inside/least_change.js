// The smallest change of a picture that a network takes for another class: the least ink added and taken away.

// How far beyond its thresholds a change must go, because the server's LiteRT differs by a millionth.
const SLACK = 1e-3
// Found with `benchmarks.fooling`: finer steps, or three times as many rounds, make changes smaller by 0.3 % of the ink.
const BITE = 0.03 // the share of the ink that is moved before the network is asked again
const BITES = 120 // at most
const ROUNDS = 8 // along the border between the two answers, from each of two starts
const PART = 0.5 // how far towards what the gradient says
const HALVINGS = 6 // of the way back to the original

// In whole steps of 255, so that whoever gets the picture as bytes has the very same.
export const whole = (picture) => picture.map((value) => Math.round(255 * value) / 255)

const odds = (share) => (share >= 1 ? Infinity : Math.log(share / (1 - share)))

// How far the network, as it stands after `forward`, is from taking its picture for a class, above 0 if it does; and
// the seed whose gradient says what would bring it nearer. Of the three things that it takes (the class before each
// other, sure enough, and a digit at all) the one that is furthest.
function lead(network, label) {
  const { class_names: names, temperature, threshold, not_a_digit: none } = network.header
  const sums = network.last.sums
  const others = names.map((_, i) => i).filter((i) => i !== label)
  const rival = others.reduce((best, i) => (sums[i] > sums[best] ? i : best))
  const rest = others.filter((i) => i !== rival)
  const ahead = (group, before, heat, wanted) => {
    const [mine, theirs] = [logSum(sums, group, heat), logSum(sums, before, heat)]
    const seed = new Float32Array(sums.length)
    for (const i of group) seed[i] = Math.exp(sums[i] / heat - mine)
    for (const i of before) seed[i] = -Math.exp(sums[i] / heat - theirs)
    return { value: heat * (mine - theirs - wanted), seed }
  }
  const found = [ahead([label], [rival], temperature, SLACK)]
  if (threshold > 0) found.push(ahead([label], others, temperature, odds(threshold + SLACK)))
  if (none.threshold > 0)
    found.push(none.known ? ahead([label, ...others], [names.length], 1, odds(none.threshold + SLACK))
      : ahead([label, rival], rest, temperature, odds(none.threshold + SLACK))) // prettier-ignore
  return found.reduce((worst, each) => (each.value < worst.value ? each : worst))
}

function logSum(sums, group, heat) {
  if (!group.length) return -Infinity // of two classes, nothing stands beside the better two
  const most = Math.max(...group.map((i) => sums[i] / heat))
  return most + Math.log(group.reduce((total, i) => total + Math.exp(sums[i] / heat - most), 0))
}

export const sizeOf = (before, after) => after.reduce((sum, value, i) => sum + Math.abs(value - before[i]), 0)

// A generator, for `soon`: between two `yield`s it asks the network a few times, and each gives the smallest changed
// picture so far, or null. Returns the smallest, or null. The network is left as it was asked last.
//
// Ink is moved until the answer changes: once in the few pixels where it tells most, once wherever it tells at all.
// From there the search goes along the border between the two answers, to where the gradient at the border says that
// the original would have needed the least change (Croce & Hein, "Minimally distorted adversarial examples with a fast
// adaptive boundary attack", ICML 2020, for the sum of all changes). What the answer does not need is taken back.
export function* leastChange(network, original, label) {
  const ask = (picture) => {
    network.forward(picture)
    return lead(network, label)
  }
  const wins = (picture) => ask(whole(picture)).value > 0
  const ink = original.reduce((sum, value) => sum + value, 0)
  let best = null
  let least = Infinity
  const keep = (picture) => {
    const size = sizeOf(original, whole(picture))
    if (size < least) [best, least] = [whole(picture), size]
  }

  // Two ways to move `amount` of ink along a slope: where it tells most, as far as it goes; or everywhere a little.
  const few = (picture, slope, amount) => {
    const changed = picture.slice()
    for (const i of steepest(slope)) {
      const room = slope[i] > 0 ? 1 - changed[i] : changed[i]
      const move = Math.min(room, amount)
      changed[i] += Math.sign(slope[i]) * move
      if ((amount -= move) <= 0) break
    }
    return changed
  }
  const many = (picture, slope, amount) => {
    const free = slope.map((s, i) => ((s > 0 && picture[i] >= 1) || (s < 0 && picture[i] <= 0) ? 0 : s))
    const sum = free.reduce((all, s) => all + Math.abs(s), 0) || 1
    return picture.map((value, i) => Math.max(0, Math.min(1, value + (amount * free[i]) / sum)))
  }
  function* forward(picture, way, bites, amount) {
    for (let i = 0; i < bites; i++) {
      const { value, seed } = ask(whole(picture))
      if (value > 0) return picture
      picture = way(picture, network.gradient(seed), amount)
      yield best
    }
    return wins(picture) ? picture : null
  }
  // As near to the original, on the straight line there, as the answer stays.
  function* nearer(picture) {
    let [low, high] = [0, 1]
    const part = (share) => original.map((value, i) => value + share * (picture[i] - value))
    for (let i = 0; i < HALVINGS; i++) {
      const middle = (low + high) / 2
      wins(part(middle)) ? (high = middle) : (low = middle)
      yield best
    }
    return part(high)
  }
  // Takes back, pixel by pixel, whatever the answer does not need.
  function* pruned(picture) {
    const changed = picture.slice()
    const { seed } = ask(changed)
    const slope = network.gradient(seed).slice()
    const touched = [...changed.keys()].filter((i) => Math.abs(changed[i] - original[i]) > 1e-3)
    touched.sort((a, b) => slope[a] * Math.sign(changed[a] - original[a]) - slope[b] * Math.sign(changed[b] - original[b]))
    for (const i of touched) {
      const before = changed[i]
      for (const share of [0, 0.5]) {
        changed[i] = original[i] + share * (before - original[i])
        const still = wins(changed)
        yield best
        if (still) break
        changed[i] = before
      }
    }
    return changed
  }

  // Along the border between the two answers.
  function* along(picture) {
    for (let round = 0; round < ROUNDS; round++) {
      const { value, seed } = ask(picture)
      const slope = network.gradient(seed).slice()
      // What this gradient, taken for the same everywhere, says is missing in the original.
      let missing = -value
      for (let i = 0; i < slope.length; i++) missing += slope[i] * (picture[i] - original[i])
      yield best
      const aim = original.slice()
      for (const i of steepest(slope)) {
        if (missing <= 0) break
        const room = slope[i] > 0 ? 1 - original[i] : original[i]
        const move = Math.min(room, missing / Math.abs(slope[i]))
        aim[i] += Math.sign(slope[i]) * move
        missing -= move * Math.abs(slope[i])
      }
      const part = picture.map((value, i) => value + PART * (aim[i] - value))
      const there = yield* forward(part, few, 20, (BITE * ink) / 4)
      if (!there) return
      picture = yield* nearer(there)
      keep(picture)
    }
  }

  for (const way of [few, many]) {
    const there = yield* forward(original, way, BITES, BITE * ink)
    if (!there) continue
    const picture = yield* nearer(there)
    keep(picture)
    yield* along(picture)
  }
  if (best) keep(yield* pruned(best))
  return best
}

const steepest = (slope) => [...slope.keys()].sort((a, b) => Math.abs(slope[b]) - Math.abs(slope[a]))
