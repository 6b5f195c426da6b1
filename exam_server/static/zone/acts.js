// What staff do: a small form in the sheet, one request with the CSRF token, and the server's answer in words.

const TITLES = { extend: "延时", remark: "记事", absent: "确认缺考", collect: "强制收卷", close: "收场（整个考点）", open: "开放登记", release: "用密钥文件启封" };
const REASON = { remark: "情况", close: "未到考生记为缺考的原因（没有未到考生可不写）" };

export class Acts {
  constructor(form, said, token) {
    this.form = form;
    this.said = said;
    this.token = token;
    this.pending = null;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    form.querySelector("#form-back").addEventListener("click", () => this.close());
  }

  // Ask for what the act needs; acts that need nothing are sent at once.
  begin(act, who) {
    this.pending = { act, who };
    this.said.textContent = "";
    if (act === "open") {
      this.send();
      return;
    }
    this.form.querySelector("#form-title").textContent = `${TITLES[act]}：${who.words}`;
    this.form.querySelector("#reason-word").textContent = REASON[act] || "原因（必填）";
    for (const label of this.form.querySelectorAll("[data-for]")) label.hidden = !label.dataset.for.split(" ").includes(act);
    this.form.elements.reason.value = "";
    this.form.hidden = false;
    (act === "extend" ? this.form.elements.minutes : act === "release" ? this.form.elements.release : this.form.elements.reason).focus();
  }

  close() {
    this.form.hidden = true;
    this.pending = null;
    if (this.onClose) this.onClose();
  }

  body() {
    const { act, who } = this.pending;
    const fields = this.form.elements;
    const reason = fields.reason.value.trim();
    switch (act) {
      case "extend":
        return { minutes: Number(fields.minutes.value), category: fields["extend-category"].value, reason, ...(who.isRoom ? { room: who.room } : { sittings: who.sittings }) };
      case "remark":
        return { category: fields["remark-category"].value, words: reason, room: who.room, sitting: who.isRoom ? null : who.sittings[0] };
      case "close":
        return { absence_reason: reason || null };
      case "open":
        return {};
      default:
        return { sittings: who.sittings, reason };
    }
  }

  async send() {
    const { act } = this.pending;
    const headers = { "X-CSRFToken": this.token };
    let body;
    if (act === "release") {
      body = new FormData();
      if (this.form.elements.release.files.length) body.append("release", this.form.elements.release.files[0]);
    } else {
      body = JSON.stringify(this.body());
      headers["Content-Type"] = "application/json";
    }
    try {
      const reply = await fetch(`/acts/${act}`, { method: "POST", headers, body });
      const told = await reply.json();
      this.say(reply.ok ? told.words : `${told.what}${told.do}`, !reply.ok);
      if (reply.ok) {
        this.close();
        if (this.onDone) this.onDone(act);
      }
    } catch {
      this.say("没有连上考区服务器，操作没有执行。请稍后再试。", true);
    }
  }

  say(words, isRefused) {
    this.said.textContent = words;
    this.said.className = isRefused ? "refused" : "";
  }
}
