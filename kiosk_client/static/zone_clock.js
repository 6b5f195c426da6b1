// The zone's clock: its stamp plus what this machine's monotonic clock has counted since. The PC's own date is never read.

const CHINA_OFFSET_MS = 8 * 3600 * 1000;

let stamp = null;
let stampedAt = 0;

export function setZoneTime(milliseconds) {
	if (!Number.isFinite(milliseconds)) return;
	stamp = milliseconds;
	stampedAt = performance.now();
}

export const zoneNow = () => (stamp === null ? null : stamp + performance.now() - stampedAt);

const pad = (number) => String(number).padStart(2, "0");
const inChina = (milliseconds) => new Date(milliseconds + CHINA_OFFSET_MS).toISOString();

export const timeOfDay = (milliseconds) => inChina(milliseconds).slice(11, 19);
export const hourMinute = (milliseconds) => inChina(milliseconds).slice(11, 16);

// Whole seconds until a moment, never below zero; null while the zone's time is not known.
export function secondsUntil(milliseconds) {
	const now = zoneNow();
	return now === null || !Number.isFinite(milliseconds) ? null : Math.max(0, Math.ceil((milliseconds - now) / 1000));
}

export function countdown(seconds) {
	return seconds === null ? "--:--" : `${pad(Math.floor(seconds / 60))}:${pad(seconds % 60)}`;
}

export function duration(seconds) {
	const minutes = Math.floor(seconds / 60);
	if (minutes === 0) return `${seconds} 秒`;
	return seconds % 60 === 0 ? `${minutes} 分钟` : `${minutes} 分 ${seconds % 60} 秒`;
}
