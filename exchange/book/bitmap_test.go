package book

import (
	"testing"

	"pgregory.net/rapid"
)

const ticks = 10_048 // that a bitmap can mark

// Every tick sees the one or two that are marked, on whichever side of it they are.
func TestBitmapBorders(t *testing.T) {
	marks := []uint32{1, 63, 64, 65, 127, 128, 4_095, 4_096, 8_191, 8_192, 9_999}
	for i, low := range marks {
		for _, high := range marks[i:] {
			var m bitmap
			m.set(low)
			m.set(high)
			for tick := range uint32(ticks) {
				var below, above uint32
				if tick > high {
					below = high
				} else if tick > low {
					below = low
				}
				if tick < low {
					above = low
				} else if tick < high {
					above = high
				}
				if m.below(tick) != below || m.above(tick) != above {
					t.Fatalf("%d and %d are marked: %d is below %d and %d above, want %d and %d",
						low, high, m.below(tick), tick, m.above(tick), below, above)
				}
			}
		}
	}
}

func TestBitmapAgainstScan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m bitmap
		var marked [ticks]bool
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			tick := uint32(prices.Draw(t, "tick"))
			if marked[tick] = rapid.Bool().Draw(t, "set"); marked[tick] {
				m.set(tick)
			} else {
				m.clear(tick)
			}
			at := uint32(prices.Draw(t, "at"))
			if got, want := m.below(at), scan(&marked, at, -1); got != want {
				t.Fatalf("%d is below %d, want %d", got, at, want)
			}
			if got, want := m.above(at), scan(&marked, at, +1); got != want {
				t.Fatalf("%d is above %d, want %d", got, at, want)
			}
		}
	})
}

// scan looks at one tick after the other.
func scan(marked *[ticks]bool, from uint32, step int) uint32 {
	for tick := int(from) + step; tick > 0 && tick < ticks; tick += step {
		if marked[tick] {
			return uint32(tick)
		}
	}
	return 0
}
