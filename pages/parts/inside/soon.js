// Work in pieces that leave time for the pen and the page.

const BUSY = 10 // milliseconds of work in each frame

// After a short rest, calls `work` with each of `items`, a few in each frame, then `done`. Returns a function that stops it.
export function soon(items, work, done, rest = 250) {
  let stopped = false
  let at = 0
  const frame = () => {
    if (stopped) return
    const until = performance.now() + BUSY
    while (at < items.length && performance.now() < until) work(items[at++])
    if (at < items.length) requestAnimationFrame(frame)
    else done?.()
  }
  const timer = setTimeout(() => requestAnimationFrame(frame), rest)
  return {
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
