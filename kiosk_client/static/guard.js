// What the page itself keeps from happening: menus, copying, dragging, printing and the browser's own shortcuts.
// It deters and does not prevent; the machine's lock-down is the agent's and the browser policy's business.

const CANCELLED = ["contextmenu", "copy", "cut", "paste", "dragstart", "drop", "dragover", "beforeprint"];

export function guardPage() {
	for (const event of CANCELLED) document.addEventListener(event, (happening) => happening.preventDefault(), true);
	document.addEventListener(
		"keydown",
		(press) => {
			const isFunctionKey = /^F\d+$/.test(press.key);
			if (press.ctrlKey || press.altKey || press.metaKey || isFunctionKey) press.preventDefault();
		},
		true,
	);
	document.addEventListener("wheel", (turn) => turn.ctrlKey && turn.preventDefault(), { capture: true, passive: false });
}
