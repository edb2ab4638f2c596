package shard_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/hustings/hustings/exchange"
)

var (
	clusters     = 12
	clusterSteps = 1_500
)

// TestTransfersBetweenShards lets three shards trade and send cash to each other, by a courier who loses, repeats and
// mixes up what he carries. Each shard is compared with a model of its own, and after every step all the money there is
// must be what was paid in.
func TestTransfersBetweenShards(t *testing.T) {
	total := courierCounts{}
	for s := range uint64(clusters) {
		c := newCluster(t, *seed+s)
		for range clusterSteps {
			c.step()
		}
		c.finish()
		for what, n := range c.counts {
			total[what] += n
		}
	}
	t.Logf("%v", total)
	for _, what := range []string{"sent", "received", "received again", "receipt out of order", "released", "released again",
		"release out of order", "lost", "funds elsewhere", "placed after a top-up", "refused for good", "account made"} {
		if total[what] == 0 {
			t.Errorf("never: %s", what)
		}
	}
}

type courierCounts map[string]int

// A cluster is three shards, the first of which is home, with what the courier knows.
type cluster struct {
	*rand.Rand
	t       *testing.T
	shards  [4]*harness // by ShardID
	traders [4]*generator
	waiting []*waitingOrder // that wait for cash
	keys    int
	counts  courierCounts
}

type waitingOrder struct {
	at       exchange.ShardID
	order    exchange.PlaceOrder
	toppedUp bool
}

func newCluster(t *testing.T, seed uint64) *cluster {
	c := &cluster{Rand: rand.New(rand.NewPCG(seed, 2)), t: t, counts: courierCounts{}}
	for i := exchange.ShardID(1); i < 4; i++ {
		c.shards[i] = newHarness(newCoverage())
		c.traders[i] = newGenerator(seed*4+uint64(i), c.shards[i])
		c.traders[i].traits.poor, c.traders[i].traits.keys = true, 0
	}
	for i := exchange.ShardID(1); i < 4; i++ {
		c.do(i, &exchange.SwitchRules{Version: exchange.TransferRules})
		c.do(i, &exchange.CreateMarket{Spec: exchange.MarketSpec{Question: "Will the cash arrive?", TakerFee: 700,
			MakerShare: 2_500, PositionLimit: 1_000, Tick: exchange.TickRule{Middle: 1}}})
	}
	for i := range 5 {
		c.do(exchange.HomeShard, &exchange.Register{Name: fmt.Sprintf("trader-%d", i)})
		c.do(exchange.HomeShard, &exchange.Deposit{Account: exchange.AccountID(i + 1), Amount: 2_000_0000})
	}
	return c
}

// do executes a command on a shard and its model, and checks all the money.
func (c *cluster) do(at exchange.ShardID, cmd exchange.Command) exchange.Reply {
	c.t.Helper()
	h, g := c.shards[at], c.traders[at]
	g.serial++
	o := op{wait: exchange.Duration(c.IntN(int(second))), cmds: []command{{g.serial, h.names.unresolve(cmd)}}}
	if err := step(h, o, int(g.serial)); err != nil {
		c.t.Fatalf("shard %d: %v", at, err)
	}
	c.checkMoney()
	return h.shard.out.Replies[0]
}

// checkMoney adds up what is on all shards. A transfer that was received and not released is in two places.
func (c *cluster) checkMoney() {
	c.t.Helper()
	var have, paid exchange.Money
	for i := exchange.ShardID(1); i < 4; i++ {
		s := c.shards[i].shard.shard
		t := s.Totals()
		have += t.Cash + t.Held + t.Escrow + t.MarketFees + t.HouseFees - t.Receivable + t.Outbox
		paid += t.World + t.MovedIn - t.MovedOut
		for _, sent := range s.Outbox() {
			if sent.Number <= c.shards[sent.To].shard.shard.Received(i) {
				have -= sent.Amount
			}
		}
	}
	if have != paid {
		c.t.Fatalf("%v was paid in, the shards and what is between them have %v", paid, have)
	}
}

func (c *cluster) shard() exchange.ShardID { return exchange.ShardID(1 + c.IntN(3)) }

// trader is an account that exists at home, and perhaps elsewhere.
func (c *cluster) trader() exchange.AccountID { return exchange.AccountID(1 + c.IntN(5)) }

func (c *cluster) step() {
	switch n := c.IntN(100); {
	case n < 12:
		c.send(c.shard(), c.shard(), c.trader())
	case n < 50:
		c.carry()
	case n < 65:
		c.place()
	case n < 75:
		c.placeAgain()
	case n < 80:
		c.do(exchange.HomeShard, &exchange.Withdraw{Account: c.trader(), Amount: exchange.Money(1 + c.IntN(100_0000))})
	default:
		c.trade(c.shard())
	}
}

// trade lets something else happen on a shard.
func (c *cluster) trade(at exchange.ShardID) {
	if len(c.shards[at].model.Accounts) == 0 {
		return
	}
	switch cmd := c.traders[at].make().(type) {
	case *exchange.Register, *exchange.ReceiveTransfer, *exchange.ReleaseTransfer: // home's, and the courier's
	case *exchange.SendTransfer:
		if cmd.To == 0 || cmd.To > 3 {
			cmd.To = 2
		}
		c.do(at, cmd)
	default:
		c.do(at, cmd)
	}
}

func (c *cluster) send(from, to exchange.ShardID, account exchange.AccountID) {
	if c.do(from, &exchange.SendTransfer{Account: account, To: to, Amount: exchange.Money(1 + c.IntN(200_0000))}).Code == exchange.Accepted {
		c.counts["sent"]++
	}
}

// carry takes something out of an outbox to where it goes, or the news that it got there back.
func (c *cluster) carry() {
	from := c.shard()
	view, err := c.shards[from].shard.shard.View()
	if err != nil {
		c.t.Fatal(err)
	}
	to := c.shard()
	outbox := slices.DeleteFunc(view.Outbox(), func(t exchange.Transfer) bool { return t.To != to })
	if len(outbox) == 0 {
		return
	}
	t := outbox[0]
	switch c.IntN(6) {
	case 0:
		t = outbox[c.IntN(len(outbox))]
	case 1: // he remembers one that was taken out before
		t.Number = max(t.Number, 2) - 1
	}
	if c.IntN(10) == 0 {
		c.counts["lost"]++
		return
	}
	known := c.exists(t.To, t.Account)
	r := c.do(t.To, &exchange.ReceiveTransfer{From: from, Number: t.Number, Account: t.Account, Amount: t.Amount})
	c.count(r, "received", "received again", "receipt out of order")
	if r.Code != exchange.Accepted {
		return
	}
	if !known && c.exists(t.To, t.Account) {
		c.counts["account made"]++
	}
	if c.IntN(3) > 0 {
		r := c.do(from, &exchange.ReleaseTransfer{To: t.To, Number: t.Number})
		c.count(r, "released", "released again", "release out of order")
	}
}

func (c *cluster) exists(at exchange.ShardID, account exchange.AccountID) bool {
	view, err := c.shards[at].shard.shard.View()
	if err != nil {
		c.t.Fatal(err)
	}
	_, ok := view.Account(account)
	return ok
}

func (c *cluster) count(r exchange.Reply, done, before, early string) {
	switch {
	case r.Code == exchange.RejectTransferOutOfOrder:
		c.counts[early]++
	case r.Code == exchange.Accepted && r.Cost == 0:
		c.counts[before]++
	case r.Code == exchange.Accepted:
		c.counts[done]++
	}
}

// place sends an order to a shard where there may be too little cash for it.
func (c *cluster) place() {
	c.keys++
	o := exchange.PlaceOrder{Account: c.trader(), Key: exchange.Key{byte(c.keys), byte(c.keys >> 8), 9}, Market: 1,
		Side: exchange.Side(c.IntN(2)), Price: exchange.Price(4_900 + c.IntN(200)), Quantity: exchange.Quantity(1 + c.IntN(200)),
		FundsElsewhere: true}
	c.offer(&waitingOrder{at: 2 + exchange.ShardID(c.IntN(2)), order: o})
}

// offer places an order; if its cash is elsewhere it has to wait until that has come.
func (c *cluster) offer(w *waitingOrder) {
	r := c.do(w.at, &w.order)
	switch {
	case r.Code == exchange.RejectFundsElsewhere:
		c.counts["funds elsewhere"]++
		if !w.toppedUp {
			c.do(exchange.HomeShard, &exchange.SendTransfer{Account: w.order.Account, To: w.at, Amount: r.Cost + exchange.Money(c.IntN(100_0000))})
			w.toppedUp = true
		}
		c.waiting = append(c.waiting, w)
	case r.Code == exchange.RejectInsufficientFunds:
		c.counts["refused for good"]++
	case r.Code == exchange.Accepted && c.IntN(2) == 0:
		if again := c.do(w.at, &w.order); again != r {
			c.t.Fatalf("an order with the same key was answered %+v and then %+v", r, again)
		}
	}
}

// placeAgain places an order once more that waits for cash, or gives up and takes the last word.
func (c *cluster) placeAgain() {
	if len(c.waiting) == 0 {
		return
	}
	i := c.IntN(len(c.waiting))
	w := c.waiting[i]
	c.waiting = append(c.waiting[:i], c.waiting[i+1:]...)
	w.order.FundsElsewhere = c.IntN(4) > 0
	placed := c.shards[w.at].model.Orders
	c.offer(w)
	if c.shards[w.at].model.Orders > placed {
		c.counts["placed after a top-up"]++
	}
}

// finish carries everything to its end: then nothing is under way, and the shards have what was paid in.
func (c *cluster) finish() {
	for i := exchange.ShardID(1); i < 4; i++ {
		for _, t := range c.shards[i].shard.shard.Outbox() {
			receive := c.do(t.To, &exchange.ReceiveTransfer{From: i, Number: t.Number, Account: t.Account, Amount: t.Amount})
			release := c.do(i, &exchange.ReleaseTransfer{To: t.To, Number: t.Number})
			if receive.Code != exchange.Accepted || release.Code != exchange.Accepted {
				c.t.Fatalf("%+v of shard %d: %v, %v", t, i, receive.Code, release.Code)
			}
		}
	}
	var received, released exchange.Money
	for _, h := range c.shards[1:] {
		t := h.shard.shard.Totals()
		if received, released = received+t.Received, released+t.Released; t.Outbox != 0 {
			c.t.Errorf("%v is still under way", t.Outbox)
		}
	}
	if received != released {
		c.t.Errorf("%v was received and %v released", received, released)
	}
}
