package main

// What is watched and told: the manipulation watch, metrics, health.
var watchMutants = []mutant{
	{
		name: "watch-poisoned-mean", broken: "a minute far out moves what is usual by all of it",
		file:  "watch/volume.go",
		old:   "off = max(min(off, most), -most)",
		new:   "off = max(min(off, most<<20), -most)",
		tests: tests{"watch", "^TestASurgeDoesNotHideTheNext$"},
	},
	{
		name: "watch-no-slow-average", broken: "a volume that is raised gently is never noticed",
		file:  "watch/volume.go",
		old:   "if v.minutes >= warmSlow {",
		new:   "if v.minutes >= warmSlow && false {",
		tests: tests{"watch", "^TestSlowPoisoningIsFound$"},
	},
	{
		name: "watch-makers-accused", broken: "what a maker shows on the other side does not speak for it",
		file:  "watch/dealing.go",
		old:   "layerFactor*(uint64(d.traded[side])+uint64(d.resting[side]))",
		new:   "layerFactor*uint64(d.traded[side])",
		tests: tests{"watch", "^TestLayering$"},
	},
	{
		name: "watch-any-cancel-layers", broken: "orders that the market's suspension cancels count as taken back",
		file:  "watch/watch.go",
		old:   "	if !own {\n		d.leave(o.side, contracts)\n		return\n	}\n",
		new:   "",
		tests: tests{"watch", "^TestLayering$"},
	},
	{
		name: "watch-regulars-accused", broken: "two who always trade the same way are taken for a wash",
		file:  "watch/wash.go",
		old:   "direction != x.last.direction &&",
		new:   "",
		tests: tests{"watch", "^TestWash$"},
	},
	{
		name: "watch-wrong-ring", broken: "a chain of trades that does not come back is taken for a ring",
		file:  "watch/watch.go",
		old:   "if first.from == buyer && t.at-first.at",
		new:   "if t.at-first.at",
		tests: tests{"watch", "^TestWash$"},
	},
	{
		name: "watch-forgets-the-busy", broken: "the table drops what was used last",
		file:  "watch/table.go",
		old:   "if t.tick-e.used > t.tick-set[oldest].used {",
		new:   "if t.tick-e.used < t.tick-set[oldest].used {",
		tests: tests{"watch", "^TestTableKeepsWhatIsUsed$"},
	},
	{
		name: "health-leaderless-well", broken: "orders are said to reach a leader while nobody leads",
		file:  "node/health.go",
		old:   "if err := h.reaches(s); err != nil {",
		new:   "if err := h.reaches(s); err != nil && false {",
		tests: tests{"node", "^TestHealthWithoutAMajority$"},
	},
	{
		name: "metrics-public", broken: "the public address tells how busy the exchange is",
		file:  "gateway/operations.go",
		old:   "if l == api.Admin || !p.admin || p.path == metricsPath && s.publicMetrics {",
		new:   "{",
		tests: tests{"node", "^TestMetricsAreNotPublic$"},
	},
	{
		name: "figures-not-yet-due", broken: "a result that may still be disputed counts as a settlement that is late",
		file:  "exchange/projection/figures.go",
		old:   "if due > now {",
		new:   "if due > now && false {",
		tests: tests{"exchange/projection", "^TestFigures$"},
	},
	{
		name: "traces-strangers-cost", broken: "a stranger's traceparent is looked at although it decides nothing",
		file:  "tracing/tracing.go",
		old:   "if !drawn && (theirs == nil || !t.trust) {",
		new:   "if !drawn && theirs == nil {",
		tests: tests{"tracing", "^TestNotFollowingAllocatesNothing$"},
	},
	{
		name: "watch-rounds-share-trades", broken: "a few trades of three accounts make up many rounds",
		file:  "watch/wash.go",
		old:   "if seqs[0] <= r.last {",
		new:   "if seqs[0] <= 0*r.last {",
		tests: tests{"watch", "^TestWash$"},
	},
}
