// Package recovery measures how fast a replica comes up again: it builds a directory as a busy exchange would leave it,
// a snapshot of many open orders and a log of a million commands behind it, and takes the time of opening that.
package recovery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/replica"
)

// Config says what state is recovered.
type Config struct {
	Dir        string // empty, or not there yet
	OpenOrders int    // resting when the snapshot is taken
	Accounts   int
	Markets    int
	Tail       int // commands in the log behind the snapshot
	Progress   func(done, of int)
}

const (
	batch  = 4_096 // commands submitted together
	middle = 5_000 // tick around which orders rest
	spread = 400   // farthest from it

	marketsEach = 4 // in which an account trades
)

func (c *Config) check() error {
	if c.OpenOrders < 1 || c.OpenOrders > exchange.MaxOpenOrders || c.Accounts < 1 || c.Markets < 1 || c.Tail < 0 {
		return fmt.Errorf("%d open orders of %d accounts in %d markets and %d commands: there must be one of each, and at most %d orders",
			c.OpenOrders, c.Accounts, c.Markets, c.Tail, exchange.MaxOpenOrders)
	}
	return nil
}

// Build makes the directory. Everything in it went through the log, as in an exchange that runs.
func Build(ctx context.Context, c Config) error {
	if err := c.check(); err != nil {
		return err
	}
	b := builder{Config: c, random: rand.New(rand.NewPCG(1, uint64(c.OpenOrders)))}
	setup := c.Markets + 2*c.Accounts + c.OpenOrders
	b.of = setup + c.Tail
	// The snapshot is taken when the last of these commands is applied, and the next one would come too late.
	if err := b.phase(ctx, setup, b.setUp); err != nil {
		return fmt.Errorf("building the state of the snapshot: %w", err)
	}
	if err := b.phase(ctx, 1<<40, b.trade); err != nil {
		return fmt.Errorf("writing the log behind the snapshot: %w", err)
	}
	return nil
}

type builder struct {
	Config
	replica  *replica.Replica
	random   *rand.Rand
	commands []byte
	count    int
	replies  []exchange.Reply
	sent     uint64 // commands so far; each has a key of its own
	done, of int
	open     []openOrder
}

type openOrder struct {
	order   exchange.OrderID
	market  exchange.MarketID
	account exchange.AccountID
}

// phase runs one life of the replica.
func (b *builder) phase(ctx context.Context, snapshotEvery int, work func(context.Context) error) (err error) {
	b.replica, err = replica.Open(replica.Config{Dir: b.Dir, SnapshotEvery: snapshotEvery, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	err = b.replica.Ready(ctx)
	if err == nil {
		err = work(ctx)
	}
	return errors.Join(err, b.replica.Close())
}

// submit adds a command to the batch, and sends it when it is full.
func (b *builder) submit(ctx context.Context, command exchange.Command, each func(exchange.Reply) error) (err error) {
	if b.commands, err = wire.AppendCommand(b.commands, command); err != nil {
		return fmt.Errorf("encoding a %T: %w", command, err)
	}
	if b.count++; b.count < batch {
		return nil
	}
	return b.flush(ctx, each)
}

// flush sends what is in the batch and shows the replies.
func (b *builder) flush(ctx context.Context, each func(exchange.Reply) error) error {
	if b.count == 0 {
		return nil
	}
	if cap(b.replies) < b.count {
		b.replies = make([]exchange.Reply, batch)
	}
	replies := b.replies[:b.count]
	if err := b.replica.Submit(ctx, b.commands, b.count, replies); err != nil {
		return err
	}
	b.done += b.count
	b.commands, b.count = b.commands[:0], 0
	if b.Progress != nil {
		b.Progress(b.done, b.of)
	}
	for _, r := range replies {
		if err := each(r); err != nil {
			return err
		}
	}
	return nil
}

func accepted(r exchange.Reply) error {
	if r.Code != exchange.Accepted {
		return fmt.Errorf("a command was refused: %s", r.Code)
	}
	return nil
}

// key makes the next idempotency key.
func (b *builder) key() (key exchange.Key) {
	b.sent++
	for i := range 8 {
		key[i], key[8+i] = byte(b.random.Uint32()), byte(b.sent>>(8*i))
	}
	return key
}

func (b *builder) setUp(ctx context.Context) error {
	for i := range b.Markets {
		err := b.submit(ctx, &exchange.CreateMarket{Key: b.key(), Spec: exchange.MarketSpec{
			Question: fmt.Sprintf("Will the replica be back within a second, in market %d?", i+1),
			Tick:     exchange.TickRule{Middle: 1}, TakerFee: 700, PositionLimit: exchange.MaxPosition,
		}}, accepted)
		if err != nil {
			return err
		}
	}
	for i := range b.Accounts {
		err := b.submit(ctx, &exchange.Register{Key: b.key(), Name: fmt.Sprintf("trader-%d", i+1)}, accepted)
		if err != nil {
			return err
		}
	}
	for i := range b.Accounts {
		err := b.submit(ctx, &exchange.Deposit{Account: exchange.AccountID(i + 1), Key: b.key(), Amount: 1e10}, accepted)
		if err != nil {
			return err
		}
	}
	if err := b.flush(ctx, accepted); err != nil {
		return err
	}
	return b.place(ctx, b.OpenOrders, b.rest)
}

// place submits n commands that next makes, and remembers the orders that rest.
func (b *builder) place(ctx context.Context, n int, next func() (exchange.Command, openOrder)) error {
	var expected []openOrder
	remember := func(r exchange.Reply) error {
		o := expected[0]
		expected = expected[1:]
		switch {
		case r.Code == exchange.Accepted && r.Remaining > 0 && o.market != 0:
			o.order = exchange.OrderID(r.ID)
			b.open = append(b.open, o)
		case r.Code != exchange.Accepted && r.Code != exchange.RejectOrderNotFound:
			return accepted(r)
		}
		return nil
	}
	for range n {
		command, o := next()
		expected = append(expected, o)
		if err := b.submit(ctx, command, remember); err != nil {
			return err
		}
	}
	return b.flush(ctx, remember)
}

// rest makes an order that meets nothing: buys lie below the middle, sells above.
func (b *builder) rest() (exchange.Command, openOrder) {
	c := b.order()
	off := exchange.Price(1 + min(b.random.IntN(spread), b.random.IntN(spread)))
	c.Price = middle + off
	if c.Side == exchange.Buy {
		c.Price = middle - off
	}
	c.Quantity = exchange.Quantity(1 + b.random.IntN(100))
	return c, openOrder{market: c.Market, account: c.Account}
}

// order makes an order of any account in one of the few markets that it trades in.
func (b *builder) order() *exchange.PlaceOrder {
	account := 1 + b.random.IntN(b.Accounts)
	return &exchange.PlaceOrder{
		Account: exchange.AccountID(account), Key: b.key(),
		Market: exchange.MarketID(1 + (account*marketsEach+b.random.IntN(marketsEach))%b.Markets), Side: exchange.Side(b.random.IntN(2)),
	}
}

// trade sends what an exchange is sent all day: half of it new orders, the rest cancels and some orders that trade.
func (b *builder) trade(ctx context.Context) error {
	return b.place(ctx, b.Tail, func() (exchange.Command, openOrder) {
		switch k := b.random.IntN(100); {
		case k < 50:
			return b.rest()
		case k < 90 && len(b.open) > 0:
			return b.cancel(), openOrder{}
		}
		c := b.order()
		c.TimeInForce, c.Quantity, c.Price = exchange.ImmediateOrCancel, exchange.Quantity(1+b.random.IntN(100)), middle-spread
		if c.Side == exchange.Buy {
			c.Price = middle + spread
		}
		return c, openOrder{}
	})
}

func (b *builder) cancel() exchange.Command {
	i, last := b.random.IntN(len(b.open)), len(b.open)-1
	o := b.open[i]
	b.open[i] = b.open[last]
	b.open = b.open[:last]
	return &exchange.CancelOrder{Account: o.account, Key: b.key(), Market: o.market, Order: o.order}
}
