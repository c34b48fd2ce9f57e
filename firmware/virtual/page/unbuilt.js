// Tells the page that there is nothing to wait for.
window.parent.postMessage({ laoyou: "kiosk", state: "ready", progress: 1 }, window.location.origin);
