package main

// What happens at a log time.
var timeMutants = []mutant{
	{
		name: "time-timer-a-nanosecond-late", broken: "what falls due at an instant happens after it",
		file:  "exchange/timer/timer.go",
		old:   "t.At > now {",
		new:   "t.At >= now {",
		tests: tests{"exchange/timer", "^TestTimersComeInOrder$"},
	},
	{
		name: "time-expiry-a-nanosecond-late", broken: "an order is accepted at the instant at which it expires",
		file:  "exchange/shard/place.go",
		old:   "case a.expireAt != 0 && a.expireAt <= s.now:",
		new:   "case a.expireAt != 0 && a.expireAt < s.now:",
		tests: scenarios,
	},
	{
		name: "time-dead-man-never-fires", broken: "the dead-man's switch fires and cancels nothing",
		file: "exchange/shard/timers.go",
		old: `			s.cancelAccount(id, acct, exchange.CancelDeadMan)
		case`,
		new:   "		case",
		tests: scenarios,
	},
	{
		name: "time-market-stays-open", broken: "a market takes orders at the instant at which it closes",
		file:  "exchange/shard/place.go",
		old:   "if m.CloseAt != 0 && m.CloseAt <= s.now && m.Trading() {",
		new:   "if m.CloseAt != 0 && m.CloseAt < s.now && m.Trading() {",
		tests: tests{"exchange/shard", "^(TestScenarios|TestManyTimers)$"},
	},
	{
		name: "time-no-dispute-window", broken: "payouts do not wait for the dispute window",
		file:  "exchange/shard/resolve.go",
		old:   "payAfter := s.now + exchange.Time(m.DisputeWindow)",
		new:   "payAfter := s.now + 0*exchange.Time(m.DisputeWindow)",
		tests: scenarios,
	},
	{
		name: "time-goes-back", broken: "the state machine lets log time go back",
		file:  "exchange/shard/apply.go",
		old:   "s.now = max(s.now, now)",
		new:   "s.now = now",
		tests: tests{"exchange/shard", "^TestLogTimeNeverGoesBack$"},
	},
}
