package main

// Which shard a market is on.
var placementMutants = []mutant{
	{
		name: "placement-exception-ignored", broken: "a market that was put somewhere is sought where the circle says",
		file:  "placement/map.go",
		old:   "if i, found := m.exception(market); found {",
		new:   "if i, found := m.exception(market); found && false {",
		tests: tests{"placement", "^TestChanges$"},
	},
	{
		name: "placement-drain-leaves-exceptions", broken: "a drained shard keeps the markets that were put there",
		file:  "placement/map.go",
		old:   "n.exceptions = slices.DeleteFunc(n.exceptions, func(e Exception) bool { return e.Shard == id })",
		new:   "",
		tests: tests{"placement", "^TestChanges$"},
	},
	{
		name: "placement-leaders-never-rest", broken: "a node hands a leader over that comes back at once",
		file:  "placement/plan.go",
		old:   "led[self] < led[least]+2 {",
		new:   "led[self] < led[least]+1 {",
		tests: tests{"placement", "^TestLeadersAreBalanced$"},
	},
	{
		name: "placement-shifted", broken: "markets are placed one point further on the circle",
		file:  "placement/map.go",
		old:   "return m.circle[i%len(m.circle)].shard",
		new:   "return m.circle[(i+1)%len(m.circle)].shard",
		tests: tests{"placement", "^TestGolden$"},
	},
}
