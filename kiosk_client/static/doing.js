// What a press means: acts for the agent, or a change of what only the page knows.

import { ask, line } from "./agent.js";
import { chooseNth, clearChoice } from "./choosing.js";
import { isAside, mayHandInAt } from "./frame.js";
import { chooseWay, FIELD_LENGTH, notify, openDialog, readRules, setSize, typeInto, ui } from "./ui_state.js";

const DOUBLE_CLICK_MS = 600;

const item = (state) => state.phase === "answering" && state.item;

function askOnce(act, details = {}) {
	if (!line.waiting.some((intent) => intent.name === act.act)) ask({ name: act.act, make: () => act, ...details });
}

const move = (make) => ask({ movesOn: true, make });

function turn(by) {
	move((state) => {
		const n = state.current + by;
		return item(state) && n >= 1 && n <= state.total ? { act: "go", n } : null;
	});
}

function signIn() {
	const { way, last4, ticket, id } = ui.entry;
	if (way === "last4" && last4.length === FIELD_LENGTH.last4) askOnce({ act: "sign_in", id_number: last4 });
	if (way === "full" && ticket && id.length === FIELD_LENGTH.id) askOnce({ act: "sign_in", id_number: id, ticket_no: ticket });
}

function prefer(size, isHighContrast) {
	setSize(size);
	ui.isHighContrast = isHighContrast;
	ask({ isQuiet: true, make: () => ({ act: "preferences", size: ui.size, contrast: isHighContrast }) });
}

function openHandIn() {
	if (!line.state.answered) {
		ui.refusal = { what: "您还一题都没有答，不能交卷。", do: "请返回答题。" };
		openDialog("refused");
	} else if (mayHandInAt(line.state)) {
		DOINGS["too-early"]();
	} else {
		openDialog("first");
	}
}

// The second click of a double click on the first confirmation is not the second confirmation.
function confirmHandIn({ confirmed }) {
	if (confirmed === "2" && performance.now() - ui.dialogSince < DOUBLE_CLICK_MS) return;
	const next = confirmed === "1" ? "second" : null;
	askOnce({ act: "hand_in", confirmed: Number(confirmed) }, { isHandIn: true, done: () => openDialog(next) });
}

const typed = () => ui.entry[ui.entry.field];

const DOINGS = {
	size: () => prefer((ui.size % 3) + 1, ui.isHighContrast),
	larger: () => prefer(Math.min(3, ui.size + 1), ui.isHighContrast),
	smaller: () => prefer(Math.max(1, ui.size - 1), ui.isHighContrast),
	contrast: () => prefer(ui.size, !ui.isHighContrast),
	keys: () => (ui.keysOn = !ui.keysOn),
	key: ({ key }) => typeInto(ui.entry.field, typed() + key),
	erase: () => typeInto(ui.entry.field, typed().slice(0, -1)),
	"other-way": () => chooseWay(ui.entry.way === "last4" ? "full" : "last4"),
	"sign-in": signIn,
	confirm: () => askOnce({ act: "confirm" }),
	"not-me": () => askOnce({ act: "not_me" }),
	read: readRules,
	go({ n }) {
		ui.dialog = null;
		move((state) => (isAside(state) ? { act: "go", n: Number(n) } : null));
	},
	previous: () => turn(-1),
	next: () => turn(1),
	mark: () => ask({ make: (state) => (item(state) ? { act: "mark", n: state.item.n } : null) }),
	clear: () => clearChoice(line.state.item.n),
	"choose-nth": ({ place }) => chooseNth(place),
	review() {
		ui.dialog = null;
		move((state) => (item(state) ? { act: "review" } : null));
	},
	back: () => move((state) => (state.phase === "review" ? { act: "back" } : null)),
	"too-early": () => notify(`${mayHandInAt(line.state)} 以后才能交卷。`, "is-soon"),
	"hand-in": openHandIn,
	"confirm-hand-in": confirmHandIn,
	"close-dialog": () => (ui.dialog = null),
};

export function act(name, details = {}) {
	if (!line.state || line.isVoid) return;
	if (ui.dialog !== "refused" || name === "close-dialog") ui.refusal = null;
	DOINGS[name](details);
}

export function onRefusal(refusal, intent) {
	if (intent.isQuiet) return;
	ui.refusal = refusal;
	if (intent.isHandIn) openDialog("refused");
}
