// A screen is a value: a tree of `h("tag#id.class", {attributes}, …children)`. `patch` makes the document look like it,
// touching only what differs, so that focus, scrolling and a half-typed number stay where they are.

const SVG = "http://www.w3.org/2000/svg";

export function h(name, ...children) {
	const [, tag, id, classes] = /^(\w+)(?:#([\w-]+))?(.*)$/.exec(name);
	const first = children[0];
	const isProps = first && typeof first === "object" && !first.tag && !Array.isArray(first);
	const props = isProps ? { ...children.shift() } : {};
	if (id) props.id = id;
	const look = `${classes.replace(/\./g, " ")} ${props.class || ""}`.trim();
	if (look) props.class = look;
	return { tag, props, children: children.flat(Infinity).filter((child) => child || child === 0) };
}

export const icon = (name) => h("svg.icon", { "aria-hidden": "true" }, h("use", { href: `#i-${name}` }));

function setProp(element, name, value) {
	if (name === "key") {
		element.treeKey = value;
	} else if (name === "checked" || name === "value") {
		if (element[name] !== value) element[name] = value;
	} else if (value === null || value === undefined || value === false) {
		element.removeAttribute(name);
	} else if (element.getAttribute(name) !== String(value)) {
		element.setAttribute(name, value);
	}
}

function update(element, node) {
	for (const { name } of [...element.attributes]) {
		if (!(name in node.props)) element.removeAttribute(name);
	}
	for (const name of Object.keys(node.props)) setProp(element, name, node.props[name]);
	patch(element, node.children);
}

function create(node) {
	if (typeof node !== "object") return document.createTextNode(node);
	const isDrawing = node.tag === "svg" || node.tag === "use";
	const element = isDrawing ? document.createElementNS(SVG, node.tag) : document.createElement(node.tag);
	update(element, node);
	return element;
}

function fits(existing, node) {
	if (typeof node !== "object") return existing.nodeType === Node.TEXT_NODE;
	return existing.localName === node.tag && existing.treeKey === node.props.key;
}

export function patch(parent, wanted) {
	wanted.forEach((node, place) => {
		const existing = parent.childNodes[place];
		if (!existing) parent.append(create(node));
		else if (!fits(existing, node)) existing.replaceWith(create(node));
		else if (typeof node === "object") update(existing, node);
		else if (existing.data !== String(node)) existing.data = node;
	});
	while (parent.childNodes.length > wanted.length) parent.lastChild.remove();
}
