// The line to the agent on this machine: acts go one at a time and in order; its state comes by long poll.

import { setZoneTime } from "./zone_clock.js";

const RETRY_MS = 1000;
const SLOW_MS = 5000;
const MOST_WAITING = 24;

export const line = {
	state: null,
	waiting: [], // intents that the agent has not answered yet, oldest first
	failures: 0, // in a row, of either direction
	isVoid: false, // another page took over, or the agent was started anew
};

let changed = () => {};
let refused = () => {};
let isPumping = false;
let headSince = 0;

const rest = (milliseconds) => new Promise((wake) => setTimeout(wake, milliseconds));

// An answer that comes late must not overwrite a newer state.
function take(state) {
	if (line.state && state.version < line.state.version) return;
	line.state = state;
	setZoneTime(state.zone_now);
}

// Nothing can be kept just now: the agent does not answer, or not in time.
export function isCutOff() {
	return line.failures > 1 || (line.waiting.length > 0 && performance.now() - headSince > SLOW_MS);
}

// An intent is `{make(state) → act or null, …}`: what to ask is decided only when its turn comes, from the state
// that the acts before it have led to. So “next, A” answers the next item, however fast it is typed.
export function ask(intent) {
	if (line.waiting.length >= MOST_WAITING || line.isVoid) return;
	line.waiting.push(intent);
	if (!isPumping) pump();
}

async function pump() {
	isPumping = true;
	while (line.waiting.length > 0 && !line.isVoid) {
		headSince = performance.now();
		const intent = line.waiting[0];
		const act = intent.make(line.state);
		const refusal = act ? await send(act) : null;
		line.waiting.shift();
		if (refusal) refused(refusal, intent);
		else if (act && intent.done) intent.done();
		changed();
	}
	isPumping = false;
}

async function knock(path, options) {
	const response = await fetch(path, options);
	if (response.status === 403) line.isVoid = true;
	if (response.ok) {
		take(await response.json());
		line.failures = 0;
	}
	return response;
}

async function missed() {
	line.failures += 1;
	changed();
	await rest(RETRY_MS);
}

// Sends one act until the agent has taken or refused it; tells the refusal.
async function send(act) {
	const request = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(act) };
	while (!line.isVoid) {
		try {
			const response = await knock("/act", request);
			if (response.ok) return null;
			if (response.status === 409) return await response.json();
			if (response.status < 500) return { what: "这一步没有成功。", do: "请再试一次；还不行就举手。" };
		} catch (failure) {
			// The agent is being started again: on to the next try.
		}
		await missed();
	}
	return null;
}

async function watch() {
	while (!line.isVoid) {
		try {
			const response = await knock(`/events?since=${line.state ? line.state.version : -1}`);
			if (!response.ok) await missed();
		} catch (failure) {
			await missed();
		}
		changed();
	}
}

export function connect(onChange, onRefusal) {
	changed = onChange;
	refused = onRefusal;
	watch();
}
