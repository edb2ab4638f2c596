package main

// The market-data feed.
var feedMutants = []mutant{
	{
		name: "feed-drop-taken-for-a-change", broken: "what the source of a moved market drops is taken for changes of its book",
		file:  "feed/fold.go",
		old:   "if m.frozen != 0 { // nothing happens in it: what goes here has come elsewhere",
		new:   "if false {",
		tests: tests{"feed", "^TestBooksAreThoseOfTheReadModel$"},
	},
	{
		name: "feed-move-not-waited-for", broken: "a market goes on where it has come to before all that it did elsewhere is folded",
		file:  "feed/move.go",
		old:   "return m == nil || m.in == nil || m.frozen == a.move || m.epoch >= a.move",
		new:   "return m == nil || a.move > 0",
		tests: tests{"feed", "^TestBooksAreThoseOfTheReadModel$"},
	},
	{
		name: "feed-conflated-level-lost", broken: "a level that comes back within a conflated message is told as it was in between",
		file:  "feed/market.go",
		old:   "if o>>32 == last {",
		new:   "if o == last {",
		tests: tests{"feed", "^TestSettle$"},
	},
	{
		name: "feed-conflated-level-forgotten", broken: "a conflated message leaves out a level that has come to be as it was",
		file:  "feed/stream.go",
		old:   "m.settle(s.changes, s.class > 0)",
		new:   "m.settle(s.changes, false)",
		tests: tests{"feed", "^TestResumeAhead$"},
	},
	{
		name: "feed-seq-not-waited-for", broken: "whoever subscribes to what was just made is told that there is no such thing",
		file:  "feed/request.go",
		old:   "exchange.Seq(r.MinSeq)); p != nil",
		new:   "0); p != nil",
		tests: tests{"feed", "^TestSubscriptionWaitsForASeq$"},
	},
	{
		name: "feed-deaf", broken: "a feed that did not listen does so only a while after somebody has come",
		file:  "feed/subscribe.go",
		old:   "	f.deaf.Store(false) // before anything is read\n",
		new:   "",
		tests: tests{"feed", "^TestAloneListensInTime$"},
	},
	{
		name: "feed-quiet-market-forgotten", broken: "a quiet market is forgotten as soon as the last one who watched it goes",
		file:  "feed/subscribe.go",
		old:   "	s.market.used = f.config.Now()\n",
		new:   "",
		tests: tests{"feed", "^TestAloneNobodyIsFoldedFor$"},
	},
	{
		name: "feed-gap-not-told", broken: "a slow connection has messages left out and gets no new beginning",
		file:  "feed/lane.go",
		old:   "	s.state, s.gap = waiting, true\n	l.await(s)",
		new:   "	_ = s",
		tests: tests{"feed", "^TestSlowConsumerBeginsAnew$"},
	},
	{
		name: "feed-resume-too-far", broken: "whoever resumes from before what is kept gets no image",
		file:  "feed/ring.go",
		old:   "	return nil, false\n}",
		new:   "	slices.Reverse(all)\n	return all, true\n}",
		tests: tests{"feed", "^TestResumeFromTooLongAgo$"},
	},
	{
		name: "feed-stream-dropped-by-its-subscriber", broken: "subscribing again drops the stream that is joined",
		file:  "feed/subscribe.go",
		old:   "	s.count[c.encoding]++ // first, since a stream that nobody gets is dropped\n",
		new:   "	defer func() { s.count[c.encoding]++ }()\n",
		tests: tests{"node", "^TestOrdersOverTheFeed$"},
	},
	{
		name: "feed-revocation-ignored", broken: "a revoked key's connection goes on",
		file:  "feed/guard.go",
		old:   "	f.leave(c)\n	c.lane.add",
		new:   "	return\n	c.lane.add",
		tests: tests{"node", "^TestRevokedKeyEndsItsConnections$"},
	},
	{
		name: "feed-name-longer-than-image", broken: "the length of a name in an image is believed",
		file:  "feed/message/read.go",
		old:   "if name > uint64(len(in.b)) {",
		new:   "if false {",
		tests: tests{"feed/message", "^TestReaderRefuses$"},
	},
}
