// What a seat's card says: one word first, then an icon, then a tone (docs: the seat map's states). No page in here.

export const URGENT_OFFLINE_MS = 5 * 60 * 1000;
const NOTICED_OFFLINE_MS = 20 * 1000;
const UNDER_WAY = new Set(["signed_in", "confirmed", "answering", "paused"]);

const STATES = {
  spare: ["备机", "screen", "dotted", "wait"],
  expected: ["未到", "expected", "dashed", "wait"],
  absent: ["缺考", "absent", "", "absent"],
  signed_in: ["已登录", "person", "edge", "ready"],
  confirmed: ["已确认", "person", "edge", "ready"],
  answering: ["作答", "pencil", "", "work"],
  offline: ["离线", "offline", "edge", "off"],
  paused: ["暂停", "paused", "", "night"],
  handed_in: ["已交卷", "done", "edge", "done"],
  collected: ["已收卷", "done", "edge", "done"],
  voided: ["违纪终止", "stop", "edge", "stop"],
  stopped: ["中止", "stop", "edge", "stop"],
  moved_out: ["转出", "moved", "edge", "moved"],
};
export const ORDER = ["answering", "confirmed", "signed_in", "expected", "absent", "offline", "paused", "voided", "stopped",
  "handed_in", "collected", "moved_out", "spare"];

const CLOCK = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hour12: false });
const SECONDS = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
export const clock = (ms) => CLOCK.format(new Date(ms));
export const clockWithSeconds = (ms) => SECONDS.format(new Date(ms));

export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} 小时 ${minutes % 60} 分`;
  return minutes ? `${minutes} 分 ${seconds % 60} 秒` : `${seconds} 秒`;
}

export function isOffline(shown, now) {
  const { card, pulse } = shown;
  return UNDER_WAY.has(card.state) && !pulse.is_online && now - (pulse.since || 0) > NOTICED_OFFLINE_MS;
}

export function stateOf(shown, now) {
  if (shown.card.sitting === null) return "spare";
  return isOffline(shown, now) ? "offline" : shown.card.state;
}

export function legendOf(state) {
  const [word, icon, , tone] = STATES[state];
  return { word, icon, tone };
}

// One look at a seat: {word, icon, shape, tone, third, share, badges}.
export function face(shown, now, session) {
  const { card, pulse } = shown;
  const state = stateOf(shown, now);
  const [name, icon, shape, tone] = STATES[state];
  const look = { state, word: name, icon, shape, tone, third: "", share: null, badges: badges(card, pulse) };
  if (state === "answering") {
    look.word = `作答 ${pulse.answered}/${pulse.items || "–"}`;
    look.share = pulse.items ? pulse.answered / pulse.items : 0;
  } else if (state === "offline") {
    look.word = pulse.since ? `离线 ${minutesOf(now - pulse.since)}` : "离线";
    look.third = pulse.unsent ? `本机另存 ${pulse.unsent} 条` : "答案存在本机";
  } else if (state === "expected") {
    look.third = card.device === null ? "考试机未登记" : isLate(now, session) ? "待主考确认缺考" : "考试机已就绪";
  } else if (state === "spare") {
    look.third = card.device === null ? "未登记" : "已登记，可以换机";
  } else if (state === "signed_in") {
    look.third = "待考生核对照片姓名";
  } else if (state === "confirmed") {
    look.third = session && session.started_at ? "正在取试卷" : "等待开考";
  } else if (state === "handed_in" || state === "collected") {
    look.third = `${card.ended_at ? clock(card.ended_at) : ""} 收到 ${pulse.answered} 题`;
  } else if (state === "absent") {
    look.third = "主考已确认";
  }
  return look;
}

export function isLate(now, session) {
  return Boolean(session) && now > (session.started_at || session.starts_at) + session.late_limit_s * 1000;
}

function minutesOf(ms) {
  const minutes = Math.floor(ms / 60000);
  return minutes ? `${minutes} 分钟` : `${Math.max(0, Math.floor(ms / 1000))} 秒`;
}

function badges(card, pulse) {
  const list = [];
  if (card.added_s > 0) list.push({ icon: "clock", text: `延时 +${Math.round(card.added_s / 60) || "<1"}`, flag: false });
  if (pulse.focus_losses > 0 && card.state === "answering") list.push({ icon: "focus", text: `失焦 ${pulse.focus_losses}`, flag: true });
  if (pulse.unsent > 0 && pulse.is_online) list.push({ icon: "local", text: `本机 ${pulse.unsent}`, flag: true });
  return list;
}

// What needs a person: 紧急 before 请处理, older first; hints apart. A filter never hides one.
export function alertsOf(seats, now, session) {
  const alerts = [];
  const hints = [];
  for (const shown of seats) {
    const { card, pulse } = shown;
    const seat = String(card.seat).padStart(2, "0");
    const about = { shown, who: `${seat} 座 ${card.name || ""}` };
    if (isOffline(shown, now)) {
      const cut = now - (pulse.since || now);
      const urgent = cut >= URGENT_OFFLINE_MS;
      alerts.push({ ...about, urgent, since: pulse.since || 0, happened: pulse.since ? `离线 ${duration(cut)}` : "服务器重启后未再连上",
        todo: urgent ? "请到座位查看；一时修不好就换机。" : "可继续作答，答案存在本机。" });
    } else if (card.state === "expected" && isLate(now, session)) {
      const limit = (session.started_at || session.starts_at) + session.late_limit_s * 1000;
      alerts.push({ ...about, urgent: false, since: limit, happened: `未到，已过 ${clock(limit)}`, todo: "请主考确认缺考，或写明原因。" });
    } else if (card.state === "handed_in" && pulse.answered === 0) {
      alerts.push({ ...about, urgent: false, since: card.ended_at || 0, happened: "已交卷，一题未答", todo: "请与考生核实，并记入异常情况。" });
    } else if (session && session.started_at && ["signed_in", "confirmed"].includes(card.state)) {
      alerts.push({ ...about, urgent: false, since: session.started_at, happened: "已登录，还没有开始作答", todo: "请到座位协助考生确认。" });
    }
    if (pulse.unsent > 0 && pulse.is_online) hints.push({ ...about, icon: "local", text: `${seat} 座 ${pulse.unsent} 条在本机`, note: "网络恢复后自动上传" });
    if (pulse.focus_losses > 0 && card.state === "answering") hints.push({ ...about, icon: "focus", text: `${seat} 座 失焦 ${pulse.focus_losses} 次`, note: "只供查看，不作结论" });
  }
  alerts.sort((a, b) => b.urgent - a.urgent || a.since - b.since);
  return { alerts, hints };
}
