(() => {
  "use strict";
  const state = __STATE__;
  let allowed = new Set(state.allowed);
  let preferences = state.preferences;

  class Candor extends EventTarget {
    get version() { return state.version; }
    get gpc() { return state.gpc; }
    get returned() { return state.returned; }
    get preferences() { return { ...preferences }; }

    allows(purpose) { return allowed.has(purpose); }

    async choose(answers) {
      const response = await fetch(state.choices, {
        method: "POST",
        credentials: "same-origin",
        headers: { "Accept": "application/json", "Content-Type": "application/json" },
        body: JSON.stringify(answers),
      });
      const answer = await response.json();
      if (!response.ok) throw Object.assign(new Error(answer.error.message), answer.error);
      const before = allowed;
      allowed = new Set(answer.purposes.filter((purpose) => purpose.allowed).map((purpose) => purpose.id));
      preferences = answer.preferences;
      const changed = answer.purposes.map((purpose) => purpose.id).filter((id) => before.has(id) !== allowed.has(id));
      this.dispatchEvent(new CustomEvent("change", { detail: { changed, allowed: [...allowed] } }));
      return answer;
    }

    prefer(values) {
      return this.choose(Object.fromEntries(Object.entries(values).map(([name, value]) => [`preference.${name}`, value ?? ""])));
    }
  }

  Object.defineProperty(window, "candor", { value: new Candor(), configurable: true });
})();
