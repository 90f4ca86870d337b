import { told } from "./launch.mjs";
import { browser, logged, open, person, settled } from "./visiting.mjs";
const t = told.tracker;
const put = `const put = (name, values) => document.body.append(Object.assign(document.createElement(name), values));`;
const tries = {
  redirect: `fetch("/elsewhere?to=fetch-redirected", { mode: "no-cors" }).catch(() => 0)`,
  ws: `new WebSocket("${t.replace("http", "ws")}/web-socket")`,
  es: `new EventSource("${t}/event-source")`,
  iframe: put + `put("iframe", { src: "${t}/later-iframe.html", title: "x" })`,
  paint: `CSS.paintWorklet?.addModule("${t}/paint-worklet.js").catch(() => 0)`,
  audio: `new AudioContext().audioWorklet.addModule("${t}/audio-worklet.js").catch(() => 0)`,
  prefetch: put + `put("link", { rel: "prefetch", href: "${t}/later-prefetch.css" })`,
  preconnect: put + `put("link", { rel: "preconnect", href: "${t}" })`,
  preload: put + `put("link", { rel: "preload", as: "script", href: "${t}/later-preload.js" })`,
  write: `document.write('<script src="${t}/document-write.js"><\\/script>')`,
  keepalive: `fetch("${t}/leaving-fetch", { keepalive: true, mode: "no-cors" }).catch(() => 0)`,
  rtc: `const c = new RTCPeerConnection({iceServers:[{urls:"turn:${t.replace("http://", "")}?transport=tcp", username:"a", credential:"b"}]}); c.createDataChannel("x"); c.createOffer().then((o) => c.setLocalDescription(o))`,
  icon: put + `document.head.append(Object.assign(document.createElement("link"), { rel: "icon", href: "${t}/icon.png" }))`,
};
for (const [name, code] of Object.entries(tries)) {
  const context = await person();
  const page = await context.newPage();
  await open(page, told.public + "/");
  await page.evaluate((code) => { const s = document.createElement("script"); s.text = code; document.head.append(s); }, code);
  await page.waitForTimeout(name === "rtc" ? 2500 : 700);
  await page.close(); await settled();
  const log = await logged();
  console.log(name, log.connections, JSON.stringify(log.ways));
  await context.close();
}
await browser.close();
