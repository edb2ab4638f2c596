// Package watch looks for manipulation in what happens on an exchange: it folds the events of its journals and says what looks wrong.
// It is pure. Whatever it finds follows from the events, their Seqs, log time and the order in which it is shown them, so
// everybody who reads the same part of the journals in the same order finds the same, and a finding can be shown again at any later time.
//
// It accuses nobody. A finding is a value with the events that led to it, for a person to judge.
//
//	kind              what it looks for                                               over
//	volume_surge      a market's orders per minute are far beyond what is usual there  its own past
//	order_to_trade    an account sends very many messages for each trade               10 minutes
//	layering          contracts on one side are taken away right after a trade on      an hour
//	                  the other, again and again
//	wash_pair         two accounts trade back and forth, mostly with each other        an hour
//	self_trade        an account trades with itself                                    an hour
//	wash_ring         contracts go round three accounts, again and again               an hour
//
// One Watch sees all shards. Each shard's events come in their order, and those of several by log time (see Merge). What is
// known of a market goes by its id, which is the same wherever it is, so a market that moves keeps it. What an account does is
// counted over all markets: manipulation is no less when it is done a little in each.
//
// Memory is bounded whatever happens: what is known of markets, accounts and orders lies in tables of fixed size, in which who
// was not heard of for longest gives way. All arithmetic is in integers.
package watch
