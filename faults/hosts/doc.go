// Package hosts makes several hosts of one Linux machine, for tests that do harm to a cluster of real processes: each
// host has a network namespace, so a network of its own, and if asked a small disk of its own.
//
// Everything lives in namespaces of the test process (network, mounts, processes): the machine outside sees none of it,
// and when the test process ends, however it ends, the kernel takes all of it away, the processes included. Run is what
// TestMain calls to get there.
//
//	        test process (clients)
//	                │ host 0
//	┌───────────────┴────────────────┐
//	│  Wire: packets between hosts   │  drops, delays, doubles, reorders; each direction of each pair by itself
//	└──┬────────────┬────────────┬───┘
//	  tun          tun          tun       10.231.0.1, .2, .3
//	host 1       host 2       host 3      a network namespace each
//	disk 1       disk 2       disk 3      ext4 on a loop device: freezes, fills up, loses its power
//
// Clock moves the wall clock of one process.
//
// The package must not know what runs on its hosts.
package hosts
