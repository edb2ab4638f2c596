package main

// How markets are spread over shards, and what an operator is told of it.
var shardMutants = []mutant{
	{
		name: "shard-points-too-early", broken: "a shard is given markets before it takes commands",
		file:  "node/shards.go",
		old:   "if err := s.awaitReady(ctx, id); err != nil {",
		new:   "if id == 0 {",
		tests: tests{"node", "^TestAddShardGoesOn$"},
	},
	{
		name: "shard-counted-twice", broken: "a market that has arrived is still counted where it came from",
		file:  "node/census.go",
		old:   "return there.Move < moving.Move || there.Stage == projection.StageArriving",
		new:   "return there.Move < moving.Move || there.Move == moving.Move",
		tests: tests{"node", "^TestMarketsAreCounted$"},
	},
	{
		name: "shard-change-lost", broken: "a change of the placement that somebody else was faster than is forgotten",
		file:  "node/shards.go",
		old:   "err != nil && !errors.Is(err, errOtherPlacement) {",
		new:   "err != nil {",
		tests: tests{"node", "^TestChangesAtTheSameTime$"},
	},
	{
		name: "shard-founders-lost", broken: "a shard whose founders were lost before they founded it is founded by nobody",
		file:  "node/seize.go",
		old:   "if len(plan) == 0 || plan[0].Shard",
		new:   "if len(plan) >= 0 || plan[0].Shard",
		tests: tests{"node", "^TestShardsThatWereNotFoundedYet$"},
	},
	{
		name: "shard-lost-begun-empty", broken: "a shard that had markets begins with nothing in it",
		file:  "node/host.go",
		old:   "n.member != nil && s.Points == 0 && put(",
		new:   "n.member != nil && put(",
		tests: tests{"node", "^TestShardsThatWereNotFoundedYet$"},
	},
	{
		name: "shard-lost-used-again", broken: "a shard to which cash was sent before it was lost is the next one to be added",
		file:  "node/shards.go",
		old:   "h.replica.View().Sent(id) > 0 {",
		new:   "h.replica.View().Sent(id) > 1<<40 {",
		tests: tests{"node", "^TestShardsThatWereNotFoundedYet$"},
	},
	{
		name: "shard-founding-is-healthy", broken: "a shard that is only being founded is told to be healthy",
		file:  "gateway/shards.go",
		old:   "return api.HealthNoLeader // it is only being founded",
		new:   "return api.HealthHealthy",
		tests: tests{"gateway", "^TestShardsAreSummedUp"},
	},
}
