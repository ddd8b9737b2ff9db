// Asks visitors what a web service may remember: docs/cookies.md. No cookie, no storage and no number before something is
// chosen; a refusal is remembered without a number.
(() => {
  "use strict";
  const script = document.currentScript;
  const { company, lang } = script?.dataset ?? {};
  if (!company || window.seloste) return;
  const base = `${new URL(script.src).origin}/cookies/v1/${encodeURIComponent(company)}/`;
  const NAME = "seloste-cookies=";
  const NEEDS = { page_seen: "statistics", order_sent: "statistics", product_seen: "targeted_content", basket_filled: "targeted_content" };
  let words, panel, button, shadow, opener, busy;

  const signal = () => Boolean(navigator.globalPrivacyControl || words?.gpc);

  // The cookie: `statistics:1,targeted_content:0|NUMBER|1`; the last when it was chosen in spite of the browser's signal.
  const read = () => {
    const found = document.cookie.split("; ").find((pair) => pair.startsWith(NAME));
    const [uses, visitor, despite] = decodeURIComponent(found?.slice(NAME.length) ?? "").split("|");
    const answers = {};
    for (const [use, answer] of uses.split(",").map((part) => part.split(":"))) {
      if (use) answers[use] = answer === "1" && Boolean(visitor) && (!signal() || Boolean(despite));
    }
    return { answers, visitor };
  };
  const write = (value, seconds) => {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${NAME}${encodeURIComponent(value)}; Path=/; Max-Age=${Math.round(seconds)}; SameSite=Lax${secure}`;
  };
  const keep = (answers, visitor, seconds = words.months * 30 * 86400) => {
    const uses = Object.keys(answers).map((use) => `${use}:${answers[use] ? 1 : 0}`);
    write([uses, visitor ?? "", signal() ? 1 : ""].join("|"), seconds);
  };
  const allows = (use) => use === "necessary" || Boolean(read().answers[use]);
  const allowed = (answers) => Object.keys(answers).filter((use) => answers[use]);

  const call = (path, body) => fetch(base + path, {
    credentials: "omit", referrerPolicy: "no-referrer", keepalive: true,
    ...(body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });

  // Scripts of others wait for a use: <script type="text/plain" data-use="statistics">.
  const changed = () => {
    for (const waiting of document.querySelectorAll('script[type="text/plain"][data-use]')) {
      if (allows(waiting.dataset.use)) {
        const real = document.createElement("script");
        for (const { name, value } of waiting.attributes) if (name !== "type") real.setAttribute(name, value);
        real.nonce = waiting.nonce;
        real.text = waiting.text;
        waiting.replaceWith(real);
      }
    }
    document.dispatchEvent(new CustomEvent("seloste:cookies", { detail: read().answers }));
  };

  // What is refused holds here at once; the number stays only until the register has taken the choice back.
  const refuse = async (answers, visitor) => {
    keep(answers, visitor);
    if (visitor && !(await call("withdrawals", { visitor })).ok) throw visitor;
    keep(answers);
  };

  const choose = async (answers, way) => {
    if (busy) return;
    busy = true;
    const before = read().visitor;
    try {
      if (allowed(answers).length) {
        const body = { allowed: allowed(answers), text: words.text_version, way, ...(before && { before }) };
        const response = await call("choices", body);
        if (!response.ok) throw response;
        const { visitor, expires_at: until } = await response.json();
        keep(answers, visitor, (Date.parse(until) - Date.now()) / 1000);
      } else {
        await refuse(answers, before);
      }
      close();
    } catch {
      panel?.querySelector("[role=alert]").replaceChildren(words.failed);
    }
    busy = false;
    changed();
  };

  const close = () => {
    panel?.remove();
    panel = null;
    if (button) button.hidden = false;
    (opener ?? button)?.focus();
    opener = null;
  };

  const make = (name, attributes, ...inside) => {
    const node = document.createElement(name);
    const { click, ...others } = attributes;
    if (click) node.addEventListener("click", click);
    for (const [key, value] of Object.entries(others)) if (value !== false) node.setAttribute(key, value === true ? "" : value);
    node.append(...inside.filter(Boolean));
    return node;
  };

  const ask = (way, from) => {
    if (panel || !words?.uses.length) return;
    const { answers, visitor } = read();
    const own = way === "settings";
    opener = from;
    const all = (answer) => Object.fromEntries(words.uses.map(({ use }) => [use, answer]));
    const boxes = words.uses.map(({ use }) => make("input", { type: "checkbox", value: use, checked: Boolean(answers[use]) }));
    const ticked = () => Object.fromEntries(boxes.map((box) => [box.value, box.checked]));
    const press = (id, answer) => make("button", { type: "button", id, click: () => choose(answer(), way) }, words[id]);
    panel = make("div", { role: "dialog", "aria-labelledby": "title", "aria-describedby": "text", tabindex: "-1", lang: words.language },
      make("h2", { id: "title" }, words.title),
      make("p", { id: "text" }, signal() ? words.signal : words.text),
      make("div", { class: "two" }, press("refuse", () => all(false)), press("accept", () => all(true))),
      make("details", { open: own }, make("summary", {}, words.choose),
        ...words.uses.map(({ name, help }, place) => make("div", {}, make("label", {}, boxes[place], name), make("p", {}, help))),
        press("save", ticked)),
      make("p", { role: "alert" }),
      make("p", { class: "end" }, make("a", { href: words.notice_url }, words.notice),
        visitor && make("span", {}, `${words.number}: `, make("code", {}, visitor)),
        own && make("button", { type: "button", class: "plain", click: close }, words.close)));
    panel.addEventListener("keydown", ({ key }) => key === "Escape" && close());
    if (button) button.hidden = true;
    shadow.prepend(panel);
    // Who opened it is led to it; who is asked goes on reading, and finds it first by Tab.
    if (own) panel.focus();
  };

  const CSS = `:host{all:initial;color-scheme:light dark}*{box-sizing:border-box}
[role=dialog],.open{font:1rem/1.45 system-ui,sans-serif;color:#1b1b1b;background:#fff;border:1px solid #5a5a5a;border-radius:8px;position:fixed;z-index:99999}
[role=dialog]{inset:auto auto 1rem 1rem;max-width:min(34rem,100vw - 2rem);max-height:calc(100vh - 2rem);overflow:auto;padding:1rem;box-shadow:0 4px 24px #0006}
h2{font-size:1.125rem;margin:0 0 .25rem}p{margin:0 0 .75rem}.two{display:grid;grid-template-columns:1fr 1fr;gap:.5rem;margin-bottom:.5rem}
button{font:inherit;font-weight:600;color:inherit;background:none;border:2px solid;border-radius:6px;padding:.5rem .75rem;min-height:2.75rem;cursor:pointer}
.plain,.open{font-weight:400;border-width:1px}.open{inset:auto auto .5rem .5rem;font-size:.875rem;min-height:2rem;padding:.15rem .6rem}[hidden],[role=alert]:empty{display:none}
summary{cursor:pointer;padding:.4rem 0}label{display:block;padding:.25rem 0;font-weight:600}label+p{margin-left:1.75rem;font-size:.9rem}input{width:1.25rem;height:1.25rem;vertical-align:-.2rem;margin:0 .5rem 0 0}
.end{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:center;font-size:.9rem;margin:.75rem 0 0}a{color:#00439c}code{word-break:break-all}[role=alert]{color:#8f1020;margin:.75rem 0 0}
:focus-visible{outline:3px solid #00439c;outline-offset:2px}
@media(max-width:30rem){.two{grid-template-columns:1fr}}
@media(prefers-color-scheme:dark){[role=dialog],.open{color:#f2f2f2;background:#1d1f22;border-color:#a0a0a0}a{color:#9cc4ff}[role=alert]{color:#ff9c9c}:focus-visible{outline-color:#9cc4ff}}
@media print{*{display:none}}`;

  const begin = async () => {
    changed();
    const tag = (lang || document.documentElement.lang || "fi").slice(0, 2);
    const response = await call(`wording?lang=${["fi", "sv"].includes(tag) ? tag : "en"}`);
    if (!response.ok) return;
    words = await response.json();
    if (!words.uses.length) return;
    const { answers, visitor } = read();
    // Taken back while the register was away, or by the signal since.
    if (visitor && !allowed(answers).length) await refuse(answers, visitor).then(changed, () => {});
    const host = make("div", { "data-seloste": true });
    shadow = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    shadow.adoptedStyleSheets = [sheet];
    document.body.prepend(host);
    // Links of the web service in the place of the small button.
    const links = document.querySelectorAll("[data-seloste-cookies]");
    for (const link of links) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        ask("settings", link);
      });
    }
    if (!links.length) {
      button = make("button", { type: "button", class: "open", lang: words.language, click: () => ask("settings") }, words.settings);
      shadow.append(button);
    }
    // A use that is new since the choice is asked about anew.
    if (!signal() && words.uses.some(({ use }) => !(use in answers))) ask("banner");
  };

  window.seloste = {
    cookies: { allows, open: () => ask("settings", document.activeElement), choice: () => read().answers },
    // Whether it was kept; nothing is sent when nothing allows it.
    event: async (kind, { path = location.pathname } = {}) => {
      if (!allows(NEEDS[kind])) return false;
      const response = await call("events", { visitor: read().visitor, kind, path }).catch(() => null);
      if (response?.status === 403) {
        // The register knows the choice no longer: the visitor is asked again.
        write("", 0);
        changed();
      }
      return Boolean(response?.ok);
    },
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
