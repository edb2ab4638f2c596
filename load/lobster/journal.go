package lobster

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// Journal sums up the events of a whole journal, which Add is shown in order. The digests of two runs of one recording
// on a fresh exchange are equal: times are left out, which no event but those of credentials holds, and so are secrets.
type Journal struct {
	Events  int
	Trades  []Trade
	hash    hash.Hash
	decoder wire.Decoder
	frame   []byte
}

// NewJournal returns the summary of no events.
func NewJournal() *Journal { return &Journal{hash: sha256.New()} }

// Digest is a hash of all events, in hexadecimal.
func (j *Journal) Digest() string { return hex.EncodeToString(j.hash.Sum(nil)) }

// Add takes in the next event.
func (j *Journal) Add(seq uint64, frame []byte) error {
	event, err := j.decoder.Event(frame)
	if err != nil {
		return fmt.Errorf("event %d: %w", seq, err)
	}
	j.Events++
	switch e := event.(type) {
	case *exchange.OrderMatched:
		j.Trades = append(j.Trades, Trade{Seq: api.ID(seq), Maker: api.ID(e.Maker), Taker: api.ID(e.Taker),
			Quantity: uint32(e.Quantity), Price: api.Price(e.Price)})
	case *exchange.CredentialCreated:
		e.Hash, e.ExpireAt = [32]byte{}, 0
	case *exchange.AccountRegistered:
		e.PasswordHash = ""
	}
	j.frame = wire.AppendEvent(j.frame[:0], event)
	j.hash.Write(j.frame)
	return nil
}
