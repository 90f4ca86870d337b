// Makes a page of its own, which no server has seen.
addEventListener("install", (event) => event.waitUntil(skipWaiting()));
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  if (!event.request.url.endsWith("/made.html")) return;
  const page = '<!doctype html><title>Made</title><img alt="" src="{tracker}/made-img.gif"><script>fetch("{tracker}/made-fetch", { mode: "no-cors" })<' + "/script>";
  event.respondWith(new Response(page, { headers: { "Content-Type": "text/html" } }));
});
