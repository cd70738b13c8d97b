from trading_api.core.pace import Pace


def test_a_burst_may_come_at_once_and_then_so_many_a_second() -> None:
    pace = Pace(0, burst=10, per_second=2)
    assert [pace.spend(0) for _ in range(12)] == [True] * 10 + [False] * 2
    assert [pace.spend(1) for _ in range(3)] == [True, True, False]


def test_whoever_waits_has_the_whole_burst_again_and_no_more() -> None:
    pace = Pace(0, burst=3, per_second=1)
    for _ in range(3):
        pace.spend(0)
    assert [pace.spend(100) for _ in range(4)] == [True, True, True, False]


def test_one_who_keeps_asking_too_early_is_not_held_off_for_longer() -> None:
    pace = Pace(0, burst=1, per_second=1)
    assert [pace.spend(moment / 10) for moment in range(21)] == [moment % 10 == 0 for moment in range(21)]
