package guard

import "fmt"

// Class is a kind of request. Each has buckets of its own.
type Class uint8

// Classes.
const (
	General        Class = iota // what is none of the others
	Orders                      // places or amends orders; a batch costs as much as it has orders
	MarketData                  // reads what is public
	Authentication              // logs in, registers, or shows a wrong credential
	Cancels                     // only takes orders out of books; never refused because of load, and in no penalty box
	Classes        = iota
)

var classWords = [Classes]string{"general", "orders", "market_data", "authentication", "cancels"}

func (c Class) String() string { return classWords[c] }

// Tier is how much a caller may do.
type Tier uint8

// Tiers, slowest first. Under load the slower ones are slowed down before the faster ones.
const (
	Standard Tier = iota
	Premium
	Institutional
	Tiers = iota
)

var tierWords = [Tiers]string{"standard", "premium", "institutional"}

func (t Tier) String() string { return tierWords[t] }

// ParseTier reads the word of a tier.
func ParseTier(word string) (Tier, error) {
	for t, w := range tierWords {
		if w == word {
			return Tier(t), nil
		}
	}
	return 0, fmt.Errorf("%q is no tier: write standard, premium or institutional", word)
}

// Reason says why somebody was refused.
type Reason uint8

// Reasons.
const (
	Admitted    Reason = iota
	RateLimited        // the bucket has not enough tokens
	Boxed              // in the penalty box
	Throttled          // the bucket has not enough tokens because the exchange is loaded
	TooMany            // more tokens at once than the bucket ever has
	Reasons     = iota
)

var reasonWords = [Reasons]string{"admitted", "rate_limited", "penalty_box", "load", "too_many"}

func (r Reason) String() string { return reasonWords[r] }
