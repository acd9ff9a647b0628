/** The frame's side of the talk with the host page. Only the page that holds us, at the origin it named, is heard. */
const query = new URLSearchParams(location.search);
export const site = query.get("site") ?? "";
export const isEmbedded = query.get("embed") === "1" && parent !== window && /^https?:\/\/[^/?#]+$/.test(site);

export let isShown = !isEmbedded;
const watchers = new Set<() => void>();
export const onShown = (watcher: () => void): (() => void) => {
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
};

/** Says a small fact to the host: that we are there, how many are unread, that the person wants it closed. Never content. */
export function tell(fact: { unread: number } | { close: true } | { ready: true }): void {
  if (isEmbedded) parent.postMessage({ contactCenter: 1, ...fact }, site);
}

if (isEmbedded) {
  tell({ ready: true });
  addEventListener("message", (event) => {
    if (event.source !== parent || event.origin !== site) return;
    const data: unknown = event.data;
    if (typeof data !== "object" || data === null || !("contactCenter" in data) || !("shown" in data) || typeof data.shown !== "boolean") return;
    isShown = data.shown;
    for (const watcher of watchers) watcher();
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) tell({ close: true });
  });
}
