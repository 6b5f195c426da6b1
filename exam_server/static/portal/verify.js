// Checks a transcript's signature on this device and shows what it says. Nothing is sent anywhere.
// The format is told in scoring/transcript.py; the signature is checked before anything is read.
import { verifyAsync } from "../vendor/noble-ed25519/index.js";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const CONTEXT = new TextEncoder().encode("kaoping transcript/1\n");
const FORMAT = 1, HEAD = 17, SIGNATURE = 64, LONGEST = 1000;
const FIRST_DAY = Date.UTC(2020, 0, 1), DAY = 86400000;
const RESULTS = ["双 60 合格", "不合格", "缺考", "违纪无效", "待定"];
const page = document.getElementById("verify");
const keys = JSON.parse(page.dataset.keys);
const trades = JSON.parse(page.dataset.trades);
const corrected = JSON.parse(page.dataset.corrected);

class Unsure extends Error {}

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const bytesOfHex = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
const number = (bytes) => bytes.reduce((sum, byte) => sum * 256 + byte, 0);

function base45(text) {
  const bytes = [];
  for (let at = 0; at < text.length; at += 3) {
    const digits = Array.from(text.slice(at, at + 3), (letter) => ALPHABET.indexOf(letter));
    const value = digits.reduceRight((sum, digit) => sum * 45 + digit, 0);
    if (digits.includes(-1) || digits.length === 1 || value > (digits.length === 3 ? 65535 : 255)) {
      throw new Unsure("这不是本系统的成绩单二维码，或没有扫全。");
    }
    if (digits.length === 3) bytes.push(value >> 8);
    bytes.push(value & 255);
  }
  return Uint8Array.from(bytes);
}

function signedBytes(fragment) {
  // A broken escape makes decodeURIComponent throw, which is told like everything else that is no transcript.
  const bytes = fragment.length > LONGEST ? [] : base45(decodeURIComponent(fragment));
  if (bytes.length < HEAD + SIGNATURE || bytes[0] !== FORMAT) {
    throw new Unsure("这不是本系统的成绩单二维码，或没有扫全。");
  }
  return bytes;
}

async function fits(key, signature, message) {
  try {
    const known = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, known, signature, message);
  } catch (unsupported) {
    // Browsers before 2025 do not know the algorithm. zip215 off: the strict rule of RFC 8032, as our own verifier.
    return verifyAsync(signature, message, key, { zip215: false });
  }
}

function read(body, key) {
  const texts = new TextDecoder("gb18030", { fatal: true }).decode(body.slice(HEAD)).split("\n");
  const days = number(body.slice(5, 7)), trade = number(body.slice(10, 12));
  if (texts.length !== 5 || days > key.until) throw new Unsure("签发日期不在这把密钥的期限内。");
  const code = String(Math.floor(trade / 1000)).padStart(2, "0") + "-" + String(trade % 1000).padStart(3, "0");
  const issued = new Date(FIRST_DAY + days * DAY);
  return {
    exam: texts[0], name: texts[1], last4: texts[2], know: texts[3], do: texts[4],
    ticket: String(number(body.slice(12, 17))).padStart(10, "0"),
    trade: ((trades[code] || "") + " " + code).trim(),
    result: RESULTS[body[9]] || "", isPassed: body[9] === 0, revision: number(body.slice(7, 9)),
    issued: `${issued.getUTCFullYear()} 年 ${issued.getUTCMonth() + 1} 月 ${issued.getUTCDate()} 日`,
  };
}

async function verify(fragment) {
  const bytes = signedBytes(fragment);
  const body = bytes.slice(0, -SIGNATURE), signature = bytes.slice(-SIGNATURE);
  const message = new Uint8Array([...CONTEXT, ...body]);
  const named = keys.filter((key) => key.hint === hex(body.slice(1, 5)));
  if (named.length === 0) throw new Unsure("签发密钥不在名单里。请更新核验页后再试。");
  for (const key of named) {
    if (await fits(bytesOfHex(key.key), signature, message)) return { facts: read(body, key), hint: key.hint };
  }
  throw new Unsure("内容被改动过，或不是考试机构签发的。请联系考试机构。");
}

async function newerRevision(facts) {
  const text = new TextEncoder().encode(facts.exam + "\n" + facts.ticket);
  const name = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", text))).slice(0, 16);
  return corrected[name] > facts.revision ? corrected[name] : 0;
}

const element = (id) => document.getElementById(id);
const points = (text) => (/^[0-9.]+$/.test(text) ? text + " 分" : text);

function show(outcome) {
  for (const id of ["genuine", "replaced", "unsure", "waiting"]) element(id).hidden = id !== outcome;
  element("facts").hidden = element("compare").hidden = outcome === "unsure" || outcome === "waiting";
  element("paste").hidden = outcome !== "waiting";
  element("again").hidden = outcome === "waiting";
  page.dataset.outcome = outcome;
}

function fill(facts, hint) {
  const shown = {
    name: facts.name, last4: facts.last4, ticket: facts.ticket, trade: facts.trade, know: points(facts.know),
    do: points(facts.do), result: (facts.isPassed ? "✓ " : "") + facts.result, exam: facts.exam,
    issued: `${facts.issued} · 第 ${facts.revision} 版`,
  };
  for (const name of Object.keys(shown)) element("fact-" + name).textContent = shown[name];
  element("fact-result").className = facts.isPassed ? "good" : "";
  const now = new Date();
  const minutes = String(now.getMinutes()).padStart(2, "0");
  const day = `${now.getFullYear()} 年 ${now.getMonth() + 1} 月 ${now.getDate()} 日`;
  element("key-line").textContent = `签发密钥 ${hint} · 核验时间 ${day} ${now.getHours()}:${minutes}`;
}

async function run() {
  const fragment = location.hash.slice(1);
  if (!fragment) return show("waiting");
  if (!globalThis.crypto || !crypto.subtle) {
    element("reason").textContent = "这个浏览器不能核验，请换新版浏览器，用 https 地址打开。";
    return show("unsure");
  }
  try {
    const { facts, hint } = await verify(fragment);
    fill(facts, hint);
    const newer = await newerRevision(facts);
    element("newer").textContent = newer;
    show(newer ? "replaced" : "genuine");
  } catch (refused) {
    const told = refused instanceof Unsure ? refused.message : "这不是本系统的成绩单二维码，或没有扫全。";
    element("key-line").textContent = "";
    element("reason").textContent = told;
    show("unsure");
  }
}

element("paste").addEventListener("submit", (event) => {
  event.preventDefault();
  const typed = element("text").value.trim();
  location.hash = typed.slice(typed.indexOf("#") + 1);
});
element("again").addEventListener("click", () => {
  element("text").value = "";
  location.hash = "";
});
window.addEventListener("hashchange", run);
run();
