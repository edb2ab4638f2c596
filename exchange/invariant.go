package exchange

// Invariant numbers what must hold after every command. A broken one halts the market it belongs to.
type Invariant uint8

// Invariants.
const (
	InvariantConservation Invariant = iota + 1 // cash + holds + escrow + fees − receivables = deposits − withdrawals
	InvariantNonNegative                       // no balance below zero, reservations within what they reserve from
	InvariantPairs                             // Σ yes = Σ no per book, escrow = pairs × 1.0000, 0 once settled
	InvariantUncrossed                         // best bid < best ask
	InvariantPriority                          // price-time priority
	InvariantQuantities                        // filled + remaining + cancelled + expired = original
)

var invariants = [...]string{"", "conservation", "non_negative", "pairs", "uncrossed", "priority", "quantities"}

func (i Invariant) String() string {
	if int(i) < len(invariants) {
		return invariants[i]
	}
	return "unknown"
}
