// The one thing of the portal that needs a script: what stands behind the # of a link is never sent to a server, so it is put
// into the form here. The person presses the button; nothing is sent by itself.
"use strict";
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
