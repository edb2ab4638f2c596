package main

// Accounts, holds, fees, escrow, payouts and refunds.
var moneyMutants = []mutant{
	{
		name: "money-fee-rounded-down", broken: "fees are rounded down",
		file:  "exchange/ledger/fee.go",
		old:   "return fee + 1, feeUnit - lo",
		new:   "return fee, 0",
		tests: tests{"exchange/ledger", "^TestFee$"},
	},
	{
		name: "money-fee-charged-twice", broken: "the taker pays the fee twice",
		file:  "exchange/shard/match.go",
		old:   "s.ledger.PayFee(a.acct, a.pos, &a.m.Fees, e.TakerFee)",
		new:   "s.ledger.PayFee(a.acct, a.pos, &a.m.Fees, 2*e.TakerFee)",
		tests: scenarios,
	},
	{
		name: "money-maker-pays-nothing", broken: "the maker's fee is announced and not paid",
		file:  "exchange/shard/match.go",
		old:   "s.ledger.PayFee(x.acct, x.pos, &x.m.Fees, e.MakerFee)",
		new:   "s.ledger.PayFee(x.acct, x.pos, &x.m.Fees, 0)",
		tests: scenarios,
	},
	{
		name: "money-paid-out-twice", broken: "a settled position is paid out twice",
		file: "exchange/ledger/move.go",
		old: `	l.intoEscrow(a, pool, -amount)
	return amount`,
		new: `	l.intoEscrow(a, pool, -2*amount)
	return amount`,
		tests: scenarios,
	},
	{
		name: "money-escrow-not-returned", broken: "a pair of Yes and No merges and its escrow stays",
		file: "exchange/ledger/move.go",
		old: `	l.intoEscrow(a, pool, -worth)
`,
		new:   "",
		tests: scenarios,
	},
	{
		name: "money-hold-kept-on-expiry", broken: "an order that expires does not give its hold back",
		file: "exchange/shard/doom.go",
		old: `		kind = exchange.KindOrderExpired
`,
		new: `		kind = exchange.KindOrderExpired
		x.o.Hold = 0
`,
		tests: scenarios,
	},
	{
		name: "money-hold-kept-on-cancel", broken: "a cancelled order does not give its hold back",
		file: "exchange/shard/rest.go",
		old: `	s.ledger.Release(x.acct, held-o.Hold)
	merged`,
		new:   "	merged",
		tests: scenarios,
	},
	{
		name: "money-one-unit-short", broken: "an order is let in that costs 0.0001 more than there is",
		file:  "exchange/shard/place.go",
		old:   "need := a.needs(opens); need > a.cash {",
		new:   "need := a.needs(opens); need > a.cash+1 {",
		tests: scenarios,
	},
	{
		name: "money-void-keeps-fees", broken: "a void does not give fees back",
		file: "exchange/ledger/move.go",
		old: `	pos.Paid += m
`,
		new: `	_ = pos.Paid + m
`,
		tests: scenarios,
	},
	{
		name: "money-debt-forgiven", broken: "a deposit does not repay what a void left owing",
		file:  "exchange/ledger/move.go",
		old:   "repaid = min(m, a.Receivable)",
		new:   "repaid = min(m, a.Receivable, 0)",
		tests: scenarios,
	},
	{
		name: "money-deposit-not-counted", broken: "a deposit reaches the account and not the sum of all money",
		file: "exchange/ledger/move.go",
		old: `	l.Totals.World += m
`,
		new:   "",
		tests: scenarios,
	},
	{
		name: "money-withdrawn-from-nothing", broken: "an account withdraws more than it has",
		file:  "exchange/shard/account.go",
		old:   "case c.Amount > acct.Cash:",
		new:   "case c.Amount > acct.Cash+acct.Held:",
		tests: scenarios,
	},
}
