package main

// The read model.
var readMutants = []mutant{
	{
		name: "read-event-missed", broken: "the read model does not notice that orders expire",
		file: "exchange/projection/view.go",
		old: `	case *exchange.OrderExpired:
		return v.orderReleased(&e.Release)`,
		new: `	case *exchange.OrderExpired:
		return nil`,
		tests: tests{"exchange/projection", "^TestViewIsWhatShardAndModelAre$"},
	},
	{
		name: "read-stale", broken: "a read that waits for an event is let go one event early",
		file: "exchange/projection/wait.go",
		old: `	if v.Seq() >= seq {
		return nil
	}
	seen`,
		new: `	if v.Seq()+1 >= seq {
		return nil
	}
	seen`,
		tests: tests{"exchange/projection", "^TestWaitingForAnEvent$"},
	},
	{
		name: "read-gap-believed", broken: "the read model takes a record that is not the next one",
		file:  "exchange/projection/view.go",
		old:   "if first != v.seq+1 {",
		new:   "if first < v.seq+1 {",
		tests: tests{"exchange/projection", "^TestRecordsThatAreNotTheNext$"},
	},
	{
		name: "reads-told-before-a-mark", broken: "a fresh read is confirmed by who were synchronous copies before the entry that it tells of",
		file:  "replica/reads.go",
		old:   "return index <= applied && l.r.gate.passed(index)",
		new:   "return (index <= applied || true) && l.r.gate.passed(index)",
		tests: tests{"replica", "^TestAFreshReadIsNotToldOfWhatIsNotApplied$"},
	},
}
