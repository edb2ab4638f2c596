package main

// Which shard a market is on.
var placementMutants = []mutant{
	{
		name: "placement-exception-ignored", broken: "a market that was put somewhere is sought where the circle says",
		file:  "placement/map.go",
		old:   "if i, found := m.exception(market); found {",
		new:   "if i, found := m.exception(market); found && false {",
		tests: tests{"placement", "^Test(Changes|Pending)"},
	},
	{
		name: "placement-pending-forgotten", broken: "a market counts as moved before it has moved",
		file:  "placement/plan.go",
		old:   "n.put(move.Market, move.From)",
		new:   "n.put(move.Market, move.To)",
		tests: tests{"placement", "^TestPending"},
	},
	{
		name: "placement-shifted", broken: "markets are placed one point further on the circle",
		file:  "placement/map.go",
		old:   "return m.circle[i%len(m.circle)].shard",
		new:   "return m.circle[(i+1)%len(m.circle)].shard",
		tests: tests{"placement", "^TestGolden$"},
	},
}
