package workload

import "strconv"

// Tally sums up trades. Two matchers that agree on a stream have equal tallies.
type Tally struct {
	Trades   uint64
	Quantity uint64 // contracts
	// Hash is FNV-1a 64 over maker's id, taker's id, tick and quantity of every trade in order, each as u32
	// little-endian, with the stream's ids.
	Hash uint64
}

const (
	fnvBasis = 14695981039346656037
	fnvPrime = 1099511628211
)

// NewTally returns the tally of no trades.
func NewTally() Tally { return Tally{Hash: fnvBasis} }

// Add counts one trade.
func (t *Tally) Add(maker, taker, tick, quantity uint32) {
	t.Trades++
	t.Quantity += uint64(quantity)
	h := t.Hash
	for _, v := range [4]uint32{maker, taker, tick, quantity} {
		for range 4 {
			h = (h ^ uint64(v&0xff)) * fnvPrime
			v >>= 8
		}
	}
	t.Hash = h
}

func (t Tally) String() string { return strconv.FormatUint(t.Hash, 10) }
