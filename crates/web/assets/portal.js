// The portal works without this script, but for passkeys: the browser gives them to scripts only.
"use strict";
// What stands behind the # of a link is never sent to a server, so it is put
// into the form here. The person presses the button; nothing is sent by itself.
(() => {
  const said = document.querySelector("input[data-said]");
  const put = () => {
    if (said && location.hash.length > 8) {
      said.value = location.hash.slice(1);
      history.replaceState(null, "", location.pathname);
      said.form.querySelector("button").focus();
    }
  };
  put();
  // A link that is opened where its page is open already loads nothing anew.
  addEventListener("hashchange", put);
})();
// Passkeys (Web Authentication Level 3): the server says what is to be signed, the browser asks the person, the server verifies.
(() => {
  const offered = window.PublicKeyCredential?.parseRequestOptionsFromJSON && window.PublicKeyCredential.parseCreationOptionsFromJSON;
  const forms = document.querySelectorAll("form[data-passkey]");
  if (!offered || !window.isSecureContext) return;
  const send = async (path, body) => {
    const answer = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    // The session has ended: the server leads to the page of signing in.
    if (answer.redirected) location.assign(answer.url);
    return answer.json();
  };
  const made = async (kind, { publicKey }) => kind === "add"
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
  const paths = { add: "/passkeys", enter: "/passkey" };
  for (const form of forms) {
    const kind = form.dataset.passkey;
    const told = form.querySelector("[data-passkey-problem]");
    const tell = (text) => {
      told.hidden = !text;
      told.firstElementChild.textContent = text;
    };
    form.hidden = false;
    document.querySelectorAll("[data-passkey-without]").forEach((without) => { without.hidden = true; });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = form.querySelector("button");
      button.disabled = true;
      tell("");
      try {
        const asked = await send(`${paths[kind]}/ask`, {});
        if (asked.to) return location.assign(asked.to);
        if (asked.problem) return tell(asked.problem);
        const answer = (await made(kind, asked)).toJSON();
        const next = await send(paths[kind], { answer, ...Object.fromEntries(new FormData(form)) });
        if (next.to) location.assign(next.to); else tell(next.problem);
      } catch (error) {
        // Who takes too long and who says no are not told apart; a device that has a passkey already says so.
        tell(["NotAllowedError", "AbortError", "InvalidStateError"].includes(error.name) ? told.dataset.cancelled : told.dataset.failed);
      } finally {
        button.disabled = false;
      }
    });
  }
})();
