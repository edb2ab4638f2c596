package main

// The loop around the log and the state machine.
var replicaMutants = []mutant{
	{
		name: "replica-sync-skipped", broken: "commands are answered without any sync",
		file:  "replica/persist.go",
		old:   "position, err := p.r.wal.Sync()",
		new:   "position, err := p.r.wal.End(), error(nil)",
		tests: tests{"replica", "^TestPowerCuts$"},
	},
	{
		name: "replica-answers-early", broken: "commands are answered before the sync instead of after it",
		file: "replica/persist.go",
		old: `	if needsSync {
		position, err := p.sync()`,
		new: `	if err := p.report(gathered); err != nil {
		return err
	}
	for _, m := range gathered {
		m.Term, m.Entries, m.Responses = nil, nil, nil
	}
	if needsSync {
		position, err := p.sync()`,
		tests: tests{"replica", "^TestNothingIsAnsweredBeforeItIsDurable$"},
	},
	{
		name: "replica-entry-replayed-twice", broken: "recovery applies an entry twice",
		file: "replica/replay.go",
		old: `if err := r.applier.execute(e.term, e.data); err != nil {
		return fmt.Errorf("replaying`,
		new: `_ = r.applier.execute(e.term, e.data)
	if err := r.applier.execute(e.term, e.data); err != nil {
		return fmt.Errorf("replaying`,
		tests: tests{"replica", "^(TestGolden|TestReplicaAnswersAndRemembers$)"},
	},
	{
		name: "replica-entry-applied-twice", broken: "a running replica applies an entry twice",
		file: "replica/apply.go",
		old:  "if err := a.execute(e.GetTerm(), e.GetData()); err != nil {",
		new: `_ = a.execute(e.GetTerm(), e.GetData())
	if err := a.execute(e.GetTerm(), e.GetData()); err != nil {`,
		tests: tests{"replica", "^TestReplicaAnswersAndRemembers$"},
	},
	{
		name: "replica-last-entries-forgotten", broken: "recovery forgets entries that nothing says are committed",
		file: "replica/recover.go",
		old: `for _, e := range rest {
		if err := r.storage.Append(`,
		new: `for _, e := range rest[:0] {
		if err := r.storage.Append(`,
		tests: tests{"replica", "^TestLastAnswerSurvivesAPowerCut$"},
	},
	{
		name: "replica-replay-skips-an-entry", broken: "recovery passes over the first entry behind a snapshot",
		file:  "replica/replay.go",
		old:   "	case len(e.data) == 0:",
		new:   "	case len(e.data) == 0 || r.recovery.Snapshot+1 == e.index:",
		tests: tests{"replica", "^TestPowerCuts$"},
	},
	{
		name: "replica-snapshot-before-journal", broken: "a snapshot is written before the journal is synced",
		file: "replica/snapshot.go",
		old: `	if err := r.journal.Sync(); err != nil {
		return err
	}
`,
		new:   "",
		tests: tests{"replica", "^TestPowerCuts$"},
	},
	{
		name: "replica-snapshot-not-synced", broken: "a snapshot gets its name before it is durable",
		file:  "replica/snapshot.go",
		old:   "return hash, file.Sync()",
		new:   "return hash, nil",
		tests: tests{"replica", "^TestPowerCuts$"},
	},
	{
		name: "replica-snapshot-without-keys", broken: "idempotency keys in a snapshot are not found after a restart",
		file:  "exchange/idempotency/fields.go",
		old:   "e.Key != (exchange.Key{}) {",
		new:   "e.Key != (exchange.Key{}) && false {",
		tests: tests{"replica", "^TestReplicaAnswersAndRemembers$"},
	},
	{
		name: "replica-damaged-snapshot-used", broken: "the checksum of a snapshot's part is not looked at",
		file: "replica/snapshotreader.go",
		old: `	if !sealed(b) {
		return r.corruptAt(at, "the checksum of a part`,
		new: `	if !sealed(b) && false {
		return r.corruptAt(at, "the checksum of a part`,
		tests: tests{"replica", "^TestFlippedBits$"},
	},
	{
		name: "replica-log-needed-dropped", broken: "a snapshot claims less of the log than it needs",
		file: "replica/persist.go",
		old: `return p.list[i].index > index+1 })
`,
		new: `return p.list[i].index > index+1 })
	i = min(i+1, len(p.list))
`,
		tests: tests{"replica", "^TestPowerCuts$"},
	},
	{
		name: "replica-log-time-goes-back", broken: "log time follows the clock back",
		file: "replica/loop.go",
		old: `l.lastTime = max(l.lastTime, now)
		wire.PutBatchHead`,
		new: `l.lastTime = now
		wire.PutBatchHead`,
		tests: tests{"replica", "^TestLogHoldsTimesThatAscend$"},
	},
	{
		name: "replica-answers-swapped", broken: "all who share a log entry get the first one's answer",
		file:  "replica/proposal.go",
		old:   "replies = replies[n:]",
		new:   "_ = replies[n:]",
		tests: tests{"replica", "^TestNothingIsAnsweredBeforeItIsDurable$"},
	},
	{
		name: "replica-asked-too-soon", broken: "who finds the leader silent a little sooner is not answered",
		file:  "replica/election.go",
		old:   "l.election.asked != nil && l.election.silent >",
		new:   "l.election.asked != nil && l.ticks < 0 && l.election.silent >",
		tests: tests{"replica", "^TestWhoFindsTheLeaderSilentSoonerIsAnswered$"},
	},
	{
		name: "replica-split-vote", broken: "a split vote is waited out",
		file:  "replica/election.go",
		old:   "state == raft.StateCandidate && l.hopeless():",
		new:   "state == raft.StateCandidate && !l.hopeless():",
		tests: tests{"replica", "^TestSplitVoteIsNotWaitedOut$"},
	},
	{
		name: "replica-refusal-taken-for-all", broken: "a candidate that may still win stands again",
		file:  "replica/election.go",
		old:   "return left <= voters/2",
		new:   "return left <= voters",
		tests: tests{"replica", "^TestWhoMayStillWinWaits$"},
	},
}
