package main

// Markets on their way between shards.
var moveMutants = []mutant{
	{
		name: "move-released-before-it-came", broken: "the source drops a market of which the destination has a part",
		file:  "courier/market.go",
		old:   "destination.Move == move && destination.Stage == projection.StageHere:",
		new:   "destination.Move == move && destination.Stage != projection.StageGone:",
		tests: tests{"courier", "^TestMarketsArriveWhole$"},
	},
	{
		name: "move-thawed-unabandoned", broken: "a market goes on at the source, and the destination may still take it",
		file: "courier/market.go",
		old: `	case m.givenUp == move:
		return Abandon`,
		new: `	case m.givenUp == move:
		return Thaw`,
		tests: tests{"courier", "^TestMarketsArriveWhole$"},
	},
	{
		name: "move-never-given-up", broken: "a market that its destination does not take stands still for ever",
		file:  "courier/market.go",
		old:   "m.givenUp, m.delays = c.Move, 0",
		new:   "m.givenUp, m.delays = 0, 0",
		tests: tests{"courier", "^TestWhatEndsAMove$"},
	},
	{
		name: "idle-cash-taken-from-traders", broken: "cash goes home while its account has orders there",
		file:  "courier/idle.go",
		old:   "if a.Cash <= 0 || a.OpenOrders > 0 {",
		new:   "if a.Cash <= 0 {",
		tests: tests{"courier", "^TestIdleCashGoesHome$"},
	},
	{
		name: "mover-acts-unsure", broken: "a market is dropped at the source because of an arrival that may be lost again",
		file:  "router/move.go",
		old:   "errors.Join(sure(ctx, m.Source), sure(ctx, m.Arrival))",
		new:   "errors.Join(sure(ctx, m.Source))",
		tests: tests{"router", "^TestOnlyWhatIsSureIsMoved$"},
	},
	{
		name: "carrier-delivers-unsure", broken: "a transfer is credited that the source may not know of after all",
		file:  "router/carrier.go",
		old:   "	if len(deliver) > 0 {",
		new:   "	if len(deliver) < 0 {",
		tests: tests{"router", "^TestOnlyWhatIsSureIsCarried$"},
	},
	{
		name: "mover-freezes-unready", broken: "a market is frozen for a shard that cannot take it",
		file:  "router/move.go",
		old:   "if m.Arrival.View().Rules() < exchange.MoveRules {",
		new:   "if m.Arrival.View().Rules() < exchange.FirstRules {",
		tests: tests{"router", "^TestMarketsWaitForTheirDestination$"},
	},
	{
		name: "mover-leaves-switches-behind", broken: "a dead-man's switch does not come along to a shard that has not heard of its account",
		file:  "router/introduce.go",
		old:   "if here.DeadMan != 0 && there.DeadMan == 0 {",
		new:   "if here.DeadMan != 0 && there.DeadMan != 0 {",
		tests: tests{"router", "^TestAccountsAreIntroduced$"},
	},
	{
		name: "moves-not-sent-again", broken: "a step of a move that was lost with a leader is not sent to the next",
		file:  "router/router.go",
		old:   "exchange.KindReleaseTransfer, exchange.KindFreezeMarket, exchange.KindThawMarket,",
		new:   "exchange.KindReleaseTransfer, exchange.KindFreezeMarket,",
		tests: tests{"router", "^TestSubmit$"},
	},
	{
		name: "merge-says-that-it-moves", broken: "a trader is told that a market is on its way",
		file:  "gateway/merge/submit.go",
		old:   "return w.with(place, 0)",
		new:   "return w",
		tests: tests{"gateway/merge", "^TestNobodySeesMarketsMove$"},
	},
	{
		name: "merge-mass-cancel-overtaken", broken: "orders that go to a shard behind a mass cancel stay",
		file:  "gateway/merge/everywhere.go",
		old:   "if since, known := before[s.ID]; known && s.View.Totals().MovedIn == since {",
		new:   "if _, known := before[s.ID]; known {",
		tests: tests{"gateway/merge", "^TestAMassCancelFindsOrdersThatMove$"},
	},
	{
		name: "merge-counts-a-move-twice", broken: "what a market on its way holds is counted on both shards",
		file:  "gateway/merge/locate.go",
		old:   "best != s {",
		new:   "best != s && false {",
		tests: tests{"gateway/merge", "^TestWhatMovesIsThereOnce$"},
	},
	{
		name: "merge-lists-a-move-twice", broken: "what is on its way is listed on both shards",
		file:  "gateway/merge/list.go",
		old:   "known, mine = id, best == s",
		new:   "known, mine = id, best != nil",
		tests: tests{"gateway/merge", "^TestWhatMovesIsThereOnce$"},
	},
	{
		name: "merge-past-lost-with-the-move", broken: "a past instant is sought on the shard that the market has left",
		file:  "gateway/moment.go",
		old:   "			had = 1\n",
		new:   "			had = 3\n",
		tests: tests{"gateway/merge", "^TestThePastOfAMarketThatMoved$"},
	},
	{
		name: "merge-order-followed-on-one-shard", broken: "what happens to an order after its market has moved is not told",
		file:  "gateway/merge/history.go",
		old:   "if own, _, err = s.History.LastAt(from.at - skew); err != nil {",
		new:   "if own, _, err = s.History.LastAt(from.at + 60*skew); err != nil {",
		tests: tests{"gateway/merge", "^TestThePastOfAMarketThatMoved$"},
	},
	{
		name: "key-that-opened-a-market-moves", broken: "the same request opens a second market once the first has moved",
		file:  "exchange/shard/market.go",
		old:   "r.ID, r.Version = uint64(id), m.Version\n	s.emit(&exchange.MarketCreated",
		new:   "r.ID, r.Version, s.about = uint64(id), m.Version, id\n	s.emit(&exchange.MarketCreated",
		tests: tests{"exchange/shard", "^TestKeysAreFoundByTheirMarket$"},
	},
}
