// Package chaos lets clients trade on a cluster of real processes, each on a host of its own, while one fault after the
// other befalls it, and checks afterwards that nobody was lied to:
//
//   - what clients saw could have been the answers of one exchange that does one thing after the other (package history);
//   - what was acknowledged is in the journal, once, and nothing that was refused is;
//   - the same idempotency key got the same answer, whenever and wherever it was sent again;
//   - an order group that was triggered cancels its orders on every shard;
//   - the money adds up, over all shards, though markets moved between them all the time, and shards were added and drained;
//   - the files of every node verify, and the journals are the same as far as they go.
//
// There is nothing here but tests. TestChaos is short; HUSTINGS_CHAOS=10m makes it long, as `make chaos` does. The faults
// and all that is drawn follow from a seed, which HUSTINGS_CHAOS_SEED sets; what the machine makes of them does not.
// HUSTINGS_CHAOS_FAULTS names the classes of faults to use, separated by ";". HUSTINGS_CHAOS_JSON names a file for the
// figures. A run that fails says how to repeat it and keeps its directory.
package chaos
