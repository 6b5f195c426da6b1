// Draws tiles, sums, legend and alerts. A tile never moves; it is drawn again only when what it says has changed.

import { ORDER, alertsOf, face, legendOf, stateOf } from "./seat_face.js";

const SVG = "http://www.w3.org/2000/svg";

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

export class SeatMap {
  constructor(element, columns, onOpen) {
    this.element = element;
    this.tiles = new Map();
    this.drawn = new Map();
    this.columns = columns;
    this.onOpen = onOpen;
    const half = Math.ceil(columns / 2);
    const track = (count) => (count ? `repeat(${count}, minmax(0, 1fr))` : "");
    element.style.setProperty("--columns", columns > 3 ? `${track(half)} 28px ${track(columns - half)}` : track(columns));
    this.half = columns > 3 ? half : columns;
  }

  tile(seat) {
    if (!this.tiles.has(seat)) {
      const tile = make("button", { type: "button", class: "tile", "aria-pressed": "false", "data-seat": String(seat) });
      const column = (seat - 1) % this.columns;
      tile.style.gridColumn = String(column + 1 + (column >= this.half ? 1 : 0));
      tile.style.gridRow = String(Math.floor((seat - 1) / this.columns) + 1);
      tile.addEventListener("click", (event) => this.onOpen(seat, event.shiftKey || event.ctrlKey || event.metaKey));
      this.tiles.set(seat, tile);
      this.element.append(tile);
    }
    return this.tiles.get(seat);
  }

  draw(shown, now, session, isChosen, isFaint) {
    const look = face(shown, now, session);
    const key = JSON.stringify([look, shown.card.name, isChosen, isFaint]);
    if (this.drawn.get(shown.card.seat) === key) return;
    this.drawn.set(shown.card.seat, key);
    const seat = String(shown.card.seat).padStart(2, "0");
    const name = shown.card.name || (look.state === "spare" ? "备用" : "—");
    const row = make("span", { class: "row" });
    if (look.share !== null) {
      const bar = make("span", { class: "bar-line" }, make("i"));
      bar.style.setProperty("--share", `${Math.round(look.share * 100)}%`);
      row.append(bar);
    } else if (look.third) {
      row.append(make("span", { class: "third" }, look.third));
    }
    for (const badge of look.badges) row.append(make("span", { class: badge.flag ? "badge flag" : "badge" }, icon(badge.icon), badge.text));
    const tile = this.tile(shown.card.seat);
    tile.className = `tile ${look.shape} tone-${look.tone}${isFaint ? " faint" : ""}`;
    tile.setAttribute("aria-pressed", String(isChosen));
    tile.replaceChildren(
      make("span", { class: "top" }, make("b", {}, seat), make("span", { class: "unseen" }, " 座 "), make("span", { class: "name" }, name)),
      make("span", { class: "word" }, icon(look.icon), look.word),
      row,
    );
  }
}

export function drawLegend(element, seats, now) {
  const counts = new Map();
  for (const shown of seats) {
    const state = stateOf(shown, now);
    counts.set(state, (counts.get(state) || 0) + 1);
  }
  element.replaceChildren(...ORDER.filter((state) => counts.has(state)).map((state) => {
    const { word, icon: name, tone } = legendOf(state);
    return make("li", { class: `item tone-${tone}` }, make("span", {}, icon(name), word), make("b", {}, String(counts.get(state))));
  }));
}

// 应考 ＝ 实考 ＋ 缺考 ＋ 未到: every number that must balance shows its sum.
export function drawSums(element, seats) {
  const states = seats.filter((shown) => shown.card.sitting !== null).map((shown) => shown.card.state);
  const count = (...wanted) => states.filter((state) => wanted.includes(state)).length;
  const absent = count("absent");
  const moved = count("moved_out");
  const missing = count("expected");
  const terms = [["实考", states.length - absent - moved - missing], ["缺考", absent], ["未到", missing]];
  if (moved) terms.push(["转出", moved]);
  const cell = (word, number, extra = "") => make("li", { class: extra }, make("b", {}, String(number)), make("span", {}, word));
  const parts = [cell("应考", states.length)];
  terms.forEach(([word, number], index) => parts.push(make("li", { class: "sign", "aria-hidden": "true" }, index ? "＋" : "＝"), cell(word, number)));
  parts.push(cell("已交卷", count("handed_in", "collected"), "done"));
  element.replaceChildren(...parts);
}

export function drawAlerts(page, seats, now, session, open) {
  const { alerts, hints } = alertsOf(seats, now, session);
  page.count.textContent = String(alerts.length);
  page.count.className = alerts.length ? "some" : "";
  const rows = alerts.map((alert) => {
    const button = make("button", { type: "button" }, "查看");
    button.addEventListener("click", () => open(alert.shown.card.seat));
    return make("li", { class: alert.urgent ? "urgent" : "" },
      make("div", { class: "grade" }, icon(alert.urgent ? "stop" : "warn"), alert.urgent ? "紧急" : "请处理", make("b", {}, alert.who)),
      make("div", { class: "happened" }, alert.happened), make("div", { class: "do" }, alert.todo), button);
  });
  page.alerts.replaceChildren(...(rows.length ? rows : [make("li", { class: "none" }, "没有需要处理的情况。")]));
  page.hints.replaceChildren(...hints.map((hint) => make("li", {}, icon(hint.icon), hint.text, make("span", {}, hint.note))));
}
