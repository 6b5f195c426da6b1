// The proctor's console: takes whole seat cards over Socket.IO and keeps the page true to the newest of each.

import { Acts } from "./acts.js";
import { clock, clockWithSeconds, duration, face } from "./seat_face.js";
import { SeatMap, drawAlerts, drawLegend, drawSums, icon, make } from "./seat_map.js";

const byId = (id) => document.getElementById(id);
const { room, columns, chief } = document.body.dataset;
const state = { seats: new Map(), session: null, number: 0, offset: 0, chosen: new Set(), isRoom: false, isSeveral: false, filter: "" };
const now = () => Date.now() + state.offset;
const here = () => [...state.seats.values()].filter((shown) => shown.card.room === room).sort((a, b) => a.card.seat - b.card.seat);
const acts = new Acts(byId("act-form"), byId("said"), document.querySelector("meta[name=csrf-token]").content);
const map = new SeatMap(byId("map"), Number(columns), open);
const side = { count: byId("alert-count"), alerts: byId("alerts"), hints: byId("hints") };

function open(seat, isAdding) {
  if (state.isSeveral || isAdding) {
    state.chosen[state.chosen.has(seat) ? "delete" : "add"](seat);
  } else {
    state.chosen = new Set(state.chosen.size === 1 && state.chosen.has(seat) ? [] : [seat]);
  }
  state.isRoom = false;
  acts.close();
  draw();
}

function take(text) {
  const told = JSON.parse(text);
  if (told.is_snapshot) state.seats.clear();
  for (const shown of told.seats) {
    const key = `${shown.card.room}-${shown.card.seat}`;
    const held = state.seats.get(key);
    if (!held || held.number < shown.number) state.seats.set(key, shown);
  }
  state.session = told.session;
  state.offset = told.zone_time - Date.now();
  draw();
}

function draw() {
  const seats = here();
  const moment = now();
  for (const shown of seats) {
    const { card } = shown;
    const isFaint = state.filter !== "" && !`${card.seat} ${String(card.seat).padStart(2, "0")} ${card.name || ""}`.includes(state.filter);
    map.draw(shown, moment, state.session, state.chosen.has(card.seat), isFaint);
  }
  drawSums(byId("sums"), seats);
  drawLegend(byId("legend"), seats, moment);
  drawAlerts(side, seats, moment, state.session, (seat) => open(seat, false));
  drawSession();
  drawSheet(moment);
}

function drawSession() {
  const { session } = state;
  if (!session) return;
  const begun = session.started_at || session.starts_at;
  byId("place").textContent = `${session.zone_name} · ${session.server}`;
  byId("session-title").textContent = session.session_title;
  const paper = session.closed_at ? "已收场" : session.started_at ? "试卷已启封" : "试卷未启封";
  byId("session-times").textContent = `${clock(begun)} – ${clock(begun + session.duration_s * 1000)} · ${paper}`;
}

function tick() {
  const moment = now();
  const { session } = state;
  byId("zone-time").textContent = clockWithSeconds(moment);
  if (!session) return;
  const begun = session.started_at;
  const until = begun ? begun + session.duration_s * 1000 : session.starts_at;
  const seconds = Math.max(0, Math.ceil((until - moment) / 1000));
  byId("left").textContent = session.closed_at ? "已收场" : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  byId("left-word").textContent = begun ? "本场剩余" : "距开考";
}

function drawSheet(moment) {
  const chosen = here().filter((shown) => state.chosen.has(shown.card.seat));
  const isEmpty = !state.isRoom && !chosen.length;
  byId("sheet-empty").hidden = !isEmpty;
  byId("sheet-body").hidden = isEmpty;
  if (isEmpty) return;
  const isForm = !byId("act-form").hidden;
  byId("acts").hidden = isForm || state.isRoom;
  byId("room-acts").hidden = isForm || !state.isRoom;
  const lines = state.isRoom ? roomLines() : chosen.length === 1 ? personLines(chosen[0], moment) : severalLines(chosen);
  byId("sheet-title").replaceChildren(...lines.title);
  byId("sheet-lines").replaceChildren(...lines.lines.map((line) => make("li", {}, line)));
  const photo = byId("photo");
  const sitting = chosen.length === 1 && !state.isRoom ? chosen[0].card.sitting : null;
  photo.hidden = sitting === null;
  if (sitting !== null && photo.dataset.sitting !== String(sitting)) {
    photo.dataset.sitting = String(sitting);
    photo.src = `/photos/${sitting}`;
    photo.alt = `${chosen[0].card.name} 的照片`;
  }
  if (!state.isRoom) allow(chosen);
}

function personLines(shown, moment) {
  const { card, pulse } = shown;
  const look = face(shown, moment, state.session);
  const badge = make("span", { class: look.tone === "off" || look.tone === "stop" ? "badge flag" : "badge" }, icon(look.icon), look.word);
  const title = [make("b", {}, `${card.seat} 座`), make("span", { class: "name" }, card.name || "备用座位"), badge];
  if (card.sitting === null) return { title, lines: [look.third] };
  const lines = [`${card.trade} · 准考证号 ${card.ticket_no} · ${card.unit}`];
  if (pulse.items) lines.push(`已答 ${pulse.answered} 题：考区已收到${pulse.unsent ? `，本机另存 ${pulse.unsent} 条` : "全部"}`);
  const added = card.added_s ? `已补时 ${duration(card.added_s * 1000)}` : "没有补时";
  lines.push(card.ends_at ? `${added} · ${clock(card.ends_at)} 结束` : added);
  return { title, lines };
}

function severalLines(chosen) {
  const seats = chosen.map((shown) => shown.card.seat).join("、");
  return { title: [make("b", {}, `已选 ${chosen.length} 人`)], lines: [`${seats} 座`, "操作对选中的所有人生效。"] };
}

function roomLines() {
  const open = here().filter((shown) => ["signed_in", "confirmed", "answering", "paused", "expected"].includes(shown.card.state)).length;
  return { title: [make("b", {}, "全场操作")], lines: [`本考场还有 ${open} 人没有结束。`, "收场和启封对整个考点生效。"] };
}

// A button that cannot be pressed says why.
function allow(chosen) {
  const people = chosen.filter((shown) => shown.card.sitting !== null);
  const all = (...states) => people.length > 0 && people.every((shown) => states.includes(shown.card.state));
  const set = (act, can, why) => {
    const button = document.querySelector(`#acts [data-act=${act}]`);
    button.disabled = !can;
    const small = button.querySelector("[data-why]");
    if (small) small.textContent = why;
  };
  const isChief = chief === "yes";
  set("extend", all("expected", "signed_in", "confirmed", "answering", "paused"), "");
  set("remark", people.length === 1, "");
  set("absent", isChief && all("expected"), isChief ? (all("expected") ? "迟到时限后" : "只对未到考生") : "须主考登录");
  const canCollect = all("signed_in", "confirmed", "answering", "paused");
  set("collect", isChief && canCollect, isChief ? (canCollect ? "写明原因" : "没有可收的卷") : "须主考登录");
}

function who() {
  const chosen = here().filter((shown) => state.chosen.has(shown.card.seat) && shown.card.sitting !== null);
  const seats = chosen.map((shown) => `${shown.card.seat} 座`).join("、");
  return { room, isRoom: state.isRoom, sittings: chosen.map((shown) => shown.card.sitting), words: state.isRoom ? "全场" : seats };
}

acts.onClose = () => drawSheet(now());
acts.onDone = (act) => {
  if (act === "open") window.location.reload(); // the new code stands in the page
};
for (const button of document.querySelectorAll("[data-act]")) {
  button.addEventListener("click", () => {
    acts.begin(button.dataset.act, who());
    drawSheet(now());
  });
}
byId("whole-room").addEventListener("click", () => {
  state.chosen.clear();
  state.isRoom = true;
  acts.close();
  draw();
});
byId("several").addEventListener("click", (event) => {
  state.isSeveral = !state.isSeveral;
  event.currentTarget.setAttribute("aria-pressed", String(state.isSeveral));
  if (!state.isSeveral) state.chosen.clear();
  draw();
});
byId("projector").addEventListener("click", (event) => {
  const isOn = document.body.classList.toggle("projector");
  event.currentTarget.setAttribute("aria-pressed", String(isOn));
});
byId("search").addEventListener("input", (event) => {
  state.filter = event.currentTarget.value.trim();
  draw();
});
byId("search").addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  const found = here().find((shown) => `${shown.card.seat}` === state.filter || (shown.card.name || "").includes(state.filter));
  if (found) open(found.card.seat, false);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !["INPUT", "SELECT"].includes(document.activeElement.tagName)) {
    event.preventDefault();
    byId("search").focus();
  }
});
if (byId("rooms")) byId("rooms").addEventListener("change", (event) => window.location.assign(`/rooms/${event.currentTarget.value}`));

const socket = window.io("/console", { transports: ["websocket"] });
const line = (kind, words) => {
  byId("line").className = kind;
  byId("line").replaceChildren(icon(kind === "ok" ? "ok" : "offline"), words);
};
socket.on("connect", () => line("ok", "考区服务器正常"));
socket.on("disconnect", () => line("cut", "与服务器断开，正在重连"));
socket.on("connect_error", (error) => {
  if (error.message === "not_signed_in") window.location.assign("/sign-in");
  line("cut", "连不上服务器，正在重连");
});
socket.on("shown", take);
setInterval(tick, 250);
setInterval(draw, 1000);
