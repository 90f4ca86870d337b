fetch("{tracker}/more-worker", { mode: "no-cors" }).catch(() => 0);
