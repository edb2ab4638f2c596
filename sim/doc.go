// Package sim runs several shards, each a group of replicas, in one goroutine, on a clock, disks and a network of its own,
// and lets everything happen to them that may happen: crashes at any moment, disks that are slow, fail or are lost, links
// that lose, repeat, delay and reorder messages or are cut, clocks that jump, nodes that stand still, members that come
// and go, and regions that are lost for good while others go on. Clients trade and move cash meanwhile, markets of one or several outcomes
// move between the shards and close on the way, and idle cash goes home.
//
//	seed ─▶ schedule of events ─▶ one step of one replica ─▶ checks
//	             ▲                        │
//	             └── what falls due ──────┘
//
// What runs is the code of package replica, by hand (replica.Manual), and of packages courier and placement; nothing of them is imitated.
// After every event it is checked that (oracle.go, follow.go)
//
//   - no term of a shard has two leaders, and nobody votes twice in one;
//   - all replicas execute the same batch at the same entry, with the same answers, events and journal;
//   - that entry was durable on a quorum, and what was durable is there after a crash;
//   - answers and events are those of the independent model, whose own invariants hold;
//   - who was answered was answered what the log says, every time;
//   - a fresh read shows everything that was acknowledged before it began;
//   - a group that begins anew in another region goes on from what it was, has everything that was said while a survivor was
//     a synchronous copy, and nothing that the lost ones say afterwards is believed (region.go);
//   - a market trades on one shard, or on none while it moves, and is written out alike by every replica (mover.go);
//   - no key takes effect twice, be it on two shards;
//   - the consensus counts the votes of the voters, and of nobody else;
//   - money is constant over all shards, each transfer and each market counted once;
//
// and now and then that read models and states are equal. In the end everything is mended, and all replicas must become
// equal.
//
// The seed decides everything, so that a run can be repeated: the trace hashes to the same. One source of chance is the
// process's: the consensus library draws the time of an election from crypto/rand, which the caller must make
// reproducible (testing/cryptotest). Runs must therefore not be concurrent.
package sim
