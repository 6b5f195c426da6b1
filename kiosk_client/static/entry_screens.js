// Before the start: connecting, seat, sign-in, identity, rules with the countdown. Each screen has its phase's name.

import { line } from "./agent.js";
import { button, heading, messageBox, place, readiness, step } from "./frame.js";
import { h, icon } from "./tree.js";
import { FIELD_LENGTH, ui } from "./ui_state.js";
import { countdown, hourMinute, secondsUntil } from "./zone_clock.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "X", "0"];

const seatNumber = (state) => h("p.seat-no", h("b", state.seat), " 号座位");

export const starting = (state) => ({
	main: h(
		"main.centred",
		state.seat && seatNumber(state),
		heading("正在连接考区服务器"),
		h("p", "请稍候，连上以后会自动继续，不用做任何操作。"),
		messageBox(state.message),
	),
	foot: [readiness(state, "本机已就绪")],
});

export const seat_unknown = (state) => ({
	main: h(
		"main.centred",
		heading("本机还没有登记座位"),
		h("p", "请技术员输入考场登记码和座位号，完成登记。"),
		messageBox(state.message),
	),
});

const photo = (state) =>
	state.photo ? h("img", { src: state.photo, alt: `${state.name || "考生"}的报名照片` }) : h("div.no-photo", icon("person"), "没有照片");

const person = (state) => h("div.card.person", photo(state), h("div", h("p.name", state.name), h("p", state.zone_name), h("p", state.room_name)));

const seatPanel = (state) =>
	h(
		"section.side",
		{ "aria-label": "座位" },
		seatNumber(state),
		state.name ? person(state) : h("p", "这个座位没有安排考生。"),
		h("p.hint", icon("hand"), h("span", "不是您，或者坐错了座位？", h("br"), "请核对准考证，或举手。")),
	);

const keypad = () =>
	h(
		"div.keypad",
		{ role: "group", "aria-label": "数字键" },
		KEYS.map((key) => button("key", key, { id: `key-${key}`, "data-key": key })),
		button("erase.soft", "删除", {}, icon("erase")),
	);

const field = (name) =>
	h("input", { id: name, "data-field": name, type: "text", value: ui.entry[name], autocomplete: "off", spellcheck: "false" });

// Says what is missing until nothing is; only then it can be pressed.
const signInButton = (missing) =>
	missing ? h("p.missing", { role: "status" }, missing) : button("sign-in.primary", line.waiting.length ? "正在核对…" : "登录");

function lastFour(message) {
	const typed = ui.entry.last4;
	const look = (place) => (place < typed.length ? "is-full" : place === typed.length ? "is-next" : "");
	const boxes = [0, 1, 2, 3].map((place) => h("span.box", { class: look(place) }, typed[place]));
	const missing = FIELD_LENGTH.last4 - typed.length;
	return [
		h("label.question", { for: "last4" }, "请输入身份证号最后 4 位"),
		message || h("p.second", "点下面的大按键，或用键盘。末位是 X 的，点 X。"),
		h(
			"div.typed",
			h("div.boxes", h("div.faces", { "aria-hidden": "true" }, boxes), field("last4")),
			signInButton(missing && `还差 ${missing} 位`),
		),
	];
}

function ticketAndIdentity(message) {
	const missing = FIELD_LENGTH.id - ui.entry.id.length;
	const words = ui.entry.ticket ? missing && `身份证号还差 ${missing} 位` : "还差准考证号";
	const row = (name, label) => [h("label", { for: name }, label), field(name)];
	return [
		heading("用准考证号登录"),
		message,
		h("div.typed", h("div.fields", row("ticket", "准考证号"), row("id", "身份证号")), signInButton(words)),
	];
}

export function sign_in(state) {
	const byLastFour = ui.entry.way === "last4";
	const words = ui.refusal || state.message;
	const form = (byLastFour ? lastFour : ticketAndIdentity)(words && messageBox(words));
	return {
		main: h("main.split", { key: `sign-in-${ui.entry.way}` }, seatPanel(state), h("section.work", form, keypad())),
		foot: [
			state.name && button("other-way", byLastFour ? "改用准考证号登录" : "改用身份证号后 4 位登录"),
			readiness(state, "本机已就绪"),
			step(1, "登录"),
		],
	};
}

export function confirm(state) {
	const row = (term, words) => h("div", h("dt", term), h("dd", words || "—"));
	return {
		main: h(
			"main.identity",
			h("figure", photo(state), h("figcaption", "报名照片")),
			h(
				"section",
				heading("请核对：这是您本人吗？"),
				h(
					"dl",
					row("姓名", state.name),
					row("准考证号", state.ticket_no),
					row("工种", state.trade),
					row("单位", state.unit),
					row("考场 · 座位", `${place(state)} · ${state.seat} 号`),
				),
				messageBox(ui.refusal || state.message),
				h(
					"div.two",
					button("confirm.primary.big", "是我，信息正确", {}, icon("check")),
					button("not-me.big", "信息不对", {}, icon("cross")),
				),
				h("p.hint", icon("hand"), "信息不对就点“信息不对”，监考员会过来。不会耽误您的考试时间。"),
			),
		),
		foot: [readiness(state, "本机已就绪"), step(2, "核对身份")],
	};
}

function countdownCard(state) {
	const left = secondsUntil(state.starts_at);
	const isTime = left === 0;
	return h(
		"div.card.night",
		{ role: "timer" },
		h("p", isTime ? "开考时间已到" : "距离开考"),
		h("b", countdown(left)),
		h("p", isTime ? "正在启封试卷，请稍候" : `到 ${hourMinute(state.starts_at)} 自动开始，不用点任何按钮`),
	);
}

const howTo = (sample, words) => h("li.card", sample, h("span", words));

export function waiting(state) {
	const isRead = ui.hasReadRules;
	return {
		main: h(
			"main.split.is-right",
			h(
				"section.work",
				heading("考试须知"),
				messageBox(ui.refusal || state.message),
				h("ol.rules", state.rules.map((rule) => h("li", h("span", rule)))),
				h(
					"div.read",
					button(isRead ? "read.big.done" : "read.big.primary", "我已阅读", { "aria-pressed": String(isRead) }, isRead && icon("check")),
					h("p", { role: "status" }, isRead && "准备好了，请安静等候。"),
				),
			),
			h(
				"section.side",
				{ "aria-label": "开考时间和答题方法" },
				countdownCard(state),
				h("h2", "怎样答题"),
				h(
					"ul.how",
					howTo(h("span.sample.is-chosen", h("i.dot"), h("b", "A"), " 选项"), "点整行就选中，再点别的就改"),
					howTo(h("span.sample", h("i.flag", "▲"), " 标记本题"), "拿不准的做个记号，回头再看"),
					howTo(h("span.sample.primary", "交卷"), "右上角，会请您确认两次"),
				),
			),
		),
		foot: [readiness(state, "本机与考区时间一致"), step(3, "等待开考")],
	};
}
