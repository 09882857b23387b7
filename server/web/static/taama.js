/* Keys for the pages of review; everything works without them. They never act while somebody types. */
"use strict";
(() => {
  const OFF = "taama-keys-off";
  const rows = [...document.querySelectorAll("[data-row]")];
  const picked = document.querySelector("[data-picked]");
  const list = document.querySelector("[data-keys]");
  const off = document.querySelector("[data-keys-off]");
  let at = -1;

  if (off) {
    off.checked = localStorage.getItem(OFF) === "yes";
    off.addEventListener("change", () => localStorage.setItem(OFF, off.checked ? "yes" : "no"));
  }

  const count = () => {
    if (picked) picked.textContent = `(${document.querySelectorAll(".pick input:checked").length})`;
  };
  document.addEventListener("change", count);
  count();

  const go = (step) => {
    at = Math.max(0, Math.min(rows.length - 1, at + step));
    rows[at]?.querySelector("a")?.focus();
  };
  const press = (key) => document.querySelector(`button[data-key="${key}"], a[data-key="${key}"]`);

  const decide = (key) => {
    const button = press(key);
    if (!button) return;
    const reason = document.getElementById("reason");
    if (key !== "a" && reason && !reason.value) { reason.focus(); return; }
    if (rows.length && !document.querySelector(".pick input:checked")) {
      const box = rows[at]?.querySelector(".pick input");
      if (!box) return;
      box.checked = true;
    }
    button.click();
  };

  const keys = {
    j: () => (rows.length ? go(1) : press("j")?.click()),
    k: () => (rows.length ? go(-1) : press("k")?.click()),
    u: () => press("u")?.click(),
    o: () => rows[at]?.querySelector("a")?.click(),
    x: () => {
      const box = rows[at]?.querySelector(".pick input");
      if (box) { box.checked = !box.checked; count(); }
    },
    a: () => decide("a"),
    q: () => decide("q"),
    r: () => decide("r"),
    "?": () => { if (list) { list.open = !list.open; list.querySelector("summary").focus(); } },
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || off?.checked) return;
    if (event.target.closest("input:not([type=checkbox]), select, textarea")) return;
    const act = keys[event.key];
    if (act) { event.preventDefault(); act(); }
  });
})();
