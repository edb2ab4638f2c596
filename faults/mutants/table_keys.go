package main

// Idempotency: a retry has one effect and the first answer.
var keyMutants = []mutant{
	{
		name: "keys-forgotten-too-soon", broken: "answers are remembered for half the time promised",
		file:  "exchange/shard/apply.go",
		old:   "s.keys.Expire(s.now-exchange.Time(KeyLifetime), 2*count+timersPerBatch)",
		new:   "s.keys.Expire(s.now-exchange.Time(KeyLifetime)/2, 2*count+timersPerBatch)",
		tests: scenarios,
	},
	{
		name: "keys-content-not-compared", broken: "a key used for something else gets the first command's answer",
		file:  "exchange/shard/apply.go",
		old:   "if e.Content == content {",
		new:   "if e.Content == content || true {",
		tests: scenarios,
	},
	{
		name: "keys-refusals-forgotten", broken: "a refusal is not remembered, so that its retry may take effect",
		file: "exchange/shard/apply.go",
		old: `	e = s.keys.Add(&key, content, r)
`,
		new: `	if r.Code != exchange.Accepted {
		return
	}
	e = s.keys.Add(&key, content, r)
`,
		tests: scenarios,
	},
	{
		name: "keys-dropped", broken: "there is no table of keys",
		file: "exchange/shard/apply.go",
		old: `	e = s.keys.Add(&key, content, r)
`,
		new: `	if content|1 != 0 {
		return
	}
`,
		tests: scenarios,
	},
	{
		name: "keys-of-all-accounts-are-one", broken: "two accounts that use the same key get the same answer",
		file:  "gateway/key.go",
		old:   "b = binary.LittleEndian.AppendUint32(b, uint32(account))",
		new:   "b = binary.LittleEndian.AppendUint32(b, 0*uint32(account))",
		tests: tests{"gateway", "^TestKeyReusedForSomethingElse$"},
	},
}
