(() => {
  "use strict";
  const state = __STATE__;
  let allowed = new Set(state.allowed);

  class Candor extends EventTarget {
    get version() { return state.version; }
    get gpc() { return state.gpc; }

    allows(purpose) { return allowed.has(purpose); }

    async choose(answers) {
      const response = await fetch(state.choices, {
        method: "POST",
        credentials: "same-origin",
        headers: { "Accept": "application/json", "Content-Type": "application/json" },
        body: JSON.stringify(answers),
      });
      const answer = await response.json();
      if (!response.ok) throw new Error(answer.error.message);
      const before = allowed;
      allowed = new Set(answer.purposes.filter((purpose) => purpose.allowed).map((purpose) => purpose.id));
      const changed = answer.purposes.map((purpose) => purpose.id).filter((id) => before.has(id) !== allowed.has(id));
      this.dispatchEvent(new CustomEvent("change", { detail: { changed, allowed: [...allowed] } }));
      return answer;
    }
  }

  Object.defineProperty(window, "candor", { value: new Candor(), configurable: true });
})();
