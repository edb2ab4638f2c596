package main

// Commands on their way to the leader of their shard.
var routerMutants = []mutant{
	{
		name: "router-retries-without-a-key", broken: "a command without a key that may have been done is sent again",
		file:  "router/router.go",
		old:   "if !keyed(commands, n) {",
		new:   "if !keyed(commands, n) && false {",
		tests: tests{"router", "^TestSubmit$"},
	},
	{
		name: "router-asks-in-a-herd", broken: "thousands that wait for a leader ask as often as one does",
		file:  "router/router.go",
		old:   "time.Duration(among)*pauseEach",
		new:   "time.Duration(min(among, 1))*pauseEach",
		tests: tests{"router", "^TestManyThatWait"},
	},
	{
		name: "router-looks-at-the-last-key-only", broken: "commands are taken for keyed if one of them is",
		file: "router/router.go",
		old: `			if !ok || key == (exchange.Key{}) {
				return false`,
		new: `			if ok && key != (exchange.Key{}) {
				return true`,
		tests: tests{"router", "^Test(Submit|Keyed)"},
	},
	{
		name: "router-denies-what-may-be-done", broken: "a command that may have been done is said not to be",
		file: "router/router.go",
		old: `	if unsure == nil {
		return last`,
		new: `	if unsure == nil || true {
		return last`,
		tests: tests{"router", "^TestSubmit$"},
	},
	{
		name: "router-loses-the-fees", broken: "an answer from another node lacks the fees",
		file:  "router/message.go",
		old:   "Fees: exchange.Money(le.Uint64(b[32:])),",
		new:   "Fees: 0 * exchange.Money(le.Uint64(b[32:])),",
		tests: tests{"router", "^TestReplyKeepsEverything$"},
	},
	{
		name: "router-error-loses-its-meaning", broken: "another node's refusal is taken for a command that may have been done",
		file: "router/message.go",
		old: `	case CodeNotSubmitted:
`,
		new: `	case CodeNotSubmitted + 100:
`,
		tests: tests{"router", "^TestErrorsKeepTheirMeaning$"},
	},
	{
		name: "router-lost-call-called-unsent", broken: "a command lost on the way to the leader is said not to be submitted",
		file: "node/transport.go",
		old: `		return nil, router.Error(router.CodeNotSubmitted, err.Error())
	}
	return nil, err`,
		new: `		return nil, router.Error(router.CodeNotSubmitted, err.Error())
	}
	return nil, router.Error(router.CodeNotSubmitted, err.Error())`,
		tests: tests{"node", "^TestRemoteErrors$"},
	},
}
