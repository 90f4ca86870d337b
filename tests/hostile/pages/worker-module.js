import("{tracker}/worker-module-import.js").catch(() => 0);
fetch("{tracker}/worker-module-fetch", { mode: "no-cors" }).catch(() => 0);
