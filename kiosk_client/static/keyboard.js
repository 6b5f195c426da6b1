// The keyboard way through the exam: letters and digits choose, arrows turn the page, M marks, + − set the type.

import { line } from "./agent.js";
import { ui } from "./ui_state.js";

const PAGE_KEYS = { ArrowLeft: "previous", PageUp: "previous", ArrowRight: "next", PageDown: "next" };
const CHARACTER_KEYS = { M: "mark", "+": "larger", "=": "larger", "-": "smaller", _: "smaller" };

// An arrow must never change an answer by itself, as it does in a plain radio group: here it only moves the focus.
function moveAmongOptions(by) {
	const options = [...document.querySelectorAll("input[name=option]")];
	const place = options.indexOf(document.activeElement);
	if (place < 0) return false;
	if (options[place + by]) options[place + by].focus();
	return true;
}

// Returns whether the press meant something on the answer page.
function answerKey({ key, target }, act) {
	const sign = key.length === 1 ? key.normalize("NFKC").toUpperCase() : key;
	if (sign === "ArrowUp" || sign === "ArrowDown") return moveAmongOptions(sign === "ArrowDown" ? 1 : -1);
	if (sign === "Enter" && target.name === "option") {
		target.click();
		return true;
	}
	const place = sign.length === 1 ? Math.max("ABCDEF".indexOf(sign), "123456".indexOf(sign)) : -1;
	const name = PAGE_KEYS[sign] || (ui.keysOn && (CHARACTER_KEYS[sign] || (place >= 0 && "choose-nth")));
	if (name) act(name, { place });
	return Boolean(name);
}

// On the sign-in page digits count wherever the focus is.
function signInKey({ key }, act) {
	const sign = key.normalize("NFKC").toUpperCase();
	if (sign === "BACKSPACE") act("erase");
	else if (/^[0-9X]$/.test(sign)) act("key", { key: sign });
}

export function listenToKeys(act) {
	document.addEventListener("pointerdown", () => (ui.byKeyboard = false), true);
	document.addEventListener("keydown", (press) => {
		const { key, target } = press;
		ui.byKeyboard = true;
		if (press.ctrlKey || press.altKey || press.metaKey || press.isComposing || !line.state) return;
		if (key === "Enter" && target.dataset.confirmed) press.preventDefault();
		else if (target.dataset.field) key === "Enter" && act("sign-in");
		else if (line.state.phase === "sign_in") signInKey(press, act);
		else if (line.state.phase === "answering" && !ui.dialog && answerKey(press, act)) press.preventDefault();
	});
}
