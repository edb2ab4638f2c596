package main

// Order groups on several shards.
var copyMutants = []mutant{
	{
		name: "copy-forgets-cancel", broken: "a copy that slept through a trigger and the reset behind it lets its orders trade on",
		file:  "exchange/shard/copy.go",
		old:   "missed := t.Cancelled > g.version || t.Triggered",
		new:   "missed := t.Triggered",
		tests: tests{"exchange/shard", "^TestScenarios$"},
	},
	{
		name: "copy-takes-old-news", broken: "an old version of a group takes effect after a newer one",
		file:  "exchange/shard/copy.go",
		old:   "case !g.copied || t.Version <= g.version ||",
		new:   "case !g.copied || t.Version == g.version ||",
		tests: tests{"exchange/shard", "^TestScenarios$"},
	},
	{
		name: "copy-keeps-fills", broken: "what was filled on another shard before a reset counts after it",
		file:  "exchange/shard/copy.go",
		old:   "g.fills, g.filled = [eighths]uint64{}, 0",
		new:   "g.fills, g.filled = [eighths]uint64{}, g.filled",
		tests: tests{"exchange/shard", "^TestMovesBetweenShards$"},
	},
	{
		name: "count-twice", broken: "what was filled on another shard counts each time it is told",
		file:  "exchange/shard/copy.go",
		old:   "more := c.Filled - from.filled",
		new:   "more := c.Filled",
		tests: tests{"exchange/shard", "^TestGroupsOfEarlierRulesAreReadAgain$"},
	},
	{
		name: "count-of-old-version", broken: "what was filled on another shard before a trigger counts after the reset",
		file:  "exchange/shard/copy.go",
		old:   "if c.Version == g.version {\n\t\ts.count(c, g)",
		new:   "if c.Version <= g.version {\n\t\ts.count(c, g)",
		tests: tests{"exchange/shard", "^TestScenarios$"},
	},
	{
		name: "order-comes-late", broken: "an order that was under way when its group was cancelled trades where it arrives",
		file:  "exchange/shard/copy.go",
		old:   "if g.triggered || g.cancelled > o.GroupVersion {",
		new:   "if g.triggered {",
		tests: tests{"exchange/shard", "^TestAGroupIsCancelledWhileItsOrdersAreUnderWay$"},
	},
	{
		name: "order-that-came-is-spared", broken: "a trigger between an order's arrival and the last part does not reach it",
		file:  "exchange/shard/copy.go",
		old:   "		return came != g.arriving()\n",
		new:   "		return came == tooLate\n",
		tests: tests{"exchange/shard", "^TestAGroupIsCancelledWhileItsOrdersAreUnderWay$"},
	},
	{
		name: "courier-group-untold", broken: "home does not hear that a copy has triggered itself",
		file:  "courier/group.go",
		old:   " || at.State == projection.GroupTriggered && home.State == projection.GroupActive:",
		new:   ":",
		tests: tests{"courier", "^TestGroup$"},
	},
	{
		name: "merge-trigger-at-home-only", broken: "a trigger by hand is answered before other shards have heard of it",
		file:  "gateway/merge/groups.go",
		old:   "		if _, known := s.View.Group(c.Group); !known {",
		new:   "		if _, known := s.View.Group(c.Group); known {",
		tests: tests{"gateway/merge", "^TestATriggerByHandHoldsEverywhereAtOnce$"},
	},
	{
		name: "view-loses-change", broken: "a group that was filled is not found by who looks for changes",
		file:  "exchange/projection/groupcopies.go",
		old:   "		g.Filled += uint64(quantity)\n		v.groupMoved(uint32(id), g)\n",
		new:   "		g.Filled += uint64(quantity)\n",
		tests: tests{"gateway/merge", "^TestAGroupHasOneLimitOnAllShards$"},
	},
}
