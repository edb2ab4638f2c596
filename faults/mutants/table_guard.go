package main

// Credentials, signatures, operators and the halt of the exchange.
var guardMutants = []mutant{
	{
		name: "guard-key-outlives-its-end", broken: "a key works at the instant at which it ends",
		file:  "gateway/auth.go",
		old:   "int64(who.ExpireAt) > s.now().UnixNano())",
		new:   "int64(who.ExpireAt) >= s.now().UnixNano())",
		tests: tests{"gateway", "^TestAttributesOfKeys$"},
	},
	{
		name: "guard-mapped-address-slips", broken: "an IPv4 address that is written as an IPv6 one is another address",
		file:  "gateway/addresses.go",
		old:   `from := at.Addr().Unmap().WithZone("")`,
		new:   `from := at.Addr().WithZone("")`,
		tests: tests{"gateway", "^TestAttributesOfKeys$"},
	},
	{
		name: "guard-operators-make-operators", broken: "who has an operator's key can make others",
		file:  "gateway/identity.go",
		old:   "return c.createKeyFor(account, c.root)",
		new:   "return c.createKeyFor(account, true)",
		tests: tests{"gateway", "^TestOperatorsKeys$"},
	},
	{
		name: "guard-query-not-signed", broken: "a signature does not cover the query",
		file:  "signature/signature.go",
		old:   "r.Path, r.Query, r.Timestamp",
		new:   `r.Path, "", r.Timestamp`,
		tests: tests{"signature", "^(TestEveryPartIsCovered|TestExampleOfTheDocument)$"},
	},
	{
		name: "guard-future-signatures", broken: "a request may be signed for any time ahead",
		file:  "gateway/signed.go",
		old:   "off > c.s.signatureWindow || off < -c.s.signatureWindow",
		new:   "off > c.s.signatureWindow",
		tests: tests{"gateway", "^TestSignaturesAreOfTheirTime$"},
	},
	{
		name: "guard-nonce-of-no-use", broken: "a signed request can be sent again on the same node",
		file:  "gateway/nonces.go",
		old:   "	n.now[k] = struct{}{}\n",
		new:   "",
		tests: tests{"gateway", "^(TestReplayedRequestsDoNothing|TestNoncesAreKeptInTime)$"},
	},
	{
		name: "guard-replay-elsewhere", broken: "a signed request without a key of its own is done again by another node",
		file:  "gateway/endpoint.go",
		old:   "c.key, c.keyOfNonce = c.keyOfSignature(), true",
		new:   `c.key, c.keyOfNonce = c.keyOfSignature()+c.s.now().String(), true`,
		tests: tests{"gateway", "^TestReplayedRequestsDoNothing$"},
	},
	{
		name: "guard-sessions-outlive-password", broken: "a new password leaves the other sessions",
		file:  "exchange/shard/guard.go",
		old:   "if id != c.Keep {",
		new:   "if id != c.Keep && false {",
		tests: tests{"exchange/shard", "^TestScenarios$"},
	},
	{
		name: "guard-ended-sessions-stay", broken: "sessions that are over stay in memory",
		file:  "exchange/shard/credential.go",
		old:   "!k.revoked && k.expireAt > now && len(kept) < maxSessions-1",
		new:   "!k.revoked && len(kept) < maxSessions-1",
		tests: tests{"exchange/shard", "^TestScenarios$"},
	},
	{
		name: "guard-halt-leaves-amendments", broken: "a halted exchange takes amendments",
		file:  "exchange/shard/amend.go",
		old:   "	if s.halted {",
		new:   "	if s.halted && false {",
		tests: tests{"exchange/shard", "^TestScenarios$"},
	},
	{
		name: "guard-halt-at-home-only", broken: "another shard takes orders until it has heard of the halt",
		file:  "gateway/merge/submit.go",
		old:   "case e.home().Halted():",
		new:   "case e.home().Halted() && false:",
		tests: tests{"gateway/merge", "^TestHaltIsEverywhere$"},
	},
	{
		name: "approval-by-who-proposed", broken: "who proposed an act approves it himself",
		file:  "exchange/shard/approval.go",
		old:   "if c.Account == p.account {",
		new:   "if c.Account == p.account && false {",
		tests: tests{"exchange/shard", "^TestScenarios$"},
	},
	{
		name: "approval-of-what-changed", broken: "a proposal does not say of which version of its market it is",
		file:  "exchange/shard/approval.go",
		old:   "		c.Version = version\n	case *exchange.VoidMarket:",
		new:   "	case *exchange.VoidMarket:",
		tests: tests{"exchange/shard", "^TestScenarios$"},
	},
	{
		name: "approval-not-for-voids", broken: "a resolved market is voided by one operator",
		file:  "exchange/shard/void.go",
		old:   "s.approval.asked.Reversals && m.State == exchange.StateResolved",
		new:   "false",
		tests: tests{"exchange/shard", "^TestScenarios$"},
	},
	{
		name: "approval-weakened-alone", broken: "one operator has fewer acts need two",
		file:  "exchange/approval.go",
		old:   "return other.Reversals && !a.Reversals ||",
		new:   "return",
		tests: tests{"exchange/shard", "^TestScenarios$"},
	},
	{
		name: "approval-forgotten-in-snapshot", broken: "what waits is not in a snapshot",
		file:  "exchange/shard/guard.go",
		old:   "	if s.rules >= exchange.ApprovalRules {",
		new:   "	if s.rules >= exchange.ApprovalRules && false {",
		tests: tests{"exchange/shard", "^TestSnapshotKeepsProposals$"},
	},
	{
		name: "guard-look-of-before", broken: "a stranger is answered by a look that began before he came",
		file: "gateway/looks.go",
		old: `	l.next = nil
	l.mu.Unlock()
	ctx, cancel`,
		new: `	l.mu.Unlock()
	defer func() { l.next = nil }()
	ctx, cancel`,
		tests: tests{"gateway", "^TestLooksAreShared$"},
	},
}
