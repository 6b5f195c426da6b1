// What only the page knows: type size, the half-typed sign-in, the open dialog, the notice of the next ten seconds.

const NOTICE_MS = 10000;

export const FIELD_LENGTH = { last4: 4, ticket: 20, id: 18 };

export const ui = {
	size: 1,
	isHighContrast: false,
	hasOwnPreferences: false,
	keysOn: true,
	byKeyboard: false,
	hasReadRules: sessionStorage.getItem("rules") === "read",
	entry: {},
	dialog: null, // "first" | "second" | "refused"
	dialogSince: 0,
	refusal: null, // {what, do}
	notice: null, // {words, tone, until}
};

export function notify(words, tone) {
	ui.notice = { words, tone, until: performance.now() + NOTICE_MS };
}

export function openDialog(name) {
	ui.dialog = name;
	ui.dialogSince = performance.now();
}

export function readRules() {
	ui.hasReadRules = true;
	sessionStorage.setItem("rules", "read");
}

// The agent keeps size and contrast over a restart; once pressed here, the page's own are the newest.
export function adoptPreferences({ preferences }) {
	if (!preferences || ui.hasOwnPreferences) return;
	ui.size = preferences.size;
	ui.isHighContrast = preferences.contrast;
}

export function setSize(size) {
	ui.size = size;
	ui.hasOwnPreferences = true;
}

export function chooseWay(way) {
	ui.entry = { way, field: way === "last4" ? "last4" : "ticket", last4: "", ticket: "", id: "" };
}

// A Chinese input method gives １２３ｘ; a number read from a card has blanks.
export function typeInto(field, text) {
	const plain = text.normalize("NFKC").toUpperCase().replace(/[^0-9X]/g, "");
	ui.entry[field] = plain.slice(0, FIELD_LENGTH[field]);
	ui.refusal = null;
}
