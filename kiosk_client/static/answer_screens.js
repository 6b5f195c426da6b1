// The answer page and the review page: number panel at the left, one item (or the whole sheet) at the right.

import { previewed } from "./choosing.js";
import { button, heading, messageBox, savingWords } from "./frame.js";
import { h } from "./tree.js";
import { ui } from "./ui_state.js";

const TYPES = { single: ["单选题", "选一项"], multiple: ["多选题", "可选多项"], true_false: ["判断题", "对或错"] };

export const unanswered = (state) => state.numbers.filter((entry) => !entry.answered);
export const marked = (state) => state.numbers.filter((entry) => entry.marked);

export const flag = () => h("i.flag", { "aria-hidden": "true" }, "▲ ");

export function numberButton(state, { n, answered, marked: isMarked }, place) {
	const isCurrent = state.phase === "answering" && n === state.current;
	const look = (answered ? ".is-answered" : "") + (isMarked ? ".is-marked" : "") + (isCurrent ? ".is-current" : "");
	const words = `第${n}题 ${answered ? "已答" : "未答"}${isMarked ? " 已标记" : ""}${isCurrent ? " 当前" : ""}`;
	const current = isCurrent ? "step" : null;
	return button(`go.number${look}`, n, { id: `${place}-${n}`, "data-n": n, "aria-label": words, "aria-current": current });
}

function panel(state) {
	const part = ({ title, numbers }) => {
		const entries = state.numbers.filter(({ n }) => numbers.includes(n));
		const done = entries.filter(({ answered }) => answered).length;
		const buttons = entries.map((entry) => numberButton(state, entry, "n"));
		return h("section", h("h2", `${title}（${done}/${entries.length}）`), h("div.numbers", buttons));
	};
	const sign = (look, words) => h("li", h(`i.swatch${look}`), words);
	return h(
		"nav#panel.panel",
		{ "aria-label": "题号" },
		state.sections.map(part),
		h("ul.legend", sign("", "未答"), sign(".is-answered", "已答"), sign(".is-current", "当前"), h("li", flag(), "标记")),
	);
}

function option(item, { id, letter, text }, isChosen) {
	const type = item.type === "multiple" ? "checkbox" : "radio";
	return h(
		"label.option",
		{ class: isChosen ? "is-chosen" : "", key: id },
		h("input", { type, name: "option", id: `option-${letter}`, value: id, checked: isChosen }),
		h("span.ring"),
		h("b", letter),
		item.type === "true_false" && h("b", { "aria-hidden": "true" }, text === "正确" ? "√" : "×"),
		h("span.text", text),
	);
}

function question(state) {
	const { item } = state;
	const chosen = previewed(state);
	const [typeWord, typeHint] = TYPES[item.type];
	const section = state.sections.find(({ numbers }) => numbers.includes(item.n));
	const given = chosen.length ? `已选 ${chosen.length} 项` : "还没有作答";
	return h(
		"section.pane",
		{ key: item.n },
		messageBox(ui.refusal || state.message),
		h(
			"fieldset",
			h(
				"legend#heading",
				{ tabindex: "-1" },
				h("span.type", typeWord, h("small", `：${typeHint}`)),
				h("span.stem", `${item.n}. ${item.stem}`),
			),
			item.figure && h("img.drawing", { src: item.figure, alt: item.alt || "" }),
			item.options.map((each) => option(item, each, chosen.includes(each.id))),
		),
		h("div.under", h("p", given), chosen.length > 0 && button("clear", "清除选择")),
		section && h("p.second", section.text),
		h(
			"p.second",
			ui.keysOn ? "键盘：A–F 或 1–6 选择，← → 翻题，M 标记，+ − 字号" : "键盘快捷键已关闭",
			button("keys.plain", ui.keysOn ? "关闭快捷键" : "打开快捷键"),
		),
	);
}

export function answering(state) {
	const { current, total } = state;
	const isMarked = state.item.marked;
	const isLast = current === total;
	return {
		main: h("main.sheet", { key: "sheet" }, panel(state), question(state)),
		foot: [
			button(current > 1 ? "previous" : "previous.is-gone", ["◀ ", "上一题"]),
			isLast ? button("review.primary", "检查答卷", { id: "next" }) : button("next.primary", ["下一题", " ▶"]),
			button(isMarked ? "mark.is-marking" : "mark", isMarked ? "取消标记" : "标记本题", {}, flag()),
			!isLast && button("review", "检查答卷"),
			savingWords(state),
		],
	};
}

export function review(state) {
	const list = (entries, look, title, words) =>
		h(
			"section.card",
			{ class: look },
			h("h2", title),
			entries.length ? h("div.numbers", entries.map((entry) => numberButton(state, entry, look))) : h("p", words),
		);
	const missing = unanswered(state);
	const flagged = marked(state);
	return {
		main: h(
			"main.sheet",
			{ key: "sheet" },
			panel(state),
			h(
				"section.pane.review",
				{ key: "review" },
				heading("检查答卷"),
				messageBox(ui.refusal || state.message),
				h("p", "共 ", h("b", state.total), " 题 ＝ 已答 ", h("b", state.answered), " ＋ 未答 ", h("b", missing.length)),
				list(missing, missing.length ? "is-missing" : "is-complete", `还有 ${missing.length} 题未答`, "全部题目都已作答。"),
				list(flagged, "is-flagged", `标记了 ${flagged.length} 题`, "没有标记的题。标记只给自己看，不影响得分。"),
				h("p", "点题号可以直接回去作答。"),
				h("div.two", button("back.primary.big", "返回答题"), button("hand-in.big", "交卷", { id: "review-hand-in" })),
			),
		),
		foot: [savingWords(state)],
	};
}
