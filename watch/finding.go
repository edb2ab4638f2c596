package watch

import (
	"slices"

	"github.com/hustings/hustings/exchange"
)

// Kind is what a finding is about.
type Kind uint8

// Kinds of finding.
const (
	VolumeSurge Kind = iota
	OrderToTrade
	Layering
	WashPair
	SelfTrade
	WashRing
	Kinds
)

var kindNames = [Kinds]string{"volume_surge", "order_to_trade", "layering", "wash_pair", "self_trade", "wash_ring"}

func (k Kind) String() string {
	if k < Kinds {
		return kindNames[k]
	}
	return "unknown"
}

// ParseKind returns the kind of a name.
func ParseKind(name string) (Kind, bool) {
	for k, n := range kindNames {
		if n == name {
			return Kind(k), true
		}
	}
	return 0, false
}

// Finding is something that a person should look at.
type Finding struct {
	Kind     Kind
	Markets  []exchange.MarketID // of the evidence, ascending
	Accounts []exchange.AccountID
	From, To exchange.Time // log time that the evidence spans
	Evidence []Evidence    // in the order in which it was seen; the last one completed the finding
	// Score says how far beyond the limit it is, in hundredths: 100 is just there. Observed and Limit are what was compared: contracts
	// a minute (volume_surge), messages for each trade (order_to_trade), times within the hour (the others).
	Score           uint32
	Observed, Limit uint64
}

// tell tells of a finding that an event completes.
func (w *Watch) tell(kind Kind, m moment, from exchange.Time, evidence []Evidence, observed, limit uint64, accounts ...exchange.AccountID) {
	f := Finding{Kind: kind, Accounts: accounts, From: from, To: max(m.now, from), Evidence: evidence, Observed: observed, Limit: limit,
		Score: uint32(min(observed*100/max(limit, 1), 1_000_000))}
	for _, e := range evidence {
		f.Markets = append(f.Markets, e.Market)
	}
	slices.Sort(f.Markets)
	f.Markets = slices.Compact(f.Markets)
	w.found(f)
}
