fetch("{tracker}/worker-fetch", { mode: "no-cors" }).catch(() => 0);
try { importScripts("{tracker}/worker-import.js"); } catch {}
try { new WebSocket("ws://{host}/worker-web-socket"); } catch {}
