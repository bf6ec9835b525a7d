// Only keeps the page fresh: everything works without it, by forms and by loading again.
(function () {
  "use strict";
  var PAUSE = 1000, POPUP = "popup,width=400,height=820,noopener";
  var parts = {};
  document.querySelectorAll("[data-part]").forEach(function (part) { parts[part.dataset.part] = part; });

  function withStamps(url) {
    var address = new URL(url, location.href);
    Object.keys(parts).forEach(function (name) { address.searchParams.set(name, parts[name].dataset.stamp); });
    return address.href;
  }
  function place(told) {
    Object.keys(told.parts || {}).forEach(function (name) {
      var open = parts[name].querySelector("details[open]");
      parts[name].innerHTML = told.parts[name][1];
      parts[name].dataset.stamp = told.parts[name][0];
      if (open && parts[name].querySelector("details")) { parts[name].querySelector("details").open = true; }
    });
  }
  function say(trouble) { document.querySelector(".trouble").textContent = trouble || ""; }

  function news() {
    if (document.hidden) { return Promise.resolve(); }
    return fetch(withStamps("/sandbox/phone/news" + location.search)).then(function (answer) {
      document.body.classList.remove("lost");
      if (answer.status === 200) { return answer.json().then(place); }
      if (answer.status === 404) { location.assign("/sandbox/phone"); }
    }).catch(function () { document.body.classList.add("lost"); });
  }
  function again() { news().then(function () { setTimeout(again, PAUSE); }); }

  document.addEventListener("submit", function (event) {
    var form = event.target, button = event.submitter, body = new URLSearchParams(new FormData(form));
    event.preventDefault();
    if (form.getAttribute("aria-busy") === "true") { return; }
    if (button && button.name) { body.set(button.name, button.value); }
    form.setAttribute("aria-busy", "true");
    if (form.dataset.busy) { say(form.dataset.busy); }
    fetch(withStamps(form.action), { method: "POST", body: body, headers: { "X-Phone": "1" } }).then(function (answer) {
      if (!answer.ok) { throw new Error(answer.status); }
      return answer.json();
    }).then(function (told) {
      if (!told.trouble) { form.reset(); }
      place(told);
      say(told.trouble);
      document.querySelector(".thread").scrollTop = 0;
    }).catch(function () { say("没有送出去：模拟环境没有回应，请再试一次"); }).then(function () {
      form.removeAttribute("aria-busy");
    });
  });

  document.addEventListener("click", function (event) {
    var link = event.target.closest("[data-page]");
    if (link && innerWidth > 900 && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      open(link.href, "_blank", POPUP);
    }
  });
  again();
}());
