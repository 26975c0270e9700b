// What the page can do without this file it does with it too, only smoother: nothing is loaded anew, a "no" is asked about, a second tap does
// nothing, and what could not be sent is kept and sent again. Each form counts once on the server, so sending it again is harmless.
"use strict";
(() => {
  const AGAIN = 4000; // milliseconds
  const PATIENCE = 30000;
  const jobs = new Set();
  let turn = Promise.resolve();
  const net = document.getElementById("net");

  const tell = (words) => {
    net.textContent = words;
    net.hidden = !words;
  };

  const live = (part) => (part.matches("form") ? part : part.querySelector("form[data-live]"));
  const typing = (part) => [...part.querySelectorAll("input:not([type=hidden]), textarea")];
  const value = (form, name) => form.elements[name]?.value ?? "";
  const same = (form) => ["prospect", "action"].map((name) => value(form, name)).concat(form.getAttribute("action")).join("\n");

  // A line may be followed by another before it is sent. Each counts once on the server, so the next one needs the answer to this, for its token.
  const behind = (form) => [...jobs].filter((one) => one.form === form);
  const says = (body, form) => typing(form).every((one) => one.value === body.get(one.name));

  // What of this page outlives the answer to that job: cards in which something is typed, waits or is open, and the line typed since it was sent.
  const keeps = (job) => {
    const kept = new Map();
    for (const part of document.getElementById("main").children) {
      const form = part.matches(".card") && live(part);
      if (!form) {
        continue;
      }
      const mine = form === job.form;
      const said = typing(form).some((one) => one.value) && !(mine && [job, ...behind(form)].some((one) => says(one.body, form)));
      const needed = said || (!mine && form.hasAttribute("data-sent"));
      if (needed || (!mine && part.querySelector("details[open]")) || (!mine && typing(form).includes(document.activeElement))) {
        kept.set(same(form), { part, form, needed });
      }
    }
    return kept;
  };

  // Sentences about what still waits for better words.
  const complaints = (fresh) => [...document.querySelectorAll(".told.wrong:has(a[href^='#'])")].filter((told) => {
    const to = told.querySelector("a[href^='#']").getAttribute("href");
    return fresh.some((one) => one.querySelector(`[id="${to.slice(1)}"]`)) && !fresh.some((one) => one.querySelector(`a[href="${to}"]`));
  });

  const laid = (fresh, job) => {
    const kept = keeps(job);
    const parts = [...fresh.children].map((part) => {
      const form = part.matches(".card") && live(part);
      const old = form && kept.get(same(form));
      if (!old) {
        return part;
      }
      kept.delete(same(form));
      old.form.elements.form.value = value(form, "form"); // each form counts once
      return old.part;
    });
    const told = parts.findIndex((part) => !part.matches(".told"));
    const lost = [...kept.values()].filter((one) => one.needed).map((one) => one.part);
    parts.splice(told + 1, 0, ...lost); // below the heading
    const before = complaints(parts);
    before.forEach((one) => one.removeAttribute("id"));
    parts.splice(told, 0, ...before);
    return parts;
  };

  // The part in which somebody types is not touched, so that neither the keyboard nor half a word goes.
  const lay = (main, parts, stays) => {
    for (const part of [...main.childNodes]) {
      if (part !== stays) {
        part.remove();
      }
    }
    const at = parts.indexOf(stays);
    parts.forEach((part, index) => index !== at && main.insertBefore(part, index < at ? stays : null));
  };

  const show = (text, url, job) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    const fresh = page.getElementById("main");
    if (!fresh) {
      return;
    }
    const main = document.getElementById("main");
    const parts = laid(fresh, job);
    const typed = document.activeElement;
    const stays = typed.matches("input, textarea") && parts.find((part) => part.contains(typed));
    const was = typed.getBoundingClientRect().top;
    lay(main, parts, stays);
    document.title = page.title;
    if (url) {
      history.replaceState(null, "", url);
    }
    const told = document.getElementById("told");
    const wrong = told && told.matches(".wrong");
    if (stays) {
      window.scrollBy(0, typed.getBoundingClientRect().top - was);
      tell(wrong ? told.querySelector("p").textContent : "");
      return;
    }
    const field = wrong && main.querySelector(`[id="${(told.querySelector("a[href^='#']")?.getAttribute("href") ?? "#").slice(1)}"]`);
    window.scrollTo(0, 0);
    (field || told || main).focus({ preventScroll: !field });
  };

  const fields = (form, button) => {
    const found = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      found.append(name, value);
    }
    if (button && button.name) {
      found.append(button.name, button.value);
    }
    return found;
  };

  const hold = (form, held) => {
    form.toggleAttribute("data-sent", held);
    for (const button of form.querySelectorAll("button")) {
      button.disabled = held;
    }
    if (form.elements.prospect) {
      typing(form).forEach((one) => (one.readOnly = held)); // what is sent is what stands there; a line may be followed by another
    }
  };

  const wait = (job, words) => {
    job.under = false;
    job.timer = setTimeout(send, AGAIN, job);
    tell(jobs.size > 1 ? `${words} (${jobs.size})` : words);
  };

  // One after the other, so that each page that comes back knows of all before it.
  const send = (job) => {
    clearTimeout(job.timer);
    if (!job.under && !job.behind) {
      job.under = true;
      turn = turn.then(() => sent(job));
    }
  };

  const sent = async (job) => {
    let answer;
    let text;
    try {
      answer = await fetch(job.url, { method: "POST", body: job.body, credentials: "omit", signal: AbortSignal.timeout(PATIENCE) });
      text = await answer.text();
    } catch {
      wait(job, "Not sent yet: there is no connection. It is kept here, and sent as soon as there is one.");
      return;
    }
    if (answer.status === 429 || answer.status >= 500) {
      wait(job, "Not taken in yet: the server is busy. It is kept here, and sent again.");
      return;
    }
    const known = text.includes('id="main"');
    jobs.delete(job);
    hold(job.form, false);
    tell(known ? "" : "This was not taken in. Load the page again.");
    const after = behind(job.form);
    if (known) {
      show(text, answer.redirected ? answer.url : "", job);
    }
    if (after.length) {
      follow(after, job);
    }
  };

  // The page that came back has a token for the first of those that waited.
  const follow = ([next, ...others], job) => {
    const form = [...document.querySelectorAll("form[data-live]")].find((one) => same(one) === same(job.form));
    const token = form ? value(form, "form") : "";
    if (!token || token === job.body.get("form")) {
      [next, ...others].forEach((one) => jobs.delete(one));
      tell(`Not taken in: ${[next, ...others].map((one) => one.body.get("line")).join(" / ")}. Load the page again, and write it anew.`);
      return;
    }
    [next, ...others].forEach((one) => (one.form = form));
    next.body.set("form", token);
    next.behind = false;
    hold(form, true);
    send(next);
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    if (!form.hasAttribute("data-live")) {
      return;
    }
    event.preventDefault();
    const held = form.hasAttribute("data-sent");
    const again = held && (form.elements.prospect || behind(form).some((one) => says(one.body, form)));
    if (again || (button && button.dataset.confirm && !window.confirm(button.dataset.confirm))) {
      return;
    }
    // not form.action: that is a field of the form
    const url = new URL(form.getAttribute("action"), location.href);
    const job = { form, url, body: fields(form, button), under: false, behind: held, timer: 0 };
    hold(form, true);
    jobs.add(job);
    if (held) {
      tell(`Not sent yet: it is kept here, and sent after what was written before it. (${jobs.size})`);
    }
    send(job);
  });

  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && form.hasAttribute("data-sent") && !form.elements.prospect) {
      form.querySelectorAll("button").forEach((one) => (one.disabled = false)); // another line: with a disabled button Enter does nothing
    }
  });

  window.addEventListener("online", () => jobs.forEach(send));
  window.addEventListener("beforeunload", (event) => {
    if (jobs.size) {
      event.preventDefault();
    }
  });
})();
