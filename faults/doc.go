// Package faults does harm to a real exchange in a process of its own, over the network and on a real disk: it kills it
// under load, fills its disk, lets its syncs fail. What was acknowledged must be there afterwards, once, and be answered
// as it was.
//
// There is nothing here but tests. HUSTINGS_SOAK=1 makes them long. The same faults at every single point of the work are
// tests of package replica, on a disk in memory.
package faults
