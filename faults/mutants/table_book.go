package main

var scenarios = tests{"exchange/shard", "^TestScenarios$"}

// Price and time priority.
var bookMutants = []mutant{
	{
		name: "book-best-bid-off-by-a-tick", broken: "the best bid behind an emptied level is sought one tick too low",
		file:  "exchange/book/book.go",
		old:   "b.best[0] = exchange.Price(m.below(uint32(p)))",
		new:   "b.best[0] = exchange.Price(m.below(uint32(p) - 1))",
		tests: tests{"exchange/book", "^TestBookAgainstNaive$"},
	},
	{
		name: "book-crossing-off-by-a-tick", broken: "a bid does not meet an ask at its own price",
		file:  "exchange/book/book.go",
		old:   "return price <= limit",
		new:   "return price < limit",
		tests: scenarios,
	},
	{
		name: "book-last-come-first-served", broken: "time priority is the other way round",
		file: "exchange/book/book.go",
		old: `		orders.At(l.tail).next = slot
		l.tail = slot
`,
		new: `		o.next, o.prev = l.head, 0
		orders.At(l.head).prev = slot
		l.head = slot
`,
		tests: scenarios,
	},
	{
		name: "book-bitmap-not-cleared", broken: "an emptied level stays marked",
		file: "exchange/book/book.go",
		old: `	m.clear(uint32(p))
`,
		new:   "",
		tests: tests{"exchange/book", "^(TestBookAgainstNaive|TestThinBook)$"},
	},
	{
		name: "book-neighbour-keeps-link", broken: "an order behind a removed one still points at it",
		file:  "exchange/book/book.go",
		old:   "orders.At(o.next).prev = o.prev",
		new:   "_ = orders.At(o.next).prev",
		tests: tests{"exchange/book", "^TestBookAgainstNaive$"},
	},
}
