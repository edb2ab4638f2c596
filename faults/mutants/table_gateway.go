package main

// The HTTP API.
var gatewayMutants = []mutant{
	{
		name: "api-orders-of-others-visible", broken: "an open order is shown to whoever knows its number",
		file:  "gateway/order_reads.go",
		old:   "if open.Account != c.who.Account {",
		new:   "if open.Account != c.who.Account && false {",
		tests: tests{"gateway", "^TestOtherPeoplesThings$"},
	},
	{
		name: "api-duplicate-fields", broken: "a request may name a field twice",
		file: "gateway/scan.go",
		old: `		s.d = jsontext.NewDecoder(&s.src)
	} else {
		s.d.Reset(&s.src)
`,
		new: `		s.d = jsontext.NewDecoder(&s.src, jsontext.AllowDuplicateNames(true))
	} else {
		s.d.Reset(&s.src, jsontext.AllowDuplicateNames(true))
`,
		tests: tests{"gateway", "^TestStrict"},
	},
	{
		name: "api-read-your-writes", broken: "a read does not wait for what was answered before it",
		file:  "gateway/call.go",
		old:   "p := c.wait(exchange.Seq(c.s.lastSeq[i].Load()))",
		new:   "p := c.wait(0 * exchange.Seq(c.s.lastSeq[i].Load()))",
		tests: tests{"gateway", "^TestReadYourWrites$"},
	},
	{
		name: "api-revoked-key-works", broken: "a revoked key is still let in",
		file:  "gateway/auth.go",
		old:   "return !who.Revoked && (who.ExpireAt",
		new:   "return (who.ExpireAt",
		tests: tests{"gateway", "^(TestEveryRouteAgainstWrongCredentials|TestPasswordsAndSessions)$"},
	},
	{
		name: "api-any-key-may-trade", broken: "a key's permissions are not looked at",
		file:  "gateway/auth.go",
		old:   "if !operator && !permits(c.who.Permissions, c.endpoint.Need) {",
		new:   "if !operator && !permits(c.who.Permissions, c.endpoint.Need) && false {",
		tests: tests{"gateway", "^TestEveryRouteAgainstWrongCredentials$"},
	},
	{
		name: "api-cancels-wait-behind-orders", broken: "cancels have no room of their own",
		file:  "gateway/call.go",
		old:   "	if !cancels {\n		if !c.s.orderGate.enter()",
		new:   "	if true {\n		if !c.s.orderGate.enter()",
		tests: tests{"gateway", "^TestCancelsHaveRoomOfTheirOwn$"},
	},
	{
		name: "api-fresh-read-not-asked", broken: "a read that must be fresh is answered like any other",
		file:  "gateway/endpoint.go",
		old:   "if c.mustBeFresh {",
		new:   "if c.mustBeFresh && false {",
		tests: tests{"gateway", "^TestFreshReads$"},
	},
}
