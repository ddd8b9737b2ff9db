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

  // One box ticks all of its column.
  for (const all of document.querySelectorAll("[data-all]")) {
    all.closest("label").hidden = false;
    all.addEventListener("change", () => {
      for (const box of [...all.form.elements].filter((box) => box.name === all.dataset.all)) {
        box.checked = all.checked;
      }
    });
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
  const prohibit = () => document.querySelector("a[data-key=k]")?.click();
  // The first value of a card that can be changed; the next ones follow by Tab.
  const toValues = () => document.querySelector("[data-edit]")?.focus();
  const single = { k: prohibit, "/": toSearch, "?": () => keys?.showModal(), e: toValues, n: () => follow("next"), p: () => follow("prev") };

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

  // Going back to a form that added something shows what was typed. It is kept where the browser keeps its own history of this
  // tab, and so is the id by which a second sending is known; autofill, which would remember customers, is switched off.
  const adding = document.querySelector("form[data-save]:has([name=new_id])");
  if (adding) {
    const typed = history.state?.typed;
    const fields = (name) => [...adding.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
    const give = ([name, value], place) => {
      const all = fields(name);
      const field = all.find((one) => ["checkbox", "radio"].includes(one.type) && one.value === value) ?? all[place];
      if (!field) {
        return;
      }
      if (["checkbox", "radio"].includes(field.type)) {
        field.checked = true;
      } else if (field.value !== value) {
        field.value = value;
        // A list of lines gets another one when its last is used.
        field.dispatchEvent(new Event("change", { bubbles: true }));
        field.value = value;
      }
    };
    window.addEventListener("pageshow", () => {
      if (typed && fields("new_id")[0].value !== typed.find(([name]) => name === "new_id")?.[1]) {
        adding.querySelectorAll("[type=checkbox]").forEach((box) => (box.checked = false));
        for (const list of adding.querySelectorAll("[data-rows]")) {
          const name = list.querySelector("[name$='.label']")?.name;
          const rows = typed.filter(([typedName]) => typedName === name).length;
          for (let more = rows - fields(name).length; more > 0; more -= 1) {
            list.querySelector(":scope > button")?.click();
          }
        }
        const places = {};
        typed.forEach(([name, value]) => give([name, value], (places[name] = (places[name] ?? -1) + 1)));
        document.activeElement?.blur?.();
      }
    });
    adding.addEventListener("submit", () => {
      const all = [...new FormData(adding)].filter(([, value]) => typeof value === "string");
      history.replaceState({ ...history.state, typed: all }, "");
    });
  }

  // A link to one field of a form puts the cursor there, and what is typed takes the place of what it holds.
  const field = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (field instanceof HTMLInputElement) {
    field.focus();
    field.select();
  }

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
        input.removeAttribute("id");
        input.removeAttribute("aria-invalid");
      });
      copy.querySelectorAll(".ds-validation-message").forEach((message) => message.remove());
      rows[rows.length - 1].after(copy);
      copy.querySelector("input, textarea, select").focus();
    });
    list.append(button);
  });

  // Lines of an order: a product that is chosen fills its line, Enter goes to the next line, and there is always one more.
  document.querySelectorAll("[data-lines]").forEach((lines) => {
    const rows = () => [...lines.querySelectorAll("tbody tr")];
    const field = (row, name) => row.querySelector(`[name=${name}]`);
    const fill = (input) => {
      const row = input.closest("tr");
      const company = document.getElementById("company")?.value;
      const code = input.value.trim().toLowerCase();
      const offer = [...lines.querySelectorAll("datalist option")]
        .find((option) => option.value.toLowerCase() === code && option.dataset.company === company);
      if (!offer) {
        return;
      }
      input.value = offer.value;
      field(row, "description").value = offer.dataset.name;
      field(row, "unit_price").value = offer.dataset.price;
      field(row, "vat_rate").value = offer.dataset.vat;
      field(row, "quantity").value ||= "1";
    };
    const more = () => {
      const all = rows();
      const last = all[all.length - 1];
      if ([...last.querySelectorAll("input")].every((input) => !input.value)) {
        return;
      }
      const copy = last.cloneNode(true);
      copy.querySelectorAll("input").forEach((input) => {
        input.value = "";
        input.autofocus = false;
        input.removeAttribute("aria-invalid");
      });
      copy.querySelectorAll(".ds-validation-message").forEach((message) => message.remove());
      last.after(copy);
    };
    lines.addEventListener("change", (event) => {
      if (event.target.name === "product") {
        fill(event.target);
      }
      more();
    });
    lines.addEventListener("keydown", (event) => {
      const row = event.key === "Enter" && event.target instanceof HTMLInputElement && event.target.closest("tbody tr");
      if (!row) {
        return;
      }
      event.preventDefault();
      event.target.dispatchEvent(new Event("change", { bubbles: true }));
      more();
      // From the code to the quantity, from anywhere else to the next line: what is typed most lies nearest.
      const next = event.target.name === "product" && event.target.value ? field(row, "quantity") : field(row.nextElementSibling ?? row, "product");
      next.focus();
      next.select();
    });
  });

  // The token of a set-up link stands after the #, which is never sent to a server; it is put into the form here.
  const token = document.querySelector("input[data-token]");
  if (token && location.hash.length > 20) {
    token.value = location.hash.slice(1);
    history.replaceState(null, "", location.pathname + location.search);
  }
})();
