package main

// A group of several replicas, and the links between nodes.
var groupMutants = []mutant{
	{
		name: "group-vote-not-persisted", broken: "a vote is given and not written down",
		file:  "replica/entry.go",
		old:   "buf = le.AppendUint64(buf, h.vote)",
		new:   "buf = le.AppendUint64(buf, 0*h.vote)",
		tests: tests{"replica", "^TestVoteIsNotForgotten$"},
	},
	{
		name: "group-vote-given-early", broken: "a vote is given before it is durable",
		file: "replica/persist.go",
		old: `		if m.Term != nil {
			p.hard = hardStateOf(m)
			if err := p.appendHardState()`,
		new: `		if m.Term != nil && len(m.GetEntries()) == 0 {
			p.r.inbox.put(m.GetResponses()...)
			m.Responses = nil
		}
		if m.Term != nil {
			p.hard = hardStateOf(m)
			if err := p.appendHardState()`,
		tests: tests{"replica", "^TestVoteIsNotForgotten$"},
	},
	{
		name: "group-stranger-votes", broken: "a replica that belongs to no group yet votes",
		file:  "replica/loop.go",
		old:   "		return !member\n",
		new:   "		return !member && false\n",
		tests: tests{"replica", "^TestStrangerDoesNotVote$"},
	},
	{
		name: "group-lost-leadership-acknowledged", broken: "what a deposed leader had proposed is answered as done",
		file: "replica/proposal.go",
		old: `		if err != nil {
			s.answer(nil, err)`,
		new: `		if err != nil {
			s.answer(make([]exchange.Reply, s.count), nil)`,
		tests: tests{"replica", "^TestDeposedLeader$"},
	},
	{
		name: "group-proposals-matched-by-index", broken: "another leader's entry is taken for the one proposed here",
		file:  "replica/proposal.go",
		old:   "if q.term != term {",
		new:   "if q.term != term && false {",
		tests: tests{"replica", "^TestDisplacedProposalIsLost$"},
	},
	{
		name: "group-read-without-quorum", broken: "a fresh read does not ask whether the leader still leads",
		file: "replica/reads.go",
		old:  "l.node.ReadIndex(le.AppendUint64(nil, l.reads.number))",
		new: `l.reads.confirmed(raft.ReadState{Index: l.node.BasicStatus().GetCommit(),
			RequestCtx: le.AppendUint64(nil, l.reads.number)})`,
		tests: tests{"replica", "^TestDeposedLeader$"},
	},
	{
		name: "group-read-answered-by-an-older-question", broken: "a fresh read gets the answer of one that was asked before",
		file:  "replica/reads.go",
		old:   "le.Uint64(s.RequestCtx) < r.first || le.Uint64",
		new:   "le.Uint64",
		tests: tests{"replica", "^TestAnswerOfAnOlderQuestion$"},
	},
	{
		name: "group-read-before-applied", broken: "a fresh read does not wait for what is committed to be applied",
		file:  "replica/reads.go",
		old:   "err = r.view.WaitSeq(ctx, seq)",
		new:   "_ = seq",
		tests: tests{"replica", "^TestFreshReadOfAFollower$"},
	},
	{
		name: "group-voter-that-has-nothing", broken: "a learner that has spoken and has nothing is made a voter of a group with a short log",
		file:  "replica/membership.go",
		old:   "p.Match > 0 && p.Match+caughtUp",
		new:   "p.Match+caughtUp",
		tests: tests{"replica", "^TestUnbearableChanges$"},
	},
	{
		name: "group-voter-that-lacks-the-log", broken: "a learner that has not caught up is made a voter",
		file:  "replica/membership.go",
		old:   "&& !l.near(id) {",
		new:   "&& !l.near(id) && false {",
		tests: tests{"replica", "^TestUnbearableChanges$"},
	},
	{
		name: "group-quorum-removed", broken: "members are removed until too few are left to decide",
		file:  "replica/membership.go",
		old:   "if active <= to.Voters()/2 {",
		new:   "if active <= to.Voters()/2 && false {",
		tests: tests{"replica", "^TestUnbearableChanges$"},
	},
	{
		name: "group-members-forgotten", broken: "a change of the members is not replayed",
		file:  "replica/replay.go",
		old:   "		r.setMembers(members, e.index)\n",
		new:   "		_ = members\n",
		tests: tests{"replica", "^TestMembersSurviveARestart$"},
	},
	{
		name: "group-journal-ahead-of-the-snapshot", broken: "a read model misses what the journal had when another's state was gone on with",
		file:  "replica/publish.go",
		old:   "	if out.Count == 0 {",
		new:   "	if out.Count == 0 || uint64(out.FirstSeq) <= p.journal.Last().Seq {",
		tests: tests{"replica", "^TestJournalIsAheadOfTheSnapshot$"},
	},
	{
		name: "group-replay-not-compared", broken: "what recovery executes again may be other events than those in the journal",
		file:  "replica/publish.go",
		old:   "		return p.journal.Compare(rec)",
		new:   "		return nil",
		tests: tests{"replica", "^TestReplayIsComparedWithTheJournal$"},
	},
	{
		name: "group-seized-with-a-copied-journal", broken: "a survivor begins anew with events that its log lacks",
		file:  "replica/seize.go",
		old:   "	if off, err = end.cutJournal(fsys, dir, head.seq, self.Generation()); err != nil {",
		new:   "	if err != nil {",
		tests: tests{"replica", "^TestSeizedInTheMiddleOfACopy$"},
	},
	{
		name: "group-seized-with-displaced-events", broken: "a survivor keeps events as far as its log reaches, committed or not",
		file:  "replica/seize.go",
		old:   "max(l.hard.commit, l.behind)",
		new:   "l.index",
		tests: tests{"replica", "^TestSeizedWithEntriesThatWereDisplaced$"},
	},
	{
		name: "group-straggler-without-events", broken: "who goes on from another's snapshot lacks the events before it",
		file:  "replica/fetch.go",
		old:   "	if err := f.journal(ctx, from, unproven, seq); err != nil {",
		new:   "	if err := f.journal(ctx, from, unproven, 0*seq); err != nil {",
		tests: tests{"replica", "^TestStragglerGetsASnapshot$"},
	},
	{
		name: "group-log-not-displaced", broken: "recovery keeps entries that another leader's have displaced",
		file: "replica/replay.go",
		old: `rest[len(rest)-1].index >= e.index { // another leader's entries took their place
				rest = rest[:len(rest)-1]`,
		new: `rest[len(rest)-1].index >= e.index && false {
				rest = rest[:len(rest)-1]`,
		tests: tests{"replica", "^TestDisplacedEntriesAreNotReplayed$"},
	},
	{
		name: "group-hashes-not-compared", broken: "what the others' states hash to is not looked at",
		file:  "replica/agreement.go",
		old:   "	if err := r.agreement.take(v); err != nil {",
		new:   "	if err := error(nil); err != nil {",
		tests: tests{"replica", "^TestReplicaThatDiffersStops$"},
	},
	{
		name: "group-hashes-never-taken", broken: "a replica never says what its journal hashes to",
		file:  "replica/agreement.go",
		old:   "if r.storage.alone || !r.agreement.due(index) {",
		new:   "if r.storage.alone || !r.agreement.due(index) || true {",
		tests: tests{"replica", "^TestReplicaThatDiffersStops$"},
	},
	{
		name: "group-one-proves-another-wrong", broken: "one replica that differs stops another, whoever is wrong",
		file:  "replica/agreement.go",
		old:   "if len(ids) > len(by[most]) {",
		new:   "if len(ids) >= len(by[own.Hash]) && hash != own.Hash {",
		tests: tests{"replica", "^TestAgreement$"},
	},
	{
		name: "link-any-certificate", broken: "a node is believed to be the one that was dialled",
		file:  "peer/credentials.go",
		old:   "if found != n {",
		new:   "if found != n && false {",
		tests: tests{"peer", "^TestWhoIsDialledIsRefusedWithoutTheRightCertificate$"},
	},
	{
		name: "link-any-authority", broken: "a certificate need not be by the nodes' authority",
		file:  "peer/credentials.go",
		old:   "if _, err := chain[0].Verify(options); err != nil {",
		new:   "if _, err := chain[0].Verify(options); err != nil && between == nil {",
		tests: tests{"peer", "^TestWhoIsDialledIsRefusedWithoutTheRightCertificate$"},
	},
	{
		name: "link-hello-not-compared", broken: "a node may say that it is another one",
		file:  "peer/hello.go",
		old:   "case h.from != from:",
		new:   "case h.from != from && false:",
		tests: tests{"peer", "^TestWrongHelloIsRefused$"},
	},
	{
		name: "link-sent-call-called-unsent", broken: "a call that may have been executed is said never to have been sent",
		file:  "peer/call.go",
		old:   "if w.at >= taken {",
		new:   "if w.at+1 >= taken || true {",
		tests: tests{"peer", "^TestLostCallsSayWhetherTheyWereSent$"},
	},
	{
		name: "link-error-loses-its-code", broken: "an error of another node comes without what tells it from others",
		file:  "peer/answer.go",
		old:   "reply.code = r.Code",
		new:   "reply.code = 0 * r.Code",
		tests: tests{"peer", "^TestErrorsOfTheHandlerComeBack$"},
	},
	{
		name: "link-cancels-behind-orders", broken: "cancels wait behind orders on the way to the leader",
		file:  "node/transport.go",
		old:   "if wire.OnlyCancels(commands, n) {",
		new:   "if wire.OnlyCancels(commands, n) && n < 0 {",
		tests: tests{"node", "^TestCancelsPassOrdersBetweenNodes$"},
	},
	{
		name: "link-urgent-calls-bounded", broken: "urgent calls are turned away where many run",
		file:  "peer/answer.go",
		old:   "if !a.urgent && (",
		new:   "if a == nil || (",
		tests: tests{"peer", "^TestUrgentCallsAreNotTurnedAway$"},
	},
	{
		name: "link-foreign-certificate-taken", broken: "a node goes on with the certificate of another one",
		file:  "peer/credentials.go",
		old:   "if err == nil && n != self {",
		new:   "if err == nil && n == 0 {",
		tests: tests{"peer", "^TestCredentialsThatDoNotFitChangeNothing$"},
	},
	{
		name: "link-outlives-its-authority", broken: "who has a certificate by an authority that is none any more stays connected",
		file:  "peer/mesh.go",
		old:   "	m.source.Notify(m.endUnbelieved)\n",
		new:   "	m.source.Notify(nil)\n",
		tests: tests{"peer", "^TestConnectionsEndWithTheirAuthority$"},
	},
	{
		name: "node-waits-for-who-let-it-go", broken: "a node that was removed while it was down is never told",
		file:  "node/generation.go",
		old:   "			m.compareMembers(h)\n",
		new:   "",
		tests: tests{"node", "^TestRemovedWhileDown$"},
	},
	{
		name: "node-believes-who-is-behind", broken: "a node that has just joined takes the word of one that is behind for its removal",
		file:  "node/removed.go",
		old:   " &&\n		!logEnd{Last: s.Last, LastTerm: s.LastTerm}.more(g.Applied)",
		new:   "",
		tests: tests{"node", "^TestRemoved$"},
	},
	{
		name: "cluster-begins-with-the-most", broken: "a cluster begins with rules that not all founders know",
		file:  "node/identity.go",
		old:   "min(begins, answer.Begins)",
		new:   "max(begins, answer.Begins)",
		tests: tests{"node", "^TestBeginsAsTheFoundersSay$"},
	},
}
