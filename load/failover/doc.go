// Package failover measures what it costs those who trade when the leader of a cluster is lost: how long nobody has an
// acknowledgement, and whether anything that was acknowledged is gone or was done twice.
//
// A load goes on all the time, from clients of every node. A trial finds out who leads, kills, freezes or relieves it, and
// waits until all is well again. What counts is what clients of the other nodes see; those of the lost node go on at
// another one with the same idempotency keys, as clients do that know of several.
//
// The gap of a trial is the longest time between two acknowledgements, one after the other, of which the later one came
// after the fault and the earlier one before the election of the new leader, or within 50 ms of it. The fault is the moment
// just before the signal is sent, or the hand-over is asked for. The lost node is started again, or goes on, only after that.
//
// In the end all nodes are shut down, and the journal of each is read and checked: it must have every order and every
// cancel that was acknowledged, and no client order id twice.
package failover
