package main

import (
	"math"
	"os"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

const (
	// collectAt is by how many percent the heap grows between two collections, which make orders wait: docs/adr/0016-collecting-seldom.md.
	collectAt = 200
	// memoryShare is the part of the memory of the container, or of the machine, from which on collections come as often as they must.
	memoryShare = 0.75
)

// planMemory says when garbage is collected, unless GOGC and GOMEMLIMIT do. Without a known bound it stays as Go has it.
func planMemory() {
	provider := memlimit.ApplyFallback(memlimit.FromCgroup, memlimit.FromSystem)
	if limit, err := memlimit.Set(memlimit.WithProvider(provider), memlimit.WithRatio(memoryShare)); err != nil || limit == math.MaxInt64 {
		return
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
}
