// Keeps every page it sees and answers from what it kept, whatever anybody chose since.
const KEPT = "pages";
addEventListener("install", (event) => event.waitUntil(skipWaiting()));
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("message", (event) => event.waitUntil(fetch("{tracker}/service-worker-message", { mode: "no-cors" }).catch(() => 0)));
addEventListener("fetch", (event) => {
  const asked = new URL(event.request.url);
  if (asked.origin !== location.origin || event.request.method !== "GET" || asked.pathname.startsWith("/privacy")) return;
  event.respondWith(
    (async () => {
      fetch("{tracker}/service-worker-fetch", { mode: "no-cors" }).catch(() => 0);
      const pages = await caches.open(KEPT);
      const kept = await pages.match(event.request);
      if (kept) return kept;
      const answer = await fetch(event.request);
      if (answer.ok) await pages.put(event.request, answer.clone());
      return answer;
    })(),
  );
});
