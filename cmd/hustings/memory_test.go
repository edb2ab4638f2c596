package main

import (
	"math"
	"os"
	"runtime/debug"
	"testing"
)

// What the runtime goes by is changed only where the environment says nothing.
func TestMemoryIsPlanned(t *testing.T) {
	for name, c := range map[string]struct {
		percent string // in GOGC
		want    int
	}{"not set": {"", collectAt}, "set": {"50", 50}} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("GOGC", c.percent)
			for _, name := range []string{"GOMEMLIMIT", "AUTOMEMLIMIT"} { // as they are when the tests end
				t.Setenv(name, "")
				if err := os.Unsetenv(name); err != nil {
					t.Fatal(err)
				}
			}
			limit, percent := debug.SetMemoryLimit(math.MaxInt64), debug.SetGCPercent(50)
			t.Cleanup(func() {
				debug.SetMemoryLimit(limit)
				debug.SetGCPercent(percent)
			})
			planMemory()
			if got := debug.SetMemoryLimit(-1); got == math.MaxInt64 || got <= 0 {
				t.Errorf("memory may grow to %d bytes", got)
			}
			if got := debug.SetGCPercent(percent); got != c.want {
				t.Errorf("the heap grows by %d percent, want %d", got, c.want)
			}
		})
	}
}
