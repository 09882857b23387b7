// Keys for those who look at thirty interviews a day. Every page works without this file.
"use strict";

(() => {
  const OFF = "taama-keys-off";
  const help = document.getElementById("keys");
  const rows = () => [...document.querySelectorAll("[data-row]")];
  let at = -1;

  const off = () => { try { return localStorage.getItem(OFF) === "1"; } catch { return false; } };

  const go = (step) => {
    const all = rows();
    if (!all.length) return follow(step > 0 ? "next" : "prev");
    all.forEach((row) => row.classList.remove("at"));
    at = Math.max(0, Math.min(all.length - 1, at + step));
    all[at].classList.add("at");
    const link = all[at].querySelector("a");
    if (link) link.focus();
    all[at].scrollIntoView({ block: "nearest" });
  };

  const follow = (name) => {
    const link = document.querySelector(`a[rel="${name}"]`);
    if (link) link.click();
  };

  const pick = () => {
    const row = rows()[at];
    const box = row && row.querySelector('input[type="checkbox"]');
    if (box) { box.checked = !box.checked; count(); }
  };

  // The key leads to the button and does not press it: nobody decides by a slip of the finger.
  const lead = (verdict) => {
    const row = rows()[at];
    const picked = document.querySelector("[data-row] input:checked");
    if (row && !picked) pick();
    const button = document.querySelector(`button[name="verdict"][value="${verdict}"]`);
    if (!button) return;
    const reason = verdict === "approved" ? null : button.form.querySelector('select[name="reason"]');
    (reason && !reason.value ? reason : button).focus();
  };

  const count = () => {
    const told = document.getElementById("picked");
    if (told) told.textContent = document.querySelectorAll("[data-row] input:checked").length;
  };

  const show = () => { if (help && !help.open) help.showModal(); };

  const deeds = {
    j: () => go(1),
    k: () => go(-1),
    x: pick,
    a: () => lead("approved"),
    q: () => lead("query"),
    r: () => lead("rejected"),
    "/": () => { const field = document.querySelector(".filters select, .filters input"); if (field) field.focus(); },
    "?": show,
  };

  document.addEventListener("keydown", (event) => {
    const target = event.target;
    const writing = target.isContentEditable || (/^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName) && target.type !== "checkbox");
    if (writing || event.ctrlKey || event.metaKey || event.altKey || off() || (help && help.open)) return;
    const deed = deeds[event.key];
    if (deed) { event.preventDefault(); deed(); }
  });

  document.addEventListener("change", (event) => {
    if (event.target.id === "all") {
      document.querySelectorAll("[data-row] input[type=checkbox]").forEach((box) => { box.checked = event.target.checked; });
    }
    if (event.target.id === "keys-on") {
      try { localStorage.setItem(OFF, event.target.checked ? "0" : "1"); } catch { /* the choice then lasts for this page */ }
    }
    count();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest && event.target.closest("[data-keys]") && help) { event.preventDefault(); show(); }
  });

  const box = document.getElementById("keys-on");
  if (box) box.checked = !off();
  document.querySelectorAll("[data-script]").forEach((element) => { element.hidden = false; });
  count();
})();
