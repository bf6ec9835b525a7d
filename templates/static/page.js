// Only makes the page nicer: everything works without it. Written for old WebViews.
(function () {
  "use strict";
  var who = document.querySelector("[data-seen]");
  function seen() {
    if (!who || document.visibilityState === "hidden") { return; }
    var request = new XMLHttpRequest();
    request.open("POST", who.getAttribute("data-seen"));
    request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    request.send("csrf=" + encodeURIComponent(who.getAttribute("data-csrf")));
    who = null;
  }
  seen();
  document.addEventListener("visibilitychange", seen);

  var forms = document.querySelectorAll("form");
  for (var i = 0; i < forms.length; i += 1) {
    forms[i].addEventListener("submit", function (event) {
      var button = event.target.querySelector("button[type=submit]");
      if (button.getAttribute("aria-busy")) { event.preventDefault(); return; }
      button.setAttribute("aria-busy", "true");
    });
  }
  window.addEventListener("pageshow", function () {
    var busy = document.querySelectorAll("[aria-busy]");
    for (var j = 0; j < busy.length; j += 1) { busy[j].removeAttribute("aria-busy"); }
  });

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
