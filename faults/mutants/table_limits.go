package main

// Limits and admission.
var limitMutants = []mutant{
	{
		name: "limits-cancels-refused-for-load", broken: "cancels are slowed down under load like everything else",
		file:  "guard/guard.go",
		old:   "	if class == Cancels {\n		return now\n	}\n	return p.clock(t, now)",
		new:   "	return p.clock(t, now)",
		tests: tests{"guard", "^TestLoadSlowsDown$"},
	},
	{
		name: "limits-cancels-boxed", broken: "whoever is in the penalty box cannot cancel",
		file:  "guard/guard.go",
		old:   "if class == Cancels || left == 0 {",
		new:   "if left == 0 {",
		tests: tests{"gateway", "^TestPenaltyBox$"},
	},
	{
		name: "limits-refused-pays", broken: "who is refused for his account pays with his key all the same",
		file:  "guard/guard.go",
		old:   "	if v.Reason != Admitted {\n		g.strike(now, p, key, &v)",
		new:   "	if v.Reason != Admitted {\n		key.buckets[class].take(keyClock, n, grade.price)\n		g.strike(now, p, key, &v)",
		tests: tests{"guard", "^TestRefusedTakesNothing$"},
	},
	{
		name: "limits-forwarded-believed", broken: "anybody's X-Forwarded-For is believed",
		file:  "guard/address.go",
		old:   "	if !p.trusted(peer) {\n		return peer\n	}\n	for",
		new:   "	for",
		tests: tests{"guard", "^TestClientsBehindProxies$"},
	},
	{
		name: "limits-boxed-forgotten", broken: "a flood of addresses pushes others out of the penalty box",
		file:  "guard/table.go",
		old:   "if a.boxed(now) != b.boxed(now) {",
		new:   "if false {",
		tests: tests{"guard", "^TestBoxedAreNotForgotten$"},
	},
	{
		name: "limits-batch-is-one", broken: "a batch costs as much as one order",
		file:  "gateway/limits.go",
		old:   "return c.limit(guard.Orders, orders)",
		new:   "return c.limit(guard.Orders, 1)",
		tests: tests{"gateway", "^TestBatchesCostWhatTheyHave$"},
	},
	{
		name: "limits-guesses-are-free", broken: "wrong credentials cost nothing",
		file:  "gateway/limits.go",
		old:   "return c.limit(guard.Authentication, 1)",
		new:   "return nil",
		tests: tests{"gateway", "^TestWrongCredentialsAreLimited$"},
	},
	{
		name: "limits-orders-take-the-lane-of-cancels", broken: "orders behind a cancel go where cancels go",
		file:  "exchange/wire/cancels.go",
		old:   "		commands = rest\n	}\n	return n > 0",
		new:   "		commands = rest\n		break\n	}\n	return n > 0",
		tests: tests{"replica", "^TestCancelsPassAFullQueue$"},
	},
	{
		name: "limits-shut-for-cancels", broken: "a shard that is shut takes no cancels",
		file:  "node/breaker.go",
		old:   "if wire.OnlyCancels(commands, n) {",
		new:   "if false && wire.OnlyCancels(commands, n) {",
		tests: tests{"node", "^TestShardThatDoesNotAnswerIsShut$"},
	},
	{
		name: "limits-load-forgotten", broken: "who lacks tokens because of a load that has just gone is punished",
		file:  "guard/load.go",
		old:   "now-p.slow[t] < int64(r)",
		new:   "now-p.slow[t] < 0*int64(r)",
		tests: tests{"guard", "^TestLoadIsRemembered$"},
	},
}
