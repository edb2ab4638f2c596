package workload

import (
	"fmt"

	"github.com/hustings/hustings/load/naive"
)

// Shape is all that a generated stream depends on.
type Shape struct {
	Seed    uint64
	Prefill int // orders that rest before the timed commands
	Target  int // resting orders above which aggressive orders take more than the best one
	Width   int // how far from the middle new orders are placed, in ticks
	Mid     int // the middle at the start, in ticks
	Count   int // timed commands
}

// StreamA is the shape that published figures are about.
var StreamA = Shape{Seed: 20260101, Prefill: 1_000, Target: 1_000, Width: 120, Mid: 5_000, Count: 1_000_000}

// The middle drifts between these ticks.
const (
	lowestMid  = 300
	highestMid = 9_700
)

// Check reports what of a shape cannot be generated.
func (s Shape) Check() error {
	switch {
	case s.Prefill < 0 || s.Count < 0 || s.Prefill+s.Count > MaxRecords:
		return fmt.Errorf("prefill %d and count %d: neither may be negative, nor their sum above %d", s.Prefill, s.Count, MaxRecords)
	case s.Target < 0:
		return fmt.Errorf("target %d is negative", s.Target)
	case s.Width < 1 || s.Width > MaxTick:
		return fmt.Errorf("width %d is not within 1 to %d", s.Width, MaxTick)
	case s.Mid < lowestMid || s.Mid > highestMid:
		return fmt.Errorf("mid %d is not within %d to %d", s.Mid, lowestMid, highestMid)
	}
	return nil
}

type generator struct {
	Shape
	random splitMix
	mid    int
	book   *naive.Book
	stream *Stream
}

// Generate makes the stream of a shape. Equal shapes give equal streams.
func Generate(shape Shape) (*Stream, error) {
	if err := shape.Check(); err != nil {
		return nil, fmt.Errorf("the shape of the stream: %w", err)
	}
	g := generator{
		Shape: shape, random: splitMix(shape.Seed), mid: shape.Mid, book: naive.New(),
		stream: &Stream{Prefill: shape.Prefill, Records: make([]Record, 0, shape.Prefill+shape.Count)},
	}
	for range shape.Prefill {
		g.newLimit()
	}
	for range shape.Count {
		g.drift()
		g.command()
	}
	return g.stream, nil
}

func (g *generator) drift() {
	if g.random.below(16) != 0 {
		return
	}
	if g.random.coin() == 0 {
		g.mid--
	} else {
		g.mid++
	}
	if g.mid < lowestMid {
		g.mid = 2*lowestMid - g.mid
	}
	if g.mid > highestMid {
		g.mid = 2*highestMid - g.mid
	}
}

func (g *generator) command() {
	switch k := g.random.below(100); {
	case k < 50:
		g.newLimit()
	case k < 90:
		g.cancel()
	default:
		g.aggressive()
	}
}

func (g *generator) newLimit() {
	side := g.random.coin()
	off := int(min(g.random.below(uint64(g.Width)), g.random.below(uint64(g.Width))))
	tick := g.mid + 1 + off
	if side == Buy {
		tick = g.mid - 1 - off
	}
	quantity := 1 + uint32(g.random.below(100))
	g.place(New, side, uint16(min(max(tick, 1), MaxTick)), quantity)
}

func (g *generator) cancel() {
	live := g.book.Live()
	if len(live) == 0 {
		g.newLimit()
		return
	}
	id := live[g.random.below(uint64(len(live)))]
	o := g.book.Order(id)
	g.book.Cancel(id)
	g.stream.Records = append(g.stream.Records, Record{ID: id, Tick: o.Tick, Kind: Cancel, Side: o.Side})
}

// aggressive takes part of the best order while few orders rest, and up to five levels when there are many.
func (g *generator) aggressive() {
	side := g.random.coin()
	tick := g.book.Best(side ^ 1)
	if tick == 0 {
		g.newLimit()
		return
	}
	if len(g.book.Live()) <= g.Target {
		g.place(Aggressive, side, tick, 1+uint32(g.random.below(uint64(g.book.Head(tick).Open))))
		return
	}
	var quantity uint64
	for more := g.random.below(5); more > 0; more-- {
		worse := g.book.Worse(side^1, tick)
		if worse == 0 {
			break
		}
		quantity += g.book.Quantity(tick)
		tick = worse
	}
	quantity += 1 + g.random.below(g.book.Quantity(tick))
	g.place(Aggressive, side, tick, uint32(quantity))
}

func (g *generator) place(kind Kind, side uint8, tick uint16, quantity uint32) {
	r := Record{ID: g.book.Next(), Quantity: quantity, Tick: tick, Kind: kind, Side: side}
	g.book.Place(side, tick, quantity, true)
	g.stream.Records = append(g.stream.Records, r)
}
