// Keeps the verify page on this device, so that it opens again without a network.
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/verify_worker.js", { scope: "/v" });
