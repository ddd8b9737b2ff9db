// Makes the pages quicker; every page is complete without it.
(() => {
  "use strict";

  const isTyping = (target) => target instanceof Element && target.closest("input, textarea, select, [contenteditable]");

  // Keys of one character can be switched off (WCAG 2.1.4); the choice is this browser's.
  const OFF = "seloste-keys-off";
  const keys = document.getElementById("keys");
  if (keys) {
    const choice = keys.querySelector("input");
    choice.checked = !localStorage.getItem(OFF);
    choice.addEventListener("change", () => {
      if (choice.checked) {
        localStorage.removeItem(OFF);
      } else {
        localStorage.setItem(OFF, "1");
      }
    });
    const opener = document.querySelector("[data-keys]");
    opener.hidden = false;
    opener.addEventListener("click", () => keys.showModal());
  }

  const toSearch = () => {
    const search = document.getElementById("q");
    if (search) {
      search.focus();
      search.select();
    }
    return search;
  };
  const follow = (relation) => document.querySelector(`a[rel=${relation}]`)?.click();
  const single = { "/": toSearch, "?": () => keys?.showModal(), n: () => follow("next"), p: () => follow("prev") };

  document.addEventListener("keydown", (event) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const action = plain && !isTyping(event.target) && !keys?.open && Object.hasOwn(single, event.key) && single[event.key];
    if (action) {
      if (!localStorage.getItem(OFF)) {
        event.preventDefault();
        action();
      }
    } else if (event.key === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey) {
      if (toSearch()) {
        event.preventDefault();
      }
    } else if (event.key === "s" && (event.ctrlKey || event.metaKey) && !event.shiftKey) {
      const form = document.querySelector("form[data-save]");
      if (form) {
        event.preventDefault();
        form.requestSubmit(form.querySelector("[type=submit]"));
      }
    } else if (event.key === "Escape") {
      const found = document.getElementById("found");
      if (found) {
        found.replaceChildren();
      }
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && event.target instanceof Element) {
      move(event);
    }
  });

  // Arrows go from the search field through what was found, and back.
  const move = (event) => {
    const found = document.getElementById("found");
    if (!found || !(event.target.id === "q" || found.contains(event.target))) {
      return;
    }
    const links = [...found.querySelectorAll("a")];
    if (links.length === 0) {
      return;
    }
    event.preventDefault();
    const next = links.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1);
    (next < 0 ? document.getElementById("q") : links[Math.min(next, links.length - 1)]).focus();
  };

  // A form is sent once: a double click would do the thing twice.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    // A form that fetches a file leaves its page as it is, and may be sent again.
    if (!(form instanceof HTMLFormElement) || form.method !== "post" || event.defaultPrevented || "many" in form.dataset) {
      return;
    }
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
  });

  // One more row of the same fields.
  document.querySelectorAll("[data-rows]").forEach((list) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "ds-button";
    button.dataset.variant = "tertiary";
    button.textContent = list.dataset.rows;
    button.addEventListener("click", () => {
      const rows = list.querySelectorAll(":scope > [data-row]");
      const copy = rows[rows.length - 1].cloneNode(true);
      copy.querySelectorAll("input, textarea").forEach((input) => {
        input.value = "";
        input.removeAttribute("aria-invalid");
      });
      copy.querySelectorAll(".ds-validation-message").forEach((message) => message.remove());
      rows[rows.length - 1].after(copy);
      copy.querySelector("input, textarea, select").focus();
    });
    list.append(button);
  });

  // The token of a set-up link stands after the #, which is never sent to a server; it is put into the form here.
  const token = document.querySelector("input[data-token]");
  if (token && location.hash.length > 20) {
    token.value = location.hash.slice(1);
    history.replaceState(null, "", location.pathname + location.search);
  }
})();
