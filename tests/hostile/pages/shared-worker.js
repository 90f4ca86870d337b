fetch("{tracker}/shared-worker-fetch", { mode: "no-cors" }).catch(() => 0);
