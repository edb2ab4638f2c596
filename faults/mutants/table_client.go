package main

// The Go client, and what a person trades with.
var clientMutants = []mutant{
	{
		name: "client-new-address-new-key", broken: "each try of a request has an idempotency key of its own",
		file:  "client/persist.go",
		old:   "	for try := 1; ; try++ {\n		at := c.current.Load()",
		new:   "	for try := 1; ; try++ {\n		if try > 1 && r.Key != \"\" {\n			r.Key = NewKey()\n		}\n		at := c.current.Load()",
		tests: tests{"client", "^TestAnotherAddressIsAsked$"},
	},
	{
		name: "client-limit-taken-elsewhere", broken: "whoever is refused for asking too much asks another node",
		file:  "client/persist.go",
		old:   "	case refused.Status == http.StatusTooManyRequests:\n		return here",
		new:   "	case refused.Status == http.StatusTooManyRequests:\n		return elsewhere",
		tests: tests{"client", "^TestJudge$"},
	},
	{
		name: "client-impatient", broken: "a client comes back sooner than it was asked to",
		file:  "client/persist.go",
		old:   "max(jittered(backoff), a.retryAfter)",
		new:   "jittered(backoff)",
		tests: tests{"client", "^TestLongWaitsAreTheCallersChoice$"},
	},
	{
		name: "feed-client-takes-twice", broken: "a message that comes again is passed on again",
		file:  "client/feed/take.go",
		old:   "	case !at.Before(l.Point):\n		return false, nil",
		new:   "	case false:\n		return false, nil",
		tests: tests{"client/feed", "^TestTake$"},
	},
	{
		name: "feed-client-forgets-its-place", broken: "a connection that is made again begins anew",
		file:  "client/feed/conn.go",
		old:   "r.Resume = append(r.Resume, place{market, channel.String(), p.Epoch, api.ID(p.Seq)})",
		new:   "_ = p",
		tests: tests{"client/feed", "^TestFeedGoesOnWhereItWas$"},
	},
	{
		name: "feed-client-hides-a-gap", broken: "trades that were missed are not spoken of",
		file:  "client/feed/take.go",
		old:   "	if known {\n		return &message.Gap{Head: m.Head, Channel: m.Channel}\n	}",
		new:   "",
		tests: tests{"client/feed", "^TestTake$"},
	},
	{
		name: "feed-client-keeps-a-wrong-book", broken: "a book that is not the exchange's is resumed",
		file:  "client/feed/take.go",
		old:   "	delete(f.books, h.Market)\n	delete(f.places, chain{h.Market, message.Book})\n",
		new:   "",
		tests: tests{"client/feed", "^TestTake$"},
	},
	{
		name: "ticket-sells-at-the-buyers-price", broken: "a ticket says of a sale what a purchase would cost",
		file:  "desk/ticket.go",
		old:   "	if t.order.Side == api.Sell {\n		return whole - p\n	}\n	return p",
		new:   "	return p",
		tests: tests{"desk", "^TestTicket$"},
	},
	{
		name: "ticket-fee-at-the-limit", broken: "a ticket's greatest fee is that of the limit, where a better price may cost more",
		file:  "desk/ticket.go",
		old:   "	p := min(t.limit, whole/2)",
		new:   "	p := t.limit",
		tests: tests{"desk", "^TestFeeMost$"},
	},
	{
		name: "profile-key-to-anybody", broken: "the profile's key is sent to whatever exchange a flag names",
		file:  "desk/desk.go",
		old:   "d.key == \"\" && subset(d.addresses, home)",
		new:   "d.key == \"\"",
		tests: tests{"cmd/hustings", "^TestDesk$"},
	},
	{
		name: "demo-dry", broken: "nobody pays in for the traders of a demo",
		file:  "load/demo/cast.go",
		old:   "	if a.Cash >= cashLeast {",
		new:   "	if a.Cash >= 0 {",
		tests: tests{"load/demo", "^TestDemoNeverRunsDry$"},
	},
}
