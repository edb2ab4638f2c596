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
	{
		name: "api-cache-serves-stale", broken: "an entity tag does not depend on the answer",
		file:  "gateway/cache.go",
		old:   "sum := sha256.Sum256(withoutSeq(body))",
		new:   "sum := sha256.Sum256(withoutSeq(nil))",
		tests: tests{"gateway", "^TestPublicReadsAreRevalidated$"},
	},
	{
		name: "api-cache-never-hits", broken: "an entity tag changes with whatever happens anywhere",
		file:  "gateway/cache.go",
		old:   "sum := sha256.Sum256(withoutSeq(body))",
		new:   "sum := sha256.Sum256(body)",
		tests: tests{"gateway", "^TestPublicReadsAreRevalidated$"},
	},
	{
		name: "api-private-reads-cached", broken: "caches may keep what is an account's own",
		file:  "api/route.go",
		old:   "return r.Need == NeedNothing && !r.Mutation()",
		new:   "return !r.Mutation()",
		tests: tests{"gateway", "^TestPrivateReadsAreNotKept$"},
	},
	{
		name: "api-hidden-request-answered", broken: "a connection stays open after a request with both a length and chunks",
		file:  "gateway/server.go",
		old:   "if len(r.TransferEncoding) > 0 {",
		new:   "if len(r.TransferEncoding) > 1 {",
		tests: tests{"faults/attacks", "^TestSmuggling$"},
	},
	{
		name: "api-negative-zero", broken: "a number may be -0",
		file:  "gateway/decode.go",
		old:   `token.String() == "-0"`,
		new:   `token.String() == "-0.0"`,
		tests: tests{"faults/attacks", "^TestValues$"},
	},
	{
		name: "api-undescribed-refusal", broken: "a refusal of a route is not described",
		file:  "api/openapi/refusal.go",
		old:   "codes(api.CodeDisabled), ofMoney",
		new:   "codes(api.CodeDisabled), ofTrader",
		tests: tests{"faults/attacks", "^TestValues$"},
	},
	{
		name: "api-page-ends-early", broken: "the last entry of a page of accounts is skipped",
		file:  "gateway/accounts.go",
		old:   "answer.NextCursor = writeCursor(id - 1)",
		new:   "answer.NextCursor = writeCursor(id)",
		tests: tests{"gateway", "^TestEveryListHasStablePages$"},
	},
}
