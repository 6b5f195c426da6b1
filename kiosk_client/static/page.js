// The candidate's page: the agent's state in, the screen of its phase out.

import { connect, isCutOff, line } from "./agent.js";
import { answering, review } from "./answer_screens.js";
import { chooseOption } from "./choosing.js";
import { act, onRefusal } from "./doing.js";
import * as ending from "./end_screens.js";
import * as entry from "./entry_screens.js";
import { isAside, topBar } from "./frame.js";
import { guardPage } from "./guard.js";
import { listenToKeys } from "./keyboard.js";
import { h, patch } from "./tree.js";
import { adoptPreferences, chooseWay, notify, typeInto, ui } from "./ui_state.js";
import { duration, hourMinute, secondsUntil } from "./zone_clock.js";

const SCREENS = { ...entry, answering, review, ...ending };
const VOID = { what: "这个窗口已停用。", do: "请在新窗口里继续；没有新窗口就举手。已保存的答案不会丢失。" };
const SILENT = { what: "本机考试程序没有响应。", do: "正在自动重试，请举手。已保存的答案不会丢失。" };

const byId = (id) => document.getElementById(id);
const dialog = byId("dialog");
let shown = {}; // what the last rendering showed: phase, way, n, endsAt, left

function currentState() {
	if (line.isVoid) return { phase: "trouble", message: VOID };
	if (line.state) return line.state;
	return isCutOff() ? { phase: "trouble", message: SILENT } : { phase: "starting", online: true };
}

// Tells once when ten and five minutes are left, and when the end was moved.
function remind(state) {
	if (!isAside(state)) {
		ui.notice = null;
		return { endsAt: shown.endsAt, left: null };
	}
	const endsAt = state.ends_at;
	const left = secondsUntil(endsAt);
	const added = shown.endsAt && endsAt ? Math.round((endsAt - shown.endsAt) / 1000) : 0;
	const passed = (limit) => !added && shown.left > limit && left <= limit;
	if (added) notify(`考试时间${added > 0 ? "延长" : "缩短"} ${duration(Math.abs(added))}，到 ${hourMinute(endsAt)} 结束。`, "is-work");
	else if (passed(300) || passed(600)) notify(`还有 ${left > 300 ? 10 : 5} 分钟，请检查未答的题。到时间自动收卷。`, "is-soon");
	return { endsAt, left };
}

function showDialog(state) {
	if (!isAside(state)) ui.dialog = null;
	if (ui.dialog) {
		patch(dialog, [h("div", { key: ui.dialog }, ending.dialogContent(state))]);
		const isFresh = !dialog.open;
		if (isFresh) dialog.showModal();
		if (isFresh || !dialog.contains(document.activeElement)) byId("return").focus();
	} else if (dialog.open) {
		dialog.close();
	}
}

// A new screen takes the focus to its heading, a new item only when the focus was on what has gone.
function placeFocus({ phase }, isNewItem) {
	if (dialog.open) return;
	const isNewScreen = phase !== shown.phase || ui.entry.way !== shown.way;
	const isLost = document.activeElement === document.body && (isNewItem || phase === "sign_in");
	if (isNewScreen || isLost) {
		const first = document.querySelector("input[data-field]") || byId("heading");
		if (first) first.focus();
	}
}

function scrollPanel() {
	const panel = byId("panel");
	const current = panel && panel.querySelector(".is-current");
	if (!current) return;
	const edge = panel.getBoundingClientRect();
	const number = current.getBoundingClientRect();
	panel.scrollTop += Math.min(0, number.top - edge.top - 40) + Math.max(0, number.bottom - edge.bottom + 12);
}

function render() {
	const state = currentState();
	const { phase } = state;
	const n = phase === "answering" ? state.item.n : null;
	adoptPreferences(state);
	if (phase !== shown.phase) {
		ui.refusal = null;
		chooseWay(state.name ? "last4" : "full");
	}
	const times = remind(state);
	if (ui.notice && performance.now() > ui.notice.until) ui.notice = null;
	const { main, foot, isAlone } = SCREENS[phase](state);
	const tone = isCutOff() || state.saving === "failed" ? "is-stop" : "";
	main.props = { key: phase, ...main.props };
	Object.assign(document.documentElement.dataset, { size: ui.size, contrast: ui.isHighContrast ? "high" : "normal", phase });
	patch(byId("screen"), h("div", !isAlone && topBar(state), main, foot && h("footer", { class: tone }, foot)).children);
	showDialog(state);
	const isNewItem = n && n !== shown.n;
	placeFocus(state, isNewItem);
	if (isNewItem) {
		scrollPanel();
		byId("spoken").textContent = `第 ${n} 题`;
	}
	shown = { phase, way: ui.entry.way, n, ...times };
}

function doAndRender(name, details) {
	act(name, details);
	render();
}

function typed({ target, isComposing }) {
	if (!target.dataset.field || isComposing) return;
	typeInto(target.dataset.field, target.value);
	render();
}

document.addEventListener("click", ({ target }) => {
	const pressed = target.closest("[data-do]");
	if (pressed) doAndRender(pressed.dataset.do, pressed.dataset);
});
document.addEventListener("change", ({ target }) => {
	if (target.name !== "option") return;
	chooseOption(line.state.item.n, target.value);
	render();
});
document.addEventListener("input", typed);
document.addEventListener("compositionend", typed);
document.addEventListener("focusin", ({ target }) => {
	if (target.dataset.field) ui.entry.field = target.dataset.field;
});
dialog.addEventListener("cancel", (event) => {
	event.preventDefault();
	doAndRender("close-dialog");
});

guardPage();
listenToKeys(doAndRender);
connect(render, onRefusal);
render();
setInterval(render, 500);
