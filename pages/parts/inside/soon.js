// Work in pieces that leave time for the pen and the page.

const BUSY = 10 // milliseconds of work in each frame

// After a short rest, calls `work` with each of `items`, a few in each frame, then `done`, with what a generator
// returned. Returns what stops it.
export function soon(items, work, done, rest = 250) {
  let stopped = false
  const each = items[Symbol.iterator]()
  const frame = () => {
    if (stopped) return
    const until = performance.now() + BUSY
    do {
      const next = each.next()
      if (next.done) return done?.(next.value)
      work(next.value)
    } while (performance.now() < until)
    requestAnimationFrame(frame)
  }
  const timer = setTimeout(() => requestAnimationFrame(frame), rest)
  return {
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
