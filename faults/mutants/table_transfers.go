package main

// Cash on its way between shards, and rules that a log entry switches on.
var transferMutants = []mutant{
	{
		name: "transfer-credited-twice", broken: "a transfer that comes again is credited again",
		file:  "exchange/shard/transfer.go",
		old:   "	case c.Number <= received:\n",
		new:   "	case c.Number < received:\n",
		tests: tests{"exchange/shard", "^TestTransfersBetweenShards$"},
	},
	{
		name: "transfer-number-not-checked", broken: "a transfer is credited before those sent before it",
		file:  "exchange/shard/transfer.go",
		old:   "	case c.Number > received+1:\n",
		new:   "	case c.Number > received+2:\n",
		tests: scenarios,
	},
	{
		name: "transfer-number-not-noted", broken: "a transfer is credited and its number not noted",
		file:  "exchange/shard/transfer.go",
		old:   "s.outbox.meet(c.From).received = c.Number",
		new:   "s.outbox.meet(c.From)",
		tests: scenarios,
	},
	{
		name: "transfer-not-debited", broken: "what is sent stays in the account as well",
		file: "exchange/ledger/transfer.go",
		old: `	a.Cash -= m
	l.Totals.Cash -= m
	l.Totals.Outbox += m`,
		new: `	_ = a
	l.Totals.Outbox += 0 * m`,
		tests: tests{"exchange/shard", "^TestTransfersBetweenShards$"},
	},
	{
		name: "transfer-released-unsent", broken: "a transfer is released that was never sent",
		file:  "exchange/shard/transfer.go",
		old:   "case c.Number > n.released+1 || c.Number > n.sent:",
		new:   "case c.Number > n.released+1:",
		tests: scenarios,
	},
	{
		name: "transfer-debt-not-repaid", broken: "cash that comes in does not repay what the account owes",
		file: "exchange/ledger/transfer.go",
		old:  "	return l.credit(a, m)",
		new: `	a.Cash += m
	l.Totals.Cash += m
	return 0`,
		tests: tests{"exchange/ledger", "^TestReceivedCashRepays$"},
	},
	{
		name: "rules-unknown-ignored", broken: "a node goes on with rules that it does not know",
		file:  "exchange/shard/rules.go",
		old:   "		s.asked = c.Version\n",
		new:   "		s.asked = 0 * c.Version\n",
		tests: tests{"exchange/shard", "Rules"},
	},
	{
		name: "rules-switched-too-soon", broken: "new behaviour holds before its log entry",
		file:  "exchange/shard/rules.go",
		old:   "return named && s.rules >= exchange.TransferRules",
		new:   "return named",
		tests: scenarios,
	},
	{
		name: "transfer-released-before-received", broken: "the source forgets a transfer that the destination does not have",
		file:  "courier/courier.go",
		old:   "t.Number <= r.received && len(next) < most {",
		new:   "t.Number <= r.received+1 && len(next) < most {",
		tests: tests{"courier", "^TestEverythingArrivesOnce$"},
	},
	{
		name: "transfer-refusal-taken-for-receipt", broken: "a refused transfer counts as received",
		file:  "courier/courier.go",
		old:   "if reply.Code == exchange.Accepted {",
		new:   "if reply.Code == exchange.Accepted || true {",
		tests: tests{"router", "^(TestRefusedTransfersWait|TestTransfersArriveOnce)$"},
	},
	{
		name: "transfer-carried-by-followers", broken: "a node carries transfers of a shard that it does not lead",
		file:  "router/carrier.go",
		old:   "if leader.Node() != c.Self {",
		new:   "if leader.Node() != c.Self && false {",
		tests: tests{"router", "^TestOnlyTheLeaderCarries$"},
	},
}
