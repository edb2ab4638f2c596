package gateway

import "sync/atomic"

// gate admits up to most at once, and refuses the others at once.
type gate struct {
	most   int64
	inside atomic.Int64
}

func (g *gate) enter() bool {
	if g.inside.Add(1) > g.most {
		g.inside.Add(-1)
		return false
	}
	return true
}

// full reports whether nobody would be admitted now.
func (g *gate) full() bool { return g.inside.Load() >= g.most }

// fill is which share of the room is taken.
func (g *gate) fill() float64 { return float64(g.inside.Load()) / float64(g.most) }

func (g *gate) leave() { g.inside.Add(-1) }
