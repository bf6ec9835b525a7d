// Only makes the page nicer: everything works without it. Written for old WebViews.
(function () {
  "use strict";
  var FORM = "application/x-www-form-urlencoded", NOTES_MAX = 20;
  var who = document.querySelector("[data-note]"), notes = 0, touched = {}, opened = new Date();

  function post(url, fields) {
    var name, body = [], request;
    for (name in fields) { body.push(name + "=" + encodeURIComponent(fields[name])); }
    body = body.join("&");
    try {
      if (navigator.sendBeacon(url, new Blob([body], { type: FORM }))) { return; }
    } catch (missing) { /* Then the older way. */ }
    request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("Content-Type", FORM);
    request.send(body);
  }
  function note(kind, option, detail) {
    if (!who || notes >= NOTES_MAX) { return; }
    notes += 1;
    post(who.getAttribute("data-note"), {
      csrf: who.getAttribute("data-csrf"), key: who.getAttribute("data-key"), nth: notes,
      kind: kind, option: option, detail: String(detail || "").slice(0, 200)
    });
  }
  window.onerror = function (message, file, line) {
    var script = /([^\/]+\.js)(\?|$)/.exec(String(file || ""));
    note("script_error", "", message + " " + (script ? script[1] : "page") + ":" + line);
  };
  window.addEventListener("unhandledrejection", function (event) { note("script_error", "", event.reason); });

  function seen() {
    var url = who && who.getAttribute("data-seen");
    if (!url || document.visibilityState === "hidden") { return; }
    who.removeAttribute("data-seen");
    post(url, { csrf: who.getAttribute("data-csrf") });
  }
  seen();
  document.addEventListener("visibilitychange", seen);

  document.addEventListener("click", function (event) {
    var at = event.target, option;
    while (at && at.getAttribute && !at.getAttribute("data-option")) { at = at.parentNode; }
    option = at && at.getAttribute && at.getAttribute("data-option");
    if (option && !touched[option]) { touched[option] = true; note("touched", option); }
  });

  function submitted(event) {
    var form = event.target, button = form.querySelector("button[type=submit]");
    if (button.getAttribute("aria-busy")) { event.preventDefault(); return; }
    button.setAttribute("aria-busy", "true");
    var read = form.querySelector("[data-seconds]");
    if (read) { read.value = Math.round((new Date() - opened) / 1000); }
    note("tried", form.getAttribute("action").split("/").pop());
  }
  var forms = document.querySelectorAll("form");
  for (var i = 0; i < forms.length; i += 1) { forms[i].addEventListener("submit", submitted); }
  window.addEventListener("pageshow", function () {
    var busy = document.querySelectorAll("[aria-busy]");
    for (var j = 0; j < busy.length; j += 1) { busy[j].removeAttribute("aria-busy"); }
  });

  var asking = document.querySelector("[data-wx]");
  if (asking && window.wx) {
    var signed = JSON.parse(asking.getAttribute("data-wx"));
    signed.jsApiList = [];
    signed.openTagList = ["wx-open-subscribe"];
    window.wx.config(signed);
  }

  var pay = document.querySelector("[data-pay]");
  if (!pay) { return; }
  function invoke() {
    // What the app answers proves nothing; the page shows what the provider told us.
    window.WeixinJSBridge.invoke("getBrandWCPayRequest", JSON.parse(pay.getAttribute("data-sheet")), function () {
      window.location.reload();
    });
  }
  pay.addEventListener("click", function () {
    if (window.WeixinJSBridge) { invoke(); } else { document.addEventListener("WeixinJSBridgeReady", invoke, false); }
  });
}());
