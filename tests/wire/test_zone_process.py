"""A real zone process over real sockets: an exam day in small, with kills and over TLS."""

import threading
import time
import urllib.error
from pathlib import Path

import pytest
import socketio
from wire_zone import WireKiosk, ZoneProcess, run_zone
from zone_rig import SERVER

from exam_protocol.canonical_json import decode
from exam_protocol.documents import AnswerManifest, ZoneAnswers
from exam_protocol.envelope import decrypt, unseal
from exam_protocol.errors import KaopingError
from exam_protocol.event_chain import check_chain
from exam_protocol.exchange import answers_context
from exam_protocol.messages import (
    AnswerSaved,
    HandedIn,
    Heartbeat,
    HeartbeatSeen,
    Hello,
    NotYet,
    PaperReleased,
    Refused,
    SeatShown,
    event_name,
    read,
    write,
)
from exam_protocol.package import contents_of, manifest_of
from exam_protocol.sitting_state import SittingState
from exam_server.demo.tls import make_loopback_certificate


def opened_answers(site: ZoneProcess, package: bytes) -> ZoneAnswers:
    manifest = site.trust.verify(manifest_of(package), AnswerManifest, scope=SERVER, now=site.now)
    (part,) = contents_of(package, [manifest.part])
    context = answers_context(manifest.exam, manifest.session, manifest.server)
    content_key = unseal(manifest.content_keys[0], site.keys.centre_encryption.opening_key, context)
    return decode(decrypt(part, content_key, context), ZoneAnswers, max_bytes=10_000_000)


def test_from_enrolment_to_receipt_and_answer_package(site: ZoneProcess, seats: list[WireKiosk]) -> None:
    first, second, _ = seats
    shown = first.ask(Hello(first.device, "wire/1"))
    assert isinstance(shown, SeatShown)
    first.come_in(), second.come_in()
    assert isinstance(first.ready(), NotYet)
    site.release()
    released = read(first.wait_push("paper_released"), PaperReleased)
    assert first.open(released) == site.paper
    for item in ("i1", "i2"):
        answer = first.next_answer(item)
        first.append(answer)
        saved = first.ask(answer)
        assert first.chain is not None
        assert saved == AnswerSaved(answer.attempt, answer.epoch, answer.seq, first.chain.head)
    closing = first.next_hand_in()
    receipt = first.ask(closing)
    assert isinstance(receipt, HandedIn)
    assert site.status()["states"] == {"answering": 1, "expected": 4, "handed_in": 1}
    second_closing = second.next_hand_in()
    assert isinstance(second.ask(second_closing), HandedIn)
    first.append(closing)
    with pytest.raises(KaopingError, match="4 名考生没有结束"):
        run_zone("close", *site.at)
    assert site.stop() == 0


def test_sigkill_loses_no_acknowledged_answer_and_after_a_restart_kiosks_go_on(
    site: ZoneProcess, seats: list[WireKiosk]
) -> None:
    for kiosk in seats:
        kiosk.come_in()
    site.release()
    for kiosk in seats:
        kiosk.wait_push("paper_released")
    acked = {kiosk.seat: 0 for kiosk in seats}

    def answer_until_cut(kiosk: WireKiosk) -> None:
        try:
            while True:
                entry = kiosk.next_answer(f"i{kiosk.chain.seq % 7 + 1}" if kiosk.chain else "i1")
                saved = kiosk.ask(entry)
                assert isinstance(saved, AnswerSaved)
                kiosk.append(entry)
                acked[kiosk.seat] = saved.seq
        except (socketio.exceptions.SocketIOError, ConnectionError):
            return

    threads = [threading.Thread(target=answer_until_cut, args=(kiosk,)) for kiosk in seats]
    for thread in threads:
        thread.start()
    while min(acked.values()) < 20:
        time.sleep(0.01)
    site.kill()
    for thread in threads:
        thread.join()
    site.serve()
    kept = site.status()["events"]
    assert sum(acked.values()) <= kept <= sum(acked.values()) + len(seats)
    for kiosk in seats:
        kiosk.connect()
        shown = kiosk.ask(Hello(kiosk.device, "wire/1"))
        assert (shown.state, shown.attempt) == (SittingState.ANSWERING, kiosk.signed_in and kiosk.signed_in.attempt)
        released = kiosk.ready()
        assert isinstance(released, PaperReleased)
        assert kiosk.open(released) == site.paper
        entry = kiosk.next_answer("i7")
        again = kiosk.ask(entry)
        # Either the answer in flight was committed and ours is another one at its place, or ours is the next.
        assert isinstance(again, AnswerSaved) or again.code == "forked"


def test_nobody_is_absent_and_nothing_closes_while_late_candidates_may_come(site: ZoneProcess) -> None:
    with pytest.raises(KaopingError, match="5 座未到"):
        run_zone("close", *site.at, *site.secret)
    with pytest.raises(KaopingError, match="允许迟到"):
        run_zone("close", *site.at, *site.secret, "--absent", "未到")


def close_when_nobody_may_come_any_more(site: ZoneProcess) -> None:
    while True:
        try:
            run_zone("close", *site.at, "--absent", "未到", "--by", "李主考")
        except KaopingError as refused:
            assert "允许迟到" in str(refused)  # noqa: PT017 - tried again until the late limit has passed
            time.sleep(0.1)
        else:
            return


def test_absentees_are_confirmed_and_the_package_is_written_to_a_stick(tmp_path: Path) -> None:
    site = ZoneProcess(tmp_path, late_limit_s=6)
    site.serve()
    kiosk = WireKiosk(site, 1).connect()
    try:
        kiosk.come_in()
        site.release()
        kiosk.wait_push("paper_released")
        for item in ("i1", "i2", "i3"):
            entry = kiosk.next_answer(item)
            kiosk.append(entry)
            kiosk.ask(entry)
        closing = kiosk.next_hand_in()
        kiosk.append(closing)
        kiosk.ask(closing)
        close_when_nobody_may_come_any_more(site)
        run_zone("hand-over", *site.at, "--out", tmp_path / "usb.package")
    finally:
        kiosk.close()
        site.kill()
    answers = opened_answers(site, (tmp_path / "usb.package").read_bytes())
    record = answers.sittings[0]
    assert record.attempt is not None
    assert record.paper is not None
    end, _ = check_chain((event.encode() for event in record.events), record.attempt, record.paper)
    assert end == kiosk.chain
    assert [sitting.state for sitting in answers.sittings[1:]] == [SittingState.ABSENT] * 5


def test_over_tls_only_the_pinned_certificate_is_accepted(site: ZoneProcess, tmp_path: Path) -> None:
    site.tls = make_loopback_certificate(tmp_path, site.now)
    site.serve()
    assert site.url.startswith("https://")
    kiosk = WireKiosk(site, 1).connect().come_in()
    site.release()
    released = read(kiosk.wait_push("paper_released"), PaperReleased)
    assert kiosk.open(released) == site.paper
    assert isinstance(kiosk.ask(kiosk.next_answer("i1")), AnswerSaved)
    kiosk.close()


def test_a_wrong_token_is_not_let_in(site: ZoneProcess) -> None:
    site.serve()
    kiosk = WireKiosk(site, 1)
    with pytest.raises(socketio.exceptions.ConnectionError):
        kiosk.connect("stolen")


def test_the_newest_connection_of_a_device_counts(site: ZoneProcess) -> None:
    site.serve()
    kiosk = WireKiosk(site, 1).connect()
    earlier = kiosk.client
    kiosk.connect()
    assert isinstance(kiosk.ask(Hello(kiosk.device, "wire/1")), SeatShown)
    until = time.monotonic() + 10
    while earlier.connected and time.monotonic() < until:
        time.sleep(0.01)
    assert not earlier.connected
    kiosk.close()


def test_a_malformed_message_gets_a_named_refusal(seats: list[WireKiosk]) -> None:
    malformed = ["{}", "not json", 5, {"a": 1}, '{"message":"hello","device":"wire-1"}', "x" * 70_000]
    codes = [read(seats[0].ask_text("hello", text), Refused).code for text in malformed]
    assert codes == ["malformed_message"] * 5 + ["too_large"]


def test_a_kiosk_cannot_speak_for_another_device(seats: list[WireKiosk]) -> None:
    first, second, _ = seats
    assert first.ask(Hello(second.device, "wire/1")).code == "other_device"


def test_a_heartbeat_is_told_the_time_the_end_and_the_state(site: ZoneProcess, seats: list[WireKiosk]) -> None:
    kiosk = seats[0].come_in()
    site.release()
    kiosk.wait_push("paper_released")
    assert kiosk.signed_in is not None
    beat = Heartbeat(kiosk.device, kiosk.signed_in.attempt, 0, 0, 0, 7, 0, 0)  # type: ignore[arg-type]  # a time
    seen = read(kiosk.ask_text(event_name("Heartbeat"), write(beat)), HeartbeatSeen)
    assert seen.state is SittingState.ANSWERING
    assert seen.ends_at == read(kiosk.wait_push("paper_released"), PaperReleased).ends_at


def test_counts_are_for_this_machine_and_pages_for_signed_in_staff(site: ZoneProcess) -> None:
    site.serve()
    assert b'"expected":6' in site.get("/status")
    assert "登录".encode() in site.get("/rooms/01")  # redirected to the door


def test_enrolment_with_a_wrong_code_is_refused_with_409(site: ZoneProcess) -> None:
    site.serve()
    site.codes = {"01": "wrong"}
    with pytest.raises(urllib.error.HTTPError, match="409"):
        WireKiosk(site, 1)
