package projection_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/shard"
	"github.com/hustings/hustings/exchange/wire"
)

// A record is what a batch did, as the journal keeps it.
type record struct {
	time   exchange.Time
	first  exchange.Seq
	count  int
	events []byte
}

// A flow is the order flow of a busy market: half of the commands rest near a drifting price, two in five cancel, the
// rest cross.
type flow struct {
	shard    *shard.Shard
	out      shard.Output
	rng      *rand.Rand
	accounts int
	live     []exchange.CancelOrder
	mid      int
}

func newFlow(tb testing.TB, accounts int) (*flow, []record) {
	f := &flow{shard: shard.New(), rng: rand.New(rand.NewPCG(1, 2)), accounts: accounts, mid: 5000}
	cmds := []exchange.Command{&exchange.CreateMarket{Spec: exchange.MarketSpec{Question: "Will it rain tomorrow?",
		TakerFee: 700, MakerShare: 2500, Tick: exchange.TickRule{Middle: 1}, PositionLimit: exchange.MaxPosition}}}
	for i := range accounts {
		cmds = append(cmds, &exchange.Register{Name: fmt.Sprintf("trader-%d", i)},
			&exchange.Deposit{Account: exchange.AccountID(i + 1), Amount: 1e13})
	}
	return f, []record{f.run(tb, cmds...)}
}

func (f *flow) run(tb testing.TB, cmds ...exchange.Command) record {
	batch := wire.AppendBatchHead(nil, exchange.Time(time.Hour), len(cmds))
	for _, cmd := range cmds {
		batch, _ = wire.AppendCommand(batch, cmd)
	}
	if err := f.shard.Apply(batch, &f.out); err != nil {
		tb.Fatal(err)
	}
	for i, r := range f.out.Replies {
		if o, ok := cmds[i].(*exchange.PlaceOrder); ok && r.Remaining > 0 {
			f.live = append(f.live, exchange.CancelOrder{Account: o.Account, Market: 1, Order: exchange.OrderID(r.ID)})
		}
	}
	return record{f.out.Time, f.out.FirstSeq, f.out.Count, bytes.Clone(f.out.Events)}
}

// next draws a command. With fewer orders than target, more rest.
func (f *flow) next(target int) exchange.Command {
	if f.rng.IntN(16) == 0 {
		f.mid = min(max(f.mid+f.rng.IntN(3)-1, 300), 9700)
	}
	k := f.rng.IntN(100)
	if k >= 50 && k < 90 && len(f.live) > target {
		i := f.rng.IntN(len(f.live))
		c := f.live[i]
		f.live[i] = f.live[len(f.live)-1]
		f.live = f.live[:len(f.live)-1]
		return &c
	}
	o := &exchange.PlaceOrder{Account: exchange.AccountID(1 + f.rng.IntN(f.accounts)), Market: 1,
		Side: exchange.Side(f.rng.IntN(2)), Quantity: exchange.Quantity(1 + f.rng.IntN(100)), SelfTrade: exchange.CancelMaker}
	off := 1 + min(f.rng.IntN(120), f.rng.IntN(120))
	if k >= 90 {
		off = -3
	}
	if o.Side == exchange.Buy {
		off = -off
	}
	o.Price = exchange.Price(f.mid + off)
	if f.rng.IntN(4) == 0 {
		o.ClientID = fmt.Appendf(nil, "client-order-%d", f.rng.Uint64())
	}
	return o
}

// records runs commands in batches of a size.
func (f *flow) records(tb testing.TB, commands, size, target int) []record {
	var all []record
	for range commands / size {
		cmds := make([]exchange.Command, size)
		for i := range cmds {
			cmds[i] = f.next(target)
		}
		all = append(all, f.run(tb, cmds...))
	}
	return all
}

func benchmarkApply(b *testing.B, size int) {
	f, records := newFlow(b, 100)
	for len(f.live) < 2_000 {
		records = append(records, f.records(b, 128, 128, 4_000)...)
	}
	warm := len(records)
	records = append(records, f.records(b, 200_000, size, 2_000)...)
	events := 0
	for _, r := range records[warm:] {
		events += r.count
	}
	apply := func(v *projection.View, records []record) {
		for _, r := range records {
			if err := v.Apply(r.time, r.first, r.events, r.count); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportAllocs()
	var spent time.Duration
	for b.Loop() {
		v := projection.New()
		apply(v, records[:warm])
		begun := time.Now()
		apply(v, records[warm:])
		spent += time.Since(begun)
	}
	b.ReportMetric(float64(spent)/float64(events*b.N), "ns/event")
	b.ReportMetric(float64(events), "events")
}

func BenchmarkApplyRecordsOf128(b *testing.B) { benchmarkApply(b, 128) }
func BenchmarkApplyRecordsOf1(b *testing.B)   { benchmarkApply(b, 1) }

// manyMarkets is a View with a million quiet markets of mixed states, whose questions share most of their words.
func manyMarkets(tb testing.TB) *projection.View {
	rng := rand.New(rand.NewPCG(3, 4))
	words := []string{"president", "election", "rain", "bitcoin", "inflation", "cup", "final", "senate", "storm", "release",
		"rate", "goal", "oscar", "budget", "treaty", "launch"}
	b := projection.NewBuilder(1, exchange.Time(time.Hour))
	for i := range 1_000_000 {
		m := &projection.Market{ID: exchange.MarketID(i + 1), Version: 1, Books: make([]projection.Book, 1),
			CreatedAt: exchange.Time(i + 1)}
		m.Spec = exchange.MarketSpec{CloseAt: exchange.Time(rng.IntN(1e9)),
			Question: fmt.Sprintf("Will the %s and %s %d happen?", words[rng.IntN(16)], words[rng.IntN(16)], i)}
		if rng.IntN(10) == 0 {
			m.State = exchange.StateSettled
		}
		if rng.IntN(10) == 0 {
			m.Books[0].Volume = uint64(rng.IntN(1e6))
		}
		if err := b.AddMarket(m); err != nil {
			tb.Fatal(err)
		}
	}
	return b.View()
}

func BenchmarkMarkets(b *testing.B) {
	before := heap()
	begun := time.Now()
	v := manyMarkets(b)
	b.Logf("built in %v, %d bytes a market, texts included", time.Since(begun), (heap()-before)/1_000_000)
	open := projection.States(exchange.StateOpen)
	for name, f := range map[string]projection.MarketFilter{
		"newest":         {States: open},
		"volume":         {States: open, Sort: projection.SortVolume},
		"closing":        {Sort: projection.SortClosing},
		"frequent words": {States: open, Text: "will happen", Sort: projection.SortVolume},
		"two words":      {States: open, Text: "president storm", Sort: projection.SortVolume},
		"word beginning": {States: open, Text: "elec", Sort: projection.SortActivity},
		"rare word":      {Text: "777777", Sort: projection.SortVolume},
		"no such word":   {Text: "president xylophone"},
		"rare sorted":    {States: projection.States(exchange.StateClosed), Text: "president", Sort: projection.SortVolume},
	} {
		f.Limit = 50
		b.Run(name, func(b *testing.B) {
			found := 0
			for b.Loop() {
				found = len(v.Markets(f).Markets)
			}
			b.ReportMetric(float64(found), "markets")
		})
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkBuild builds a View of a million open orders of a hundred thousand accounts, as a restart does.
func BenchmarkBuild(b *testing.B) {
	const orders, accounts = 1_000_000, 100_000
	for _, name := range []string{"named", "nameless"} {
		b.Run(name, func(b *testing.B) {
			before := heap()
			var v *projection.View
			for b.Loop() {
				build := projection.NewBuilder(1, 1)
				for i := range accounts {
					build.AddAccount(&projection.Account{ID: exchange.AccountID(i + 1), Name: fmt.Sprint("trader-", i), Version: 1})
				}
				for i := range 100 {
					build.AddMarket(&projection.Market{ID: exchange.MarketID(i + 1), Version: 1, Books: make([]projection.Book, 1)})
				}
				var id []byte
				for i := range orders {
					if name == "named" {
						id = fmt.Appendf(id[:0], "0192f3a4-7b1c-7def-8123-%012d", i)
					}
					o := projection.Order{ID: exchange.NewOrderID(uint64(i+1), uint32(i+1)), Account: exchange.AccountID(i*7919%accounts + 1),
						Market: exchange.MarketID(i%100 + 1), Price: exchange.Price(1 + i%4000), Remaining: 1, Version: 1, ClientID: id}
					if i%2 == 0 {
						o.Side, o.Price = exchange.Sell, 9999-o.Price
					}
					if err := build.AddOrder(&o); err != nil {
						b.Fatal(err)
					}
				}
				v = build.View()
			}
			b.StopTimer()
			b.ReportMetric(float64(heap()-before)/orders, "bytes/order")
			begun := time.Now()
			n := len(v.AppendStatistics(make([]byte, 0, 100<<20)))
			b.ReportMetric(float64(time.Since(begun))/1e6, "statistics-ms")
			b.ReportMetric(float64(n)/orders, "statistics-bytes/order")
			if v.Totals().OpenOrders != orders {
				b.Fatal(v.Totals())
			}
		})
	}
}
