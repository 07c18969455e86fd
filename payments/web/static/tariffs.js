// The answer follows as one types: the form is sent as it stands, and the server's own words are put in place.
// Without this script the button does the same.
"use strict";

const PAUSE_MILLISECONDS = 250;

for (const form of document.querySelectorAll("form[data-live]")) {
  const answer = document.getElementById("answer");
  let waiting = 0;
  let asked = null;

  const show = (html) => {
    answer.innerHTML = html;
    const problems = new Map();
    for (const line of answer.querySelectorAll("[data-field]")) {
      problems.set(line.dataset.field, line.textContent);
    }
    for (const place of form.querySelectorAll("[data-problem-for]")) {
      place.textContent = problems.get(place.dataset.problemFor) ?? "";
    }
  };

  const ask = async () => {
    asked?.abort();
    asked = new AbortController();
    const query = new URLSearchParams(new FormData(form));
    query.set("fragment", "1");
    try {
      const address = `${new URL(form.action).pathname}?${query}`;
      const response = await fetch(address, { signal: asked.signal });
      if (response.ok) show(await response.text());
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  };

  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE_MILLISECONDS);
  });
}
