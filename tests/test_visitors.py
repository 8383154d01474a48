"""Who comes into a browser context that somebody has left finds nothing of theirs in it."""

KEPT = """async () => {
  return [document.cookie.includes("a=1"), localStorage.length, sessionStorage.length,
    (await caches.keys()).length, (await indexedDB.databases()).length]
}"""
KEEP = """async () => {
  document.cookie = "a=1; max-age=600"
  localStorage.setItem("a", "1")
  sessionStorage.setItem("a", "1")
  await caches.open("a")
  await new Promise((done) => { indexedDB.open("a").onsuccess = done })
}"""


def test_the_next_visitor_in_a_context_finds_nothing_of_the_one_before(visitors, app_url):
    context = visitors.comes(locale="en-GB")
    page = context.new_page()
    page.goto(f"{app_url}/_stcore/health")
    page.evaluate(KEEP)
    assert page.evaluate(KEPT) == [True, 1, 1, 1, 1]
    visitors.leaves(context)
    assert visitors.comes(locale="en-US") is not context
    again = visitors.comes(locale="en-GB")
    assert again is context
    page = again.new_page()
    page.goto(f"{app_url}/_stcore/health")
    assert page.evaluate(KEPT) == [False, 0, 0, 0, 0]
    assert visitors.comes(locale="en-GB") is not context, "one at a time"
