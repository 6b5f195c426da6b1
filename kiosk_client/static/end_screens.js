// Handing in and what stands outside answering: the two confirmations, receipt, collected, paused, trouble.

import { flag, marked, numberButton, unanswered } from "./answer_screens.js";
import { button, heading, messageBox, place, readiness, savingWords } from "./frame.js";
import { h, icon } from "./tree.js";
import { ui } from "./ui_state.js";
import { duration, secondsUntil, timeOfDay } from "./zone_clock.js";

const MOST_LISTED = 12;

const dialogHead = (title, second) => h("div.dialog-head", h("h2#dialog-title", title), second && h("p.second", second));

const returnButton = () => button("close-dialog.primary.big", "返回答题", { id: "return" });

// Enter never hands in: this answers to a press or to the space bar.
const goOnButton = (confirmed, words) =>
	button("confirm-hand-in.big", words, { id: `hand-in-${confirmed}`, "data-confirmed": confirmed });

const keyboardHint = () => ui.byKeyboard && h("p.second", "用键盘：按 Tab 键换按钮，按空格键选定。回车键不会交卷。");

function countCard(state, entries, look, words) {
	const listed = entries.slice(0, MOST_LISTED).map((entry) => numberButton(state, entry, look));
	if (entries.length > MOST_LISTED) listed.push(button("review", "看全部", { id: `all-${look}` }));
	return h(
		"section.card",
		{ class: look },
		h("p", look === "is-missing" ? icon("warn") : flag(), words[0], h("b.count", entries.length), words[1]),
		listed.length > 0 && h("div.numbers", listed),
	);
}

function firstConfirmation(state) {
	const missing = unanswered(state);
	return [
		dialogHead("现在交卷吗？", "第 1 次确认，共 2 次"),
		h(
			"div.two-cards",
			missing.length
				? countCard(state, missing, "is-missing", ["还有", "题未答"])
				: h("section.card.is-complete", h("p", icon("tick"), `${state.total} 题全部已答`)),
			countCard(state, marked(state), "is-flagged", ["标记了", "题"]),
		),
		h("p#dialog-words", "还有 ", h("b", duration(secondsUntil(state.ends_at) || 0)), "，点题号可以直接回去作答。交卷以后不能再改。"),
		keyboardHint(),
		h("div.two", returnButton(), goOnButton(1, "仍要交卷")),
	];
}

const secondConfirmation = (state) => [
	dialogHead("最后确认：交卷后不能再改", "第 2 次确认，共 2 次"),
	h(
		"p#dialog-words",
		"您已答 ",
		h("b", state.answered),
		" 题，未答 ",
		h("b", state.total - state.answered),
		" 题。确认交卷，考试就结束了。",
	),
	keyboardHint(),
	h("div.two", returnButton(), goOnButton(2, "确认交卷")),
];

const refusedHandIn = () => [
	dialogHead("现在不能交卷"),
	h("p#dialog-words", h("b", ui.refusal.what), " ", ui.refusal.do),
	h("div.two", returnButton()),
];

export const dialogContent = (state) =>
	({ first: firstConfirmation, second: secondConfirmation, refused: refusedHandIn })[ui.dialog](state);

const receiptSide = ({ code, qr_svg: drawing }, isKept) =>
	h(
		"section.side",
		{ "aria-label": "交卷回执" },
		h("h2", isKept ? "交卷回执" : "本机封存码（还没有送到考区）"),
		h("img.qr", { alt: "回执二维码", src: `data:image/svg+xml,${encodeURIComponent(drawing)}` }),
		h("p.code", code.split("-").map((group) => h("span", group))),
		h("p.second", "可以抄下这 16 位，日后凭它查证答卷。"),
	);

const count = (number, words) => h("div", h("b", number), h("span", words));

// The zone's receipt has come when nothing is left to send; until then the code is the machine's own.
function ended(state, title, words, closing) {
	const { receipt: paper } = state;
	const isKept = Boolean(paper) && state.saving === "saved";
	const kept = isKept && `${timeOfDay(paper.at)} 考区服务器已收好您的答卷`;
	return {
		main: h(
			"main.split.is-right",
			h(
				"section.work",
				h(
					"div.verdict",
					{ class: isKept ? "" : "is-soon" },
					h("span.disc", icon(isKept ? "check" : "dots")),
					h("div", heading(isKept ? title : words), h("p", kept || closing)),
				),
				paper &&
					h(
						"div.card.counts",
						count(paper.total, isKept ? "收到（题）" : "共有（题）"),
						count(paper.answered, "已答（题）"),
						count(paper.total - paper.answered, "未答（题）"),
					),
				!isKept && messageBox(state.message),
				h(
					"div.note.is-work",
					icon("hand"),
					h("p", h("b", "请举手，先不要离开"), h("br"), "监考员看过这一页，您再带好物品离开考场。"),
				),
				h("p.second", "成绩公布以后，凭身份证号和密码在网上查询。"),
			),
			paper && receiptSide(paper, isKept),
		),
		foot: [h("p.step", place(state)), isKept ? readiness(state, "本机和考区都已保存") : savingWords(state)],
	};
}

export const receipt = (state) => ended(state, "已交卷", "正在交卷", "答卷已保存在本机，正在送到考区服务器");

export const collected = (state) => ended(state, "已收卷", "考试已结束", "不用做任何操作");

export function paused(state) {
	const { what, do: advice } = state.message || { what: "", do: "请坐在原位等待监考员，已作的答案都在。" };
	return {
		isAlone: true,
		main: h("main.centred.night", icon("pause"), heading("考试已暂停"), !what.includes("考试已暂停") && h("p", what), h("p", advice)),
	};
}

export function trouble(state) {
	const { what, do: advice } = state.message || { what: "本机遇到问题，暂时不能继续。", do: "监考员会来处理，已保存的答案不会丢失。" };
	return {
		main: h(
			"main.centred.trouble",
			icon("stop"),
			heading("请举手"),
			h("p", { role: "alert" }, h("b", what), h("br"), advice),
			state.seat && h("p.second", `座位 ${state.seat}`),
		),
	};
}
