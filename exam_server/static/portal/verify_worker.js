// Network first, so that the lists of keys and corrections are fresh; the kept copy where there is no network.
const KEPT = "kaoping-verify-1";
const FILES = [
  "/v", "/static/portal/portal.css", "/static/portal/verify.js", "/static/portal/verify_offline.js",
  "/static/vendor/noble-ed25519/index.js",
];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(FILES)));
});
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin || !FILES.includes(url.pathname)) return;
  event.respondWith(
    fetch(event.request).then((answer) => {
      const copy = answer.clone();
      if (answer.ok) event.waitUntil(caches.open(KEPT).then((kept) => kept.put(url.pathname, copy)));
      return answer;
    }).catch(() => caches.match(url.pathname)),
  );
});
