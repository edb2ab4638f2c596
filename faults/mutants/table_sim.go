package main

// What the simulation found, or was seen to find.
var simMutants = []mutant{
	{
		name: "sim-votes-asked-early", broken: "a candidate asks for votes before its own is durable, and may be elected twice in one term",
		file:  "replica/loop.go",
		old:   "held := other.GetType() == raftpb.MsgVote",
		new:   "held := other.GetType() == raftpb.MsgVote && false",
		tests: tests{"replica", "^TestCandidateVotesFirst$"},
	},
	{
		name: "sim-restart-without-snapshot", broken: "after a crash the log is believed to be committed up to a snapshot that is not there",
		file:  "replica/replay.go",
		old:   "if rec.kind == recordRestart && !r.restarted(payload) {",
		new:   "if rec.kind == recordRestart && !r.restarted(payload) && false {",
		tests: tests{"replica", "^TestRestartWithoutItsSnapshot$"},
	},
	{
		name: "sim-questions-counted-from-one", broken: "an answer to a replica's earlier life answers a fresh read of this one",
		file:  "replica/recover.go",
		old:   "l.reads.number = newQuestion()",
		new:   "l.reads.number = 0 * newQuestion()",
		tests: tests{"replica", "^TestQuestionsOfTwoLives$"},
	},
	{
		name: "sim-sync-skipped", broken: "promises are given without a sync",
		file:  "replica/persist.go",
		old:   "	if needsSync {\n",
		new:   "	if needsSync && p.r.config.FS == nil {\n",
		tests: tests{"sim", "^TestSeeds$"},
	},
	{
		name: "sim-displaced-entries-replayed", broken: "a start executes entries that another leader's have displaced",
		file:  "replica/replay.go",
		old:   "for len(rest) > 0 && rest[len(rest)-1].index >= e.index {",
		new:   "for len(rest) > 1<<40 && rest[len(rest)-1].index >= e.index {",
		tests: tests{"sim", "^TestSeeds$"},
	},
	{
		name: "sim-log-needed-too-late", broken: "a snapshot says that less of the log is needed than is",
		file:  "replica/persist.go",
		old:   "p.list[i].index > index+1 })",
		new:   "p.list[i].index > index+40 })",
		tests: tests{"sim", "^TestSeeds$"},
	},
	{
		name: "sim-released-before-credited", broken: "a transfer leaves the outbox before the other shard has it",
		file:  "courier/courier.go",
		old:   "t.Number <= r.received &&",
		new:   "t.Number <= r.received+1 &&",
		tests: tests{"sim", "^TestSeeds$"},
	},
}
