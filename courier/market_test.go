package courier

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/shard"
	"github.com/hustings/hustings/exchange/wire"
)

func TestNext(t *testing.T) {
	type moving = projection.Moving
	at := func(stage projection.Stage, with exchange.ShardID, move, part uint32) moving {
		return moving{Stage: stage, With: with, Move: move, Part: part}
	}
	here, frozen, arriving, dropping, gone := projection.StageHere, projection.StageFrozen, projection.StageArriving, projection.StageDropping,
		projection.StageGone
	for _, test := range []struct {
		name                string
		source, destination moving
		givenUp             uint32
		want                Step
	}{
		{"it has never moved", moving{}, moving{}, 0, Freeze},
		{"it came and goes on", at(here, 3, 4, 0), moving{}, 0, Freeze},
		{"it was there before", at(here, 2, 4, 0), at(gone, 1, 4, 0), 0, Freeze},
		{"what it left there is not dropped yet", at(here, 2, 4, 0), at(dropping, 1, 4, 0), 0, Rest},
		{"it left there a moment ago", at(here, 2, 4, 0), at(frozen, 1, 4, 0), 0, Rest},
		{"it is coming here", at(arriving, 2, 4, 1), at(frozen, 1, 4, 0), 0, Rest},
		{"nothing has come", at(frozen, 2, 1, 0), moving{}, 0, Adopt},
		{"some has come", at(frozen, 2, 5, 0), at(arriving, 1, 5, 2), 0, Adopt},
		{"it was there before the move", at(frozen, 2, 5, 0), at(gone, 1, 4, 0), 0, Adopt},
		{"old news", at(frozen, 2, 5, 0), at(arriving, 1, 3, 1), 0, Rest},
		{"old news of what it left there", at(frozen, 2, 5, 0), at(dropping, 1, 4, 0), 0, Rest},
		{"it has arrived", at(frozen, 2, 5, 0), at(here, 1, 5, 0), 0, Release},
		{"it has arrived and gone on", at(frozen, 2, 5, 0), at(frozen, 3, 6, 0), 0, Release},
		{"it has arrived though it was given up", at(frozen, 2, 5, 0), at(here, 1, 5, 0), 5, Release},
		{"some has come and it is given up", at(frozen, 2, 5, 0), at(arriving, 1, 5, 2), 5, Abandon},
		{"nothing has come and it is given up", at(frozen, 2, 5, 0), moving{}, 5, Abandon},
		{"an earlier move was given up", at(frozen, 2, 5, 0), moving{}, 4, Adopt},
		{"others give it up", at(frozen, 2, 5, 0), at(dropping, 1, 5, 0), 0, Abandon},
		{"it was given up", at(frozen, 2, 5, 0), at(gone, 1, 5, 0), 0, Thaw},
		{"some is left", at(dropping, 2, 5, 0), at(here, 1, 5, 0), 0, Release},
		{"nothing is left", at(gone, 2, 5, 0), at(here, 1, 5, 0), 0, Rest},
	} {
		m := Market{ID: 1, From: 1, To: 2, givenUp: test.givenUp}
		if got := m.Next(test.source, test.destination); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestWhatEndsAMove(t *testing.T) {
	frozen := projection.Moving{Stage: projection.StageFrozen, With: 2, Move: 3}
	for _, test := range []struct {
		codes []exchange.Reject
		want  Step
	}{
		{[]exchange.Reject{exchange.Accepted, exchange.RejectTransferOutOfOrder}, Adopt},
		{[]exchange.Reject{exchange.RejectMarketExists}, Abandon},
		{[]exchange.Reject{exchange.RejectMoveAbandoned}, Abandon},
		{[]exchange.Reject{exchange.RejectMarketMoving, exchange.RejectMarketMoving}, Adopt},
		{make([]exchange.Reject, 20), Adopt},
		{[]exchange.Reject{7: exchange.RejectMarketMoving}, Adopt},
	} {
		m := Market{ID: 1, From: 1, To: 2}
		for _, code := range test.codes {
			m.Answered(&exchange.AdoptMarket{Move: 3}, code)
		}
		if got := m.Next(frozen, projection.Moving{}); got != test.want {
			t.Errorf("after %v: %v", test.codes, got)
		}
	}
	m := Market{ID: 1, From: 1, To: 2}
	for range mostDelays {
		m.Answered(&exchange.AdoptMarket{Move: 3}, exchange.RejectMarketMoving)
	}
	if got := m.Next(frozen, projection.Moving{}); got != Abandon {
		t.Errorf("after %d delays: %v", mostDelays, got)
	}
}

// realm is three real shards with a few markets, and couriers between them that know little, forget everything and hear old
// news. Their commands are lost, late, repeated and mixed up.
type realm struct {
	*rand.Rand
	t       *testing.T
	now     exchange.Time
	shards  [4]*shard.Shard // by ShardID
	views   [4]*projection.View
	belongs map[exchange.MarketID]exchange.ShardID
	orders  map[exchange.MarketID]int // accepted, all of which rest
	news    map[place][]projection.Moving
	flying  []flight
	markets map[[3]int]*Market
	keys    int
	count   map[string]int
}

type place struct {
	shard  exchange.ShardID
	market exchange.MarketID
}

// flight is a command on its way, and who is told of the answer.
type flight struct {
	to      exchange.ShardID
	cmd     exchange.Command
	courier *Market
}

const realmMarkets = 3

func newRealm(t *testing.T, seed uint64) *realm {
	r := &realm{Rand: rand.New(rand.NewPCG(seed, 9)), t: t, now: 1e9, belongs: map[exchange.MarketID]exchange.ShardID{},
		orders: map[exchange.MarketID]int{}, news: map[place][]projection.Moving{}, markets: map[[3]int]*Market{}, count: map[string]int{}}
	for i := exchange.ShardID(1); i < 4; i++ {
		r.shards[i], r.views[i] = shard.New(), projection.New()
		r.do(i, &exchange.SwitchRules{Version: exchange.MoveRules})
	}
	r.do(1, &exchange.Register{Name: "trader"})
	r.do(1, &exchange.Deposit{Account: 1, Amount: 900_0000})
	for to := exchange.ShardID(2); to < 4; to++ {
		r.do(1, &exchange.SendTransfer{Account: 1, To: to, Amount: 300_0000})
		r.do(to, &exchange.ReceiveTransfer{From: 1, Number: 1, Account: 1, Amount: 300_0000})
		r.do(1, &exchange.ReleaseTransfer{To: to, Number: 1})
	}
	for id := exchange.MarketID(1); id <= realmMarkets; id++ {
		r.belongs[id] = exchange.ShardID(id)
		r.do(r.belongs[id], &exchange.CreateMarket{ID: id, Spec: exchange.MarketSpec{Question: "Will it arrive in time?",
			Tick: exchange.TickRule{Middle: 1}, PositionLimit: 1_000}})
	}
	return r
}

func (r *realm) do(at exchange.ShardID, cmd exchange.Command) exchange.Reply {
	r.t.Helper()
	r.now += 1e6
	batch, err := wire.AppendCommand(wire.AppendBatchHead(nil, r.now, 1), cmd)
	if err != nil {
		r.t.Fatal(err)
	}
	var out shard.Output
	if err := r.shards[at].Apply(batch, &out); err != nil {
		r.t.Fatalf("shard %d, %+v: %v", at, cmd, err)
	}
	if err := r.views[at].Apply(r.now, out.FirstSeq, out.Events, out.Count); err != nil {
		r.t.Fatalf("shard %d, %T %+v: %v", at, cmd, cmd, err)
	}
	for id := exchange.MarketID(1); id <= realmMarkets; id++ {
		p := place{at, id}
		if now := r.views[at].Moving(id); len(r.news[p]) == 0 || r.news[p][len(r.news[p])-1] != now {
			r.news[p] = append(r.news[p], now)
		}
	}
	return out.Replies[0]
}

// live returns the shards on which a market trades.
func (r *realm) live(id exchange.MarketID) (all []exchange.ShardID) {
	for i := exchange.ShardID(1); i < 4; i++ {
		if _, ok := r.views[i].Market(id); ok && r.views[i].Moving(id).Stage == projection.StageHere {
			all = append(all, i)
		}
	}
	return all
}

// heard is what somebody has heard last of a market on a shard: now and then old news.
func (r *realm) heard(at exchange.ShardID, id exchange.MarketID, honest bool) projection.Moving {
	all := r.news[place{at, id}]
	back := 0
	if !honest && r.IntN(3) == 0 {
		back = r.IntN(min(len(all), 6))
	}
	return all[len(all)-1-back]
}

// walk lets the courier of one market at one shard take a step.
func (r *realm) walk(id exchange.MarketID, from exchange.ShardID, honest bool) {
	source := r.heard(from, id, honest)
	to := r.belongs[id]
	if source.Stage != projection.StageHere {
		to = source.With
	}
	if _, ok := r.views[from].Market(id); !ok && source.Stage == projection.StageHere || to == from || to == 0 {
		return
	}
	number := [3]int{int(id), int(from), int(to)}
	if r.markets[number] == nil || !honest && r.IntN(20) == 0 {
		r.markets[number] = &Market{ID: id, From: from, To: to}
	}
	m := r.markets[number]
	destination := r.heard(to, id, honest)
	step := m.Next(source, destination)
	r.count[step.String()]++
	switch step {
	case Rest:
	case Adopt:
		parts := append(r.shards[from].WriteMarket(id, 200), r.views[from].WritePast(id, 200)...)
		for _, c := range m.Parts(source.Move, destination, parts) {
			r.send(to, c, m, honest)
		}
	case Abandon:
		r.send(to, m.Command(step, source.Move), m, honest)
	default:
		r.send(from, m.Command(step, source.Move), m, honest)
	}
}

func (r *realm) send(to exchange.ShardID, cmd exchange.Command, m *Market, honest bool) {
	f := flight{to, cmd, m}
	if honest {
		r.land(f, true)
		return
	}
	for range r.IntN(3) { // lost, once, twice
		r.flying = append(r.flying, f)
	}
}

func (r *realm) land(f flight, honest bool) {
	code := r.do(f.to, f.cmd).Code
	if c, ok := f.cmd.(*exchange.AdoptMarket); ok && (honest || r.IntN(5) > 0) {
		if !honest && r.IntN(40) == 0 {
			code = exchange.RejectTooManyIDs // as if the destination were full
			r.count["given up"]++
		}
		f.courier.Answered(c, code)
	}
	if code != exchange.Accepted {
		r.count["refused: "+code.String()]++
	}
}

func (r *realm) trade() {
	id := exchange.MarketID(1 + r.IntN(realmMarkets))
	for _, at := range r.live(id) {
		r.keys++
		reply := r.do(at, &exchange.PlaceOrder{Account: 1, Key: exchange.Key{byte(r.keys), byte(r.keys >> 8), 1}, Market: id,
			Price: exchange.Price(1 + r.IntN(100)), Quantity: 1})
		if reply.Code == exchange.Accepted {
			r.orders[id]++
		}
	}
}

// check says that a market is in one place, or on its way, with all of its orders, and that no money came or went.
func (r *realm) check() {
	r.t.Helper()
	var have, moved exchange.Money
	for i := 1; i < 4; i++ {
		t := r.views[i].Totals()
		have += t.Cash + t.Held + t.Escrow + t.MarketFees + t.HouseFees + t.Outbox
		moved += t.MovedIn - t.MovedOut
	}
	if have-moved != 900_0000 {
		r.t.Fatalf("of 900 there are %v, and %v more came with markets than left", have, moved)
	}
	for id := exchange.MarketID(1); id <= realmMarkets; id++ {
		live := r.live(id)
		if len(live) > 1 {
			r.t.Fatalf("market %d trades on shards %v", id, live)
		}
		for _, at := range live {
			if m, _ := r.views[at].Market(id); int(m.OpenOrders) != r.orders[id] {
				r.t.Fatalf("market %d has %d orders on shard %d, and had %d", id, m.OpenOrders, at, r.orders[id])
			}
		}
	}
}

// Whatever is lost, repeated, late or forgotten, a market trades on one shard or is on its way, loses nothing, and comes to
// where it belongs in the end.
func TestMarketsArriveWhole(t *testing.T) {
	total := map[string]int{}
	for seed := range uint64(8) {
		r := newRealm(t, seed)
		for range 3_000 {
			switch n := r.IntN(12); {
			case n == 0 && r.IntN(8) == 0:
				r.belongs[exchange.MarketID(1+r.IntN(realmMarkets))] = exchange.ShardID(1 + r.IntN(3))
			case n < 2:
				r.trade()
			case n < 7 && len(r.flying) > 0:
				i := r.IntN(len(r.flying))
				f := r.flying[i]
				if r.IntN(4) > 0 { // otherwise it comes again later
					r.flying = append(r.flying[:i], r.flying[i+1:]...)
				}
				r.land(f, false)
			default:
				r.walk(exchange.MarketID(1+r.IntN(realmMarkets)), exchange.ShardID(1+r.IntN(3)), false)
			}
			r.check()
		}
		for range 40 {
			for id := exchange.MarketID(1); id <= realmMarkets; id++ {
				for from := exchange.ShardID(1); from < 4; from++ {
					r.walk(id, from, true)
					r.check()
				}
			}
		}
		for id := exchange.MarketID(1); id <= realmMarkets; id++ {
			for i := exchange.ShardID(1); i < 4; i++ {
				_, here := r.views[i].Market(id)
				if here != (i == r.belongs[id]) || here && r.views[i].Moving(id).Stage != projection.StageHere {
					t.Fatalf("seed %d: market %d belongs on shard %d and on shard %d is %+v, %v", seed, id, r.belongs[id], i, r.views[i].Moving(id), here)
				}
			}
		}
		for what, n := range r.count {
			total[what] += n
		}
	}
	t.Log(total)
	for _, what := range []string{"freeze", "adopt", "abandon", "thaw", "release", "given up"} {
		if total[what] < 20 {
			t.Errorf("%s: %d times", what, total[what])
		}
	}
}

func TestIdleCashGoesHome(t *testing.T) {
	const long = 100
	type look struct {
		at     exchange.Time
		cash   exchange.Money
		orders uint32
		want   exchange.Money
	}
	for _, test := range []struct {
		name  string
		looks []look
	}{
		{"nothing happens", []look{{0, 7, 0, 0}, {99, 7, 0, 0}, {100, 7, 0, 7}}},
		{"it was sent and cannot be seen to be gone yet", []look{{0, 7, 0, 0}, {100, 7, 0, 7}, {101, 7, 0, 0}}},
		{"an order rests", []look{{0, 7, 1, 0}, {200, 7, 1, 0}, {300, 7, 0, 0}, {399, 7, 0, 0}, {400, 7, 0, 7}}},
		{"cash comes and goes", []look{{0, 7, 0, 0}, {60, 8, 0, 0}, {120, 7, 0, 0}, {180, 9, 0, 0}, {280, 9, 0, 9}}},
		{"an order came and went", []look{{0, 7, 0, 0}, {50, 5, 1, 0}, {90, 7, 0, 0}, {120, 7, 0, 0}, {190, 7, 0, 7}}},
		{"there is none", []look{{0, 0, 0, 0}, {500, 0, 0, 0}}},
	} {
		var idle Idle
		for _, l := range test.looks {
			if got := idle.Look(&projection.Account{ID: 4, Cash: l.cash, OpenOrders: l.orders}, l.at, long); got != l.want {
				t.Errorf("%s: at %d %v go home", test.name, l.at, got)
			}
		}
	}
	var idle Idle
	if got := idle.Look(&projection.Account{ID: 4, Cash: 3}, 9, 0); got != 3 {
		t.Errorf("where nobody can trade %v go home at once", got)
	}
	if text := fmt.Sprint(Rest, Freeze, Adopt, Abandon, Thaw, Release); text != "rest freeze adopt abandon thaw release" {
		t.Error(text)
	}
}
