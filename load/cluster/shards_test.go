package cluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/audit"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/vfs"
)

const (
	traders = 6
	markets = 15
	deposit = 1_000_000_0000
)

// floor is an exchange of several shards and those who trade there.
type floor struct {
	*testing.T
	*Cluster
	shards  int
	markets []api.ID
	ids     []api.ID // of the traders
	tokens  []string
	stop    atomic.Bool
	trading sync.WaitGroup

	mu    sync.Mutex
	acked map[string]api.ID // orders by client id
}

// Three processes with three shards each go on when one is killed and when a disk is lost, with markets moving between them:
// nothing that was acknowledged is lost or there twice, traders have one balance, and all money is accounted for.
func TestShardsOfThreeNodes(t *testing.T) {
	ctx := bound(t)
	dir := t.TempDir()
	binary, err := Build(dir)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Start(Options{Nodes: 3, Shards: 3, Binary: binary, Dir: filepath.Join(dir, "cluster"), TraderDeposits: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := c.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	f := &floor{T: t, Cluster: c, shards: 3, acked: map[string]api.ID{}}
	f.prepare(ctx)
	for i := range traders {
		f.trading.Go(func() { f.trade(ctx, i) })
	}
	f.more(300)
	for _, victim := range []int{f.leads(ctx, 2), f.leads(ctx, 1)} {
		f.must(c.Kill(victim))
		f.more(300)
		f.must(c.Restart(victim))
		f.must(c.Node(victim).Wait(ctx))
	}
	f.healthy(ctx)
	lost := f.leads(ctx, 3)
	f.must(c.Kill(lost))
	f.must(os.RemoveAll(filepath.Join(c.Node(lost).Dir, "data")))
	f.more(300)
	f.must(c.Restart(lost))
	f.must(c.Node(lost).Wait(ctx))
	f.more(300)
	f.stop.Store(true)
	f.trading.Wait()
	f.healthy(ctx)
	f.oneBalance(ctx)
	for _, n := range c.Nodes() {
		f.must(c.Shutdown(ctx, n.Number))
	}
	for _, n := range c.Nodes() {
		f.examine(n)
	}
}

func (f *floor) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func (f *floor) admin(number int) *client.Client {
	f.Helper()
	c, err := f.Admin(number)
	f.must(err)
	f.Cleanup(c.Close)
	return c
}

func (f *floor) public(number int, token string) *client.Client {
	f.Helper()
	c, err := f.Public(number, token)
	f.must(err)
	f.Cleanup(c.Close)
	return c
}

// prepare opens markets, waits until they are spread, and pays in.
func (f *floor) prepare(ctx context.Context) {
	f.Helper()
	admin := f.admin(1)
	for i := range markets {
		m, err := admin.CreateMarket(ctx, fmt.Sprint("market-", i), api.CreateMarket{Question: fmt.Sprintf("Will it be number %d?", i)})
		f.must(err)
		f.markets = append(f.markets, m.Market)
	}
	for {
		s, err := f.Shards(ctx)
		used := 0
		for _, of := range s.Shards {
			if of.Markets > 0 {
				used++
			}
		}
		if err == nil && s.Leaving == 0 && used == f.shards {
			break
		}
		if !pause(ctx) {
			f.Fatalf("the markets are not spread: %+v, %v", s, err)
		}
	}
	for i := range traders {
		name := fmt.Sprint("trader-", i)
		public := f.public(1+i%3, "")
		account, err := public.Register(ctx, name, "correct horse battery")
		f.must(err)
		session, err := public.Login(ctx, name, "correct horse battery")
		f.must(err)
		f.ids, f.tokens = append(f.ids, account.Account), append(f.tokens, session.Secret)
		_, err = public.As(session.Secret).Deposit(ctx, name, api.Transfer{Amount: deposit})
		f.must(err)
	}
}

// trade places one order after another, in all markets and by all nodes in turn, each until it is answered.
func (f *floor) trade(ctx context.Context, i int) {
	var nodes []*client.Client
	for n := 1; n <= 3; n++ {
		c, err := client.New("http://"+f.Node(n).Addr, client.Options{Token: f.tokens[i], Tries: 1}) // another node is asked at once
		if err != nil {
			f.Error(err)
			return
		}
		defer c.Close()
		nodes = append(nodes, c)
	}
	for n := 0; !f.stop.Load(); n++ {
		id := fmt.Sprintf("%d-%d", i, n)
		o := api.PlaceOrder{Outcome: api.Yes, Side: api.Buy, Price: api.Price(4_000 + 10*(n%200)), Quantity: 1, ClientOrderID: id}
		if i%2 == 1 {
			o.Side = api.Sell
		}
		for try := n; ; try++ {
			placed, err := nodes[try%3].Place(ctx, f.markets[n%markets], "", o)
			if err == nil {
				f.mu.Lock()
				f.acked[id] = placed.Order
				f.mu.Unlock()
				break
			}
			if ctx.Err() != nil {
				f.Errorf("order %s is not answered: %v", id, err)
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
}

// more waits until so many more orders are acknowledged.
func (f *floor) more(n int) {
	f.Helper()
	count := func() int {
		f.mu.Lock()
		defer f.mu.Unlock()
		return len(f.acked)
	}
	enough := count() + n
	until(f.T, "orders are acknowledged", func() bool { return count() >= enough })
}

// leads returns the node that leads a shard.
func (f *floor) leads(ctx context.Context, shard int) int {
	f.Helper()
	for {
		s, err := f.Status(ctx)
		if err == nil && len(s.Shards) == f.shards && s.Shards[shard-1].Leader != 0 {
			return int(s.Shards[shard-1].Leader)
		}
		if !pause(ctx) {
			f.Fatalf("nobody leads shard %d: %+v, %v", shard, s, err)
		}
	}
}

// healthy waits until all members of all shards are voters that are well.
func (f *floor) healthy(ctx context.Context) {
	f.Helper()
	for {
		s, err := f.Status(ctx)
		well := err == nil && s.Health == api.HealthHealthy && len(s.Shards) == f.shards
		for _, of := range s.Shards {
			well = well && len(of.Members) == 3
			for _, m := range of.Members {
				well = well && m.Role == api.Voter
			}
		}
		if well {
			return
		}
		if !pause(ctx) {
			f.Fatalf("not all is well: %+v, %v\n%s", s, err, f.tails())
		}
	}
}

// oneBalance checks that each trader sees one balance from everywhere, and can take out what is there.
func (f *floor) oneBalance(ctx context.Context) {
	f.Helper()
	for i, token := range f.tokens {
		var first api.AccountInfo
		for n := 1; n <= 3; n++ {
			public := f.public(n, token)
			_, err := public.Markets(ctx, map[string][]string{api.ParamFresh: {"true"}})
			f.must(err)
			a, err := public.Account(ctx)
			f.must(err)
			if n == 1 {
				first = a
			}
			if a.Account != f.ids[i] || a.Cash != first.Cash || a.Cash+a.Held > deposit {
				f.Errorf("node %d shows %+v, another one %+v", n, a, first)
			}
		}
		_, err := f.public(1+i%3, token).Withdraw(ctx, fmt.Sprint("all-", i), api.Transfer{Amount: first.Cash})
		f.must(err)
	}
}

// examine reads all that a node has, of all shards.
func (f *floor) examine(n *Node) {
	f.Helper()
	var there, paid exchange.Money
	placed := map[string]api.ID{}
	data := filepath.Join(n.Dir, "data")
	for shard := exchange.HomeShard; int(shard) <= f.shards; shard++ {
		dir := node.ShardDir(data, shard)
		report, err := audit.Verify(dir, audit.Options{})
		f.must(err)
		for _, d := range report.Damage {
			f.Errorf("node %d, shard %d: %v", n.Number, shard, d)
		}
		view := projection.New()
		_, err = journal.Verify(vfs.OS, replica.JournalDir(dir), journal.VerifyOptions{Each: func(r journal.Record) error {
			f.placed(r, placed)
			return view.Apply(exchange.Time(r.Time), exchange.Seq(r.FirstSeq), r.Events, int(r.Count))
		}})
		f.must(err)
		s := view.Totals()
		there += s.Cash + s.Held + s.Escrow + s.MarketFees + s.HouseFees + s.Outbox - s.Receivables
		paid += s.World + s.Received - s.Released + s.MovedIn - s.MovedOut
		if s.Trades == 0 {
			f.Errorf("there was no trade on shard %d", shard)
		}
	}
	if there != paid {
		f.Errorf("node %d has %v of the %v that were paid in", n.Number, there, paid)
	}
	for id, order := range f.acked {
		if placed[id] != order {
			f.Errorf("node %d: order %v was acknowledged as %v and is %v", n.Number, id, order, placed[id])
		}
	}
}

// placed notes the orders of a record, none of which may be there already.
func (f *floor) placed(r journal.Record, all map[string]api.ID) {
	var d wire.Decoder
	for _, frame := range r.All() {
		event, err := d.Event(frame)
		f.must(err)
		if e, ok := event.(*exchange.OrderPlaced); ok {
			if _, twice := all[string(e.ClientID)]; twice {
				f.Errorf("order %s is there twice", e.ClientID)
			}
			all[string(e.ClientID)] = api.ID(e.Order)
		}
	}
}
