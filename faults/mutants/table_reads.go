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
}
