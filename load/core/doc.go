// Package core times the exchange's pure core and nothing around it: the book alone, and the whole state machine fed
// with batches as the replicated log would hold them. It checks what comes out before it times anything.
package core

import (
	"slices"
	"time"
)

// Timing is how long the timed commands of a stream took, over several runs.
type Timing struct {
	Commands int
	Runs     []time.Duration // sorted
}

func (t *Timing) add(d time.Duration) {
	t.Runs = append(t.Runs, d)
	slices.Sort(t.Runs)
}

// Median is the time of one command in the run in the middle, in nanoseconds.
func (t *Timing) Median() float64 { return t.perCommand(len(t.Runs) / 2) }

// Least is the time of one command in the fastest run, in nanoseconds.
func (t *Timing) Least() float64 { return t.perCommand(0) }

func (t *Timing) perCommand(run int) float64 {
	if t.Commands == 0 {
		return 0
	}
	return float64(t.Runs[run].Nanoseconds()) / float64(t.Commands)
}
