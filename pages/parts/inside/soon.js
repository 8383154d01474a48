// Work in pieces that leave the pen and the page their time.

const BUSY = 10 // milliseconds of each frame

// Calls `work` with each of `items`, a few a frame, after a short rest; then `done`. Returns what stops it.
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
