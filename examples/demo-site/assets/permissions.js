// Keeps the list of permissions on the front page true while the page is open. Without this script the list is as true as the page.
(() => {
  const list = document.querySelector("[data-permissions]");
  const candor = window.candor;
  if (!list || !candor || typeof candor.allows !== "function") return;
  const show = () => {
    for (const row of list.querySelectorAll("[data-purpose]")) {
      const allowed = Boolean(candor.allows(row.dataset.purpose));
      row.dataset.allowed = String(allowed);
      row.querySelector("[data-state]").textContent = allowed ? "on" : "off";
    }
  };
  show();
  if (typeof candor.addEventListener === "function") candor.addEventListener("change", show);
})();
