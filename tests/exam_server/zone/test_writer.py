"""The writer: one transaction for many answers, services whole between them, and no false "saved"."""

from collections.abc import Sequence

import gevent
import pytest
from factories import make_answer

from exam_protocol.ids import AttemptId, DeviceId
from exam_protocol.messages import AnswerSaved, write
from exam_server.services.answering import Arrival, Verdict
from exam_server.writer import MAX_GROUP, Writer


def make_arrival(seq: int) -> Arrival:
    answer = make_answer(seq)
    return Arrival(answer.attempt, answer.epoch, seq, answer.prev, DeviceId("d"), write(answer))


def saved(arrival: Arrival) -> AnswerSaved:
    return AnswerSaved(AttemptId(arrival.attempt), arrival.epoch, arrival.seq, "0" * 64)


def test_answers_that_wait_together_share_a_commit_of_at_most_200_and_each_gets_its_own_verdict() -> None:
    groups: list[int] = []

    def commit(group: Sequence[Arrival]) -> list[Verdict]:
        groups.append(len(group))
        return [saved(arrival) for arrival in group]

    writer = Writer(commit)
    waiting = [gevent.spawn(writer.save, make_arrival(seq)) for seq in range(1, 502)]
    gevent.joinall(waiting, timeout=30, raise_error=True)
    assert [greenlet.value.seq for greenlet in waiting] == list(range(1, 502))
    assert groups == [MAX_GROUP, MAX_GROUP, 101]
    writer.close()


def test_when_a_commit_fails_nobody_of_the_group_hears_saved_and_the_next_group_goes_on() -> None:
    disk_is_full = [True, False]

    def commit(group: Sequence[Arrival]) -> list[Verdict]:
        if disk_is_full.pop(0):
            raise OSError("no space left")
        return [saved(arrival) for arrival in group]

    writer = Writer(commit)
    lost = [gevent.spawn(_outcome, writer, seq) for seq in (1, 2)]
    gevent.joinall(lost, timeout=10)
    assert [greenlet.value for greenlet in lost] == ["no space left"] * 2
    assert _outcome(writer, 3) == 3
    writer.close()


def _outcome(writer: Writer, seq: int) -> object:
    try:
        verdict = writer.save(make_arrival(seq))
    except OSError as failed:
        return str(failed)
    assert isinstance(verdict, AnswerSaved)
    return verdict.seq


def test_a_service_runs_alone_and_what_it_raises_comes_back() -> None:
    writer = Writer(lambda group: [saved(arrival) for arrival in group])

    def refuse() -> None:
        raise ValueError("not allowed")

    assert writer.run(lambda: 7) == 7
    with pytest.raises(ValueError, match="not allowed"):
        writer.run(refuse)
    writer.close()


def test_closing_finishes_what_is_queued() -> None:
    kept: list[int] = []

    def commit(group: Sequence[Arrival]) -> list[Verdict]:
        kept.extend(arrival.seq for arrival in group)
        return [saved(arrival) for arrival in group]

    writer = Writer(commit)
    waiting = gevent.spawn(writer.save, make_arrival(1))
    gevent.sleep(0)
    writer.close()
    waiting.join(timeout=10)
    assert kept == [1]
