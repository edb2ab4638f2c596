package core

import (
	"fmt"
	"runtime"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/shard"
	"github.com/hustings/hustings/exchange/wire"
)

// MemoryResult is what quiet markets, in which nobody has traded, take of the heap once garbage is collected.
type MemoryResult struct {
	Markets    int
	Shard      uint64 // bytes
	Projection uint64 // bytes
	Texts      uint64 // bytes of questions and rules among them, in one copy
}

// Memory opens markets in a state machine and folds their events into a read model.
func Memory(markets int, progress func(done int)) (*MemoryResult, error) {
	if markets < 1 {
		return nil, fmt.Errorf("%d markets: there must be at least 1", markets)
	}
	r := &MemoryResult{Markets: markets}
	before := heap()
	sh, view := shard.New(), projection.New()
	if err := r.fill(sh, view, progress); err != nil {
		return nil, err
	}
	both := heap()
	runtime.KeepAlive(view) // and no longer
	alone := heap()
	runtime.KeepAlive(sh)
	r.Shard, r.Projection = saturating(alone, before), saturating(both, alone)
	return r, nil
}

func saturating(a, b uint64) uint64 { return max(a, b) - b }

// heap returns the bytes that are in use once garbage is collected.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what the first one set free by finalizers
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func (r *MemoryResult) fill(sh *shard.Shard, view *projection.View, progress func(int)) error {
	const batch = 256
	var out shard.Output
	var b []byte
	for done := 0; done < r.Markets; {
		n := min(batch, r.Markets-done)
		b = wire.AppendBatchHead(b[:0], begin+exchange.Time(done), n)
		for i := range n {
			spec := quietMarket(done + i)
			r.Texts += uint64(len(spec.Question) + len(spec.Rules))
			var err error
			if b, err = wire.AppendCommand(b, &exchange.CreateMarket{Spec: spec}); err != nil {
				return fmt.Errorf("encoding market %d: %w", done+i+1, err)
			}
		}
		if err := sh.Apply(b, &out); err != nil {
			return fmt.Errorf("opening markets from %d on: %w", done+1, err)
		}
		for i, reply := range out.Replies {
			if reply.Code != exchange.Accepted {
				return fmt.Errorf("market %d is refused: %s", done+i+1, reply.Code)
			}
		}
		if err := view.Apply(out.Time, out.FirstSeq, out.Events, out.Count); err != nil {
			return fmt.Errorf("folding the events of markets from %d on: %w", done+1, err)
		}
		done += n
		if progress != nil {
			progress(done)
		}
	}
	return nil
}

var (
	firstNames = []string{"Ada", "Bruno", "Chiara", "Diego", "Elif", "Farah", "Goran", "Hana", "Ivan", "Jana", "Kofi",
		"Lucía", "Mei", "Noor", "Olu", "Priya", "Quinn", "Rosa", "Sven", "Tariq", "Uma", "Viktor", "Wanda", "Ximena",
		"Yusuf", "Zofia"}
	lastNames = []string{"Adler", "Baptiste", "Castillo", "Dimitrov", "Eriksen", "Ferreira", "Grant", "Haddad", "Ito",
		"Jansen", "Kowalski", "Lindqvist", "Moreau", "Nakamura", "Okafor", "Petrov", "Quispe", "Romano", "Singh",
		"Tanaka", "Ueda", "Vargas", "Weber", "Xu", "Yamada", "Zhang"}
	contests = []string{"the governor's race", "the senate seat", "the mayoral election", "the council runoff",
		"the primary", "the recount", "the party chair", "the house seat", "the judgeship", "the school board vote"}
)

// quietMarket is a binary market with a question and rules as people write them.
func quietMarket(i int) exchange.MarketSpec {
	n := i
	pick := func(list []string) string {
		word := list[n%len(list)]
		n /= len(list)
		return word
	}
	name, contest := pick(firstNames)+" "+pick(lastNames), pick(contests)
	district, year := 1+n%435, 2026+n%4
	return exchange.MarketSpec{
		Question: fmt.Sprintf("Will %s win %s in district %d by the end of %d?", name, contest, district, year),
		Rules: fmt.Sprintf("Resolves Yes if %s is declared the winner by the electoral authority on or before 31 December %d; "+
			"otherwise No. A withdrawal before the vote resolves No.", name, year),
		CloseAt:       begin + exchange.Time(1+i%1000)*3600e9,
		Tick:          exchange.TickRule{Middle: 1},
		TakerFee:      700,
		PositionLimit: exchange.MaxPosition,
	}
}
