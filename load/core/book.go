package core

import (
	"fmt"
	"runtime"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/book"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/load/workload"
)

// BookResult is what a book alone did with a stream.
type BookResult struct {
	Tally    workload.Tally // of all trades, prefill included
	Live     int            // orders that rest at the end
	Commands int            // timed
	Time     Timing
}

// Book sends a stream through an order book several times. The timed work of a command is to find the order, match it,
// and write the bytes of its events: placed, rested, matched, cancelled. There are no accounts, no money and no keys.
func Book(s *workload.Stream, runs int) (*BookResult, error) {
	d := newDesk()
	ids, tally, err := d.rehearse(s)
	if err != nil {
		return nil, err
	}
	r := &BookResult{Tally: tally, Live: d.orders.Live(), Commands: s.Timed(), Time: Timing{Commands: s.Timed()}}
	commands := bookCommands(s, ids)
	for range runs {
		d = newDesk()
		d.run(commands[:s.Prefill])
		runtime.GC()
		start := time.Now()
		d.run(commands[s.Prefill:])
		r.Time.add(time.Since(start))
		if d.orders.Live() != r.Live {
			return nil, fmt.Errorf("%d orders rest after a timed run, %d after the first", d.orders.Live(), r.Live)
		}
	}
	return r, nil
}

// bookCommand is a record as an exchange sees it: an order to cancel is named by the id that it was given.
type bookCommand struct {
	order    exchange.OrderID // 0: a new order
	quantity exchange.Quantity
	price    exchange.Price
	side     exchange.Side
}

func bookCommands(s *workload.Stream, ids []exchange.OrderID) []bookCommand {
	commands := make([]bookCommand, len(s.Records))
	for i, r := range s.Records {
		c := &commands[i]
		c.quantity, c.price, c.side = exchange.Quantity(r.Quantity), exchange.Price(r.Tick), exchange.Side(r.Side)
		if r.Kind == workload.Cancel {
			c.order = ids[r.ID]
		}
	}
	return commands
}

// eventsBuffer is how many bytes of events are written before they are written over, as a segment's buffer is.
const eventsBuffer = 1 << 16

// maxFrame is more than any of the frames that a desk writes.
const maxFrame = 128

// desk is a book with what it takes to trade in it.
type desk struct {
	book   book.Book
	orders book.Orders
	number uint64 // orders placed
	events []byte
	placed exchange.OrderPlaced
	rested exchange.OrderRested
	match  exchange.OrderMatched
	leave  exchange.Release
}

func newDesk() *desk {
	d := &desk{events: make([]byte, 0, eventsBuffer+maxFrame)}
	d.placed.Market, d.rested.Market, d.match.Market, d.leave.Market = 1, 1, 1, 1
	return d
}

// rehearse runs the stream once with every trade looked at, and returns the id that each order got.
func (d *desk) rehearse(s *workload.Stream) ([]exchange.OrderID, workload.Tally, error) {
	ids := make([]exchange.OrderID, 1, s.Orders()+1)
	tally := workload.NewTally()
	var decoder wire.Decoder
	for i, r := range s.Records {
		c := bookCommand{quantity: exchange.Quantity(r.Quantity), price: exchange.Price(r.Tick), side: exchange.Side(r.Side)}
		d.events = d.events[:0]
		if r.Kind == workload.Cancel {
			c.order = ids[r.ID]
			d.cancel(&c)
			continue
		}
		ids = append(ids, d.place(&c))
		for frames := d.events; len(frames) > 0; {
			frame, rest, err := wire.Next(frames)
			if err != nil {
				return nil, tally, fmt.Errorf("the events of record %d: %w", i+1, err)
			}
			frames = rest
			event, err := decoder.Event(frame)
			if err != nil {
				return nil, tally, fmt.Errorf("an event of record %d: %w", i+1, err)
			}
			if e, ok := event.(*exchange.OrderMatched); ok {
				tally.Add(uint32(e.Maker.Number()), uint32(e.Taker.Number()), uint32(e.Price), uint32(e.Quantity))
			}
		}
	}
	return ids, tally, nil
}

func (d *desk) run(commands []bookCommand) {
	for i := range commands {
		if len(d.events) >= eventsBuffer {
			d.events = d.events[:0]
		}
		if c := &commands[i]; c.order != 0 {
			d.cancel(c)
		} else {
			d.place(c)
		}
	}
}

// place matches an order and rests what is left.
func (d *desk) place(c *bookCommand) exchange.OrderID {
	d.number++
	slot := d.orders.Take()
	id := exchange.NewOrderID(d.number, slot)
	crosses := d.book.WouldTrade(c.side, c.price)
	e := &d.placed
	e.Order, e.Side, e.Price, e.Quantity, e.Resting = id, c.side, c.price, c.quantity, c.quantity
	if crosses {
		e.Resting = 0
	}
	d.events = wire.AppendOrderPlaced(d.events, e)
	left := c.quantity
	if crosses {
		left = d.take(id, c)
	}
	if left == 0 {
		d.orders.Release(slot)
		return id
	}
	o := d.orders.At(slot)
	o.ID, o.Side, o.Price, o.Remaining, o.Filled = id, c.side, c.price, left, c.quantity-left
	d.book.Append(&d.orders, slot)
	return id
}

// take trades with the best opposite orders while the price allows, and returns what is left.
func (d *desk) take(id exchange.OrderID, c *bookCommand) exchange.Quantity {
	left := c.quantity
	for left > 0 {
		slot, price := d.book.Head(c.side.Opposite())
		if slot == 0 || !book.Crosses(c.side, c.price, price) {
			d.rested.Order, d.rested.Resting = id, left
			d.events = wire.AppendEvent(d.events, &d.rested)
			break
		}
		left -= d.trade(id, c.side, slot, left)
	}
	return left
}

func (d *desk) trade(taker exchange.OrderID, side exchange.Side, slot uint32, left exchange.Quantity) exchange.Quantity {
	maker := d.orders.At(slot)
	q := min(left, maker.Remaining)
	e := &d.match
	e.Maker, e.Taker, e.TakerSide, e.Price, e.Quantity = maker.ID, taker, side, maker.Price, q
	d.events = wire.AppendOrderMatched(d.events, e)
	maker.Filled += q
	d.book.Reduce(&d.orders, maker, q)
	if maker.Remaining == 0 {
		d.orders.Release(slot)
	}
	return q
}

// cancel takes an order out of the book. One that has left it is not found.
func (d *desk) cancel(c *bookCommand) {
	o := d.orders.Find(c.order)
	if o == nil {
		return
	}
	e := &d.leave
	e.Order, e.Quantity = c.order, o.Remaining
	d.book.Remove(&d.orders, o)
	d.orders.Release(c.order.Slot())
	d.events = wire.AppendRelease(d.events, exchange.KindOrderCancelled, e, exchange.CancelRequested)
}
