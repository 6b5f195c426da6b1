// The frame of every screen: bar with who and where and one clock, content, bar with what is saved.

import { isCutOff } from "./agent.js";
import { h, icon } from "./tree.js";
import { ui } from "./ui_state.js";
import { countdown, hourMinute, secondsUntil, timeOfDay, zoneNow } from "./zone_clock.js";

// While the line is up, an answer is at the zone within moments: do not alarm anybody by the moments between.
const CALM_MS = 2000;

let localSince = null;

export const isAside = (state) => state.phase === "answering" || state.phase === "review";

// `button("confirm.primary", …)` does `confirm` when pressed, and that is its id too unless it has another.
export function button(name, words, props = {}, before = null) {
	const [act, ...classes] = name.split(".");
	return h("button", { id: act, type: "button", "data-do": act, ...props, class: classes.join(" ") }, before, words);
}

export const heading = (words) => h("h1#heading", { tabindex: "-1" }, words);

export const step = (number, words) => h("p.step", `第 ${number} 步，共 3 步：${words}`);

export const place = (state) => [state.zone_name, state.room_name].filter(Boolean).join(" · ");

function clock(state) {
	if (!isAside(state)) {
		const now = zoneNow();
		return h("div.clock", h("span", "现在时间"), h("b", now === null ? "--:--:--" : timeOfDay(now)));
	}
	const left = secondsUntil(state.ends_at);
	let [words, tone] = ["剩余时间", ""];
	if (left !== null && left <= 300) [words, tone] = ["不足 5 分", "is-stop"];
	else if (left !== null && left <= 600) [words, tone] = ["不足 10 分", "is-soon"];
	return h("div.clock", { class: tone, role: "timer" }, h("span", words), h("b", countdown(left)));
}

// null when handing in is allowed, else the time of day at which it will be.
export function mayHandInAt(state) {
	return secondsUntil(state.earliest_hand_in_at) > 0 ? hourMinute(state.earliest_hand_in_at) : null;
}

function handInButton(state) {
	const opens = mayHandInAt(state);
	if (opens === null) return button("hand-in.primary", "交卷");
	return button("too-early", ["交卷", h("small", `${opens} 起`)], { id: "hand-in", "aria-disabled": "true" });
}

export function topBar(state) {
	const { notice } = ui;
	const who = state.ticket_no ? [state.name, `准考证号 ${state.ticket_no}`, `座位 ${state.seat}`] : [];
	return h(
		"header",
		h("svg.mark", { "aria-hidden": "true" }, h("use", { href: "#i-mark" })),
		h("div.who", h("b", (who.length && state.session_title) || state.exam_title || "应知考试"), who.map((words) => h("span", words))),
		h("div.notice", { role: "status", class: notice ? notice.tone : "" }, notice && notice.words),
		button("size", "字号 A+", { "aria-label": `字号 A+，现在第 ${ui.size} 档，共 3 档` }),
		button("contrast", "高对比", { "aria-pressed": String(ui.isHighContrast) }),
		clock(state),
		isAside(state) && handInButton(state),
	);
}

// What is saved, in words, always in the same place (SCREENS 2.2).
export function savingWords(state) {
	const isLocal = state.saving === "local";
	if (!isLocal) localSince = null;
	else if (localSince === null) localSince = performance.now();
	const isLate = isLocal && (!state.online || performance.now() - localSince > CALM_MS);
	let [sign, words, tone] = ["●", "已保存", ""];
	if (isCutOff() || state.saving === "failed") [sign, words, tone] = ["▲", "未能保存，请举手", "is-stop"];
	else if (isLate) [words, tone] = ["已保存在本机，网络恢复后自动上传", "is-soon"];
	else if (!state.online) [words, tone] = ["已保存。网络断开，可继续作答", "is-soon"];
	return h("p.saving", { class: tone, role: "status" }, h("span", { "aria-hidden": "true" }, `${sign} `), words);
}

export function readiness(state, words) {
	const isReady = state.online && !isCutOff();
	const tone = isReady ? "" : "is-soon";
	return h("p.ready", { class: tone, role: "status" }, icon(isReady ? "tick" : "warn"), isReady ? words : "正在连接考区服务器");
}

export function messageBox(message) {
	if (!message || !message.what) return h("div", { role: "alert" });
	return h("div.note.is-soon", { role: "alert" }, icon("warn"), h("p", h("b", message.what), " ", message.do));
}
