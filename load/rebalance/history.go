package rebalance

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/load/cluster"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/vfs"
)

// A move is known by its market and its number.
type move struct {
	market exchange.MarketID
	number uint32
}

// arrival is the end of a move.
type arrival struct {
	at exchange.Time
	to exchange.ShardID
}

// sweeping is one side of a market that was taken in the end.
type sweeping struct {
	market exchange.MarketID
	taker  exchange.Side
}

// history is what the journals of a node say, of all shards together.
type history struct {
	placed  map[string]order // the first one under each client order id
	doubled int
	gone    map[order]struct{} // cancelled
	price   map[order]exchange.Price
	frozen  map[move]exchange.Time
	arrived map[move]arrival
	sweeper exchange.AccountID
	swept   map[sweeping][]exchange.OrderID // in the order in which they traded
	totals  []projection.Totals             // of each shard, at its end
	decoder wire.Decoder
}

func newHistory(sweeper exchange.AccountID) *history {
	return &history{placed: map[string]order{}, gone: map[order]struct{}{}, price: map[order]exchange.Price{},
		frozen: map[move]exchange.Time{}, arrived: map[move]arrival{}, sweeper: sweeper, swept: map[sweeping][]exchange.OrderID{}}
}

// read reads all journals of a node, checks every byte of them, and folds them.
func (h *history) read(n *cluster.Node) error {
	data := filepath.Join(n.Dir, "data")
	shards, err := node.ShardsIn(vfs.OS, data)
	if err != nil {
		return err
	}
	for _, id := range shards {
		view := projection.New()
		each := func(rec journal.Record) error {
			for seq, frame := range rec.All() {
				event, err := h.decoder.Event(frame)
				if err != nil {
					return fmt.Errorf("event %d: %w", seq, err)
				}
				h.event(id, exchange.Time(rec.Time), event)
			}
			return view.Apply(exchange.Time(rec.Time), exchange.Seq(rec.FirstSeq), rec.Events, int(rec.Count))
		}
		dir := filepath.Join(node.ShardDir(data, id), "journal")
		if _, err := journal.Verify(vfs.OS, dir, journal.VerifyOptions{Each: each}); err != nil {
			return fmt.Errorf("shard %d: %w", id, err)
		}
		h.totals = append(h.totals, view.Totals())
	}
	return nil
}

func (h *history) event(shard exchange.ShardID, at exchange.Time, event exchange.Event) {
	switch e := event.(type) {
	case *exchange.OrderPlaced:
		o := order{e.Market, e.Order}
		h.price[o] = e.Price
		if len(e.ClientID) == 0 {
			return
		}
		if _, twice := h.placed[string(e.ClientID)]; twice {
			h.doubled++
			return
		}
		h.placed[string(e.ClientID)] = o
	case *exchange.OrderCancelled:
		h.gone[order{e.Market, e.Order}] = struct{}{}
	case *exchange.OrderMatched:
		if e.TakerAccount == h.sweeper {
			of := sweeping{e.Market, e.TakerSide}
			h.swept[of] = append(h.swept[of], e.Maker)
		}
	case *exchange.MarketFrozen:
		h.frozen[move{e.Market, e.Move}] = at
	case *exchange.MarketPartAdopted:
		if e.Last {
			h.arrived[move{e.Market, e.Move}] = arrival{at, shard}
		}
	}
}

// freezes returns how long each market stood still that has moved to a shard above last, and which these are.
func (h *history) freezes(last exchange.ShardID) (all []time.Duration, moved map[exchange.MarketID]bool) {
	moved = map[exchange.MarketID]bool{}
	for m, a := range h.arrived {
		if a.to > last {
			all = append(all, time.Duration(a.at-h.frozen[m]))
			moved[m.market] = true
		}
	}
	return all, moved
}

// compare counts what clients were told and is not so.
func (h *history) compare(res *Result, placed map[string]order, gone map[order]struct{}) {
	for id, o := range placed {
		if is, there := h.placed[id]; !there || is != o {
			res.lost("order %s was acknowledged as %v and is %v (%t)", id, o, is, there)
		}
	}
	for o := range gone {
		if _, there := h.gone[o]; !there {
			res.lost("the cancel of order %v was acknowledged and is not there", o)
		}
	}
}

// priority reports the sides of books that were not taken by price and then by age, or of which something was missing.
func (h *history) priority(res *Result, markets []exchange.MarketID, holders map[order]struct{}) {
	rested := map[exchange.MarketID]int{}
	for o := range holders {
		rested[o.market]++
	}
	for _, m := range markets {
		found := 0
		for _, taker := range []exchange.Side{exchange.Buy, exchange.Sell} {
			makers := h.swept[sweeping{m, taker}]
			res.Swept += len(makers)
			if !slices.IsSortedFunc(makers, h.before(m, taker)) {
				res.lost("the orders of market %d, side %v, were taken in the order %v", m, taker, makers)
			}
			for _, id := range makers {
				if _, is := holders[order{m, id}]; is {
					found++
				}
			}
		}
		if found != rested[m] {
			res.lost("of %d orders that rested in market %d, %d were taken in the end", rested[m], m, found)
		}
	}
}

// before compares orders by who must trade first with a taker.
func (h *history) before(m exchange.MarketID, taker exchange.Side) func(a, b exchange.OrderID) int {
	return func(a, b exchange.OrderID) int {
		byPrice := cmp.Compare(h.price[order{m, a}], h.price[order{m, b}])
		if taker == exchange.Sell {
			byPrice = -byPrice
		}
		return cmp.Or(byPrice, cmp.Compare(a, b))
	}
}

// money reports what is missing or too much over all shards, in units.
func (h *history) money() (off exchange.Money) {
	for _, t := range h.totals {
		off += t.Cash + t.Held + t.Escrow + t.MarketFees + t.HouseFees - t.Receivables + t.Outbox - (t.Received - t.Released) - t.World
	}
	return off
}
