// Choosing options: what a press means for the item it was meant for, and what to show before the agent has answered.

import { ask, line } from "./agent.js";

function picked(item, chosen, optionId) {
	if (item.type !== "multiple") return [optionId];
	const kept = chosen.includes(optionId) ? chosen.filter((id) => id !== optionId) : [...chosen, optionId];
	return item.options.map(({ id }) => id).filter((id) => kept.includes(id));
}

// `find(item)` names the option; an `n` ties the press to the item that was on the screen.
function chooseBy(find, n) {
	const change = (item, chosen) => {
		const optionId = item && (n === null || item.n === n) ? find(item) : null;
		return optionId ? picked(item, chosen, optionId) : null;
	};
	ask({
		change,
		make(state) {
			const chosen = state.phase === "answering" && state.item ? change(state.item, state.item.chosen) : null;
			return chosen ? { act: "answer", n: state.item.n, chosen } : null;
		},
	});
}

export const chooseOption = (n, optionId) => chooseBy(() => optionId, n);

export const chooseNth = (place) => chooseBy((item) => (item.options[place] ? item.options[place].id : null), null);

export function clearChoice(n) {
	ask({
		change: (item) => (item.n === n ? [] : null),
		make: (state) => (state.phase === "answering" && state.item && state.item.n === n ? { act: "answer", n, chosen: [] } : null),
	});
}

// What the current item will hold once the acts on their way have arrived.
export function previewed(state) {
	let chosen = state.item.chosen;
	for (const intent of line.waiting) {
		if (intent.movesOn) break;
		const next = intent.change ? intent.change(state.item, chosen) : null;
		if (next) chosen = next;
	}
	return chosen;
}
