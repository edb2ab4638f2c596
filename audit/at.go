package audit

import (
	"errors"
	"fmt"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/replica"
)

// Instant is a market as it was.
type Instant struct {
	View *projection.View // of this market alone: its books, orders and positions
	Seq  exchange.Seq     // the last event of any market at or before the instant
	Time exchange.Time    // of that event
	End  exchange.Time    // of the journal

	// Cut is where the journal turned out damaged or torn; nil if it is whole. Nothing behind it was seen.
	Cut *journal.Corruption
}

var (
	// ErrBefore says that nothing had happened yet.
	ErrBefore = errors.New("the exchange had not begun")
	// ErrNoMarket says that a market did not exist yet, or never did.
	ErrNoMarket = errors.New("there was no such market")
)

// At tells what a market was like at an instant. It reads the market's own events, by the journal's index.
func At(dir string, market exchange.MarketID, at exchange.Time, o Options) (_ *Instant, err error) {
	release, err := o.open(dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, release()) }()
	j, recovery, err := journal.Open(readOnly(o.FS), replica.JournalDir(dir), replica.JournalOptions(max(o.Shard, exchange.HomeShard)))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	last, found, err := j.LastAt(int64(at))
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("%w at %s", ErrBefore, at.Std().Format(time.RFC3339))
	}
	past := projection.NewMarketAt(market)
	var folding error
	err = j.HistoryForward(journal.Key(projection.MarketKey(market)), 0, last.LastSeq, func(seq uint64, now int64, event []byte) bool {
		folding = past.Apply(exchange.Time(now), exchange.Seq(seq), event)
		return folding == nil
	})
	if err := errors.Join(err, folding); err != nil {
		return nil, fmt.Errorf("folding the events of market %d: %w", market, err)
	}
	if _, known := past.View().Market(market); !known {
		return nil, fmt.Errorf("market %d: %w", market, ErrNoMarket)
	}
	return &Instant{View: past.View(), Seq: exchange.Seq(last.LastSeq), Time: exchange.Time(last.Time),
		End: exchange.Time(j.Last().Time), Cut: recovery.Cut}, nil
}
