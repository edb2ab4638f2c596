package watch

import "github.com/hustings/hustings/exchange"

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
	Market   exchange.MarketID // 0: all markets together
	Accounts []exchange.AccountID
	From, To exchange.Time  // log time that the evidence spans
	Evidence []exchange.Seq // events, ascending; the last one completed the finding
	// Score says how far beyond the limit it is, in hundredths: 100 is just there. Observed and Limit are what was compared: contracts
	// a minute (volume_surge), messages for each trade (order_to_trade), times within the hour (the others).
	Score           uint32
	Observed, Limit uint64
}

// scored fills in by how much the limit was reached.
func (f Finding) scored(observed, limit uint64) Finding {
	f.Observed, f.Limit = observed, limit
	f.Score = uint32(min(observed*100/max(limit, 1), 1_000_000))
	return f
}

// mostEvidence is how many Seqs a finding has at most.
const mostEvidence = 8

// trail remembers the events that led somewhere: the first ones, and always the last.
type trail struct {
	seqs [mostEvidence]exchange.Seq
	n    uint8
}

func (t *trail) add(seq exchange.Seq) {
	if t.n > 0 && t.seqs[t.n-1] == seq {
		return
	}
	if int(t.n) == len(t.seqs) {
		t.seqs[t.n-1] = seq
		return
	}
	t.seqs[t.n] = seq
	t.n++
}

func (t *trail) list() []exchange.Seq { return append([]exchange.Seq(nil), t.seqs[:t.n]...) }
