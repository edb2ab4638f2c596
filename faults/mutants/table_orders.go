package main

// What orders may and may not do.
var orderMutants = []mutant{
	{
		name: "order-post-only-crosses", broken: "a post-only order trades",
		file:  "exchange/shard/place.go",
		old:   "if a.flags&exchange.PostOnly != 0 && a.bk.WouldTrade(a.side, a.limit) {",
		new:   "if a.flags&exchange.PostOnly != 0 && a.bk.WouldTrade(a.side, a.limit) && false {",
		tests: scenarios,
	},
	{
		name: "order-fill-or-kill-fills-in-part", broken: "a fill-or-kill order takes what there is",
		file:  "exchange/shard/place.go",
		old:   "if a.tif == exchange.FillOrKill && !s.fillable(a) {",
		new:   "if a.tif == exchange.FillOrKill && !s.fillable(a) && false {",
		tests: scenarios,
	},
	{
		name: "order-reduce-only-opens", broken: "a reduce-only order opens a position with what is left",
		file: "exchange/shard/place.go",
		old: `		a.dropped = a.quantity - a.closing
		a.quantity = a.closing
`,
		new:   "",
		tests: scenarios,
	},
	{
		name: "order-immediate-rests", broken: "the rest of an immediate order rests",
		file:  "exchange/shard/arrival.go",
		old:   "return a.tif <= exchange.GoodTillTime",
		new:   "return a.tif <= exchange.ImmediateOrCancel",
		tests: scenarios,
	},
	{
		name: "order-trades-with-itself", broken: "self-trade prevention is off",
		file:  "exchange/shard/match.go",
		old:   "if pos.Account == a.account && a.mode != exchange.AllowSelfTrade {",
		new:   "if pos.Account == a.account && a.mode != exchange.AllowSelfTrade && false {",
		tests: scenarios,
	},
	{
		name: "order-position-limit-off-by-one", broken: "one contract more than the position limit is let in",
		file:  "exchange/shard/place.go",
		old:   "if opens > 0 && uint64(a.opening)+uint64(opens) > uint64(a.m.PositionLimit) {",
		new:   "if opens > 0 && uint64(a.opening)+uint64(opens) > uint64(a.m.PositionLimit)+1 {",
		tests: scenarios,
	},
	{
		name: "order-group-limit-off-by-one", broken: "an order group lets one contract too many be filled",
		file:  "exchange/shard/group.go",
		old:   "if g.sum() <= uint64(g.limit) {",
		new:   "if g.sum() <= uint64(g.limit)+1 {",
		tests: scenarios,
	},
	{
		name: "order-mass-cancel-misses-the-last", broken: "a mass cancel leaves the newest order",
		file:  "exchange/shard/doom.go",
		old:   "return exchange.NewOrderID(s.number+1, 0)",
		new:   "return exchange.NewOrderID(s.number, 0)",
		tests: scenarios,
	},
	{
		name: "order-doomed-trades", broken: "an order trades after it was mass-cancelled, until its removal",
		file: "exchange/shard/match.go",
		old: `	if s.doomed(&x) {
			s.removeDoomed(&x)
			continue
`,
		new: `	if s.doomed(&x) && false {
			s.removeDoomed(&x)
			continue
`,
		tests: scenarios,
	},
	{
		name: "order-amended-keeps-its-place", broken: "an order keeps its place when it grows",
		file:  "exchange/shard/amend.go",
		old:   "a.limit == x.o.Price && x.o.Filled < a.total && a.total <= total {",
		new:   "a.limit == x.o.Price && x.o.Filled < a.total {",
		tests: scenarios,
	},
	{
		name: "order-of-another-cancelled", broken: "anybody may cancel anybody's order",
		file:  "exchange/shard/cancel.go",
		old:   "if x = s.open(slot); x.pos.Account != c.Account {",
		new:   "if x = s.open(slot); x.pos.Account != c.Account && false {",
		tests: scenarios,
	},
}
