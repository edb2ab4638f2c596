package node

import (
	"errors"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/gateway"
	"github.com/hustings/hustings/journal"
)

// history lets the gateway read the journal.
type history struct {
	journal *journal.Journal
	key     string // the public key of its checkpoints
}

func visiting(visit gateway.Visit) journal.Visit {
	return func(seq uint64, at int64, event []byte) bool {
		return visit(exchange.Seq(seq), exchange.Time(at), event)
	}
}

func (h history) Newest(key uint64, before exchange.Seq, visit gateway.Visit) error {
	return h.journal.History(journal.Key(key), uint64(before), 0, visiting(visit))
}

func (h history) Oldest(key uint64, after, until exchange.Seq, visit gateway.Visit) error {
	return h.journal.HistoryForward(journal.Key(key), uint64(after), uint64(until), visiting(visit))
}

func (h history) Of(exchange.MarketID) []gateway.Stay {
	return []gateway.Stay{{History: h, End: exchange.Seq(h.journal.Last().Seq) + 1}}
}

func (h history) LastAt(at exchange.Time) (exchange.Seq, bool, error) {
	m, ok, err := h.journal.LastAt(int64(at))
	return exchange.Seq(m.LastSeq), ok, err
}

func (h history) Checkpoint() (gateway.Checkpoint, bool) {
	c, ok := h.journal.Latest()
	return gateway.Checkpoint{Size: uint64(c.Size), Note: string(c.Note), Key: h.key}, ok
}

func (h history) Prove(seq exchange.Seq) (gateway.Proof, bool, error) {
	p, err := h.journal.Prove(uint64(seq))
	if errors.Is(err, journal.ErrNoCheckpoint) {
		return gateway.Proof{}, false, nil
	}
	if err != nil {
		return gateway.Proof{}, false, err
	}
	return gateway.Proof{Frame: p.Event, Text: string(p.Text()), Key: h.key}, true, nil
}
