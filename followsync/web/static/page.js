// What the page can do without this file it does with it too, only smoother: nothing is loaded anew, a "no" is asked about, a second tap does
// nothing, and what could not be sent is kept and sent again. Each form counts once on the server, so sending it again is harmless.
"use strict";
(() => {
  const AGAIN = 4000; // milliseconds
  const jobs = new Set();
  const net = document.getElementById("net");

  const tell = (words) => {
    net.textContent = words;
    net.hidden = !words;
  };

  const show = (text, url) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    const fresh = page.getElementById("main");
    if (!fresh) {
      return false;
    }
    document.getElementById("main").replaceWith(fresh);
    document.title = page.title;
    if (url) {
      history.replaceState(null, "", url);
    }
    const wrong = fresh.querySelector("[aria-invalid]");
    window.scrollTo(0, 0);
    (wrong || document.getElementById("told") || fresh).focus({ preventScroll: !wrong });
    return true;
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
  };

  const wait = (job, words) => {
    job.under = false;
    job.timer = setTimeout(send, AGAIN, job);
    tell(jobs.size > 1 ? `${words} (${jobs.size})` : words);
  };

  const send = async (job) => {
    if (job.under) {
      return;
    }
    clearTimeout(job.timer);
    job.under = true;
    let answer;
    let text;
    try {
      answer = await fetch(job.url, { method: "POST", body: job.body, credentials: "omit" });
      text = await answer.text();
    } catch {
      wait(job, "Not sent yet: there is no connection. It is kept here, and sent as soon as there is one.");
      return;
    }
    const known = text.includes('id="main"');
    if (answer.status === 429 || (answer.status >= 500 && !known)) {
      wait(job, "Not taken in yet: the server is busy. It is kept here, and sent again.");
      return;
    }
    jobs.delete(job);
    hold(job.form, false);
    tell(known ? "" : "This was not taken in. Load the page again.");
    if (known) {
      show(text, answer.redirected ? answer.url : "");
    }
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    if (!form.hasAttribute("data-live")) {
      return;
    }
    event.preventDefault();
    if (form.hasAttribute("data-sent") || (button && button.dataset.confirm && !window.confirm(button.dataset.confirm))) {
      return;
    }
    // not form.action: that is a field of the form
    const job = { form, url: new URL(form.getAttribute("action"), location.href), body: fields(form, button), under: false, timer: 0 };
    hold(form, true);
    jobs.add(job);
    send(job);
  });

  window.addEventListener("online", () => jobs.forEach(send));
  window.addEventListener("beforeunload", (event) => {
    if (jobs.size) {
      event.preventDefault();
    }
  });
})();
