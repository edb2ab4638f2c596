package main

// Markets on their way between shards.
var moveMutants = []mutant{
	{
		name: "move-released-before-it-came", broken: "the source drops a market of which the destination has a part",
		file:  "courier/market.go",
		old:   "destination.Move == move && destination.Stage == projection.StageHere:",
		new:   "destination.Move == move && destination.Stage != projection.StageGone:",
		tests: tests{"courier", "^TestMarketsArriveWhole$"},
	},
	{
		name: "move-thawed-unabandoned", broken: "a market goes on at the source, and the destination may still take it",
		file: "courier/market.go",
		old: `	case m.givenUp == move:
		return Abandon`,
		new: `	case m.givenUp == move:
		return Thaw`,
		tests: tests{"courier", "^TestMarketsArriveWhole$"},
	},
	{
		name: "move-never-given-up", broken: "a market that its destination does not take stands still for ever",
		file:  "courier/market.go",
		old:   "m.givenUp, m.delays = c.Move, 0",
		new:   "m.givenUp, m.delays = 0, 0",
		tests: tests{"courier", "^TestWhatEndsAMove$"},
	},
	{
		name: "idle-cash-taken-from-traders", broken: "cash goes home while its account has orders there",
		file:  "courier/idle.go",
		old:   "if a.Cash <= 0 || a.OpenOrders > 0 {",
		new:   "if a.Cash <= 0 {",
		tests: tests{"courier", "^TestIdleCashGoesHome$"},
	},
}
